// SPDX-License-Identifier: GPL-2.0-or-later
/* mountinfo with mount points, sources and options that users chose. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "backend/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdisk_mountinfo m = {0};
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cdisk_mountinfo_parse(text, &m) < 0)
		return 0;
	for (size_t i = 0; i < m.n; i++) {
		const struct cdisk_mount_entry *e = &m.entries[i];

		assert(e->id >= 0);
		assert(strlen(e->target) + strlen(e->root) + strlen(e->flags) + strlen(e->type) +
				strlen(e->source) + strlen(e->options) <=
			size);
		assert(cdisk_mountinfo_at(&m, e->target) >= e);
		(void)cdisk_option_number(e->options, "user_id", 0);
		(void)cdisk_option_has(e->flags, "ro");
	}
	cdisk_mountinfo_done(&m);
	return 0;
}
