/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A check value of a key that the kernel was made to forget, so that no other gets its place: HMAC-
 * SHA-256 under random bytes, in the file <run>/INSTANCE.check (0600). It is no source of state: it
 * is made by each lock, and where it is missing nothing is known.
 */
#ifndef CDISK_BACKEND_KEY_CHECK_H
#define CDISK_BACKEND_KEY_CHECK_H

#include <stddef.h>
#include "base/context.h"

int cdisk_key_check_make(struct cdisk *c, const char *instance, const void *key, size_t size);

/* 0 = the same key; -EKEYREJECTED; -ENOENT = there is no check value, or none that can be read. */
int cdisk_key_check_compare(struct cdisk *c, const char *instance, const void *key, size_t size);

void cdisk_key_check_remove(struct cdisk *c, const char *instance);

#endif
