// SPDX-License-Identifier: GPL-2.0-or-later
/* The loop backend: dm-crypt over a loop device of the container. */
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include "backend/mapping.h"
#include "backend/server.h"

#define NAME "loop+dm-crypt"

static int loop_probe(struct cdisk *c, struct cdisk_check *check)
{
	_cleanup_close_ int fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno != EACCES && errno != EPERM && cdisk_module_load(c, "loop") == 0)
		fd = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno != EACCES && errno != EPERM) {
		cdisk_check_fill(check, NAME, "loop devices missing",
			"load the kernel module loop, or use the fuse backend");
		return 0;
	}
	if (!cdisk_check_device_mapper(c, check, NAME))
		return 0;
	if (fd < 0 || geteuid() != 0) {
		cdisk_check_fill(
			check, NAME, "needs root", "run it as root, or use the fuse backend");
		return 0;
	}
	cdisk_check_fill(check, NAME, "loop device under the kernel's dm-crypt", "");
	return 1;
}

static int below_make(struct cdisk *c, const struct cdisk_attach_spec *spec, bool read_only,
	bool copy, char ret_node[64], int *ret_fd)
{
	const struct cdisk_loop_wish wish = {
		.block_size = cdisk_below_sector(spec),
		.read_only = read_only,
		.name = spec->name,
		.label = spec->description->label,
	};

	(void)copy;
	return cdisk_loop_attach_named(c, spec->fd, &wish, ret_node, 64, ret_fd);
}

const struct cdisk_below cdisk_below_loop = {
	.backend = "loop",
	.make = below_make,
	.grow = cdisk_loop_resize,
};

static int loop_attach(
	struct cdisk *c, const struct cdisk_attach_spec *spec, struct cdisk_attachment *a)
{
	return cdisk_mapping_attach(c, &cdisk_below_loop, spec, a);
}

const struct cdisk_backend cdisk_backend_loop = {
	.name = "loop",
	.differs = "what a container loses at its end reads as noise, not as an error",
	.probe = loop_probe,
	.attach = loop_attach,
	.detach = cdisk_mapping_detach,
	.resize = cdisk_mapping_resize,
	.trim = cdisk_mapping_trim,
	.lock = cdisk_mapping_lock,
	.resume = cdisk_mapping_resume,
};
