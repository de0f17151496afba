// SPDX-License-Identifier: GPL-2.0-or-later
/* resize, trim, fsck */
#include <errno.h>
#include <string.h>
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "size.h"
#include "text.h"
#include "unlock.h"
#include "volume.h"

static int maintain_failed(struct cli *cli, const struct target *t, int r)
{
	if (t->n_attached > 0)
		return volume_failed(cli, &t->attachment, r);
	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, t->path);
	return r;
}

static bool is_mounted(const struct target *t)
{
	const struct cdisk_attachment *a = &t->attachment;

	return t->n_attached > 0 &&
	       (a->state == CDISK_STATE_MOUNTED ||
		       (a->state == CDISK_STATE_LOCKED && a->mountpoint[0]));
}

static int resize_online(
	struct cli *cli, const char *vol, struct target *t, uint64_t size, bool *ret_changed)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	int r;

	r = container_resolve(cli, vol, CDISK_OPEN_HEADER, t, &ct);
	if (r < 0)
		return r;
	*ret_changed = cdisk_container_info(ct)->file_size != size;
	r = cdisk_resize_online(ct, &t->attachment, size);
	return r < 0 ? maintain_failed(cli, t, r) : 0;
}

static int resize_offline(struct cli *cli, struct target *t, uint64_t size, bool *ret_changed)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_volume_ struct cdisk_volume *v = NULL;
	int r;

	r = container_open(cli, t->path, CDISK_OPEN_WRITE, &ct);
	if (r == 0)
		r = container_unlock(cli, ct, &v);
	if (r < 0)
		return r;
	*ret_changed = cdisk_container_info(ct)->file_size != size;
	r = cdisk_resize(ct, v, size);
	return r < 0 ? maintain_failed(cli, t, r) : 0;
}

static int resize_size(struct cli *cli, uint64_t *ret_size)
{
	const char *text = cli_arg(cli, 1);

	if (size_parse(text, ret_size) < 0 || *ret_size == 0)
		return cli_fail(cli, -EINVAL, "'%s' is no size such as 20G or 500MiB", text);
	return 0;
}

int verb_resize(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	char text[SIZE_TEXT];
	bool changed = false;
	struct target t;
	uint64_t size;
	int r;

	r = resize_size(cli, &size);
	if (r == 0)
		r = resolve_container(cli, vol, &t);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "resize %s and its filesystem to %s, %s", t.path,
			size_format(size, text), is_mounted(&t) ? "while mounted" : "offline");
	if (is_mounted(&t))
		r = resize_online(cli, vol, &t, size, &changed);
	else
		r = resize_offline(cli, &t, size, &changed);
	progress_clear(&cli->progress);
	if (r < 0)
		return r;
	output_bool(cli->out, "changed", changed);
	output_text(cli->out, "path", t.path);
	output_number(cli->out, "size", size);
	message_note(cli, "%s: now %s", t.path, size_format(size, text));
	return 0;
}

static int trim_offline(struct cli *cli, struct target *t, uint64_t *ret_bytes)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_volume_ struct cdisk_volume *v = NULL;
	int r;

	r = container_open(cli, t->path, CDISK_OPEN_WRITE, &ct);
	if (r == 0)
		r = container_unlock(cli, ct, &v);
	if (r < 0)
		return r;
	r = cdisk_trim(ct, v, ret_bytes);
	return r < 0 ? maintain_failed(cli, t, r) : 0;
}

int verb_trim(struct cli *cli)
{
	char text[SIZE_TEXT];
	struct target t;
	uint64_t bytes = 0;
	int r;

	r = resolve(cli, cli_arg(cli, 0), RESOLVE_DETAILS, &t);
	if (r == 0 && !is_mounted(&t))
		r = resolve_container(cli, cli_arg(cli, 0), &t);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "give the free space of %s back to the host",
			is_mounted(&t) ? t.attachment.mountpoint : t.path);
	if (is_mounted(&t))
		r = cdisk_trim_online(cli->c, &t.attachment, &bytes);
	else
		r = trim_offline(cli, &t, &bytes);
	progress_clear(&cli->progress);
	if (r < 0)
		return is_mounted(&t) ? maintain_failed(cli, &t, r) : r;
	output_bool(cli->out, "changed", bytes > 0);
	output_number(cli->out, "bytes", bytes);
	message_note(cli, "%s given back", size_format(bytes, text));
	return 0;
}

static int fsck_report(struct cli *cli, const struct target *t, int r, const char *report)
{
	if (r < 0) {
		(void)maintain_failed(cli, t, r);
		if (r != -CDISK_ERR_FILESYSTEM)
			return r;
		if (!cli->failure.hint[0] && !opt_set(cli, OPT_REPAIR))
			cli_hint(cli, "'cryptdisk fsck --repair' mends what can be mended; a copy "
				      "of the container made before cannot hurt");
		output_keep(cli->out);
	}
	output_bool(cli->out, "clean", r == 0);
	output_text(cli->out, "report", report);
	if (report && report[0])
		text_line(cli, "%s", report);
	if (r == 0)
		message_note(cli, "%s: the filesystem is clean", t->path);
	return r;
}

int verb_fsck(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_volume_ struct cdisk_volume *v = NULL;
	_cleanup_free_ char *report = NULL;
	bool repair = opt_set(cli, OPT_REPAIR);
	struct target t;
	int r;

	r = resolve_container(cli, cli_arg(cli, 0), &t);
	if (r < 0)
		return r;
	if (is_mounted(&t)) {
		(void)cli_fail(cli, -CDISK_ERR_IN_USE, "is mounted at %s", t.attachment.mountpoint);
		cli_object(cli, t.path);
		cli_hint(cli, "a mounted filesystem cannot be checked: 'cryptdisk umount' first");
		return -CDISK_ERR_IN_USE;
	}
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "%s the filesystem of %s",
			repair ? "check and mend" : "check", t.path);
	r = container_open(cli, t.path, repair ? CDISK_OPEN_WRITE : CDISK_OPEN_READ, &ct);
	if (r == 0)
		r = container_unlock(cli, ct, &v);
	if (r < 0)
		return r;
	r = cdisk_fsck(v, repair, &report);
	progress_clear(&cli->progress);
	return fsck_report(cli, &t, r, report);
}
