// SPDX-License-Identifier: GPL-2.0-or-later
#include "size.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* Digits at the start of text; strtoull would take signs and blanks too. */
static int digits_parse(const char *text, uint64_t *ret_number, const char **ret_rest)
{
	uint64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(n, UINT64_C(10), &n) ||
			__builtin_add_overflow(n, (uint64_t)(*p - '0'), &n))
			return -ERANGE;
	}
	if (p == text)
		return -EINVAL;
	*ret_number = n;
	*ret_rest = p;
	return 0;
}

int number_parse(const char *text, uint64_t *ret_number)
{
	const char *rest;
	uint64_t n;
	int r;

	r = digits_parse(text, &n, &rest);
	if (r < 0)
		return r;
	if (*rest)
		return -EINVAL;
	*ret_number = n;
	return 0;
}

static int unit_parse(const char *text, const struct unit *units, uint64_t *ret_value)
{
	const char *rest;
	uint64_t n;
	int r;

	r = digits_parse(text, &n, &rest);
	if (r < 0)
		return r;
	for (; units->name; units++) {
		if (strcasecmp(rest, units->name) != 0)
			continue;
		if (__builtin_mul_overflow(n, units->factor, &n))
			return -ERANGE;
		*ret_value = n;
		return 0;
	}
	return -EINVAL;
}

int size_parse(const char *text, uint64_t *ret_bytes)
{
	/* "KB" means 1000 to some and 1024 to others, so it is not understood at all. */
	static const struct unit units[] = {
		{"", 1},
		{"B", 1},
		{"K", UINT64_C(1) << 10},
		{"KiB", UINT64_C(1) << 10},
		{"M", UINT64_C(1) << 20},
		{"MiB", UINT64_C(1) << 20},
		{"G", UINT64_C(1) << 30},
		{"GiB", UINT64_C(1) << 30},
		{"T", UINT64_C(1) << 40},
		{"TiB", UINT64_C(1) << 40},
		{"P", UINT64_C(1) << 50},
		{"PiB", UINT64_C(1) << 50},
		{NULL, 0},
	};

	return unit_parse(text, units, ret_bytes);
}

int time_parse(const char *text, uint64_t *ret_ms)
{
	static const struct unit units[] = {
		{"", 1000},
		{"ms", 1},
		{"s", 1000},
		{"m", UINT64_C(60) * 1000},
		{"min", UINT64_C(60) * 1000},
		{"h", UINT64_C(3600) * 1000},
		{NULL, 0},
	};

	return unit_parse(text, units, ret_ms);
}

const char *size_format(uint64_t bytes, char *ret_text)
{
	static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	unsigned int i = 0;
	uint64_t whole = bytes;
	uint64_t rest = 0;

	while (whole >= 1024 && i < 6) {
		rest = whole % 1024;
		whole /= 1024;
		i++;
	}
	if (i == 0 || rest * 10 / 1024 == 0)
		(void)snprintf(ret_text, SIZE_TEXT, "%" PRIu64 " %s", whole, names[i]);
	else
		(void)snprintf(ret_text, SIZE_TEXT, "%" PRIu64 ".%" PRIu64 " %s", whole,
			rest * 10 / 1024, names[i]);
	return ret_text;
}
