// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking a mapping away from whoever uses it. An error table takes the place of dm-crypt's: its
 * users get errors, and the key goes with the old table. What is on its way to a medium that hangs
 * keeps the old table until the medium answers.
 */
#include "backend/mapping.h"

#include <stdio.h>
#include <string.h>
#include "backend/child.h"

#define FREE_MS 300 /* a moment's user, such as udev */
#define SWAP_MS 1000
#define LEAVE_MS 700

static int swap_in_child(const void *data, int out)
{
	(void)out;
	return cdisk_dm_resume(data, CDISK_DM_NO_SYNC | CDISK_DM_NO_FLUSH);
}

static int swap(struct cdisk *c, const struct cdisk_mapped *m)
{
	const struct cdisk_dm_table error = {.sectors = m->size / 512, .type = "error"};
	int r = cdisk_dm_load(m->name, &error, m->read_only);

	if (r == 0)
		r = cdisk_child_run(swap_in_child, m->name, SWAP_MS, NULL, 0);
	if (r < 0)
		cdisk_log(c, CDISK_LOG_DEBUG, "error table for %s: %s", m->name, strerror(-r));
	return r;
}

/* Errors for its users: at once, or once the disk below was given up. */
static int poison(struct cdisk *c, const struct cdisk_mapped *m)
{
	const struct cdisk_below *below = cdisk_below_of(m);
	char node[64];
	int r;

	/* What has no table has nothing to be taken away. */
	if (m->size == 0 || !m->below[0])
		return 0;
	r = swap(c, m);
	if (r == 0 || !below || !below->take)
		return r;
	(void)snprintf(node, sizeof(node), "/dev/%s", m->below);
	(void)below->take(node, SWAP_MS);
	return swap(c, m);
}

void cdisk_mapping_break(struct cdisk *c, const struct cdisk_attachment *a)
{
	char token[64];
	struct cdisk_mapped m;

	if (cdisk_mapping_of(a, &m) < 0 || !m.suspended)
		return;
	cdisk_below_token(&m, token, sizeof(token));
	if (poison(c, &m) == 0)
		(void)cdisk_below_leaves(&m, token, LEAVE_MS);
}

/* The name is free for the container again, the mapping goes when its last user does. */
static int bury(struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_mapped *m)
{
	char grave[CDISK_DM_NAME];
	struct cdisk_mapped found;

	(void)snprintf(grave, sizeof(grave), CDISK_MAPPED_GONE "%s-%s", m->kernel, m->id);
	if (!m->gone && m->instance[0] && cdisk_dm_rename(m->name, grave) == 0)
		cdisk_dm_node_remove(m->name);
	else
		(void)snprintf(grave, sizeof(grave), "%s", m->name);
	(void)cdisk_dm_remove(grave, true);
	if (cdisk_mapped_find("/sys", grave, &found) < 0)
		return 0;
	(void)cdisk_fail(c, -ETIMEDOUT,
		"%s was taken away and its key is wiped, but a process still has it open", a->disk);
	cdisk_hint(c, "it is gone when that ends: see 'cryptdisk ps %s'", grave);
	return -ETIMEDOUT;
}

int cdisk_mapping_force(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_mapped *m)
{
	char token[64];
	int r;

	cdisk_below_token(m, token, sizeof(token));
	/* Suspended, it would wait for a key that nobody brings. */
	r = m->suspended ? -EBUSY : cdisk_mapping_remove(c, m->name, FREE_MS);
	if (r == -EBUSY) {
		r = poison(c, m);
		if (r < 0) {
			(void)cdisk_dm_remove(m->name, true);
			(void)cdisk_fail(c, -ETIMEDOUT,
				"%s waits for the container's medium and cannot be taken away yet",
				a->disk);
			cdisk_hint(c, "the key is in memory until the medium answers");
			return -ETIMEDOUT;
		}
		r = cdisk_mapping_remove(c, m->name, FREE_MS);
		if (r == -EBUSY)
			r = bury(c, a, m);
	}
	if (r < 0)
		return c->error == r
			       ? r
			       : cdisk_fail(c, r, "cannot remove %s: %s", a->disk, strerror(-r));
	if (cdisk_below_leaves(m, token, LEAVE_MS))
		return 0;
	return cdisk_fail(c, -ETIMEDOUT, "/dev/%s, below %s, does not go", m->below, a->disk);
}
