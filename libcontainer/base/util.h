/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things every floor uses: cleanup attributes, ownership hand-over, checked arithmetic. */
#ifndef CDISK_BASE_UTIL_H
#define CDISK_BASE_UTIL_H

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define CDISK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Cleanup handlers keep errno, so that a "return -errno" in front of them stays right. */
static inline void cdisk_cleanup_free(void *p)
{
	int saved = errno;

	free(*(void **)p);
	errno = saved;
}

static inline void cdisk_cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

#define CDISK_CLEANUP(fn) __attribute__((cleanup(fn)))
#define _cleanup_free_ CDISK_CLEANUP(cdisk_cleanup_free)
#define _cleanup_dir_ CDISK_CLEANUP(cdisk_cleanup_dir)
#define _cleanup_close_ CDISK_CLEANUP(cdisk_cleanup_close)

/* Hands a pointer (or descriptor) over: returns it and leaves NULL (or -1) behind. */
#define cdisk_steal(pp)                                                                            \
	({                                                                                         \
		__typeof__(*(pp)) stolen_ = *(pp);                                                 \
		*(pp) = NULL;                                                                      \
		stolen_;                                                                           \
	})

static inline int cdisk_steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

/* Closes *fd if it is open and sets it to -1. */
static inline void cdisk_close(int *fd)
{
	cdisk_cleanup_close(fd);
	*fd = -1;
}

static inline void cdisk_cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Checked arithmetic on unsigned 64-bit sizes: true if the result fits, false if it overflowed. */
static inline bool cdisk_add_u64(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

static inline bool cdisk_mul_u64(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}

/* True if [offset, offset + length) lies inside [0, size). */
static inline bool cdisk_range_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

static inline uint64_t cdisk_round_down(uint64_t v, uint64_t step)
{
	return v - v % step;
}

#endif
