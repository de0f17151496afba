// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * serve_plain FILE RUNDIR: serves FILE through cryptdisk-serve with one segment and no cipher,
 * prints the path of the disk and detaches on SIGTERM or SIGINT. It is the reference that tells
 * what FUSE and the server cost without encryption; the program itself never opens such a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "backend/backend.h"
#include "base/util.h"

#define DETACH_WAIT_MS 5000u

static const char volume_id[] = "00000000-0000-4000-8000-000000706c61";

static void describe(uint64_t size, struct cdisk_description *ret_description)
{
	*ret_description = (struct cdisk_description){
		.size = size,
		.sector_size = CDISK_SECTOR_MIN,
		.n_segments = 1,
		.segments = {{.length = size, .kind = CDISK_SEGMENT_LINEAR}},
		.format = "plain",
	};
	memcpy(ret_description->id, volume_id, sizeof(volume_id));
}

/* All signals are blocked before the server starts, so none is lost between attach and wait. */
static void wait_for_signal(const sigset_t *signals)
{
	int signal_number;

	while (sigwait(signals, &signal_number) != 0)
		;
}

static int serve(struct cdisk *c, const char *file, const sigset_t *signals)
{
	static struct cdisk_description description;
	static struct cdisk_attachment attachment;
	_cleanup_close_ int fd = -1;
	struct stat st;
	int r;

	fd = open(file, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cdisk_fail(c, -errno, "%s: %s", file, strerror(errno));
	describe((uint64_t)st.st_size / CDISK_SECTOR_MIN * CDISK_SECTOR_MIN, &description);
	r = cdisk_backend_attach(c, "fuse",
		&(struct cdisk_attach_spec){.description = &description,
			.backing = "file",
			.fd = fd,
			.name = "plain",
			.path = file,
			.header_fd = -1},
		&attachment);
	if (r < 0)
		return r;
	printf("%s\n", attachment.disk);
	fflush(stdout);
	wait_for_signal(signals);
	return cdisk_backend_named("fuse")->detach(c, &attachment, CDISK_UMOUNT_FORCE, DETACH_WAIT_MS);
}

int main(int argc, char **argv)
{
	struct cdisk *c = NULL;
	sigset_t signals;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: serve_plain FILE RUNDIR\n");
		return 1;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	r = cdisk_new(&c);
	if (r == 0)
		r = cdisk_set_run_dir(c, argv[2]);
	if (r == 0)
		r = serve(c, argv[1], &signals);
	if (r < 0)
		fprintf(stderr, "serve_plain: %s (%d)\n", c ? cdisk_message(c) : "no memory", r);
	cdisk_free(c);
	return r < 0;
}
