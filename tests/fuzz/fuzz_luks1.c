// SPDX-License-Identifier: GPL-2.0-or-later
/* Any 592 bytes: a header that is taken has only slots that lie between itself and the data. */
#include <assert.h>
#include <string.h>
#include "format/luks1_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdisk_luks1 m;
	unsigned int i;

	if (cdisk_luks1_parse(data, size, &m))
		return 0;
	assert(m.key_size > 0 && m.key_size <= 512);
	assert(strlen(m.cipher) < sizeof(m.cipher) && strlen(m.mode) < sizeof(m.mode));
	assert(strlen(m.hash) < sizeof(m.hash) && strlen(m.uuid) < sizeof(m.uuid));
	for (i = 0; i < CDISK_LUKS1_SLOTS; i++) {
		assert(m.slots[i].offset >= CDISK_LUKS1_HEADER);
		assert(m.slots[i].size >= (uint64_t)m.key_size * m.slots[i].stripes);
		assert(m.slots[i].offset + m.slots[i].size <= m.area);
	}
	assert(m.payload_offset == 0 || m.area <= m.payload_offset);
	return 0;
}
