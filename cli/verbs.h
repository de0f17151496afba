/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verbs: what they are called, what they take, who runs them. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include <stdint.h>
#include "failure.h"

struct cli;

enum verb_id {
	VERB_CREATE,
	VERB_OPEN,
	VERB_CLOSE,
	VERB_MOUNT,
	VERB_UMOUNT,
	VERB_EJECT,
	VERB_LOCK,
	VERB_RESUME,
	VERB_LIST,
	VERB_STATUS,
	VERB_INFO,
	VERB_RESOLVE,
	VERB_TREE,
	VERB_PS,
	VERB_ID_SHOW,
	VERB_WHOAMI,
	VERB_KEY_ADD,
	VERB_KEY_REMOVE,
	VERB_KEY_CHANGE,
	VERB_KEY_LIST,
	VERB_KEY_TEST,
	VERB_KEY_RECOVERY,
	VERB_HEADER_BACKUP,
	VERB_HEADER_RESTORE,
	VERB_HEADER_CHECK,
	VERB_RESIZE,
	VERB_TRIM,
	VERB_FSCK,
	VERB_ERASE,
	VERB_DEFINE,
	VERB_UNDEFINE,
	VERB_EVENTS,
	VERB_DOCTOR,
	VERB_BENCHMARK,
	VERB_VERSION,
	VERB_COMPLETION,
	VERB_HELP,
	VERB_COUNT,
};

_Static_assert(VERB_COUNT <= 64, "options name their verbs in a mask of 64 bits");

#define VERB_MAKES_RUN_DIR (UINT32_C(1) << 0) /* needs <run>; without it nothing is made there */

struct verb {
	enum verb_id id;
	const char *name;
	const char *sub; /* "add" of "key add", or NULL */
	int (*run)(struct cli *cli);
	const char *usage; /* of the arguments */
	int min_args, max_args;
	uint32_t flags;
	const char *help;     /* one line */
	const char *text;     /* more for --help, or NULL */
	const char *examples; /* one a line, or NULL */
};

extern const struct verb verb_table[]; /* ends with name NULL */

/* "key add", "mount"; text of static storage. */
const char *verb_title(const struct verb *v);

/* True for a name that the contract has and this version does not (sub may be NULL). */
int verb_is_later(const char *name, const char *sub);

/*
 * The verb that args begins with; *ret_used = how many words name it. -EINVAL (unknown),
 * -CDISK_ERR_UNSUPPORTED (not in this version).
 */
int verb_find(const char *const *args, int n_args, const struct verb **ret_verb, int *ret_used,
	struct failure *f);

int verb_create(struct cli *cli);
int verb_open(struct cli *cli);
int verb_close(struct cli *cli);
int verb_mount(struct cli *cli);
int verb_umount(struct cli *cli);
int verb_eject(struct cli *cli);
int verb_lock(struct cli *cli);
int verb_resume(struct cli *cli);
int verb_list(struct cli *cli);
int verb_status(struct cli *cli);
int verb_info(struct cli *cli);
int verb_resolve(struct cli *cli);
int verb_tree(struct cli *cli);
int verb_ps(struct cli *cli);
int verb_id_show(struct cli *cli);
int verb_whoami(struct cli *cli);
int verb_key_add(struct cli *cli);
int verb_key_remove(struct cli *cli);
int verb_key_change(struct cli *cli);
int verb_key_list(struct cli *cli);
int verb_key_test(struct cli *cli);
int verb_key_recovery(struct cli *cli);
int verb_header_backup(struct cli *cli);
int verb_header_restore(struct cli *cli);
int verb_header_check(struct cli *cli);
int verb_resize(struct cli *cli);
int verb_trim(struct cli *cli);
int verb_fsck(struct cli *cli);
int verb_erase(struct cli *cli);
int verb_define(struct cli *cli);
int verb_undefine(struct cli *cli);
int verb_events(struct cli *cli);
int verb_doctor(struct cli *cli);
int verb_benchmark(struct cli *cli);
int verb_version(struct cli *cli);
int verb_completion(struct cli *cli);
int verb_help(struct cli *cli);

#endif
