// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks2_header.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include "base/util.h"
#include "crypto/crypto.h"

enum {
	OFFSET_VERSION = 6,
	OFFSET_SIZE = 8,
	OFFSET_SEQID = 16,
	OFFSET_LABEL = 24,
	OFFSET_CHECKSUM_NAME = 72,
	OFFSET_UUID = 168,
	OFFSET_SUBSYSTEM = 208,
	OFFSET_OFFSET = 256,
	OFFSET_CHECKSUM = 448,
	CHECKSUM_SIZE = 64,
};

static const char magic_primary[CDISK_LUKS_MAGIC_SIZE] = {'L', 'U', 'K', 'S', '\xba', '\xbe'};
static const char magic_secondary[CDISK_LUKS_MAGIC_SIZE] = {'S', 'K', 'U', 'L', '\xba', '\xbe'};

static uint16_t get_be16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static uint64_t get_be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static void get_text(char *dst, const uint8_t *src, size_t size)
{
	memcpy(dst, src, size);
	dst[size] = '\0';
}

unsigned int cdisk_luks_version(const uint8_t *bytes, size_t size)
{
	if (size < OFFSET_VERSION + sizeof(uint16_t))
		return 0;
	if (memcmp(bytes, magic_primary, sizeof(magic_primary)) != 0)
		return 0;
	return get_be16(bytes + OFFSET_VERSION);
}

bool cdisk_luks2_header_parse(const uint8_t *bytes, size_t size, bool secondary,
			      struct cdisk_luks2_header *ret_header)
{
	const char *magic = secondary ? magic_secondary : magic_primary;
	struct cdisk_luks2_header h = {0};

	if (size < CDISK_LUKS2_BINARY || memcmp(bytes, magic, CDISK_LUKS_MAGIC_SIZE) != 0)
		return false;
	if (get_be16(bytes + OFFSET_VERSION) != 2)
		return false;
	h.size = get_be64(bytes + OFFSET_SIZE);
	if (h.size < CDISK_LUKS2_COPY_MIN || h.size > CDISK_LUKS2_COPY_MAX)
		return false;
	if ((h.size & (h.size - 1)) != 0)
		return false;
	if (get_be64(bytes + OFFSET_OFFSET) != (secondary ? h.size : 0))
		return false;
	h.seqid = get_be64(bytes + OFFSET_SEQID);
	get_text(h.label, bytes + OFFSET_LABEL, sizeof(h.label) - 1);
	get_text(h.uuid, bytes + OFFSET_UUID, sizeof(h.uuid) - 1);
	get_text(h.subsystem, bytes + OFFSET_SUBSYSTEM, sizeof(h.subsystem) - 1);
	get_text(h.checksum, bytes + OFFSET_CHECKSUM_NAME, sizeof(h.checksum) - 1);
	*ret_header = h;
	return true;
}

bool cdisk_luks2_header_intact(const uint8_t *bytes, size_t size,
			       const struct cdisk_luks2_header *header)
{
	uint8_t digest[CDISK_HASH_MAX];
	_cleanup_free_ uint8_t *copy = NULL;
	int digest_size = cdisk_hash_size(header->checksum);

	if (digest_size <= 0 || digest_size > CHECKSUM_SIZE || size < header->size)
		return false;
	copy = malloc(header->size);
	if (!copy)
		return false;
	memcpy(copy, bytes, header->size);
	memset(copy + OFFSET_CHECKSUM, 0, CHECKSUM_SIZE);
	if (cdisk_hash(header->checksum, copy, header->size, digest) < 0)
		return false;
	return memcmp(digest, bytes + OFFSET_CHECKSUM, (size_t)digest_size) == 0;
}
