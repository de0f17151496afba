// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cryptdisk/cryptdisk.h>
#include "base/context.h"
#include "base/secret.h"
#include "crypto/crypto.h"

#define BUFFER (128u * 1024)
#define ROUND_NS UINT64_C(30000000) /* of CPU time, between two looks at progress */
#define ROUNDS 10                   /* in each direction */
#define KEY_MAX 128u

struct cipher_run {
	struct cdisk_cipher *cipher;
	uint8_t *buffer;
	uint32_t step; /* IV units a buffer */
	uint64_t iv;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Adds what one round did: bytes, and nanoseconds of this thread. */
static int cipher_round(struct cipher_run *run, bool encrypt, uint64_t *bytes, uint64_t *ns)
{
	uint64_t begun = clock_ns(CLOCK_THREAD_CPUTIME_ID), used = 0;
	int r = 0;

	while (used < ROUND_NS && r == 0) {
		r = encrypt ? cdisk_cipher_encrypt(
				      run->cipher, run->iv, run->buffer, run->buffer, BUFFER)
			    : cdisk_cipher_decrypt(
				      run->cipher, run->iv, run->buffer, run->buffer, BUFFER);
		run->iv += run->step;
		*bytes += BUFFER;
		used = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
	}
	*ns += used;
	return r;
}

static uint64_t per_second(uint64_t bytes, uint64_t ns)
{
	return (uint64_t)((double)bytes * 1e9 / (double)(ns ? ns : 1));
}

/* Both directions take turns, so that a busy moment hits both. */
static int cipher_measure(
	struct cdisk *c, struct cipher_run *run, uint64_t *ret_encrypt, uint64_t *ret_decrypt)
{
	uint64_t bytes[2] = {0}, ns[2] = {0};
	int r = 0;

	for (unsigned int i = 0; i < 2 * ROUNDS && r == 0; i++) {
		r = cdisk_progress(c, "benchmark", i, 2 * ROUNDS);
		if (r == 0)
			r = cipher_round(run, i % 2 == 0, &bytes[i % 2], &ns[i % 2]);
	}
	if (r == -ECANCELED)
		return cdisk_fail(c, r, "the benchmark was cancelled");
	if (r < 0)
		return cdisk_fail(c, r, "the cipher failed: %s", strerror(-r));
	(void)cdisk_progress(c, "benchmark", 2 * ROUNDS, 2 * ROUNDS);
	*ret_encrypt = per_second(bytes[0], ns[0]);
	*ret_decrypt = per_second(bytes[1], ns[1]);
	return 0;
}

/* "aes-xts-plain64" as cipher and mode. */
static int spec_parse(struct cdisk *c, const char *words, uint32_t key_size, uint32_t sector_size,
	struct cdisk_cipher_spec *ret_spec)
{
	char cipher[64];
	size_t n = strcspn(words, "-");
	int r = -EINVAL;

	if (n < sizeof(cipher) && words[n] == '-') {
		memcpy(cipher, words, n);
		cipher[n] = '\0';
		r = cdisk_cipher_parse(cipher, words + n + 1, key_size, sector_size, ret_spec);
	}
	if (r == 0 && ret_spec->key_size <= KEY_MAX)
		return 0;
	return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
		"the cipher \"%.64s\" with a key of %" PRIu32 " bits and sectors of %" PRIu32
		" bytes is not supported",
		words, key_size <= UINT32_MAX / 8 ? key_size * 8 : UINT32_MAX, sector_size);
}

int cdisk_benchmark_cipher(struct cdisk *c, const char *cipher, uint32_t key_size,
	uint32_t sector_size, uint64_t *ret_encrypt, uint64_t *ret_decrypt)
{
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	_cleanup_cipher_ struct cdisk_cipher *opened = NULL;
	_cleanup_free_ uint8_t *buffer = NULL;
	struct cdisk_cipher_spec spec;
	struct cipher_run run;
	int r;

	if (!cipher || !ret_encrypt || !ret_decrypt)
		return cdisk_fail(c, -EINVAL, "a benchmark needs a cipher");
	r = spec_parse(c, cipher, key_size, sector_size, &spec);
	if (r < 0)
		return r;
	buffer = calloc(1, BUFFER);
	r = buffer ? cdisk_secret_alloc(spec.key_size, &key) : -ENOMEM;
	if (r == 0)
		r = cdisk_random(cdisk_secret_data(key), spec.key_size);
	if (r == 0)
		r = cdisk_cipher_new(&spec, cdisk_secret_data(key), &opened);
	if (r < 0)
		return cdisk_fail(
			c, r, "the cipher \"%.64s\" cannot be used: %s", cipher, strerror(-r));
	run = (struct cipher_run){opened, buffer, BUFFER / spec.iv_unit, 0};
	return cipher_measure(c, &run, ret_encrypt, ret_decrypt);
}

static int kdf_tick(void *data)
{
	return cdisk_progress(data, "benchmark", 0, 0);
}

/* "argon2id", "argon2i", "pbkdf2" (with sha256) or "pbkdf2-HASH". */
static int kdf_parse(struct cdisk *c, const char *words, struct cdisk_kdf *kdf)
{
	size_t n = strcspn(words, "-");
	const char *hash = words[n] ? words + n + 1 : "sha256";
	char why[200];
	int r;

	snprintf(kdf->type, sizeof(kdf->type), "%.*s", n < 16 ? (int)n : 15, words);
	if (strcmp(kdf->type, "pbkdf2") == 0)
		snprintf(kdf->hash, sizeof(kdf->hash), "%.31s", hash);
	else if (words[n])
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the key derivation \"%.64s\" is not supported", words);
	r = cdisk_kdf_check(kdf, why);
	return r < 0 ? cdisk_fail(c, r, "%s", why) : 0;
}

int cdisk_benchmark_kdf(struct cdisk *c, const char *kdf, uint64_t memory, uint32_t passes,
	uint32_t lanes, uint64_t *ret_ms)
{
	struct cdisk_kdf costs = {
		.memory = memory / 1024, .passes = passes, .lanes = lanes, .salt_size = 32};
	_cleanup_secret_ struct cdisk_secret *passphrase = NULL, *key = NULL;
	uint64_t begun;
	int r;

	if (!kdf || !ret_ms)
		return cdisk_fail(c, -EINVAL, "a benchmark needs a key derivation");
	r = kdf_parse(c, kdf, &costs);
	if (r < 0)
		return r;
	r = cdisk_secret_copy("benchmark", strlen("benchmark"), &passphrase);
	if (r == 0)
		r = cdisk_secret_alloc(32, &key);
	begun = clock_ns(CLOCK_MONOTONIC);
	if (r == 0)
		r = cdisk_kdf_derive(&costs, passphrase, cdisk_secret_data(key), 32, kdf_tick, c);
	if (r == -ECANCELED)
		return cdisk_fail(c, r, "the benchmark was cancelled");
	if (r < 0)
		return cdisk_fail(c, r, "%s cannot be measured: %s", costs.type,
			r == -ENOMEM ? "not enough memory" : strerror(-r));
	*ret_ms = (clock_ns(CLOCK_MONOTONIC) - begun) / 1000000;
	return 0;
}
