// SPDX-License-Identifier: GPL-2.0-or-later
/* Who uses a mount or a disk. */
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/process.h"
#include "mount/holders.h"
#include "mount/mounting.h"

#define NAMED_MAX 8

struct search {
	const struct cdisk_attachment *a;
	const struct cdisk_mountinfo *m;
	const struct cdisk_over *over;
	struct cdisk_holder *servers; /* filesystem servers: they belong to the mount */
	int n_servers;
	char kernel[32]; /* another name of the disk's node */
	char ns[64];     /* our mount namespace */
	int32_t pid;     /* of the process that is looked at */
	char file[CDISK_PATH_SIZE];
	struct cdisk_process *list;
	size_t n;
};

static bool path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool path_used(const struct search *s, const char *path)
{
	for (size_t i = 0; i < s->over->n_mounts; i++)
		if (path_below(path, s->over->mounts[i]->target))
			return true;
	/* An attachment of another tool: the mount point is all that is known. */
	return s->a->state == CDISK_STATE_FOREIGN && s->a->mountpoint[0] &&
	       path_below(path, s->a->mountpoint);
}

/* A directory that was opened before something was mounted over it has the same path. */
static bool mount_id_fits(const struct search *s, int id)
{
	for (size_t i = 0; i < s->m->n; i++)
		if (s->m->entries[i].id == id)
			return path_used(s, s->m->entries[i].target);
	return false;
}

static int fd_used(int fd, const char *link, void *data)
{
	struct search *s = data;
	int id;

	if (strcmp(link, s->a->disk) != 0 && (!s->a->node[0] || strcmp(link, s->a->node) != 0) &&
		(!s->kernel[0] || strcmp(link, s->kernel) != 0)) {
		if (!path_used(s, link))
			return 0;
		id = cdisk_process_mount_id(s->pid, fd);
		if (id >= 0 && !mount_id_fits(s, id))
			return 0;
	}
	(void)snprintf(s->file, sizeof(s->file), "%s", link);
	return 1;
}

/* Files that are mapped but no longer open: "55..-55.. r-xp 0000 08:01 123   /path". */
static bool map_used(struct search *s)
{
	char path[64], *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", s->pid);
	f = fopen(path, "re");
	while (f && !found && getline(&line, &size, f) > 0) {
		char *file = strchr(line, '/');

		if (!file)
			continue;
		file[strcspn(file, "\n")] = '\0';
		found = path_used(s, file) || strcmp(file, s->a->disk) == 0;
		if (found)
			(void)snprintf(s->file, sizeof(s->file), "%.4095s", file);
	}
	free(line);
	if (f)
		(void)fclose(f);
	return found;
}

static bool process_uses(struct search *s)
{
	static const char *const names[] = {"cwd", "root", "exe"};
	char link[CDISK_PATH_SIZE];

	s->file[0] = '\0';
	/* In another mount namespace the same path means another place. */
	if (cdisk_process_link(s->pid, "ns/mnt", link, sizeof(link)) == 0 &&
		strcmp(link, s->ns) != 0)
		return false;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(names); i++)
		if (cdisk_process_link(s->pid, names[i], link, sizeof(link)) == 0 &&
			path_used(s, link)) {
			memcpy(s->file, link, sizeof(s->file));
			return true;
		}
	cdisk_process_links(s->pid, fd_used, s);
	return s->file[0] || map_used(s);
}

static int process_look(int32_t pid, void *data)
{
	struct search *s = data;
	struct cdisk_process *bigger, *p;
	uint32_t uid;

	if (pid == s->a->pid)
		return 0;
	for (int i = 0; i < s->n_servers; i++)
		if (s->servers[i].pid == pid)
			return 0;
	s->pid = pid;
	if (!process_uses(s))
		return 0;
	bigger = realloc(s->list, (s->n + 1) * sizeof(*s->list));
	if (!bigger)
		return -ENOMEM;
	s->list = bigger;
	p = &s->list[s->n++];
	memset(p, 0, sizeof(*p));
	p->pid = pid;
	memcpy(p->file, s->file, sizeof(p->file));
	if (cdisk_process_identity(pid, p->command, sizeof(p->command), &uid) < 0)
		(void)snprintf(p->command, sizeof(p->command), "?");
	return 0;
}

static int busy_search(struct cdisk *c, const struct cdisk_attachment *a, bool disk_only,
	struct cdisk_process **ret_list)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};
	_cleanup_over_ struct cdisk_over over = {0};
	_cleanup_free_ struct cdisk_holder *servers = NULL;
	struct search s = {.a = a, .m = &m, .over = &over};
	int r = cdisk_mountinfo_read(&m);

	if (r == 0)
		r = cdisk_over_find(&m, a->disk, a->uid, &over);
	if (disk_only)
		over.n_mounts = 0;
	if (r == 0)
		r = s.n_servers = cdisk_fsservers_list(a, &servers);
	if (r >= 0) {
		s.servers = servers;
		cdisk_disk_kernel_name(a, s.kernel);
		(void)cdisk_process_link(getpid(), "ns/mnt", s.ns, sizeof(s.ns));
		r = cdisk_processes_walk(process_look, &s);
	}
	if (r < 0) {
		free(s.list);
		return cdisk_fail(c, r, "cannot look for processes: %s", strerror(-r));
	}
	*ret_list = s.list;
	return (int)s.n;
}

int cdisk_busy_list(
	struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_process **ret_list)
{
	return busy_search(c, a, false, ret_list);
}

int cdisk_disk_busy_list(
	struct cdisk *c, const struct cdisk_attachment *a, struct cdisk_process **ret_list)
{
	return busy_search(c, a, true, ret_list);
}

int cdisk_busy_fail(struct cdisk *c, const struct cdisk_attachment *a)
{
	_cleanup_free_ struct cdisk_process *list = NULL;
	const char *what = a->mountpoint[0] ? a->mountpoint : a->disk;
	char text[CDISK_MESSAGE_MAX - 128] = "";
	int n = cdisk_busy_list(c, a, &list);
	size_t used = 0;

	for (int i = 0; i < n && i < NAMED_MAX && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d (%s, %.120s)",
			i ? ", " : "", list[i].pid, list[i].command, list[i].file);
	if (n > 0)
		(void)cdisk_fail(c, -CDISK_ERR_IN_USE, "%s is in use by %s%s", what, text,
			n > NAMED_MAX ? ", and others" : "");
	else
		(void)cdisk_fail(c, -CDISK_ERR_IN_USE,
			"%s is in use by a process that cannot be seen "
			"from here",
			what);
	cdisk_hint(c, "end what uses it, wait with --wait, or use --lazy or --force");
	return -CDISK_ERR_IN_USE;
}
