/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server process: starting it, what state it is in, its FUSE mount, its end. */
#ifndef CDISK_BACKEND_SERVER_H
#define CDISK_BACKEND_SERVER_H

#include <sys/types.h>
#include "backend/backend.h"
#include "backend/mountinfo.h"

/* ---- process_state.c --------------------------------------------------------------------- */

enum cdisk_process_state {
	CDISK_PROCESS_GONE = 0, /* ended (a zombie too), or the number belongs to another process */
	CDISK_PROCESS_RUNS,
	CDISK_PROCESS_STOPPED, /* SIGSTOP or a tracer: requests to it are not answered */
};

enum cdisk_process_state cdisk_process_look(int32_t pid, uint64_t start);

/* Whether it is a server whose volume is locked, as its process name tells. */
bool cdisk_server_locked(int32_t pid, uint64_t start);

/* Its command name and real uid, from /proc; -ESRCH. */
int cdisk_process_identity(int32_t pid, char *ret_command, size_t size, uint32_t *ret_uid);

/* ---- launch.c ---------------------------------------------------------------------------- */

struct cdisk_server {
	pid_t pid;
	uint64_t start;
	int pidfd;
	int sock;
};

/* Starts cryptdisk-serve, which waits at its socket; it is not our child. */
int cdisk_server_start(struct cdisk *c, struct cdisk_server *ret_server);

/* Sends what it is to serve and waits until it serves; *ret_locked: is its memory locked? */
int cdisk_server_hand_over(struct cdisk *c, const struct cdisk_server *s,
	const struct cdisk_attach_spec *spec, int fuse_fd, bool *ret_locked);

/* Lets it run on after us, or (temporary) remembers the socket for the attachment's life. */
int cdisk_server_keep(
	struct cdisk *c, struct cdisk_server *s, const char *instance, bool temporary);

/* Closes the socket of a temporary attachment, if there is one. */
void cdisk_server_forget(const char *instance);

/* Ends a server that never came to serve anything. */
void cdisk_server_abandon(struct cdisk_server *s);

/* ---- rundir.c ---------------------------------------------------------------------------- */

/* Of the caller's own, with the mode that a run directory has, under any umask: 0 made, -EEXIST too. */
int cdisk_run_dir_make(const char *path);

/*
 * Makes the directory of attachments where it is missing, checks that it is ours, and locks it:
 * two programs must not take the same name. *ret_dir is the directory, *ret_lock holds the lock;
 * ret_path is its real path. -ETIMEDOUT where another program never lets go.
 */
int cdisk_run_dir_lock(
	struct cdisk *c, int *ret_dir, int *ret_lock, char ret_path[CDISK_PATH_SIZE]);

/* A lock of its own, one of many, of the run directory: with its descriptor it goes. */
int cdisk_run_dir_lock_byte(struct cdisk *c, uint32_t byte, int *ret_lock);

/* Whether no server has the instance's name: 1 = free, 0 = another may be used, or why none may. */
int cdisk_instance_free(struct cdisk *c, const char *run_path, const struct cdisk_attach_spec *spec,
	const char *instance);

/* Claims a directory for a volume: fills in instance and directory of *a. Cleans up stale ones. */
int cdisk_instance_claim(struct cdisk *c, int run_fd, const char *run_path,
	const struct cdisk_attach_spec *spec, struct cdisk_attachment *a);

/* Removes an unmounted directory of ours (full path) under the lock of the run directory run. */
void cdisk_run_dir_remove(const char *run, const char *path);

/* ---- stale.c ----------------------------------------------------------------------------- */

/* Whether the server that a mount at directory names has ended for sure. */
bool cdisk_server_gone(const struct cdisk_source *s, const char *directory);

/* Unmounts the directory of a killed server with all that lies over it. */
int cdisk_stale_clean(struct cdisk *c, const struct cdisk_mountinfo *m, const char *directory);

/* Removes the caller's attachments whose server is gone and that have nothing mounted over them. */
void cdisk_stale_sweep(struct cdisk *c, int run_fd, const char *run_path);

/* ---- fusemount.c ------------------------------------------------------------------------- */

/* Mounts a FUSE filesystem without a server at directory; *ret_fd is its /dev/fuse. */
int cdisk_fuse_mount(struct cdisk *c, const char *directory, const char *source, int *ret_fd);

/* -EBUSY, -ETIMEDOUT; 0 also when there is no mount. For every FUSE mount of the caller. */
int cdisk_fuse_umount(struct cdisk *c, const char *target, bool lazy, unsigned int timeout_ms);

/* ---- over.c: what lies over a disk ------------------------------------------------------- */

#define CDISK_OVER_MAPPER "/dev/mapper/"

struct cdisk_over {
	char kernel[32]; /* of a disk that is a mapping: "/dev/dm-3"; else "" */
	uint32_t major, minor;
	struct cdisk_loop *loops;
	size_t n_loops;
	const struct cdisk_mount_entry **mounts; /* of a struct cdisk_mountinfo, in its order */
	size_t n_mounts;
};

/* owner: the uid that the server's mount names; what others' mounts claim is passed over. */
int cdisk_over_find(
	const struct cdisk_mountinfo *m, const char *disk, uint32_t owner, struct cdisk_over *ret);
void cdisk_over_done(struct cdisk_over *o);

/* Whether a mount's source is to be believed: that of a FUSE mount only if owner made it. */
bool cdisk_source_counts(const struct cdisk_mount_entry *e, uint32_t owner);

#define _cleanup_over_ CDISK_CLEANUP(cdisk_over_done)

/* ---- kill.c ------------------------------------------------------------------------------ */

/*
 * SIGKILL through a pidfd, after checking that the process is what the attachment says: a mount
 * source is text that any user can write. 0 when it is gone; -ETIMEDOUT, -EPERM.
 */
int cdisk_server_kill(struct cdisk *c, const struct cdisk_attachment *a, unsigned int timeout_ms);

/* Aborts a FUSE connection: all requests that wait in it fail. 0 also when it is gone. */
int cdisk_fuse_abort(struct cdisk *c, uint32_t connection, unsigned int timeout_ms);

extern const struct cdisk_backend cdisk_backend_fuse;
extern const struct cdisk_backend cdisk_backend_loop;
extern const struct cdisk_backend cdisk_backend_kmod;

/* ---- fuse.c, fusecontrol.c: parts of that backend ----------------------------------------- */

/* -ETIMEDOUT, with advice, when the server is stopped: whatever is asked of it would hang. */
int cdisk_server_stopped_refuse(
	struct cdisk *c, const struct cdisk_attachment *a, const char *what);

int cdisk_fuse_resize(struct cdisk *c, const struct cdisk_attachment *a, uint64_t *ret_size);
int cdisk_fuse_trim(struct cdisk *c, const struct cdisk_attachment *a, uint64_t offset,
	uint64_t length, uint64_t *ret_bytes);
int cdisk_fuse_lock(struct cdisk *c, const struct cdisk_attachment *a);
int cdisk_fuse_resume(
	struct cdisk *c, const struct cdisk_attachment *a, const struct cdisk_attach_spec *spec);

/* ---- kernel.c ---------------------------------------------------------------------------- */

void cdisk_check_fill(
	struct cdisk_check *check, const char *name, const char *reason, const char *advice);
/* Whether the caller can encrypt with device-mapper, tried; else reason and advice. */
bool cdisk_check_device_mapper(struct cdisk *c, struct cdisk_check *check, const char *name);
/* modprobe by its full path, as root: 0; -ENOENT: no such module, -EPERM: the kernel refuses it. */
int cdisk_module_load(struct cdisk *c, const char *name);

#endif
