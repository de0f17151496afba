// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server's FUSE mount is made and removed here, by the program: fusermount3 is setuid and fails
 * inside the server's sandbox. Exactly one process may hold /dev/fuse in the end, the server.
 */
#include "backend/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include "backend/child.h"
#include "base/process.h"

#define MAX_READ 1048576
#define PROGRAM_MS 10000

static int mount_as_root(struct cdisk *c, const char *directory, const char *source, int *ret_fd)
{
	_cleanup_close_ int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	int r;

	if (fd < 0) {
		r = -errno;
		(void)cdisk_fail(
			c, -CDISK_ERR_NO_BACKEND, "cannot open /dev/fuse: %s", strerror(-r));
		cdisk_hint(c, "load the kernel's fuse module");
		return -CDISK_ERR_NO_BACKEND;
	}
	(void)snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=%u,group_id=%u,max_read=%d", fd, geteuid(), getegid(),
		MAX_READ);
	if (mount(source, directory, "fuse.cryptdisk", MS_NOSUID | MS_NODEV, options) < 0) {
		r = -errno;
		return cdisk_fail(c, r, "cannot mount the server's directory %s: %s", directory,
			strerror(-r));
	}
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

static int descriptor_receive(int sock, int *ret_fd)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf)};
	struct cmsghdr *cm;

	if (recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) < 0)
		return -errno;
	cm = CMSG_FIRSTHDR(&m);
	if (!cm || cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS ||
		cm->cmsg_len != CMSG_LEN(sizeof(int)))
		return -EPROTO;
	memcpy(ret_fd, CMSG_DATA(cm), sizeof(int));
	return 0;
}

static int fusermount_find(struct cdisk *c, char *path, size_t size)
{
	int r = cdisk_program_find("fusermount3", path, size);

	if (r < 0) {
		(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND,
			"fusermount3 is needed to mount without root: %s", strerror(-r));
		cdisk_hint(c, "install the package fuse3");
		return -CDISK_ERR_NO_BACKEND;
	}
	return 0;
}

/* What a program said, without the newline at its end. */
static void line_trim(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' '))
		text[--len] = '\0';
}

static int mount_as_user(struct cdisk *c, const char *directory, const char *source, int *ret_fd)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	char path[256], options[512], commfd[32], output[512] = "";
	const char *const argv[] = {path, "-o", options, "--", directory, NULL};
	const char *const env[] = {commfd, NULL};
	int pair[2], r;

	r = fusermount_find(c, path, sizeof(path));
	if (r < 0)
		return r;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return cdisk_fail(c, -errno, "cannot make a socket: %s", strerror(errno));
	ours = pair[0];
	theirs = pair[1];
	(void)snprintf(options, sizeof(options),
		"fsname=%s,subtype=cryptdisk,max_read=%d,nosuid,nodev", source, MAX_READ);
	(void)snprintf(commfd, sizeof(commfd), "_FUSE_COMMFD=%d", theirs);
	r = cdisk_program_run(c, &(struct cdisk_program){.argv = argv,
					 .env = env,
					 .keep_fds = &theirs,
					 .n_keep_fds = 1,
					 .output = output,
					 .output_size = sizeof(output),
					 .timeout_ms = PROGRAM_MS});
	cdisk_close(&theirs);
	if (r == 0)
		r = descriptor_receive(ours, ret_fd);
	if (r == 0)
		return 0;
	line_trim(output);
	(void)cdisk_fail(c, -CDISK_ERR_NO_BACKEND, "fusermount3 cannot mount %s: %s", directory,
		output[0] ? output
		: r < 0   ? strerror(-r)
			  : "it gave no reason");
	cdisk_hint(c, "fusermount3 must be setuid root and must not run under no_new_privs; "
		      "'cryptdisk doctor' tells more");
	return -CDISK_ERR_NO_BACKEND;
}

int cdisk_fuse_mount(struct cdisk *c, const char *directory, const char *source, int *ret_fd)
{
	if (geteuid() == 0)
		return mount_as_root(c, directory, source, ret_fd);
	return mount_as_user(c, directory, source, ret_fd);
}

static int umount_as_user(struct cdisk *c, const char *target, bool lazy, unsigned int timeout_ms)
{
	char path[256], output[512] = "";
	const char *const argv[] = {
		path, "-u", lazy ? "-z" : "--", lazy ? "--" : target, lazy ? target : NULL, NULL};
	int r = fusermount_find(c, path, sizeof(path));

	if (r < 0)
		return r;
	r = cdisk_program_run(c, &(struct cdisk_program){.argv = argv,
					 .output = output,
					 .output_size = sizeof(output),
					 .timeout_ms = timeout_ms});
	line_trim(output);
	cdisk_log(c, CDISK_LOG_DEBUG, "fusermount3 -u%s %s: %d %s", lazy ? " -z" : "", target, r,
		output);
	if (r <= 0)
		return r;
	return strstr(output, strerror(EBUSY)) ? -EBUSY : -EPERM;
}

int cdisk_fuse_umount(struct cdisk *c, const char *target, bool lazy, unsigned int timeout_ms)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	int r;

	if (geteuid() == 0)
		r = cdisk_child_umount(target, lazy ? MNT_DETACH : 0, timeout_ms, NULL, NULL);
	else
		r = umount_as_user(c, target, lazy, timeout_ms);
	if (r == 0)
		return 0;
	/* Whoever was faster: what counts is whether the mount is there. */
	if (cdisk_mountinfo_read(&m) == 0 && !cdisk_mountinfo_at(&m, target))
		return 0;
	return r;
}
