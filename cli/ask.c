// SPDX-License-Identifier: GPL-2.0-or-later
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "message.h"
#include "terminal.h"

#define ASK_TRIES 3
#define ASK_TRIES_MAX 100
#define PROMPT_MAX 512

unsigned int ask_tries(const struct cli *cli)
{
	uint64_t n = opt_number(cli, OPT_TRIES, ASK_TRIES);

	if (n == 0)
		return 1;
	return n > ASK_TRIES_MAX ? ASK_TRIES_MAX : (unsigned int)n;
}

static int nobody_to_ask(struct cli *cli, const char *why)
{
	(void)cli_fail(cli, -CDISK_ERR_NO_SECRET, "no passphrase or key was given and %s", why);
	cli_hint(cli, "give one with --key-file FILE, --key-fd N or --passphrase-stdin");
	return -CDISK_ERR_NO_SECRET;
}

static int terminal_get(struct cli *cli, struct terminal *t)
{
	if (opt_set(cli, OPT_NO_INPUT))
		return nobody_to_ask(cli, "--no-input forbids to ask");
	if (terminal_open(t) < 0)
		return nobody_to_ask(cli, "there is no terminal to ask on");
	return 0;
}

static int read_failed(struct cli *cli, int r)
{
	switch (r) {
	case -ETIMEDOUT:
		return cli_fail(cli, r, "nobody answered the prompt in time");
	case -ECANCELED:
		return cli_fail(cli, r, "cancelled");
	case -EMSGSIZE:
		(void)cli_fail(cli, -EINVAL, "a typed passphrase has at most %d bytes",
			ASK_SECRET_MAX - 1);
		cli_hint(cli, "put it into a file and use --key-file FILE");
		return -EINVAL;
	default:
		return cli_fail(cli, r, "the terminal cannot be read");
	}
}

static int secret_read(
	struct cli *cli, struct terminal *t, const char *prompt, struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *s = NULL;
	char shown[PROMPT_MAX];
	size_t n = 0;
	int r;

	r = cdisk_secret_new(cli->c, ASK_SECRET_MAX, &s);
	if (r < 0)
		return cli_take(cli, r);
	(void)snprintf(shown, sizeof(shown), "%s: ", prompt);
	message_clean(shown);
	progress_clear(&cli->progress);
	r = terminal_read(t, shown, false, opt_number(cli, OPT_TIMEOUT, 0), cdisk_secret_data(s),
		ASK_SECRET_MAX, &n);
	if (r < 0)
		return read_failed(cli, r);
	cdisk_secret_truncate(s, n);
	*ret_secret = s;
	s = NULL;
	return 0;
}

int ask_secret(struct cli *cli, const char *prompt, struct cdisk_secret **ret_secret)
{
	struct terminal t;
	int r;

	r = terminal_get(cli, &t);
	if (r < 0)
		return r;
	r = secret_read(cli, &t, prompt, ret_secret);
	terminal_close(&t);
	return r;
}

/* Both come from the same person, but how long it takes should still tell nothing. */
static bool same(struct cdisk_secret *a, struct cdisk_secret *b)
{
	const volatile unsigned char *x = cdisk_secret_data(a), *y = cdisk_secret_data(b);
	size_t i, n = cdisk_secret_size(a);
	unsigned char differs = 0;

	if (n != cdisk_secret_size(b))
		return false;
	for (i = 0; i < n; i++)
		differs |= x[i] ^ y[i];
	return differs == 0;
}

/* 1 = a new secret, 0 = not usable, try again. */
static int new_secret_try(
	struct cli *cli, struct terminal *t, const char *prompt, struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *first = NULL, *second = NULL;
	int r;

	r = secret_read(cli, t, prompt, &first);
	if (r < 0)
		return r;
	if (cdisk_secret_size(first) == 0) {
		message_note(cli, "an empty passphrase protects nothing");
		return 0;
	}
	r = secret_read(cli, t, "The same again", &second);
	if (r < 0)
		return r;
	if (!same(first, second)) {
		message_note(cli, "the two passphrases differ");
		return 0;
	}
	*ret_secret = first;
	first = NULL;
	return 1;
}

int ask_new_secret(struct cli *cli, const char *object, struct cdisk_secret **ret_secret)
{
	unsigned int left = ask_tries(cli);
	struct terminal t;
	char prompt[PROMPT_MAX];
	int r;

	r = terminal_get(cli, &t);
	if (r < 0)
		return r;
	(void)snprintf(prompt, sizeof(prompt), "New passphrase for %.400s", object);
	do {
		r = new_secret_try(cli, &t, prompt, ret_secret);
	} while (r == 0 && --left > 0);
	terminal_close(&t);
	if (r == 0)
		return cli_fail(cli, -CDISK_ERR_NO_SECRET, "no new passphrase was given");
	return r < 0 ? r : 0;
}

int ask_agreement(struct cli *cli, const char *word, const char *what)
{
	struct terminal t;
	char question[FAILURE_TEXT], answer[128];
	size_t n = 0;
	int r;

	if (opt_set(cli, OPT_YES))
		return 0;
	if (opt_set(cli, OPT_NO_INPUT) || terminal_open(&t) < 0) {
		(void)cli_fail(cli, -EINVAL, "%s; nobody can be asked whether that is meant", what);
		cli_hint(cli, "give --yes to agree");
		return -EINVAL;
	}
	(void)snprintf(question, sizeof(question), "%s.\nType %s to go on: ", what, word);
	message_clean(question);
	r = terminal_read(
		&t, question, true, opt_number(cli, OPT_TIMEOUT, 0), answer, sizeof(answer), &n);
	terminal_close(&t);
	if (r < 0 && r != -EMSGSIZE)
		return read_failed(cli, r);
	if (r == 0 && n == strlen(word) && memcmp(answer, word, n) == 0)
		return 0;
	return cli_fail(cli, -ECANCELED, "not agreed, nothing was changed");
}
