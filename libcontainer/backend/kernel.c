// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the kernel has what its two backends need: found by trying, since nodes lie. */
#include <stdio.h>
#include <string.h>
#include "backend/dm.h"
#include "backend/server.h"
#include "base/process.h"

#define MODPROBE_MS 20000

void cdisk_check_fill(
	struct cdisk_check *check, const char *name, const char *reason, const char *advice)
{
	(void)snprintf(check->name, sizeof(check->name), "%s", name);
	(void)snprintf(check->reason, sizeof(check->reason), "%s", reason);
	(void)snprintf(check->advice, sizeof(check->advice), "%s", advice);
	check->works = 0;
}

int cdisk_module_load(struct cdisk *c, const char *name)
{
	static const char *const refusals[] = {"not permitted", "rejected", "not available"};
	char path[256], output[512] = "";
	const char *const argv[] = {path, "--", name, NULL};
	int r;

	if (geteuid() != 0 || cdisk_program_find("modprobe", path, sizeof(path)) < 0)
		return -ENOENT;
	r = cdisk_program_run(c, &(struct cdisk_program){.argv = argv,
					 .output = output,
					 .output_size = sizeof(output),
					 .timeout_ms = MODPROBE_MS});
	if (r <= 0)
		return r;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(refusals); i++)
		if (strstr(output, refusals[i]))
			return -EPERM;
	return -ENOENT;
}

bool cdisk_check_device_mapper(struct cdisk *c, struct cdisk_check *check, const char *name)
{
	int r = cdisk_dm_try();

	if (r == -ENOENT || r == -ENODEV || r == -ENXIO) {
		if (cdisk_module_load(c, "dm_mod") == 0)
			r = cdisk_dm_try();
	}
	if (r == 0)
		return true;
	if (r == -EACCES || r == -EPERM)
		cdisk_check_fill(
			check, name, "needs root", "run it as root, or use the fuse backend");
	else if (r == -ENOSYS)
		cdisk_check_fill(check, name, "device-mapper has no target crypt",
			"load the kernel module dm_crypt, or use the fuse backend");
	else
		cdisk_check_fill(check, name, "device-mapper missing",
			"load the kernel module dm_mod, or use the fuse backend");
	return false;
}
