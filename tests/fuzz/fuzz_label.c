// SPDX-License-Identifier: GPL-2.0-or-later
/* Whatever a disk calls its label: cleaned text is valid, short enough and harmless, twice the same. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "mount/label.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	char once[64], twice[64];

	cdisk_label_clean(once, sizeof(once), (const char *)data, size);
	assert(strnlen(once, sizeof(once)) < sizeof(once));
	assert(cdisk_label_check(once, &why) == 0);
	assert(cdisk_label_utf16(once) <= strlen(once));
	cdisk_label_clean(twice, sizeof(twice), once, strlen(once));
	assert(strcmp(once, twice) == 0);
	return 0;
}
