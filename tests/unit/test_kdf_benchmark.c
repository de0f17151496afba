// SPDX-License-Identifier: GPL-2.0-or-later
/* The two benchmarks of the public header. */
#include "crypto_vectors.h"

#include <errno.h>
#include <cryptdisk/cryptdisk.h>

static struct cdisk *c;

static int setup(void **state)
{
	(void)state;
	return cdisk_new(&c);
}

static int teardown(void **state)
{
	(void)state;
	cdisk_free(c);
	return 0;
}

static void a_cipher_has_a_speed_in_both_directions(void **state)
{
	uint64_t encrypt = 0, decrypt = 0;

	(void)state;
	assert_int_equal(
		cdisk_benchmark_cipher(c, "aes-xts-plain64", 64, 512, &encrypt, &decrypt), 0);
	assert_true(encrypt > 1000000 && decrypt > 1000000);
}

static void unknown_ciphers_are_unsupported_by_name(void **state)
{
	static const char *const words[] = {
		"kuznyechik-xts-plain64", "aes", "", "-", "aes-xts", "cipher_null-ecb"};
	uint64_t e, d;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(cdisk_benchmark_cipher(c, words[i], 64, 512, &e, &d),
			-CDISK_ERR_UNSUPPORTED);
		assert_non_null(strstr(cdisk_message(c), words[i]));
	}
	assert_int_equal(cdisk_benchmark_cipher(c, "aes-xts-plain64", 63, 512, &e, &d),
		-CDISK_ERR_UNSUPPORTED);
}

static void a_derivation_takes_its_time(void **state)
{
	uint64_t few = 0, many = 0;

	(void)state;
	assert_int_equal(cdisk_benchmark_kdf(c, "argon2id", 8 << 20, 1, 1, &few), 0);
	assert_int_equal(cdisk_benchmark_kdf(c, "argon2id", 8 << 20, 40, 1, &many), 0);
	assert_true(many > few);
	assert_int_equal(cdisk_benchmark_kdf(c, "pbkdf2-sha512", 0, 1000, 0, &few), 0);
	assert_int_equal(
		cdisk_benchmark_kdf(c, "scrypt", 8 << 20, 1, 1, &few), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(
		cdisk_benchmark_kdf(c, "argon2id-x", 8 << 20, 1, 1, &few), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(
		cdisk_benchmark_kdf(c, "argon2id", UINT64_MAX, 1, 1, &few), -CDISK_ERR_UNSUPPORTED);
}

static int stop(const char *what, uint64_t done, uint64_t total, void *data)
{
	unsigned int *calls = data;

	(void)what;
	(void)done;
	(void)total;
	return ++*calls >= 3;
}

static void progress_may_cancel_both(void **state)
{
	unsigned int calls = 0;
	uint64_t a, b;

	(void)state;
	cdisk_set_progress(c, stop, &calls);
	assert_int_equal(
		cdisk_benchmark_cipher(c, "aes-xts-plain64", 64, 4096, &a, &b), -ECANCELED);
	assert_int_equal(calls, 3);
	calls = 0;
	assert_int_equal(cdisk_benchmark_kdf(c, "argon2id", 64 << 20, 1000, 1, &a), -ECANCELED);
	assert_non_null(strstr(cdisk_message(c), "cancelled"));
	cdisk_set_progress(c, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cipher_has_a_speed_in_both_directions),
		cmocka_unit_test(unknown_ciphers_are_unsupported_by_name),
		cmocka_unit_test(a_derivation_takes_its_time),
		cmocka_unit_test(progress_may_cancel_both),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
