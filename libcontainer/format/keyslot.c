// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/keyslot.h"

#include <stdio.h>
#include <string.h>
#include "format/keyslot_area.h"

#define AREA_SECTOR 512u /* areas are encrypted in sectors of 512 bytes, counted from 0 */

bool cdisk_cipher_split(const char *text, char ret_cipher[64], char ret_mode[64])
{
	const char *dash = strchr(text, '-');
	size_t n;

	if (!dash)
		return false;
	n = (size_t)(dash - text);
	if (n == 0 || n > 63 || strlen(dash + 1) == 0 || strlen(dash + 1) > 63)
		return false;
	memcpy(ret_cipher, text, n);
	ret_cipher[n] = '\0';
	memcpy(ret_mode, dash + 1, strlen(dash + 1) + 1);
	return true;
}

static int secret_make(struct cdisk *c, size_t size, struct cdisk_secret **ret_secret)
{
	int r = cdisk_secret_alloc(size, ret_secret);

	if (r < 0)
		return cdisk_fail(c, r, "no memory is left for secrets");
	if (!(c->settings & CDISK_SET_REQUIRE_LOCKED_MEMORY) || cdisk_secret_locked())
		return 0;
	cdisk_secret_free(cdisk_steal(ret_secret));
	return cdisk_fail(c, -ENOMEM, "memory for secrets cannot be locked");
}

static int cipher_null(struct cdisk *c, const char *what)
{
	if (c->settings & CDISK_SET_ALLOW_NULL_CIPHER)
		return 1;
	(void)cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "%s: not encrypted at all (cipher_null)", what);
	cdisk_hint(c, "open it with --allow-null-cipher if that is what you expect");
	return -CDISK_ERR_UNSUPPORTED;
}

int cdisk_cipher_of(struct cdisk *c, const char *what, const char *text, uint32_t key_size,
		    uint32_t sector_size, struct cdisk_cipher_spec *ret_spec)
{
	char cipher[64], mode[64];
	int r;

	/* LUKS1 of old times, and "null" in LUKS2, name the cipher without a mode. */
	if (strcmp(text, "cipher_null") == 0 || strcmp(text, "null") == 0)
		return cipher_null(c, what);
	if (!cdisk_cipher_split(text, cipher, mode))
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "%s: the cipher '%s' is not known",
				  what, text);
	r = cdisk_cipher_parse(cipher, mode, key_size, sector_size, ret_spec);
	if (r == -EPERM)
		return cipher_null(c, what);
	if (r == -ENOMEM)
		return cdisk_fail(c, r, "%s: out of memory", what);
	if (r < 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "%s: the cipher '%s' with a key of %u bits is not supported",
				  what, text, key_size * 8);
	return 0;
}

/* The area must hold the stripes, and the header's copy the area, before any key is derived. */
static int area_check(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot)
{
	uint64_t material, end;

	if (!cdisk_mul_u64(slot->key_size, slot->stripes, &material) || slot->stripes == 0 ||
	    material > CDISK_LUKS_AREA_MAX)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "keyslot %d: %u stripes are too many",
				  slot->number, slot->stripes);
	material = cdisk_round_down(material + AREA_SECTOR - 1, AREA_SECTOR);
	if (material > slot->area_size)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "keyslot %d: its area is too small for its key", slot->number);
	if (!cdisk_add_u64(slot->area_offset, material, &end) || end > h->image_size)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "keyslot %d: the file ends before the slot's area does",
				  slot->number);
	if (slot->area_offset < h->unreadable_end && end > h->unreadable_start)
		return cdisk_fail(c, -EIO, "keyslot %d: its area cannot be read: %s", slot->number,
				  strerror(EIO));
	return 0;
}

/* Everything about a slot that can be refused before anything is computed. */
static int slot_check(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot,
		      const struct cdisk_slot_digest *digest)
{
	char why[200] = "";
	int r;

	if (slot->key_size == 0 || slot->key_size > CDISK_LUKS_KEY_MAX ||
	    slot->area_key_size == 0 || slot->area_key_size > CDISK_LUKS_KEY_MAX)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "keyslot %d: a key of %u bytes",
				  slot->number, slot->key_size);
	r = area_check(c, h, slot);
	if (r < 0)
		return r;
	if (cdisk_hash_size(slot->af_hash) <= 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "keyslot %d: the hash '%s' is not supported", slot->number,
				  slot->af_hash);
	r = cdisk_kdf_check(&slot->kdf, why);
	if (r == 0)
		r = cdisk_kdf_check(&digest->kdf, why);
	return r < 0 ? cdisk_fail(c, r, "keyslot %d: %s", slot->number, why) : 0;
}

static int slot_tick(void *data)
{
	return cdisk_progress(data, "deriving key", 0, 0);
}

/* Runs a derivation and words what went wrong; cancelling has its sentence already. */
static int slot_derive(struct cdisk *c, int number, const struct cdisk_kdf *kdf,
		       struct cdisk_secret *input, uint8_t *key, size_t key_size)
{
	int r = cdisk_kdf_derive(kdf, input, key, key_size, slot_tick, c);

	if (r >= 0 || r == -ECANCELED)
		return r;
	if (r == -ENOMEM)
		return cdisk_fail(c, r,
				  "keyslot %d: not enough memory to derive the key (%s, %llu MiB)",
				  number, kdf->type, (unsigned long long)(kdf->memory >> 10));
	if (r == -EOPNOTSUPP)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
				  "keyslot %d: the key derivation %s%s%s is not supported", number,
				  kdf->type, kdf->hash[0] ? " with " : "", kdf->hash);
	return cdisk_fail(c, r, "keyslot %d: cannot derive the key: %s", number, strerror(-r));
}

/* The cipher of the slot's area with the key that the passphrase gives; NULL for cipher_null. */
static int area_cipher(struct cdisk *c, const struct cdisk_slot *slot, struct cdisk_secret *secret,
		       struct cdisk_cipher **ret_cipher)
{
	_cleanup_secret_ struct cdisk_secret *area_key = NULL;
	struct cdisk_cipher_spec spec = {0};
	char what[32];
	int r;

	(void)snprintf(what, sizeof(what), "keyslot %d", slot->number);
	r = cdisk_cipher_of(c, what, slot->cipher, slot->area_key_size, AREA_SECTOR, &spec);
	if (r != 0)
		return r < 0 ? r : 0;
	r = secret_make(c, slot->area_key_size, &area_key);
	if (r < 0)
		return r;
	r = slot_derive(c, slot->number, &slot->kdf, secret, cdisk_secret_data(area_key),
			slot->area_key_size);
	if (r < 0)
		return r;
	r = cdisk_cipher_new(&spec, cdisk_secret_data(area_key), ret_cipher);
	if (r < 0)
		return cdisk_fail(c, r, "keyslot %d: cannot use the cipher '%s': %s", slot->number,
				  slot->cipher, strerror(-r));
	return 0;
}

/* 0 = this is the key; -CDISK_ERR_PASSPHRASE = it is not. */
static int key_verify(struct cdisk *c, int number, const struct cdisk_slot_digest *digest,
		      struct cdisk_secret *key)
{
	_cleanup_secret_ struct cdisk_secret *computed = NULL;
	int r = secret_make(c, digest->digest_size, &computed);

	if (r < 0)
		return r;
	r = slot_derive(c, number, &digest->kdf, key, cdisk_secret_data(computed),
			digest->digest_size);
	if (r < 0)
		return r;
	if (!cdisk_memequal(cdisk_secret_data(computed), digest->digest, digest->digest_size))
		return -CDISK_ERR_PASSPHRASE;
	return 0;
}

int cdisk_slot_open(struct cdisk *c, const struct cdisk_header *h, const struct cdisk_slot *slot,
		    const struct cdisk_slot_digest *digest, struct cdisk_secret *secret,
		    struct cdisk_secret **ret_key)
{
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	_cleanup_cipher_ struct cdisk_cipher *cipher = NULL;
	int r;

	r = slot_check(c, h, slot, digest);
	if (r < 0)
		return r;
	r = area_cipher(c, slot, secret, &cipher);
	if (r < 0)
		return r;
	r = secret_make(c, slot->key_size, &key);
	if (r == 0)
		r = cdisk_slot_merge(c, h, slot, cipher, cdisk_secret_data(key));
	if (r == 0)
		r = key_verify(c, slot->number, digest, key);
	if (r < 0)
		return r;
	*ret_key = cdisk_steal(&key);
	return 0;
}
