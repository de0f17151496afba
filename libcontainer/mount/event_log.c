// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/event.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include "backend/child.h"
#include "base/io.h"
#include "base/process.h"

#define LOG_SIZE ((uint64_t)256 * 1024)
#define READ_MAX ((uint64_t)4 * 1024 * 1024) /* more is not ours; its end is what counts */
#define LOG_NEW ".events.new"
#define LOCK_STEP_MS 5

/*
 * A file of its own, closed to others: whoever may read a log may lock it, and the global one is
 * there for everybody. It keeps the last number in case that the log is lost.
 */

static uint64_t namespace_id(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

void cdisk_event_writer(struct cdisk_event_line *l)
{
	l->by = getpid();
	if (cdisk_process_start_time(l->by, &l->by_start) < 0)
		l->by = 0;
	l->pid_ns = namespace_id("/proc/self/ns/pid");
	l->mnt_ns = namespace_id("/proc/self/ns/mnt");
}

/* A regular file of ours with one name. */
static int file_open(int dir, const char *name, int flags, mode_t mode)
{
	_cleanup_close_ int fd = openat(
		dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, mode);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1)
		return -EACCES;
	/* Whatever the umask is. */
	if ((flags & O_CREAT) && (st.st_mode & 0777) != mode && fchmod(fd, mode) < 0)
		return -errno;
	return cdisk_steal_fd(&fd);
}

static mode_t log_mode(const struct cdisk_event_log *log)
{
	return log->private ? 0600 : 0644;
}

/* ---- reading ------------------------------------------------------------------------------- */

static int line_take(struct cdisk_event_log *log, const char *text, struct cdisk_event_line *l)
{
	size_t length = strlen(text);
	int r;

	if (length == 0 || length >= CDISK_EVENT_LINE_MAX)
		return 0;
	r = cdisk_event_line_parse(text, l);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (l->event.seq > log->seq)
		log->seq = l->event.seq;
	if (l->event.seq == 0)
		log->carried += length + 1;
	return cdisk_event_live_apply(&log->live, l);
}

static int text_take(struct cdisk_event_log *log, char *text)
{
	_cleanup_free_ struct cdisk_event_line *l = malloc(sizeof(*l));
	int r = l ? 0 : -ENOMEM;

	while (text && r == 0)
		r = line_take(log, strsep(&text, "\n"), l);
	return r;
}

/* Bytes of zero, which only somebody else has put there, end a line like everything else. */
static int file_take(struct cdisk_event_log *log, int fd, uint64_t size)
{
	uint64_t from = size > READ_MAX ? size - READ_MAX : 0;
	_cleanup_free_ char *text = malloc((size_t)(size - from) + 1);
	int r;

	if (!text)
		return -ENOMEM;
	r = cdisk_pread_full(fd, text, (size_t)(size - from), from);
	if (r < 0)
		return r;
	for (uint64_t i = 0; i < size - from; i++)
		if (!text[i])
			text[i] = '\n';
	text[size - from] = '\0';
	return text_take(log, text);
}

static int file_read(struct cdisk_event_log *log, int fd, uint64_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	log->carried = 0;
	*ret_size = (uint64_t)st.st_size;
	return file_take(log, fd, *ret_size);
}

static int old_read(struct cdisk_event_log *log)
{
	_cleanup_close_ int fd = file_open(log->dir, CDISK_EVENT_LOG_OLD, O_RDONLY, 0);
	uint64_t size;

	/* What cannot be read is lost; what is new goes on. */
	return fd < 0 ? 0 : file_read(log, fd, &size);
}

static void number_recall(struct cdisk_event_log *log)
{
	char text[24] = "";
	uint64_t seq;

	if (pread(log->lock, text, sizeof(text) - 1, 0) <= 0)
		return;
	seq = strtoull(text, NULL, 10);
	if (seq > log->seq && seq <= CDISK_EVENT_SEQ_MAX)
		log->seq = seq;
}

static int log_read(struct cdisk_event_log *log)
{
	int r = old_read(log);

	if (r == 0) {
		log->fd = file_open(
			log->dir, CDISK_EVENT_LOG, O_RDWR | O_CREAT | O_APPEND, log_mode(log));
		r = log->fd < 0 ? log->fd : file_read(log, log->fd, &log->size);
	}
	number_recall(log);
	return r;
}

/* ---- locking ------------------------------------------------------------------------------- */

/* A process that was stopped while it holds the lock must not hang all others. */
static int lock_wait(int fd, unsigned int wait_ms)
{
	uint64_t end = cdisk_now_ms() + wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (cdisk_now_ms() >= end)
			return -ETIMEDOUT;
		cdisk_sleep_ms(LOCK_STEP_MS);
	}
	return 0;
}

static int directory_open(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return -EACCES;
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

int cdisk_event_log_open(const char *dir, unsigned int wait_ms, struct cdisk_event_log *ret)
{
	_cleanup_event_log_ struct cdisk_event_log log = CDISK_EVENT_LOG_INIT;
	int r = directory_open(dir, &log.dir);

	if (r < 0)
		return r;
	log.private = geteuid() != 0;
	log.lock = file_open(log.dir, CDISK_EVENT_LOCK, O_RDWR | O_CREAT, 0600);
	if (log.lock < 0)
		return log.lock;
	r = lock_wait(log.lock, wait_ms);
	if (r == 0)
		r = log_read(&log);
	if (r < 0)
		return r;
	*ret = log;
	log = (struct cdisk_event_log)CDISK_EVENT_LOG_INIT;
	return 0;
}

void cdisk_event_log_close(struct cdisk_event_log *log)
{
	cdisk_close(&log->fd);
	cdisk_close(&log->lock);
	cdisk_close(&log->dir);
	cdisk_event_live_done(&log->live);
}

/* ---- writing ------------------------------------------------------------------------------- */

/* In one call. What a full disk or a killed writer leaves of a line is closed by the next one. */
static int text_append(int fd, const char *text, size_t length)
{
	_cleanup_free_ char *line = malloc(CDISK_EVENT_LINE_MAX + 1);
	struct stat st;
	char last = '\n';
	size_t n = 0;
	ssize_t done;

	if (!line)
		return -ENOMEM;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1)
		return -EIO;
	if (last != '\n')
		line[n++] = '\n';
	memcpy(line + n, text, length);
	n += length;
	done = write(fd, line, n);
	if (done < 0)
		return -errno;
	return (size_t)done < n ? -ENOSPC : 0;
}

/* What is attached goes on in the new file: an attachment can be older than two logs. */
static int carry_write(const struct cdisk_event_log *log, int fd)
{
	_cleanup_free_ char *text = malloc(CDISK_EVENT_LINE_MAX);
	int r = text ? 0 : -ENOMEM;

	for (size_t i = 0; i < log->live.n && r == 0; i++) {
		struct cdisk_event_line *l = log->live.entries[i].line;
		uint64_t seq;

		if (!l)
			continue;
		seq = l->event.seq;
		l->event.seq = 0;
		r = cdisk_event_line_format(l, log->private, text, CDISK_EVENT_LINE_MAX);
		l->event.seq = seq;
		if (r > 0)
			r = cdisk_write_all(fd, text, (size_t)r);
	}
	return r;
}

static int log_size(struct cdisk_event_log *log)
{
	struct stat st;

	if (fstat(log->fd, &st) < 0)
		return -errno;
	log->size = (uint64_t)st.st_size;
	return 0;
}

/*
 * The new file is complete before it gets its name. Killed between the two renames: there is no log for
 * a moment, and the next writer makes one, with what it reads in the old one. Without space the new
 * one begins empty, which gives space back.
 */
static int log_rotate(struct cdisk_event_log *log)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (unlinkat(log->dir, LOG_NEW, 0) < 0 && errno != ENOENT)
		return -errno;
	fd = file_open(log->dir, LOG_NEW, O_RDWR | O_CREAT | O_EXCL | O_APPEND, log_mode(log));
	r = fd < 0 ? fd : carry_write(log, fd);
	if (r < 0)
		(void)unlinkat(log->dir, LOG_NEW, 0);
	if (r < 0 && r != -ENOSPC && r != -EDQUOT)
		return r;
	if (renameat(log->dir, CDISK_EVENT_LOG, log->dir, CDISK_EVENT_LOG_OLD) < 0)
		return -errno;
	if (r == 0 && renameat(log->dir, LOG_NEW, log->dir, CDISK_EVENT_LOG) < 0)
		return -errno;
	cdisk_close(&log->fd);
	log->fd = file_open(log->dir, CDISK_EVENT_LOG, O_RDWR | O_CREAT | O_APPEND, log_mode(log));
	r = log->fd < 0 ? log->fd : log_size(log);
	/* What was carried over is all that is in it. */
	log->carried = r < 0 ? 0 : log->size;
	return r;
}

static bool is_full(const struct cdisk_event_log *log)
{
	/* Much that is carried over must not push out what is new with every line. */
	return log->size >= LOG_SIZE && log->size - log->carried >= LOG_SIZE / 2;
}

static void time_fill(char *ret_text, size_t size)
{
	struct timespec now;
	struct tm tm;
	char date[24] = "";

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!gmtime_r(&now.tv_sec, &tm) || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		memset(date, 0, sizeof(date));
	(void)snprintf(ret_text, size, "%s.%03ldZ", date, now.tv_nsec / 1000000);
}

static int line_append(struct cdisk_event_log *log, struct cdisk_event_line *l)
{
	_cleanup_free_ char *text = malloc(CDISK_EVENT_LINE_MAX);
	char number[24];
	int r, n;

	if (!text)
		return -ENOMEM;
	if (log->seq >= CDISK_EVENT_SEQ_MAX)
		return -EOVERFLOW;
	l->event.seq = l->silent ? 0 : log->seq + 1;
	time_fill(l->event.time, sizeof(l->event.time));
	n = cdisk_event_line_format(l, log->private, text, CDISK_EVENT_LINE_MAX);
	r = n < 0 ? n : text_append(log->fd, text, (size_t)n);
	if (r < 0) {
		l->event.seq = 0;
		return r;
	}
	log->seq += l->event.seq != 0;
	/* Only of use when the log gets lost. */
	n = snprintf(number, sizeof(number), "%020llu\n", (unsigned long long)log->seq);
	(void)!pwrite(log->lock, number, (size_t)n, 0);
	r = log_size(log);
	return r < 0 ? r : cdisk_event_live_apply(&log->live, l);
}

/* Somebody has this name now: what had it before is gone. */
static int former_end(struct cdisk_event_log *log, const struct cdisk_event_live_entry *entry)
{
	struct cdisk_event_line *end = malloc(sizeof(*end));
	int r;

	if (!end)
		return -ENOMEM;
	*end = *entry->line;
	end->event.kind = CDISK_EVENT_DEPARTED;
	(void)snprintf(end->event.reason, sizeof(end->event.reason), "lost");
	end->event.volume.state = cdisk_event_state(CDISK_EVENT_DEPARTED);
	end->event.volume.mountpoint[0] = '\0';
	cdisk_event_writer(end);
	r = line_append(log, end);
	free(end);
	return r;
}

/* 1 = it may be said. */
static int line_admit(struct cdisk_event_log *log, const struct cdisk_event_line *l)
{
	const struct cdisk_event *e = &l->event;
	const struct cdisk_event_live_entry *entry;
	bool same;
	int r;

	entry = e->volume.instance[0] ? cdisk_event_live_find(&log->live, e->volume.instance) : NULL;
	/* The rest of something that never came to be a volume. */
	if (!entry)
		return e->kind != CDISK_EVENT_DEPARTED || strcmp(e->reason, "lost") != 0;
	same = cdisk_event_live_same(entry, e);
	if (e->kind == CDISK_EVENT_ARRIVED) {
		/* A mapping tells nothing of itself but its name: that it came tells that it is new. */
		if (entry->line && same && (e->volume.pid || e->generation))
			return 0;
		r = entry->line ? former_end(log, entry) : 0;
		return r < 0 ? r : 1;
	}
	return same && entry->line;
}

int cdisk_event_log_append(struct cdisk_event_log *log, struct cdisk_event_line *l)
{
	int r = 0;

	l->event.seq = 0;
	if (is_full(log))
		r = log_rotate(log);
	if (r == 0)
		r = line_admit(log, l);
	return r <= 0 ? r : line_append(log, l);
}
