// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/mount.h"

#include <string.h>
#include "base/util.h"
#include "mount/fstool.h"

#define ARGS 4

/* How a type's checker is called, and what its exit status means. */
struct checker {
	const char *type;
	const char *check[ARGS], *preen[ARGS], *repair[ARGS];
	int bad_from; /* of check and preen: this status and all above mean errors that are left */
	bool recheck; /* the status after a repair does not tell whether all is well now */
	bool read_only; /* never repairs: why is in advice */
	const char *advice;
};

static const struct checker checkers[] = {
	{.type = "ext2",
		.check = {"-f", "-n"},
		.preen = {"-p"},
		.repair = {"-f", "-y"},
		.bad_from = 4},
	{.type = "vfat",
		.check = {"-n"},
		.preen = {"-a"},
		.repair = {"-a"},
		.bad_from = 1,
		.recheck = true},
	{.type = "exfat",
		.check = {"-n"},
		.preen = {"-p"},
		.repair = {"-y"},
		.bad_from = 2,
		.recheck = true},
	{.type = "ntfs",
		.check = {"-n"},
		.preen = {"-n"},
		.repair = {"-d"},
		.bad_from = 1,
		.recheck = true},
	{.type = "xfs",
		.check = {"-n", "-f"},
		.preen = {"-n", "-f"},
		.repair = {"-f"},
		.bad_from = 1,
		.recheck = true},
	{.type = "btrfs",
		.check = {"check", "--readonly"},
		.preen = {"check", "--readonly"},
		.bad_from = 1,
		.read_only = true,
		.advice = "mount it read-only, save what it holds and make it anew; 'btrfs check "
			  "--repair' is for those whom its developers told to use it"},
};

static const struct checker *checker_get(const char *type)
{
	if (strcmp(type, "ext3") == 0 || strcmp(type, "ext4") == 0)
		type = "ext2";
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(checkers); i++)
		if (strcmp(checkers[i].type, type) == 0)
			return &checkers[i];
	return NULL;
}

static int run_checker(struct cdisk *c, const struct cdisk_fstype *type, const char *const *args,
	const char *disk, const char *what, struct cdisk_fstool *t)
{
	int r;

	cdisk_fstool_done(t);
	r = cdisk_fstool_init(c, t, type->fsck, type->package);
	if (r < 0)
		return r;
	t->what = what;
	for (size_t i = 0; i < ARGS && args[i]; i++)
		cdisk_fstool_add(t, args[i]);
	cdisk_fstool_add(t, disk);
	return cdisk_fstool_run(c, t);
}

static int has_errors(struct cdisk *c, const struct checker *k, const char *type, bool repair,
	const struct cdisk_fstool *t)
{
	char reason[256];
	int r;

	cdisk_fstool_reason(t, reason, sizeof(reason));
	r = cdisk_fail(c, -CDISK_ERR_FILESYSTEM, "the %s filesystem has errors%s: %s", type,
		repair ? " that could not be repaired" : "", reason);
	if (k->advice)
		cdisk_hint(c, "%s", k->advice);
	else if (!repair)
		cdisk_hint(c, "make a copy of the container, then let fsck repair it");
	return r;
}

int cdisk_fsck_run(struct cdisk *c, const char *type, const char *disk, bool repair, bool preen,
	char **ret_report)
{
	_cleanup_fstool_ struct cdisk_fstool t = {.n = 0};
	const struct cdisk_fstype *fs = cdisk_fstype_get(type);
	const struct checker *k = checker_get(type);
	char *report;
	int r;

	if (!fs || !k)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"no checker is known for the filesystem '%s'", type);
	if (repair && k->read_only) {
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED, "%s is not repaired automatically", type);
		cdisk_hint(c, "%s", k->advice);
		return r;
	}
	/* A repair that is stopped half-way leaves worse than it found: no cancelling there. */
	if (repair || preen)
		r = run_checker(c, fs, repair ? k->repair : k->preen, disk, NULL, &t);
	else
		r = run_checker(c, fs, k->check, disk, "checking the filesystem", &t);
	if (r > 0 && (repair || preen) && k->recheck)
		r = run_checker(c, fs, k->check, disk, NULL, &t);
	if (r < 0)
		return r;
	if (ret_report) {
		report = cdisk_fstool_report(&t);
		if (!report)
			return cdisk_fail(c, -ENOMEM, "out of memory for the checker's report");
		*ret_report = report;
	}
	return r >= k->bad_from ? has_errors(c, k, type, repair, &t) : 0;
}
