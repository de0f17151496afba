// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/event.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define BUF_SIZE ((size_t)4 * CDISK_EVENT_LINE_MAX)

int cdisk_event_reader_init(struct cdisk_event_reader *r, const char *dir)
{
	*r = (struct cdisk_event_reader){.fd = -1};
	r->dir = strdup(dir);
	r->buf = malloc(BUF_SIZE);
	return r->dir && r->buf ? 0 : -ENOMEM;
}

void cdisk_event_reader_done(struct cdisk_event_reader *r)
{
	cdisk_close(&r->fd);
	cdisk_cleanup_free(&r->dir);
	cdisk_cleanup_free(&r->buf);
}

/* -ENOENT: it is not there, or is no log. */
static int log_open(const struct cdisk_event_reader *r, const char *name, struct stat *st)
{
	char path[CDISK_PATH_SIZE];
	int fd, n = snprintf(path, sizeof(path), "%s/%s", r->dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? -ENOENT : -errno;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
		(st->st_uid == geteuid() || st->st_uid == 0))
		return fd;
	close(fd);
	return -ENOENT;
}

static bool is_current(const struct cdisk_event_reader *r, const struct stat *st)
{
	return st->st_dev == r->dev && st->st_ino == r->ino;
}

static int take(struct cdisk_event_reader *r, int fd, const struct stat *st)
{
	cdisk_close(&r->fd);
	r->fd = fd;
	r->dev = st->st_dev;
	r->ino = st->st_ino;
	r->ends = r->skipping = false;
	r->len = r->pos = 0;
	return 1;
}

/* Whoever wiped the whole directory made the numbers begin anew. */
static void numbers_check(struct cdisk_event_reader *r)
{
	char path[CDISK_PATH_SIZE];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/" CDISK_EVENT_LOCK, r->dir);

	if (n < 0 || (size_t)n >= sizeof(path) || lstat(path, &st) < 0)
		return;
	if (r->lock && r->lock != st.st_ino) {
		r->last = 0;
		r->anew = true;
	}
	r->lock = st.st_ino;
}

/* The next file to read: 1, or 0 = there is none now. */
static int file_next(struct cdisk_event_reader *r)
{
	struct stat st = {0}, now = {0};
	_cleanup_close_ int fd = -1, old = -1;

	fd = log_open(r, CDISK_EVENT_LOG, &now);
	if (fd < 0 && fd != -ENOENT)
		return fd;
	old = log_open(r, CDISK_EVENT_LOG_OLD, &st);
	numbers_check(r);
	/* Rotated twice since we looked last, or the first look of all. */
	if (old >= 0 && !is_current(r, &st))
		return take(r, cdisk_steal_fd(&old), &st);
	if (fd < 0 || (r->fd >= 0 && is_current(r, &now)))
		return 0;
	return take(r, cdisk_steal_fd(&fd), &now);
}

static bool is_renamed(const struct cdisk_event_reader *r)
{
	char path[CDISK_PATH_SIZE];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/" CDISK_EVENT_LOG, r->dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	return lstat(path, &st) < 0 || !is_current(r, &st);
}

/* 1 = there is more in the buffer, 0 = nothing for now. */
static int refill(struct cdisk_event_reader *r)
{
	ssize_t n;

	memmove(r->buf, r->buf + r->pos, r->len - r->pos);
	r->len -= r->pos;
	r->pos = 0;
	if (r->len == BUF_SIZE) {
		r->len = 0;
		r->skipping = true;
	}
	if (r->fd < 0)
		return file_next(r);
	n = read(r->fd, r->buf + r->len, BUF_SIZE - r->len);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	r->len += (size_t)n;
	if (n > 0)
		return 1;
	/* A last look after it got its other name: nobody writes to it any more. */
	if (r->ends)
		return file_next(r);
	r->ends = is_renamed(r);
	return r->ends;
}

/* The next whole line in the buffer, or NULL. */
static char *line_take(struct cdisk_event_reader *r)
{
	char *line = r->buf + r->pos;
	char *end = memchr(line, '\n', r->len - r->pos);

	if (!end)
		return NULL;
	*end = '\0';
	r->pos = (size_t)(end - r->buf) + 1;
	/* A crash may leave zeros where a line was to begin; its writer takes them for line ends. */
	while (line < end && !*line)
		line++;
	return line;
}

int cdisk_event_reader_next(struct cdisk_event_reader *r, struct cdisk_event_line *ret_line)
{
	for (;;) {
		char *line = line_take(r);
		int result;

		if (!line) {
			result = refill(r);
			if (result <= 0)
				return result;
			continue;
		}
		if (r->skipping) {
			r->skipping = false;
			continue;
		}
		result = cdisk_event_line_parse(line, ret_line);
		if (result == -ENOMEM)
			return result;
		if (result < 0 || (ret_line->event.seq && ret_line->event.seq <= r->last))
			continue;
		if (ret_line->event.seq && r->last)
			r->missed += ret_line->event.seq - r->last - 1;
		if (ret_line->event.seq)
			r->last = ret_line->event.seq;
		return 1;
	}
}
