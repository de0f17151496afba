// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The key in a mapping's table: wiped, set again, and carried into a larger table. Each of these
 * under a lock of the mapping's own: a table must not be made from one whose key is just wiped.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "backend/key_check.h"
#include "backend/mapping.h"
#include "backend/server.h"

#define SUSPEND_MS 3600000 /* what is dirty may be much and the medium slow */
#define WIPE "key wipe"
#define SET "key set "

struct table {
	struct cdisk_dm_table dm;
	struct cdisk_crypt_table crypt;
};

static void table_done(struct table *t)
{
	cdisk_dm_table_done(&t->dm);
}

#define _cleanup_table_ CDISK_CLEANUP(table_done)

static const char *table_text(const struct table *t)
{
	return cdisk_secret_data(t->dm.params);
}

static int table_read(struct cdisk *c, const char *name, struct table *t)
{
	int r = cdisk_dm_table(name, &t->dm);

	if (r == 0 && strcmp(t->dm.type, "crypt") != 0)
		r = -EINVAL;
	if (r == 0)
		r = cdisk_crypt_table_parse(table_text(t), &t->crypt);
	return r < 0 ? cdisk_fail(c, r, "/dev/mapper/%s is no mapping of dm-crypt: %s", name,
			       strerror(-r))
		     : 0;
}

/* The mapping and how it is now, with the lock held. */
static int mapping_hold(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_mapped *m,
	struct cdisk_dm *dm, int *ret_lock)
{
	int r = cdisk_mapping_of(a, m);

	if (r == 0) {
		r = cdisk_run_dir_lock_byte(c, m->minor, ret_lock);
		if (r < 0)
			return r;
		r = cdisk_dm_status(m->name, dm);
	}
	if (r == 0 && !dm->live)
		r = -ENXIO;
	return r < 0 ? cdisk_fail(c, r, "%s is not there any more: %s", a->disk, strerror(-r)) : 0;
}

/* ---- lock -------------------------------------------------------------------------------- */

/* Of a filesystem that stands still already this writes nothing; of a bare disk it is all there is.
 */
static int suspend_in_child(const void *data, int out)
{
	char node[CDISK_DM_NODE];
	int fd;

	(void)out;
	cdisk_dm_node(data, node);
	fd = open(node, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fsync(fd) < 0)
		return -errno;
	return cdisk_dm_suspend(data, CDISK_DM_NO_SYNC);
}

static int suspend_go_on(void *data)
{
	return cdisk_progress(data, "writing what is dirty", 0, 0);
}

/* The kernel waits for what is under way, and holds what comes from then on. */
static int suspend(struct cdisk *c, const struct cdisk_mapped *m)
{
	int r = cdisk_child_watch(suspend_in_child, m->name, SUSPEND_MS, NULL, 0, suspend_go_on, c);

	if (r == -ECANCELED)
		return r;
	return r < 0 ? cdisk_fail(c, r, "cannot stop the reads and writes of /dev/mapper/%s: %s",
			       m->name, strerror(-r))
		     : 0;
}

/* For the resume, which can ask the kernel no more. Without it the header's word is taken. */
static void key_remember(struct cdisk *c, const char *instance, const struct table *t)
{
	if (cdisk_crypt_key_wiped(table_text(t), &t->crypt) ||
		cdisk_key_check_make(
			c, instance, table_text(t) + t->crypt.key_at, t->crypt.key_size) == 0)
		return;
	cdisk_log(c, CDISK_LOG_WARNING, "resume will not be able to tell another key: %s",
		c->message);
}

int cdisk_mapping_lock(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_close_ int lock = -1;
	_cleanup_table_ struct table t = {.dm = {.sectors = 0}};
	struct cdisk_mapped m;
	struct cdisk_dm dm;
	int r = mapping_hold(c, a, &m, &dm, &lock);

	if (r == 0)
		r = table_read(c, m.name, &t);
	if (r < 0)
		return r;
	if (dm.suspended && cdisk_crypt_key_wiped(table_text(&t), &t.crypt))
		return cdisk_fail(c, -EALREADY, "%s is locked already", a->disk);
	/* A table that a killed resize left has the key, too. */
	if (dm.inactive)
		(void)cdisk_dm_clear(m.name);
	if (!dm.suspended)
		r = suspend(c, &m);
	if (r < 0) {
		/* The child that was killed may have done it all the same. */
		if (!dm.suspended)
			(void)cdisk_dm_resume(m.name, 0);
		return r;
	}
	key_remember(c, m.instance, &t);
	r = cdisk_dm_message(m.name, WIPE, sizeof(WIPE));
	if (r == 0)
		return 0;
	(void)cdisk_dm_resume(m.name, 0);
	return cdisk_fail(c, r, "cannot wipe the key of %s: %s", a->disk, strerror(-r));
}

/* ---- resume ------------------------------------------------------------------------------ */

static void hex_put(char *to, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
	to[2 * n] = '\0';
}

/* "key set HEX" */
static int key_text(const struct cdisk_description *d, struct cdisk_secret **ret)
{
	size_t n = d->segments[0].cipher.key_size;
	char *text;
	int r;

	if (!d->key || d->segments[0].key_offset != 0 || cdisk_secret_size(d->key) < n)
		return -EINVAL;
	r = cdisk_secret_alloc(strlen(SET) + 2 * n + 1, ret);
	if (r < 0)
		return r;
	text = cdisk_secret_data(*ret);
	memcpy(text, SET, strlen(SET));
	hex_put(text + strlen(SET), cdisk_secret_data(d->key), n);
	return 0;
}

static int container_check(struct cdisk *c, const struct cdisk_attachment *a,
	const struct cdisk_mapped *m, const struct cdisk_attach_spec *spec)
{
	struct cdisk_below_facts facts;
	struct stat st;

	if (fstat(spec->fd, &st) < 0)
		return cdisk_fail(c, -errno, "cannot look at the container: %s", strerror(errno));
	cdisk_below_look(m, &facts);
	if (facts.ino && facts.dev == st.st_dev && facts.ino == st.st_ino &&
		strcmp(m->id, spec->description->id) == 0)
		return 0;
	return cdisk_fail(c, -EINVAL, "%s is of another container than this one", a->disk);
}

static bool key_fits(struct cdisk *c, const char *instance, const struct table *t,
	const struct cdisk_segment *s, const char *hex)
{
	if (t->crypt.key_size != 2 * (size_t)s->cipher.key_size ||
		t->crypt.offset * 512 != s->offset || t->crypt.sector_size != s->cipher.sector_size)
		return false;
	if (!cdisk_crypt_key_wiped(table_text(t), &t->crypt))
		return cdisk_memequal(table_text(t) + t->crypt.key_at, hex, t->crypt.key_size);
	return cdisk_key_check_compare(c, instance, hex, t->crypt.key_size) != -EKEYREJECTED;
}

/* Any other key would turn what is written from now on into garbage. */
static int key_check(struct cdisk *c, const char *instance, const struct table *t,
	const struct cdisk_description *d, struct cdisk_secret *text)
{
	const char *hex = (const char *)cdisk_secret_data(text) + strlen(SET);

	if (key_fits(c, instance, t, &d->segments[0], hex))
		return 0;
	return cdisk_fail(
		c, -CDISK_ERR_PASSPHRASE, "the key is not the one that the volume was opened with");
}

int cdisk_mapping_resume(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_attach_spec *spec)
{
	_cleanup_close_ int lock = -1;
	_cleanup_table_ struct table t = {.dm = {.sectors = 0}};
	_cleanup_secret_ struct cdisk_secret *text = NULL;
	struct cdisk_mapped m;
	struct cdisk_dm dm;
	int r = mapping_hold(c, a, &m, &dm, &lock);

	if (r < 0)
		return r;
	if (!dm.suspended)
		return cdisk_fail(c, -EALREADY, "%s is not locked", a->disk);
	r = container_check(c, a, &m, spec);
	if (r == 0)
		r = table_read(c, m.name, &t);
	if (r < 0)
		return r;
	r = key_text(spec->description, &text);
	if (r < 0)
		return cdisk_fail(c, r, "no key for %s", a->disk);
	r = key_check(c, m.instance, &t, spec->description, text);
	if (r < 0)
		return r;
	r = cdisk_dm_message(m.name, cdisk_secret_data(text), cdisk_secret_size(text));
	if (r == 0)
		r = cdisk_dm_resume(m.name, 0);
	if (r == 0)
		cdisk_key_check_remove(c, m.instance);
	return r < 0 ? cdisk_fail(c, r, "cannot resume %s: %s", a->disk, strerror(-r)) : 0;
}

/* ---- resize and trim --------------------------------------------------------------------- */

static int sectors_below(
	const struct cdisk_mapped *m, const struct cdisk_crypt_table *t, uint64_t *ret_sectors)
{
	char text[32];
	uint64_t all;

	if (cdisk_sys_line("/sys", m->below, "size", text, sizeof(text)) < 0)
		return -ENXIO;
	all = strtoull(text, NULL, 10);
	if (all <= t->offset)
		return -EINVAL;
	*ret_sectors = cdisk_round_down(all - t->offset, t->sector_size / 512);
	return 0;
}

static int table_grow(struct cdisk *c, const struct cdisk_attachment *a,
	const struct cdisk_mapped *m, struct table *t)
{
	uint64_t sectors = 0;
	int r = sectors_below(m, &t->crypt, &sectors);

	if (r < 0 || sectors < t->dm.sectors)
		return cdisk_fail(c, r < 0 ? r : -EINVAL, "/dev/%s, below %s, is too small",
			m->below, a->disk);
	if (sectors == t->dm.sectors)
		return 0;
	t->dm.sectors = sectors;
	r = cdisk_dm_load(m->name, &t->dm, m->read_only);
	if (r == 0) {
		r = cdisk_dm_resume(m->name, CDISK_DM_NO_SYNC);
		/* A table that stays loaded would keep the key over a lock. */
		if (r < 0)
			(void)cdisk_dm_clear(m->name);
	}
	return r < 0 ? cdisk_fail(c, r, "cannot make %s larger: %s", a->disk, strerror(-r)) : 0;
}

int cdisk_mapping_resize(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_size)
{
	_cleanup_close_ int lock = -1;
	_cleanup_table_ struct table t = {.dm = {.sectors = 0}};
	const struct cdisk_below *below;
	struct cdisk_mapped m;
	struct cdisk_dm dm;
	char node[64];
	int r = mapping_hold(c, a, &m, &dm, &lock);

	if (r < 0)
		return r;
	if (dm.suspended) {
		(void)cdisk_fail(c, -CDISK_ERR_IN_USE, "%s is locked and cannot grow", a->disk);
		cdisk_hint(c, "'cryptdisk resume' it first");
		return -CDISK_ERR_IN_USE;
	}
	below = cdisk_below_of(&m);
	if (!below)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "%s is not ours to resize", a->disk);
	(void)snprintf(node, sizeof(node), "/dev/%s", m.below);
	r = below->grow(c, node);
	if (r == 0)
		r = table_read(c, m.name, &t);
	if (r == 0)
		r = table_grow(c, a, &m, &t);
	if (r == 0)
		*ret_size = t.dm.sectors * 512;
	return r;
}

/*
 * On the disk below, whose punched ranges read back as zeros: through dm-crypt discards stay
 * forbidden, since what is free would show in the ciphertext for every mount.
 */
int cdisk_mapping_trim(struct cdisk *c, const struct cdisk_attachment *a, uint64_t offset,
	uint64_t length, uint64_t *ret_bytes)
{
	_cleanup_close_ int fd = -1;
	_cleanup_table_ struct table t = {.dm = {.sectors = 0}};
	struct cdisk_mapped m;
	uint64_t range[2], end;
	char node[64];
	int r = cdisk_mapping_of(a, &m);

	if (r < 0 || !cdisk_below_of(&m))
		return cdisk_fail(c, -ENXIO, "%s is not there any more", a->disk);
	r = table_read(c, m.name, &t);
	if (r < 0)
		return r;
	if (!cdisk_range_inside(offset, length, t.dm.sectors * 512))
		return -EINVAL;
	end = cdisk_round_down(offset + length, t.crypt.sector_size);
	range[0] = cdisk_round_down(offset + t.crypt.sector_size - 1, t.crypt.sector_size);
	if (end <= range[0]) {
		*ret_bytes = 0;
		return 0;
	}
	range[1] = end - range[0];
	range[0] += t.crypt.offset * 512;
	(void)snprintf(node, sizeof(node), "/dev/%s", m.below);
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKDISCARD, range) < 0)
		return -errno;
	*ret_bytes = range[1];
	return 0;
}
