// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is attached, from mountinfo, loop sysfs and /proc alone: it answers also when a server was
 * killed or stopped. Another user's mount source is text that user chose; it is shown, not
 * believed.
 */
#include "mount/mounting.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SERVER_TYPE "fuse.cryptdisk"

static void state_fill(struct cdisk_attachment *a)
{
	bool locked = a->state == CDISK_STATE_LOCKED || /* as the server itself told */
		      cdisk_server_locked(a->pid, a->pid_start);

	a->state = a->mountpoint[0] ? CDISK_STATE_MOUNTED : CDISK_STATE_UNLOCKED;
	if (locked) {
		a->state = CDISK_STATE_LOCKED;
		(void)snprintf(a->reason, sizeof(a->reason),
			"its key is wiped, and whoever uses it waits; resume goes on");
	}
	switch (cdisk_process_look(a->pid, a->pid_start)) {
	case CDISK_PROCESS_GONE:
		a->state = CDISK_STATE_STALE;
		(void)snprintf(a->reason, sizeof(a->reason),
			"its server (process %d) is gone; umount cleans up", a->pid);
		break;
	case CDISK_PROCESS_STOPPED:
		(void)snprintf(a->reason, sizeof(a->reason),
			"its server (process %d) is stopped and answers nothing", a->pid);
		break;
	case CDISK_PROCESS_RUNS:
		break;
	}
}

/* "fuse.ext4" of a filesystem server means ext4; others tell the program's name. */
static const char *served_type(const char *subtype)
{
	for (const struct cdisk_fstype *t = cdisk_fstypes; t->name; t++)
		if (t->server && strcmp(t->server, subtype) == 0)
			return t->name;
	return subtype;
}

static void filesystem_fill(struct cdisk_attachment *a, const struct cdisk_mount_entry *e)
{
	const char *type = e->type;

	(void)snprintf(a->mountpoint, sizeof(a->mountpoint), "%s", e->target);
	if (strncmp(type, "fuse", 4) == 0) {
		a->fs_connection = e->minor;
		type = type[4] == '.' ? served_type(type + 5) : "";
	}
	(void)snprintf(a->fstype, sizeof(a->fstype), "%.31s", type);
	if (cdisk_option_has(e->flags, "ro"))
		a->read_only = 1;
}

static int over_fill(struct cdisk_attachment *a, const struct cdisk_mountinfo *m)
{
	_cleanup_over_ struct cdisk_over over = {0};
	int r = cdisk_over_find(m, a->disk, a->uid, &over);

	if (r < 0)
		return r;
	if (over.n_loops > 0)
		(void)snprintf(a->node, sizeof(a->node), "%s", over.loops[0].node);
	if (over.n_mounts > 0)
		filesystem_fill(a, over.mounts[0]);
	return 0;
}

/* -EINVAL: not a server of ours. */
static int server_fill(struct cdisk_attachment *a, const struct cdisk_mount_entry *e)
{
	struct cdisk_source s;
	const char *name = strrchr(e->target, '/');

	memset(a, 0, sizeof(*a));
	if (strcmp(e->type, SERVER_TYPE) != 0 || cdisk_source_parse(e->source, &s) < 0)
		return -EINVAL;
	if (!name || strlen(e->target) + sizeof("/control") > sizeof(a->directory))
		return -EINVAL;
	(void)snprintf(a->instance, sizeof(a->instance), "%.44s", name + 1);
	memcpy(a->id, s.id, sizeof(a->id));
	(void)snprintf(a->backend, sizeof(a->backend), "fuse");
	(void)snprintf(a->directory, sizeof(a->directory), "%s", e->target);
	(void)snprintf(a->disk, sizeof(a->disk), "%.4080s/disk", e->target);
	a->dev = s.dev;
	a->ino = s.ino;
	a->pid = s.pid;
	a->pid_start = s.pid_start;
	a->connection = e->minor;
	a->uid = cdisk_option_number(e->options, "user_id", UINT32_MAX);
	(void)snprintf(a->scope, sizeof(a->scope), "%s", a->uid == 0 ? "global" : "user");
	a->audit_session = UINT32_MAX;
	return 0;
}

/* Only the owner's own, and only while there is somebody to answer. */
static void details_fill(struct cdisk *c, struct cdisk_attachment *a)
{
	int r;

	if (a->uid != geteuid() || cdisk_process_look(a->pid, a->pid_start) != CDISK_PROCESS_RUNS)
		return;
	r = cdisk_info_read(a);
	if (r < 0)
		cdisk_log(c, CDISK_LOG_DEBUG, "%s/info: %s", a->directory, strerror(-r));
}

static int servers_add(struct cdisk *c, uint32_t flags, const struct cdisk_mountinfo *m,
	struct cdisk_attachment **list, size_t *n)
{
	for (size_t i = 0; i < m->n; i++) {
		struct cdisk_attachment *bigger = realloc(*list, (*n + 1) * sizeof(**list)), *a;
		int r;

		if (!bigger)
			return -ENOMEM;
		*list = bigger;
		a = &bigger[*n];
		if (server_fill(a, &m->entries[i]) < 0)
			continue;
		if (!(flags & CDISK_LIST_ALL) && a->uid != geteuid())
			continue;
		if (flags & CDISK_LIST_DETAILS)
			details_fill(c, a);
		r = over_fill(a, m);
		if (r < 0)
			return r;
		state_fill(a);
		(*n)++;
	}
	return 0;
}

int cdisk_state_list(struct cdisk *c, uint32_t flags, struct cdisk_attachment **ret_list)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	size_t n = 0;
	int r;

	if (flags & ~(CDISK_LIST_ALL | CDISK_LIST_DETAILS))
		return cdisk_fail(c, -EINVAL, "unknown flags 0x%x for a list", flags);
	r = cdisk_mountinfo_read(&m);
	if (r == 0)
		r = servers_add(c, flags, &m, &list, &n);
	if (r == 0)
		r = cdisk_mappings_add("/sys", flags, &m, &list, &n);
	if (r < 0)
		return cdisk_fail(c, r, "cannot list what is attached: %s", strerror(-r));
	for (size_t i = 0; i < n; i++)
		cdisk_link_look(&list[i]);
	*ret_list = cdisk_steal(&list);
	return (int)n;
}
