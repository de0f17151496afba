/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where header code reads and writes the container's file. One table, so that a test can stop or
 * tear the n-th write and make reads fail; nobody else changes it.
 */
#ifndef CDISK_FORMAT_IO_SEAM_H
#define CDISK_FORMAT_IO_SEAM_H

#include <stddef.h>
#include <stdint.h>

struct cdisk_header_io {
	int (*pread)(int fd, void *buf, size_t size, uint64_t offset);
	int (*pwrite)(int fd, const void *buf, size_t size, uint64_t offset);
	int (*sync)(int fd);
};

extern struct cdisk_header_io cdisk_header_io;

#endif
