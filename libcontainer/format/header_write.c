// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/header_write.h"

#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "format/io_seam.h"
#include "format/luks1_header.h"
#include "format/luks_map.h"

/*
 * Every 512 bytes of the header belong to one step. A step is written and synced before the next
 * begins; within a step any order and any torn write leaves the container usable.
 */
enum step {
	STEP_NONE = 0,
	STEP_MATERIAL, /* keyslot areas of the new header */
	STEP_SECOND,   /* LUKS2: the header copy that does not count now */
	STEP_FIRST,    /* LUKS2: the copy that counts; LUKS1: the only one */
	STEP_WIPE,     /* what no keyslot uses any more */
};

#define SECTOR 512u
#define CHUNK (64u * 1024)
#define LUKS1_HEAD 1024u /* sectors that hold the LUKS1 header */

struct commit {
	struct cdisk *c;
	int fd, old_fd, new_fd;
	uint64_t size;
	struct cdisk_luks_map old_map, new_map;
	bool removal; /* no new material: what goes is overwritten before the headers change */
	bool blind;   /* old_fd is the file itself, of unknown content */
	uint8_t *old_bytes, *new_bytes; /* CHUNK each */
};

static bool area_holds(const struct cdisk_luks_map *map, uint64_t offset)
{
	unsigned int i;

	for (i = 0; i < map->n_areas; i++)
		if (offset >= map->areas[i].offset &&
		    offset - map->areas[i].offset < map->areas[i].size)
			return true;
	return false;
}

static enum step step_of(const struct commit *w, uint64_t offset)
{
	const struct cdisk_luks_map *layout = w->new_map.version ? &w->new_map : &w->old_map;

	if (layout->version == 1 && offset < LUKS1_HEAD)
		return STEP_FIRST;
	if (layout->version == 2 && offset < 2 * layout->copy_size) {
		bool secondary = offset >= layout->copy_size;

		return secondary == w->old_map.newest_secondary ? STEP_FIRST : STEP_SECOND;
	}
	if (w->blind || w->removal || area_holds(&w->new_map, offset))
		return STEP_MATERIAL;
	return STEP_WIPE;
}

static int write_failed(struct commit *w, int r)
{
	return cdisk_fail(w->c, r, "cannot write the header: %s", strerror(-r));
}

/* Both contents at offset. What the old file does not give up counts as different. */
static int chunk_read(struct commit *w, uint64_t offset, size_t size)
{
	int r = cdisk_pread_full(w->new_fd, w->new_bytes, size, offset);
	size_t i;

	if (r < 0)
		return cdisk_fail(w->c, r, "cannot read the new header: %s", strerror(-r));
	r = cdisk_header_io.pread(w->old_fd, w->old_bytes, size, offset);
	if (r < 0 && !w->blind)
		return cdisk_fail(w->c, r, "cannot read the old header: %s", strerror(-r));
	for (i = 0; r < 0 && i < size; i++)
		w->old_bytes[i] = (uint8_t)~w->new_bytes[i];
	return 0;
}

static size_t sector_at(size_t at, size_t size)
{
	return size - at < SECTOR ? size - at : SECTOR;
}

static bool sector_wanted(const struct commit *w, enum step step, uint64_t offset, size_t at,
			  size_t size)
{
	return memcmp(w->old_bytes + at, w->new_bytes + at, sector_at(at, size)) != 0 &&
	       step_of(w, offset + at) == step;
}

/* Writes the changed sectors of one step in this chunk, neighbours in one call. */
static int chunk_write(struct commit *w, enum step step, uint64_t offset, size_t size,
		       bool *ret_written)
{
	size_t at = 0, end;
	int r;

	while (at < size) {
		if (!sector_wanted(w, step, offset, at, size)) {
			at += SECTOR;
			continue;
		}
		for (end = at; end < size && sector_wanted(w, step, offset, end, size);)
			end += sector_at(end, size);
		r = cdisk_header_io.pwrite(w->fd, w->new_bytes + at, end - at, offset + at);
		if (r < 0)
			return write_failed(w, r);
		*ret_written = true;
		at = end;
	}
	return 0;
}

static int sync_file(struct commit *w)
{
	int r = cdisk_header_io.sync(w->fd);

	return r < 0 ? write_failed(w, r) : 0;
}

static int step_run(struct commit *w, enum step step)
{
	bool written = false;
	uint64_t offset;
	int r = 0;

	for (offset = 0; offset < w->size && r == 0; offset += CHUNK) {
		uint64_t left = w->size - offset;
		size_t size = left < CHUNK ? (size_t)left : CHUNK;

		r = chunk_read(w, offset, size);
		if (r == 0)
			r = chunk_write(w, step, offset, size, &written);
	}
	return r == 0 && written ? sync_file(w) : r;
}

/* True if an area of the new header has bytes that it had not before. */
static int find_new_material(struct commit *w, bool *ret_found)
{
	uint64_t offset;
	size_t at;
	int r;

	w->removal = false;
	*ret_found = false;
	for (offset = 0; offset < w->size && !*ret_found; offset += CHUNK) {
		uint64_t left = w->size - offset;
		size_t size = left < CHUNK ? (size_t)left : CHUNK;

		r = chunk_read(w, offset, size);
		if (r < 0)
			return r;
		for (at = 0; at < size && !*ret_found; at += SECTOR)
			*ret_found = sector_wanted(w, STEP_MATERIAL, offset, at, size);
	}
	return 0;
}

static uint8_t *slot_at(uint8_t *head, unsigned int slot)
{
	return head + CDISK_LUKS1_SLOT_OFFSET + slot * CDISK_LUKS1_SLOT_SIZE;
}

static bool slot_active(const struct cdisk_luks_map *map, unsigned int slot)
{
	unsigned int i;

	for (i = 0; i < map->n_areas; i++)
		if (map->areas[i].keyslot == (int)slot)
			return true;
	return false;
}

/* Writes the sectors in which head differs from what is there, and makes that what is there. */
static int luks1_head_write(struct commit *w, uint8_t *there, const uint8_t *head)
{
	size_t at;
	int r;

	if (memcmp(there, head, LUKS1_HEAD) == 0)
		return 0;
	for (at = 0; at < LUKS1_HEAD; at += SECTOR) {
		if (memcmp(there + at, head + at, SECTOR) == 0)
			continue;
		r = cdisk_header_io.pwrite(w->fd, head + at, SECTOR, at);
		if (r < 0)
			return write_failed(w, r);
		memcpy(there + at, head + at, SECTOR);
	}
	return sync_file(w);
}

/*
 * LUKS1 has one header in two sectors, and slot 6 lies across them. So slots that come are written
 * before slots that go: whatever is torn, the old or the new secret has a whole entry.
 */
static int luks1_head_run(struct commit *w)
{
	uint8_t there[LUKS1_HEAD], middle[LUKS1_HEAD], head[LUKS1_HEAD];
	unsigned int slot;
	int r;

	r = cdisk_pread_full(w->old_fd, there, sizeof(there), 0);
	if (r == 0)
		r = cdisk_pread_full(w->new_fd, head, sizeof(head), 0);
	if (r < 0)
		return cdisk_fail(w->c, r, "cannot read the header: %s", strerror(-r));
	memcpy(middle, head, sizeof(middle));
	for (slot = 0; slot < CDISK_LUKS1_SLOTS; slot++)
		if (slot_active(&w->old_map, slot) && !slot_active(&w->new_map, slot))
			memcpy(slot_at(middle, slot), slot_at(there, slot), CDISK_LUKS1_SLOT_SIZE);
	r = luks1_head_write(w, there, middle);
	return r < 0 ? r : luks1_head_write(w, there, head);
}

static int commit_run(struct commit *w)
{
	int r = step_run(w, STEP_MATERIAL);

	if (r == 0)
		r = step_run(w, STEP_SECOND);
	if (r == 0 && w->old_map.version == 1 && w->new_map.version == 1 && w->size >= LUKS1_HEAD)
		r = luks1_head_run(w);
	else if (r == 0)
		r = step_run(w, STEP_FIRST);
	return r < 0 ? r : step_run(w, STEP_WIPE);
}

static int commit_init(struct commit *w)
{
	int r = 0;

	w->old_bytes = malloc(CHUNK);
	w->new_bytes = malloc(CHUNK);
	if (!w->old_bytes || !w->new_bytes)
		return cdisk_fail(w->c, -ENOMEM, "out of memory");
	r = cdisk_luks_map(w->new_fd, w->size, &w->new_map);
	if (r == 0 && !w->blind)
		r = cdisk_luks_map(w->old_fd, w->size, &w->old_map);
	return r < 0 ? cdisk_fail(w->c, r, "cannot read the header: %s", strerror(-r)) : 0;
}

static void commit_done(struct commit *w)
{
	free(w->old_bytes);
	free(w->new_bytes);
}

int cdisk_header_commit(struct cdisk *c, int fd, int old_image, int new_image, uint64_t size)
{
	CDISK_CLEANUP(commit_done)
	struct commit w = {.c = c, .fd = fd, .old_fd = old_image, .new_fd = new_image, .size = size};
	bool found = false;
	int r = commit_init(&w);

	if (r == 0)
		r = find_new_material(&w, &found);
	if (r < 0)
		return r;
	w.removal = !found;
	return commit_run(&w);
}

static bool counts(const struct cdisk_luks_map *map, uint64_t offset)
{
	if (map->version == 1 && offset < LUKS1_HEAD)
		return true;
	if (map->version == 2 && offset < 2 * map->copy_size)
		return true;
	return map->version == 0 || area_holds(map, offset);
}

bool cdisk_header_same(int fd, int old_image, uint64_t size)
{
	struct cdisk_luks_map map = {0};
	uint8_t old[SECTOR], now[SECTOR];
	uint64_t at;

	if (cdisk_luks_map(old_image, size, &map) < 0)
		return false;
	for (at = 0; at < size; at += SECTOR) {
		size_t n = size - at < SECTOR ? (size_t)(size - at) : SECTOR;

		if (!counts(&map, at))
			continue;
		if (cdisk_pread_full(old_image, old, n, at) < 0 ||
		    cdisk_header_io.pread(fd, now, n, at) < 0 || memcmp(old, now, n) != 0)
			return false;
	}
	return true;
}

/* A header that is there now must not be taken for the container while it is overwritten. */
static int invalidate(struct commit *w)
{
	static const uint8_t zeros[SECTOR];
	struct cdisk_luks_map map = {0};
	int r;

	if (cdisk_luks_map(w->fd, w->size, &map) < 0 || map.version == 0)
		return 0;
	r = cdisk_header_io.pwrite(w->fd, zeros, sizeof(zeros), 0);
	if (r == 0 && map.version == 2)
		r = cdisk_header_io.pwrite(w->fd, zeros, sizeof(zeros), map.copy_size);
	return r < 0 ? write_failed(w, r) : sync_file(w);
}

/* A file that ends before its header is lengthened once, so that zeros stay holes. */
static int lengthen(struct commit *w)
{
	struct stat st;

	if (fstat(w->fd, &st) < 0)
		return write_failed(w, -errno);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size >= w->size)
		return 0;
	return ftruncate(w->fd, (off_t)w->size) < 0 ? write_failed(w, -errno) : 0;
}

int cdisk_header_write_new(struct cdisk *c, int fd, int image, uint64_t size)
{
	CDISK_CLEANUP(commit_done)
	struct commit w = {
		.c = c, .fd = fd, .old_fd = fd, .new_fd = image, .size = size, .blind = true};
	int r = commit_init(&w);

	if (r == 0)
		r = lengthen(&w);
	if (r == 0)
		r = invalidate(&w);
	return r < 0 ? r : commit_run(&w);
}
