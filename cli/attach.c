// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach.h"

#include <errno.h>
#include <string.h>
#include "cli.h"
#include "definition.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "unlock.h"
#include "volume.h"

static enum cdisk_open_mode open_mode(const struct cli *cli)
{
	return opt_set(cli, OPT_READONLY) ? CDISK_OPEN_READ : CDISK_OPEN_WRITE;
}

static int refuse_snapshot(struct cli *cli, const char *vol)
{
	if (!strstr(vol, "::"))
		return 0;
	return cli_fail(
		cli, -CDISK_ERR_UNSUPPORTED, "snapshots of backups are not in this version");
}

static int already_open(struct cli *cli, const struct cdisk_attachment *a)
{
	if (a->state == CDISK_STATE_STALE) {
		(void)cli_fail(cli, -CDISK_ERR_LOCKED, "what served this volume is gone");
		cli_hint(cli, "'cryptdisk umount id:%s' cleans up", a->instance);
	} else if (a->state == CDISK_STATE_FOREIGN) {
		(void)cli_fail(cli, -CDISK_ERR_LOCKED, "another tool has opened this volume");
		cli_hint(cli, "close it there, or with 'cryptdisk umount'");
	} else if (a->state == CDISK_STATE_LOCKED) {
		(void)cli_fail(cli, -CDISK_ERR_LOCKED, "is open at %s, and locked", volume_place(a));
		cli_hint(cli, "'cryptdisk resume id:%s' lets it go on", a->instance);
	} else if (a->mountpoint[0]) {
		(void)cli_fail(cli, -CDISK_ERR_LOCKED, "is mounted at %s already", a->mountpoint);
	} else {
		(void)cli_fail(cli, -CDISK_ERR_LOCKED, "is open as %s already", a->disk);
	}
	cli_object(cli, a->file[0] ? a->file : a->id);
	return -CDISK_ERR_LOCKED;
}

static int attach_unlocked(
	struct cli *cli, struct cdisk_volume *v, struct cdisk_attachment *ret_attachment)
{
	uint32_t flags = 0;
	int r;

	if (opt_set(cli, OPT_READONLY))
		flags |= CDISK_ATTACH_READONLY;
	if (opt_set(cli, OPT_COPY))
		flags |= CDISK_ATTACH_COPY;
	r = cdisk_attach(
		v, opt_text(cli, OPT_BACKEND), opt_text(cli, OPT_NAME), flags, ret_attachment);
	if (r == 0)
		return 0;
	(void)cli_take(cli, r);
	if (r == -EEXIST && !(flags & CDISK_ATTACH_COPY))
		cli_hint(cli, "close that one first, or give --copy to have both");
	return r;
}

/* The lock is taken before anybody is asked or any key derived. */
static int attach_file(struct cli *cli, const char *path, struct cdisk_attachment *ret_attachment)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_volume_ struct cdisk_volume *v = NULL;
	int r;

	r = container_open(cli, path, open_mode(cli), &ct);
	if ((r == -EACCES || r == -EROFS) && !opt_set(cli, OPT_READONLY) && !cli->failure.hint[0])
		cli_hint(cli, "--readonly may be enough for you");
	if (r == 0)
		r = container_unlock(cli, ct, &v);
	return r < 0 ? r : attach_unlocked(cli, v, ret_attachment);
}

static void apply(struct cli *cli, enum option_id id, const char *value)
{
	if (!opt_set(cli, id) && value[0])
		cli->options.value[id] = (struct option_value){.set = true, .text = value};
}

/* What the definition says holds where no option says otherwise. */
static void definition_apply(struct cli *cli)
{
	if (!cli->definition)
		return;
	apply(cli, OPT_NAME, cli->definition->name);
	apply(cli, OPT_OPTIONS, cli->definition->options);
	apply(cli, OPT_BACKEND, cli->definition->backend);
}

static int target_find(struct cli *cli, const char *vol, struct target *ret_target, bool *ret_named)
{
	int r;

	r = refuse_snapshot(cli, vol);
	if (r == 0)
		r = resolve(cli, vol, 0, ret_target);
	if (r < 0)
		return r;
	*ret_named = !target_is_container(ret_target);
	definition_apply(cli);
	return 0;
}

int attach_volume(struct cli *cli, const char *vol, bool reuse,
	struct cdisk_attachment *ret_attachment, bool *ret_fresh)
{
	struct target t;
	bool named;
	int r;

	r = target_find(cli, vol, &t, &named);
	if (r < 0)
		return r;
	if (!named) {
		*ret_fresh = true;
		return attach_file(cli, t.path, ret_attachment);
	}
	if (!reuse || t.attachment.state != CDISK_STATE_UNLOCKED)
		return already_open(cli, &t.attachment);
	*ret_attachment = t.attachment;
	*ret_fresh = false;
	return 0;
}

int attach_plan(struct cli *cli, const char *vol, bool reuse)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const struct cdisk_info *info;
	const char *backend = opt_text(cli, OPT_BACKEND);
	struct target t;
	bool named;
	int r;

	r = target_find(cli, vol, &t, &named);
	if (r < 0)
		return r;
	if (named && (!reuse || t.attachment.state != CDISK_STATE_UNLOCKED))
		return already_open(cli, &t.attachment);
	/* Readers may share a container. */
	if (t.n_attached > 0 && !named &&
		!(opt_set(cli, OPT_READONLY) && t.attachment.read_only))
		return already_open(cli, &t.attachment);
	plan_begin(cli);
	if (named) {
		plan_step(cli, "use the open volume %s", t.attachment.disk);
		return 0;
	}
	r = container_open(cli, t.path, CDISK_OPEN_INSPECT, &ct);
	if (r < 0)
		return r;
	info = cdisk_container_info(ct);
	plan_step(cli, "unlock %s (%s, volume %s, %s, data at offset %llu)", info->path,
		info->format, info->id, info->cipher, (unsigned long long)info->data_offset);
	plan_step(cli, "attach it %s with backend %s",
		opt_set(cli, OPT_READONLY) ? "read-only" : "for reading and writing",
		backend ? backend : "auto");
	return 0;
}
