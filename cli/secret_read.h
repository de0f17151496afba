/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets from files and descriptors, read into secret memory at once. Empty ones are refused. */
#ifndef CLI_SECRET_READ_H
#define CLI_SECRET_READ_H

#include <stdbool.h>
#include <stdint.h>

struct cli;
struct cdisk_secret;

#define SECRET_LINE_MAX 8192

/* path "-" = standard input. size 0 = to the end. */
int secret_read_file(struct cli *cli, const char *path, uint64_t offset, uint64_t size,
	struct cdisk_secret **ret_secret);
int secret_read_fd(struct cli *cli, uint64_t fd, uint64_t offset, uint64_t size,
	struct cdisk_secret **ret_secret);

/* One line without its newline; not a byte behind it is read. */
int secret_read_line(struct cli *cli, int fd, struct cdisk_secret **ret_secret);

/* $CREDENTIALS_DIRECTORY/cryptdisk.NAME; 1 = there is none. */
int secret_read_credential(struct cli *cli, const char *name, struct cdisk_secret **ret_secret);

/* True if text, which may come from a disk, can be part of a file name. */
bool secret_name_is_plain(const char *text);

#endif
