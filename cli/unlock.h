/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening containers and unlocking them, as every verb that needs it does. */
#ifndef CLI_UNLOCK_H
#define CLI_UNLOCK_H

#include <cryptdisk/cryptdisk.h>

struct cli;
struct target;
struct secret_purpose;

/*
 * The container of the verb's first argument, with --header. The lock is held from here on.
 * -CDISK_ERR_NOT_FOUND when that argument is defined as another volume.
 */
int container_open(struct cli *cli, const char *path, enum cdisk_open_mode mode,
	struct cdisk_container **ret_container);

/* Resolves VOL and opens its container. Where an attachment led to it, it must still be the same.
 */
int container_resolve(struct cli *cli, const char *vol, enum cdisk_open_mode mode,
	struct target *ret_target, struct cdisk_container **ret_container);

/* The purpose of a secret for this container: prompt and names of a stored credential. */
void container_purpose(struct cli *cli, const struct cdisk_container *ct, const char *what,
	struct secret_purpose *ret_purpose);

/* Asks for the secret where it is needed. */
int container_unlock(struct cli *cli, struct cdisk_container *ct, struct cdisk_volume **ret_volume);

/* The slot (keyslot -1 = any) that a secret of the usual sources opens; ret_secret may be NULL. */
int container_test(struct cli *cli, struct cdisk_container *ct, const char *what, int keyslot,
	struct cdisk_secret **ret_secret, int *ret_keyslot);

/* --key-slot, or -1. */
int container_keyslot(struct cli *cli, int *ret_keyslot);

#endif
