// SPDX-License-Identifier: GPL-2.0-or-later
/* The exit codes of the program: one for each error, and what is told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../cli/exit.c"
#include "../../cli/failure.c"
#include "../../cli/startup.c"
#include "../../cli/signals.c"

static void t_every_library_error_has_its_code_and_name(void **state)
{
	int error;

	(void)state;
	for (error = CDISK_ERR_PASSPHRASE; error <= CDISK_ERR_NO_SECRET; error++)
		assert_int_not_equal(exit_for(-error)->code, EXIT_IO);
	assert_int_equal(exit_for(0)->code, 0);
	assert_int_equal(exit_for(-EINVAL)->code, 1);
	assert_int_equal(exit_for(-CDISK_ERR_PASSPHRASE)->code, 2);
	assert_int_equal(exit_for(-ENOMEM)->code, 3);
	assert_int_equal(exit_for(-CDISK_ERR_AMBIGUOUS)->code, 4);
	assert_int_equal(exit_for(-EEXIST)->code, 5);
	assert_int_equal(exit_for(-CDISK_ERR_NO_SECRET)->code, 6);
	assert_int_equal(exit_for(-CDISK_ERR_NO_BACKEND)->code, 8);
	assert_int_equal(exit_for(-CDISK_ERR_FILESYSTEM)->code, 9);
	assert_int_equal(exit_for(-CDISK_ERR_LOCKED)->code, 11);
	assert_int_equal(exit_for(-CDISK_ERR_UNSUPPORTED)->code, 12);
	assert_int_equal(exit_for(-CDISK_ERR_PARTIAL)->code, 13);
	assert_int_equal(exit_for(-ETIMEDOUT)->code, 14);
	assert_int_equal(exit_for(-ECANCELED)->code, 15);
	assert_int_equal(exit_for(-ENOSPC)->code, 16);
	assert_int_equal(exit_for(-CDISK_ERR_IN_USE)->code, 17);
}

/* trust.md 12: four different answers. */
static void t_passphrase_damage_io_and_permission_are_told_apart(void **state)
{
	(void)state;
	assert_string_equal(exit_for(-CDISK_ERR_PASSPHRASE)->name, "bad-passphrase");
	assert_string_equal(exit_for(-CDISK_ERR_CORRUPT)->name, "corrupt");
	assert_string_equal(exit_for(-EIO)->name, "io-error");
	assert_string_equal(exit_for(-EACCES)->name, "not-authorised");
	assert_string_equal(exit_for(-EPERM)->name, "not-authorised");
}

static void t_an_unknown_error_is_never_success(void **state)
{
	(void)state;
	assert_int_equal(exit_for(-3999)->code, EXIT_IO);
	assert_int_equal(exit_for(-9999)->code, EXIT_IO);
	assert_int_equal(exit_for(1)->code, EXIT_IO);
}

static void t_a_failure_without_a_sentence_gets_one(void **state)
{
	(void)state;
	assert_string_equal(exit_describe(-ENOSPC), strerror(ENOSPC));
	assert_non_null(strstr(exit_describe(-CDISK_ERR_LOCKED), "held"));
}

/* seeds C18 */
static void t_versions_of_one_release_fit_and_others_are_refused(void **state)
{
	struct failure f = {0};

	(void)state;
	assert_int_equal(startup_check_versions("0.1.0", "0.1.0", &f), 0);
	assert_int_equal(startup_check_versions("0.1.0", "0.1.7", &f), 0);
	assert_int_equal(startup_check_versions("0.1.0", "0.2.0", &f), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(startup_check_versions("0.1.0", "0.10.0", &f), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(startup_check_versions("1.1.0", "0.1.0", &f), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(startup_check_versions("0.1.0", "", &f), -CDISK_ERR_UNSUPPORTED);
	assert_non_null(strstr(f.message, "0.1.0"));
	assert_int_equal(exit_for(f.error)->code, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_every_library_error_has_its_code_and_name),
		cmocka_unit_test(t_passphrase_damage_io_and_permission_are_told_apart),
		cmocka_unit_test(t_an_unknown_error_is_never_success),
		cmocka_unit_test(t_a_failure_without_a_sentence_gets_one),
		cmocka_unit_test(t_versions_of_one_release_fit_and_others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
