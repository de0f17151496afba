// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lets every allocation and every copy from and to the caller fail once, one after the other, in
 * one request to the module, on a kernel with fault injection. After each of them the module must
 * be as if the request had been refused, or as if it had been done.
 *
 *   cdkfaults [-d] WHAT FILE     WHAT: attach detach force status list resize note mask open read
 *     -d: FILE is opened with O_DIRECT
 *   cdkfaults [-d] cycles N FILE     attaches and detaches N times, without faults
 * Prints a line for every answer that was seen, with how often. 0 = all as it must be, and more
 * than no fault was there.
 */
#include "cdk.h"
#include <poll.h>

#define MAX_FAULTS 5000
#define WAIT_MS 60000

static int control, nth_file, backing;
static struct cryptdisk_attach disk;
static int seen[256]; /* how often each errno was answered */

static void die(const char *what, int r)
{
	printf("%s: %s\n", what, cdk_error(r));
	exit(1);
}

/* The write itself copies from the caller: it may be what fails. */
static void fail_nth(int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n);

	while (pwrite(nth_file, text, (size_t)length, 0) != length) {
	}
}

/* True when the fault has been used up. */
static bool faulted(void)
{
	char text[16] = "";
	ssize_t n = pread(nth_file, text, sizeof(text) - 1, 0);

	fail_nth(0);
	return n > 0 && atoi(text) == 0;
}

static uint32_t n_disks(void)
{
	struct cryptdisk_list list = {.size = sizeof(list)};
	int r = cdk_ioctl(control, CRYPTDISK_IOC_LIST, &list);

	if (r)
		die("LIST", r);
	return list.count;
}

static void attach(void)
{
	int r;

	disk = cdk_attach(backing, 0xfa, 0);
	r = cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &disk);
	if (r)
		die("ATTACH without a fault", r);
}

static void all_gone(const char *after, int r)
{
	struct cryptdisk_target target =
		cdk_target(disk.index, disk.generation, CRYPTDISK_DETACH_FORCE);
	uint64_t end = cdk_now_ms() + WAIT_MS;

	while (n_disks()) {
		if (cdk_now_ms() > end)
			die(after, r);
		if (disk.generation)
			cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &target);
		usleep(1000);
	}
}

static int try_attach(void)
{
	int r;

	disk = cdk_attach(backing, 0xfa, 0);
	r = cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &disk);
	if (r) /* the disk goes by itself, if there was one */
		disk.generation = 0;
	return r;
}

static int detach_with(uint32_t flags)
{
	struct cryptdisk_target target = cdk_target(disk.index, disk.generation, flags);

	return cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &target);
}

static int try_detach(void)
{
	return detach_with(0);
}

static int try_force(void)
{
	return detach_with(CRYPTDISK_DETACH_FORCE);
}

static int try_status(void)
{
	struct cryptdisk_status status = {.size = sizeof(status), .index = disk.index};

	return cdk_ioctl(control, CRYPTDISK_IOC_STATUS, &status);
}

static int try_list(void)
{
	uint32_t room[4];
	struct cryptdisk_list list = {
		.size = sizeof(list), .count = 4, .indices = (uint64_t)(uintptr_t)room};

	return cdk_ioctl(control, CRYPTDISK_IOC_LIST, &list);
}

static int try_resize(void)
{
	struct cryptdisk_resize resize = {
		.size = sizeof(resize), .index = disk.index, .length = 1 << 20};

	return cdk_ioctl(control, CRYPTDISK_IOC_RESIZE, &resize);
}

static int try_note(void)
{
	struct cryptdisk_note note = {
		.size = sizeof(note), .index = disk.index, .what = CRYPTDISK_EV_UNMOUNTED};

	return cdk_ioctl(control, CRYPTDISK_IOC_NOTE, &note);
}

static int try_mask(void)
{
	uint64_t all = ~UINT64_C(0);

	return cdk_ioctl(control, CRYPTDISK_IOC_EVMASK, &all);
}

static int try_open(void)
{
	int fd = open(CRYPTDISK_CONTROL, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int try_read(void)
{
	struct cryptdisk_event events[4];

	return read(control, events, sizeof(events)) < 0 ? -errno : 0;
}

static const struct attempt {
	const char *name;
	int (*run)(void);
	bool on_disk; /* one is attached before each */
	int also;     /* another answer that a fault may have, or that is always there */
	bool always;
} attempts[] = {
	/* device_add() says so of a disk whose name found no memory */
	{"attach", try_attach, false, -EINVAL, false},
	{"detach", try_detach, true, 0, false},
	{"force", try_force, true, 0, false},
	{"status", try_status, true, 0, false},
	{"list", try_list, true, 0, false},
	{"resize", try_resize, true, 0, false},
	{"note", try_note, true, -EALREADY, true},
	{"mask", try_mask, false, 0, false},
	{"open", try_open, false, 0, false},
	{"read", try_read, true, 0, false},
};

static int every_step(const struct attempt *attempt)
{
	bool more = true;
	int n, r;

	for (n = 1; more && n < MAX_FAULTS; n++) {
		if (attempt->on_disk)
			attach();
		fail_nth(n);
		r = attempt->run();
		more = faulted();
		seen[-r & 255]++;
		if (r && r != attempt->also && r != -ENOMEM && r != -EFAULT)
			die(attempt->name, r);
		if (r && !attempt->always && !more)
			die("without a fault", r);
		all_gone("a disk stays after", r);
	}
	for (r = 0; r < 256; r++)
		if (seen[r])
			printf("%s: %d times %s\n", attempt->name, seen[r], cdk_error(-r));
	printf("%s: %d faults\n", attempt->name, n - 2);
	return n <= 2 || more;
}

static int cycles(int n)
{
	while (n--) {
		attach();
		all_gone("cycles", 0);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int direct = argc > 1 && !strcmp(argv[1], "-d");
	size_t i;

	argv += direct;
	argc -= direct;
	if (argc < 3)
		return 2;
	control = cdk_control(O_RDWR | O_NONBLOCK);
	nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	backing = open(argv[argc - 1], O_RDWR | O_CLOEXEC | (direct ? O_DIRECT : 0));
	if (backing < 0)
		die(argv[argc - 1], -errno);
	if (argc > 3 && !strcmp(argv[1], "cycles"))
		return cycles(atoi(argv[2]));
	if (nth_file < 0)
		die("fail-nth", -errno);
	for (i = 0; i < sizeof(attempts) / sizeof(*attempts); i++)
		if (!strcmp(attempts[i].name, argv[1]))
			return every_step(&attempts[i]);
	return 2;
}
