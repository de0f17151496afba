// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell.h"

#include <stdio.h>
#include <string.h>
#include "internal.h"
#include "mount/event.h"
#include "mount/mount.h"

#define SAY(c, a, reason, ...)                                                                     \
	do {                                                                                       \
		static const enum cdisk_event_kind kinds_[] = {__VA_ARGS__};                       \
		cdisk_event_note(c, a, kinds_, CDISK_ARRAY_SIZE(kinds_), reason);                  \
	} while (0)

void cdisk_tell_attached(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags)
{
	if (flags & CDISK_ATTACH_TEMPORARY)
		return;
	SAY(c, a, "user", CDISK_EVENT_ARRIVED, CDISK_EVENT_UNLOCKED);
	if (a->link[0])
		SAY(c, a, "user", CDISK_EVENT_LINKED);
	/* The name of a copy's attachment has a number behind the ID. */
	if (strcmp(a->instance, a->id) != 0 && (flags & CDISK_ATTACH_COPY))
		SAY(c, a, "user", CDISK_EVENT_DUPLICATE);
}

void cdisk_tell_mounted(struct cdisk *c, const struct cdisk_attachment *a, bool linked)
{
	if (a->link[0] && !linked)
		SAY(c, a, "user", CDISK_EVENT_LINKED);
	SAY(c, a, "user", CDISK_EVENT_MOUNTED);
}

/* Of what was killed the end is told alone. */
static bool is_stale(const struct cdisk_attachment *a)
{
	return a->state == CDISK_STATE_STALE;
}

void cdisk_tell_unmounting(struct cdisk *c, const struct cdisk_attachment *a)
{
	if (is_stale(a))
		return;
	if (a->mountpoint[0])
		SAY(c, a, "user", CDISK_EVENT_UNMOUNTING);
	else
		cdisk_event_announce(c, a, true);
}

/* Its unmount was announced. Is it still there? */
static void stays_tell(struct cdisk *c, const struct cdisk_attachment *a, int error)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	struct cdisk *quiet = NULL;
	int n = cdisk_new(&quiet);

	/* Another handle's: the message of the failure stays. */
	if (n == 0)
		n = cdisk_state_list(quiet, CDISK_LIST_ALL, &list);
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].instance, a->instance) == 0 && list[i].uid == a->uid &&
			list[i].mountpoint[0] && list[i].state != CDISK_STATE_STALE)
			SAY(c, a, error == -CDISK_ERR_IN_USE ? "in-use" : "error",
				CDISK_EVENT_MOUNTED);
	cdisk_free(quiet);
}

void cdisk_tell_unmounted(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, int result)
{
	if (is_stale(a))
		return;
	if (!a->mountpoint[0] && result < 0)
		cdisk_event_announce(c, a, false);
	else if (a->mountpoint[0] && result < 0)
		stays_tell(c, a, result);
	else if (a->mountpoint[0])
		SAY(c, a, flags & CDISK_UMOUNT_LAZY ? "lazy" : "user", CDISK_EVENT_UNMOUNTED);
}

static void end_tell(struct cdisk *c, const struct cdisk_attachment *a, int lost)
{
	if (is_stale(a))
		SAY(c, a, "lost", CDISK_EVENT_DEPARTED);
	else if (lost)
		SAY(c, a, "error", CDISK_EVENT_ERROR, CDISK_EVENT_LOCKED, CDISK_EVENT_DEPARTED);
	else if (a->state == CDISK_STATE_LOCKED) /* which was told */
		SAY(c, a, "user", CDISK_EVENT_DEPARTED);
	else
		SAY(c, a, "user", CDISK_EVENT_LOCKED, CDISK_EVENT_DEPARTED);
}

void cdisk_tell_detached(struct cdisk *c, const struct cdisk_attachment *a, int result, int lost)
{
	_cleanup_free_ struct cdisk_attachment *end = malloc(sizeof(*end));

	if (!end)
		return;
	*end = *a;
	end->mountpoint[0] = '\0';
	if (result == 0)
		end_tell(c, end, lost);
	/* Lazily, and by force where something waits for ever, it goes later, as it was asked to. */
	else if (result != -CDISK_ERR_PARTIAL && result != -ETIMEDOUT && !is_stale(a))
		cdisk_event_announce(c, end, false);
}

void cdisk_tell_locked(struct cdisk *c, const struct cdisk_attachment *a)
{
	SAY(c, a, "user", CDISK_EVENT_LOCKED);
}

void cdisk_tell_resumed(struct cdisk *c, const struct cdisk_attachment *a)
{
	SAY(c, a, "user", CDISK_EVENT_UNLOCKED);
}

void cdisk_tell_resized(struct cdisk *c, const struct cdisk_attachment *a, uint64_t size)
{
	_cleanup_free_ struct cdisk_attachment *now = malloc(sizeof(*now));

	if (!now)
		return;
	*now = *a;
	now->size = size;
	SAY(c, now, "user", CDISK_EVENT_RESIZED);
}

void cdisk_tell_container_resized(
	struct cdisk *c, const char *id, const char *format, uint64_t size)
{
	_cleanup_free_ struct cdisk_attachment *a = calloc(1, sizeof(*a));

	if (!a)
		return;
	a->state = CDISK_STATE_LOCKED;
	a->size = size;
	a->uid = geteuid();
	(void)snprintf(a->id, sizeof(a->id), "%s", id);
	(void)snprintf(a->format, sizeof(a->format), "%s", format);
	(void)snprintf(a->scope, sizeof(a->scope), "%s", geteuid() == 0 ? "global" : "user");
	SAY(c, a, "user", CDISK_EVENT_RESIZED);
}
