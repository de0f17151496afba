// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening a keyslot needs no more locked memory than the pool: 64 KiB are enough. */
#include "luks_make.h"
#include <sys/resource.h>
#include <sys/wait.h>

#define NOBODY 65534

/* In a process without privileges, whose pool is the only thing that may be locked. */
static int open_with_little(int fd)
{
	struct rlimit limit = {CDISK_SECRET_POOL, CDISK_SECRET_POOL};
	struct opened o;

	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0 || (geteuid() == 0 && setuid(NOBODY) < 0))
		return 2;
	if (made_load(&o, fd) != 0 || made_unlock(&o, "one", -1, true) != 0)
		return 3;
	return cdisk_secret_locked() ? 0 : 4;
}

static void keyslot_opens_in_64_kib_of_locked_memory(void **state)
{
	int fd = made_container(), status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0)
		_exit(open_with_little(fd));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
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
		cmocka_unit_test(keyslot_opens_in_64_kib_of_locked_memory),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
