// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/event.h"

#include <stdio.h>
#include <string.h>

enum cdisk_state cdisk_event_state(enum cdisk_event_kind kind)
{
	switch (kind) {
	case CDISK_EVENT_ARRIVED:
	case CDISK_EVENT_LOCKED:
	case CDISK_EVENT_DEPARTED:
		return CDISK_STATE_LOCKED;
	case CDISK_EVENT_UNLOCKED:
	case CDISK_EVENT_LINKED:
	case CDISK_EVENT_UNMOUNTED:
		return CDISK_STATE_UNLOCKED;
	case CDISK_EVENT_MOUNTED:
	case CDISK_EVENT_UNMOUNTING:
		return CDISK_STATE_MOUNTED;
	default:
		return 0;
	}
}

struct cdisk_event_live_entry *cdisk_event_live_find(
	const struct cdisk_event_live *live, const char *instance)
{
	for (size_t i = 0; i < live->n; i++)
		if (strcmp(live->entries[i].instance, instance) == 0)
			return &live->entries[i];
	return NULL;
}

bool cdisk_event_live_same(const struct cdisk_event_live_entry *entry, const struct cdisk_event *e)
{
	const struct cdisk_attachment *a = &e->volume;

	/* Who speaks of it later may not know everything: what only one of both has tells nothing. */
	if (entry->pid && a->pid && (entry->pid != a->pid || entry->pid_start != a->pid_start))
		return false;
	return !entry->generation || !e->generation || entry->generation == e->generation;
}

static struct cdisk_event_live_entry *entry_get(
	struct cdisk_event_live *live, const char *instance)
{
	struct cdisk_event_live_entry *entry = cdisk_event_live_find(live, instance);
	void *bigger;

	if (entry)
		return entry;
	bigger = realloc(live->entries, (live->n + 1) * sizeof(*live->entries));
	if (!bigger)
		return NULL;
	live->entries = bigger;
	entry = &live->entries[live->n++];
	memset(entry, 0, sizeof(*entry));
	(void)snprintf(entry->instance, sizeof(entry->instance), "%s", instance);
	return entry;
}

void cdisk_event_texts_keep(struct cdisk_attachment *to, const struct cdisk_attachment *from)
{
	struct {
		char *to;
		const char *from;
		size_t size;
	} texts[] = {
		{to->name, from->name, sizeof(to->name)},
		{to->label, from->label, sizeof(to->label)},
		{to->format, from->format, sizeof(to->format)},
		{to->fstype, from->fstype, sizeof(to->fstype)},
		{to->mountpoint, from->mountpoint, sizeof(to->mountpoint)},
		{to->file, from->file, sizeof(to->file)},
		{to->node, from->node, sizeof(to->node)},
		{to->disk, from->disk, sizeof(to->disk)},
	};

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(texts); i++)
		if (!texts[i].to[0])
			(void)snprintf(texts[i].to, texts[i].size, "%s", texts[i].from);
}

int cdisk_event_live_apply(struct cdisk_event_live *live, const struct cdisk_event_line *l)
{
	const struct cdisk_attachment *a = &l->event.volume;
	enum cdisk_event_kind kind = l->event.kind;
	struct cdisk_event_live_entry *entry;
	struct cdisk_event_line *line;

	if (a->instance[0] && kind == CDISK_EVENT_READ_ONLY) {
		entry = cdisk_event_live_find(live, a->instance);
		if (entry && entry->line)
			entry->line->event.volume.read_only = 1;
	}
	if (a->instance[0] && kind == CDISK_EVENT_ERROR) {
		entry = cdisk_event_live_find(live, a->instance);
		if (entry)
			entry->failed = true;
	}
	if (!a->instance[0] || !cdisk_event_state(kind))
		return 0;
	entry = entry_get(live, a->instance);
	if (!entry)
		return -ENOMEM;
	if (kind == CDISK_EVENT_ARRIVED || a->pid) {
		entry->pid = a->pid;
		entry->pid_start = a->pid_start;
	}
	if (kind == CDISK_EVENT_ARRIVED || l->event.generation)
		entry->generation = l->event.generation;
	entry->failed = entry->failed && kind != CDISK_EVENT_ARRIVED;
	if (kind == CDISK_EVENT_DEPARTED) {
		cdisk_cleanup_free(&entry->line);
		entry->line = NULL;
		return 0;
	}
	line = malloc(sizeof(*line));
	if (!line)
		return -ENOMEM;
	*line = *l;
	if (entry->line && kind != CDISK_EVENT_ARRIVED)
		cdisk_event_texts_keep(&line->event.volume, &entry->line->event.volume);
	if (kind == CDISK_EVENT_UNMOUNTED)
		line->event.volume.mountpoint[0] = '\0';
	free(entry->line);
	entry->line = line;
	return 0;
}

void cdisk_event_live_done(struct cdisk_event_live *live)
{
	for (size_t i = 0; i < live->n; i++)
		cdisk_cleanup_free(&live->entries[i].line);
	cdisk_cleanup_free(&live->entries);
	*live = (struct cdisk_event_live){0};
}
