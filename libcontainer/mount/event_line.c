// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/event.h"

#include <stdio.h>
#include <string.h>
#include "mount/json_read.h"

static const char *const names[] = {
	[CDISK_EVENT_ARRIVED] = "arrived",
	[CDISK_EVENT_UNLOCKED] = "unlocked",
	[CDISK_EVENT_LINKED] = "linked",
	[CDISK_EVENT_MOUNTED] = "mounted",
	[CDISK_EVENT_IDLE_WARNING] = "idle-warning",
	[CDISK_EVENT_UNMOUNTING] = "unmounting",
	[CDISK_EVENT_UNMOUNTED] = "unmounted",
	[CDISK_EVENT_LOCKED] = "locked",
	[CDISK_EVENT_DEPARTED] = "departed",
	[CDISK_EVENT_ID_CHANGED] = "id-changed",
	[CDISK_EVENT_RESIZED] = "resized",
	[CDISK_EVENT_READ_ONLY] = "read-only",
	[CDISK_EVENT_ERROR] = "error",
	[CDISK_EVENT_DUPLICATE] = "duplicate",
};

const char *cdisk_event_name(enum cdisk_event_kind kind)
{
	if ((size_t)kind >= CDISK_ARRAY_SIZE(names) || !names[kind])
		return "unknown";
	return names[kind];
}

static enum cdisk_event_kind kind_find(const char *name)
{
	for (size_t i = 1; i < CDISK_ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return (enum cdisk_event_kind)i;
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct line {
	char *text;
	size_t n, size;
	bool full;
};

static void put(struct line *l, const char *bytes, size_t n)
{
	if (l->full || n >= l->size - l->n) {
		l->full = true;
		return;
	}
	memcpy(l->text + l->n, bytes, n);
	l->n += n;
}

/* Bytes of the UTF-8 character at p; 0 = there is none. */
static size_t utf8_length(const unsigned char *p)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* A path is bytes: what is no UTF-8 is written as json_read.c takes it back. */
static void put_quoted(struct line *l, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	put(l, "\"", 1);
	while (*p) {
		size_t n = utf8_length(p);
		char escape[8];

		if (*p == '"' || *p == '\\') {
			put(l, "\\", 1);
		} else if (n == 0 || *p < 0x20 || *p == 0x7f) {
			(void)snprintf(escape, sizeof(escape), "\\u%04x", n == 0 ? 0xdc00 + *p : *p);
			put(l, escape, 6);
			p++;
			continue;
		}
		put(l, (const char *)p, n);
		p += n;
	}
	put(l, "\"", 1);
}

static void put_key(struct line *l, const char *key)
{
	if (l->n > 0 && l->text[l->n - 1] != '{')
		put(l, ",", 1);
	put_quoted(l, key);
	put(l, ":", 1);
}

static void put_text(struct line *l, const char *key, const char *text)
{
	if (!text[0])
		return;
	put_key(l, key);
	put_quoted(l, text);
}

static void put_number(struct line *l, const char *key, uint64_t number)
{
	char text[24];

	if (number == 0)
		return;
	put_key(l, key);
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	put(l, text, strlen(text));
}

/* What does not fit is left out as a whole. */
static void put_optional(struct line *l, const char *key, const char *text)
{
	struct line before = *l;

	put_text(l, key, text);
	if (l->full)
		*l = before;
}

static void volume_put(struct line *l, const struct cdisk_attachment *a, bool private)
{
	put_text(l, "id", a->id);
	put_text(l, "instance", a->instance);
	put_text(l, "state", a->state ? cdisk_state_name(a->state) : "");
	put_text(l, "scope", a->scope);
	put_text(l, "backend", a->backend);
	put_text(l, "fstype", a->fstype);
	put_key(l, "read_only");
	put(l, a->read_only ? "true" : "false", a->read_only ? 4 : 5);
	put_number(l, "size", a->size);
	put_number(l, "uid", a->uid);
	put_number(l, "dev", a->dev);
	put_number(l, "ino", a->ino);
	put_number(l, "pid", a->pid > 0 ? (uint64_t)a->pid : 0);
	put_number(l, "pid_start", a->pid_start);
	if (!private)
		return;
	put_optional(l, "name", a->name);
	put_optional(l, "label", a->label);
	put_optional(l, "format", a->format);
	put_optional(l, "mountpoint", a->mountpoint);
	put_optional(l, "file", a->file);
	put_optional(l, "node", a->node);
	put_optional(l, "disk", a->disk);
}

int cdisk_event_line_format(
	const struct cdisk_event_line *l, bool private, char *ret_text, size_t size)
{
	/* Room for what closes the line is kept whatever else fits. */
	struct line line = {.text = ret_text, .size = size > 8 ? size - 8 : 0};

	put(&line, "{", 1);
	put_number(&line, "seq", l->event.seq);
	put_text(&line, "time", l->event.time);
	put_text(&line, "event", cdisk_event_name(l->event.kind));
	put_text(&line, "reason", l->event.reason);
	put_number(&line, "generation", l->event.generation);
	put_number(&line, "by", l->by > 0 ? (uint64_t)l->by : 0);
	put_number(&line, "by_start", l->by_start);
	put_number(&line, "pid_ns", l->pid_ns);
	put_number(&line, "mnt_ns", l->mnt_ns);
	put_key(&line, "volume");
	put(&line, "{", 1);
	volume_put(&line, &l->event.volume, private);
	if (line.full)
		return -ENOBUFS;
	memcpy(ret_text + line.n, "}}\n", 4);
	return (int)line.n + 3;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct parsing {
	struct cdisk_event_line *line;
	bool bad;
};

/* Words of our own making, which become part of names and tables. */
static bool is_word(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:")] ==
	       '\0';
}

static bool number_take(const char *key, uint64_t number, const char *name, uint64_t max,
	uint64_t *ret, bool *bad)
{
	if (strcmp(key, name) != 0)
		return false;
	*bad |= number > max;
	*ret = number;
	return true;
}

static enum cdisk_state state_find(const char *name)
{
	for (int s = CDISK_STATE_LOCKED; s <= CDISK_STATE_FOREIGN; s++)
		if (strcmp(cdisk_state_name((enum cdisk_state)s), name) == 0)
			return (enum cdisk_state)s;
	return 0;
}

struct text_member {
	const char *key;
	char *field;
	size_t size;
	bool word;
};

static bool text_take(
	struct parsing *p, const struct text_member *members, size_t n, const char *key,
	const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(key, members[i].key) != 0)
			continue;
		/* Half a path is a wrong path. */
		if (strlen(text) >= members[i].size || (members[i].word && !is_word(text)))
			p->bad = true;
		else
			memcpy(members[i].field, text, strlen(text) + 1);
		return true;
	}
	return false;
}

static void volume_take(struct parsing *p, const char *key, const struct cdisk_json_value *v)
{
	struct cdisk_attachment *a = &p->line->event.volume;
	const struct text_member texts[] = {
		{"id", a->id, sizeof(a->id), true},
		{"instance", a->instance, sizeof(a->instance), true},
		{"scope", a->scope, sizeof(a->scope), true},
		{"backend", a->backend, sizeof(a->backend), true},
		{"fstype", a->fstype, sizeof(a->fstype), false},
		{"format", a->format, sizeof(a->format), false},
		{"name", a->name, sizeof(a->name), false},
		{"label", a->label, sizeof(a->label), false},
		{"mountpoint", a->mountpoint, sizeof(a->mountpoint), false},
		{"file", a->file, sizeof(a->file), false},
		{"node", a->node, sizeof(a->node), false},
		{"disk", a->disk, sizeof(a->disk), false},
	};
	uint64_t number = 0;

	if (text_take(p, texts, CDISK_ARRAY_SIZE(texts), key, v->text))
		return;
	if (strcmp(key, "state") == 0)
		a->state = state_find(v->text);
	else if (strcmp(key, "read_only") == 0)
		a->read_only = v->yes;
	else if (number_take(key, v->number, "uid", UINT32_MAX, &number, &p->bad))
		a->uid = (uint32_t)number;
	else if (number_take(key, v->number, "pid", INT32_MAX, &number, &p->bad))
		a->pid = (int32_t)number;
	else if (!number_take(key, v->number, "pid_start", UINT64_MAX, &a->pid_start, &p->bad) &&
		 !number_take(key, v->number, "size", INT64_MAX, &a->size, &p->bad) &&
		 !number_take(key, v->number, "dev", UINT64_MAX, &a->dev, &p->bad))
		(void)number_take(key, v->number, "ino", UINT64_MAX, &a->ino, &p->bad);
}

static void event_take(struct parsing *p, const char *key, const struct cdisk_json_value *v)
{
	struct cdisk_event_line *l = p->line;
	struct cdisk_event *e = &l->event;
	const struct text_member texts[] = {
		{"time", e->time, sizeof(e->time), true},
		{"reason", e->reason, sizeof(e->reason), true},
	};
	uint64_t number = 0;

	if (text_take(p, texts, CDISK_ARRAY_SIZE(texts), key, v->text))
		return;
	if (strcmp(key, "event") == 0)
		e->kind = kind_find(v->text);
	else if (number_take(key, v->number, "by", INT32_MAX, &number, &p->bad))
		l->by = (int32_t)number;
	else if (!number_take(key, v->number, "seq", CDISK_EVENT_SEQ_MAX, &e->seq, &p->bad) &&
		 !number_take(key, v->number, "generation", UINT64_MAX, &e->generation, &p->bad) &&
		 !number_take(key, v->number, "by_start", UINT64_MAX, &l->by_start, &p->bad) &&
		 !number_take(key, v->number, "pid_ns", UINT64_MAX, &l->pid_ns, &p->bad))
		(void)number_take(key, v->number, "mnt_ns", UINT64_MAX, &l->mnt_ns, &p->bad);
}

static void member_take(
	const char *object, const char *key, const struct cdisk_json_value *v, void *data)
{
	if (object)
		volume_take(data, key, v);
	else
		event_take(data, key, v);
}

int cdisk_event_line_parse(const char *text, struct cdisk_event_line *ret)
{
	struct parsing p = {.line = ret};
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->event.volume.audit_session = UINT32_MAX;
	r = cdisk_json_read(text, "volume", member_take, &p);
	return r == 0 && (p.bad || !ret->event.kind) ? -EINVAL : r;
}
