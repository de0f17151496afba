/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libcryptsetup, seen from the other files of this floor; only luks.c includes its header. What it
 * would print becomes the message. Every function works on a memfd, never on the real file.
 */
#ifndef CDISK_FORMAT_LUKS_LIBRARY_H
#define CDISK_FORMAT_LUKS_LIBRARY_H

#include "format/luks.h"

/*
 * Validates the header in image_fd; version 1 or 2. ret_json (NULL for LUKS1) gets the metadata
 * text, owned by the caller. Nothing is written, and no KDF runs.
 */
int cdisk_luks_validate(struct cdisk *c, int image_fd, unsigned int version, char **ret_json);

/* What a change of a header needs besides the secrets. No pointers: it crosses a fork. */
struct cdisk_luks_job {
	enum { CDISK_LUKS_CREATE = 1, CDISK_LUKS_KEY_ADD, CDISK_LUKS_KEY_REMOVE } kind;
	unsigned int version;
	int keyslot;		     /* -1 = first free */
	uint64_t kdf_memory;	     /* KiB */
	uint32_t kdf_passes, kdf_lanes; /* PBKDF2 (LUKS1): passes are iterations */
	char slot_label[CDISK_NAME_SIZE], slot_kind[16];
	/* create */
	char cipher[64], mode[64], id[CDISK_ID_SIZE], label[CDISK_NAME_SIZE];
	uint32_t sector_size;
	uint64_t data_offset; /* bytes */
	bool detached;
};

struct cdisk_luks_answer {
	int32_t result; /* 0 or negative error */
	int32_t keyslot;
	char message[480];
};

/*
 * Does the job on image_fd. Runs KDFs that cannot be stopped: only for the child of luks_child.c,
 * whose memory dies with it.
 */
void cdisk_luks_do(int image_fd, const struct cdisk_luks_job *job, const uint8_t *key,
		   size_t key_size, const char *secret, size_t secret_size,
		   struct cdisk_luks_answer *answer);

/*
 * Runs cdisk_luks_do() in a child process; killed when the progress callback says so. Fills in the
 * handle's message on failure. key and secret may be NULL.
 */
int cdisk_luks_child(struct cdisk *c, int image_fd, const struct cdisk_luks_job *job,
		     struct cdisk_secret *key, struct cdisk_secret *secret,
		     struct cdisk_luks_answer *ret_answer);

#endif
