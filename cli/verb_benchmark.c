// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"
#include "message.h"
#include "plan.h"
#include "signals.h"
#include "size.h"
#include "text.h"

struct cipher_run {
	const char *cipher;
	uint32_t key_size, sector_size; /* bytes */
};

static const struct cipher_run usual_ciphers[] = {
	{"aes-xts-plain64", 32, 512},
	{"aes-xts-plain64", 64, 512},
	{"aes-xts-plain64", 64, 4096},
	{"aes-cbc-essiv:sha256", 32, 512},
	{"serpent-xts-plain64", 64, 4096},
	{"twofish-xts-plain64", 64, 4096},
	{"camellia-xts-plain64", 64, 4096},
};

struct kdf_run {
	const char *kdf;
	uint64_t memory;
	uint32_t passes, lanes;
};

static const struct kdf_run usual_kdfs[] = {
	{"argon2id", UINT64_C(64) << 20, 4, 1},
	{"argon2id", UINT64_C(256) << 20, 4, 2},
	{"argon2id", UINT64_C(1) << 30, 4, 4},
	{"pbkdf2", 0, 1000000, 1},
};

static void cipher_row(struct cli *cli, struct table *t, const struct cipher_run *run,
	uint64_t encrypt, uint64_t decrypt)
{
	char text[SIZE_TEXT], speed[SIZE_TEXT + 4];

	output_open(cli->out, NULL);
	output_text(cli->out, "cipher", run->cipher);
	output_number(cli->out, "key_size", run->key_size);
	output_number(cli->out, "sector_size", run->sector_size);
	output_number(cli->out, "encrypt", encrypt);
	output_number(cli->out, "decrypt", decrypt);
	output_close(cli->out);
	table_cell(t, run->cipher, NULL);
	(void)snprintf(text, sizeof(text), "%u", run->key_size * 8);
	table_cell(t, text, NULL);
	(void)snprintf(text, sizeof(text), "%u", run->sector_size);
	table_cell(t, text, NULL);
	(void)snprintf(speed, sizeof(speed), "%s/s", size_format(encrypt, text));
	table_cell(t, speed, NULL);
	(void)snprintf(speed, sizeof(speed), "%s/s", size_format(decrypt, text));
	table_cell(t, speed, NULL);
}

static int cipher_measure(struct cli *cli, struct table *t, const struct cipher_run *run)
{
	uint64_t encrypt, decrypt;
	int r;

	if (signals_caught())
		return cli_fail(cli, -ECANCELED, "cancelled");
	r = cdisk_benchmark_cipher(
		cli->c, run->cipher, run->key_size, run->sector_size, &encrypt, &decrypt);
	if (r < 0)
		return cli_take(cli, r);
	cipher_row(cli, t, run, encrypt, decrypt);
	return 0;
}

static int asked_cipher(struct cli *cli, struct cipher_run *ret_run)
{
	uint64_t bits = opt_number(cli, OPT_KEY_SIZE, 512);
	uint64_t sector = opt_number(cli, OPT_SECTOR_SIZE, 4096);

	if (bits == 0 || bits % 8 || bits > 4096)
		return cli_fail(cli, -EINVAL, "--key-size is in bits, such as 256 or 512");
	if (sector < 512 || sector > 4096 || sector & (sector - 1))
		return cli_fail(cli, -EINVAL, "--sector-size is one of 512, 1024, 2048, 4096");
	ret_run->cipher = opt_text(cli, OPT_CIPHER);
	ret_run->key_size = (uint32_t)bits / 8;
	ret_run->sector_size = (uint32_t)sector;
	return 0;
}

static int ciphers_run(struct cli *cli)
{
	static const char *const heading[] = {
		"CIPHER", "KEY", "SECTOR", "ENCRYPTION", "DECRYPTION", NULL};
	_cleanup_table_ struct table t;
	struct cipher_run asked;
	size_t i;
	int r = 0;

	table_init(&t, heading);
	output_list(cli->out, "ciphers");
	if (opt_set(cli, OPT_CIPHER)) {
		r = asked_cipher(cli, &asked);
		if (r == 0)
			r = cipher_measure(cli, &t, &asked);
	} else {
		for (i = 0; r == 0 && i < sizeof(usual_ciphers) / sizeof(usual_ciphers[0]); i++)
			r = cipher_measure(cli, &t, &usual_ciphers[i]);
	}
	output_close(cli->out);
	if (r == 0)
		table_print(cli, &t);
	return r;
}

static void kdf_row(struct cli *cli, struct table *t, const struct kdf_run *run, uint64_t ms)
{
	char text[64], memory[SIZE_TEXT];

	output_open(cli->out, NULL);
	output_text(cli->out, "kdf", run->kdf);
	output_number(cli->out, "memory", run->memory);
	output_number(cli->out, "passes", run->passes);
	output_number(cli->out, "lanes", run->lanes);
	output_number(cli->out, "milliseconds", ms);
	output_close(cli->out);
	table_cell(t, run->kdf, NULL);
	table_cell(t, run->memory ? size_format(run->memory, memory) : "", NULL);
	(void)snprintf(text, sizeof(text), "%u", run->passes);
	table_cell(t, text, NULL);
	(void)snprintf(text, sizeof(text), "%u", run->lanes);
	table_cell(t, text, NULL);
	(void)snprintf(text, sizeof(text), "%llu ms", (unsigned long long)ms);
	table_cell(t, text, NULL);
}

/* One that does not fit into the memory here is told of and left out. */
static int kdf_measure(struct cli *cli, struct table *t, const struct kdf_run *run)
{
	char memory[SIZE_TEXT];
	uint64_t ms;
	int r;

	if (signals_caught())
		return cli_fail(cli, -ECANCELED, "cancelled");
	r = cdisk_benchmark_kdf(cli->c, run->kdf, run->memory, run->passes, run->lanes, &ms);
	if (r == -ENOMEM || r == -CDISK_ERR_UNSUPPORTED) {
		message_warning(cli, "%s with %s is left out: %s", run->kdf,
			size_format(run->memory, memory), cdisk_message(cli->c));
		return 0;
	}
	if (r < 0)
		return cli_take(cli, r);
	kdf_row(cli, t, run, ms);
	return 0;
}

static int kdfs_run(struct cli *cli)
{
	static const char *const heading[] = {"KDF", "MEMORY", "PASSES", "LANES", "TIME", NULL};
	_cleanup_table_ struct table t;
	struct kdf_run asked = {"argon2id", opt_number(cli, OPT_KDF_MEMORY, UINT64_C(256) << 20),
		(uint32_t)opt_number(cli, OPT_KDF_PASSES, 4), 4};
	size_t i;
	int r = 0;

	table_init(&t, heading);
	output_list(cli->out, "kdfs");
	if (opt_set(cli, OPT_KDF_MEMORY) || opt_set(cli, OPT_KDF_PASSES)) {
		r = kdf_measure(cli, &t, &asked);
	} else {
		for (i = 0; r == 0 && i < sizeof(usual_kdfs) / sizeof(usual_kdfs[0]); i++)
			r = kdf_measure(cli, &t, &usual_kdfs[i]);
	}
	output_close(cli->out);
	if (r == 0)
		table_print(cli, &t);
	return r;
}

int verb_benchmark(struct cli *cli)
{
	bool ciphers = !opt_set(cli, OPT_KDF_MEMORY) && !opt_set(cli, OPT_KDF_PASSES);
	bool kdfs = !opt_set(cli, OPT_CIPHER);
	int r = 0;

	if (opt_number(cli, OPT_KDF_PASSES, 1) > UINT32_MAX)
		return cli_fail(cli, -EINVAL, "--kdf-passes is too much");
	if (opt_set(cli, OPT_DRY_RUN))
		return plan_only(cli, "measure ciphers and key derivations");
	if (ciphers || !kdfs) {
		text_line(cli, "Per CPU second of one thread:");
		r = ciphers_run(cli);
	}
	if (r == 0 && kdfs) {
		text_line(cli, "%s", ciphers ? "\nOne key derivation:" : "One key derivation:");
		r = kdfs_run(cli);
	}
	return r;
}
