/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ctrl-C and its relatives only set a flag. The progress callback hands it to the library, which
 * stops, cleans up and returns -ECANCELED; so nothing is left half done, and a second Ctrl-C does
 * nothing worse than the first.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>

void signals_install(void);
/* The signal that asked to stop, or 0. */
int signals_caught(void);
/* Holds those signals back and gives the mask of before, for ppoll(2). */
void signals_block(sigset_t *ret_before);
void signals_restore(const sigset_t *before);

#endif
