// SPDX-License-Identifier: GPL-2.0-or-later
/* Locking and resuming what is attached: public entry points over backend/ and mount/. */
#include <string.h>
#include <sys/stat.h>
#include "backend/backend.h"
#include "internal.h"
#include "mount/mounting.h"
#include "tell.h"

int cdisk_locked_refuse(struct cdisk *c, const struct cdisk_attachment *a)
{
	if (a->state != CDISK_STATE_LOCKED)
		return 0;
	(void)cdisk_fail(c, -CDISK_ERR_LOCKED, "volume %s is locked", a->id);
	cdisk_hint(c, "'cryptdisk resume id:%s' first", a->instance);
	return -CDISK_ERR_LOCKED;
}

/* Whose key is not ours to take away, or is not there. */
static int attachment_check(struct cdisk *c, const struct cdisk_attachment *a, const char *what,
			    const struct cdisk_backend **ret)
{
	if (a->state == CDISK_STATE_FOREIGN) {
		(void)cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "%s was opened by another tool", a->disk);
		cdisk_hint(c, "that tool has to %s it (cryptsetup: luksSuspend, luksResume)", what);
		return -CDISK_ERR_UNSUPPORTED;
	}
	if (a->state == CDISK_STATE_STALE) {
		(void)cdisk_fail(c, -CDISK_ERR_NOT_FOUND, "what served %s is gone", a->disk);
		cdisk_hint(c, "'cryptdisk umount id:%s' cleans up", a->instance);
		return -CDISK_ERR_NOT_FOUND;
	}
	if (a->uid != geteuid())
		return cdisk_fail(c, -EPERM, "%s belongs to uid %u, and only they can %s it", a->disk,
				  a->uid, what);
	*ret = cdisk_backend_named(a->backend);
	if (!*ret || !(*ret)->lock || !(*ret)->resume)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "the backend %s cannot %s", a->backend,
				  what);
	return 0;
}

/* The filesystem is thawed again unless all of it went well. */
static int lock_still(struct cdisk *c, const struct cdisk_backend *b,
		      const struct cdisk_attachment *a)
{
	struct cdisk_freeze z;
	int r = cdisk_still_start(c, a, &z);

	if (r == 0)
		r = b->lock(c, a);
	z.keep = r == 0;
	cdisk_freeze_done(&z);
	return r;
}

int cdisk_attachment_lock(struct cdisk *c, const struct cdisk_attachment *a)
{
	const struct cdisk_backend *b;
	_cleanup_close_ int node = -1;
	int r = attachment_check(c, a, "lock", &b);

	if (r < 0)
		return r;
	/* Whoever uses it waits already; one that was killed half-way may have left the key. */
	if (a->state == CDISK_STATE_LOCKED) {
		r = b->lock(c, a);
	} else {
		r = cdisk_node_lock(c, a, &node);
		if (r == 0)
			r = lock_still(c, b, a);
	}
	if (r == -EALREADY)
		return 0;
	if (r < 0)
		return r;
	cdisk_tell_locked(c, a);
	return 1;
}

/* A name is no proof: it has to be the file that the attachment lies on. */
static int container_check(struct cdisk *c, const struct cdisk_attachment *a,
			   const struct cdisk_attach_spec *spec)
{
	struct stat st;

	if (strcmp(spec->description->id, a->id) != 0)
		return cdisk_fail(c, -EINVAL, "%s is not the container of volume %s", spec->path,
				  a->id);
	if (fstat(spec->fd, &st) < 0)
		return cdisk_fail(c, -errno, "cannot look at %s: %s", spec->path, strerror(errno));
	if (a->ino && (st.st_dev != a->dev || st.st_ino != a->ino))
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "%s is another container with the ID of volume %s", spec->path, a->id);
	return 0;
}

static int resume_locked(struct cdisk *c, const struct cdisk_backend *b,
			 const struct cdisk_attachment *a, struct cdisk_volume *v)
{
	struct cdisk_attach_spec spec;
	int r;

	if (!v)
		return cdisk_fail(c, -EINVAL, "volume %s is locked, and no key was given", a->id);
	cdisk_volume_spec(v, &spec);
	r = container_check(c, a, &spec);
	if (r == 0)
		r = b->resume(c, a, &spec);
	if (r == -CDISK_ERR_PASSPHRASE)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "%s answers to the ID of volume %s with another key", spec.path, a->id);
	return r;
}

int cdisk_attachment_resume(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_volume *v)
{
	const struct cdisk_backend *b;
	_cleanup_close_ int node = -1;
	int resumed = 0, r = attachment_check(c, a, "resume", &b);

	/*
	 * While it is locked nobody else changes it, and who holds the node (udev, that wants to
	 * read it) lets go of it only after this.
	 */
	if (r == 0 && a->state != CDISK_STATE_LOCKED) {
		r = cdisk_node_lock(c, a, &node);
	} else if (r == 0) {
		r = resume_locked(c, b, a, v);
		resumed = r == 0;
		if (r == -EALREADY)
			r = 0;
	}
	if (r < 0)
		return r;
	/* Of a lock that was killed half-way, too. */
	if (resumed)
		cdisk_tell_resumed(c, a);
	r = cdisk_still_end(c, a);
	if (r < 0 && resumed) {
		cdisk_hint(c, "the key is back; 'fsfreeze --unfreeze' lets the filesystem go on");
		return cdisk_fail(c, -CDISK_ERR_PARTIAL,
				  "volume %s has its key again, but its filesystem stays frozen", a->id);
	}
	return r < 0 ? r : resumed || r > 0;
}
