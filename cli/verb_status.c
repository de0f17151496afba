// SPDX-License-Identifier: GPL-2.0-or-later
/* status, resolve, ps */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "message.h"
#include "resolve.h"
#include "text.h"
#include "unlock.h"
#include "volume.h"

/* A container that is not open is a volume too: a locked one. */
static int locked_volume(struct cli *cli, const char *path, struct cdisk_attachment *ret)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const struct cdisk_info *info;
	int r;

	r = container_open(cli, path, CDISK_OPEN_INSPECT, &ct);
	if (r < 0)
		return r;
	info = cdisk_container_info(ct);
	memset(ret, 0, sizeof(*ret));
	ret->state = CDISK_STATE_LOCKED;
	ret->dev = info->dev;
	ret->ino = info->ino;
	ret->size = info->data_size;
	ret->uid = getuid();
	ret->audit_session = UINT32_MAX;
	(void)snprintf(ret->reason, sizeof(ret->reason), "not open");
	memcpy(ret->id, info->id, sizeof(ret->id));
	memcpy(ret->label, info->label, sizeof(ret->label));
	memcpy(ret->format, info->format, sizeof(ret->format));
	memcpy(ret->file, info->path, sizeof(ret->file));
	return 0;
}

static int status_all(struct cli *cli)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	int i, n, shown = 0;

	n = cdisk_list(cli->c, CDISK_LIST_ALL | CDISK_LIST_DETAILS, &list);
	if (n < 0)
		return cli_take(cli, n);
	output_list(cli->out, "volumes");
	for (i = 0; i < n; i++) {
		if (list[i].uid != getuid() && strcmp(list[i].scope, "user") == 0)
			continue;
		if (shown++ > 0)
			text_line(cli, "%s", "");
		volume_facts(cli, &list[i]);
		volume_output(cli, NULL, &list[i], NULL);
	}
	output_close(cli->out);
	return 0;
}

int verb_status(struct cli *cli)
{
	const char *vol = cli_arg(cli, 0);
	struct target t;
	int r;

	if (!vol)
		return status_all(cli);
	r = resolve(cli, vol, RESOLVE_DETAILS, &t);
	if (r == 0 && t.n_attached == 0)
		r = locked_volume(cli, t.path, &t.attachment);
	if (r < 0)
		return r;
	volume_facts(cli, &t.attachment);
	volume_output(cli, "volume", &t.attachment, NULL);
	return 0;
}

int verb_resolve(struct cli *cli)
{
	struct target t;
	int r;

	r = resolve(cli, cli_arg(cli, 0), RESOLVE_DETAILS, &t);
	if (r == 0 && t.n_attached == 0)
		r = locked_volume(cli, t.path, &t.attachment);
	if (r < 0)
		return r;
	output_text(cli->out, "how", t.how);
	volume_output(cli, "volume", &t.attachment, NULL);
	text_fact(cli, "Found as", "%s", t.how);
	text_fact(cli, "Volume", "%s", t.attachment.id);
	text_fact(cli, "State", "%s", cdisk_state_name(t.attachment.state));
	text_fact(cli, "Scope", "%s", t.attachment.scope);
	text_fact(cli, "Mount point", "%s", t.attachment.mountpoint);
	text_fact(cli, "Disk", "%s", t.attachment.disk);
	text_fact(cli, "Node", "%s", t.attachment.node);
	text_fact(cli, "Container", "%s", t.path);
	return 0;
}

int verb_ps(struct cli *cli)
{
	struct target t;
	int n;

	n = resolve(cli, cli_arg(cli, 0), RESOLVE_ATTACHED, &t);
	if (n < 0)
		return n;
	n = volume_processes(cli, &t.attachment);
	if (n < 0)
		return cli_take(cli, n);
	if (n == 0)
		message_note(cli, "no process uses it, as far as you may see");
	return 0;
}
