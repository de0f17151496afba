// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include "fs_image.h"

/* What trim does with a free range, at its worst: the bytes read back as something else. */
static int overwrite(uint64_t offset, uint64_t length, void *data)
{
	static char noise[1 << 20];
	int fd = *(int *)data;

	memset(noise, 0xdb, sizeof(noise));
	while (length > 0) {
		size_t n = length < sizeof(noise) ? (size_t)length : sizeof(noise);

		assert_int_equal(pwrite(fd, noise, n, (off_t)offset), n);
		offset += n;
		length -= n;
	}
	return 0;
}

static int add_up(uint64_t offset, uint64_t length, void *data)
{
	uint64_t *sum = data;

	assert_int_equal(offset % 1024, 0);
	assert_int_equal(length % 1024, 0);
	*sum += length;
	return 0;
}

static void image_with_files(struct fixture *f, const char *options)
{
	char command[640];

	image_new(f, 160 * MIB);
	(void)snprintf(command, sizeof(command),
		"mkdir -p src && for i in $(seq 60); do head -c ${i}0000 /dev/urandom >src/$i; "
		"done && "
		"mke2fs -q -F %s -d src disk && "
		"for i in 3 17 40; do debugfs -w -R \"rm $i\" disk && rm src/$i; done",
		options);
	assert_int_equal(run_shell(f, command), 0);
}

static void expect_files(struct fixture *f)
{
	assert_int_equal(run_shell(f, "e2fsck -fn disk"), 0);
	assert_int_equal(run_shell(f, "rm -rf out && mkdir out && debugfs -R 'rdump / out' disk && "
				      "rm -rf out/lost+found && diff -r src out"),
		0);
}

static void overwriting_all_free_ranges_harms_nothing(void **state)
{
	static const char *const options[] = {"-t ext4 -b 4096", "-t ext4 -b 1024",
		"-t ext4 -b 4096 -O ^metadata_csum,^flex_bg",
		"-t ext4 -b 4096 -O bigalloc -C 65536", "-t ext2 -b 4096"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		uint64_t sum = 0;
		int fd;

		image_with_files(f, options[i]);
		fd = image_open(f);
		assert_int_equal(cdisk_fs_free_offline(&f->c, "ext4", f->disk, overwrite, &fd), 0);
		close(fd);
		expect_files(f);
		assert_int_equal(cdisk_fs_free_offline(&f->c, "ext4", f->disk, add_up, &sum), 0);
		assert_true(sum > 80 * MIB && sum < 158 * MIB);
	}
}

static void free_ranges_are_what_dumpe2fs_counts(void **state)
{
	struct fixture *f = *state;
	unsigned long long blocks = 0;
	uint64_t sum = 0;

	image_with_files(f, "-t ext4 -b 4096");
	assert_int_equal(cdisk_fs_free_offline(&f->c, "ext4", f->disk, add_up, &sum), 0);
	assert_int_equal(
		run_shell(f, "dumpe2fs -h disk 2>/dev/null | sed -n 's/^Free blocks: *//p'"), 0);
	assert_int_equal(sscanf(f->output, "%llu", &blocks), 1);
	assert_int_equal(sum, blocks * 4096);
}

static void unclean_or_damaged_filesystem_is_refused(void **state)
{
	static const char *const damage[] = {"debugfs -w -R 'ssv state 0' disk",
		"debugfs -w -R 'feature needs_recovery' disk", "debugfs -w -R 'ssv state 3' disk",
		"truncate -s 100M disk",
		/* a block of file 60 is free according to the map, checksums and counts are right
		 */
		"b=$(debugfs -R 'bmap 60 5' disk) && debugfs -w -R \"freeb $b\" disk",
		/* the block bitmap of group 0, whose checksum then differs */
		"b=$(dumpe2fs disk 2>/dev/null | sed -n 's/.*Block bitmap at \\([0-9]*\\).*/\\1/p' "
		"| head -n 1) && "
		"dd if=/dev/urandom of=disk bs=4096 seek=$b count=1 conv=notrunc status=none",
		"dd if=/dev/zero of=disk bs=1024 seek=1 count=1 conv=notrunc status=none"};
	struct fixture *f = *state;
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		image_with_files(f, "-t ext4 -b 4096");
		assert_int_equal(run_shell(f, damage[i]), 0);
		assert_int_equal(cdisk_fs_free_offline(&f->c, "ext4", f->disk, add_up, &sum),
			-CDISK_ERR_FILESYSTEM);
		assert_int_equal(sum, 0);
	}
}

static int free_online(struct cdisk *c, const char *type, const char *mountpoint, cdisk_free_fn fn,
	void *data)
{
	int fd = open(mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : cdisk_fs_free_mounted(c, type, fd, mountpoint, fn, data);
}

static void offline_is_for_ext_only(void **state)
{
	struct fixture *f = *state;
	uint64_t sum = 0;

	assert_int_equal(
		cdisk_fs_free_offline(&f->c, "xfs", f->disk, add_up, &sum), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(
		free_online(&f->c, "btrfs", f->dir, add_up, &sum), -CDISK_ERR_UNSUPPORTED);
}

static int stop_with_error(uint64_t offset, uint64_t length, void *data)
{
	(void)offset;
	(void)length;
	++*(int *)data;
	return -EIO;
}

static void error_of_the_callback_ends_the_walk(void **state)
{
	struct fixture *f = *state;
	int calls = 0;

	image_with_files(f, "-t ext4 -b 4096");
	assert_int_equal(
		cdisk_fs_free_offline(&f->c, "ext4", f->disk, stop_with_error, &calls), -EIO);
	assert_int_equal(calls, 1);
}

/* Mounts the disk at mnt; the teardown of the test unmounts. */
static void mount_disk(struct fixture *f, const char *type, char *mountpoint, size_t size)
{
	need_root();
	need_program(cdisk_fstype_get(type)->mkfs);
	if (!cdisk_fs_kernel(type)) {
		print_message("SKIPPED: this kernel has no %s\n", type);
		skip();
	}
	(void)snprintf(mountpoint, size, "%s/mnt", f->dir);
	if (run_shell(f, "mkdir mnt && mount -o loop disk mnt") == 0)
		return;
	print_message("SKIPPED: no loop mount here: %s\n", f->output);
	skip();
}

static void image_xfs(struct fixture *f)
{
	image_new(f, 320 * MIB);
	need_program("mkfs.xfs");
	assert_int_equal(run_shell(f, "mkfs.xfs -q -K disk"), 0);
}

static void online(struct fixture *f, const char *type)
{
	char mountpoint[128];
	int fd;

	mount_disk(f, type, mountpoint, sizeof(mountpoint));
	assert_int_equal(
		run_shell(f,
			"cp -r src/. mnt/ && mkdir mnt/new && head -c 3M /dev/urandom >src/n && "
			"cp src/n mnt/ && rm mnt/5 src/5"),
		0);
	/* Written behind the loop device, then read back past its cache. */
	fd = image_open(f);
	assert_int_equal(free_online(&f->c, type, mountpoint, overwrite, &fd), 0);
	close(fd);
	assert_int_equal(
		run_shell(f,
			"echo thawed >mnt/t && rm mnt/t && umount mnt && mount -o loop disk mnt && "
			"diff -r --exclude=new --exclude=lost+found src mnt && umount mnt"),
		0);
}

static void mounted_ext4_survives_overwriting_its_free_ranges(void **state)
{
	struct fixture *f = *state;

	image_with_files(f, "-t ext4 -b 4096");
	online(f, "ext4");
	assert_int_equal(run_shell(f, "e2fsck -fn disk"), 0);
}

static void mounted_xfs_survives_overwriting_its_free_ranges(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		run_shell(f, "mkdir src && head -c 5M /dev/urandom >src/1 && cp src/1 src/5"), 0);
	image_xfs(f);
	online(f, "xfs");
	assert_int_equal(run_shell(f, "xfs_repair -n -f disk"), 0);
}

/* A write ends within 10 s. One that hangs cannot be killed, so the test thaws before it fails. */
static void expect_thawed(struct fixture *f, const char *mountpoint)
{
	int fd = open(mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status = -1;
	pid_t pid = fork(), ended = 0;

	if (pid == 0) {
		int file = openat(fd, "x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		_exit(file < 0 || write(file, "x", 1) != 1 || fsync(file) < 0);
	}
	for (int i = 0; i < 200 && ended == 0; i++) {
		ended = waitpid(pid, &status, WNOHANG);
		if (ended == 0)
			usleep(50000);
	}
	if (ended == 0) {
		(void)ioctl(fd, FITHAW, 0);
		(void)waitpid(pid, NULL, 0);
	}
	close(fd);
	assert_int_equal(ended, pid);
	assert_int_equal(status, 0);
	assert_int_equal(run_shell(f, "umount mnt"), 0);
}

static void error_while_frozen_thaws(void **state)
{
	struct fixture *f = *state;
	char mountpoint[128];
	int calls = 0;

	image_with_files(f, "-t ext4 -b 4096");
	mount_disk(f, "ext4", mountpoint, sizeof(mountpoint));
	assert_int_equal(
		free_online(&f->c, "ext4", mountpoint, stop_with_error, &calls), -EIO);
	assert_int_equal(calls, 1);
	expect_thawed(f, mountpoint);
}

static int die(uint64_t offset, uint64_t length, void *data)
{
	(void)offset;
	(void)length;
	(void)data;
	return raise(SIGKILL);
}

static void killed_while_frozen_thaws(void **state)
{
	struct fixture *f = *state;
	char mountpoint[128];
	int status;
	pid_t pid;

	image_with_files(f, "-t ext4 -b 4096");
	mount_disk(f, "ext4", mountpoint, sizeof(mountpoint));
	pid = fork();
	if (pid == 0)
		_exit(free_online(&f->c, "ext4", mountpoint, die, NULL) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	expect_thawed(f, mountpoint);
}

static void frozen_by_somebody_else_stays_frozen(void **state)
{
	struct fixture *f = *state;
	char mountpoint[128];
	uint64_t sum = 0;

	image_with_files(f, "-t ext4 -b 4096");
	mount_disk(f, "ext4", mountpoint, sizeof(mountpoint));
	assert_int_equal(run_shell(f, "fsfreeze -f mnt"), 0);
	assert_int_equal(free_online(&f->c, "ext4", mountpoint, add_up, &sum), -EBUSY);
	/* fsfreeze -u fails on what is not frozen. */
	assert_int_equal(run_shell(f, "fsfreeze -u mnt; r=$?; umount mnt; exit $r"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fs_test(overwriting_all_free_ranges_harms_nothing),
		fs_test(free_ranges_are_what_dumpe2fs_counts),
		fs_test(unclean_or_damaged_filesystem_is_refused),
		fs_test(offline_is_for_ext_only),
		fs_test(error_of_the_callback_ends_the_walk),
		fs_test(mounted_ext4_survives_overwriting_its_free_ranges),
		fs_test(mounted_xfs_survives_overwriting_its_free_ranges),
		fs_test(error_while_frozen_thaws),
		fs_test(killed_while_frozen_thaws),
		fs_test(frozen_by_somebody_else_stays_frozen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
