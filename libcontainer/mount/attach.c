// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounting a disk: what lies on it decides how, who asks decides where. */
#include "mount/mounting.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "backend/mapping.h"

bool cdisk_disk_is_served(const struct cdisk_attachment *a)
{
	return a->pid != 0;
}

/* A node may be a link of udev's: what counts is that it leads to the mapping of this name. */
static int node_open(struct cdisk *c, const struct cdisk_attachment *a, bool read_only, int *ret_fd)
{
	_cleanup_close_ int fd = open(a->disk, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	struct cdisk_mapped m;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return cdisk_fail(
			c, -errno, "cannot open the disk %s: %s", a->disk, strerror(errno));
	if (cdisk_mapping_of(a, &m) < 0 || !S_ISBLK(st.st_mode) ||
		st.st_rdev != makedev(m.major, m.minor))
		return cdisk_fail(c, -ENXIO, "%s is not the disk of volume %s", a->disk, a->id);
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

static int disk_open(struct cdisk *c, const struct cdisk_attachment *a, bool read_only, int *ret_fd)
{
	int fd;

	if (!cdisk_disk_is_served(a))
		return node_open(c, a, read_only, ret_fd);
	if (cdisk_process_look(a->pid, a->pid_start) != CDISK_PROCESS_RUNS)
		return cdisk_fail(c, -EIO, "the server of %s does not run", a->disk);
	fd = open(a->disk, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return cdisk_fail(
			c, -errno, "cannot open the disk %s: %s", a->disk, strerror(errno));
	*ret_fd = fd;
	return 0;
}

static int filesystem_find(
	struct cdisk *c, const struct cdisk_attachment *a, int fd, struct cdisk_fs *fs)
{
	int r = cdisk_fs_probe(c, fd, fs);

	if (r < 0)
		return r;
	if (fs->ambiguous) {
		(void)cdisk_fail(c, -CDISK_ERR_FILESYSTEM,
			"%s has the signatures of more than one "
			"filesystem",
			a->disk);
		cdisk_hint(c, "remove the old one with 'wipefs' on the opened disk");
		return -CDISK_ERR_FILESYSTEM;
	}
	if (!fs->type[0]) {
		(void)cdisk_fail(
			c, -CDISK_ERR_FILESYSTEM, "no filesystem was found on %s", a->disk);
		cdisk_hint(c, "make one with mkfs on the disk that 'cryptdisk open' gives");
		return -CDISK_ERR_FILESYSTEM;
	}
	return 0;
}

/* The mount as the kernel shows it now, into *a. */
static void mounted_fill(
	struct cdisk_attachment *a, const struct cdisk_fs *fs, const struct cdisk_mountpoint *mp)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	const struct cdisk_mount_entry *e;

	a->state = CDISK_STATE_MOUNTED;
	(void)snprintf(a->mountpoint, sizeof(a->mountpoint), "%s", mp->path);
	(void)snprintf(a->fstype, sizeof(a->fstype), "%s", fs->type);
	if (cdisk_mountinfo_read(&m) < 0)
		return;
	e = cdisk_mountinfo_at(&m, mp->path);
	if (e && strncmp(e->type, "fuse", 4) == 0)
		a->fs_connection = e->minor;
	if (e && cdisk_option_has(e->flags, "ro"))
		a->read_only = 1;
}

/* How this type gets mounted here: program stays empty for the kernel's way. */
static int way_choose(struct cdisk *c, const struct cdisk_fs *fs, const struct cdisk_mount *m,
	bool served, char *program, size_t size)
{
	program[0] = '\0';
	if (geteuid() == 0 && cdisk_kernel_mounts(fs->type)) {
		cdisk_log(c, CDISK_LOG_EXPLAIN, "%s: mounted by the kernel%s", fs->type,
			served ? " over a loop device" : "");
		return 0;
	}
	if (m->owner != UINT32_MAX && m->owner != geteuid()) {
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"the kernel has no %s, so root cannot mount "
			"it for uid %u",
			fs->type, m->owner);
		cdisk_hint(c, "let that user mount it");
		return -CDISK_ERR_NO_BACKEND;
	}
	cdisk_log(c, CDISK_LOG_EXPLAIN, "%s: mounted by a filesystem server (%s)", fs->type,
		geteuid() == 0 ? "the kernel has none" : "not root");
	return cdisk_fsserver_find(c, fs->type, program, size);
}

static const char *label_choose(const struct cdisk_attachment *a, const struct cdisk_fs *fs)
{
	if (a->label[0])
		return a->label;
	return fs->label[0] ? fs->label : a->name;
}

int cdisk_fs_mount(struct cdisk *c, struct cdisk_attachment *a, const struct cdisk_mount *m)
{
	struct cdisk_mountpoint mp = {.fd = -1, .lock = -1};
	_cleanup_free_ struct cdisk_options *o = calloc(1, sizeof(*o));
	_cleanup_close_ int fd = -1, loop = -1;
	struct cdisk_fs fs = {0};
	char program[256];
	int r;

	if (!o)
		return cdisk_fail(c, -ENOMEM, "not enough memory to mount");
	if (a->mountpoint[0])
		return cdisk_fail(
			c, -EEXIST, "%s is mounted at %s already", a->disk, a->mountpoint);
	r = cdisk_options_make(c, m->options, geteuid() == 0,
		a->read_only || (m->flags & CDISK_MOUNT_READONLY), o);
	if (r == 0)
		r = disk_open(c, a, o->read_only, &fd);
	if (r == 0)
		r = filesystem_find(c, a, fd, &fs);
	if (r == 0)
		r = way_choose(c, &fs, m, cdisk_disk_is_served(a), program, sizeof(program));
	if (r == 0 && program[0])
		r = cdisk_fsserver_check(c, a, fd, fs.type, o);
	if (r == 0)
		r = cdisk_mountpoint_prepare(c, m, label_choose(a, &fs), a->instance, &mp);
	if (r < 0)
		return r;
	if (geteuid() == 0 && cdisk_disk_is_served(a))
		r = cdisk_disk_loop(c, a, fd, &fs, o->read_only, &loop);
	if (r == 0)
		cdisk_link_make(c, a, mp.lock >= 0);
	if (r == 0 && program[0])
		r = cdisk_fsserver_mount(c, a, program, o, &mp);
	else if (r == 0)
		r = cdisk_kernel_mount(c, a, fs.type, m->owner, o, &mp);
	if (r == 0)
		mounted_fill(a, &fs, &mp);
	else if (cdisk_disk_is_served(a))
		a->node[0] = '\0'; /* autoclear: the loop device goes with its descriptor */
	cdisk_mountpoint_done(&mp, r == 0);
	return r;
}
