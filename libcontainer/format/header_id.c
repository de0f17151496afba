// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/header_write.h"

#include <string.h>
#include "base/io.h"
#include "format/luks2_header.h"
#include "format/luks_map.h"

#define UUID_OFFSET 168u /* in LUKS1 and LUKS2 alike */
#define UUID_SIZE 40u

static bool id_at(int fd, uint64_t offset, char ret_id[CDISK_ID_SIZE])
{
	uint8_t bytes[CDISK_LUKS2_BINARY];
	struct cdisk_luks2_header header;
	char text[UUID_SIZE + 1];

	if (cdisk_pread_full(fd, bytes, sizeof(bytes), offset) < 0)
		return false;
	if (offset == 0 ? cdisk_luks_version(bytes, sizeof(bytes)) == 0
			: !cdisk_luks2_header_parse(bytes, sizeof(bytes), true, &header))
		return false;
	memcpy(text, bytes + UUID_OFFSET, UUID_SIZE);
	text[UUID_SIZE] = '\0';
	cdisk_volume_id(text, ret_id);
	return true;
}

int cdisk_header_has_id(int fd, const char *id)
{
	char found[CDISK_ID_SIZE];
	int r = -ENOENT;

	if (id_at(fd, 0, found))
		r = strcmp(found, id) == 0;
	CDISK_LUKS2_EACH_COPY_SIZE (offset)
		if (r != 1 && id_at(fd, offset, found))
			r = strcmp(found, id) == 0;
	return r;
}
