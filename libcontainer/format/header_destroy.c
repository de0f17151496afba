// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/header_write.h"

#include <string.h>
#include "base/io.h"
#include "crypto/crypto.h"
#include "format/io_seam.h"
#include "format/luks_map.h"

#define CHUNK (64u * 1024)

static int overwrite(int fd, uint64_t from, uint64_t to, bool random)
{
	_cleanup_free_ uint8_t *buf = calloc(1, CHUNK);
	uint64_t at;
	int r = 0;

	if (!buf)
		return -ENOMEM;
	for (at = from; r == 0 && at < to; at += CHUNK) {
		size_t n = to - at < CHUNK ? (size_t)(to - at) : CHUNK;

		if (random)
			r = cdisk_random(buf, n);
		if (r == 0)
			r = cdisk_header_io.pwrite(fd, buf, n, at);
	}
	/* Synced each time: a medium that is told twice before it writes once writes once. */
	return r < 0 ? r : cdisk_header_io.sync(fd);
}

static int destroy(int fd, uint64_t from, uint64_t to)
{
	int r = overwrite(fd, from, to, /* random= */ true);

	return r < 0 ? r : overwrite(fd, from, to, /* random= */ false);
}

int cdisk_header_destroy(struct cdisk *c, int fd, int image, uint64_t size)
{
	struct cdisk_luks_map map = {0};
	uint64_t material;
	int r = cdisk_luks_map(image, size, &map);

	if (r < 0)
		return cdisk_fail(c, r, "cannot read the header: %s", strerror(-r));
	/* Areas begin at whole sectors, and so do the writes here. */
	material = cdisk_round_down(map.material_start + CDISK_SECTOR_MIN - 1, CDISK_SECTOR_MIN);
	if (material > size)
		material = size;
	r = destroy(fd, material, size);
	if (r == 0 && map.version == 2 && map.copy_size < material)
		r = destroy(fd, map.copy_size, material);
	if (r == 0)
		r = destroy(fd, 0, material);
	return r < 0 ? cdisk_fail(c, r, "cannot overwrite the header: %s", strerror(-r)) : 0;
}
