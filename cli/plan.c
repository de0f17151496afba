// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include "cli.h"
#include "text.h"

#define STEP_MAX 8192

void plan_begin(struct cli *cli)
{
	output_bool(cli->out, "changed", false);
	output_bool(cli->out, "dry_run", true);
	output_list(cli->out, "steps");
}

static void __attribute__((format(printf, 2, 0)))
step_print(struct cli *cli, const char *fmt, va_list ap)
{
	char step[STEP_MAX];

	(void)vsnprintf(step, sizeof(step), fmt, ap);
	output_text(cli->out, NULL, step);
	text_line(cli, "would %s", step);
}

void plan_step(struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	step_print(cli, fmt, ap);
	va_end(ap);
}

void plan_end(struct cli *cli)
{
	output_close(cli->out);
}

int plan_only(struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	plan_begin(cli);
	va_start(ap, fmt);
	step_print(cli, fmt, ap);
	va_end(ap);
	plan_end(cli);
	return 0;
}
