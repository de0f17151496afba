// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changing keyslots. Every change is made in a memory copy of the header, written in an order that
 * survives a kill (format/header_write.h), guarded by a copy of the old header, and the copy goes
 * only when the new header was read back and opens.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/lock.h"
#include "change.h"
#include "crypto/crypto.h"
#include "kdf_choice.h"

/* A writable copy of the loaded header image. */
static int image_copy(struct cdisk *c, const struct cdisk_header *h, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	uint8_t buf[65536];
	uint64_t at = 0;
	int r = cdisk_memfd_new("cryptdisk-header", h->image_size, &fd);

	while (r == 0 && at < h->image_size) {
		size_t step = sizeof(buf);

		if (h->image_size - at < step)
			step = (size_t)(h->image_size - at);
		r = cdisk_pread_full(h->image_fd, buf, step, at);
		if (r == 0)
			r = cdisk_pwrite_full(fd, buf, step, at);
		at += step;
	}
	if (r < 0)
		return cdisk_fail(c, r, "cannot copy the header: %s", strerror(-r));
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

int cdisk_change_begin(struct cdisk_container *ct, struct cdisk_change *ret_change)
{
	struct cdisk_change ch = {.ct = ct, .image = -1};
	int r;

	if (ct->mode != CDISK_OPEN_HEADER)
		return cdisk_fail(ct->c, -EINVAL, "the container was not opened for header changes");
	r = cdisk_header_lock(ct->c, cdisk_container_header_fd(ct), cdisk_container_name(ct));
	if (r < 0)
		return r;
	/* From here the header stands still: read it as it is now. */
	r = cdisk_container_reload(ct);
	if (r == 0 && ct->loaded.info.requirements[0]) {
		r = cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED,
			       "%s has requirements that this program does not know: %s",
			       cdisk_container_name(ct), ct->loaded.info.requirements);
	}
	if (r == 0 && (!ct->loaded.format->key_add || !ct->loaded.format->key_remove))
		r = cdisk_fail(ct->c, -CDISK_ERR_UNSUPPORTED, "%s headers cannot be changed",
			       ct->loaded.info.format);
	if (r == 0)
		r = image_copy(ct->c, &ct->header, &ch.image);
	if (r < 0) {
		(void)cdisk_unlock(cdisk_container_header_fd(ct), CDISK_LOCK_HEADER);
		return r;
	}
	*ret_change = ch;
	return 0;
}

void cdisk_change_end(struct cdisk_change *ch)
{
	cdisk_close(&ch->image);
	free(ch->guard);
	ch->guard = NULL;
	if (ch->ct)
		(void)cdisk_unlock(cdisk_container_header_fd(ch->ct), CDISK_LOCK_HEADER);
	ch->ct = NULL;
}

/* The guard goes, or gets its lasting name. Its loss must not turn a change that was made into a failure. */
static void guard_settle(struct cdisk_change *ch, uint32_t flags)
{
	struct cdisk *c = ch->ct->c;
	_cleanup_free_ char *kept = NULL;

	if (flags & CDISK_KEEP_HEADER_BACKUP) {
		if (cdisk_guard_keep(c, &ch->ct->loaded.info, ch->guard, &kept) == 0)
			cdisk_log(c, CDISK_LOG_INFO, "the old header is kept in %s", kept);
		else
			cdisk_log(c, CDISK_LOG_WARNING, "the old header stays in %s", ch->guard);
		return;
	}
	if (cdisk_guard_remove(c, ch->guard) < 0)
		cdisk_log(c, CDISK_LOG_WARNING,
			  "the copy of the old header could not be removed: delete %s, it opens the "
			  "data with the old passphrase", ch->guard);
}

/* Loads the new header while it is in memory only, and opens it: whatever fails changes nothing. */
static int image_opens(struct cdisk_change *ch, struct cdisk_secret *secret, int keyslot)
{
	struct cdisk_container *ct = ch->ct;
	struct cdisk_header h = ct->header;
	struct cdisk_loaded l = {0};
	struct cdisk_description d = {0};
	int slot, r = cdisk_memfd_seal(ch->image);

	if (r < 0)
		return cdisk_fail(ct->c, r, "cannot seal the new header: %s", strerror(-r));
	h.image_fd = ch->image;
	r = cdisk_format_load(ct->c, &h, &l);
	if (r < 0)
		return r;
	if (secret)
		r = l.format->unlock(ct->c, &h, &l, secret, keyslot, /* need_data= */ false, &d,
				     &slot);
	cdisk_description_done(&d);
	cdisk_format_done(&l);
	return r;
}

/* What opened in memory is what the medium gives back now. */
static int read_back(struct cdisk_change *ch, uint64_t size)
{
	struct cdisk_container *ct = ch->ct;
	uint8_t want[4096], have[4096];
	uint64_t at = 0;
	int r;

	(void)posix_fadvise(cdisk_container_header_fd(ct), 0, (off_t)size, POSIX_FADV_DONTNEED);
	r = cdisk_container_reload(ct);
	if (size > ct->header.image_size)
		size = ct->header.image_size;
	for (; r == 0 && at < size; at += sizeof(want)) {
		size_t step = size - at < sizeof(want) ? (size_t)(size - at) : sizeof(want);

		r = cdisk_pread_full(ch->image, want, step, at);
		if (r == 0)
			r = cdisk_pread_full(ct->header.image_fd, have, step, at);
		if (r < 0 || memcmp(want, have, step) != 0)
			r = cdisk_fail(ct->c, -EIO, "byte %llu and following are not what was written",
				       (unsigned long long)at);
	}
	return r;
}

/* A change that failed before it touched anything that counts leaves no guard behind. */
static int change_failed(struct cdisk_change *ch, uint64_t size, int r)
{
	struct cdisk *c = ch->ct->c;
	char message[CDISK_MESSAGE_MAX];

	memcpy(message, c->message, sizeof(message));
	if (cdisk_header_same(cdisk_container_header_fd(ch->ct), ch->ct->header.image_fd, size) &&
	    cdisk_guard_remove(c, ch->guard) == 0)
		return cdisk_fail(c, r, "the header of %s was not changed: %.800s",
				  cdisk_container_name(ch->ct), message);
	cdisk_fail(c, r, "the header of %s may not be whole: %.800s", cdisk_container_name(ch->ct),
		   message);
	cdisk_hint(c, "the header as it was is in %s: 'cryptdisk header restore' brings it back",
		   ch->guard);
	return r;
}

int cdisk_change_check_leftover(struct cdisk_container *ct, const char *guard)
{
	int slot = cdisk_guard_needed(guard, ct->header.image_fd, ct->header.image_size);

	if (slot < 0)
		return 0;
	cdisk_fail(ct->c, -CDISK_ERR_CORRUPT, "an interrupted change destroyed keyslot %d of %s; the "
		   "header as it was is in %s", slot, cdisk_container_name(ct), guard);
	cdisk_hint(ct->c, "'cryptdisk header restore' with that file brings the keyslot back; delete the "
		   "file if nobody needs it");
	return -CDISK_ERR_CORRUPT;
}

/* A guard that is there already is replaced by ours, unless it is the last that has a keyslot. */
static int guard_make(struct cdisk_change *ch, uint64_t size)
{
	struct cdisk_container *ct = ch->ct;
	_cleanup_free_ char *left = NULL;
	int r = 0;

	if (cdisk_guard_left(ct->c, &ct->loaded.info, &left) == 1)
		r = cdisk_change_check_leftover(ct, left);
	if (r < 0)
		return r;
	return cdisk_guard_make(ct->c, &ct->loaded.info, ct->header.image_fd, size, &ch->guard);
}

int cdisk_change_write(struct cdisk_change *ch, struct cdisk_secret *secret, int keyslot,
		       uint32_t flags)
{
	struct cdisk_container *ct = ch->ct;
	uint64_t size = ct->header.image_size;
	int r = image_opens(ch, secret, keyslot);

	if (r == 0 && !ch->guard)
		r = guard_make(ch, size);
	if (r < 0)
		return r;
	/* From here to the end nothing can be cancelled. */
	r = cdisk_header_commit(ct->c, cdisk_container_header_fd(ct), ct->header.image_fd,
				ch->image, size);
	if (r == 0)
		r = read_back(ch, size);
	if (r < 0)
		return change_failed(ch, size, r);
	guard_settle(ch, flags);
	return 0;
}

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

static unsigned int slots_of_format(const struct cdisk_info *info)
{
	return strcmp(info->format, "LUKS1") == 0 ? 8 : CDISK_KEYSLOTS_MAX;
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

	if (ct->loaded.info.n_keyslots < slots_of_format(&ct->loaded.info))
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
