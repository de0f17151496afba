// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks.h"

#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "format/luks_common.h"
#include "format/luks_library.h"
#include "format/luks_map.h"

/*
 * PBKDF2 for LUKS1, which has nothing better: fixed, like all costs here. Below this number a
 * request is a number of argon2 passes, not of iterations.
 */
#define LUKS1_ITERATIONS 1000000u
#define LUKS1_ITERATIONS_MIN 1000u
#define ZERO_STEP (64u * 1024)

static bool text_set(char *dst, size_t size, const char *text)
{
	return snprintf(dst, size, "%s", text ? text : "") < (int)size;
}

/* A slot that nobody could open again, or only after hours, is not made in the first place. */
static int costs_check(struct cdisk *c, const struct cdisk_luks_job *job)
{
	struct cdisk_kdf kdf = {
		.type = "argon2id",
		.memory = job->kdf_memory,
		.passes = job->kdf_passes,
		.lanes = job->kdf_lanes,
	};
	char why[200] = "";
	int r;

	if (job->version == 1)
		kdf = (struct cdisk_kdf){
			.type = "pbkdf2", .hash = "sha256", .passes = job->kdf_passes};
	r = cdisk_kdf_check(&kdf, why);
	return r < 0 ? cdisk_fail(c, r, "a new keyslot: %s", why) : 0;
}

static int job_slot(struct cdisk *c, const struct cdisk_key_request *r, unsigned int version,
		    struct cdisk_luks_job *job)
{
	job->version = version;
	job->keyslot = r->keyslot;
	job->kdf_memory = r->kdf_memory >> 10;
	job->kdf_passes = r->kdf_passes;
	job->kdf_lanes = r->kdf_lanes;
	if (job->kdf_memory > UINT32_MAX)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "a key derivation cannot use more than 4 TiB of memory");
	if (!text_set(job->slot_label, sizeof(job->slot_label), r->label) ||
	    !text_set(job->slot_kind, sizeof(job->slot_kind), r->kind))
		return cdisk_fail(c, -EINVAL, "the keyslot's label is too long");
	if (version == 1 && job->slot_label[0])
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "LUKS1 has no place for a keyslot's label");
	if (version == 1 && job->kdf_passes < LUKS1_ITERATIONS_MIN)
		job->kdf_passes = LUKS1_ITERATIONS;
	return costs_check(c, job);
}

/* Writes zeros over [start, end) of the image where there is anything else. */
static int image_zero(int image_fd, uint64_t start, uint64_t end)
{
	_cleanup_free_ uint8_t *buf = malloc(ZERO_STEP), *zeros = calloc(1, ZERO_STEP);
	uint64_t offset;
	int r;

	if (!buf || !zeros)
		return -ENOMEM;
	for (offset = start; offset < end; offset += ZERO_STEP) {
		size_t n = end - offset < ZERO_STEP ? (size_t)(end - offset) : ZERO_STEP;

		r = cdisk_pread_full(image_fd, buf, n, offset);
		if (r == 0 && memcmp(buf, zeros, n) != 0)
			r = cdisk_pwrite_full(image_fd, zeros, n, offset);
		if (r < 0)
			return r;
	}
	return 0;
}

int cdisk_luks_wipe_unused(struct cdisk *c, int image_fd)
{
	struct cdisk_luks_map map = {0};
	uint64_t size = 0, at;
	int r = cdisk_fd_size(image_fd, &size);

	if (r == 0)
		r = cdisk_luks_map(image_fd, size, &map);
	if (map.material_end > size)
		map.material_end = size;
	at = map.material_start;
	while (r == 0 && at < map.material_end) {
		uint64_t next = map.material_end, after = map.material_end;
		unsigned int i;

		/* The nearest used area that ends behind the present place. */
		for (i = 0; i < map.n_areas; i++) {
			const struct cdisk_luks_area *a = &map.areas[i];

			if (a->offset + a->size > at && a->offset < next) {
				next = a->offset;
				after = a->offset + a->size;
			}
		}
		if (next > at)
			r = image_zero(image_fd, at, next);
		at = after;
	}
	if (r < 0)
		return cdisk_fail(c, r, "cannot clear the header's copy: %s", strerror(-r));
	return 0;
}

static int requirements_check(struct cdisk *c, int image_fd)
{
	struct cdisk_luks_map map = {0};
	uint64_t size = 0;
	int r = cdisk_fd_size(image_fd, &size);

	if (r == 0)
		r = cdisk_luks_map(image_fd, size, &map);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read the header's copy: %s", strerror(-r));
	if (map.requirements[0])
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "the header has requirements that are not supported: %s",
				  map.requirements);
	return 0;
}

static int job_run(struct cdisk *c, int image_fd, const struct cdisk_luks_job *job,
		   struct cdisk_secret *key, struct cdisk_secret *secret, int *ret_keyslot)
{
	struct cdisk_luks_answer answer = {0};
	int r = requirements_check(c, image_fd);

	if (r == 0)
		r = cdisk_luks_child(c, image_fd, job, key, secret, &answer);
	if (r == 0)
		r = cdisk_luks_wipe_unused(c, image_fd);
	if (r < 0)
		return r;
	if (ret_keyslot)
		*ret_keyslot = answer.keyslot;
	return 0;
}

static int key_add(struct cdisk *c, int image_fd, unsigned int version, struct cdisk_secret *key,
		   struct cdisk_secret *new_secret, const struct cdisk_key_request *request,
		   int *ret_keyslot)
{
	struct cdisk_luks_job job = {.kind = CDISK_LUKS_KEY_ADD};
	int r;

	if (!key)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "an unbound keyslot holds no key of this volume to add another "
				  "keyslot with");
	r = job_slot(c, request, version, &job);

	return r < 0 ? r : job_run(c, image_fd, &job, key, new_secret, ret_keyslot);
}

static int key_remove(struct cdisk *c, int image_fd, unsigned int version, int keyslot)
{
	struct cdisk_luks_job job = {
		.kind = CDISK_LUKS_KEY_REMOVE,
		.version = version,
		.keyslot = keyslot,
	};

	return job_run(c, image_fd, &job, /* key= */ NULL, /* secret= */ NULL,
		       /* ret_keyslot= */ NULL);
}

int cdisk_luks1_key_add(struct cdisk *c, int image_fd, struct cdisk_secret *key,
			struct cdisk_secret *new_secret, const struct cdisk_key_request *r,
			int *ret_keyslot)
{
	return key_add(c, image_fd, 1, key, new_secret, r, ret_keyslot);
}

int cdisk_luks2_key_add(struct cdisk *c, int image_fd, struct cdisk_secret *key,
			struct cdisk_secret *new_secret, const struct cdisk_key_request *r,
			int *ret_keyslot)
{
	return key_add(c, image_fd, 2, key, new_secret, r, ret_keyslot);
}

int cdisk_luks1_key_remove(struct cdisk *c, int image_fd, int keyslot)
{
	return key_remove(c, image_fd, 1, keyslot);
}

int cdisk_luks2_key_remove(struct cdisk *c, int image_fd, int keyslot)
{
	return key_remove(c, image_fd, 2, keyslot);
}

static int job_create(struct cdisk *c, const struct cdisk_luks_create *p,
		      struct cdisk_luks_job *job)
{
	int r = job_slot(c, &p->slot, 2, job);

	if (r < 0)
		return r;
	job->kind = CDISK_LUKS_CREATE;
	job->sector_size = p->sector_size;
	job->data_offset = p->data_offset;
	job->detached = p->detached;
	if (!cdisk_cipher_split(p->cipher, job->cipher, job->mode))
		return cdisk_fail(c, -EINVAL, "'%s' is not a cipher", p->cipher);
	if (!text_set(job->id, sizeof(job->id), p->id))
		return cdisk_fail(c, -EINVAL, "'%s' is not a volume ID", p->id);
	/* The header has 48 bytes for it, one of them the end. */
	if (!text_set(job->label, 48, p->label))
		return cdisk_fail(c, -EINVAL, "the label is longer than 47 bytes");
	return 0;
}

int cdisk_luks_create(struct cdisk *c, const struct cdisk_luks_create *p, struct cdisk_secret *key,
		      struct cdisk_secret *passphrase, int *ret_image_fd)
{
	struct cdisk_luks_job job = {0};
	_cleanup_close_ int image_fd = -1;
	int r = job_create(c, p, &job);

	if (r < 0)
		return r;
	/* libcryptsetup wants a device with room for data; that part is cut off again. */
	r = cdisk_memfd_new("cryptdisk-header", CDISK_LUKS2_HEADER + (UINT64_C(1) << 20), &image_fd);
	if (r < 0)
		return cdisk_fail(c, r, "cannot make a memory file: %s", strerror(-r));
	r = job_run(c, image_fd, &job, key, passphrase, /* ret_keyslot= */ NULL);
	if (r < 0)
		return r;
	if (ftruncate(image_fd, (off_t)CDISK_LUKS2_HEADER) < 0)
		return cdisk_fail(c, -errno, "cannot cut the memory file: %s", strerror(errno));
	*ret_image_fd = cdisk_steal_fd(&image_fd);
	return 0;
}
