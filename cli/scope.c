// SPDX-License-Identifier: GPL-2.0-or-later
#include "scope.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"
#include "message.h"
#include "size.h"

#define GLOBAL_FOLDER "/run/cryptdisk"

static int owner_parse(struct cli *cli, const char *text, uint32_t *ret_owner)
{
	const struct passwd *pw;
	uint64_t uid;

	if (number_parse(text, &uid) == 0 && uid < UINT32_MAX) {
		*ret_owner = (uint32_t)uid;
		return 0;
	}
	pw = getpwnam(text);
	if (!pw)
		return cli_fail(cli, -EINVAL, "there is no user '%s'", text);
	*ret_owner = pw->pw_uid;
	return 0;
}

static int owner_choose(struct cli *cli, struct scope *s)
{
	const char *owner = opt_text(cli, OPT_OWNER);
	int r;

	if (!owner)
		return 0;
	r = owner_parse(cli, owner, &s->owner);
	if (r < 0)
		return r;
	if (geteuid() != 0 && s->owner != geteuid())
		return cli_fail(cli, -EPERM, "only root mounts for another user");
	return 0;
}

static int refuse_reserved(struct cli *cli, const char *wanted)
{
	if (wanted && strcmp(wanted, "session") == 0) {
		(void)cli_fail(cli, -CDISK_ERR_UNSUPPORTED,
			"a program cannot put its shell into a mount of its own");
		cli_hint(cli, "session scope is what 'cryptdisk exec VOL -- CMD' is for");
		return -CDISK_ERR_UNSUPPORTED;
	}
	if (wanted && strcmp(wanted, "group") == 0)
		return cli_fail(cli, -CDISK_ERR_UNSUPPORTED, "scope group is not in this version");
	return 0;
}

static int agree(struct cli *cli, const char *wanted, const struct scope *s)
{
	if (!wanted || strcmp(wanted, s->name) == 0)
		return 0;
	if (strcmp(wanted, "global") == 0)
		return cli_fail(cli, -EPERM, "only root has global scope");
	(void)cli_fail(cli, -EINVAL, "root mounts in user scope only for somebody");
	cli_hint(cli, "give 'cryptdisk mount' the option --owner USER");
	return -EINVAL;
}

int scope_choose(struct cli *cli, struct scope *ret_scope)
{
	const char *wanted = opt_text(cli, OPT_SCOPE);
	struct scope s = {.name = "user", .owner = UINT32_MAX};
	int r;

	r = refuse_reserved(cli, wanted);
	if (r == 0)
		r = owner_choose(cli, &s);
	if (r < 0)
		return r;
	if (s.owner != UINT32_MAX && s.owner != 0) {
		(void)snprintf(s.text, sizeof(s.text), "uid %u, as asked", s.owner);
	} else if (geteuid() == 0) {
		s.name = "global";
		(void)snprintf(s.text, sizeof(s.text), "running as root");
	} else {
		(void)snprintf(s.text, sizeof(s.text), "uid %u", (unsigned int)geteuid());
	}
	r = agree(cli, wanted, &s);
	if (r < 0)
		return r;
	*ret_scope = s;
	ret_scope->reason = ret_scope->text;
	message_note(cli, "scope: %s (%s)", ret_scope->name, ret_scope->reason);
	return 0;
}

int scope_define(struct cli *cli, bool *ret_global)
{
	const char *wanted = opt_text(cli, OPT_SCOPE);
	int r = refuse_reserved(cli, wanted);

	if (r < 0)
		return r;
	if (opt_set(cli, OPT_GLOBAL) && opt_set(cli, OPT_USER))
		return cli_fail(cli, -EINVAL, "only one of --global and --user can be given");
	if (wanted && opt_set(cli, strcmp(wanted, "global") == 0 ? OPT_USER : OPT_GLOBAL))
		return cli_fail(cli, -EINVAL, "--scope %s says something else", wanted);
	if (opt_set(cli, OPT_GLOBAL) || opt_set(cli, OPT_USER))
		wanted = opt_set(cli, OPT_GLOBAL) ? "global" : "user";
	*ret_global = wanted ? strcmp(wanted, "global") == 0 : geteuid() == 0;
	if (*ret_global && geteuid() != 0)
		return cli_fail(cli, -EPERM, "only root defines for everybody");
	if (!*ret_global && geteuid() == 0)
		return cli_fail(
			cli, -EINVAL, "root has no definitions of its own, only global ones");
	return 0;
}

int scope_listen(struct cli *cli, const char **ret_name, const char **ret_folder)
{
	const char *wanted = opt_text(cli, OPT_SCOPE);
	const char *own = geteuid() == 0 ? "global" : "user";
	int r = refuse_reserved(cli, wanted);

	if (r < 0)
		return r;
	*ret_name = wanted ? wanted : own;
	*ret_folder = cli->run_dir;
	if (!wanted || strcmp(wanted, own) == 0)
		return 0;
	if (geteuid() == 0)
		return cli_fail(cli, -EINVAL, "root has no user scope to listen to");
	*ret_folder = GLOBAL_FOLDER;
	return 0;
}
