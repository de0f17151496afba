/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CDISK_KDF_CHOICE_H
#define CDISK_KDF_CHOICE_H

#include "base/context.h"

#define CDISK_KDF_MEMORY_MIN (UINT64_C(64) << 20)
#define CDISK_KDF_MEMORY_MAX (UINT64_C(1) << 30)
#define CDISK_KDF_PASSES 4

/*
 * Cost of a new keyslot, without a benchmark (one under load makes a weak slot): what was asked for
 * (0 = not), else 4 passes over min(1 GiB, a quarter of the memory that is free here and in the
 * control group), min(4, CPUs) lanes. -ENOMEM below 64 MiB.
 */
int cdisk_kdf_choose(struct cdisk *c, uint64_t asked_memory, uint32_t asked_passes,
		     uint64_t *ret_memory, uint32_t *ret_passes, uint32_t *ret_lanes);

#endif
