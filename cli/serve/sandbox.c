// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The process that holds keys and parses requests of a kernel may move bytes between descriptors it
 * already has, and nothing else: it opens, connects, forks, executes and traces nothing.
 */
#include "serve.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

static int standard_fds_null(void)
{
	int fd, n = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (n < 0)
		return -errno;
	for (fd = 0; fd <= 2; fd++)
		if (n != fd && dup2(n, fd) < 0)
			return -errno;
	if (n > 2)
		close(n);
	return 0;
}

int serve_harden(struct serve *s)
{
	const struct rlimit none = {0, 0};
	int r;

	if (close_range((unsigned int)s->socket_fd + 1, ~0u, 0) < 0)
		return cdisk_fail(&s->c, -errno, "inherited descriptors cannot be closed");
	/* What cannot be dumped belongs to root in /proc. */
	s->comm_fd = serve_comm_open();
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
		return cdisk_fail(&s->c, -errno, "core dumps cannot be forbidden");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return cdisk_fail(&s->c, -errno, "new privileges cannot be forbidden");
	/* A working directory would keep somebody's filesystem busy. */
	if (chdir("/") < 0)
		return cdisk_fail(&s->c, -errno, "/ cannot be entered");
	(void)umask(077);
	r = standard_fds_null();
	if (r < 0)
		return cdisk_fail(&s->c, r, "/dev/null cannot be opened");
	return 0;
}

/* What requests, memory, threads and the end need. */
static const int calls_allowed[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pread64),
	SCMP_SYS(pwrite64), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fallocate),
	SCMP_SYS(fstat), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(futex),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(madvise), SCMP_SYS(munlock),
	SCMP_SYS(sched_yield), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(sigaltstack), /* the end of a thread in builds with sanitizers */
};

/* The call, where the bits of mask in its argument number n have this value. */
static int allow_if(scmp_filter_ctx f, int call, unsigned int n, uint64_t mask, uint64_t value)
{
	const struct scmp_arg_cmp argument = {n, SCMP_CMP_MASKED_EQ, mask, value};

	return seccomp_rule_add_array(f, SCMP_ACT_ALLOW, call, 1, &argument);
}

static int filter_fill(scmp_filter_ctx f)
{
	size_t i;
	int r = 0;

	for (i = 0; i < CDISK_ARRAY_SIZE(calls_allowed) && r == 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls_allowed[i], 0);
	/* Memory that is executable cannot be had. */
	if (r == 0)
		r = allow_if(f, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
	if (r == 0)
		r = allow_if(f, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	/* fstat() of newer C libraries: by descriptor, not by path */
	if (r == 0)
		r = allow_if(f, SCMP_SYS(newfstatat), 3, UINT32_MAX, AT_EMPTY_PATH);
	if (r == 0)
		r = allow_if(f, SCMP_SYS(ioctl), 1, UINT32_MAX, BLKGETSIZE64);
	if (r == 0)
		r = allow_if(f, SCMP_SYS(ioctl), 1, UINT32_MAX, BLKDISCARD);
	return r;
}

int serve_sandbox(struct serve *s)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!f)
		return cdisk_fail(&s->c, -ENOMEM, "no memory for the sandbox");
	r = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1); /* all threads at once, or none */
	if (r == 0)
		r = filter_fill(f);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r == 0 ? 0 : cdisk_fail(&s->c, r, "the sandbox cannot be entered");
}
