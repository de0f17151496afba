// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replaylog LOG                   one line an entry: number, flags, first sector, sectors, mark
 * replaylog LOG TARGET FROM TO    writes the entries FROM to TO-1 to TARGET, as if power went then
 *
 * The log is that of the device-mapper target log-writes; the layout is told by
 * Documentation/admin-guide/device-mapper/log-writes.rst and drivers/md/dm-log-writes.c of the
 * kernel: a super block in the first sector, then entries, each a header of one sector (with the
 * text of a mark behind it) and the data, except of a discard. All numbers are little endian, and
 * count in sectors of the size that the super block names.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC 0x6a736677736872ULL
#define VERSION 1
#define SECTOR_MAX 4096
#define DATA_MAX (UINT64_C(64) << 20)

enum { FLUSH = 1, FUA = 2, DISCARD = 4, MARK = 8, METADATA = 16 };

struct super {
	uint64_t magic, version, nr_entries;
	uint32_t sector_size;
} __attribute__((packed));

struct entry {
	uint64_t sector, nr_sectors, flags, data_len;
};

struct log {
	int fd;
	uint32_t sector_size;
	uint64_t n, next; /* entries; offset of the next one */
};

static void die(const char *what)
{
	fprintf(stderr, "replaylog: %s: %s\n", what, errno ? strerror(errno) : "not as expected");
	exit(1);
}

static void read_at(int fd, void *buf, size_t size, uint64_t offset)
{
	errno = 0;
	if (pread(fd, buf, size, (off_t)offset) != (ssize_t)size)
		die("reading the log");
}

static void log_open(struct log *l, const char *path)
{
	struct super s;

	l->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (l->fd < 0)
		die(path);
	read_at(l->fd, &s, sizeof(s), 0);
	l->sector_size = le32toh(s.sector_size);
	l->n = le64toh(s.nr_entries);
	l->next = l->sector_size;
	if (le64toh(s.magic) != MAGIC || le64toh(s.version) != VERSION ||
		l->sector_size < 512 || l->sector_size > SECTOR_MAX)
		die("the log's super block");
}

/* The entry in host order, its mark as text; l->next moves on, *ret_data is where its data is. */
static void log_read(struct log *l, struct entry *e, char mark[SECTOR_MAX], uint64_t *ret_data)
{
	char sector[SECTOR_MAX];

	read_at(l->fd, sector, l->sector_size, l->next);
	memcpy(e, sector, sizeof(*e));
	e->sector = le64toh(e->sector);
	e->nr_sectors = le64toh(e->nr_sectors);
	e->flags = le64toh(e->flags);
	e->data_len = le64toh(e->data_len);
	mark[0] = '\0';
	if (e->flags & MARK) {
		if (e->data_len > l->sector_size - sizeof(*e))
			die("the length of a mark");
		memcpy(mark, sector + sizeof(*e), e->data_len);
		mark[e->data_len] = '\0';
	}
	*ret_data = l->next + l->sector_size;
	l->next = *ret_data;
	if (!(e->flags & DISCARD))
		l->next += e->nr_sectors * l->sector_size;
}

static void log_print(struct log *l)
{
	char mark[SECTOR_MAX];
	struct entry e;
	uint64_t data;

	for (uint64_t i = 0; i < l->n; i++) {
		log_read(l, &e, mark, &data);
		printf("%" PRIu64 " %s%s%s%s- %" PRIu64 " %" PRIu64 " %s\n", i,
			e.flags & FLUSH ? "flush" : "", e.flags & FUA ? "fua" : "",
			e.flags & DISCARD ? "discard" : "", e.flags & MARK ? "mark" : "", e.sector,
			e.nr_sectors, mark);
	}
}

/* What was discarded may read as anything: here as zeros, as the device of the log has it. */
static void entry_write(const struct log *l, const struct entry *e, uint64_t data, int target)
{
	uint64_t size = e->nr_sectors * l->sector_size, step = size < DATA_MAX ? size : DATA_MAX;
	char *buf;

	if (size == 0)
		return;
	buf = calloc(1, step);
	if (!buf)
		die("memory");
	for (uint64_t done = 0; done < size; done += step) {
		if (size - done < step)
			step = size - done;
		if (!(e->flags & DISCARD))
			read_at(l->fd, buf, step, data + done);
		errno = 0;
		if (pwrite(target, buf, step, (off_t)(e->sector * l->sector_size + done)) !=
			(ssize_t)step)
			die("writing the target");
	}
	free(buf);
}

static void log_replay(struct log *l, const char *path, uint64_t from, uint64_t to)
{
	int target = open(path, O_WRONLY | O_CLOEXEC);
	char mark[SECTOR_MAX];
	struct entry e;
	uint64_t data;

	if (target < 0)
		die(path);
	for (uint64_t i = 0; i < to && i < l->n; i++) {
		log_read(l, &e, mark, &data);
		if (i >= from)
			entry_write(l, &e, data, target);
	}
	if (fsync(target) < 0)
		die(path);
	close(target);
}

int main(int argc, char **argv)
{
	struct log l;

	if (argc != 2 && argc != 5) {
		fprintf(stderr, "usage: replaylog LOG [TARGET FROM TO]\n");
		return 2;
	}
	log_open(&l, argv[1]);
	if (argc == 2)
		log_print(&l);
	else
		log_replay(&l, argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	return 0;
}
