// SPDX-License-Identifier: GPL-2.0-or-later
/* Encrypted volumes that device-mapper serves: ours, and those that another tool opened. */
#include "mount/mounting.h"

#include <stdio.h>
#include <string.h>
#include "backend/kmod_disk.h"
#include "backend/mapping.h"

#define SYS "/sys"

static void mount_find(
	const struct cdisk_mapped *v, const struct cdisk_mountinfo *m, struct cdisk_attachment *a)
{
	char kernel[32];

	(void)snprintf(kernel, sizeof(kernel), "/dev/%s", v->kernel);
	for (size_t i = 0; i < m->n; i++) {
		const struct cdisk_mount_entry *e = &m->entries[i];

		if (!cdisk_source_counts(e, /* owner= */ 0) ||
			(strcmp(e->source, a->node) != 0 && strcmp(e->source, kernel) != 0 &&
				(e->major != v->major || e->minor != v->minor)))
			continue;
		(void)snprintf(a->mountpoint, sizeof(a->mountpoint), "%s", e->target);
		(void)snprintf(a->fstype, sizeof(a->fstype), "%.31s", e->type);
		if (cdisk_option_has(e->flags, "ro"))
			a->read_only = 1;
		return;
	}
}

/* Only root may ask, and only with the key in the answer: it is wiped at once. */
static bool key_is_left(const struct cdisk_mapped *v)
{
	CDISK_CLEANUP(cdisk_dm_table_done) struct cdisk_dm_table t = {.sectors = 0};
	struct cdisk_crypt_table crypt;

	if (geteuid() != 0 || cdisk_dm_table(v->name, &t) < 0 || strcmp(t.type, "crypt") != 0 ||
		cdisk_crypt_table_parse(cdisk_secret_data(t.params), &crypt) < 0)
		return false;
	return !cdisk_crypt_key_wiped(cdisk_secret_data(t.params), &crypt);
}

static void locked_fill(const struct cdisk_mapped *v, bool details, struct cdisk_attachment *a)
{
	a->state = CDISK_STATE_LOCKED;
	(void)snprintf(a->reason, sizeof(a->reason), "%s",
		details && key_is_left(v) ? "suspended, but its key is still in memory: 'cryptdisk "
					    "lock' wipes it"
					  : "reads and writes wait for 'cryptdisk resume'");
}

static void ours_state(const struct cdisk_mapped *v, bool details, struct cdisk_attachment *a)
{
	const char *why = NULL;

	a->state = a->mountpoint[0] ? CDISK_STATE_MOUNTED : CDISK_STATE_UNLOCKED;
	if (v->gone)
		why = "taken away by force; it goes when its last user does";
	else if (v->size == 0)
		why = "an empty mapping that a killed program left; umount removes it";
	else if (v->below_gone)
		why = "the disk below it was taken away; umount cleans up";
	else if (!v->below[0])
		why = "the disk below it was taken away, it answers with errors; umount cleans up";
	if (why) {
		a->state = CDISK_STATE_STALE;
		(void)snprintf(a->reason, sizeof(a->reason), "%s", why);
	} else if (v->suspended) {
		locked_fill(v, details, a);
	}
}

static void mapping_fill(const struct cdisk_mapped *v, struct cdisk_attachment *a)
{
	bool named = v->instance[0] && cdisk_mapped_is_ours(v) && !v->gone;

	memset(a, 0, sizeof(*a));
	memcpy(a->id, v->id, sizeof(a->id));
	(void)snprintf(a->format, sizeof(a->format), "%s", v->format);
	/* A longer name does not fit; the kernel's own name of the device always does. */
	(void)snprintf(a->instance, sizeof(a->instance), "%.44s",
		named                                   ? v->instance
		: strlen(v->name) < sizeof(a->instance) ? v->name
							: v->kernel);
	(void)snprintf(a->scope, sizeof(a->scope), "global");
	(void)snprintf(a->node, sizeof(a->node), CDISK_OVER_MAPPER "%s", v->name);
	memcpy(a->disk, a->node, sizeof(a->disk));
	(void)snprintf(a->memory, sizeof(a->memory), "locked");
	a->audit_session = UINT32_MAX;
	a->size = v->size;
	a->read_only = v->read_only;
}

static void foreign_fill(const struct cdisk_mapped *v, struct cdisk_attachment *a)
{
	a->state = CDISK_STATE_FOREIGN;
	(void)snprintf(a->reason, sizeof(a->reason), "opened by another tool");
	(void)snprintf(a->name, sizeof(a->name), "%.63s", v->name);
	(void)snprintf(a->backend, sizeof(a->backend), "dm-crypt");
}

/* The container: sysfs shows everybody what a loop device has behind it. */
static void below_fill(const char *root, const struct cdisk_mapped *v, struct cdisk_attachment *a)
{
	bool ours = cdisk_mapped_is_ours(v);
	struct cdisk_below_facts facts;

	if (cdisk_sys_line(root, v->below, "loop/backing_file", a->file, sizeof(a->file)) < 0 &&
		v->below[0] && !ours)
		(void)snprintf(a->file, sizeof(a->file), "/dev/%s", v->below);
	if (strcmp(root, SYS) != 0)
		return;
	cdisk_below_look(v, &facts);
	a->dev = facts.dev;
	a->ino = facts.ino;
	if (facts.file[0])
		memcpy(a->file, facts.file, sizeof(a->file));
	if (!ours)
		return;
	memcpy(a->name, facts.name, sizeof(a->name));
	memcpy(a->label, facts.label, sizeof(a->label));
}

static void attachment_fill(const char *root, const struct cdisk_mapped *v, bool details,
	const struct cdisk_mountinfo *m, struct cdisk_attachment *a)
{
	mapping_fill(v, a);
	if (!cdisk_mapped_is_ours(v))
		foreign_fill(v, a);
	else
		(void)snprintf(a->backend, sizeof(a->backend), "%s",
			cdisk_mapped_is_module(v) ? "kmod" : "loop");
	below_fill(root, v, a);
	mount_find(v, m, a);
	if (cdisk_mapped_is_ours(v))
		ours_state(v, details, a);
}

/* A disk of the module that nobody has open, which a killed program left. */
static void orphan_fill(const struct cdisk_kmod_orphan *o, struct cdisk_attachment *a)
{
	memset(a, 0, sizeof(*a));
	a->state = CDISK_STATE_STALE;
	(void)snprintf(a->reason, sizeof(a->reason),
		"a disk of the module with no volume over it; umount removes it");
	memcpy(a->id, o->id, sizeof(a->id));
	(void)snprintf(a->instance, sizeof(a->instance), "%.40s", o->node + strlen("/dev/"));
	(void)snprintf(a->backend, sizeof(a->backend), "kmod");
	(void)snprintf(a->scope, sizeof(a->scope), "global");
	(void)snprintf(a->disk, sizeof(a->disk), "%s", o->node);
	memcpy(a->label, o->facts.label, sizeof(a->label));
	memcpy(a->file, o->facts.file, sizeof(a->file));
	a->dev = o->facts.dev;
	a->ino = o->facts.ino;
	a->audit_session = UINT32_MAX;
}

static struct cdisk_attachment *list_add(struct cdisk_attachment **list, size_t *n)
{
	struct cdisk_attachment *bigger = realloc(*list, (*n + 1) * sizeof(**list));

	if (bigger)
		*list = bigger;
	return bigger ? &bigger[(*n)++] : NULL;
}

static int orphans_add(struct cdisk_attachment **list, size_t *n)
{
	_cleanup_free_ struct cdisk_kmod_orphan *orphans = NULL;
	int count = cdisk_kmod_orphans(&orphans);

	for (int i = 0; i < count; i++) {
		struct cdisk_attachment *a = list_add(list, n);

		if (!a)
			return -ENOMEM;
		orphan_fill(&orphans[i], a);
	}
	return count < 0 ? count : 0;
}

int cdisk_mappings_add(const char *root, uint32_t flags, const struct cdisk_mountinfo *m,
	struct cdisk_attachment **list, size_t *n)
{
	_cleanup_free_ struct cdisk_mapped *mapped = NULL;
	int count = cdisk_mapped_list(root, &mapped);

	for (int i = 0; i < count; i++) {
		struct cdisk_attachment *a;

		/* Those of other tools belong to nobody here. */
		if (!(flags & CDISK_LIST_ALL) &&
			(geteuid() != 0 || !cdisk_mapped_is_ours(&mapped[i])))
			continue;
		a = list_add(list, n);
		if (!a)
			return -ENOMEM;
		attachment_fill(root, &mapped[i], flags & CDISK_LIST_DETAILS, m, a);
	}
	if (count < 0 || geteuid() != 0 || strcmp(root, SYS) != 0)
		return count < 0 ? count : 0;
	return orphans_add(list, n);
}
