// SPDX-License-Identifier: GPL-2.0-or-later
/* The server below a loop device and a kernel filesystem: promised zeros, flushes, sudden death. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <time.h>
#include "serve_harness.h"
#include "volume_fixture.h"

#define MIB (1024u * 1024)
#define SIZE (64u * MIB)

/* A loop device that leaves with its last user; the descriptor keeps it. */
static int loop_attach(int fd, uint32_t block_size, uint32_t flags, char node[32])
{
	struct loop_config config = {.fd = (uint32_t)fd, .block_size = block_size,
		.info = {.lo_flags = LO_FLAGS_AUTOCLEAR | flags}};
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), n, loop;

	if (control < 0)
		return -errno;
	for (int tries = 0; tries < 50; tries++) {
		n = ioctl(control, LOOP_CTL_GET_FREE);
		(void)snprintf(node, 32, "/dev/loop%d", n);
		loop = open(node, O_RDWR | O_CLOEXEC);
		if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &config) == 0) {
			close(control);
			return loop;
		}
		if (loop >= 0)
			close(loop);
	}
	close(control);
	return -EBUSY;
}

struct setup {
	struct served v;
	int backing, loop;
	char node[32], mountpoint[64];
};

static void setup_start(struct setup *t, int backing)
{
	struct cdisk_description d;
	int disk;

	t->backing = backing;
	fixture_init(&d);
	assert_int_equal(fixture_crypt(&d, SIZE, 0, "aes", "xts-plain64", 64, 4096), 0);
	assert_int_equal(serve_launch(&t->v, &d, backing, CDISK_SERVE_UNDER_LOOP), 0);
	cdisk_description_done(&d);
	serve_keep(&t->v);
	disk = open(t->v.disk, O_RDWR | O_CLOEXEC);
	assert_true(disk >= 0);
	t->loop = loop_attach(disk, 4096, LO_FLAGS_DIRECT_IO, t->node);
	assert_true(t->loop >= 0);
	close(disk);
	(void)strcpy(t->mountpoint, "/tmp/cryptdisk-served-fs-XXXXXX");
	assert_non_null(mkdtemp(t->mountpoint));
}

/* The device leaves some time after its last close: until then the server is busy. */
static void setup_stop(struct setup *t)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	int r;

	close(t->loop);
	for (int i = 0; (r = serve_stop(&t->v)) == -EBUSY && i < 500; i++)
		nanosleep(&tick, NULL);
	assert_int_equal(r, 0);
	close(t->backing);
	(void)rmdir(t->mountpoint);
}

static int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void make_ext4(const char *path)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "mke2fs -q -F -t ext4 -b 4096 %s 2>&1", path);
	assert_int_equal(run(command), 0);
}

static void check_ext4(const char *path)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "e2fsck -fn %s >/dev/null 2>&1", path);
	assert_int_equal(run(command), 0);
}

static bool all_zero(const uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

static void blkzeroout_reads_back_as_zeros(void **state)
{
	static uint8_t buf[MIB] __attribute__((aligned(4096)));
	/* The second is above what is zeroed at once: the kernel writes those zeros itself. */
	uint64_t ranges[2][2] = {{4096, 3 * MIB}, {0, SIZE}};
	struct setup t;
	int disk;

	(void)state;
	setup_start(&t, fixture_file(SIZE));
	disk = open(t.v.disk, O_RDONLY | O_DIRECT | O_CLOEXEC);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(ioctl(t.loop, BLKZEROOUT, ranges[i]), 0);
		for (uint64_t at = 0; at < ranges[i][1]; at += MIB) {
			assert_int_equal(pread(disk, buf, MIB, (off_t)(ranges[i][0] + at)), MIB);
			assert_true(all_zero(buf, MIB));
		}
	}
	close(disk);
	setup_stop(&t);
}

static void a_filesystem_made_on_the_file_is_clean(void **state)
{
	struct setup t;

	(void)state;
	setup_start(&t, fixture_file(SIZE));
	make_ext4(t.v.disk);
	check_ext4(t.v.disk);
	setup_stop(&t);
}

/* Allocated and never written, with one block written in the middle. */
static void write_allocated_files(const char *dir)
{
	uint8_t block[4096];

	memset(block, 0xee, sizeof(block));
	for (int i = 0; i < 20; i++) {
		char path[128];
		int fd;

		(void)snprintf(path, sizeof(path), "%s/file%d", dir, i);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(fallocate(fd, 0, 0, 256 * 1024), 0);
		assert_int_equal(pwrite(fd, block, sizeof(block), 16384), sizeof(block));
		assert_int_equal(fsync(fd), 0);
		close(fd);
	}
}

static unsigned int files_with_garbage(const char *dir)
{
	static uint8_t buf[256 * 1024];
	unsigned int n = 0;

	for (int i = 0; i < 20; i++) {
		char path[128];
		int fd;

		(void)snprintf(path, sizeof(path), "%s/file%d", dir, i);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(pread(fd, buf, sizeof(buf), 0), sizeof(buf));
		n += !all_zero(buf, 16384) || buf[16384] != 0xee ||
		     !all_zero(buf + 20480, sizeof(buf) - 20480);
		close(fd);
	}
	return n;
}

static void allocated_ranges_of_ext4_read_zeros(void **state)
{
	struct setup t;

	(void)state;
	setup_start(&t, fixture_file(SIZE));
	make_ext4(t.node);
	assert_int_equal(mount(t.node, t.mountpoint, "ext4", MS_NOSUID | MS_NODEV,
				 "init_itable=0,nodioread_nolock"), 0);
	write_allocated_files(t.mountpoint);
	assert_int_equal(umount2(t.mountpoint, 0), 0);
	assert_int_equal(mount(t.node, t.mountpoint, "ext4", MS_NOSUID | MS_NODEV, ""), 0);
	assert_int_equal(files_with_garbage(t.mountpoint), 0);
	assert_int_equal(umount2(t.mountpoint, 0), 0);
	check_ext4(t.node);
	setup_stop(&t);
}

/* Flushes that reached a block device: field 16 of its statistics. */
static unsigned long flushes_of(const char *node)
{
	unsigned long fields[17] = {0};
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/sys/block/%s/stat", node + 5);
	f = fopen(path, "re");
	assert_non_null(f);
	for (unsigned int i = 0; i < 17; i++)
		if (fscanf(f, "%lu", &fields[i]) != 1)
			break;
	(void)fclose(f);
	return fields[15];
}

static void every_fsync_reaches_the_device_below(void **state)
{
	int file = fixture_file(SIZE), below, fd;
	char node[32], path[128], block[4096] = {1};
	unsigned long before;
	struct setup t;

	(void)state;
	below = loop_attach(file, 512, 0, node);
	assert_true(below >= 0);
	setup_start(&t, below);
	make_ext4(t.node);
	fd = open(t.v.disk, O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 3; i++) {
		before = flushes_of(node);
		assert_int_equal(fsync(fd), 0);
		assert_true(flushes_of(node) > before);
	}
	before = flushes_of(node);
	close(fd); /* flush */
	assert_true(flushes_of(node) > before);
	assert_int_equal(mount(t.node, t.mountpoint, "ext4", MS_NOSUID | MS_NODEV, ""), 0);
	(void)snprintf(path, sizeof(path), "%s/file", t.mountpoint);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 3; i++) {
		before = flushes_of(node);
		assert_int_equal(pwrite(fd, block, sizeof(block), i * 4096), sizeof(block));
		assert_int_equal(fsync(fd), 0);
		assert_true(flushes_of(node) > before);
	}
	close(fd);
	assert_int_equal(umount2(t.mountpoint, 0), 0);
	setup_stop(&t);
	close(file);
}

/* Nothing hangs; what is not written is told. */
static void killed_under_a_filesystem_it_gives_eio(void **state)
{
	const struct timespec tick = {.tv_nsec = 10000000};
	char path[128], block[4096] = {1};
	struct setup t;
	time_t begin;
	int fd;

	(void)state;
	setup_start(&t, fixture_file(SIZE));
	make_ext4(t.node);
	assert_int_equal(mount(t.node, t.mountpoint, "ext4", MS_NOSUID | MS_NODEV, ""), 0);
	(void)snprintf(path, sizeof(path), "%s/file", t.mountpoint);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(pwrite(fd, block, sizeof(block), 0), sizeof(block));
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(pwrite(fd, block, sizeof(block), 8192), sizeof(block));
	begin = time(NULL);
	assert_int_equal(kill(t.v.pid, SIGKILL), 0);
	assert_int_equal(serve_wait_exit(&t.v, 5000), 128 + SIGKILL);
	assert_int_equal(fsync(fd), -1);
	assert_int_equal(errno, EIO);
	assert_true(time(NULL) - begin < 5);
	close(fd);
	assert_int_equal(umount2(t.mountpoint, 0), 0);
	close(t.loop);
	for (int i = 0; umount2(t.v.dir, 0) < 0 && i < 500; i++)
		nanosleep(&tick, NULL);
	(void)rmdir(t.v.dir);
	(void)rmdir(t.mountpoint);
	close(t.backing);
}

static const char *loop_missing(void)
{
	char node[32];
	int file, loop;

	if (serve_missing())
		return serve_missing();
	file = memfd_create("probe", MFD_CLOEXEC);
	if (ftruncate(file, MIB) < 0)
		return "no memory file";
	loop = loop_attach(file, 512, 0, node);
	close(file);
	if (loop < 0)
		return "no loop device can be attached";
	close(loop);
	return run("mke2fs -V >/dev/null 2>&1") == 0 ? NULL : "mke2fs is missing";
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blkzeroout_reads_back_as_zeros),
		cmocka_unit_test(a_filesystem_made_on_the_file_is_clean),
		cmocka_unit_test(allocated_ranges_of_ext4_read_zeros),
		cmocka_unit_test(every_fsync_reaches_the_device_below),
		cmocka_unit_test(killed_under_a_filesystem_it_gives_eio),
	};

	if (loop_missing()) {
		print_message("skipped: %s\n", loop_missing());
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
