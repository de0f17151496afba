// SPDX-License-Identifier: GPL-2.0-or-later
/* The passphrase prompt on a real (pseudo) terminal: what it reads and how it leaves the terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <pty.h>
#include <sys/wait.h>
#include "../../cli/signals.c"
#include "../../cli/terminal.c"

#define PROMPT "Passphrase: "
#define LINE_MAX_HERE 64
#define WAIT_MS 5000

struct prompt {
	pid_t pid;
	int master;
	char shown[4096];
	size_t n;
};

#define NO_ECHO 98

/*
 * What the child ends with: 100 + length of the line, the error, or NO_ECHO. It looks at the echo
 * itself, because the terminal is reset to its defaults when the child is gone.
 */
static void child(uint64_t timeout_ms)
{
	char line[LINE_MAX_HERE];
	struct termios after;
	struct terminal t;
	size_t n = 0;
	int r;

	signals_install();
	r = terminal_open(&t);
	if (r == 0)
		r = terminal_read(&t, PROMPT, false, timeout_ms, line, sizeof(line), &n);
	if (tcgetattr(t.fd, &after) < 0 || !(after.c_lflag & ECHO))
		_exit(NO_ECHO);
	if (r == 0 && n == 8 && memcmp(line, "pa\303\244sswd", 8) != 0)
		_exit(99);
	_exit(r < 0 ? -r : 100 + (int)n);
}

static void prompt_start(struct prompt *p, uint64_t timeout_ms)
{
	memset(p, 0, sizeof(*p));
	p->pid = forkpty(&p->master, NULL, NULL, NULL);
	assert_true(p->pid >= 0);
	if (p->pid == 0)
		child(timeout_ms);
}

static bool is_echoing(const struct prompt *p)
{
	struct termios now;

	assert_int_equal(tcgetattr(p->master, &now), 0);
	return now.c_lflag & ECHO;
}

/* Until text was shown for the n-th time. */
static void shown_wait(struct prompt *p, const char *text, int times)
{
	for (;;) {
		struct pollfd pfd = {.fd = p->master, .events = POLLIN};
		const char *at = p->shown;
		ssize_t got;
		int n = 0;

		while ((at = strstr(at, text)) != NULL) {
			at += strlen(text);
			n++;
		}
		if (n >= times)
			return;
		assert_int_equal(poll(&pfd, 1, WAIT_MS), 1);
		got = read(p->master, p->shown + p->n, sizeof(p->shown) - 1 - p->n);
		assert_true(got > 0);
		p->n += (size_t)got;
	}
}

static void type(const struct prompt *p, const char *text)
{
	assert_int_equal(write(p->master, text, strlen(text)), strlen(text));
}

static int prompt_end_status(struct prompt *p)
{
	int status;

	assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void t_a_line_is_read_without_echo_and_the_echo_comes_back(void **state)
{
	struct prompt p;

	(void)state;
	prompt_start(&p, 0);
	shown_wait(&p, PROMPT, 1);
	assert_false(is_echoing(&p));
	type(&p, "pa\303\244sswd\n");
	assert_int_equal(prompt_end_status(&p), 108);
	assert_null(strstr(p.shown, "sswd"));
	close(p.master);
}

static void t_an_empty_line_is_an_answer(void **state)
{
	struct prompt p;

	(void)state;
	prompt_start(&p, 0);
	shown_wait(&p, PROMPT, 1);
	type(&p, "\n");
	assert_int_equal(prompt_end_status(&p), 100);
	close(p.master);
}

static void t_signals_and_end_of_input_cancel_and_the_echo_comes_back(void **state)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, 0};
	struct prompt p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		prompt_start(&p, 0);
		shown_wait(&p, PROMPT, 1);
		if (numbers[i])
			kill(p.pid, numbers[i]);
		else
			type(&p, "\004");
		assert_int_equal(prompt_end_status(&p), ECANCELED);
		close(p.master);
	}
}

static void t_what_was_inherited_of_signals_does_not_break_waiting(void **state)
{
	int status = 0;
	sigset_t set;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)signal(SIGCHLD, SIG_IGN);
		(void)sigfillset(&set);
		(void)sigprocmask(SIG_BLOCK, &set, NULL);
		signals_install();
		pid = fork();
		if (pid == 0)
			_exit(7);
		if (waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 7)
			_exit(1);
		(void)raise(SIGTERM);
		_exit(signals_caught() == SIGTERM ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void t_nobody_answering_is_a_timeout_and_the_echo_comes_back(void **state)
{
	struct prompt p;

	(void)state;
	prompt_start(&p, 50);
	assert_int_equal(prompt_end_status(&p), ETIMEDOUT);
	close(p.master);
}

/* A stop that cannot stop it (no shell is there) and a SIGCONT: both prompt again. */
static void t_after_a_stop_it_asks_again_and_the_echo_comes_back(void **state)
{
	struct prompt p;

	(void)state;
	prompt_start(&p, 0);
	shown_wait(&p, PROMPT, 1);
	type(&p, "half\032");
	shown_wait(&p, PROMPT, 2);
	assert_false(is_echoing(&p));
	kill(p.pid, SIGCONT);
	shown_wait(&p, PROMPT, 3);
	assert_false(is_echoing(&p));
	type(&p, "pa\303\244sswd\n");
	assert_int_equal(prompt_end_status(&p), 108);
	close(p.master);
}

static void t_a_line_that_is_too_long_is_refused(void **state)
{
	char text[LINE_MAX_HERE * 2 + 2];
	struct prompt p;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 2, "\n", 2);
	prompt_start(&p, 0);
	shown_wait(&p, PROMPT, 1);
	type(&p, text);
	assert_int_equal(prompt_end_status(&p), EMSGSIZE);
	close(p.master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_a_line_is_read_without_echo_and_the_echo_comes_back),
		cmocka_unit_test(t_an_empty_line_is_an_answer),
		cmocka_unit_test(t_signals_and_end_of_input_cancel_and_the_echo_comes_back),
		cmocka_unit_test(t_what_was_inherited_of_signals_does_not_break_waiting),
		cmocka_unit_test(t_nobody_answering_is_a_timeout_and_the_echo_comes_back),
		cmocka_unit_test(t_after_a_stop_it_asks_again_and_the_echo_comes_back),
		cmocka_unit_test(t_a_line_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
