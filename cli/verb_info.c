// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "keyslots.h"
#include "resolve.h"
#include "size.h"
#include "text.h"
#include "unlock.h"

static void requirements_output(struct output *o, const char *requirements)
{
	char one[256];

	output_list(o, "requirements");
	while (*requirements) {
		const char *end = strchrnul(requirements, ',');

		(void)snprintf(one, sizeof(one), "%.*s", (int)(end - requirements), requirements);
		output_text(o, NULL, one);
		requirements = *end ? end + 1 : end;
	}
	output_close(o);
}

static void info_output(struct cli *cli, const struct cdisk_info *i)
{
	struct output *o = cli->out;

	output_open(o, "container");
	output_text(o, "path", i->path);
	output_text(o, "header_path", i->header_path);
	output_number(o, "dev", i->dev);
	output_number(o, "ino", i->ino);
	output_number(o, "file_size", i->file_size);
	output_text(o, "format", i->format);
	output_text(o, "id", i->id);
	output_text(o, "uuid", i->uuid);
	output_text(o, "label", i->label);
	output_text(o, "cipher", i->cipher);
	output_number(o, "key_size", i->key_size);
	output_number(o, "sector_size", i->sector_size);
	output_number(o, "header_size", i->header_size);
	output_number(o, "data_offset", i->data_offset);
	output_number(o, "data_size", i->data_size);
	output_number(o, "generation", i->generation);
	requirements_output(o, i->requirements);
	output_bool(o, "null_cipher", i->null_cipher != 0);
	output_bool(o, "primary_damaged", i->primary_damaged != 0);
	output_bool(o, "secondary_damaged", i->secondary_damaged != 0);
	keyslots_output(cli, i);
	output_close(o);
}

static void info_facts(struct cli *cli, const struct cdisk_info *i)
{
	text_fact(cli, "Container", "%s", i->path);
	text_fact(cli, "Header", "%s", i->header_path);
	text_fact(cli, "Format", "%s", i->format);
	text_fact(cli, "Volume", "%s", i->id);
	if (strcmp(i->uuid, i->id) != 0)
		text_fact(cli, "UUID", "%s", i->uuid);
	text_fact(cli, "Label", "%s", i->label);
	text_fact(cli, "Cipher", "%s, key of %u bits, sectors of %u bytes%s", i->cipher,
		i->key_size * 8, i->sector_size, i->null_cipher ? " (NOT ENCRYPTED)" : "");
	text_fact_size(cli, "File size", i->file_size);
	text_fact_size(cli, "Header size", i->header_size);
	text_fact_size(cli, "Data offset", i->data_offset);
	text_fact_size(cli, "Volume size", i->data_size);
	if (i->generation)
		text_fact(cli, "Generation", "%llu", (unsigned long long)i->generation);
	text_fact(cli, "Requires", "%s", i->requirements);
	if (i->primary_damaged)
		text_fact(cli, "Damage", "the first header copy is damaged");
	if (i->secondary_damaged)
		text_fact(cli, "Damage", "the second header copy is damaged");
	text_fact(cli, "Keyslots", "%u", i->n_keyslots);
}

int verb_info(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const struct cdisk_info *info;
	struct target t;
	int r;

	r = container_resolve(cli, cli_arg(cli, 0), CDISK_OPEN_INSPECT, &t, &ct);
	if (r < 0)
		return r;
	info = cdisk_container_info(ct);
	info_output(cli, info);
	info_facts(cli, info);
	keyslots_table(cli, info);
	return 0;
}

int verb_id_show(struct cli *cli)
{
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const char *id;
	struct target t;
	int r;

	r = resolve(cli, cli_arg(cli, 0), 0, &t);
	if (r < 0)
		return r;
	id = t.attachment.id;
	if (t.n_attached == 0) {
		r = container_open(cli, t.path, CDISK_OPEN_INSPECT, &ct);
		if (r < 0)
			return r;
		id = cdisk_container_info(ct)->id;
	}
	output_text(cli->out, "id", id);
	text_line(cli, "%s", id);
	return 0;
}
