// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of backends and the choice among them. */
#include "backend/backend.h"

#include <string.h>
#include "backend/server.h"

/* In the order "auto" tries them. */
const struct cdisk_backend *const cdisk_backends_table[] = {
	&cdisk_backend_kmod, &cdisk_backend_loop, &cdisk_backend_fuse, NULL};

const struct cdisk_backend *cdisk_backend_named(const char *name)
{
	for (size_t i = 0; cdisk_backends_table[i]; i++)
		if (strcmp(cdisk_backends_table[i]->name, name) == 0)
			return cdisk_backends_table[i];
	return NULL;
}

static int backend_probe(struct cdisk *c, const struct cdisk_backend *b, struct cdisk_check *check)
{
	memset(check, 0, sizeof(*check));
	return b->probe(c, check);
}

static int attach_with(struct cdisk *c, const struct cdisk_backend *b,
	const struct cdisk_attach_spec *spec, struct cdisk_attachment *a)
{
	int r = b->attach(c, spec, a);

	if (r == 0)
		cdisk_log(c, CDISK_LOG_EXPLAIN, "backend %s differs: %s", b->name, b->differs);
	return r;
}

/* The caller asked for this one: it works, or it is an error that says why not. */
static int named_attach(struct cdisk *c, const char *name, const struct cdisk_attach_spec *spec,
	struct cdisk_attachment *a)
{
	const struct cdisk_backend *b = cdisk_backend_named(name);
	struct cdisk_check check;

	if (!b)
		return cdisk_fail(c, -EINVAL,
			"there is no backend '%s', only auto, kmod, loop and fuse", name);
	if (backend_probe(c, b, &check) > 0) {
		cdisk_log(c, CDISK_LOG_EXPLAIN, "backend %s: as asked for", name);
		return attach_with(c, b, spec, a);
	}
	(void)cdisk_fail(
		c, -CDISK_ERR_NO_BACKEND, "backend %s does not work here: %s", name, check.reason);
	cdisk_hint(c, "%s", check.advice);
	return -CDISK_ERR_NO_BACKEND;
}

int cdisk_backend_attach(struct cdisk *c, const char *name, const struct cdisk_attach_spec *spec,
	struct cdisk_attachment *a)
{
	struct cdisk_check check;
	int r = 0;

	if (name && strcmp(name, "auto") != 0)
		return named_attach(c, name, spec, a);
	for (size_t i = 0; cdisk_backends_table[i]; i++) {
		const struct cdisk_backend *b = cdisk_backends_table[i];
		int works = backend_probe(c, b, &check) > 0;

		cdisk_log(c, CDISK_LOG_EXPLAIN, "backend %s: %s (%s)", b->name,
			works ? "yes" : "no", check.reason);
		if (!works)
			continue;
		r = attach_with(c, b, spec, a);
		if (r != -CDISK_ERR_UNSUPPORTED && r != -CDISK_ERR_NO_BACKEND)
			return r;
		cdisk_log(c, CDISK_LOG_EXPLAIN, "backend %s: not for this volume (%s)", b->name,
			c->message);
	}
	if (r < 0)
		return r;
	(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND, "no backend works here; fuse: %s", check.reason);
	cdisk_hint(c, "%s", check.advice);
	return -CDISK_ERR_NO_BACKEND;
}

int cdisk_backend_checks(struct cdisk *c, struct cdisk_check **ret_list)
{
	_cleanup_free_ struct cdisk_check *list =
		calloc(CDISK_ARRAY_SIZE(cdisk_backends_table), sizeof(*list));
	int n = 0;

	if (!list)
		return cdisk_fail(c, -ENOMEM, "not enough memory");
	for (; cdisk_backends_table[n]; n++)
		list[n].works = backend_probe(c, cdisk_backends_table[n], &list[n]) > 0;
	*ret_list = cdisk_steal(&list);
	return n;
}
