/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one resolver: what an argument VOL means. First match wins: existing path > id:ID >
 * label:LABEL > name:NAME > bare name > bare prefix of an ID. A name is one of an open volume, else
 * a definition's. Attachments are compared by text and by device and inode; nothing beneath a mount
 * point is touched, since its server may be dead.
 */
#ifndef CLI_RESOLVE_H
#define CLI_RESOLVE_H

#include <stdbool.h>
#include <cryptdisk/cryptdisk.h>

struct cli;

struct target {
	const char *how;            /* "path", "mount point", "label", ...: which rule matched */
	char path[CDISK_PATH_SIZE]; /* of the container; "" = not known */
	int n_attached;             /* how many attachments it has; attachment is the first */
	struct cdisk_attachment attachment;
};

#define RESOLVE_ATTACHED (1u << 0) /* it must be attached, and once only */
#define RESOLVE_DETAILS (1u << 1)  /* ask one's own servers */
#define RESOLVE_ABSENT (1u << 2)   /* an ID, label or name that nothing has is no error: 1 */

/*
 * VOL's definition, where it is the name of one, is in cli->definition then.
 *
 * -CDISK_ERR_AMBIGUOUS with the candidates in the hint, -CDISK_ERR_NOT_FOUND, -ENOENT, -EISDIR,
 * -EINVAL. With RESOLVE_ABSENT 1 = it is not attached.
 */
int resolve(struct cli *cli, const char *vol, unsigned int flags, struct target *ret_target);

/* True if VOL named a container, by its path or its definition, and not what is open. */
bool target_is_container(const struct target *t);

/* The path of the container, for verbs that open it: -CDISK_ERR_NOT_FOUND when it is not known. */
int resolve_container(struct cli *cli, const char *vol, struct target *ret_target);

#endif
