// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the module's events and checks their order.
 *
 *   cdkevents [-m MASK] [-n COUNT] [-t MS] [-s] [FILE]
 * Prints one event a line: SEQ LOST NAME FLAGS INDEX GENERATION ARG0 ARG1. Ends after COUNT events,
 * after MS without one, or at SIGTERM once it has read what there is; exit 1 if the order was
 * broken, with the reason. FILE is made when it listens: whoever waits for it misses nothing.
 * -s: quiet, only the verdict.
 */
#include "cdk.h"
#include <getopt.h>
#include <poll.h>
#include <signal.h>

#define MAX_DISKS 4096

struct life {
	uint64_t generation;
	bool live, mounted;
};

static struct life lives[MAX_DISKS];
static struct cryptdisk_event last;
static uint64_t newest_generation;
static bool knows_all = true; /* every type is on and nothing was lost */
static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static void broken(const struct cryptdisk_event *e, const char *why)
{
	printf("BROKEN %s: seq %llu %s disk %u generation %llu after seq %llu\n", why, e->seq,
		cdk_event_name(e->type), e->index, e->generation, last.seq);
	fflush(stdout);
	exit(1);
}

/* What was lost may have been the beginning or the end of anything. */
static void forget(void)
{
	memset(lives, 0, sizeof(lives));
	newest_generation = 0;
}

static void check_life(const struct cryptdisk_event *e, struct life *life)
{
	bool first = e->type == CRYPTDISK_EV_ATTACHED;

	if (first && life->live)
		broken(e, "two live generations of one index");
	if (first && e->generation <= newest_generation)
		broken(e, "generations do not grow");
	if (!first && life->generation && (e->generation != life->generation || !life->live))
		broken(e, "an event before ATTACHED or after DETACHED");
	if (first)
		*life = (struct life){.generation = e->generation, .live = true};
	if (e->type == CRYPTDISK_EV_MOUNTED && life->mounted)
		broken(e, "mounted twice");
	if (e->type == CRYPTDISK_EV_UNMOUNTED && life->generation && !life->mounted)
		broken(e, "unmounted and never mounted");
	if (e->type == CRYPTDISK_EV_MOUNTED || e->type == CRYPTDISK_EV_UNMOUNTED)
		life->mounted = e->type == CRYPTDISK_EV_MOUNTED;
	if (e->type == CRYPTDISK_EV_DETACHED && life->mounted)
		broken(e, "ends mounted");
	if (e->type == CRYPTDISK_EV_DETACHED)
		life->live = false;
	if (e->generation > newest_generation)
		newest_generation = e->generation;
}

static void check(const struct cryptdisk_event *e)
{
	if (e->size != sizeof(*e) || e->pad || e->type < 1 || e->type > CRYPTDISK_EV_IO_ERROR)
		broken(e, "no event");
	if (last.seq && e->seq <= last.seq)
		broken(e, "seq does not grow");
	if (last.seq && knows_all && e->seq != last.seq + 1 + e->lost)
		broken(e, "a gap that was not told");
	if (e->time_ns < last.time_ns)
		broken(e, "time goes back");
	if (e->lost)
		forget();
	if (e->index < MAX_DISKS)
		check_life(e, &lives[e->index]);
	last = *e;
}

static int drain(int fd, bool quiet, long *count)
{
	struct cryptdisk_event events[32];
	size_t room = *count > 0 && *count < 32 ? (size_t)*count : 32;
	ssize_t n = read(fd, events, room * sizeof(*events));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (n % (ssize_t)sizeof(*events) || !n)
		broken(events, "no whole event");
	for (size_t i = 0; i < (size_t)n / sizeof(*events); i++) {
		struct cryptdisk_event *e = &events[i];

		check(e);
		if (!quiet)
			printf("%llu %llu %s %u %u %llu %llu %llu\n", e->seq, e->lost,
				cdk_event_name(e->type), e->flags, e->index, e->generation,
				e->arg[0], e->arg[1]);
		if (*count > 0 && !--*count)
			exit(0);
	}
	fflush(stdout);
	return (int)n;
}

/* The signal comes while it waits, never between a look at stop and the wait. */
static sigset_t hear_term(void)
{
	struct sigaction action = {.sa_handler = on_term};
	sigset_t term, none;

	sigemptyset(&none);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGTERM, &action, NULL);
	return none;
}

int main(int argc, char **argv)
{
	struct pollfd poller = {.events = POLLIN};
	struct timespec patience = {0};
	sigset_t none;
	__u64 mask = ~0ull;
	long count = 0;
	int c, timeout = -1;
	bool quiet = false;

	while ((c = getopt(argc, argv, "m:n:t:s")) != -1) {
		if (c == 'm')
			mask = strtoull(optarg, NULL, 0);
		else if (c == 'n')
			count = strtol(optarg, NULL, 10);
		else if (c == 't')
			timeout = (int)strtol(optarg, NULL, 10);
		else
			quiet = true;
	}
	patience.tv_sec = timeout / 1000;
	patience.tv_nsec = timeout % 1000 * 1000000L;
	none = hear_term();
	poller.fd = cdk_control(O_RDONLY | O_NONBLOCK);
	if (cdk_ioctl(poller.fd, CRYPTDISK_IOC_EVMASK, &mask) < 0)
		return 2;
	knows_all = mask == ~0ull;
	if (optind < argc)
		close(open(argv[optind], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	while (!stop && (c = ppoll(&poller, 1, timeout < 0 ? NULL : &patience, &none)) != 0)
		if (c > 0 && drain(poller.fd, quiet, &count) == 0)
			broken(&last, "poll() promised what read() did not have");
	while (drain(poller.fd, quiet, &count) > 0)
		;
	printf("in order up to seq %llu\n", last.seq);
	return 0;
}
