/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listeners are told of an attachment's life, by the entry points that change it. */
#ifndef CDISK_TELL_H
#define CDISK_TELL_H

#include <stdbool.h>
#include "base/context.h"

/* It is complete. flags: CDISK_ATTACH_*; of a temporary one nothing is told. */
void cdisk_tell_attached(struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags);

/* linked: it had its link before, and that was told. */
void cdisk_tell_mounted(struct cdisk *c, const struct cdisk_attachment *a, bool linked);

/* Before the unmount and detach, and what became of the unmount (as cdisk_fs_umount()). */
void cdisk_tell_unmounting(struct cdisk *c, const struct cdisk_attachment *a);
void cdisk_tell_unmounted(
	struct cdisk *c, const struct cdisk_attachment *a, uint32_t flags, int result);

/* What became of the detach. lost: errno of last writes that did not reach the medium. */
void cdisk_tell_detached(
	struct cdisk *c, const struct cdisk_attachment *a, int result, int lost);

/* It stays attached. */
void cdisk_tell_locked(struct cdisk *c, const struct cdisk_attachment *a);
void cdisk_tell_resumed(struct cdisk *c, const struct cdisk_attachment *a);
void cdisk_tell_resized(struct cdisk *c, const struct cdisk_attachment *a, uint64_t size);

/* A container that is not attached has another size now; id and format of its header. */
void cdisk_tell_container_resized(
	struct cdisk *c, const char *id, const char *format, uint64_t size);

#endif
