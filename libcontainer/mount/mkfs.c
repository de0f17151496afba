// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "base/description.h"
#include "base/io.h"
#include "base/util.h"
#include "mount/fstool.h"
#include "mount/label.h"

/* mke2fs keeps ten for itself; lost+found and room for a few more files come on top. */
#define SPARE_INODES 64

struct maker {
	const char *fs;
	size_t label_max;
	const char *label_unit;
	int (*make)(struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t,
		const char *disk);
};

/* Runs what was put together; anything but success becomes mkfs's own sentence. */
static int run_mkfs(struct cdisk *c, const char *fs, struct cdisk_fstool *t)
{
	char reason[256];
	int r = cdisk_fstool_run(c, t);

	if (r <= 0)
		return r;
	cdisk_fstool_reason(t, reason, sizeof(reason));
	if (strstr(t->output, "No space left on device"))
		return cdisk_fail(c, -ENOSPC, "no space left while making %s: %s", fs, reason);
	if (strstr(t->output, "Input/output error"))
		return cdisk_fail(c, -EIO, "cannot make %s: %s", fs, reason);
	/* Too small, mostly: the checks of everything else come before. */
	return cdisk_fail(c, -EINVAL, "cannot make %s: %s", fs, reason);
}

/* mke2fs -d copies; what went wrong there is in its words only. */
static int copy_failure(struct cdisk *c, const char *from, const struct cdisk_fstool *t)
{
	static const char *const full[] = {"Could not allocate block", "Could not allocate inode",
		"No space left on device", "No free space", "Not enough space", "too small"};
	char reason[256];
	int r;

	cdisk_fstool_reason(t, reason, sizeof(reason));
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(full); i++)
		if (strstr(t->output, full[i])) {
			r = cdisk_fail(c, -ENOSPC, "the content does not fit: %s", reason);
			cdisk_object(c, from);
			return r;
		}
	if (strstr(t->output, "Permission denied") || strstr(t->output, "Operation not permitted"))
		r = -EACCES;
	else if (strstr(t->output, "No such file or directory"))
		r = -CDISK_ERR_CORRUPT;
	else
		r = -EIO;
	r = cdisk_fail(c, r, "cannot copy the directory: %s", reason);
	cdisk_object(c, from);
	return r;
}

/* Runs mke2fs with a source that has to be the same before and after. */
static int run_mke2fs_from(struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t)
{
	_cleanup_close_ int dir = open(m->from, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[CDISK_FD_PATH_MAX], inodes[32];
	uint64_t before, after, bytes, count = m->inodes;
	int r;

	if (dir < 0)
		return cdisk_fail(
			c, -errno, "cannot open the directory to copy: %s", strerror(errno));
	cdisk_fd_path(dir, path);
	r = cdisk_tree_fingerprint(c, m->from, &before);
	if (r == 0 && count == 0)
		r = cdisk_tree_measure(c, m->from, &bytes, &count);
	if (r < 0)
		return r;
	(void)snprintf(inodes, sizeof(inodes), "%llu",
		(unsigned long long)(count + count / 16 + SPARE_INODES));
	cdisk_fstool_add2(t, "-N", inodes);
	cdisk_fstool_add2(t, "-d", path);
	t->keep_fds[t->n_keep_fds++] = dir;
	r = cdisk_fstool_run(c, t);
	if (r > 0)
		return copy_failure(c, m->from, t);
	if (r == 0)
		r = cdisk_tree_fingerprint(c, m->from, &after);
	if (r == 0 && before != after) {
		r = cdisk_fail(c, -CDISK_ERR_CORRUPT,
			"'%s' changed while it was copied, the copy would be a mixture", m->from);
		cdisk_object(c, m->from);
		cdisk_hint(c, "try again when nothing writes to it");
	}
	return r;
}

/*
 * Nothing is discarded or zeroed: a new disk decrypts to random bytes, which the uninitialised
 * flags of ext4 cover for inode tables, and its checksums for the journal. A zeroed journal alone
 * would be up to 1 GiB of writes.
 */
static int make_ext4(
	struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t, const char *disk)
{
	char options[128];

	(void)snprintf(options, sizeof(options),
		"nodiscard,lazy_itable_init=1,lazy_journal_init=1,root_owner=%u:%u", m->uid,
		m->gid);
	cdisk_fstool_add(t, "-q");
	cdisk_fstool_add(t, "-F");
	cdisk_fstool_add2(t, "-t", "ext4");
	/* No block below the largest sector, so that a write never tears a neighbour. */
	cdisk_fstool_add2(t, "-b", "4096");
	/* A reserve for the system's own services is of no use on a disk of data. */
	cdisk_fstool_add2(t, "-m", "0");
	cdisk_fstool_add2(t, "-E", options);
	if (m->label)
		cdisk_fstool_add2(t, "-L", m->label);
	if (!m->from) {
		cdisk_fstool_add(t, disk);
		return run_mkfs(c, m->fs, t);
	}
	/* getopt takes options after the disk as well. */
	cdisk_fstool_add(t, disk);
	return run_mke2fs_from(c, m, t);
}

static int make_vfat(
	struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t, const char *disk)
{
	char sector[16], label[16] = "";

	(void)snprintf(sector, sizeof(sector), "%u", m->sector_size);
	cdisk_fstool_add(t, "-I");
	cdisk_fstool_add2(t, "-S", sector);
	if (m->label) {
		(void)snprintf(label, sizeof(label), "%s", m->label);
		/* FAT knows capital letters only; Windows does the same to what is typed. */
		for (char *p = label; *p; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		cdisk_fstool_add2(t, "-n", label);
	}
	cdisk_fstool_add(t, disk);
	return run_mkfs(c, m->fs, t);
}

/* True if mkfs.exfat knows --sector-size (exfatprogs from 1.2.3 on). */
static bool exfat_has_sector_option(struct cdisk *c)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};

	if (cdisk_fstool_init(c, &t, "mkfs.exfat", "exfatprogs") < 0)
		return false;
	cdisk_fstool_add(&t, "--help");
	return cdisk_fstool_run(c, &t) >= 0 && strstr(t.output, "--sector-size");
}

uint32_t cdisk_mkfs_sector_max(struct cdisk *c, const char *fs)
{
	if (strcmp(fs, "exfat") != 0 || exfat_has_sector_option(c))
		return CDISK_SECTOR_MAX;
	return CDISK_SECTOR_MIN;
}

static int make_exfat(
	struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t, const char *disk)
{
	char sector[16], mkfs[sizeof(t->path)];
	int r;

	/* It converts the label from the locale's characters, and the clean environment has none.
	 */
	memcpy(mkfs, t->path, sizeof(mkfs));
	r = cdisk_fstool_init(c, t, "env", "coreutils");
	if (r < 0)
		return r;
	t->what = "making the filesystem";
	cdisk_fstool_add2(t, "LC_ALL=C.UTF-8", mkfs);
	if (m->sector_size > CDISK_SECTOR_MIN) {
		(void)snprintf(sector, sizeof(sector), "%u", m->sector_size);
		cdisk_fstool_add2(t, "-s", sector);
	}
	if (m->label)
		cdisk_fstool_add2(t, "-L", m->label);
	cdisk_fstool_add(t, disk);
	return run_mkfs(c, m->fs, t);
}

/* The root directory's owner is only to be had from a prototype file: here one in memory. */
static int xfs_prototype(struct cdisk *c, const struct cdisk_mkfs *m, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	char text[96];
	int n, r;

	n = snprintf(text, sizeof(text), "/\n0 0\nd--755 %u %u\n$\n", m->uid, m->gid);
	r = cdisk_memfd_new("xfs-prototype", (uint64_t)n, &fd);
	if (r == 0)
		r = cdisk_pwrite_full(fd, text, (size_t)n, 0);
	if (r < 0)
		return cdisk_fail(c, r, "cannot write the prototype of xfs: %s", strerror(-r));
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

static int make_xfs(
	struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t, const char *disk)
{
	_cleanup_close_ int proto = -1;
	char sector[32], path[CDISK_FD_PATH_MAX];
	int r = xfs_prototype(c, m, &proto);

	if (r < 0)
		return r;
	cdisk_fd_path(proto, path);
	(void)snprintf(sector, sizeof(sector), "size=%u", m->sector_size);
	cdisk_fstool_add(t, "-q");
	cdisk_fstool_add(t, "-f");
	cdisk_fstool_add(t, "-K");
	cdisk_fstool_add2(t, "-s", sector);
	cdisk_fstool_add2(t, "-p", path);
	if (m->label)
		cdisk_fstool_add2(t, "-L", m->label);
	cdisk_fstool_add(t, disk);
	t->keep_fds[t->n_keep_fds++] = proto;
	return run_mkfs(c, m->fs, t);
}

/* mkfs.btrfs gives the root directory to root, whoever calls it. */
static int btrfs_own_root(struct cdisk *c, const struct cdisk_mkfs *m, const char *disk)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	char owner[32], reason[256];
	int r;

	if (m->uid == 0 && m->gid == 0)
		return 0;
	if (geteuid() != 0 || !cdisk_fs_kernel("btrfs")) {
		cdisk_log(c, CDISK_LOG_WARNING,
			"the root directory of the new btrfs belongs to root: only a mounted btrfs "
			"can "
			"change that, and mounting it takes root; then 'chown %u:%u MOUNTPOINT'",
			m->uid, m->gid);
		return 0;
	}
	(void)snprintf(owner, sizeof(owner), "%u:%u", m->uid, m->gid);
	r = cdisk_fstool_init(c, &t, "chown", "coreutils");
	if (r < 0)
		return r;
	cdisk_fstool_add2(&t, owner, CDISK_FSTOOL_MOUNT);
	r = cdisk_fstool_in_mount(c, &t, "btrfs", disk);
	if (r == 0)
		r = cdisk_fstool_run(c, &t);
	if (r <= 0)
		return r;
	cdisk_fstool_reason(&t, reason, sizeof(reason));
	return cdisk_fail(c, -EIO, "cannot give the new btrfs to its owner: %s", reason);
}

static int make_btrfs(
	struct cdisk *c, const struct cdisk_mkfs *m, struct cdisk_fstool *t, const char *disk)
{
	int r;

	cdisk_fstool_add(t, "-q");
	cdisk_fstool_add(t, "-f");
	cdisk_fstool_add(t, "-K");
	cdisk_fstool_add2(t, "-s", "4096");
	if (m->label)
		cdisk_fstool_add2(t, "-L", m->label);
	cdisk_fstool_add(t, disk);
	r = run_mkfs(c, m->fs, t);
	return r < 0 ? r : btrfs_own_root(c, m, disk);
}

static const struct maker makers[] = {
	{"ext4", 16, "bytes", make_ext4},
	{"vfat", 11, "characters", make_vfat},
	{"exfat", 11, "characters", make_exfat},
	{"xfs", 12, "bytes", make_xfs},
	{"btrfs", 255, "bytes", make_btrfs},
};

static const struct maker *maker_get(const char *fs)
{
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(makers); i++)
		if (strcmp(makers[i].fs, fs) == 0)
			return &makers[i];
	return NULL;
}

static int check_label(struct cdisk *c, const struct maker *mk, const char *label)
{
	bool exfat = strcmp(mk->fs, "exfat") == 0;
	size_t length = exfat ? cdisk_label_utf16(label) : strlen(label);
	const char *why = NULL;
	int r = cdisk_label_check(label, &why);

	if (r == 0 && length > mk->label_max)
		return cdisk_fail(c, -EINVAL, "a label of %s has at most %zu %s, '%s' has %zu",
			mk->fs, mk->label_max, mk->label_unit, label, length);
	for (const char *p = label; r == 0 && strcmp(mk->fs, "vfat") == 0 && *p; p++)
		if ((unsigned char)*p >= 0x80) {
			why = "vfat takes ASCII letters only";
			r = -EINVAL;
		} else if (strchr("*?.,;:\\|+=<>[]\"", *p)) {
			why = "vfat takes none of *?.,;:\\|+=<>[]\"";
			r = -EINVAL;
		}
	if (r < 0)
		return cdisk_fail(c, r, "the label cannot be used: %s", why);
	return 0;
}

int cdisk_mkfs_check(struct cdisk *c, const struct cdisk_mkfs *m)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	const struct maker *mk = maker_get(m->fs);
	const struct cdisk_fstype *type = cdisk_fstype_get(m->fs);
	int r;

	if (!mk || !type)
		return cdisk_fail(c, -EINVAL,
			"'%s' is no filesystem that can be made: ext4, vfat, exfat, xfs or btrfs",
			m->fs);
	if (m->from && strcmp(m->fs, "ext4") != 0)
		return cdisk_fail(
			c, -EINVAL, "only ext4 can be made from a directory, not %s", m->fs);
	if (m->sector_size < CDISK_SECTOR_MIN || m->sector_size > CDISK_SECTOR_MAX ||
		(m->sector_size & (m->sector_size - 1)) != 0)
		return cdisk_fail(c, -EINVAL, "a sector has 512, 1024, 2048 or 4096 bytes, not %u",
			m->sector_size);
	r = m->label ? check_label(c, mk, m->label) : 0;
	if (r == 0)
		r = cdisk_fstool_init(c, &t, type->mkfs, type->package);
	if (r == 0 && m->sector_size > cdisk_mkfs_sector_max(c, m->fs)) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the installed %s cannot make %s for sectors of %u bytes", type->mkfs,
			m->fs, m->sector_size);
		cdisk_hint(c, "use sectors of 512 bytes");
	}
	return r;
}

int cdisk_mkfs(struct cdisk *c, const struct cdisk_mkfs *m, const char *disk)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	const struct cdisk_fstype *type;
	int r = cdisk_mkfs_check(c, m);

	if (r < 0)
		return r;
	type = cdisk_fstype_get(m->fs);
	r = cdisk_fstool_init(c, &t, type->mkfs, type->package);
	if (r < 0)
		return r;
	t.what = "making the filesystem";
	return maker_get(m->fs)->make(c, m, &t, disk);
}
