/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a mount is for: --scope and --owner. */
#ifndef CLI_SCOPE_H
#define CLI_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

struct cli;

struct scope {
	const char *name;   /* "user" or "global" */
	const char *reason; /* "running as root", "uid 1000": why it is that one */
	uint32_t owner;     /* UINT32_MAX = the caller */
	char text[64];
};

/* Refuses what cannot be, and tells which one it is. */
int scope_choose(struct cli *cli, struct scope *ret_scope);

/* Whose definition is changed: --global, --user or --scope, else by who the caller is. */
int scope_define(struct cli *cli, bool *ret_global);

/*
 * Whose events are listened to: the scope's name and the folder of its log. Everybody may listen to
 * the global scope.
 */
int scope_listen(struct cli *cli, const char **ret_name, const char **ret_folder);

#endif
