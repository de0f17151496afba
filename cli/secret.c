// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ask.h"
#include "cli.h"
#include "message.h"
#include "secret_read.h"
#include "signals.h"

#define PROMPT_MAX 512

static const enum option_id explicit_sources[] = {OPT_KEY_FILE, OPT_KEY_FD, OPT_PASSPHRASE_STDIN};

static int count_explicit(const struct cli *cli)
{
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(explicit_sources) / sizeof(explicit_sources[0]); i++)
		n += opt_set(cli, explicit_sources[i]);
	return n;
}

/* True if the option names standard input as a source that is read to its end. */
static bool is_stdin(const struct cli *cli, enum option_id file, enum option_id fd)
{
	const char *path = opt_text(cli, file);

	return (path && strcmp(path, "-") == 0) ||
	       (opt_set(cli, fd) && opt_number(cli, fd, 0) == STDIN_FILENO);
}

int secret_check_options(struct cli *cli)
{
	const char *ask = opt_text(cli, OPT_ASK);

	if (count_explicit(cli) > 1)
		return cli_fail(cli, -EINVAL,
			"only one of --key-file, --key-fd and --passphrase-stdin can be given");
	if (opt_set(cli, OPT_NEW_KEY_FILE) && opt_set(cli, OPT_NEW_KEY_FD))
		return cli_fail(
			cli, -EINVAL, "only one of --new-key-file and --new-key-fd can be given");
	if ((opt_set(cli, OPT_KEYFILE_OFFSET) || opt_set(cli, OPT_KEYFILE_SIZE)) &&
		!opt_set(cli, OPT_KEY_FILE) && !opt_set(cli, OPT_KEY_FD))
		return cli_fail(cli, -EINVAL,
			"--keyfile-offset and --keyfile-size need --key-file or --key-fd");
	if (is_stdin(cli, OPT_KEY_FILE, OPT_KEY_FD) &&
		is_stdin(cli, OPT_NEW_KEY_FILE, OPT_NEW_KEY_FD))
		return cli_fail(cli, -EINVAL, "standard input can give only one of the two keys");
	if (ask && strcmp(ask, "agent") == 0)
		return cli_fail(cli, -CDISK_ERR_UNSUPPORTED,
			"password agents are not in this version; --ask tty asks on the terminal");
	return 0;
}

static int explicit_read(struct cli *cli, struct cdisk_secret **ret_secret)
{
	uint64_t offset = opt_number(cli, OPT_KEYFILE_OFFSET, 0);
	uint64_t size = opt_number(cli, OPT_KEYFILE_SIZE, 0);

	if (opt_set(cli, OPT_PASSPHRASE_STDIN))
		return secret_read_line(cli, STDIN_FILENO, ret_secret);
	if (opt_set(cli, OPT_KEY_FD))
		return secret_read_fd(
			cli, opt_number(cli, OPT_KEY_FD, 0), offset, size, ret_secret);
	return secret_read_file(cli, opt_text(cli, OPT_KEY_FILE), offset, size, ret_secret);
}

static const char *explicit_name(const struct cli *cli)
{
	if (opt_set(cli, OPT_PASSPHRASE_STDIN))
		return "--passphrase-stdin";
	return opt_set(cli, OPT_KEY_FD) ? "--key-fd" : "--key-file";
}

static const char *outcome(int r)
{
	return r == 0 ? "it fits" : r == -CDISK_ERR_PASSPHRASE ? "it does not fit" : "failed";
}

static int explicit_try(
	struct cli *cli, secret_try_fn fn, void *data, struct cdisk_secret **ret_secret)
{
	int r = explicit_read(cli, ret_secret);

	if (r < 0)
		return r;
	r = fn(*ret_secret, data);
	message_explain(cli, "secret: explicit (%s): %s", explicit_name(cli), outcome(r));
	return r;
}

/* 1 = none of the names has a credential; else what fn said. */
static int stored_try(struct cli *cli, const struct secret_purpose *purpose, secret_try_fn fn,
	void *data, struct cdisk_secret **ret_secret)
{
	size_t i;

	for (i = 0; i < sizeof(purpose->names) / sizeof(purpose->names[0]); i++) {
		int r = secret_read_credential(cli, purpose->names[i], ret_secret);

		if (r < 0)
			return r;
		if (r > 0)
			continue;
		r = fn(*ret_secret, data);
		message_explain(cli, "secret: stored credential (cryptdisk.%s): %s",
			purpose->names[i], outcome(r));
		return r;
	}
	message_explain(cli, "secret: stored credential: none");
	return 1;
}

static int prompt_try(struct cli *cli, const struct secret_purpose *purpose, secret_try_fn fn,
	void *data, struct cdisk_secret **ret_secret)
{
	unsigned int left = ask_tries(cli);
	char prompt[PROMPT_MAX];
	int r;

	(void)snprintf(prompt, sizeof(prompt), "%s for %.400s", purpose->what, purpose->object);
	for (;;) {
		r = ask_secret(cli, prompt, ret_secret);
		if (r < 0) {
			message_explain(cli, "secret: prompt: no answer");
			return r;
		}
		r = fn(*ret_secret, data);
		message_explain(cli, "secret: prompt: %s", outcome(r));
		if (r != -CDISK_ERR_PASSPHRASE || --left == 0 || signals_caught())
			return r;
		cdisk_secret_free(*ret_secret);
		*ret_secret = NULL;
		message_note(cli, "That is not the passphrase. %u more %s.", left,
			left == 1 ? "try" : "tries");
	}
}

static int sources_try(struct cli *cli, const struct secret_purpose *purpose, secret_try_fn fn,
	void *data, struct cdisk_secret **ret_secret)
{
	struct failure why;
	int r, stored;

	message_explain(cli, "secret: order: explicit, token, stored credential, keyring, prompt");
	if (count_explicit(cli) > 0)
		return explicit_try(cli, fn, data, ret_secret);
	message_explain(cli, "secret: explicit: none given");
	message_explain(cli, "secret: token: not in this version");
	r = stored_try(cli, purpose, fn, data, ret_secret);
	if (r <= 0 && r != -CDISK_ERR_PASSPHRASE)
		return r;
	if (r < 0 && opt_set(cli, OPT_NO_INPUT))
		return r;
	cdisk_secret_free(*ret_secret);
	*ret_secret = NULL;
	message_explain(cli, "secret: keyring: not in this version");
	why = cli->failure;
	stored = r;
	r = prompt_try(cli, purpose, fn, data, ret_secret);
	if (r != -CDISK_ERR_NO_SECRET || stored > 0)
		return r;
	/* There was a secret, it did not fit, and nobody could be asked for another. */
	cli->failure = why;
	return stored;
}

int secret_find(struct cli *cli, const struct secret_purpose *purpose, secret_try_fn fn, void *data,
	struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *secret = NULL;
	int r;

	r = sources_try(cli, purpose, fn, data, &secret);
	if (r < 0)
		return r;
	if (ret_secret) {
		*ret_secret = secret;
		secret = NULL;
	}
	return 0;
}

/* An empty line opens what somebody protected with it elsewhere; nothing new gets it. */
static int refuse_empty(struct cli *cli, struct cdisk_secret **secret)
{
	if (cdisk_secret_size(*secret) > 0)
		return 0;
	cdisk_secret_free(*secret);
	*secret = NULL;
	(void)cli_fail(cli, -CDISK_ERR_NO_SECRET, "an empty passphrase protects nothing");
	cli_hint(cli, "the line on standard input was empty");
	return -CDISK_ERR_NO_SECRET;
}

int secret_for_create(struct cli *cli, const char *object, struct cdisk_secret **ret_secret)
{
	int r;

	if (count_explicit(cli) == 0) {
		message_explain(cli, "secret: explicit: none given; prompt");
		return ask_new_secret(cli, object, ret_secret);
	}
	message_explain(cli, "secret: explicit (%s)", explicit_name(cli));
	r = explicit_read(cli, ret_secret);
	return r < 0 ? r : refuse_empty(cli, ret_secret);
}

int secret_new(struct cli *cli, const char *object, struct cdisk_secret **ret_secret)
{
	if (opt_set(cli, OPT_NEW_KEY_FD))
		return secret_read_fd(cli, opt_number(cli, OPT_NEW_KEY_FD, 0), 0, 0, ret_secret);
	if (opt_set(cli, OPT_NEW_KEY_FILE))
		return secret_read_file(cli, opt_text(cli, OPT_NEW_KEY_FILE), 0, 0, ret_secret);
	return ask_new_secret(cli, object, ret_secret);
}
