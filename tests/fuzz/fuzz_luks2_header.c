// SPDX-License-Identifier: GPL-2.0-or-later
/* Any header image: its map says nothing that lies beyond the bounds of the format. */
#include <assert.h>
#include <string.h>
#include "base/io.h"
#include "format/luks2_header.h"
#include "format/luks_map.h"

static int image = -1;

/* The checksum is made right, since no fuzzer guesses one. */
static void seal(uint8_t *bytes, size_t size, uint64_t offset)
{
	uint8_t digest[CDISK_HASH_MAX];
	struct cdisk_luks2_header header;

	if (offset >= size ||
	    !cdisk_luks2_header_parse(bytes + offset, size - offset, offset > 0, &header) ||
	    header.size > size - offset)
		return;
	memset(bytes + offset + 448, 0, 64);
	if (cdisk_hash(header.checksum, bytes + offset, header.size, digest) >= 0)
		memcpy(bytes + offset + 448, digest, 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdisk_luks_map map;
	uint8_t *bytes = malloc(size + 1);

	if (image < 0)
		assert(cdisk_memfd_new("fuzz", 0, &image) == 0);
	memcpy(bytes, data, size);
	seal(bytes, size, 0);
	CDISK_LUKS2_EACH_COPY_SIZE (offset)
		seal(bytes, size, offset);
	assert(ftruncate(image, (off_t)size) == 0);
	assert(cdisk_pwrite_full(image, bytes, size, 0) == 0);
	assert(cdisk_luks_map(image, size, &map) == 0);
	assert(map.version <= 2);
	assert(map.version != 2 || map.intact[map.newest_secondary]);
	assert(map.material_start <= map.material_end);
	assert(map.material_end <= 2 * CDISK_LUKS2_COPY_MAX + CDISK_LUKS2_KEYSLOTS_MAX ||
	       map.version == 1);
	assert(map.n_areas <= CDISK_LUKS2_OBJECTS_MAX);
	free(bytes);
	return 0;
}
