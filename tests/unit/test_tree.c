// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/socket.h>
#include <sys/un.h>
#include "fs_image.h"

static const char *source(struct fixture *f, const char *commands)
{
	char all[1900];

	(void)snprintf(f->disk, sizeof(f->disk), "%s/src", f->dir);
	(void)snprintf(all, sizeof(all), "mkdir -p src && cd src && %s", commands);
	assert_int_equal(run_shell(f, all), 0);
	return f->disk;
}

static void expect_tree(struct fixture *f, const char *commands, uint64_t blocks, uint64_t inodes)
{
	uint64_t bytes = 0, count = 0;

	assert_int_equal(cdisk_tree_measure(&f->c, source(f, commands), &bytes, &count), 0);
	assert_int_equal(bytes, blocks * 4096);
	assert_int_equal(count, inodes);
}

static void files_count_in_whole_blocks(void **state)
{
	expect_tree(*state, "printf x >a && head -c 4097 /dev/zero >b && : >c", 1 + 1 + 2, 4);
}

static void hard_links_count_once(void **state)
{
	expect_tree(*state,
		"head -c 40960 /dev/zero >a && mkdir d && for i in 1 2 3; do ln a d/$i; done",
		2 + 10, 3);
}

static void sparse_files_count_as_stored(void **state)
{
	expect_tree(*state,
		"truncate -s 2G a && printf x | dd of=a bs=1 seek=1000000000 conv=notrunc "
		"status=none",
		1 + 1, 2);
}

static void long_symlinks_take_a_block_and_short_ones_none(void **state)
{
	expect_tree(*state, "ln -s short a && ln -s $(printf %080d 1) b", 1 + 1, 3);
}

static void fifos_are_counted_and_never_opened(void **state)
{
	expect_tree(*state, "mkfifo a", 1, 2);
}

static void symlinks_are_not_followed(void **state)
{
	expect_tree(*state, "ln -s / a && ln -s .. b", 1, 3);
}

static void directories_grow_with_their_names(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes = 0, inodes = 0;
	const char *dir = source(f, "for i in $(seq 1000); do : >$(printf %0200d $i); done");

	assert_int_equal(cdisk_tree_measure(&f->c, dir, &bytes, &inodes), 0);
	assert_int_equal(inodes, 1001);
	assert_true(bytes >= UINT64_C(1000) * 208 && bytes <= UINT64_C(1000) * 240);
}

static void socket_is_refused_by_name(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	uint64_t bytes, inodes;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *dir = source(f, "mkdir d");

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/src/d/sock", f->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
	assert_int_equal(cdisk_tree_measure(&f->c, dir, &bytes, &inodes), -CDISK_ERR_CORRUPT);
	assert_string_equal(f->c.object, sun.sun_path);
	assert_non_null(strstr(f->c.message, "socket"));
}

/* Root may read everything, so the walk is done by an ordinary user in a child. */
static int measure_as_user(struct fixture *f, const char *dir)
{
	uint64_t bytes, inodes;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int r;

		if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)
			_exit(99);
		r = cdisk_tree_measure(&f->c, dir, &bytes, &inodes);
		_exit(r == -EACCES && strstr(f->c.message, "secret") ? 7 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void unreadable_entry_is_named(void **state)
{
	struct fixture *f = *state;

	need_root();
	(void)source(f, "chmod 755 . .. && : >secret && chmod 600 secret");
	assert_int_equal(measure_as_user(f, f->disk), 7);
	assert_int_equal(run_shell(f, "rm src/secret && mkdir -m 700 src/secretdir"), 0);
	assert_int_equal(measure_as_user(f, f->disk), 7);
}

static void missing_source_and_file_are_refused(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes, inodes;
	const char *dir = source(f, ": >file");

	assert_int_equal(cdisk_tree_measure(&f->c, "/no/such/dir", &bytes, &inodes), -ENOENT);
	(void)snprintf(f->disk, sizeof(f->disk), "%s/src/file", f->dir);
	assert_int_equal(cdisk_tree_measure(&f->c, dir, &bytes, &inodes), -ENOTDIR);
}

static void very_deep_tree_is_refused_not_crashed(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes, inodes;
	const char *dir = source(f, "for i in $(seq 700); do mkdir d; cd -P d; done");

	assert_int_equal(cdisk_tree_measure(&f->c, dir, &bytes, &inodes), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(f->c.message, "too deeply"));
}

static void fingerprint_changes_with_any_change(void **state)
{
	static const char *const changes[] = {"printf y >>a", "chmod 600 a", "touch b", "rm b",
		"mv d e", "printf z | dd of=a conv=notrunc status=none", "ln a c",
		"touch -d 2001-01-01 a"};
	struct fixture *f = *state;
	const char *dir = source(f, "mkdir d && printf x >a && printf x >d/a");
	uint64_t before, after;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char command[128];

		assert_int_equal(cdisk_tree_fingerprint(&f->c, dir, &before), 0);
		assert_int_equal(cdisk_tree_fingerprint(&f->c, dir, &after), 0);
		assert_int_equal(before, after);
		(void)snprintf(command, sizeof(command), "cd src && %s", changes[i]);
		assert_int_equal(run_shell(f, command), 0);
		assert_int_equal(cdisk_tree_fingerprint(&f->c, dir, &after), 0);
		assert_int_not_equal(before, after);
	}
}

static void measured_size_is_enough_for_mke2fs(void **state)
{
	struct fixture *f = *state;
	struct cdisk_mkfs m = {.fs = "ext4", .sector_size = 4096};
	uint64_t bytes = 0, inodes = 0;
	char src[96];

	(void)snprintf(src, sizeof(src), "%s/src", f->dir);
	(void)source(f, "for d in $(seq 30); do mkdir $d; for i in $(seq 100); do echo $i >$d/$i; "
			"done; done");
	assert_int_equal(cdisk_tree_measure(&f->c, src, &bytes, &inodes), 0);
	assert_int_equal(inodes, 3031);
	m.from = src;
	m.inodes = inodes;
	(void)snprintf(f->disk, sizeof(f->disk), "%s/disk", f->dir);
	image_new(f, cdisk_tree_size(bytes, inodes));
	assert_int_equal(cdisk_mkfs(&f->c, &m, f->disk), 0);
	assert_int_equal(run_shell(f, "e2fsck -fn disk"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fs_test(files_count_in_whole_blocks),
		fs_test(hard_links_count_once),
		fs_test(sparse_files_count_as_stored),
		fs_test(long_symlinks_take_a_block_and_short_ones_none),
		fs_test(fifos_are_counted_and_never_opened),
		fs_test(symlinks_are_not_followed),
		fs_test(directories_grow_with_their_names),
		fs_test(socket_is_refused_by_name),
		fs_test(unreadable_entry_is_named),
		fs_test(missing_source_and_file_are_refused),
		fs_test(very_deep_tree_is_refused_not_crashed),
		fs_test(fingerprint_changes_with_any_change),
		fs_test(measured_size_is_enough_for_mke2fs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
