// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli.h"
#include "definitions.h"
#include "message.h"
#include "resolve_device.h"
#include "resolve_match.h"

struct search {
	struct cli *cli;
	const char *vol;
	struct cdisk_attachment *list; /* owned */
	int n;
	int *found; /* indexes of list, owned */
	int n_found;
};

static void search_done(struct search *s)
{
	free(s->list);
	free(s->found);
}

/* details: names and labels are known to the servers only. */
static int search_load(struct search *s, bool details)
{
	struct cdisk_attachment *list;
	int n;

	n = cdisk_list(s->cli->c, CDISK_LIST_ALL | (details ? CDISK_LIST_DETAILS : 0), &list);
	if (n < 0)
		return cli_take(s->cli, n);
	search_done(s);
	s->list = list;
	s->n = n;
	s->n_found = 0;
	s->found = calloc((size_t)n + 1, sizeof(*s->found));
	return s->found ? 0 : cli_fail(s->cli, -ENOMEM, "out of memory");
}

typedef bool (*match_fn)(const struct cdisk_attachment *a, const char *text);

static void found_add(struct search *s, int i)
{
	s->found[s->n_found++] = i;
}

/* A name belongs to its owner; those of other users are reached by path or ID. */
static bool name_counts(const struct cdisk_attachment *a)
{
	return a->uid == getuid() || strcmp(a->scope, "user") != 0;
}

static bool match_name(const struct cdisk_attachment *a, const char *name)
{
	return name_counts(a) && a->name[0] && strcmp(a->name, name) == 0;
}

static bool match_label(const struct cdisk_attachment *a, const char *label)
{
	return name_counts(a) && a->label[0] && strcmp(a->label, label) == 0;
}

/* A server that is gone or stopped tells no name, but its volume is mounted at its label. */
static bool match_mounted(const struct cdisk_attachment *a, const char *label)
{
	const char *base = strrchr(a->mountpoint, '/');

	return name_counts(a) && !a->label[0] && base && strcmp(base + 1, label) == 0;
}

/* One that may or may not have the name that is looked for. */
static bool is_nameless(const struct cdisk_attachment *a)
{
	return name_counts(a) && a->pid && a->reason[0] && !a->name[0] && !a->label[0];
}

/* Of all that match, those of the nearest scope. */
static int find_nearest(struct search *s, match_fn match, const char *text)
{
	int i, nearest = INT32_MAX;

	s->n_found = 0;
	for (i = 0; i < s->n; i++) {
		int rank = match_scope_rank(s->list[i].scope);

		if (!match(&s->list[i], text) || rank > nearest)
			continue;
		if (rank < nearest)
			s->n_found = 0;
		nearest = rank;
		found_add(s, i);
	}
	return s->n_found;
}

static int find_label(struct search *s, const char *label)
{
	int n = find_nearest(s, match_label, label);

	return n > 0 ? n : find_nearest(s, match_mounted, label);
}

static int find_all(struct search *s, match_fn match, const char *text)
{
	int i;

	s->n_found = 0;
	for (i = 0; i < s->n; i++) {
		if (match(&s->list[i], text))
			found_add(s, i);
	}
	return s->n_found;
}

/* The topmost mount of that place is the one that is seen there, and it comes last. */
static const char *find_place(struct search *s, const char *path)
{
	const char *how = NULL;
	int i;

	s->n_found = 0;
	for (i = 0; i < s->n; i++) {
		const char *place = match_place(&s->list[i], path);

		if (!place)
			continue;
		how = place;
		s->n_found = 0;
		found_add(s, i);
	}
	return how;
}

static const char *find_device(struct search *s, const char *path)
{
	int i;
	const char *how = device_place(s->list, s->n, path, &i);

	s->n_found = 0;
	if (how)
		found_add(s, i);
	return how;
}

static void find_file(struct search *s, const struct stat *st)
{
	int i;

	s->n_found = 0;
	for (i = 0; i < s->n; i++) {
		const struct cdisk_attachment *a = &s->list[i];

		if (a->ino && a->dev == (uint64_t)st->st_dev && a->ino == (uint64_t)st->st_ino)
			found_add(s, i);
	}
}

/* What was taken away by force tells no file any more: the container's ID has to name it. */
static void find_gone(struct search *s, const char *path)
{
	struct cdisk_container *ct;
	int i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->list[i].state == CDISK_STATE_STALE && !s->list[i].ino;
	if (n == 0 || cdisk_container_open(s->cli->c, path, NULL, CDISK_OPEN_INSPECT, &ct) < 0)
		return;
	for (i = 0; i < s->n; i++) {
		const struct cdisk_attachment *a = &s->list[i];

		if (a->state == CDISK_STATE_STALE && !a->ino &&
			strcmp(a->id, cdisk_container_info(ct)->id) == 0)
			found_add(s, i);
	}
	cdisk_container_close(ct);
}

static bool has_prefix(const char *text, const char *prefix, const char **ret_rest)
{
	size_t len = strlen(prefix);

	if (strncmp(text, prefix, len) != 0)
		return false;
	*ret_rest = text + len;
	return true;
}

/* A slash makes a path, but a label that another tool wrote may have one, too. */
static bool looks_like_path(const char *vol)
{
	const char *rest;

	return strchr(vol, '/') && !has_prefix(vol, "id:", &rest) &&
	       !has_prefix(vol, "label:", &rest) && !has_prefix(vol, "name:", &rest);
}

/*
 * A mount point or disk of a volume, or NULL. realpath() reads links only and asks no server about
 * the mount point that it may end at; with a slash behind it (as shells complete it) it would.
 */
static const char *resolve_place(struct search *s)
{
	_cleanup_free_ char *bare = strdup(s->vol), *real = NULL;
	const char *how = NULL;
	size_t len;

	if (!bare)
		return NULL;
	for (len = strlen(bare); len > 1 && bare[len - 1] == '/'; len--)
		bare[len - 1] = '\0';
	if (bare[0] == '/')
		how = find_place(s, bare);
	if (how)
		return how;
	real = realpath(bare, NULL);
	how = real ? find_place(s, real) : NULL;
	return how || !real ? how : find_device(s, real);
}

/* An existing path: 0, 1 = there is none, or why it cannot be one. */
static int resolve_path(struct search *s, unsigned int flags, struct target *t)
{
	_cleanup_free_ char *real = NULL;
	bool is_path = looks_like_path(s->vol);
	struct stat st;

	t->how = resolve_place(s);
	if (t->how)
		return 0;
	real = realpath(s->vol, NULL);
	if (!real && !is_path)
		return 1;
	if (!real)
		return cli_fail(s->cli, -errno, "%s", strerror(errno));
	if (stat(real, &st) < 0)
		return cli_fail(s->cli, -errno, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		(void)cli_fail(s->cli, -EISDIR, "is a directory, and no mount point of a volume");
		cli_hint(s->cli, "'cryptdisk list' shows the mount points");
		return -EISDIR;
	}
	t->how = S_ISBLK(st.st_mode) ? "block device" : "file";
	(void)snprintf(t->path, sizeof(t->path), "%s", s->vol);
	find_file(s, &st);
	if (s->n_found == 0 && flags & RESOLVE_ATTACHED)
		find_gone(s, real);
	return 0;
}

static void definition_forget(struct cli *cli)
{
	free(cli->definition);
	cli->definition = NULL;
}

/* Into cli->definition: 0, 1 = NAME is not defined. */
static int definition_load(struct cli *cli, const char *name)
{
	int r;

	definition_forget(cli);
	cli->definition = malloc(sizeof(*cli->definition));
	if (!cli->definition)
		return cli_fail(cli, -ENOMEM, "out of memory");
	r = definition_find(cli, name, cli->definition);
	if (r != 0)
		definition_forget(cli);
	else
		message_explain(cli, "definition: %s is %s, by %s", name, cli->definition->file,
			cli->definition->path);
	return r;
}

/* Where its file is not there any more, or the kernel does not tell it, the ID tells. */
static void find_defined(struct search *s, const struct definition *d)
{
	bool there;
	struct stat st;
	int i;

	there = stat(d->file, &st) == 0;
	if (there)
		find_file(s, &st);
	for (i = 0; i < s->n && d->id[0]; i++) {
		const struct cdisk_attachment *a = &s->list[i];

		if ((!there || !a->ino) && strcmp(a->id, d->id) == 0)
			found_add(s, i);
	}
}

/* A defined name means its file, which is attached or not: 0, 1 = it is not defined. */
static int resolve_defined(struct search *s, const char *name, struct target *t)
{
	int r = definition_load(s->cli, name);

	if (r != 0)
		return r;
	t->how = "definition";
	memcpy(t->path, s->cli->definition->file, sizeof(t->path));
	find_defined(s, s->cli->definition);
	return 0;
}

static bool is_defined_as(const struct cdisk_attachment *a, const struct definition *d)
{
	struct stat st;

	if (d->id[0])
		return strcmp(d->id, a->id) == 0;
	return a->ino && stat(d->file, &st) == 0 && a->dev == (uint64_t)st.st_dev &&
	       a->ino == (uint64_t)st.st_ino;
}

/* A name that an open volume has by its definition: the rest of that holds for it, too. */
static void definition_of(struct search *s, const char *name)
{
	struct cli *cli = s->cli;

	if (s->n_found != 1 || definition_load(cli, name) != 0)
		memset(&cli->failure, 0, sizeof(cli->failure));
	else if (!is_defined_as(&s->list[s->found[0]], cli->definition))
		definition_forget(cli);
}

/* What is open and called so by its label, or begins so. */
static const char *find_word(struct search *s)
{
	if (find_label(s, s->vol) > 0)
		return "label";
	if (match_is_prefix(s->vol) && find_all(s, match_prefix, s->vol) > 0)
		return "ID prefix";
	return find_all(s, match_id, s->vol) > 0 ? "instance" : NULL;
}

/*
 * A definition comes before labels; but what is open is not said to be closed because a definition
 * has its label for a name, or because a definition of that name cannot be read.
 */
static int resolve_bare(struct search *s, unsigned int flags, struct target *t)
{
	const char *word;
	int r;

	if (find_nearest(s, match_name, s->vol) > 0) {
		t->how = "name";
		definition_of(s, s->vol);
		return 0;
	}
	r = resolve_defined(s, s->vol, t);
	if (r == 0 && (s->n_found > 0 || !(flags & RESOLVE_ATTACHED)))
		return 0;
	word = find_word(s);
	if (!word)
		return r > 0 ? -CDISK_ERR_NOT_FOUND : r;
	definition_forget(s->cli);
	memset(&s->cli->failure, 0, sizeof(s->cli->failure));
	t->how = word;
	t->path[0] = '\0';
	return 0;
}

static int resolve_id(struct search *s, const char *id, struct target *t)
{
	if (!id[0])
		return cli_fail(s->cli, -EINVAL, "there is no ID behind 'id:'");
	t->how = "ID";
	if (find_all(s, match_id, id) > 0)
		return 0;
	(void)cli_fail(s->cli, -CDISK_ERR_NOT_FOUND, "no volume with this ID is open");
	cli_hint(s->cli, "'cryptdisk list' shows what is open");
	return -CDISK_ERR_NOT_FOUND;
}

static int resolve_name(struct search *s, unsigned int flags, struct target *t)
{
	const char *rest;
	int r;

	if (has_prefix(s->vol, "label:", &rest)) {
		t->how = "label";
		return find_label(s, rest) > 0 ? 0 : -CDISK_ERR_NOT_FOUND;
	}
	if (has_prefix(s->vol, "name:", &rest)) {
		t->how = "name";
		if (find_nearest(s, match_name, rest) > 0) {
			definition_of(s, rest);
			return 0;
		}
		r = resolve_defined(s, rest, t);
		return r > 0 ? -CDISK_ERR_NOT_FOUND : r;
	}
	return resolve_bare(s, flags, t);
}

/* Each can be told from the others by its place, whatever its names are. */
static int ambiguous(struct search *s)
{
	char text[FAILURE_TEXT] = "";
	size_t len = 0;
	int i;

	for (i = 0; i < s->n_found && len + 1 < sizeof(text); i++) {
		const struct cdisk_attachment *a = &s->list[s->found[i]];
		int n = snprintf(text + len, sizeof(text) - len, "\n    %s  (%s, %s)",
			a->mountpoint[0] ? a->mountpoint : a->disk, a->scope, a->instance);

		len += n > 0 ? (size_t)n : 0;
	}
	(void)cli_fail(s->cli, -CDISK_ERR_AMBIGUOUS, "fits %d volumes", s->n_found);
	cli_object(s->cli, s->vol);
	cli_hint(s->cli, "name one of them by its mount point or disk:%s", text);
	return -CDISK_ERR_AMBIGUOUS;
}

static int count_nameless(const struct search *s)
{
	int i, n = 0;

	for (i = 0; i < s->n; i++)
		n += is_nameless(&s->list[i]);
	return n;
}

/* Nothing has the name. That is known only if everybody who might have it could be asked. */
static int not_found(struct search *s, unsigned int flags)
{
	bool named = strncmp(s->vol, "label:", 6) == 0 || strncmp(s->vol, "name:", 5) == 0;
	int nameless = count_nameless(s);

	/* A bare word may be a path with a slip of the finger as well. */
	if (named && flags & RESOLVE_ABSENT && nameless == 0)
		return 1;
	if (nameless > 0) {
		(void)cli_fail(s->cli, -CDISK_ERR_NOT_FOUND,
			"no volume tells this name, but %d cannot be asked", nameless);
		cli_hint(s->cli, "name it by its mount point or ID; 'cryptdisk list' shows them");
	} else {
		(void)cli_fail(s->cli, -CDISK_ERR_NOT_FOUND,
			"is neither a file nor a volume that is open");
		cli_hint(s->cli, "'cryptdisk list' shows what is open");
	}
	return -CDISK_ERR_NOT_FOUND;
}

static bool definition_is_nameless(const struct search *s)
{
	const struct definition *d = s->cli->definition;

	return d && !d->id[0] && access(d->file, F_OK) < 0 && count_nameless(s) > 0;
}

static int search_find(struct search *s, unsigned int flags, struct target *t)
{
	const char *rest;
	int r;

	r = search_load(s, flags & RESOLVE_DETAILS);
	if (r == 0)
		r = resolve_path(s, flags, t);
	if (r <= 0)
		return r;
	if (has_prefix(s->vol, "id:", &rest)) {
		r = resolve_id(s, rest, t);
		return r == -CDISK_ERR_NOT_FOUND && flags & RESOLVE_ABSENT ? 1 : r;
	}
	r = search_load(s, true);
	if (r == 0)
		r = resolve_name(s, flags, t);
	/* Known by a file alone that is not there: it may be one of those that cannot be asked. */
	if (r == 0 && s->n_found == 0 && flags & RESOLVE_ATTACHED && definition_is_nameless(s))
		r = -CDISK_ERR_NOT_FOUND;
	return r == -CDISK_ERR_NOT_FOUND ? not_found(s, flags) : r;
}

/* An ID is a name that any user can copy: what the caller attached is not hidden behind it. */
static void prefer_own(struct search *s)
{
	int i, n = 0;

	for (i = 0; i < s->n_found; i++)
		n += s->list[s->found[i]].uid == geteuid();
	if (n == 0 || n == s->n_found)
		return;
	for (i = 0, n = 0; i < s->n_found; i++)
		if (s->list[s->found[i]].uid == geteuid())
			s->found[n++] = s->found[i];
	s->n_found = n;
}

static int search_run(struct search *s, unsigned int flags, struct target *t)
{
	bool by_file;
	int r;

	r = search_find(s, flags, t);
	if (r < 0 && !s->cli->failure.object[0]) /* else it is a definition's file */
		cli_object(s->cli, s->vol);
	if (r != 0)
		return r;
	prefer_own(s);
	by_file = t->path[0] != '\0';
	if (s->n_found > 1 && (!by_file || flags & RESOLVE_ATTACHED))
		return ambiguous(s);
	t->n_attached = s->n_found;
	if (s->n_found > 0)
		t->attachment = s->list[s->found[0]];
	if (!by_file && s->n_found > 0)
		memcpy(t->path, t->attachment.file, sizeof(t->path));
	message_explain(
		s->cli, "volume: %s is a %s, attached %d times", s->vol, t->how, t->n_attached);
	return 0;
}

int resolve(struct cli *cli, const char *vol, unsigned int flags, struct target *ret_target)
{
	struct search s = {.cli = cli, .vol = vol};
	int r;

	memset(ret_target, 0, sizeof(*ret_target));
	if (strlen(vol) >= CDISK_PATH_SIZE)
		return cli_fail(cli, -ENAMETOOLONG, "the name of the volume is too long");
	r = search_run(&s, flags, ret_target);
	search_done(&s);
	if (r != 0 || !(flags & RESOLVE_ATTACHED) || ret_target->n_attached > 0)
		return r;
	if (flags & RESOLVE_ABSENT)
		return 1;
	(void)cli_fail(cli, -CDISK_ERR_NOT_FOUND, "is not open");
	cli_object(cli, vol);
	return -CDISK_ERR_NOT_FOUND;
}

bool target_is_container(const struct target *t)
{
	return strcmp(t->how, "file") == 0 || strcmp(t->how, "block device") == 0 ||
	       strcmp(t->how, "definition") == 0;
}

int resolve_container(struct cli *cli, const char *vol, struct target *ret_target)
{
	int r;

	r = resolve(cli, vol, RESOLVE_DETAILS, ret_target);
	if (r < 0)
		return r;
	if (ret_target->path[0])
		return 0;
	(void)cli_fail(cli, -CDISK_ERR_NOT_FOUND, "the container of this volume is not known");
	cli_object(cli, vol);
	cli_hint(cli, "give the path of the container itself");
	return -CDISK_ERR_NOT_FOUND;
}
