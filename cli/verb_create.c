// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <string.h>
#include "cli.h"
#include "config.h"
#include "message.h"
#include "plan.h"
#include "secret.h"
#include "size.h"
#include "text.h"

/* name is one of these: the option parser has seen to that. */
static enum cdisk_wipe wipe_choose(const char *name)
{
	if (strcmp(name, "discard") == 0)
		return CDISK_WIPE_DISCARD;
	if (strcmp(name, "zero") == 0)
		return CDISK_WIPE_ZERO;
	return strcmp(name, "random") == 0 ? CDISK_WIPE_RANDOM : CDISK_WIPE_NONE;
}

static int numbers_get(struct cli *cli, struct cdisk_create *p)
{
	uint64_t bits = opt_number(cli, OPT_KEY_SIZE, 0);
	uint64_t sector = opt_number(cli, OPT_SECTOR_SIZE, 0);
	uint64_t passes = opt_number(cli, OPT_KDF_PASSES, 0);

	if (bits % 8 || bits > 4096 || (opt_set(cli, OPT_KEY_SIZE) && !bits))
		return cli_fail(cli, -EINVAL, "--key-size is in bits, such as 256 or 512");
	if (sector > 4096 || (opt_set(cli, OPT_SECTOR_SIZE) && sector < 512) ||
		(sector & (sector - 1)))
		return cli_fail(cli, -EINVAL, "--sector-size is one of 512, 1024, 2048, 4096");
	if (passes > UINT32_MAX || (opt_set(cli, OPT_KDF_PASSES) && !passes))
		return cli_fail(cli, -EINVAL, "--kdf-passes is no number of passes");
	p->key_size = (uint32_t)bits / 8;
	p->sector_size = (uint32_t)sector;
	p->kdf_memory = opt_number(cli, OPT_KDF_MEMORY, 0);
	p->kdf_passes = (uint32_t)passes;
	p->size = opt_number(cli, OPT_SIZE, 0);
	return 0;
}

static void flags_get(struct cli *cli, struct cdisk_create *p)
{
	const char *wipe = opt_text(cli, OPT_WIPE);

	if (opt_set(cli, OPT_FORCE))
		p->flags |= CDISK_CREATE_FORCE;
	if (opt_set(cli, OPT_OVERCOMMIT))
		p->flags |= CDISK_CREATE_OVERCOMMIT;
	if (!wipe)
		return;
	p->flags |= CDISK_CREATE_WIPE;
	p->wipe = wipe_choose(wipe);
}

static int parameters_get(struct cli *cli, struct cdisk_create *p)
{
	uid_t uid;
	gid_t gid;
	int r;

	p->path = cli_arg(cli, 0);
	p->header_path = opt_text(cli, OPT_HEADER);
	p->fs = opt_text(cli, OPT_FS);
	p->from = opt_text(cli, OPT_FROM);
	p->label = opt_text(cli, OPT_LABEL);
	p->cipher = opt_text(cli, OPT_CIPHER);
	if (!p->fs)
		p->fs = "ext4";
	if (p->from && strcmp(p->fs, "ext4") != 0)
		return cli_fail(cli, -EINVAL, "--from works with ext4 only, not with %s", p->fs);
	if (!opt_set(cli, OPT_SIZE) && !p->from && !opt_set(cli, OPT_FORCE))
		return cli_fail(cli, -EINVAL, "--size is missing: how large shall it be?");
	if (opt_set(cli, OPT_SIZE) && opt_number(cli, OPT_SIZE, 0) == 0)
		return cli_fail(cli, -EINVAL, "--size 0 makes no container");
	r = numbers_get(cli, p);
	flags_get(cli, p);
	config_caller(&uid, &gid);
	p->uid = uid;
	p->gid = gid;
	return r;
}

static void plan_output(struct cli *cli, const char *key, const struct cdisk_plan *p)
{
	struct output *o = cli->out;

	output_open(o, key);
	output_text(o, "format", p->format);
	output_text(o, "cipher", p->cipher);
	output_number(o, "key_size", p->key_size);
	output_number(o, "sector_size", p->sector_size);
	output_number(o, "file_size", p->file_size);
	output_number(o, "data_offset", p->data_offset);
	output_number(o, "data_size", p->data_size);
	output_number(o, "free_space", p->free_space);
	output_text(o, "fs", p->fs);
	output_number(o, "inodes", p->inodes);
	output_open(o, "kdf");
	output_text(o, "name", p->kdf);
	output_number(o, "memory", p->kdf_memory);
	output_number(o, "passes", p->kdf_passes);
	output_number(o, "lanes", p->kdf_lanes);
	output_close(o);
	output_close(o);
}

static void plan_facts(struct cli *cli, const struct cdisk_plan *p)
{
	char memory[SIZE_TEXT];

	text_fact(cli, "Format", "%s", p->format);
	text_fact(cli, "Cipher", "%s, key of %u bits, sectors of %u bytes", p->cipher,
		p->key_size * 8, p->sector_size);
	text_fact(cli, "Key derivation", "%s, %s, %u passes, %u lanes", p->kdf,
		size_format(p->kdf_memory, memory), p->kdf_passes, p->kdf_lanes);
	text_fact_size(cli, "File size", p->file_size);
	text_fact_size(cli, "Data offset", p->data_offset);
	text_fact_size(cli, "Volume size", p->data_size);
	text_fact_size(cli, "Free space", p->free_space);
	text_fact(cli, "Filesystem", "%s", p->fs);
	if (p->inodes)
		text_fact(cli, "Inodes", "%llu", (unsigned long long)p->inodes);
}

static int create_plan(struct cli *cli, const struct cdisk_create *p, const struct cdisk_plan *plan)
{
	plan_begin(cli);
	plan_step(cli, "make %s", p->path);
	if (p->from)
		plan_step(cli, "copy %s into it", p->from);
	plan_end(cli);
	plan_output(cli, "plan", plan);
	plan_facts(cli, plan);
	return 0;
}

static int create_failed(struct cli *cli, const struct cdisk_create *p, int r)
{
	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, p->path);
	return r;
}

int verb_create(struct cli *cli)
{
	_cleanup_secret_ struct cdisk_secret *secret = NULL;
	struct cdisk_create p = {0};
	struct cdisk_plan plan;
	char size[SIZE_TEXT];
	int r;

	r = parameters_get(cli, &p);
	if (r < 0)
		return r;
	/* Everything that can be known is checked before somebody thinks of a passphrase. */
	r = cdisk_create_plan(cli->c, &p, &plan);
	if (r < 0)
		return create_failed(cli, &p, r);
	if (opt_set(cli, OPT_DRY_RUN))
		return create_plan(cli, &p, &plan);
	r = secret_for_create(cli, p.path, &secret);
	if (r < 0)
		return r;
	r = cdisk_create(cli->c, &p, secret, &plan);
	progress_clear(&cli->progress);
	if (r < 0)
		return create_failed(cli, &p, r);
	output_bool(cli->out, "changed", true);
	output_text(cli->out, "id", plan.id);
	output_text(cli->out, "path", p.path);
	plan_output(cli, "plan", &plan);
	message_note(cli, "%s: %s volume of %s, %s", p.path, plan.format,
		size_format(plan.data_size, size), plan.fs);
	text_line(cli, "%s", plan.id);
	return 0;
}
