// SPDX-License-Identifier: GPL-2.0-or-later
#include "kdf_choice.h"

#include <sched.h>
#include "base/util.h"
#include "crypto/crypto.h"

#define MEMORY_STEP (UINT64_C(1) << 20)
/* LUKS2's own limit is 4 GiB, and libgcrypt's argon2 must stay below it. */
#define MEMORY_LIMIT ((UINT64_C(4) << 30) - MEMORY_STEP)

static uint32_t cpu_lanes(void)
{
	cpu_set_t set;
	int n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > 4 ? 4 : (uint32_t)n;
}

int cdisk_kdf_choose(struct cdisk *c, uint64_t asked_memory, uint32_t asked_passes,
		     uint64_t *ret_memory, uint32_t *ret_passes, uint32_t *ret_lanes)
{
	uint64_t memory = asked_memory;

	if (memory == 0) {
		uint64_t total, available;

		cdisk_memory_now(&total, &available);
		memory = available / 4;
		if (memory > CDISK_KDF_MEMORY_MAX)
			memory = CDISK_KDF_MEMORY_MAX;
		memory = cdisk_round_down(memory, MEMORY_STEP);
		if (memory < CDISK_KDF_MEMORY_MIN) {
			cdisk_fail(c, -ENOMEM, "too little free memory for a strong keyslot (a quarter of "
				   "it is %llu MiB, 64 MiB are needed)",
				   (unsigned long long)(memory >> 20));
			cdisk_hint(c, "close other programs, or set --kdf-memory");
			return -ENOMEM;
		}
	}
	if (memory < CDISK_KDF_MEMORY_MIN || memory > MEMORY_LIMIT || memory % 1024 != 0)
		return cdisk_fail(c, -EINVAL,
				  "the memory cost of a keyslot lies between 64 MiB and 4095 MiB");
	*ret_memory = memory;
	*ret_passes = asked_passes ? asked_passes : CDISK_KDF_PASSES;
	*ret_lanes = cpu_lanes();
	return 0;
}
