// SPDX-License-Identifier: GPL-2.0-or-later
/* The file `info`: one flat JSON document about this attachment, without any secret. */
#include "serve.h"

#include <json-c/json.h>
#include <string.h>
#include "base/process.h"

static struct json_object *document; /* all but the text; made before the sandbox */

static int add(const char *key, struct json_object *value)
{
	return json_object_object_add(document, key, value);
}

/* Length of the character at s, as UTF-8 (RFC 3629) allows it; 0 where there is none. */
static size_t utf8_length(const unsigned char *s)
{
	static const struct {
		uint8_t first, last;		/* of the first byte */
		uint8_t second, second_last; /* and of the second */
		uint8_t length;
	} forms[] = {
		{0x01, 0x7f, 0x00, 0xff, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(forms); i++) {
		size_t n = 2;

		if (*s < forms[i].first || *s > forms[i].last)
			continue;
		if (forms[i].length == 1)
			return 1;
		if (s[1] < forms[i].second || s[1] > forms[i].second_last)
			return 0;
		while (n < forms[i].length && (s[n] & 0xc0) == 0x80)
			n++;
		return n == forms[i].length ? n : 0;
	}
	return 0;
}

/*
 * A path is any bytes. What is no UTF-8 is written as \udc80 to \udcff, the way of Python's
 * surrogateescape: the document stays valid, and no byte is lost.
 */
static int text_print(struct json_object *o, struct printbuf *out, int level, int flags)
{
	const unsigned char *s = (const unsigned char *)json_object_get_string(o);

	(void)level;
	(void)flags;
	(void)printbuf_memappend(out, "\"", 1);
	while (*s) {
		size_t n = utf8_length(s);

		if (n == 0)
			(void)sprintbuf(out, "\\udc%02x", *s);
		else if (*s < 0x20 || *s == 0x7f)
			(void)sprintbuf(out, "\\u%04x", *s);
		else if (*s == '"' || *s == '\\')
			(void)sprintbuf(out, "\\%c", *s);
		else
			(void)printbuf_memappend(out, (const char *)s, (int)n);
		s += n ? n : 1;
	}
	return printbuf_memappend(out, "\"", 1);
}

static int add_text(const char *key, const char *text)
{
	struct json_object *o = json_object_new_string(text);

	if (!o)
		return -1;
	json_object_set_serializer(o, text_print, NULL, NULL);
	return add(key, o);
}

static int add_number(const char *key, uint64_t n)
{
	return add(key, json_object_new_uint64(n));
}

static int add_volume(const struct serve *s)
{
	const struct cdisk_description *d = cdisk_plain_description(s->volume);

	return add_number("schema", 1) || add_text("id", d->id) || add_text("name", s->start.name) ||
	       add_text("label", d->label) || add_text("format", d->format) ||
	       add_text("path", s->start.path) || add_number("size", d->size) ||
	       add_number("sector_size", d->sector_size) ||
	       add("read_only", json_object_new_boolean(s->read_only)) ||
	       add("locked", json_object_new_boolean(0));
}

static int add_process(const struct serve *s)
{
	uint64_t start = 0;

	(void)cdisk_process_start_time(getpid(), &start);
	return add_number("pid", (uint64_t)getpid()) || add_number("pid_start", start) ||
	       add_number("started", (uint64_t)s->started.tv_sec) ||
	       add_text("memory", cdisk_secret_locked() ? "locked" : "unlocked") ||
	       add("under_loop",
		       json_object_new_boolean(!!(s->start.flags & CDISK_SERVE_UNDER_LOOP))) ||
	       add("memory_all_locked", json_object_new_boolean(s->all_locked)) ||
	       add("io_flusher", json_object_new_boolean(s->io_flusher));
}

static int add_session(void)
{
	struct serve_session session;

	serve_session_read(&session);
	return add_number("uid", session.uid) || add_text("session", session.logind) ||
	       add_number("audit_session", session.audit_session) ||
	       add_number("mnt_ns", session.mnt_ns) ||
	       add_number("session_keyring", session.keyring);
}

static int info_render(struct serve *s)
{
	const char *text = json_object_to_json_string_ext(document,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t size = text ? strlen(text) : 0;

	if (size == 0 || size + 2 > sizeof(s->info))
		return -ENOMEM;
	memcpy(s->info, text, size);
	memcpy(s->info + size, "\n", 2);
	s->info_size = size + 1;
	return 0;
}

int serve_info_init(struct serve *s)
{
	document = json_object_new_object();
	if (!document || add_volume(s) || add_process(s) || add_session() || info_render(s) < 0)
		return cdisk_fail(&s->c, -ENOMEM, "no memory for the info document");
	return 0;
}

int serve_info_update(struct serve *s)
{
	if (add_number("size", cdisk_plain_size(s->volume)) != 0 ||
		add("locked", json_object_new_boolean(cdisk_plain_locked(s->volume))) != 0)
		return -ENOMEM;
	return info_render(s);
}
