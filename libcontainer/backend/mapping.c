// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/mapping.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "backend/dmcrypt.h"
#include "backend/key_check.h"
#include "backend/server.h"

#define SYS "/sys"
#define COPIES_MAX 99
#define MOMENT_MS 2000 /* udev looks at every disk that changes */
#define STEP_MS 10

uint32_t cdisk_below_sector(const struct cdisk_attach_spec *spec)
{
	const struct cdisk_segment *s = &spec->description->segments[0];

	return s->offset % s->cipher.sector_size == 0 ? s->cipher.sector_size : CDISK_SECTOR_MIN;
}

/* ---- names ------------------------------------------------------------------------------- */

static int taken(
	struct cdisk *c, const struct cdisk_attach_spec *spec, const struct cdisk_mapped *m)
{
	bool read_only = spec->description->read_only || (spec->flags & CDISK_ATTACH_READONLY);
	struct cdisk_below_facts facts;
	struct stat st;
	bool same;

	cdisk_below_look(m, &facts);
	same = fstat(spec->fd, &st) == 0 && facts.ino && facts.dev == st.st_dev &&
	       facts.ino == st.st_ino;
	if ((spec->flags & CDISK_ATTACH_COPY) || (same && read_only))
		return 0;
	if (same)
		return cdisk_fail(c, -CDISK_ERR_LOCKED,
			"the container is attached already as /dev/mapper/%s", m->name);
	(void)cdisk_fail(c, -EEXIST,
		"another container with the volume ID %s is attached as /dev/mapper/%s",
		spec->description->id, m->name);
	cdisk_hint(c, "it is a copy of this one; detach it first, or ask for a second copy");
	return -EEXIST;
}

/*
 * What was taken away by force gave its name back, but device-mapper keeps its UUID, which has the
 * name in it, until its last user goes.
 */
static bool uuid_is_left(const char *name)
{
	_cleanup_free_ struct cdisk_mapped *list = NULL;
	int n = cdisk_mapped_list(SYS, &list);
	size_t len = strlen(name);

	for (int i = 0; i < n; i++) {
		size_t all = strlen(list[i].uuid);

		if (list[i].gone && all > len && strcmp(list[i].uuid + all - len, name) == 0)
			return true;
	}
	return false;
}

int cdisk_mapping_claim(struct cdisk *c, const struct cdisk_attach_spec *spec, const char *instance)
{
	char name[CDISK_DM_NAME];
	struct cdisk_mapped m;
	struct cdisk_dm dm;
	int r;

	(void)snprintf(name, sizeof(name), CDISK_MAPPED_PREFIX "%s", instance);
	/* Who may not ask device-mapper sees in sysfs what has the name. */
	r = cdisk_mapped_find(SYS, name, &m);
	if (r < 0)
		return !uuid_is_left(name);
	if (cdisk_dm_status(name, &dm) < 0 || dm.live)
		return taken(c, spec, &m);
	cdisk_log(c, CDISK_LOG_WARNING, "removing the mapping %s that a killed program left", name);
	r = cdisk_dm_remove(name, false);
	if (r < 0 && r != -ENXIO)
		return cdisk_fail(
			c, r, "cannot remove the empty mapping %s: %s", name, strerror(-r));
	cdisk_dm_node_remove(name);
	return 1;
}

/* The same instance name means the same volume with every backend. */
static int instance_choose(struct cdisk *c, const char *run_path,
	const struct cdisk_attach_spec *spec, struct cdisk_attachment *a, int *ret_copy)
{
	const char *id = spec->description->id;

	for (int copy = 1; copy <= COPIES_MAX; copy++) {
		int r;

		if (copy == 1)
			(void)snprintf(a->instance, sizeof(a->instance), "%s", id);
		else
			(void)snprintf(a->instance, sizeof(a->instance), "%s-%d", id, copy);
		r = cdisk_mapping_claim(c, spec, a->instance);
		if (r > 0)
			r = cdisk_instance_free(c, run_path, spec, a->instance);
		if (r != 0) {
			*ret_copy = copy;
			return r < 0 ? r : 0;
		}
	}
	return cdisk_fail(
		c, -EEXIST, "%d copies of volume %s are attached already", COPIES_MAX, id);
}

/* ---- attaching --------------------------------------------------------------------------- */

static void attachment_fill(const struct cdisk_below *below, const struct cdisk_attach_spec *spec,
	struct cdisk_attachment *a)
{
	const struct cdisk_description *d = spec->description;
	char node[CDISK_DM_NODE], name[CDISK_DM_NAME];
	struct stat st;

	(void)snprintf(name, sizeof(name), CDISK_MAPPED_PREFIX "%s", a->instance);
	cdisk_dm_node(name, node);
	a->state = CDISK_STATE_UNLOCKED;
	(void)snprintf(a->id, sizeof(a->id), "%s", d->id);
	(void)snprintf(a->format, sizeof(a->format), "%s", d->format);
	(void)snprintf(a->label, sizeof(a->label), "%.63s", d->label);
	(void)snprintf(a->name, sizeof(a->name), "%.63s", spec->name ? spec->name : "");
	(void)snprintf(a->file, sizeof(a->file), "%s", spec->path ? spec->path : "");
	(void)snprintf(a->backend, sizeof(a->backend), "%s", below->backend);
	(void)snprintf(a->scope, sizeof(a->scope), "global");
	(void)snprintf(a->disk, sizeof(a->disk), "%s", node);
	(void)snprintf(a->node, sizeof(a->node), "%s", node);
	(void)snprintf(a->memory, sizeof(a->memory), "locked"); /* the kernel's is not swapped */
	if (fstat(spec->fd, &st) == 0) {
		a->dev = st.st_dev;
		a->ino = st.st_ino;
	}
	a->size = d->size;
	a->uid = geteuid();
	a->read_only = d->read_only || (spec->flags & CDISK_ATTACH_READONLY);
	a->audit_session = UINT32_MAX;
	if (stat("/proc/self/ns/mnt", &st) == 0)
		a->mnt_ns = st.st_ino;
}

/* The mapping over a disk that is held open; on failure nothing of the mapping is left. */
static int mapping_make(struct cdisk *c, const struct cdisk_attach_spec *spec, const char *below,
	const struct cdisk_attachment *a)
{
	char name[CDISK_DM_NAME];
	struct cdisk_dm dm;
	int r;

	(void)snprintf(name, sizeof(name), CDISK_MAPPED_PREFIX "%s", a->instance);
	r = cdisk_dmcrypt_open(c, spec, below, name, a->read_only);
	if (r < 0)
		return r;
	r = cdisk_dm_status(name, &dm);
	if (r == 0)
		r = cdisk_dm_node_make(name, dm.major, dm.minor);
	if (r == 0)
		return 0;
	(void)cdisk_mapping_remove(c, name, MOMENT_MS);
	return cdisk_fail(c, r, "cannot make the node %s: %s", a->disk, strerror(-r));
}

int cdisk_mapping_attach(struct cdisk *c, const struct cdisk_below *below,
	const struct cdisk_attach_spec *spec, struct cdisk_attachment *a)
{
	_cleanup_close_ int run_fd = -1, lock = -1, fd = -1;
	char run_path[CDISK_PATH_SIZE], node[64];
	int copy = 1, r = cdisk_dmcrypt_check(c, spec);

	if (r == 0 && (spec->flags & CDISK_ATTACH_TEMPORARY))
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"attachments that end with their program are made by the fuse backend");
	if (r == 0)
		r = cdisk_run_dir_lock(c, &run_fd, &lock, run_path);
	if (r < 0)
		return r;
	cdisk_stale_sweep(c, run_fd, run_path);
	memset(a, 0, sizeof(*a));
	r = instance_choose(c, run_path, spec, a, &copy);
	if (r < 0)
		return r;
	attachment_fill(below, spec, a);
	r = below->make(c, spec, a->read_only, copy > 1, node, &fd);
	if (r < 0)
		return r;
	r = mapping_make(c, spec, node, a);
	if (r < 0) {
		if (below->drop)
			below->drop(spec, node);
		return r;
	}
	cdisk_log(c, CDISK_LOG_EXPLAIN, "dm-crypt over %s is %s", node, a->disk);
	return 0;
}

/* ---- detaching --------------------------------------------------------------------------- */

int cdisk_mapping_of(const struct cdisk_attachment *a, struct cdisk_mapped *ret)
{
	const char *slash = strrchr(a->disk, '/');
	int r = slash ? cdisk_mapped_find(SYS, slash + 1, ret) : -ENXIO;

	if (r == 0 && a->id[0] && strcmp(a->id, ret->id) != 0)
		r = -ENXIO;
	return r;
}

int cdisk_mapping_remove(struct cdisk *c, const char *name, unsigned int ms)
{
	uint64_t end = cdisk_now_ms() + ms;
	int r;

	while ((r = cdisk_dm_remove(name, false)) == -EBUSY && cdisk_now_ms() < end) {
		if (cdisk_progress(c, "waiting until it is free", 0, 0) < 0)
			break;
		cdisk_sleep_ms(STEP_MS);
	}
	if (r == 0)
		cdisk_dm_node_remove(name);
	return r == -ENXIO ? 0 : r;
}

void cdisk_below_token(const struct cdisk_mapped *m, char *ret_token, size_t size)
{
	char text[8] = "";

	ret_token[0] = '\0';
	if (cdisk_mapped_is_module(m))
		(void)cdisk_sys_line(SYS, m->below, "cryptdisk/generation", ret_token, size);
	else if (cdisk_mapped_is_loop(m) &&
		 cdisk_sys_line(SYS, m->below, "loop/autoclear", text, sizeof(text)) == 0 &&
		 text[0] == '1')
		(void)cdisk_sys_line(SYS, m->below, "diskseq", ret_token, size);
}

bool cdisk_below_leaves(const struct cdisk_mapped *m, const char *token, unsigned int ms)
{
	uint64_t end = cdisk_now_ms() + ms;
	const char *attribute = cdisk_mapped_is_module(m) ? "cryptdisk/generation" : "diskseq";
	char now[64], backing[8];

	if (!token[0])
		return true;
	for (;;) {
		if (cdisk_sys_line(SYS, m->below, attribute, now, sizeof(now)) < 0 ||
			strcmp(now, token) != 0)
			return true;
		if (cdisk_mapped_is_loop(m) && cdisk_sys_line(SYS, m->below, "loop/backing_file",
						       backing, sizeof(backing)) < 0)
			return true;
		if (cdisk_now_ms() >= end)
			return false;
		cdisk_sleep_ms(STEP_MS / 2);
	}
}

/* Busy: out of sight is all that lazy can promise. */
static int mapping_defer(struct cdisk *c, const struct cdisk_mapped *m)
{
	int r = cdisk_dm_remove(m->name, true);

	if (r < 0 && r != -ENXIO)
		return cdisk_fail(c, r, "cannot remove %s: %s", m->name, strerror(-r));
	return cdisk_fail(c, -CDISK_ERR_PARTIAL,
		"/dev/mapper/%s goes when its last user does: the key is in memory until then",
		m->name);
}

static int mapping_detach(struct cdisk *c, const struct cdisk_attachment *a,
	const struct cdisk_mapped *m, uint32_t flags, unsigned int wait_ms)
{
	char token[64];
	int r;

	if (flags & CDISK_UMOUNT_FORCE)
		return cdisk_mapping_force(c, a, m);
	cdisk_below_token(m, token, sizeof(token));
	r = cdisk_mapping_remove(c, m->name, wait_ms + MOMENT_MS);
	if (r == -EBUSY && (flags & CDISK_UMOUNT_LAZY))
		return mapping_defer(c, m);
	if (r == -EBUSY)
		return cdisk_fail(c, -CDISK_ERR_IN_USE, "%s is in use", a->disk);
	if (r < 0)
		return cdisk_fail(c, r, "cannot remove %s: %s", a->disk, strerror(-r));
	if (cdisk_below_leaves(m, token, wait_ms + MOMENT_MS))
		return 0;
	return cdisk_fail(c, -CDISK_ERR_IN_USE, "/dev/%s is in use", m->below);
}

int cdisk_mapping_detach(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, unsigned int wait_ms)
{
	struct cdisk_mapped m;
	int r = cdisk_mapping_of(a, &m);

	if (r < 0)
		return 0;
	r = mapping_detach(c, a, &m, flags, wait_ms);
	/* With force what is left of it has an error table and is never resumed. */
	if (m.instance[0] && (r == 0 || (flags & CDISK_UMOUNT_FORCE)))
		cdisk_key_check_remove(c, m.instance);
	return r;
}
