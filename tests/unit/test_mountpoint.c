// SPDX-License-Identifier: GPL-2.0-or-later
/* Where mounts may go and what options they may have; run as whoever runs the tests. */
#include "disk_fixture.h"

static struct cdisk_mount mount_at(const char *mountpoint)
{
	return (struct cdisk_mount){.mountpoint = mountpoint, .owner = UINT32_MAX};
}

static void test_labels_become_names(void **state)
{
	static const struct {
		const char *label, *name;
	} cases[] = {
		{"photos", "photos"},
		{"my photos", "my_photos"},
		{"../../etc", "_._.._etc"},
		{"..", "id"},
		{".", "id"},
		{"", "id"},
		{"/", "id"},
		{"   ", "id"},
		{"1000", "vol-1000"},
		{"1000a", "1000a"},
		{"--help", "_-help"},
		{".hidden", "_hidden"},
		{"a\nb\tc", "a_b_c"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"0123456789012345678901234567890123456789012345678901234567890123456789",
			"vol-01234567890123456789012345678901234567890123456789012345"},
	};
	char name[CDISK_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(cases); i++) {
		cdisk_mountpoint_name(cases[i].label, "id", name);
		if (strcmp(name, cases[i].name) != 0)
			fail_msg("'%s' became '%s', not '%s'", cases[i].label, name, cases[i].name);
	}
}

static void test_directories_of_the_system_are_refused(void **state)
{
	static const char *const system[] = {"/", "/etc", "/usr/local/x", "/proc/1", "/sys",
		"/dev/shm", "/boot", "/home", "/tmp", "/var", "/root", "/run", "/lib64", "/bin",
		"/sbin/x", "/srv"};
	static const char *const free_ones[] = {"/opt/x",
		"/mnt", "/media/x", "/tmp/x", "/srv/x", "/etcetera", "/run/user/1/x"};
	struct cdisk c = {0};

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(system); i++)
		if (cdisk_mountpoint_check_system(&c, system[i]) != -EACCES)
			fail_msg("allowed: %s", system[i]);
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(free_ones); i++)
		if (cdisk_mountpoint_check_system(&c, free_ones[i]) != 0)
			fail_msg("refused: %s", free_ones[i]);
}

/* What prepare() says to a mount point below our directory; the directory it made is gone after. */
static int try_point(struct fixture *f, const char *name, uint32_t flags)
{
	struct cdisk_mountpoint mp;
	char path[256];
	struct cdisk_mount m = mount_at(path);
	int r;

	(void)snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : f->dir,
		name[0] == '/' ? "" : "/", name);
	m.flags = flags;
	r = cdisk_mountpoint_prepare(f->c, &m, "label", "id", &mp);
	if (r == 0)
		cdisk_mountpoint_done(&mp, false);
	return r;
}

static void test_a_given_directory_must_be_empty_ours_and_a_directory(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		run_shell(f, "cd \"$3\" && mkdir empty full && touch full/x file && "
			     "ln -s empty link && ln -s /etc away && ln -s nowhere dangling"),
		0);
	assert_int_equal(try_point(f, "empty", 0), 0);
	assert_int_equal(try_point(f, "new", 0), 0);
	assert_int_equal(try_point(f, "new", 0), 0);  /* was removed again */
	assert_int_equal(try_point(f, "link", 0), 0); /* followed once, by the caller's wish */
	assert_int_equal(try_point(f, "full", 0), -EEXIST);
	assert_int_equal(try_point(f, "file", 0), -ENOTDIR);
	assert_int_equal(try_point(f, "away", 0), -EACCES);
	assert_true(try_point(f, "dangling", 0) < 0);
	assert_int_equal(try_point(f, "no/such/parent", 0), -ENOENT);
	assert_int_equal(try_point(f, "/etc/new", 0), -EACCES);
	assert_int_equal(try_point(f, "/", 0), -EACCES);
	assert_true(f->c->message[0] && f->c->hint[0]);
}

static void test_a_directory_of_somebody_else_is_refused(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0) {
		/* As a user: one of root's. */
		assert_int_equal(try_point(f, "/mnt", 0), -EACCES);
		return;
	}
	assert_int_equal(
		run_shell(f, "cd \"$3\" && mkdir -p theirs/mine open/mine && chown 65534 theirs "
			     "&& chmod 777 open"),
		0);
	assert_int_equal(try_point(f, "theirs", 0), -EACCES);
	assert_int_equal(try_point(f, "theirs/mine", 0), -EACCES);
	assert_non_null(strstr(f->c->hint, "--owner"));
	assert_int_equal(try_point(f, "open/mine", 0), -EACCES);
	assert_int_equal(run_shell(f, "chmod 1777 \"$3/open\""), 0);
	assert_int_equal(try_point(f, "open/mine", 0), 0);
}

/* Not even for a moment: a user could lead it elsewhere meanwhile. */
static void test_root_makes_no_directory_where_a_user_may_write(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	char path[128];

	if (geteuid() != 0)
		skip_because("needs root");
	(void)snprintf(path, sizeof(path), "%s/theirs", f->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, TEST_USER, TEST_USER), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(try_point(f, "theirs/new", 0), -EACCES);
	assert_int_equal(stat(path, &after), 0);
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	assert_int_equal(run_shell(f, "chown root \"$3/theirs\" && chmod 1777 \"$3/theirs\""), 0);
	assert_int_equal(try_point(f, "theirs/new", 0), 0);
}

static void test_a_taken_mount_point_gets_a_suffix_or_is_refused(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mountpoint mp;
	char path[128], expected[160];
	struct cdisk_mount m = mount_at(path);

	if (geteuid() != 0)
		skip_because("needs root");
	(void)snprintf(path, sizeof(path), "%s/point", f->dir);
	(void)snprintf(expected, sizeof(expected), "%s-2", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(mount("none", path, "tmpfs", 0, "size=4k"), 0);
	assert_int_equal(try_point(f, "point", CDISK_MOUNT_STRICT), -EEXIST);
	assert_int_equal(cdisk_mountpoint_prepare(f->c, &m, "label", "id", &mp), 0);
	assert_string_equal(mp.path, expected);
	cdisk_mountpoint_done(&mp, false);
	assert_int_equal(access(expected, F_OK), -1);
	assert_int_equal(umount2(path, MNT_DETACH), 0);
}

static void test_names_of_our_own_are_private_and_taken_once(void **state)
{
	struct fixture *f = *state;
	const struct cdisk_mount m = mount_at(NULL);
	struct cdisk_mountpoint mp;
	struct stat st;
	char expected[160];

	(void)snprintf(expected, sizeof(expected), "%s/mnt/photos", f->run);
	assert_ok(f, cdisk_mountpoint_prepare(f->c, &m, "photos", "id", &mp));
	assert_string_equal(mp.path, expected);
	assert_int_equal(fstat(mp.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	cdisk_mountpoint_done(&mp, true);
	/* Left over and empty: taken again. With something inside: left alone. */
	assert_ok(f, cdisk_mountpoint_prepare(f->c, &m, "photos", "id", &mp));
	assert_string_equal(mp.path, expected);
	cdisk_mountpoint_done(&mp, true);
	assert_int_equal(run_shell(f, "touch \"$3/run/mnt/photos/x\""), 0);
	assert_ok(f, cdisk_mountpoint_prepare(f->c, &m, "photos", "id", &mp));
	assert_string_equal(mp.path + strlen(expected), "-2");
	cdisk_mountpoint_done(&mp, true);
	cdisk_mountpoint_remove(f->c, mp.path);
	assert_int_equal(access(mp.path, F_OK), -1);
}

static void test_only_root_mounts_for_another_user(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mount m = {.owner = 12345};
	struct cdisk_mountpoint mp;
	struct stat st;
	char path[160];

	if (geteuid() != 0) {
		assert_int_equal(cdisk_mountpoint_prepare(f->c, &m, "x", "id", &mp), -EPERM);
		return;
	}
	(void)umask(077); /* the user must reach it whatever root's umask is */
	assert_ok(f, cdisk_mountpoint_prepare(f->c, &m, "x", "id", &mp));
	(void)snprintf(path, sizeof(path), "%s/mnt/12345/x", f->run);
	assert_string_equal(mp.path, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	(void)snprintf(path, sizeof(path), "%s/mnt", f->run);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(f->run, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	(void)snprintf(path, sizeof(path), "%s/mnt/12345", f->run);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_mode & 07777, 0700);
	cdisk_mountpoint_done(&mp, false);
	m.mountpoint = "/mnt";
	assert_int_equal(cdisk_mountpoint_prepare(f->c, &m, "x", "id", &mp), -EINVAL);
}

static void test_a_run_directory_of_somebody_else_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct cdisk_mount m = mount_at(NULL);
	struct cdisk_mountpoint mp;

	assert_int_equal(mkdir(f->run, 0700), 0);
	assert_int_equal(chmod(f->run, 0777), 0);
	assert_int_equal(cdisk_mountpoint_prepare(f->c, &m, "x", "id", &mp), -EACCES);
	assert_int_equal(
		run_shell(f, "rmdir \"$3/run\" && mkdir \"$3/other\" && ln -s other \"$3/run\""),
		0);
	assert_int_not_equal(cdisk_mountpoint_prepare(f->c, &m, "x", "id", &mp), 0);
}

static void test_options_always_say_nosuid_and_nodev(void **state)
{
	struct fixture *f = *state;
	struct cdisk_options o;

	assert_int_equal(cdisk_options_make(f->c, NULL, false, false, &o), 0);
	assert_string_equal(o.text, "nosuid,nodev");
	assert_int_equal(cdisk_options_make(f->c, "noatime,ro", false, false, &o), 0);
	assert_string_equal(o.text, "noatime,ro,nosuid,nodev,ro");
	assert_true(o.read_only);
	assert_int_equal(cdisk_options_make(f->c, "suid", true, true, &o), 0);
	assert_string_equal(o.text, "suid,nodev,ro");
	assert_int_equal(cdisk_options_make(f->c, "dev,suid", true, false, &o), 0);
	assert_string_equal(o.text, "dev,suid");
}

static void test_options_that_are_not_for_users_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const users[] = {"suid", "dev", "ro,suid", "suid,dev", "x=1,dev"};
	static const char *const nobodys[] = {"bind", "remount", "loop", "loop=/dev/loop0",
		"offset=4096", "fsname=x", "X-mount.mkdir", "helper=/tmp/x", "a\\,b", "a\nb",
		"allow\\_other", "fd=3"};
	struct cdisk_options o;

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(users); i++)
		if (cdisk_options_make(f->c, users[i], false, false, &o) != -EACCES)
			fail_msg("a user may say %s", users[i]);
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(nobodys); i++)
		if (cdisk_options_make(f->c, nobodys[i], true, false, &o) != -EINVAL)
			fail_msg("root may say %s", nobodys[i]);
	if (run_shell(f, "grep -q '^[[:space:]]*user_allow_other' /etc/fuse.conf") != 0) {
		assert_int_equal(
			cdisk_options_make(f->c, "allow_other", false, false, &o), -EACCES);
		assert_non_null(strstr(f->c->hint, "user_allow_other"));
	}
}

static void test_options_of_64_kib_are_an_error_and_nothing_worse(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(65537);
	struct cdisk_options o;

	memset(text, 'a', 65536);
	text[65536] = '\0';
	assert_int_equal(cdisk_options_make(f->c, text, true, false, &o), -EINVAL);
	text[CDISK_OPTIONS_SIZE - sizeof(",nosuid,nodev")] = '\0';
	assert_int_equal(cdisk_options_make(f->c, text, true, false, &o), 0);
	assert_int_equal(strlen(o.text), CDISK_OPTIONS_SIZE - 1);
	assert_int_equal(cdisk_options_make(f->c, text, true, true, &o), -EINVAL);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels_become_names),
		cmocka_unit_test(test_directories_of_the_system_are_refused),
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_a_given_directory_must_be_empty_ours_and_a_directory),
		T(test_a_directory_of_somebody_else_is_refused),
		T(test_root_makes_no_directory_where_a_user_may_write),
		T(test_a_taken_mount_point_gets_a_suffix_or_is_refused),
		T(test_names_of_our_own_are_private_and_taken_once),
		T(test_only_root_mounts_for_another_user),
		T(test_a_run_directory_of_somebody_else_is_refused),
		T(test_options_always_say_nosuid_and_nodev),
		T(test_options_that_are_not_for_users_are_refused),
		T(test_options_of_64_kib_are_an_error_and_nothing_worse),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (geteuid() == 0 && again_as_user() != 0)
		failed = 1;
	return failed;
}
