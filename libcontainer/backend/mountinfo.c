// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend/mountinfo.h"

#include <string.h>
#include "base/io.h"

#define MOUNTINFO_MAX ((size_t)64 * 1024 * 1024)

static bool is_octal(char ch)
{
	return ch >= '0' && ch <= '7';
}

/* The kernel writes space, tab, newline and backslash as \ooo. In place: text only gets shorter. */
static void octal_unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*out++ = (char)(((s[1] - '0') << 6) | ((s[2] - '0') << 3) | (s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

static int number_parse(const char **p, char end, uint32_t *ret)
{
	uint64_t v = 0;
	const char *s = *p;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	for (; *s >= '0' && *s <= '9'; s++) {
		v = v * 10 + (uint64_t)(*s - '0');
		if (v > UINT32_MAX)
			return -EINVAL;
	}
	if (*s != end)
		return -EINVAL;
	*p = end ? s + 1 : s;
	*ret = (uint32_t)v;
	return 0;
}

/* "36 35 98:0 /root /target rw,noatime master:1 - ext3 /dev/root rw" */
static int line_parse(char *line, struct cdisk_mount_entry *e)
{
	char *field[6], *word;
	const char *p;
	uint32_t id;

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(field); i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return -EINVAL;
	}
	do {
		word = strsep(&line, " ");
		if (!word)
			return -EINVAL;
	} while (strcmp(word, "-") != 0);
	p = field[0];
	if (number_parse(&p, '\0', &id) < 0 || id > INT32_MAX)
		return -EINVAL;
	p = field[2];
	if (number_parse(&p, ':', &e->major) < 0 || number_parse(&p, '\0', &e->minor) < 0)
		return -EINVAL;
	e->id = (int)id;
	octal_unescape(field[3]);
	octal_unescape(field[4]);
	e->root = field[3];
	e->target = field[4];
	e->flags = field[5];
	e->type = strsep(&line, " ");
	word = strsep(&line, " ");
	if (!e->type || !word)
		return -EINVAL;
	octal_unescape(word);
	e->source = word;
	e->options = line ? line : "";
	return 0;
}

int cdisk_mountinfo_parse(char *text, struct cdisk_mountinfo *ret)
{
	struct cdisk_mountinfo m = {.text = text};
	char *rest = text, *line;
	size_t lines = 1;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	m.entries = calloc(lines, sizeof(*m.entries));
	if (!m.entries) {
		free(text);
		return -ENOMEM;
	}
	while ((line = strsep(&rest, "\n")))
		if (line_parse(line, &m.entries[m.n]) == 0)
			m.n++;
	*ret = m;
	return 0;
}

int cdisk_mountinfo_read(struct cdisk_mountinfo *ret)
{
	char *text = NULL;
	int r = cdisk_read_text("/proc/self/mountinfo", MOUNTINFO_MAX, &text);

	return r < 0 ? r : cdisk_mountinfo_parse(text, ret);
}

void cdisk_mountinfo_done(struct cdisk_mountinfo *m)
{
	cdisk_cleanup_free(&m->entries);
	cdisk_cleanup_free(&m->text);
	*m = (struct cdisk_mountinfo){0};
}

const struct cdisk_mount_entry *cdisk_mountinfo_at(
	const struct cdisk_mountinfo *m, const char *target)
{
	const struct cdisk_mount_entry *found = NULL;

	/* Mounts stack in the order of the file: the last one is on top. */
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entries[i].target, target) == 0)
			found = &m->entries[i];
	return found;
}

/* The option that starts with name, or NULL; *ret_len = its length. */
static const char *option_find(const char *options, const char *name, size_t *ret_len)
{
	size_t name_len = strlen(name);

	while (*options) {
		size_t len = strcspn(options, ",");

		if (len >= name_len && strncmp(options, name, name_len) == 0 &&
			(len == name_len || options[name_len] == '=')) {
			*ret_len = len;
			return options;
		}
		options += len;
		options += *options == ',';
	}
	return NULL;
}

uint32_t cdisk_option_number(const char *options, const char *name, uint32_t fallback)
{
	size_t len, name_len = strlen(name);
	const char *o = option_find(options, name, &len);
	uint64_t v = 0;

	if (!o || len <= name_len + 1)
		return fallback;
	for (size_t i = name_len + 1; i < len; i++) {
		if (o[i] < '0' || o[i] > '9')
			return fallback;
		v = v * 10 + (uint64_t)(o[i] - '0');
		if (v > UINT32_MAX)
			return fallback;
	}
	return (uint32_t)v;
}

bool cdisk_option_has(const char *options, const char *word)
{
	size_t len;
	const char *o = option_find(options, word, &len);

	return o && len == strlen(word);
}
