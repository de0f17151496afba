// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a server says about itself in its file info: one flat JSON object. Asked only of one's own
 * servers, in a child with a time limit.
 */
#include "mount/mounting.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "backend/child.h"
#include "mount/json_read.h"

#define INFO_MS 1000
#define INFO_MAX 32768

/* A text that does not fit is left out: half a path is a wrong path. */
static void text_set(char *field, size_t size, const char *text)
{
	if (strlen(text) < size)
		memcpy(field, text, strlen(text) + 1);
}

static void value_apply(
	const char *object, const char *key, const struct cdisk_json_value *v, void *data)
{
	struct cdisk_attachment *a = data;
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

	(void)object;
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

int cdisk_info_parse(const char *text, struct cdisk_attachment *a)
{
	return cdisk_json_read(text, /* inner= */ NULL, value_apply, a);
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
