/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel backends share: dm-crypt's mapping over a disk of the container's bytes. They
 * differ in that disk alone: a loop device, or one of our module.
 */
#ifndef CDISK_BACKEND_MAPPING_H
#define CDISK_BACKEND_MAPPING_H

#include "backend/backend.h"
#include "backend/mapped.h"

/* The disk below: a block device of the container's bytes that goes with its last user. */
struct cdisk_below {
	const char *backend;
	/* copy: another disk with this volume ID may be there. *ret_fd keeps it until it is mapped.
	 */
	int (*make)(struct cdisk *c, const struct cdisk_attach_spec *spec, bool read_only,
		bool copy, char ret_node[64], int *ret_fd);
	/* Undoes make() where nothing was mapped; NULL = the last descriptor's end does. */
	void (*drop)(const struct cdisk_attach_spec *spec, const char *node);
	/* Takes the container's new size over. */
	int (*grow)(struct cdisk *c, const char *node);
	/* Gives it up in the middle of its work; NULL = it cannot. Within about timeout_ms. */
	int (*take)(const char *node, unsigned int timeout_ms);
};

const struct cdisk_below *cdisk_below_of(const struct cdisk_mapped *m); /* NULL = not ours */

/* What is known of the disk below. A field that is not known is 0 or "". */
struct cdisk_below_facts {
	uint64_t dev, ino;          /* of the container, as stat(2) tells them */
	char file[CDISK_PATH_SIZE]; /* the container */
	char name[CDISK_NAME_SIZE], label[CDISK_NAME_SIZE];
};

/* Never hangs; what needs root is left out without it. */
void cdisk_below_look(const struct cdisk_mapped *m, struct cdisk_below_facts *ret);

/* The largest sector that the mapping's disk may have below it: the volume's, if its place allows.
 */
uint32_t cdisk_below_sector(const struct cdisk_attach_spec *spec);

int cdisk_mapping_attach(struct cdisk *c, const struct cdisk_below *below,
	const struct cdisk_attach_spec *spec, struct cdisk_attachment *a);

/*
 * Whether a mapping has the instance's name: 1 = free, 0 = taken and another name may be used, or
 * why none may. Called with the run directory locked; what a killed program left is removed.
 */
int cdisk_mapping_claim(
	struct cdisk *c, const struct cdisk_attach_spec *spec, const char *instance);

/* As detach of struct cdisk_backend, for mappings of other tools, too. */
int cdisk_mapping_detach(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, unsigned int wait_ms);

int cdisk_mapping_resize(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_size);
int cdisk_mapping_trim(struct cdisk *c, const struct cdisk_attachment *a, uint64_t offset,
	uint64_t length, uint64_t *ret_bytes);
int cdisk_mapping_lock(struct cdisk *c, const struct cdisk_attachment *a);
int cdisk_mapping_resume(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_attach_spec *spec);

/* The mapping of an attachment; -ENXIO when it is gone or another has its name. */
int cdisk_mapping_of(const struct cdisk_attachment *a, struct cdisk_mapped *ret);

/* mapping_force.c: within a few seconds, whatever the medium does. -ETIMEDOUT. */
int cdisk_mapping_force(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_mapped *m);
/* Of one that is suspended: whoever waits for its key gets an error instead, and can be unmounted. */
void cdisk_mapping_break(struct cdisk *c, const struct cdisk_attachment *a);
/* Removes it as long as it is busy for a moment only: -EBUSY after ms. */
int cdisk_mapping_remove(struct cdisk *c, const char *name, unsigned int ms);
/* Whether the disk below (and no other of its name) left within ms. */
bool cdisk_below_leaves(const struct cdisk_mapped *m, const char *token, unsigned int ms);
/* What tells the disk below from the next one of its name; "" = it does not go by itself. */
void cdisk_below_token(const struct cdisk_mapped *m, char *ret_token, size_t size);

#endif
