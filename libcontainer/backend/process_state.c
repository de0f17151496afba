// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "base/io.h"
#include "base/process.h"
#include "base/serve_link.h"

enum cdisk_process_state cdisk_process_look(int32_t pid, uint64_t start)
{
	_cleanup_free_ char *text = NULL;
	uint64_t now;
	char path[64], *p;

	if (pid <= 0)
		return CDISK_PROCESS_GONE;
	/* /proc with hidepid= does not show it, which does not mean that it has ended. */
	if (cdisk_process_start_time(pid, &now) < 0)
		return kill(pid, 0) == 0 || errno == EPERM ? CDISK_PROCESS_RUNS
							   : CDISK_PROCESS_GONE;
	if (now != start)
		return CDISK_PROCESS_GONE;
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (cdisk_read_text(path, 4096, &text) < 0)
		return CDISK_PROCESS_GONE;
	p = strrchr(text, ')');
	if (!p || p[1] != ' ')
		return CDISK_PROCESS_GONE;
	switch (p[2]) {
	case 'Z':
	case 'X':
		return CDISK_PROCESS_GONE;
	case 'T':
	case 't':
		return CDISK_PROCESS_STOPPED;
	default:
		return CDISK_PROCESS_RUNS;
	}
}

bool cdisk_server_locked(int32_t pid, uint64_t start)
{
	char command[64];
	uint32_t uid;

	return cdisk_process_identity(pid, command, sizeof(command), &uid) == 0 &&
	       strcmp(command, CDISK_SERVE_COMMAND_LOCKED) == 0 &&
	       cdisk_process_look(pid, start) != CDISK_PROCESS_GONE;
}

int cdisk_process_identity(int32_t pid, char *ret_command, size_t size, uint32_t *ret_uid)
{
	_cleanup_free_ char *text = NULL;
	char path[64], *uid;
	int r;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
	r = cdisk_read_text(path, 16384, &text);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	uid = strstr(text, "\nUid:\t");
	if (strncmp(text, "Name:\t", 6) != 0 || !uid)
		return -EIO;
	*ret_uid = (uint32_t)strtoul(uid + 6, NULL, 10);
	text[strcspn(text, "\n")] = '\0';
	(void)snprintf(ret_command, size, "%s", text + 6);
	return 0;
}
