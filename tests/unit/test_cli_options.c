// SPDX-License-Identifier: GPL-2.0-or-later
/* The option parser of the program, and what its tables must be like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "../../cli/exit.c"
#include "../../cli/failure.c"
#include "../../cli/option_table.c"
#include "../../cli/options.c"
#include "../../cli/size.c"
#include "../../cli/verbs.c"

/* The table names the handlers of all verbs; nothing here calls them. */
#define HANDLER(name)             \
	int name(struct cli *cli) \
	{                         \
		(void)cli;        \
		return -ENOSYS;   \
	}
HANDLER(verb_create)
HANDLER(verb_open)
HANDLER(verb_close)
HANDLER(verb_mount)
HANDLER(verb_umount)
HANDLER(verb_eject)
HANDLER(verb_lock)
HANDLER(verb_resume)
HANDLER(verb_list)
HANDLER(verb_status)
HANDLER(verb_info)
HANDLER(verb_resolve)
HANDLER(verb_tree)
HANDLER(verb_ps)
HANDLER(verb_id_show)
HANDLER(verb_whoami)
HANDLER(verb_key_add)
HANDLER(verb_key_remove)
HANDLER(verb_key_change)
HANDLER(verb_key_list)
HANDLER(verb_key_test)
HANDLER(verb_key_recovery)
HANDLER(verb_header_backup)
HANDLER(verb_header_restore)
HANDLER(verb_header_check)
HANDLER(verb_resize)
HANDLER(verb_trim)
HANDLER(verb_fsck)
HANDLER(verb_erase)
HANDLER(verb_define)
HANDLER(verb_undefine)
HANDLER(verb_events)
HANDLER(verb_doctor)
HANDLER(verb_benchmark)
HANDLER(verb_version)
HANDLER(verb_completion)
HANDLER(verb_help)

#define WORDS_MAX 16

static char store[4096];
static struct options o;
static struct failure f;

/* line is cut at blanks; "''" stands for an empty word. */
static int parse(const char *line)
{
	char *argv[WORDS_MAX + 1] = {(char[]){"cryptdisk"}};
	int argc = 1;
	char *word, *rest;

	memset(&o, 0, sizeof(o));
	memset(&f, 0, sizeof(f));
	assert_true(strlen(line) < sizeof(store));
	strcpy(store, line);
	for (word = strtok_r(store, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < WORDS_MAX);
		if (strcmp(word, "''") == 0)
			*word = '\0';
		argv[argc++] = word;
	}
	return options_parse(argc, argv, &o, &f);
}

static void t_options_and_arguments_stand_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(parse("--json mount box.img -r --tries=5 here -t 10s -q"), 0);
	assert_int_equal(o.n_args, 3);
	assert_string_equal(o.args[0], "mount");
	assert_string_equal(o.args[2], "here");
	assert_true(o.value[OPT_JSON].set && o.value[OPT_READONLY].set && o.value[OPT_QUIET].set);
	assert_true(o.value[OPT_TRIES].number == 5);
	assert_true(o.value[OPT_TIMEOUT].number == 10000);
}

static void t_letters_are_joined_and_take_values(void **state)
{
	(void)state;
	assert_int_equal(parse("mount x -qvr -T3 -okey=1,ro -d-"), 0);
	assert_true(o.value[OPT_QUIET].set && o.value[OPT_VERBOSE].set);
	assert_true(o.value[OPT_TRIES].number == 3);
	assert_string_equal(o.value[OPT_OPTIONS].text, "key=1,ro");
	assert_string_equal(o.value[OPT_KEY_FILE].text, "-");
}

static void t_two_dashes_end_the_options_and_one_is_an_argument(void **state)
{
	(void)state;
	assert_int_equal(parse("info -- --json"), 0);
	assert_string_equal(o.args[1], "--json");
	assert_false(o.value[OPT_JSON].set);
	assert_int_equal(parse("info -"), 0);
	assert_string_equal(o.args[1], "-");
}

static void t_aliases_are_the_same_option(void **state)
{
	(void)state;
	assert_int_equal(parse("mount x --no-user-interaction --batch-mode --read-only"), 0);
	assert_true(o.value[OPT_NO_INPUT].set && o.value[OPT_YES].set && o.value[OPT_READONLY].set);
}

static void t_bad_options_are_refused(void **state)
{
	static const char *const bad[] = {"mount x --nosuch", "mount x -Z", "mount x --tries",
		"mount x --tries=", "mount x --tries ''", "mount x --tries two", "mount x -T -1",
		"mount x --json=yes", "create x --size 1.5G", "create x --size 99999999P",
		"create x --fs nosuch", "create x --fs ext", "create x --fs ext4|vfat",
		"create x --size 1G --size 1G", "mount ''", "a b c d e f g h i"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i]), -EINVAL);
		assert_true(f.message[0] != '\0');
	}
}

static void t_json_is_known_also_when_the_rest_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(parse("mount x --nosuch --json"), -EINVAL);
	assert_true(o.value[OPT_JSON].set);
	assert_int_equal(parse("mount x --json=yes"), -EINVAL);
	assert_true(o.value[OPT_JSON].set);
	/* Also where it is taken for the secret, and wiped. */
	assert_int_equal(parse("mount x --password --json"), -EINVAL);
	assert_true(o.value[OPT_JSON].set);
	assert_int_equal(parse("mount x --nosuch -- --json"), -EINVAL);
	assert_false(o.value[OPT_JSON].set);
}

/* No secret in argv: refused, not repeated, and wiped where ps would show it. */
static void t_a_secret_on_the_command_line_is_refused_and_wiped(void **state)
{
	static const char *const lines[] = {"mount x --password hunter2", "--password=hunter2",
		"open --passphrase hunter2 x", "mount x --pass=hunter2"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), -EINVAL);
		assert_null(strstr(f.message, "hunter2"));
		assert_null(strstr(f.hint, "hunter2"));
		assert_non_null(strstr(f.hint, "--key-file"));
		assert_null(memmem(store, sizeof(store), "hunter2", 7));
	}
}

static void t_names_of_later_are_unsupported_not_unknown(void **state)
{
	const struct verb *v;
	int used;

	(void)state;
	assert_int_equal(parse("mount x --persist"), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(parse("mount x --keyring=desc"), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(parse("restore x --nosuch"), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(parse("id set x"), 0);
	assert_int_equal(verb_find(o.args, o.n_args, &v, &used, &f), -CDISK_ERR_UNSUPPORTED);
	assert_int_equal(parse("header history x"), 0);
	assert_int_equal(verb_find(o.args, o.n_args, &v, &used, &f), -CDISK_ERR_UNSUPPORTED);
}

static void t_an_option_belongs_to_its_verbs(void **state)
{
	(void)state;
	assert_int_equal(parse("list --size 1G"), 0);
	assert_int_equal(options_check(&o, VERB_LIST, "list", &f), -EINVAL);
	assert_non_null(strstr(f.message, "--size"));
	assert_int_equal(options_check(&o, VERB_CREATE, "create", &f), 0);
}

static void t_verbs_of_two_words_are_found(void **state)
{
	const struct verb *v;
	int used;

	(void)state;
	assert_int_equal(parse("key add x"), 0);
	assert_int_equal(verb_find(o.args, o.n_args, &v, &used, &f), 0);
	assert_int_equal(v->id, VERB_KEY_ADD);
	assert_int_equal(used, 2);
	assert_string_equal(verb_title(v), "key add");
	assert_int_equal(parse("unmount x"), 0);
	assert_int_equal(verb_find(o.args, o.n_args, &v, &used, &f), 0);
	assert_int_equal(v->id, VERB_UMOUNT);
	assert_int_equal(parse("key"), 0);
	assert_int_equal(verb_find(o.args, o.n_args, &v, &used, &f), -EINVAL);
	assert_non_null(strstr(f.message, "recovery"));
	assert_int_equal(parse("key nosuch"), 0);
	assert_int_equal(verb_find(o.args, o.n_args, &v, &used, &f), -EINVAL);
	assert_int_equal(verb_find(NULL, 0, &v, &used, &f), -EINVAL);
}

static void t_one_name_is_the_option_of_the_verb(void **state)
{
	(void)state;
	assert_int_equal(parse("umount x --wait 10s"), 0);
	assert_int_equal(o.value[OPT_WAIT].number, 10000);
	assert_false(o.value[OPT_WAIT_STATE].set);
	assert_int_equal(parse("events --wait mounted"), 0);
	assert_string_equal(o.value[OPT_WAIT_STATE].text, "mounted");
	assert_false(o.value[OPT_WAIT].set);
	/* Before the verb, the value tells. */
	assert_int_equal(parse("--wait mounted events"), 0);
	assert_true(o.value[OPT_WAIT_STATE].set);
	assert_int_equal(parse("--wait=10s umount x"), 0);
	assert_true(o.value[OPT_WAIT].set);
	assert_int_equal(parse("events --wait 10s"), -EINVAL);
	assert_int_equal(parse("umount x --wait mounted"), -EINVAL);
	assert_int_equal(parse("--wait nonsense"), -EINVAL);
	assert_int_equal(parse("events --wait"), -EINVAL);
}

static void t_no_two_options_have_one_name_or_letter(void **state)
{
	const struct option *a, *b;

	(void)state;
	for (a = option_table; a->name; a++) {
		for (b = a + 1; b->name; b++) {
			/* Of different verbs they may. */
			if (a->verbs & b->verbs)
				assert_string_not_equal(a->name, b->name);
			assert_true(!a->alias || strcmp(a->alias, b->name) != 0);
			assert_true(!b->alias || strcmp(b->alias, a->name) != 0);
			assert_true(!a->letter || a->letter != b->letter);
		}
	}
}

static void t_every_option_and_verb_has_a_line_of_help(void **state)
{
	const struct option *opt;
	const struct verb *v;
	int n = 0;

	(void)state;
	for (opt = option_table; opt->name; opt++) {
		if (opt->kind == OPTION_LATER || opt->kind == OPTION_SECRET)
			continue;
		assert_true(opt->help && opt->help[0] && strlen(opt->help) < 70);
		assert_true((opt->kind == OPTION_FLAG) == (opt->value == NULL));
		assert_true(opt->verbs != 0);
	}
	for (v = verb_table; v->name; v++, n++) {
		assert_int_equal(v->id, n);
		assert_true(v->help && v->help[0] && v->run && v->min_args <= v->max_args);
	}
	assert_int_equal(n, VERB_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_options_and_arguments_stand_in_any_order),
		cmocka_unit_test(t_letters_are_joined_and_take_values),
		cmocka_unit_test(t_two_dashes_end_the_options_and_one_is_an_argument),
		cmocka_unit_test(t_aliases_are_the_same_option),
		cmocka_unit_test(t_bad_options_are_refused),
		cmocka_unit_test(t_json_is_known_also_when_the_rest_is_wrong),
		cmocka_unit_test(t_a_secret_on_the_command_line_is_refused_and_wiped),
		cmocka_unit_test(t_names_of_later_are_unsupported_not_unknown),
		cmocka_unit_test(t_an_option_belongs_to_its_verbs),
		cmocka_unit_test(t_verbs_of_two_words_are_found),
		cmocka_unit_test(t_one_name_is_the_option_of_the_verb),
		cmocka_unit_test(t_no_two_options_have_one_name_or_letter),
		cmocka_unit_test(t_every_option_and_verb_has_a_line_of_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
