// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/format.h"

#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "format/io_seam.h"
#include "format/luks1_header.h"
#include "format/luks2_header.h"
#include "format/luks_map.h"

#define AREA_DEFAULT (UINT64_C(4) << 20) /* where no header tells its size: enough to say why */
#define COPY_STEP (64u * 1024)
#define COPY_BLOCK 4096u /* what one unreadable place costs */

/* Bytes the header asks for. Nothing is trusted here but its bounds; formats validate the copy. */
static int area_wanted(int fd, uint64_t size, struct cdisk_luks_map *map, uint64_t *ret_area)
{
	uint8_t bytes[CDISK_LUKS1_HEADER] = {0};
	struct cdisk_luks1 luks1;
	int r;

	*ret_area = AREA_DEFAULT;
	if (size >= sizeof(bytes))
		(void)cdisk_header_io.pread(fd, bytes, sizeof(bytes), 0);
	if (cdisk_luks_version(bytes, sizeof(bytes)) == 1) {
		if (!cdisk_luks1_parse(bytes, sizeof(bytes), &luks1))
			*ret_area = luks1.area;
		return 0;
	}
	r = cdisk_luks_map(fd, size, map);
	if (r == 0 && map->version == 2)
		*ret_area = map->material_end;
	return r == -ENOMEM ? r : 0;
}

static bool all_zero(const uint8_t *p, size_t size)
{
	return size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
}

static void note_unreadable(struct cdisk_header *h, uint64_t offset, size_t size)
{
	if (h->unreadable_end == 0)
		h->unreadable_start = offset;
	h->unreadable_end = offset + size;
}

/* Copies size bytes at offset; zeros stay holes, so that a sparse header costs no memory. */
static int copy_block(int fd, struct cdisk_header *h, uint64_t offset, uint8_t *buf, size_t size)
{
	int r = cdisk_header_io.pread(fd, buf, size, offset);

	if (r < 0)
		return r;
	if (all_zero(buf, size))
		return 0;
	return cdisk_pwrite_full(h->image_fd, buf, size, offset);
}

static int copy_step(int fd, struct cdisk_header *h, uint64_t offset, uint8_t *buf, size_t size)
{
	int r = copy_block(fd, h, offset, buf, size);
	size_t done, n;

	if (r != -EIO)
		return r;
	for (done = 0; done < size; done += n) {
		n = size - done < COPY_BLOCK ? size - done : COPY_BLOCK;
		r = copy_block(fd, h, offset + done, buf, n);
		if (r == -EIO)
			note_unreadable(h, offset + done, n);
		else if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Whether a LUKS2 header says anything in this range. What no keyslot uses, most of its 16 MiB, may
 * stay a hole. A map without a version knows nothing: everything is copied.
 */
static bool range_used(const struct cdisk_luks_map *map, uint64_t offset, uint64_t size)
{
	unsigned int i;

	if (map->version != 2 || offset < map->material_start)
		return true;
	for (i = 0; i < map->n_areas; i++) {
		const struct cdisk_luks_area *a = &map->areas[i];

		if (offset + size > a->offset &&
			(a->offset > offset || offset - a->offset < a->size))
			return true;
	}
	return false;
}

static int copy_area(
	struct cdisk *c, int fd, const struct cdisk_luks_map *map, struct cdisk_header *h)
{
	_cleanup_free_ uint8_t *buf = malloc(COPY_STEP);
	uint64_t offset;
	int r = 0;

	if (!buf)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	for (offset = 0; offset < h->image_size && r == 0; offset += COPY_STEP) {
		uint64_t left = h->image_size - offset;
		size_t step = left < COPY_STEP ? (size_t)left : COPY_STEP;

		if (range_used(map, offset, step))
			r = copy_step(fd, h, offset, buf, step);
	}
	if (r == -ENODATA)
		return cdisk_fail(c, -EIO, "the file became shorter while its header was read");
	if (r < 0)
		return cdisk_fail(c, r, "cannot copy the header: %s", strerror(-r));
	return 0;
}

static int header_sizes(
	struct cdisk *c, int fd, int data_fd, struct cdisk_luks_map *map, struct cdisk_header *h)
{
	uint64_t area = 0;
	int r = cdisk_fd_size(fd, &h->header_file_size);

	if (r == 0)
		r = cdisk_fd_size(data_fd, &h->data_size);
	if (r < 0)
		return cdisk_fail(c, r, "cannot tell the size of the file: %s", strerror(-r));
	r = area_wanted(fd, h->header_file_size, map, &area);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read the header: %s", strerror(-r));
	h->image_size = area < h->header_file_size ? area : h->header_file_size;
	if (h->image_size > CDISK_HEADER_MAX)
		h->image_size = CDISK_HEADER_MAX;
	return 0;
}

/* A detached header lies in another file, not in the same one under another name. */
static bool other_file(int a, int b)
{
	struct stat one, two;

	if (a == b || fstat(a, &one) < 0 || fstat(b, &two) < 0)
		return a != b;
	if (S_ISBLK(one.st_mode) && S_ISBLK(two.st_mode))
		return one.st_rdev != two.st_rdev;
	return one.st_dev != two.st_dev || one.st_ino != two.st_ino;
}

static int header_read(
	struct cdisk *c, int fd, int data_fd, bool whole, struct cdisk_header *ret_header)
{
	CDISK_CLEANUP(cdisk_header_done)
	struct cdisk_header h = {
		.image_fd = -1, .header_fd = fd, .detached = other_file(fd, data_fd)};
	struct cdisk_luks_map map = {0};
	int r = header_sizes(c, fd, data_fd, &map, &h);

	if (r < 0)
		return r;
	if (whole)
		map.version = 0;
	r = cdisk_memfd_new("cryptdisk-header", h.image_size, &h.image_fd);
	if (r < 0)
		return cdisk_fail(c, r, "cannot make a copy of the header: %s", strerror(-r));
	r = copy_area(c, fd, &map, &h);
	if (r < 0)
		return r;
	r = cdisk_memfd_seal(h.image_fd);
	if (r < 0)
		return cdisk_fail(c, r, "cannot seal the copy of the header: %s", strerror(-r));
	*ret_header = h;
	h.image_fd = -1;
	return 0;
}

int cdisk_header_read(struct cdisk *c, int fd, int data_fd, struct cdisk_header *ret_header)
{
	return header_read(c, fd, data_fd, /* whole= */ true, ret_header);
}

int cdisk_header_read_used(struct cdisk *c, int fd, int data_fd, struct cdisk_header *ret_header)
{
	return header_read(c, fd, data_fd, /* whole= */ false, ret_header);
}

void cdisk_header_done(struct cdisk_header *h)
{
	cdisk_close(&h->image_fd);
}
