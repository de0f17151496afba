/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place that maps errors to the exit codes of the contract. Pure functions. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

struct exit_code {
	int code;
	const char *name;
	const char *meaning;
};

/* Ends with name NULL; for the help text and for tests. */
extern const struct exit_code exit_codes[];

/* error: 0, negative errno or -CDISK_ERR_*. Never NULL; what is unknown is an I/O error. */
const struct exit_code *exit_for(int error);

/* A sentence for an error that nobody described: strerror's, or the meaning of its code. */
const char *exit_describe(int error);

#endif
