/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of formats. One line in format.c and one file add a format; nothing outside format/
 * knows which one a container has.
 */
#ifndef CDISK_FORMAT_FORMAT_H
#define CDISK_FORMAT_FORMAT_H

#include "base/context.h"
#include "base/description.h"

/*
 * The bytes a format may look at: a sealed copy of the beginning (header and keyslots area), and
 * the container itself for formats that keep a header elsewhere (read-only use).
 */
struct cdisk_header {
	int image_fd;	      /* sealed memfd: the copy; for a detached header, of that file */
	uint64_t image_size;  /* bytes in it */
	int header_fd;	      /* the file the header lies in; -1 = not known (tests) */
	uint64_t header_file_size;
	uint64_t data_size;   /* size of the file that holds the data area, bytes */
	bool detached;
	/* Bytes of the copy that the file did not give up (EIO), left zero; empty range: none. */
	uint64_t unreadable_start, unreadable_end;
};

struct cdisk_format;

/* What a format made of a header; freed with ops->done(). */
struct cdisk_loaded {
	const struct cdisk_format *format;
	struct cdisk_info info; /* path, dev, ino and file_size are filled in by container.c */
	void *state;		/* the format's own */
};

struct cdisk_key_request {
	const char *label, *kind;
	int keyslot;	      /* -1 = first free */
	uint64_t kdf_memory;  /* bytes; already chosen */
	uint32_t kdf_passes, kdf_lanes;
};

struct cdisk_format {
	const char *name;
	unsigned int n_slots; /* keyslots a header can have; 0 = it has none */
	/* 1 = this header looks like mine (perhaps damaged), 0 = not, -errno. Cheap, no KDF. */
	int (*probe)(const struct cdisk_header *h);
	/* Validates and fills in l->info and l->state. -CDISK_ERR_CORRUPT, _UNSUPPORTED. Never writes. */
	int (*load)(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *l);
	/*
	 * Secret -> description with key. *ret_keyslot: the slot. need_data false: only check the
	 * secret (a header without data area passes then) and leave d without segments; d->key is the
	 * volume key in both cases.
	 */
	int (*unlock)(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *l,
		      struct cdisk_secret *secret, int keyslot, bool need_data,
		      struct cdisk_description *ret_d, int *ret_keyslot);
	void (*done)(struct cdisk_loaded *l);
	/*
	 * Header changes; NULL where the format has none. Each changes a writable memfd copy of the
	 * header (image_fd), which the caller then validates and writes (header_write.h). key: the
	 * volume key.
	 */
	int (*key_add)(struct cdisk *c, int image_fd, struct cdisk_secret *key,
		       struct cdisk_secret *new_secret, const struct cdisk_key_request *r,
		       int *ret_keyslot);
	int (*key_remove)(struct cdisk *c, int image_fd, int keyslot);
	/* Mends a damaged or stale header copy from the good one: 1 = mended, 0 = nothing to do. */
	int (*repair)(struct cdisk *c, int image_fd);
	/* Bytes of header and keyslots area, from the beginning; what a header backup holds. */
	uint64_t (*area)(const struct cdisk_loaded *l);
};

/* NULL-terminated, in probing order. */
extern const struct cdisk_format *const cdisk_formats[];

/* Largest header copy that is made: 16 MiB + 128 MiB (LUKS2's own limits). */
#define CDISK_HEADER_MAX (UINT64_C(144) << 20)

/*
 * Copies the header of fd (data_fd = where the data lies, equal to fd for an attached header) into
 * a sealed memfd: as much as the format's own fields ask for, capped. Done with cdisk_header_done().
 */
int cdisk_header_read(struct cdisk *c, int fd, int data_fd, struct cdisk_header *ret_header);

/*
 * The same, but what no keyslot uses reads as zeros: enough to open the volume, and much less to
 * copy. Not for changes and backups of the header.
 */
int cdisk_header_read_used(struct cdisk *c, int fd, int data_fd, struct cdisk_header *ret_header);
void cdisk_header_done(struct cdisk_header *h);

/* Finds the format and loads it: -CDISK_ERR_NOT_CONTAINER where none matches. */
int cdisk_format_load(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *ret_loaded);
void cdisk_format_done(struct cdisk_loaded *l);

/*
 * Volume ID of a header's UUID text (design: the UUID if it parses as one and is not nil, else a
 * hash of that text shaped like a UUID of version 8).
 */
void cdisk_volume_id(const char *uuid_text, char ret_id[CDISK_ID_SIZE]);
int cdisk_volume_id_new(char ret_id[CDISK_ID_SIZE]); /* 122 random bits, version 4 */

#endif
