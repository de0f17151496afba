// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <blkid.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/util.h"
#include "mount/label.h"

static void cleanup_probe(blkid_probe *pr)
{
	blkid_free_probe(*pr);
}

#define _cleanup_probe_ CDISK_CLEANUP(cleanup_probe)

static int probe_new(struct cdisk *c, int fd, blkid_probe *ret_probe)
{
	_cleanup_probe_ blkid_probe pr = blkid_new_probe();

	if (!pr)
		return cdisk_fail(c, -ENOMEM, "out of memory while looking for a filesystem");
	errno = 0;
	if (blkid_probe_set_device(pr, fd, 0, 0) < 0)
		return cdisk_fail(c, errno ? -errno : -EIO, "cannot look for a filesystem: %s",
			strerror(errno ? errno : EIO));
	*ret_probe = cdisk_steal(&pr);
	return 0;
}

/*
 * libblkid gives -1 both for a file that ends too early and for one that cannot be read; only the
 * second is an error here.
 */
static int probe_error(struct cdisk *c)
{
	if (errno == EIO || errno == EACCES || errno == EPERM || errno == ENOTCONN)
		return cdisk_fail(
			c, -errno, "cannot read the disk's first sectors: %s", strerror(errno));
	return 0;
}

static void probe_text(blkid_probe pr, const char *name, char *dst, size_t size)
{
	const char *value = NULL;
	size_t length = 0;

	dst[0] = '\0';
	if (blkid_probe_lookup_value(pr, name, &value, &length) == 0 && value)
		cdisk_label_clean(dst, size, value, length);
}

static uint32_t probe_number(blkid_probe pr, const char *name)
{
	char text[32];
	unsigned long v;
	char *end;

	probe_text(pr, name, text, sizeof(text));
	v = strtoul(text, &end, 10);
	return text[0] == '\0' || *end != '\0' || v > UINT32_MAX ? 0 : (uint32_t)v;
}

static uint64_t le_at(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | p[bytes];
	return v;
}

static uint64_t be_at(const uint8_t *p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

static uint64_t ext_size(const uint8_t *sb)
{
	uint64_t blocks = le_at(sb + 0x04, 4), size;
	uint64_t shift = le_at(sb + 0x18, 4);

	if (le_at(sb + 0x60, 4) & 0x80) /* INCOMPAT_64BIT */
		blocks |= le_at(sb + 0x150, 4) << 32;
	return shift <= 6 && cdisk_mul_u64(blocks, UINT64_C(1024) << shift, &size) ? size : 0;
}

static uint64_t xfs_size(const uint8_t *sb)
{
	uint64_t size;

	return cdisk_mul_u64(be_at(sb + 4, 4), be_at(sb + 8, 8), &size) ? size : 0;
}

static uint64_t btrfs_size(const uint8_t *sb)
{
	return le_at(sb + 0x70, 8);
}

/*
 * libblkid before 2.39 does not tell a filesystem's size, and later ones leave out the metadata of
 * some types; what counts here is where the filesystem ends on the disk.
 */
static uint64_t fs_size(int fd, const char *type)
{
	static const struct {
		const char *type;
		uint64_t offset;
		uint64_t (*size)(const uint8_t *sb);
	} known[] = {
		{"ext2", 1024, ext_size},
		{"ext3", 1024, ext_size},
		{"ext4", 1024, ext_size},
		{"xfs", 0, xfs_size},
		{"btrfs", 65536, btrfs_size},
	};
	uint8_t sb[512];

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(known); i++)
		if (strcmp(known[i].type, type) == 0)
			return cdisk_pread_full(fd, sb, sizeof(sb), known[i].offset) < 0
				       ? 0
				       : known[i].size(sb);
	return 0;
}

int cdisk_fs_probe(struct cdisk *c, int fd, struct cdisk_fs *ret_fs)
{
	_cleanup_probe_ blkid_probe pr = NULL;
	struct cdisk_fs fs = {.type = ""};
	int r = probe_new(c, fd, &pr);

	if (r < 0)
		return r;
	(void)blkid_probe_enable_superblocks(pr, 1);
	(void)blkid_probe_set_superblocks_flags(pr,
		BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_USAGE);
	errno = 0;
	r = blkid_do_safeprobe(pr);
	if (r == -1) {
		r = probe_error(c);
		if (r < 0)
			return r;
	} else if (r == -2) {
		fs.ambiguous = true;
	} else if (r == 0) {
		probe_text(pr, "TYPE", fs.type, sizeof(fs.type));
		probe_text(pr, "LABEL", fs.label, sizeof(fs.label));
		probe_text(pr, "UUID", fs.uuid, sizeof(fs.uuid));
		fs.block_size = probe_number(pr, "BLOCK_SIZE");
		fs.size = fs_size(fd, fs.type);
	}
	*ret_fs = fs;
	return 0;
}

int cdisk_signature(struct cdisk *c, int fd, char *ret_type, size_t size)
{
	_cleanup_probe_ blkid_probe pr = NULL;
	char type[32] = "";
	int r = probe_new(c, fd, &pr);

	if (r < 0)
		return r;
	(void)blkid_probe_enable_superblocks(pr, 1);
	/* A damaged superblock is somebody's data, too. */
	(void)blkid_probe_set_superblocks_flags(
		pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM);
	(void)blkid_probe_enable_partitions(pr, 1);
	(void)blkid_probe_set_partitions_flags(pr, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
	errno = 0;
	/* Not the safe variant: that one keeps silent about a disk with two signatures. */
	r = blkid_do_probe(pr);
	if (r < 0) {
		r = probe_error(c);
		if (r < 0)
			return r;
	} else if (r == 0) {
		probe_text(pr, "TYPE", type, sizeof(type));
		if (type[0] == '\0')
			probe_text(pr, "PTTYPE", type, sizeof(type));
		if (type[0] == '\0')
			(void)snprintf(type, sizeof(type), "unknown");
	}
	(void)snprintf(ret_type, size, "%s", type);
	return 0;
}
