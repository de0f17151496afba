// SPDX-License-Identifier: GPL-2.0-or-later
/* PBKDF2: known answers, ticks, cancelling. */
#include "crypto_vectors.h"

#include <errno.h>
#include <gcrypt.h>
#include <json-c/json.h>
#include <time.h>
#include "base/secret.h"
#include "crypto/crypto.h"

static struct cdisk_secret *secret_of(const void *data, size_t size)
{
	struct cdisk_secret *s;

	assert_int_equal(cdisk_secret_copy(data, size, &s), 0);
	return s;
}

static struct cdisk_kdf pbkdf2(const char *hash, uint64_t iterations, const void *salt, size_t size)
{
	struct cdisk_kdf kdf = {.type = "pbkdf2", .passes = iterations, .salt_size = size};

	snprintf(kdf.hash, sizeof(kdf.hash), "%s", hash);
	assert_true(size <= sizeof(kdf.salt));
	memcpy(kdf.salt, salt, size);
	return kdf;
}

static const char *text_of(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void wycheproof_test(const char *hash, struct json_object *test)
{
	uint8_t password[512], salt[64], expected[256], key[256];
	int n_password = hex_decode(text_of(test, "password"), password, sizeof(password));
	int n_salt = hex_decode(text_of(test, "salt"), salt, sizeof(salt));
	int n = hex_decode(text_of(test, "dk"), expected, sizeof(expected));
	int iterations = json_object_get_int(json_object_object_get(test, "iterationCount"));
	struct cdisk_kdf kdf;
	struct cdisk_secret *s;

	assert_true(n_password >= 0 && n_salt >= 0 && n > 0);
	kdf = pbkdf2(hash, (uint64_t)iterations, salt, (size_t)n_salt);
	s = secret_of(password, (size_t)n_password);
	assert_int_equal(cdisk_kdf_derive(&kdf, s, key, (size_t)n, NULL, NULL), 0);
	assert_memory_equal(key, expected, (size_t)n);
	cdisk_secret_free(s);
}

static void wycheproof_file(const char *hash, size_t expected)
{
	struct json_object *root, *groups, *tests;
	size_t run = 0;
	char name[64], *text;

	snprintf(name, sizeof(name), "wycheproof/pbkdf2_hmac%s_test.json.xz", hash);
	text = vectors_text(name, NULL);
	if (!text)
		skip();
	root = json_tokener_parse(text);
	assert_non_null(root);
	groups = json_object_object_get(root, "testGroups");
	for (size_t g = 0; g < json_object_array_length(groups); g++) {
		tests = json_object_object_get(json_object_array_get_idx(groups, g), "tests");
		for (size_t t = 0; t < json_object_array_length(tests); t++, run++)
			wycheproof_test(hash, json_object_array_get_idx(tests, t));
	}
	assert_int_equal(run, expected);
	json_object_put(root);
	free(text);
}

static void wycheproof_sha1_agrees(void **state)
{
	(void)state;
	wycheproof_file("sha1", 64);
}

static void wycheproof_sha224_agrees(void **state)
{
	(void)state;
	wycheproof_file("sha224", 58);
}

static void wycheproof_sha256_agrees(void **state)
{
	(void)state;
	wycheproof_file("sha256", 60);
}

static void wycheproof_sha384_agrees(void **state)
{
	(void)state;
	wycheproof_file("sha384", 58);
}

static void wycheproof_sha512_agrees(void **state)
{
	(void)state;
	wycheproof_file("sha512", 58);
}

/* Password and salt with a NUL inside are written "\0" in that file. */
static size_t unescape(const char *s, uint8_t *out)
{
	size_t n = 0;

	while (*s) {
		bool nul = strncmp(s, "\\0", 2) == 0;

		out[n++] = nul ? 0 : (uint8_t)*s;
		s += nul ? 2 : 1;
	}
	return n;
}

/* All but the one of 16,777,216 iterations. */
static void rfc6070_vectors_agree(void **state)
{
	FILE *f = vectors_open("rfc/rfc-6070-PBKDF2-SHA1.txt", "KDF/rfc-6070-PBKDF2-SHA1.txt");
	uint8_t password[64], salt[64], expected[64], key[64];
	size_t n_password = 0, n_salt = 0, run = 0;
	uint64_t iterations = 0;
	char line[512];
	const char *v;

	(void)state;
	if (!f)
		skip();
	while (fgets(line, sizeof(line), f)) {
		if ((v = line_value(line, "PASSWORD")))
			n_password = unescape(v, password);
		else if ((v = line_value(line, "SALT")))
			n_salt = unescape(v, salt);
		else if ((v = line_value(line, "ITERATIONS")))
			iterations = strtoull(v, NULL, 10);
		else if ((v = line_value(line, "DERIVED_KEY")) && iterations < 1000000) {
			struct cdisk_kdf kdf = pbkdf2("sha1", iterations, salt, n_salt);
			struct cdisk_secret *s = secret_of(password, n_password);
			size_t n = (size_t)hex_decode(v, expected, sizeof(expected));

			assert_int_equal(cdisk_kdf_derive(&kdf, s, key, n, NULL, NULL), 0);
			assert_memory_equal(key, expected, n);
			cdisk_secret_free(s);
			run++;
		}
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(run, 5);
}

/* Another implementation's answers for the hashes without vectors: libgcrypt's own loop. */
static void other_hashes_agree_with_libgcrypt(void **state)
{
	static const struct {
		const char *name;
		int algo;
	} hashes[] = {
		{"ripemd160", GCRY_MD_RMD160},
		{"whirlpool", GCRY_MD_WHIRLPOOL},
		{"sha3-256", GCRY_MD_SHA3_256},
		{"blake2b-512", GCRY_MD_BLAKE2B_512},
		{"blake2s-256", GCRY_MD_BLAKE2S_256},
		{"stribog512", GCRY_MD_STRIBOG512},
		{"sm3", GCRY_MD_SM3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		struct cdisk_kdf kdf = pbkdf2(hashes[i].name, 77, "0123456789abcdef", 16);
		struct cdisk_secret *s = secret_of("passphrase", 10);
		uint8_t ours[100], theirs[100];

		assert_int_equal(cdisk_kdf_derive(&kdf, s, ours, sizeof(ours), NULL, NULL), 0);
		assert_int_equal(gcry_kdf_derive("passphrase", 10, GCRY_KDF_PBKDF2, hashes[i].algo,
					 kdf.salt, kdf.salt_size, 77, sizeof(theirs), theirs),
			0);
		assert_memory_equal(ours, theirs, sizeof(ours));
		cdisk_secret_free(s);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct ticks {
	unsigned int seen, stop_at;
	double stopped;
};

static int tick(void *data)
{
	struct ticks *t = data;

	if (++t->seen < t->stop_at)
		return 0;
	t->stopped = now();
	return 1;
}

static void tick_stops_an_endless_derivation_within_a_second(void **state)
{
	struct cdisk_kdf kdf = pbkdf2("whirlpool", UINT64_C(1) << 30, "salt", 4);
	struct cdisk_secret *s = secret_of("passphrase", 10);
	struct ticks t = {.stop_at = 5};
	uint8_t key[64], zero[64] = {0};

	(void)state;
	memset(key, 0xff, sizeof(key));
	assert_int_equal(cdisk_kdf_derive(&kdf, s, key, sizeof(key), tick, &t), -ECANCELED);
	assert_true(now() - t.stopped < 1.0);
	assert_int_equal(t.seen, 5);
	assert_memory_equal(key, zero, sizeof(key));
	cdisk_secret_free(s);
}

static void tick_may_stop_before_the_start(void **state)
{
	struct cdisk_kdf kdf = pbkdf2("sha256", 1, "salt", 4);
	struct cdisk_secret *s = secret_of("passphrase", 10);
	struct ticks t = {.stop_at = 1};
	uint8_t key[32];

	(void)state;
	assert_int_equal(cdisk_kdf_derive(&kdf, s, key, sizeof(key), tick, &t), -ECANCELED);
	cdisk_secret_free(s);
}

static void unknown_and_cut_off_hashes_are_refused(void **state)
{
	struct cdisk_kdf kdf = pbkdf2("md4711", 1000, "salt", 4);
	struct cdisk_kdf cut = pbkdf2("wp256", 1000, "salt", 4);
	struct cdisk_secret *s = secret_of("passphrase", 10);
	uint8_t key[32];

	(void)state;
	assert_int_equal(
		cdisk_kdf_derive(&kdf, s, key, sizeof(key), NULL, NULL), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(cdisk_kdf_derive(&cut, s, key, sizeof(key), NULL, NULL), -EOPNOTSUPP);
	cdisk_secret_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wycheproof_sha1_agrees),
		cmocka_unit_test(wycheproof_sha224_agrees),
		cmocka_unit_test(wycheproof_sha256_agrees),
		cmocka_unit_test(wycheproof_sha384_agrees),
		cmocka_unit_test(wycheproof_sha512_agrees),
		cmocka_unit_test(rfc6070_vectors_agree),
		cmocka_unit_test(other_hashes_agree_with_libgcrypt),
		cmocka_unit_test(tick_stops_an_endless_derivation_within_a_second),
		cmocka_unit_test(tick_may_stop_before_the_start),
		cmocka_unit_test(unknown_and_cut_off_hashes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
