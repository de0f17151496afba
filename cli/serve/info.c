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

static int add_text(const char *key, const char *text)
{
	return add(key, json_object_new_string(text));
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
	       add("read_only", json_object_new_boolean(s->read_only));
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
	if (add_number("size", cdisk_plain_size(s->volume)) != 0)
		return -ENOMEM;
	return info_render(s);
}
