// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server could do if somebody took it over, tried by putting system calls into a running one
 * (ptrace as root); and where its memory holds the key.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include "serve_harness.h"
#include "volume_fixture.h"

#define MIB (1024u * 1024)

static void start(struct served *v, uint32_t flags)
{
	struct cdisk_description d;
	int backing = fixture_file(8 * MIB);

	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, 8 * MIB, 0, "aes", "xts-plain64", 64, 4096), 0);
	assert_int_equal(serve_launch(v, &d, backing, flags), 0);
	cdisk_description_done(&d);
	close(backing);
	serve_keep(v);
}

#ifdef __x86_64__
struct injected {
	const char *name;
	unsigned long long number, args[4];
};

/* The stopped thread stands behind a syscall instruction: it makes this call there instead. */
static long long inject(pid_t pid, const struct injected *call)
{
	struct user_regs_struct saved, regs;
	int status;

	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &saved), 0);
	regs = saved;
	regs.orig_rax = ~0ull; /* nothing is to be started again */
	regs.rip -= 2;
	regs.rax = call->number;
	regs.rdi = call->args[0];
	regs.rsi = call->args[1];
	regs.rdx = call->args[2];
	regs.r10 = call->args[3];
	assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &regs), 0);
	assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
	assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &saved), 0);
	return (long long)regs.rax;
}

static const struct injected forbidden[] = {
	{"open", SYS_open, {0}},
	{"openat", SYS_openat, {0}},
	{"openat2", SYS_openat2, {0}},
	{"stat of a path", SYS_newfstatat, {0}},
	{"socket", SYS_socket, {1, 1}},
	{"connect", SYS_connect, {0}},
	{"sendmsg", SYS_sendmsg, {0}},
	{"recvmsg", SYS_recvmsg, {0}},
	{"execve", SYS_execve, {0}},
	{"execveat", SYS_execveat, {0}},
	{"fork", SYS_fork, {0}},
	{"vfork", SYS_vfork, {0}},
	{"clone", SYS_clone, {17}},
	{"clone3", SYS_clone3, {0}},
	{"ptrace", SYS_ptrace, {0}},
	{"process_vm_readv", SYS_process_vm_readv, {0}},
	{"kill", SYS_kill, {0}},
	{"tgkill", SYS_tgkill, {0}},
	{"unlink", SYS_unlink, {0}},
	{"rename", SYS_rename, {0}},
	{"mount", SYS_mount, {0}},
	{"umount2", SYS_umount2, {0}},
	{"setuid", SYS_setuid, {0}},
	{"prctl", SYS_prctl, {4, 1}},
	{"setrlimit", SYS_setrlimit, {0}},
	{"io_uring_setup", SYS_io_uring_setup, {0}},
	{"bpf", SYS_bpf, {0}},
	{"keyctl", SYS_keyctl, {0}},
	{"memfd_create", SYS_memfd_create, {0}},
	{"ftruncate", SYS_ftruncate, {0}},
	{"mmap of executable pages", SYS_mmap, {0, 4096, 7, 0x22}},
	{"mprotect to executable", SYS_mprotect, {0, 4096, 5}},
	{"ioctl of a terminal", SYS_ioctl, {0, TIOCSTI, 0}},
};

static void what_was_not_open_stays_out_of_reach(void **state)
{
	const struct injected getpid_call = {"getpid", SYS_getpid, {0}};
	struct served v;
	char byte;
	int status, fd;

	(void)state;
	start(&v, 0);
	if (ptrace(PTRACE_ATTACH, v.pid, NULL, NULL) < 0) {
		print_message("no process can be traced here\n");
		assert_int_equal(serve_stop(&v), 0);
		skip();
	}
	assert_int_equal(waitpid(v.pid, &status, 0), v.pid);
	assert_int_equal(inject(v.pid, &getpid_call), v.pid); /* it does work */
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(forbidden); i++) {
		long long r = inject(v.pid, &forbidden[i]);

		if (r != -EPERM)
			print_message("%s: %lld\n", forbidden[i].name, r);
		assert_int_equal(r, -EPERM);
	}
	assert_int_equal(ptrace(PTRACE_DETACH, v.pid, NULL, NULL), 0);
	/* and it serves on */
	fd = open(v.disk, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	assert_int_equal(serve_stop(&v), 0);
}
#endif

/* ---- the key in memory ----------------------------------------------------------------- */

#define PIECE 16u

struct copies {
	unsigned int in_pool, elsewhere;
};

/* Pieces of the key that the volume uses, anywhere in [from, to). */
static unsigned int count_pieces(int mem, uintptr_t from, uintptr_t to, const uint8_t *key)
{
	size_t size = to - from;
	uint8_t *buf = malloc(size);
	unsigned int n = 0;

	assert_non_null(buf);
	if (pread(mem, buf, size, (off_t)from) != (ssize_t)size)
		size = 0; /* pages between guards */
	for (size_t at = 0; at + PIECE <= size; at++)
		for (unsigned int i = 0; i < 64 / PIECE; i++)
			n += buf[at] == key[i * PIECE] &&
			     memcmp(buf + at, key + i * PIECE, PIECE) == 0;
	free(buf);
	return n;
}

/* The pool is what a forked child would not see. */
static struct copies count_copies(pid_t pid, const uint8_t *key)
{
	char path[64], line[512];
	uintptr_t from = 0, to = 0;
	struct copies copies = {0};
	int mem;
	FILE *maps;

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	maps = fopen(path, "re");
	assert_true(mem >= 0 && maps);
	while (fgets(line, sizeof(line), maps)) {
		uintptr_t first, end;
		char perms[8];

		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &first, &end, perms) == 3) {
			from = first;
			to = perms[0] == 'r' ? end : first;
		}
		if (strncmp(line, "VmFlags:", 8) != 0 || from == to)
			continue;
		*(strstr(line, " wf") ? &copies.in_pool : &copies.elsewhere) +=
			count_pieces(mem, from, to, key);
	}
	(void)fclose(maps);
	close(mem);
	return copies;
}

static void the_key_is_in_the_locked_pool_and_nowhere_else(void **state)
{
	struct cdisk_secret *key = fixture_key();
	const uint8_t *used = (const uint8_t *)cdisk_secret_data(key) + 8; /* of the one segment */
	struct copies copies;
	struct served v;
	char *buf = calloc(1, 2 * MIB);
	int fd;

	(void)state;
	start(&v, CDISK_SERVE_UNDER_LOOP);
	fd = open(v.disk, O_RDWR | O_CLOEXEC);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(pwrite(fd, buf, 2 * MIB - 5, i * 777), 2 * MIB - 5);
		assert_int_equal(fsync(fd), 0);
		assert_int_equal(pread(fd, buf, 2 * MIB, 4 * MIB), 2 * MIB);
	}
	close(fd);
	copies = count_copies(v.pid, used);
	print_message("pieces of the key: %u in the pool, %u elsewhere\n", copies.in_pool,
		copies.elsewhere);
	assert_true(copies.in_pool >= 64 / PIECE);
	assert_int_equal(copies.elsewhere, 0);
	assert_int_equal(serve_stop(&v), 0);
	cdisk_secret_free(key);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef __x86_64__
		cmocka_unit_test(what_was_not_open_stays_out_of_reach),
#endif
		cmocka_unit_test(the_key_is_in_the_locked_pool_and_nowhere_else),
	};

	if (serve_missing()) {
		print_message("skipped: %s\n", serve_missing());
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
