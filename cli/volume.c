// SPDX-License-Identifier: GPL-2.0-or-later
#include "volume.h"

#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "message.h"
#include "text.h"

static void output_owner(struct output *o, const struct cdisk_attachment *a)
{
	output_open(o, "owner");
	output_number(o, "uid", a->uid);
	output_text(o, "session", a->session);
	if (a->audit_session == UINT32_MAX)
		output_null(o, "audit_session");
	else
		output_number(o, "audit_session", a->audit_session);
	output_number(o, "mnt_ns", a->mnt_ns);
	output_number(o, "session_keyring", a->session_keyring);
	output_close(o);
}

void volume_output(
	struct cli *cli, const char *key, const struct cdisk_attachment *a, const char *requested)
{
	struct output *o = cli->out;

	output_open(o, key);
	output_text(o, "id", a->id);
	output_text(o, "instance", a->instance);
	output_text(o, "name", a->name);
	output_text(o, "label", a->label);
	output_text(o, "state", cdisk_state_name(a->state));
	output_text(o, "reason", a->reason);
	output_text(o, "scope", a->scope);
	output_text(o, "backend", a->backend);
	output_text(o, "format", a->format);
	output_text(o, "disk", a->disk);
	output_text(o, "node", a->node);
	output_text(o, "link", a->link);
	output_text(o, "mountpoint", a->mountpoint);
	output_text(o, "mountpoint_requested", requested);
	output_text(o, "fstype", a->fstype);
	output_bool(o, "read_only", a->read_only != 0);
	if (a->size)
		output_number(o, "size", a->size);
	else
		output_null(o, "size");
	output_open(o, "file");
	output_text(o, "path", a->file);
	output_number(o, "dev", a->dev);
	output_number(o, "ino", a->ino);
	output_close(o);
	output_owner(o, a);
	if (a->pid)
		output_signed(o, "server_pid", a->pid);
	else
		output_null(o, "server_pid");
	output_text(o, "memory", a->memory);
	output_bool(o, "persisted", false);
	output_close(o);
}

int volume_absent(struct cli *cli, const char *vol)
{
	message_note(cli, "%s is not open, nothing to do", vol);
	output_bool(cli->out, "changed", false);
	output_null(cli->out, "volume");
	return 0;
}

const char *volume_place(const struct cdisk_attachment *a)
{
	return a->mountpoint[0] ? a->mountpoint : a->disk;
}

const char *volume_state_color(enum cdisk_state state)
{
	switch (state) {
	case CDISK_STATE_MOUNTED:
		return TEXT_GREEN;
	case CDISK_STATE_UNLOCKED:
	case CDISK_STATE_LOCKED:
		return TEXT_YELLOW;
	case CDISK_STATE_STALE:
		return TEXT_RED;
	case CDISK_STATE_FOREIGN:
		return TEXT_BLUE;
	default:
		return NULL;
	}
}

const char *volume_title(const struct cdisk_attachment *a, char ret_text[CDISK_ID_SIZE])
{
	if (a->name[0])
		return a->name;
	if (a->label[0])
		return a->label;
	(void)snprintf(ret_text, CDISK_ID_SIZE, "%.8s", a->id);
	return ret_text;
}

static void owner_facts(struct cli *cli, const struct cdisk_attachment *a)
{
	text_fact(cli, "Owner", "uid %u", a->uid);
	text_fact(cli, "Session", "%s", a->session);
	if (a->audit_session != UINT32_MAX)
		text_fact(cli, "Audit session", "%u", a->audit_session);
	if (a->mnt_ns)
		text_fact(cli, "Mount space", "mnt:[%llu]", (unsigned long long)a->mnt_ns);
	if (a->session_keyring)
		text_fact(cli, "Keyring", "%u", a->session_keyring);
}

void volume_facts(struct cli *cli, const struct cdisk_attachment *a)
{
	text_fact(cli, "Volume", "%s", a->id);
	text_fact(cli, "Name", "%s", a->name);
	text_fact(cli, "Label", "%s", a->label);
	text_fact(cli, "State", "%s%s%s%s", cdisk_state_name(a->state), a->reason[0] ? " (" : "",
		a->reason, a->reason[0] ? ")" : "");
	text_fact(cli, "Scope", "%s", a->scope);
	text_fact(cli, "Backend", "%s", a->backend);
	text_fact(cli, "Format", "%s", a->format);
	if (a->size)
		text_fact_size(cli, "Size", a->size);
	text_fact(cli, "Access", "%s", a->read_only ? "read-only" : "read and write");
	text_fact(cli, "Mount point", "%s", a->mountpoint);
	text_fact(cli, "Filesystem", "%s", a->fstype);
	text_fact(cli, "Disk", "%s", a->disk);
	text_fact(cli, "Node", "%s", a->node);
	text_fact(cli, "Link", "%s", a->link);
	text_fact(cli, "Container", "%s", a->file);
	owner_facts(cli, a);
	if (a->pid)
		text_fact(cli, "Server", "pid %d", (int)a->pid);
	text_fact(cli, "Memory", "%s", a->memory);
}

static void process_output(struct cli *cli, const struct cdisk_process *p)
{
	output_open(cli->out, NULL);
	output_signed(cli->out, "pid", p->pid);
	output_text(cli->out, "command", p->command);
	output_text(cli->out, "file", p->file);
	output_close(cli->out);
}

int volume_processes(struct cli *cli, const struct cdisk_attachment *a)
{
	static const char *const heading[] = {"PID", "COMMAND", "FILE", NULL};
	_cleanup_free_ struct cdisk_process *list = NULL;
	_cleanup_table_ struct table t;
	char pid[16];
	int i, n;

	table_init(&t, heading);
	n = cdisk_busy(cli->c, a, &list);
	if (n < 0)
		return n;
	output_list(cli->out, "processes");
	for (i = 0; i < n; i++) {
		(void)snprintf(pid, sizeof(pid), "%d", (int)list[i].pid);
		table_cell(&t, pid, NULL);
		table_cell(&t, list[i].command, NULL);
		table_cell(&t, list[i].file, NULL);
		process_output(cli, &list[i]);
	}
	output_close(cli->out);
	if (n > 0)
		table_print(cli, &t);
	return n;
}

static void users_append(char *message, size_t size, const struct cdisk_process *list, int n)
{
	size_t len = strlen(message);
	int i;

	for (i = 0; i < n && len + 1 < size; i++) {
		int more = snprintf(message + len, size - len, "%s pid %d (%s%s%s)",
			i == 0 ? "; it is used by" : ",", (int)list[i].pid, list[i].command,
			list[i].file[0] ? ": " : "", list[i].file);

		len += more > 0 ? (size_t)more : 0;
	}
}

int volume_failed(struct cli *cli, const struct cdisk_attachment *a, int r)
{
	_cleanup_free_ struct cdisk_process *list = NULL;
	struct failure *f = &cli->failure;
	char first[32];
	int i, n;

	(void)cli_take(cli, r);
	if (!f->object[0])
		cli_object(cli, volume_place(a));
	if (r != -CDISK_ERR_IN_USE)
		return r;
	n = cdisk_busy(cli->c, a, &list);
	if (n <= 0)
		return r;
	/* Unless the library has named them. */
	(void)snprintf(first, sizeof(first), " %d (", (int)list[0].pid);
	if (!strstr(f->message, first))
		users_append(f->message, sizeof(f->message), list, n);
	if (!f->hint[0])
		cli_hint(cli, "end them, or give --wait 10s, --lazy or --force");
	output_keep(cli->out);
	output_list(cli->out, "processes");
	for (i = 0; i < n; i++)
		process_output(cli, &list[i]);
	output_close(cli->out);
	return r;
}
