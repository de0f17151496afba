// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's ioctls from a shell. Prints the error's name and exits with 1 when one is refused.
 *
 *   cdkctl attach [OPTION...] FILE    prints INDEX GENERATION; FILE may be fd:N
 *     -i N (ID of that byte) -L LABEL -b BLOCK_SIZE -o OFFSET -l LENGTH -q QUEUES -f FLAGS
 *     -r (RDONLY, opened so) -d (O_DIRECT) -m ro|wo|rw|path (how it is opened) -v (the whole reply)
 *     -c CMD... (at the end: the program that runs with the descriptor still open)
 *   cdkctl detach [-f] [-l] [-g GENERATION] INDEX
 *   cdkctl status [-g GENERATION] INDEX      NAME=VALUE a line
 *   cdkctl resize [-g GENERATION] INDEX LENGTH
 *   cdkctl note [-g GENERATION] INDEX mounted|unmounted [MNT_ID MNT_NS]
 *   cdkctl list [ROOM]                       how many, then the indices
 *   cdkctl abi
 *   cdkctl cycle N FILE                      attached and forced away N times
 * INDEX may be written cryptdiskN. -R: the control node is opened for reading only.
 */
#include "cdk.h"
#include <getopt.h>

static struct {
	struct cryptdisk_attach attach;
	const char *mode;
	uint64_t generation;
	uint32_t detach;
	bool direct, verbose;
	int control; /* flags to open the node with */
} option = {.attach = {.size = sizeof(struct cryptdisk_attach), .fd = -1},
	.mode = "rw",
	.control = O_RDWR};

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (end != text && *end == 'M' && ++end)
		n <<= 20;
	if (end == text || *end) {
		fprintf(stderr, "%s is no number\n", text);
		exit(2);
	}
	return n;
}

static uint32_t index_of(const char *text)
{
	return (uint32_t)number(strncmp(text, "cryptdisk", 9) ? text : text + 9);
}

static int answer(int r)
{
	if (r < 0)
		printf("%s\n", cdk_error(r));
	return r < 0;
}

static int open_backing(const char *file)
{
	static const struct {
		const char *name;
		int flags;
	} modes[] = {{"rw", O_RDWR}, {"ro", O_RDONLY}, {"wo", O_WRONLY}, {"path", O_PATH}};
	int fd, flags = O_RDWR;

	if (!strncmp(file, "fd:", 3))
		return (int)strtol(file + 3, NULL, 10);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(modes[i].name, option.mode))
			flags = modes[i].flags;
	fd = open(file, flags | O_CLOEXEC | (option.direct ? O_DIRECT : 0));
	if (fd < 0) {
		perror(file);
		exit(2);
	}
	return fd;
}

static void print_id(const unsigned char *id)
{
	printf("volume_id=");
	for (int i = 0; i < CRYPTDISK_ID_LEN; i++)
		printf("%02x", id[i]);
	printf("\n");
}

static int do_attach(int argc, char **argv)
{
	struct cryptdisk_attach *a = &option.attach;
	int r;

	if (argc < 1)
		return 2;
	a->fd = open_backing(argv[0]);
	r = cdk_ioctl(cdk_control(option.control), CRYPTDISK_IOC_ATTACH, a);
	if (r < 0)
		return answer(r);
	printf("%u %llu\n", a->index, a->generation);
	if (option.verbose)
		printf("flags=%u\nblock_size=%u\nlength=%llu\nqueues=%u\ndevt=%llu\n", a->flags,
			a->block_size, a->length, a->queues, a->devt);
	fflush(stdout);
	if (argc > 1) {
		fcntl(a->fd, F_SETFD, 0);
		execvp(argv[1], argv + 1);
		return 2;
	}
	return 0;
}

static int do_detach(int argc, char **argv)
{
	struct cryptdisk_target t;

	if (argc != 1)
		return 2;
	t = cdk_target(index_of(argv[0]), option.generation, option.detach);
	return answer(cdk_ioctl(cdk_control(option.control), CRYPTDISK_IOC_DETACH, &t));
}

static int do_status(int argc, char **argv)
{
	struct cryptdisk_status s = {.size = sizeof(s), .generation = option.generation};
	int r;

	if (argc != 1)
		return 2;
	s.index = index_of(argv[0]);
	r = cdk_ioctl(cdk_control(O_RDONLY), CRYPTDISK_IOC_STATUS, &s);
	if (r < 0)
		return answer(r);
	printf("flags=%u\nindex=%u\nblock_size=%u\noffset=%llu\nlength=%llu\nlabel=%s\ndevt=%llu\n"
	       "generation=%llu\nbacking_dev=%llu\nbacking_ino=%llu\nopeners=%u\nio_errors=%llu\n",
		s.flags, s.index, s.block_size, s.offset, s.length, s.label, s.devt, s.generation,
		s.backing_dev, s.backing_ino, s.openers, s.io_errors);
	print_id(s.volume_id);
	return 0;
}

static int do_resize(int argc, char **argv)
{
	struct cryptdisk_resize z = {.size = sizeof(z), .generation = option.generation};

	if (argc != 2)
		return 2;
	z.index = index_of(argv[0]);
	z.length = number(argv[1]);
	return answer(cdk_ioctl(cdk_control(option.control), CRYPTDISK_IOC_RESIZE, &z));
}

static int do_note(int argc, char **argv)
{
	struct cryptdisk_note n = {.size = sizeof(n), .generation = option.generation};

	if (argc < 2)
		return 2;
	n.index = index_of(argv[0]);
	n.what = strcmp(argv[1], "mounted") ? CRYPTDISK_EV_UNMOUNTED : CRYPTDISK_EV_MOUNTED;
	n.mnt_id = argc > 2 ? number(argv[2]) : 0;
	n.mnt_ns = argc > 3 ? number(argv[3]) : 0;
	return answer(cdk_ioctl(cdk_control(option.control), CRYPTDISK_IOC_NOTE, &n));
}

static int do_list(int argc, char **argv)
{
	static uint32_t indices[65536];
	struct cryptdisk_list l = {.size = sizeof(l), .indices = (uintptr_t)indices};
	uint32_t room = 65536;
	int r;

	if (argc)
		room = (uint32_t)number(argv[0]);
	l.count = room;
	r = cdk_ioctl(cdk_control(O_RDONLY), CRYPTDISK_IOC_LIST, &l);
	if (r < 0)
		return answer(r);
	printf("%u", l.count);
	for (uint32_t i = 0; i < l.count && i < room; i++)
		printf(" %u", indices[i]);
	printf("\n");
	return 0;
}

static int do_abi(int argc, char **argv)
{
	(void)argv;
	if (argc)
		return 2;
	printf("%d\n", cdk_ioctl(cdk_control(O_RDONLY), CRYPTDISK_IOC_ABI, NULL));
	return 0;
}

static int do_cycle(int argc, char **argv)
{
	struct cryptdisk_attach a = option.attach;
	struct cryptdisk_target t;
	int r = 0, control = cdk_control(O_RDWR);

	if (argc != 2)
		return 2;
	a.fd = open_backing(argv[1]);
	for (uint64_t n = number(argv[0]); n && !r; n--) {
		r = cdk_ioctl(control, CRYPTDISK_IOC_ATTACH, &a);
		t = cdk_target(a.index, a.generation, CRYPTDISK_DETACH_FORCE);
		if (!r)
			r = cdk_ioctl(control, CRYPTDISK_IOC_DETACH, &t);
	}
	return answer(r);
}

static void take_option(int c)
{
	struct cryptdisk_attach *a = &option.attach;

	switch (c) {
	case 'i':
		memset(a->volume_id, (int)number(optarg), sizeof(a->volume_id));
		break;
	case 'L':
		strncpy(a->label, optarg, sizeof(a->label) - 1);
		break;
	case 'b':
		a->block_size = (uint32_t)number(optarg);
		break;
	case 'o':
		a->offset = number(optarg);
		break;
	case 'q':
		a->queues = (uint32_t)number(optarg);
		break;
	case 'd':
		option.direct = true;
		break;
	case 'm':
		option.mode = optarg;
		break;
	case 'r':
		a->flags |= CRYPTDISK_F_RDONLY;
		option.mode = "ro";
		break;
	case 'v':
		option.verbose = true;
		break;
	case 'g':
		option.generation = number(optarg);
		break;
	case 'R':
		option.control = O_RDONLY;
		break;
	default:
		exit(2);
	}
}

/* -f and -l mean something else to attach and to detach. */
static void take_options(int argc, char **argv, bool detach)
{
	const char *known = detach ? "+flg:R" : "+i:L:b:o:l:q:f:dm:rvg:R";
	int c;

	while ((c = getopt(argc, argv, known)) != -1) {
		if (c == 'f' && detach)
			option.detach |= CRYPTDISK_DETACH_FORCE;
		else if (c == 'l' && detach)
			option.detach |= CRYPTDISK_DETACH_LAZY;
		else if (c == 'f')
			option.attach.flags |= (uint32_t)number(optarg);
		else if (c == 'l')
			option.attach.length = number(optarg);
		else
			take_option(c);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} verbs[] = {{"attach", do_attach}, {"detach", do_detach}, {"status", do_status},
		{"resize", do_resize}, {"note", do_note}, {"list", do_list}, {"abi", do_abi},
		{"cycle", do_cycle}};

	if (argc < 2)
		return 2;
	memset(option.attach.volume_id, 1, sizeof(option.attach.volume_id));
	take_options(argc - 1, argv + 1, !strcmp(argv[1], "detach"));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].name, argv[1]))
			return verbs[i].run(argc - 1 - optind, argv + 1 + optind);
	return 2;
}
