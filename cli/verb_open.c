// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach.h"
#include "cli.h"
#include "plan.h"
#include "scope.h"
#include "text.h"
#include "volume.h"

int verb_open(struct cli *cli)
{
	struct cdisk_attachment a;
	struct scope scope;
	bool fresh;
	int r;

	r = scope_choose(cli, &scope);
	if (r < 0)
		return r;
	if (opt_set(cli, OPT_DRY_RUN)) {
		r = attach_plan(cli, cli_arg(cli, 0), false);
		if (r == 0)
			plan_end(cli);
		return r;
	}
	r = attach_volume(cli, cli_arg(cli, 0), false, &a, &fresh);
	if (r < 0)
		return r;
	output_bool(cli->out, "changed", true);
	volume_output(cli, "volume", &a, NULL);
	text_line(cli, "%s", a.disk);
	return 0;
}
