// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "all.h"
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "volume.h"

static uint32_t umount_flags(const struct cli *cli)
{
	uint32_t flags = 0;

	if (opt_set(cli, OPT_FORCE))
		flags |= CDISK_UMOUNT_FORCE;
	if (opt_set(cli, OPT_LAZY))
		flags |= CDISK_UMOUNT_LAZY;
	return flags;
}

static unsigned int wait_ms(const struct cli *cli)
{
	uint64_t ms = opt_number(cli, OPT_WAIT, opt_number(cli, OPT_TIMEOUT, 0));

	return ms > INT_MAX ? INT_MAX : (unsigned int)ms;
}

/* What is left of it: the volume is locked and lies nowhere any more. */
static void forget_places(struct cdisk_attachment *a)
{
	a->state = CDISK_STATE_LOCKED;
	a->reason[0] = '\0';
	a->mountpoint[0] = '\0';
	a->node[0] = '\0';
	a->link[0] = '\0';
	a->disk[0] = '\0';
	a->directory[0] = '\0';
	a->memory[0] = '\0';
	a->pid = 0;
}

static int detach(struct cli *cli, struct cdisk_attachment *a)
{
	int r;

	r = cdisk_umount(cli->c, a, umount_flags(cli), wait_ms(cli));
	progress_clear(&cli->progress);
	if (r < 0)
		return volume_failed(cli, a, r);
	forget_places(a);
	return 0;
}

/* The mounts of its drive; said in one breath for people. */
static void medium_mounts(struct cli *cli, char *const *mounts, char *ret_text, size_t size)
{
	size_t len = 0;

	ret_text[0] = '\0';
	output_list(cli->out, "mounts");
	for (; *mounts; mounts++) {
		output_text(cli->out, NULL, *mounts);
		if (len + 1 < size)
			len += (size_t)snprintf(ret_text + len, size - len, "%s%s",
				len ? ", " : "", *mounts);
	}
	output_close(cli->out);
}

/* What eject adds to umount: may the medium be taken out now? */
static int medium_report(struct cli *cli, const struct cdisk_attachment *a)
{
	_cleanup_strv_ char **mounts = NULL;
	struct cdisk_medium m;
	char places[1024];
	int n = cdisk_attachment_medium(cli->c, a, &m, &mounts);

	if (n < 0)
		return cli_take(cli, n);
	output_open(cli->out, "medium");
	output_text(cli->out, "device", m.device);
	output_bool(cli->out, "removable", m.removable != 0);
	medium_mounts(cli, mounts, places, sizeof(places));
	output_bool(cli->out, "ready", m.removable && n == 0);
	output_close(cli->out);
	if (!m.device[0])
		message_note(cli, "the container lies on no drive of this machine");
	else if (!m.removable)
		message_note(cli, "%s is built in and cannot be taken out", m.device);
	else if (n > 0)
		message_note(cli, "%s cannot be taken out yet: it is mounted at %s", m.device,
			places);
	else
		message_note(cli, "%s can be taken out", m.device);
	return 0;
}

static int detach_one(struct cli *cli, struct cdisk_attachment *a)
{
	int r;

	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "%s %s", a->mountpoint[0] ? "unmount and detach" : "detach",
			a->mountpoint[0] ? a->mountpoint : a->disk);
	r = detach(cli, a);
	if (r < 0)
		return r;
	output_bool(cli->out, "changed", true);
	volume_output(cli, "volume", a, NULL);
	return 0;
}

/* Of those that --all means. */
static int detach_any(struct cli *cli, struct cdisk_attachment *a)
{
	int r = cdisk_umount(cli->c, a, umount_flags(cli), wait_ms(cli));

	if (r < 0)
		return r;
	forget_places(a);
	return 1;
}

int verb_eject(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	struct target t;
	int r;

	if (opt_set(cli, OPT_FORCE) && opt_set(cli, OPT_LAZY))
		return cli_fail(cli, -EINVAL, "only one of --force and --lazy can be given");
	r = resolve(cli, vol, RESOLVE_ATTACHED | RESOLVE_ABSENT | RESOLVE_DETAILS, &t);
	if (r < 0)
		return r;
	if (r > 0) {
		output_null(cli->out, "medium");
		return volume_absent(cli, vol);
	}
	r = detach_one(cli, &t.attachment);
	if (r < 0 || opt_set(cli, OPT_DRY_RUN))
		return r;
	return medium_report(cli, &t.attachment);
}

int verb_umount(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	struct target t;
	int r;

	if (opt_set(cli, OPT_FORCE) && opt_set(cli, OPT_LAZY))
		return cli_fail(cli, -EINVAL, "only one of --force and --lazy can be given");
	if (opt_set(cli, OPT_ALL) == (vol != NULL))
		return cli_fail(cli, -EINVAL, "either a volume or --all is needed");
	if (!vol)
		return all_run(cli, "unmount and detach", detach_any);
	r = resolve(cli, vol, RESOLVE_ATTACHED | RESOLVE_ABSENT, &t);
	if (r < 0)
		return r;
	return r > 0 ? volume_absent(cli, vol) : detach_one(cli, &t.attachment);
}

int verb_close(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	struct target t;
	int r;

	r = resolve(cli, vol, RESOLVE_ATTACHED | RESOLVE_ABSENT, &t);
	if (r < 0)
		return r;
	if (r > 0)
		return volume_absent(cli, vol);
	if (!t.attachment.mountpoint[0] || t.attachment.state == CDISK_STATE_STALE ||
		t.attachment.state == CDISK_STATE_FOREIGN)
		return detach_one(cli, &t.attachment);
	(void)cli_fail(cli, -CDISK_ERR_IN_USE, "is mounted at %s", t.attachment.mountpoint);
	cli_object(cli, vol);
	cli_hint(cli, "'cryptdisk umount' unmounts and closes it");
	return -CDISK_ERR_IN_USE;
}
