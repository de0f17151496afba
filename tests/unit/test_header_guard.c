// SPDX-License-Identifier: GPL-2.0-or-later
/* The copy that guards a header change: where it lies, who may read it, and that it goes. */
#include "luks_make.h"
#include "format/header_write.h"

#define NOBODY 65534

static struct cdisk c;
static struct cdisk_info info;
static int image;
static char beside[PATH_MAX + 64], state_dir[PATH_MAX + 64];

static bool same_content(const char *path)
{
	char a[HEX_SHA256], b[HEX_SHA256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	sha256_fd(fd, a);
	sha256_fd(image, b);
	close(fd);
	return strcmp(a, b) == 0;
}

static int entries(const char *dir)
{
	return run("exit $(ls -A '%s' | wc -l)", dir) >> 8;
}

static bool is_zero(int fd)
{
	uint8_t bytes[65536];
	size_t i;

	assert_int_equal(cdisk_pread_full(fd, bytes, sizeof(bytes), 0), 0);
	for (i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static char *guard_make(void)
{
	char *path = NULL;

	if (cdisk_guard_make(&c, &info, image, CDISK_LUKS2_HEADER, &path) != 0)
		fail_msg("%s", c.message);
	return path;
}

static void guard_is_a_private_copy_beside_the_container(void **state)
{
	char *path = guard_make(), expected[PATH_MAX + 256];
	struct stat st;

	(void)state;
	(void)snprintf(expected, sizeof(expected), "%s/.c.img.header-" MADE_ID, beside);
	assert_string_equal(path, expected);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(same_content(path));
	assert_int_equal(entries(beside), 2);
	assert_int_equal(cdisk_guard_remove(&c, path), 0);
	free(path);
}

static void removed_guard_is_overwritten_and_gone(void **state)
{
	char *path = guard_make();
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(is_zero(fd));
	assert_int_equal(cdisk_guard_remove(&c, path), 0);
	assert_true(is_zero(fd));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(cdisk_guard_remove(&c, path), -ENOENT);
	assert_int_equal(entries(beside), 1);
	close(fd);
	free(path);
}

static void guard_of_a_broken_off_change_is_replaced(void **state)
{
	char *stale = guard_make(), *path;
	int fd = open(stale, O_RDONLY | O_CLOEXEC);

	(void)state;
	path = guard_make();
	assert_string_equal(path, stale);
	assert_true(same_content(path));
	assert_true(is_zero(fd));
	assert_int_equal(entries(beside), 2);
	assert_int_equal(cdisk_guard_remove(&c, path), 0);
	close(fd);
	free(stale);
	free(path);
}

static void kept_guards_get_names_of_their_own(void **state)
{
	char *guard, *kept[2] = {NULL}, **paths = NULL;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		guard = guard_make();
		assert_int_equal(cdisk_guard_keep(&c, &info, guard, &kept[i]), 0);
		assert_int_equal(access(guard, F_OK), -1);
		assert_true(same_content(kept[i]));
		free(guard);
	}
	assert_non_null(strstr(kept[0], "/c.img.header-" MADE_ID "-"));
	assert_string_not_equal(kept[0], kept[1]);
	guard = guard_make();
	assert_int_equal(cdisk_guard_list(&c, &info, &paths), 3);
	assert_null(paths[3]);
	for (i = 0; i < 3; i++)
		free(paths[i]);
	free(paths);
	assert_int_equal(cdisk_guard_remove(&c, guard), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(cdisk_guard_remove(&c, kept[i]), 0);
		free(kept[i]);
	}
	free(guard);
}

static void list_asks_the_file_not_the_name(void **state)
{
	char **paths = NULL;

	(void)state;
	assert_int_equal(run("cd '%s' && head -c 65536 /dev/zero >.c.img.header-" MADE_ID, beside), 0);
	assert_int_equal(cdisk_guard_list(&c, &info, &paths), 0);
	assert_non_null(paths);
	assert_null(paths[0]);
	free(paths);
	assert_int_equal(run("rm '%s'/.c.img.header-*", beside), 0);
}

static void list_finds_copies_in_the_state_directory(void **state)
{
	struct cdisk_info elsewhere = info;
	char **paths = NULL;
	char *guard = guard_make();

	(void)state;
	assert_int_equal(run("mv '%s' '%s/old.img.header-" MADE_ID "-7'", guard, state_dir), 0);
	free(guard);
	assert_int_equal(cdisk_guard_list(&c, &info, &paths), 1);
	assert_non_null(strstr(paths[0], state_dir));
	assert_int_equal(cdisk_guard_remove(&c, paths[0]), 0);
	free(paths[0]);
	free(paths);
	memcpy(elsewhere.id, "00000000-1111-2222-3333-444444444444", 37);
	assert_int_equal(cdisk_guard_list(&c, &elsewhere, &paths), 0);
	free(paths);
}

/* As somebody else: the directory of the container belongs to root. */
static void as_nobody(void)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(run("chmod 711 '%s'; chmod 755 '%s'; chown %d '%s'", workdir, beside, NOBODY,
			     state_dir),
			 0);
	assert_int_equal(seteuid(NOBODY), 0);
}

static void guard_goes_to_the_state_directory_where_it_must(void **state)
{
	char *path;

	(void)state;
	as_nobody();
	path = guard_make();
	assert_non_null(strstr(path, state_dir));
	assert_true(same_content(path));
	assert_int_equal(cdisk_guard_remove(&c, path), 0);
	free(path);
	assert_int_equal(seteuid(0), 0);
}

static void without_a_place_nothing_may_change(void **state)
{
	char *path = NULL, *saved = c.state_dir, other[] = "/proc/1";

	(void)state;
	as_nobody();
	c.state_dir = other;
	assert_int_equal(cdisk_guard_make(&c, &info, image, CDISK_LUKS2_HEADER, &path), -EACCES);
	assert_null(path);
	assert_non_null(strstr(c.message, "was not changed"));
	c.state_dir = saved;
	assert_int_equal(seteuid(0), 0);
}

static void planted_link_is_not_followed(void **state)
{
	char victim[PATH_MAX + 128], *path;
	struct stat st;

	(void)state;
	(void)snprintf(victim, sizeof(victim), "%s/victim", workdir);
	assert_int_equal(run("printf precious >'%s'; ln -s '%s' '%s/.c.img.header-" MADE_ID ".new'",
			     victim, victim, beside),
			 0);
	path = guard_make();
	assert_non_null(strstr(path, state_dir));
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(cdisk_guard_remove(&c, path), 0);
	free(path);
	assert_int_equal(run("rm '%s/.c.img.header-" MADE_ID ".new'", beside), 0);
}

static int setup(void **state)
{
	if (workdir_make(state) != 0 || cdisk_random(made_key, sizeof(made_key)) < 0)
		return -1;
	(void)snprintf(beside, sizeof(beside), "%s/beside", workdir);
	(void)snprintf(state_dir, sizeof(state_dir), "%s/state", workdir);
	if (mkdir(beside, 0755) < 0 || mkdir(state_dir, 0700) < 0)
		return -1;
	c.state_dir = state_dir;
	image = made_container();
	if (ftruncate(image, (off_t)CDISK_LUKS2_HEADER) < 0)
		return -1;
	(void)snprintf(info.path, sizeof(info.path), "%.4000s/c.img", beside);
	memcpy(info.id, MADE_ID, sizeof(MADE_ID));
	return run(": >'%s/c.img'", beside);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guard_is_a_private_copy_beside_the_container),
		cmocka_unit_test(removed_guard_is_overwritten_and_gone),
		cmocka_unit_test(guard_of_a_broken_off_change_is_replaced),
		cmocka_unit_test(kept_guards_get_names_of_their_own),
		cmocka_unit_test(list_asks_the_file_not_the_name),
		cmocka_unit_test(list_finds_copies_in_the_state_directory),
		cmocka_unit_test(guard_goes_to_the_state_directory_where_it_must),
		cmocka_unit_test(without_a_place_nothing_may_change),
		cmocka_unit_test(planted_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, setup, workdir_remove);
}
