/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What open and mount share: from VOL to an attached disk. */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

#include <stdbool.h>
#include <cryptdisk/cryptdisk.h>

struct cli;

/*
 * Takes the lock, asks for the secret, unlocks and attaches. With reuse a VOL that names an open
 * volume (not its file) is taken as it is: *ret_fresh tells whether it was attached here.
 */
int attach_volume(struct cli *cli, const char *vol, bool reuse,
	struct cdisk_attachment *ret_attachment, bool *ret_fresh);

/* --dry-run of both: the first steps of the plan. */
int attach_plan(struct cli *cli, const char *vol, bool reuse);

#endif
