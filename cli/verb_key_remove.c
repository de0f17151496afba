// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include "ask.h"
#include "cli.h"
#include "keyslots.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "text.h"
#include "unlock.h"

static const struct cdisk_keyslot *slot_get(const struct cdisk_info *info, int number)
{
	unsigned int i;

	for (i = 0; i < info->n_keyslots && i < CDISK_KEYSLOTS_MAX; i++) {
		if (info->keyslots[i].number == number)
			return &info->keyslots[i];
	}
	return NULL;
}

static bool is_last(const struct cdisk_info *info)
{
	unsigned int i, n = 0;

	for (i = 0; i < info->n_keyslots && i < CDISK_KEYSLOTS_MAX; i++)
		n += !info->keyslots[i].unbound;
	return n <= 1;
}

static bool secret_given(const struct cli *cli)
{
	return opt_set(cli, OPT_KEY_FILE) || opt_set(cli, OPT_KEY_FD) ||
	       opt_set(cli, OPT_PASSPHRASE_STDIN);
}

/*
 * Which slot: by its number, or the one that a secret opens. Whoever knows the secret has agreed;
 * a number alone may be a slip of the finger.
 */
static int slot_choose(struct cli *cli, struct cdisk_container *ct,
	struct cdisk_secret **ret_secret, int *ret_slot)
{
	const struct cdisk_info *info = cdisk_container_info(ct);
	char what[128];
	int r, wanted;

	r = container_keyslot(cli, &wanted);
	if (r < 0)
		return r;
	if (wanted >= 0 && !slot_get(info, wanted))
		return cli_fail(cli, -CDISK_ERR_NOT_FOUND, "there is no keyslot %d", wanted);
	if (wanted < 0 || secret_given(cli))
		return container_test(
			cli, ct, "The passphrase to remove", wanted, ret_secret, ret_slot);
	*ret_slot = wanted;
	(void)snprintf(what, sizeof(what), "This removes keyslot %d for ever", wanted);
	return ask_agreement(cli, "remove", what);
}

static int remove_plan(struct cli *cli, const struct target *t)
{
	if (opt_set(cli, OPT_KEY_SLOT))
		return plan_only(cli, "remove keyslot %llu of %s",
			(unsigned long long)opt_number(cli, OPT_KEY_SLOT, 0), t->path);
	return plan_only(cli, "remove the keyslot of %s that the given secret opens", t->path);
}

static int last_agreed(struct cli *cli, const struct cdisk_container *ct, uint32_t *flags)
{
	if (!opt_set(cli, OPT_FORCE))
		return 0;
	*flags |= CDISK_REMOVE_LAST;
	if (!is_last(cdisk_container_info(ct)))
		return 0;
	return ask_agreement(
		cli, "last", "This is the last keyslot: afterwards nobody can open the volume");
}

int verb_key_remove(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_secret_ struct cdisk_secret *secret = NULL;
	uint32_t flags = opt_set(cli, OPT_KEEP_HEADER_BACKUP) ? CDISK_KEEP_HEADER_BACKUP : 0;
	struct target t;
	int r, slot = -1, removed;

	r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_HEADER, &t, &ct);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return remove_plan(cli, &t);
	r = slot_choose(cli, ct, &secret, &slot);
	if (r == 0)
		r = last_agreed(cli, ct, &flags);
	if (r < 0)
		return r;
	r = cdisk_key_remove(ct, slot, secret, flags, &removed);
	progress_clear(&cli->progress);
	if (r < 0) {
		(void)cli_take(cli, r);
		if (!cli->failure.object[0])
			cli_object(cli, t.path);
		return r;
	}
	output_bool(cli->out, "changed", true);
	output_signed(cli->out, "keyslot", removed);
	keyslots_copies(cli, ct, secret);
	message_note(cli, "%s: keyslot %d was removed", t.path, removed);
	text_line(cli, "%d", removed);
	return 0;
}
