// SPDX-License-Identifier: GPL-2.0-or-later
/* What is attached: a server's info document, and volumes that another tool opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/process.h"
#include "mount/mounting.h"

static const char document[] =
	"{\n  \"schema\":1,\n  \"id\":\"x\",\n  \"name\":\"secret\",\n  "
	"\"label\":\"l\\u00e4bel\",\n"
	"  \"format\":\"LUKS2\",\n  \"path\":\"/srv/a \\\"b\\\"/c\\\\d.img\",\n  "
	"\"size\":12582912,\n"
	"  \"read_only\":true,\n  \"memory\":\"unlocked\",\n  \"mnt_ns\":4026531841,\n"
	"  \"session\":null,\n  \"audit_session\":4294967295,\n  \"session_keyring\":77\n}\n";

static void test_an_info_document_fills_in_what_the_kernel_does_not_know(void **state)
{
	struct cdisk_attachment a = {.uid = 5};

	(void)state;
	assert_int_equal(cdisk_info_parse(document, &a), 0);
	assert_string_equal(a.name, "secret");
	assert_string_equal(a.label, "l\xc3\xa4"
				     "bel");
	assert_string_equal(a.format, "LUKS2");
	assert_string_equal(a.file, "/srv/a \"b\"/c\\d.img");
	assert_int_equal(a.size, 12582912);
	assert_int_equal(a.read_only, 1);
	assert_string_equal(a.memory, "unlocked");
	assert_int_equal(a.mnt_ns, 4026531841);
	assert_int_equal(a.audit_session, UINT32_MAX);
	assert_int_equal(a.session_keyring, 77);
	assert_string_equal(a.session, "");
	assert_string_equal(a.id, ""); /* known from mountinfo, not from here */
	assert_int_equal(a.uid, 5);
}

static void test_every_cut_document_is_refused_and_changes_nothing(void **state)
{
	const struct cdisk_attachment before = {.uid = 5};

	(void)state;
	for (size_t len = 0; len + 2 < sizeof(document); len++) {
		struct cdisk_attachment a = before;
		char *cut = strndup(document, len);

		if (cdisk_info_parse(cut, &a) == 0)
			fail_msg("accepted the first %zu bytes", len);
		assert_memory_equal(&a, &before, sizeof(a));
		free(cut);
	}
}

static void test_documents_that_are_not_flat_are_refused(void **state)
{
	static const char *const bad[] = {
		"[]",
		"{\"a\":{}}",
		"{\"a\":[1]}",
		"{\"a\":-1}",
		"{\"a\":1.5}",
		"{\"size\":18446744073709551616}",
		"{\"a\":\"\\x41\"}",
		"{\"a\":\"\\u12\"}",
		"{\"a\" 1}",
		"{\"a\":1 \"b\":2}",
		"{} {}",
		"{\"a\":tru}",
	};
	struct cdisk_attachment a = {0};

	(void)state;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(bad); i++)
		if (cdisk_info_parse(bad[i], &a) != -EINVAL)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(cdisk_info_parse("{}", &a), 0);
}

static void test_a_text_that_does_not_fit_is_left_out_whole(void **state)
{
	struct cdisk_attachment a = {0};
	char text[256];

	(void)state;
	(void)snprintf(text, sizeof(text), "{\"name\":\"%0100d\",\"format\":\"LUKS1\"}", 7);
	assert_int_equal(cdisk_info_parse(text, &a), 0);
	assert_string_equal(a.name, "");
	assert_string_equal(a.format, "LUKS1");
}

/* ---- volumes of other tools, in a made-up sysfs ---------------------------------------------- */

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

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
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

static void foreign_list(struct sysfs *s, const char *mounts)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};

	assert_int_equal(cdisk_mountinfo_parse(strdup(mounts), &m), 0);
	assert_int_equal(cdisk_mappings_add(s->dir, CDISK_LIST_ALL, &m, &s->list, &s->n), 0);
}

static void test_a_volume_of_cryptsetup_is_listed_as_foreign(void **state)
{
	struct sysfs *s = *state;
	const struct cdisk_attachment *a;

	put(s, "block/dm-3/dm/uuid", "CRYPT-LUKS2-0a1b2c3d0000400080000123456789ab-home\n");
	put(s, "block/dm-3/dm/name", "home\n");
	put(s, "block/dm-3/dev", "253:3\n");
	put(s, "block/dm-3/size", "2048\n");
	put(s, "block/dm-3/ro", "1\n");
	put(s, "block/dm-3/slaves/loop5/dev", "7:5\n");
	put(s, "block/loop5/loop/backing_file", "/srv/c.img\n");
	put(s, "block/dm-4/dm/uuid", "LVM-abcdef\n");
	put(s, "block/dm-4/dm/name", "lv\n");
	put(s, "block/sda/dev", "8:0\n");
	foreign_list(s, "9 1 253:3 / /home rw - ext4 /dev/mapper/home rw\n");
	assert_int_equal(s->n, 1);
	a = s->list;
	assert_int_equal(a->state, CDISK_STATE_FOREIGN);
	assert_string_equal(a->id, "0a1b2c3d-0000-4000-8000-0123456789ab");
	assert_string_equal(a->format, "LUKS2");
	assert_string_equal(a->instance, "home");
	assert_string_equal(a->node, "/dev/mapper/home");
	assert_string_equal(a->file, "/srv/c.img");
	assert_string_equal(a->mountpoint, "/home");
	assert_string_equal(a->fstype, "ext4");
	assert_int_equal(a->size, 1048576);
	assert_int_equal(a->read_only, 1);
}

static void test_a_foreign_volume_may_have_no_id_and_any_name(void **state)
{
	struct sysfs *s = *state;

	put(s, "block/dm-0/dm/uuid", "CRYPT-PLAIN-a-name-of-some-length\n");
	put(s, "block/dm-0/dm/name",
		"a-name-that-is-longer-than-an-instance-may-be-0123456789-0123456789-0123456789\n");
	put(s, "block/dm-0/slaves/sdb1/dev", "8:17\n");
	foreign_list(s, "");
	assert_int_equal(s->n, 1);
	assert_string_equal(s->list[0].id, "");
	assert_string_equal(s->list[0].format, "PLAIN");
	assert_string_equal(s->list[0].instance, "dm-0");
	assert_string_equal(s->list[0].file, "/dev/sdb1");
	assert_string_equal(s->list[0].mountpoint, "");
}

static void test_without_device_mapper_nothing_is_foreign(void **state)
{
	struct sysfs *s = *state;

	foreign_list(s, "");
	assert_int_equal(s->n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_info_document_fills_in_what_the_kernel_does_not_know),
		cmocka_unit_test(test_every_cut_document_is_refused_and_changes_nothing),
		cmocka_unit_test(test_documents_that_are_not_flat_are_refused),
		cmocka_unit_test(test_a_text_that_does_not_fit_is_left_out_whole),
		cmocka_unit_test_setup_teardown(
			test_a_volume_of_cryptsetup_is_listed_as_foreign, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_foreign_volume_may_have_no_id_and_any_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_without_device_mapper_nothing_is_foreign, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
