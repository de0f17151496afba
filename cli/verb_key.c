// SPDX-License-Identifier: GPL-2.0-or-later
/* key add, key change, key list, key test */
#include <string.h>
#include "cli.h"
#include "keyslots.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "secret.h"
#include "text.h"
#include "unlock.h"

static const char *new_kind(const struct cli *cli)
{
	return opt_set(cli, OPT_NEW_KEY_FILE) || opt_set(cli, OPT_NEW_KEY_FD) ? "keyfile"
									      : "passphrase";
}

static int key_failed(struct cli *cli, const struct target *t, int r)
{
	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, t->path);
	return r;
}

int verb_key_add(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_secret_ struct cdisk_secret *old_secret = NULL, *new_secret = NULL;
	struct cdisk_key params;
	struct target t;
	int r, slot, opened;

	r = keyslots_params(cli, new_kind(cli), &params);
	if (r == 0)
		r = container_keyslot(cli, &params.keyslot);
	if (r == 0)
		r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_HEADER, &t, &ct);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "add a %s to %s", params.kind, t.path);
	r = container_test(cli, ct, "A present passphrase", -1, &old_secret, &opened);
	if (r == 0)
		r = secret_new(cli, t.path, &new_secret);
	if (r < 0)
		return r;
	r = cdisk_key_add(ct, old_secret, new_secret, &params, &slot);
	progress_clear(&cli->progress);
	if (r < 0)
		return key_failed(cli, &t, r);
	output_bool(cli->out, "changed", true);
	output_signed(cli->out, "keyslot", slot);
	message_note(cli, "%s: the new %s is in keyslot %d", t.path, params.kind, slot);
	text_line(cli, "%d", slot);
	return 0;
}

int verb_key_change(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_secret_ struct cdisk_secret *old_secret = NULL, *new_secret = NULL;
	struct cdisk_key params;
	struct target t;
	int r, slot, wanted;

	r = keyslots_params(cli, new_kind(cli), &params);
	if (r == 0)
		r = container_keyslot(cli, &wanted);
	if (r == 0)
		r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_HEADER, &t, &ct);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "replace a secret of %s by a %s", t.path, params.kind);
	r = container_test(cli, ct, "The present passphrase", wanted, &old_secret, &params.keyslot);
	if (r == 0)
		r = secret_new(cli, t.path, &new_secret);
	if (r < 0)
		return r;
	r = cdisk_key_change(ct, old_secret, new_secret, &params, &slot);
	progress_clear(&cli->progress);
	if (r < 0)
		return key_failed(cli, &t, r);
	output_bool(cli->out, "changed", true);
	output_signed(cli->out, "keyslot", slot);
	keyslots_copies(cli, ct, old_secret);
	message_note(cli, "%s: the new %s is in keyslot %d, the old one is gone", t.path,
		params.kind, slot);
	text_line(cli, "%d", slot);
	return 0;
}

int verb_key_list(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const struct cdisk_info *info;
	struct target t;
	int r;

	r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_INSPECT, &t, &ct);
	if (r < 0)
		return r;
	info = cdisk_container_info(ct);
	output_text(cli->out, "id", info->id);
	keyslots_output(cli, info);
	keyslots_table(cli, info);
	return 0;
}

int verb_key_test(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	struct target t;
	int r, wanted, slot;

	r = container_keyslot(cli, &wanted);
	if (r == 0)
		r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_INSPECT, &t, &ct);
	if (r == 0)
		r = container_test(cli, ct, "Passphrase", wanted, NULL, &slot);
	if (r < 0)
		return r;
	output_signed(cli->out, "keyslot", slot);
	text_line(cli, "%d", slot);
	return 0;
}
