/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that comes from a disk or goes to one: labels. */
#ifndef CDISK_MOUNT_LABEL_H
#define CDISK_MOUNT_LABEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copies text of length bytes (it ends earlier at a NUL) to dst, always NUL-terminated and always
 * valid UTF-8: what a terminal or a path would take as more than a letter (control characters,
 * marks that change the direction of writing, '/', broken UTF-8) becomes '_', blanks at both ends
 * go. A letter that does not fit whole is left out.
 */
void cdisk_label_clean(char *dst, size_t size, const char *text, size_t length);

/* The same for other text that is shown to people: '/' stays. */
void cdisk_text_clean(char *dst, size_t size, const char *text, size_t length);

/*
 * Whether text may become a label of a filesystem: 0, or -EINVAL with the reason in *ret_why
 * (a string constant). Lengths are the caller's to check.
 */
int cdisk_label_check(const char *text, const char **ret_why);

/* Length of valid UTF-8 text in UTF-16 units, as exFAT and NTFS count. */
size_t cdisk_label_utf16(const char *text);

#endif
