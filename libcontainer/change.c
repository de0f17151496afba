// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guarded change of a header: made in a memory copy, written in an order that survives a kill
 * (format/header_write.h), guarded by a copy of the old header, which goes only when the new header
 * was read back.
 */
#include "change.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/lock.h"

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
