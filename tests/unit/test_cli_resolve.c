// SPDX-License-Identifier: GPL-2.0-or-later
/* How what was typed is compared with what is attached, and which text may become a file name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../cli/resolve_match.c"

#define ID "1b2c3d4e-aaaa-4bbb-8ccc-0123456789ab"

static void attachment_make(struct cdisk_attachment *a)
{
	memset(a, 0, sizeof(*a));
	(void)snprintf(a->id, sizeof(a->id), "%s", ID);
	(void)snprintf(a->instance, sizeof(a->instance), "%s-2", ID);
	(void)snprintf(a->mountpoint, sizeof(a->mountpoint), "/run/cryptdisk/mnt/data");
	(void)snprintf(a->node, sizeof(a->node), "/dev/loop7");
}

static void t_an_id_fits_in_any_case_and_so_does_the_instance(void **state)
{
	struct cdisk_attachment a;

	(void)state;
	attachment_make(&a);
	assert_true(match_id(&a, ID));
	assert_true(match_id(&a, "1B2C3D4E-AAAA-4BBB-8CCC-0123456789AB"));
	assert_true(match_id(&a, ID "-2"));
	assert_false(match_id(&a, ID "-3"));
	assert_false(match_id(&a, ""));
}

static void t_a_prefix_has_at_least_8_hex_digits(void **state)
{
	(void)state;
	assert_true(match_is_prefix("1b2c3d4e"));
	assert_true(match_is_prefix("1B2C3D4E-aa"));
	assert_true(match_is_prefix(ID));
	assert_false(match_is_prefix("1b2c3d4"));
	assert_false(match_is_prefix("1b2c-3d4"));
	assert_false(match_is_prefix("-1b2c3d4e"));
	assert_false(match_is_prefix("1b2c3d4eg"));
	assert_false(match_is_prefix(""));
	assert_false(match_is_prefix(ID "0"));
}

static void t_dashes_of_a_prefix_may_be_left_out(void **state)
{
	struct cdisk_attachment a;

	(void)state;
	attachment_make(&a);
	assert_true(match_prefix(&a, "1b2c3d4e"));
	assert_true(match_prefix(&a, "1B2C3D4Eaaaa"));
	assert_true(match_prefix(&a, "1b2c3d4e-aaaa"));
	assert_true(match_prefix(&a, ID));
	assert_false(match_prefix(&a, "1b2c3d4f"));
	assert_false(match_prefix(&a, "1b2c3d4e-aaab"));
}

static void t_a_place_is_named_and_an_empty_one_fits_nothing(void **state)
{
	struct cdisk_attachment a;

	(void)state;
	attachment_make(&a);
	assert_string_equal(match_place(&a, "/run/cryptdisk/mnt/data"), "mount point");
	assert_string_equal(match_place(&a, "/dev/loop7"), "node");
	assert_null(match_place(&a, "/run/cryptdisk/mnt"));
	assert_null(match_place(&a, "/run/cryptdisk/mnt/data/x"));
	assert_null(match_place(&a, ""));
}

/* seeds M2 */
static void t_scopes_rank_session_user_global(void **state)
{
	(void)state;
	assert_true(match_scope_rank("session") < match_scope_rank("user"));
	assert_true(match_scope_rank("user") < match_scope_rank("global"));
	assert_true(match_scope_rank("global") < match_scope_rank(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_an_id_fits_in_any_case_and_so_does_the_instance),
		cmocka_unit_test(t_a_prefix_has_at_least_8_hex_digits),
		cmocka_unit_test(t_dashes_of_a_prefix_may_be_left_out),
		cmocka_unit_test(t_a_place_is_named_and_an_empty_one_fits_nothing),
		cmocka_unit_test(t_scopes_rank_session_user_global),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
