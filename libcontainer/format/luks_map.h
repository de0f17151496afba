/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which bytes of a LUKS header image mean what: for writing changes in a safe order. */
#ifndef CDISK_FORMAT_LUKS_MAP_H
#define CDISK_FORMAT_LUKS_MAP_H

#include "base/context.h"
#include "format/luks2_json.h"

struct cdisk_luks_area {
	int keyslot;
	uint64_t offset, size; /* bytes */
	uint8_t salt[64]; /* of the key derivation: another one, another slot */
};

struct cdisk_luks_map {
	unsigned int version;	/* 1, 2; 0 = no valid header: nothing is known to be used */
	uint64_t copy_size;	/* LUKS2: bytes of one header copy; LUKS1: of the only one */
	bool intact[2];		/* LUKS2: checksum and metadata of primary and secondary are right */
	bool newest_secondary;	/* LUKS2: the secondary copy is the one that counts */
	bool stale;		/* LUKS2: the other copy is intact but older */
	uint64_t seqid;		/* LUKS2: of the copy that counts */
	uint64_t material_start; /* keyslots area, bytes */
	uint64_t material_end;
	unsigned int n_areas;
	struct cdisk_luks_area areas[CDISK_LUKS2_OBJECTS_MAX];
	char requirements[256]; /* LUKS2: mandatory ones */
};

/*
 * The map of the first size bytes of fd. 0 even where there is no valid header
 * or it cannot be read; -ENOMEM.
 */
int cdisk_luks_map(int fd, uint64_t size, struct cdisk_luks_map *ret_map);

/* The offsets LUKS2 allows for a secondary header: 0x4000, 0x8000 ... 0x400000. */
#define CDISK_LUKS2_EACH_COPY_SIZE(size)                                                           \
	for (uint64_t size = CDISK_LUKS2_COPY_MIN; size <= CDISK_LUKS2_COPY_MAX; size *= 2)

#endif
