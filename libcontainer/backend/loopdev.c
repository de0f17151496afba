// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loop devices over a server's disk, or over a container. The numbers are shared with every other
 * process, so a device is known by what lies behind it, never by its number alone.
 */
#include "backend/backend.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "backend/child.h"
#include "base/io.h"
#include "base/util.h"

#define TRIES 64
#define LOOK_MS 1000
#define SYS_BLOCK "/sys/block"
#define DELETED " (deleted)" /* what sysfs adds once the file's name is gone */

/*
 * Name and label go where others put the file's path, which sysfs tells better: the kernel keeps
 * them for as long as the device. Both end with NUL, or are left out whole.
 */
static void names_put(const struct cdisk_loop_wish *w, uint8_t to[LO_NAME_SIZE])
{
	size_t name = w->name ? strlen(w->name) : 0, label = w->label ? strlen(w->label) : 0;

	if (name + 1 > LO_NAME_SIZE)
		name = 0;
	if (name)
		memcpy(to, w->name, name);
	if (label && name + 1 + label + 1 <= LO_NAME_SIZE)
		memcpy(to + name + 1, w->label, label);
}

static void names_take(const uint8_t from[LO_NAME_SIZE], struct cdisk_loop_names *ret)
{
	size_t name = strnlen((const char *)from, LO_NAME_SIZE);

	(void)snprintf(ret->name, sizeof(ret->name), "%.*s", (int)name, (const char *)from);
	ret->label[0] = '\0';
	if (name + 1 < LO_NAME_SIZE)
		(void)snprintf(ret->label, sizeof(ret->label), "%.*s",
			(int)(LO_NAME_SIZE - name - 1), (const char *)from + name + 1);
}

static void config_fill(struct loop_config *config, int fd, const struct cdisk_loop_wish *w)
{
	memset(config, 0, sizeof(*config));
	config->fd = (uint32_t)fd;
	config->block_size = w->block_size;
	config->info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
	if (w->read_only)
		config->info.lo_flags |= LO_FLAGS_READ_ONLY;
	names_put(w, config->info.lo_file_name);
}

/* Is it really our file behind the device, with the flags that were asked for? */
static int loop_verify(struct cdisk *c, int loop, const char *node, int fd, bool read_only)
{
	struct loop_info64 info;
	struct stat st;

	if (ioctl(loop, LOOP_GET_STATUS64, &info) < 0 || fstat(fd, &st) < 0)
		return cdisk_fail(
			c, -errno, "cannot read the state of %s: %s", node, strerror(errno));
	if (info.lo_inode != st.st_ino || info.lo_device != st.st_dev ||
		!(info.lo_flags & LO_FLAGS_AUTOCLEAR) ||
		!!(info.lo_flags & LO_FLAGS_READ_ONLY) != read_only)
		return cdisk_fail(c, -EBUSY, "%s was changed by another process", node);
	if (!(info.lo_flags & LO_FLAGS_DIRECT_IO))
		cdisk_log(c, CDISK_LOG_INFO, "%s works without direct I/O: slower", node);
	return 0;
}

/* One try with the device the kernel names as free: -EBUSY when somebody was faster. */
static int loop_try(struct cdisk *c, int control, const struct loop_config *config, char *node,
	size_t node_size, int *ret_fd)
{
	_cleanup_close_ int loop = -1;
	int number = ioctl(control, LOOP_CTL_GET_FREE);

	if (number < 0)
		return cdisk_fail(c, -errno, "no free loop device: %s", strerror(errno));
	(void)snprintf(node, node_size, "/dev/loop%d", number);
	loop = open(node, O_RDWR | O_CLOEXEC);
	if (loop < 0) {
		int r = -errno;

		(void)cdisk_fail(c, r, "cannot open the loop device %s: %s", node, strerror(-r));
		if (r == -ENOENT)
			cdisk_hint(c,
				"the kernel has the device but nobody made its node; as root: "
				"mknod %s b 7 %d",
				node, number);
		return r;
	}
	if (ioctl(loop, LOOP_CONFIGURE, config) < 0) {
		int r = -errno;

		return cdisk_fail(c, r, "cannot set up %s: %s", node, strerror(-r));
	}
	*ret_fd = cdisk_steal_fd(&loop);
	return 0;
}

int cdisk_loop_attach(struct cdisk *c, int fd, uint32_t block_size, bool read_only, char *ret_node,
	size_t node_size, int *ret_fd)
{
	const struct cdisk_loop_wish wish = {.block_size = block_size, .read_only = read_only};

	return cdisk_loop_attach_named(c, fd, &wish, ret_node, node_size, ret_fd);
}

int cdisk_loop_attach_named(struct cdisk *c, int fd, const struct cdisk_loop_wish *w,
	char *ret_node, size_t node_size, int *ret_fd)
{
	_cleanup_close_ int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), loop = -1;
	struct loop_config config;
	char node[32];
	int r = -EBUSY;

	if (control < 0)
		return cdisk_fail(c, -errno, "cannot open /dev/loop-control: %s", strerror(errno));
	config_fill(&config, fd, w);
	for (int i = 0; i < TRIES && r == -EBUSY; i++) {
		r = loop_try(c, control, &config, node, sizeof(node), &loop);
		if (r == -EBUSY)
			cdisk_sleep_ms(5);
	}
	if (r < 0)
		return r;
	r = loop_verify(c, loop, node, fd, w->read_only);
	if (r < 0)
		return r;
	(void)snprintf(ret_node, node_size, "%s", node);
	*ret_fd = cdisk_steal_fd(&loop);
	return 0;
}

int cdisk_loop_resize(struct cdisk *c, const char *node)
{
	_cleanup_close_ int loop = open(node, O_RDONLY | O_CLOEXEC);

	if (loop < 0 || ioctl(loop, LOOP_SET_CAPACITY) < 0) {
		int r = -errno;

		return cdisk_fail(c, r, "cannot resize %s: %s", node, strerror(-r));
	}
	return 0;
}

static int status_in_child(const void *data, int out)
{
	_cleanup_close_ int fd = open(data, O_RDONLY | O_CLOEXEC);
	struct loop_info64 info;

	if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
		return -errno;
	return write(out, &info, sizeof(info)) == sizeof(info) ? 0 : -EIO;
}

/* The kernel looks at the file behind it for an answer, and that may lie on what hangs. */
int cdisk_loop_look(const char *node, struct cdisk_loop_names *ret)
{
	char bytes[sizeof(struct loop_info64) + 1];
	struct loop_info64 info;
	int r = cdisk_child_run(status_in_child, node, LOOK_MS, bytes, sizeof(bytes));

	if (r < 0)
		return r;
	memcpy(&info, bytes, sizeof(info));
	ret->dev = info.lo_device;
	ret->ino = info.lo_inode;
	names_take(info.lo_file_name, ret);
	return 0;
}

static int sys_read(const char *device, const char *name, char *buf, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[512];
	ssize_t n;

	(void)snprintf(path, sizeof(path), SYS_BLOCK "/%s/%s", device, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = cdisk_read_all(fd, buf, size - 1);
	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	/* The last one only: a path may hold others. */
	if (n > 0 && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	return 0;
}

bool cdisk_loop_backing_is(const char *backing, const char *file)
{
	size_t len = strlen(file);

	return strncmp(backing, file, len) == 0 &&
	       (backing[len] == '\0' || strcmp(backing + len, DELETED) == 0);
}

int cdisk_loop_detach(struct cdisk *c, const char *node, const char *file)
{
	_cleanup_close_ int loop = open(node, O_RDONLY | O_CLOEXEC);
	char backing[CDISK_PATH_SIZE];
	int r;

	if (loop < 0)
		return errno == ENOENT || errno == ENXIO
			       ? 0
			       : cdisk_fail(c, -errno, "cannot open %s: %s", node, strerror(errno));
	/* Open it keeps what it has; before that, anybody may have got the number. */
	if (sys_read(node + strlen("/dev/"), "loop/backing_file", backing, sizeof(backing)) < 0 ||
		!cdisk_loop_backing_is(backing, file))
		return 0;
	if (ioctl(loop, LOOP_CLR_FD) == 0 || errno == ENXIO)
		return 0;
	r = -errno;
	return cdisk_fail(c, r, "cannot detach %s: %s", node, strerror(-r));
}

static int loop_read(const char *device, struct cdisk_loop *loop)
{
	char number[32];

	if (sys_read(device, "loop/backing_file", loop->backing, sizeof(loop->backing)) < 0 ||
		sys_read(device, "dev", number, sizeof(number)) < 0 ||
		sscanf(number, "%u:%u", &loop->major, &loop->minor) != 2)
		return -ENOENT;
	(void)snprintf(loop->node, sizeof(loop->node), "/dev/%.20s", device);
	return 0;
}

int cdisk_loop_list(struct cdisk_loop **ret_list)
{
	_cleanup_dir_ DIR *d = opendir(SYS_BLOCK);
	_cleanup_free_ struct cdisk_loop *list = NULL;
	struct dirent *e;
	size_t n = 0;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		struct cdisk_loop *bigger;

		if (strncmp(e->d_name, "loop", 4) != 0)
			continue;
		bigger = realloc(list, (n + 1) * sizeof(*list));
		if (!bigger)
			return -ENOMEM;
		list = bigger;
		if (loop_read(e->d_name, &list[n]) == 0)
			n++;
	}
	*ret_list = cdisk_steal(&list);
	return (int)n;
}
