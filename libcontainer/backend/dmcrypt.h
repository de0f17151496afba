/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making an encrypted mapping; the one place of this floor that knows libcryptsetup. */
#ifndef CDISK_BACKEND_DMCRYPT_H
#define CDISK_BACKEND_DMCRYPT_H

#include "backend/backend.h"

/* Whether dm-crypt can map this volume: 0, or -CDISK_ERR_UNSUPPORTED with the reason. */
int cdisk_dmcrypt_check(struct cdisk *c, const struct cdisk_attach_spec *spec);

/*
 * The mapping name over the block device node. On failure nothing of it is left;
 * -CDISK_ERR_UNSUPPORTED where this kernel lacks the cipher. The node may be missing.
 */
int cdisk_dmcrypt_open(struct cdisk *c, const struct cdisk_attach_spec *spec, const char *node,
	const char *name, bool read_only);

#endif
