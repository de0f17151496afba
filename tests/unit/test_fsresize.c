// SPDX-License-Identifier: GPL-2.0-or-later
#include "fs_image.h"

static uint64_t probed_size(struct fixture *f)
{
	struct cdisk_fs fs = {.size = 0};
	int fd = image_open(f);

	assert_int_equal(cdisk_fs_probe(&f->c, fd, &fs), 0);
	close(fd);
	return fs.size;
}

static void ext4_with_content(struct fixture *f, uint64_t size, unsigned int content_mib)
{
	char command[512];

	image_new(f, size);
	(void)snprintf(command, sizeof(command),
		"mkdir -p src && head -c %uM /dev/urandom >src/a && "
		"mke2fs -q -F -t ext4 -b 4096 -d src disk",
		content_mib);
	assert_int_equal(run_shell(f, command), 0);
}

static void expect_content(struct fixture *f)
{
	assert_int_equal(run_shell(f, "e2fsck -fn disk"), 0);
	assert_int_equal(run_shell(f, "debugfs -R 'dump a copy' disk && cmp copy src/a"), 0);
}

static void ext4_grows_to_its_disk(void **state)
{
	struct fixture *f = *state;

	ext4_with_content(f, 32 * MIB, 8);
	assert_int_equal(truncate(f->disk, 200 * MIB), 0);
	assert_int_equal(cdisk_fs_resize(&f->c, "ext4", f->disk, 0), 0);
	assert_int_equal(probed_size(f), 200 * MIB);
	expect_content(f);
}

static void ext4_shrinks_and_keeps_its_content(void **state)
{
	struct fixture *f = *state;

	ext4_with_content(f, 200 * MIB, 8);
	assert_int_equal(cdisk_fs_resize(&f->c, "ext4", f->disk, 64 * MIB), 0);
	assert_int_equal(probed_size(f), 64 * MIB);
	assert_int_equal(truncate(f->disk, 64 * MIB), 0);
	expect_content(f);
}

static void shrink_below_the_content_is_refused_with_the_smallest_size(void **state)
{
	struct fixture *f = *state;
	uint64_t min = 0;
	char text[32];

	ext4_with_content(f, 128 * MIB, 40);
	assert_int_equal(cdisk_fs_size_min(&f->c, "ext4", f->disk, &min), 0);
	assert_true(min > 40 * MIB && min < 128 * MIB);
	assert_int_equal(cdisk_fs_resize(&f->c, "ext4", f->disk, 32 * MIB), -ENOSPC);
	(void)snprintf(text, sizeof(text), "at least %llu bytes", (unsigned long long)min);
	assert_non_null(strstr(f->c.message, text));
	assert_int_equal(probed_size(f), 128 * MIB);
	expect_content(f);
	assert_int_equal(cdisk_fs_resize(&f->c, "ext4", f->disk, min), 0);
	expect_content(f);
}

static void vfat_and_unknown_types_cannot_be_resized(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(cdisk_fs_resize(&f->c, "vfat", f->disk, 0), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(cdisk_fs_resize(&f->c, "", f->disk, 0), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(cdisk_fs_resize(&f->c, "xfs", f->disk, MIB), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(f->c.message, "not shrink"));
	assert_int_equal(cdisk_fs_grow_online(&f->c, "ext4", "", "/mnt"), -CDISK_ERR_UNSUPPORTED);
}

static void need_kernel(const char *type)
{
	need_root();
	need_program(cdisk_fstype_get(type)->mkfs);
	if (cdisk_fs_kernel(type))
		return;
	print_message("SKIPPED: this kernel has no %s\n", type);
	skip();
}

static void btrfs_grows_and_shrinks_unmounted(void **state)
{
	struct fixture *f = *state;

	need_kernel("btrfs");
	image_new(f, 300 * MIB);
	assert_int_equal(run_shell(f, "mkfs.btrfs -q -K disk"), 0);
	assert_int_equal(truncate(f->disk, 400 * MIB), 0);
	assert_int_equal(cdisk_fs_resize(&f->c, "btrfs", f->disk, 0), 0);
	assert_int_equal(probed_size(f), 400 * MIB);
	assert_int_equal(cdisk_fs_resize(&f->c, "btrfs", f->disk, 280 * MIB), 0);
	assert_int_equal(probed_size(f), 280 * MIB);
	assert_int_not_equal(cdisk_fs_resize(&f->c, "btrfs", f->disk, 40 * MIB), 0);
	assert_int_equal(probed_size(f), 280 * MIB);
	assert_int_equal(run_shell(f, "btrfs check disk"), 0);
}

static void xfs_grows_unmounted_and_leaves_no_mount_behind(void **state)
{
	struct fixture *f = *state;

	need_kernel("xfs");
	image_new(f, 320 * MIB);
	assert_int_equal(run_shell(f, "mkfs.xfs -q -K disk"), 0);
	assert_int_equal(truncate(f->disk, 400 * MIB), 0);
	assert_int_equal(cdisk_fs_resize(&f->c, "xfs", f->disk, 0), 0);
	assert_int_equal(probed_size(f), 400 * MIB);
	assert_int_not_equal(run_shell(f, "losetup -j \"$1\" | grep ."), 0);
	assert_int_not_equal(run_shell(f, "grep \"$1\" /proc/self/mountinfo"), 0);
}

/* Mounts the disk through a loop device, makes both larger, grows the filesystem: the result. */
static int grow_mounted(struct fixture *f, const char *type)
{
	char node[64] = "", mountpoint[128];
	int r;

	(void)snprintf(mountpoint, sizeof(mountpoint), "%s/mnt", f->dir);
	assert_int_equal(run_shell(f, "mkdir mnt && losetup -f --show disk"), 0);
	assert_int_equal(sscanf(f->output, "%63s", node), 1);
	assert_int_equal(truncate(f->disk, 400 * MIB), 0);
	assert_int_equal(run_shell(f, "l=$(losetup -n -O NAME -j disk) && mount $l mnt && "
				      "losetup -c $l && losetup -d $l"),
		0);
	r = cdisk_fs_grow_online(&f->c, type, node, mountpoint);
	assert_int_equal(run_shell(f, "umount mnt"), 0);
	return r;
}

static void ext4_grows_while_mounted(void **state)
{
	struct fixture *f = *state;
	int r;

	need_kernel("ext4");
	ext4_with_content(f, 64 * MIB, 8);
	r = grow_mounted(f, "ext4");
	if (r == -EPERM) {
		assert_int_equal(probed_size(f), 64 * MIB);
		print_message("SKIPPED: %s (it needs CAP_SYS_RESOURCE)\n", f->c.message);
		skip();
	}
	assert_int_equal(r, 0);
	assert_int_equal(probed_size(f), 400 * MIB);
	expect_content(f);
}

static void xfs_and_btrfs_grow_while_mounted(void **state)
{
	struct fixture *f = *state;

	need_kernel("xfs");
	image_new(f, 320 * MIB);
	assert_int_equal(run_shell(f, "mkfs.xfs -q -K disk"), 0);
	assert_int_equal(grow_mounted(f, "xfs"), 0);
	assert_int_equal(probed_size(f), 400 * MIB);
	need_kernel("btrfs");
	image_new(f, 300 * MIB);
	assert_int_equal(run_shell(f, "rmdir mnt && mkfs.btrfs -q -f -K disk"), 0);
	assert_int_equal(grow_mounted(f, "btrfs"), 0);
	assert_int_equal(probed_size(f), 400 * MIB);
}

static void clean_filesystem_passes_the_check(void **state)
{
	struct fixture *f = *state;
	char *report = NULL;

	ext4_with_content(f, 32 * MIB, 1);
	assert_int_equal(cdisk_fsck_run(&f->c, "ext4", f->disk, false, false, &report), 0);
	assert_non_null(strstr(report, "Pass 5"));
	free(report);
	assert_int_equal(cdisk_fsck_run(&f->c, "ext4", f->disk, false, true, NULL), 0);
}

static void damage_is_reported_then_repaired(void **state)
{
	struct fixture *f = *state;
	char *report = NULL;

	ext4_with_content(f, 32 * MIB, 1);
	assert_int_equal(run_shell(f, "debugfs -w -R 'clri a' disk"), 0);
	assert_int_equal(cdisk_fsck_run(&f->c, "ext4", f->disk, false, false, &report),
		-CDISK_ERR_FILESYSTEM);
	assert_non_null(report);
	free(report);
	assert_string_not_equal(f->c.hint, "");
	assert_int_equal(cdisk_fsck_run(&f->c, "ext4", f->disk, true, false, NULL), 0);
	assert_int_equal(cdisk_fsck_run(&f->c, "ext4", f->disk, false, false, NULL), 0);
}

static void resize_of_a_damaged_filesystem_is_refused(void **state)
{
	struct fixture *f = *state;

	ext4_with_content(f, 64 * MIB, 1);
	/* More than e2fsck -p mends by itself. */
	assert_int_equal(run_shell(f, "debugfs -w -R 'clri <2>' disk"), 0);
	assert_int_equal(cdisk_fs_resize(&f->c, "ext4", f->disk, 32 * MIB), -CDISK_ERR_FILESYSTEM);
	assert_int_equal(probed_size(f), 64 * MIB);
}

static void report_holds_no_escape_sequences(void **state)
{
	struct fixture *f = *state;
	char *report = NULL;

	image_new(f, 16 * MIB);
	assert_int_equal(
		run_shell(f, "mkdir src && echo x >\"src/$(printf '\\033]0;owned')\" && "
			     "mke2fs -q -F -t ext4 -d src disk && debugfs -w -R 'clri <12>' disk"),
		0);
	assert_int_equal(cdisk_fsck_run(&f->c, "ext4", f->disk, false, false, &report),
		-CDISK_ERR_FILESYSTEM);
	assert_non_null(strstr(report, "owned"));
	assert_null(strchr(report, '\033'));
	free(report);
}

static void damaged_vfat_is_repaired(void **state)
{
	struct fixture *f = *state;

	need_program("mkfs.vfat");
	image_new(f, 64 * MIB);
	assert_int_equal(run_shell(f, "mkfs.vfat -F 32 disk"), 0);
	assert_int_equal(cdisk_fsck_run(&f->c, "vfat", f->disk, false, false, NULL), 0);
	/* The two copies of the table differ: cluster 200 is used in the first only. */
	assert_int_equal(
		run_shell(f, "printf '\\377\\377\\377\\017' | "
			     "dd of=disk bs=1 seek=$((32*512+800)) conv=notrunc status=none"),
		0);
	assert_int_equal(
		cdisk_fsck_run(&f->c, "vfat", f->disk, false, false, NULL), -CDISK_ERR_FILESYSTEM);
	assert_int_equal(cdisk_fsck_run(&f->c, "vfat", f->disk, true, false, NULL), 0);
	assert_int_equal(cdisk_fsck_run(&f->c, "vfat", f->disk, false, false, NULL), 0);
}

static void healthy_filesystems_of_every_type_pass(void **state)
{
	static const struct {
		const char *fs;
		uint64_t size;
	} all[] = {
		{"vfat", 64 * MIB}, {"exfat", 64 * MIB}, {"xfs", 320 * MIB}, {"btrfs", 200 * MIB}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct cdisk_mkfs m = {.fs = all[i].fs, .sector_size = 512};
		char path[128];

		if (cdisk_program_find(cdisk_fstype_get(all[i].fs)->mkfs, path, sizeof(path)) < 0)
			continue;
		image_new(f, all[i].size);
		assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), 0);
		assert_int_equal(cdisk_fsck_run(&f->c, all[i].fs, f->disk, false, false, NULL), 0);
		assert_int_equal(cdisk_fsck_run(&f->c, all[i].fs, f->disk, false, true, NULL), 0);
	}
	assert_int_equal(
		cdisk_fsck_run(&f->c, "btrfs", f->disk, true, false, NULL), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(
		cdisk_fsck_run(&f->c, "swap", f->disk, false, false, NULL), -CDISK_ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fs_test(ext4_grows_to_its_disk),
		fs_test(ext4_shrinks_and_keeps_its_content),
		fs_test(shrink_below_the_content_is_refused_with_the_smallest_size),
		fs_test(vfat_and_unknown_types_cannot_be_resized),
		fs_test(btrfs_grows_and_shrinks_unmounted),
		fs_test(xfs_grows_unmounted_and_leaves_no_mount_behind),
		fs_test(ext4_grows_while_mounted),
		fs_test(xfs_and_btrfs_grow_while_mounted),
		fs_test(clean_filesystem_passes_the_check),
		fs_test(damage_is_reported_then_repaired),
		fs_test(resize_of_a_damaged_filesystem_is_refused),
		fs_test(report_holds_no_escape_sequences),
		fs_test(damaged_vfat_is_repaired),
		fs_test(healthy_filesystems_of_every_type_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
