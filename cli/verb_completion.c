// SPDX-License-Identifier: GPL-2.0-or-later
/* Completion scripts, made from the tables of verbs and options. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "text.h"

static bool offered(const struct option *o)
{
	return o->kind != OPTION_LATER && o->kind != OPTION_SECRET;
}

static bool accepted(const struct option *o, const struct verb *v)
{
	return offered(o) && (o->verbs & (UINT64_C(1) << v->id));
}

/* True for the first verb of the table with this name ("key" stands there six times). */
static bool first_of_name(const struct verb *v)
{
	const struct verb *u;

	for (u = verb_table; u != v; u++) {
		if (strcmp(u->name, v->name) == 0)
			return false;
	}
	return true;
}

static void subs_print(const char *name)
{
	const struct verb *v;

	for (v = verb_table; v->name; v++) {
		if (v->sub && strcmp(v->name, name) == 0)
			(void)printf(" %s", v->sub);
	}
}

static void names_print(void)
{
	const struct verb *v;

	for (v = verb_table; v->name; v++) {
		if (first_of_name(v))
			(void)printf(" %s", v->name);
	}
}

static bool takes_path(const struct option *o)
{
	return o->value && (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "DIR") == 0);
}

static void choices_print(const char *choices)
{
	for (; *choices; choices++)
		(void)putchar(*choices == '|' ? ' ' : *choices);
}

/* "--key-file|-d)" and what may follow it. */
static void bash_values(void)
{
	const struct option *o;

	for (o = option_table; o->name; o++) {
		if (!offered(o) || !o->value)
			continue;
		(void)printf("\t--%s", o->name);
		if (o->letter)
			(void)printf("|-%c", o->letter);
		(void)printf(") ");
		if (o->choices) {
			(void)printf("COMPREPLY=($(compgen -W \"");
			choices_print(o->choices);
			(void)printf("\" -- \"$cur\"));");
		} else if (takes_path(o)) {
			(void)printf("COMPREPLY=($(compgen -f -- \"$cur\"));");
		}
		(void)printf(" return;;\n");
	}
}

static void bash_options(void)
{
	const struct option *o;
	const struct verb *v;

	for (v = verb_table; v->name; v++) {
		(void)printf(
			"\t%s%s%s) words=\"", v->name, v->sub ? "\\ " : "", v->sub ? v->sub : "");
		for (o = option_table; o->name; o++) {
			if (accepted(o, v))
				(void)printf("--%s ", o->name);
		}
		(void)printf("\";;\n");
	}
}

static void bash_print(void)
{
	const struct verb *v;

	(void)printf("# bash completion of cryptdisk, made by 'cryptdisk completion bash'\n"
		     "_cryptdisk() {\n"
		     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		     "\tlocal verb=${COMP_WORDS[1]} words=\n"
		     "\tCOMPREPLY=()\n"
		     "\tcase $prev in\n");
	bash_values();
	(void)printf("\tesac\n\tif ((COMP_CWORD == 1)); then\n"
		     "\t\tCOMPREPLY=($(compgen -W \"");
	names_print();
	(void)printf("\" -- \"$cur\")); return\n\tfi\n\tcase $verb in\n");
	for (v = verb_table; v->name; v++) {
		if (!v->sub || !first_of_name(v))
			continue;
		(void)printf("\t%s) if ((COMP_CWORD == 2)); then\n\t\tCOMPREPLY=($(compgen -W \"",
			v->name);
		subs_print(v->name);
		(void)printf(
			"\" -- \"$cur\")); return\n\tfi\n\tverb=\"$verb ${COMP_WORDS[2]}\";;\n");
	}
	(void)printf("\tesac\n\tcase $verb in\n");
	bash_options();
	(void)printf("\tesac\n\tif [[ $cur == -* ]]; then\n"
		     "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n\telse\n"
		     "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\tfi\n}\n"
		     "complete -o filenames -F _cryptdisk cryptdisk\n");
}

/* For text in single quotes and square brackets of zsh, and for fish. */
static void quoted_print(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			(void)printf("'\\''");
		else if (*text == '[' || *text == ']' || *text == ':')
			(void)printf("\\%c", *text);
		else
			(void)putchar(*text);
	}
}

static void zsh_option(const struct option *o)
{
	(void)printf("\t\t\t'--%s", o->name);
	(void)printf("[");
	quoted_print(o->help);
	(void)printf("]");
	if (o->choices) {
		(void)printf(":%s:(", o->value);
		choices_print(o->choices);
		(void)printf(")");
	} else if (o->value) {
		(void)printf(":%s:%s", o->value, takes_path(o) ? "_files" : "");
	}
	(void)printf("' \\\n");
}

static void zsh_verb(const struct verb *v)
{
	const struct option *o;

	(void)printf("\t\t%s%s%s)\n\t\t_arguments -S \\\n", v->name, v->sub ? "\\ " : "",
		v->sub ? v->sub : "");
	for (o = option_table; o->name; o++) {
		if (accepted(o, v))
			zsh_option(o);
	}
	(void)printf("\t\t\t'*:argument:_files'\n\t\t;;\n");
}

static void zsh_print(void)
{
	const struct verb *v;

	(void)printf("#compdef cryptdisk\n"
		     "# zsh completion of cryptdisk, made by 'cryptdisk completion zsh'\n"
		     "_cryptdisk() {\n\tlocal verb=$words[2]\n\tlocal -a verbs subs\n"
		     "\tverbs=(\n");
	for (v = verb_table; v->name; v++) {
		if (!first_of_name(v))
			continue;
		(void)printf("\t\t'%s:", v->name);
		if (v->sub)
			subs_print(v->name);
		else
			quoted_print(v->help);
		(void)printf("'\n");
	}
	(void)printf(
		"\t)\n\tif ((CURRENT == 2)); then\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n"
		"\tcase $verb in\n");
	for (v = verb_table; v->name; v++) {
		if (!v->sub || !first_of_name(v))
			continue;
		(void)printf("\t%s)\n\t\tsubs=(", v->name);
		subs_print(v->name);
		(void)printf(")\n\t\tif ((CURRENT == 3)); then\n\t\t\t_describe verb subs\n"
			     "\t\t\treturn\n\t\tfi\n\t\tverb=\"$verb $words[3]\"\n"
			     "\t\tshift words\n\t\t((CURRENT--))\n\t\t;;\n");
	}
	(void)printf("\tesac\n\tshift words\n\t((CURRENT--))\n\tcase $verb in\n");
	for (v = verb_table; v->name; v++)
		zsh_verb(v);
	(void)printf("\tesac\n}\n_cryptdisk \"$@\"\n");
}

static void fish_condition(const struct verb *v)
{
	(void)printf("complete -c cryptdisk -n '__fish_seen_subcommand_from %s", v->name);
	if (v->sub)
		(void)printf("; and __fish_seen_subcommand_from %s", v->sub);
	(void)printf("'");
}

static void fish_option(const struct option *o)
{
	(void)printf(" -l %s", o->name);
	if (o->letter)
		(void)printf(" -s %c", o->letter);
	if (o->choices) {
		(void)printf(" -x -a '");
		choices_print(o->choices);
		(void)printf("'");
	} else if (o->value) {
		(void)printf(takes_path(o) ? " -r" : " -x");
	}
	(void)printf(" -d '");
	for (const char *p = o->help; *p; p++)
		(void)printf(*p == '\'' ? "\\'" : "%c", *p);
	(void)printf("'\n");
}

static void fish_verbs(void)
{
	const struct verb *v;

	for (v = verb_table; v->name; v++) {
		if (first_of_name(v) && !v->sub)
			(void)printf("complete -c cryptdisk -n __fish_use_subcommand -f -a %s "
				     "-d '%s'\n",
				v->name, v->help);
		else if (first_of_name(v))
			(void)printf("complete -c cryptdisk -n __fish_use_subcommand -f -a %s\n",
				v->name);
		if (v->sub)
			(void)printf(
				"complete -c cryptdisk -n '__fish_seen_subcommand_from %s; and "
				"test (count (commandline -opc)) -eq 2' -f -a %s -d '%s'\n",
				v->name, v->sub, v->help);
	}
}

static void fish_print(void)
{
	const struct option *o;
	const struct verb *v;

	(void)printf("# fish completion of cryptdisk, made by 'cryptdisk completion fish'\n");
	fish_verbs();
	for (o = option_table; o->name; o++) {
		if (!offered(o))
			continue;
		if (o->verbs == OPTION_ALL_VERBS) {
			(void)printf("complete -c cryptdisk");
			fish_option(o);
			continue;
		}
		for (v = verb_table; v->name; v++) {
			if (!accepted(o, v))
				continue;
			fish_condition(v);
			fish_option(o);
		}
	}
}

static const struct shell {
	const char *name;
	void (*print)(void);
} shells[] = {
	{"bash", bash_print},
	{"zsh", zsh_print},
	{"fish", fish_print},
};

int verb_completion(struct cli *cli)
{
	const char *name = cli_arg(cli, 0);
	size_t i;

	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].name, name) != 0)
			continue;
		/* A script is no JSON; with --json the document only says that there is one. */
		output_text(cli->out, "shell", name);
		if (!output_is_json(cli->out))
			shells[i].print();
		return 0;
	}
	return cli_fail(
		cli, -EINVAL, "there is completion for bash, zsh and fish, not for '%.64s'", name);
}
