/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options as data (option_table.c) and their parser (options.c). An option says itself which
 * verbs accept it; help and completion are made from the same table.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include "failure.h"

enum option_id {
	OPT_HELP,
	OPT_VERSION,
	OPT_JSON,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_DEBUG,
	OPT_NO_INPUT,
	OPT_YES,
	OPT_TIMEOUT,
	OPT_TRIES,
	OPT_SCOPE,
	OPT_COLOR,
	OPT_PROGRESS_JSON,
	OPT_PROGRESS_FD,
	OPT_EXPLAIN,
	OPT_DRY_RUN,
	OPT_KDF_MEMORY,
	OPT_KDF_PASSES,
	OPT_REQUIRE_LOCKED_MEMORY,
	OPT_ALLOW_NULL_CIPHER,
	OPT_KEY_FILE,
	OPT_KEYFILE_OFFSET,
	OPT_KEYFILE_SIZE,
	OPT_KEY_FD,
	OPT_PASSPHRASE_STDIN,
	OPT_ASK,
	OPT_NEW_KEY_FILE,
	OPT_NEW_KEY_FD,
	OPT_SIZE,
	OPT_FS,
	OPT_FROM,
	OPT_LABEL,
	OPT_WIPE,
	OPT_HEADER,
	OPT_FORCE,
	OPT_CIPHER,
	OPT_KEY_SIZE,
	OPT_SECTOR_SIZE,
	OPT_OVERCOMMIT,
	OPT_NAME,
	OPT_READONLY,
	OPT_BACKEND,
	OPT_COPY,
	OPT_OPTIONS,
	OPT_OWNER,
	OPT_STRICT,
	OPT_ALL,
	OPT_WAIT,
	OPT_WAIT_STATE, /* --wait too, of another verb */
	OPT_SINCE,
	OPT_LAZY,
	OPT_KEY_SLOT,
	OPT_KEEP_HEADER_BACKUP,
	OPT_QR,
	OPT_REPAIR,
	OPT_ALLOW_OLDER,
	OPT_ALLOW_OTHER,
	OPT_GLOBAL,
	OPT_USER,
	OPT_LATER,  /* named by the contract, not in this version */
	OPT_SECRET, /* a secret on the command line: never taken */
	OPT_COUNT,
};

enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_SIZE,
	OPTION_TIME,
	OPTION_NUMBER,
	OPTION_LATER,
	OPTION_SECRET,
};

struct option {
	enum option_id id;
	enum option_kind kind;
	char letter;         /* 0 = none */
	const char *name;    /* without "--" */
	const char *alias;   /* another long name, or NULL */
	const char *value;   /* what the help calls it; NULL for flags */
	const char *choices; /* "a|b|c", or NULL = anything */
	uint64_t verbs;      /* 1 << enum verb_id of those that accept it */
	const char *help;
};

extern const struct option option_table[]; /* ends with name NULL */

#define OPTION_ALL_VERBS UINT64_MAX
#define OPTIONS_ARGS_MAX 8

struct option_value {
	bool set;
	const char *text; /* points into argv */
	uint64_t number;  /* of SIZE (bytes), TIME (milliseconds) and NUMBER */
};

struct options {
	struct option_value value[OPT_COUNT];
	const char *args[OPTIONS_ARGS_MAX]; /* the verb and its arguments */
	int n_args;
};

/*
 * Takes options and arguments in any order, "--" ends the options. Values are checked here, except
 * which verb they belong to. On failure *o holds what was read so far (so that --json is known).
 */
int options_parse(int argc, char **argv, struct options *o, struct failure *f);

/* Whether the option with this list of choices has text among them. */
bool option_accepts(enum option_id id, const char *text);

/* Refuses options that the verb does not accept. verb: enum verb_id. */
int options_check(const struct options *o, int verb, const char *verb_name, struct failure *f);

#endif
