/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that comes from a disk, made fit for a terminal. */
#ifndef CDISK_FORMAT_TEXT_H
#define CDISK_FORMAT_TEXT_H

#include <stddef.h>

/*
 * Copies at most src_size bytes of src (up to a NUL) into dst, NUL-terminated and cut where dst
 * ends, never in the middle of a character. Control characters, marks that change the direction of
 * writing and bytes that are not UTF-8 become '?'.
 */
void cdisk_text_printable(char *dst, size_t dst_size, const char *src, size_t src_size);

/* The same for identifiers: everything but printable ASCII becomes '?'. */
void cdisk_text_ascii(char *dst, size_t dst_size, const char *src, size_t src_size);

#endif
