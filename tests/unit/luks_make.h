/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LUKS2 containers made in memory, and their metadata changed as no honest program would. */
#ifndef CDISK_TEST_LUKS_MAKE_H
#define CDISK_TEST_LUKS_MAKE_H

#include "luks_test.h"
#include "format/luks2_header.h"

#define MADE_ID "5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11"
#define MADE_DATA (UINT64_C(64) << 10) /* bytes of data behind the header */

static uint8_t made_key[64];

/* A memfd with a container that "one" opens; closed by the caller. */
static inline int made_container(void)
{
	struct cdisk_luks_create p = {
		.cipher = "aes-xts-plain64",
		.id = MADE_ID,
		.label = "made",
		.sector_size = 512,
		.data_offset = CDISK_LUKS2_HEADER,
		.slot = {.keyslot = 0, .kdf_memory = 64 << 10, .kdf_passes = 4, .kdf_lanes = 1},
	};
	struct cdisk_secret *key = secret_of(made_key, sizeof(made_key));
	struct cdisk_secret *secret = secret_text("one");
	struct cdisk c = {0};
	int fd = -1;

	if (cdisk_luks_create(&c, &p, key, secret, &fd) != 0)
		fail_msg("%s", c.message);
	assert_int_equal(ftruncate(fd, (off_t)(CDISK_LUKS2_HEADER + MADE_DATA)), 0);
	cdisk_secret_free(key);
	cdisk_secret_free(secret);
	return fd;
}

static inline void copy_seal(int fd, uint64_t offset)
{
	uint8_t bytes[CDISK_LUKS2_COPY_MIN], digest[CDISK_HASH_MAX];

	assert_int_equal(cdisk_pread_full(fd, bytes, sizeof(bytes), offset), 0);
	memset(bytes + 448, 0, 64);
	assert_true(cdisk_hash("sha256", bytes, sizeof(bytes), digest) >= 0);
	assert_int_equal(cdisk_pwrite_full(fd, digest, 32, offset + 448), 0);
}

static inline void copy_patch(int fd, uint64_t offset, const char *from, const char *to)
{
	char json[CDISK_LUKS2_COPY_MIN - CDISK_LUKS2_BINARY + 1] = "";
	char out[sizeof(json) * 2] = "";
	char *at;

	assert_int_equal(cdisk_pread_full(fd, json, sizeof(json) - 1, offset + CDISK_LUKS2_BINARY),
			 0);
	at = strstr(json, from);
	if (!at)
		fail_msg("no %s in %s", from, json);
	memcpy(out, json, (size_t)(at - json));
	strcat(out, to);
	strcat(out, at + strlen(from));
	assert_true(strlen(out) < sizeof(json) - 1);
	assert_int_equal(cdisk_pwrite_full(fd, out, sizeof(json) - 1, offset + CDISK_LUKS2_BINARY),
			 0);
	copy_seal(fd, offset);
}

/* Replaces text in the metadata of both header copies, with right checksums. */
static inline void made_patch(int fd, const char *from, const char *to)
{
	copy_patch(fd, 0, from, to);
	copy_patch(fd, CDISK_LUKS2_COPY_MIN, from, to);
}

static inline int made_load(struct opened *o, int fd)
{
	int r;

	memset(o, 0, sizeof(*o));
	o->fd = -1;
	o->h.image_fd = -1;
	r = cdisk_header_read(&o->c, fd, fd, &o->h);
	return r < 0 ? r : cdisk_format_load(&o->c, &o->h, &o->l);
}

static inline int made_unlock(struct opened *o, const char *text, int keyslot, bool need_data)
{
	struct cdisk_secret *secret = secret_text(text);
	int r;

	cdisk_description_done(&o->d);
	r = open_unlock(o, secret, keyslot, need_data);
	cdisk_secret_free(secret);
	return r;
}

#endif
