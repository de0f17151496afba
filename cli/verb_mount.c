// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include "attach.h"
#include "cli.h"
#include "definition.h"
#include "message.h"
#include "plan.h"
#include "scope.h"
#include "text.h"
#include "volume.h"

/* As it was asked for, else as it is defined, else NULL: the library's choice. */
static const char *mountpoint_wanted(const struct cli *cli)
{
	const char *defined = cli->definition ? cli->definition->mountpoint : "";

	if (cli_arg(cli, 1))
		return cli_arg(cli, 1);
	return defined[0] ? defined : NULL;
}

static int mount_plan(struct cli *cli)
{
	const char *mountpoint;
	int r;

	r = attach_plan(cli, cli_arg(cli, 0), true);
	if (r < 0)
		return r;
	mountpoint = mountpoint_wanted(cli);
	if (mountpoint)
		plan_step(cli, "mount it at %s", mountpoint);
	else
		plan_step(cli, "mount it in %s/mnt", cli->run_dir);
	plan_end(cli);
	return 0;
}

/* What was attached only for this mount goes again when the mount fails. */
static int mount_attached(
	struct cli *cli, const struct scope *scope, bool fresh, struct cdisk_attachment *a)
{
	struct cdisk_mount m = {
		.mountpoint = mountpoint_wanted(cli),
		.options = opt_text(cli, OPT_OPTIONS),
		.owner = scope->owner,
	};
	int r;

	if (opt_set(cli, OPT_READONLY) || a->read_only)
		m.flags |= CDISK_MOUNT_READONLY;
	if (opt_set(cli, OPT_STRICT))
		m.flags |= CDISK_MOUNT_STRICT;
	r = cdisk_mount(cli->c, a, &m);
	progress_clear(&cli->progress);
	if (r == 0)
		return 0;
	(void)cli_take(cli, r);
	if (fresh && cdisk_umount(cli->c, a, 0, 0) < 0)
		message_warning(
			cli, "the volume is still open as %s: %s", a->disk, cdisk_message(cli->c));
	return r;
}

int verb_mount(struct cli *cli)
{
	const char *requested;
	_cleanup_free_ char *absolute = NULL;
	struct cdisk_attachment a;
	struct scope scope;
	bool fresh;
	int r;

	r = scope_choose(cli, &scope);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return mount_plan(cli);
	r = attach_volume(cli, cli_arg(cli, 0), true, &a, &fresh);
	if (r < 0)
		return r;
	r = mount_attached(cli, &scope, fresh, &a);
	if (r < 0)
		return r;
	/* It is there now, ours or what was in its way: written as mount points are, to be compared. */
	requested = mountpoint_wanted(cli);
	absolute = requested ? realpath(requested, NULL) : NULL;
	output_bool(cli->out, "changed", true);
	volume_output(cli, "volume", &a, absolute ? absolute : requested);
	text_line(cli, "%s", a.mountpoint);
	return 0;
}
