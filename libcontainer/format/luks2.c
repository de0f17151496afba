// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/luks.h"

#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "format/luks2_header.h"
#include "format/luks_common.h"
#include "format/luks_library.h"
#include "format/luks_map.h"
#include "format/text.h"

struct luks2_state {
	struct cdisk_luks2 meta;
	uint64_t area;
};

/* A primary header of any version but 1 (a newer one is named as such), or a secondary one. */
static int luks2_probe(const struct cdisk_header *h)
{
	uint8_t bytes[CDISK_LUKS2_BINARY];
	struct cdisk_luks2_header header;
	int r;

	if (h->image_size < sizeof(bytes))
		return 0;
	r = cdisk_pread_full(h->image_fd, bytes, sizeof(bytes), 0);
	if (r < 0)
		return r;
	if (cdisk_luks_version(bytes, sizeof(bytes)) > 1)
		return 1;
	CDISK_LUKS2_EACH_COPY_SIZE (offset) {
		if (!cdisk_range_inside(offset, sizeof(bytes), h->image_size))
			return 0;
		r = cdisk_pread_full(h->image_fd, bytes, sizeof(bytes), offset);
		if (r < 0)
			return r;
		if (cdisk_luks2_header_parse(bytes, sizeof(bytes), true, &header))
			return 1;
	}
	return 0;
}

/* Facts of the binary header that counts: the text of the metadata has none of them. */
static int binary_info(struct cdisk *c, const struct cdisk_header *h,
		       const struct cdisk_luks_map *map, struct cdisk_info *info)
{
	uint64_t offset = map->newest_secondary ? map->copy_size : 0;
	uint8_t bytes[CDISK_LUKS2_BINARY];
	struct cdisk_luks2_header header;
	int r = cdisk_pread_full(h->image_fd, bytes, sizeof(bytes), offset);

	if (r < 0)
		return cdisk_fail(c, r, "cannot read the copy of the header: %s", strerror(-r));
	if (map->version != 2 ||
	    !cdisk_luks2_header_parse(bytes, sizeof(bytes), offset > 0, &header))
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "no LUKS2 header copy is intact");
	cdisk_volume_id(header.uuid, info->id);
	cdisk_text_ascii(info->uuid, sizeof(info->uuid), header.uuid, sizeof(header.uuid));
	cdisk_text_printable(info->label, sizeof(info->label), header.label, sizeof(header.label));
	info->generation = header.seqid;
	/* A copy that a broken-off change left stale needs mending, too. */
	info->primary_damaged = !map->intact[0] || (map->stale && map->newest_secondary);
	info->secondary_damaged = !map->intact[1] || (map->stale && !map->newest_secondary);
	return 0;
}

static bool is_null_cipher(const char *encryption)
{
	return strncmp(encryption, "cipher_null", strlen("cipher_null")) == 0 ||
	       strcmp(encryption, "null") == 0;
}

static bool slot_unbound(const struct cdisk_luks2 *m, int number)
{
	const struct cdisk_luks2_digest *digest = cdisk_luks2_digest_of(m, number);

	return !digest || digest->segments == 0;
}

static void keyslot_info(const struct cdisk_luks2 *m, struct cdisk_info *info)
{
	unsigned int i;

	for (i = 0; i < m->n_keyslots && i < CDISK_KEYSLOTS_MAX; i++) {
		const struct cdisk_luks2_keyslot *k = &m->keyslots[i];
		struct cdisk_keyslot *s = &info->keyslots[info->n_keyslots++];
		const struct cdisk_kdf *kdf = &k->slot.kdf;

		s->number = k->slot.number;
		s->unbound = slot_unbound(m, s->number);
		memcpy(s->kind, k->kind, sizeof(s->kind));
		memcpy(s->label, k->label, sizeof(s->label));
		cdisk_text_ascii(s->kdf, sizeof(s->kdf), kdf->type, sizeof(kdf->type));
		cdisk_text_ascii(s->hash, sizeof(s->hash), k->slot.af_hash,
				 sizeof(k->slot.af_hash));
		cdisk_text_ascii(s->cipher, sizeof(s->cipher), k->slot.cipher,
				 sizeof(k->slot.cipher));
		s->memory = kdf->memory << 10;
		s->passes = kdf->passes;
		s->lanes = kdf->lanes;
		s->key_size = k->slot.key_size;
		if (!s->unbound && info->key_size == 0)
			info->key_size = s->key_size;
	}
}

static void segment_info(const struct cdisk_header *h, const struct cdisk_luks2 *m,
			 struct cdisk_info *info)
{
	const struct cdisk_luks2_segment *s = &m->segments[0];

	if (m->n_segments == 0)
		return;
	cdisk_text_ascii(info->cipher, sizeof(info->cipher), s->encryption, sizeof(s->encryption));
	info->null_cipher = is_null_cipher(s->encryption);
	info->sector_size = s->sector_size;
	info->data_offset = s->offset;
	info->data_size = s->size;
	if (s->dynamic && h->data_size > s->offset)
		info->data_size = h->data_size - s->offset;
	if (s->sector_size > 0)
		info->data_size = cdisk_round_down(info->data_size, s->sector_size);
}

/* libcryptsetup has validated the text; what it lets pass and we cannot read is not supported. */
static int meta_load(struct cdisk *c, const struct cdisk_header *h, struct cdisk_luks2 *ret_meta)
{
	_cleanup_free_ char *json = NULL;
	const char *why = NULL;
	int r = cdisk_luks_validate(c, h->image_fd, 2, &json);

	if (r < 0)
		return r;
	r = cdisk_luks2_parse(json, strlen(json), ret_meta, &why);
	if (r == -ENOMEM)
		return cdisk_fail(c, r, "out of memory");
	if (r < 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "the LUKS2 header: %s", why);
	return 0;
}

static int version_check(struct cdisk *c, const struct cdisk_header *h)
{
	uint8_t bytes[CDISK_LUKS_MAGIC_SIZE + 2] = {0};
	unsigned int version;
	int r = cdisk_pread_full(h->image_fd, bytes, sizeof(bytes), 0);

	if (r < 0)
		return cdisk_fail(c, r, "cannot read the copy of the header: %s", strerror(-r));
	version = cdisk_luks_version(bytes, sizeof(bytes));
	if (version > 2)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "LUKS version %u is not supported",
				  version);
	return 0;
}

/* The text of one header copy, wherever libcryptsetup may look for one. */
static int text_check(struct cdisk *c, const struct cdisk_header *h, uint64_t offset)
{
	_cleanup_free_ char *text = NULL;
	uint8_t bytes[CDISK_LUKS2_BINARY];
	struct cdisk_luks2_header header;
	uint64_t start = offset + sizeof(bytes), size;
	int r;

	if (start >= h->image_size)
		return 0;
	r = cdisk_pread_full(h->image_fd, bytes, sizeof(bytes), offset);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read the copy of the header: %s", strerror(-r));
	if (!cdisk_luks2_header_parse(bytes, sizeof(bytes), offset > 0, &header))
		return 0;
	size = header.size - sizeof(bytes);
	if (size > h->image_size - start)
		size = h->image_size - start;
	text = malloc(size);
	if (!text)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	r = cdisk_pread_full(h->image_fd, text, size, start);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read the copy of the header: %s", strerror(-r));
	if (!cdisk_luks2_text_bounded(text, size))
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "the LUKS2 header: its metadata has more than %u parts",
				  CDISK_LUKS2_PARTS_MAX);
	return 0;
}

static int texts_check(struct cdisk *c, const struct cdisk_header *h)
{
	int r = text_check(c, h, 0);

	CDISK_LUKS2_EACH_COPY_SIZE (offset)
		if (r == 0)
			r = text_check(c, h, offset);
	return r;
}

static int luks2_load(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *l)
{
	struct luks2_state *state = calloc(1, sizeof(*state));
	struct cdisk_luks_map map = {0};
	int r;

	if (!state)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	l->state = state;
	r = version_check(c, h);
	if (r == 0)
		r = texts_check(c, h);
	if (r < 0)
		return r;
	r = cdisk_luks_map(h->image_fd, h->image_size, &map);
	if (r < 0)
		return cdisk_fail(c, r, "cannot read the copy of the header: %s", strerror(-r));
	if (map.version == 2 && map.material_end > h->header_file_size)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "the LUKS2 header is damaged: the file ends before its keyslots do");
	r = meta_load(c, h, &state->meta);
	if (r < 0)
		return r;
	r = binary_info(c, h, &map, &l->info);
	if (r < 0)
		return r;
	state->area = 2 * map.copy_size + state->meta.keyslots_size;
	(void)snprintf(l->info.format, sizeof(l->info.format), "LUKS2");
	memcpy(l->info.requirements, state->meta.requirements, sizeof(l->info.requirements));
	l->info.header_size = state->area;
	keyslot_info(&state->meta, &l->info);
	segment_info(h, &state->meta, &l->info);
	return 0;
}

static int segment_supported(struct cdisk *c, const struct cdisk_luks2_segment *s)
{
	if (strcmp(s->type, "crypt") != 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "segment %u: the type '%s' is not supported", s->number, s->type);
	if (s->integrity)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "segment %u: authenticated encryption is not supported",
				  s->number);
	if (s->sector_size < CDISK_SECTOR_MIN || s->sector_size > CDISK_SECTOR_MAX ||
	    (s->sector_size & (s->sector_size - 1)) != 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "segment %u: sectors of %u bytes",
				  s->number, s->sector_size);
	return 0;
}

/* Bytes of data the segment has, or the reason why it has none. */
static int segment_length(struct cdisk *c, const struct cdisk_header *h,
			  const struct cdisk_luks2_segment *s, uint64_t *ret_length)
{
	uint64_t length = s->size;

	if (s->offset % CDISK_SECTOR_MIN != 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the data begins at byte %llu, which is "
							 "not a sector",
				  (unsigned long long)s->offset);
	if (s->offset >= h->data_size)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "the file has no data: it ends at byte %llu, the data begins at "
				  "byte %llu",
				  (unsigned long long)h->data_size, (unsigned long long)s->offset);
	if (s->dynamic)
		length = h->data_size - s->offset;
	if (length > h->data_size - s->offset)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "the header tells of %llu bytes of data, the file has %llu",
				  (unsigned long long)length,
				  (unsigned long long)(h->data_size - s->offset));
	length = cdisk_round_down(length, s->sector_size);
	if (length == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "the file has less data than one sector of %u bytes",
				  s->sector_size);
	*ret_length = length;
	return 0;
}

static int segment_describe(struct cdisk *c, const struct cdisk_header *h,
			    const struct cdisk_luks2_segment *s, uint32_t key_size,
			    struct cdisk_description *d)
{
	struct cdisk_segment *out = &d->segments[d->n_segments];
	int r = segment_supported(c, s);

	if (r == 0)
		r = segment_length(c, h, s, &out->length);
	if (r < 0)
		return r;
	r = cdisk_cipher_of(c, "the data", s->encryption, key_size, s->sector_size, &out->cipher);
	if (r < 0)
		return r;
	out->kind = r > 0 ? CDISK_SEGMENT_LINEAR : CDISK_SEGMENT_CRYPT;
	if (r > 0)
		out->cipher = (struct cdisk_cipher_spec){.sector_size = s->sector_size,
							 .iv_unit = CDISK_SECTOR_MIN};
	out->start = d->size;
	out->offset = s->offset;
	out->iv0 = s->iv_tweak;
	d->n_segments++;
	d->dynamic = s->dynamic;
	if (s->sector_size > d->sector_size)
		d->sector_size = s->sector_size;
	if (!cdisk_add_u64(d->size, out->length, &d->size))
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the data is larger than any file");
	return 0;
}

/* Several segments are fine when they follow each other without a gap. */
static int segments_describe(struct cdisk *c, const struct cdisk_header *h,
			     const struct cdisk_luks2 *m, uint32_t key_size,
			     struct cdisk_description *d)
{
	unsigned int i;
	int r;

	if (m->n_segments == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the header names no data area");
	if (key_size == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the header has no usable keyslot");
	for (i = 0; i < m->n_segments; i++) {
		const struct cdisk_luks2_segment *s = &m->segments[i];

		if (i > 0 && (m->segments[i - 1].dynamic ||
			      s->offset != m->segments[i - 1].offset + m->segments[i - 1].size))
			return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
					  "segment %u does not follow the one before it",
					  s->number);
		r = segment_describe(c, h, s, key_size, d);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A detached header that is opened alone would take itself for the data, and be written over. */
static int data_check(struct cdisk *c, const struct cdisk_header *h,
		      const struct luks2_state *state)
{
	unsigned int i;

	for (i = 0; !h->detached && i < state->meta.n_segments; i++) {
		if (state->meta.segments[i].offset >= state->area)
			continue;
		(void)cdisk_fail(c, -CDISK_ERR_CORRUPT,
				 "this is a detached header: its data lies in another file");
		cdisk_hint(c, "name the file with the data, and this one with --header");
		return -CDISK_ERR_CORRUPT;
	}
	return 0;
}

static int slot_try(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_luks2 *m,
		    const struct cdisk_luks2_keyslot *k, struct cdisk_secret *secret,
		    struct cdisk_secret **ret_key)
{
	const struct cdisk_luks2_digest *digest = cdisk_luks2_digest_of(m, k->slot.number);

	if (!k->opens || !digest)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "keyslot %d holds nothing that a passphrase opens",
				  k->slot.number);
	return cdisk_slot_open(c, h, &k->slot, &digest->digest, secret, ret_key);
}

/* Whatever a slot answers but "wrong" is kept while others may open: its sentence stays. */
static int slots_try(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_luks2 *m,
		     struct cdisk_secret *secret, struct cdisk_secret **ret_key, int *ret_keyslot)
{
	unsigned int priority, i, tried = 0;
	int worst = -CDISK_ERR_PASSPHRASE;

	for (priority = 2; priority > 0; priority--) {
		for (i = 0; i < m->n_keyslots; i++) {
			const struct cdisk_luks2_keyslot *k = &m->keyslots[i];
			int r;

			if (!k->opens || k->priority != priority || slot_unbound(m, k->slot.number))
				continue;
			tried++;
			r = slot_try(c, h, m, k, secret, ret_key);
			if (r == 0)
				*ret_keyslot = k->slot.number;
			if (r == 0 || r == -ECANCELED)
				return r;
			worst = r == -CDISK_ERR_PASSPHRASE ? worst : r;
		}
	}
	if (tried == 0)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "the header has no usable keyslot");
	if (worst == -CDISK_ERR_PASSPHRASE)
		return cdisk_fail(c, worst, "no keyslot opens with this passphrase");
	return worst;
}

static int slot_named(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_luks2 *m,
		      struct cdisk_secret *secret, int keyslot, bool need_data,
		      struct cdisk_secret **ret_key)
{
	unsigned int i;
	int r;

	for (i = 0; i < m->n_keyslots && m->keyslots[i].slot.number != keyslot; i++)
		;
	if (i == m->n_keyslots)
		return cdisk_fail(c, -ENOENT, "keyslot %d is not in use", keyslot);
	if (need_data && slot_unbound(m, keyslot))
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "keyslot %d is unbound: it holds no key of this volume", keyslot);
	r = slot_try(c, h, m, &m->keyslots[i], secret, ret_key);
	if (r == -CDISK_ERR_PASSPHRASE)
		return cdisk_fail(c, r, "keyslot %d does not open with this passphrase", keyslot);
	return r;
}

static void description_name(const struct cdisk_info *info, struct cdisk_description *d)
{
	memcpy(d->id, info->id, sizeof(d->id));
	memcpy(d->format, info->format, sizeof(d->format));
	memcpy(d->label, info->label, sizeof(d->label));
}

static int luks2_unlock(struct cdisk *c, const struct cdisk_header *h, struct cdisk_loaded *l,
			struct cdisk_secret *secret, int keyslot, bool need_data,
			struct cdisk_description *ret_d, int *ret_keyslot)
{
	CDISK_CLEANUP(cdisk_description_done) struct cdisk_description d = {0};
	const struct luks2_state *state = l->state;
	const struct cdisk_luks2 *m = &state->meta;
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	int slot = keyslot, r;

	if (m->requirements[0])
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "the header has requirements that are not supported: %s",
				  m->requirements);
	r = need_data ? data_check(c, h, state) : 0;
	if (r == 0 && need_data)
		r = segments_describe(c, h, m, l->info.key_size, &d);
	if (r < 0)
		return r;
	if (keyslot < 0)
		r = slots_try(c, h, m, secret, &key, &slot);
	else
		r = slot_named(c, h, m, secret, keyslot, need_data, &key);
	if (r < 0)
		return r;
	if (need_data && cdisk_secret_size(key) != l->info.key_size)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT, "keyslot %d holds a key of another size",
				  slot);
	description_name(&l->info, &d);
	if (!slot_unbound(m, slot))
		d.key = cdisk_steal(&key);
	*ret_d = d;
	d.key = NULL;
	*ret_keyslot = slot;
	return 0;
}

static void luks2_done(struct cdisk_loaded *l)
{
	free(l->state);
	l->state = NULL;
}

static uint64_t luks2_area(const struct cdisk_loaded *l)
{
	const struct luks2_state *state = l->state;

	return state->area;
}

const struct cdisk_format cdisk_format_luks2 = {
	.name = "LUKS2",
	.n_slots = CDISK_KEYSLOTS_MAX,
	.probe = luks2_probe,
	.load = luks2_load,
	.unlock = luks2_unlock,
	.done = luks2_done,
	.key_add = cdisk_luks2_key_add,
	.key_remove = cdisk_luks2_key_remove,
	.repair = cdisk_luks2_repair,
	.area = luks2_area,
};
