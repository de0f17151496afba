/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long work: a bar on a terminal, or JSON lines for programs. The library's callback ends here, and
 * its answer is how a signal cancels.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct cli;

struct progress {
	const char *command;
	bool bar;       /* on standard error */
	int fd;         /* of JSON lines; -1 = none */
	bool shown;     /* a bar stands on the terminal */
	uint64_t begun; /* ms; of the work that is called what */
	uint64_t last;  /* ms; when something was printed */
	char what[64];
};

void progress_init(struct progress *p);
/* After the options: where it goes. -EBADF for a descriptor that is not open. */
int progress_start(struct cli *cli);
/* Removes the bar, so that a line can be printed. */
void progress_clear(struct progress *p);
/* For cdisk_set_progress(); data is the struct progress. */
int progress_report(const char *what, uint64_t done, uint64_t total, void *data);

#endif
