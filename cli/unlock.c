// SPDX-License-Identifier: GPL-2.0-or-later
#include "unlock.h"

#include <errno.h>
#include <string.h>
#include "cli.h"
#include "definition.h"
#include "message.h"
#include "resolve.h"
#include "secret.h"

static void open_hint(struct cli *cli, int r)
{
	if (r == -CDISK_ERR_CORRUPT)
		cli_hint(cli, "'cryptdisk header restore' puts back a header copy, if there is one");
	else if (r == -CDISK_ERR_NOT_CONTAINER && !opt_set(cli, OPT_HEADER))
		cli_hint(cli, "if its header lies in a file of its own, give --header FILE");
}

/* Another container at the defined place is not what the name means, whatever the verb. */
static int definition_check(struct cli *cli, const struct cdisk_container *ct)
{
	const struct cdisk_info *info = cdisk_container_info(ct);

	if (!cli->definition || !cli->definition->id[0] ||
		strcmp(cli->definition->id, info->id) == 0)
		return 0;
	(void)cli_fail(cli, -CDISK_ERR_NOT_FOUND, "is volume %s, and %s is defined as %s", info->id,
		cli->definition->name, cli->definition->id);
	cli_object(cli, info->path);
	cli_hint(cli, "'cryptdisk define --force' takes the new one");
	return -CDISK_ERR_NOT_FOUND;
}

int container_open(struct cli *cli, const char *path, enum cdisk_open_mode mode,
	struct cdisk_container **ret_container)
{
	int r;

	r = cdisk_container_open(cli->c, path, opt_text(cli, OPT_HEADER), mode, ret_container);
	if (r == 0) {
		r = definition_check(cli, *ret_container);
		if (r < 0) {
			cdisk_container_close(*ret_container);
			*ret_container = NULL;
		}
		return r;
	}
	(void)cli_take(cli, r);
	if (!cli->failure.object[0])
		cli_object(cli, path);
	if (!cli->failure.hint[0])
		open_hint(cli, r);
	return r;
}

int container_resolve(struct cli *cli, const char *vol, enum cdisk_open_mode mode,
	struct target *ret_target, struct cdisk_container **ret_container)
{
	const struct cdisk_attachment *a = &ret_target->attachment;
	_cleanup_container_ struct cdisk_container *ct = NULL;
	const struct cdisk_info *info;
	int r;

	r = resolve_container(cli, vol, ret_target);
	if (r < 0)
		return r;
	r = container_open(cli, ret_target->path, mode, &ct);
	if (r < 0)
		return r;
	info = cdisk_container_info(ct);
	if (ret_target->n_attached > 0 && a->ino && (a->dev != info->dev || a->ino != info->ino)) {
		(void)cli_fail(cli, -CDISK_ERR_NOT_FOUND,
			"another file has taken the place of the volume's container");
		cli_object(cli, ret_target->path);
		cli_hint(cli, "give the path where the container is now");
		return -CDISK_ERR_NOT_FOUND;
	}
	*ret_container = ct;
	ct = NULL;
	return 0;
}

int container_keyslot(struct cli *cli, int *ret_keyslot)
{
	uint64_t n = opt_number(cli, OPT_KEY_SLOT, 0);

	if (n >= CDISK_KEYSLOTS_MAX)
		return cli_fail(
			cli, -EINVAL, "keyslots have the numbers 0 to %d", CDISK_KEYSLOTS_MAX - 1);
	*ret_keyslot = opt_set(cli, OPT_KEY_SLOT) ? (int)n : -1;
	return 0;
}

void container_purpose(struct cli *cli, const struct cdisk_container *ct, const char *what,
	struct secret_purpose *ret_purpose)
{
	const struct cdisk_info *info = cdisk_container_info(ct);

	memset(ret_purpose, 0, sizeof(*ret_purpose));
	ret_purpose->object = info->path;
	ret_purpose->what = what;
	ret_purpose->names[0] = opt_text(cli, OPT_NAME);
	ret_purpose->names[1] = info->label;
	ret_purpose->names[2] = info->id;
}

struct unlocking {
	struct cli *cli;
	struct cdisk_container *ct;
	int keyslot;
	struct cdisk_volume *volume;
	int opened; /* keyslot */
};

static int secret_failed(struct unlocking *u, int r)
{
	(void)cli_take(u->cli, r);
	if (!u->cli->failure.object[0])
		cli_object(u->cli, cdisk_container_info(u->ct)->path);
	return r;
}

static int unlock_try(struct cdisk_secret *secret, void *data)
{
	struct unlocking *u = data;
	int r = cdisk_container_unlock(u->ct, secret, u->keyslot, &u->volume);

	return r < 0 ? secret_failed(u, r) : 0;
}

static int test_try(struct cdisk_secret *secret, void *data)
{
	struct unlocking *u = data;
	int r = cdisk_key_test(u->ct, secret, u->keyslot, &u->opened);

	return r < 0 ? secret_failed(u, r) : 0;
}

int container_unlock(struct cli *cli, struct cdisk_container *ct, struct cdisk_volume **ret_volume)
{
	struct unlocking u = {.cli = cli, .ct = ct};
	struct secret_purpose purpose;
	int r;

	r = container_keyslot(cli, &u.keyslot);
	if (r < 0)
		return r;
	container_purpose(cli, ct, "Passphrase", &purpose);
	r = secret_find(cli, &purpose, unlock_try, &u, NULL);
	progress_clear(&cli->progress);
	if (r < 0)
		return r;
	message_explain(cli, "keyslot: %d opened the volume", cdisk_volume_keyslot(u.volume));
	*ret_volume = u.volume;
	return 0;
}

int container_test(struct cli *cli, struct cdisk_container *ct, const char *what, int keyslot,
	struct cdisk_secret **ret_secret, int *ret_keyslot)
{
	struct unlocking u = {.cli = cli, .ct = ct, .keyslot = keyslot};
	struct secret_purpose purpose;
	int r;

	container_purpose(cli, ct, what, &purpose);
	r = secret_find(cli, &purpose, test_try, &u, ret_secret);
	progress_clear(&cli->progress);
	if (r == 0)
		*ret_keyslot = u.opened;
	return r;
}
