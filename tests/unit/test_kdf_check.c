// SPDX-License-Identifier: GPL-2.0-or-later
/* Costs that no machine, or not this one, can bear are refused at once and with a reason. */
#include "crypto_vectors.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>
#include "base/secret.h"
#include "crypto/crypto.h"
#include "crypto/kdf.h"

static struct cdisk_kdf argon2(uint64_t memory, uint64_t passes, uint32_t lanes)
{
	struct cdisk_kdf kdf = {.type = "argon2id",
		.memory = memory,
		.passes = passes,
		.lanes = lanes,
		.salt_size = 32};

	return kdf;
}

static struct cdisk_kdf pbkdf2(const char *hash, uint64_t iterations)
{
	struct cdisk_kdf kdf = {.type = "pbkdf2", .passes = iterations, .salt_size = 32};

	snprintf(kdf.hash, sizeof(kdf.hash), "%s", hash);
	return kdf;
}

/* Checking and deriving both refuse, within a moment and without touching memory. */
static void refused(struct cdisk_kdf kdf, const char *word)
{
	struct cdisk_secret *s;
	struct timespec a, b;
	char why[200] = "";
	uint8_t key[64];

	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(cdisk_kdf_check(&kdf, why), -CDISK_ERR_UNSUPPORTED);
	if (!strstr(why, word))
		print_message("%s\n", why);
	assert_non_null(strstr(why, word));
	assert_int_equal(cdisk_secret_copy("passphrase", 10, &s), 0);
	assert_int_equal(
		cdisk_kdf_derive(&kdf, s, key, sizeof(key), NULL, NULL), -CDISK_ERR_UNSUPPORTED);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true((double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9 < 0.5);
	cdisk_secret_free(s);
}

static void usual_costs_are_accepted(void **state)
{
	struct cdisk_kdf cases[] = {argon2(64 * 1024, 4, 4), argon2(32, 1, 4), argon2(8, 1, 1),
		pbkdf2("sha256", 1000), pbkdf2("sha512", 20000000)};
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(cdisk_kdf_check(&cases[i], why), 0);
	snprintf(cases[0].type, sizeof(cases[0].type), "argon2i");
	assert_int_equal(cdisk_kdf_check(&cases[0], why), 0);
}

static void terabytes_are_refused(void **state)
{
	(void)state;
	refused(argon2(UINT64_C(1) << 32, 1, 4), "MiB");
	refused(argon2(UINT64_MAX, 1, 4), "MiB");
	refused(argon2(CDISK_KDF_ARGON2_KIB_MAX + 1, 1, 4), "4096 MiB");
}

static void hours_are_refused(void **state)
{
	(void)state;
	refused(argon2(1024 * 1024, 1 << 20, 4), "hours");
	refused(argon2(32, UINT32_MAX, 4), "hours");
	refused(argon2(32, UINT64_C(1) << 33, 4), "hours");
	refused(argon2(1024, UINT64_MAX, 4), "hours");
	refused(pbkdf2("sha256", CDISK_KDF_PBKDF2_MAX + 1), "hours");
	refused(pbkdf2("sha256", UINT64_MAX), "hours");
}

static void zeros_and_crowds_are_refused(void **state)
{
	(void)state;
	refused(argon2(0, 4, 4), "no passes");
	refused(argon2(1024, 0, 4), "no passes");
	refused(argon2(1024, 4, 0), "no passes");
	refused(argon2(1024, 4, 65), "lanes");
	refused(argon2(UINT32_MAX, 4, UINT32_MAX), "lanes");
	refused(argon2(31, 4, 4), "lanes");
	refused(pbkdf2("sha256", 0), "no iterations");
}

static void unknown_names_are_refused(void **state)
{
	struct cdisk_kdf kdf = argon2(1024, 4, 4);

	(void)state;
	snprintf(kdf.type, sizeof(kdf.type), "argon2d");
	refused(kdf, "argon2d");
	memset(kdf.type, 'x', sizeof(kdf.type));
	refused(kdf, "xxx");
	refused(pbkdf2("md4711", 1000), "md4711");
	kdf = argon2(1024, 4, 4);
	kdf.salt_size = 65;
	refused(kdf, "salt");
}

static uint64_t meminfo_kib(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[200];
	uint64_t kib = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, name, strlen(name)) == 0)
			kib = strtoull(line + strlen(name), NULL, 10);
	}
	fclose(f);
	return kib;
}

/* Machines with more than 4 GiB free cannot be asked for too much: libgcrypt's bound is lower. */
static void more_memory_than_there_is_is_refused(void **state)
{
	struct cdisk_kdf kdf = argon2(CDISK_KDF_ARGON2_KIB_MAX, 1, 4);
	char why[200] = "";
	int r = cdisk_kdf_check(&kdf, why);

	(void)state;
	if (meminfo_kib("MemTotal:") < kdf.memory)
		assert_int_equal(r, -CDISK_ERR_UNSUPPORTED);
	else if (r == -ENOMEM)
		assert_non_null(strstr(why, "free"));
	else if (r < 0)
		assert_non_null(strstr(why, "machine has"));
	else
		assert_true(meminfo_kib("MemTotal:") > kdf.memory);
}

/* A machine that refuses the memory all the same is an error, no crash. */
static void memory_that_is_not_given_is_an_error(void **state)
{
	struct cdisk_kdf kdf = argon2(2 * 1024 * 1024, 1, 1);
	struct rlimit before, small;
	struct cdisk_secret *s;
	uint8_t key[64];
	int r;

	(void)state;
#if defined(__SANITIZE_ADDRESS__)
	print_message(
		"SKIPPED: the address sanitizer needs more address space than this test leaves\n");
	skip();
#endif
	assert_int_equal(cdisk_secret_copy("passphrase", 10, &s), 0);
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
	small = before;
	small.rlim_cur = UINT64_C(1) << 30;
	assert_int_equal(setrlimit(RLIMIT_AS, &small), 0);
	r = cdisk_kdf_derive(&kdf, s, key, sizeof(key), NULL, NULL);
	assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
	assert_int_equal(r, -ENOMEM);
	cdisk_secret_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_costs_are_accepted),
		cmocka_unit_test(terabytes_are_refused),
		cmocka_unit_test(hours_are_refused),
		cmocka_unit_test(zeros_and_crowds_are_refused),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(more_memory_than_there_is_is_refused),
		cmocka_unit_test(memory_that_is_not_given_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
