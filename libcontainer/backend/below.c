// SPDX-License-Identifier: GPL-2.0-or-later
/* The disk below a mapping, whichever kind it is. */
#include <stdio.h>
#include <string.h>
#include "backend/kmod_disk.h"
#include "backend/mapping.h"

extern const struct cdisk_below cdisk_below_loop, cdisk_below_kmod;

const struct cdisk_below *cdisk_below_of(const struct cdisk_mapped *m)
{
	if (!cdisk_mapped_is_ours(m))
		return NULL;
	if (cdisk_mapped_is_module(m))
		return &cdisk_below_kmod;
	return cdisk_mapped_is_loop(m) ? &cdisk_below_loop : NULL;
}

void cdisk_below_look(const struct cdisk_mapped *m, struct cdisk_below_facts *ret)
{
	struct cdisk_loop_names names = {0};
	char node[64];

	memset(ret, 0, sizeof(*ret));
	if (cdisk_mapped_is_module(m)) {
		cdisk_kmod_look(m->below, ret);
		return;
	}
	if (!cdisk_mapped_is_loop(m))
		return;
	(void)cdisk_sys_line("/sys", m->below, "loop/backing_file", ret->file, sizeof(ret->file));
	(void)snprintf(node, sizeof(node), "/dev/%s", m->below);
	if (geteuid() != 0 || cdisk_loop_look(node, &names) < 0)
		return;
	ret->dev = names.dev;
	ret->ino = names.ino;
	/* Those of another tool mean something else. */
	if (!cdisk_mapped_is_ours(m))
		return;
	memcpy(ret->name, names.name, sizeof(ret->name));
	memcpy(ret->label, names.label, sizeof(ret->label));
}
