// SPDX-License-Identifier: GPL-2.0-or-later
/* May this machine be asked to derive this key? Answered without allocating anything. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cryptdisk/cryptdisk.h>
#include "base/io.h"
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

/* A small file of the kernel, NUL-terminated and cut at size; false when it cannot be read. */
static bool read_small(const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : cdisk_read_all(fd, buf, size - 1);

	if (n < 0)
		return false;
	buf[n] = '\0';
	return true;
}

/* A decimal number at text, followed by white space or the end. "max" and the like are none. */
static bool number(const char *text, uint64_t *ret_value)
{
	char *end;

	while (*text == ' ' || *text == '\t')
		text++;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret_value = strtoull(text, &end, 10);
	return errno == 0 && (*end == '\0' || *end == '\n' || *end == ' ');
}

/* The number of the line that begins with key. */
static bool field(const char *text, const char *key, uint64_t *ret_value)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0)
			return number(line + n, ret_value);
	}
	return false;
}

/* What the cgroup at dir leaves: its limit less what it uses and cannot drop. False: no limit. */
static bool cgroup_left(const char *dir, uint64_t *ret_limit, uint64_t *ret_left)
{
	char path[4096 + 32], text[4096];
	uint64_t limit, used, cache;

	snprintf(path, sizeof(path), "%s/memory.max", dir);
	if (!read_small(path, text, sizeof(text)) || !number(text, &limit))
		return false;
	snprintf(path, sizeof(path), "%s/memory.current", dir);
	if (!read_small(path, text, sizeof(text)) || !number(text, &used))
		used = 0;
	snprintf(path, sizeof(path), "%s/memory.stat", dir);
	if (read_small(path, text, sizeof(text)) && field(text, "inactive_file ", &cache))
		used -= cache < used ? cache : used;
	*ret_limit = limit;
	*ret_left = limit > used ? limit - used : 0;
	return true;
}

/* Takes the limits of this process's cgroup and of all above it into account. */
static void cgroup_memory(uint64_t *total, uint64_t *available)
{
	char text[4096], dir[4096];
	uint64_t limit, left;
	const char *own;
	int n;

	if (!read_small("/proc/self/cgroup", text, sizeof(text)))
		return;
	own = strncmp(text, "0::/", 4) == 0 ? text : strstr(text, "\n0::/");
	if (!own)
		return;
	own = strchr(own, '/');
	n = snprintf(dir, sizeof(dir), "/sys/fs/cgroup%.*s", (int)strcspn(own, "\n"), own);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return;
	while (strlen(dir) >= strlen("/sys/fs/cgroup")) {
		if (cgroup_left(dir, &limit, &left)) {
			*total = limit < *total ? limit : *total;
			*available = left < *available ? left : *available;
		}
		*strrchr(dir, '/') = '\0';
	}
}

void cdisk_memory_now(uint64_t *ret_total, uint64_t *ret_available)
{
	char text[4096];
	uint64_t kib;

	*ret_total = *ret_available = UINT64_MAX;
	if (read_small("/proc/meminfo", text, sizeof(text))) {
		if (field(text, "MemTotal:", &kib) && kib < UINT64_MAX / 1024)
			*ret_total = kib * 1024;
		if (field(text, "MemAvailable:", &kib) && kib < UINT64_MAX / 1024)
			*ret_available = kib * 1024;
	}
	cgroup_memory(ret_total, ret_available);
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
