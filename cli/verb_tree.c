// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "text.h"
#include "volume.h"

#define BRANCHES 4

struct branch {
	const char *what;
	const char *where;
	char note[96];
};

static int branches_get(const struct cdisk_attachment *a, struct branch *ret)
{
	int n = 0;

	memset(ret, 0, sizeof(*ret) * BRANCHES);
	if (a->mountpoint[0]) {
		ret[n].what = "mount";
		ret[n].where = a->mountpoint;
		(void)snprintf(ret[n++].note, sizeof(ret->note), " (%s, %s)", a->fstype, a->scope);
	}
	if (a->node[0]) {
		ret[n].what = "node";
		ret[n++].where = a->node;
	}
	if (a->disk[0] && strcmp(a->disk, a->node) != 0) {
		ret[n].what = "disk";
		ret[n].where = a->disk;
		if (a->pid)
			(void)snprintf(ret[n].note, sizeof(ret->note), " (%s, pid %d)", a->backend,
				(int)a->pid);
		n++;
	}
	if (a->file[0]) {
		ret[n].what = "file";
		ret[n++].where = a->file;
	}
	return n;
}

static void tree_print(struct cli *cli, const struct cdisk_attachment *a)
{
	bool utf8 = text_is_utf8();
	struct branch b[BRANCHES];
	char title[CDISK_ID_SIZE];
	int i, n = branches_get(a, b);

	text_line(cli, "%s  %s  %s", volume_title(a, title), a->id, cdisk_state_name(a->state));
	for (i = 0; i < n; i++) {
		const char *twig = i + 1 < n ? (utf8 ? "├─" : "|-") : (utf8 ? "└─" : "`-");

		text_line(cli, "%s %-5s %s%s", twig, b[i].what, b[i].where, b[i].note);
	}
}

int verb_tree(struct cli *cli)
{
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	int i, n;

	n = cdisk_list(cli->c, CDISK_LIST_ALL | CDISK_LIST_DETAILS, &list);
	if (n < 0)
		return cli_take(cli, n);
	output_list(cli->out, "volumes");
	for (i = 0; i < n; i++) {
		tree_print(cli, &list[i]);
		volume_output(cli, NULL, &list[i], NULL);
	}
	output_close(cli->out);
	return 0;
}
