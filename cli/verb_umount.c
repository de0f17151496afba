// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "signals.h"
#include "text.h"
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

static int nothing_there(struct cli *cli, const char *vol)
{
	message_note(cli, "%s is not open, nothing to do", vol);
	output_bool(cli->out, "changed", false);
	output_null(cli->out, "volume");
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

static const char *place_of(const struct cdisk_attachment *a)
{
	return a->mountpoint[0] ? a->mountpoint : a->disk;
}

/* One that fails does not keep the others; the first failure is the one that is reported. */
static int detach_list(struct cli *cli, struct cdisk_attachment *list, int n)
{
	struct failure first = {0};
	int i, changed = 0;

	output_list(cli->out, "volumes");
	for (i = 0; i < n && !signals_caught(); i++) {
		int r = cdisk_umount(cli->c, &list[i], umount_flags(cli), wait_ms(cli));

		if (r < 0 && first.error) {
			message_warning(
				cli, "%s stays: %s", place_of(&list[i]), cdisk_message(cli->c));
		} else if (r < 0) {
			(void)cli_take(cli, r);
			if (!cli->failure.object[0])
				cli_object(cli, place_of(&list[i]));
			first = cli->failure;
		}
		if (r == 0) {
			changed++;
			forget_places(&list[i]);
		}
		volume_output(cli, NULL, &list[i], NULL);
	}
	output_close(cli->out);
	output_bool(cli->out, "changed", changed > 0);
	output_keep(cli->out);
	if (!first.error && signals_caught())
		return cli_fail(cli, -ECANCELED, "cancelled");
	cli->failure = first;
	return first.error;
}

/* Only what the caller opened, with cryptdisk. */
static int own_only(struct cdisk_attachment *list, int n)
{
	int i, kept = 0;

	for (i = 0; i < n; i++) {
		if (list[i].uid != getuid() || list[i].state == CDISK_STATE_FOREIGN)
			continue;
		if (kept != i)
			list[kept] = list[i];
		kept++;
	}
	return kept;
}

static int umount_all(struct cli *cli)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	int i, n;

	n = cdisk_list(cli->c, 0, &list);
	if (n < 0)
		return cli_take(cli, n);
	n = own_only(list, n);
	if (!opt_set(cli, OPT_DRY_RUN))
		return detach_list(cli, list, n);
	plan_begin(cli);
	for (i = 0; i < n; i++)
		plan_step(cli, "unmount and detach %s", place_of(&list[i]));
	plan_end(cli);
	return 0;
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
		return umount_all(cli);
	r = resolve(cli, vol, RESOLVE_ATTACHED | RESOLVE_ABSENT, &t);
	if (r < 0)
		return r;
	return r > 0 ? nothing_there(cli, vol) : detach_one(cli, &t.attachment);
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
		return nothing_there(cli, vol);
	if (t.attachment.state != CDISK_STATE_MOUNTED || !t.attachment.mountpoint[0])
		return detach_one(cli, &t.attachment);
	(void)cli_fail(cli, -CDISK_ERR_IN_USE, "is mounted at %s", t.attachment.mountpoint);
	cli_object(cli, vol);
	cli_hint(cli, "'cryptdisk umount' unmounts and closes it");
	return -CDISK_ERR_IN_USE;
}
