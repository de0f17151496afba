// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include "ask.h"
#include "cli.h"
#include "keyslots.h"
#include "message.h"
#include "plan.h"
#include "resolve.h"
#include "unlock.h"

static int refuse_open(struct cli *cli, const struct target *t)
{
	if (t->n_attached == 0 || opt_set(cli, OPT_FORCE))
		return 0;
	(void)cli_fail(cli, -CDISK_ERR_IN_USE, "the volume is open");
	cli_object(cli, t->path);
	cli_hint(cli, "'cryptdisk umount' closes it; --force erases it all the same");
	return -CDISK_ERR_IN_USE;
}

int verb_erase(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	char what[FAILURE_TEXT];
	struct target t;
	int r;

	r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_HEADER, &t, &ct);
	if (r == 0)
		r = refuse_open(cli, &t);
	if (r < 0)
		return r;
	output_text(cli->out, "id", cdisk_container_info(ct)->id);
	/* Before: afterwards nothing tells any more which volume a copy belongs to. */
	keyslots_copies(cli, ct, NULL);
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "destroy all keys of %s for ever", t.path);
	(void)snprintf(what, sizeof(what),
		"This destroys all keys of %.1000s; nobody can open it again", t.path);
	r = ask_agreement(cli, "erase", what);
	if (r < 0)
		return r;
	r = cdisk_erase(ct);
	if (r < 0) {
		(void)cli_take(cli, r);
		if (!cli->failure.object[0])
			cli_object(cli, t.path);
		return r;
	}
	output_bool(cli->out, "changed", true);
	message_note(cli, "%s: all keys are destroyed", t.path);
	return 0;
}
