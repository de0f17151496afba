// SPDX-License-Identifier: GPL-2.0-or-later
/* A server's info document: every text stays inside its field, and a refusal changes nothing. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "mount/mounting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cdisk_attachment a, before;
	char *text = malloc(size + 1);
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	memset(&a, 0, sizeof(a));
	a.uid = 7;
	before = a;
	r = cdisk_info_parse(text, &a);
	if (r < 0)
		assert(memcmp(&a, &before, sizeof(a)) == 0);
	assert(memchr(a.name, 0, sizeof(a.name)) && memchr(a.file, 0, sizeof(a.file)));
	assert(memchr(a.session, 0, sizeof(a.session)) && memchr(a.label, 0, sizeof(a.label)));
	assert(a.uid == 7 && a.id[0] == '\0' && a.disk[0] == '\0');
	free(text);
	return 0;
}
