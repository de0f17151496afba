// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>
#include "fs_image.h"

static struct cdisk_mkfs params(const char *fs)
{
	return (struct cdisk_mkfs){.fs = fs, .sector_size = 4096, .uid = 1234, .gid = 1235};
}

static void probe_type(struct fixture *f, struct cdisk_fs *fs)
{
	int fd = image_open(f);

	assert_int_equal(cdisk_fs_probe(&f->c, fd, fs), 0);
	close(fd);
}

static void new_ext4_is_clean_and_its_root_belongs_to_the_caller(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");
	struct cdisk_fs fs;

	m.label = "Büro";
	/* An encrypted disk that was never written reads as random bytes. */
	assert_int_equal(run_shell(f, "head -c 64M /dev/urandom >disk"), 0);
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), 0);
	probe_type(f, &fs);
	assert_string_equal(fs.type, "ext4");
	assert_string_equal(fs.label, "Büro");
	assert_int_equal(fs.block_size, 4096);
	assert_int_equal(run_shell(f, "e2fsck -fn disk"), 0);
	assert_int_equal(run_shell(f, "debugfs -R 'stat /' disk"), 0);
	assert_non_null(strstr(f->output, "User:  1234   Group:  1235"));
}

static void ext4_of_10_gib_writes_little_and_at_once(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");
	struct timespec a, b;
	struct stat st;

	image_new(f, 10240 * MIB);
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_int_equal(stat(f->disk, &st), 0);
	assert_true((uint64_t)st.st_blocks * 512 < 8 * MIB);
	if (b.tv_sec - a.tv_sec > 2)
		print_message("slow: %ld s\n", (long)(b.tv_sec - a.tv_sec));
}

static void made(
	struct fixture *f, const char *fs, uint64_t size, const char *label, const char *check)
{
	struct cdisk_mkfs m = params(fs);
	struct cdisk_fs probed;

	need_program(cdisk_fstype_get(fs)->mkfs);
	m.label = label;
	m.sector_size = cdisk_mkfs_sector_max(&f->c, fs);
	image_new(f, size);
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), 0);
	probe_type(f, &probed);
	assert_string_equal(probed.type, fs);
	if (m.sector_size == 4096)
		assert_int_equal(probed.block_size, 4096);
	assert_int_equal(run_shell(f, check), 0);
}

static void vfat_gets_sectors_of_the_volume_and_a_capital_label(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;

	made(f, "vfat", 64 * MIB, "Photos", "fsck.vfat -n disk");
	probe_type(f, &fs);
	assert_string_equal(fs.label, "PHOTOS");
}

static void exfat_label_may_hold_letters_of_any_script(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;

	made(f, "exfat", 64 * MIB, "Bücher 日本", "fsck.exfat -n disk");
	probe_type(f, &fs);
	assert_string_equal(fs.label, "Bücher 日本");
}

static void exfat_for_large_sectors_is_refused_where_mkfs_cannot(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("exfat");

	need_program("mkfs.exfat");
	if (cdisk_mkfs_sector_max(&f->c, "exfat") == 4096) {
		print_message("SKIPPED: this mkfs.exfat has --sector-size\n");
		skip();
	}
	assert_int_equal(cdisk_mkfs_check(&f->c, &m), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(f->c.hint, "512"));
}

static void xfs_root_belongs_to_the_caller(void **state)
{
	struct fixture *f = *state;

	made(f, "xfs", 320 * MIB, "data", "xfs_repair -n -f disk");
	assert_int_equal(run_shell(f, "xfs_db -r -c 'inode 128' -c 'p core.uid core.gid' disk"), 0);
	assert_non_null(strstr(f->output, "core.uid = 1234\ncore.gid = 1235"));
}

static void btrfs_root_belongs_to_the_caller(void **state)
{
	struct fixture *f = *state;

	need_root();
	if (!cdisk_fs_kernel("btrfs")) {
		print_message("SKIPPED: this kernel has no btrfs\n");
		skip();
	}
	made(f, "btrfs", 200 * MIB, "data", "btrfs check disk");
	assert_int_equal(run_shell(f, "btrfs inspect-internal dump-tree -t 5 disk"), 0);
	assert_non_null(strstr(f->output, "uid 1234 gid 1235"));
}

static void labels_that_do_not_fit_are_refused_before_anything(void **state)
{
	static const struct {
		const char *fs, *label, *why;
	} bad[] = {
		{"ext4", "12345678901234567", "at most 16 bytes"},
		{"ext4", "ääääääääx", "has 17"},
		{"vfat", "123456789012", "at most 11"},
		{"vfat", "a.b", "none of"},
		{"vfat", "Büro", "ASCII"},
		{"exfat", "123456789012", "at most 11"},
		{"xfs", "1234567890123", "at most 12"},
		{"ext4", "a\nb", "control character"},
		{"btrfs", "a/b", "'/'"},
	};
	struct fixture *f = *state;

	image_new(f, MIB);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cdisk_mkfs m = params(bad[i].fs);

		m.label = bad[i].label;
		m.sector_size = 512;
		assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -EINVAL);
		assert_non_null(strstr(f->c.message, bad[i].why));
	}
}

static void unknown_type_and_from_without_ext4_are_refused(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ntfs");

	assert_int_equal(cdisk_mkfs_check(&f->c, &m), -EINVAL);
	m.fs = "vfat";
	m.from = f->dir;
	assert_int_equal(cdisk_mkfs_check(&f->c, &m), -EINVAL);
}

static void too_small_disk_gives_the_words_of_mkfs(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");

	image_new(f, 65536);
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -EINVAL);
	assert_non_null(strstr(f->c.message, "Not enough space"));
	m.fs = "xfs";
	need_program("mkfs.xfs");
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -EINVAL);
	assert_non_null(strstr(f->c.message, "too small"));
}

/* What was copied is compared through debugfs: no mount, so no root. */
static void copy_of_a_directory_is_complete(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");
	char src[96];

	(void)snprintf(src, sizeof(src), "%s/src", f->dir);
	m.from = src;
	assert_int_equal(
		run_shell(f,
			"head -c 48M /dev/urandom >disk && mkdir -p src/d/e && cd src && "
			"head -c 100001 /dev/urandom >a && ln a d/b && ln -s a l && mkfifo p &&"
			"truncate -s 64M hole && printf x | dd of=hole bs=1 seek=50000000 "
			"conv=notrunc status=none && mkdir lost+found && echo y >d/e/y"),
		0);
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), 0);
	assert_int_equal(run_shell(f, "e2fsck -fn disk"), 0);
	assert_int_equal(run_shell(f, "mkdir out && debugfs -R 'rdump / out' disk && rm src/p && "
				      "diff -r --no-dereference src out"),
		0);
	assert_int_equal(run_shell(f, "debugfs -R 'stat /hole' disk | grep 'Blockcount: 8$'"), 0);
	assert_int_equal(run_shell(f, "debugfs -R 'stat /d/b' disk | grep 'Links: 2'"), 0);
	assert_int_equal(run_shell(f, "debugfs -R 'stat /p' disk | grep 'Type: FIFO'"), 0);
	assert_int_equal(run_shell(f, "debugfs -R 'stat /' disk | grep 'User:  1234'"), 0);
}

static void copy_that_does_not_fit_is_no_space(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");
	char src[96];

	(void)snprintf(src, sizeof(src), "%s/src", f->dir);
	m.from = src;
	image_new(f, 8 * MIB);
	assert_int_equal(run_shell(f, "mkdir src && head -c 12M /dev/urandom >src/big"), 0);
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -ENOSPC);
	assert_string_equal(f->c.object, src);
	assert_int_equal(run_shell(f, "rm src/big && for i in $(seq 400); do : >src/$i; done"), 0);
	m.inodes = 16;
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -ENOSPC);
}

static int change_source(const char *what, uint64_t done, uint64_t total, void *data)
{
	int fd = open(data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	(void)done;
	(void)total;
	if (fd >= 0 && strcmp(what, "making the filesystem") == 0)
		(void)!write(fd, "x", 1);
	close(fd);
	return 0;
}

static void source_that_changes_meanwhile_is_refused(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");
	char src[96], file[128];

	(void)snprintf(src, sizeof(src), "%s/src", f->dir);
	(void)snprintf(file, sizeof(file), "%s/src/log", f->dir);
	m.from = src;
	image_new(f, 16 * MIB);
	assert_int_equal(run_shell(f, "mkdir src && : >src/log"), 0);
	f->c.progress = change_source;
	f->c.progress_data = file;
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -CDISK_ERR_CORRUPT);
	assert_non_null(strstr(f->c.message, "changed while"));
}

static int stop(const char *what, uint64_t done, uint64_t total, void *data)
{
	(void)what;
	(void)done;
	(void)total;
	(void)data;
	return 1;
}

static void mkfs_can_be_cancelled(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = params("ext4");

	image_new(f, 16 * MIB);
	f->c.progress = stop;
	f->c.progress_data = NULL;
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fs_test(new_ext4_is_clean_and_its_root_belongs_to_the_caller),
		fs_test(ext4_of_10_gib_writes_little_and_at_once),
		fs_test(vfat_gets_sectors_of_the_volume_and_a_capital_label),
		fs_test(exfat_label_may_hold_letters_of_any_script),
		fs_test(exfat_for_large_sectors_is_refused_where_mkfs_cannot),
		fs_test(xfs_root_belongs_to_the_caller),
		fs_test(btrfs_root_belongs_to_the_caller),
		fs_test(labels_that_do_not_fit_are_refused_before_anything),
		fs_test(unknown_type_and_from_without_ext4_are_refused),
		fs_test(too_small_disk_gives_the_words_of_mkfs),
		fs_test(copy_of_a_directory_is_complete),
		fs_test(copy_that_does_not_fit_is_no_space),
		fs_test(source_that_changes_meanwhile_is_refused),
		fs_test(mkfs_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
