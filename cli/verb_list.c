// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "size.h"
#include "text.h"
#include "volume.h"

/* Without --all: one's own, what is there for everybody, and what other tools opened. */
static bool is_shown(const struct cli *cli, const struct cdisk_attachment *a)
{
	return opt_set(cli, OPT_ALL) || a->uid == getuid() || strcmp(a->scope, "user") != 0;
}

static void row_add(struct table *t, const struct cdisk_attachment *a)
{
	char text[SIZE_TEXT], id[CDISK_ID_SIZE];

	(void)snprintf(id, sizeof(id), "%.8s", a->id);
	table_cell(t, id, NULL);
	table_cell(t, a->name[0] ? a->name : a->label, NULL);
	table_cell(t, cdisk_state_name(a->state), volume_state_color(a->state));
	table_cell(t, a->scope, NULL);
	table_cell(t, a->backend, NULL);
	table_cell(t, a->size ? size_format(a->size, text) : "", NULL);
	table_cell(t, a->mountpoint[0] ? a->mountpoint : a->disk, NULL);
	table_cell(t, a->file, NULL);
}

int verb_list(struct cli *cli)
{
	static const char *const heading[] = {
		"ID", "NAME", "STATE", "SCOPE", "BACKEND", "SIZE", "PLACE", "CONTAINER", NULL};
	_cleanup_free_ struct cdisk_attachment *list = NULL;
	_cleanup_table_ struct table t;
	int i, n, shown = 0;

	table_init(&t, heading);
	n = cdisk_list(cli->c, CDISK_LIST_ALL | CDISK_LIST_DETAILS, &list);
	if (n < 0)
		return cli_take(cli, n);
	output_list(cli->out, "volumes");
	for (i = 0; i < n; i++) {
		if (!is_shown(cli, &list[i]))
			continue;
		shown++;
		row_add(&t, &list[i]);
		volume_output(cli, NULL, &list[i], NULL);
	}
	output_close(cli->out);
	if (shown > 0)
		table_print(cli, &t);
	return 0;
}
