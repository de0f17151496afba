// SPDX-License-Identifier: GPL-2.0-or-later
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <json-c/json.h>
#include "exit.h"
#include "failure.h"

#define OUTPUT_SCHEMA 1
#define OUTPUT_DEPTH 8

struct output {
	bool json, keep, failed, lines;
	struct json_object
		*stack[OUTPUT_DEPTH]; /* borrowed from their parents, but for the first */
	int depth;
	struct json_object *warnings, *explain;
	const char *secret; /* borrowed */
	size_t secret_size;
};

/* Stands for the secret until the document is printed; JSON cannot hold it unescaped. */
#define SECRET_MARK "\001"
#define SECRET_MARK_ESCAPED "\"\\u0001\""

int output_new(bool json, struct output **ret_output)
{
	struct output *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->json = json;
	if (json) {
		o->stack[0] = json_object_new_object();
		o->warnings = json_object_new_array();
		o->explain = json_object_new_array();
		o->failed = !o->stack[0] || !o->warnings || !o->explain;
	}
	*ret_output = o;
	return 0;
}

void output_free(struct output *o)
{
	if (!o)
		return;
	json_object_put(o->stack[0]);
	json_object_put(o->warnings);
	json_object_put(o->explain);
	free(o);
}

bool output_is_json(const struct output *o)
{
	return o->json;
}

/* Bytes of the UTF-8 character at p, 0 if there is none (overlong, surrogate, cut off, too big). */
static size_t utf8_length(const unsigned char *p)
{
	size_t i, n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] > 0xf4)
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* Paths are bytes, JSON is UTF-8: what does not fit becomes U+FFFD. */
static struct json_object *string_new(const char *text)
{
	const unsigned char *in = (const unsigned char *)text;
	struct json_object *s;
	char *clean = malloc(strlen(text) * 3 + 1);
	size_t n = 0;

	if (!clean)
		return NULL;
	while (*in) {
		size_t len = utf8_length(in);

		memcpy(clean + n, len ? (const char *)in : "\xef\xbf\xbd", len ? len : 3);
		n += len ? len : 3;
		in += len ? len : 1;
	}
	s = json_object_new_string_len(clean, (int)n);
	free(clean);
	return s;
}

/* Gives value to the object or list parent; frees it when that cannot be done. */
static bool value_add(struct json_object *parent, const char *key, struct json_object *value)
{
	int r;

	if (json_object_is_type(parent, json_type_array))
		r = json_object_array_add(parent, value);
	else
		r = key ? json_object_object_add(parent, key, value) : -1;
	if (r == 0)
		return true;
	json_object_put(value);
	return false;
}

/* value NULL = memory was short. */
static void member_add(struct output *o, const char *key, struct json_object *value)
{
	if (!value || o->failed || !value_add(o->stack[o->depth], key, value))
		o->failed = true;
}

static void level_open(struct output *o, const char *key, struct json_object *level)
{
	member_add(o, key, level);
	if (o->failed || o->depth + 1 == OUTPUT_DEPTH) {
		o->failed = true;
		return;
	}
	o->stack[++o->depth] = level;
}

void output_open(struct output *o, const char *key)
{
	if (o->json && !o->failed)
		level_open(o, key, json_object_new_object());
}

void output_list(struct output *o, const char *key)
{
	if (o->json && !o->failed)
		level_open(o, key, json_object_new_array());
}

void output_close(struct output *o)
{
	if (o->json && !o->failed && o->depth > 0)
		o->depth--;
}

void output_null(struct output *o, const char *key)
{
	if (o->json && !o->failed && !value_add(o->stack[o->depth], key, NULL))
		o->failed = true;
}

void output_text(struct output *o, const char *key, const char *text)
{
	if (!text || !text[0])
		output_null(o, key);
	else if (o->json && !o->failed)
		member_add(o, key, string_new(text));
}

void output_number(struct output *o, const char *key, uint64_t number)
{
	if (o->json && !o->failed)
		member_add(o, key, json_object_new_uint64(number));
}

void output_signed(struct output *o, const char *key, int64_t number)
{
	if (o->json && !o->failed)
		member_add(o, key, json_object_new_int64(number));
}

void output_bool(struct output *o, const char *key, bool value)
{
	if (o->json && !o->failed)
		member_add(o, key, json_object_new_boolean(value));
}

void output_secret(struct output *o, const char *key, const void *data, size_t size)
{
	o->secret = data;
	o->secret_size = size;
	output_text(o, key, SECRET_MARK);
}

static void line_add(struct output *o, struct json_object *list, const char *text)
{
	struct json_object *s;

	if (!o->json || o->failed)
		return;
	s = string_new(text);
	if (!s || !value_add(list, NULL, s))
		o->failed = true;
}

void output_warning(struct output *o, const char *text)
{
	line_add(o, o->warnings, text);
}

void output_explain(struct output *o, const char *text)
{
	line_add(o, o->explain, text);
}

void output_lines(struct output *o)
{
	o->lines = true;
}

char *output_line_take(struct output *o)
{
	struct json_object *next = json_object_new_object();
	char *text = NULL;

	if (!next || o->failed || asprintf(&text, "%s\n",
					  json_object_to_json_string_ext(o->stack[0],
						  JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE)) < 0) {
		json_object_put(next);
		return NULL;
	}
	json_object_put(o->stack[0]);
	o->stack[0] = next;
	return text;
}

void output_keep(struct output *o)
{
	o->keep = true;
}

static struct json_object *error_new(const struct failure *f)
{
	const struct exit_code *e = exit_for(f->error);
	struct json_object *error = json_object_new_object();
	bool ok = error != NULL;

	ok = ok && value_add(error, "code", json_object_new_int(e->code));
	ok = ok && value_add(error, "name", json_object_new_string(e->name));
	ok = ok && value_add(error, "message", string_new(f->message));
	ok = ok && value_add(error, "object", f->object[0] ? string_new(f->object) : NULL);
	ok = ok && value_add(error, "hint", f->hint[0] ? string_new(f->hint) : NULL);
	if (ok)
		return error;
	json_object_put(error);
	return NULL;
}

/* Moves what the verb described into the document, behind the members that all have. */
static bool members_move(struct json_object *document, struct json_object *members)
{
	json_object_object_foreach(members, key, value)
	{
		if (!value_add(document, key, json_object_get(value)))
			return false;
	}
	return true;
}

static struct json_object *document_new(
	struct output *o, const char *command, const struct failure *f)
{
	struct json_object *d = json_object_new_object();
	bool ok = d != NULL && !o->failed;

	ok = ok && value_add(d, "schema", json_object_new_int(OUTPUT_SCHEMA));
	ok = ok && value_add(d, "command", command ? json_object_new_string(command) : NULL);
	ok = ok && value_add(d, "ok", json_object_new_boolean(f->error == 0));
	if (ok && f->error)
		ok = value_add(d, "error", error_new(f));
	if (f->error == 0 || o->keep)
		ok = ok && members_move(d, o->stack[0]);
	if (ok && json_object_array_length(o->explain) > 0)
		ok = value_add(d, "explain", json_object_get(o->explain));
	ok = ok && value_add(d, "warnings", json_object_get(o->warnings));
	if (ok)
		return d;
	json_object_put(d);
	return NULL;
}

/* A reader gets a document even when there is no memory to make one. */
static const char document_without_memory[] =
	"{\"schema\":1,\"command\":null,\"ok\":false,\"error\":{\"code\":3,"
	"\"name\":\"out-of-memory\",\"message\":\"out of memory\","
	"\"object\":null,\"hint\":null},\"warnings\":[]}";

void output_no_memory(void)
{
	(void)puts(document_without_memory);
	(void)fflush(stdout);
}

static int all_write(const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* Past stdio, whose buffer would keep a copy of the secret. */
static int secret_print(const struct output *o, const char *text)
{
	const char *mark = strstr(text, SECRET_MARK_ESCAPED);
	int r;

	if (!mark)
		return puts(text) == EOF ? -EIO : 0;
	r = all_write(text, (size_t)(mark - text) + 1);
	if (r == 0)
		r = all_write(o->secret, o->secret_size);
	if (r == 0)
		r = all_write("\"", 1);
	mark += strlen(SECRET_MARK_ESCAPED);
	if (r == 0)
		r = all_write(mark, strlen(mark));
	return r < 0 ? r : all_write("\n", 1);
}

static int document_print(struct output *o, const char *command, const struct failure *f)
{
	struct json_object *d = document_new(o, command, f);
	const char *text = NULL;
	int r = -ENOMEM;

	if (d)
		text = json_object_to_json_string_ext(
			d, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text && o->secret)
		r = secret_print(o, text);
	else if (text)
		r = puts(text) == EOF ? -EIO : 0;
	json_object_put(d);
	return r;
}

int output_finish(struct output *o, const char *command, const struct failure *f)
{
	int r = 0;

	errno = 0;
	if (o->json && (f->error || !o->lines))
		r = document_print(o, command, f);
	if (r == -ENOMEM)
		output_no_memory();
	/* A full disk or a reader that went away shows here at the latest. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return errno ? -errno : -EIO;
	return r;
}

char *output_progress_line(const char *command, const char *what, uint64_t done, uint64_t total)
{
	struct json_object *line = json_object_new_object();
	char *text = NULL;
	bool ok = line != NULL;

	ok = ok && value_add(line, "command", json_object_new_string(command));
	ok = ok && value_add(line, "what", string_new(what));
	ok = ok && value_add(line, "done", json_object_new_uint64(done));
	ok = ok && value_add(line, "total", total ? json_object_new_uint64(total) : NULL);
	if (ok && asprintf(&text, "%s\n",
			  json_object_to_json_string_ext(line,
				  JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		text = NULL;
	json_object_put(line);
	return text;
}
