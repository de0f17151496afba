/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a filesystem's own program (mke2fs, e2fsck ...): arguments, output, what it meant. */
#ifndef CDISK_MOUNT_FSTOOL_H
#define CDISK_MOUNT_FSTOOL_H

#include "base/context.h"

#define CDISK_FSTOOL_ARGS 32
#define CDISK_FSTOOL_REPORT (UINT32_C(256) * 1024)

struct cdisk_fstool {
	const char
		*argv[CDISK_FSTOOL_ARGS]; /* argv[0] = path; what it points to outlives the run */
	size_t n;
	char path[64];
	char inner[64];  /* path of the program that cdisk_fstool_in_mount() wrapped */
	int keep_fds[2]; /* inherited */
	size_t n_keep_fds;
	const char *what; /* for progress; NULL = it cannot be stopped half-way */
	char *output;     /* owned; set by the run */
};

/* Finds the program; -CDISK_ERR_UNSUPPORTED with "install package" where it is missing. */
int cdisk_fstool_init(
	struct cdisk *c, struct cdisk_fstool *t, const char *program, const char *package);
void cdisk_fstool_done(struct cdisk_fstool *t);
void cdisk_fstool_add(struct cdisk_fstool *t, const char *arg);
void cdisk_fstool_add2(struct cdisk_fstool *t, const char *option, const char *value);

/* The exit status, or a negative error with its message set. */
int cdisk_fstool_run(struct cdisk *c, struct cdisk_fstool *t);

/* The line of the output that says why it failed, cleaned for people. */
void cdisk_fstool_reason(const struct cdisk_fstool *t, char *ret_line, size_t size);

/*
 * The whole output, owned by the caller, with what a terminal would obey replaced: checkers print
 * file names of the disk. NULL when there is no memory.
 */
char *cdisk_fstool_report(const struct cdisk_fstool *t);

/*
 * Makes t run its program (argv so far) while the kernel has disk mounted at CDISK_FSTOOL_MOUNT, in
 * a mount namespace of its own that ends with it. Needs root and a kernel that knows the type:
 * -CDISK_ERR_UNSUPPORTED, with the sentence, where that is not so.
 */
#define CDISK_FSTOOL_MOUNT "/tmp"
int cdisk_fstool_in_mount(
	struct cdisk *c, struct cdisk_fstool *t, const char *type, const char *disk);

#define _cleanup_fstool_ __attribute__((cleanup(cdisk_fstool_done)))

#endif
