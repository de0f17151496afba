// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Activation by libcryptsetup, from a key that we derived ourselves. It waits for udev without end
 * and keeps copies of the key in its heap: so it runs in a child that is killed after a while, and
 * whose memory goes with it.
 */
#include "backend/dmcrypt.h"

#include <fcntl.h>
#include <libcryptsetup.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "backend/child.h"
#include "backend/dm.h"
#include "base/io.h"

#define KEY_MAX 512
#define UDEV_MS 5000    /* then we go on without it */
#define ANSWER_MS 60000 /* the header's digest, and a kernel that loads ciphers */
#define COOKIE_MAGIC 0x0d4d /* of the semaphores that udev is waited for with */
#define SOCK_FD 3
#define HEADER_FD 4

struct job {
	char node[64], name[CDISK_DM_NAME];
	uint32_t key_size;
	bool luks1, read_only;
};

struct answer {
	int32_t result;
	char message[256];
};

int cdisk_dmcrypt_check(struct cdisk *c, const struct cdisk_attach_spec *spec)
{
	const struct cdisk_description *d = spec->description;
	const struct cdisk_segment *s = &d->segments[0];

	if (d->n_segments != 1 || s->start != 0)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"dm-crypt maps volumes of one piece, this one has %u", d->n_segments);
	if (s->kind != CDISK_SEGMENT_CRYPT || s->cipher.chain_len != 1)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"dm-crypt maps volumes with one cipher, this one has %u",
			s->kind == CDISK_SEGMENT_CRYPT ? s->cipher.chain_len : 0u);
	if (strncmp(d->format, "LUKS", 4) != 0 || spec->header_fd < 0 || !d->key)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"%s volumes are not opened by device-mapper in this version", d->format);
	if (s->key_offset != 0 || cdisk_secret_size(d->key) > KEY_MAX)
		return cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"the key of this volume is not of the kind that dm-crypt takes");
	return 0;
}

/* ---- the child --------------------------------------------------------------------------- */

static void log_keep(int level, const char *line, void *data)
{
	struct answer *a = data;

	if (level != CRYPT_LOG_ERROR)
		return;
	(void)snprintf(a->message, sizeof(a->message), "%s", line);
	a->message[strcspn(a->message, "\n")] = '\0';
}

static int activate(const struct job *job, const char *key, struct answer *a)
{
	struct crypt_device *cd = NULL;
	char header[CDISK_FD_PATH_MAX];
	int r;

	cdisk_fd_path(HEADER_FD, header);
	r = crypt_init_data_device(&cd, header, job->node);
	if (r < 0)
		return r;
	crypt_set_log_callback(cd, log_keep, a);
	/* A memory file has no other user, and the key goes into the table, not into a keyring. */
	(void)crypt_metadata_locking(cd, 0);
	r = crypt_load(cd, job->luks1 ? CRYPT_LUKS1 : CRYPT_LUKS2, NULL);
	if (r == 0)
		r = crypt_volume_key_keyring(cd, 0);
	if (r == 0)
		r = crypt_activate_by_volume_key(cd, job->name, key, job->key_size,
			job->read_only ? CRYPT_ACTIVATE_READONLY : 0);
	crypt_free(cd);
	return r;
}

static bool receive(int sock, void *buf, size_t size)
{
	return cdisk_read_all(sock, buf, size) == (ssize_t)size;
}

static _Noreturn void child_main(int sock, int header_fd, const struct job *job, pid_t parent)
{
	struct cdisk_secret *key = NULL;
	struct answer a = {0};

	cdisk_child_begin();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Above both places first, or one could be written over. */
	sock = fcntl(sock, F_DUPFD_CLOEXEC, HEADER_FD + 1);
	header_fd = fcntl(header_fd, F_DUPFD_CLOEXEC, HEADER_FD + 1);
	if (getppid() != parent || sock < 0 || header_fd < 0 || dup2(sock, SOCK_FD) < 0 ||
		dup2(header_fd, HEADER_FD) < 0)
		_exit(1);
	/* The container's descriptor, too: with it its lock. */
	(void)syscall(SYS_close_range, HEADER_FD + 1u, ~0u, 0u);
	/* The secrets of the parent do not survive the fork: the key comes through the socket. */
	a.result = cdisk_secret_alloc(job->key_size, &key);
	if (a.result == 0)
		a.result = receive(SOCK_FD, cdisk_secret_data(key), job->key_size)
				   ? activate(job, cdisk_secret_data(key), &a)
				   : -EPIPE;
	cdisk_secret_free(key);
	(void)send(SOCK_FD, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

/* ---- the parent -------------------------------------------------------------------------- */

/* Whether the mapping works already: udev alone is waited for then. */
static bool is_in_use(const char *name)
{
	struct cdisk_dm dm;

	return cdisk_dm_status(name, &dm) == 0 && dm.live && !dm.suspended;
}

/* 0 = the answer is there; -ETIMEDOUT. */
static int answer_wait(struct cdisk *c, int sock, const struct job *job, struct answer *a)
{
	uint64_t begin = cdisk_now_ms(), used = 0;

	for (;;) {
		struct pollfd p = {.fd = sock, .events = POLLIN};
		uint64_t now = cdisk_now_ms();
		int r = cdisk_progress(c, "opening the mapping", 0, 0);

		if (r < 0)
			return r;
		if (used == 0 && is_in_use(job->name))
			used = now;
		/* What libdevmapper waits for then is udev's word, and there may be nobody to give it. */
		if (now - begin > ANSWER_MS ||
			(used > 0 && now > used && (now - used > UDEV_MS || !cdisk_udev_answers())))
			return -ETIMEDOUT;
		if (poll(&p, 1, 100) < 0 && errno != EINTR)
			return -errno;
		if (!(p.revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		return receive(sock, a, sizeof(*a)) ? 0 : -EIO;
	}
}

/* A semaphore has no owner that it would end with: that of a child that was killed stays. */
static void cookies_remove(pid_t pid)
{
	struct seminfo info;
	struct semid_ds ds;
	int last = semctl(0, 0, SEM_INFO, &info);

	for (int i = 0; i <= last; i++) {
		int id = semctl(i, 0, SEM_STAT, &ds);

		if (id >= 0 && (unsigned int)ds.sem_perm.__key >> 16 == COOKIE_MAGIC &&
			semctl(id, 0, GETPID) == pid)
			(void)semctl(id, 0, IPC_RMID);
	}
}

static int child_run(struct cdisk *c, const struct cdisk_attach_spec *spec, const struct job *job,
	struct answer *a)
{
	_cleanup_close_ int mine = -1;
	pid_t parent = getpid(), pid;
	int pair[2], r, result;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	mine = pair[0];
	pid = fork();
	if (pid == 0)
		child_main(pair[1], spec->header_fd, job, parent);
	r = pid < 0 ? -errno : 0;
	close(pair[1]);
	if (r < 0)
		return r;
	if (send(mine, cdisk_secret_data(spec->description->key), job->key_size, MSG_NOSIGNAL) !=
		(ssize_t)job->key_size)
		r = -EPIPE;
	if (r == 0)
		r = answer_wait(c, mine, job, a);
	if (r < 0)
		(void)kill(pid, SIGKILL);
	(void)cdisk_child_reap(pid, r < 0 ? CDISK_CHILD_DIE_MS : ANSWER_MS, &result);
	if (r < 0)
		cookies_remove(pid);
	return r;
}

static int open_failed(struct cdisk *c, const struct job *job, int r, const struct cdisk_segment *s,
	const char *why)
{
	if (r == -ENOMEM || r == -ECANCELED)
		return cdisk_fail(c, r, "cannot make the mapping %s: %s", job->name, strerror(-r));
	if (r == -EPERM)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
			"libcryptsetup finds another volume key in the header");
	if (r == -EINVAL || r == -ENOENT || r == -ENOTSUP || r == -ENOSYS) {
		(void)cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"this kernel's dm-crypt does not open the volume (%u bytes of key, sectors "
			"of %u): %s",
			s->cipher.key_size, s->cipher.sector_size, *why ? why : strerror(-r));
		cdisk_hint(c, "the fuse backend needs no cipher of the kernel");
		return -CDISK_ERR_UNSUPPORTED;
	}
	return cdisk_fail(
		c, r, "cannot make the mapping %s: %s", job->name, *why ? why : strerror(-r));
}

/* What was made must be what our own data path would read: same place, same units. */
static int mapping_verify(const struct job *job, const struct cdisk_description *d)
{
	CDISK_CLEANUP(cdisk_dm_table_done) struct cdisk_dm_table t = {.sectors = 0};
	const struct cdisk_segment *s = &d->segments[0];
	struct cdisk_crypt_table crypt;
	int r = cdisk_dm_table(job->name, &t);

	if (r == 0 && strcmp(t.type, "crypt") != 0)
		r = -EINVAL;
	if (r == 0)
		r = cdisk_crypt_table_parse(cdisk_secret_data(t.params), &crypt);
	if (r < 0)
		return r;
	if (crypt.offset * 512 != s->offset || crypt.sector_size != s->cipher.sector_size ||
		crypt.iv_offset * 512 != s->iv0 * s->cipher.iv_unit || t.sectors * 512 != d->size)
		return -EINVAL;
	return 0;
}

/* What was made in vain goes at once, or when who looks at it just now (udev) has looked. */
static void mapping_drop(const char *name)
{
	if (cdisk_dm_remove(name, false) == -EBUSY)
		(void)cdisk_dm_remove(name, true);
	cdisk_dm_node_remove(name);
}

int cdisk_dmcrypt_open(struct cdisk *c, const struct cdisk_attach_spec *spec, const char *node,
	const char *name, bool read_only)
{
	const struct cdisk_description *d = spec->description;
	struct answer a = {0};
	struct job job = {
		.key_size = d->segments[0].cipher.key_size,
		.luks1 = strcmp(d->format, "LUKS1") == 0,
		.read_only = read_only,
	};
	bool theirs;
	int r;

	if (job.key_size > cdisk_secret_size(d->key))
		return cdisk_fail(c, -EINVAL, "the key of the volume is too short");
	(void)snprintf(job.node, sizeof(job.node), "%s", node);
	(void)snprintf(job.name, sizeof(job.name), "%s", name);
	r = child_run(c, spec, &job, &a);
	a.message[sizeof(a.message) - 1] = '\0';
	if (r == 0)
		r = a.result;
	if (r == -ETIMEDOUT && is_in_use(name)) {
		cdisk_log(c, CDISK_LOG_WARNING, "udev does not answer: going on without it");
		r = 0;
	}
	/* Then it is another program's, from another run directory. */
	theirs = r == -EEXIST;
	if (r < 0)
		r = open_failed(c, &job, r, &d->segments[0], a.message);
	else if (mapping_verify(&job, d) < 0)
		r = cdisk_fail(c, -CDISK_ERR_UNSUPPORTED,
			"dm-crypt maps this volume otherwise than its header says");
	if (r < 0 && !theirs)
		mapping_drop(name);
	return r;
}
