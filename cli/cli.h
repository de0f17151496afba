/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every room of the program shares: the handle, what the user asked for and where it goes. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <cryptdisk/cryptdisk.h>
#include "failure.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "verbs.h"

struct definition;

struct cli {
	struct cdisk *c; /* NULL until the options are known */
	const struct verb *verb;
	struct options options;
	const char *const *args; /* of the verb, without its name */
	int n_args;
	struct failure failure;
	struct output *out;
	struct cdisk_secret *shown; /* a recovery key, until the document is printed */
	struct progress progress;
	bool color_out, color_err;
	char run_dir[CDISK_PATH_SIZE];
	struct definition *definition; /* of the VOL that was resolved; owned, NULL = it has none */
};

static inline bool opt_set(const struct cli *cli, enum option_id id)
{
	return cli->options.value[id].set;
}

/* The value, or NULL. */
static inline const char *opt_text(const struct cli *cli, enum option_id id)
{
	return cli->options.value[id].text;
}

static inline uint64_t opt_number(const struct cli *cli, enum option_id id, uint64_t otherwise)
{
	return cli->options.value[id].set ? cli->options.value[id].number : otherwise;
}

/* The n-th argument of the verb, or NULL. */
static inline const char *cli_arg(const struct cli *cli, int n)
{
	return n < cli->n_args ? cli->args[n] : NULL;
}

/* A library call failed: keeps its message and returns r. */
static inline int cli_take(struct cli *cli, int r)
{
	return failure_take(&cli->failure, cli->c, r);
}

#define cli_fail(cli, r, ...) failure_set(&(cli)->failure, r, __VA_ARGS__)
#define cli_hint(cli, ...) failure_hint(&(cli)->failure, __VA_ARGS__)
#define cli_object(cli, object) failure_object(&(cli)->failure, object)

static inline void cleanup_container(struct cdisk_container **ct)
{
	cdisk_container_close(*ct);
}

static inline void cleanup_volume(struct cdisk_volume **v)
{
	cdisk_volume_close(*v);
}

static inline void cleanup_secret(struct cdisk_secret **s)
{
	cdisk_secret_free(*s);
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_strv(char ***strv)
{
	cdisk_strv_free(*strv);
}

#define _cleanup_container_ __attribute__((cleanup(cleanup_container)))
#define _cleanup_volume_ __attribute__((cleanup(cleanup_volume)))
#define _cleanup_secret_ __attribute__((cleanup(cleanup_secret)))
#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_strv_ __attribute__((cleanup(cleanup_strv)))

#endif
