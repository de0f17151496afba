// SPDX-License-Identifier: GPL-2.0-or-later
/* The sealed copy of a header: what is copied, what is recognised, and what an I/O error is. */
#include "luks_make.h"
#include "format/io_seam.h"

static int file_of(size_t size, const char *content)
{
	int fd = -1;

	assert_int_equal(cdisk_memfd_new("test", size, &fd), 0);
	if (content)
		assert_int_equal(cdisk_pwrite_full(fd, content, strlen(content), 0), 0);
	return fd;
}

static void expect_load(int fd, int expected)
{
	struct opened o;

	assert_int_equal(made_load(&o, fd), expected);
	if (expected < 0)
		assert_true(strlen(o.c.message) > 0);
	open_done(&o);
	close(fd);
}

static void empty_file_is_no_container(void **state)
{
	(void)state;
	expect_load(file_of(0, NULL), -CDISK_ERR_NOT_CONTAINER);
}

static void other_content_is_no_container(void **state)
{
	(void)state;
	expect_load(file_of(100, "hello"), -CDISK_ERR_NOT_CONTAINER);
	expect_load(file_of(1 << 20, "hello"), -CDISK_ERR_NOT_CONTAINER);
}

static void signature_alone_is_a_damaged_container(void **state)
{
	int fd = file_of(1 << 20, NULL);

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, "LUKS\xba\xbe\0\1", 8, 0), 0);
	expect_load(dup(fd), -CDISK_ERR_CORRUPT);
	assert_int_equal(cdisk_pwrite_full(fd, "LUKS\xba\xbe\0\2", 8, 0), 0);
	expect_load(fd, -CDISK_ERR_CORRUPT);
}

static void newer_version_is_unsupported(void **state)
{
	int fd = file_of(1 << 20, NULL);

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, "LUKS\xba\xbe\0\3", 8, 0), 0);
	expect_load(fd, -CDISK_ERR_UNSUPPORTED);
}

static void truncated_header_is_damage(void **state)
{
	static const off_t sizes[] = {512, 4095, 8192, 0x4000, 0x7fff, 0x8000, 200000};
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(sizes); i++) {
		int fd = made_container();

		assert_int_equal(ftruncate(fd, sizes[i]), 0);
		expect_load(fd, sizes[i] < 4096 ? -CDISK_ERR_NOT_CONTAINER : -CDISK_ERR_CORRUPT);
	}
}

static void copy_is_sealed_and_as_large_as_the_header(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(made_load(&o, fd), 0);
	assert_int_equal(o.h.image_size, CDISK_LUKS2_HEADER);
	assert_int_equal(o.h.header_file_size, CDISK_LUKS2_HEADER + MADE_DATA);
	assert_int_equal(o.h.data_size, CDISK_LUKS2_HEADER + MADE_DATA);
	assert_int_equal(pwrite(o.h.image_fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(o.l.format->area(&o.l), CDISK_LUKS2_HEADER);
	open_done(&o);
	close(fd);
}

/* Left over between keyslots: a change of the header must see it, opening the volume need not. */
static void copy_for_opening_leaves_out_what_no_keyslot_uses(void **state)
{
	const uint64_t unused = UINT64_C(8) << 20;
	int fd = made_container();
	char bytes[8] = "";
	struct opened o;

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, "left", 4, unused), 0);
	assert_int_equal(made_load(&o, fd), 0);
	assert_int_equal(cdisk_pread_full(o.h.image_fd, bytes, 4, unused), 0);
	assert_string_equal(bytes, "left");
	cdisk_header_done(&o.h);
	assert_int_equal(cdisk_header_read_used(&o.c, fd, fd, &o.h), 0);
	assert_int_equal(o.h.image_size, CDISK_LUKS2_HEADER);
	assert_int_equal(cdisk_pread_full(o.h.image_fd, bytes, 4, unused), 0);
	assert_string_equal(bytes, "");
	assert_int_equal(made_unlock(&o, "one", -1, true), 0);
	open_done(&o);
	close(fd);
}

/* Loading repairs nothing, neither in the file nor in the copy. */
static void damaged_copy_is_told_and_left_alone(void **state)
{
	static const uint64_t places[] = {0, 5000, CDISK_LUKS2_COPY_MIN, CDISK_LUKS2_COPY_MIN + 5000};
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(places); i++) {
		int fd = made_container();
		char before[HEX_SHA256], after[HEX_SHA256];
		struct opened o;

		assert_int_equal(cdisk_pwrite_full(fd, "damage", 6, places[i]), 0);
		sha256_fd(fd, before);
		assert_int_equal(made_load(&o, fd), 0);
		assert_int_equal(o.l.info.primary_damaged, i < 2);
		assert_int_equal(o.l.info.secondary_damaged, i >= 2);
		assert_string_equal(o.l.info.id, MADE_ID);
		assert_string_equal(o.l.info.label, "made");
		assert_int_equal(made_unlock(&o, "one", -1, true), 0);
		open_done(&o);
		sha256_fd(fd, after);
		assert_string_equal(before, after);
		close(fd);
	}
}

static void two_damaged_copies_are_damage(void **state)
{
	int fd = made_container();

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, "damage", 6, 5000), 0);
	assert_int_equal(cdisk_pwrite_full(fd, "damage", 6, CDISK_LUKS2_COPY_MIN + 5000), 0);
	expect_load(fd, -CDISK_ERR_CORRUPT);
}

static void newest_copy_counts(void **state)
{
	uint8_t seqid[8] = {0, 0, 0, 0, 0, 0, 1, 0};
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, seqid, 8, CDISK_LUKS2_COPY_MIN + 16), 0);
	assert_int_equal(cdisk_pwrite_full(fd, "younger", 8, CDISK_LUKS2_COPY_MIN + 24), 0);
	copy_seal(fd, CDISK_LUKS2_COPY_MIN);
	assert_int_equal(made_load(&o, fd), 0);
	assert_int_equal(o.l.info.generation, 256);
	assert_string_equal(o.l.info.label, "younger");
	open_done(&o);
	close(fd);
}

static int memory_copy(int from, uint64_t size)
{
	uint8_t *bytes = malloc(size);
	int fd = -1;

	assert_int_equal(cdisk_memfd_new("test", size, &fd), 0);
	assert_int_equal(cdisk_pread_full(from, bytes, size, 0), 0);
	assert_int_equal(cdisk_pwrite_full(fd, bytes, size, 0), 0);
	free(bytes);
	return fd;
}

static void expect_mended(int fd)
{
	struct opened o;

	assert_int_equal(made_load(&o, fd), 0);
	assert_false(o.l.info.primary_damaged || o.l.info.secondary_damaged);
	assert_int_equal(made_unlock(&o, "one", -1, true), 0);
	open_done(&o);
}

static void repair_writes_the_damaged_copy_anew(void **state)
{
	static const uint64_t places[] = {0, 5000, CDISK_LUKS2_COPY_MIN, CDISK_LUKS2_COPY_MIN + 5000};
	struct cdisk c = {0};
	size_t i;

	(void)state;
	for (i = 0; i < CDISK_ARRAY_SIZE(places); i++) {
		int good = made_container(), fd = memory_copy(good, CDISK_LUKS2_HEADER + MADE_DATA);
		uint64_t whole = i < 2 ? CDISK_LUKS2_COPY_MIN : 0;
		uint8_t a[CDISK_LUKS2_COPY_MIN], b[CDISK_LUKS2_COPY_MIN];

		assert_int_equal(cdisk_pwrite_full(fd, "damage", 6, places[i]), 0);
		assert_int_equal(cdisk_format_luks2.repair(&c, fd), 1);
		expect_mended(fd);
		assert_int_equal(cdisk_pread_full(good, a, sizeof(a), whole), 0);
		assert_int_equal(cdisk_pread_full(fd, b, sizeof(b), whole), 0);
		assert_memory_equal(a, b, sizeof(a));
		assert_int_equal(cdisk_format_luks2.repair(&c, fd), 0);
		close(good);
		close(fd);
	}
}

static void repair_brings_a_stale_copy_up_to_date(void **state)
{
	uint8_t seqid[8] = {0, 0, 0, 0, 0, 0, 1, 0};
	int fd = made_container();
	struct cdisk c = {0};
	struct opened o;

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, seqid, 8, CDISK_LUKS2_COPY_MIN + 16), 0);
	copy_seal(fd, CDISK_LUKS2_COPY_MIN);
	assert_int_equal(made_load(&o, fd), 0);
	assert_true(o.l.info.primary_damaged);
	open_done(&o);
	assert_int_equal(cdisk_format_luks2.repair(&c, fd), 1);
	expect_mended(fd);
	close(fd);
}

static void repair_without_a_good_copy_fails(void **state)
{
	int fd = made_container();
	struct cdisk c = {0};

	(void)state;
	assert_int_equal(cdisk_pwrite_full(fd, "damage", 6, 5000), 0);
	assert_int_equal(cdisk_pwrite_full(fd, "damage", 6, CDISK_LUKS2_COPY_MIN + 5000), 0);
	assert_int_equal(cdisk_format_luks2.repair(&c, fd), -CDISK_ERR_CORRUPT);
	close(fd);
}

static uint64_t bad_start, bad_end;
static int bad_fd;

static int failing_pread(int fd, void *buf, size_t size, uint64_t offset)
{
	if (fd == bad_fd && offset < bad_end && offset + size > bad_start)
		return -EIO;
	return cdisk_pread_full(fd, buf, size, offset);
}

static int load_with_bad(struct opened *o, int fd, uint64_t start, uint64_t end)
{
	int r;

	bad_fd = fd;
	bad_start = start;
	bad_end = end;
	cdisk_header_io.pread = failing_pread;
	r = made_load(o, fd);
	cdisk_header_io.pread = cdisk_pread_full;
	return r;
}

static void unreadable_primary_leaves_the_secondary(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(load_with_bad(&o, fd, 0, 4096), 0);
	assert_true(o.l.info.primary_damaged);
	assert_int_equal(made_unlock(&o, "one", -1, true), 0);
	open_done(&o);
	close(fd);
}

static void unreadable_copies_are_an_io_error(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(load_with_bad(&o, fd, 0, 2 * CDISK_LUKS2_COPY_MIN), -EIO);
	assert_non_null(strstr(o.c.message, "cannot be read"));
	open_done(&o);
	close(fd);
}

static void unreadable_keyslot_is_an_io_error_not_a_wrong_passphrase(void **state)
{
	int fd = made_container();
	struct opened o;

	(void)state;
	assert_int_equal(load_with_bad(&o, fd, 40960, 40961), 0);
	assert_int_equal(o.h.unreadable_start, 40960);
	assert_int_equal(o.h.unreadable_end, 45056);
	assert_int_equal(made_unlock(&o, "one", -1, true), -EIO);
	assert_non_null(strstr(o.c.message, "keyslot 0"));
	open_done(&o);
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	return cdisk_random(made_key, sizeof(made_key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_file_is_no_container),
		cmocka_unit_test(other_content_is_no_container),
		cmocka_unit_test(signature_alone_is_a_damaged_container),
		cmocka_unit_test(newer_version_is_unsupported),
		cmocka_unit_test(truncated_header_is_damage),
		cmocka_unit_test(copy_is_sealed_and_as_large_as_the_header),
		cmocka_unit_test(copy_for_opening_leaves_out_what_no_keyslot_uses),
		cmocka_unit_test(damaged_copy_is_told_and_left_alone),
		cmocka_unit_test(two_damaged_copies_are_damage),
		cmocka_unit_test(newest_copy_counts),
		cmocka_unit_test(repair_writes_the_damaged_copy_anew),
		cmocka_unit_test(repair_brings_a_stale_copy_up_to_date),
		cmocka_unit_test(repair_without_a_good_copy_fails),
		cmocka_unit_test(unreadable_primary_leaves_the_secondary),
		cmocka_unit_test(unreadable_copies_are_an_io_error),
		cmocka_unit_test(unreadable_keyslot_is_an_io_error_not_a_wrong_passphrase),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
