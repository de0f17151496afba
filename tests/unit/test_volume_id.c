// SPDX-License-Identifier: GPL-2.0-or-later
/* A header's UUID text becomes a volume ID: itself where it is one, else a hash of it. */
#include "luks_test.h"
#include <ctype.h>

static void expect_id(const char *text, const char *expected)
{
	char id[CDISK_ID_SIZE];

	cdisk_volume_id(text, id);
	assert_string_equal(id, expected);
}

static void expect_hashed(const char *text)
{
	char id[CDISK_ID_SIZE], again[CDISK_ID_SIZE];
	size_t i;

	cdisk_volume_id(text, id);
	cdisk_volume_id(text, again);
	assert_string_equal(id, again);
	assert_int_equal(strlen(id), 36);
	assert_int_equal(id[14], '8');
	assert_non_null(strchr("89ab", id[19]));
	for (i = 0; i < 36; i++)
		assert_true(id[i] == '-' || (isxdigit((unsigned char)id[i]) && !isupper(id[i])));
	assert_string_not_equal(id, text);
}

static void uuid_stays_in_lower_case(void **state)
{
	(void)state;
	expect_id("5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11", "5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11");
	expect_id("5B2F6D3E-7C1A-4F7E-9C59-0A6D3F1F2B11", "5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11");
}

static void other_text_is_hashed(void **state)
{
	(void)state;
	/* The first 16 bytes of SHA-256("abc"), with version 8 and variant 10. */
	expect_id("abc", "ba7816bf-8f01-8fea-8141-40de5dae2223");
	expect_hashed("");
	expect_hashed("../../../etc/passwd");
	expect_hashed("5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b1");
	expect_hashed("5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b111");
	expect_hashed("5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b1g");
	expect_hashed("5b2f6d3e17c1a-4f7e-9c59-0a6d3f1f2b11");
}

static void nil_is_hashed(void **state)
{
	(void)state;
	expect_hashed("00000000-0000-0000-0000-000000000000");
}

static void new_ids_differ_and_are_random_uuids(void **state)
{
	char a[CDISK_ID_SIZE], b[CDISK_ID_SIZE];

	(void)state;
	assert_int_equal(cdisk_volume_id_new(a), 0);
	assert_int_equal(cdisk_volume_id_new(b), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(a[14], '4');
	assert_non_null(strchr("89ab", a[19]));
	expect_id(a, a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuid_stays_in_lower_case),
		cmocka_unit_test(other_text_is_hashed),
		cmocka_unit_test(nil_is_hashed),
		cmocka_unit_test(new_ids_differ_and_are_random_uuids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
