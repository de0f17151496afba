// SPDX-License-Identifier: GPL-2.0-or-later
/* From the socket to a server that only has to be let go: every step that may fail or allocate. */
#include "serve.h"

#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "crypto/crypto.h"

/* Kinds of backing by name; a kind is opened from the descriptor that came over the socket. */
static const struct {
	const char *kind;
	int (*open)(int fd, struct cdisk_backing **ret_backing);
} backing_kinds[] = {
	{"file", cdisk_backing_file},
};

static int backing_open(struct serve *s, int fd, struct cdisk_backing **ret)
{
	size_t i;
	int r;

	for (i = 0; i < CDISK_ARRAY_SIZE(backing_kinds); i++) {
		if (strcmp(backing_kinds[i].kind, s->start.backing) != 0)
			continue;
		r = backing_kinds[i].open(fd, ret);
		if (r < 0)
			return cdisk_fail(&s->c, r, "the backing cannot be used: %s", strerror(-r));
		return 0;
	}
	return cdisk_fail(&s->c, -EINVAL, "backing of unknown kind '%s'", s->start.backing);
}

static int volume_open(struct serve *s, int backing_fd, unsigned int workers)
{
	struct cdisk_description *d = &s->start.description;
	struct cdisk_backing *backing = NULL;
	uint64_t backing_size;
	const char *why = NULL;
	int r;

	r = backing_open(s, backing_fd, &backing);
	if (r < 0)
		return r;
	s->read_only = d->read_only;
	if (!s->read_only && (fcntl(backing_fd, F_GETFL) & O_ACCMODE) != O_RDWR) {
		backing->ops->close(backing);
		return cdisk_fail(&s->c, -EROFS, "the backing is open for reading only");
	}
	r = cdisk_plain_open(d, &backing, workers, &s->volume);
	if (r == 0) {
		atomic_store(&s->disk_size, cdisk_plain_size(s->volume));
		return 0;
	}
	if (backing->ops->size(backing, &backing_size) == 0 &&
	    cdisk_description_check(d, backing_size, &why) < 0)
		(void)cdisk_fail(&s->c, r, "the volume's description is wrong: %s", why);
	else
		(void)cdisk_fail(&s->c, r, "the volume cannot be opened: %s",
			strerror(serve_errno(r)));
	backing->ops->close(backing);
	return r;
}

static int session_open(struct serve *s)
{
	static char program[] = "cryptdisk-serve";
	static char max_read[] = "-omax_read=1048576"; /* must equal what init() asks for */
	char *argv[] = {program, max_read, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(2, argv);
	struct stat st;
	char path[32];

	_Static_assert(SERVE_MAX_IO == 1048576, "the mount option above");
	if (fstat(s->fuse_fd, &st) < 0 || !S_ISCHR(st.st_mode))
		return cdisk_fail(&s->c, -EINVAL, "the first descriptor is not a FUSE connection");
	s->session = fuse_session_new(&args, &serve_ops, sizeof(serve_ops), s);
	fuse_opt_free_args(&args);
	if (!s->session)
		return cdisk_fail(&s->c, -ENOMEM, "libfuse refused to start");
	(void)snprintf(path, sizeof(path), "/dev/fd/%d", s->fuse_fd);
	if (fuse_session_mount(s->session, path) != 0)
		return cdisk_fail(&s->c, -EINVAL, "libfuse refused the mounted descriptor");
	return 0;
}

/*
 * The heap is one arena that is grown now and never given back, so that libfuse's small allocations
 * for each request need no new memory in the middle of write-back.
 */
static void heap_prepare(void)
{
	const size_t reserve = 96 * 1024; /* below the size that malloc maps on its own */
	char *p;

	(void)mallopt(M_ARENA_MAX, 1);
	(void)mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
	p = malloc(reserve);
	if (p)
		explicit_bzero(p, reserve);
	free(p);
}

/* Under a loop device the kernel waits for this process to free memory: it may not wait in turn. */
static void writeback_prepare(struct serve *s)
{
	if (s->start.flags & CDISK_SERVE_UNDER_LOOP)
		s->io_flusher = prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0) == 0;
}

static void writeback_lock(struct serve *s)
{
	if (s->start.flags & CDISK_SERVE_UNDER_LOOP)
		s->all_locked = mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
}

static int locked_memory_check(struct serve *s)
{
	if (!(s->start.flags & CDISK_SERVE_REQUIRE_LOCKED) || cdisk_secret_locked())
		return 0;
	return cdisk_fail(&s->c, -EPERM, "memory for keys cannot be locked (RLIMIT_MEMLOCK)");
}

static int volume_receive(struct serve *s, unsigned int workers)
{
	int fds[2], r;

	r = cdisk_serve_receive(s->socket_fd, &s->start, fds);
	if (r < 0)
		return cdisk_fail(&s->c, r, "what came over the socket is no start message of ABI %d",
			CDISK_ABI_VERSION);
	s->fuse_fd = fds[0];
	r = cdisk_crypto_init();
	if (r < 0)
		(void)cdisk_fail(&s->c, r, "libgcrypt cannot be used: %s", strerror(-r));
	else
		r = serve_lock_prepare(s);
	if (r == 0)
		r = volume_open(s, fds[1], workers);
	cdisk_close(&fds[1]); /* the backing has its own */
	cdisk_description_done(&s->start.description);
	return r;
}

int serve_start(struct serve *s)
{
	unsigned int workers = serve_workers_wanted();
	int r;

	r = serve_harden(s);
	if (r < 0)
		return r;
	heap_prepare();
	s->gid = getgid();
	(void)clock_gettime(CLOCK_REALTIME, &s->started);
	r = serve_life_init(s);
	if (r < 0)
		return r;
	r = volume_receive(s, workers);
	if (r < 0)
		return r;
	r = locked_memory_check(s);
	if (r < 0)
		return r;
	r = session_open(s);
	if (r < 0)
		return r;
	writeback_prepare(s);
	r = serve_workers_create(s, workers);
	if (r < 0)
		return r;
	writeback_lock(s);
	r = serve_info_init(s);
	if (r < 0)
		return r;
	return serve_sandbox(s);
}
