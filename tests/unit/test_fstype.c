// SPDX-License-Identifier: GPL-2.0-or-later
#include "fs_image.h"

static void every_type_is_found_by_its_name(void **state)
{
	(void)state;
	for (const struct cdisk_fstype *t = cdisk_fstypes; t->name; t++) {
		assert_ptr_equal(cdisk_fstype_get(t->name), t);
		assert_non_null(t->fsck);
		assert_non_null(t->package);
		assert_true(!t->server == !t->server_package);
	}
	assert_null(cdisk_fstype_get(""));
	assert_null(cdisk_fstype_get("ext5"));
}

static void ext4_has_a_server_and_xfs_none(void **state)
{
	(void)state;
	assert_string_equal(cdisk_fstype_get("ext4")->server, "fuse2fs");
	assert_null(cdisk_fstype_get("xfs")->server);
	assert_null(cdisk_fstype_get("btrfs")->server);
}

static void kernel_knows_what_it_lists_and_nothing_else(void **state)
{
	char line[128];
	FILE *f = fopen("/proc/filesystems", "re");

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\t')
			assert_true(cdisk_fs_kernel(line + 1));
	}
	fclose(f);
	assert_false(cdisk_fs_kernel(""));
	assert_false(cdisk_fs_kernel("tmpfs")); /* needs no disk */
	assert_false(cdisk_fs_kernel("no-such-fs"));
	assert_false(cdisk_fs_kernel("../ext4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_found_by_its_name),
		cmocka_unit_test(ext4_has_a_server_and_xfs_none),
		cmocka_unit_test(kernel_knows_what_it_lists_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
