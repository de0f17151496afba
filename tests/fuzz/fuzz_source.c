// SPDX-License-Identifier: GPL-2.0-or-later
/* A mount source is text that any user can choose: what is accepted is exactly what we would write.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include "backend/backend.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdisk_source s;
	char text[256], again[256];

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (cdisk_source_parse(text, &s) < 0)
		return 0;
	assert(s.pid > 0);
	cdisk_source_format(&s, again, sizeof(again));
	assert(strcmp(text, again) == 0);
	return 0;
}
