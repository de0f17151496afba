// SPDX-License-Identifier: GPL-2.0-or-later
/* Attaching, mounting and what is attached: public entry points over backend/ and mount/. */
#include <string.h>
#include "backend/backend.h"
#include "internal.h"
#include "mount/medium.h"
#include "mount/mount.h"
#include "tell.h"

void cdisk_volume_spec(struct cdisk_volume *v, struct cdisk_attach_spec *ret_spec)
{
	*ret_spec = (struct cdisk_attach_spec){
		.description = cdisk_plain_description(v->plain),
		.backing = cdisk_plain_backing(v->plain)->ops->kind,
		.fd = cdisk_backing_fd(cdisk_plain_backing(v->plain)),
		.path = v->path,
		.header_fd = v->header_fd,
	};
}

int cdisk_attach(struct cdisk_volume *v, const char *backend, const char *name, uint32_t flags,
		 struct cdisk_attachment *ret_attachment)
{
	struct cdisk_attach_spec spec;
	struct cdisk_attachment a = {0};
	int r;

	if (flags & ~(CDISK_ATTACH_READONLY | CDISK_ATTACH_COPY | CDISK_ATTACH_TEMPORARY))
		return cdisk_fail(v->c, -EINVAL, "unknown attach flags 0x%x", flags);
	if (name && strlen(name) >= CDISK_NAME_SIZE)
		return cdisk_fail(v->c, -EINVAL, "a name may have %d bytes at most",
				  CDISK_NAME_SIZE - 1);
	if (!v->c->run_dir)
		return cdisk_fail(v->c, -EINVAL, "no directory for attachments was set");
	cdisk_volume_spec(v, &spec);
	spec.name = name;
	spec.flags = flags;
	if (spec.description->read_only)
		spec.flags |= CDISK_ATTACH_READONLY;
	r = cdisk_backend_attach(v->c, backend, &spec, &a);
	if (r < 0)
		return r;
	cdisk_link_make(v->c, &a, /* locked= */ false);
	cdisk_tell_attached(v->c, &a, flags);
	*ret_attachment = a;
	return 0;
}

int cdisk_volume_attach_temporary(struct cdisk_volume *v, uint32_t flags,
				  struct cdisk_attachment *ret_attachment)
{
	/* COPY: a copy of the same container may be open, and this attachment is nobody's business. */
	return cdisk_attach(v, /* backend= */ "fuse", /* name= */ NULL,
			    flags | CDISK_ATTACH_TEMPORARY | CDISK_ATTACH_COPY, ret_attachment);
}

#define DETACH_WAIT_MS 10000

int cdisk_volume_detach_temporary(struct cdisk *c, const struct cdisk_attachment *a)
{
	const struct cdisk_backend *b = cdisk_backend_named(a->backend);

	return b ? b->detach(c, a, 0, DETACH_WAIT_MS) : 0;
}

int cdisk_mount(struct cdisk *c, struct cdisk_attachment *a, const struct cdisk_mount *m)
{
	const struct cdisk_backend *b;
	bool linked;
	int r;

	if (!a || !m)
		return cdisk_fail(c, -EINVAL, "no disk to mount");
	r = cdisk_locked_refuse(c, a);
	if (r < 0)
		return r;
	linked = a->link[0] != '\0';
	r = cdisk_fs_mount(c, a, m);
	b = cdisk_backend_named(a->backend);
	if (r == 0 && b && b->note)
		b->note(c, a, true);
	if (r == 0)
		cdisk_tell_mounted(c, a, linked);
	/* The node was for this mount alone. */
	if (r < 0 && !a->node[0]) {
		cdisk_link_remove(c, a, true);
		a->link[0] = '\0';
	}
	return r;
}

int cdisk_umount(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags,
		 unsigned int wait_ms)
{
	const struct cdisk_backend *b = cdisk_backend_named(a->backend);
	int r, lost;

	if (flags & ~(CDISK_UMOUNT_FORCE | CDISK_UMOUNT_LAZY))
		return cdisk_fail(c, -EINVAL, "unknown unmount flags 0x%x", flags);
	/* Refused before it is told: a locked volume stays what it is. */
	r = flags & CDISK_UMOUNT_FORCE ? 0 : cdisk_umount_locked_refuse(c, a);
	if (r < 0)
		return r;
	cdisk_tell_unmounting(c, a);
	r = cdisk_fs_umount(c, a, flags, wait_ms);
	cdisk_tell_unmounted(c, a, flags, r);
	if (r < 0)
		return r;
	lost = r;
	if (b && b->note && a->mountpoint[0])
		b->note(c, a, false);
	r = b ? b->detach(c, a, flags, wait_ms) : 0;
	/* Taken away by force, the name is free at once, whoever still holds the node. */
	if (r == 0 || flags & CDISK_UMOUNT_FORCE)
		cdisk_link_remove(c, a, r == 0);
	cdisk_tell_detached(c, a, r, lost);
	if (r < 0 || lost == 0)
		return r;
	(void)cdisk_fail(c, -lost, "%s is unmounted, but what was written last is lost: %s",
			 a->mountpoint[0] ? a->mountpoint : a->disk, strerror(lost));
	cdisk_hint(c, "see to the medium that the container lies on (full, or failing), then check the "
		      "filesystem with fsck");
	return -lost;
}

int cdisk_attachment_medium(struct cdisk *c, const struct cdisk_attachment *a,
			    struct cdisk_medium *ret_medium, char ***ret_mounts)
{
	return cdisk_medium_find(c, a, ret_medium, ret_mounts);
}

int cdisk_list(struct cdisk *c, uint32_t flags, struct cdisk_attachment **ret_list)
{
	return cdisk_state_list(c, flags, ret_list);
}

int cdisk_find(struct cdisk *c, const char *instance, struct cdisk_attachment *ret_attachment)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	const struct cdisk_attachment *found = NULL;
	int n = cdisk_state_list(c, CDISK_LIST_ALL | CDISK_LIST_DETAILS, &list);

	if (n < 0)
		return n;
	/* Any user can give a mount this name: one's own counts before all others. */
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].instance, instance) == 0 &&
		    (!found || (found->uid != geteuid() && list[i].uid == geteuid())))
			found = &list[i];
	if (found) {
		*ret_attachment = *found;
		return 0;
	}
	return cdisk_fail(c, -CDISK_ERR_NOT_FOUND, "no volume %s is attached", instance);
}

int cdisk_busy(struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_process **ret_list)
{
	return cdisk_busy_list(c, a, ret_list);
}
