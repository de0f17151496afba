// SPDX-License-Identifier: GPL-2.0-or-later
/* Ending a server that does not end by itself. */
#include "backend/server.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include "backend/child.h"
#include "base/process.h"
#include "base/serve_link.h"

#define CONNECTIONS "/sys/fs/fuse/connections"

static bool command_is_servers(const char *command)
{
	return strcmp(command, CDISK_SERVE_COMMAND) == 0 ||
	       strcmp(command, CDISK_SERVE_COMMAND_LOCKED) == 0;
}

int cdisk_server_kill(struct cdisk *c, const struct cdisk_attachment *a, unsigned int timeout_ms)
{
	_cleanup_close_ int pidfd = -1;
	char command[64];
	uint32_t uid;
	int r;

	r = cdisk_process_pidfd(a->pid, a->pid_start, &pidfd);
	if (r == -ESRCH || cdisk_process_look(a->pid, a->pid_start) == CDISK_PROCESS_GONE)
		return 0;
	if (r < 0)
		return cdisk_fail(
			c, r, "cannot reach the server, process %d: %s", a->pid, strerror(-r));
	r = cdisk_process_identity(a->pid, command, sizeof(command), &uid);
	if (r == -ESRCH)
		return 0;
	if (r < 0 || uid != a->uid || !command_is_servers(command))
		return cdisk_fail(c, -EPERM,
			"process %d, which the mount %s names, is not its server", a->pid,
			a->directory);
	if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return cdisk_fail(c, -errno, "cannot kill the server, process %d: %s", a->pid,
			strerror(errno));
	r = cdisk_process_wait(pidfd, timeout_ms);
	return r < 0 ? cdisk_fail(c, r, "the server, process %d, does not end", a->pid) : 0;
}

static int abort_write(const char *path)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		return -errno;
	return 0;
}

/* fusectl is not mounted everywhere; a mount in a namespace of its own disturbs nobody. */
static int abort_in_child(const void *data, int out)
{
	const char *path = data;
	int r = abort_write(path);

	(void)out;
	if (r != -ENOENT || geteuid() != 0)
		return r == -ENOENT ? 0 : r;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("fusectl", CONNECTIONS, "fusectl", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) <
			0)
		return errno == EBUSY ? 0 : -errno;
	r = abort_write(path);
	return r == -ENOENT ? 0 : r;
}

int cdisk_fuse_abort(struct cdisk *c, uint32_t connection, unsigned int timeout_ms)
{
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), CONNECTIONS "/%u/abort", connection);
	r = cdisk_child_run(abort_in_child, path, timeout_ms, NULL, 0);
	return r < 0 ? cdisk_fail(c, r, "cannot abort FUSE connection %u: %s", connection,
			       strerror(-r))
		     : 0;
}
