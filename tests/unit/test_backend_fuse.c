// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaching and mounting with real servers: as root, and once more as an ordinary user. */
#include "disk_fixture.h"

static void test_a_disk_is_attached_and_detached(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	attach(f);
	assert_int_equal(f->a.state, CDISK_STATE_UNLOCKED);
	assert_string_equal(f->a.instance, TEST_ID);
	assert_int_equal(stat(f->a.disk, &st), 0);
	assert_int_equal(st.st_size, 64 * MIB);
	assert_int_equal(st.st_blksize, 4096);
	assert_ok(f, leave(f, 0, 0));
	assert_nothing_left(f);
	/* Once more: what is not there is no error. */
	assert_ok(f, leave(f, 0, 0));
}

static void test_files_survive_umount_and_mount(void **state)
{
	struct fixture *f = *state;

	attach_and_mount(f);
	assert_int_equal(f->a.state, CDISK_STATE_MOUNTED);
	assert_int_equal(run_shell(f, "echo hello >\"$2/file\" && cat \"$2/file\""), 0);
	assert_string_equal(f->output, "hello\n");
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
	assert_int_equal(access(f->a.mountpoint, F_OK), -1);
	attach(f);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
	assert_int_equal(run_shell(f, "cat \"$2/file\""), 0);
	assert_string_equal(f->output, "hello\n");
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_mounts_are_nosuid_and_nodev(void **state)
{
	struct fixture *f = *state;
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	unsigned int checked = 0;

	attach_and_mount(f);
	assert_int_equal(cdisk_mountinfo_read(&m), 0);
	for (size_t i = 0; i < m.n; i++) {
		if (strncmp(m.entries[i].target, f->dir, strlen(f->dir)) != 0)
			continue;
		assert_true(cdisk_option_has(m.entries[i].flags, "nosuid"));
		assert_true(cdisk_option_has(m.entries[i].flags, "nodev"));
		assert_false(cdisk_option_has(m.entries[i].options, "allow_other"));
		checked++;
	}
	assert_int_equal(checked, 2);
	assert_ok(f, leave(f, 0, 2000));
}

static void test_the_list_shows_what_the_kernel_knows(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;

	attach_and_mount(f);
	a = listed(f, CDISK_LIST_DETAILS);
	assert_non_null(a);
	assert_int_equal(a->state, CDISK_STATE_MOUNTED);
	assert_string_equal(a->mountpoint, f->a.mountpoint);
	assert_string_equal(a->node, f->a.node);
	assert_string_equal(a->fstype, "ext4");
	assert_string_equal(a->name, "test");
	assert_string_equal(a->label, "events");
	assert_string_equal(a->format, "LUKS2");
	assert_string_equal(a->file, f->file);
	assert_int_equal(a->size, 64 * MIB);
	assert_int_equal(a->pid, f->a.pid);
	assert_int_equal(a->uid, geteuid());
	assert_true(a->connection == f->a.connection && a->fs_connection == f->a.fs_connection);
	assert_true(a->mnt_ns != 0);
	free(a);
	assert_ok(f, leave(f, 0, 2000));
	assert_null(listed(f, 0));
}

static void test_exactly_one_process_holds_the_fuse_descriptor(void **state)
{
	struct fixture *f = *state;
	char link[128], path[64];
	int n = 0;
	DIR *d;
	struct dirent *e;

	attach(f);
	d = opendir("/proc/self/fd");
	while ((e = readdir(d))) {
		ssize_t len;

		(void)snprintf(path, sizeof(path), "/proc/self/fd/%.20s", e->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		if (len > 0) {
			link[len] = '\0';
			n += strcmp(link, "/dev/fuse") == 0;
		}
	}
	closedir(d);
	assert_int_equal(n, 0);
	assert_ok(f, leave(f, 0, 0));
}

static void test_a_second_attach_is_refused_and_a_copy_gets_its_own_name(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attach_spec spec = spec_of(f);
	struct cdisk_attachment b = {0};
	char path[128];

	attach(f);
	assert_int_equal(cdisk_backend_fuse.attach(f->c, &spec, &b), -CDISK_ERR_LOCKED);
	(void)snprintf(path, sizeof(path), "%s/copy.img", f->dir);
	spec.fd = container_new(path, 65 * MIB);
	assert_int_equal(cdisk_backend_fuse.attach(f->c, &spec, &b), -EEXIST);
	spec.flags = CDISK_ATTACH_COPY;
	assert_ok(f, cdisk_backend_fuse.attach(f->c, &spec, &b));
	assert_string_equal(b.instance, TEST_ID "-2");
	assert_string_equal(b.id, TEST_ID);
	assert_ok(f, cdisk_backend_fuse.detach(f->c, &b, 0, 0));
	close(spec.fd);
	assert_ok(f, leave(f, 0, 0));
	assert_nothing_left(f);
}

/* A path is any bytes; the document about it is JSON all the same, and brings each of them back. */
static void test_a_path_of_any_bytes_comes_back_through_info(void **state)
{
	static const char path[] = "/a \n\t\"b\\, \xff\xc0\xaf\xed\xa0\x80 \xc3\xa4\xe2\x82"
				   "\xf0\x9f\x98\x80\xf4\x90\x80\x80\x7f";
	struct fixture *f = *state;
	struct cdisk_attach_spec spec = spec_of(f);
	struct cdisk_attachment *a;

	spec.path = path;
	assert_ok(f, cdisk_backend_fuse.attach(f->c, &spec, &f->a));
	a = listed(f, CDISK_LIST_DETAILS);
	assert_non_null(a);
	assert_string_equal(a->file, path);
	free(a);
	assert_int_equal(run_shell(f, "cat \"${1%/disk}/info\""), 0);
	assert_non_null(strstr(f->output, "\\udcff\\udcc0\\udcaf\\udced\\udca0\\udc80 \xc3\xa4"
					  "\\udce2\\udc82\xf0\x9f\x98\x80\\udcf4"));
	assert_int_equal(run_shell(f, "! command -v python3 >/dev/null || python3 -c 'import json, "
				      "sys; json.load(open(sys.argv[1], encoding=\"utf-8\"))' "
				      "\"${1%/disk}/info\""),
		0);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_a_path_of_4095_bytes_comes_back_through_info(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attach_spec spec = spec_of(f);
	struct cdisk_attachment *a;
	char path[CDISK_PATH_SIZE];

	memset(path, '\xfe', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	spec.path = path;
	assert_ok(f, cdisk_backend_fuse.attach(f->c, &spec, &f->a));
	a = listed(f, CDISK_LIST_DETAILS);
	assert_non_null(a);
	assert_string_equal(a->file, path);
	free(a);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_a_failed_attach_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attach_spec spec = spec_of(f);

	/* The server refuses a volume that is larger than its container. */
	f->d.size += MIB;
	f->d.segments[0].length += MIB;
	f->d.dynamic = false;
	assert_true(cdisk_backend_fuse.attach(f->c, &spec, &f->a) < 0);
	assert_true(f->c->message[0] != '\0');
	assert_nothing_left(f);
}

static void test_a_temporary_attachment_detaches(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attach_spec spec = spec_of(f);

	spec.flags = CDISK_ATTACH_TEMPORARY;
	assert_ok(f, cdisk_backend_fuse.attach(f->c, &spec, &f->a));
	assert_int_equal(access(f->a.disk, R_OK | W_OK), 0);
	assert_ok(f, cdisk_backend_fuse.detach(f->c, &f->a, 0, 1000));
	assert_nothing_left(f);
}

static void test_a_disk_follows_its_container(void **state)
{
	struct fixture *f = *state;
	struct cdisk_attachment *a;
	uint64_t size = 0;
	struct stat st;

	attach_and_mount(f);
	assert_int_equal(ftruncate(f->fd, 97 * MIB), 0);
	assert_ok(f, cdisk_backend_fuse.resize(f->c, &f->a, &size));
	assert_int_equal(size, 96 * MIB);
	assert_int_equal(stat(f->a.disk, &st), 0);
	assert_int_equal(st.st_size, 96 * MIB);
	if (f->a.node[0]) {
		_cleanup_close_ int fd = open(f->a.node, O_RDONLY | O_CLOEXEC);

		assert_int_equal(cdisk_fd_size(fd, &size), 0);
		assert_int_equal(size, 96 * MIB);
	}
	a = listed(f, CDISK_LIST_DETAILS);
	assert_int_equal(a->size, 96 * MIB);
	free(a);
	assert_ok(f, leave(f, 0, 2000));
}

static void test_trim_gives_space_back_to_the_host(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	uint64_t bytes = 0;

	attach(f);
	assert_int_equal(
		run_shell(f, "dd if=/dev/urandom of=\"$1\" bs=1M count=32 conv=notrunc,fsync 2>&1"),
		0);
	assert_int_equal(fstat(f->fd, &before), 0);
	assert_ok(f, cdisk_backend_fuse.trim(f->c, &f->a, 4 * MIB, 16 * MIB, &bytes));
	assert_int_equal(bytes, 16 * MIB);
	assert_int_equal(fstat(f->fd, &after), 0);
	assert_true(after.st_blocks <= before.st_blocks - (blkcnt_t)(15 * MIB / 512));
	assert_int_equal(cdisk_backend_fuse.trim(f->c, &f->a, 64 * MIB, MIB, &bytes), -EINVAL);
	assert_ok(f, leave(f, 0, 0));
}

static void test_readonly_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mount m = {.owner = UINT32_MAX, .flags = CDISK_MOUNT_READONLY};

	attach_and_mount(f);
	assert_ok(f, leave(f, 0, 2000));
	attach(f);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &m));
	assert_int_not_equal(run_shell(f, "touch \"$2/new\" 2>/dev/null"), 0);
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void test_a_disk_without_filesystem_is_not_mounted(void **state)
{
	struct fixture *f = *state;

	attach(f);
	assert_int_equal(cdisk_fs_mount(f->c, &f->a, &plain_mount), -CDISK_ERR_FILESYSTEM);
	assert_int_equal(f->a.mountpoint[0], '\0');
	assert_ok(f, leave(f, 0, 0));
	assert_nothing_left(f);
}

static void test_a_filesystem_beyond_mending_is_not_mounted(void **state)
{
	struct fixture *f = *state;

	if (geteuid() == 0)
		skip_because("the kernel replays its journal for root");
	attach_and_mount(f);
	assert_ok(f, leave(f, 0, 2000));
	attach(f);
	/* Unclean, and the root directory's inode is gone: not for e2fsck -p. */
	assert_int_equal(run_shell(f, "debugfs -w -R 'clri <2>' \"$1\" 2>/dev/null && "
				      "debugfs -w -R 'ssv state 0' \"$1\" 2>/dev/null"),
		0);
	assert_int_equal(cdisk_fs_mount(f->c, &f->a, &plain_mount), -CDISK_ERR_FILESYSTEM);
	assert_ok(f, leave(f, 0, 0));
	assert_nothing_left(f);
}

static void test_an_unclean_filesystem_is_checked_first(void **state)
{
	struct fixture *f = *state;

	attach_and_mount(f);
	assert_ok(f, leave(f, 0, 2000));
	attach(f);
	assert_int_equal(run_shell(f, "debugfs -w -R 'ssv state 0' \"$1\" 2>/dev/null"), 0);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
	assert_ok(f, leave(f, 0, 2000));
	assert_nothing_left(f);
}

static void mount_type(struct fixture *f, const char *mkfs)
{
	attach(f);
	if (run_shell(f, mkfs) != 0) {
		(void)leave(f, 0, 0);
		skip_because("no working mkfs");
	}
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
	assert_int_equal(run_shell(f, "echo hello >\"$2/file\" && cat \"$2/file\""), 0);
	assert_string_equal(f->output, "hello\n");
	assert_ok(f, leave(f, 0, 5000));
	assert_nothing_left(f);
	attach(f);
	assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
	assert_int_equal(run_shell(f, "cat \"$2/file\""), 0);
	assert_string_equal(f->output, "hello\n");
	assert_ok(f, leave(f, 0, 5000));
	assert_nothing_left(f);
}

static void test_vfat_keeps_files(void **state)
{
	mount_type(*state, "mkfs.vfat \"$1\" >/dev/null 2>&1");
}

static void test_exfat_keeps_files(void **state)
{
	struct fixture *f = *state;

	if (geteuid() == 0) {
		mount_type(f, "mkfs.exfat \"$1\" >/dev/null 2>&1");
		return;
	}
	/* exfat-fuse always asks for allow_other: a user gets it only where root allows that. */
	attach(f);
	assert_int_equal(run_shell(f, "mkfs.exfat \"$1\" >/dev/null 2>&1"), 0);
	if (run_shell(f, "grep -q ^user_allow_other /etc/fuse.conf") == 0) {
		assert_ok(f, cdisk_fs_mount(f->c, &f->a, &plain_mount));
	} else {
		assert_int_equal(cdisk_fs_mount(f->c, &f->a, &plain_mount), -CDISK_ERR_NO_BACKEND);
		assert_non_null(strstr(f->c->hint, "user_allow_other"));
		assert_int_equal(run_shell(f, "rmdir \"$3/run/mnt\""), 0);
	}
	assert_ok(f, leave(f, 0, 5000));
	assert_nothing_left(f);
}

static void test_ntfs_keeps_files_or_needs_root(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0) {
		attach(f);
		assert_int_equal(run_shell(f, "mkntfs -F -Q -q \"$1\" >/dev/null 2>&1"), 0);
		assert_int_equal(cdisk_fs_mount(f->c, &f->a, &plain_mount), -CDISK_ERR_NO_BACKEND);
		assert_non_null(strstr(f->c->message, "root"));
		assert_ok(f, leave(f, 0, 0));
		assert_nothing_left(f);
		return;
	}
	mount_type(*state, "mkntfs -F -Q -q \"$1\" >/dev/null 2>&1");
}

static void test_xfs_needs_root(void **state)
{
	struct fixture *f = *state;

	if (geteuid() == 0)
		skip_because("root has the kernel's");
	attach(f);
	/* A superblock is enough: nothing is to be mounted. */
	assert_int_equal(run_shell(f, "truncate -s 320M \"$3/b\" && mkfs.xfs -q \"$3/b\" && "
				      "dd if=\"$3/b\" of=\"$1\" bs=1M count=1 conv=notrunc 2>&1"),
		0);
	assert_int_equal(cdisk_fs_mount(f->c, &f->a, &plain_mount), -CDISK_ERR_NO_BACKEND);
	assert_true(f->c->hint[0] != '\0');
	assert_ok(f, leave(f, 0, 0));
	assert_nothing_left(f);
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_a_disk_is_attached_and_detached),
		T(test_files_survive_umount_and_mount),
		T(test_mounts_are_nosuid_and_nodev),
		T(test_the_list_shows_what_the_kernel_knows),
		T(test_exactly_one_process_holds_the_fuse_descriptor),
		T(test_a_second_attach_is_refused_and_a_copy_gets_its_own_name),
		T(test_a_path_of_any_bytes_comes_back_through_info),
		T(test_a_path_of_4095_bytes_comes_back_through_info),
		T(test_a_failed_attach_leaves_nothing),
		T(test_a_temporary_attachment_detaches),
		T(test_a_disk_follows_its_container),
		T(test_trim_gives_space_back_to_the_host),
		T(test_readonly_writes_nothing),
		T(test_a_disk_without_filesystem_is_not_mounted),
		T(test_a_filesystem_beyond_mending_is_not_mounted),
		T(test_an_unclean_filesystem_is_checked_first),
		T(test_vfat_keeps_files),
		T(test_exfat_keeps_files),
		T(test_ntfs_keeps_files_or_needs_root),
		T(test_xfs_needs_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return main_as_both(run_all);
}
