/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where secrets come from, in the order of the contract: explicit > token > stored credential >
 * keyring > prompt > fail. Tokens and the keyring are not in this version. An empty passphrase is
 * never tried unless a person types it.
 */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include <cryptdisk/cryptdisk.h>

struct cli;

/* What the secret is for: decides the prompt and the name of a stored credential. */
struct secret_purpose {
	const char *object;   /* of the prompt, a path as a rule */
	const char *what;     /* "Passphrase", "Present passphrase", ... */
	const char *names[3]; /* cryptdisk.NAME of $CREDENTIALS_DIRECTORY; NULL or "" = none */
};

/* Tries one secret: 0, -CDISK_ERR_PASSPHRASE (the next may be tried), or a failure. */
typedef int (*secret_try_fn)(struct cdisk_secret *secret, void *data);

/* Refuses options that contradict each other; before anything is opened. */
int secret_check_options(struct cli *cli);

/*
 * Calls fn with one secret after the other until it succeeds or there is none. The one that fitted
 * is handed over in *ret_secret (NULL = not wanted).
 */
int secret_find(struct cli *cli, const struct secret_purpose *purpose, secret_try_fn fn, void *data,
	struct cdisk_secret **ret_secret);

/* The secret of a container that is being made: explicit, or asked twice. */
int secret_for_create(struct cli *cli, const char *object, struct cdisk_secret **ret_secret);

/* The new secret of key add and key change. */
int secret_new(struct cli *cli, const char *object, struct cdisk_secret **ret_secret);

#endif
