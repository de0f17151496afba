// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/key_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "crypto/crypto.h"

#define SALT 32
#define CHECK 32
#define SUFFIX ".check"

struct record {
	uint8_t salt[SALT], check[CHECK];
};

static int run_open(const struct cdisk *c)
{
	int fd =
		c->run_dir ? open(c->run_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (fd < 0)
		return c->run_dir ? -errno : -ENOENT;
	return fd;
}

static int name_make(const char *instance, const char *suffix, char ret_name[96])
{
	int n = snprintf(ret_name, 96, "%s" SUFFIX "%s", instance, suffix);

	return n > 0 && n < 96 && !strchr(instance, '/') ? 0 : -EINVAL;
}

static int record_fill(struct record *r, const void *key, size_t size)
{
	uint8_t digest[CDISK_HASH_MAX];
	int e = cdisk_hmac("sha256", r->salt, sizeof(r->salt), key, size, digest);

	if (e == 0)
		memcpy(r->check, digest, sizeof(r->check));
	return e;
}

static int record_write(int dir, const char *name, const char *fresh, const struct record *record)
{
	_cleanup_close_ int fd = -1;
	int r;

	(void)unlinkat(dir, fresh, 0);
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = cdisk_write_all(fd, record, sizeof(*record));
	if (r == 0 && renameat(dir, fresh, dir, name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, fresh, 0);
	return r;
}

int cdisk_key_check_make(struct cdisk *c, const char *instance, const void *key, size_t size)
{
	_cleanup_close_ int dir = run_open(c);
	struct record record;
	char name[96], fresh[96];
	int r = dir < 0 ? dir : cdisk_random(record.salt, sizeof(record.salt));

	if (r == 0)
		r = record_fill(&record, key, size);
	if (r == 0)
		r = name_make(instance, "", name);
	if (r == 0)
		r = name_make(instance, ".new", fresh);
	if (r == 0)
		r = record_write(dir, name, fresh, &record);
	return r < 0 ? cdisk_fail(c, r, "cannot write a check value to %s: %s",
			       c->run_dir ? c->run_dir : "?", strerror(-r))
		     : 0;
}

/* Only what nobody but its owner could have written. */
static int record_read(int dir, const char *name, struct record *ret)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		(st.st_mode & 077) || st.st_size != sizeof(*ret))
		return -ENOENT;
	return cdisk_pread_full(fd, ret, sizeof(*ret), 0) < 0 ? -ENOENT : 0;
}

int cdisk_key_check_compare(struct cdisk *c, const char *instance, const void *key, size_t size)
{
	_cleanup_close_ int dir = run_open(c);
	struct record record, now;
	char name[96];
	int r = dir < 0 ? -ENOENT : name_make(instance, "", name);

	if (r == 0)
		r = record_read(dir, name, &record);
	if (r < 0)
		return r;
	now = record;
	r = record_fill(&now, key, size);
	if (r < 0)
		return r;
	return cdisk_memequal(now.check, record.check, sizeof(now.check)) ? 0 : -EKEYREJECTED;
}

void cdisk_key_check_remove(struct cdisk *c, const char *instance)
{
	_cleanup_close_ int dir = run_open(c);
	char name[96];

	if (dir >= 0 && name_make(instance, "", name) == 0)
		(void)unlinkat(dir, name, 0);
}
