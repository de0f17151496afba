/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What luks1.c and luks2.c share besides keyslot.h: the changes of a header image. */
#ifndef CDISK_FORMAT_LUKS_COMMON_H
#define CDISK_FORMAT_LUKS_COMMON_H

#include "format/luks.h"

/* The table's key_add and key_remove for LUKS1 and LUKS2. */
int cdisk_luks1_key_add(struct cdisk *c, int image_fd, struct cdisk_secret *key,
			struct cdisk_secret *new_secret, const struct cdisk_key_request *r,
			int *ret_keyslot);
int cdisk_luks2_key_add(struct cdisk *c, int image_fd, struct cdisk_secret *key,
			struct cdisk_secret *new_secret, const struct cdisk_key_request *r,
			int *ret_keyslot);
int cdisk_luks1_key_remove(struct cdisk *c, int image_fd, int keyslot);
int cdisk_luks2_key_remove(struct cdisk *c, int image_fd, int keyslot);
int cdisk_luks2_repair(struct cdisk *c, int image_fd);

/*
 * Clears what no keyslot uses. Material of a slot that a broken-off change left behind opens the
 * data for ever, and the header no longer tells where it lies.
 */
int cdisk_luks_wipe_unused(struct cdisk *c, int image_fd);

#endif
