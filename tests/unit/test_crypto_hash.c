// SPDX-License-Identifier: GPL-2.0-or-later
/* Hashes by LUKS's names, HMAC, and the anti-forensic merge. */
#include "crypto_vectors.h"

#include <errno.h>
#include <json-c/json.h>
#include "base/secret.h"
#include "crypto/crypto.h"

static void sizes_are_those_of_the_digests(void **state)
{
	static const struct {
		const char *name;
		int size;
	} hashes[] = {
		{"sha1", 20},
		{"sha224", 28},
		{"sha256", 32},
		{"sha384", 48},
		{"sha512", 64},
		{"sha3-224", 28},
		{"sha3-256", 32},
		{"sha3-384", 48},
		{"sha3-512", 64},
		{"ripemd160", 20},
		{"rmd160", 20},
		{"whirlpool", 64},
		{"wp512", 64},
		{"wp384", 48},
		{"wp256", 32},
		{"blake2b-512", 64},
		{"blake2b-256", 32},
		{"blake2s-256", 32},
		{"stribog512", 64},
		{"stribog256", 32},
		{"sm3", 32},
		{"SHA256", 32},
	};
	uint8_t digest[CDISK_HASH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		assert_int_equal(cdisk_hash_size(hashes[i].name), hashes[i].size);
		assert_int_equal(cdisk_hash(hashes[i].name, "", 0, digest), 0);
	}
}

static void unknown_names_are_refused(void **state)
{
	static const char *const names[] = {
		"", "sha", "sha2560", "md5", "crc32", "sha256 ", "wp128"};
	uint8_t digest[CDISK_HASH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(cdisk_hash_size(names[i]), -EOPNOTSUPP);
		assert_int_equal(cdisk_hash(names[i], "", 0, digest), -EOPNOTSUPP);
		assert_int_equal(cdisk_hmac(names[i], "k", 1, "", 0, digest), -EOPNOTSUPP);
	}
}

static void hash_is(const char *name, const void *data, size_t size, const char *hex)
{
	uint8_t digest[CDISK_HASH_MAX], expected[CDISK_HASH_MAX];
	int n = hex_decode(hex, expected, sizeof(expected));

	assert_int_equal(n, cdisk_hash_size(name));
	assert_int_equal(cdisk_hash(name, data, size, digest), 0);
	assert_memory_equal(digest, expected, (size_t)n);
}

/* FIPS 180-4, FIPS 202 and the kernel's wp256: Whirlpool's first 32 bytes. */
static void known_digests_of_abc_agree(void **state)
{
	(void)state;
	hash_is("sha1", "abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
	hash_is("sha256", "abc", 3,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_is("sha3-256", "abc", 3,
		"3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
	hash_is("wp256", "abc", 3,
		"4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c");
	hash_is("sm3", "abc", 3,
		"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

/* OpenSSL's digest tests: Digest, Input ("text" or hex, Ncopies of it), Output. */
static size_t openssl_file(const char *file, const char *digest, const char *ours)
{
	FILE *f = vectors_open(file, NULL);
	static char line[16384], input[16384];
	uint8_t data[4096];
	bool wanted = false;
	size_t run = 0;
	const char *v;

	if (!f)
		skip();
	while (fgets(line, sizeof(line), f)) {
		int n;

		if ((v = line_value(line, "Digest"))) {
			wanted = strcasecmp(v, digest) == 0;
		} else if ((v = line_value(line, "Input"))) {
			snprintf(input, sizeof(input), "%s", v);
		} else if (line_value(line, "Count") || line_value(line, "Ncopy")) {
			wanted = false; /* many copies of the input: no other code runs for them */
		} else if ((v = line_value(line, "Output")) && wanted) {
			if (input[0] == '"') {
				n = (int)strlen(input) - 2;
				memcpy(data, input + 1, (size_t)n);
			} else {
				n = hex_decode(input, data, sizeof(data));
			}
			assert_true(n >= 0);
			hash_is(ours, data, (size_t)n, v);
			run++;
		}
	}
	assert_int_equal(pclose(f), 0);
	return run;
}

static void openssl_vectors_agree(void **state)
{
	(void)state;
	assert_true(openssl_file("openssl/evpmd_whirlpool.txt.xz", "whirlpool", "whirlpool") >= 8);
	assert_true(openssl_file("openssl/evpmd_ripemd.txt.xz", "RIPEMD160", "ripemd160") >= 7);
	assert_true(openssl_file("openssl/evpmd_blake.txt.xz", "BLAKE2s256", "blake2s-256") >= 7);
	assert_true(openssl_file("openssl/evpmd_blake.txt.xz", "BLAKE2b512", "blake2b-512") >= 7);
}

static const char *text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void hmac_test(struct json_object *test)
{
	uint8_t key[512], msg[512], tag[64], digest[CDISK_HASH_MAX];
	int n_key = hex_decode(text_of(test, "key"), key, sizeof(key));
	int n_msg = hex_decode(text_of(test, "msg"), msg, sizeof(msg));
	int n_tag = hex_decode(text_of(test, "tag"), tag, sizeof(tag));
	bool valid = strcmp(text_of(test, "result"), "valid") == 0;

	assert_true(n_key >= 0 && n_msg >= 0 && n_tag > 0);
	assert_int_equal(cdisk_hmac("sha256", key, (size_t)n_key, msg, (size_t)n_msg, digest), 0);
	assert_int_equal(memcmp(digest, tag, (size_t)n_tag) == 0, valid);
}

static void wycheproof_hmac_vectors_agree(void **state)
{
	char *text = vectors_text("wycheproof/hmac_sha256_test.json.xz", NULL);
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
			hmac_test(json_object_array_get_idx(tests, t));
	}
	assert_int_equal(run, 174);
	json_object_put(root);
	free(text);
}

static void hmac_over_a_cut_off_hash_is_refused(void **state)
{
	uint8_t digest[CDISK_HASH_MAX];

	(void)state;
	assert_int_equal(cdisk_hmac("wp256", "k", 1, "", 0, digest), -EOPNOTSUPP);
}

/* Whatever is left of the pool: an error, not the end of the process. */
static void a_full_pool_is_no_memory(void **state)
{
	uint8_t digest[CDISK_HASH_MAX];
	void *blocks[8192];
	size_t n = 0, left = 0;
	int r;

	(void)state;
	while (n < 8192 && (blocks[n] = cdisk_pool_alloc(16)))
		n++;
	do {
		r = cdisk_hmac("whirlpool", "k", 1, "", 0, digest);
		assert_true(r == 0 || r == -ENOMEM);
		left++;
		cdisk_pool_free(blocks[--n]);
	} while (r < 0 && n > 0);
	assert_int_equal(r, 0);
	assert_true(left > 10);
	while (n > 0)
		cdisk_pool_free(blocks[--n]);
}

/* LUKS's splitter, done here the other way round: the last stripe makes the key come out. */
static void af_split(
	const char *hash, const uint8_t *key, uint8_t *out, size_t size, unsigned int stripes)
{
	uint8_t state[64] = {0}, piece[4 + 64], digest[CDISK_HASH_MAX];
	size_t h = (size_t)cdisk_hash_size(hash);

	for (unsigned int i = 0; i + 1 < stripes; i++) {
		for (size_t b = 0; b < size; b++) {
			out[i * size + b] = (uint8_t)(i * 31 + b * 7);
			state[b] ^= out[i * size + b];
		}
		for (size_t at = 0; at < size; at += h) {
			size_t n = size - at < h ? size - at : h;

			memset(piece, 0, 4);
			piece[3] = (uint8_t)(at / h);
			memcpy(piece + 4, state + at, n);
			assert_int_equal(cdisk_hash(hash, piece, 4 + n, digest), 0);
			memcpy(state + at, digest, n);
		}
	}
	for (size_t b = 0; b < size; b++)
		out[(stripes - 1) * size + b] = state[b] ^ key[b];
}

static void af_merge_undoes_the_split(void **state)
{
	static const char *const hashes[] = {"sha1", "sha256", "sha512", "whirlpool", "ripemd160"};
	static const size_t sizes[] = {16, 32, 48, 64};
	uint8_t key[64], out[64], split[64 * 50];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 5 + 1);
	for (size_t h = 0; h < sizeof(hashes) / sizeof(hashes[0]); h++) {
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			af_split(hashes[h], key, split, sizes[s], 50);
			assert_int_equal(cdisk_af_merge(hashes[h], split, out, sizes[s], 50), 0);
			assert_memory_equal(out, key, sizes[s]);
			split[sizes[s] * 3] ^= 1;
			assert_int_equal(cdisk_af_merge(hashes[h], split, out, sizes[s], 50), 0);
			assert_memory_not_equal(out, key, sizes[s]);
		}
	}
}

static void af_merge_refuses_nothing_and_unknown_hashes(void **state)
{
	uint8_t src[64] = {0}, out[64];

	(void)state;
	assert_int_equal(cdisk_af_merge("sha256", src, out, 64, 0), -EINVAL);
	assert_int_equal(cdisk_af_merge("sha256", src, out, 0, 1), -EINVAL);
	assert_int_equal(cdisk_af_merge("none", src, out, 64, 1), -EOPNOTSUPP);
	assert_int_equal(cdisk_af_merge("sha256", src, out, 64, 1), 0);
	assert_memory_equal(src, out, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_those_of_the_digests),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(known_digests_of_abc_agree),
		cmocka_unit_test(openssl_vectors_agree),
		cmocka_unit_test(wycheproof_hmac_vectors_agree),
		cmocka_unit_test(hmac_over_a_cut_off_hash_is_refused),
		cmocka_unit_test(a_full_pool_is_no_memory),
		cmocka_unit_test(af_merge_undoes_the_split),
		cmocka_unit_test(af_merge_refuses_nothing_and_unknown_hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
