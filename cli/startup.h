/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program that handles keys does before anything else. */
#ifndef CLI_STARTUP_H
#define CLI_STARTUP_H

struct failure;

/* No core file, no ptrace, private new files, descriptors 0 to 2 open, signals as flags. */
void startup_harden(void);

/* -CDISK_ERR_UNSUPPORTED when program and library are not of one release. */
int startup_check_versions(const char *program, const char *library, struct failure *f);

#endif
