/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device-mapper by its ioctls. Nothing here waits for udev: where it does not run, or hangs, the
 * calls return all the same. Texts that hold a key lie in the locked pool and are wiped.
 */
#ifndef CDISK_BACKEND_DM_H
#define CDISK_BACKEND_DM_H

#include <stdbool.h>
#include <stdint.h>
#include "base/secret.h"

#define CDISK_DM_NAME 128 /* with NUL */
#define CDISK_DM_UUID 130
#define CDISK_DM_NODE 160 /* "/dev/mapper/" and a name */

/* 0 = it answers and can encrypt; -errno. */
int cdisk_dm_try(void);

struct cdisk_dm {
	char uuid[CDISK_DM_UUID];
	uint32_t major, minor;
	int32_t opened;
	bool live;     /* has a table that works; without one it is what a killed program left */
	bool inactive; /* a table was loaded and is not in use yet */
	bool suspended, read_only;
};

int cdisk_dm_status(const char *name, struct cdisk_dm *ret); /* -ENXIO: there is none */

#define CDISK_DM_NO_SYNC (UINT32_C(1) << 0)  /* the filesystem is not synced and frozen first */
#define CDISK_DM_NO_FLUSH (UINT32_C(1) << 1) /* what waits in the queue does not go down first */

/* Both may wait for what is under way below; a signal ends that (-EINTR). */
int cdisk_dm_suspend(const char *name, uint32_t flags);
/* Also takes a loaded table into use. */
int cdisk_dm_resume(const char *name, uint32_t flags);

/* -EBUSY while it is open; deferred: it goes with its last user, then. */
int cdisk_dm_remove(const char *name, bool deferred);
int cdisk_dm_rename(const char *name, const char *to);

/* Calls fn with each name; for root. An error of fn ends it and is the result. */
typedef int (*cdisk_dm_name_fn)(const char *name, void *data);
int cdisk_dm_names(cdisk_dm_name_fn fn, void *data);

/* The one target of a mapping. */
struct cdisk_dm_table {
	uint64_t sectors;
	char type[16];
	struct cdisk_secret *params; /* NUL-terminated; owned */
};

void cdisk_dm_table_done(struct cdisk_dm_table *t);
/* -ENODATA without a live table, -EOPNOTSUPP with several targets. */
int cdisk_dm_table(const char *name, struct cdisk_dm_table *ret);
int cdisk_dm_load(const char *name, const struct cdisk_dm_table *t, bool read_only);
/* Drops a table that was loaded and is not in use. */
int cdisk_dm_clear(const char *name);
/* size bytes with NUL; may hold a key. */
int cdisk_dm_message(const char *name, const char *text, size_t size);

/* ---- the node ---------------------------------------------------------------------------- */

void cdisk_dm_node(const char *name, char ret_node[CDISK_DM_NODE]);
/* Waits for udev a while, then makes it: 0 when the node leads to the device. */
int cdisk_dm_node_make(const char *name, uint32_t major, uint32_t minor);
/* Where nobody else does. Not while a mapping has the name. */
void cdisk_dm_node_remove(const char *name);
/* Whether udev runs and can be talked to. */
bool cdisk_udev_answers(void);

/* ---- what dm-crypt's table says: pure ----------------------------------------------------- */

struct cdisk_crypt_table {
	char cipher[64];
	size_t key_at, key_size;    /* of the key's text in the parameters; 1 = "-", no key */
	uint64_t iv_offset, offset; /* in sectors of 512 bytes */
	uint32_t major, minor;      /* of the device below */
	uint32_t sector_size;
	bool discards;
};

/* -EINVAL for what is not a table of dm-crypt. */
int cdisk_crypt_table_parse(const char *params, struct cdisk_crypt_table *ret);
/* Whether the key was wiped: dm-crypt shows zeros then. */
bool cdisk_crypt_key_wiped(const char *params, const struct cdisk_crypt_table *t);

#endif
