// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <string.h>
#include "base/io.h"
#include "format/luks2_header.h"
#include "format/luks_common.h"
#include "format/luks_map.h"

/*
 * libcryptsetup mends a header copy only under its own lock file, which needs root and a directory
 * of the system; so the good copy is written over the other one here.
 */

enum {
	OFFSET_SALT = 104,
	SALT_SIZE = 64,
	OFFSET_OFFSET = 256,
	OFFSET_CHECKSUM = 448,
	CHECKSUM_SIZE = 64,
};

/* Makes the copy at bytes the other one: name, place, a salt of its own, and the checksum. */
static int copy_turn(uint8_t *bytes, uint64_t size, bool secondary, const char *hash)
{
	static const char magic[2][CDISK_LUKS_MAGIC_SIZE] = {
		{'L', 'U', 'K', 'S', '\xba', '\xbe'}, {'S', 'K', 'U', 'L', '\xba', '\xbe'}};
	uint64_t offset = htobe64(secondary ? size : 0);
	uint8_t digest[CDISK_HASH_MAX];
	int r = cdisk_random(bytes + OFFSET_SALT, SALT_SIZE);

	if (r < 0)
		return r;
	memcpy(bytes, magic[secondary], CDISK_LUKS_MAGIC_SIZE);
	memcpy(bytes + OFFSET_OFFSET, &offset, sizeof(offset));
	memset(bytes + OFFSET_CHECKSUM, 0, CHECKSUM_SIZE);
	r = cdisk_hash(hash, bytes, size, digest);
	if (r < 0)
		return r;
	memcpy(bytes + OFFSET_CHECKSUM, digest, (size_t)cdisk_hash_size(hash));
	return 0;
}

static int copy_over(int image_fd, const struct cdisk_luks_map *map)
{
	_cleanup_free_ uint8_t *bytes = malloc(map->copy_size);
	uint64_t from = map->newest_secondary ? map->copy_size : 0;
	struct cdisk_luks2_header header;
	int r;

	if (!bytes)
		return -ENOMEM;
	r = cdisk_pread_full(image_fd, bytes, map->copy_size, from);
	if (r < 0)
		return r;
	if (!cdisk_luks2_header_parse(bytes, map->copy_size, map->newest_secondary, &header))
		return -EBADMSG;
	r = copy_turn(bytes, map->copy_size, !map->newest_secondary, header.checksum);
	return r < 0 ? r
		     : cdisk_pwrite_full(image_fd, bytes, map->copy_size, map->copy_size - from);
}

int cdisk_luks2_repair(struct cdisk *c, int image_fd)
{
	struct cdisk_luks_map map = {0};
	uint64_t size = 0;
	int r = cdisk_fd_size(image_fd, &size);

	if (r == 0)
		r = cdisk_luks_map(image_fd, size, &map);
	if (r == 0 && map.version != 2)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "no LUKS2 header copy is intact");
	if (r == 0 && map.intact[0] && map.intact[1] && !map.stale)
		return 0;
	if (r == 0)
		r = copy_over(image_fd, &map);
	if (r < 0)
		return cdisk_fail(c, r, "cannot mend the header's copy: %s", strerror(-r));
	/* The stale copy of a change that broke off may have been the last to name old material. */
	r = cdisk_luks_wipe_unused(c, image_fd);
	return r < 0 ? r : 1;
}
