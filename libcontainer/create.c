// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making a container. The header exists in memory only until everything else is done: until then
 * the file begins with CDISK_UNFINISHED, so that whatever ends this program leaves either a file
 * that says it is unfinished or a container that opens.
 */
#include "create.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "base/io.h"
#include "base/lock.h"
#include "crypto/crypto.h"
#include "format/header_write.h"
#include "format/luks.h"

struct target {
	const char *path;
	int fd;
	bool made; /* by us: it goes when we fail */
	bool device;
};

struct making {
	struct cdisk *c;
	const struct cdisk_create *p;
	struct cdisk_plan plan;
	struct target data, header; /* header.fd -1 = attached */
	int image;		    /* memfd: the header */
};

/* Removes a file that we made, and no other that took its name meanwhile. */
static void target_drop(struct target *t)
{
	struct stat mine, there;

	if (t->fd >= 0 && t->made && fstat(t->fd, &mine) == 0 && lstat(t->path, &there) == 0 &&
	    mine.st_dev == there.st_dev && mine.st_ino == there.st_ino) {
		(void)unlink(t->path);
		(void)cdisk_fsync_parent(t->path);
	}
}

static int target_new(struct cdisk *c, struct target *t)
{
	t->fd = open(t->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (t->fd >= 0) {
		t->made = true;
		return 0;
	}
	if (errno != EEXIST)
		return cdisk_fail(c, -errno, "cannot create %s: %s", t->path, strerror(errno));
	cdisk_fail(c, -EEXIST, "%s exists already", t->path);
	cdisk_hint(c, "choose another name; --force uses an existing file or device");
	return -EEXIST;
}

/* What is on an existing file or device must not be lost by mistake. */
static int target_check_content(struct cdisk *c, const struct target *t, uint32_t flags)
{
	char type[64], head[sizeof(CDISK_UNFINISHED)] = "";
	int r;

	if (flags & CDISK_CREATE_WIPE)
		return 0;
	r = cdisk_pread_full(t->fd, head, sizeof(CDISK_UNFINISHED) - 1, 0);
	if (r == 0 && memcmp(head, CDISK_UNFINISHED, sizeof(CDISK_UNFINISHED) - 1) == 0)
		return 0;
	r = cdisk_signature(c, t->fd, type, sizeof(type));
	if (r < 0 || !type[0])
		return r;
	cdisk_fail(c, -EEXIST, "%s holds data: %s", t->path, type);
	cdisk_hint(c, "all of it would be lost; --force together with --wipe does it");
	return -EEXIST;
}

static int target_existing(struct cdisk *c, struct target *t, uint32_t flags)
{
	struct stat st;
	int r = cdisk_container_open_path(c, t->path, O_RDWR | O_EXCL, &t->fd);

	if (r < 0)
		return r;
	if (fstat(t->fd, &st) < 0)
		return cdisk_fail(c, -errno, "cannot look at %s: %s", t->path, strerror(errno));
	t->device = S_ISBLK(st.st_mode);
	r = cdisk_lock(t->fd, CDISK_LOCK_DATA, true);
	if (r == -EAGAIN)
		return cdisk_fail(c, -CDISK_ERR_LOCKED, "%s is open as a container", t->path);
	return target_check_content(c, t, flags);
}

static int target_open(struct cdisk *c, struct target *t, uint32_t flags)
{
	struct stat st;
	int r;

	if ((flags & CDISK_CREATE_FORCE) && stat(t->path, &st) == 0)
		r = target_existing(c, t, flags);
	else
		r = target_new(c, t);
	if (r < 0)
		return r;
	/* Nobody shall open it before it is finished. */
	r = cdisk_lock(t->fd, CDISK_LOCK_DATA, true);
	if (r == 0)
		r = cdisk_lock(t->fd, CDISK_LOCK_HEADER, true);
	if (r < 0 && r != -EINVAL && r != -ENOLCK)
		return cdisk_fail(c, r == -EAGAIN ? -CDISK_ERR_LOCKED : r, "cannot lock %s: %s",
				  t->path, strerror(-r));
	return 0;
}

static int set_size(struct cdisk *c, const struct target *t, uint64_t size)
{
	uint64_t have;
	int r;

	if (!t->device && ftruncate(t->fd, (off_t)size) < 0) {
		r = cdisk_fail(c, -errno, "cannot make %s %llu bytes long: %s", t->path,
			       (unsigned long long)size, strerror(errno));
		if (r == -EFBIG)
			cdisk_hint(c, "its filesystem does not take files of that size");
		return r;
	}
	r = cdisk_fd_size(t->fd, &have);
	if (r == 0 && have < size)
		return cdisk_fail(c, -ENOSPC, "%s has only %llu bytes", t->path,
				  (unsigned long long)have);
	return r < 0 ? cdisk_fail(c, r, "cannot size %s: %s", t->path, strerror(-r)) : 0;
}

/* Old signatures in the header's place go; the marker stands until the header comes. */
static int mark_unfinished(struct making *m)
{
	static const uint8_t zeros[65536];
	const struct target *t = m->header.fd >= 0 ? &m->header : &m->data;
	uint64_t size = 0, at;
	int r = cdisk_fd_size(t->fd, &size);

	if (size > CDISK_LUKS2_HEADER)
		size = CDISK_LUKS2_HEADER;
	for (at = 0; r == 0 && !t->made && at < size; at += sizeof(zeros))
		r = cdisk_pwrite_full(t->fd, zeros,
				      size - at < sizeof(zeros) ? (size_t)(size - at) : sizeof(zeros), at);
	if (r == 0)
		r = cdisk_pwrite_full(t->fd, CDISK_UNFINISHED, sizeof(CDISK_UNFINISHED) - 1, 0);
	if (r == 0 && fsync(t->fd) < 0)
		r = -errno;
	return r < 0 ? cdisk_fail(m->c, r, "cannot write %s: %s", t->path, strerror(-r)) : 0;
}

/* The header image in memory, with a fresh volume key and one keyslot. */
static int make_header(struct making *m, struct cdisk_secret *passphrase)
{
	_cleanup_secret_ struct cdisk_secret *key = NULL;
	struct cdisk_luks_create l = {
		.cipher = m->plan.cipher,
		.id = m->plan.id,
		.label = m->p->label,
		.sector_size = m->plan.sector_size,
		.data_offset = m->plan.data_offset,
		.detached = m->p->header_path != NULL,
		.slot = {.kind = "passphrase", .keyslot = 0, .kdf_memory = m->plan.kdf_memory,
			 .kdf_passes = m->plan.kdf_passes, .kdf_lanes = m->plan.kdf_lanes},
	};
	int r = cdisk_volume_id_new(m->plan.id);

	if (r == 0)
		r = cdisk_secret_new(m->c, m->plan.key_size, &key);
	if (r == 0)
		r = cdisk_random(cdisk_secret_data(key), m->plan.key_size);
	if (r < 0)
		return cdisk_fail(m->c, r, "no random numbers: %s", strerror(-r));
	return cdisk_luks_create(m->c, &l, key, passphrase, &m->image);
}

/* Opens the header in memory with the passphrase, as any later user will: proof, and the key. */
static int open_header(struct making *m, struct cdisk_secret *passphrase,
		       struct cdisk_volume **ret_volume)
{
	struct cdisk_header h = {.image_fd = m->image, .header_fd = -1,
				 .detached = m->p->header_path != NULL};
	struct cdisk_loaded l = {0};
	struct cdisk_description d = {0};
	int slot, r = cdisk_fd_size(m->data.fd, &h.data_size);

	if (r == 0)
		r = cdisk_fd_size(m->image, &h.image_size);
	h.header_file_size = h.image_size;
	if (r < 0)
		return cdisk_fail(m->c, r, "cannot size %s", m->data.path);
	r = cdisk_format_load(m->c, &h, &l);
	if (r < 0)
		return r;
	r = l.format->unlock(m->c, &h, &l, passphrase, -1, /* need_data= */ true, &d, &slot);
	if (r == 0)
		r = cdisk_volume_new(m->c, m->data.fd, m->data.path, &d, slot, ret_volume);
	cdisk_description_done(&d);
	cdisk_format_done(&l);
	return r;
}

static int make_filesystem(struct making *m, struct cdisk_volume *v)
{
	struct cdisk_attachment a;
	struct cdisk_mkfs fs;
	int r, end;

	r = cdisk_volume_attach_temporary(v, 0, &a);
	if (r < 0)
		return r;
	cdisk_create_mkfs(m->p, &m->plan, &fs);
	r = cdisk_mkfs(m->c, &fs, a.disk);
	end = cdisk_volume_detach_temporary(m->c, &a);
	return r < 0 ? r : end;
}

/* mke2fs cannot be asked beforehand how much it needs: once more with a quarter added. */
static int fill(struct making *m, struct cdisk_volume *v)
{
	uint64_t more;
	int r;

	if (strcmp(m->plan.fs, "none") == 0)
		return 0;
	r = make_filesystem(m, v);
	if (r != -ENOSPC || !m->p->from || m->p->size || m->data.device)
		return r;
	more = cdisk_round_down(m->plan.file_size / 4, CDISK_SECTOR_MAX);
	m->plan.file_size += more;
	m->plan.data_size += more;
	r = set_size(m->c, &m->data, m->plan.file_size);
	if (r == 0)
		r = cdisk_plain_resize(v->plain);
	if (r < 0)
		return r;
	return make_filesystem(m, v);
}

static int write_header(struct making *m)
{
	int fd = m->header.fd >= 0 ? m->header.fd : m->data.fd;
	int r = 0;

	if (fsync(m->data.fd) < 0)
		return cdisk_fail(m->c, -errno, "cannot write %s: %s", m->data.path, strerror(errno));
	r = cdisk_header_write_new(m->c, fd, m->image, CDISK_LUKS2_HEADER);
	if (r < 0)
		return r;
	if (m->data.made)
		r = cdisk_fsync_parent(m->data.path);
	if (r == 0 && m->header.fd >= 0)
		r = cdisk_fsync_parent(m->header.path);
	return r < 0 ? cdisk_fail(m->c, r, "cannot finish %s: %s", m->data.path, strerror(-r)) : 0;
}

static int give_to_owner(struct making *m)
{
	const struct target *t[] = {&m->data, &m->header};

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(t); i++)
		if (t[i]->made && geteuid() == 0 && m->p->uid != 0 &&
		    fchown(t[i]->fd, m->p->uid, m->p->gid) < 0)
			return cdisk_fail(m->c, -errno, "cannot give %s to its owner: %s",
					  t[i]->path, strerror(errno));
	return 0;
}

static int make_all(struct making *m, struct cdisk_secret *passphrase)
{
	struct cdisk_volume *v = NULL;
	int r = target_open(m->c, &m->data, m->p->flags);

	if (r == 0 && m->header.path)
		r = target_open(m->c, &m->header, m->p->flags);
	if (r == 0 && m->plan.file_size == 0)
		r = cdisk_fd_size(m->data.fd, &m->plan.file_size);
	if (r < 0)
		return r;
	if (m->plan.file_size <= m->plan.data_offset)
		return cdisk_fail(m->c, -EINVAL, "%s is too small for a container", m->data.path);
	m->plan.data_size =
		cdisk_round_down(m->plan.file_size - m->plan.data_offset, m->plan.sector_size);
	r = set_size(m->c, &m->data, m->plan.file_size);
	/* Marked before the wiping, which may take hours; what the marker's file has there is new. */
	if (r == 0)
		r = mark_unfinished(m);
	if (r == 0)
		r = cdisk_create_wipe(m->c, m->data.fd, m->plan.data_offset, m->plan.file_size,
				      m->p->wipe);
	if (r == 0)
		r = make_header(m, passphrase);
	if (r == 0)
		r = open_header(m, passphrase, &v);
	if (r == 0)
		r = fill(m, v);
	cdisk_volume_close(v);
	if (r == 0)
		r = write_header(m);
	return r == 0 ? give_to_owner(m) : r;
}

int cdisk_create(struct cdisk *c, const struct cdisk_create *p, struct cdisk_secret *passphrase,
		 struct cdisk_plan *ret_plan)
{
	struct making m = {
		.c = c, .p = p, .image = -1,
		.data = {.path = p->path, .fd = -1},
		.header = {.path = p->header_path, .fd = -1},
	};
	struct cdisk_source_size source = {0};
	int r = 0;

	if (!passphrase)
		return cdisk_fail(c, -CDISK_ERR_NO_SECRET, "a new container needs a passphrase");
	if (p->from)
		r = cdisk_tree_measure(c, p->from, &source.bytes, &source.inodes);
	if (r == 0)
		r = cdisk_create_decide(c, p, &source, &m.plan);
	if (r < 0)
		return r;
	r = make_all(&m, passphrase);
	if (r < 0) {
		target_drop(&m.data);
		target_drop(&m.header);
	} else {
		*ret_plan = m.plan;
	}
	cdisk_close(&m.image);
	cdisk_close(&m.data.fd);
	cdisk_close(&m.header.fd);
	return r;
}
