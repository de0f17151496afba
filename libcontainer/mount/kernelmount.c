// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounting by the kernel: as root, through a loop device with the volume's sector size. */
#include "mount/mounting.h"

#include <fcntl.h>
#include <libmount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/description.h"
#include "base/io.h"

/* A type from a disk makes the kernel load code: only these. */
static const struct {
	const char *type;
	const char *kernel;
	bool foreign; /* has no owners: it gets one by option */
} allowed[] = {
	{"ext4", "ext4", false},
	{"ext3", "ext3", false},
	{"ext2", "ext2", false},
	{"xfs", "xfs", false},
	{"btrfs", "btrfs", false},
	{"vfat", "vfat", true},
	{"exfat", "exfat", true},
	{"ntfs", "ntfs3", true},
	{"iso9660", "iso9660", true},
	{"udf", "udf", true},
	{"squashfs", "squashfs", false},
	{"erofs", "erofs", false},
};

static int allowed_find(const char *type)
{
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(allowed); i++)
		if (strcmp(allowed[i].type, type) == 0)
			return (int)i;
	return -1;
}

bool cdisk_kernel_mounts(const char *type)
{
	int i = allowed_find(type);

	return i >= 0 && cdisk_fs_kernel(allowed[i].kernel);
}

/*
 * The volume's sector size, so that no write is smaller than what is encrypted as a whole; less
 * only where the filesystem was made with smaller blocks, which the kernel would refuse otherwise.
 */
static uint32_t loop_block_size(struct cdisk *c, int fd, const struct cdisk_fs *fs)
{
	struct stat st;
	uint32_t size = CDISK_SECTOR_MIN;

	if (fstat(fd, &st) == 0 && st.st_blksize > (blksize_t)CDISK_SECTOR_MIN)
		size = st.st_blksize > (blksize_t)CDISK_SECTOR_MAX ? CDISK_SECTOR_MAX
								   : (uint32_t)st.st_blksize;
	if (fs->block_size < CDISK_SECTOR_MIN || fs->block_size >= size)
		return size;
	cdisk_log(c, CDISK_LOG_INFO,
		"the blocks of this %s (%u bytes) are smaller than the volume's "
		"sectors (%u): writes are slower",
		fs->type, fs->block_size, size);
	return fs->block_size;
}

int cdisk_disk_loop(struct cdisk *c, struct cdisk_attachment *a, int fd, const struct cdisk_fs *fs,
	bool read_only, int *ret_fd)
{
	return cdisk_loop_attach(
		c, fd, loop_block_size(c, fd, fs), read_only, a->node, sizeof(a->node), ret_fd);
}

static int mount_failed(
	struct cdisk *c, struct libmnt_context *cxt, int rc, const char *type, const char *path)
{
	int e = mnt_context_syscall_called(cxt) ? mnt_context_get_syscall_errno(cxt) : 0;
	char text[256] = "";

	if (e == 0) {
		(void)mnt_context_get_excode(cxt, rc, text, sizeof(text));
		return cdisk_fail(c, rc < 0 ? rc : -EIO, "cannot mount %s at %s: %s", type, path,
			text[0] ? text : "the reason is not known");
	}
	if (e == EINVAL || e == EUCLEAN || e == EBADMSG || e == EIO || e == ENODATA) {
		(void)cdisk_fail(c, -CDISK_ERR_FILESYSTEM,
			"the kernel refuses the %s filesystem: %s", type, strerror(e));
		cdisk_hint(c, "check it with 'cryptdisk fsck', or try other mount options");
		return -CDISK_ERR_FILESYSTEM;
	}
	(void)cdisk_fail(c, -e, "cannot mount %s at %s: %s", type, path, strerror(e));
	if (e == EROFS && strncmp(type, "ext", 3) == 0)
		cdisk_hint(c, "its journal must be replayed, which read-only forbids; "
			      "'-o noload' mounts it without");
	return -e;
}

/* Only what we say: no fstab, no helper programs, no resolving of paths, no records elsewhere. */
static int context_prepare(struct libmnt_context *cxt, const char *node, const char *target,
	const char *type, const char *options)
{
	int r = mnt_context_disable_helpers(cxt, 1);

	/* A mount that was to be written to does not become read-only in silence. */
	if (r == 0)
		r = mnt_context_enable_rwonly_mount(cxt, 1);
	if (r == 0)
		r = mnt_context_disable_canonicalize(cxt, 1);
	if (r == 0)
		r = mnt_context_disable_mtab(cxt, 1);
	if (r == 0)
		r = mnt_context_set_optsmode(cxt, MNT_OMODE_NOTAB);
	if (r == 0)
		r = mnt_context_set_source(cxt, node);
	if (r == 0)
		r = mnt_context_set_target(cxt, target);
	if (r == 0)
		r = mnt_context_set_fstype(cxt, type);
	if (r == 0)
		r = mnt_context_set_options(cxt, options);
	return r;
}

static int kernel_mount_node(struct cdisk *c, const char *node, const char *type,
	const struct cdisk_options *o, const struct cdisk_mountpoint *mp)
{
	struct libmnt_context *cxt = mnt_new_context();
	char target[CDISK_FD_PATH_MAX];
	int r;

	if (!cxt)
		return cdisk_fail(c, -ENOMEM, "not enough memory to mount");
	cdisk_fd_path(mp->fd, target);
	r = context_prepare(cxt, node, target, type, o->text);
	if (r < 0) {
		r = cdisk_fail(c, r, "cannot prepare the mount: %s", strerror(-r));
	} else {
		r = mnt_context_mount(cxt);
		if (r != 0)
			r = mount_failed(c, cxt, r, type, mp->path);
	}
	mnt_free_context(cxt);
	return r;
}

/* The descriptor was held, but its directory may have been moved in between: look where it went. */
static int place_verify(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_mountpoint *mp)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	const struct cdisk_mount_entry *e;
	int r = cdisk_mountinfo_read(&m);

	/* By number, too: btrfs shows the name that udev gave its device. */
	if (r == 0)
		r = cdisk_over_find(&m, a->disk, a->uid, &over);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	e = cdisk_mountinfo_at(&m, mp->path);
	for (size_t i = 0; i < over.n_mounts; i++)
		if (over.mounts[i] == e)
			return 0;
	for (size_t i = 0; i < over.n_mounts; i++)
		(void)cdisk_fuse_umount(c, over.mounts[i]->target, true, 2000);
	return cdisk_fail(
		c, -EACCES, "the mount point %s was moved while it was being mounted", mp->path);
}

int cdisk_kernel_mount(struct cdisk *c, const struct cdisk_attachment *a, const char *type,
	uint32_t owner, const struct cdisk_options *o, const struct cdisk_mountpoint *mp)
{
	struct cdisk_options options = *o;
	int i = allowed_find(type), r = 0;
	char text[32];

	if (i < 0)
		return cdisk_fail(
			c, -CDISK_ERR_UNSUPPORTED, "%s filesystems are not mounted", type);
	if (allowed[i].foreign && owner != UINT32_MAX) {
		(void)snprintf(text, sizeof(text), "uid=%u", owner);
		r = cdisk_options_add(c, &options, text);
	}
	if (r == 0)
		r = kernel_mount_node(c, a->node, allowed[i].kernel, &options, mp);
	return r < 0 ? r : place_verify(c, a, mp);
}
