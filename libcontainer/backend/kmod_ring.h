/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel module's events, for who may read them. */
#ifndef CDISK_BACKEND_KMOD_RING_H
#define CDISK_BACKEND_KMOD_RING_H

#include <stddef.h>
#include <stdint.h>

/* A descriptor to be polled that sees what happens from now on; -errno where there is none. */
int cdisk_kmod_ring_open(void);

/*
 * Takes all events that are there; the generations of disks that told their first I/O error go to
 * ret, max of them at most. The count.
 */
size_t cdisk_kmod_ring_errors(int fd, uint64_t *ret, size_t max);

#endif
