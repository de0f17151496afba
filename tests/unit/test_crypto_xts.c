// SPDX-License-Identifier: GPL-2.0-or-later
/* AES-XTS against NIST's CAVP and Wycheproof's vectors. */
#include "crypto_vectors.h"

#include <endian.h>
#include <json-c/json.h>
#include "crypto/cipher_unit.h"

#define UNIT_MAX 4096

struct vector {
	uint8_t key[64], iv[CDISK_IV_SIZE], plain[UNIT_MAX], crypt[UNIT_MAX];
	int key_size, iv_size, size, crypt_size;
	bool has_number;
	uint64_t number; /* of the data unit */
};

static struct cdisk_cipher *aes_xts(const uint8_t *key, uint32_t key_size)
{
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;

	assert_int_equal(cdisk_cipher_parse("aes", "xts-plain64", key_size, 512, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, key, &c), 0);
	return c;
}

/* Both directions, each in place and from one buffer to another. */
static void vector_check(struct vector *v)
{
	struct cdisk_cipher *c = aes_xts(v->key, (uint32_t)v->key_size);
	uint8_t out[UNIT_MAX];
	size_t n = (size_t)v->size;

	assert_int_equal(v->size, v->crypt_size);
	if (v->has_number)
		assert_int_equal(cdisk_cipher_iv(c, v->number, v->iv), 0);
	assert_int_equal(cdisk_cipher_unit(c, true, v->iv, out, v->plain, n), 0);
	assert_memory_equal(out, v->crypt, n);
	assert_int_equal(cdisk_cipher_unit(c, false, v->iv, out, out, n), 0);
	assert_memory_equal(out, v->plain, n);
	assert_int_equal(cdisk_cipher_unit(c, true, v->iv, out, out, n), 0);
	assert_memory_equal(out, v->crypt, n);
	assert_int_equal(cdisk_cipher_unit(c, false, v->iv, out, v->crypt, n), 0);
	assert_memory_equal(out, v->plain, n);
	cdisk_cipher_free(c);
}

/* One line of a CAVP file; true when the vector is complete with it. */
static bool cavp_line(char *line, bool *encrypting, struct vector *v, int *bits)
{
	const char *s;
	bool complete = false;

	if (strncmp(line, "[ENCRYPT]", 9) == 0)
		*encrypting = true;
	else if (strncmp(line, "[DECRYPT]", 9) == 0)
		*encrypting = false;
	else if ((s = line_value(line, "DataUnitLen")))
		*bits = atoi(s);
	else if ((s = line_value(line, "Key")))
		v->key_size = hex_decode(s, v->key, sizeof(v->key));
	else if ((s = line_value(line, "DataUnitSeqNumber")))
		v->number = strtoull(s, NULL, 10), v->has_number = true;
	else if ((s = line_value(line, "i")))
		v->iv_size = hex_decode(s, v->iv, sizeof(v->iv)), v->has_number = false;
	else if ((s = line_value(line, "PT")))
		v->size = hex_decode(s, v->plain, UNIT_MAX), complete = *encrypting == false;
	else if ((s = line_value(line, "CT")))
		v->crypt_size = hex_decode(s, v->crypt, UNIT_MAX), complete = *encrypting;
	return complete;
}

/* Every vector of whole bytes; disks have no others. */
static void cavp_file(const char *name, const char *fallback, int expected, int expected_bits)
{
	FILE *f = vectors_open(name, fallback);
	struct vector v = {0};
	int bits = 0, run = 0, bitwise = 0;
	bool encrypting = true;
	char line[8192];

	if (!f)
		skip();
	while (fgets(line, sizeof(line), f)) {
		if (!cavp_line(line, &encrypting, &v, &bits))
			continue;
		if (bits % 8 != 0) {
			bitwise++;
			continue;
		}
		assert_int_equal(v.size * 8, bits);
		vector_check(&v);
		run++;
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(run, expected);
	assert_int_equal(bitwise, expected_bits);
}

static void cavp_unit_numbers_128_bit_keys_agree(void **state)
{
	(void)state;
	cavp_file("cavp-xts/tweak-dataunitseqno-XTSGenAES128.rsp.xz",
		"ciphers/AES/XTS/tweak-dataunitseqno/XTSGenAES128.rsp", 800, 200);
}

static void cavp_unit_numbers_256_bit_keys_agree(void **state)
{
	(void)state;
	cavp_file("cavp-xts/tweak-dataunitseqno-XTSGenAES256.rsp.xz",
		"ciphers/AES/XTS/tweak-dataunitseqno/XTSGenAES256.rsp", 600, 400);
}

static void cavp_tweaks_128_bit_keys_agree(void **state)
{
	(void)state;
	cavp_file("cavp-xts/tweak-128hexstr-XTSGenAES128.rsp.xz",
		"ciphers/AES/XTS/tweak-128hexstr/XTSGenAES128.rsp", 800, 200);
}

static void cavp_tweaks_256_bit_keys_agree(void **state)
{
	(void)state;
	cavp_file("cavp-xts/tweak-128hexstr-XTSGenAES256.rsp.xz",
		"ciphers/AES/XTS/tweak-128hexstr/XTSGenAES256.rsp", 600, 400);
}

static const char *text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void wycheproof_test(struct json_object *test)
{
	struct vector v = {0};

	v.key_size = hex_decode(text_of(test, "key"), v.key, sizeof(v.key));
	v.iv_size = hex_decode(text_of(test, "iv"), v.iv, sizeof(v.iv));
	v.size = hex_decode(text_of(test, "msg"), v.plain, UNIT_MAX);
	v.crypt_size = hex_decode(text_of(test, "ct"), v.crypt, UNIT_MAX);
	assert_string_equal(text_of(test, "result"), "valid");
	assert_in_range(v.iv_size, 1, 16);
	vector_check(&v);
}

/* All 123 apply: AES-192 too, and an IV of fewer than 16 bytes is a little-endian number. */
static void wycheproof_vectors_agree(void **state)
{
	char *text = vectors_text("wycheproof/aes_xts_test.json.xz", NULL);
	struct json_object *root, *groups, *tests;
	size_t run = 0;

	(void)state;
	if (!text)
		skip();
	root = json_tokener_parse(text);
	assert_non_null(root);
	groups = json_object_object_get(root, "testGroups");
	for (size_t g = 0; g < json_object_array_length(groups); g++) {
		tests = json_object_object_get(json_object_array_get_idx(groups, g), "tests");
		for (size_t t = 0; t < json_object_array_length(tests); t++, run++)
			wycheproof_test(json_object_array_get_idx(tests, t));
	}
	assert_int_equal(run, 123);
	json_object_put(root);
	free(text);
}

/* IEEE 1619-2007, vector 4 (key 27182818..., unit 0, 512 bytes 00..ff twice), first and last block.
 */
static void ieee_sector_agrees_through_the_public_calls(void **state)
{
	static const uint8_t key[32] = {0x27, 0x18, 0x28, 0x18, 0x28, 0x45, 0x90, 0x45, 0x23, 0x53,
		0x60, 0x28, 0x74, 0x71, 0x35, 0x26, 0x31, 0x41, 0x59, 0x26, 0x53, 0x58, 0x97, 0x93,
		0x23, 0x84, 0x62, 0x64, 0x33, 0x83, 0x27, 0x95};
	static const uint8_t first[16] = {0x27, 0xa7, 0x47, 0x9b, 0xef, 0xa1, 0xd4, 0x76, 0x48,
		0x9f, 0x30, 0x8c, 0xd4, 0xcf, 0xa6, 0xe2};
	struct cdisk_cipher *c = aes_xts(key, sizeof(key));
	uint8_t plain[512], out[512];

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)i;
	assert_int_equal(cdisk_cipher_encrypt(c, 0, out, plain, sizeof(out)), 0);
	assert_memory_equal(out, first, sizeof(first));
	assert_int_equal(cdisk_cipher_decrypt(c, 0, out, out, sizeof(out)), 0);
	assert_memory_equal(out, plain, sizeof(out));
	cdisk_cipher_free(c);
}

static void equal_key_halves_open(void **state)
{
	uint8_t key[64] = {0}, data[512] = {0}, out[512];
	struct cdisk_cipher *c = aes_xts(key, sizeof(key));

	(void)state;
	assert_int_equal(cdisk_cipher_encrypt(c, 7, out, data, sizeof(out)), 0);
	assert_int_equal(cdisk_cipher_decrypt(c, 7, out, out, sizeof(out)), 0);
	assert_memory_equal(out, data, sizeof(out));
	cdisk_cipher_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cavp_unit_numbers_128_bit_keys_agree),
		cmocka_unit_test(cavp_unit_numbers_256_bit_keys_agree),
		cmocka_unit_test(cavp_tweaks_128_bit_keys_agree),
		cmocka_unit_test(cavp_tweaks_256_bit_keys_agree),
		cmocka_unit_test(wycheproof_vectors_agree),
		cmocka_unit_test(ieee_sector_agrees_through_the_public_calls),
		cmocka_unit_test(equal_key_halves_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
