// SPDX-License-Identifier: GPL-2.0-or-later
/* The mount source of a server: what must be known of it after it was killed. */
#include "backend/backend.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/util.h"

#define PREFIX "cryptdisk:"

void cdisk_source_format(const struct cdisk_source *s, char *ret_text, size_t size)
{
	(void)snprintf(ret_text, size, PREFIX "%s:%" PRIu64 ":%" PRIu64 ":%" PRId32 ":%" PRIu64,
		s->id, s->dev, s->ino, s->pid, s->pid_start);
}

/* Decimal digits only, no sign, no leading zero, up to end; *p is left behind it. */
static int decimal_parse(const char **p, char end, uint64_t max, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;

	if (*s < '0' || *s > '9' || (*s == '0' && s[1] >= '0' && s[1] <= '9'))
		return -EINVAL;
	for (; *s >= '0' && *s <= '9'; s++)
		if (!cdisk_mul_u64(v, 10, &v) || !cdisk_add_u64(v, (uint64_t)(*s - '0'), &v))
			return -EINVAL;
	if (*s != end || v > max)
		return -EINVAL;
	*p = s + 1;
	*ret = v;
	return 0;
}

/* A volume ID: lower-case hex digits and dashes where a UUID has them. */
static int id_parse(const char **p, char *id)
{
	const char *s = *p;

	for (size_t i = 0; i < CDISK_ID_SIZE - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		bool hex = (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'a' && s[i] <= 'f');

		if (dash ? s[i] != '-' : !hex)
			return -EINVAL;
		id[i] = s[i];
	}
	if (s[CDISK_ID_SIZE - 1] != ':')
		return -EINVAL;
	id[CDISK_ID_SIZE - 1] = '\0';
	*p = s + CDISK_ID_SIZE;
	return 0;
}

int cdisk_source_parse(const char *text, struct cdisk_source *ret)
{
	struct cdisk_source s = {0};
	const char *p = text;
	uint64_t pid;

	if (strncmp(p, PREFIX, strlen(PREFIX)) != 0)
		return -EINVAL;
	p += strlen(PREFIX);
	if (id_parse(&p, s.id) < 0 || decimal_parse(&p, ':', UINT64_MAX, &s.dev) < 0 ||
		decimal_parse(&p, ':', UINT64_MAX, &s.ino) < 0 ||
		decimal_parse(&p, ':', INT32_MAX, &pid) < 0 || pid == 0 ||
		decimal_parse(&p, '\0', UINT64_MAX, &s.pid_start) < 0)
		return -EINVAL;
	s.pid = (int32_t)pid;
	*ret = s;
	return 0;
}
