// SPDX-License-Identifier: GPL-2.0-or-later
#include "signals.h"

#include <stddef.h>

static volatile sig_atomic_t caught;

/* All that end a program by default and that somebody may send to end it in good order. */
static const int stopping[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM};

static void remember(int number)
{
	caught = number;
}

void signals_install(void)
{
	struct sigaction old, sa = {.sa_handler = remember};
	size_t i;

	(void)sigemptyset(&sa.sa_mask);
	/* Without SA_RESTART, so that a wait for input ends. What nohup ignores stays ignored. */
	for (i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++) {
		if (sigaction(stopping[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN)
			continue;
		(void)sigaction(stopping[i], &sa, NULL);
	}
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
	/* Who started us may have ignored it: then children vanish and waiting for them fails. */
	sa.sa_handler = SIG_DFL;
	(void)sigaction(SIGCHLD, &sa, NULL);
	/* Or blocked some: a mask is inherited, too. */
	(void)sigemptyset(&sa.sa_mask);
	(void)sigprocmask(SIG_SETMASK, &sa.sa_mask, NULL);
}

int signals_caught(void)
{
	return caught;
}

void signals_block(sigset_t *ret_before)
{
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++)
		(void)sigaddset(&set, stopping[i]);
	(void)sigaddset(&set, SIGTSTP);
	(void)sigaddset(&set, SIGCONT);
	(void)sigprocmask(SIG_BLOCK, &set, ret_before);
}

void signals_restore(const sigset_t *before)
{
	(void)sigprocmask(SIG_SETMASK, before, NULL);
}
