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
int cdisk_guard_remove(struct cdisk *c, const char *guard); /* overwrites, then unlinks */

/*
 * Every guard and kept copy of this container beside it and in the state directory, known by the
 * volume ID in the name and in the file: their count. *ret_paths is NULL-terminated and, with its
 * strings, owned by the caller.
 */
int cdisk_guard_list(struct cdisk *c, const struct cdisk_info *info, char ***ret_paths);

/*
 * Guard and kept copies of this container's header, beside it and in the state directory, known by
 * their names and by the volume ID inside. NULL-terminated, freed with cdisk_strv_free(); the count.
 */
int cdisk_guard_list(struct cdisk *c, const struct cdisk_info *info, char ***ret_paths);

#endif
