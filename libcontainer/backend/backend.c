// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of backends and the choice among them. */
#include "backend/backend.h"

#include <string.h>
#include "backend/server.h"

const struct cdisk_backend *const cdisk_backends_table[] = {&cdisk_backend_fuse, NULL};

const struct cdisk_backend *cdisk_backend_named(const char *name)
{
	for (size_t i = 0; cdisk_backends_table[i]; i++)
		if (strcmp(cdisk_backends_table[i]->name, name) == 0)
			return cdisk_backends_table[i];
	return NULL;
}

/* In the order "auto" tries them; what only explains why it cannot be used has no backend. */
static const struct {
	const char *name;
	int (*probe)(struct cdisk *c, struct cdisk_check *check);
	const struct cdisk_backend *backend;
} candidates[] = {
	{"kmod", cdisk_probe_kmod, NULL},
	{"loop", cdisk_probe_loop, NULL},
	{"fuse", NULL, &cdisk_backend_fuse},
};

static int candidate_probe(struct cdisk *c, size_t i, struct cdisk_check *check)
{
	memset(check, 0, sizeof(*check));
	return candidates[i].backend ? candidates[i].backend->probe(c, check)
				     : candidates[i].probe(c, check);
}

/* The caller asked for this one: it works, or it is an error that says why not. */
static int named_choose(struct cdisk *c, const char *name, const struct cdisk_backend **ret)
{
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(candidates); i++) {
		struct cdisk_check check;

		if (strcmp(candidates[i].name, name) != 0)
			continue;
		if (candidate_probe(c, i, &check) > 0) {
			cdisk_log(c, CDISK_LOG_EXPLAIN, "backend %s: as asked for", name);
			*ret = candidates[i].backend;
			return 0;
		}
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND, "backend %s does not work here: %s",
			name, check.reason);
		cdisk_hint(c, "%s", check.advice);
		return -CDISK_ERR_NO_BACKEND;
	}
	return cdisk_fail(
		c, -EINVAL, "there is no backend '%s', only auto, kmod, loop and fuse", name);
}

int cdisk_backend_choose(struct cdisk *c, const char *name, const struct cdisk_backend **ret)
{
	struct cdisk_check check;

	if (name && strcmp(name, "auto") != 0)
		return named_choose(c, name, ret);
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(candidates); i++) {
		int works = candidate_probe(c, i, &check) > 0;

		cdisk_log(c, CDISK_LOG_EXPLAIN, "backend %s: %s (%s)", candidates[i].name,
			works ? "yes" : "no", check.reason);
		if (works) {
			*ret = candidates[i].backend;
			return 0;
		}
	}
	(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND, "no backend works here; fuse: %s", check.reason);
	cdisk_hint(c, "%s", check.advice);
	return -CDISK_ERR_NO_BACKEND;
}

int cdisk_backend_checks(struct cdisk *c, struct cdisk_check **ret_list)
{
	_cleanup_free_ struct cdisk_check *list =
		calloc(CDISK_ARRAY_SIZE(candidates), sizeof(*list));

	if (!list)
		return cdisk_fail(c, -ENOMEM, "not enough memory");
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(candidates); i++)
		list[i].works = candidate_probe(c, i, &list[i]) > 0;
	*ret_list = cdisk_steal(&list);
	return (int)CDISK_ARRAY_SIZE(candidates);
}
