/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a keyslot's area to its key, a few KiB at a time. */
#ifndef CDISK_FORMAT_KEYSLOT_AREA_H
#define CDISK_FORMAT_KEYSLOT_AREA_H

#include "format/keyslot.h"

/*
 * Reads, decrypts (cipher NULL: cipher_null) and merges the slot's stripes into key, key_size bytes
 * of secret memory. The stripes are worth as much as the key and never lie anywhere but in the
 * pool, which a small limit on locked memory still covers. The area was checked to hold them.
 */
int cdisk_slot_merge(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot,
		     struct cdisk_cipher *cipher, uint8_t *key);

#endif
