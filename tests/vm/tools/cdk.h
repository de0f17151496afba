/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tools that try the module have in common. */
#ifndef CDK_H
#define CDK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* so this header comes first */
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <linux/cryptdisk.h>

/* Descriptor of the control node; the program ends where there is none. */
static inline int cdk_control(int flags)
{
	int fd = open(CRYPTDISK_CONTROL, flags | O_CLOEXEC);

	if (fd < 0) {
		printf("%s\n", strerrorname_np(errno));
		exit(2);
	}
	return fd;
}

/* 0 or what the ioctl answered when it succeeded, -errno when it failed. */
static inline int cdk_ioctl(int fd, unsigned long request, void *arg)
{
	int r = ioctl(fd, request, arg);

	return r < 0 ? -errno : r;
}

static inline const char *cdk_error(int r)
{
	return r < 0 ? strerrorname_np(-r) : "ok";
}

static inline uint64_t cdk_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Small and quick; the same numbers for the same seed. */
static inline uint64_t cdk_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* An attach request with an ID of n in every byte. */
static inline struct cryptdisk_attach cdk_attach(int fd, int n, uint32_t flags)
{
	struct cryptdisk_attach attach = {.size = sizeof(attach), .fd = fd, .flags = flags};

	memset(attach.volume_id, n, sizeof(attach.volume_id));
	return attach;
}

static inline struct cryptdisk_target cdk_target(
	uint32_t index, uint64_t generation, uint32_t flags)
{
	return (struct cryptdisk_target){
		.size = sizeof(struct cryptdisk_target),
		.index = index,
		.generation = generation,
		.flags = flags,
	};
}

static inline const char *cdk_event_name(unsigned int type)
{
	static const char *const names[] = {"?", "ATTACHED", "DETACHED", "BUSY", "CLAIMED", "IDLE",
		"MOUNTED", "UNMOUNTED", "EJECT_REQUEST", "RESIZED", "IO_ERROR"};

	return type < sizeof(names) / sizeof(*names) ? names[type] : "?";
}

#endif
