// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log is told by whoever changes something; who is killed, or is another tool, tells nothing. What
 * is missing is found by comparing the log with the kernel, and only where this process can see it: of
 * another namespace's processes and mounts it knows nothing.
 */
#include "mount/event.h"

#include <string.h>
#include <unistd.h>
#include "backend/server.h"

static bool sees_processes(const struct cdisk_event_line *l)
{
	struct cdisk_event_line own = {0};

	cdisk_event_writer(&own);
	return l->pid_ns && l->pid_ns == own.pid_ns;
}

static bool sees_mounts(const struct cdisk_event_line *l)
{
	struct cdisk_event_line own = {0};

	cdisk_event_writer(&own);
	return l->mnt_ns && l->mnt_ns == own.mnt_ns;
}

bool cdisk_event_in_progress(const struct cdisk_event_live_entry *entry)
{
	const struct cdisk_event_line *l = entry->line;

	if (!l || !l->by)
		return false;
	if (l->event.kind != CDISK_EVENT_UNMOUNTING && l->event.kind != CDISK_EVENT_UNMOUNTED)
		return false;
	return !sees_processes(l) || cdisk_process_look(l->by, l->by_start) != CDISK_PROCESS_GONE;
}

static const struct cdisk_attachment *now_find(const struct cdisk_event_live_entry *entry,
	const struct cdisk_attachment *now, size_t n)
{
	const struct cdisk_attachment *a = &entry->line->event.volume;

	for (size_t i = 0; i < n; i++)
		if (strcmp(now[i].instance, entry->instance) == 0 && now[i].uid == a->uid &&
			now[i].pid == a->pid && now[i].pid_start == a->pid_start)
			return &now[i];
	return NULL;
}

/* What ends by itself after somebody asked for its end has that one's reason. */
static const char *reason_of(const struct cdisk_event_live_entry *entry)
{
	const struct cdisk_event *e = &entry->line->event;
	bool asked = e->kind == CDISK_EVENT_UNMOUNTING || e->kind == CDISK_EVENT_UNMOUNTED;

	return asked && e->reason[0] ? e->reason : "lost";
}

static bool is_gone(const struct cdisk_event_live_entry *entry, const struct cdisk_attachment *found,
	const char **ret_reason)
{
	const struct cdisk_event_line *l = entry->line;

	*ret_reason = reason_of(entry);
	/* A server: nothing outlives it, whatever its dead mount still looks like. */
	if (l->event.volume.pid)
		return sees_processes(l) && cdisk_process_look(l->event.volume.pid,
						    l->event.volume.pid_start) == CDISK_PROCESS_GONE;
	if (found && found->state != CDISK_STATE_STALE)
		return false;
	if (found)
		*ret_reason = "media-gone";
	return access("/sys/block", F_OK) == 0;
}

enum cdisk_event_kind cdisk_event_judge(const struct cdisk_event_live_entry *entry,
	const struct cdisk_attachment *now, size_t n, const char **ret_reason)
{
	const struct cdisk_attachment *found;

	if (!entry->line || cdisk_event_in_progress(entry))
		return 0;
	found = now_find(entry, now, n);
	if (is_gone(entry, found, ret_reason))
		return CDISK_EVENT_DEPARTED;
	if (!found || found->state == CDISK_STATE_STALE || !sees_mounts(entry->line))
		return 0;
	*ret_reason = "lost";
	if (entry->line->event.volume.state == CDISK_STATE_MOUNTED && !found->mountpoint[0])
		return CDISK_EVENT_UNMOUNTED;
	*ret_reason = "";
	if (entry->line->event.volume.state == CDISK_STATE_MOUNTED && found->read_only &&
		!entry->line->event.volume.read_only)
		return CDISK_EVENT_READ_ONLY;
	return 0;
}
