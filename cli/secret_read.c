// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "signals.h"

/* The contract: memory that cannot be locked, although it must, is a matter of memory. */
static int secret_failed(struct cli *cli, const char *object, int r)
{
	bool locking = r == -EPERM && opt_set(cli, OPT_REQUIRE_LOCKED_MEMORY);

	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, object);
	if (!locking)
		return r;
	cli->failure.error = -ENOMEM;
	return -ENOMEM;
}

static int empty_source(struct cli *cli, const char *object)
{
	(void)cli_fail(cli, -CDISK_ERR_NO_SECRET, "%s gave no secret, it is empty", object);
	cli_object(cli, object);
	return -CDISK_ERR_NO_SECRET;
}

static int all_read(struct cli *cli, const char *object, int fd, uint64_t offset, uint64_t size,
	struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *s = NULL;
	int r;

	if (size > SIZE_MAX)
		return cli_fail(cli, -EINVAL, "--keyfile-size is too much");
	r = cdisk_secret_read(cli->c, fd, offset, (size_t)size, &s);
	if (r < 0)
		return secret_failed(cli, object, r);
	if (cdisk_secret_size(s) == 0)
		return empty_source(cli, object);
	if (size && cdisk_secret_size(s) < size)
		return cli_fail(cli, -EINVAL,
			"%s is shorter than --keyfile-offset and "
			"--keyfile-size ask for",
			object);
	*ret_secret = s;
	s = NULL;
	return 0;
}

int secret_read_fd(struct cli *cli, uint64_t fd, uint64_t offset, uint64_t size,
	struct cdisk_secret **ret_secret)
{
	char object[48];

	(void)snprintf(object, sizeof(object), "descriptor %llu", (unsigned long long)fd);
	if (fd > INT_MAX || fcntl((int)fd, F_GETFD) < 0) {
		(void)cli_fail(cli, -EBADF, "%s is not open", object);
		cli_hint(cli, "the shell opens one with '%llu< FILE'", (unsigned long long)fd);
		return -EBADF;
	}
	/* No program that is started later shall have it. */
	if (fd > STDERR_FILENO)
		(void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
	return all_read(cli, object, (int)fd, offset, size, ret_secret);
}

int secret_read_file(struct cli *cli, const char *path, uint64_t offset, uint64_t size,
	struct cdisk_secret **ret_secret)
{
	int fd, r;

	if (strcmp(path, "-") == 0)
		return all_read(cli, "standard input", STDIN_FILENO, offset, size, ret_secret);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		r = errno == EINTR ? -ECANCELED : -errno;
		(void)cli_fail(cli, r, "cannot open the key file: %s", strerror(errno));
		cli_object(cli, path);
		return r;
	}
	r = all_read(cli, path, fd, offset, size, ret_secret);
	(void)close(fd);
	return r;
}

/* 1 = the line has ended, 0 = a byte was read. */
static int byte_read(struct cli *cli, int fd, char *byte)
{
	ssize_t n;

	do {
		if (signals_caught())
			return cli_fail(cli, -ECANCELED, "cancelled");
		n = read(fd, byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return cli_fail(cli, -errno, "cannot read standard input: %s", strerror(errno));
	if (n == 0)
		return 2;
	return *byte == '\n';
}

int secret_read_line(struct cli *cli, int fd, struct cdisk_secret **ret_secret)
{
	_cleanup_secret_ struct cdisk_secret *s = NULL;
	size_t n = 0;
	char *data;
	int r;

	r = cdisk_secret_new(cli->c, SECRET_LINE_MAX, &s);
	if (r < 0)
		return secret_failed(cli, "standard input", r);
	data = cdisk_secret_data(s);
	for (;;) {
		if (n == SECRET_LINE_MAX)
			return cli_fail(cli, -EINVAL,
				"the line on standard input has more than %d bytes; --key-file - "
				"takes more",
				SECRET_LINE_MAX - 1);
		r = byte_read(cli, fd, data + n);
		if (r < 0)
			return r;
		if (r > 0)
			break;
		n++;
	}
	/* An empty line is an answer, an input that ended is none. */
	if (r == 2 && n == 0)
		return empty_source(cli, "standard input");
	cdisk_secret_truncate(s, n);
	*ret_secret = s;
	s = NULL;
	return 0;
}

bool secret_name_is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._-";

	return text && text[0] && text[0] != '.' && strlen(text) < NAME_MAX / 2 &&
	       text[strspn(text, plain)] == '\0';
}

int secret_read_credential(struct cli *cli, const char *name, struct cdisk_secret **ret_secret)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[CDISK_PATH_SIZE];
	int n;

	if (!folder || folder[0] != '/' || !secret_name_is_plain(name))
		return 1;
	n = snprintf(path, sizeof(path), "%s/cryptdisk.%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return 1;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 1;
	return secret_read_file(cli, path, 0, 0, ret_secret);
}
