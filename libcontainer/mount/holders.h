/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking the processes by the links that /proc shows. A link's text is read, never followed: what
 * it points to may lie in a mount that answers nothing any more.
 */
#ifndef CDISK_MOUNT_HOLDERS_H
#define CDISK_MOUNT_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/context.h"

/* Called for every process but our own; an error ends the walk. */
typedef int (*cdisk_process_fn)(int32_t pid, void *data);
int cdisk_processes_walk(cdisk_process_fn fn, void *data);

/* Called for the text of each descriptor's link; 1 = enough of this process. */
typedef int (*cdisk_link_fn)(int fd, const char *link, void *data);
void cdisk_process_links(int32_t pid, cdisk_link_fn fn, void *data);

/* The text of /proc/PID/NAME; -errno. */
int cdisk_process_link(int32_t pid, const char *name, char *ret, size_t size);

/* "/dev/dm-3" of a mapping, which descriptors show where its node is a link; else "". */
void cdisk_disk_kernel_name(const struct cdisk_attachment *a, char ret_node[32]);

/* The mount a descriptor of a process lies in; -1 = not known. */
int cdisk_process_mount_id(int32_t pid, int fd);

#endif
