// SPDX-License-Identifier: GPL-2.0-or-later
/* The program cryptdisk: from the words of a command line to a verb and an exit code. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "config.h"
#include "exit.h"
#include "help.h"
#include "message.h"
#include "secret.h"
#include "startup.h"
#include "text.h"

static int handle_new(struct cli *cli)
{
	uint32_t flags = 0;
	int r;

	if (opt_set(cli, OPT_REQUIRE_LOCKED_MEMORY))
		flags |= CDISK_SET_REQUIRE_LOCKED_MEMORY;
	if (opt_set(cli, OPT_ALLOW_NULL_CIPHER))
		flags |= CDISK_SET_ALLOW_NULL_CIPHER;
	r = cdisk_new(&cli->c);
	if (r < 0)
		return cli_fail(cli, r, "out of memory");
	cdisk_set_log(cli->c, message_log, cli);
	cdisk_set_progress(cli->c, progress_report, &cli->progress);
	r = cdisk_set_flags(cli->c, flags);
	return r < 0 ? cli_take(cli, r) : 0;
}

static int arguments_check(struct cli *cli)
{
	const struct verb *v = cli->verb;

	if (cli->n_args < v->min_args)
		return cli_fail(cli, -EINVAL, "an argument is missing: cryptdisk %s %s",
			verb_title(v), v->usage);
	if (cli->n_args > v->max_args)
		return cli_fail(
			cli, -EINVAL, "'%s' is one argument too many", cli->args[v->max_args]);
	return 0;
}

/* "cryptdisk", "cryptdisk --help", "cryptdisk --version". */
static int verb_choose(struct cli *cli)
{
	const struct options *o = &cli->options;
	const char *instead = opt_set(cli, OPT_HELP) ? "help" : "version";
	bool asked = opt_set(cli, OPT_VERSION) || (o->n_args == 0 && opt_set(cli, OPT_HELP));
	int r, used = 0;

	if (asked)
		return verb_find(&instead, 1, &cli->verb, &used, &cli->failure);
	if (o->n_args == 0)
		return cli_fail(cli, -EINVAL, "a verb is missing");
	r = verb_find(o->args, o->n_args, &cli->verb, &used, &cli->failure);
	if (r < 0)
		return r;
	cli->args = o->args + used;
	cli->n_args = o->n_args - used;
	return 0;
}

static int verb_prepare(struct cli *cli)
{
	int r;

	r = options_check(&cli->options, cli->verb->id, verb_title(cli->verb), &cli->failure);
	if (r == 0)
		r = arguments_check(cli);
	if (r == 0)
		r = secret_check_options(cli);
	if (r == 0)
		r = progress_start(cli);
	if (r == 0 && cli->verb->id != VERB_VERSION)
		r = startup_check_versions(CDISK_VERSION, cdisk_library_version(), &cli->failure);
	if (r == 0)
		r = handle_new(cli);
	if (r == 0)
		r = config_folders(
			cli, (cli->verb->flags & VERB_MAKES_RUN_DIR) && !opt_set(cli, OPT_DRY_RUN));
	return r;
}

static int run(struct cli *cli, int parsed)
{
	int r;

	if (parsed < 0) {
		int used;
		struct failure ignored;

		(void)verb_find(
			cli->options.args, cli->options.n_args, &cli->verb, &used, &ignored);
		return parsed;
	}
	r = verb_choose(cli);
	if (r == 0 && opt_set(cli, OPT_HELP))
		return help_verb(cli, cli->verb);
	if (r == 0)
		r = verb_prepare(cli);
	return r < 0 ? r : cli->verb->run(cli);
}

/* Something beside the verb's work was not done: that is a result of its own, unless it failed. */
static int partly(struct cli *cli, int r)
{
	if (r < 0) {
		message_warning(cli, "%s", cdisk_partial(cli->c));
		return r;
	}
	output_keep(cli->out);
	return cli_fail(cli, -CDISK_ERR_PARTIAL, "%s", cdisk_partial(cli->c));
}

/* The one place where a result becomes an exit code. */
static int finish(struct cli *cli, int r)
{
	struct failure *f = &cli->failure;
	int printed;

	progress_clear(&cli->progress);
	if (r >= 0)
		memset(f, 0, sizeof(*f));
	if (cli->c && cdisk_partial(cli->c)[0])
		r = partly(cli, r);
	if (r < 0 && f->error != r)
		(void)failure_take(f, cli->c, r);
	if (f->error == -EINVAL && !f->hint[0])
		failure_hint(f, "Try 'cryptdisk %s%s--help'.",
			cli->verb ? verb_title(cli->verb) : "", cli->verb ? " " : "");
	if (f->error)
		message_failure(cli);
	printed = output_finish(cli->out, cli->verb ? verb_title(cli->verb) : NULL, f);
	if (printed == -ENOMEM || (printed < 0 && !f->error)) {
		(void)failure_set(f, printed == -ENOMEM ? printed : -EIO,
			"the result cannot be written to standard output: %s", strerror(-printed));
		if (cli->shown)
			failure_hint(f, "the recovery key was added and nobody saw it: find its "
					"keyslot with 'key list', remove it with 'key remove'");
		message_failure(cli);
	}
	return exit_for(f->error)->code;
}

int main(int argc, char **argv)
{
	static struct cli cli;
	int parsed, code;

	startup_harden();
	progress_init(&cli.progress);
	parsed = options_parse(argc, argv, &cli.options, &cli.failure);
	if (output_new(opt_set(&cli, OPT_JSON), &cli.out) < 0) {
		if (opt_set(&cli, OPT_JSON))
			output_no_memory();
		return exit_for(-ENOMEM)->code;
	}
	text_init(&cli);
	code = finish(&cli, run(&cli, parsed));
	cdisk_secret_free(cli.shown);
	cdisk_free(cli.c);
	free(cli.definition);
	output_free(cli.out);
	return code;
}
