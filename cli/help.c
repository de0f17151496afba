// SPDX-License-Identifier: GPL-2.0-or-later
#include "help.h"

#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "exit.h"
#include "text.h"

#define HELP_COLUMN 30

static bool accepts(const struct option *o, const struct verb *v)
{
	return o->kind != OPTION_LATER && o->kind != OPTION_SECRET &&
	       (o->verbs & (UINT64_C(1) << v->id));
}

static bool is_of_all(const struct option *o)
{
	return o->verbs == OPTION_ALL_VERBS;
}

static void option_line(struct cli *cli, const struct option *o)
{
	char left[96], letter[8] = "    ";
	const char *value = o->choices ? o->choices : o->value;

	if (o->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, value ? " " : "",
		value ? value : "");
	if (strlen(left) <= HELP_COLUMN)
		text_line(cli, "  %-*s %s", HELP_COLUMN, left, o->help);
	else
		text_line(cli, "  %s\n  %-*s %s", left, HELP_COLUMN, "", o->help);
}

static void options_of(struct cli *cli, const struct verb *v, bool common)
{
	const struct option *o;

	for (o = option_table; o->name; o++) {
		if (accepts(o, v) && is_of_all(o) == common)
			option_line(cli, o);
	}
}

static bool has_own_options(const struct verb *v)
{
	const struct option *o;

	for (o = option_table; o->name; o++) {
		if (accepts(o, v) && !is_of_all(o))
			return true;
	}
	return false;
}

static void examples_of(struct cli *cli, const struct verb *v)
{
	const char *line = v->examples;

	if (!line)
		return;
	text_line(cli, "\nExamples:");
	while (*line) {
		const char *end = strchrnul(line, '\n');

		text_line(cli, "  %.*s", (int)(end - line), line);
		line = *end ? end + 1 : end;
	}
}

static int help_one(struct cli *cli, const struct verb *v)
{
	text_line(cli, "cryptdisk %s: %s\n", verb_title(v), v->help);
	text_line(cli, "Usage: cryptdisk %s%s%s [OPTIONS]", verb_title(v), v->usage[0] ? " " : "",
		v->usage);
	if (v->text)
		text_line(cli, "\n%s", v->text);
	if (has_own_options(v)) {
		text_line(cli, "\nOptions:");
		options_of(cli, v, false);
	}
	text_line(cli, "\nOptions of every verb:");
	options_of(cli, v, true);
	examples_of(cli, v);
	text_line(cli, "\nExit codes: 'cryptdisk help' lists them.");
	output_text(cli->out, "verb", verb_title(v));
	output_text(cli->out, "usage", v->usage);
	output_text(cli->out, "help", v->help);
	return 0;
}

static int help_all(struct cli *cli)
{
	const struct exit_code *e;
	const struct verb *v;

	text_line(cli, "cryptdisk: encrypted disk containers that open on any Linux\n");
	text_line(cli, "Usage: cryptdisk VERB [ARGUMENTS] [OPTIONS]\n\nVerbs:");
	output_list(cli->out, "verbs");
	for (v = verb_table; v->name; v++) {
		text_line(cli, "  %-16s %s", verb_title(v), v->help);
		output_open(cli->out, NULL);
		output_text(cli->out, "verb", verb_title(v));
		output_text(cli->out, "usage", v->usage);
		output_text(cli->out, "help", v->help);
		output_close(cli->out);
	}
	output_close(cli->out);
	text_line(cli,
		"\nVOL is a path, id:ID, label:LABEL, name:NAME, a bare name, or the first 8\n"
		"or more hex digits of an ID.\n\nExit codes:");
	for (e = exit_codes; e->name; e++)
		text_line(cli, "  %2d  %-16s %s", e->code, e->name, e->meaning);
	text_line(cli, "\n'cryptdisk VERB --help' tells more about one verb.");
	return 0;
}

int help_verb(struct cli *cli, const struct verb *v)
{
	const char *name = "help";
	int used;

	/* Whatever was asked about, this is what was run, and what the document says. */
	(void)verb_find(&name, 1, &cli->verb, &used, &cli->failure);
	return v->id == VERB_HELP ? help_all(cli) : help_one(cli, v);
}

int verb_help(struct cli *cli)
{
	const struct verb *v;
	int r, used;

	if (cli->n_args == 0)
		return help_all(cli);
	r = verb_find(cli->args, cli->n_args, &v, &used, &cli->failure);
	return r < 0 ? r : help_verb(cli, v);
}
