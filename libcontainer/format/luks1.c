// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks.h"

#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "format/keyslot.h"
#include "format/luks1_header.h"
#include "format/luks2_header.h"
#include "format/luks_common.h"
#include "format/luks_library.h"
#include "format/text.h"

#define SECTOR CDISK_SECTOR_MIN

static int luks1_probe(const struct cdisk_header *h)
{
	uint8_t bytes[CDISK_LUKS_MAGIC_SIZE + 2];
	int r;

	if (h->image_size < sizeof(bytes))
		return 0;
	r = cdisk_pread_full(h->image_fd, bytes, sizeof(bytes), 0);
	return r < 0 ? r : cdisk_luks_version(bytes, sizeof(bytes)) == 1;
}

/* "aes" and "xts-plain64" as one text; LUKS1 of old times has ciphers without a mode. */
static void cipher_text(const struct cdisk_luks1 *m, char text[64])
{
	size_t n = strlen(m->cipher), mode = strlen(m->mode);

	memcpy(text, m->cipher, n);
	if (mode > 0 && n + 1 + mode < 64) {
		text[n++] = '-';
		memcpy(text + n, m->mode, mode);
		n += mode;
	}
	text[n] = '\0';
}

static void keyslot_info(const struct cdisk_luks1 *m, struct cdisk_info *info)
{
	unsigned int i;

	for (i = 0; i < CDISK_LUKS1_SLOTS; i++) {
		struct cdisk_keyslot *s = &info->keyslots[info->n_keyslots];

		if (!m->slots[i].active)
			continue;
		info->n_keyslots++;
		s->number = (int)i;
		(void)snprintf(s->kdf, sizeof(s->kdf), "pbkdf2");
		cdisk_text_ascii(s->hash, sizeof(s->hash), m->hash, sizeof(m->hash));
		memcpy(s->cipher, info->cipher, sizeof(s->cipher));
		s->passes = m->slots[i].iterations;
		s->key_size = m->key_size;
	}
}

static void luks1_info(const struct cdisk_header *h, const struct cdisk_luks1 *m,
		       struct cdisk_info *info)
{
	char text[64];

	(void)snprintf(info->format, sizeof(info->format), "LUKS1");
	cdisk_volume_id(m->uuid, info->id);
	cdisk_text_ascii(info->uuid, sizeof(info->uuid), m->uuid, sizeof(m->uuid));
	cipher_text(m, text);
	cdisk_text_ascii(info->cipher, sizeof(info->cipher), text, sizeof(text));
	info->null_cipher = strncmp(text, "cipher_null", strlen("cipher_null")) == 0;
	info->key_size = m->key_size;
	info->sector_size = SECTOR;
	info->header_size = m->area;
	info->data_offset = m->payload_offset;
	if (h->data_size > m->payload_offset)
		info->data_size = cdisk_round_down(h->data_size - m->payload_offset, SECTOR);
	keyslot_info(m, info);
}

static int luks1_load(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *l)
{
	uint8_t bytes[CDISK_LUKS1_HEADER] = {0};
	struct cdisk_luks1 *m = calloc(1, sizeof(*m));
	const char *why;
	size_t size = sizeof(bytes);
	int r;

	if (!m)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	l->state = m;
	if (h->image_size < size)
		size = (size_t)h->image_size;
	r = cdisk_pread_full(h->image_fd, bytes, size, 0);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read the copy of the header: %s", strerror(-r));
	why = cdisk_luks1_parse(bytes, size, m);
	if (!why && m->area > h->header_file_size)
		why = "the file ends before its keyslots do";
	if (why)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the LUKS1 header is damaged: %s", why);
	r = cdisk_luks_validate(c, h->image_fd, 1, /* ret_json= */ NULL);
	if (r < 0)
		return r;
	luks1_info(h, m, &l->info);
	return 0;
}

static void luks1_slot(const struct cdisk_luks1 *m, unsigned int number, struct cdisk_slot *slot,
		       struct cdisk_slot_digest *digest)
{
	const struct cdisk_luks1_slot *s = &m->slots[number];

	*slot = (struct cdisk_slot){
		.number = (int)number,
		.kdf = {.type = "pbkdf2", .passes = s->iterations, .salt_size = sizeof(s->salt)},
		.area_key_size = m->key_size,
		.area_offset = s->offset,
		.area_size = s->size,
		.stripes = s->stripes,
		.key_size = m->key_size,
	};
	*digest = (struct cdisk_slot_digest){
		.kdf = {.type = "pbkdf2",
			.passes = m->digest_iterations,
			.salt_size = sizeof(m->digest_salt)},
		.digest_size = sizeof(m->digest),
	};
	memcpy(slot->kdf.salt, s->salt, sizeof(s->salt));
	memcpy(slot->kdf.hash, m->hash, sizeof(slot->kdf.hash));
	memcpy(slot->af_hash, m->hash, sizeof(slot->af_hash));
	cipher_text(m, slot->cipher);
	memcpy(digest->kdf.salt, m->digest_salt, sizeof(m->digest_salt));
	memcpy(digest->kdf.hash, m->hash, sizeof(digest->kdf.hash));
	memcpy(digest->digest, m->digest, sizeof(m->digest));
}

static int slot_try(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_luks1 *m,
		    unsigned int number, struct cdisk_secret *secret, struct cdisk_secret **ret_key)
{
	struct cdisk_slot slot;
	struct cdisk_slot_digest digest;

	luks1_slot(m, number, &slot, &digest);
	return cdisk_slot_open(c, h, &slot, &digest, secret, ret_key);
}

static int slots_try(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_luks1 *m,
		     struct cdisk_secret *secret, struct cdisk_secret **ret_key, int *ret_keyslot)
{
	int worst = -CDISK_ERR_PASSPHRASE;
	unsigned int i, tried = 0;

	for (i = 0; i < CDISK_LUKS1_SLOTS; i++) {
		int r;

		if (!m->slots[i].active)
			continue;
		tried++;
		r = slot_try(c, h, m, i, secret, ret_key);
		if (r == 0)
			*ret_keyslot = (int)i;
		if (r == 0 || r == -ECANCELED)
			return r;
		worst = r == -CDISK_ERR_PASSPHRASE ? worst : r;
	}
	if (tried == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the header has no usable keyslot");
	if (worst == -CDISK_ERR_PASSPHRASE)
		return cdisk_fail(c, worst, "no keyslot opens with this passphrase");
	return worst;
}

static int slot_named(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_luks1 *m,
		      struct cdisk_secret *secret, int keyslot, struct cdisk_secret **ret_key)
{
	int r;

	if ((unsigned int)keyslot >= CDISK_LUKS1_SLOTS || !m->slots[keyslot].active)
		return cdisk_fail(c, -ENOENT, "keyslot %d is not in use", keyslot);
	r = slot_try(c, h, m, (unsigned int)keyslot, secret, ret_key);
	if (r == -CDISK_ERR_PASSPHRASE)
		return cdisk_fail(c, r, "keyslot %d does not open with this passphrase", keyslot);
	return r;
}

static int luks1_describe(struct cdisk *c, const struct cdisk_header *h,
			  const struct cdisk_loaded *l, struct cdisk_description *d)
{
	struct cdisk_segment *s = &d->segments[0];
	const struct cdisk_info *info = &l->info;
	int r;

	if (info->data_size == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "the file has no data: it ends at byte %llu, the data begins at "
				  "byte %llu",
				  (unsigned long long)h->data_size,
				  (unsigned long long)info->data_offset);
	r = cdisk_cipher_of(c, "the data", info->cipher, info->key_size, SECTOR, &s->cipher);
	if (r < 0)
		return r;
	s->kind = r > 0 ? CDISK_SEGMENT_LINEAR : CDISK_SEGMENT_CRYPT;
	if (r > 0)
		s->cipher =
			(struct cdisk_cipher_spec){.sector_size = SECTOR, .iv_unit = SECTOR};
	s->length = info->data_size;
	s->offset = info->data_offset;
	d->n_segments = 1;
	d->size = s->length;
	d->sector_size = SECTOR;
	d->dynamic = true;
	return 0;
}

/* What can be refused before a key is derived. */
static int luks1_data_check(struct cdisk *c, const struct cdisk_header *h,
			    const struct cdisk_loaded *l)
{
	if (l->info.n_keyslots == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the header has no usable keyslot");
	if (!h->detached && l->info.data_offset == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "this is a detached header: its data lies in another file");
	return 0;
}

static int luks1_unlock(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *l,
			struct cdisk_secret *secret, int keyslot, bool need_data,
			struct cdisk_description *ret_d, int *ret_keyslot)
{
	struct cdisk_description d = {0};
	const struct cdisk_luks1 *m = l->state;
	int slot = keyslot, r = 0;

	if (need_data) {
		r = luks1_data_check(c, h, l);
		if (r == 0)
			r = luks1_describe(c, h, l, &d);
	}
	if (r < 0)
		return r;
	if (keyslot < 0)
		r = slots_try(c, h, m, secret, &d.key, &slot);
	else
		r = slot_named(c, h, m, secret, keyslot, &d.key);
	if (r < 0)
		return r;
	memcpy(d.id, l->info.id, sizeof(d.id));
	memcpy(d.format, l->info.format, sizeof(d.format));
	*ret_d = d;
	*ret_keyslot = slot;
	return 0;
}

static void luks1_done(struct cdisk_loaded *l)
{
	free(l->state);
	l->state = NULL;
}

static uint64_t luks1_area(const struct cdisk_loaded *l)
{
	return l->info.header_size;
}

const struct cdisk_format cdisk_format_luks1 = {
	.name = "LUKS1",
	.n_slots = CDISK_LUKS1_SLOTS,
	.probe = luks1_probe,
	.load = luks1_load,
	.unlock = luks1_unlock,
	.done = luks1_done,
	.key_add = cdisk_luks1_key_add,
	.key_remove = cdisk_luks1_key_remove,
	.area = luks1_area,
};
