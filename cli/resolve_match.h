/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How single attachments are compared with what was typed. Pure functions. */
#ifndef CLI_RESOLVE_MATCH_H
#define CLI_RESOLVE_MATCH_H

#include <stdbool.h>
#include <cryptdisk/cryptdisk.h>

#define ID_PREFIX_MIN 8 /* hex digits */

/* Lower rank = found first: session, user, global, others. */
int match_scope_rank(const char *scope);

/* Its mount point, disk, node or server directory: what it is called, or NULL. */
const char *match_place(const struct cdisk_attachment *a, const char *path);

/* ID or instance, upper or lower case. */
bool match_id(const struct cdisk_attachment *a, const char *id);

/* True for at least ID_PREFIX_MIN hex digits (and dashes). */
bool match_is_prefix(const char *text);
bool match_prefix(const struct cdisk_attachment *a, const char *prefix);

#endif
