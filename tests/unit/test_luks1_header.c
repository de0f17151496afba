// SPDX-License-Identifier: GPL-2.0-or-later
/* The LUKS1 parser takes a right header and names what is wrong with another. */
#include "luks_test.h"
#include <endian.h>
#include "format/luks1_header.h"

static void put32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

static void header_make(uint8_t bytes[CDISK_LUKS1_HEADER])
{
	unsigned int i;

	memset(bytes, 0, CDISK_LUKS1_HEADER);
	memcpy(bytes, "LUKS\xba\xbe\0\1", 8);
	memcpy(bytes + 8, "aes", 3);
	memcpy(bytes + 40, "xts-plain64", 11);
	memcpy(bytes + 72, "sha256", 6);
	put32(bytes + 104, 4096);
	put32(bytes + 108, 64);
	put32(bytes + 164, 1000);
	memcpy(bytes + 168, "5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11", 36);
	for (i = 0; i < CDISK_LUKS1_SLOTS; i++) {
		uint8_t *slot = bytes + CDISK_LUKS1_SLOT_OFFSET + i * CDISK_LUKS1_SLOT_SIZE;

		put32(slot, i == 0 ? 0x00ac71f3 : 0x0000dead);
		put32(slot + 4, i == 0 ? 1000 : 0);
		put32(slot + 40, 8 + i * 504);
		put32(slot + 44, 4000);
	}
}

static void right_header_is_read(void **state)
{
	uint8_t bytes[CDISK_LUKS1_HEADER];
	struct cdisk_luks1 m;

	(void)state;
	header_make(bytes);
	assert_null(cdisk_luks1_parse(bytes, sizeof(bytes), &m));
	assert_string_equal(m.cipher, "aes");
	assert_string_equal(m.mode, "xts-plain64");
	assert_string_equal(m.hash, "sha256");
	assert_int_equal(m.payload_offset, 4096 * 512);
	assert_int_equal(m.key_size, 64);
	assert_true(m.slots[0].active);
	assert_false(m.slots[1].active);
	assert_int_equal(m.slots[1].offset, 512 * 512);
	assert_int_equal(m.area, (8 + 7 * 504 + 500) * 512);
}

struct flaw {
	const char *why;
	size_t offset;
	uint32_t value;
};

static void flaw_is_named(void **state)
{
	static const struct flaw flaws[] = {
		{"it has no LUKS1 signature", 0, 0},
		{"it has no LUKS1 signature", 4, 0xbabe0002},
		{"the cipher's name is wrong", 8, 0},
		{"the hash's name is wrong", 72, 0},
		{"the size of the key is wrong", 108, 0},
		{"the size of the key is wrong", 108, 513},
		{"the size of the key is wrong", 108, 0xffffffff},
		{"the key's digest has no iterations", 164, 0},
		{"a keyslot is neither used nor free", 208, 1},
		{"a keyslot has no iterations", 212, 0},
		{"a keyslot's place is wrong", 248, 0},
		{"a keyslot's place is wrong", 252, 0},
		{"a keyslot overlaps the data", 252, 0xffffffff},
		{"a keyslot overlaps the data", 248, 0xffffffff},
		{"a keyslot overlaps the data", 104, 4000},
		{"two keyslots overlap", 248, 600},
	};
	uint8_t bytes[CDISK_LUKS1_HEADER];
	struct cdisk_luks1 m;
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(flaws); i++) {
		const char *why;

		header_make(bytes);
		put32(bytes + flaws[i].offset, flaws[i].value);
		why = cdisk_luks1_parse(bytes, sizeof(bytes), &m);
		assert_non_null(why);
		assert_string_equal(why, flaws[i].why);
	}
}

static void text_without_end_is_refused(void **state)
{
	uint8_t bytes[CDISK_LUKS1_HEADER];
	struct cdisk_luks1 m;

	(void)state;
	header_make(bytes);
	memset(bytes + 40, 'x', 32);
	assert_string_equal(cdisk_luks1_parse(bytes, sizeof(bytes), &m),
			    "the cipher's name is wrong");
}

static void identifier_without_end_is_cut(void **state)
{
	uint8_t bytes[CDISK_LUKS1_HEADER];
	struct cdisk_luks1 m;

	(void)state;
	header_make(bytes);
	memset(bytes + 168, 'x', 40);
	assert_null(cdisk_luks1_parse(bytes, sizeof(bytes), &m));
	assert_int_equal(strlen(m.uuid), 40);
}

static void short_header_is_refused(void **state)
{
	uint8_t bytes[CDISK_LUKS1_HEADER];
	struct cdisk_luks1 m;
	size_t size;

	(void)state;
	header_make(bytes);
	for (size = 0; size < sizeof(bytes); size++)
		assert_non_null(cdisk_luks1_parse(bytes, size, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_header_is_read),
		cmocka_unit_test(flaw_is_named),
		cmocka_unit_test(text_without_end_is_refused),
		cmocka_unit_test(identifier_without_end_is_cut),
		cmocka_unit_test(short_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
