/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing a changed header so that a kill or power cut at any write leaves a container that opens
 * with the old or the new secret, and that no old secret stays behind.
 *
 * Order: new keyslot material in areas the old header does not use; (a pure removal: the removed
 * material is overwritten now); secondary header copy; primary header copy; overwritten material of
 * slots that are gone. fsync after each step. A copy of the old header guards the change.
 */
#ifndef CDISK_FORMAT_HEADER_WRITE_H
#define CDISK_FORMAT_HEADER_WRITE_H

#include "format/format.h"

/*
 * Brings the header in fd from the content of old_image to that of new_image (both size bytes).
 * The caller holds the header lock exclusively and has made the guard copy.
 */
int cdisk_header_commit(struct cdisk *c, int fd, int old_image, int new_image, uint64_t size);

/*
 * True if the header in fd is still that of old_image: its copies and the areas of its keyslots.
 * What no keyslot uses may differ: a change writes there first.
 */
bool cdisk_header_same(int fd, int old_image, uint64_t size);

/* Has fd a header copy, damaged or not, of this volume? 1; 0 = of another; -ENOENT = none. */
int cdisk_header_has_id(int fd, const char *id);

/*
 * Destroys the header of image in fd: keyslot material first, while the header still says where it
 * lies and the container still opens, so that an interrupted erase can be repeated; the secondary and
 * at last the primary header. Each is overwritten with random bytes and with zeros.
 */
int cdisk_header_destroy(struct cdisk *c, int fd, int image, uint64_t size);

/* A new container's header: keyslots area, secondary, primary. */
int cdisk_header_write_new(struct cdisk *c, int fd, int image, uint64_t size);

/*
 * The guard: a copy of the header image beside the container (".NAME.header-ID"), else in the
 * state directory; 0600, fsynced. -EACCES where neither can be written: nothing may be changed then.
 * *ret_path is owned by the caller. With keep it gets its lasting name ("NAME.header-ID-GENERATION",
 * the generation of the copy). A guard that a broken-off change left is replaced: the header that
 * is guarded now opens.
 */
int cdisk_guard_make(struct cdisk *c, const struct cdisk_info *info, int image, uint64_t size,
		     char **ret_path);
int cdisk_guard_keep(struct cdisk *c, const struct cdisk_info *info, const char *guard,
		     char **ret_path);
/* The guard that an interrupted change left: 1, *ret_path is owned by the caller; 0 = none. */
int cdisk_guard_left(struct cdisk *c, const struct cdisk_info *info, char **ret_path);

/*
 * A keyslot of the header in image whose material was overwritten by something else while the copy
 * in guard still has it; -1 = none. Only a change in the slot's own place leaves that (no slot or no
 * room was free); material of a slot that was being removed is zeros.
 */
int cdisk_guard_needed(const char *guard, int image, uint64_t size);
int cdisk_guard_remove(struct cdisk *c, const char *guard); /* overwrites, then unlinks */

/*
 * Copies of this container's header beside it and in the state directory, known by the volume ID
 * inside: guards, kept ones, and backups under any name. NULL-terminated, freed with cdisk_strv_free(); the count.
 */
int cdisk_guard_list(struct cdisk *c, const struct cdisk_info *info, char ***ret_paths);

#endif
