// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever a header calls its cipher: what parsing accepts can be opened, and one sector comes back
 * as it was. Input: 4 bytes key size and 4 bytes sector size (little-endian), then cipher, NUL,
 * mode.
 */
#include <assert.h>
#include <endian.h>
#include <stdint.h>
#include <string.h>
#include "crypto/crypto.h"

static void round_trip(const struct cdisk_cipher_spec *spec)
{
	static uint8_t plain[CDISK_SECTOR_MAX], data[CDISK_SECTOR_MAX];
	uint8_t key[1024];
	struct cdisk_cipher *c;

	assert(spec->key_size <= sizeof(key) && spec->sector_size <= sizeof(data));
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 3 + i / 256);
	assert(cdisk_cipher_new(spec, key, &c) == 0);
	assert(cdisk_cipher_encrypt(c, 42, data, plain, spec->sector_size) == 0);
	assert(memcmp(data, plain, spec->sector_size) != 0);
	assert(cdisk_cipher_decrypt(c, 42, data, data, spec->sector_size) == 0);
	assert(memcmp(data, plain, spec->sector_size) == 0);
	cdisk_cipher_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cdisk_cipher_spec spec;
	uint32_t key_size, sector_size;
	char words[256];
	size_t n;

	if (size < 8 || size - 8 > sizeof(words) - 2)
		return 0;
	memcpy(&key_size, data, 4);
	memcpy(&sector_size, data + 4, 4);
	memset(words, 0, sizeof(words));
	memcpy(words, data + 8, size - 8);
	n = strlen(words);
	if (cdisk_cipher_parse(
		    words, words + n + 1, le32toh(key_size), le32toh(sector_size), &spec) == 0)
		round_trip(&spec);
	return 0;
}
