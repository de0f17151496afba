/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How keyslots are shown, and what the key verbs share. */
#ifndef CLI_KEYSLOTS_H
#define CLI_KEYSLOTS_H

#include <cryptdisk/cryptdisk.h>

struct cli;

void keyslots_output(struct cli *cli, const struct cdisk_info *info); /* "keyslots" */
void keyslots_table(struct cli *cli, const struct cdisk_info *info);

/* Label, cost and flags of a new slot from the options. */
int keyslots_params(struct cli *cli, const char *kind, struct cdisk_key *ret_params);

/*
 * Kept header copies that accept secret (NULL = all of them): as "kept_copies" and as warnings,
 * because each of them opens the volume for ever.
 */
void keyslots_copies(struct cli *cli, struct cdisk_container *ct, struct cdisk_secret *secret);

#endif
