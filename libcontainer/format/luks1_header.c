// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks1_header.h"

#include <endian.h>
#include <string.h>
#include "base/util.h"
#include "format/luks2_header.h"

#define SECTOR 512u
#define SLOT_ACTIVE UINT32_C(0x00ac71f3)
#define SLOT_FREE UINT32_C(0x0000dead)
#define KEY_MAX 512u

enum {
	OFFSET_CIPHER = 8,
	OFFSET_MODE = 40,
	OFFSET_HASH = 72,
	OFFSET_PAYLOAD = 104,
	OFFSET_KEY_SIZE = 108,
	OFFSET_DIGEST = 112,
	OFFSET_DIGEST_SALT = 132,
	OFFSET_DIGEST_ITERATIONS = 164,
	OFFSET_UUID = 168,
};

static uint32_t get_be32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

/* A text field is as good as its terminator. */
static bool get_text(char *dst, const uint8_t *src, size_t size)
{
	if (!memchr(src, 0, size))
		return false;
	memcpy(dst, src, size);
	return true;
}

static const char *parse_slot(const uint8_t *p, uint32_t key_size, struct cdisk_luks1_slot *s)
{
	uint32_t state = get_be32(p);

	if (state != SLOT_ACTIVE && state != SLOT_FREE)
		return "a keyslot is neither used nor free";
	s->active = state == SLOT_ACTIVE;
	s->iterations = get_be32(p + 4);
	memcpy(s->salt, p + 8, sizeof(s->salt));
	s->offset = (uint64_t)get_be32(p + 40) * SECTOR;
	s->stripes = get_be32(p + 44);
	/* Two factors of 32 bits: no overflow. */
	s->size = ((uint64_t)key_size * s->stripes + SECTOR - 1) / SECTOR * SECTOR;
	if (s->active && s->iterations == 0)
		return "a keyslot has no iterations";
	if (s->stripes == 0 || s->offset < CDISK_LUKS1_HEADER)
		return "a keyslot's place is wrong";
	return NULL;
}

static const char *slots_check(const struct cdisk_luks1 *m)
{
	unsigned int i, j;

	for (i = 0; i < CDISK_LUKS1_SLOTS; i++) {
		const struct cdisk_luks1_slot *a = &m->slots[i];

		if (m->payload_offset > 0 && a->offset + a->size > m->payload_offset)
			return "a keyslot overlaps the data";
		for (j = 0; j < i; j++) {
			const struct cdisk_luks1_slot *b = &m->slots[j];

			if (a->offset < b->offset + b->size && b->offset < a->offset + a->size)
				return "two keyslots overlap";
		}
	}
	return NULL;
}

static const char *parse_fields(const uint8_t *bytes, struct cdisk_luks1 *m)
{
	if (!get_text(m->cipher, bytes + OFFSET_CIPHER, 32) || !m->cipher[0] ||
	    !get_text(m->mode, bytes + OFFSET_MODE, 32))
		return "the cipher's name is wrong";
	if (!get_text(m->hash, bytes + OFFSET_HASH, 32) || !m->hash[0])
		return "the hash's name is wrong";
	m->payload_offset = (uint64_t)get_be32(bytes + OFFSET_PAYLOAD) * SECTOR;
	m->key_size = get_be32(bytes + OFFSET_KEY_SIZE);
	if (m->key_size == 0 || m->key_size > KEY_MAX)
		return "the size of the key is wrong";
	memcpy(m->digest, bytes + OFFSET_DIGEST, sizeof(m->digest));
	memcpy(m->digest_salt, bytes + OFFSET_DIGEST_SALT, sizeof(m->digest_salt));
	m->digest_iterations = get_be32(bytes + OFFSET_DIGEST_ITERATIONS);
	if (m->digest_iterations == 0)
		return "the key's digest has no iterations";
	/* An identifier without an end is no reason to refuse the data. */
	memcpy(m->uuid, bytes + OFFSET_UUID, 40);
	return NULL;
}

const char *cdisk_luks1_parse(const uint8_t *bytes, size_t size, struct cdisk_luks1 *ret_luks1)
{
	struct cdisk_luks1 m = {0};
	const char *why;
	unsigned int i;

	if (size < CDISK_LUKS1_HEADER)
		return "the file ends before the header does";
	if (cdisk_luks_version(bytes, size) != 1)
		return "it has no LUKS1 signature";
	why = parse_fields(bytes, &m);
	for (i = 0; i < CDISK_LUKS1_SLOTS && !why; i++) {
		why = parse_slot(bytes + CDISK_LUKS1_SLOT_OFFSET + i * CDISK_LUKS1_SLOT_SIZE,
				 m.key_size, &m.slots[i]);
		if (!why && m.slots[i].offset + m.slots[i].size > m.area)
			m.area = m.slots[i].offset + m.slots[i].size;
	}
	if (!why)
		why = slots_check(&m);
	if (why)
		return why;
	*ret_luks1 = m;
	return NULL;
}
