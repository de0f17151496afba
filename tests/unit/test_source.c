// SPDX-License-Identifier: GPL-2.0-or-later
/* The text in a server's mount source, and the lines of mountinfo it stands in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "backend/backend.h"
#include "backend/mountinfo.h"

#define ID "0a1b2c3d-0000-4000-8000-0123456789ab"

static void test_what_was_formatted_is_parsed(void **state)
{
	const struct cdisk_source s = {
		.id = ID, .dev = UINT64_MAX, .ino = 0, .pid = INT32_MAX, .pid_start = UINT64_MAX};
	struct cdisk_source back;
	char text[160], again[160];

	(void)state;
	cdisk_source_format(&s, text, sizeof(text));
	assert_string_equal(
		text, "cryptdisk:" ID ":18446744073709551615:0:2147483647:18446744073709551615");
	assert_int_equal(cdisk_source_parse(text, &back), 0);
	cdisk_source_format(&back, again, sizeof(again));
	assert_string_equal(again, text);
}

static void test_other_texts_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"cryptdisk",
		"cryptdisk:",
		"cryptdisk:" ID,
		"cryptdisk:" ID ":1:2:3",
		"cryptdisk:" ID ":1:2:3:",
		"cryptdisk:" ID ":1:2:3:4:5",
		"cryptdisk:" ID ":1:2:3:4 ",
		"cryptdisk:" ID ":1:2:0:4",
		"cryptdisk:" ID ":1:2:-3:4",
		"cryptdisk:" ID ":1:2:2147483648:4",
		"cryptdisk:" ID ":18446744073709551616:2:3:4",
		"cryptdisk:" ID ":01:2:3:4",
		"cryptdisk:" ID ":+1:2:3:4",
		"cryptdisk:" ID ":0x1:2:3:4",
		"cryptdisk:0A1B2C3D-0000-4000-8000-0123456789AB:1:2:3:4",
		"cryptdisk:../../../../../../../../etc/passwd...:1:2:3:4",
		"cryptdisk:0a1b2c3d00004000800001234567890123456:1:2:3:4",
		"Cryptdisk:" ID ":1:2:3:4",
	};
	struct cdisk_source s = {.pid = 42};

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_source_parse(bad[i], &s) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(s.pid, 42);
}

static struct cdisk_mountinfo parse(const char *text)
{
	struct cdisk_mountinfo m = {0};

	assert_int_equal(cdisk_mountinfo_parse(strdup(text), &m), 0);
	return m;
}

static void test_a_line_of_mountinfo_is_taken_apart(void **state)
{
	struct cdisk_mountinfo m = parse("36 35 98:7 /a\\040b /mnt/x\\134\\012y rw,nosuid master:1 "
					 "shared:2 - fuse.cryptdisk src\\040c rw,user_id=1000\n");

	(void)state;
	assert_int_equal(m.n, 1);
	assert_int_equal(m.entries[0].id, 36);
	assert_int_equal(m.entries[0].major, 98);
	assert_int_equal(m.entries[0].minor, 7);
	assert_string_equal(m.entries[0].root, "/a b");
	assert_string_equal(m.entries[0].target, "/mnt/x\\\ny");
	assert_string_equal(m.entries[0].flags, "rw,nosuid");
	assert_string_equal(m.entries[0].type, "fuse.cryptdisk");
	assert_string_equal(m.entries[0].source, "src c");
	assert_string_equal(m.entries[0].options, "rw,user_id=1000");
	cdisk_mountinfo_done(&m);
	assert_int_equal(m.n, 0);
}

static void test_lines_that_make_no_sense_are_left_out(void **state)
{
	struct cdisk_mountinfo m =
		parse("\n36 35 98:7 / /mnt rw\n36 35 x:7 / /a rw - t s o\n"
		      "36 35 98 / /a rw - t s o\n36 35 1:2 / /a rw m:1 t s o\n"
		      "99999999999 35 1:2 / /a rw - t s o\n36 35 1:2 / /a rw - t\n"
		      "-1 35 1:2 / /a rw - t s o\n"
		      "37 35 1:2 / /good rw - t s");

	(void)state;
	assert_int_equal(m.n, 1);
	assert_string_equal(m.entries[0].target, "/good");
	assert_string_equal(m.entries[0].options, "");
	cdisk_mountinfo_done(&m);
}

static void test_of_stacked_mounts_the_last_is_on_top(void **state)
{
	struct cdisk_mountinfo m =
		parse("1 0 0:1 / /a rw - t first rw\n2 1 0:2 / /a rw - t second rw\n"
		      "3 1 0:3 / /a/b rw - t other rw\n");

	(void)state;
	assert_string_equal(cdisk_mountinfo_at(&m, "/a")->source, "second");
	assert_null(cdisk_mountinfo_at(&m, "/"));
	cdisk_mountinfo_done(&m);
}

static void test_options_are_found_as_whole_words(void **state)
{
	const char *o = "rw,xuser_id=7,user_id=1000,user_idx=8,big=4294967296,word=1x,ro";

	(void)state;
	assert_int_equal(cdisk_option_number(o, "user_id", 5), 1000);
	assert_int_equal(cdisk_option_number(o, "big", 5), 5);
	assert_int_equal(cdisk_option_number(o, "word", 5), 5);
	assert_int_equal(cdisk_option_number(o, "none", 5), 5);
	assert_int_equal(cdisk_option_number("user_id=", "user_id", 5), 5);
	assert_true(cdisk_option_has(o, "rw") && cdisk_option_has(o, "ro"));
	assert_false(cdisk_option_has(o, "r") || cdisk_option_has(o, "user_id"));
	assert_false(cdisk_option_has("", "rw"));
}

static void test_the_kernel_s_own_list_is_read(void **state)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};

	(void)state;
	assert_int_equal(cdisk_mountinfo_read(&m), 0);
	assert_non_null(cdisk_mountinfo_at(&m, "/"));
	assert_string_equal(cdisk_mountinfo_at(&m, "/proc")->type, "proc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_formatted_is_parsed),
		cmocka_unit_test(test_other_texts_are_refused),
		cmocka_unit_test(test_a_line_of_mountinfo_is_taken_apart),
		cmocka_unit_test(test_lines_that_make_no_sense_are_left_out),
		cmocka_unit_test(test_of_stacked_mounts_the_last_is_on_top),
		cmocka_unit_test(test_options_are_found_as_whole_words),
		cmocka_unit_test(test_the_kernel_s_own_list_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
