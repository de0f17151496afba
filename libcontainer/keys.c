// SPDX-License-Identifier: GPL-2.0-or-later
/* Adding, removing, changing and testing keyslots; each a guarded change (change.h). */
#include <string.h>
#include "change.h"
#include "crypto/crypto.h"
#include "kdf_choice.h"

/* The volume key and the slot that a secret opens. */
static int key_of(struct cdisk_container *ct, struct cdisk_secret *secret, int keyslot,
		  struct cdisk_secret **ret_key, int *ret_keyslot)
{
	struct cdisk_description d = {0};
	int r = ct->loaded.format->unlock(ct->c, &ct->header, &ct->loaded, secret, keyslot,
					  /* need_data= */ false, &d, ret_keyslot);

	if (r == 0 && ret_key)
		*ret_key = cdisk_steal(&d.key);
	cdisk_description_done(&d);
	return r;
}

int cdisk_key_test(struct cdisk_container *ct, struct cdisk_secret *secret, int keyslot,
		   int *ret_keyslot)
{
	int slot = -1, r;

	if (!secret || keyslot < -1 || keyslot >= CDISK_KEYSLOTS_MAX)
		return cdisk_fail(ct->c, -EINVAL, "no passphrase, or no such keyslot");
	r = key_of(ct, secret, keyslot, NULL, &slot);
	if (r == 0)
		*ret_keyslot = slot;
	return r;
}

static const struct cdisk_keyslot *slot_info(const struct cdisk_info *info, int keyslot)
{
	for (unsigned int i = 0; i < info->n_keyslots; i++)
		if (info->keyslots[i].number == keyslot)
			return &info->keyslots[i];
	return NULL;
}

static int request_fill(struct cdisk *c, const struct cdisk_key *p, struct cdisk_key_request *ret)
{
	if (p->keyslot < -1 || p->keyslot >= CDISK_KEYSLOTS_MAX)
		return cdisk_fail(c, -EINVAL, "keyslots are numbered from 0 to %d",
				  CDISK_KEYSLOTS_MAX - 1);
	if (p->label && strlen(p->label) >= CDISK_NAME_SIZE)
		return cdisk_fail(c, -EINVAL, "a label may have %d bytes at most",
				  CDISK_NAME_SIZE - 1);
	ret->label = p->label;
	ret->kind = p->kind ? p->kind : "passphrase";
	ret->keyslot = p->keyslot;
	return cdisk_kdf_choose(c, p->kdf_memory, p->kdf_passes, &ret->kdf_memory,
				&ret->kdf_passes, &ret->kdf_lanes);
}

static int add_in_image(struct cdisk_change *ch, struct cdisk_secret *old_secret,
			struct cdisk_secret *new_secret, const struct cdisk_key_request *request,
			int *ret_keyslot)
{
	struct cdisk_container *ct = ch->ct;
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	int slot, r;

	if (request->keyslot >= 0 && slot_info(&ct->loaded.info, request->keyslot))
		return cdisk_fail(ct->c, -EEXIST, "keyslot %d of %s is in use", request->keyslot,
				  cdisk_container_name(ct));
	r = key_of(ct, old_secret, -1, &key, &slot);
	if (r < 0)
		return r;
	return ct->loaded.format->key_add(ct->c, ch->image, key, new_secret, request, ret_keyslot);
}

int cdisk_key_add(struct cdisk_container *ct, struct cdisk_secret *old_secret,
		  struct cdisk_secret *new_secret, const struct cdisk_key *params, int *ret_keyslot)
{
	struct cdisk_change ch = {.image = -1};
	struct cdisk_key_request request;
	int slot = -1, r;

	if (!old_secret || !new_secret || !params)
		return cdisk_fail(ct->c, -EINVAL, "an old and a new passphrase are needed");
	r = request_fill(ct->c, params, &request);
	if (r < 0)
		return r;
	r = cdisk_change_begin(ct, &ch);
	if (r < 0)
		return r;
	r = add_in_image(&ch, old_secret, new_secret, &request, &slot);
	if (r == 0)
		r = cdisk_change_write(&ch, new_secret, slot, params->flags);
	cdisk_change_end(&ch);
	if (r == 0)
		*ret_keyslot = slot;
	return r;
}

/* Keyslots that hold no key of this volume open nothing: they do not count. */
static bool is_last(const struct cdisk_info *info, int keyslot)
{
	bool bound = false;

	for (unsigned int i = 0; i < info->n_keyslots; i++) {
		if (info->keyslots[i].unbound)
			continue;
		if (info->keyslots[i].number != keyslot)
			return false;
		bound = true;
	}
	return bound;
}

static int remove_in_image(struct cdisk_change *ch, int keyslot, struct cdisk_secret *secret,
			   uint32_t flags, int *ret_keyslot)
{
	struct cdisk_container *ct = ch->ct;
	const struct cdisk_info *info = &ct->loaded.info;
	int slot = keyslot, r;

	if (secret) {
		r = key_of(ct, secret, keyslot, NULL, &slot);
		if (r < 0)
			return r;
	}
	if (!slot_info(info, slot))
		return cdisk_fail(ct->c, -CDISK_ERR_NOT_FOUND, "%s has no keyslot %d",
				  cdisk_container_name(ct), slot);
	if (is_last(info, slot) && !(flags & CDISK_REMOVE_LAST)) {
		cdisk_fail(ct->c, -EINVAL, "keyslot %d is the last one of %s: without it nobody can "
			   "ever open the data", slot, cdisk_container_name(ct));
		cdisk_hint(ct->c, "add another key first, or use 'cryptdisk erase'");
		return -EINVAL;
	}
	r = ct->loaded.format->key_remove(ct->c, ch->image, slot);
	if (r == 0)
		*ret_keyslot = slot;
	return r;
}

int cdisk_key_remove(struct cdisk_container *ct, int keyslot, struct cdisk_secret *secret,
		     uint32_t flags, int *ret_keyslot)
{
	struct cdisk_change ch = {.image = -1};
	int slot = -1, r;

	if (keyslot < 0 && !secret)
		return cdisk_fail(ct->c, -EINVAL, "a keyslot number or its passphrase is needed");
	r = cdisk_change_begin(ct, &ch);
	if (r < 0)
		return r;
	r = remove_in_image(&ch, keyslot, secret, flags, &slot);
	if (r == 0)
		r = cdisk_change_write(&ch, /* secret= */ NULL, -1, flags);
	if (r == 0 && slot_info(&ct->loaded.info, slot))
		r = cdisk_fail(ct->c, -EIO, "keyslot %d is still there after it was removed", slot);
	cdisk_change_end(&ch);
	if (r == 0)
		*ret_keyslot = slot;
	return r;
}

static int replace_in_place(struct cdisk_change *ch, struct cdisk_secret *key, int old_slot,
			    struct cdisk_secret *new_secret, struct cdisk_key_request *request,
			    int *ret_keyslot)
{
	struct cdisk_container *ct = ch->ct;
	const struct cdisk_format *f = ct->loaded.format;
	int r = f->key_remove(ct->c, ch->image, old_slot);

	request->keyslot = old_slot;
	return r < 0 ? r : f->key_add(ct->c, ch->image, key, new_secret, request, ret_keyslot);
}

/* The new key beside the old one, then the old one away; where there is no room, in its place. */
static int replace_in_image(struct cdisk_change *ch, struct cdisk_secret *key, int old_slot,
			    struct cdisk_secret *new_secret, struct cdisk_key_request *request,
			    int *ret_keyslot)
{
	struct cdisk_container *ct = ch->ct;
	const struct cdisk_format *f = ct->loaded.format;
	int r = -ENOSPC;

	if (ct->loaded.info.n_keyslots < ct->loaded.format->n_slots)
		r = f->key_add(ct->c, ch->image, key, new_secret, request, ret_keyslot);
	if (r == -ENOSPC)
		return replace_in_place(ch, key, old_slot, new_secret, request, ret_keyslot);
	return r < 0 ? r : f->key_remove(ct->c, ch->image, old_slot);
}

static int change_in_image(struct cdisk_change *ch, struct cdisk_secret *old_secret,
			   struct cdisk_secret *new_secret, struct cdisk_key_request *request,
			   int only_slot, int *ret_keyslot)
{
	struct cdisk_container *ct = ch->ct;
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	const struct cdisk_keyslot *old;
	char label[CDISK_NAME_SIZE] = "";
	int slot, r;

	r = key_of(ct, old_secret, only_slot, &key, &slot);
	if (r < 0)
		return r;
	old = slot_info(&ct->loaded.info, slot);
	if (old)
		memcpy(label, old->label, sizeof(label));
	if (!request->label && label[0])
		request->label = label;
	request->keyslot = -1;
	return replace_in_image(ch, key, slot, new_secret, request, ret_keyslot);
}

int cdisk_key_change(struct cdisk_container *ct, struct cdisk_secret *old_secret,
		     struct cdisk_secret *new_secret, const struct cdisk_key *params,
		     int *ret_keyslot)
{
	struct cdisk_change ch = {.image = -1};
	struct cdisk_key_request request;
	int slot = -1, r;

	if (!old_secret || !new_secret || !params)
		return cdisk_fail(ct->c, -EINVAL, "an old and a new passphrase are needed");
	r = request_fill(ct->c, params, &request);
	if (r < 0)
		return r;
	r = cdisk_change_begin(ct, &ch);
	if (r < 0)
		return r;
	r = change_in_image(&ch, old_secret, new_secret, &request, params->keyslot, &slot);
	if (r == 0)
		r = cdisk_change_write(&ch, new_secret, slot, params->flags);
	cdisk_change_end(&ch);
	if (r == 0)
		*ret_keyslot = slot;
	return r;
}

/*
 * 256 random bits in modhex (the letters that lie alike on most keyboards, as systemd's recovery
 * keys use them), eight groups of eight letters: 64 letters and 7 dashes.
 */
int cdisk_recovery_key(struct cdisk *c, struct cdisk_secret **ret_secret)
{
	static const char modhex[] = "cbdefghijklnrtuv";
	_cleanup_secret_ struct cdisk_secret *raw = NULL, *text = NULL;
	const uint8_t *bytes;
	char *out;
	int r = cdisk_secret_new(c, 32, &raw);

	if (r == 0)
		r = cdisk_secret_new(c, 71, &text);
	if (r < 0)
		return r;
	r = cdisk_random(cdisk_secret_data(raw), 32);
	if (r < 0)
		return cdisk_fail(c, r, "no random numbers: %s", strerror(-r));
	bytes = cdisk_secret_data(raw);
	out = cdisk_secret_data(text);
	for (size_t i = 0; i < 32; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = '-';
		*out++ = modhex[bytes[i] >> 4];
		*out++ = modhex[bytes[i] & 15];
	}
	*ret_secret = cdisk_steal(&text);
	return 0;
}
