/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How checks of the system (backends, programs, kernel features) are shown. */
#ifndef CLI_CHECKS_H
#define CLI_CHECKS_H

#include <cryptdisk/cryptdisk.h>

struct cli;

void checks_output(struct cli *cli, const char *key, const struct cdisk_check *list, int n);
/* "  fuse: yes (reason)" and a line of advice. */
void checks_lines(struct cli *cli, const struct cdisk_check *list, int n);

#endif
