// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /dev/cryptdisk/by-id/ID: the plaintext node of an open volume under a name that stays the same.
 * Where udevd runs with our rules the link is udev's and is waited for; elsewhere it is ours. No
 * failure here undoes anything: a volume without its link works.
 */
#include "mount/mounting.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "backend/child.h"
#include "backend/dm.h"
#include "base/io.h"

#define LINKS "/dev/cryptdisk/by-id"
#define UDEV_MS 5000
#define STEP_MS 10
#define TRIES 16
#define ROOT_RUN_DIR "/run/cryptdisk/"

struct message {
	int error;
	char message[CDISK_MESSAGE_MAX], hint[CDISK_MESSAGE_MAX], object[CDISK_MESSAGE_MAX];
};

/* The sentence of a failure that is being told already is not replaced by one about a link. */
static void message_keep(const struct cdisk *c, struct message *m)
{
	m->error = c->error;
	memcpy(m->message, c->message, sizeof(m->message));
	memcpy(m->hint, c->hint, sizeof(m->hint));
	memcpy(m->object, c->object, sizeof(m->object));
}

static void message_restore(struct cdisk *c, const struct message *m)
{
	c->error = m->error;
	memcpy(c->message, m->message, sizeof(m->message));
	memcpy(c->hint, m->hint, sizeof(m->hint));
	memcpy(c->object, m->object, sizeof(m->object));
}

static void link_path(const char *id, char ret_path[CDISK_LINK_SIZE])
{
	(void)snprintf(ret_path, CDISK_LINK_SIZE, LINKS "/%s", id);
}

/* A copy has the same ID; the name is the first one's. */
static bool has_link(const struct cdisk_attachment *a)
{
	return a->id[0] && strcmp(a->instance, a->id) == 0 && a->state != CDISK_STATE_FOREIGN;
}

static bool same_node(const char *path, const char *node)
{
	struct stat st, other;

	return stat(path, &st) == 0 && stat(node, &other) == 0 && S_ISBLK(st.st_mode) &&
	       S_ISBLK(other.st_mode) && st.st_rdev == other.st_rdev;
}

static bool leads_to(const struct cdisk_attachment *a)
{
	char path[CDISK_LINK_SIZE];

	link_path(a->id, path);
	return a->node[0] && same_node(path, a->node);
}

void cdisk_link_look(struct cdisk_attachment *a)
{
	a->link[0] = '\0';
	if (has_link(a) && leads_to(a))
		link_path(a->id, a->link);
}

/* ---- who makes it --------------------------------------------------------------------------- */

static bool rules_are_installed(void)
{
	static const char *const folders[] = {
		"/etc/udev", "/run/udev", "/usr/local/lib/udev", "/usr/lib/udev", "/lib/udev"};
	char path[64];

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(folders); i++) {
		(void)snprintf(path, sizeof(path), "%s/rules.d/61-cryptdisk.rules", folders[i]);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

/* The rules know the disks of root's servers by their place. */
static bool udev_makes_it(const struct cdisk_attachment *a)
{
	if (a->directory[0] && strncmp(a->directory, ROOT_RUN_DIR, strlen(ROOT_RUN_DIR)) != 0)
		return false;
	return rules_are_installed() && cdisk_udev_answers();
}

static bool udev_wait(const struct cdisk_attachment *a)
{
	uint64_t end = cdisk_now_ms() + UDEV_MS;

	while (!leads_to(a)) {
		if (cdisk_now_ms() >= end)
			return false;
		cdisk_sleep_ms(STEP_MS);
	}
	return true;
}

/* ---- making and removing it ------------------------------------------------------------------ */

/*
 * Another attachment of this ID that the link leads to, believed only when the kernel shows that
 * attachment: what lies behind a name in /dev may have changed since. "" = none.
 */
static int taken_by(
	struct cdisk *c, const struct cdisk_attachment *a, char ret_node[CDISK_PATH_SIZE])
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	char path[CDISK_LINK_SIZE];
	int n = cdisk_state_list(c, 0, &list);

	ret_node[0] = '\0';
	link_path(a->id, path);
	for (int i = 0; i < n; i++)
		if (strcmp(list[i].id, a->id) == 0 && list[i].node[0] &&
			same_node(path, list[i].node))
			memcpy(ret_node, list[i].node, sizeof(list[i].node));
	return n < 0 ? n : 0;
}

/* A node that is gone, a device with nothing behind it, or one that *has has now. */
static bool leads_nowhere(int dir, const char *name, const struct cdisk_attachment *has)
{
	char path[64], size[2];
	struct stat st, own;
	_cleanup_close_ int fd = -1;

	if (fstatat(dir, name, &st, 0) < 0)
		return errno == ENOENT;
	if (!S_ISBLK(st.st_mode))
		return false;
	if (has && strcmp(name, has->id) != 0 && stat(has->node, &own) == 0 &&
		own.st_rdev == st.st_rdev)
		return true;
	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/size", major(st.st_rdev),
		minor(st.st_rdev));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, size, sizeof(size)) == 2 && memcmp(size, "0\n", 2) == 0;
}

/* What volumes left that ended without us, and without udev. */
static void links_sweep(const struct cdisk_attachment *has)
{
	_cleanup_dir_ DIR *d = opendir(LINKS);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_type == DT_LNK && leads_nowhere(dirfd(d), e->d_name, has))
			(void)unlinkat(dirfd(d), e->d_name, 0);
}

/* Nobody sees half of it: a name of its own first, then in the place of what was there. */
static int link_write(const char *path, const char *node)
{
	char target[CDISK_PATH_SIZE + 8], temporary[CDISK_LINK_SIZE + 32];
	int r = -ENOENT;

	/* Relative, as udev's are: right also where /dev is seen under another path. */
	if (strncmp(node, "/dev/", 5) == 0)
		(void)snprintf(target, sizeof(target), "../../%s", node + 5);
	else
		(void)snprintf(target, sizeof(target), "%s", node);
	(void)snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	/* Whoever removes the last link removes the empty directories as well. */
	for (int i = 0; i < TRIES && r == -ENOENT; i++) {
		if ((mkdir("/dev/cryptdisk", 0755) < 0 && errno != EEXIST) ||
			(mkdir(LINKS, 0755) < 0 && errno != EEXIST && errno != ENOENT))
			return -errno;
		(void)unlink(temporary);
		r = symlink(target, temporary) < 0 || rename(temporary, path) < 0 ? -errno : 0;
	}
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

static int link_place(struct cdisk *c, const struct cdisk_attachment *a)
{
	char path[CDISK_LINK_SIZE], node[CDISK_PATH_SIZE];
	int r;

	if (leads_to(a))
		return 0;
	link_path(a->id, path);
	r = taken_by(c, a, node);
	if (r == 0 && node[0])
		return cdisk_fail(
			c, -EEXIST, "it leads to another open volume with this ID, %s", node);
	if (r == 0) {
		links_sweep(a);
		r = link_write(path, a->node);
	}
	return r < 0 ? cdisk_fail(c, r, "%s", strerror(-r)) : 0;
}

/* No other program may take the link away or put its own in between. */
static int link_place_locked(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_close_ int dir = -1, lock = -1;
	char path[CDISK_PATH_SIZE];
	int r = cdisk_run_dir_lock(c, &dir, &lock, path);

	return r < 0 ? r : link_place(c, a);
}

void cdisk_link_make(struct cdisk *c, struct cdisk_attachment *a, bool locked)
{
	struct message before;
	char path[CDISK_LINK_SIZE];
	int r = 0;

	a->link[0] = '\0';
	if (geteuid() != 0 || !has_link(a) || !a->node[0])
		return;
	link_path(a->id, path);
	message_keep(c, &before);
	if (!udev_makes_it(a) || !udev_wait(a))
		r = locked ? link_place(c, a) : link_place_locked(c, a);
	if (r < 0)
		cdisk_partly(c, "%s is open, but the link %s cannot be made: %s", a->disk, path,
			c->message);
	else
		memcpy(a->link, path, sizeof(path));
	message_restore(c, &before);
}

/* Somebody has the volume open (again): then the link is theirs. */
static bool still_open(struct cdisk *c, const char *id)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	int n = cdisk_state_list(c, 0, &list);

	for (int i = 0; i < n; i++)
		if (strcmp(list[i].instance, id) == 0 && list[i].node[0] &&
			list[i].state != CDISK_STATE_FOREIGN)
			return true;
	return n < 0;
}

static bool link_is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static void link_unlink(struct cdisk *c, const struct cdisk_attachment *a, const char *path)
{
	_cleanup_close_ int dir = -1, lock = -1;
	char run[CDISK_PATH_SIZE], other[CDISK_PATH_SIZE];

	if (cdisk_run_dir_lock(c, &dir, &lock, run) < 0)
		return;
	if (still_open(c, a->id) || taken_by(c, a, other) < 0 || other[0] || unlink(path) < 0)
		return;
	links_sweep(/* has= */ NULL);
	(void)rmdir(LINKS);
	(void)rmdir("/dev/cryptdisk");
}

void cdisk_link_remove(struct cdisk *c, const struct cdisk_attachment *a, bool gone)
{
	uint64_t end = cdisk_now_ms() + UDEV_MS;
	struct message before;
	char path[CDISK_LINK_SIZE];

	link_path(a->id, path);
	if (geteuid() != 0 || !has_link(a) || !link_is_there(path))
		return;
	message_keep(c, &before);
	if (gone && udev_makes_it(a))
		while (link_is_there(path) && !still_open(c, a->id) && cdisk_now_ms() < end)
			cdisk_sleep_ms(STEP_MS);
	if (link_is_there(path))
		link_unlink(c, a, path);
	message_restore(c, &before);
}
