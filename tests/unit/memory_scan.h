/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks for copies of a secret in all writable memory of this process. */
#ifndef CDISK_TEST_MEMORY_SCAN_H
#define CDISK_TEST_MEMORY_SCAN_H

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/secret.h"

#define SCAN_CHUNK (1u << 20)
#define SCAN_PIECE 16u /* a copy counts from that many bytes on */

struct scan {
	unsigned int in_pool, elsewhere; /* copies found */
	char where[256];                 /* the last one that is not in the pool */
	int mem;
	uint8_t *buffer; /* the scan's own copy of memory does not count */
	uint8_t *needle;
	size_t needle_size;
	uint8_t mask; /* XORed to the needle before comparing: HMAC's pads */
};

static inline bool scan_equal(const struct scan *s, const uint8_t *at, const uint8_t *piece)
{
	for (size_t i = 0; i < SCAN_PIECE; i++) {
		if ((at[i] ^ s->mask) != piece[i])
			return false;
	}
	return true;
}

/* Pieces of the needle at offsets 0, 16, ... and its last 16 bytes. */
static inline void scan_place(struct scan *s, const uint8_t *at, uintptr_t address, const char *map)
{
	size_t n = s->needle_size / SCAN_PIECE;

	for (size_t i = 0; i <= n; i++) {
		const uint8_t *piece =
			s->needle + (i < n ? i * SCAN_PIECE : s->needle_size - SCAN_PIECE);

		if (*piece != (*at ^ s->mask) || !scan_equal(s, at, piece))
			continue;
		if (cdisk_pool_owns((void *)address)) {
			s->in_pool += i == 0;
			continue;
		}
		s->elsewhere++;
		snprintf(s->where, sizeof(s->where),
			"piece %zu (mask %02x) at %" PRIxPTR " in %.150s", i, s->mask, address,
			map);
	}
}

static inline void scan_map(struct scan *s, uintptr_t from, uintptr_t to, const char *map)
{
	size_t overlap = SCAN_PIECE - 1;

	for (uintptr_t at = from; at + SCAN_PIECE <= to; at += SCAN_CHUNK - overlap) {
		size_t want = to - at < SCAN_CHUNK ? to - at : SCAN_CHUNK;
		ssize_t n = pread(s->mem, s->buffer, want, (off_t)at);

		for (ssize_t i = 0; i + (ssize_t)SCAN_PIECE <= n; i++)
			scan_place(s, s->buffer + i, at + (uintptr_t)i, map);
	}
}

/* Scans for needle, which itself lies in the pool; with mask for needle XOR mask. */
static inline struct scan memory_scan(uint8_t *needle, size_t size, uint8_t mask)
{
	struct scan s = {.needle = needle, .needle_size = size, .mask = mask};
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], perms[8];
	uintptr_t from, to;

	s.mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	s.buffer =
		mmap(NULL, SCAN_CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(maps && s.mem >= 0 && s.buffer != MAP_FAILED);
	while (fgets(line, sizeof(line), maps)) {
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &from, &to, perms) != 3)
			continue;
		if (strncmp(perms, "rw", 2) != 0)
			continue;
		/* The kernel may have joined the buffer to a neighbour. */
		if ((uintptr_t)s.buffer >= from && (uintptr_t)s.buffer < to) {
			scan_map(&s, from, (uintptr_t)s.buffer, line);
			scan_map(&s, (uintptr_t)s.buffer + SCAN_CHUNK, to, line);
		} else {
			scan_map(&s, from, to, line);
		}
	}
	explicit_bzero(s.buffer, SCAN_CHUNK);
	munmap(s.buffer, SCAN_CHUNK);
	close(s.mem);
	fclose(maps);
	return s;
}

#endif
