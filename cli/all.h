/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A verb with --all: everything that the caller opened with cryptdisk, each reported. */
#ifndef CLI_ALL_H
#define CLI_ALL_H

#include <cryptdisk/cryptdisk.h>

struct cli;

/* 1 = changed, 0 = was so already; an error's message is in the handle. *a becomes what it is now. */
typedef int (*all_fn)(struct cli *cli, struct cdisk_attachment *a);

/* One that fails does not keep the others; the first failure is the one that is reported. */
int all_run(struct cli *cli, const char *plan, all_fn fn);

#endif
