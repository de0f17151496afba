// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/json_read.h"

#include <string.h>

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

static int value_read(const char **p, struct cdisk_json_value *v)
{
	static const char *const words[] = {"false", "true", "null"};

	v->text[0] = '\0';
	v->number = 0;
	v->yes = false;
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

struct reading {
	const char *inner; /* the member that may hold an object */
	cdisk_json_fn fn;
	void *data;
	struct cdisk_json_value *value;
};

static int members_read(const char **text, const char *object, const struct reading *r);

static int member_value_read(
	const char **p, const char *object, const char *key, const struct reading *r)
{
	if (**p == '{' && !object && r->inner && strcmp(key, r->inner) == 0)
		return members_read(p, r->inner, r);
	if (value_read(p, r->value) < 0)
		return -EINVAL;
	if (r->fn)
		r->fn(object, key, r->value, r->data);
	return 0;
}

/* *text at the opening brace; moves behind the closing one. */
static int members_read(const char **text, const char *object, const struct reading *r)
{
	const char *p = *text;
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
		if (member_value_read(&p, object, key, r) < 0)
			return -EINVAL;
		p = space_skip(p);
		if (*p == ',')
			p = space_skip(p + 1);
		else if (*p != '}')
			return -EINVAL;
	}
	*text = p + 1;
	return 0;
}

static int object_read(const char *text, const struct reading *r)
{
	const char *p = space_skip(text);

	if (members_read(&p, NULL, r) < 0)
		return -EINVAL;
	return *space_skip(p) ? -EINVAL : 0;
}

int cdisk_json_read(const char *text, const char *inner, cdisk_json_fn fn, void *data)
{
	_cleanup_free_ struct cdisk_json_value *v = malloc(sizeof(*v));
	struct reading r = {.inner = inner, .data = data, .value = v};
	int result;

	if (!v)
		return -ENOMEM;
	/* Nobody hears of a document that is not whole. */
	result = object_read(text, &r);
	if (result < 0)
		return result;
	r.fn = fn;
	return object_read(text, &r);
}
