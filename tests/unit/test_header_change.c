// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of a container's header through the library: what is cancelled or fails leaves the old
 * header and no guard, or says where the guard is; what was interrupted is told, and can be mended.
 */
#include "luks_test.h"
#include "format/header_write.h"
#include "format/io_seam.h"
#include "base/context.h"

#define COPY_MAX (UINT64_C(17) << 20)
#define NAME_SIZE (PATH_MAX + 256)

static struct cdisk *c;
static char box[NAME_SIZE];
static unsigned int ticks, cancel_at, writes, fail_at;
static int fail_with;
static char warning[CDISK_MESSAGE_MAX];

static int tick(const char *what, uint64_t done, uint64_t total, void *data)
{
	(void)what, (void)done, (void)total, (void)data;
	return ++ticks == cancel_at;
}

static void keep_warning(enum cdisk_log_level level, const char *line, void *data)
{
	(void)data;
	if (level == CDISK_LOG_WARNING)
		(void)snprintf(warning, sizeof(warning), "%s", line);
}

/* From the n-th write on nothing reaches the medium any more. */
static int failing_pwrite(int fd, const void *buf, size_t size, uint64_t offset)
{
	if (fail_at && ++writes >= fail_at)
		return fail_with;
	return cdisk_pwrite_full(fd, buf, size, offset);
}

static int group_setup(void **state)
{
	return workdir_make(state);
}

static int setup(void **state)
{
	char path[PATH_MAX + 16];

	(void)state;
	cancel_at = fail_at = ticks = writes = 0;
	warning[0] = '\0';
	cdisk_header_io.pwrite = failing_pwrite;
	assert_int_equal(run("rm -rf '%s'/* '%s'/.[a-z]*", workdir, workdir), 0);
	(void)snprintf(box, sizeof(box), "%s", work_path("box.img"));
	assert_int_equal(cdisk_new(&c), 0);
	(void)snprintf(path, sizeof(path), "%s/state", workdir);
	assert_int_equal(cdisk_set_state_dir(c, path), 0);
	cdisk_set_progress(c, tick, NULL);
	cdisk_set_log(c, keep_warning, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cdisk_header_io.pwrite = cdisk_pwrite_full;
	cdisk_free(c);
	return 0;
}

static void make_luks2(void)
{
	struct cdisk_create p = {.path = box, .fs = "none", .size = 20 << 20, .kdf_memory = 64 << 20,
				 .uid = geteuid(), .gid = getegid()};
	struct cdisk_secret *one = secret_text("one");
	struct cdisk_plan plan;

	if (cdisk_create(c, &p, one, &plan) != 0)
		fail_msg("%s", cdisk_message(c));
	cdisk_secret_free(one);
}

/* LUKS1 with all eight keyslots in use; the last one opens with "one". */
static bool make_luks1_full(void)
{
	if (run("command -v cryptsetup >/dev/null") != 0)
		return false;
	return run("cd '%s' && truncate -s 4M box.img && printf zero >k && printf one >l && "
		   "cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 box.img k && "
		   "for i in 1 2 3 4 5 6; do cryptsetup -q luksAddKey --pbkdf-force-iterations 1000 "
		   "-d k box.img k || exit 1; done; "
		   "cryptsetup -q luksAddKey --pbkdf-force-iterations 1000 -d k box.img l",
		   workdir) == 0;
}

static struct cdisk_container *open_box(void)
{
	struct cdisk_container *ct = NULL;

	if (cdisk_container_open(c, box, NULL, CDISK_OPEN_HEADER, &ct) != 0)
		fail_msg("%s", cdisk_message(c));
	return ct;
}

static int change(const char *from, const char *to, uint32_t passes)
{
	struct cdisk_secret *old = secret_text(from), *new = secret_text(to);
	struct cdisk_key key = {.keyslot = -1, .kdf_memory = 64 << 20, .kdf_passes = passes};
	struct cdisk_container *ct = open_box();
	int slot, r;

	ticks = writes = 0;
	r = cdisk_key_change(ct, old, new, &key, &slot);
	cdisk_container_close(ct);
	cdisk_secret_free(old);
	cdisk_secret_free(new);
	return r;
}

static bool opens(const char *text)
{
	unsigned int cancel = cancel_at, fail = fail_at;
	struct cdisk_secret *s = secret_text(text);
	struct cdisk_container *ct = open_box();
	int slot, r;

	cancel_at = fail_at = 0;
	r = cdisk_key_test(ct, s, -1, &slot);
	cancel_at = cancel;
	fail_at = fail;
	cdisk_container_close(ct);
	cdisk_secret_free(s);
	return r == 0;
}

static void box_digest(char hex[HEX_SHA256])
{
	int fd = open(box, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	sha256_fd(fd, hex);
	close(fd);
}

static unsigned int guards(void)
{
	return (unsigned int)(run("test -z \"$(find '%s' -name '.*header*')\"", workdir) != 0);
}

static void cancelled_change_leaves_the_old_header_and_no_guard(void **state)
{
	char before[HEX_SHA256], after[HEX_SHA256];
	int r = -ECANCELED;

	(void)state;
	make_luks2();
	box_digest(before);
	for (cancel_at = 1; r == -ECANCELED; cancel_at += 1 + cancel_at / 3) {
		r = change("one", "two", 4);
		if (r != -ECANCELED)
			break;
		box_digest(after);
		assert_string_equal(after, before);
		assert_int_equal(guards(), 0);
	}
	assert_int_equal(r, 0);
	cancel_at = 0;
	assert_true(opens("two"));
	assert_false(opens("one"));
	assert_int_equal(guards(), 0);
}

static void failed_write_leaves_no_guard_unless_it_is_needed(void **state)
{
	(void)state;
	make_luks2();
	fail_with = -ENOSPC;
	for (fail_at = 1; fail_at < 3; fail_at++) {
		assert_int_equal(change("one", "two", 4), -ENOSPC);
		assert_true(opens("one"));
		if (guards() == 0)
			assert_non_null(strstr(cdisk_message(c), "was not changed"));
		else
			assert_non_null(strstr(cdisk_advice(c), ".box.img.header-"));
		if (fail_at == 1)
			assert_int_equal(guards(), 0);
	}
}

static void leftover_guard_is_told_and_repair_removes_it(void **state)
{
	struct cdisk_container *ct;
	char *guard = NULL;

	(void)state;
	make_luks2();
	ct = open_box();
	assert_string_equal(warning, "");
	assert_int_equal(cdisk_guard_make(c, cdisk_container_info(ct),
					  open(box, O_RDONLY | O_CLOEXEC), 16 << 20, &guard), 0);
	cdisk_container_close(ct);
	ct = open_box();
	assert_non_null(strstr(warning, guard));
	assert_int_equal(cdisk_header_repair(ct), 0);
	assert_int_equal(access(guard, F_OK), -1);
	cdisk_container_close(ct);
	free(guard);
}

/* A change in the slot's own place is the one that only the guard can bring back. */
static void change_of_a_full_header_survives_a_failure_at_every_write(void **state)
{
	char guard[NAME_SIZE];
	unsigned int needed = 0;
	int r;

	(void)state;
	if (!make_luks1_full()) {
		printf("cryptsetup is not there: no full LUKS1 header\n");
		skip();
	}
	fail_with = -EIO;
	(void)snprintf(guard, sizeof(guard), "%s", work_path("guard"));
	for (fail_at = 1, r = -EIO; r < 0; fail_at++) {
		assert_int_equal(run("cp --sparse=always '%s' '%s.was'", box, box), 0);
		r = change("one", "two", 1000);
		if (r == 0)
			break;
		assert_int_equal(r, -EIO);
		if (guards() && !opens("one") && !opens("two")) {
			unsigned int at = fail_at;

			needed++;
			assert_non_null(strstr(warning, ".box.img.header-"));
			/* Another change would overwrite the only copy. */
			fail_at = 0;
			assert_int_equal(change("zero", "nil", 1000), -CDISK_ERR_CORRUPT);
			assert_non_null(strstr(cdisk_message(c), "keyslot 7"));
			assert_int_equal(run("cd '%s' && set -- .box.img.header-* && "
					     "ln -s \"$1\" guard", workdir), 0);
			assert_int_equal(cdisk_header_restore(c, box, NULL, guard, CDISK_RESTORE_OLDER),
					 0);
			assert_true(opens("one"));
			assert_int_equal(guards(), 0);
			assert_int_equal(unlink(guard), 0);
			fail_at = at;
		}
		assert_int_equal(run("mv '%s.was' '%s' && rm -f '%s'/.box*", box, box, workdir), 0);
	}
	assert_true(needed > 0);
	fail_at = 0;
	assert_true(opens("two"));
	assert_false(opens("one"));
}

static void failed_reload_keeps_the_handle_usable(void **state)
{
	struct cdisk_secret *s;
	struct cdisk_container *ct;
	struct cdisk_key key = {.keyslot = -1, .kdf_memory = 64 << 20};
	int slot;

	(void)state;
	make_luks2();
	s = secret_text("one");
	ct = open_box();
	assert_int_equal(truncate(box, 4096), 0);
	assert_true(cdisk_key_add(ct, s, s, &key, &slot) < 0);
	assert_true(cdisk_key_test(ct, s, -1, &slot) <= 0);
	assert_string_equal(cdisk_container_info(ct)->format, "LUKS2");
	cdisk_container_close(ct);
	cdisk_secret_free(s);
}

static void erase_that_was_broken_off_can_be_repeated(void **state)
{
	struct cdisk_container *ct;
	uint8_t *bytes = malloc(COPY_MAX);
	int fd;

	(void)state;
	assert_non_null(bytes);
	make_luks2();
	fail_with = -EIO;
	/* 16 MiB in steps of 64 KiB, random bytes and zeros: the material ends at about write 512. */
	for (unsigned int at = 1; at < 500; at += 99) {
		ct = open_box();
		fail_at = at, writes = 0;
		assert_int_equal(cdisk_erase(ct), -EIO);
		fail_at = 0;
		cdisk_container_close(ct);
	}
	ct = open_box();
	assert_int_equal(cdisk_erase(ct), 0);
	cdisk_container_close(ct);
	fd = open(box, O_RDONLY | O_CLOEXEC);
	assert_int_equal(cdisk_pread_full(fd, bytes, 16 << 20, 0), 0);
	assert_true(bytes[0] == 0 && memcmp(bytes, bytes + 1, (16 << 20) - 1) == 0);
	close(fd);
	free(bytes);
}

static void restore_never_overwrites_what_is_no_header(void **state)
{
	struct cdisk_container *ct;
	char copy[NAME_SIZE], other[NAME_SIZE], before[HEX_SHA256], after[HEX_SHA256];

	(void)state;
	(void)snprintf(copy, sizeof(copy), "%s", work_path("copy"));
	(void)snprintf(other, sizeof(other), "%s", work_path("other.img"));
	make_luks2();
	ct = open_box();
	assert_int_equal(cdisk_header_backup(ct, copy), 0);
	cdisk_container_close(ct);
	assert_int_equal(run("mv '%s' '%s'", box, other), 0);
	/* An ext4 filesystem; a damaged header of another volume. */
	if (run("command -v mkfs.ext4 >/dev/null") == 0) {
		assert_int_equal(run("truncate -s 32M '%s' && mkfs.ext4 -q '%s'", box, box), 0);
		box_digest(before);
		assert_int_equal(cdisk_header_restore(c, box, NULL, copy, 0), -EEXIST);
		box_digest(after);
		assert_string_equal(after, before);
		assert_int_equal(run("rm '%s'", box), 0);
	}
	make_luks2();
	assert_int_equal(run("for at in 5000 21384; do printf xxxx | dd of='%s' bs=1 seek=$at "
			     "conv=notrunc status=none; done", box), 0);
	box_digest(before);
	assert_int_equal(cdisk_header_restore(c, box, NULL, copy, 0), -EEXIST);
	box_digest(after);
	assert_string_equal(after, before);
	assert_int_equal(run("for at in 5000 21384; do printf xxxx | dd of='%s' bs=1 seek=$at "
			     "conv=notrunc status=none; done", other), 0);
	assert_int_equal(cdisk_header_restore(c, other, NULL, copy, 0), 0);
}

/* Copies of the header, under whatever name, that text opens. */
static int copies(const char *text)
{
	struct cdisk_secret *s = secret_text(text);
	struct cdisk_container *ct = open_box();
	char **paths = NULL;
	int n = cdisk_header_copies(ct, s, &paths);

	cdisk_strv_free(paths);
	cdisk_container_close(ct);
	cdisk_secret_free(s);
	return n;
}

static void restore_of_luks1_asks_where_keyslots_differ(void **state)
{
	struct cdisk_container *ct;
	char copy[NAME_SIZE];

	(void)state;
	if (!make_luks1_full()) {
		printf("cryptsetup is not there: no LUKS1 header\n");
		skip();
	}
	(void)snprintf(copy, sizeof(copy), "%s", work_path("copy"));
	ct = open_box();
	assert_int_equal(cdisk_header_backup(ct, copy), 0);
	cdisk_container_close(ct);
	assert_int_equal(cdisk_header_restore(c, box, NULL, copy, 0), 0);
	assert_int_equal(change("one", "two", 1000), 0);
	assert_int_equal(copies("one"), 1);
	assert_int_equal(copies("two"), 0);
	assert_int_equal(cdisk_header_restore(c, box, NULL, copy, 0), -EEXIST);
	assert_false(opens("one"));
	assert_int_equal(cdisk_header_restore(c, box, NULL, copy, CDISK_RESTORE_OLDER), 0);
	assert_true(opens("one"));
}

static void unbound_keyslot_is_not_another_key(void **state)
{
	struct cdisk_container *ct;
	int slot;

	(void)state;
	make_luks2();
	if (run("command -v cryptsetup >/dev/null") != 0) {
		printf("cryptsetup is not there: no unbound keyslot\n");
		skip();
	}
	assert_int_equal(run("cd '%s' && printf u >u && printf one >k && cryptsetup -q luksAddKey "
			     "--unbound --key-size 512 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
			     "--key-slot 5 box.img u -d k", workdir), 0);
	ct = open_box();
	assert_int_equal(cdisk_key_remove(ct, 0, NULL, 0, &slot), -EINVAL);
	assert_int_equal(cdisk_key_remove(ct, 5, NULL, 0, &slot), 0);
	cdisk_container_close(ct);
	assert_true(opens("one"));
}

static void costs_that_could_never_be_paid_are_refused_at_once(void **state)
{
	(void)state;
	make_luks2();
	assert_int_equal(change("one", "two", UINT32_MAX), -CDISK_ERR_UNSUPPORTED);
	assert_true(opens("one"));
}

static void full_keyslots_area_is_no_reason_not_to_change(void **state)
{
	struct cdisk_secret *one, *two;
	struct cdisk_key key = {.keyslot = -1, .kdf_memory = 64 << 20};
	struct cdisk_container *ct;
	int slot;

	(void)state;
	if (run("command -v cryptsetup >/dev/null") != 0) {
		printf("cryptsetup is not there: no small keyslots area\n");
		skip();
	}
	assert_int_equal(run("cd '%s' && truncate -s 4M box.img && printf one >k && printf two >l && "
			     "cryptsetup -q luksFormat --luks2-keyslots-size 544k --luks2-metadata-size 16k "
			     "--pbkdf pbkdf2 --pbkdf-force-iterations 1000 box.img k 2>/dev/null && "
			     "cryptsetup -q luksAddKey --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
			     "-d k box.img l", workdir), 0);
	assert_int_equal(change("one", "three", 4), 0);
	assert_true(opens("three"));
	assert_true(opens("two"));
	assert_false(opens("one"));
	one = secret_text("two");
	two = secret_text("four");
	ct = open_box();
	assert_int_equal(cdisk_key_add(ct, one, two, &key, &slot), -ENOSPC);
	cdisk_container_close(ct);
	cdisk_secret_free(one);
	cdisk_secret_free(two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cancelled_change_leaves_the_old_header_and_no_guard),
		TEST(failed_write_leaves_no_guard_unless_it_is_needed),
		TEST(leftover_guard_is_told_and_repair_removes_it),
		TEST(change_of_a_full_header_survives_a_failure_at_every_write),
		TEST(failed_reload_keeps_the_handle_usable),
		TEST(erase_that_was_broken_off_can_be_repeated),
		TEST(restore_never_overwrites_what_is_no_header),
		TEST(restore_of_luks1_asks_where_keyslots_differ),
		TEST(unbound_keyslot_is_not_another_key),
		TEST(costs_that_could_never_be_paid_are_refused_at_once),
		TEST(full_keyslots_area_is_no_reason_not_to_change),
	};

	return cmocka_run_group_tests(tests, group_setup, workdir_remove);
}
