/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The userspace server: one process, one volume, one FUSE connection.
 *
 * Its life: start.c receives everything over a socket and prepares it, workers.c makes all threads,
 * sandbox.c closes every door, and only then is the first request read. lifetime.c decides when it
 * ends. Nothing is opened, forked or connected after the sandbox stands.
 */
#ifndef CRYPTDISK_SERVE_H
#define CRYPTDISK_SERVE_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include "base/context.h"
#include "base/serve_link.h"
#include "crypto/crypto.h"
#include "volume/volume.h"

#define SERVE_MAX_IO (1024u * 1024) /* of one read or write; mount option max_read says the same */
#define SERVE_WORKERS_MAX 4u
#define SERVE_SALT 32u
#define SERVE_INFO_MAX 32768u /* a path of escapes only, and the rest */

struct serve {
	struct cdisk c; /* holds the sentence of a failed start */
	struct cdisk_serve_start start;
	int fuse_fd;
	struct cdisk_plain *volume;
	struct fuse_session *session;
	struct timespec started;
	gid_t gid; /* of the process, which cannot ask any more once the sandbox stands */
	_Atomic uint64_t disk_size; /* outlives the volume, for requests that come while it is closed */
	bool read_only;
	bool io_flusher, all_locked; /* what the kernel granted under a loop device */

	/* lifetime.c */
	int socket_fd, signal_fd, wake_fd;
	pthread_mutex_t life;
	unsigned int disk_opens; /* under life */
	bool ending;		 /* under life: no more opens */
	bool temporary_over;	 /* the program that wanted a temporary server is gone */
	_Atomic unsigned int workers_running;

	/* lock.c */
	uint8_t key_salt[SERVE_SALT], key_check[CDISK_HASH_MAX]; /* of the key, which they do not tell */
	int comm_fd; /* this process's name in /proc; -1 = it cannot be changed */

	/* Requests that use the volume without having `disk` open hold this one. */
	pthread_mutex_t control;
	bool closed; /* under control */

	char info[SERVE_INFO_MAX]; /* under control once workers run */
	size_t info_size;
};

/* ---- start.c: 0, or an error with its sentence in s->c ---------------------------------- */
int serve_start(struct serve *s);

/* ---- lifetime.c ------------------------------------------------------------------------- */
int serve_life_init(struct serve *s);
void serve_life_wait(struct serve *s); /* returns when the server has to end */
int serve_life_end(struct serve *s);   /* flushes and wipes; the result of the flush */
bool serve_disk_opened(struct serve *s); /* false: the server is ending */
void serve_disk_released(struct serve *s);
void serve_wake(struct serve *s);

/*
 * The volume for requests that may come without `disk` open: 0, or -ESHUTDOWN when it is closed.
 * Nobody waits for the kernel between enter and leave.
 */
int serve_volume_enter(struct serve *s);
void serve_volume_leave(struct serve *s);

/* ---- workers.c -------------------------------------------------------------------------- */
unsigned int serve_workers_wanted(void);
int serve_workers_create(struct serve *s, unsigned int n); /* they wait for serve_workers_go() */
void serve_workers_go(void);
void serve_workers_join(void);
void *serve_reply_buffer(void); /* SERVE_MAX_IO bytes of the calling worker */

/* ---- sandbox.c -------------------------------------------------------------------------- */
int serve_harden(struct serve *s);  /* before anything secret arrives */
int serve_sandbox(struct serve *s); /* all threads; after this only I/O on what is open */

/* ---- files.c, disk.c, control.c: the FUSE operations ------------------------------------- */
#define SERVE_INO_DISK 2
#define SERVE_INO_INFO 3
#define SERVE_INO_CONTROL 4

extern const struct fuse_lowlevel_ops serve_ops;

/* What needs the key: it can wait in hold.c until it is there again. */
enum serve_io_kind { SERVE_READ, SERVE_WRITE, SERVE_ZERO };

struct serve_io {
	fuse_req_t req;
	enum serve_io_kind kind;
	size_t size;
	uint64_t offset;
	const char *data; /* of WRITE */
};

void serve_disk_read(fuse_req_t req, struct serve *s, size_t size, off_t offset);
void serve_disk_write(fuse_req_t req, struct serve *s, const char *buf, size_t size, off_t offset);
void serve_disk_fallocate(fuse_req_t req, struct serve *s, int mode, off_t offset, off_t length);
void serve_disk_io(struct serve *s, const struct serve_io *io); /* answers it, or holds it */
void serve_disk_lseek(fuse_req_t req, struct serve *s, off_t offset, int whence);
void serve_disk_flush(fuse_req_t req, struct serve *s);
void serve_control(fuse_req_t req, struct serve *s, unsigned int cmd, const void *in,
	size_t in_size, size_t out_size);

/* ---- hold.c: requests that wait while the volume is locked -------------------------------- */

/* 1 = it is kept; 0 = the volume is not locked any more; -ENOMEM. */
int serve_hold(struct serve *s, const struct serve_io *io);
void serve_held_go(struct serve *s); /* after a resume, in the calling worker */

/* ---- lock.c ------------------------------------------------------------------------------ */
int serve_lock_prepare(struct serve *s); /* while it still has a key of its own */
int serve_lock(struct serve *s);
int serve_resume(struct serve *s, struct cdisk_secret **key);

/* The name of this process, opened while that is allowed. */
int serve_comm_open(void);

/* Errors of ours have no number that a kernel knows. */
static inline int serve_errno(int r)
{
	return r < 0 && r > -CDISK_ERR_PASSPHRASE + 1 ? -r : EIO;
}

/* ---- info.c, session.c ------------------------------------------------------------------- */
struct serve_session {
	uint32_t uid;
	uint32_t audit_session; /* UINT32_MAX = none */
	uint64_t mnt_ns;	/* inode of the mount namespace */
	uint32_t keyring;	/* ID of the session keyring; 0 = none */
	char logind[64];	/* "" = none, or not told */
};

void serve_session_read(struct serve_session *ret);

int serve_info_init(struct serve *s); /* gathers what it takes; before the sandbox */
int serve_info_update(struct serve *s); /* after a change of size, a lock or a resume */

#endif
