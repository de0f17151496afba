/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Help, made from the tables of verbs and options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

struct cli;
struct verb;

/* Of one verb; of the program when the verb is "help". */
int help_verb(struct cli *cli, const struct verb *v);

#endif
