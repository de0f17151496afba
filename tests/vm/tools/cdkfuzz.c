// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random ioctls on the control node: numbers, sizes, fields and descriptors, half of them nearly
 * right.
 *
 *   cdkfuzz SECONDS FOLDER [SEED]
 * The kernel's log tells whether it was survived. Prints the seed, how many were made and how many
 * were accepted; that must be some, or nothing was tried.
 */
#include "cdk.h"
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define N_FILES 6

static uint64_t state;
static int descriptors[24], n_descriptors;
static unsigned long made[16], accepted[16];

static uint64_t below(uint64_t n)
{
	return cdk_random(&state) % n;
}

static void give(int fd)
{
	if (fd >= 0 && n_descriptors < 24)
		descriptors[n_descriptors++] = fd;
}

static void open_descriptors(const char *folder)
{
	char path[512];
	int pair[2];

	for (int i = 0; i < N_FILES; i++) {
		static const int flags[] = {O_RDWR, O_RDWR | O_DIRECT, O_RDONLY, O_WRONLY};

		snprintf(path, sizeof(path), "%s/file-%d", folder, i);
		close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
		if (truncate(path, 1 << 20))
			exit(2);
		give(open(path, flags[i % 4] | O_CLOEXEC));
	}
	snprintf(path, sizeof(path), "%s/file-0", folder);
	give(open(path, O_PATH | O_CLOEXEC));
	give(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	give(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	give(open("/proc/sys/kernel/printk", O_RDWR | O_CLOEXEC));
	give(epoll_create1(EPOLL_CLOEXEC));
	give(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	give(memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	if (ftruncate(descriptors[n_descriptors - 1], 65536))
		exit(2);
	if (!pipe2(pair, O_CLOEXEC))
		give(pair[0]), give(pair[1]);
	give(open("/dev/null", O_RDWR | O_CLOEXEC));
	give(cdk_control(O_RDWR));
}

/* Numbers at which something changes. */
static uint64_t edge(void)
{
	static const uint64_t edges[] = {0, 1, 2, 511, 512, 4096, 65536, 1 << 20, 0x7fffffff,
		0x80000000, 0xffffffff, 1ull << 62, (1ull << 63) - 512, 1ull << 63, ~0ull, ~511ull};

	return below(4) ? edges[below(sizeof(edges) / sizeof(*edges))] : cdk_random(&state);
}

static void nearly_right(unsigned int nr, void *buffer)
{
	struct cryptdisk_attach *a = buffer;
	struct cryptdisk_target *t = buffer;
	struct cryptdisk_status *s = buffer;
	struct cryptdisk_note *n = buffer;
	struct cryptdisk_resize *z = buffer;
	uint64_t generation = below(2) ? 0 : below(64);

	memset(buffer, 0, 4096);
	switch (nr) {
	case 1:
		*a = cdk_attach(
			descriptors[below((uint64_t)n_descriptors)], 1 + (int)below(8), below(32));
		a->block_size = below(2) ? 0 : 512u << below(5);
		a->offset = below(2) ? 0 : below(64) * 4096;
		a->length = below(2) ? 0 : below(64) * 4096;
		a->queues = (uint32_t)below(18);
		break;
	case 2:
		*t = cdk_target((uint32_t)below(6), generation, (uint32_t)below(4));
		break;
	case 3:
		*s = (struct cryptdisk_status){.size = sizeof(*s), .index = (uint32_t)below(6)};
		break;
	case 4:
		*z = (struct cryptdisk_resize){.size = sizeof(*z),
			.index = (uint32_t)below(6),
			.generation = generation,
			.length = below(2) ? 0 : below(300) * 4096};
		break;
	case 5:
		*n = (struct cryptdisk_note){.size = sizeof(*n),
			.index = (uint32_t)below(6),
			.what = 6 + (uint32_t)below(2)};
		break;
	default:
		*(struct cryptdisk_list *)buffer = (struct cryptdisk_list){.size = 16,
			.count = (uint32_t)below(8),
			.indices = (uintptr_t)buffer + 2048};
	}
}

/* Some of its fields are anything. */
static void spoil(void *buffer)
{
	for (uint64_t i = below(4); i; i--)
		if (below(2))
			((uint32_t *)buffer)[below(40)] = (uint32_t)edge();
		else
			((uint64_t *)buffer)[below(20)] = edge();
	if (!below(4))
		*(uint32_t *)buffer = (uint32_t)below(4200);
}

static void one(int control, char *buffer)
{
	unsigned int nr = (unsigned int)below(12);
	char *at = below(16) ? buffer : (char *)(uintptr_t)edge();
	char node[32];
	int fd;

	nearly_right(nr, buffer);
	if (below(2))
		spoil(buffer);
	made[nr]++;
	accepted[nr] += ioctl(control,
				_IOC(_IOC_READ | _IOC_WRITE, below(64) ? CRYPTDISK_IOC : below(256),
					nr, below(512)),
				at) >= 0;
	snprintf(node, sizeof(node), "/dev/cryptdisk%u", (unsigned int)below(4));
	fd = open(node, (below(2) ? O_RDWR : O_RDONLY | O_EXCL) | O_CLOEXEC);
	if (fd >= 0) {
		if (pread(fd, buffer, 512, (off_t)below(128) * 512) < 0)
			accepted[15]++; /* of a disk that went */
		close(fd);
	}
	read(control, buffer, below(4096)) < 0 ? accepted[15]++ : accepted[14]++;
}

static void all_gone(int control)
{
	for (uint32_t i = 0; i < 64; i++) {
		struct cryptdisk_target t = cdk_target(i, 0, CRYPTDISK_DETACH_FORCE);

		cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &t);
	}
}

int main(int argc, char **argv)
{
	char *buffer = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long total = 0, done = 0;
	uint64_t end;
	int control;

	if (argc < 3 || buffer == MAP_FAILED)
		return 2;
	state = argc > 3 ? strtoull(argv[3], NULL, 0)
			 : cdk_now_ms() * 2654435761u + (uint64_t)getpid();
	printf("seed %llu\n", (unsigned long long)state);
	fflush(stdout);
	control = cdk_control(O_RDWR | O_NONBLOCK);
	open_descriptors(argv[2]);
	for (end = cdk_now_ms() + strtoull(argv[1], NULL, 10) * 1000; cdk_now_ms() < end;)
		one(control, buffer);
	all_gone(control);
	for (int i = 0; i < 12; i++) {
		total += made[i];
		done += accepted[i];
	}
	printf("%lu made, %lu accepted, %lu attached\n", total, done, accepted[1]);
	return accepted[1] ? 0 : 1;
}
