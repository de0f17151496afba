/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block devices by their number: a node has many names. Nothing of a device is read. */
#ifndef CLI_RESOLVE_DEVICE_H
#define CLI_RESOLVE_DEVICE_H

#include <cryptdisk/cryptdisk.h>

/*
 * How the block device path belongs to one of the attachments, or NULL: it is its node, under
 * whatever name, or the loop device or module's disk below it. *ret_index is which.
 */
const char *device_place(
	const struct cdisk_attachment *list, int n, const char *path, int *ret_index);

#endif
