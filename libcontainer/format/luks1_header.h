/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The LUKS1 header: a pure function of bytes. */
#ifndef CDISK_FORMAT_LUKS1_HEADER_H
#define CDISK_FORMAT_LUKS1_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CDISK_LUKS1_HEADER 592u /* bytes */
#define CDISK_LUKS1_SLOTS 8u
#define CDISK_LUKS1_SLOT_OFFSET 208u /* of the first slot's entry */
#define CDISK_LUKS1_SLOT_SIZE 48u

struct cdisk_luks1_slot {
	bool active;
	uint32_t iterations;
	uint8_t salt[32];
	uint64_t offset; /* of the material, bytes */
	uint64_t size;	 /* bytes, whole sectors */
	uint32_t stripes;
};

struct cdisk_luks1 {
	char cipher[33], mode[33], hash[33];
	uint64_t payload_offset; /* bytes; 0 = the data lies in another file */
	uint32_t key_size;	 /* bytes */
	uint8_t digest[20], digest_salt[32];
	uint32_t digest_iterations;
	char uuid[41];
	struct cdisk_luks1_slot slots[CDISK_LUKS1_SLOTS];
	uint64_t area; /* bytes from the beginning to the end of the last slot's material */
};

/*
 * size: of bytes; only the first CDISK_LUKS1_HEADER are read. NULL, or why the header is refused
 * (a string constant).
 */
const char *cdisk_luks1_parse(const uint8_t *bytes, size_t size, struct cdisk_luks1 *ret_luks1);

#endif
