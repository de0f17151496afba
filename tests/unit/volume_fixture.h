/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptions and backings for tests of the volume and of the server. */
#ifndef CDISK_TESTS_VOLUME_FIXTURE_H
#define CDISK_TESTS_VOLUME_FIXTURE_H

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/description.h"
#include "crypto/crypto.h"
#include "volume/volume.h"

#define FIXTURE_KEY_SIZE 256u

/* A key whose bytes are told by their place; no two segments get the same. */
static inline struct cdisk_secret *fixture_key(void)
{
	struct cdisk_secret *key = NULL;
	uint8_t *p;

	assert(cdisk_secret_alloc(FIXTURE_KEY_SIZE, &key) == 0);
	p = cdisk_secret_data(key);
	for (unsigned int i = 0; i < FIXTURE_KEY_SIZE; i++)
		p[i] = (uint8_t)(i * 37 + (i >> 3) * 11 + 5);
	return key;
}

static inline void fixture_init(struct cdisk_description *d)
{
	memset(d, 0, sizeof(*d));
	d->sector_size = CDISK_SECTOR_MIN;
	(void)strcpy(d->id, "00112233-4455-6677-8899-aabbccddeeff");
	(void)strcpy(d->format, "TEST");
}

/* Appends a segment; it takes its place in the volume after those that are there. */
static inline struct cdisk_segment *fixture_segment(struct cdisk_description *d,
	enum cdisk_segment_kind kind, uint64_t length, uint64_t offset)
{
	struct cdisk_segment *s = &d->segments[d->n_segments++];

	memset(s, 0, sizeof(*s));
	s->start = d->size;
	s->length = length;
	s->offset = offset;
	s->kind = kind;
	d->size += length;
	return s;
}

/* 0, or what cdisk_cipher_parse() says about a cipher that this libgcrypt does not have. */
static inline int fixture_crypt(struct cdisk_description *d, uint64_t length, uint64_t offset,
	const char *cipher, const char *mode, uint32_t key_size, uint32_t sector_size)
{
	struct cdisk_cipher_spec spec;
	struct cdisk_segment *s;
	int r = cdisk_cipher_parse(cipher, mode, key_size, sector_size, &spec);

	if (r < 0)
		return r;
	s = fixture_segment(d, CDISK_SEGMENT_CRYPT, length, offset);
	s->cipher = spec;
	s->iv0 = 1000u * d->n_segments;
	s->key_offset = d->n_segments * 8;
	if (sector_size > d->sector_size)
		d->sector_size = sector_size;
	if (!d->key)
		d->key = fixture_key();
	return 0;
}

/* A memory file full of noise, so that nothing reads as zeros by chance. */
static inline int fixture_file(uint64_t size)
{
	int fd = memfd_create("backing", MFD_CLOEXEC);
	uint64_t state = 88172645463325252u;

	assert(fd >= 0);
	for (uint64_t at = 0; at < size; at += 4096) {
		uint64_t block[512];
		size_t n = size - at < sizeof(block) ? (size_t)(size - at) : sizeof(block);

		for (unsigned int i = 0; i < 512; i++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			block[i] = state;
		}
		assert(pwrite(fd, block, n, (off_t)at) == (ssize_t)n);
	}
	return fd;
}

/* Numbers that are the same in every run. */
static inline uint32_t fixture_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

#endif
