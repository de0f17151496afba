/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls that may never return (umount, stat or open in a FUSE mount whose server hangs) are
 * made in a child process, so that the caller always gets an answer.
 */
#ifndef CDISK_BACKEND_CHILD_H
#define CDISK_BACKEND_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CDISK_CHILD_DIE_MS 200 /* a killed child is waited for that long */

/*
 * Runs in the child, which has no descriptor but 0-2 and out. Only async-signal-safe calls: the
 * caller may have threads. Returns 0 or -errno.
 */
typedef int (*cdisk_child_fn)(const void *data, int out);

/*
 * What fn returned; -ETIMEDOUT when it was not done after timeout_ms (it is killed, and left
 * behind if it cannot die). What fn wrote to out is in output, NUL-terminated; output may be NULL.
 */
int cdisk_child_run(cdisk_child_fn fn, const void *data, unsigned int timeout_ms, char *output,
	size_t output_size);

/* The same; go_on is asked ten times a second, and its error ends the child and is the result. */
typedef int (*cdisk_go_on_fn)(void *data);
int cdisk_child_watch(cdisk_child_fn fn, const void *data, unsigned int timeout_ms, char *output,
	size_t output_size, cdisk_go_on_fn go_on, void *go_on_data);

/* umount2(path, flags | UMOUNT_NOFOLLOW) in a child, through no symlink at all; go_on may be NULL. */
int cdisk_child_umount(const char *path, int flags, unsigned int timeout_ms, cdisk_go_on_fn go_on,
	void *go_on_data);

/* In a child of ours that was forked otherwise: none of the caller's signals, no core, not dumpable. */
void cdisk_child_begin(void);
/* 1 = ended, with its result; 0 = not within ms: it waits in the kernel, and is left behind. */
int cdisk_child_reap(pid_t pid, unsigned int ms, int *ret_result);

uint64_t cdisk_now_ms(void); /* CLOCK_MONOTONIC */
void cdisk_sleep_ms(unsigned int ms);

#endif
