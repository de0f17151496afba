/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folders of definitions: /etc/cryptdisk/volumes.d for everybody, and an ordinary user's own,
 * $XDG_CONFIG_HOME/cryptdisk/volumes.d, which comes first. A file counts only when it is a regular
 * one of root or the folder's owner and nobody else may write to it or to its folder.
 */
#ifndef CLI_DEFINITIONS_H
#define CLI_DEFINITIONS_H

#include <stdbool.h>
#include "definition.h"

struct cli;

/* -EINVAL with advice. */
int definition_name_check(struct cli *cli, const char *name);

/*
 * The first of the caller's folders that has NAME: 0, 1 = none has, or why its file cannot be used.
 * A folder that cannot be used has none.
 */
int definition_find(struct cli *cli, const char *name, struct definition *ret);

/* The same in one folder, which has to be usable if it is there. */
int definition_find_in(struct cli *cli, bool global, const char *name, struct definition *ret);

/*
 * Writes d->name into the folder, whole or not at all; fills in d->scope and d->path. Without
 * replace -EEXIST when it is there by now.
 */
int definition_write(struct cli *cli, bool global, bool replace, struct definition *d);

/* 1, or 0 when it was not there. *ret_path: which file that is. */
int definition_remove(
	struct cli *cli, bool global, const char *name, char ret_path[CDISK_PATH_SIZE]);

#endif
