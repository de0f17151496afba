// SPDX-License-Identifier: GPL-2.0-or-later
#include "fs_image.h"
#include "mount/label.h"

static void probe(struct fixture *f, struct cdisk_fs *fs)
{
	int fd = image_open(f);

	memset(fs, 0xa5, sizeof(*fs));
	assert_int_equal(cdisk_fs_probe(&f->c, fd, fs), 0);
	close(fd);
}

static void expect_signature(struct fixture *f, const char *expected)
{
	char type[32] = "?";
	int fd = image_open(f);

	assert_int_equal(cdisk_signature(&f->c, fd, type, sizeof(type)), 0);
	assert_string_equal(type, expected);
	close(fd);
}

static void ext4_is_found_with_label_uuid_and_size(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;

	image_new(f, 16 * MIB + 512);
	assert_int_equal(run_shell(f, "mke2fs -q -F -t ext4 -b 4096 -L Photos -U "
				      "0c0ffee0-0000-4000-8000-000000000001 disk"),
		0);
	probe(f, &fs);
	assert_string_equal(fs.type, "ext4");
	assert_string_equal(fs.label, "Photos");
	assert_string_equal(fs.uuid, "0c0ffee0-0000-4000-8000-000000000001");
	assert_int_equal(fs.block_size, 4096);
	assert_int_equal(fs.size, 16 * MIB);
	assert_false(fs.ambiguous);
	expect_signature(f, "ext4");
}

static void sizes_of_xfs_and_btrfs_are_known(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;

	need_program("mkfs.xfs");
	need_program("mkfs.btrfs");
	image_new(f, 320 * MIB);
	assert_int_equal(run_shell(f, "mkfs.xfs -q -K disk"), 0);
	probe(f, &fs);
	assert_string_equal(fs.type, "xfs");
	assert_int_equal(fs.size, 320 * MIB);
	image_new(f, 200 * MIB);
	assert_int_equal(run_shell(f, "mkfs.btrfs -q -K disk"), 0);
	probe(f, &fs);
	assert_string_equal(fs.type, "btrfs");
	assert_int_equal(fs.size, 200 * MIB);
}

static void label_with_escape_sequence_is_made_harmless(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;

	image_new(f, 8 * MIB);
	assert_int_equal(
		run_shell(f, "mke2fs -q -F -L \"$(printf '\\033[2Ja/../b\\303\\244')\" disk"), 0);
	probe(f, &fs);
	assert_string_equal(fs.label, "_[2Ja_.._bä");
}

static void files_without_filesystem_give_no_type(void **state)
{
	static const uint64_t sizes[] = {0, 1, 511, 512, 1023, 4097, 70000, 3 * MIB};
	struct fixture *f = *state;
	struct cdisk_fs fs;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		image_new(f, sizes[i]);
		probe(f, &fs);
		assert_string_equal(fs.type, "");
		assert_false(fs.ambiguous);
		expect_signature(f, "");
	}
}

static void truncated_filesystem_never_fails_the_probe(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;

	image_new(f, 8 * MIB);
	assert_int_equal(run_shell(f, "mke2fs -q -F -t ext4 disk"), 0);
	for (uint64_t size = 8192; size > 0; size = size * 3 / 4) {
		assert_int_equal(truncate(f->disk, (off_t)size), 0);
		probe(f, &fs);
	}
}

static void two_filesystems_are_ambiguous_but_a_signature(void **state)
{
	struct fixture *f = *state;
	struct cdisk_fs fs;
	char type[32] = "";
	int fd;

	image_new(f, 320 * MIB);
	need_program("mkfs.xfs");
	assert_int_equal(run_shell(f, "mkfs.xfs -q -K disk && cp --sparse=always disk xfs && "
				      "mke2fs -q -F -t ext4 disk && "
				      "dd if=xfs of=disk bs=512 count=1 conv=notrunc status=none"),
		0);
	probe(f, &fs);
	assert_true(fs.ambiguous);
	assert_string_equal(fs.type, "");
	fd = image_open(f);
	assert_int_equal(cdisk_signature(&f->c, fd, type, sizeof(type)), 0);
	assert_string_not_equal(type, "");
	close(fd);
}

static void partition_table_is_a_signature(void **state)
{
	struct fixture *f = *state;

	/* One Linux partition of 8,192 sectors from sector 2,048. */
	static const unsigned char entry[16] = {[4] = 0x83, [9] = 0x08, [13] = 0x20};
	int fd;

	image_new(f, 8 * MIB);
	fd = image_open(f);
	assert_int_equal(pwrite(fd, entry, sizeof(entry), 446), sizeof(entry));
	assert_int_equal(pwrite(fd, "\x55\xaa", 2, 510), 2);
	close(fd);
	expect_signature(f, "dos");
}

static void real_images_are_recognised(void **state)
{
	struct fixture *f = *state;
	const char *data = getenv("CRYPTDISK_TEST_DATA");
	char command[512], type[32];
	unsigned int found = 0;
	FILE *list;

	(void)snprintf(command, sizeof(command),
		"tar -xf '%s/images/fs-signatures.tar.xz' && "
		"find . -type f | sort >list && cat list",
		data ? data : "");
	if (!data || run_shell(f, command) != 0) {
		print_message("SKIPPED: CRYPTDISK_TEST_DATA has no images/fs-signatures.tar.xz\n");
		skip();
	}
	(void)snprintf(command, sizeof(command), "%s/list", f->dir);
	list = fopen(command, "re");
	assert_non_null(list);
	while (fgets(command, sizeof(command), list)) {
		int fd;

		command[strcspn(command, "\n")] = '\0';
		if (strcmp(command, "./list") == 0)
			continue;
		(void)snprintf(f->disk, sizeof(f->disk), "%s/%.60s", f->dir, command + 2);
		fd = image_open(f);
		assert_int_equal(cdisk_signature(&f->c, fd, type, sizeof(type)), 0);
		close(fd);
		if (!strstr(command, type) || type[0] == '\0')
			fail_msg("%s was taken for '%s'", command, type);
		found++;
	}
	fclose(list);
	assert_int_equal(found, 5);
}

static void label_rules_refuse_what_moves_a_terminal(void **state)
{
	static const char *const bad[] = {"a/b", "a\nb", "\033[0m", "\x7f",
		"\xc2\x9b"
		"2J",
		"\xe2\x80\xae"
		"gpj",
		"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"};
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char out[16];

		assert_int_equal(cdisk_label_check(bad[i], &why), -EINVAL);
		assert_non_null(why);
		cdisk_label_clean(out, sizeof(out), bad[i], strlen(bad[i]));
		assert_int_equal(cdisk_label_check(out, &why), 0);
	}
	assert_int_equal(cdisk_label_check("Bücher 2026 日本 😀", &why), 0);
	assert_int_equal(cdisk_label_utf16("aä日😀"), 5);
}

static void cleaning_cuts_between_letters_and_trims(void **state)
{
	char out[6];

	(void)state;
	cdisk_label_clean(out, sizeof(out), "  日本", 10);
	assert_string_equal(out, "日");
	cdisk_label_clean(out, sizeof(out), "ab   \0x", 7);
	assert_string_equal(out, "ab");
	cdisk_label_clean(out, sizeof(out), "      ", 6);
	assert_string_equal(out, "");
	cdisk_text_clean(out, sizeof(out), "/a\n", 3);
	assert_string_equal(out, "/a_");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fs_test(ext4_is_found_with_label_uuid_and_size),
		fs_test(sizes_of_xfs_and_btrfs_are_known),
		fs_test(label_with_escape_sequence_is_made_harmless),
		fs_test(files_without_filesystem_give_no_type),
		fs_test(truncated_filesystem_never_fails_the_probe),
		fs_test(two_filesystems_are_ambiguous_but_a_signature),
		fs_test(partition_table_is_a_signature),
		fs_test(real_images_are_recognised),
		cmocka_unit_test(label_rules_refuse_what_moves_a_terminal),
		cmocka_unit_test(cleaning_cuts_between_letters_and_trims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
