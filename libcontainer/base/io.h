/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact I/O at offsets, and files that are replaced as a whole. All return 0 or -errno. */
#ifndef CDISK_BASE_IO_H
#define CDISK_BASE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads or writes exactly size bytes, repeating short calls; -ENODATA when the file ends before. */
int cdisk_pread_full(int fd, void *buf, size_t size, uint64_t offset);
int cdisk_pwrite_full(int fd, const void *buf, size_t size, uint64_t offset);

/* Reads up to max bytes from the present position to the end: the count, or -errno. */
ssize_t cdisk_read_all(int fd, void *buf, size_t max);
int cdisk_write_all(int fd, const void *buf, size_t size);

/* Size in bytes of a regular file or a block device; -EINVAL for anything else. */
int cdisk_fd_size(int fd, uint64_t *ret_size);

/* fsync of the directory that holds path. */
int cdisk_fsync_parent(const char *path);

/* A write-only-by-us memory file; sealing forbids all later change of content and size. */
int cdisk_memfd_new(const char *name, uint64_t size, int *ret_fd);
int cdisk_memfd_seal(int fd);

/* "/proc/self/fd/N" for libraries and programs that take only a path. */
#define CDISK_FD_PATH_MAX 32
void cdisk_fd_path(int fd, char path[CDISK_FD_PATH_MAX]);

/* Reads a small text file whole and NUL-terminated; *ret_text belongs to the caller. -EFBIG above max. */
int cdisk_read_text(const char *path, size_t max, char **ret_text);

#endif
