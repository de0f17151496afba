// SPDX-License-Identifier: GPL-2.0-or-later
#include "qr.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli.h"
#include "message.h"

#define QR_PROGRAM "/usr/bin/qrencode"
#define QR_MAX 1024 /* a pipe takes this much without a reader */

static void child_run(int in)
{
	char *const argv[] = {(char[]){QR_PROGRAM}, (char[]){"-t"}, (char[]){"UTF8"}, NULL};
	char *const env[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) == STDIN_FILENO)
		(void)execve(QR_PROGRAM, argv, env);
	_exit(127);
}

static int child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The key goes through a pipe: never an argument, a file or the environment. */
static int program_run(struct cdisk_secret *secret)
{
	size_t size = cdisk_secret_size(secret);
	int ends[2], status = -1;
	pid_t pid;

	if (size > QR_MAX || pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	if (write(ends[1], cdisk_secret_data(secret), size) == (ssize_t)size) {
		pid = fork();
		if (pid == 0)
			child_run(ends[0]);
		(void)close(ends[1]);
		ends[1] = -1;
		status = pid < 0 ? -1 : child_wait(pid);
	}
	(void)close(ends[0]);
	if (ends[1] >= 0)
		(void)close(ends[1]);
	return status;
}

void qr_print(struct cli *cli, struct cdisk_secret *secret)
{
	if (access(QR_PROGRAM, X_OK) < 0) {
		message_note(cli, "a QR code would be printed here if qrencode were installed");
		return;
	}
	(void)fflush(stdout);
	if (program_run(secret) != 0)
		message_note(cli, "qrencode failed, there is no QR code");
}
