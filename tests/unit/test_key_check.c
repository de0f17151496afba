// SPDX-License-Identifier: GPL-2.0-or-later
/* The check value of a key that the kernel forgot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "backend/key_check.h"

#define ID "3fb1c2de-9b3a-4d25-8a94-000000000001"

static struct cdisk *c;
static char run[64], file[128];

static int start(void **state)
{
	(void)state;
	(void)strcpy(run, "/tmp/cryptdisk-check-XXXXXX");
	assert_non_null(mkdtemp(run));
	(void)snprintf(file, sizeof(file), "%s/" ID ".check", run);
	assert_int_equal(cdisk_new(&c), 0);
	return cdisk_set_run_dir(c, run);
}

static int end(void **state)
{
	(void)state;
	(void)unlink(file);
	cdisk_free(c);
	return rmdir(run); /* nothing else is left there */
}

static void only_the_same_key_fits(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), -ENOENT);
	assert_int_equal(cdisk_key_check_make(c, ID, "key", 3), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), 0);
	assert_int_equal(cdisk_key_check_compare(c, ID, "kex", 3), -EKEYREJECTED);
	assert_int_equal(cdisk_key_check_compare(c, ID, "ke", 2), -EKEYREJECTED);
	assert_int_equal(cdisk_key_check_compare(c, ID "-2", "key", 3), -ENOENT);
	assert_int_equal(cdisk_key_check_make(c, ID, "other", 5), 0);
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), -EKEYREJECTED);
	cdisk_key_check_remove(c, ID);
	assert_int_equal(cdisk_key_check_compare(c, ID, "other", 5), -ENOENT);
}

static void what_anybody_could_have_written_does_not_count(void **state)
{
	char link[140];

	(void)state;
	assert_int_equal(cdisk_key_check_make(c, ID, "key", 3), 0);
	assert_int_equal(chmod(file, 0660), 0);
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), -ENOENT);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(truncate(file, 63), 0);
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), -ENOENT);
	(void)snprintf(link, sizeof(link), "%s-real", file);
	assert_int_equal(rename(file, link), 0);
	assert_int_equal(symlink(link, file), 0);
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), -ENOENT);
	/* A new one takes the link's place and does not follow it. */
	assert_int_equal(cdisk_key_check_make(c, ID, "key", 3), 0);
	assert_int_equal(cdisk_key_check_compare(c, ID, "key", 3), 0);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(cdisk_key_check_make(c, "../x", "key", 3), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_the_same_key_fits, start, end),
		cmocka_unit_test_setup_teardown(
			what_anybody_could_have_written_does_not_count, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
