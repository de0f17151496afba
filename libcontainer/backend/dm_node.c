// SPDX-License-Identifier: GPL-2.0-or-later
/* /dev/mapper/NAME: udev's work, and ours where udev does not do it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include "backend/child.h"
#include "backend/dm.h"
#include "backend/server.h"
#include "base/process.h"

#define MAPPER "/dev/mapper"
#define UDEV_CONTROL "/run/udev/control"
#define UDEV_WAIT_MS 5000
#define STEP_MS 5
#define ASK_EVERY 100 /* steps: each question waits in the queue of a udevd that is stopped */

void cdisk_dm_node(const char *name, char ret_node[CDISK_DM_NODE])
{
	(void)snprintf(ret_node, CDISK_DM_NODE, MAPPER "/%.*s", CDISK_DM_NAME - 1, name);
}

/*
 * Its socket outlives a udevd that was killed: whether somebody listens tells. Where udevd itself made
 * it, and not systemd for it, the listener can be seen to be stopped.
 */
bool cdisk_udev_answers(void)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = UDEV_CONTROL};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	uint64_t start;

	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == EAGAIN;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
		cdisk_process_start_time(peer.pid, &start) < 0)
		return true;
	return cdisk_process_look(peer.pid, start) != CDISK_PROCESS_STOPPED;
}

static bool node_fits(const char *node, dev_t dev)
{
	struct stat st;

	return stat(node, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == dev;
}

int cdisk_dm_node_make(const char *name, uint32_t major, uint32_t minor)
{
	dev_t dev = makedev(major, minor);
	uint64_t end = cdisk_now_ms() + UDEV_WAIT_MS;
	char node[CDISK_DM_NODE];

	cdisk_dm_node(name, node);
	for (unsigned int i = 0; !node_fits(node, dev) && cdisk_now_ms() < end; i++) {
		if (i % ASK_EVERY == 0 && !cdisk_udev_answers())
			break;
		cdisk_sleep_ms(STEP_MS);
	}
	if (node_fits(node, dev))
		return 0;
	if (mkdir(MAPPER, 0755) < 0 && errno != EEXIST)
		return -errno;
	/* What leads elsewhere is left over from a mapping that is gone. */
	if (unlink(node) < 0 && errno != ENOENT)
		return -errno;
	if (mknod(node, S_IFBLK | 0600, dev) < 0 && errno != EEXIST)
		return -errno;
	return node_fits(node, dev) ? 0 : -EEXIST;
}

void cdisk_dm_node_remove(const char *name)
{
	char node[CDISK_DM_NODE];
	struct cdisk_dm dm;

	if (cdisk_dm_status(name, &dm) != -ENXIO)
		return;
	cdisk_dm_node(name, node);
	(void)unlink(node);
}
