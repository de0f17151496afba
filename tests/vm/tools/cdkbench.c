// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One measurement on a block device.
 *
 *   cdkbench sync4k|read1m|write1m COUNT SEED NODE BELOW
 * sync4k: 4 KiB at a random place and fdatasync, COUNT times. read1m, write1m: COUNT MiB one after
 * another, from the start again after the end, the writes with one fdatasync at the end. All with
 * O_DIRECT on the node. BELOW is the disk under it all (vda): its requests and flushes are counted.
 * Prints SECONDS CPU_SECONDS FLUSHES WRITES READS CPU is what all processors spent on any task, in
 * nanoseconds as the scheduler counts them.
 */
#include "cdk.h"

struct counts {
	double seconds, cpu;
	unsigned long long flushes, writes, reads;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* /proc/schedstat: the seventh number of a processor is the time that tasks ran on it. */
static double cpu_seconds(void)
{
	FILE *file = fopen("/proc/schedstat", "re");
	unsigned long long n[7], sum = 0;
	char line[512];

	if (!file)
		die("/proc/schedstat");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu%*u %llu %llu %llu %llu %llu %llu %llu", &n[0], &n[1], &n[2],
			    &n[3], &n[4], &n[5], &n[6]) == 7)
			sum += n[6];
	fclose(file);
	return (double)sum / 1e9;
}

static struct counts count(const char *below)
{
	struct counts c;
	struct timespec now;
	unsigned long long n[17];
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/block/%s/stat", below);
	file = fopen(path, "re");
	if (!file)
		die(path);
	for (int i = 0; i < 17; i++)
		if (fscanf(file, "%llu", &n[i]) != 1)
			die(path);
	fclose(file);
	c.reads = n[0];
	c.writes = n[4];
	c.flushes = n[15];
	c.cpu = cpu_seconds();
	clock_gettime(CLOCK_MONOTONIC, &now);
	c.seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	return c;
}

static void sync4k(int fd, unsigned long n, uint64_t seed, char *block)
{
	uint64_t blocks = (uint64_t)lseek(fd, 0, SEEK_END) / 4096;

	while (n--) {
		memcpy(block, &seed, sizeof(seed));
		if (pwrite(fd, block, 4096, (off_t)(cdk_random(&seed) % blocks) * 4096) != 4096)
			die("write");
		if (fdatasync(fd))
			die("fdatasync");
	}
}

static void sequence(int fd, unsigned long n, bool write, char *block)
{
	unsigned long size = (unsigned long)(lseek(fd, 0, SEEK_END) >> 20);

	for (unsigned long i = 0; i < n; i++) {
		off_t at = (off_t)(i % size) << 20;
		ssize_t done =
			write ? pwrite(fd, block, 1 << 20, at) : pread(fd, block, 1 << 20, at);

		if (done != 1 << 20)
			die(write ? "write" : "read");
	}
	if (write && fdatasync(fd))
		die("fdatasync");
}

int main(int argc, char **argv)
{
	char *block = aligned_alloc(4096, 1 << 20);
	struct counts from, to;
	unsigned long n;
	uint64_t seed;
	int fd;

	if (argc != 6 || !block)
		return 2;
	n = strtoul(argv[2], NULL, 10);
	seed = strtoull(argv[3], NULL, 10) * 2654435761u + 1;
	memset(block, 0x5a, 1 << 20);
	fd = open(argv[4], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		die(argv[4]);
	from = count(argv[5]);
	if (!strcmp(argv[1], "sync4k"))
		sync4k(fd, n, seed, block);
	else
		sequence(fd, n, !strcmp(argv[1], "write1m"), block);
	to = count(argv[5]);
	printf("%.6f %.6f %llu %llu %llu\n", to.seconds - from.seconds, to.cpu - from.cpu,
		to.flushes - from.flushes, to.writes - from.writes, to.reads - from.reads);
	return 0;
}
