// SPDX-License-Identifier: GPL-2.0-or-later
#include "all.h"

#include <errno.h>
#include <unistd.h>
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "signals.h"
#include "text.h"
#include "volume.h"

static void one_failed(
	struct cli *cli, const struct cdisk_attachment *a, int r, struct failure *first)
{
	if (first->error) {
		message_warning(cli, "%s stays: %s", volume_place(a), cdisk_message(cli->c));
		return;
	}
	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, volume_place(a));
	*first = cli->failure;
}

static int list_run(struct cli *cli, struct cdisk_attachment *list, int n, all_fn fn)
{
	struct failure first = {0};
	int i, changed = 0;

	output_list(cli->out, "volumes");
	for (i = 0; i < n && !signals_caught(); i++) {
		int r = fn(cli, &list[i]);

		if (r < 0)
			one_failed(cli, &list[i], r, &first);
		else
			changed += r;
		volume_output(cli, NULL, &list[i], NULL);
	}
	progress_clear(&cli->progress);
	output_close(cli->out);
	output_bool(cli->out, "changed", changed > 0);
	output_keep(cli->out);
	if (!first.error && signals_caught())
		return cli_fail(cli, -ECANCELED, "cancelled");
	cli->failure = first;
	return first.error;
}

/* Only what the caller opened, with cryptdisk. */
static int own_only(struct cdisk_attachment *list, int n)
{
	int i, kept = 0;

	for (i = 0; i < n; i++) {
		if (list[i].uid != getuid() || list[i].state == CDISK_STATE_FOREIGN)
			continue;
		if (kept != i)
			list[kept] = list[i];
		kept++;
	}
	return kept;
}

int all_run(struct cli *cli, const char *plan, all_fn fn)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	int i, n;

	n = cdisk_list(cli->c, 0, &list);
	if (n < 0)
		return cli_take(cli, n);
	n = own_only(list, n);
	if (!opt_set(cli, OPT_DRY_RUN))
		return list_run(cli, list, n, fn);
	plan_begin(cli);
	for (i = 0; i < n; i++)
		plan_step(cli, "%s %s", plan, volume_place(&list[i]));
	plan_end(cli);
	return 0;
}
