// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
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
