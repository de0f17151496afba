// SPDX-License-Identifier: GPL-2.0-or-later
/* Sizes, times and numbers as the program's command line has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <cmocka.h>
#include "../../cli/size.c"

static void size_is(const char *text, uint64_t wanted)
{
	uint64_t got = 1;

	assert_int_equal(size_parse(text, &got), 0);
	assert_true(got == wanted);
}

static void t_sizes_are_powers_of_1024(void **state)
{
	(void)state;
	size_is("0", 0);
	size_is("4096", 4096);
	size_is("512k", 512 * 1024);
	size_is("64MiB", UINT64_C(64) << 20);
	size_is("10G", UINT64_C(10) << 30);
	size_is("10g", UINT64_C(10) << 30);
	size_is("2TiB", UINT64_C(2) << 40);
	size_is("1P", UINT64_C(1) << 50);
	size_is("7B", 7);
	size_is("18446744073709551615", UINT64_MAX);
}

static void t_sizes_that_do_not_fit_are_refused(void **state)
{
	uint64_t got = 77;

	(void)state;
	assert_int_equal(size_parse("18446744073709551616", &got), -ERANGE);
	assert_int_equal(size_parse("16384P", &got), -ERANGE);
	assert_int_equal(size_parse("99999999999999999999999999", &got), -ERANGE);
	assert_int_equal(size_parse("18014398509481984K", &got), -ERANGE);
	assert_true(got == 77);
}

static void t_what_is_no_size_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "G", "-1", "+1", " 1", "1 ", "1 G", "1.5G",
		"0x10", "1KB", "1GB", "10Q", "1GiBs", "twelve", "1e9"};
	uint64_t got = 77;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(size_parse(bad[i], &got), -EINVAL);
	assert_true(got == 77);
}

static void t_times_are_seconds_unless_said(void **state)
{
	uint64_t ms;

	(void)state;
	assert_int_equal(time_parse("10", &ms), 0);
	assert_true(ms == 10000);
	assert_int_equal(time_parse("250ms", &ms), 0);
	assert_true(ms == 250);
	assert_int_equal(time_parse("5m", &ms), 0);
	assert_true(ms == 300000);
	assert_int_equal(time_parse("1h", &ms), 0);
	assert_true(ms == 3600000);
	assert_int_equal(time_parse("5d", &ms), -EINVAL);
	assert_int_equal(time_parse("18446744073709551615", &ms), -ERANGE);
}

static void t_numbers_have_digits_only(void **state)
{
	uint64_t n;

	(void)state;
	assert_int_equal(number_parse("31", &n), 0);
	assert_true(n == 31);
	assert_int_equal(number_parse("-1", &n), -EINVAL);
	assert_int_equal(number_parse("3a", &n), -EINVAL);
	assert_int_equal(number_parse("", &n), -EINVAL);
}

static void t_sizes_are_shown_with_one_digit(void **state)
{
	char text[SIZE_TEXT];

	(void)state;
	assert_string_equal(size_format(0, text), "0 B");
	assert_string_equal(size_format(1023, text), "1023 B");
	assert_string_equal(size_format(1024, text), "1 KiB");
	assert_string_equal(size_format(1536, text), "1.5 KiB");
	assert_string_equal(size_format(UINT64_C(10) << 30, text), "10 GiB");
	assert_string_equal(size_format(UINT64_MAX, text), "15.9 EiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_sizes_are_powers_of_1024),
		cmocka_unit_test(t_sizes_that_do_not_fit_are_refused),
		cmocka_unit_test(t_what_is_no_size_is_refused),
		cmocka_unit_test(t_times_are_seconds_unless_said),
		cmocka_unit_test(t_numbers_have_digits_only),
		cmocka_unit_test(t_sizes_are_shown_with_one_digit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
