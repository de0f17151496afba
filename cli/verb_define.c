// SPDX-License-Identifier: GPL-2.0-or-later
/* define, undefine */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "definitions.h"
#include "message.h"
#include "plan.h"
#include "scope.h"
#include "text.h"
#include "unlock.h"

static void definition_output(struct cli *cli, const struct definition *d)
{
	struct output *o = cli->out;

	output_open(o, "definition");
	output_text(o, "name", d->name);
	output_text(o, "scope", d->scope);
	output_text(o, "path", d->path);
	output_text(o, "file", d->file);
	output_text(o, "id", d->id);
	output_text(o, "mountpoint", d->mountpoint);
	output_text(o, "options", d->options);
	output_text(o, "backend", d->backend);
	output_close(o);
}

/* The ID belongs to the definition: another container there is not meant by it. */
static int file_look(struct cli *cli, const char *path, struct definition *d)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	int r;

	if (path[0] != '/') {
		(void)cli_fail(cli, -EINVAL, "is not an absolute path");
		cli_object(cli, path);
		cli_hint(cli, "a definition is read from any directory: begin with '/'");
		return -EINVAL;
	}
	if (strlen(path) >= sizeof(d->file) || !definition_value_is_good(path)) {
		(void)cli_fail(cli, -EINVAL, "is a path that no definition can hold");
		cli_object(cli, path);
		return -EINVAL;
	}
	(void)snprintf(d->file, sizeof(d->file), "%s", path);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		message_warning(cli, "%s is not there now: its ID is not written down", path);
		return 0;
	}
	r = container_open(cli, path, CDISK_OPEN_INSPECT, &ct);
	if (r == -CDISK_ERR_NOT_CONTAINER)
		cli_hint(cli, "one with a header in a file of its own cannot be defined yet");
	if (r == 0)
		(void)snprintf(d->id, sizeof(d->id), "%s", cdisk_container_info(ct)->id);
	return r;
}

static int wish_read(struct cli *cli, struct definition *d)
{
	const char *options = opt_text(cli, OPT_OPTIONS), *backend = opt_text(cli, OPT_BACKEND);

	memset(d, 0, sizeof(*d));
	if (definition_name_check(cli, cli_arg(cli, 0)) < 0)
		return -EINVAL;
	(void)snprintf(d->name, sizeof(d->name), "%s", cli_arg(cli, 0));
	if (options &&
		(strlen(options) >= sizeof(d->options) || !definition_value_is_good(options)))
		return cli_fail(cli, -EINVAL, "these mount options cannot be written down");
	(void)snprintf(d->options, sizeof(d->options), "%s", options ? options : "");
	(void)snprintf(d->backend, sizeof(d->backend), "%s", backend ? backend : "");
	return file_look(cli, cli_arg(cli, 1), d);
}

/* What is wished and differs from what there is: a sentence, or false. */
static bool differs(
	const struct definition *old, const struct definition *wish, char *text, size_t size)
{
	const struct {
		const char *key, *old, *wish;
	} rows[] = {
		{"File", old->file, wish->file},
		{"Id", old->id, wish->id},
		{"Options", old->options, wish->options},
		{"Backend", old->backend, wish->backend},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].wish[0] || strcmp(rows[i].old, rows[i].wish) == 0)
			continue;
		(void)snprintf(
			text, size, "%s is '%s', not '%s'", rows[i].key, rows[i].old, rows[i].wish);
		return true;
	}
	return false;
}

/* What is not wished stays: a mount point that somebody wrote into the file. */
static void merge(const struct definition *old, struct definition *d)
{
	if (strcmp(old->file, d->file) == 0 && !d->id[0])
		memcpy(d->id, old->id, sizeof(d->id));
	if (!d->options[0])
		memcpy(d->options, old->options, sizeof(d->options));
	if (!d->backend[0])
		memcpy(d->backend, old->backend, sizeof(d->backend));
	memcpy(d->mountpoint, old->mountpoint, sizeof(d->mountpoint));
}

static bool is_unreadable(int r)
{
	return r == -EINVAL || r == -EPERM || r == -EACCES || r == -ELOOP ||
	       r == -CDISK_ERR_UNSUPPORTED;
}

static int define(struct cli *cli, bool global, struct definition *old, struct definition *d)
{
	char how[FAILURE_TEXT];
	bool force = opt_set(cli, OPT_FORCE), fills = false;
	int r = definition_find_in(cli, global, d->name, old), found = r;

	/* One that cannot be read is in the way, and is gone with --force. */
	if (r < 0 && !(force && is_unreadable(r)))
		return r;
	if (r == 0 && !old->id[0] && strcmp(old->file, d->file) == 0) {
		memcpy(old->id, d->id, sizeof(old->id));
		fills = d->id[0] != '\0';
	}
	if (r == 0 && !fills && !differs(old, d, how, sizeof(how))) {
		*d = *old;
		return 0;
	}
	if (r == 0 && !force && differs(old, d, how, sizeof(how))) {
		(void)cli_fail(cli, -EEXIST, "is defined already: %s", how);
		cli_object(cli, old->path);
		cli_hint(cli, "--force replaces it");
		return -EEXIST;
	}
	if (r == 0)
		merge(old, d);
	if (opt_set(cli, OPT_DRY_RUN))
		return 1;
	r = definition_write(cli, global, force || fills, d);
	if (r == 0 && found < 0)
		message_warning(cli, "what %s said could not be read and is gone", d->path);
	return r < 0 ? r : 1;
}

int verb_define(struct cli *cli)
{
	_cleanup_free_ struct definition *d = malloc(2 * sizeof(*d));
	bool global;
	int r = scope_define(cli, &global);

	if (r == 0 && !d)
		r = cli_fail(cli, -ENOMEM, "out of memory");
	if (r == 0)
		r = wish_read(cli, d);
	if (r == 0)
		r = define(cli, global, d + 1, d);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(
			cli, r ? "define %s as %s" : "leave %s as it is: %s", d->name, d->file);
	if (r == 0)
		message_note(cli, "%s is defined so already", d->name);
	output_bool(cli->out, "changed", r > 0);
	definition_output(cli, d);
	text_line(cli, "%s", d->path);
	return 0;
}

static bool definition_is_global(struct cli *cli, const char *name)
{
	_cleanup_free_ struct definition *d = malloc(sizeof(*d));

	return d && definition_find_in(cli, true, name, d) == 0;
}

int verb_undefine(struct cli *cli)
{
	const char *name = cli_arg(cli, 0);
	char path[CDISK_PATH_SIZE] = "";
	bool global;
	int r = scope_define(cli, &global);

	if (r == 0)
		r = definition_name_check(cli, name);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "remove the %s definition %s, if it is there",
			global ? "global" : "user", name);
	r = definition_remove(cli, global, name, path);
	if (r < 0)
		return r;
	if (r == 0 && !global && definition_is_global(cli, name))
		message_note(cli, "%s is defined by root for everybody, and stays so", name);
	else if (r == 0)
		message_note(cli, "%s is not defined, nothing to do", name);
	output_bool(cli->out, "changed", r > 0);
	output_text(cli->out, "name", name);
	return 0;
}
