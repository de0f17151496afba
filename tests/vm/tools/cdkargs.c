// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the module answers to arguments that no program of ours would give.
 *
 *   cdkargs sizes|flags|values|labels|files|refused|race|reply|narrow FILE
 * FILE is a backing of at least 1 MiB. A line for every answer that was another one than expected;
 * exit 1 if there was one. Whatever is refused must leave no disk and no event, and the caller's
 * descriptor as it was.
 */
#include "cdk.h"
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define NO_DISK 4000000u

static const char *file;
static int control, backing, failures;

static const struct request {
	const char *name;
	unsigned long number;
	unsigned int size;
	int without_disk; /* the answer to an otherwise good request, index NO_DISK, fd -1 */
	bool replies;
} requests[] = {
	{"ATTACH", CRYPTDISK_IOC_ATTACH, sizeof(struct cryptdisk_attach), -EBADF, true},
	{"DETACH", CRYPTDISK_IOC_DETACH, sizeof(struct cryptdisk_target), -ENODEV, false},
	{"STATUS", CRYPTDISK_IOC_STATUS, sizeof(struct cryptdisk_status), -ENODEV, true},
	{"RESIZE", CRYPTDISK_IOC_RESIZE, sizeof(struct cryptdisk_resize), -ENODEV, false},
	{"NOTE", CRYPTDISK_IOC_NOTE, sizeof(struct cryptdisk_note), -ENODEV, false},
	{"LIST", CRYPTDISK_IOC_LIST, sizeof(struct cryptdisk_list), 0, true},
};
#define N_REQUESTS (sizeof(requests) / sizeof(*requests))

static void expect(int got, int want, const char *what, long detail)
{
	if (got == want)
		return;
	failures++;
	printf("%s %ld: %s, expected %s\n", what, detail, cdk_error(got), cdk_error(want));
}

/* A request that is good but for its disk, in at least r->size bytes. */
static void fill(const struct request *r, void *buffer)
{
	memset(buffer, 0, r->size);
	if (r->number == CRYPTDISK_IOC_ATTACH) {
		struct cryptdisk_attach a = cdk_attach(-1, 9, 0);

		memcpy(buffer, &a, sizeof(a));
	} else if (r->number != CRYPTDISK_IOC_LIST) {
		memcpy((char *)buffer + 4, &(uint32_t){NO_DISK}, 4);
	}
	/* STATUS has its index behind the flags. */
	if (r->number == CRYPTDISK_IOC_STATUS) {
		struct cryptdisk_status s = {.index = NO_DISK};

		memcpy(buffer, &s, sizeof(s));
	}
	if (r->number == CRYPTDISK_IOC_NOTE)
		((struct cryptdisk_note *)buffer)->what = CRYPTDISK_EV_UNMOUNTED;
}

static int ask(const struct request *r, void *at, uint32_t size)
{
	memcpy(at, &size, sizeof(size));
	return cdk_ioctl(control, r->number, at);
}

/* Pages of which the last cannot be touched: what ends at `end` cannot be overstepped. */
static char *guarded(char **end)
{
	char *pages =
		mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || mprotect(pages + 2 * 4096, 4096, PROT_NONE))
		exit(2);
	*end = pages + 2 * 4096;
	return pages;
}

static void one_size(const struct request *r, char *pages, char *end, uint32_t size)
{
	static const char zero[8192];
	char *at = end - (size < 4 ? 4 : size);
	int want = size < r->size ? -EINVAL : r->without_disk;

	memset(pages, 0, 2 * 4096);
	if (size < r->size) { /* as much of it as there is room for */
		char whole[256];

		fill(r, whole);
		memcpy(at, whole, (size_t)(end - at));
	} else {
		fill(r, at);
	}
	expect(ask(r, at, size), want, r->name, size);
	if (memcmp(pages, zero, (size_t)(at - pages)))
		expect(0, 1, "bytes before the struct", size);
	if (size <= r->size)
		return;
	fill(r, at);
	end[-1] = 1; /* a field that this kernel does not know */
	expect(ask(r, at, size), -E2BIG, r->name, size);
}

static void sizes(void)
{
	char *end, *pages = guarded(&end);

	for (size_t i = 0; i < N_REQUESTS; i++) {
		const struct request *r = &requests[i];
		const uint32_t huge[] = {4097, 65536, INT_MAX, 1u << 31, UINT_MAX};

		expect(cdk_ioctl(control, r->number, NULL), -EFAULT, "null", (long)i);
		expect(cdk_ioctl(control, r->number, end), -EFAULT, "no memory", (long)i);
		for (uint32_t size = 0; size <= 512; size++)
			one_size(r, pages, end, size);
		one_size(r, pages, end, 4095);
		one_size(r, pages, end, 4096);
		for (size_t n = 0; n < sizeof(huge) / sizeof(*huge); n++) {
			fill(r, end - 4096);
			expect(ask(r, end - 4096, huge[n]), -EINVAL, r->name, huge[n]);
		}
		fill(r, end - r->size); /* says more than there is */
		expect(ask(r, end - r->size, 4096), -EFAULT, "short memory", (long)i);
		for (int shift = 1; shift < 8; shift++) {
			fill(r, pages + shift);
			expect(ask(r, pages + shift, r->size), r->without_disk, "unaligned", shift);
		}
	}
}

static void pads(void)
{
	struct cryptdisk_target t = cdk_target(NO_DISK, 0, 0);
	struct cryptdisk_status s = {.size = sizeof(s), .index = NO_DISK, .pad = 1};
	struct cryptdisk_note n = {
		.size = sizeof(n), .index = NO_DISK, .what = CRYPTDISK_EV_MOUNTED, .pad = 1};

	t.pad = 1;
	expect(cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &t), -EINVAL, "pad of target", 1);
	expect(cdk_ioctl(control, CRYPTDISK_IOC_STATUS, &s), -EINVAL, "pad of status", 1);
	expect(cdk_ioctl(control, CRYPTDISK_IOC_NOTE, &n), -EINVAL, "pad of note", 1);
	n.pad = 0;
	for (n.what = 0; n.what < 70; n.what++)
		if (n.what != CRYPTDISK_EV_MOUNTED && n.what != CRYPTDISK_EV_UNMOUNTED)
			expect(cdk_ioctl(control, CRYPTDISK_IOC_NOTE, &n), -EINVAL, "what", n.what);
}

static void flags(void)
{
	struct cryptdisk_list list = {.size = sizeof(list)};

	for (int bit = 0; bit < 32; bit++) {
		struct cryptdisk_attach a = cdk_attach(-1, 9, 1u << bit);
		struct cryptdisk_target t = cdk_target(NO_DISK, 0, 1u << bit);

		expect(cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &a), bit < 5 ? -EBADF : -EINVAL,
			"attach flag", bit);
		expect(cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &t), bit < 2 ? -ENODEV : -EINVAL,
			"detach flag", bit);
	}
	pads();
	for (unsigned int nr = 8; nr < 256; nr++)
		expect(cdk_ioctl(control, _IOWR(CRYPTDISK_IOC, nr, struct cryptdisk_attach), &list),
			-ENOTTY, "number", nr);
	for (unsigned int type = 0; type < 256; type++)
		if (type != CRYPTDISK_IOC && type != 'T' && type != 'f' && type != 'X')
			expect(cdk_ioctl(control, _IOC(_IOC_READ, type, 6, 16), &list), -ENOTTY,
				"type", type);
	for (unsigned int size = 0; size < 512;
		size += 17) /* the size in the number means nothing */
		expect(cdk_ioctl(control, _IOC(_IOC_READ, CRYPTDISK_IOC, 6, size), &list), 0,
			"size bits", size);
	expect(cdk_ioctl(control, CRYPTDISK_IOC_EVMASK, NULL), -EFAULT, "EVMASK null", 0);
	expect(cdk_ioctl(control, CRYPTDISK_IOC_ABI, NULL), CRYPTDISK_ABI, "ABI", 0);
}

static void attach_expect(struct cryptdisk_attach a, int want, const char *what, long detail)
{
	int r = cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &a);
	struct cryptdisk_target t = cdk_target(a.index, a.generation, CRYPTDISK_DETACH_FORCE);

	expect(r, want, what, detail);
	if (!r)
		expect(cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &t), 0, "detach after", detail);
	if (fcntl(backing, F_GETFD) != FD_CLOEXEC)
		expect(0, 1, "the descriptor changed", detail);
}

static void values(void)
{
	static const uint32_t bad_blocks[] = {
		1, 2, 256, 511, 513, 768, 1023, 4095, 8192, 1u << 31, UINT_MAX};
	static const uint64_t bad_places[] = {
		1, 511, 513, (1ull << 63), UINT64_MAX, UINT64_MAX - 511};
	struct cryptdisk_attach a = cdk_attach(backing, 9, 0);

	for (size_t i = 0; i < sizeof(bad_blocks) / sizeof(*bad_blocks); i++) {
		a.block_size = bad_blocks[i];
		attach_expect(a, -EINVAL, "block_size", bad_blocks[i]);
	}
	for (a.block_size = 512; a.block_size <= 4096; a.block_size *= 2)
		attach_expect(a, 0, "block_size", a.block_size);
	a.block_size = 0;
	for (size_t i = 0; i < sizeof(bad_places) / sizeof(*bad_places); i++) {
		a = cdk_attach(backing, 9, 0);
		a.offset = bad_places[i];
		attach_expect(a, -EINVAL, "offset", (long)i);
		a.offset = 0;
		a.length = bad_places[i];
		attach_expect(a, -EINVAL, "length", (long)i);
	}
	a = cdk_attach(backing, 9, 0);
	a.block_size = 4096;
	a.offset = 512;
	attach_expect(a, -EINVAL, "offset of no whole block", 512);
	a.offset = (uint64_t)LLONG_MAX & ~4095ull;
	attach_expect(a, -ENOSPC, "offset far behind the end", 0);
	a.length = a.offset;
	attach_expect(a, -ENOSPC, "both far behind", 0);
	a.offset = 0;
	attach_expect(a, -ENOSPC, "length far behind", 0);
	a = cdk_attach(backing, 9, 0);
	a.queues = CRYPTDISK_MAX_QUEUES;
	attach_expect(a, 0, "queues", a.queues);
	a.queues++;
	attach_expect(a, -EINVAL, "queues", a.queues);
	a.queues = UINT_MAX;
	attach_expect(a, -EINVAL, "queues", -1);
	a = cdk_attach(backing, 0, 0);
	attach_expect(a, -EINVAL, "nil ID", 0);
	a.volume_id[15] = 1;
	attach_expect(a, 0, "ID of one bit", 0);
}

static void label_expect(const char *label, size_t n, int want, const char *what)
{
	struct cryptdisk_attach a = cdk_attach(backing, 9, 0);

	memcpy(a.label, label, n);
	attach_expect(a, want, what, (long)n);
}

static void labels(void)
{
	char label[64];

	memset(label, 'x', sizeof(label));
	label_expect(label, 0, 0, "label of length");
	label_expect(label, 1, 0, "label of length");
	label_expect(label, 62, 0, "label of length");
	label_expect(label, 63, 0, "label of length");
	label_expect(label, 64, -EINVAL, "label of length");
	for (int c = 1; c < 256; c++) {
		label[3] = (char)c;
		if (c <= ' ' || c > '~' || c == '/' || c == '\\')
			label_expect(label, 8, -EINVAL, "label with a character");
	}
	for (int c = '!', n = 0; c <= '~'; c++) {
		if (c != '/' && c != '\\')
			label[n++] = (char)c;
		if (n == 63 || c == '~') {
			label_expect(label, (size_t)n, 0, "label of good characters");
			n = 0;
		}
	}
	label_expect("ab\0cd", 5, -EINVAL, "embedded NUL");
	label_expect("ab\n", 3, -EINVAL, "newline");
	label_expect("gr\xc3\xbc\xc3\x9f", 6, -EINVAL, "UTF-8");
	memset(label, 0, sizeof(label));
	label[63] = 'x';
	label_expect(label, 64, -EINVAL, "something behind the end");
}

static void file_expect(int fd, uint32_t flags, int want, const char *what)
{
	struct cryptdisk_attach a = cdk_attach(fd, 9, flags);
	bool open = fcntl(fd, F_GETFD) >= 0;

	attach_expect(a, want, what, fd);
	if (open && fcntl(fd, F_GETFD) < 0)
		expect(0, 1, "the descriptor was closed", fd);
	if (fd > 2)
		close(fd);
}

static void special_files(void)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC))
		exit(2);
	file_expect(pair[0], CRYPTDISK_F_RDONLY, -EINVAL, "pipe");
	file_expect(pair[1], 0, -EINVAL, "pipe");
	file_expect(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), 0, -EINVAL, "socket");
	file_expect(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), CRYPTDISK_F_RDONLY, -EINVAL,
		"directory");
	file_expect(open("/dev/null", O_RDWR | O_CLOEXEC), 0, -EINVAL, "character device");
	file_expect(open("/dev/zero", O_RDWR | O_CLOEXEC), 0, -EINVAL, "character device");
	file_expect(epoll_create1(EPOLL_CLOEXEC), 0, -EINVAL, "epoll");
	file_expect(eventfd(0, EFD_CLOEXEC), 0, -EINVAL, "eventfd");
	file_expect(cdk_control(O_RDWR), 0, -EINVAL, "the control node");
	file_expect(open("/proc/self/maps", O_RDONLY | O_CLOEXEC), CRYPTDISK_F_RDONLY, -EINVAL,
		"file that cannot be read by the kernel");
}

static void files(void)
{
	struct cryptdisk_attach a = cdk_attach(backing, 5, 0);
	struct cryptdisk_target t;
	char disk[64];

	file_expect(-1, 0, -EBADF, "no descriptor");
	file_expect(INT_MIN, 0, -EBADF, "no descriptor");
	attach_expect(cdk_attach(INT_MAX, 9, 0), -EBADF, "no descriptor", INT_MAX);
	attach_expect(cdk_attach(1000, 9, 0), -EBADF, "closed descriptor", 1000);
	file_expect(open(file, O_PATH | O_CLOEXEC), 0, -EBADF, "O_PATH");
	file_expect(open(file, O_WRONLY | O_CLOEXEC), 0, -EBADF, "write-only");
	file_expect(open(file, O_WRONLY | O_CLOEXEC), CRYPTDISK_F_RDONLY, -EBADF, "write-only");
	file_expect(open(file, O_RDONLY | O_CLOEXEC), 0, -EROFS, "read-only, not asked");
	file_expect(open(file, O_RDONLY | O_CLOEXEC), CRYPTDISK_F_RDONLY, 0, "read-only");
	file_expect(
		open(file, O_RDWR | O_CLOEXEC), CRYPTDISK_F_RDONLY, 0, "read-only of a writable");
	file_expect(memfd_create("empty", MFD_CLOEXEC), 0, -ENOSPC, "empty file");
	special_files();
	expect(cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &a), 0, "attach", 0);
	snprintf(disk, sizeof(disk), "/dev/cryptdisk%u", a.index);
	file_expect(open(disk, O_RDWR | O_CLOEXEC), 0, -ELOOP, "one of our disks");
	file_expect(open(file, O_RDWR | O_CLOEXEC), 0, -EBUSY, "attached already");
	file_expect(
		open(file, O_RDONLY | O_CLOEXEC), CRYPTDISK_F_RDONLY, -EBUSY, "attached already");
	t = cdk_target(a.index, a.generation, CRYPTDISK_DETACH_FORCE);
	expect(cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &t), 0, "detach", 0);
	if (fcntl(backing, F_GETFD) < 0)
		expect(0, 1, "the descriptor was closed", backing);
}

/* A descriptor that may only look, whoever has it. */
static void refused(void)
{
	int looking = cdk_control(O_RDONLY);
	__u64 mask = 0;

	for (size_t i = 0; i < N_REQUESTS; i++) {
		const struct request *r = &requests[i];
		char buffer[256];
		bool looks = r->number == CRYPTDISK_IOC_STATUS || r->number == CRYPTDISK_IOC_LIST;

		fill(r, buffer);
		memcpy(buffer, &r->size, sizeof(r->size));
		expect(cdk_ioctl(looking, r->number, buffer), looks ? r->without_disk : -EPERM,
			r->name, 0);
		expect(cdk_ioctl(looking, r->number, NULL), looks ? -EFAULT : -EPERM, r->name, 1);
	}
	expect(cdk_ioctl(looking, CRYPTDISK_IOC_ABI, NULL), CRYPTDISK_ABI, "ABI", 0);
	expect(cdk_ioctl(looking, CRYPTDISK_IOC_EVMASK, &mask), 0, "EVMASK", 0);
}

static struct {
	_Atomic uint32_t words[2048]; /* a struct that another thread changes all the time */
	_Atomic bool stop;
} shared;

static void *flipper(void *data)
{
	uint64_t random = 88172645463325252ull;
	static const uint32_t sizes[] = {0, 16, 24, 40, 136, 160, 168, 4096, 4097, UINT_MAX};

	(void)data;
	while (!atomic_load(&shared.stop)) {
		uint64_t n = cdk_random(&random);

		atomic_store(&shared.words[0], sizes[n % 10]);
		atomic_store(&shared.words[1 + (n >> 8) % 40], (uint32_t)(n >> 32) & 1);
	}
	return NULL;
}

/* Whatever the struct was when it was read: an answer, and nothing behind it was written. */
static void race(void)
{
	uint64_t end = cdk_now_ms() + 1500;
	pthread_t thread;

	pthread_create(&thread, NULL, flipper, NULL);
	for (unsigned int i = 0; cdk_now_ms() < end; i++) {
		const struct request *r = &requests[i % N_REQUESTS];
		int got = ioctl(control, r->number, &shared.words) ? errno : 0;

		if (got && got != EINVAL && got != E2BIG && got != EBADF && got != ENODEV &&
			got != ESTALE && got != EFAULT && got != EEXIST && got != ENOSPC &&
			got != EROFS)
			expect(-got, 0, "racing", i);
		for (size_t n = 64; n < 2048; n++)
			if (shared.words[n])
				expect(0, 1, "written behind the struct", (long)n);
	}
	atomic_store(&shared.stop, true);
	pthread_join(thread, NULL);
}

/* Nothing of all that has left a disk or, but for good attachments, an event. */
static void check_traces(void)
{
	struct cryptdisk_list list = {.size = sizeof(list)};

	expect(cdk_ioctl(control, CRYPTDISK_IOC_LIST, &list), 0, "LIST", 0);
	expect((int)list.count, 0, "disks left", (long)list.count);
}

/* The answer has no place: the disk must not stay, whoever has opened it meanwhile. */
static void reply(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct cryptdisk_attach a = cdk_attach(backing, 9, 0);
	struct cryptdisk_list list = {.size = sizeof(list), .count = 8, .indices = 8};

	memcpy(page, &a, sizeof(a));
	mprotect(page, 4096, PROT_READ);
	for (int n = 0; n < 20; n++) {
		expect(cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, page), -EFAULT, "attach", n);
		check_traces();
	}
	expect(cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &a), 0, "attach", 0);
	expect(cdk_ioctl(control, CRYPTDISK_IOC_LIST, &list), -EFAULT, "list to nowhere", 0);
	cdk_ioctl(control, CRYPTDISK_IOC_DETACH,
		&(struct cryptdisk_target){
			.size = 24, .index = a.index, .flags = CRYPTDISK_DETACH_FORCE});
}

/* An ioctl as a 32-bit program makes it: the system call of that world, memory below 4 GiB. */
static int narrow_ioctl(int fd, unsigned long request, void *low)
{
	int r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(54), "b"(fd), "c"((uint32_t)request), "d"((uint32_t)(uintptr_t)low)
			 : "memory", "r8", "r9", "r10", "r11");
	return r;
}

static void narrow(void)
{
	char *low = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct cryptdisk_attach *a = (void *)low;
	struct cryptdisk_list *list = (void *)(low + 1024);
	uint32_t *indices = (void *)(low + 2048);
	struct cryptdisk_target *t = (void *)(low + 3072);

	if (low == MAP_FAILED)
		exit(2);
	expect(narrow_ioctl(control, CRYPTDISK_IOC_ABI, NULL), CRYPTDISK_ABI, "ABI", 0);
	*a = cdk_attach(backing, 9, 0);
	expect(narrow_ioctl(control, CRYPTDISK_IOC_ATTACH, a), 0, "attach", 0);
	if (a->length != 2 << 20 || !a->generation || !a->devt)
		expect(0, 1, "the reply", 0);
	*list = (struct cryptdisk_list){
		.size = sizeof(*list), .count = 8, .indices = (uintptr_t)indices};
	indices[0] = NO_DISK;
	expect(narrow_ioctl(control, CRYPTDISK_IOC_LIST, list), 0, "list", 0);
	if (list->count != 1 || indices[0] != a->index)
		expect(0, 1, "the list", list->count);
	*t = cdk_target(a->index, a->generation, CRYPTDISK_DETACH_FORCE);
	expect(narrow_ioctl(control, CRYPTDISK_IOC_DETACH, t), 0, "detach", 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
		bool silent; /* nothing succeeds: no event either */
	} verbs[] = {{"sizes", sizes, true}, {"flags", flags, true}, {"values", values, false},
		{"labels", labels, false}, {"files", files, false}, {"refused", refused, true},
		{"race", race, false}, {"reply", reply, false}, {"narrow", narrow, false}};
	struct cryptdisk_event event;
	int listener;

	if (argc != 3)
		return 2;
	file = argv[2];
	control = cdk_control(O_RDWR);
	listener = cdk_control(O_RDONLY | O_NONBLOCK);
	backing = open(file, O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verbs[i].name, argv[1]))
			continue;
		verbs[i].run();
		check_traces();
		if (verbs[i].silent && read(listener, &event, sizeof(event)) >= 0)
			expect(0, 1, "an event of", event.type);
		return failures != 0;
	}
	return 2;
}
