/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encrypted mappings as sysfs shows them to everybody: ours, known by the name cryptdisk-ID over a
 * loop device or a disk of our module, and those of other tools.
 */
#ifndef CDISK_BACKEND_MAPPED_H
#define CDISK_BACKEND_MAPPED_H

#include "backend/backend.h"
#include "backend/dm.h"

#define CDISK_MAPPED_PREFIX "cryptdisk-"
#define CDISK_MAPPED_GONE "cryptdisk-gone-" /* taken away by force, and still open */

struct cdisk_mapped {
	char kernel[16]; /* "dm-3" */
	char name[CDISK_DM_NAME], uuid[CDISK_DM_UUID];
	char id[CDISK_ID_SIZE];           /* "" = none */
	char instance[CDISK_ID_SIZE + 8]; /* as ours; "" = the name is not of our kind */
	char format[16];
	uint32_t major, minor;
	uint64_t size; /* bytes; 0 = no live table */
	bool suspended, read_only;
	char below[32]; /* kernel's name of the device below; "" = none */
	bool below_gone;
	bool gone; /* the name says that it was taken away by force */
};

/* What lies below one of ours. */
bool cdisk_mapped_is_ours(const struct cdisk_mapped *m);
bool cdisk_mapped_is_loop(const struct cdisk_mapped *m);
bool cdisk_mapped_is_module(const struct cdisk_mapped *m);

/* All encrypted mappings below root ("/sys"); *ret_list is freed with free(); the count. */
int cdisk_mapped_list(const char *root, struct cdisk_mapped **ret_list);

/* By name, or -ENXIO. One of a killed program may have no UUID yet: format is "" then. */
int cdisk_mapped_find(const char *root, const char *name, struct cdisk_mapped *ret);

/* First line of root/block/device/name. */
int cdisk_sys_line(const char *root, const char *device, const char *name, char *ret, size_t size);

/* Pure: "CRYPT-LUKS2-HEX-NAME"; -EINVAL for what is no encrypted mapping. */
int cdisk_mapped_uuid_parse(const char *uuid, struct cdisk_mapped *ret);
/* Pure: "cryptdisk-ID" or "cryptdisk-ID-N"; instance is "ID" or "ID-N". -EINVAL. */
int cdisk_mapped_name_parse(const char *name, struct cdisk_mapped *ret);

#endif
