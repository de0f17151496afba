// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/kdf.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include "crypto/gcrypt_init.h"

uint64_t cdisk_kdf_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int cdisk_kdf_derive(const struct cdisk_kdf *kdf, struct cdisk_secret *passphrase, uint8_t *key,
	size_t key_size, cdisk_kdf_tick_fn tick, void *data)
{
	char why[200];
	int r = cdisk_crypto_init();

	if (r < 0)
		return r;
	r = cdisk_kdf_bounds(kdf, why);
	if (r < 0)
		return r;
	if (key_size == 0 || key_size > 1024)
		return -EINVAL;
	if (tick && tick(data) != 0)
		return -ECANCELED;
	if (strcmp(kdf->type, "pbkdf2") == 0)
		r = cdisk_pbkdf2(kdf, passphrase, key, key_size, tick, data);
	else
		r = cdisk_argon2(kdf, passphrase, key, key_size, tick, data);
	if (r < 0)
		explicit_bzero(key, key_size);
	cdisk_burn_stack();
	return r;
}
