// SPDX-License-Identifier: GPL-2.0-or-later
/* lock, resume */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "all.h"
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "unlock.h"
#include "volume.h"

static int lock_any(struct cli *cli, struct cdisk_attachment *a)
{
	int r = cdisk_attachment_lock(cli->c, a);

	if (r < 0)
		return r;
	a->state = CDISK_STATE_LOCKED;
	return r;
}

static int lock_one(struct cli *cli, struct cdisk_attachment *a)
{
	int r;

	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "lock %s", volume_place(a));
	r = lock_any(cli, a);
	progress_clear(&cli->progress);
	if (r < 0)
		return volume_failed(cli, a, r);
	if (r == 0)
		message_note(cli, "%s was locked already", volume_place(a));
	output_bool(cli->out, "changed", r > 0);
	volume_output(cli, "volume", a, NULL);
	return 0;
}

int verb_lock(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	struct target t;
	int r;

	if (opt_set(cli, OPT_ALL) == (vol != NULL))
		return cli_fail(cli, -EINVAL, "either a volume or --all is needed");
	if (!vol)
		return all_run(cli, "lock", lock_any);
	r = resolve(cli, vol, RESOLVE_ATTACHED | RESOLVE_ABSENT | RESOLVE_DETAILS, &t);
	if (r < 0)
		return r;
	return r > 0 ? volume_absent(cli, vol) : lock_one(cli, &t.attachment);
}

/* The container of a locked volume. Another file at its path is told from a wrong passphrase. */
static int resume_container(
	struct cli *cli, const struct target *t, struct cdisk_container **ret_container)
{
	const struct cdisk_attachment *a = &t->attachment;
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const struct cdisk_info *info;
	int r;

	if (!t->path[0]) {
		(void)cli_fail(
			cli, -CDISK_ERR_NOT_FOUND, "the container of this volume is not known");
		cli_object(cli, volume_place(a));
		cli_hint(cli, "give the path of the container itself");
		return -CDISK_ERR_NOT_FOUND;
	}
	r = container_open(cli, t->path, CDISK_OPEN_INSPECT, &ct);
	if (r < 0)
		return r;
	info = cdisk_container_info(ct);
	if (a->ino && (a->dev != info->dev || a->ino != info->ino)) {
		bool same_id = strcmp(info->id, a->id) == 0;

		r = same_id ? -CDISK_ERR_CORRUPT : -CDISK_ERR_NOT_FOUND;
		(void)cli_fail(cli, r, "another container%s has taken the place of the volume's",
			same_id ? " with the same ID" : "");
		cli_object(cli, t->path);
		cli_hint(cli, "give the path where the container is now");
		return r;
	}
	*ret_container = ct;
	ct = NULL;
	return 0;
}

static int resume_locked(struct cli *cli, const struct target *t)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_volume_ struct cdisk_volume *v = NULL;
	int r;

	r = resume_container(cli, t, &ct);
	if (r == 0)
		r = container_unlock(cli, ct, &v);
	if (r < 0)
		return r;
	r = cdisk_attachment_resume(cli->c, &t->attachment, v);
	return r < 0 ? volume_failed(cli, &t->attachment, r) : r;
}

static int resume(struct cli *cli, const struct target *t)
{
	int r;

	if (t->attachment.state == CDISK_STATE_LOCKED)
		return resume_locked(cli, t);
	/* Of a lock that was killed half-way the filesystem may stand still. */
	r = cdisk_attachment_resume(cli->c, &t->attachment, NULL);
	return r < 0 ? volume_failed(cli, &t->attachment, r) : r;
}

int verb_resume(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	struct cdisk_attachment *a;
	struct target t;
	int r;

	r = resolve(cli, vol, RESOLVE_ATTACHED | RESOLVE_DETAILS, &t);
	if (r < 0) {
		if (r == -CDISK_ERR_NOT_FOUND && !cli->failure.hint[0])
			cli_hint(cli, "'cryptdisk mount' or 'open' opens it");
		return r;
	}
	a = &t.attachment;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "%s %s",
			a->state == CDISK_STATE_LOCKED ? "resume" : "leave as it is:",
			volume_place(a));
	r = resume(cli, &t);
	progress_clear(&cli->progress);
	if (r < 0)
		return r;
	if (r == 0)
		message_note(cli, "%s is not locked, nothing to do", volume_place(a));
	a->state = a->mountpoint[0] ? CDISK_STATE_MOUNTED : CDISK_STATE_UNLOCKED;
	a->reason[0] = '\0';
	output_bool(cli->out, "changed", r > 0);
	volume_output(cli, "volume", a, NULL);
	return 0;
}
