// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server says about itself in its file info: one flat JSON object. Asked only of one's own
 * servers, in a child with a time limit; a reader of its own, since all of JSON is not needed here
 * and what comes may be anything.
 */
#include "mount/mounting.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "backend/child.h"

#define INFO_MS 1000
#define INFO_MAX 32768

struct value {
	char text[CDISK_PATH_SIZE + 4]; /* of a string; string_read() wants room for a character */
	uint64_t number;
	bool yes;
};

static const char *space_skip(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static int hex4(const char *p, uint32_t *ret)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		char ch = p[i];

		if (ch >= '0' && ch <= '9')
			v = v << 4 | (uint32_t)(ch - '0');
		else if ((ch | 32) >= 'a' && (ch | 32) <= 'f')
			v = v << 4 | (uint32_t)((ch | 32) - 'a' + 10);
		else
			return -EINVAL;
	}
	*ret = v;
	return 0;
}

/*
 * UTF-8 of a character below 0x10000. The server writes a byte that is no UTF-8 as 0xdc00 and the
 * byte; other halves of pairs become '?', it does not write them.
 */
static size_t utf8_put(char *out, uint32_t u)
{
	if (u >= 0xdc80 && u <= 0xdcff) {
		out[0] = (char)(u & 0xff);
		return 1;
	}
	if (u == 0 || (u >= 0xd800 && u < 0xe000))
		u = '?';
	if (u < 0x80) {
		out[0] = (char)u;
		return 1;
	}
	if (u < 0x800) {
		out[0] = (char)(0xc0 | u >> 6);
		out[1] = (char)(0x80 | (u & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | u >> 12);
	out[1] = (char)(0x80 | (u >> 6 & 0x3f));
	out[2] = (char)(0x80 | (u & 0x3f));
	return 3;
}

/* One escape behind its backslash: bytes written to out (room for 3); *p moves behind it. */
static int escape_read(const char **p, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = **p ? strchr(from, **p) : NULL;
	uint32_t u;

	if (at) {
		*out = to[at - from];
		(*p)++;
		return 1;
	}
	if (**p != 'u' || hex4(*p + 1, &u) < 0)
		return -EINVAL;
	*p += 5;
	return (int)utf8_put(out, u);
}

/* *p at the opening quote; moves behind the closing one. A text that is too long is an error. */
static int string_read(const char **p, char *ret, size_t size)
{
	const char *s = *p + 1;
	size_t n = 0;

	if (**p != '"')
		return -EINVAL;
	while (*s != '"') {
		int r = 1;

		if (!*s || n + 4 > size)
			return -EINVAL;
		if (*s == '\\') {
			s++;
			r = escape_read(&s, ret + n);
			if (r < 0)
				return r;
		} else {
			ret[n] = *s++;
		}
		n += (size_t)r;
	}
	ret[n] = '\0';
	*p = s + 1;
	return 0;
}

static int number_read(const char **p, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		if (!cdisk_mul_u64(v, 10, &v) || !cdisk_add_u64(v, (uint64_t)(*s - '0'), &v))
			return -EINVAL;
	if (s == *p)
		return -EINVAL;
	*p = s;
	*ret = v;
	return 0;
}

static int value_read(const char **p, struct value *v)
{
	static const char *const words[] = {"false", "true", "null"};

	memset(v, 0, sizeof(*v));
	if (**p == '"')
		return string_read(p, v->text, sizeof(v->text));
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(words); i++)
		if (strncmp(*p, words[i], strlen(words[i])) == 0) {
			v->yes = i == 1;
			*p += strlen(words[i]);
			return 0;
		}
	return number_read(p, &v->number);
}

/* A text that does not fit is left out: half a path is a wrong path. */
static void text_set(char *field, size_t size, const char *text)
{
	if (strlen(text) < size)
		memcpy(field, text, strlen(text) + 1);
}

static void value_apply(struct cdisk_attachment *a, const char *key, const struct value *v)
{
	const struct {
		const char *key;
		char *field;
		size_t size;
	} texts[] = {
		{"name", a->name, sizeof(a->name)},
		{"label", a->label, sizeof(a->label)},
		{"format", a->format, sizeof(a->format)},
		{"path", a->file, sizeof(a->file)},
		{"memory", a->memory, sizeof(a->memory)},
		{"session", a->session, sizeof(a->session)},
	};

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(texts); i++)
		if (strcmp(key, texts[i].key) == 0)
			text_set(texts[i].field, texts[i].size, v->text);
	if (strcmp(key, "size") == 0)
		a->size = v->number;
	else if (strcmp(key, "read_only") == 0)
		a->read_only = v->yes;
	else if (strcmp(key, "locked") == 0 && v->yes)
		a->state = CDISK_STATE_LOCKED;
	else if (strcmp(key, "mnt_ns") == 0)
		a->mnt_ns = v->number;
	else if (strcmp(key, "audit_session") == 0)
		a->audit_session = (uint32_t)v->number;
	else if (strcmp(key, "session_keyring") == 0)
		a->session_keyring = (uint32_t)v->number;
}

/* One pass over the members; a NULL attachment only checks. */
static int members_read(const char *text, struct value *v, struct cdisk_attachment *a)
{
	const char *p = space_skip(text);
	char key[64];

	if (*p++ != '{')
		return -EINVAL;
	p = space_skip(p);
	while (*p != '}') {
		if (string_read(&p, key, sizeof(key)) < 0)
			return -EINVAL;
		p = space_skip(p);
		if (*p++ != ':')
			return -EINVAL;
		p = space_skip(p);
		if (value_read(&p, v) < 0)
			return -EINVAL;
		if (a)
			value_apply(a, key, v);
		p = space_skip(p);
		if (*p == ',')
			p = space_skip(p + 1);
		else if (*p != '}')
			return -EINVAL;
	}
	return *space_skip(p + 1) ? -EINVAL : 0;
}

int cdisk_info_parse(const char *text, struct cdisk_attachment *a)
{
	_cleanup_free_ struct value *v = malloc(sizeof(*v));
	int r = v ? members_read(text, v, NULL) : -ENOMEM;

	return r < 0 ? r : members_read(text, v, a);
}

static int info_copy(const void *data, int out)
{
	_cleanup_close_ int fd = open(data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char buf[4096];
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			return -EIO;
	return n < 0 ? -errno : 0;
}

int cdisk_info_read(struct cdisk_attachment *a)
{
	_cleanup_free_ char *text = malloc(INFO_MAX);
	char path[CDISK_PATH_SIZE + 8];
	int r;

	if (!text)
		return -ENOMEM;
	(void)snprintf(path, sizeof(path), "%s/info", a->directory);
	r = cdisk_child_run(info_copy, path, INFO_MS, text, INFO_MAX);
	return r < 0 ? r : cdisk_info_parse(text, a);
}
