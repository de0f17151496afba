// SPDX-License-Identifier: GPL-2.0-or-later
#include "checks.h"
#include "cli.h"
#include "text.h"

static int count_working(const struct cdisk_check *list, int n)
{
	int i, working = 0;

	for (i = 0; i < n; i++)
		working += list[i].works != 0;
	return working;
}

int verb_doctor(struct cli *cli)
{
	_cleanup_free_ struct cdisk_check *backends = NULL, *checks = NULL;
	int n_backends, n_checks;

	n_backends = cdisk_backends(cli->c, &backends);
	if (n_backends < 0)
		return cli_take(cli, n_backends);
	n_checks = cdisk_doctor(cli->c, &checks);
	if (n_checks < 0)
		return cli_take(cli, n_checks);
	checks_output(cli, "backends", backends, n_backends);
	checks_output(cli, "checks", checks, n_checks);
	text_line(cli, "Backends:");
	checks_lines(cli, backends, n_backends);
	text_line(cli, "\nSystem:");
	checks_lines(cli, checks, n_checks);
	output_keep(cli->out);
	if (count_working(backends, n_backends) > 0)
		return 0;
	(void)cli_fail(cli, -CDISK_ERR_NO_BACKEND, "no backend works here");
	cli_hint(cli, "the lines above tell what each of them lacks");
	return -CDISK_ERR_NO_BACKEND;
}
