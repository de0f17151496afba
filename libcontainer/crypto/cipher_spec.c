// SPDX-License-Identifier: GPL-2.0-or-later
#include "crypto/cipher_spec.h"

#include <ctype.h>
#include <errno.h>
#include <gcrypt.h>
#include <string.h>
#include "base/util.h"
#include "crypto/crypto.h"

#define WORD_MAX 64 /* longer than any cipher, mode or IV that exists */

struct cipher_name {
	const char *name; /* dm-crypt's */
	uint8_t algo;     /* cdisk_cipher_algo */
	uint8_t block;
	int by_key[3]; /* libgcrypt's algorithms for keys of 16, 24 and 32 bytes; 0 = none */
};

static const struct cipher_name names[] = {
	{"aes", CDISK_CIPHER_AES, 16, {GCRY_CIPHER_AES128, GCRY_CIPHER_AES192, GCRY_CIPHER_AES256}},
	{"serpent", CDISK_CIPHER_SERPENT, 16,
		{GCRY_CIPHER_SERPENT128, GCRY_CIPHER_SERPENT192, GCRY_CIPHER_SERPENT256}},
	{"twofish", CDISK_CIPHER_TWOFISH, 16, {GCRY_CIPHER_TWOFISH128, 0, GCRY_CIPHER_TWOFISH}},
	{"camellia", CDISK_CIPHER_CAMELLIA, 16,
		{GCRY_CIPHER_CAMELLIA128, GCRY_CIPHER_CAMELLIA192, GCRY_CIPHER_CAMELLIA256}},
	{"cast5", CDISK_CIPHER_CAST5, 8, {GCRY_CIPHER_CAST5, 0, 0}},
	{"blowfish", CDISK_CIPHER_BLOWFISH, 8,
		{GCRY_CIPHER_BLOWFISH, GCRY_CIPHER_BLOWFISH, GCRY_CIPHER_BLOWFISH}},
	{"des3_ede", CDISK_CIPHER_DES3, 8, {0, GCRY_CIPHER_3DES, 0}},
};

static const struct {
	const char *name;
	uint8_t mode;
} modes[] = {
	{"xts", CDISK_MODE_XTS},
	{"cbc", CDISK_MODE_CBC},
	{"lrw", CDISK_MODE_LRW},
	{"ecb", CDISK_MODE_ECB},
};

static const struct {
	const char *name;
	uint8_t rule;
} rules[] = {
	{"null", CDISK_IV_NULL},
	{"plain", CDISK_IV_PLAIN},
	{"plain64", CDISK_IV_PLAIN64},
	{"essiv", CDISK_IV_ESSIV},
	{"benbi", CDISK_IV_BENBI},
};

static const struct cipher_name *name_of(uint8_t algo)
{
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(names); i++) {
		if (names[i].algo == algo)
			return &names[i];
	}
	return NULL;
}

int cdisk_cipher_gcry_algo(uint8_t algo, size_t key_size)
{
	const struct cipher_name *n = name_of(algo);

	if (!n || key_size < 16 || key_size > 32 || key_size % 8 != 0)
		return 0;
	return n->by_key[(key_size - 16) / 8];
}

uint32_t cdisk_cipher_block_size(uint8_t algo)
{
	const struct cipher_name *n = name_of(algo);

	return n ? n->block : 0;
}

size_t cdisk_cipher_link_key(const struct cdisk_cipher_spec *spec)
{
	uint32_t parts = spec->chain_len;

	switch (spec->mode) {
	case CDISK_MODE_XTS:
		parts *= 2;
		break;
	case CDISK_MODE_LRW:
		return spec->key_size > CDISK_LRW_KEY ? spec->key_size - CDISK_LRW_KEY : 0;
	default:
		break;
	}
	return parts && spec->key_size % parts == 0 ? spec->key_size / parts : 0;
}

static int chain_check(const struct cdisk_cipher_spec *spec)
{
	size_t key = cdisk_cipher_link_key(spec);

	/* TrueCrypt's chains in XTS; its older CBC and LRW cascades have rules of their own. */
	if (spec->chain_len > 1 && spec->mode != CDISK_MODE_XTS)
		return -EOPNOTSUPP;
	for (unsigned int i = 0; i < spec->chain_len; i++) {
		if (!name_of(spec->chain[i]))
			return -EOPNOTSUPP;
		if (!cdisk_cipher_gcry_algo(spec->chain[i], key))
			return -EOPNOTSUPP;
		if (cdisk_cipher_block_size(spec->chain[i]) != 16 &&
			(spec->mode == CDISK_MODE_XTS || spec->mode == CDISK_MODE_LRW))
			return -EOPNOTSUPP;
	}
	return 0;
}

/* ESSIV's cipher takes the digest as its key, whole: aes with sha1 does not exist. */
static int essiv_check(const struct cdisk_cipher_spec *spec)
{
	int size;

	if (!memchr(spec->iv_hash, '\0', sizeof(spec->iv_hash)) || !spec->iv_hash[0])
		return -EINVAL;
	size = cdisk_hash_size(spec->iv_hash);
	if (size < 0)
		return size;
	return cdisk_cipher_gcry_algo(spec->chain[0], (size_t)size) ? 0 : -EOPNOTSUPP;
}

int cdisk_cipher_spec_check(const struct cdisk_cipher_spec *spec)
{
	uint32_t s = spec->sector_size;
	int r;

	if (s < CDISK_SECTOR_MIN || s > CDISK_SECTOR_MAX || (s & (s - 1)) != 0)
		return -EINVAL;
	if (spec->iv_unit != CDISK_SECTOR_MIN && spec->iv_unit != s)
		return -EINVAL;
	if (spec->chain_len < 1 || spec->chain_len > CDISK_CHAIN_MAX)
		return -EINVAL;
	if (spec->mode < CDISK_MODE_XTS || spec->mode > CDISK_MODE_ECB)
		return -EINVAL;
	if (spec->iv_rule < CDISK_IV_NULL || spec->iv_rule > CDISK_IV_BENBI)
		return -EINVAL;
	r = chain_check(spec);
	if (r < 0)
		return r;
	return spec->iv_rule == CDISK_IV_ESSIV ? essiv_check(spec) : 0;
}

/* Names of ciphers, modes and hashes: nothing else may get through to messages or device tables. */
static bool word_is_plain(const char *word)
{
	size_t n = strnlen(word, WORD_MAX);

	if (n == 0 || n == WORD_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isascii((unsigned char)word[i]) || !isgraph((unsigned char)word[i]))
			return false;
	}
	return true;
}

static int parse_mode(const char *word, size_t n, struct cdisk_cipher_spec *spec)
{
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(modes); i++) {
		if (strlen(modes[i].name) == n && memcmp(modes[i].name, word, n) == 0) {
			spec->mode = modes[i].mode;
			return 0;
		}
	}
	return n ? -EOPNOTSUPP : -EINVAL;
}

/* "plain64" or "essiv:sha256". */
static int parse_iv(const char *word, struct cdisk_cipher_spec *spec)
{
	size_t n = strcspn(word, ":");
	const char *hash = word[n] == ':' ? word + n + 1 : NULL;

	for (size_t i = 0; i < CDISK_ARRAY_SIZE(rules) && !spec->iv_rule; i++) {
		if (strlen(rules[i].name) == n && memcmp(rules[i].name, word, n) == 0)
			spec->iv_rule = rules[i].rule;
	}
	if (!spec->iv_rule)
		return n ? -EOPNOTSUPP : -EINVAL;
	if ((spec->iv_rule == CDISK_IV_ESSIV) != (hash != NULL))
		return -EINVAL;
	if (!hash)
		return 0;
	if (!hash[0])
		return -EINVAL;
	if (strlen(hash) >= sizeof(spec->iv_hash))
		return -EOPNOTSUPP;
	memcpy(spec->iv_hash, hash, strlen(hash) + 1);
	return 0;
}

static int parse_mode_and_iv(const char *mode, struct cdisk_cipher_spec *spec)
{
	size_t n = strcspn(mode, "-");
	int r;

	if (strcmp(mode, "plain") == 0)
		mode = "cbc-plain", n = 3; /* dm-crypt's oldest tables, and LUKS headers of then */
	r = parse_mode(mode, n, spec);
	if (r < 0)
		return r;
	if (mode[n])
		return parse_iv(mode + n + 1, spec);
	if (spec->mode != CDISK_MODE_ECB)
		return -EINVAL;
	spec->iv_rule = CDISK_IV_NULL;
	return 0;
}

int cdisk_cipher_parse(const char *cipher, const char *mode, uint32_t key_size,
	uint32_t sector_size, struct cdisk_cipher_spec *ret_spec)
{
	struct cdisk_cipher_spec spec = {
		.chain_len = 1,
		.sector_size = sector_size,
		.iv_unit = CDISK_SECTOR_MIN,
		.key_size = key_size,
	};
	int r;

	if (!word_is_plain(cipher) || !word_is_plain(mode))
		return -EINVAL;
	if (strcmp(cipher, "cipher_null") == 0)
		return -EPERM;
	for (size_t i = 0; i < CDISK_ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, cipher) == 0)
			spec.chain[0] = names[i].algo;
	}
	if (spec.chain[0] == CDISK_CIPHER_NONE)
		return -EOPNOTSUPP;
	r = parse_mode_and_iv(mode, &spec);
	if (r < 0)
		return r;
	r = cdisk_cipher_spec_check(&spec);
	if (r < 0)
		return r;
	*ret_spec = spec;
	return 0;
}
