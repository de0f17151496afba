// SPDX-License-Identifier: GPL-2.0-or-later
#include "fs_image.h"

static const struct cdisk_check *find(const struct cdisk_check *list, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	fail_msg("no check is called %s", name);
	return NULL;
}

static void every_check_has_a_reason_and_failures_have_advice(void **state)
{
	struct fixture *f = *state;
	struct cdisk_check *list = NULL;
	int n = cdisk_doctor_list(&f->c, &list);

	assert_true(n > 15);
	for (int i = 0; i < n; i++) {
		print_message("%-20s %-4s %s%s%s\n", list[i].name, list[i].works ? "yes" : "no",
			list[i].reason, list[i].advice[0] ? "; " : "", list[i].advice);
		assert_string_not_equal(list[i].name, "");
		assert_string_not_equal(list[i].reason, "");
		if (list[i].works)
			assert_string_equal(list[i].advice, "");
		for (int k = 0; k < i; k++)
			assert_string_not_equal(list[i].name, list[k].name);
	}
	free(list);
}

static void facts_agree_with_the_system(void **state)
{
	struct fixture *f = *state;
	struct cdisk_check *list = NULL;
	int n = cdisk_doctor_list(&f->c, &list), fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	assert_int_equal(find(list, n, "fuse")->works, fd >= 0);
	if (fd >= 0)
		close(fd);
	assert_int_equal(find(list, n, "kernel ext4")->works, cdisk_fs_kernel("ext4"));
	assert_int_equal(find(list, n, "mke2fs")->works, 1);
	assert_int_equal(
		find(list, n, "device-mapper")->works, run_shell(f, "dmsetup version") == 0);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fs_test(every_check_has_a_reason_and_failures_have_advice),
		fs_test(facts_agree_with_the_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
