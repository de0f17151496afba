// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The medium that a container lies on: which drive, whether it can be taken out, and what of it is
 * still mounted. From sysfs and mountinfo; the drive itself is not touched.
 */
#include "mount/medium.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "backend/mountinfo.h"
#include "base/io.h"

#define DEPTH_MAX 8 /* of devices that lie on devices */

/* Whether the file path/name begins with text. */
static bool attribute_is(const char *path, const char *name, const char *text)
{
	_cleanup_free_ char *content = NULL;
	char file[CDISK_PATH_SIZE];
	int n = snprintf(file, sizeof(file), "%s/%s", path, name);

	return n > 0 && (size_t)n < sizeof(file) && cdisk_read_text(file, 4096, &content) == 0 &&
	       strncmp(content, text, strlen(text)) == 0;
}

static bool attribute_there(const char *path, const char *name)
{
	char file[CDISK_PATH_SIZE];
	struct stat st;
	int n = snprintf(file, sizeof(file), "%s/%s", path, name);

	return n > 0 && (size_t)n < sizeof(file) && lstat(file, &st) == 0;
}

/* Up the buses: what is plugged in from outside, unless a port says that it is built in. */
static bool bus_removable(const char *device, size_t root)
{
	char path[CDISK_PATH_SIZE], *slash;
	bool plugged = strstr(device, "/usb") || strstr(device, "/firewire");

	(void)snprintf(path, sizeof(path), "%s", device);
	for (; (slash = strrchr(path, '/')) && slash > path + root; *slash = '\0') {
		if (attribute_is(path, "removable", "fixed"))
			return false;
		if (attribute_is(path, "removable", "removable"))
			plugged = true;
		/* A memory card, and not a chip that is soldered in. */
		if (strstr(path, "/mmc_host/") && attribute_is(path, "type", "SD"))
			plugged = true;
	}
	return plugged;
}

static void drive_add(struct cdisk_medium_search *s, const char *device)
{
	const char *name = strrchr(device, '/');

	if (!name || s->n_drives == CDISK_DRIVES_MAX)
		return;
	for (size_t i = 0; i < s->n_drives; i++)
		if (strcmp(s->drives[i], name + 1) == 0)
			return;
	(void)snprintf(s->drives[s->n_drives++], sizeof(s->drives[0]), "%.31s", name + 1);
	if (!attribute_is(device, "removable", "1") && !bus_removable(device, strlen(s->sys)))
		s->fixed = true;
}

static void device_follow(struct cdisk_medium_search *s, const char *link, unsigned int depth);

/* The devices that a mapping or array lies on; 0 = none. */
static unsigned int slaves_follow(
	struct cdisk_medium_search *s, const char *device, unsigned int depth)
{
	_cleanup_dir_ DIR *d = NULL;
	char path[CDISK_PATH_SIZE];
	unsigned int n = 0;
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "%.4000s/slaves", device);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%.3700s/slaves/%s", device, e->d_name);
		device_follow(s, path, depth + 1);
		n++;
	}
	return n;
}

/* link: of a device in sysfs. A partition is its drive's. */
static void device_follow(struct cdisk_medium_search *s, const char *link, unsigned int depth)
{
	_cleanup_free_ char *device = realpath(link, NULL);
	char *slash;

	if (!device || depth > DEPTH_MAX)
		return;
	if (attribute_there(device, "partition")) {
		slash = strrchr(device, '/');
		if (slash)
			*slash = '\0';
	}
	if (slaves_follow(s, device, depth) == 0)
		drive_add(s, device);
}

void cdisk_medium_drives(struct cdisk_medium_search *s, uint32_t major, uint32_t minor)
{
	char link[CDISK_PATH_SIZE];

	(void)snprintf(link, sizeof(link), "%.4000s/dev/block/%u:%u", s->sys, major, minor);
	device_follow(s, link, 0);
}

static bool drives_shared(const struct cdisk_medium_search *a, const struct cdisk_medium_search *b)
{
	for (size_t i = 0; i < a->n_drives; i++)
		for (size_t k = 0; k < b->n_drives; k++)
			if (strcmp(a->drives[i], b->drives[k]) == 0)
				return true;
	return false;
}

/* Filesystems without a device number of their own (btrfs) tell it by their source. */
static bool entry_device(const struct cdisk_mount_entry *e, uint32_t *major_, uint32_t *minor_)
{
	struct stat st;

	*major_ = e->major;
	*minor_ = e->minor;
	if (e->major != 0)
		return true;
	if (strncmp(e->type, "fuse", 4) == 0 || strncmp(e->source, "/dev/", 5) != 0 ||
		stat(e->source, &st) < 0 || !S_ISBLK(st.st_mode))
		return false;
	*major_ = major(st.st_rdev);
	*minor_ = minor(st.st_rdev);
	return true;
}

static int mount_uses(const struct cdisk_mount_entry *e, const struct cdisk_medium_search *s)
{
	struct cdisk_medium_search own = {.sys = s->sys};
	uint32_t maj, min;

	if (!entry_device(e, &maj, &min))
		return 0;
	cdisk_medium_drives(&own, maj, min);
	return drives_shared(&own, s);
}

static bool listed(char **list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

int cdisk_medium_mounts(
	const struct cdisk_medium_search *s, const struct cdisk_mountinfo *m, char ***ret_list)
{
	char **list = calloc(m->n + 1, sizeof(*list));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++) {
		const struct cdisk_mount_entry *e = &m->entries[i];

		if (!mount_uses(e, s) || listed(list, n, e->target))
			continue;
		list[n] = strdup(e->target);
		if (!list[n]) {
			cdisk_strv_free(list);
			return -ENOMEM;
		}
		n++;
	}
	*ret_list = list;
	return (int)n;
}

static bool path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return len == 1 || (strncmp(path, dir, len) == 0 && (path[len] == '/' || !path[len]));
}

/* The filesystem that holds the container: its device, where it has one. */
static bool container_device(const struct cdisk_attachment *a, const struct cdisk_mountinfo *m,
	uint32_t *major_, uint32_t *minor_)
{
	const struct cdisk_mount_entry *holder = NULL;
	struct stat st;

	if (a->file[0] && stat(a->file, &st) == 0 && S_ISBLK(st.st_mode) && st.st_dev == a->dev &&
		st.st_ino == a->ino) {
		*major_ = major(st.st_rdev);
		*minor_ = minor(st.st_rdev);
		return true;
	}
	*major_ = major(a->dev);
	*minor_ = minor(a->dev);
	if (*major_ != 0)
		return true;
	for (size_t i = 0; i < m->n && a->file[0]; i++)
		if (path_below(a->file, m->entries[i].target) &&
			(!holder || strlen(m->entries[i].target) >= strlen(holder->target)))
			holder = &m->entries[i];
	return holder && entry_device(holder, major_, minor_);
}

int cdisk_medium_find(struct cdisk *c, const struct cdisk_attachment *a,
	struct cdisk_medium *ret_medium, char ***ret_mounts)
{
	struct cdisk_medium_search s = {.sys = "/sys"};
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	struct cdisk_medium medium = {0};
	uint32_t maj, min;
	int r = cdisk_mountinfo_read(&m);

	if (r < 0)
		return cdisk_fail(c, r, "cannot read mountinfo: %s", strerror(-r));
	if (container_device(a, &m, &maj, &min))
		cdisk_medium_drives(&s, maj, min);
	for (size_t i = 0; i < s.n_drives; i++) {
		size_t len = strlen(medium.device);

		(void)snprintf(medium.device + len, sizeof(medium.device) - len, "%s/dev/%s",
			i > 0 ? " " : "", s.drives[i]);
	}
	medium.removable = s.n_drives > 0 && !s.fixed;
	r = cdisk_medium_mounts(&s, &m, ret_mounts);
	if (r < 0)
		return cdisk_fail(c, r, "not enough memory");
	*ret_medium = medium;
	return r;
}
