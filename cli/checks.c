// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks.h"

#include "cli.h"
#include "text.h"

void checks_output(struct cli *cli, const char *key, const struct cdisk_check *list, int n)
{
	int i;

	output_list(cli->out, key);
	for (i = 0; i < n; i++) {
		output_open(cli->out, NULL);
		output_text(cli->out, "name", list[i].name);
		output_bool(cli->out, "works", list[i].works != 0);
		output_text(cli->out, "reason", list[i].reason);
		output_text(cli->out, "advice", list[i].advice);
		output_close(cli->out);
	}
	output_close(cli->out);
}

void checks_lines(struct cli *cli, const struct cdisk_check *list, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		const struct cdisk_check *c = &list[i];

		text_line(cli, "  %s: %s%s%s%s", c->name, c->works ? "yes" : "no",
			c->reason[0] ? " (" : "", c->reason, c->reason[0] ? ")" : "");
		if (c->advice[0])
			text_line(cli, "      %s", c->advice);
	}
}
