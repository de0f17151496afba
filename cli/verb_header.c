// SPDX-License-Identifier: GPL-2.0-or-later
/* header backup, header restore, header check */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "ask.h"
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "text.h"
#include "unlock.h"

static int header_failed(struct cli *cli, const char *object, int r)
{
	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, object);
	return r;
}

static int file_check(struct cli *cli, const char *file)
{
	if (strcmp(file, "-") != 0)
		return 0;
	return cli_fail(cli, -EINVAL, "a header copy needs a file, it cannot go through a pipe");
}

int verb_header_backup(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const char *file = cli_arg(cli, 1);
	struct target t;
	int r;

	r = file_check(cli, file);
	if (r == 0)
		r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_INSPECT, &t, &ct);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "copy the header of %s to %s", t.path, file);
	r = cdisk_header_backup(ct, file);
	if (r < 0)
		return header_failed(cli, file, r);
	output_bool(cli->out, "changed", true);
	output_text(cli->out, "file", file);
	output_text(cli->out, "id", cdisk_container_info(ct)->id);
	message_note(cli, "The copy opens the data with the passphrases of today, also after they "
			  "are changed: keep it as safe as the passphrases.");
	text_line(cli, "%s", file);
	return 0;
}

int verb_header_restore(struct cli *cli)
{
	const char *file = cli_arg(cli, 1);
	uint32_t flags = 0;
	char what[FAILURE_TEXT];
	struct target t;
	int r;

	r = file_check(cli, file);
	if (r == 0)
		r = resolve_container(cli, cli_arg(cli, 0), &t);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "replace the header of %s by %s", t.path, file);
	(void)snprintf(what, sizeof(what),
		"This replaces all keyslots of %.1000s by those of the "
		"copy; passphrases removed since then work again",
		t.path);
	r = ask_agreement(cli, "restore", what);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_ALLOW_OLDER))
		flags |= CDISK_RESTORE_OLDER;
	if (opt_set(cli, OPT_ALLOW_OTHER))
		flags |= CDISK_RESTORE_OTHER;
	if (opt_set(cli, OPT_KEEP_HEADER_BACKUP))
		flags |= CDISK_KEEP_HEADER_BACKUP;
	r = cdisk_header_restore(cli->c, t.path, opt_text(cli, OPT_HEADER), file, flags);
	if (r < 0)
		return header_failed(cli, t.path, r);
	output_bool(cli->out, "changed", true);
	output_text(cli->out, "file", file);
	message_note(cli, "%s: the header was restored from %s", t.path, file);
	return 0;
}

static int damage_report(struct cli *cli, const struct cdisk_info *info)
{
	bool first = info->primary_damaged, second = info->secondary_damaged;

	output_text(cli->out, "id", info->id);
	output_bool(cli->out, "primary_damaged", first);
	output_bool(cli->out, "secondary_damaged", second);
	text_fact(cli, "First copy", "%s", first ? "damaged" : "good");
	text_fact(cli, "Second copy", "%s", second ? "damaged" : "good");
	if (!first && !second)
		return 0;
	output_keep(cli->out);
	(void)cli_fail(cli, -CDISK_ERR_CORRUPT, "the %s header copy is damaged",
		first ? "first" : "second");
	cli_object(cli, info->path);
	cli_hint(cli, "'cryptdisk header check --repair' writes it anew from the other one");
	return -CDISK_ERR_CORRUPT;
}

int verb_header_check(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	bool repair = opt_set(cli, OPT_REPAIR) && !opt_set(cli, OPT_DRY_RUN);
	struct target t;
	int r;

	r = container_resolve(
		cli, cli_arg(cli, 0), repair ? CDISK_OPEN_HEADER : CDISK_OPEN_INSPECT, &t, &ct);
	if (r < 0)
		return r;
	if (!repair)
		return damage_report(cli, cdisk_container_info(ct));
	r = cdisk_header_repair(ct);
	if (r < 0)
		return header_failed(cli, t.path, r);
	output_bool(cli->out, "changed", r > 0);
	message_note(cli, "%s: %s", t.path,
		r > 0 ? "the damaged header copy was repaired" : "both header copies are good");
	return 0;
}
