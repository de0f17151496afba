// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "keyslots.h"
#include "message.h"
#include "plan.h"
#include "qr.h"
#include "resolve.h"
#include "text.h"
#include "unlock.h"

/* Past stdio, whose buffer would keep a copy. */
static int key_write(struct cli *cli, struct cdisk_secret *key)
{
	const char *data = cdisk_secret_data(key);
	size_t left = cdisk_secret_size(key);

	if (fflush(stdout) != 0)
		return cli_fail(cli, -EIO, "the sheet cannot be printed: %s", strerror(errno));
	while (left > 0) {
		ssize_t n = write(STDOUT_FILENO, data, left);

		if (n < 0 && errno != EINTR)
			return cli_fail(
				cli, -EIO, "the key cannot be printed: %s", strerror(errno));
		if (n > 0) {
			data += n;
			left -= (size_t)n;
		}
	}
	return 0;
}

static int sheet_print(
	struct cli *cli, const struct cdisk_info *info, struct cdisk_secret *key, int slot)
{
	int r;

	if (output_is_json(cli->out))
		return 0;
	text_line(cli, "Recovery key of an encrypted volume\n");
	text_fact(cli, "Volume", "%s", info->id);
	text_fact(cli, "Label", "%s", info->label);
	text_fact(cli, "Container", "%s", info->path);
	text_fact(cli, "Keyslot", "%d", slot);
	text_line(cli, "\nThe key, dashes included:\n");
	r = key_write(cli, key);
	if (r < 0)
		return r;
	text_line(cli, "\n");
	if (opt_set(cli, OPT_QR) || isatty(STDOUT_FILENO))
		qr_print(cli, key);
	text_line(cli, "To use it, type it where the passphrase is asked for:\n"
		       "  cryptdisk mount CONTAINER\n"
		       "Whoever has this sheet and the container can read everything in it. Keep\n"
		       "them apart. The key is not stored anywhere and is not shown again.");
	return 0;
}

/* The key is of no use when nobody saw it, and then nobody shall be able to use it. */
static int key_withdraw(struct cli *cli, struct cdisk_container *ct, int slot)
{
	struct failure why = cli->failure;
	int removed;

	if (cdisk_key_remove(ct, slot, cli->shown, 0, &removed) < 0)
		message_warning(cli, "keyslot %d holds a recovery key that nobody knows", slot);
	cli->failure = why;
	return why.error;
}

int verb_key_recovery(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	_cleanup_secret_ struct cdisk_secret *secret = NULL;
	struct cdisk_key params;
	struct target t;
	int r, slot, opened;

	r = keyslots_params(cli, "recovery", &params);
	if (r == 0)
		r = container_keyslot(cli, &params.keyslot);
	if (r == 0)
		r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_HEADER, &t, &ct);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "add a recovery key to %s and print it", t.path);
	r = container_test(cli, ct, "A present passphrase", -1, &secret, &opened);
	if (r < 0)
		return r;
	r = cdisk_recovery_key(cli->c, &cli->shown);
	if (r == 0)
		r = cdisk_key_add(ct, secret, cli->shown, &params, &slot);
	progress_clear(&cli->progress);
	if (r < 0)
		return cli_take(cli, r);
	output_bool(cli->out, "changed", true);
	output_secret(cli->out, "recovery_key", cdisk_secret_data(cli->shown),
		cdisk_secret_size(cli->shown));
	output_signed(cli->out, "keyslot", slot);
	r = sheet_print(cli, cdisk_container_info(ct), cli->shown, slot);
	return r < 0 ? key_withdraw(cli, ct, slot) : 0;
}
