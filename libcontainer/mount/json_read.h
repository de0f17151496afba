/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of the small JSON objects that other programs of ours wrote: texts, numbers, true, false
 * and null; no lists, and no object in it but one. Of its own, since all of JSON is not needed for them
 * and what comes may be anything.
 */
#ifndef CDISK_MOUNT_JSON_READ_H
#define CDISK_MOUNT_JSON_READ_H

#include "base/util.h"
#include <cryptdisk/cryptdisk.h>

struct cdisk_json_value {
	char text[CDISK_PATH_SIZE + 4]; /* of a string; with room for one more character */
	uint64_t number;
	bool yes;
};

/* object: NULL, or the name of the inner object that has this member. */
typedef void (*cdisk_json_fn)(
	const char *object, const char *key, const struct cdisk_json_value *v, void *data);

/*
 * Calls fn for every member of text, NUL-terminated; inner (may be NULL) names the one member that
 * may hold an object itself. -EINVAL before fn was called at all. A byte that is no UTF-8 stands in
 * the text as 0xdc00 and the byte.
 */
int cdisk_json_read(const char *text, const char *inner, cdisk_json_fn fn, void *data);

#endif
