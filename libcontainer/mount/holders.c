// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include "backend/mapping.h"
#include "base/io.h"
#include "base/process.h"
#include "mount/mounting.h"

int cdisk_processes_walk(cdisk_process_fn fn, void *data)
{
	_cleanup_dir_ DIR *d = opendir("/proc");
	int32_t self = getpid();
	struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		int32_t pid;
		int r;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		pid = (int32_t)strtol(e->d_name, NULL, 10);
		if (pid == self)
			continue;
		r = fn(pid, data);
		if (r < 0)
			return r;
	}
	return 0;
}

int cdisk_process_link(int32_t pid, const char *name, char *ret, size_t size)
{
	char path[96];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	n = readlink(path, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return 0;
}

void cdisk_process_links(int32_t pid, cdisk_link_fn fn, void *data)
{
	_cleanup_dir_ DIR *d = NULL;
	char path[64], name[64], link[CDISK_PATH_SIZE];
	struct dirent *e;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "fd/%.40s", e->d_name);
		if (cdisk_process_link(pid, name, link, sizeof(link)) < 0)
			continue;
		if (fn((int)strtol(e->d_name, NULL, 10), link, data) > 0)
			return;
	}
}

int cdisk_process_mount_id(int32_t pid, int fd)
{
	_cleanup_free_ char *text = NULL;
	char path[64], *line;

	(void)snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	if (cdisk_read_text(path, 65536, &text) < 0)
		return -1;
	line = strstr(text, "mnt_id:");
	return line ? (int)strtol(line + 7, NULL, 10) : -1;
}

void cdisk_disk_kernel_name(const struct cdisk_attachment *a, char ret_node[32])
{
	struct cdisk_mapped m;

	ret_node[0] = '\0';
	if (!cdisk_disk_is_served(a) && cdisk_mapping_of(a, &m) == 0)
		(void)snprintf(ret_node, 32, "/dev/%s", m.kernel);
}

/* ---- filesystem servers on a disk ----------------------------------------------------------- */

struct fsserver_search {
	const struct cdisk_attachment *a;
	char kernel[32]; /* another name of the disk's node */
	bool has_disk, has_fuse;
	struct cdisk_holder *list;
	size_t n;
};

static int fsserver_link(int fd, const char *link, void *data)
{
	struct fsserver_search *s = data;

	(void)fd;
	s->has_disk |= strcmp(link, s->a->disk) == 0 ||
		       (s->a->node[0] && strcmp(link, s->a->node) == 0) ||
		       (s->kernel[0] && strcmp(link, s->kernel) == 0);
	/* Also where the node is a bind mount whose own name is gone. */
	s->has_fuse |= strncmp(link, "/dev/fuse", strlen("/dev/fuse")) == 0;
	return s->has_disk && s->has_fuse;
}

static int fsserver_process(int32_t pid, void *data)
{
	struct fsserver_search *s = data;
	struct cdisk_holder *bigger;
	char command[64];
	uint64_t start;
	uint32_t uid;

	s->has_disk = s->has_fuse = false;
	cdisk_process_links(pid, fsserver_link, s);
	if (!s->has_disk || !s->has_fuse || cdisk_process_start_time(pid, &start) < 0)
		return 0;
	/* In a mount namespace of his own anybody can have a file of the disk's name. */
	if (cdisk_process_identity(pid, command, sizeof(command), &uid) < 0 || uid != s->a->uid)
		return 0;
	bigger = realloc(s->list, (s->n + 1) * sizeof(*s->list));
	if (!bigger)
		return -ENOMEM;
	s->list = bigger;
	s->list[s->n++] = (struct cdisk_holder){.pid = pid, .start = start};
	return 0;
}

int cdisk_fsservers_list(const struct cdisk_attachment *a, struct cdisk_holder **ret_list)
{
	struct fsserver_search s = {.a = a};
	int r;

	cdisk_disk_kernel_name(a, s.kernel);
	r = cdisk_processes_walk(fsserver_process, &s);

	if (r < 0) {
		free(s.list);
		return r;
	}
	*ret_list = s.list;
	return (int)s.n;
}
