/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How an attached volume is shown: the volume object of the contract, and for people. */
#ifndef CLI_VOLUME_H
#define CLI_VOLUME_H

#include <cryptdisk/cryptdisk.h>

struct cli;

/* The volume object; key NULL inside a list. requested = of a mount point, or NULL. */
void volume_output(
	struct cli *cli, const char *key, const struct cdisk_attachment *a, const char *requested);
/* VOL is not open, and so the asked state is reached; returns 0. */
int volume_absent(struct cli *cli, const char *vol);
/* Where it is, for messages. */
const char *volume_place(const struct cdisk_attachment *a);
/* One fact a line. */
void volume_facts(struct cli *cli, const struct cdisk_attachment *a);
const char *volume_state_color(enum cdisk_state state);
/* Its name, its label or the beginning of its ID; points into *a or into ret_text. */
const char *volume_title(const struct cdisk_attachment *a, char ret_text[CDISK_ID_SIZE]);

/* The processes that use it, as a table and as "processes". The count, or an error. */
int volume_processes(struct cli *cli, const struct cdisk_attachment *a);

/*
 * A call failed on *a: keeps its message as cli_take() does; when somebody uses the volume, message
 * and document name who it is. Returns r.
 */
int volume_failed(struct cli *cli, const struct cdisk_attachment *a, int r);

#endif
