// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli.h"
#include "message.h"
#include "size.h"

bool config_is_private(const char *path, uid_t uid)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid &&
	       (st.st_mode & 07777) == 0700;
}

/* /tmp/cryptdisk-UID: anybody may have made it before us, so its owner and mode decide. */
static int last_resort(struct cli *cli, bool make, char *ret_path, size_t size)
{
	uid_t uid = geteuid();

	(void)snprintf(ret_path, size, "/tmp/cryptdisk-%u", (unsigned int)uid);
	if (make && mkdir(ret_path, 0700) < 0 && errno != EEXIST)
		return cli_fail(cli, -errno, "cannot make %s: %s", ret_path, strerror(errno));
	if (config_is_private(ret_path, uid) || !make)
		return 0;
	(void)cli_fail(cli, -EACCES, "%s is not a folder of yours with mode 0700", ret_path);
	cli_object(cli, ret_path);
	cli_hint(cli, "somebody made it before you; remove it, or set XDG_RUNTIME_DIR");
	return -EACCES;
}

static int run_folder(struct cli *cli, bool make, char *ret_path, size_t size)
{
	const char *given = getenv("XDG_RUNTIME_DIR");
	uid_t uid = geteuid();
	char path[64];

	if (uid == 0) {
		(void)snprintf(ret_path, size, "/run/cryptdisk");
		return 0;
	}
	if (given && given[0] == '/' && strlen(given) + sizeof("/cryptdisk") < size &&
		config_is_private(given, uid)) {
		(void)snprintf(ret_path, size, "%s/cryptdisk", given);
		return 0;
	}
	(void)snprintf(path, sizeof(path), "/run/user/%u", (unsigned int)uid);
	if (config_is_private(path, uid)) {
		(void)snprintf(ret_path, size, "%s/cryptdisk", path);
		return 0;
	}
	return last_resort(cli, make, ret_path, size);
}

int config_user_folder(const char *variable, const char *below, char ret_path[CDISK_PATH_SIZE])
{
	const char *given = getenv(variable), *home = getenv("HOME");
	const struct passwd *pw;
	int n;

	if (!home || home[0] != '/') {
		pw = getpwuid(geteuid());
		home = pw ? pw->pw_dir : NULL;
	}
	if (given && given[0] == '/')
		n = snprintf(ret_path, CDISK_PATH_SIZE, "%s/cryptdisk", given);
	else if (home && home[0] == '/')
		n = snprintf(ret_path, CDISK_PATH_SIZE, "%s/%s/cryptdisk", home, below);
	else
		return -ENOENT;
	return n > 0 && n < CDISK_PATH_SIZE ? 0 : -ENAMETOOLONG;
}

/* "" when there is no home: header copies then only lie beside their container. */
static void state_folder(char ret_path[CDISK_PATH_SIZE])
{
	if (geteuid() == 0)
		(void)snprintf(ret_path, CDISK_PATH_SIZE, "/var/lib/cryptdisk");
	else if (config_user_folder("XDG_STATE_HOME", ".local/state", ret_path) < 0)
		ret_path[0] = '\0';
}

int config_folders(struct cli *cli, bool make)
{
	char state[CDISK_PATH_SIZE];
	int r;

	r = run_folder(cli, make, cli->run_dir, sizeof(cli->run_dir));
	if (r < 0)
		return r;
	r = cdisk_set_run_dir(cli->c, cli->run_dir);
	if (r < 0)
		return cli_take(cli, r);
	message_explain(cli, "folders: attachments live in %s", cli->run_dir);
	state_folder(state);
	if (!state[0])
		return 0;
	r = cdisk_set_state_dir(cli->c, state);
	if (r < 0)
		return cli_take(cli, r);
	return 0;
}

void config_caller(uid_t *ret_uid, gid_t *ret_gid)
{
	const char *uid_text = getenv("SUDO_UID");
	const char *gid_text = getenv("SUDO_GID");
	uint64_t uid, gid;

	*ret_uid = getuid();
	*ret_gid = getgid();
	if (geteuid() != 0 || !uid_text || !gid_text)
		return;
	if (number_parse(uid_text, &uid) < 0 || number_parse(gid_text, &gid) < 0)
		return;
	if (uid >= UINT32_MAX || gid >= UINT32_MAX)
		return;
	*ret_uid = (uid_t)uid;
	*ret_gid = (gid_t)gid;
}
