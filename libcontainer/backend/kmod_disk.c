// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/kmod_disk.h"

#include <fcntl.h>
#include <linux/cryptdisk.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "backend/server.h"
#include "base/io.h"

#define DISKS_MAX 4096
#define NAME_MARK '|'

int cdisk_kmod_index(const char *node, uint32_t *ret_index)
{
	const char *digits = strncmp(node, "/dev/", 5) == 0 ? node + 5 : node;
	unsigned long v;
	char *end;

	errno = EINVAL;
	if (strncmp(digits, CDISK_KMOD_DISK, strlen(CDISK_KMOD_DISK)) != 0)
		return -EINVAL;
	digits += strlen(CDISK_KMOD_DISK);
	if (*digits < '0' || *digits > '9')
		return -EINVAL;
	v = strtoul(digits, &end, 10);
	if (*end || v > UINT32_MAX)
		return -EINVAL;
	*ret_index = (uint32_t)v;
	return 0;
}

int cdisk_kmod_detach(const char *node, uint32_t flags)
{
	_cleanup_close_ int control = open(CRYPTDISK_CONTROL, O_RDWR | O_CLOEXEC);
	struct cryptdisk_target target = {.size = sizeof(target), .flags = flags};

	if (control < 0)
		return -errno;
	if (cdisk_kmod_index(node, &target.index) < 0)
		return -EINVAL;
	if (ioctl(control, CRYPTDISK_IOC_DETACH, &target) == 0 || errno == EINPROGRESS ||
		errno == EALREADY)
		return 0;
	return -errno;
}

/* ---- labels ------------------------------------------------------------------------------ */

static size_t text_put(const char *text, char *to, size_t room)
{
	size_t n = 0;

	for (; text[n] && n < room; n++) {
		char ch = text[n];

		to[n] = ch < '!' || ch > '~' || ch == '/' || ch == '\\' || ch == NAME_MARK ? '_'
											   : ch;
	}
	return n;
}

void cdisk_kmod_label(const char *label, const char *name, char ret[CDISK_KMOD_LABEL])
{
	size_t n;

	memset(ret, 0, CDISK_KMOD_LABEL);
	n = text_put(label, ret, CDISK_KMOD_LABEL - 1);
	/* A name that does not fit is left out whole: half of it is another's. */
	if (!name || !name[0] || n + 1 + strlen(name) > CDISK_KMOD_LABEL - 1)
		return;
	ret[n] = NAME_MARK;
	(void)text_put(name, ret + n + 1, CDISK_KMOD_LABEL - 2 - n);
}

void cdisk_kmod_label_take(const char *text, struct cdisk_below_facts *ret)
{
	const char *mark = strchr(text, NAME_MARK);
	size_t len = mark ? (size_t)(mark - text) : strlen(text);

	(void)snprintf(ret->label, sizeof(ret->label), "%.*s", (int)len, text);
	(void)snprintf(ret->name, sizeof(ret->name), "%s", mark ? mark + 1 : "");
}

/* ---- what is there ----------------------------------------------------------------------- */

static int status_ask(uint32_t index, struct cryptdisk_status *st)
{
	_cleanup_close_ int control = open(CRYPTDISK_CONTROL, O_RDONLY | O_CLOEXEC);

	*st = (struct cryptdisk_status){.size = sizeof(*st), .index = index};
	if (control < 0)
		return -errno;
	return ioctl(control, CRYPTDISK_IOC_STATUS, st) < 0 ? -errno : 0;
}

/* A device that is mounted is no container: what STATUS tells is a file of that filesystem. */
static bool is_mounted(uint64_t dev)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};

	if (cdisk_mountinfo_read(&m) < 0)
		return true;
	for (size_t i = 0; i < m.n; i++)
		if (m.entries[i].major == major(dev) && m.entries[i].minor == minor(dev))
			return true;
	return false;
}

/*
 * "DEVNAME=vdb" of the block device with that number, if ino is its node's: of a file, the module
 * tells the number of the device that its filesystem lies on.
 */
static bool device_find(uint64_t dev, uint64_t ino, struct cdisk_below_facts *ret)
{
	_cleanup_free_ char *text = NULL;
	char path[64], name[64];
	const char *line;
	struct stat st;

	(void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/uevent", major(dev), minor(dev));
	if (cdisk_read_text(path, 4096, &text) < 0)
		return false;
	line = strstr(text, "DEVNAME=");
	if (!line || sscanf(line, "DEVNAME=%58[^\n]", name) != 1)
		return false;
	(void)snprintf(ret->file, sizeof(ret->file), "/dev/%s", name);
	if (stat(ret->file, &st) < 0 || !S_ISBLK(st.st_mode) || st.st_rdev != dev ||
		st.st_ino != ino || is_mounted(dev)) {
		ret->file[0] = '\0';
		return false;
	}
	ret->dev = st.st_dev;
	ret->ino = st.st_ino;
	return true;
}

static void status_take(const struct cryptdisk_status *st, struct cdisk_below_facts *ret)
{
	if (device_find(st->backing_dev, st->backing_ino, ret))
		return;
	ret->dev = st->backing_dev;
	ret->ino = st->backing_ino;
}

void cdisk_kmod_look(const char *kernel, struct cdisk_below_facts *ret)
{
	struct cryptdisk_status st;
	char label[CDISK_KMOD_LABEL + 1];
	uint32_t index;

	if (cdisk_sys_line("/sys", kernel, "cryptdisk/label", label, sizeof(label)) == 0)
		cdisk_kmod_label_take(label, ret);
	if (cdisk_kmod_index(kernel, &index) == 0 && status_ask(index, &st) == 0)
		status_take(&st, ret);
}

static void id_text(const uint8_t id[CRYPTDISK_ID_LEN], char ret[CDISK_ID_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < CRYPTDISK_ID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ret[n++] = '-';
		ret[n++] = digits[id[i] >> 4];
		ret[n++] = digits[id[i] & 15];
	}
	ret[n] = '\0';
}

static int indices_ask(uint32_t **ret_list)
{
	_cleanup_close_ int control = open(CRYPTDISK_CONTROL, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ uint32_t *list = calloc(DISKS_MAX, sizeof(*list));
	struct cryptdisk_list l = {
		.size = sizeof(l), .count = DISKS_MAX, .indices = (uintptr_t)list};

	if (control < 0 || !list || ioctl(control, CRYPTDISK_IOC_LIST, &l) < 0)
		return control < 0 || list ? 0 : -ENOMEM;
	*ret_list = cdisk_steal(&list);
	return l.count > DISKS_MAX ? DISKS_MAX : (int)l.count;
}

int cdisk_kmod_orphans(struct cdisk_kmod_orphan **ret_list)
{
	_cleanup_free_ struct cdisk_kmod_orphan *list = NULL;
	_cleanup_free_ uint32_t *indices = NULL;
	int n = indices_ask(&indices), found = 0;

	if (n <= 0)
		return n;
	list = calloc((size_t)n, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		struct cdisk_kmod_orphan *o = &list[found];
		struct cryptdisk_status st;

		if (status_ask(indices[i], &st) < 0 || st.openers > 0)
			continue;
		(void)snprintf(o->node, sizeof(o->node), "/dev/" CDISK_KMOD_DISK "%u", indices[i]);
		id_text(st.volume_id, o->id);
		st.label[sizeof(st.label) - 1] = '\0';
		cdisk_kmod_label_take(st.label, &o->facts);
		status_take(&st, &o->facts);
		found++;
	}
	*ret_list = cdisk_steal(&list);
	return found;
}

int cdisk_kmod_sweep(struct cdisk *c, uint64_t dev, uint64_t ino)
{
	_cleanup_free_ struct cdisk_kmod_orphan *list = NULL;
	_cleanup_close_ int run_fd = -1, lock = -1;
	char run_path[CDISK_PATH_SIZE];
	int swept = 0, n;

	if (access(CRYPTDISK_CONTROL, R_OK | W_OK) < 0 || !c->run_dir)
		return 0;
	/* Not while another program is between its disk and the mapping over it. */
	n = cdisk_run_dir_lock(c, &run_fd, &lock, run_path);
	if (n == 0)
		n = cdisk_kmod_orphans(&list);
	for (int i = 0; i < n; i++) {
		if (list[i].facts.dev != dev || list[i].facts.ino != ino ||
			cdisk_kmod_detach(list[i].node, 0) < 0)
			continue;
		cdisk_log(c, CDISK_LOG_WARNING, "removing %s, which a killed program left",
			list[i].node);
		swept = 1;
	}
	return n < 0 ? n : swept;
}
