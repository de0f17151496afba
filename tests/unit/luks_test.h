/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the LUKS tests share: a handle, unpacked test data, and plaintext without a volume floor. */
#ifndef CDISK_TEST_LUKS_TEST_H
#define CDISK_TEST_LUKS_TEST_H

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "base/io.h"
#include "crypto/crypto.h"
#include "format/format.h"
#include "format/luks.h"

#define HEX_SHA256 65

/* A directory of the test's own, removed by workdir_remove(). */
static char workdir[PATH_MAX];

__attribute__((unused, format(printf, 1, 2))) static int run(const char *fmt, ...)
{
	char command[4096];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

__attribute__((unused)) static int workdir_make(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	(void)snprintf(workdir, sizeof(workdir), "%s/cdisk-luks-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(workdir) ? 0 : -1;
}

__attribute__((unused)) static int workdir_remove(void **state)
{
	(void)state;
	return workdir[0] ? run("rm -rf '%s'", workdir) : 0;
}

static inline const char *work_path(const char *name)
{
	static char path[PATH_MAX + 256];

	(void)snprintf(path, sizeof(path), "%s/%s", workdir, name);
	return path;
}

/* The real inputs' directory; NULL (with a line that says so) where there is none. */
__attribute__((unused)) static const char *test_data(void)
{
	const char *data = getenv("CRYPTDISK_TEST_DATA");

	if (data && access(data, R_OK) == 0)
		return data;
	printf("CRYPTDISK_TEST_DATA is not there: no real containers to open\n");
	return NULL;
}

static inline struct cdisk_secret *secret_of(const void *data, size_t size)
{
	struct cdisk_secret *s = NULL;

	assert_int_equal(cdisk_secret_copy(data, size, &s), 0);
	return s;
}

static inline struct cdisk_secret *secret_text(const char *text)
{
	return secret_of(text, strlen(text));
}

static inline void sha256_fd(int fd, char hex[HEX_SHA256])
{
	struct stat st;
	uint8_t digest[CDISK_HASH_MAX], *all;
	size_t i;

	assert_int_equal(fstat(fd, &st), 0);
	all = malloc((size_t)st.st_size + 1);
	assert_non_null(all);
	assert_int_equal(cdisk_pread_full(fd, all, (size_t)st.st_size, 0), 0);
	assert_true(cdisk_hash("sha256", all, (size_t)st.st_size, digest) >= 0);
	free(all);
	for (i = 0; i < 32; i++)
		(void)sprintf(hex + 2 * i, "%02x", digest[i]);
}

/* Reads length bytes of plaintext at the beginning of segment s. */
static inline void segment_read(int fd, const struct cdisk_description *d,
				const struct cdisk_segment *s, uint8_t *buf, size_t length)
{
	struct cdisk_cipher *cipher = NULL;
	const uint8_t *key;

	assert_int_equal(cdisk_pread_full(fd, buf, length, s->offset), 0);
	if (s->kind == CDISK_SEGMENT_LINEAR)
		return;
	key = (const uint8_t *)cdisk_secret_data(d->key) + s->key_offset;
	assert_int_equal(cdisk_cipher_new(&s->cipher, key, &cipher), 0);
	assert_int_equal(cdisk_cipher_decrypt(cipher, s->iv0, buf, buf, length), 0);
	cdisk_cipher_free(cipher);
}

/* SHA-256 of the whole volume. */
static inline void sha256_plain(int fd, const struct cdisk_description *d, char hex[HEX_SHA256])
{
	uint8_t digest[CDISK_HASH_MAX], *all = malloc(d->size);
	uint32_t i;

	assert_non_null(all);
	for (i = 0; i < d->n_segments; i++)
		segment_read(fd, d, &d->segments[i], all + d->segments[i].start,
			     d->segments[i].length);
	assert_true(cdisk_hash("sha256", all, d->size, digest) >= 0);
	free(all);
	for (i = 0; i < 32; i++)
		(void)sprintf(hex + 2 * i, "%02x", digest[i]);
}

/* An opened container: what container.c does, without its locks. */
struct opened {
	struct cdisk c;
	int fd;
	struct cdisk_header h;
	struct cdisk_loaded l;
	struct cdisk_description d;
	int keyslot;
};

static inline int open_load(struct opened *o, const char *path)
{
	int r;

	memset(o, 0, sizeof(*o));
	o->h.image_fd = -1;
	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	r = cdisk_header_read(&o->c, o->fd, o->fd, &o->h);
	return r < 0 ? r : cdisk_format_load(&o->c, &o->h, &o->l);
}

static inline int open_unlock(struct opened *o, struct cdisk_secret *secret, int keyslot,
			      bool need_data)
{
	return o->l.format->unlock(&o->c, &o->h, &o->l, secret, keyslot, need_data, &o->d,
				   &o->keyslot);
}

static inline void open_done(struct opened *o)
{
	cdisk_description_done(&o->d);
	cdisk_format_done(&o->l);
	cdisk_header_done(&o->h);
	cdisk_close(&o->fd);
}

#endif
