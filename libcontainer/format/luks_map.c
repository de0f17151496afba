// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks_map.h"

#include <string.h>
#include "format/io_seam.h"
#include "format/luks1_header.h"
#include "format/luks2_header.h"

struct copy {
	struct cdisk_luks2_header header;
	struct cdisk_luks2 *meta; /* owned */
	bool intact; /* the checksum is right, and the metadata can be read */
};

static void copy_done(struct copy *copy)
{
	free(copy->meta);
}

/* Metadata with a right checksum that cannot be read is damaged, too. */
static int copy_check(struct copy *copy, const uint8_t *bytes)
{
	const char *json = (const char *)bytes + CDISK_LUKS2_BINARY;
	const char *why;
	int r;

	if (!cdisk_luks2_header_intact(bytes, copy->header.size, &copy->header))
		return 0;
	copy->meta = malloc(sizeof(*copy->meta));
	if (!copy->meta)
		return -ENOMEM;
	r = cdisk_luks2_parse(json, copy->header.size - CDISK_LUKS2_BINARY, copy->meta, &why);
	copy->intact = r == 0;
	return r == -ENOMEM ? r : 0;
}

/*
 * Reads the copy at offset. What cannot be read is treated as damaged: the other copy may be whole,
 * and the bytes that fail are reported when they are needed.
 */
static int copy_read(int fd, uint64_t limit, uint64_t offset, struct copy *copy)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	uint8_t binary[CDISK_LUKS2_BINARY];

	if (!cdisk_range_inside(offset, sizeof(binary), limit))
		return 0;
	if (cdisk_header_io.pread(fd, binary, sizeof(binary), offset) < 0)
		return 0;
	if (!cdisk_luks2_header_parse(binary, sizeof(binary), offset > 0, &copy->header))
		return 0;
	if (offset > 0 && copy->header.size != offset)
		return 0;
	if (!cdisk_range_inside(offset, copy->header.size, limit))
		return 0;
	bytes = malloc(copy->header.size);
	if (!bytes)
		return -ENOMEM;
	if (cdisk_header_io.pread(fd, bytes, copy->header.size, offset) < 0)
		return 0;
	return copy_check(copy, bytes);
}

/* The secondary copy lies where the primary says; where that is damaged, at one of nine places. */
static int secondary_read(int fd, uint64_t limit, const struct copy *primary, struct copy *copy)
{
	if (primary->intact)
		return copy_read(fd, limit, primary->header.size, copy);
	CDISK_LUKS2_EACH_COPY_SIZE (size) {
		int r;

		copy_done(copy);
		*copy = (struct copy){0};
		r = copy_read(fd, limit, size, copy);
		if (r < 0 || copy->intact)
			return r;
	}
	return 0;
}

/* salt_size is at most 64. */
static void area_add(struct cdisk_luks_map *map, int keyslot, uint64_t offset, uint64_t size,
		     const uint8_t *salt, size_t salt_size)
{
	struct cdisk_luks_area *a = &map->areas[map->n_areas];

	if (map->n_areas == CDISK_ARRAY_SIZE(map->areas))
		return;
	map->n_areas++;
	*a = (struct cdisk_luks_area){.keyslot = keyslot, .offset = offset, .size = size};
	memcpy(a->salt, salt, salt_size);
}

static void map_copy(const struct copy *copy, struct cdisk_luks_map *map)
{
	const struct cdisk_luks2 *m = copy->meta;
	unsigned int i;

	map->version = 2;
	map->copy_size = copy->header.size;
	map->seqid = copy->header.seqid;
	map->material_start = 2 * map->copy_size;
	map->material_end = map->material_start;
	if (m->keyslots_size <= CDISK_LUKS2_KEYSLOTS_MAX)
		map->material_end += m->keyslots_size;
	for (i = 0; i < m->n_keyslots; i++) {
		const struct cdisk_slot *s = &m->keyslots[i].slot;

		area_add(map, s->number, s->area_offset, s->area_size, s->kdf.salt,
			 s->kdf.salt_size);
	}
	memcpy(map->requirements, m->requirements, sizeof(map->requirements));
}

static int map_luks2(int fd, uint64_t limit, struct cdisk_luks_map *map)
{
	CDISK_CLEANUP(copy_done) struct copy primary = {0};
	CDISK_CLEANUP(copy_done) struct copy secondary = {0};
	int r = copy_read(fd, limit, 0, &primary);

	if (r == 0)
		r = secondary_read(fd, limit, &primary, &secondary);
	if (r < 0)
		return r;
	map->intact[0] = primary.intact;
	map->intact[1] = secondary.intact;
	map->newest_secondary =
		secondary.intact &&
		(!primary.intact || secondary.header.seqid > primary.header.seqid);
	map->stale = primary.intact && secondary.intact &&
		     primary.header.seqid != secondary.header.seqid;
	if (map->newest_secondary)
		map_copy(&secondary, map);
	else if (primary.intact)
		map_copy(&primary, map);
	return 0;
}

static void map_luks1(const uint8_t *bytes, size_t size, struct cdisk_luks_map *map)
{
	struct cdisk_luks1 m;
	unsigned int i;

	if (cdisk_luks1_parse(bytes, size, &m))
		return;
	map->version = 1;
	map->copy_size = CDISK_LUKS1_HEADER;
	map->intact[0] = true;
	map->material_start = CDISK_LUKS1_HEADER;
	map->material_end = m.area;
	for (i = 0; i < CDISK_LUKS1_SLOTS; i++)
		if (m.slots[i].active)
			area_add(map, (int)i, m.slots[i].offset, m.slots[i].size, m.slots[i].salt,
				 sizeof(m.slots[i].salt));
}

int cdisk_luks_map(int fd, uint64_t size, struct cdisk_luks_map *ret_map)
{
	uint8_t bytes[CDISK_LUKS1_HEADER] = {0};
	struct cdisk_luks_map map = {0};
	int r = 0;

	if (size < sizeof(bytes)) {
		*ret_map = map;
		return 0;
	}
	/* Behind an unreadable beginning there may be a secondary header. */
	if (cdisk_header_io.pread(fd, bytes, sizeof(bytes), 0) < 0)
		memset(bytes, 0, sizeof(bytes));
	if (cdisk_luks_version(bytes, sizeof(bytes)) == 1)
		map_luks1(bytes, sizeof(bytes), &map);
	else
		r = map_luks2(fd, size, &map);
	if (r < 0)
		return r;
	*ret_map = map;
	return 0;
}
