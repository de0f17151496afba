// SPDX-License-Identifier: GPL-2.0-or-later
/* What works here, found by trying it: device nodes and files exist in places where nothing works.
 */
#include "mount/mount.h"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include "base/io.h"
#include "base/process.h"
#include "base/secret.h"
#include "base/util.h"

#define FUSECTL_MAGIC 0x65735543
#define PR_SET_IO_FLUSHER_NR 57 /* PR_SET_IO_FLUSHER, absent from older headers */

struct list {
	struct cdisk_check *checks;
	size_t n, room;
	bool failed;
};

static struct cdisk_check *list_add(struct list *l, const char *name)
{
	static struct cdisk_check dropped;
	struct cdisk_check *c;

	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 32;

		c = reallocarray(l->checks, room, sizeof(*c));
		if (!c) {
			l->failed = true;
			return &dropped;
		}
		l->checks = c;
		l->room = room;
	}
	c = &l->checks[l->n++];
	memset(c, 0, sizeof(*c));
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}

static void say(struct cdisk_check *k, bool works, const char *reason, const char *advice)
{
	k->works = works;
	(void)snprintf(k->reason, sizeof(k->reason), "%s", reason);
	(void)snprintf(k->advice, sizeof(k->advice), "%s", works ? "" : advice);
}

/* Runs one step in a process of its own, since it cannot be taken back: 0, or the errno. */
static int try_in_child(int (*step)(void))
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(step() < 0 ? errno & 0xff : 0);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static void check_fuse(struct list *l)
{
	struct cdisk_check *k = list_add(l, "fuse");
	_cleanup_close_ int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		say(k, true, "/dev/fuse can be opened", "");
	else if (errno == EACCES || errno == EPERM)
		say(k, false, "/dev/fuse cannot be opened: permission denied",
			"chmod 0666 /dev/fuse (udev's default; containers need --device "
			"/dev/fuse)");
	else
		say(k, false, "/dev/fuse cannot be opened: the kernel has no FUSE",
			"modprobe fuse, or in a container --device /dev/fuse");
}

static void check_fusermount(struct list *l)
{
	struct cdisk_check *k = list_add(l, "fusermount3");
	char path[64];
	struct stat st;

	if (cdisk_program_find("fusermount3", path, sizeof(path)) < 0 || stat(path, &st) < 0)
		say(k, false, "not installed: an ordinary user cannot mount", "apt install fuse3");
	else if (st.st_uid != 0 || !(st.st_mode & S_ISUID))
		say(k, geteuid() == 0, "it is not setuid root: an ordinary user cannot mount",
			"reinstall the package fuse3");
	else
		say(k, true, "installed, setuid root", "");
}

static bool text_has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, line, n) == 0 && strchr(" \t\n", p[n]))
			return true;
	}
	return false;
}

static void check_allow_other(struct list *l)
{
	struct cdisk_check *k = list_add(l, "user_allow_other");
	_cleanup_free_ char *text = NULL;

	if (cdisk_read_text("/etc/fuse.conf", 65536, &text) == 0 &&
		text_has_line(text, "user_allow_other"))
		say(k, true, "an ordinary user may show a mount to others", "");
	else
		say(k, geteuid() == 0, "an ordinary user's mounts are seen by that user alone",
			"nothing, unless that is wanted: user_allow_other in /etc/fuse.conf");
}

static void check_fusectl(struct list *l)
{
	struct cdisk_check *k = list_add(l, "fusectl");
	struct statfs s;

	if (statfs("/sys/fs/fuse/connections", &s) == 0 && s.f_type == FUSECTL_MAGIC)
		say(k, true, "mounted: a connection that hangs can be aborted", "");
	else
		say(k, geteuid() == 0, "not mounted: only root can abort a connection that hangs",
			"mount -t fusectl fusectl /sys/fs/fuse/connections");
}

static void check_loop(struct list *l)
{
	struct cdisk_check *k = list_add(l, "loop");
	_cleanup_close_ int fd = -1;

	if (geteuid() != 0) {
		say(k, false, "loop devices are for root",
			"nothing: filesystem servers are used instead, or run it as root");
		return;
	}
	fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, LOOP_CTL_GET_FREE) >= 0)
		say(k, true, "a loop device can be had", "");
	else
		say(k, false, strerror(errno), "modprobe loop, or in a container --privileged");
}

static void check_dm(struct list *l)
{
	struct cdisk_check *k = list_add(l, "device-mapper");
	struct dm_ioctl dm = {.version = {4, 0, 0}, .data_size = sizeof(dm)};
	_cleanup_close_ int fd = -1;

	if (geteuid() != 0) {
		say(k, false, "device-mapper is for root", "nothing: the fuse backend is used");
		return;
	}
	fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, DM_VERSION, &dm) == 0) {
		say(k, true, "", "");
		(void)snprintf(k->reason, sizeof(k->reason), "version %u.%u.%u", dm.version[0],
			dm.version[1], dm.version[2]);
	} else {
		say(k, false, strerror(errno),
			"modprobe dm-crypt; without it the fuse backend is used");
	}
}

static void check_module(struct list *l)
{
	struct cdisk_check *k = list_add(l, "cryptdisk module");
	_cleanup_close_ int fd = open("/dev/cryptdisk-control", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		say(k, true, "loaded", "");
	else
		say(k, false, errno == ENOENT ? "not loaded" : strerror(errno),
			"modprobe cryptdisk; without it other backends are used");
}

static void check_memory(struct list *l)
{
	struct cdisk_check *k = list_add(l, "locked memory");
	size_t size = CDISK_SECRET_POOL;
	struct rlimit limit = {0};
	int error = 0;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mlock(p, size) < 0)
		error = errno;
	if (p != MAP_FAILED)
		(void)munmap(p, size);
	(void)getrlimit(RLIMIT_MEMLOCK, &limit);
	say(k, error == 0, "", "raise RLIMIT_MEMLOCK to 64 KiB or more (ulimit -l, LimitMEMLOCK=)");
	if (error == 0)
		(void)snprintf(k->reason, sizeof(k->reason), "64 KiB for secrets can be locked");
	else
		(void)snprintf(k->reason, sizeof(k->reason),
			"64 KiB for secrets cannot be locked (%s), the limit is %llu bytes",
			strerror(error), (unsigned long long)limit.rlim_cur);
}

static int step_io_flusher(void)
{
	return prctl(PR_SET_IO_FLUSHER_NR, 1, 0, 0, 0);
}

static int step_userns(void)
{
	return unshare(CLONE_NEWUSER | CLONE_NEWNS);
}

static void check_process(struct list *l)
{
	struct cdisk_check *k = list_add(l, "io flusher");
	int error = try_in_child(step_io_flusher);

	if (error == 0)
		say(k, true, "a server may write back under memory pressure", "");
	else
		say(k, geteuid() != 0,
			geteuid() != 0
				? "only needed under a loop device, that is by root"
				: "PR_SET_IO_FLUSHER is refused: a server under a loop device may "
				  "wait for itself when memory runs out",
			"give the container CAP_SYS_RESOURCE");
	k = list_add(l, "user namespaces");
	error = try_in_child(step_userns);
	say(k, error == 0, error == 0 ? "can be made" : strerror(error),
		"sysctl kernel.unprivileged_userns_clone=1; only 'exec' needs them");
}

static void check_program(
	struct list *l, const char *program, const char *package, const char *what)
{
	struct cdisk_check *k;
	char path[128];

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->checks[i].name, program) == 0)
			return;
	k = list_add(l, program);
	if (cdisk_program_find(program, path, sizeof(path)) == 0) {
		say(k, true, "", "");
		(void)snprintf(k->reason, sizeof(k->reason), "%s: %s", what, path);
		return;
	}
	say(k, false, "", "");
	(void)snprintf(k->reason, sizeof(k->reason), "%s: not installed", what);
	(void)snprintf(k->advice, sizeof(k->advice), "apt install %s", package);
}

static void check_filesystem(struct list *l, const struct cdisk_fstype *t)
{
	char what[64];
	struct cdisk_check *k;

	(void)snprintf(what, sizeof(what), "kernel %s", t->name);
	k = list_add(l, what);
	if (cdisk_fs_kernel(t->name))
		say(k, true, "this kernel can mount it", "");
	else
		say(k, false, "this kernel cannot mount it",
			t->server ? "nothing: its filesystem server is used" : "");
	(void)snprintf(what, sizeof(what), "serves %s", t->name);
	if (t->server)
		check_program(l, t->server, t->server_package, what);
	(void)snprintf(what, sizeof(what), "makes %s", t->name);
	if (t->mkfs)
		check_program(l, t->mkfs, t->package, what);
	(void)snprintf(what, sizeof(what), "checks %s", t->name);
	check_program(l, t->fsck, t->package, what);
}

int cdisk_doctor_list(struct cdisk *c, struct cdisk_check **ret_list)
{
	struct list l = {.n = 0};

	check_fuse(&l);
	check_fusermount(&l);
	check_allow_other(&l);
	check_fusectl(&l);
	check_loop(&l);
	check_dm(&l);
	check_module(&l);
	check_memory(&l);
	check_process(&l);
	for (const struct cdisk_fstype *t = cdisk_fstypes; t->name; t++)
		check_filesystem(&l, t);
	check_program(&l, "resize2fs", "e2fsprogs", "resizes ext4");
	check_program(&l, "xfs_growfs", "xfsprogs", "grows xfs");
	if (l.failed) {
		free(l.checks);
		return cdisk_fail(c, -ENOMEM, "out of memory for the list of checks");
	}
	*ret_list = l.checks;
	return (int)l.n;
}
