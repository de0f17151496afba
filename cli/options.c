// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <cryptdisk/cryptdisk.h>
#include "size.h"
#include "verbs.h"

#define NAME_MAX_SHOWN 64 /* of a name that nobody knows, in the error */

static const struct option *option_by_name(const char *name, size_t len)
{
	const struct option *o;

	for (o = option_table; o->name; o++) {
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
		if (o->alias && strlen(o->alias) == len && memcmp(o->alias, name, len) == 0)
			return o;
	}
	return NULL;
}

static const struct option *option_by_letter(char letter)
{
	const struct option *o;

	for (o = option_table; o->name; o++) {
		if (o->letter && o->letter == letter)
			return o;
	}
	return NULL;
}

/* The words before "|" of choices, one after the other, against text. */
static bool choice_fits(const char *choices, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		const char *end = strchrnul(choices, '|');

		if ((size_t)(end - choices) == len && memcmp(choices, text, len) == 0)
			return true;
		if (!*end)
			return false;
		choices = end + 1;
	}
	return false;
}

bool option_accepts(enum option_id id, const char *text)
{
	const struct option *opt;

	for (opt = option_table; opt->name; opt++) {
		if (opt->id == id && opt->choices)
			return choice_fits(opt->choices, text);
	}
	return false;
}

static int value_parse(const struct option *opt, const char *text, uint64_t *ret_number)
{
	switch (opt->kind) {
	case OPTION_SIZE:
		return size_parse(text, ret_number);
	case OPTION_TIME:
		return time_parse(text, ret_number);
	case OPTION_NUMBER:
		return number_parse(text, ret_number);
	default:
		return 0;
	}
}

/* "--wait" means one thing to umount and another to events: the verb decides, or else the value. */
static const struct option *option_choose(
	const struct options *o, const struct option *first, const char *value)
{
	const struct option *opt;
	const struct verb *verb = NULL;
	struct failure ignored;
	uint64_t number;
	int used;

	(void)verb_find(o->args, o->n_args, &verb, &used, &ignored);
	for (opt = first; opt->name; opt++) {
		if (strcmp(opt->name, first->name) != 0)
			continue;
		if (verb && opt->verbs & (UINT64_C(1) << verb->id))
			return opt;
		if (!verb && value && (!opt->choices || choice_fits(opt->choices, value)) &&
			value_parse(opt, value, &number) == 0)
			return opt;
	}
	return first;
}

static const char *value_example(enum option_kind kind)
{
	switch (kind) {
	case OPTION_SIZE:
		return "a size such as 10G, 64MiB or 4096";
	case OPTION_TIME:
		return "a time such as 10s or 5m";
	default:
		return "a whole number";
	}
}

static int value_store(
	struct options *o, const struct option *opt, const char *text, struct failure *f)
{
	struct option_value *v = &o->value[opt->id];
	int r;

	if (v->set)
		return failure_set(f, -EINVAL, "--%s is given twice", opt->name);
	if (!text[0])
		return failure_set(f, -EINVAL, "the value of --%s is empty", opt->name);
	if (opt->choices && !choice_fits(opt->choices, text))
		return failure_set(f, -EINVAL, "'%s' is no value of --%s, one of %s is", text,
			opt->name, opt->choices);
	r = value_parse(opt, text, &v->number);
	if (r == -ERANGE)
		return failure_set(f, -EINVAL, "'%s' is too much for --%s", text, opt->name);
	if (r < 0)
		return failure_set(f, -EINVAL, "--%s needs %s, not '%s'", opt->name,
			value_example(opt->kind), text);
	v->text = text;
	v->set = true;
	return 0;
}

/*
 * A secret in argv is seen by everybody on the machine. It is not taken, not repeated, and what the
 * kernel still shows of it is overwritten.
 */
static int refuse_secret(const struct option *opt, char *inlined, char *next, struct failure *f)
{
	char *text = inlined ? inlined : next;
	int r;

	if (text)
		explicit_bzero(text, strlen(text));
	r = failure_set(
		f, -EINVAL, "there is no --%s: every user can read a command line", opt->name);
	failure_hint(f, "leave it out and be asked, or pipe one line to --passphrase-stdin, or "
			"use --key-file FILE or --key-fd N; a secret that was typed here should "
			"be changed");
	return r;
}

static int refuse_later(const struct option *opt, struct failure *f)
{
	return failure_set(f, -CDISK_ERR_UNSUPPORTED, "--%s is not in this version", opt->name);
}

/* One option. value: what stands behind "=" or the letter, or NULL. 1 = it also took next. */
static int option_take(
	struct options *o, const struct option *opt, char *value, char *next, struct failure *f)
{
	int r;

	if (opt->kind == OPTION_SECRET)
		return refuse_secret(opt, value, next, f);
	if (opt->kind == OPTION_LATER)
		return refuse_later(opt, f);
	if (opt->kind == OPTION_FLAG) {
		if (value)
			return failure_set(f, -EINVAL, "--%s takes no value", opt->name);
		o->value[opt->id].set = true;
		return 0;
	}
	if (!value && !next)
		return failure_set(f, -EINVAL, "--%s needs %s", opt->name, opt->value);
	r = value_store(o, opt, value ? value : next, f);
	if (r < 0)
		return r;
	return value ? 0 : 1;
}

static int long_parse(struct options *o, char *arg, char *next, struct failure *f)
{
	char *name = arg + 2;
	char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct option *opt = option_by_name(name, len);

	if (!opt)
		return failure_set(f, -EINVAL, "there is no option --%.*s",
			len < NAME_MAX_SHOWN ? (int)len : NAME_MAX_SHOWN, name);
	opt = option_choose(o, opt, equals ? equals + 1 : next);
	return option_take(o, opt, equals ? equals + 1 : NULL, next, f);
}

/* "-qv", "-t5", "-t 5". */
static int short_parse(struct options *o, char *arg, char *next, struct failure *f)
{
	char *p;
	int r;

	for (p = arg + 1; *p; p++) {
		const struct option *opt = option_by_letter(*p);
		bool flag;

		if (!opt && (unsigned char)*p < 128 && *p > ' ')
			return failure_set(f, -EINVAL, "there is no option -%c", *p);
		if (!opt)
			return failure_set(f, -EINVAL, "there is no such option");
		flag = opt->kind == OPTION_FLAG;
		r = option_take(o, opt, !flag && p[1] ? p + 1 : NULL, flag ? NULL : next, f);
		if (r < 0 || !flag)
			return r;
	}
	return 0;
}

static int argument_take(struct options *o, const char *arg, struct failure *f)
{
	if (!arg[0])
		return failure_set(f, -EINVAL, "an argument is empty");
	if (o->n_args == OPTIONS_ARGS_MAX)
		return failure_set(f, -EINVAL, "too many arguments");
	o->args[o->n_args++] = arg;
	if (o->n_args == 1 && verb_is_later(arg, NULL))
		return failure_set(
			f, -CDISK_ERR_UNSUPPORTED, "'cryptdisk %s' is not in this version", arg);
	return 0;
}

/* For a parse that failed: --json decides the form of the error wherever it stands. */
static bool json_seek(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--json") == 0 || strncmp(argv[i], "--json=", 7) == 0)
			return true;
	}
	return false;
}

int options_parse(int argc, char **argv, struct options *o, struct failure *f)
{
	/* Before the words are taken: one that may be a secret is wiped at once. */
	bool json = json_seek(argc, argv);
	bool only_arguments = false;
	int i, r = 0;

	for (i = 1; i < argc && r >= 0; i++) {
		char *arg = argv[i];
		char *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (only_arguments || arg[0] != '-' || !arg[1])
			r = argument_take(o, arg, f);
		else if (strcmp(arg, "--") == 0)
			only_arguments = true;
		else if (arg[1] == '-')
			r = long_parse(o, arg, next, f);
		else
			r = short_parse(o, arg, next, f);
		if (r > 0)
			i++;
	}
	if (r < 0 && json)
		o->value[OPT_JSON].set = true;
	return r < 0 ? r : 0;
}

int options_check(const struct options *o, int verb, const char *verb_name, struct failure *f)
{
	const struct option *opt;

	for (opt = option_table; opt->name; opt++) {
		if (!o->value[opt->id].set || opt->verbs & (UINT64_C(1) << verb))
			continue;
		return failure_set(f, -EINVAL, "'%s' does not take --%s", verb_name, opt->name);
	}
	return 0;
}
