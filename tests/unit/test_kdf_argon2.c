// SPDX-License-Identifier: GPL-2.0-or-later
/* argon2: known answers, threads, ticks, cancelling. */
#include "crypto_vectors.h"

#include <errno.h>
#include <gcrypt.h>
#include <pthread.h>
#include <time.h>
#include "base/secret.h"
#include "crypto/crypto.h"

static struct cdisk_secret *secret_of(const void *data, size_t size)
{
	struct cdisk_secret *s;

	assert_int_equal(cdisk_secret_copy(data, size, &s), 0);
	return s;
}

static struct cdisk_kdf argon2(const char *type, uint64_t passes, uint64_t memory, uint32_t lanes)
{
	struct cdisk_kdf kdf = {.passes = passes,
		.memory = memory,
		.lanes = lanes,
		.salt = "somesalt",
		.salt_size = 8};

	snprintf(kdf.type, sizeof(kdf.type), "%s", type);
	return kdf;
}

/* From the reference implementation's test.c, version 0x13. */
static void reference_answers_agree(void **state)
{
	static const struct {
		const char *type;
		uint32_t passes, memory, lanes;
		const char *password, *salt, *key;
	} cases[] = {
		{"argon2i", 2, 65536, 1, "password", "somesalt",
			"c1628832147d9720c5bd1cfd61367078729f6dfb6f8fea9ff98158e0d7816ed0"},
		{"argon2i", 2, 256, 1, "password", "somesalt",
			"89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f"},
		{"argon2i", 2, 256, 2, "password", "somesalt",
			"4ff5ce2769a1d7f4c8a491df09d41a9fbe90e5eb02155a13e4c01e20cd4eab61"},
		{"argon2i", 2, 65536, 1, "differentpassword", "somesalt",
			"14ae8da01afea8700c2358dcef7c5358d9021282bd88663a4562f59fb74d22ee"},
		{"argon2id", 2, 65536, 1, "password", "somesalt",
			"09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"},
		{"argon2id", 2, 256, 1, "password", "somesalt",
			"9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"},
		{"argon2id", 2, 256, 2, "password", "somesalt",
			"6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"},
		{"argon2id", 2, 65536, 1, "password", "diffsalt",
			"bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cdisk_kdf kdf =
			argon2(cases[i].type, cases[i].passes, cases[i].memory, cases[i].lanes);
		struct cdisk_secret *s = secret_of(cases[i].password, strlen(cases[i].password));
		uint8_t key[32], expected[32];

		memcpy(kdf.salt, cases[i].salt, 8);
		assert_int_equal(hex_decode(cases[i].key, expected, sizeof(expected)), 32);
		assert_int_equal(cdisk_kdf_derive(&kdf, s, key, sizeof(key), NULL, NULL), 0);
		assert_memory_equal(key, expected, sizeof(key));
		cdisk_secret_free(s);
	}
}

static void kat_file(const char *name, int type)
{
	static const unsigned long costs[4] = {32, 3, 32, 4};
	uint8_t password[32], salt[16], secret[8], ad[12], key[32], expected[32];
	FILE *f = vectors_open(name, NULL);
	char line[512], *p = line, *end;
	gcry_kdf_hd_t h;
	size_t n = 0;

	if (!f)
		skip();
	*line = '\0';
	while (fgets(line, sizeof(line), f) && strncmp(line, "Tag:", 4) != 0)
		;
	pclose(f);
	for (p = line + 4; n < sizeof(expected); n++, p = end)
		expected[n] = (uint8_t)strtoul(p, &end, 16);
	memset(password, 1, sizeof(password));
	memset(salt, 2, sizeof(salt));
	memset(secret, 3, sizeof(secret));
	memset(ad, 4, sizeof(ad));
	assert_int_equal(cdisk_crypto_init(), 0);
	assert_int_equal(gcry_kdf_open(&h, GCRY_KDF_ARGON2, type, costs, 4, password, 32, salt, 16,
				 secret, 8, ad, 12),
		0);
	assert_int_equal(gcry_kdf_compute(h, NULL), 0);
	assert_int_equal(gcry_kdf_final(h, sizeof(key), key), 0);
	gcry_kdf_close(h);
	assert_memory_equal(key, expected, sizeof(key));
}

/* These have a secret and associated data, which disk headers never do: so libgcrypt is asked. */
static void libgcrypt_gives_the_known_answer_of_argon2i(void **state)
{
	(void)state;
	kat_file("argon2/argon2i.kat.xz", GCRY_KDF_ARGON2I);
}

static void libgcrypt_gives_the_known_answer_of_argon2id(void **state)
{
	(void)state;
	kat_file("argon2/argon2id.kat.xz", GCRY_KDF_ARGON2ID);
}

static void derive_plainly(const struct cdisk_kdf *kdf, uint8_t *key, size_t key_size)
{
	const unsigned long costs[4] = {key_size, kdf->passes, kdf->memory, kdf->lanes};
	gcry_kdf_hd_t h;

	assert_int_equal(gcry_kdf_open(&h, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, costs, 4,
				 "passphrase", 10, kdf->salt, kdf->salt_size, NULL, 0, NULL, 0),
		0);
	assert_int_equal(gcry_kdf_compute(h, NULL), 0);
	assert_int_equal(gcry_kdf_final(h, key_size, key), 0);
	gcry_kdf_close(h);
}

static void threads_give_the_same_key_as_one(void **state)
{
	static const uint32_t lanes[] = {1, 2, 3, 4, 7, 64};
	struct cdisk_secret *s = secret_of("passphrase", 10);

	(void)state;
	for (size_t i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++) {
		struct cdisk_kdf kdf = argon2("argon2id", 3, 1000 + 8 * lanes[i], lanes[i]);
		uint8_t ours[192], plain[192];

		derive_plainly(&kdf, plain, sizeof(plain));
		assert_int_equal(cdisk_kdf_derive(&kdf, s, ours, sizeof(ours), NULL, NULL), 0);
		assert_memory_equal(ours, plain, sizeof(plain));
	}
	cdisk_secret_free(s);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct ticks {
	unsigned int seen, stop_at;
	double stopped, last, gap;
	pthread_t thread;
};

static int tick(void *data)
{
	struct ticks *t = data;
	double at = now();

	assert_true(pthread_equal(t->thread, pthread_self()));
	if (t->seen++ && at - t->last > t->gap)
		t->gap = at - t->last;
	t->last = at;
	if (t->seen < t->stop_at)
		return 0;
	t->stopped = now();
	return 1;
}

/* 600 MiB in one lane: a quarter pass alone takes longer than a tick. */
static void ticks_come_during_long_pieces_and_stop_within_a_second(void **state)
{
	struct cdisk_kdf kdf = argon2("argon2id", 1000, 600 * 1024, 1);
	struct cdisk_secret *s = secret_of("passphrase", 10);
	struct ticks t = {.stop_at = 20, .thread = pthread_self()};
	uint8_t key[64], zero[64] = {0};
	double begun = now();
	char why[200];

	(void)state;
	if (cdisk_kdf_check(&kdf, why) < 0) {
		print_message("SKIPPED: %s\n", why);
		skip();
	}
	memset(key, 0xff, sizeof(key));
	assert_int_equal(cdisk_kdf_derive(&kdf, s, key, sizeof(key), tick, &t), -ECANCELED);
	assert_true(now() - t.stopped < 1.0);
	assert_int_equal(t.seen, 20);
	assert_true(t.stopped - begun < 5.0);
	assert_true(t.gap < 0.5); /* 0.05 is meant; the rest is for a busy machine */
	assert_memory_equal(key, zero, sizeof(key));
	cdisk_secret_free(s);
}

/* The caller frees the passphrase at once, whatever the driver still does. */
static void stopping_at_any_moment_harms_nothing(void **state)
{
	struct cdisk_kdf kdf = argon2("argon2id", 1000, 16 * 1024, 4);
	uint8_t key[64];

	(void)state;
	for (unsigned int i = 1; i < 8; i++) {
		struct cdisk_secret *s = secret_of("passphrase", 10);
		struct ticks t = {.stop_at = i, .thread = pthread_self()};

		assert_int_equal(cdisk_kdf_derive(&kdf, s, key, sizeof(key), tick, &t), -ECANCELED);
		cdisk_secret_free(s);
	}
}

static void an_empty_passphrase_is_refused(void **state)
{
	struct cdisk_kdf kdf = argon2("argon2id", 1, 64, 1);
	struct cdisk_secret *s = secret_of("", 0);
	uint8_t key[64];

	(void)state;
	assert_int_equal(cdisk_kdf_derive(&kdf, s, key, sizeof(key), NULL, NULL), -EINVAL);
	cdisk_secret_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reference_answers_agree),
		cmocka_unit_test(libgcrypt_gives_the_known_answer_of_argon2i),
		cmocka_unit_test(libgcrypt_gives_the_known_answer_of_argon2id),
		cmocka_unit_test(threads_give_the_same_key_as_one),
		cmocka_unit_test(ticks_come_during_long_pieces_and_stop_within_a_second),
		cmocka_unit_test(stopping_at_any_moment_harms_nothing),
		cmocka_unit_test(an_empty_passphrase_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
