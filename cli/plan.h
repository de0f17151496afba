/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --dry-run: what would be done, as lines and as "steps" of the document. */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

struct cli;

void plan_begin(struct cli *cli);
void plan_step(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void plan_end(struct cli *cli);

/* A plan of one step; returns 0. */
int plan_only(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
