// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The start message of a server, then the volume that it describes. First byte: bit 0 = the rest is
 * sent as it is, else it is laid over the description of a good message; bits 1 and 2 = how many
 * descriptors go along, less two; bit 3 = the key is one byte short.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/serve_link.h"
#include "volume/volume.h"

#define BACKING_SIZE (64u * 1024)
#define KEY_SIZE 256u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int null_fd = -1, backing_fd = -1;

static void setup(void)
{
	if (null_fd >= 0)
		return;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	backing_fd = memfd_create("backing", MFD_CLOEXEC);
	assert(null_fd >= 0 && backing_fd >= 0 && ftruncate(backing_fd, BACKING_SIZE) == 0);
}

static void send_message(int sock, const void *data, size_t size, unsigned int n_fds)
{
	int fds[6] = {null_fd, backing_fd, null_fd, null_fd, null_fd, null_fd};
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(fds))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n_fds > 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, n_fds * sizeof(int));
	}
	(void)sendmsg(sock, &msg, MSG_NOSIGNAL);
}

static void send_start(int sock, uint8_t how, const uint8_t *data, size_t size)
{
	static uint8_t key[KEY_SIZE];
	struct cdisk_serve_start start;
	unsigned int n_fds = ((how >> 1) & 3) + 2;

	if (how & 1) {
		send_message(sock, data, size < 65536 ? size : 65536, n_fds);
		send_message(sock, key, sizeof(key), 0);
		return;
	}
	memset(&start, 0, sizeof(start));
	start.magic = CDISK_SERVE_MAGIC;
	start.abi = CDISK_ABI_VERSION;
	start.size = sizeof(start);
	start.key_size = KEY_SIZE;
	memcpy(start.backing, "file", 5);
	memcpy(&start.description, data,
		size < sizeof(start.description) ? size : sizeof(start.description));
	send_message(sock, &start, sizeof(start), n_fds);
	send_message(sock, key, sizeof(key) - ((how >> 3) & 1), 0);
}

/* Whatever passed the checks can be read, written, resized and closed. */
static void use(struct cdisk_description *d, int fd)
{
	struct cdisk_backing *backing = NULL;
	struct cdisk_plain *p = NULL;
	uint8_t buf[9000];
	uint64_t size, done;

	if (cdisk_backing_file(fd, &backing) < 0)
		return;
	if (cdisk_plain_open(d, &backing, 2, &p) < 0) {
		backing->ops->close(backing);
		return;
	}
	size = cdisk_plain_size(p);
	for (uint64_t at = 1; at < size && at < 4u * BACKING_SIZE; at += 8191) {
		size_t n = size - at < sizeof(buf) ? (size_t)(size - at) : sizeof(buf);

		(void)cdisk_plain_pread(p, buf, n, at);
		(void)cdisk_plain_pwrite(p, buf, n, at);
	}
	(void)cdisk_plain_discard(p, 1, size / 2, &done);
	(void)cdisk_plain_resize(p);
	(void)cdisk_plain_pread(p, buf, 1, cdisk_plain_size(p) - 1);
	cdisk_plain_close(p);
	assert(ftruncate(backing_fd, BACKING_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cdisk_serve_start start;
	int pair[2], fds[2], lowest, r;

	if (size < 1)
		return 0;
	setup();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return 0;
	lowest = dup(null_fd);
	close(lowest);
	send_start(pair[0], data[0], data + 1, size - 1);
	r = cdisk_serve_receive(pair[1], &start, fds);
	if (r == 0) {
		use(&start.description, fds[1]);
		close(fds[0]);
		close(fds[1]);
	}
	cdisk_description_done(&start.description);
	r = dup(null_fd);
	assert(r == lowest); /* no descriptor is left behind */
	close(r);
	close(pair[0]);
	close(pair[1]);
	return 0;
}
