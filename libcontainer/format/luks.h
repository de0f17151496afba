/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LUKS: making a header. Everything else goes through the table in format.h. */
#ifndef CDISK_FORMAT_LUKS_H
#define CDISK_FORMAT_LUKS_H

#include "format/format.h"

struct cdisk_luks_create {
	const char *cipher; /* "aes-xts-plain64" */
	const char *id;	    /* UUID text */
	const char *label;  /* NULL = none */
	uint32_t sector_size;
	uint64_t data_offset; /* bytes; 0 with a detached header */
	bool detached;
	struct cdisk_key_request slot; /* of the first keyslot */
};

#define CDISK_LUKS2_HEADER (UINT64_C(16) << 20) /* bytes before the data of a new LUKS2 container */

/*
 * Makes a LUKS2 header for the volume key with one keyslot in a new memfd of CDISK_LUKS2_HEADER
 * bytes. libcryptsetup runs in a child process. -CDISK_ERR_UNSUPPORTED for a cipher that
 * libcryptsetup cannot test without the kernel.
 */
int cdisk_luks_create(struct cdisk *c, const struct cdisk_luks_create *p, struct cdisk_secret *key,
		      struct cdisk_secret *passphrase, int *ret_image_fd);

extern const struct cdisk_format cdisk_format_luks2;
extern const struct cdisk_format cdisk_format_luks1;

#endif
