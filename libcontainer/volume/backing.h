/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a container's bytes lie. A volume reads and writes through this table and never asks what
 * is behind it. All calls may come from many threads at once; all return 0 or -errno.
 */
#ifndef CDISK_VOLUME_BACKING_H
#define CDISK_VOLUME_BACKING_H

#include <stddef.h>
#include <stdint.h>

struct cdisk_backing;

struct cdisk_backing_ops {
	const char *kind;
	/* Present size in bytes; asked again after the container grew. */
	int (*size)(struct cdisk_backing *b, uint64_t *ret_size);
	/* Exactly size bytes; -EIO where the backing ends before. */
	int (*pread)(struct cdisk_backing *b, void *buf, size_t size, uint64_t offset);
	int (*pwrite)(struct cdisk_backing *b, const void *buf, size_t size, uint64_t offset);
	/* Everything written so far has reached the medium. */
	int (*flush)(struct cdisk_backing *b);
	/* Gives the range back to the host; its content is undefined afterwards. -EOPNOTSUPP. */
	int (*discard)(struct cdisk_backing *b, uint64_t offset, uint64_t size);
	void (*close)(struct cdisk_backing *b); /* frees b */
};

struct cdisk_backing {
	const struct cdisk_backing_ops *ops;
};

/* A regular file or block device; fd is duplicated, so that locks go with the backing. */
int cdisk_backing_file(int fd, struct cdisk_backing **ret_backing);

/* The descriptor of a file backing, to be handed to a server; -EINVAL for other kinds. */
int cdisk_backing_fd(const struct cdisk_backing *b);

#endif
