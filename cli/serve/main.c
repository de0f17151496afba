// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cryptdisk-serve: shows an unlocked volume as the file `disk` of a FUSE mount. It is started by
 * cryptdisk, which hands it everything over a socket (base/serve_link.h), and ends with its mount.
 */
#include "serve.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* An error that has no sentence yet is told by its number. */
static int tell_ready(const struct serve *s, int result)
{
	struct cdisk_serve_ready ready = {
		.magic = CDISK_SERVE_MAGIC,
		.result = result,
		.memory_locked = cdisk_secret_locked(),
	};

	if (result < 0)
		(void)snprintf(ready.message, sizeof(ready.message), "%.255s",
			s->c.message[0] ? s->c.message : strerror(serve_errno(result)));
	/* write, not send: the sandbox stands. SIGPIPE is ignored. */
	return write(s->socket_fd, &ready, sizeof(ready)) == sizeof(ready) ? 0 : -EPIPE;
}

int main(void)
{
	static struct serve s = {.socket_fd = CDISK_SERVE_SOCKET};
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	int r;

	if (getsockname(s.socket_fd, (struct sockaddr *)&address, &length) < 0 ||
	    address.ss_family != AF_UNIX) {
		fputs("cryptdisk-serve: is started by cryptdisk, not by hand\n", stderr);
		return 1;
	}
	r = serve_start(&s);
	if (tell_ready(&s, r) < 0 || r < 0) {
		cdisk_plain_close(s.volume);
		_exit(1);
	}
	serve_workers_go();
	serve_life_wait(&s);
	_exit(serve_life_end(&s) < 0 ? 1 : 0);
}
