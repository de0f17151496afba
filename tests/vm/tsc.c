// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the frequency of this machine's time stamp counter in kHz. An emulated guest has the same
 * counter; one that has to find its frequency out on a busy machine has a clock that runs wild.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

struct moment {
	uint64_t ticks, ns;
};

/* The clock between two counters that are as close as they come. */
static struct moment now(void)
{
	struct moment best = {0};
	uint64_t shortest = UINT64_MAX;
	int i;

	for (i = 0; i < 1000; i++) {
		struct timespec t;
		uint64_t before = __rdtsc(), after;

		clock_gettime(CLOCK_MONOTONIC, &t);
		after = __rdtsc();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best.ticks = before + shortest / 2;
		best.ns = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	}
	return best;
}

int main(void)
{
	struct moment from = now(), to;

	usleep(200000);
	to = now();
	printf("%.0f\n", (double)(to.ticks - from.ticks) * 1e6 / (double)(to.ns - from.ns));
	return 0;
}
