// SPDX-License-Identifier: GPL-2.0-or-later
#include "kdf_choice.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/util.h"

#define MEMORY_STEP (UINT64_C(1) << 20)
#define MEMORY_LIMIT (UINT64_C(4) << 30) /* LUKS2's own */

static uint64_t meminfo_available(void)
{
	_cleanup_free_ char *text = NULL;
	const char *line;
	unsigned long long kib;

	if (cdisk_read_text("/proc/meminfo", 65536, &text) < 0)
		return 0;
	line = strstr(text, "MemAvailable:");
	if (!line || sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
		return 0;
	return (uint64_t)kib * 1024;
}

static uint64_t read_number(const char *dir, const char *name, uint64_t fallback)
{
	_cleanup_free_ char *text = NULL;
	char path[CDISK_PATH_SIZE];
	unsigned long long v;

	(void)snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", dir, name);
	if (cdisk_read_text(path, 64, &text) < 0 || sscanf(text, "%llu", &v) != 1)
		return fallback; /* "max", or no control group here */
	return v;
}

/* What the tightest control group above this process leaves; UINT64_MAX where nothing limits. */
static uint64_t cgroup_available(void)
{
	_cleanup_free_ char *text = NULL;
	char dir[CDISK_PATH_SIZE / 2], *line, *slash;
	uint64_t least = UINT64_MAX;

	if (cdisk_read_text("/proc/self/cgroup", 65536, &text) < 0)
		return UINT64_MAX;
	line = strstr(text, "0::/");
	if (!line)
		return UINT64_MAX;
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	do {
		uint64_t max = read_number(dir, "memory.max", UINT64_MAX);
		uint64_t used = read_number(dir, "memory.current", 0);

		if (max != UINT64_MAX && (max > used ? max - used : 0) < least)
			least = max > used ? max - used : 0;
		slash = strrchr(dir, '/');
		if (slash)
			*slash = '\0';
	} while (slash);
	return least;
}

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
		uint64_t free_memory = meminfo_available(), group = cgroup_available();

		memory = (group < free_memory ? group : free_memory) / 4;
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
				  "the memory cost of a keyslot lies between 64 MiB and 4 GiB");
	*ret_memory = memory;
	*ret_passes = asked_passes ? asked_passes : CDISK_KDF_PASSES;
	*ret_lanes = cpu_lanes();
	return 0;
}
