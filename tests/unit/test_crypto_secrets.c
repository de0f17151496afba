// SPDX-License-Identifier: GPL-2.0-or-later
/* Where passphrases and keys lie while they are used, and afterwards: in the pool and nowhere else.
 */
#include "crypto_vectors.h"

#include <errno.h>
#include "crypto/crypto.h"
#include "memory_scan.h"

#define LONG_PASSPHRASE 300 /* longer than any hash's block: libgcrypt hashes it first */

static struct cdisk_secret *random_secret(size_t size)
{
	struct cdisk_secret *s;

	assert_int_equal(cdisk_secret_alloc(size, &s), 0);
	assert_int_equal(cdisk_random(cdisk_secret_data(s), size), 0);
	return s;
}

static void assert_only_in_pool(struct cdisk_secret *s, unsigned int copies)
{
	static const uint8_t masks[] = {0x00, 0x36, 0x5c};

	for (size_t i = 0; i < sizeof(masks); i++) {
		struct scan found =
			memory_scan(cdisk_secret_data(s), cdisk_secret_size(s), masks[i]);

		if (found.elsewhere)
			print_message(
				"%u pieces outside the pool; %s\n", found.elsewhere, found.where);
		assert_int_equal(found.elsewhere, 0);
		if (masks[i] == 0)
			assert_int_equal(found.in_pool, copies);
	}
}

/* The scan itself must be able to fail. */
static void the_scan_finds_a_copy_on_the_heap_and_on_the_stack(void **state)
{
	struct cdisk_secret *s = random_secret(64);
	uint8_t *heap = malloc(100);
	uint8_t stack[100];
	struct scan found;

	(void)state;
	assert_non_null(heap);
	memset(heap, 0, 100);
	memset(stack, 0, 100);
	memcpy(heap + 3, cdisk_secret_data(s), 64);
	found = memory_scan(cdisk_secret_data(s), 64, 0);
	assert_int_equal(found.elsewhere, 5);
	memcpy(stack + 7, (uint8_t *)cdisk_secret_data(s) + 32, 16);
	explicit_bzero(heap, 100);
	found = memory_scan(cdisk_secret_data(s), 64, 0);
	assert_int_equal(found.elsewhere, 1);
	explicit_bzero(stack, 100);
	found = memory_scan(cdisk_secret_data(s), 64, 0);
	assert_int_equal(found.elsewhere, 0);
	assert_int_equal(found.in_pool, 1);
	free(heap);
	cdisk_secret_free(s);
}

struct watch {
	struct cdisk_secret *passphrase;
	unsigned int ticks, scans;
};

/* The first call comes before anything was done; the fourth is well inside. */
static int watch_tick(void *data)
{
	struct watch *w = data;

	if (++w->ticks < 4)
		return 0;
	assert_only_in_pool(w->passphrase, 1);
	w->scans++;
	return 1;
}

static void watch_kdf(struct cdisk_kdf *kdf, size_t passphrase_size)
{
	struct cdisk_secret *key;
	struct watch w = {.passphrase = random_secret(passphrase_size)};
	uint64_t passes = kdf->passes;

	kdf->salt_size = 32;
	assert_int_equal(cdisk_secret_alloc(64, &key), 0);
	kdf->passes = strcmp(kdf->type, "pbkdf2") == 0 ? 1000000000 : 1000;
	assert_int_equal(
		cdisk_kdf_derive(kdf, w.passphrase, cdisk_secret_data(key), 64, watch_tick, &w),
		-ECANCELED);
	assert_int_equal(w.scans, 1);
	assert_only_in_pool(w.passphrase, 1);
	kdf->passes = passes;
	assert_int_equal(
		cdisk_kdf_derive(kdf, w.passphrase, cdisk_secret_data(key), 64, NULL, NULL), 0);
	assert_only_in_pool(w.passphrase, 1);
	assert_only_in_pool(key, 1);
	cdisk_secret_free(key);
	cdisk_secret_free(w.passphrase);
}

static void pbkdf2_leaves_no_copies(void **state)
{
	static const char *const hashes[] = {
		"sha1", "sha256", "sha512", "whirlpool", "ripemd160", "blake2b-512", "sha3-256"};
	struct cdisk_kdf kdf = {.type = "pbkdf2", .passes = 2000};

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		snprintf(kdf.hash, sizeof(kdf.hash), "%s", hashes[i]);
		watch_kdf(&kdf, 32);
		watch_kdf(&kdf, LONG_PASSPHRASE);
	}
}

static void argon2_leaves_no_copies(void **state)
{
	struct cdisk_kdf kdf = {.type = "argon2id", .passes = 3, .memory = 8192, .lanes = 1};

	(void)state;
	watch_kdf(&kdf, 32);
	watch_kdf(&kdf, 90); /* all of it in one block of BLAKE2b */
	watch_kdf(&kdf, LONG_PASSPHRASE);
	kdf.lanes = 4;
	watch_kdf(&kdf, 32);
	watch_kdf(&kdf, LONG_PASSPHRASE);
}

static void hmac_hash_and_af_leave_no_copies(void **state)
{
	struct cdisk_secret *key = random_secret(64), *digest = random_secret(64);
	struct cdisk_secret *split = random_secret(64 * 40), *merged = random_secret(64);
	uint8_t *d = cdisk_secret_data(digest);

	(void)state;
	assert_int_equal(cdisk_hmac("sha256", cdisk_secret_data(key), 64, "data", 4, d), 0);
	assert_only_in_pool(key, 1);
	assert_int_equal(cdisk_hash("sha256", cdisk_secret_data(key), 64, d), 0);
	assert_only_in_pool(key, 1);
	assert_only_in_pool(digest, 1);
	assert_int_equal(cdisk_af_merge("sha256", cdisk_secret_data(split),
				 cdisk_secret_data(merged), 64, 40),
		0);
	assert_only_in_pool(merged, 1);
	cdisk_secret_free(key);
	cdisk_secret_free(digest);
	cdisk_secret_free(split);
	cdisk_secret_free(merged);
}

static void watch_cipher(const char *cipher, const char *mode, uint32_t key_size)
{
	struct cdisk_secret *key = random_secret(key_size);
	struct cdisk_cipher_spec spec;
	struct cdisk_cipher *c;
	static uint8_t data[8192];
	struct scan found;

	assert_int_equal(cdisk_cipher_parse(cipher, mode, key_size, 512, &spec), 0);
	assert_int_equal(cdisk_cipher_new(&spec, cdisk_secret_data(key), &c), 0);
	assert_true(cdisk_pool_owns(c));
	assert_int_equal(cdisk_cipher_encrypt(c, 5, data, data, sizeof(data)), 0);
	assert_int_equal(cdisk_cipher_decrypt(c, 7, data, data, sizeof(data)), 0);
	found = memory_scan(cdisk_secret_data(key), key_size, 0);
	if (found.elsewhere)
		print_message("%s-%s: %s\n", cipher, mode, found.where);
	assert_int_equal(found.elsewhere, 0);
	cdisk_cipher_free(c);
	assert_only_in_pool(key, 1);
	cdisk_secret_free(key);
}

/* AES and Camellia contexts begin with the key itself. */
static void cipher_contexts_lie_in_the_pool_and_leave_nothing(void **state)
{
	static const char *const ciphers[] = {"aes", "serpent", "twofish", "camellia"};

	(void)state;
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		watch_cipher(ciphers[i], "xts-plain64", 64);
		watch_cipher(ciphers[i], "cbc-essiv:sha256", 32);
		watch_cipher(ciphers[i], "lrw-benbi", 48);
	}
	watch_cipher("aes", "xts-plain64", 32);
}

int main(void)
{
#if defined(__SANITIZE_ADDRESS__)
	print_message("SKIPPED: the address sanitizer keeps copies of the stack of its own\n");
	return 77;
#endif
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scan_finds_a_copy_on_the_heap_and_on_the_stack),
		cmocka_unit_test(pbkdf2_leaves_no_copies),
		cmocka_unit_test(argon2_leaves_no_copies),
		cmocka_unit_test(hmac_hash_and_af_leave_no_copies),
		cmocka_unit_test(cipher_contexts_lie_in_the_pool_and_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
