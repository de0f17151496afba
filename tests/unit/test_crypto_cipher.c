// SPDX-License-Identifier: GPL-2.0-or-later
/* Cipher words, key layout, IV rules, LRW, and round trips of everything that is accepted. */
#include "crypto_vectors.h"

#include <errno.h>
#include <gcrypt.h>
#include "base/secret.h"
#include "crypto/cipher_unit.h"
#include "crypto/crypto.h"

static uint8_t key[192], plain[16384], out[16384];

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 11 + 3);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 13 + i / 256);
	return cdisk_crypto_init();
}

static int parse(const char *cipher, const char *mode, uint32_t key_size, uint32_t sector_size)
{
	struct cdisk_cipher_spec spec;

	return cdisk_cipher_parse(cipher, mode, key_size, sector_size, &spec);
}

static void words_that_are_no_specification_are_invalid(void **state)
{
	static const char *const modes[] = {"", "xts", "cbc", "-plain64", "xts-",
		"xts-plain64:sha256", "cbc-essiv", "cbc-essiv:", "xts-plain 64", "cbc-plain\n",
		"cbc-essiv:\xc3\xa4"};
	char mode[100];

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		assert_int_equal(parse("aes", modes[i], 64, 512), -EINVAL);
	assert_int_equal(parse("", "xts-plain64", 64, 512), -EINVAL);
	assert_int_equal(parse("a es", "xts-plain64", 64, 512), -EINVAL);
	memset(mode, 'x', sizeof(mode));
	mode[99] = '\0';
	assert_int_equal(parse("aes", mode, 64, 512), -EINVAL);
	assert_int_equal(parse(mode, "xts-plain64", 64, 512), -EINVAL);
	for (uint32_t s = 0; s < 10000; s += 100)
		assert_int_equal(parse("aes", "xts-plain64", 64, s), -EINVAL);
	assert_int_equal(parse("aes", "xts-plain64", 64, 8192), -EINVAL);
	assert_int_equal(parse("aes", "xts-plain64", 64, 256), -EINVAL);
}

static void what_libgcrypt_lacks_is_unsupported(void **state)
{
	(void)state;
	assert_int_equal(parse("kuznyechik", "xts-plain64", 64, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "adiantum-plain64", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "ctr-plain64", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "xts-plain64be", 64, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "cbc-eboiv", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "cbc-essiv:md5", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "cbc-essiv:0123456789abcdef", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes:64", "cbc-lmk", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "cbc-essiv:sha1", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "cbc-essiv:sha512", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("blowfish", "xts-plain64", 32, 512), -EOPNOTSUPP);
	assert_int_equal(parse("cast5", "lrw-benbi", 32, 512), -EOPNOTSUPP);
}

static void impossible_key_sizes_are_unsupported(void **state)
{
	static const uint32_t good[] = {32, 48, 64};

	(void)state;
	for (uint32_t size = 0; size <= 200; size++) {
		bool expected = false;

		for (size_t i = 0; i < 3; i++)
			expected |= size == good[i];
		assert_int_equal(
			parse("aes", "xts-plain64", size, 512), expected ? 0 : -EOPNOTSUPP);
	}
	assert_int_equal(parse("aes", "xts-plain64", UINT32_MAX, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "lrw-benbi", 16, 512), -EOPNOTSUPP);
	assert_int_equal(parse("aes", "lrw-benbi", UINT32_MAX, 512), -EOPNOTSUPP);
	assert_int_equal(parse("twofish", "cbc-plain", 24, 512), -EOPNOTSUPP);
	assert_int_equal(parse("des3_ede", "cbc-plain", 16, 512), -EOPNOTSUPP);
}

static void null_cipher_is_the_callers_decision(void **state)
{
	(void)state;
	assert_int_equal(parse("cipher_null", "ecb", 32, 512), -EPERM);
	assert_int_equal(parse("cipher_null", "cbc-plain", 16, 512), -EPERM);
}

static void parsing_fills_every_field(void **state)
{
	struct cdisk_cipher_spec spec;

	(void)state;
	assert_int_equal(cdisk_cipher_parse("serpent", "cbc-essiv:sha256", 32, 4096, &spec), 0);
	assert_int_equal(spec.chain_len, 1);
	assert_int_equal(spec.chain[0], CDISK_CIPHER_SERPENT);
	assert_int_equal(spec.mode, CDISK_MODE_CBC);
	assert_int_equal(spec.iv_rule, CDISK_IV_ESSIV);
	assert_string_equal(spec.iv_hash, "sha256");
	assert_int_equal(spec.sector_size, 4096);
	assert_int_equal(spec.iv_unit, 512);
	assert_int_equal(spec.key_size, 32);
	assert_int_equal(cdisk_cipher_parse("aes", "plain", 16, 512, &spec), 0);
	assert_int_equal(spec.mode, CDISK_MODE_CBC);
	assert_int_equal(spec.iv_rule, CDISK_IV_PLAIN);
}

static struct cdisk_cipher *open_words(
	const char *cipher, const char *mode, uint32_t key_size, uint32_t sector_size)
{
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;

	assert_int_equal(cdisk_cipher_parse(cipher, mode, key_size, sector_size, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, key, &c), 0);
	return c;
}

/* As a whole and sector by sector, into another buffer and in place: always the same bytes. */
static void round_trip(const char *cipher, const char *mode, uint32_t key_size, uint32_t sector)
{
	struct cdisk_cipher *c = open_words(cipher, mode, key_size, sector);
	static uint8_t whole[sizeof(plain)];
	uint64_t n = 1000;

	assert_int_equal(cdisk_cipher_encrypt(c, n, whole, plain, sizeof(plain)), 0);
	assert_memory_not_equal(whole, plain, sizeof(plain));
	memcpy(out, plain, sizeof(plain));
	for (size_t at = 0; at < sizeof(plain); at += sector, n += sector / 512)
		assert_int_equal(cdisk_cipher_encrypt(c, n, out + at, out + at, sector), 0);
	assert_memory_equal(out, whole, sizeof(plain));
	assert_int_equal(cdisk_cipher_decrypt(c, 1000, out, whole, sizeof(plain)), 0);
	assert_memory_equal(out, plain, sizeof(plain));
	assert_int_equal(cdisk_cipher_decrypt(c, 1000, whole, whole, sizeof(plain)), 0);
	assert_memory_equal(whole, plain, sizeof(plain));
	assert_int_equal(cdisk_cipher_encrypt(c, 0, out, plain, sector - 16), -EINVAL);
	cdisk_cipher_free(c);
}

static void everything_makes_the_round_trip(void **state)
{
	static const char *const ciphers[] = {"aes", "serpent", "twofish", "camellia"};
	static const char *const rules[] = {
		"null", "plain", "plain64", "essiv:sha256", "essiv:wp256", "benbi"};
	char mode[32];

	(void)state;
	for (size_t c = 0; c < sizeof(ciphers) / sizeof(ciphers[0]); c++) {
		for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
			for (uint32_t sector = 512; sector <= 4096; sector *= 2) {
				snprintf(mode, sizeof(mode), "xts-%s", rules[i]);
				round_trip(ciphers[c], mode, 64, sector);
				snprintf(mode, sizeof(mode), "cbc-%s", rules[i]);
				round_trip(ciphers[c], mode, 16, sector);
				snprintf(mode, sizeof(mode), "lrw-%s", rules[i]);
				round_trip(ciphers[c], mode, 48, sector);
			}
		}
		round_trip(ciphers[c], "ecb", 32, 512);
	}
	round_trip("cast5", "cbc-plain64", 16, 512);
	round_trip("blowfish", "cbc-benbi", 16, 512);
	round_trip("des3_ede", "cbc-plain", 24, 512);
}

static void iv_is(const char *mode, uint32_t key_size, uint64_t n, const char *hex)
{
	struct cdisk_cipher *c = open_words("aes", mode, key_size, 512);
	uint8_t iv[CDISK_IV_SIZE], expected[CDISK_IV_SIZE];

	assert_int_equal(hex_decode(hex, expected, sizeof(expected)), sizeof(expected));
	assert_int_equal(cdisk_cipher_iv(c, n, iv), 0);
	assert_memory_equal(iv, expected, sizeof(iv));
	cdisk_cipher_free(c);
}

static void iv_rules_are_those_of_dm_crypt(void **state)
{
	struct cdisk_cipher *c;
	uint8_t iv[CDISK_IV_SIZE];
	static const uint8_t small[] = {0, 0, 0, 0, 0, 0, 0, 0x41, 0, 0, 0, 0, 0, 0, 0, 0};

	(void)state;
	iv_is("cbc-null", 32, 5, "00000000000000000000000000000000");
	iv_is("cbc-plain", 32, 0x1122334455667788, "88776655000000000000000000000000");
	iv_is("cbc-plain64", 32, 0x1122334455667788, "88776655443322110000000000000000");
	iv_is("lrw-benbi", 48, 0, "00000000000000000000000000000001");
	iv_is("lrw-benbi", 48, 2, "00000000000000000000000000000041");
	c = open_words("blowfish", "cbc-benbi", 16, 512);
	assert_int_equal(cdisk_cipher_iv(c, 1, iv), 0);
	assert_memory_equal(iv, small, sizeof(iv));
	cdisk_cipher_free(c);
}

/* ESSIV is AES-256 of the number under sha256(key), whatever the key's own size. */
static void essiv_hashes_the_whole_key(void **state)
{
	struct cdisk_cipher *c = open_words("aes", "cbc-essiv:sha256", 16, 512);
	uint8_t salt[32], iv[CDISK_IV_SIZE], expected[16] = {9};
	gcry_cipher_hd_t h;

	(void)state;
	gcry_md_hash_buffer(GCRY_MD_SHA256, salt, key, 16);
	assert_int_equal(gcry_cipher_open(&h, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_ECB, 0), 0);
	assert_int_equal(gcry_cipher_setkey(h, salt, 32), 0);
	assert_int_equal(gcry_cipher_encrypt(h, expected, 16, NULL, 0), 0);
	gcry_cipher_close(h);
	assert_int_equal(cdisk_cipher_iv(c, 9, iv), 0);
	assert_memory_equal(iv, expected, sizeof(iv));
	cdisk_cipher_free(c);
}

/* The IV counts 512-byte units, or whole sectors where the format says so. */
static void iv_units_decide_the_step(void **state)
{
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *small_step, *big_step;
	static uint8_t other[8192];

	(void)state;
	assert_int_equal(cdisk_cipher_parse("aes", "xts-plain64", 64, 4096, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, key, &small_step), 0);
	spec.iv_unit = 4096;
	assert_int_equal(cdisk_cipher_new(&spec, key, &big_step), 0);
	assert_int_equal(cdisk_cipher_encrypt(small_step, 16, out, plain, 8192), 0);
	assert_int_equal(cdisk_cipher_encrypt(big_step, 16, other, plain, 4096), 0);
	assert_memory_equal(out, other, 4096);
	assert_int_equal(cdisk_cipher_encrypt(big_step, 24, other, plain + 4096, 4096), 0);
	assert_memory_equal(out + 4096, other, 4096);
	assert_int_equal(cdisk_cipher_encrypt(big_step, 16, other, plain, 8192), 0);
	assert_memory_not_equal(out + 4096, other + 4096, 4096);
	cdisk_cipher_free(small_step);
	cdisk_cipher_free(big_step);
}

/* Keys: all primary keys in chain order, then all tweak keys; the first cipher works first. */
static void chains_are_their_ciphers_one_after_another(void **state)
{
	struct cdisk_cipher_spec spec = {.chain_len = 3,
		.chain = {CDISK_CIPHER_SERPENT, CDISK_CIPHER_TWOFISH, CDISK_CIPHER_AES},
		.mode = CDISK_MODE_XTS,
		.iv_rule = CDISK_IV_PLAIN64,
		.sector_size = 512,
		.iv_unit = 512,
		.key_size = 192};
	static const char *const names[] = {"serpent", "twofish", "aes"};
	static uint8_t expected[4096];
	struct cdisk_cipher *c;

	(void)state;
	assert_int_equal(cdisk_cipher_new(&spec, key, &c), 0);
	assert_int_equal(cdisk_cipher_encrypt(c, 256, out, plain, sizeof(expected)), 0);
	memcpy(expected, plain, sizeof(expected));
	for (size_t i = 0; i < 3; i++) {
		struct cdisk_cipher_spec one;
		struct cdisk_cipher *link;
		uint8_t both[64];

		memcpy(both, key + 32 * i, 32);
		memcpy(both + 32, key + 96 + 32 * i, 32);
		assert_int_equal(cdisk_cipher_parse(names[i], "xts-plain64", 64, 512, &one), 0);
		assert_int_equal(cdisk_cipher_new(&one, both, &link), 0);
		assert_int_equal(
			cdisk_cipher_encrypt(link, 256, expected, expected, sizeof(expected)), 0);
		cdisk_cipher_free(link);
	}
	assert_memory_equal(out, expected, sizeof(expected));
	assert_int_equal(cdisk_cipher_decrypt(c, 256, out, out, sizeof(expected)), 0);
	assert_memory_equal(out, plain, sizeof(expected));
	cdisk_cipher_free(c);
}

static void lrw_is(
	const char *key_hex, const char *iv_hex, const char *plain_hex, const char *crypt_hex)
{
	uint8_t k[48], iv[16], p[64], e[64], got[64];
	int n_key = hex_decode(key_hex, k, sizeof(k)), n = hex_decode(plain_hex, p, sizeof(p));
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;

	assert_int_equal(hex_decode(iv_hex, iv, sizeof(iv)), 16);
	assert_int_equal(hex_decode(crypt_hex, e, sizeof(e)), n);
	assert_int_equal(cdisk_cipher_parse("aes", "lrw-benbi", (uint32_t)n_key, 512, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, k, &c), 0);
	assert_int_equal(cdisk_cipher_unit(c, true, iv, got, p, (size_t)n), 0);
	assert_memory_equal(got, e, (size_t)n);
	assert_int_equal(cdisk_cipher_unit(c, false, iv, got, got, (size_t)n), 0);
	assert_memory_equal(got, p, (size_t)n);
	cdisk_cipher_free(c);
}

/* The vectors of the IEEE P1619 drafts. */
static void lrw_vectors_agree(void **state)
{
	static const char text[] = "30313233343536373839414243444546";

	(void)state;
	lrw_is("4562ac25f828176d4c268414b5680185258e2a05e73e9d03ee5a830ccc094c87",
		"00000000000000000000000000000001", text, "f1b273cd65a3df5fe95d489254634eb8");
	lrw_is("59704714f557478cd779e80f548879440d48f0b7b15a53ea1caa6b29c2cafbaf",
		"00000000000000000000000000000002", text, "00c82bae95bbcde5274f0769b260e136");
	lrw_is("d82a9134b26a565030fe69e2377f9847cdf90b160c648fb6b00d0d1bae85871f",
		"00000000000000000000000200000000", text, "76322183ed8ff182f9596203690e5e01");
}

/* A run of blocks equals its blocks one by one, also where the number carries. */
static void lrw_counts_blocks_across_every_carry(void **state)
{
	static const uint64_t starts[][2] = {{0, 0}, {0, 1}, {0, 0xff}, {0, 0xfffffffe},
		{0, UINT64_MAX - 2}, {7, UINT64_MAX - 2}, {UINT64_MAX, UINT64_MAX - 2}};
	struct cdisk_cipher *c = open_words("aes", "lrw-plain64", 48, 512);
	static uint8_t one[16];

	(void)state;
	for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
		unsigned __int128 number = (unsigned __int128)starts[s][0] << 64 | starts[s][1];
		uint8_t iv[16];

		for (int i = 0; i < 16; i++)
			iv[i] = (uint8_t)(number >> (120 - 8 * i));
		assert_int_equal(cdisk_cipher_unit(c, true, iv, out, plain, 1024), 0);
		for (size_t b = 0; b < 64; b++, number++) {
			for (int i = 0; i < 16; i++)
				iv[i] = (uint8_t)(number >> (120 - 8 * i));
			assert_int_equal(
				cdisk_cipher_unit(c, true, iv, one, plain + 16 * b, 16), 0);
			assert_memory_equal(one, out + 16 * b, 16);
		}
	}
	cdisk_cipher_free(c);
}

/* What a description says is checked again where it is used. */
static void contexts_refuse_what_parsing_never_gives(void **state)
{
	struct cdisk_cipher_spec good, bad;
	struct cdisk_cipher *c;

	(void)state;
	assert_int_equal(cdisk_cipher_parse("aes", "xts-plain64", 64, 512, &good), 0);
	bad = good;
	bad.chain_len = 4;
	assert_int_equal(cdisk_cipher_new(&bad, key, &c), -EINVAL);
	bad = good;
	bad.mode = 9;
	assert_int_equal(cdisk_cipher_new(&bad, key, &c), -EINVAL);
	bad = good;
	bad.iv_unit = 0;
	assert_int_equal(cdisk_cipher_new(&bad, key, &c), -EINVAL);
	bad = good;
	bad.iv_rule = CDISK_IV_ESSIV;
	memset(bad.iv_hash, 'x', sizeof(bad.iv_hash));
	assert_int_equal(cdisk_cipher_new(&bad, key, &c), -EINVAL);
	bad = good;
	bad.mode = CDISK_MODE_CBC;
	bad.chain_len = 2;
	bad.chain[1] = CDISK_CIPHER_AES;
	assert_int_equal(cdisk_cipher_new(&bad, key, &c), -EOPNOTSUPP);
}

/* A full pool is an error that passes: nothing of a context that failed stays in it. */
static void a_full_pool_is_no_memory(void **state)
{
	struct cdisk_cipher *all[64];
	struct cdisk_cipher_spec spec;
	size_t n = 0;
	int r;

	(void)state;
	assert_int_equal(cdisk_cipher_parse("twofish", "xts-plain64", 64, 512, &spec), 0);
	for (int round = 0; round < 2; round++) {
		size_t before = n;

		for (n = 0; (r = cdisk_cipher_new(&spec, key, &all[n])) == 0; n++)
			assert_in_range(n, 0, 62);
		assert_int_equal(r, -ENOMEM);
		assert_true(n >= 3);
		assert_true(round == 0 || n == before);
		for (size_t i = 0; i < n; i++)
			cdisk_cipher_free(all[i]);
	}
}

/* Single DES in 3DES's clothes is a weak key; a volume made with it opens all the same. */
static void weak_keys_open(void **state)
{
	static const uint8_t weak[24] = {
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;

	(void)state;
	assert_int_equal(cdisk_cipher_parse("des3_ede", "cbc-plain64", 24, 512, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, weak, &c), 0);
	assert_int_equal(cdisk_cipher_encrypt(c, 3, out, plain, 512), 0);
	assert_int_equal(cdisk_cipher_decrypt(c, 3, out, out, 512), 0);
	assert_memory_equal(out, plain, 512);
	cdisk_cipher_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_are_no_specification_are_invalid),
		cmocka_unit_test(what_libgcrypt_lacks_is_unsupported),
		cmocka_unit_test(impossible_key_sizes_are_unsupported),
		cmocka_unit_test(null_cipher_is_the_callers_decision),
		cmocka_unit_test(parsing_fills_every_field),
		cmocka_unit_test(everything_makes_the_round_trip),
		cmocka_unit_test(iv_rules_are_those_of_dm_crypt),
		cmocka_unit_test(essiv_hashes_the_whole_key),
		cmocka_unit_test(iv_units_decide_the_step),
		cmocka_unit_test(chains_are_their_ciphers_one_after_another),
		cmocka_unit_test(lrw_vectors_agree),
		cmocka_unit_test(lrw_counts_blocks_across_every_carry),
		cmocka_unit_test(contexts_refuse_what_parsing_never_gives),
		cmocka_unit_test(a_full_pool_is_no_memory),
		cmocka_unit_test(weak_keys_open),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
