// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/serve_link.h"

#include <string.h>
#include <sys/socket.h>

#define LINK_FDS 2

union link_control {
	struct cmsghdr align;
	/* Room for more than is wanted, so that too many descriptors are seen and closed. */
	char space[CMSG_SPACE(4 * LINK_FDS * sizeof(int))];
};

static int send_exactly(int sock, const struct msghdr *msg, size_t size)
{
	ssize_t n;

	do
		n = sendmsg(sock, msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EPROTO;
}

int cdisk_serve_send(int sock, const struct cdisk_serve_start *start, const int fds[2],
	struct cdisk_secret *key)
{
	struct cdisk_serve_start message = *start;
	struct iovec iov = {.iov_base = &message, .iov_len = sizeof(message)};
	union link_control control = {0};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = CMSG_SPACE(LINK_FDS * sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int r;

	message.magic = CDISK_SERVE_MAGIC;
	message.abi = CDISK_ABI_VERSION;
	message.size = sizeof(message);
	message.key_size = key ? (uint32_t)cdisk_secret_size(key) : 0;
	message.description.key = NULL; /* an address of this process is nobody's business */
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(LINK_FDS * sizeof(int));
	memcpy(CMSG_DATA(c), fds, LINK_FDS * sizeof(int));
	r = send_exactly(sock, &msg, sizeof(message));
	if (r < 0 || message.key_size == 0)
		return r;
	iov = (struct iovec){.iov_base = cdisk_secret_data(key), .iov_len = message.key_size};
	msg = (struct msghdr){.msg_iov = &iov, .msg_iovlen = 1};
	return send_exactly(sock, &msg, message.key_size);
}

/* Exactly size bytes as one message; whatever was cut off makes it another message. */
static int receive_exactly(int sock, struct msghdr *msg, size_t size)
{
	ssize_t n;

	do
		n = recvmsg(sock, msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n != size || (msg->msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return -EPROTO;
	return 0;
}

static void close_fds(int fds[], size_t n)
{
	while (n > 0)
		cdisk_close(&fds[--n]);
}

/* The descriptors of a message; anything but the two that are expected is closed: -EPROTO. */
static int take_fds(struct msghdr *msg, int ret_fds[LINK_FDS])
{
	int fds[4 * LINK_FDS];
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		    c->cmsg_len < CMSG_LEN(0))
			continue;
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		if (count > CDISK_ARRAY_SIZE(fds) - n)
			count = CDISK_ARRAY_SIZE(fds) - n;
		memcpy(&fds[n], CMSG_DATA(c), count * sizeof(int));
		n += count;
	}
	if (n != LINK_FDS) {
		close_fds(fds, n);
		return -EPROTO;
	}
	memcpy(ret_fds, fds, LINK_FDS * sizeof(int));
	return 0;
}

#define HAS_END(text) (memchr(text, '\0', sizeof(text)) != NULL)

/* A bool that holds anything but 0 or 1 may not be read as one. */
static bool bool_valid(const bool *b)
{
	uint8_t byte;

	memcpy(&byte, b, sizeof(byte));
	return byte <= 1;
}

/* The rest of the description is checked against its backing, by cdisk_description_check(). */
static bool start_valid(const struct cdisk_serve_start *s)
{
	const struct cdisk_description *d = &s->description;

	return s->magic == CDISK_SERVE_MAGIC && s->abi == CDISK_ABI_VERSION &&
	       s->size == sizeof(*s) &&
	       (s->flags & ~(CDISK_SERVE_UNDER_LOOP | CDISK_SERVE_REQUIRE_LOCKED)) == 0 &&
	       s->key_size <= CDISK_SECRET_POOL_MAX && HAS_END(s->name) && HAS_END(s->path) &&
	       HAS_END(s->backing) && HAS_END(d->id) && HAS_END(d->format) && HAS_END(d->label) &&
	       bool_valid(&d->dynamic) && bool_valid(&d->read_only);
}

/* Key bytes go from the socket into secret memory and nowhere else. */
static int receive_key(int sock, size_t size, struct cdisk_secret **ret_key)
{
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	struct iovec iov;
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int r;

	r = cdisk_secret_alloc(size, &key);
	if (r < 0)
		return r;
	iov = (struct iovec){.iov_base = cdisk_secret_data(key), .iov_len = size};
	r = receive_exactly(sock, &msg, size);
	if (r < 0)
		return r;
	*ret_key = cdisk_steal(&key);
	return 0;
}

int cdisk_serve_receive(int sock, struct cdisk_serve_start *start, int ret_fds[2])
{
	struct iovec iov = {.iov_base = start, .iov_len = sizeof(*start)};
	union link_control control = {0};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	int fds[LINK_FDS], r, taken;

	memset(start, 0, sizeof(*start));
	r = receive_exactly(sock, &msg, sizeof(*start));
	start->description.key = NULL; /* whatever the message said */
	if (r < 0 && r != -EPROTO)
		return r;
	taken = take_fds(&msg, fds);
	if (taken < 0)
		return taken;
	if (r == 0 && !start_valid(start))
		r = -EPROTO;
	if (r == 0 && start->key_size > 0)
		r = receive_key(sock, start->key_size, &start->description.key);
	if (r < 0) {
		close_fds(fds, LINK_FDS);
		return r;
	}
	memcpy(ret_fds, fds, sizeof(fds));
	return 0;
}
