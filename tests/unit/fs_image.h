/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the filesystem tests: a private directory, sparse images in it, tools run on them. */
#ifndef CDISK_TESTS_FS_IMAGE_H
#define CDISK_TESTS_FS_IMAGE_H

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
#include <sys/wait.h>
#include <unistd.h>
#include "base/process.h"
#include "mount/mount.h"

#define MIB (UINT64_C(1024) * 1024)

struct fixture {
	struct cdisk c;
	char dir[64];
	char disk[128];
	char output[65536]; /* of the last run_shell() */
};

/* Runs a shell command in the fixture's directory ($1 = disk); its exit status. */
static inline int run_shell(struct fixture *f, const char *command)
{
	char script[2048];
	const char *argv[] = {"/bin/sh", "-c", script, "sh", f->disk, NULL};
	struct cdisk_program p = {
		.argv = argv, .output = f->output, .output_size = sizeof(f->output)};

	(void)snprintf(script, sizeof(script), "cd '%s' && %s", f->dir, command);
	return cdisk_program_run(&f->c, &p);
}

/* A new disk of zeros, or of random bytes: what an encrypted disk that was never written shows. */
static inline void image_new(struct fixture *f, uint64_t size)
{
	int fd = open(f->disk, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static inline int image_open(struct fixture *f)
{
	int fd = open(f->disk, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/cryptdisk-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->disk, sizeof(f->disk), "%s/disk", f->dir);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	/* A test that failed may have left its mount; rm must not go into it. */
	(void)run_shell(f, "{ mountpoint -q mnt && umount mnt; :; }");
	(void)run_shell(f, "cd / && rm --one-file-system -rf \"${1%/*}\"");
	free(f);
	return 0;
}

/* Skips the running test, with the reason, where a program is not installed. */
static inline void need_program(const char *name)
{
	char path[256];

	if (cdisk_program_find(name, path, sizeof(path)) == 0)
		return;
	print_message("SKIPPED: %s is not installed\n", name);
	skip();
}

static inline void need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("SKIPPED: needs root\n");
	skip();
}

#define fs_test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
