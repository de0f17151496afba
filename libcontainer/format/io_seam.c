// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/io_seam.h"

#include <errno.h>
#include <unistd.h>
#include "base/io.h"

static int sync_file(int fd)
{
	return fsync(fd) < 0 ? -errno : 0;
}

struct cdisk_header_io cdisk_header_io = {
	.pread = cdisk_pread_full,
	.pwrite = cdisk_pwrite_full,
	.sync = sync_file,
};
