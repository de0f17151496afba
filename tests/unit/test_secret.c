// SPDX-License-Identifier: GPL-2.0-or-later
/* The locked pool: guards, wiping, no inheritance, no mixing of blocks. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "base/secret.h"

/* Wait status of a child that did fn(). */
static int status_of(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		/* cmocka's handlers would turn the signal into a failed test. */
		(void)signal(SIGSEGV, SIG_DFL);
		(void)signal(SIGABRT, SIG_DFL);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void write_past_the_pool(void)
{
	volatile uint8_t *p = cdisk_pool_alloc(16);

	p[CDISK_SECRET_POOL] = 1;
}

static void write_past_a_large_secret(void)
{
	struct cdisk_secret *s;
	volatile uint8_t *p;

	if (cdisk_secret_alloc(64 * 1024, &s) < 0)
		_exit(1);
	p = cdisk_secret_data(s);
	p[64 * 1024] = 1;
}

static void write_past_a_block(void)
{
	uint8_t *p = cdisk_pool_alloc(32);

	p[40] ^= 0xff; /* inside the head of the block behind: the canary */
	cdisk_pool_free(cdisk_pool_alloc(16));
}

static void test_a_write_past_the_pages_is_caught(void **state)
{
	(void)state;
	assert_int_equal(WTERMSIG(status_of(write_past_the_pool)), SIGSEGV);
	assert_int_equal(WTERMSIG(status_of(write_past_a_large_secret)), SIGSEGV);
}

static void test_a_write_past_a_block_ends_the_program(void **state)
{
	(void)state;
	assert_int_equal(WTERMSIG(status_of(write_past_a_block)), SIGABRT);
}

static struct cdisk_secret *inherited;

static void expect_zeros(void)
{
	const char *p = cdisk_secret_data(inherited);

	_exit(p[0] == 0 && p[5] == 0 ? 0 : 1);
}

static void test_a_forked_child_reads_zeros(void **state)
{
	(void)state;
	assert_int_equal(cdisk_secret_copy("secret", 6, &inherited), 0);
	assert_int_equal(status_of(expect_zeros), 0);
	assert_memory_equal(cdisk_secret_data(inherited), "secret", 6);
	cdisk_secret_free(inherited);
}

static void allocate_again(void)
{
	struct cdisk_secret *s;

	_exit(cdisk_secret_copy("x", 1, &s) == 0 && cdisk_pool_owns(cdisk_secret_data(s)) ? 0 : 1);
}

static void test_a_forked_child_can_allocate_again(void **state)
{
	(void)state;
	assert_int_equal(status_of(allocate_again), 0);
}

static void test_freed_blocks_are_wiped_and_used_again(void **state)
{
	uint8_t *blocks[64], *p = cdisk_pool_alloc(1000);

	(void)state;
	memset(p, 0xaa, 1000);
	cdisk_pool_free(p);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(p[i], 0);
	for (int round = 0; round < 100; round++) {
		for (size_t i = 0; i < 64; i++) {
			blocks[i] = cdisk_pool_alloc(900 + i);
			assert_non_null(blocks[i]);
			memset(blocks[i], (int)i + 1, 900 + i);
		}
		for (size_t i = 0; i < 64; i++)
			assert_int_equal(blocks[i][899], i + 1);
		for (size_t i = 0; i < 64; i++)
			cdisk_pool_free(blocks[(i * 7) % 64]);
	}
	p = cdisk_pool_alloc(CDISK_SECRET_POOL - 64);
	assert_non_null(p); /* everything joined again */
	cdisk_pool_free(p);
}

static void test_a_full_pool_refuses_and_secrets_go_on(void **state)
{
	void *all = cdisk_pool_alloc(CDISK_SECRET_POOL - 16);
	struct cdisk_secret *s;

	(void)state;
	assert_non_null(all);
	assert_null(cdisk_pool_alloc(16));
	assert_int_equal(cdisk_secret_copy("abc", 3, &s), 0);
	assert_false(cdisk_pool_owns(cdisk_secret_data(s)));
	cdisk_secret_free(s);
	cdisk_pool_free(all);
}

static void test_truncating_wipes_the_rest(void **state)
{
	struct cdisk_secret *s;

	(void)state;
	assert_int_equal(cdisk_secret_copy("0123456789", 10, &s), 0);
	cdisk_secret_truncate(s, 4);
	assert_int_equal(cdisk_secret_size(s), 4);
	assert_memory_equal(cdisk_secret_data(s), "0123\0\0\0\0\0\0", 10);
	cdisk_secret_free(s);
}

static bool smaps_has(const void *address, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[512];
	bool inside = false, found = false;

	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f)) {
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = (uintptr_t)address >= from && (uintptr_t)address < to;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	(void)fclose(f);
	return found;
}

static void test_the_pool_is_undumped_and_wiped_on_fork(void **state)
{
	void *p = cdisk_pool_alloc(16);

	(void)state;
	assert_true(smaps_has(p, " dd"));
	assert_true(smaps_has(p, " wf"));
#if !defined(__SANITIZE_ADDRESS__) /* it makes mlock() do nothing */
	if (cdisk_secret_locked())
		assert_true(smaps_has(p, " lo"));
#endif
	cdisk_pool_free(p);
}

static void test_memequal_compares_all_bytes(void **state)
{
	(void)state;
	assert_true(cdisk_memequal("abcd", "abcd", 4));
	assert_false(cdisk_memequal("abcd", "abce", 4));
	assert_false(cdisk_memequal("xbcd", "abcd", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_write_past_the_pages_is_caught),
		cmocka_unit_test(test_a_write_past_a_block_ends_the_program),
		cmocka_unit_test(test_a_forked_child_reads_zeros),
		cmocka_unit_test(test_a_forked_child_can_allocate_again),
		cmocka_unit_test(test_freed_blocks_are_wiped_and_used_again),
		cmocka_unit_test(test_a_full_pool_refuses_and_secrets_go_on),
		cmocka_unit_test(test_truncating_wipes_the_rest),
		cmocka_unit_test(test_the_pool_is_undumped_and_wiped_on_fork),
		cmocka_unit_test(test_memequal_compares_all_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
