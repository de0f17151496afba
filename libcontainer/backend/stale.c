// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What killed servers and programs leave: a mount that answers nothing. It goes when the next volume
 * is attached.
 */
#include "backend/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include "backend/child.h"

#define UMOUNT_MS 2000
#define ANSWER_MS 1000

static int answer_try(const void *data, int out)
{
	struct statfs st;

	(void)out;
	return statfs(data, &st) < 0 ? -errno : 0;
}

bool cdisk_server_gone(const struct cdisk_source *s, const char *directory)
{
	if (cdisk_process_look(s->pid, s->pid_start) != CDISK_PROCESS_GONE)
		return false;
	/*
	 * The process may only be out of sight (hidepid, another process namespace). Its
	 * connection tells: the kernel ends it with the last descriptor.
	 */
	return cdisk_child_run(answer_try, directory, ANSWER_MS, NULL, 0) == -ENOTCONN;
}

int cdisk_stale_clean(struct cdisk *c, const struct cdisk_mountinfo *m, const char *directory)
{
	_cleanup_over_ struct cdisk_over over = {0};
	char disk[CDISK_PATH_SIZE + 8];
	int r;

	(void)snprintf(disk, sizeof(disk), "%s/disk", directory);
	r = cdisk_over_find(m, disk, geteuid(), &over);
	if (r < 0)
		return r;
	cdisk_log(c, CDISK_LOG_WARNING, "the server of %s was killed: cleaning up after it",
		directory);
	for (size_t i = over.n_mounts; i > 0; i--)
		(void)cdisk_fuse_umount(c, over.mounts[i - 1]->target, true, UMOUNT_MS);
	for (size_t i = 0; i < over.n_loops; i++)
		(void)cdisk_loop_detach(c, over.loops[i].node, disk);
	return cdisk_fuse_umount(c, directory, true, UMOUNT_MS);
}

/* The name of an attachment of ours directly in the run directory, or NULL. */
static const char *instance_of(const struct cdisk_mount_entry *e, const char *run_path)
{
	size_t len = strlen(run_path);

	if (strcmp(e->type, "fuse.cryptdisk") != 0 || strncmp(e->target, run_path, len) != 0 ||
		e->target[len] != '/' || strchr(e->target + len + 1, '/') ||
		cdisk_option_number(e->options, "user_id", UINT32_MAX) != geteuid())
		return NULL;
	return e->target + len + 1;
}

static bool nothing_over(const struct cdisk_mountinfo *m, const char *directory)
{
	_cleanup_over_ struct cdisk_over over = {0};
	char disk[CDISK_PATH_SIZE + 8];

	(void)snprintf(disk, sizeof(disk), "%s/disk", directory);
	return cdisk_over_find(m, disk, geteuid(), &over) == 0 && over.n_mounts == 0 &&
	       over.n_loops == 0;
}

void cdisk_stale_sweep(struct cdisk *c, int run_fd, const char *run_path)
{
	_cleanup_mountinfo_ struct cdisk_mountinfo m = {0};

	if (cdisk_mountinfo_read(&m) < 0)
		return;
	for (size_t i = 0; i < m.n; i++) {
		const char *name = instance_of(&m.entries[i], run_path);
		struct cdisk_source s;

		if (!name || cdisk_source_parse(m.entries[i].source, &s) < 0)
			continue;
		/* With a filesystem over it, somebody still has to see that it was lost. */
		if (!nothing_over(&m, m.entries[i].target) ||
			!cdisk_server_gone(&s, m.entries[i].target))
			continue;
		cdisk_log(c, CDISK_LOG_INFO, "cleaning up %s, whose server is gone",
			m.entries[i].target);
		if (cdisk_fuse_umount(c, m.entries[i].target, true, UMOUNT_MS) == 0)
			(void)unlinkat(run_fd, name, AT_REMOVEDIR);
	}
}
