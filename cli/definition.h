/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A definition: what NAME means, as volumes.d/NAME.conf has it. An INI file with one section,
 * [Volume], "Key=Value" lines and comments that begin with # or ;. It never holds a secret.
 */
#ifndef CLI_DEFINITION_H
#define CLI_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <cryptdisk/cryptdisk.h>

struct cli;

#define DEFINITION_MAX (64 << 10) /* bytes of a file */

struct definition {
	char name[CDISK_NAME_SIZE];
	const char *scope;          /* "user" or "global": whose folder it lies in; static */
	char path[CDISK_PATH_SIZE]; /* of its file */
	/* its keys; "" = not there */
	char file[CDISK_PATH_SIZE]; /* absolute */
	char id[CDISK_ID_SIZE];
	char mountpoint[CDISK_PATH_SIZE]; /* absolute */
	char options[1024];
	char backend[16];
};

/* Letters, digits, "-", "_" and "."; at most 63, the first a letter or digit. */
bool definition_name_is_good(const char *name);

/* Whether it can be written in a line and read back the same. */
bool definition_value_is_good(const char *value);

/*
 * Fills the keys of *d from size bytes at text; name, scope and path are the caller's. -EINVAL with
 * the line in the failure's message; -CDISK_ERR_UNSUPPORTED for a key of a later version.
 */
int definition_parse(struct cli *cli, const char *text, size_t size, struct definition *d);

/* What definition_parse() reads; owned by the caller, NULL when memory is short. */
char *definition_format(const struct definition *d);

#endif
