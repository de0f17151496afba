// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Eight threads that attach, detach, open, mount, note, resize, list and read events, all at once.
 *
 *   cdkstorm SECONDS FOLDER IMAGE
 * FOLDER has room for the backing files. IMAGE is a small file system image that a thread mounts (a
 * copy of it), or "-". The answers must be among those that the race allows. In the end every disk
 * is forced away and LIST is empty; prints how often what was done.
 */
#include "cdk.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define SIZE (1 << 20)

static const char *folder, *image;
static uint64_t end;
static _Atomic unsigned long attached, detached, opened, mounted, events, failures;

struct self {
	uint64_t random;
	int number, control;
};

static bool going(void)
{
	return cdk_now_ms() < end && !failures;
}

static bool is_one_of(int r, const int *allowed)
{
	for (; *allowed != 1; allowed++)
		if (r == *allowed)
			return true;
	return false;
}

/* ALLOW(r, what, errors...): success and these are what a race may bring. */
#define ALLOW(r, what, ...)                                              \
	do {                                                             \
		int got = (r);                                           \
                                                                         \
		if (!is_one_of(got, (const int[]){0, __VA_ARGS__, 1})) { \
			failures++;                                      \
			printf("%s: %s\n", what, cdk_error(got));        \
		}                                                        \
	} while (0)

static int detach(struct self *self, uint32_t index, uint64_t generation, uint32_t how)
{
	struct cryptdisk_target t = cdk_target(index, generation, how);
	int r = cdk_ioctl(self->control, CRYPTDISK_IOC_DETACH, &t);

	detached += !r;
	return r;
}

static int note(struct self *self, uint32_t index, uint64_t generation, uint32_t what)
{
	struct cryptdisk_note n = {.size = sizeof(n),
		.index = index,
		.generation = generation,
		.what = what,
		.mnt_id = 1,
		.mnt_ns = 2};

	return cdk_ioctl(self->control, CRYPTDISK_IOC_NOTE, &n);
}

static int backing(struct self *self, const char *kind)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s-%d", folder, kind, self->number);
	fd = open(path,
		O_RDWR | O_CREAT | O_CLOEXEC | (cdk_random(&self->random) & 1 ? O_DIRECT : 0),
		0600);
	if (fd < 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || (!strcmp(kind, "disk") && ftruncate(fd, SIZE))) {
		perror(path);
		exit(2);
	}
	return fd;
}

/* 0, or what open(2) said */
static int node(uint32_t index, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/cryptdisk%u", index);
	fd = open(path, flags | O_CLOEXEC);
	opened += fd >= 0;
	return fd;
}

static void *attacher(void *data)
{
	struct self *self = data;

	while (going()) {
		int fd = backing(self, "disk"), disk = -1, r;
		uint64_t n = cdk_random(&self->random);
		struct cryptdisk_attach a =
			cdk_attach(fd, 10 + self->number, n & 31 & ~CRYPTDISK_F_DUP_ID);

		r = cdk_ioctl(self->control, CRYPTDISK_IOC_ATTACH, &a);
		close(fd);
		ALLOW(r, "attach", -EEXIST, -EBUSY);
		if (r)
			continue;
		attached++;
		if (n & 32)
			disk = node(a.index, n & 64 ? O_RDONLY | O_EXCL : O_RDONLY);
		if (n & 128)
			ALLOW(note(self, a.index, a.generation, CRYPTDISK_EV_MOUNTED), "mounted",
				-ENXIO, -ENODEV, -ESTALE, -EALREADY);
		r = detach(self, a.index, a.generation, (n >> 8) % 3);
		ALLOW(r, "detach", -EBUSY, -EINPROGRESS, -EALREADY, -ENODEV, -ESTALE);
		if (disk >= 0)
			close(disk);
		ALLOW(detach(self, a.index, a.generation, CRYPTDISK_DETACH_FORCE), "force",
			-EALREADY, -ENODEV, -ESTALE);
	}
	return NULL;
}

static void *opener(void *data)
{
	struct self *self = data;
	static const int flags[] = {O_RDONLY, O_RDWR, O_RDONLY | O_EXCL, O_RDWR | O_DIRECT};
	char *block = aligned_alloc(4096, 4096);
	ssize_t ignored;

	while (going()) {
		uint64_t n = cdk_random(&self->random);
		int fd = node(n % 6, flags[(n >> 4) % 4]);

		if (fd < 0)
			continue;
		memset(block, 0, 4096);
		ignored = pread(fd, block, 4096, (off_t)((n >> 8) % 200) * 4096);
		if ((n >> 4) % 2) {
			ignored = pwrite(fd, block, 4096, 65536 + (off_t)((n >> 8) % 100) * 4096);
			fsync(fd);
		}
		(void)ignored;
		close(fd);
	}
	free(block);
	return NULL;
}

static uint32_t one_of_them(struct self *self, uint32_t *indices, uint32_t room)
{
	struct cryptdisk_list l = {.size = sizeof(l), .count = room, .indices = (uintptr_t)indices};

	ALLOW(cdk_ioctl(self->control, CRYPTDISK_IOC_LIST, &l), "list", 0);
	if (l.count > room)
		l.count = room;
	return l.count ? indices[cdk_random(&self->random) % l.count] : 0;
}

static void *lister(void *data)
{
	struct self *self = data;
	uint32_t indices[16];

	while (going()) {
		struct cryptdisk_status s = {
			.size = sizeof(s), .index = one_of_them(self, indices, 16)};

		ALLOW(cdk_ioctl(self->control, CRYPTDISK_IOC_STATUS, &s), "status", -ENODEV);
		if (s.openers > 1000 || s.length > (64u << 20)) {
			printf("status: %u openers, length %llu\n", s.openers, s.length);
			failures++;
		}
	}
	return NULL;
}

static void *changer(void *data)
{
	struct self *self = data;
	uint32_t indices[4];

	while (going()) {
		uint64_t n = cdk_random(&self->random);
		struct cryptdisk_resize z = {
			.size = sizeof(z), .index = one_of_them(self, indices, 4)};

		z.length = n & 1 ? 0 : SIZE / 2;
		ALLOW(cdk_ioctl(self->control, CRYPTDISK_IOC_RESIZE, &z), "resize", -ENODEV,
			-ENXIO);
		ALLOW(note(self, z.index, 0, n & 2 ? CRYPTDISK_EV_MOUNTED : CRYPTDISK_EV_UNMOUNTED),
			"note", -ENXIO, -ENODEV, -EALREADY);
		if (n % 8 == 0)
			ALLOW(detach(self, z.index, 0,
				      n & 32 ? CRYPTDISK_DETACH_FORCE : CRYPTDISK_DETACH_LAZY),
				"detach of another's", -EINPROGRESS, -EALREADY, -ENODEV);
	}
	return NULL;
}

static void copy_image(struct self *self)
{
	int from = open(image, O_RDONLY | O_CLOEXEC), to = backing(self, "image");
	char block[4096];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (size_t)n) != n)
			n = -1;
	if (n < 0) {
		perror(image);
		exit(2);
	}
	close(from);
	close(to);
}

static void use_mount(struct self *self, const struct cryptdisk_attach *a, const char *place)
{
	char path[600];
	int fd;

	mounted++;
	ALLOW(note(self, a->index, a->generation, CRYPTDISK_EV_MOUNTED), "mounted", -ENXIO, -ENODEV,
		-ESTALE, -EALREADY);
	snprintf(path, sizeof(path), "%s/file", place);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0) {
		if (write(fd, path, sizeof(path)) < 0 || fsync(fd))
			opened += 0; /* EIO where the disk was forced away */
		close(fd);
	}
	if (umount2(place, 0))
		umount2(place, MNT_DETACH);
}

/* Its disk goes with the mount. */
static void *mounter(void *data)
{
	struct self *self = data;
	char place[400], disk[64];

	if (!strcmp(image, "-"))
		return lister(data);
	copy_image(self);
	snprintf(place, sizeof(place), "%s/mount-%d", folder, self->number);
	mkdir(place, 0700);
	while (going()) {
		int fd = backing(self, "image");
		struct cryptdisk_attach a = cdk_attach(fd, 99, CRYPTDISK_F_AUTOCLEAR);
		int r = cdk_ioctl(self->control, CRYPTDISK_IOC_ATTACH, &a);

		close(fd);
		ALLOW(r, "attach", -EEXIST, -EBUSY);
		if (r)
			continue;
		attached++;
		snprintf(disk, sizeof(disk), "/dev/cryptdisk%u", a.index);
		if (!mount(disk, place, "ext4", 0, ""))
			use_mount(self, &a, place);
		detach(self, a.index, a.generation, CRYPTDISK_DETACH_FORCE);
	}
	return NULL;
}

static void *reader(void *data)
{
	struct self *self = data;
	struct cryptdisk_event e[8];
	int fd = cdk_control(O_RDONLY | O_NONBLOCK);
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	uint64_t seq = 0;

	while (going()) {
		__u64 mask = cdk_random(&self->random) | 6;
		ssize_t n;

		cdk_ioctl(fd, CRYPTDISK_IOC_EVMASK, &mask);
		if (poll(&poller, 1, 20) <= 0)
			continue;
		n = read(fd, e, sizeof(e[0]) * (1 + mask % 8));
		for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(e[0]); i++) {
			if (e[i].seq <= seq || e[i].size != sizeof(e[0])) {
				printf("reader: seq %llu after %llu\n",
					(unsigned long long)e[i].seq, (unsigned long long)seq);
				failures++;
			}
			seq = e[i].seq;
			events++;
		}
	}
	close(fd);
	return NULL;
}

static int all_gone(void)
{
	struct self self = {.random = 1, .control = cdk_control(O_RDWR)};
	struct cryptdisk_list l = {.size = sizeof(l)};
	uint32_t indices[64];
	uint64_t limit = cdk_now_ms() + 30000;

	do {
		one_of_them(&self, indices, 64);
		l.count = 64;
		l.indices = (uintptr_t)indices;
		cdk_ioctl(self.control, CRYPTDISK_IOC_LIST, &l);
		for (uint32_t i = 0; i < l.count && i < 64; i++)
			detach(&self, indices[i], 0, CRYPTDISK_DETACH_FORCE);
	} while (l.count && cdk_now_ms() < limit);
	return l.count ? 1 : 0;
}

int main(int argc, char **argv)
{
	void *(*const roles[])(void *) = {
		attacher, attacher, attacher, opener, lister, changer, mounter, reader};
	struct self selves[8];
	pthread_t threads[8];
	int left;

	if (argc != 4)
		return 2;
	end = cdk_now_ms() + strtoull(argv[1], NULL, 10) * 1000;
	folder = argv[2];
	image = argv[3];
	for (int i = 0; i < 8; i++) {
		selves[i] = (struct self){.random = 0x9e3779b97f4a7c15ull * (unsigned int)(i + 1),
			.number = i,
			.control = cdk_control(O_RDWR)};
		pthread_create(&threads[i], NULL, roles[i], &selves[i]);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	left = all_gone();
	printf("%lu attached, %lu detached, %lu opened, %lu mounted, %lu events, %lu failures%s\n",
		attached, detached, opened, mounted, events, failures, left ? ", disks left" : "");
	/* A storm in which something never happened was none. */
	return failures || left || !attached || !detached || !opened || !events ||
	       (strcmp(image, "-") != 0 && !mounted);
}
