// SPDX-License-Identifier: GPL-2.0-or-later
#include "events.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli.h"
#include "definition.h"
#include "resolve.h"

static const char *behind(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

/* Attached or not, a container is known by its file. */
static int file_take(struct cli *cli, const char *path, struct events_filter *f)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return cli_fail(cli, -errno, "%s: %s", path, strerror(errno));
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return 0;
}

/* Not attached: by the words of the argument. */
static void words_take(const char *vol, struct events_filter *f)
{
	if (behind(vol, "id:"))
		f->prefix = behind(vol, "id:");
	else if (behind(vol, "label:"))
		f->label = behind(vol, "label:");
	else
		f->name = behind(vol, "name:");
}

/* Defined, on a medium that is not there now. */
static void defined_take(const char *vol, const struct definition *d, struct events_filter *f)
{
	const char *name = behind(vol, "name:");

	if (d->id[0])
		memcpy(f->id, d->id, sizeof(f->id));
	else
		f->name = name ? name : vol;
}

int events_filter_make(struct cli *cli, const char *vol, bool global, struct events_filter *ret)
{
	struct events_filter f = {.any = !vol, .global = global};
	struct target t;
	int r = 0;

	if (vol)
		r = resolve(cli, vol, RESOLVE_DETAILS | RESOLVE_ABSENT, &t);
	if (r < 0)
		return r;
	if (vol && r > 0)
		words_take(vol, &f);
	else if (vol && cli->definition && access(t.path, F_OK) < 0)
		defined_take(vol, cli->definition, &f);
	else if (vol && t.n_attached > 0 && !target_is_container(&t))
		memcpy(f.id, t.attachment.id, sizeof(f.id));
	else if (vol)
		r = file_take(cli, t.path, &f);
	if (r < 0)
		return r;
	*ret = f;
	return 0;
}

static bool id_begins(const char *id, const char *prefix)
{
	for (; *prefix; id++) {
		if (*id == '-')
			continue;
		while (*prefix == '-')
			prefix++;
		if (!*prefix)
			return true;
		if (*id != tolower((unsigned char)*prefix))
			return false;
		prefix++;
	}
	return true;
}

bool events_filter_fits(const struct events_filter *f, const struct cdisk_attachment *a)
{
	if (f->any)
		return true;
	if (f->ino)
		return f->dev == a->dev && f->ino == a->ino;
	if (f->id[0])
		return strcmp(f->id, a->id) == 0;
	if (f->prefix)
		return id_begins(a->id, f->prefix);
	if (f->label)
		return strcmp(f->label, a->label) == 0;
	return f->name && strcmp(f->name, a->name) == 0;
}

static bool is_in_state(const struct cdisk_attachment *a, const char *state)
{
	/* What is mounted is unlocked. */
	if (strcmp(state, "unlocked") == 0 && a->state == CDISK_STATE_MOUNTED)
		return true;
	return strcmp(state, cdisk_state_name(a->state)) == 0;
}

static bool is_counted(const struct events_filter *f, const struct cdisk_attachment *a)
{
	if (a->state == CDISK_STATE_FOREIGN || a->uid != (f->global ? 0 : geteuid()))
		return false;
	return events_filter_fits(f, a);
}

int events_state_reached(struct cli *cli, const struct events_filter *f, const char *state,
	struct cdisk_attachment *ret_volume)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	uint32_t flags = CDISK_LIST_ALL | (f->label || f->name ? CDISK_LIST_DETAILS : 0);
	int i, n, attached = 0, unknown = 0;

	n = cdisk_list(cli->c, flags, &list);
	if (n < 0)
		return cli_take(cli, n);
	memset(ret_volume, 0, sizeof(*ret_volume));
	for (i = 0; i < n; i++) {
		/* Whose container nobody tells this user may be the one that was asked for. */
		unknown += f->ino && f->global && !list[i].ino && list[i].uid == 0 &&
			   list[i].state != CDISK_STATE_FOREIGN &&
			   list[i].state != CDISK_STATE_STALE;
		if (!is_counted(f, &list[i]))
			continue;
		/* What was killed is gone, whatever is left of it. */
		attached += list[i].state != CDISK_STATE_STALE;
		if (!is_in_state(&list[i], state))
			continue;
		*ret_volume = list[i];
		return 1;
	}
	if (attached > 0 || unknown > 0)
		return 0;
	return strcmp(state, "departed") == 0 || strcmp(state, "locked") == 0;
}

bool events_state_brought(const struct cdisk_event *event, const char *state)
{
	switch (event->kind) {
	case CDISK_EVENT_UNLOCKED:
	case CDISK_EVENT_UNMOUNTED:
		return strcmp(state, "unlocked") == 0;
	case CDISK_EVENT_MOUNTED:
		return strcmp(state, "unlocked") == 0 || strcmp(state, "mounted") == 0;
	case CDISK_EVENT_LOCKED:
		return strcmp(state, "locked") == 0;
	case CDISK_EVENT_DEPARTED:
		return strcmp(state, "locked") == 0 || strcmp(state, "departed") == 0;
	default:
		return false;
	}
}
