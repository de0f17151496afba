// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel backends read and write as text: tables, names, labels, and sysfs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "backend/kmod_disk.h"
#include "backend/mapped.h"
#include "base/process.h"
#include "mount/mounting.h"

#define ID "0a1b2c3d-0000-4000-8000-0123456789ab"
#define HEX "0a1b2c3d0000400080000123456789ab"

static void test_a_table_of_dm_crypt_is_read(void **state)
{
	static const char text[] = "aes-xts-plain64 00ff00ff 5 7:3 32768 2 allow_discards "
				   "sector_size:4096";
	struct cdisk_crypt_table t;

	(void)state;
	assert_int_equal(cdisk_crypt_table_parse(text, &t), 0);
	assert_string_equal(t.cipher, "aes-xts-plain64");
	assert_int_equal(t.key_size, 8);
	assert_memory_equal(text + t.key_at, "00ff00ff", 8);
	assert_int_equal(t.iv_offset, 5);
	assert_int_equal(t.major, 7);
	assert_int_equal(t.minor, 3);
	assert_int_equal(t.offset, 32768);
	assert_int_equal(t.sector_size, 4096);
	assert_true(t.discards);
	assert_false(cdisk_crypt_key_wiped(text, &t));
}

static void test_a_wiped_key_is_zeros_all_over(void **state)
{
	static const struct {
		const char *text;
		bool wiped;
	} rows[] = {
		{"aes-xts-plain64 00000000 0 7:3 8", true},
		{"aes-xts-plain64 00000001 0 7:3 8", false},
		{"aes-xts-plain64 10000000 0 7:3 8", false},
		{"cipher_null-ecb - 0 7:3 8", false},
	};

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(rows); i++) {
		struct cdisk_crypt_table t;

		assert_int_equal(cdisk_crypt_table_parse(rows[i].text, &t), 0);
		assert_int_equal(t.sector_size, 512);
		assert_int_equal(cdisk_crypt_key_wiped(rows[i].text, &t), rows[i].wiped);
	}
}

static void test_what_is_no_table_of_dm_crypt_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "aes", "aes ", "aes 00", "aes 00 0", "aes 00 0 7:3",
		"aes 00 x 7:3 8", "aes 00 0 7 8", "aes  0 7:3 8", "7:3 0",
		"a-name-of-a-cipher-that-is-longer-than-any-there-is-0123456789-0123456789 00 0 7:3 8"};
	struct cdisk_crypt_table t;

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_crypt_table_parse(bad[i], &t) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
}

static void test_names_of_our_kind_are_told_from_all_others(void **state)
{
	static const char *const bad[] = {"cryptdisk-", "cryptdisk", "cryptdisk-" ID "-",
		"cryptdisk-" ID "-1", "cryptdisk-" ID "-02", "cryptdisk-" ID "-100",
		"cryptdisk-" ID "-2x", "cryptdisk-" ID "x", "cryptdisks-" ID, "home",
		"cryptdisk-0A1B2C3D-0000-4000-8000-0123456789AB",
		"cryptdisk-0a1b2c3d00000-4000-8000-0123456789ab"};
	struct cdisk_mapped m = {.kernel = ""};

	(void)state;
	assert_int_equal(cdisk_mapped_name_parse("cryptdisk-" ID, &m), 0);
	assert_string_equal(m.instance, ID);
	assert_string_equal(m.id, ID);
	assert_int_equal(cdisk_mapped_name_parse("cryptdisk-" ID "-99", &m), 0);
	assert_string_equal(m.instance, ID "-99");
	assert_string_equal(m.id, ID);
	assert_false(m.gone);
	assert_int_equal(cdisk_mapped_name_parse("cryptdisk-gone-dm-3-" ID, &m), 0);
	assert_true(m.gone);
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_mapped_name_parse(bad[i], &m) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
}

static void test_uuids_of_libcryptsetup_tell_format_and_id(void **state)
{
	static const char *const bad[] = {"", "LVM-x", "CRYPT", "CRYPT-", "CRYPT--x", "crypt-LUKS2-x",
		"CRYPT-AFORMATOFGREATLENGTH-x"};
	struct cdisk_mapped m = {.kernel = ""};

	(void)state;
	assert_int_equal(cdisk_mapped_uuid_parse("CRYPT-LUKS1-" HEX "-n-a-m-e", &m), 0);
	assert_string_equal(m.format, "LUKS1");
	assert_string_equal(m.id, ID);
	assert_int_equal(cdisk_mapped_uuid_parse("CRYPT-PLAIN-name", &m), 0);
	assert_string_equal(m.id, "");
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_mapped_uuid_parse(bad[i], &m) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
}

static void test_labels_for_the_module_keep_to_its_characters(void **state)
{
	struct cdisk_below_facts facts = {0};
	char label[CDISK_KMOD_LABEL], longest[CDISK_NAME_SIZE];

	(void)state;
	cdisk_kmod_label("a b/c\\d|e\n\xc3\xa4", NULL, label);
	assert_string_equal(label, "a_b_c_d_e___");
	for (size_t i = strlen(label); i < sizeof(label); i++)
		assert_int_equal(label[i], 0);
	cdisk_kmod_label("photos", "mine", label);
	cdisk_kmod_label_take(label, &facts);
	assert_string_equal(facts.label, "photos");
	assert_string_equal(facts.name, "mine");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cdisk_kmod_label(longest, "mine", label);
	cdisk_kmod_label_take(label, &facts);
	assert_string_equal(facts.label, longest);
	assert_string_equal(facts.name, "");
}

static void test_disks_of_the_module_are_known_by_their_number(void **state)
{
	static const char *const bad[] = {"cryptdisk", "cryptdisk-1", "cryptdiskx", "cryptdisk1p1",
		"/dev/cryptdisk", "/tmp/cryptdisk1", "cryptdisk4294967296", "loop1", ""};
	uint32_t index = 0;

	(void)state;
	assert_int_equal(cdisk_kmod_index("cryptdisk0", &index), 0);
	assert_int_equal(index, 0);
	assert_int_equal(cdisk_kmod_index("/dev/cryptdisk4294967295", &index), 0);
	assert_int_equal(index, UINT32_MAX);
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_kmod_index(bad[i], &index) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
}

/* ---- a made-up sysfs ------------------------------------------------------------------------ */

struct sysfs {
	struct cdisk c;
	char dir[64];
	struct cdisk_attachment *list;
	size_t n;
};

static void put(struct sysfs *s, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/block/%s", s->dir, name);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	struct sysfs *s = calloc(1, sizeof(*s));

	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/cryptdisk-test-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	put(s, "dm-0/dm/uuid", "CRYPT-LUKS2-" HEX "-cryptdisk-" ID "\n");
	put(s, "dm-0/dm/name", "cryptdisk-" ID "\n");
	put(s, "dm-0/dm/suspended", "0\n");
	put(s, "dm-0/dev", "253:0\n");
	put(s, "dm-0/size", "2048\n");
	put(s, "dm-0/ro", "0\n");
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct sysfs *s = *state;
	const char *argv[] = {"/bin/rm", "-rf", s->dir, NULL};

	(void)cdisk_program_run(&s->c, &(struct cdisk_program){.argv = argv});
	free(s->list);
	free(s);
	return 0;
}

static const struct cdisk_attachment *the_one(struct sysfs *s, const char *mounts)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};

	free(s->list);
	s->list = NULL;
	s->n = 0;
	assert_int_equal(cdisk_mountinfo_parse(strdup(mounts), &m), 0);
	assert_int_equal(cdisk_mappings_add(s->dir, CDISK_LIST_ALL, &m, &s->list, &s->n), 0);
	assert_int_equal(s->n, 1);
	return s->list;
}

static void test_a_mapping_over_a_loop_device_is_ours(void **state)
{
	struct sysfs *s = *state;
	const struct cdisk_attachment *a;

	put(s, "dm-0/slaves/loop5/dev", "7:5\n");
	put(s, "loop5/loop/backing_file", "/srv/c.img\n");
	a = the_one(s, "");
	assert_int_equal(a->state, CDISK_STATE_UNLOCKED);
	assert_string_equal(a->backend, "loop");
	assert_string_equal(a->id, ID);
	assert_string_equal(a->instance, ID);
	assert_string_equal(a->disk, "/dev/mapper/cryptdisk-" ID);
	assert_string_equal(a->node, a->disk);
	assert_string_equal(a->file, "/srv/c.img");
	assert_string_equal(a->scope, "global");
	/* btrfs has a number of its own, and any name of the device. */
	a = the_one(s, "9 1 0:55 / /mnt rw - btrfs /dev/dm-0 rw\n");
	assert_int_equal(a->state, CDISK_STATE_MOUNTED);
	assert_string_equal(a->mountpoint, "/mnt");
	a = the_one(s, "9 1 253:0 / /mnt rw - ext4 /dev/other rw\n");
	assert_int_equal(a->state, CDISK_STATE_MOUNTED);
	/* A user's FUSE mount may claim anything. */
	a = the_one(s, "9 1 0:55 / /mnt rw - fuse.x /dev/mapper/cryptdisk-" ID " rw,user_id=1000\n");
	assert_int_equal(a->state, CDISK_STATE_UNLOCKED);
}

static void test_a_mapping_over_our_module_that_is_suspended_is_locked(void **state)
{
	struct sysfs *s = *state;
	const struct cdisk_attachment *a;

	put(s, "dm-0/slaves/cryptdisk3/dev", "259:3\n");
	put(s, "cryptdisk3/dev", "259:3\n");
	a = the_one(s, "9 1 253:0 / /mnt rw - ext4 /dev/mapper/x rw\n");
	assert_string_equal(a->backend, "kmod");
	assert_int_equal(a->state, CDISK_STATE_MOUNTED);
	put(s, "dm-0/dm/suspended", "1\n");
	a = the_one(s, "9 1 253:0 / /mnt rw - ext4 /dev/mapper/x rw\n");
	assert_int_equal(a->state, CDISK_STATE_LOCKED);
	assert_string_equal(a->mountpoint, "/mnt");
}

static void test_what_lost_its_disk_or_never_had_one_is_stale(void **state)
{
	struct sysfs *s = *state;
	const struct cdisk_attachment *a = the_one(s, "");

	assert_int_equal(a->state, CDISK_STATE_STALE);
	assert_non_null(strstr(a->reason, "taken away"));
	put(s, "dm-0/size", "0\n");
	a = the_one(s, "");
	assert_int_equal(a->state, CDISK_STATE_STALE);
	assert_non_null(strstr(a->reason, "empty"));
	put(s, "dm-0/size", "8\n");
	put(s, "dm-0/slaves/cryptdisk3/x", "");
	a = the_one(s, "");
	assert_int_equal(a->state, CDISK_STATE_STALE);
	put(s, "dm-0/dm/name", "cryptdisk-gone-dm-0-" ID "\n");
	a = the_one(s, "");
	assert_int_equal(a->state, CDISK_STATE_STALE);
	assert_string_equal(a->id, ID);
}

static void test_our_name_over_another_disk_is_foreign(void **state)
{
	struct sysfs *s = *state;
	const struct cdisk_attachment *a;

	put(s, "dm-0/slaves/sda3/dev", "8:3\n");
	a = the_one(s, "");
	assert_int_equal(a->state, CDISK_STATE_FOREIGN);
	assert_string_equal(a->file, "/dev/sda3");
	assert_string_equal(a->backend, "dm-crypt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_of_dm_crypt_is_read),
		cmocka_unit_test(test_a_wiped_key_is_zeros_all_over),
		cmocka_unit_test(test_what_is_no_table_of_dm_crypt_is_refused),
		cmocka_unit_test(test_names_of_our_kind_are_told_from_all_others),
		cmocka_unit_test(test_uuids_of_libcryptsetup_tell_format_and_id),
		cmocka_unit_test(test_labels_for_the_module_keep_to_its_characters),
		cmocka_unit_test(test_disks_of_the_module_are_known_by_their_number),
		cmocka_unit_test_setup_teardown(
			test_a_mapping_over_a_loop_device_is_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_mapping_over_our_module_that_is_suspended_is_locked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_lost_its_disk_or_never_had_one_is_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_our_name_over_another_disk_is_foreign, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
