// SPDX-License-Identifier: GPL-2.0-or-later
/* May this machine be asked to derive this key? Answered without allocating anything. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cryptdisk/cryptdisk.h>
#include "base/util.h"
#include "crypto/kdf.h"

#define KIB_PER_MIB 1024

__attribute__((format(printf, 3, 4))) static int refuse(char why[200], int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, 200, fmt, ap);
	va_end(ap);
	return r;
}

static int pbkdf2_bounds(const struct cdisk_kdf *kdf, char why[200])
{
	if (cdisk_hash_size(kdf->hash) < 0)
		return refuse(why, -CDISK_ERR_UNSUPPORTED, "the hash \"%.31s\" is not supported",
			kdf->hash);
	if (kdf->passes == 0)
		return refuse(why, -CDISK_ERR_UNSUPPORTED, "PBKDF2 with no iterations");
	if (kdf->passes > CDISK_KDF_PBKDF2_MAX)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"%" PRIu64 " PBKDF2 iterations would take hours; at most %" PRIu64
			" are allowed",
			kdf->passes, CDISK_KDF_PBKDF2_MAX);
	return 0;
}

static int argon2_bounds(const struct cdisk_kdf *kdf, char why[200])
{
	uint64_t work;

	if (kdf->passes == 0 || kdf->memory == 0 || kdf->lanes == 0)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"%s with no passes, no memory or no lanes", kdf->type);
	if (kdf->lanes > CDISK_KDF_LANES_MAX)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"%s with %" PRIu32 " lanes; at most %u are allowed", kdf->type, kdf->lanes,
			CDISK_KDF_LANES_MAX);
	if (kdf->memory < 8 * (uint64_t)kdf->lanes)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"%s with %" PRIu64 " KiB for %" PRIu32 " lanes; each needs 8 KiB",
			kdf->type, kdf->memory, kdf->lanes);
	if (kdf->memory > CDISK_KDF_ARGON2_KIB_MAX)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"%s with %" PRIu64 " MiB of memory; less than 4096 MiB are supported",
			kdf->type, kdf->memory / KIB_PER_MIB);
	if (kdf->passes > UINT32_MAX || !cdisk_mul_u64(kdf->memory * 1024, kdf->passes, &work) ||
		work > CDISK_KDF_ARGON2_WORK)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"%s with %" PRIu64 " passes over %" PRIu64 " MiB would take hours",
			kdf->type, kdf->passes, kdf->memory / KIB_PER_MIB);
	return 0;
}

int cdisk_kdf_bounds(const struct cdisk_kdf *kdf, char why[200])
{
	if (kdf->salt_size > sizeof(kdf->salt))
		return refuse(why, -CDISK_ERR_UNSUPPORTED, "a salt of %zu bytes", kdf->salt_size);
	if (strncmp(kdf->type, "pbkdf2", sizeof(kdf->type)) == 0)
		return pbkdf2_bounds(kdf, why);
	if (strncmp(kdf->type, "argon2i", sizeof(kdf->type)) == 0 ||
		strncmp(kdf->type, "argon2id", sizeof(kdf->type)) == 0)
		return argon2_bounds(kdf, why);
	return refuse(why, -CDISK_ERR_UNSUPPORTED, "the key derivation \"%.15s\" is not supported",
		kdf->type);
}

int cdisk_kdf_check(const struct cdisk_kdf *kdf, char why[200])
{
	uint64_t total, available;
	int r = cdisk_kdf_bounds(kdf, why);

	if (r < 0 || strcmp(kdf->type, "pbkdf2") == 0)
		return r;
	cdisk_memory_now(&total, &available);
	if (kdf->memory > total / 1024)
		return refuse(why, -CDISK_ERR_UNSUPPORTED,
			"the key derivation needs %" PRIu64
			" MiB of memory and this machine has %" PRIu64 " MiB",
			kdf->memory / KIB_PER_MIB, total / 1024 / KIB_PER_MIB);
	if (kdf->memory > available / 1024)
		return refuse(why, -ENOMEM,
			"the key derivation needs %" PRIu64 " MiB of memory and %" PRIu64
			" MiB are free",
			kdf->memory / KIB_PER_MIB, available / 1024 / KIB_PER_MIB);
	return 0;
}
