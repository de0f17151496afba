/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things live: <run> and <state> of the contract. Root never believes XDG_* or HOME. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <cryptdisk/cryptdisk.h>

struct cli;

/*
 * Tells the library both folders. make = <run> will be written to: a folder of the last resort in
 * /tmp is made and must be ours; without it a wrong one is only not used.
 */
int config_folders(struct cli *cli, bool make);

/* True if path is a folder of uid, mode 0700, and no symlink. */
bool config_is_private(const char *path, uid_t uid);

/*
 * An ordinary user's folder of ours: "cryptdisk" in the absolute path that the variable names, else
 * in below (such as ".config") of the home directory. -ENOENT where there is neither,
 * -ENAMETOOLONG.
 */
int config_user_folder(const char *variable, const char *below, char ret_path[CDISK_PATH_SIZE]);

/* The caller behind sudo, else the caller. */
void config_caller(uid_t *ret_uid, gid_t *ret_gid);

#endif
