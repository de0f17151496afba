// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A header change that stops anywhere leaves a container that opens. The writes of a commit are
 * recorded once; every prefix of them, torn at sectors, and random subsets of what was not yet
 * synced, are states a power cut may leave.
 */
#include "luks_test.h"
#include "format/header_write.h"
#include "format/io_seam.h"
#include "format/luks2_header.h"
#include "format/luks_map.h"

#define SECTOR 512u
#define WRITES_MAX 512
#define SUBSETS 12 /* random ones of each span between two syncs */
#define LUKS1_FILE (UINT64_C(5) << 18)
#define LUKS1_KEY 32 /* bytes; small areas keep this quick */
#define TOUCHED (UINT64_C(5) << 18) /* bytes from the beginning that anything here changes */

struct write {
	uint64_t offset;
	size_t size;
	unsigned int epoch; /* syncs before it */
	uint8_t *bytes;
};

static struct write writes[WRITES_MAX];
static unsigned int n_writes, epoch;

/* One container in memory: as it was, and as the change wants it. */
struct scene {
	const struct cdisk_format *format;
	uint64_t size;
	int file, before, after;
	const char *survivors[3]; /* secrets of which one opens in every state */
	struct cdisk_luks_map old_map;
};

static uint8_t volume_key[64];

static int record_pwrite(int fd, const void *buf, size_t size, uint64_t offset)
{
	struct write *w = &writes[n_writes++];

	assert_true(n_writes < WRITES_MAX);
	*w = (struct write){.offset = offset, .size = size, .epoch = epoch};
	w->bytes = malloc(size);
	memcpy(w->bytes, buf, size);
	return cdisk_pwrite_full(fd, buf, size, offset);
}

static int record_sync(int fd)
{
	(void)fd;
	epoch++;
	return 0;
}

static void record_begin(void)
{
	n_writes = epoch = 0;
	cdisk_header_io.pwrite = record_pwrite;
	cdisk_header_io.sync = record_sync;
}

static void record_end(void)
{
	cdisk_header_io.pwrite = cdisk_pwrite_full;
}
static void record_free(void)
{
	while (n_writes > 0)
		free(writes[--n_writes].bytes);
}

static void copy_fd(int from, int to)
{
	static uint8_t buf[1 << 16];
	uint64_t at;

	for (at = 0; at < TOUCHED; at += sizeof(buf)) {
		assert_int_equal(cdisk_pread_full(from, buf, sizeof(buf), at), 0);
		assert_int_equal(cdisk_pwrite_full(to, buf, sizeof(buf), at), 0);
	}
}

static int memory_copy(int from, uint64_t size)
{
	int fd = -1;

	assert_int_equal(cdisk_memfd_new("test", size, &fd), 0);
	if (from >= 0)
		copy_fd(from, fd);
	return fd;
}

static void open_fd(struct opened *o, int fd)
{
	memset(o, 0, sizeof(*o));
	o->fd = -1;
	o->h.image_fd = -1;
	assert_int_equal(cdisk_header_read(&o->c, fd, fd, &o->h), 0);
	if (cdisk_format_load(&o->c, &o->h, &o->l) != 0)
		fail_msg("%s", o->c.message);
}

/* The slot that secret opens in fd; -1 = none. */
static int slot_of(int fd, const char *text)
{
	struct cdisk_secret *secret = secret_text(text);
	struct opened o;
	int r;

	open_fd(&o, fd);
	r = open_unlock(&o, secret, -1, false);
	if (r != 0 && r != -CDISK_ERR_PASSPHRASE)
		fail_msg("%d: %s", r, o.c.message);
	r = r == 0 ? o.keyslot : -1;
	open_done(&o);
	cdisk_secret_free(secret);
	return r;
}

static bool opens(int fd, const char *text)
{
	return slot_of(fd, text) >= 0;
}

static int image_add(const struct cdisk_format *format, int image, const char *text)
{
	struct cdisk_key_request request = {
		.keyslot = -1, .kdf_memory = 64 << 10, .kdf_passes = 4, .kdf_lanes = 1};
	struct cdisk_secret *secret = secret_text(text);
	bool luks1 = format == &cdisk_format_luks1;
	struct cdisk_secret *key = secret_of(volume_key, luks1 ? LUKS1_KEY : sizeof(volume_key));
	struct cdisk c = {0};
	int slot = -1;

	if (luks1)
		request.kdf_passes = 1000;
	if (format->key_add(&c, image, key, secret, &request, &slot) != 0)
		fail_msg("%s", c.message);
	cdisk_secret_free(key);
	cdisk_secret_free(secret);
	return slot;
}

static void image_remove(const struct cdisk_format *format, int image, int slot)
{
	struct cdisk c = {0};

	if (format->key_remove(&c, image, slot) != 0)
		fail_msg("%s", c.message);
}

static void commit(struct scene *s, int before, int after)
{
	struct cdisk c = {0};

	if (cdisk_header_commit(&c, s->file, before, after, s->size) != 0)
		fail_msg("%s", c.message);
}

/* The old state with the first n writes, and torn bytes of the next. */
static void state_make(struct scene *s, unsigned int n, size_t torn)
{
	unsigned int i;

	copy_fd(s->before, s->file);
	for (i = 0; i < n; i++)
		assert_int_equal(cdisk_pwrite_full(s->file, writes[i].bytes, writes[i].size,
						   writes[i].offset),
				 0);
	if (torn > 0)
		assert_int_equal(
			cdisk_pwrite_full(s->file, writes[n].bytes, torn, writes[n].offset), 0);
}

/* Everything before the span is there; of its sectors, each with even odds. */
static void state_random(struct scene *s, unsigned int span)
{
	unsigned int i;
	size_t at;

	copy_fd(s->before, s->file);
	for (i = 0; i < n_writes; i++) {
		const struct write *w = &writes[i];

		for (at = 0; at < w->size && w->epoch <= span; at += SECTOR)
			if (w->epoch < span || (random() & 1))
				assert_int_equal(cdisk_pwrite_full(s->file, w->bytes + at, SECTOR,
								   w->offset + at),
						 0);
	}
}

static void state_check(struct scene *s, const char *what, unsigned int n, size_t torn)
{
	int i;

	for (i = 0; i < 3 && s->survivors[i]; i++)
		if (opens(s->file, s->survivors[i]))
			return;
	fail_msg("%s %u+%zu of %u: no secret opens", what, n, torn, n_writes);
}

/* Material that the old header used and the new one does not is gone, sector by sector. */
static void material_gone(struct scene *s, int slot)
{
	uint8_t then[SECTOR], now[SECTOR];
	unsigned int i;
	uint64_t at;

	for (i = 0; i < s->old_map.n_areas; i++) {
		const struct cdisk_luks_area *a = &s->old_map.areas[i];

		for (at = a->offset; a->keyslot == slot && at < a->offset + LUKS1_KEY * 4000; at += SECTOR) {
			assert_int_equal(cdisk_pread_full(s->before, then, SECTOR, at), 0);
			assert_int_equal(cdisk_pread_full(s->file, now, SECTOR, at), 0);
			if (memcmp(then, now, SECTOR) == 0)
				fail_msg("old material is left at byte %llu",
					 (unsigned long long)at);
		}
	}
}

static size_t next_tear(size_t torn, size_t size)
{
	/* Material is long and opaque: its ends and middle stand for all of it. */
	if (size <= 16384)
		return torn + SECTOR;
	if (torn == 0)
		return SECTOR;
	if (torn == SECTOR)
		return size / 2 / SECTOR * SECTOR;
	return torn < size - SECTOR ? size - SECTOR : size;
}

typedef void (*again_fn)(struct scene *s);

/* Every torn state opens; the verb, done again, ends as if nothing had happened. */
static void every_state_opens(struct scene *s, again_fn again)
{
	unsigned int n, i;
	size_t torn;

	s->file = memory_copy(s->before, s->size);
	assert_int_equal(cdisk_luks_map(s->before, s->size, &s->old_map), 0);
	record_begin();
	commit(s, s->before, s->after);
	record_end();
	assert_true(n_writes > 0);
	for (n = 0; n < n_writes; n++) {
		for (torn = 0; torn < writes[n].size; torn = next_tear(torn, writes[n].size)) {
			state_make(s, n, torn);
			state_check(s, "write", n, torn);
		}
		if (n > 0 && writes[n].epoch == writes[n - 1].epoch)
			continue;
		state_make(s, n, writes[n].size > SECTOR ? SECTOR : 0);
		again(s);
	}
	for (n = 0; n <= epoch; n++)
		for (i = 0; i < SUBSETS; i++) {
			state_random(s, n);
			state_check(s, "span", n, i);
		}
	state_make(s, n_writes, 0);
	record_free();
}

/* The header as it lies in the file now, and a writable copy of it. */
static void images(struct scene *s, int *ret_before, int *ret_after)
{
	*ret_before = memory_copy(s->file, s->size);
	*ret_after = memory_copy(s->file, s->size);
}

static void change_again(struct scene *s)
{
	int slot = slot_of(s->file, "old");
	int before, after;

	if (slot < 0)
		slot = slot_of(s->file, "new");
	images(s, &before, &after);
	(void)image_add(s->format, after, "new");
	image_remove(s->format, after, slot);
	commit(s, before, after);
	close(before);
	close(after);
	assert_true(opens(s->file, "new"));
	assert_false(opens(s->file, "old"));
	material_gone(s, slot_of(s->before, "old"));
}

static void remove_again(struct scene *s)
{
	struct cdisk_luks_map map;
	int slot = slot_of(s->before, "old");
	int before, after;
	unsigned int i;

	images(s, &before, &after);
	assert_int_equal(cdisk_luks_map(after, s->size, &map), 0);
	for (i = 0; i < map.n_areas; i++)
		if (map.areas[i].keyslot == slot)
			image_remove(s->format, after, slot);
	commit(s, before, after);
	close(before);
	close(after);
	assert_true(opens(s->file, "other"));
	assert_false(opens(s->file, "old"));
	material_gone(s, slot);
}

static void add_again(struct scene *s)
{
	int before, after;

	images(s, &before, &after);
	(void)image_add(s->format, after, "new");
	commit(s, before, after);
	close(before);
	close(after);
	assert_true(opens(s->file, "new"));
	assert_true(opens(s->file, "old"));
}

static int luks2_before(void)
{
	struct cdisk_luks_create p = {
		.cipher = "aes-xts-plain64",
		.id = "5b2f6d3e-7c1a-4f7e-9c59-0a6d3f1f2b11",
		.sector_size = 512,
		.data_offset = CDISK_LUKS2_HEADER,
		.slot = {.keyslot = 0, .kdf_memory = 64 << 10, .kdf_passes = 4, .kdf_lanes = 1},
	};
	struct cdisk_secret *key = secret_of(volume_key, sizeof(volume_key));
	struct cdisk_secret *secret = secret_text("old");
	struct cdisk c = {0};
	int image = -1, before;

	if (cdisk_luks_create(&c, &p, key, secret, &image) != 0)
		fail_msg("%s", c.message);
	(void)image_add(&cdisk_format_luks2, image, "other");
	before = memory_copy(image, CDISK_LUKS2_HEADER);
	close(image);
	cdisk_secret_free(key);
	cdisk_secret_free(secret);
	return before;
}

/* slot 6 lies across the two sectors of a LUKS1 header. */
static int luks1_before(int slot)
{
	int key_fd = open(work_path("key"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), fd, before;

	assert_int_equal(cdisk_pwrite_full(key_fd, volume_key, LUKS1_KEY, 0), 0);
	close(key_fd);
	fd = open(work_path("luks1"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, (off_t)LUKS1_FILE), 0);
	if (run("printf old | cryptsetup luksFormat -q --type luks1 --key-slot %d "
		"--pbkdf-force-iterations 1000 --key-size 256 --volume-key-file '%s/key' "
		"--key-file - '%s/luks1' 2>/dev/null",
		slot, workdir, workdir) != 0) {
		close(fd);
		return -1;
	}
	before = memory_copy(fd, LUKS1_FILE);
	(void)image_add(&cdisk_format_luks1, before, "other");
	close(fd);
	return before;
}

static void scene_done(struct scene *s)
{
	close(s->file);
	close(s->before);
	close(s->after);
}

static struct scene scene_make(const struct cdisk_format *format, int before)
{
	struct scene s = {.format = format, .before = before, .file = -1, .after = -1};

	s.size = format == &cdisk_format_luks1 ? LUKS1_FILE : CDISK_LUKS2_HEADER;
	s.after = memory_copy(before, s.size);
	return s;
}

static void change(struct scene *s)
{
	(void)image_add(s->format, s->after, "new");
	image_remove(s->format, s->after, slot_of(s->before, "old"));
	s->survivors[0] = "old";
	s->survivors[1] = "new";
	every_state_opens(s, change_again);
	assert_true(opens(s->file, "new"));
	assert_false(opens(s->file, "old"));
	material_gone(s, slot_of(s->before, "old"));
	scene_done(s);
}

static void torn_change_opens_with_old_or_new_secret_luks2(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());

	(void)state;
	change(&s);
}

static void torn_change_opens_with_old_or_new_secret_luks1(void **state)
{
	int slot, before;

	(void)state;
	for (slot = 5; slot <= 6; slot++) {
		struct scene s;

		before = luks1_before(slot);
		if (before < 0)
			skip();
		s = scene_make(&cdisk_format_luks1, before);
		change(&s);
	}
}

static void add(struct scene *s)
{
	(void)image_add(s->format, s->after, "new");
	s->survivors[0] = "old";
	every_state_opens(s, add_again);
	assert_true(opens(s->file, "new"));
	scene_done(s);
}

static void torn_add_opens_with_old_secret_luks2(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());

	(void)state;
	add(&s);
}

static void torn_add_opens_with_old_secret_luks1(void **state)
{
	int before = luks1_before(0);
	struct scene s;

	(void)state;
	if (before < 0)
		skip();
	s = scene_make(&cdisk_format_luks1, before);
	add(&s);
}

static void removal(struct scene *s)
{
	image_remove(s->format, s->after, slot_of(s->before, "old"));
	s->survivors[0] = "other";
	every_state_opens(s, remove_again);
	assert_false(opens(s->file, "old"));
	scene_done(s);
}

static void torn_removal_opens_with_the_other_secret_luks2(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());

	(void)state;
	removal(&s);
}

static void torn_removal_opens_with_the_other_secret_luks1(void **state)
{
	int before = luks1_before(6);
	struct scene s;

	(void)state;
	if (before < 0)
		skip();
	s = scene_make(&cdisk_format_luks1, before);
	removal(&s);
}

/* A removal destroys the material first: a revoked secret must not survive a power cut. */
static void removal_overwrites_material_before_the_header(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());
	unsigned int i;

	(void)state;
	image_remove(s.format, s.after, slot_of(s.before, "old"));
	s.file = memory_copy(s.before, s.size);
	record_begin();
	commit(&s, s.before, s.after);
	record_end();
	assert_true(writes[0].offset >= 2 * CDISK_LUKS2_COPY_MIN);
	for (i = 1; i < n_writes; i++)
		if (writes[i].epoch > 0)
			assert_true(writes[i].offset < 2 * CDISK_LUKS2_COPY_MIN);
	record_free();
	scene_done(&s);
}

/* With a damaged first copy the second is the only one: it must not be touched first. */
static void damaged_primary_is_written_before_the_good_copy(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());
	uint8_t byte = 0xff;

	(void)state;
	assert_int_equal(cdisk_pwrite_full(s.before, &byte, 1, 5000), 0);
	copy_fd(s.before, s.after);
	(void)image_add(s.format, s.after, "new");
	s.survivors[0] = "old";
	every_state_opens(&s, add_again);
	scene_done(&s);
}

static int failing_pwrite(int fd, const void *buf, size_t size, uint64_t offset)
{
	(void)fd, (void)buf, (void)size, (void)offset;
	return -EIO;
}

static void failed_write_is_told(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());
	struct cdisk c = {0};

	(void)state;
	(void)image_add(s.format, s.after, "new");
	s.file = memory_copy(s.before, s.size);
	cdisk_header_io.pwrite = failing_pwrite;
	assert_int_equal(cdisk_header_commit(&c, s.file, s.before, s.after, s.size), -EIO);
	cdisk_header_io.pwrite = cdisk_pwrite_full;
	assert_non_null(strstr(c.message, "cannot write the header"));
	assert_true(opens(s.file, "old"));
	scene_done(&s);
}

/* Nobody takes a file for a container before its header is whole. */
static void new_header_counts_only_when_it_is_whole(void **state)
{
	struct scene s = scene_make(&cdisk_format_luks2, luks2_before());
	struct cdisk c = {0};
	unsigned int n;
	bool valid = false;

	(void)state;
	s.file = memory_copy(-1, s.size);
	record_begin();
	assert_int_equal(cdisk_header_write_new(&c, s.file, s.after, s.size), 0);
	record_end();
	assert_true(opens(s.file, "old"));
	close(s.before);
	s.before = memory_copy(-1, s.size);
	for (n = 0; n <= n_writes; n++) {
		struct cdisk_luks_map map;

		state_make(&s, n, 0);
		assert_int_equal(cdisk_luks_map(s.file, s.size, &map), 0);
		assert_false(valid && map.version == 0);
		valid = map.version != 0;
		if (valid)
			assert_true(opens(s.file, "old"));
	}
	record_free();
	scene_done(&s);
}

static int setup(void **state)
{
	srandom(20);
	if (cdisk_random(volume_key, sizeof(volume_key)) < 0)
		return -1;
	return workdir_make(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torn_change_opens_with_old_or_new_secret_luks2),
		cmocka_unit_test(torn_change_opens_with_old_or_new_secret_luks1),
		cmocka_unit_test(torn_add_opens_with_old_secret_luks2),
		cmocka_unit_test(torn_add_opens_with_old_secret_luks1),
		cmocka_unit_test(torn_removal_opens_with_the_other_secret_luks2),
		cmocka_unit_test(torn_removal_opens_with_the_other_secret_luks1),
		cmocka_unit_test(removal_overwrites_material_before_the_header),
		cmocka_unit_test(damaged_primary_is_written_before_the_good_copy),
		cmocka_unit_test(failed_write_is_told),
		cmocka_unit_test(new_header_counts_only_when_it_is_whole),
	};

	return cmocka_run_group_tests(tests, setup, workdir_remove);
}
