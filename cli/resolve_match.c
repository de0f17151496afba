// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolve_match.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

int match_scope_rank(const char *scope)
{
	static const char *const order[] = {"session", "user", "global"};
	int i;

	for (i = 0; i < 3; i++) {
		if (strcmp(scope, order[i]) == 0)
			break;
	}
	return i;
}

static bool same(const char *own, const char *path)
{
	return own[0] && strcmp(own, path) == 0;
}

const char *match_place(const struct cdisk_attachment *a, const char *path)
{
	if (same(a->mountpoint, path))
		return "mount point";
	if (same(a->node, path))
		return "node";
	if (same(a->disk, path))
		return "disk";
	if (same(a->directory, path))
		return "server directory";
	return NULL;
}

bool match_id(const struct cdisk_attachment *a, const char *id)
{
	return id[0] && (strcasecmp(a->id, id) == 0 || strcasecmp(a->instance, id) == 0);
}

bool match_is_prefix(const char *text)
{
	size_t digits = 0;

	for (; *text; text++) {
		if (isxdigit((unsigned char)*text))
			digits++;
		else if (*text != '-' || digits == 0)
			return false;
	}
	return digits >= ID_PREFIX_MIN && digits <= 32;
}

/* Digits count, dashes may be left out. */
bool match_prefix(const struct cdisk_attachment *a, const char *prefix)
{
	const char *id = a->id;

	for (; *prefix; prefix++) {
		if (*prefix == '-')
			continue;
		while (*id == '-')
			id++;
		if (tolower((unsigned char)*prefix) != *id)
			return false;
		id++;
	}
	return true;
}
