/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a person: passphrases, new passphrases, the answer to "are you sure". */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdint.h>

struct cli;
struct cdisk_secret;

/*
 * Bytes of a typed passphrase with its newline. A terminal keeps the first 4095 of a longer line and
 * drops the rest without a word: a line that may have been cut is refused.
 */
#define ASK_SECRET_MAX 4095

/* How often a prompt may be answered wrongly: --tries. */
unsigned int ask_tries(const struct cli *cli);

/* -CDISK_ERR_NO_SECRET with --no-input or without a terminal. */
int ask_secret(struct cli *cli, const char *prompt, struct cdisk_secret **ret_secret);

/* A new passphrase for object, asked twice. */
int ask_new_secret(struct cli *cli, const char *object, struct cdisk_secret **ret_secret);

/*
 * Shows what (a sentence) and wants word typed; --yes agrees. -EINVAL where nobody can be asked,
 * -ECANCELED for any other answer.
 */
int ask_agreement(struct cli *cli, const char *word, const char *what);

#endif
