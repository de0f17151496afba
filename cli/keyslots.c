// SPDX-License-Identifier: GPL-2.0-or-later
#include "keyslots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "message.h"
#include "size.h"
#include "text.h"
#include "unlock.h"

static void keyslot_output(struct output *o, const struct cdisk_keyslot *k)
{
	output_open(o, NULL);
	output_signed(o, "number", k->number);
	output_text(o, "kind", k->kind);
	output_text(o, "label", k->label);
	output_text(o, "kdf", k->kdf);
	output_text(o, "hash", k->hash);
	output_number(o, "memory", k->memory);
	output_number(o, "passes", k->passes);
	output_number(o, "lanes", k->lanes);
	output_text(o, "cipher", k->cipher);
	output_number(o, "key_size", k->key_size);
	output_bool(o, "unbound", k->unbound != 0);
	output_close(o);
}

void keyslots_output(struct cli *cli, const struct cdisk_info *info)
{
	unsigned int i;

	output_list(cli->out, "keyslots");
	for (i = 0; i < info->n_keyslots && i < CDISK_KEYSLOTS_MAX; i++)
		keyslot_output(cli->out, &info->keyslots[i]);
	output_close(cli->out);
}

static void cost_text(const struct cdisk_keyslot *k, char *ret_text, size_t size)
{
	char memory[SIZE_TEXT];

	if (k->memory)
		(void)snprintf(ret_text, size, "%s, %llu passes, %u lanes",
			size_format(k->memory, memory), (unsigned long long)k->passes, k->lanes);
	else
		(void)snprintf(ret_text, size, "%s, %llu iterations", k->hash,
			(unsigned long long)k->passes);
}

void keyslots_table(struct cli *cli, const struct cdisk_info *info)
{
	static const char *const heading[] = {
		"SLOT", "KIND", "LABEL", "KDF", "COST", "CIPHER", NULL};
	_cleanup_table_ struct table t;
	unsigned int i;

	table_init(&t, heading);
	for (i = 0; i < info->n_keyslots && i < CDISK_KEYSLOTS_MAX; i++) {
		const struct cdisk_keyslot *k = &info->keyslots[i];
		char number[16], cost[96];

		(void)snprintf(number, sizeof(number), "%d", k->number);
		cost_text(k, cost, sizeof(cost));
		table_cell(&t, number, NULL);
		table_cell(&t, k->unbound ? "unbound" : k->kind, NULL);
		table_cell(&t, k->label, NULL);
		table_cell(&t, k->kdf, NULL);
		table_cell(&t, cost, NULL);
		table_cell(&t, k->cipher, NULL);
	}
	if (info->n_keyslots > 0)
		table_print(cli, &t);
}

/* It is shown in tables: one line, and as long as they are read back. */
static int label_check(struct cli *cli, const char *label)
{
	const char *p;

	for (p = label; p && *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return cli_fail(cli, -EINVAL, "a label has no control characters");
	}
	if (label && strlen(label) >= CDISK_NAME_SIZE)
		return cli_fail(cli, -EINVAL, "a keyslot's label may have %d bytes at most",
			CDISK_NAME_SIZE - 1);
	return 0;
}

int keyslots_params(struct cli *cli, const char *kind, struct cdisk_key *ret_params)
{
	uint64_t passes = opt_number(cli, OPT_KDF_PASSES, 0);
	struct cdisk_key p = {
		.label = opt_text(cli, OPT_LABEL),
		.kind = kind,
		.keyslot = -1,
		.kdf_memory = opt_number(cli, OPT_KDF_MEMORY, 0),
		.kdf_passes = (uint32_t)passes,
	};

	if (passes > UINT32_MAX || (opt_set(cli, OPT_KDF_PASSES) && !passes))
		return cli_fail(cli, -EINVAL, "--kdf-passes is no number of passes");
	if (opt_set(cli, OPT_KEEP_HEADER_BACKUP))
		p.flags |= CDISK_KEEP_HEADER_BACKUP;
	*ret_params = p;
	return label_check(cli, p.label);
}

void keyslots_copies(struct cli *cli, struct cdisk_container *ct, struct cdisk_secret *secret)
{
	_cleanup_strv_ char **paths = NULL;
	char **p;
	int r;

	r = cdisk_header_copies(ct, secret, &paths);
	if (r < 0) {
		message_warning(
			cli, "kept header copies cannot be looked for: %s", cdisk_message(cli->c));
		return;
	}
	output_list(cli->out, "kept_copies");
	for (p = paths; p && *p; p++)
		output_text(cli->out, NULL, *p);
	output_close(cli->out);
	for (p = paths; p && *p; p++)
		message_warning(cli, "the header copy %s still opens the data%s", *p,
			secret ? " with the old secret" : " with the passphrases it holds");
}
