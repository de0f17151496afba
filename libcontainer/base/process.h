/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running programs and waiting for processes. Programs are executed by full path, found in fixed
 * root-owned directories, with a clean environment (PATH, LC_ALL=C), no inherited descriptors but
 * those asked for, and stdin from /dev/null.
 */
#ifndef CDISK_BASE_PROCESS_H
#define CDISK_BASE_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/context.h"

/* Full path of a program in the fixed directories (/usr/sbin, /usr/bin, /sbin, /bin); -ENOENT. */
int cdisk_program_find(const char *name, char *ret_path, size_t size);

struct cdisk_program {
	const char *const *argv;   /* argv[0] is the full path; NULL-terminated */
	const char *const *env;	   /* added to the clean environment; NULL = nothing */
	const int *keep_fds;	   /* inherited under their own number; NULL = none */
	size_t n_keep_fds;
	char *output;		   /* stdout and stderr together, NUL-terminated, cut at output_size; NULL = dropped */
	size_t output_size;
	unsigned int timeout_ms;   /* 0 = none; then SIGKILL and -ETIMEDOUT */
	const char *what;	   /* for progress and cancelling; NULL = not cancellable */
};

/*
 * Runs a program to its end. Exit status 0..255 as the result, 128 + signal when it was killed,
 * -ECANCELED (it was killed, and waited for up to 2 s) or -errno. Calls the handle's progress callback
 * about ten times a second with done = total = 0.
 */
int cdisk_program_run(struct cdisk *c, const struct cdisk_program *p);

/* Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat); -ESRCH when it is gone. */
int cdisk_process_start_time(pid_t pid, uint64_t *ret_start);

/* A pidfd of exactly the process that started then; -ESRCH when that one is gone. */
int cdisk_process_pidfd(pid_t pid, uint64_t start, int *ret_fd);

/* Waits up to timeout_ms for the process behind pidfd to end: 0, or -ETIMEDOUT. */
int cdisk_process_wait(int pidfd, unsigned int timeout_ms);

#endif
