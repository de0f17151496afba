// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening containers and what was unlocked: argument and state checks, then down the floors. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "backend/backend.h"
#include "base/io.h"
#include "base/lock.h"
#include "create.h"
#include "format/header_write.h"
#include "internal.h"
#include "mount/mount.h"

#define HEADER_WAIT_MS 30000 /* longer than any key change takes */
#define HEADER_TICK_MS 100   /* between two looks at whether the caller still wants it */
#define VOLUME_CONTEXTS 2

const char *cdisk_container_name(const struct cdisk_container *ct)
{
	return ct->path ? ct->path : "the descriptor";
}

int cdisk_container_header_fd(const struct cdisk_container *ct)
{
	return ct->header_fd >= 0 ? ct->header_fd : ct->fd;
}

static const char *type_name(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISSOCK(mode))
		return "a socket";
	if (S_ISCHR(mode))
		return "a character device";
	return "no regular file";
}

static int type_check(struct cdisk *c, int fd, const char *name, struct stat *ret_st)
{
	if (fstat(fd, ret_st) < 0)
		return cdisk_fail(c, -errno, "cannot look at %s: %s", name, strerror(errno));
	if (S_ISREG(ret_st->st_mode) || S_ISBLK(ret_st->st_mode))
		return 0;
	cdisk_fail(c, -CDISK_ERR_NOT_CONTAINER, "%s is %s, not a container", name,
		   type_name(ret_st->st_mode));
	cdisk_hint(c, "give a container file, or a block device");
	return -CDISK_ERR_NOT_CONTAINER;
}

static int open_failed(struct cdisk *c, int err, const char *path, int flags)
{
	cdisk_fail(c, -err, "cannot open %s: %s", path, strerror(err));
	if (err == EBUSY) {
		cdisk_fail(c, -CDISK_ERR_LOCKED, "%s is in use by the kernel or another program", path);
		cdisk_hint(c, "see lsblk or mount for what uses it");
		return -CDISK_ERR_LOCKED;
	}
	if ((err == EACCES || err == EROFS || err == EPERM) && (flags & O_ACCMODE) == O_RDWR)
		cdisk_hint(c, "open it with --readonly, or make it writable");
	return -err;
}

int cdisk_container_open_path(struct cdisk *c, const char *path, int flags, int *ret_fd)
{
	/* The type is known before anything is opened: opening a device may do something. */
	_cleanup_close_ int held = open(path, O_PATH | O_CLOEXEC);
	_cleanup_close_ int fd = -1;
	char fd_path[CDISK_FD_PATH_MAX];
	struct stat st;
	int r;

	if (held < 0)
		return open_failed(c, errno, path, flags);
	r = type_check(c, held, path, &st);
	if (r < 0)
		return r;
	cdisk_fd_path(held, fd_path);
	if (!S_ISBLK(st.st_mode))
		flags &= ~O_EXCL;
	fd = open(fd_path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return open_failed(c, errno, path, flags);
	*ret_fd = cdisk_steal_fd(&fd);
	return 0;
}

/* "/dev/fd/N" and "/proc/self/fd/N" mean the descriptor itself: it may be one we could not open. */
static bool path_is_fd(const char *path, int *ret_fd)
{
	int end = 0;

	return (sscanf(path, "/dev/fd/%9d%n", ret_fd, &end) == 1 ||
		sscanf(path, "/proc/self/fd/%9d%n", ret_fd, &end) == 1) &&
	       path[end] == '\0' && *ret_fd >= 0;
}

static int take_fd(struct cdisk *c, int fd, bool writable, int *ret_fd)
{
	_cleanup_close_ int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	struct stat st;
	int flags, r;

	if (copy < 0)
		return cdisk_fail(c, -EBADF, "descriptor %d is not open", fd);
	flags = fcntl(copy, F_GETFL);
	if (flags < 0 || (flags & O_PATH))
		return cdisk_fail(c, -EBADF, "descriptor %d cannot be read", fd);
	r = type_check(c, copy, "the descriptor", &st);
	if (r < 0)
		return r;
	if ((flags & O_ACCMODE) == O_WRONLY)
		return cdisk_fail(c, -EACCES, "descriptor %d is open for writing only", fd);
	if (writable && (flags & O_ACCMODE) != O_RDWR) {
		cdisk_fail(c, -EACCES, "descriptor %d is open for reading only", fd);
		cdisk_hint(c, "use --readonly, or hand over a descriptor that may write");
		return -EACCES;
	}
	*ret_fd = cdisk_steal_fd(&copy);
	return 0;
}

static int open_one(struct cdisk *c, const char *path, bool writable, bool exclusive, int *ret_fd)
{
	int fd;

	if (path_is_fd(path, &fd))
		return take_fd(c, fd, writable, ret_fd);
	return cdisk_container_open_path(
		c, path, (writable ? O_RDWR : O_RDONLY) | (exclusive ? O_EXCL : 0), ret_fd);
}

/* Says who holds a container, as far as the kernel tells. */
static int locked_by(struct cdisk *c, int fd, const char *name)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	char server[32] = "";
	struct stat st;
	int n = cdisk_state_list(c, CDISK_LIST_ALL, &list);

	if (fstat(fd, &st) < 0)
		n = 0;
	cdisk_fail(c, -CDISK_ERR_LOCKED, "%s is held by another opener", name);
	cdisk_hint(c, "wait until it is closed, or see 'cryptdisk list --all'");
	for (int i = 0; i < n; i++) {
		const struct cdisk_attachment *a = &list[i];

		if (a->dev != st.st_dev || a->ino != st.st_ino)
			continue;
		if (a->pid)
			(void)snprintf(server, sizeof(server), ", server %d", a->pid);
		cdisk_fail(c, -CDISK_ERR_LOCKED, "%s is open already (%s, volume %s, %s%s%s%s)",
			   name, cdisk_state_name(a->state), a->id, a->backend, server,
			   a->mountpoint[0] ? ", at " : "", a->mountpoint);
		cdisk_hint(c, "'cryptdisk umount id:%s' closes it", a->id);
		break;
	}
	cdisk_object(c, name);
	return -CDISK_ERR_LOCKED;
}

/* What a program that was killed at the wrong moment left holds the lock for nobody. */
static bool left_behind(struct cdisk_container *ct)
{
	struct stat st;

	return geteuid() == 0 && fstat(ct->fd, &st) == 0 &&
	       cdisk_kmod_sweep(ct->c, st.st_dev, st.st_ino) > 0;
}

static int data_lock(struct cdisk_container *ct)
{
	int r;

	if (ct->mode != CDISK_OPEN_READ && ct->mode != CDISK_OPEN_WRITE)
		return 0;
	r = cdisk_lock(ct->fd, CDISK_LOCK_DATA, ct->mode == CDISK_OPEN_WRITE);
	if (r == -EAGAIN && left_behind(ct))
		r = cdisk_lock(ct->fd, CDISK_LOCK_DATA, ct->mode == CDISK_OPEN_WRITE);
	if (r == -EAGAIN)
		return locked_by(ct->c, ct->fd, cdisk_container_name(ct));
	if (r < 0)
		return cdisk_fail(ct->c, r, "cannot lock %s: %s", cdisk_container_name(ct),
				  strerror(-r));
	return 0;
}

int cdisk_header_lock(struct cdisk *c, int fd, const char *name)
{
	int r = cdisk_lock(fd, CDISK_LOCK_HEADER, true);

	if (r == -EAGAIN) {
		cdisk_fail(c, -CDISK_ERR_LOCKED, "the header of %s is in use by another program", name);
		cdisk_hint(c, "another key change or a backup is running; try again when it is done");
		return -CDISK_ERR_LOCKED;
	}
	if (r < 0)
		return cdisk_fail(c, r, "cannot lock the header of %s: %s", name, strerror(-r));
	return 0;
}

static void info_file_facts(struct cdisk_container *ct)
{
	struct cdisk_info *info = &ct->loaded.info;
	struct stat st;

	if (ct->path && !realpath(ct->path, info->path))
		(void)snprintf(info->path, sizeof(info->path), "%s", ct->path);
	if (ct->header_path && !realpath(ct->header_path, info->header_path))
		(void)snprintf(info->header_path, sizeof(info->header_path), "%s", ct->header_path);
	if (fstat(ct->fd, &st) == 0) {
		info->dev = st.st_dev;
		info->ino = st.st_ino;
	}
	(void)cdisk_fd_size(ct->fd, &info->file_size);
}

static int header_wait(struct cdisk_container *ct, int fd)
{
	unsigned int waited = 0;
	int r = cdisk_lock(fd, CDISK_LOCK_HEADER, false);

	for (; r == -EAGAIN && waited < HEADER_WAIT_MS; waited += HEADER_TICK_MS) {
		r = cdisk_progress(ct->c, "waiting for the header", 0, 0);
		if (r < 0)
			return r;
		r = cdisk_lock_wait(fd, CDISK_LOCK_HEADER, false, HEADER_TICK_MS);
	}
	if (r == -EAGAIN)
		return cdisk_fail(ct->c, -CDISK_ERR_LOCKED, "the header of %s is being changed",
				  cdisk_container_name(ct));
	return 0; /* a filesystem without locks is no reason to read nothing */
}

/*
 * A header must not change while it is copied. Who holds the header lock exclusively (a key change
 * of ours on this very descriptor) keeps it: taking it shared would give it up.
 */
static int header_copy(struct cdisk_container *ct, bool lock)
{
	int fd = cdisk_container_header_fd(ct);
	int r = lock ? header_wait(ct, fd) : 0;

	if (r < 0)
		return r;
	if (ct->mode == CDISK_OPEN_READ || ct->mode == CDISK_OPEN_WRITE)
		r = cdisk_header_read_used(ct->c, fd, ct->fd, &ct->header);
	else
		r = cdisk_header_read(ct->c, fd, ct->fd, &ct->header);
	if (lock)
		(void)cdisk_unlock(fd, CDISK_LOCK_HEADER);
	return r;
}

/* A creation that was interrupted left its marker where the header would be. */
static int unfinished(struct cdisk_container *ct)
{
	char head[sizeof(CDISK_UNFINISHED) - 1];

	if (cdisk_pread_full(ct->header.image_fd, head, sizeof(head), 0) < 0 ||
	    memcmp(head, CDISK_UNFINISHED, sizeof(head)) != 0)
		return -CDISK_ERR_NOT_CONTAINER;
	cdisk_fail(ct->c, -CDISK_ERR_CORRUPT, "%s is unfinished: its creation was interrupted",
		   cdisk_container_name(ct));
	cdisk_hint(ct->c, "it holds no data yet: delete it, or create it again with --force");
	return -CDISK_ERR_CORRUPT;
}

static int load(struct cdisk_container *ct, bool lock)
{
	int r = header_copy(ct, lock);

	if (r < 0)
		return r;
	r = cdisk_format_load(ct->c, &ct->header, &ct->loaded);
	if (r == -CDISK_ERR_NOT_CONTAINER)
		r = unfinished(ct);
	if (r < 0) {
		cdisk_header_done(&ct->header);
		return r;
	}
	info_file_facts(ct);
	return 0;
}

int cdisk_container_reload(struct cdisk_container *ct)
{
	struct cdisk_header header = ct->header;
	struct cdisk_loaded loaded = ct->loaded;
	int r;

	/* What was loaded stays until there is something better: the handle must not lose its format. */
	ct->header = (struct cdisk_header){.image_fd = -1};
	ct->loaded = (struct cdisk_loaded){0};
	r = load(ct, /* lock= */ false);
	if (r < 0) {
		ct->header = header;
		ct->loaded = loaded;
		return r;
	}
	cdisk_format_done(&loaded);
	cdisk_header_done(&header);
	return 0;
}

static void cleanup_container(struct cdisk_container **ct)
{
	cdisk_container_close(*ct);
}

static int container_new(struct cdisk *c, enum cdisk_open_mode mode,
			 struct cdisk_container **ret_container)
{
	struct cdisk_container *ct;

	if (mode < CDISK_OPEN_INSPECT || mode > CDISK_OPEN_HEADER)
		return cdisk_fail(c, -EINVAL, "unknown open mode %d", (int)mode);
	ct = calloc(1, sizeof(*ct));
	if (!ct)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	ct->c = c;
	ct->mode = mode;
	ct->fd = ct->header_fd = -1;
	ct->header.image_fd = -1;
	*ret_container = ct;
	return 0;
}

/* The copy of a change that is going on now is nobody's business: its lock tells. */
static void tell_leftover(struct cdisk_container *ct)
{
	int fd = cdisk_container_header_fd(ct);
	_cleanup_free_ char *left = NULL;

	if (cdisk_lock(fd, CDISK_LOCK_HEADER, false) < 0)
		return;
	if (cdisk_guard_left(ct->c, &ct->loaded.info, &left) == 1)
		cdisk_log(ct->c, CDISK_LOG_WARNING,
			  "an interrupted change of the header left %s, which opens the data with the "
			  "passphrases of that time; 'cryptdisk header check --repair' removes it",
			  left);
	(void)cdisk_unlock(fd, CDISK_LOCK_HEADER);
}

static int lock_and_load(struct cdisk_container *ct)
{
	int r = data_lock(ct);

	if (r < 0)
		return r;
	r = load(ct, /* lock= */ true);
	if (r == 0)
		tell_leftover(ct);
	if (r < 0 && ct->c->object[0] == '\0')
		cdisk_object(ct->c, cdisk_container_name(ct));
	return r;
}

int cdisk_container_open(struct cdisk *c, const char *path, const char *header_path,
			 enum cdisk_open_mode mode, struct cdisk_container **ret_container)
{
	CDISK_CLEANUP(cleanup_container) struct cdisk_container *ct = NULL;
	bool data_writes, header_writes;
	int r;

	if (!path || !path[0])
		return cdisk_fail(c, -EINVAL, "no container was named");
	r = container_new(c, mode, &ct);
	if (r < 0)
		return r;
	ct->path = strdup(path);
	ct->header_path = header_path ? strdup(header_path) : NULL;
	if (!ct->path || (header_path && !ct->header_path))
		return cdisk_fail(c, -ENOMEM, "out of memory");
	header_writes = mode == CDISK_OPEN_HEADER;
	data_writes = mode == CDISK_OPEN_WRITE || (header_writes && !header_path);
	r = open_one(c, path, data_writes, mode == CDISK_OPEN_WRITE, &ct->fd);
	if (r == 0 && header_path)
		r = open_one(c, header_path, header_writes, false, &ct->header_fd);
	if (r < 0) {
		if (c->object[0] == '\0')
			cdisk_object(c, path);
		return r;
	}
	r = lock_and_load(ct);
	if (r < 0)
		return r;
	*ret_container = cdisk_steal(&ct);
	return 0;
}

int cdisk_container_open_fd(struct cdisk *c, int fd, int header_fd, enum cdisk_open_mode mode,
			    struct cdisk_container **ret_container)
{
	CDISK_CLEANUP(cleanup_container) struct cdisk_container *ct = NULL;
	bool header_writes = mode == CDISK_OPEN_HEADER;
	int r;

	r = container_new(c, mode, &ct);
	if (r < 0)
		return r;
	r = take_fd(c, fd, mode == CDISK_OPEN_WRITE || (header_writes && header_fd < 0), &ct->fd);
	if (r == 0 && header_fd >= 0)
		r = take_fd(c, header_fd, header_writes, &ct->header_fd);
	if (r == 0)
		r = lock_and_load(ct);
	if (r < 0)
		return r;
	*ret_container = cdisk_steal(&ct);
	return 0;
}

void cdisk_container_close(struct cdisk_container *ct)
{
	if (!ct)
		return;
	cdisk_format_done(&ct->loaded);
	cdisk_header_done(&ct->header);
	cdisk_close(&ct->fd);
	cdisk_close(&ct->header_fd);
	free(ct->path);
	free(ct->header_path);
	free(ct);
}

const struct cdisk_info *cdisk_container_info(const struct cdisk_container *ct)
{
	return &ct->loaded.info;
}

int cdisk_volume_new(struct cdisk *c, int fd, const char *path, struct cdisk_description *d,
		     int keyslot, struct cdisk_volume **ret_volume)
{
	struct cdisk_backing *backing = NULL;
	struct cdisk_volume *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return cdisk_fail(c, -ENOMEM, "out of memory");
	v->c = c;
	v->keyslot = keyslot;
	v->header_fd = -1;
	(void)snprintf(v->path, sizeof(v->path), "%s", path);
	r = cdisk_backing_file(fd, &backing);
	if (r == 0)
		r = cdisk_plain_open(d, &backing, VOLUME_CONTEXTS, &v->plain);
	if (r == 0) {
		*ret_volume = v;
		return 0;
	}
	if (backing)
		backing->ops->close(backing);
	free(v);
	if (r == -EINVAL)
		return cdisk_fail(c, -CDISK_ERR_CORRUPT,
				  "%s: the data does not lie where the header says", path);
	return cdisk_fail(c, r, "cannot open the volume in %s: %s", path, strerror(-r));
}

int cdisk_container_unlock(struct cdisk_container *ct, struct cdisk_secret *passphrase, int keyslot,
			   struct cdisk_volume **ret_volume)
{
	struct cdisk_description d = {0};
	int slot = -1, r;

	if (!passphrase || keyslot < -1 || keyslot >= CDISK_KEYSLOTS_MAX)
		return cdisk_fail(ct->c, -EINVAL, "no passphrase, or no such keyslot");
	r = ct->loaded.format->unlock(ct->c, &ct->header, &ct->loaded, passphrase, keyslot,
				      /* need_data= */ true, &d, &slot);
	if (r < 0) {
		if (ct->c->object[0] == '\0')
			cdisk_object(ct->c, cdisk_container_name(ct));
		return r;
	}
	d.read_only = ct->mode != CDISK_OPEN_WRITE;
	r = cdisk_volume_new(ct->c, ct->fd, ct->loaded.info.path, &d, slot, ret_volume);
	cdisk_description_done(&d);
	/* For backends that hand the header to the kernel's tools; without it they say so. */
	if (r == 0)
		(*ret_volume)->header_fd = fcntl(ct->header.image_fd, F_DUPFD_CLOEXEC, 3);
	return r;
}

void cdisk_volume_close(struct cdisk_volume *v)
{
	if (!v)
		return;
	cdisk_plain_close(v->plain);
	cdisk_close(&v->header_fd);
	free(v);
}

uint64_t cdisk_volume_size(const struct cdisk_volume *v)
{
	return cdisk_plain_size(v->plain);
}

uint32_t cdisk_volume_sector_size(const struct cdisk_volume *v)
{
	return cdisk_plain_description(v->plain)->sector_size;
}

int cdisk_volume_keyslot(const struct cdisk_volume *v)
{
	return v->keyslot;
}

int cdisk_volume_pread(struct cdisk_volume *v, void *buf, size_t size, uint64_t offset)
{
	return cdisk_plain_pread(v->plain, buf, size, offset);
}

int cdisk_volume_pwrite(struct cdisk_volume *v, const void *buf, size_t size, uint64_t offset)
{
	return cdisk_plain_pwrite(v->plain, buf, size, offset);
}

int cdisk_volume_flush(struct cdisk_volume *v)
{
	return cdisk_plain_flush(v->plain);
}
