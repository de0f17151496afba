// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text is given a volume ID that is a UUID, and made printable without growing. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "format/format.h"
#include "format/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *clean = malloc(size + 1);
	char id[CDISK_ID_SIZE], again[CDISK_ID_SIZE];

	memcpy(text, data, size);
	text[size] = '\0';
	cdisk_volume_id(text, id);
	assert(strlen(id) == 36 && strspn(id, "0123456789abcdef-") == 36);
	assert(strcmp(id, "00000000-0000-0000-0000-000000000000") != 0);
	cdisk_volume_id(id, again);
	assert(strcmp(id, again) == 0);
	cdisk_text_printable(clean, size + 1, text, size);
	assert(strlen(clean) <= strlen(text) && !strpbrk(clean, "\n\r\t\x1b\x7f"));
	cdisk_text_ascii(clean, size + 1, text, size);
	assert(strlen(clean) == strlen(text));
	free(text);
	free(clean);
	return 0;
}
