/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line from the controlling terminal, without echo if asked, into memory of the caller: no
 * stdio buffer sees it. The echo comes back whatever ends the prompt: a line, a timeout, Ctrl-C,
 * SIGTERM; while the program is stopped by Ctrl-Z it is back too.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

struct terminal {
	int fd;
	bool own;   /* fd was opened here */
	bool quiet; /* no echo while a line is read */
	const char *prompt;
	struct termios saved;
	sigset_t mask; /* of before */
	struct sigaction stop, cont;
};

/* -ENXIO where there is no terminal. */
int terminal_open(struct terminal *t);
void terminal_close(struct terminal *t);

/*
 * Prints prompt and reads a line of at most size bytes, which come without their newline; the
 * count is in *ret_size. timeout_ms 0 = none. -ECANCELED (signal, end of input), -ETIMEDOUT,
 * -EMSGSIZE (longer), -EIO.
 */
int terminal_read(struct terminal *t, const char *prompt, bool echo, uint64_t timeout_ms, char *buf,
	size_t size, size_t *ret_size);

#endif
