/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The binary part of a LUKS2 header: pure functions of bytes. */
#ifndef CDISK_FORMAT_LUKS2_HEADER_H
#define CDISK_FORMAT_LUKS2_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CDISK_LUKS_MAGIC_SIZE 6
#define CDISK_LUKS2_BINARY 4096u		/* bytes before the JSON text */
#define CDISK_LUKS2_COPY_MIN UINT64_C(0x4000)	/* bytes of one header copy */
#define CDISK_LUKS2_COPY_MAX UINT64_C(0x400000) /* sizes double from one to the other */
#define CDISK_LUKS2_KEYSLOTS_MAX (UINT64_C(128) << 20)

struct cdisk_luks2_header {
	uint64_t size; /* of one copy: binary part and JSON area, bytes */
	uint64_t seqid;
	char label[49];
	char uuid[41];
	char subsystem[49];
	char checksum[33]; /* name of the hash */
};

/* LUKS version at the beginning of a header; 0 = the magic is another. */
unsigned int cdisk_luks_version(const uint8_t *bytes, size_t size);

/* The fields of the copy at bytes, which lies at offset 0 or (secondary) at its own size. */
bool cdisk_luks2_header_parse(const uint8_t *bytes, size_t size, bool secondary,
			      struct cdisk_luks2_header *ret_header);

/* True if the checksum over the whole copy is right; size is at least header->size. */
bool cdisk_luks2_header_intact(const uint8_t *bytes, size_t size,
			       const struct cdisk_luks2_header *header);

#endif
