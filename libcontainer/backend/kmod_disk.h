/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk of the module, by its node: what it is, and its end. */
#ifndef CDISK_BACKEND_KMOD_DISK_H
#define CDISK_BACKEND_KMOD_DISK_H

#include "backend/mapping.h"

#define CDISK_KMOD_DISK "cryptdisk" /* and a number */
#define CDISK_KMOD_LABEL 64

/* "cryptdisk3" or "/dev/cryptdisk3"; -EINVAL with errno set. */
int cdisk_kmod_index(const char *node, uint32_t *ret_index);

/* flags of the module's DETACH; -EBUSY, -EINPROGRESS counts as 0. */
int cdisk_kmod_detach(const char *node, uint32_t flags);

/*
 * The module's label: the container's, and behind '|' a name where one was given; what the module
 * does not take becomes '_'.
 */
void cdisk_kmod_label(const char *label, const char *name, char ret[CDISK_KMOD_LABEL]);
void cdisk_kmod_label_take(const char *text, struct cdisk_below_facts *ret);

/* Of the disk with the kernel's name: what STATUS and sysfs tell. */
void cdisk_kmod_look(const char *kernel, struct cdisk_below_facts *ret);

/* Disks that nobody has open; *ret_list is freed with free(); the count, 0 for who may not ask. */
struct cdisk_kmod_orphan {
	char node[64], id[CDISK_ID_SIZE];
	struct cdisk_below_facts facts;
};
int cdisk_kmod_orphans(struct cdisk_kmod_orphan **ret_list);

#endif
