/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the public handles are made of; for the files of the top floor only. */
#ifndef CDISK_INTERNAL_H
#define CDISK_INTERNAL_H

#include "backend/backend.h"
#include "base/context.h"
#include "format/format.h"
#include "volume/volume.h"

struct cdisk_container {
	struct cdisk *c;
	enum cdisk_open_mode mode;
	int fd;		   /* of the file that holds the data */
	int header_fd;	   /* of a detached header; -1 = attached */
	char *path;	   /* as the caller gave it, for messages; NULL = a descriptor */
	char *header_path; /* NULL = attached, or a descriptor */
	struct cdisk_header header;
	struct cdisk_loaded loaded;
};

struct cdisk_volume {
	struct cdisk *c;
	struct cdisk_plain *plain;
	int keyslot;
	int header_fd;		    /* the sealed copy that was loaded; -1 = none */
	char path[CDISK_PATH_SIZE]; /* of the container, for people */
};

/* The file the header lies in. */
int cdisk_container_header_fd(const struct cdisk_container *ct);
/* What to call it in a message. */
const char *cdisk_container_name(const struct cdisk_container *ct);

/* Reads the header anew (it may have changed) and loads it. */
int cdisk_container_reload(struct cdisk_container *ct);

/*
 * Opens a path once: regular file or block device, checked before it is really opened. flags:
 * O_RDONLY or O_RDWR, and O_EXCL for a device.
 */
int cdisk_container_open_path(struct cdisk *c, const char *path, int flags, int *ret_fd);

/* Takes the header lock of fd exclusively: -CDISK_ERR_LOCKED when somebody else has it. */
int cdisk_header_lock(struct cdisk *c, int fd, const char *name);

/*
 * An open volume of a description over fd (duplicated, with its locks). Takes d's key on success.
 */
int cdisk_volume_new(struct cdisk *c, int fd, const char *path, struct cdisk_description *d,
		     int keyslot, struct cdisk_volume **ret_volume);

/* What a backend is told of an unlocked volume; flags are 0. */
void cdisk_volume_spec(struct cdisk_volume *v, struct cdisk_attach_spec *ret_spec);

/* Says that a volume is locked: -CDISK_ERR_LOCKED, or 0 when it is not. */
int cdisk_locked_refuse(struct cdisk *c, const struct cdisk_attachment *a);

/* A server that ends with this process, for work on the plain disk of a volume. */
int cdisk_volume_attach_temporary(struct cdisk_volume *v, uint32_t flags,
				  struct cdisk_attachment *ret_attachment);
int cdisk_volume_detach_temporary(struct cdisk *c, const struct cdisk_attachment *a);

#endif
