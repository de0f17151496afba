// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/format.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "crypto/crypto.h"

#define UUID_TEXT 36
#define UUID_BYTES 16

static bool is_dash(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

/* True for 36 characters of RFC 4122 that are not all zero. */
static bool uuid_usable(const char *text)
{
	bool nil = true;
	size_t i;

	if (strlen(text) != UUID_TEXT)
		return false;
	for (i = 0; i < UUID_TEXT; i++) {
		if (is_dash(i) ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
		if (!is_dash(i) && text[i] != '0')
			nil = false;
	}
	return !nil;
}

static void uuid_format(uint8_t b[UUID_BYTES], unsigned int version, char ret_id[CDISK_ID_SIZE])
{
	size_t i, out = 0;

	b[6] = (uint8_t)((b[6] & 0x0f) | version << 4);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < UUID_BYTES; i++) {
		if (is_dash(out))
			ret_id[out++] = '-';
		ret_id[out++] = "0123456789abcdef"[b[i] >> 4];
		ret_id[out++] = "0123456789abcdef"[b[i] & 0x0f];
	}
	ret_id[out] = '\0';
}

void cdisk_volume_id(const char *uuid_text, char ret_id[CDISK_ID_SIZE])
{
	uint8_t digest[CDISK_HASH_MAX];
	size_t i;

	if (uuid_usable(uuid_text)) {
		for (i = 0; i < UUID_TEXT; i++)
			ret_id[i] = (char)tolower((unsigned char)uuid_text[i]);
		ret_id[UUID_TEXT] = '\0';
		return;
	}
	/* Without SHA-256 nothing opens anyway; an empty ID equals no other. */
	ret_id[0] = '\0';
	if (cdisk_hash("sha256", uuid_text, strlen(uuid_text), digest) >= 0)
		uuid_format(digest, 8, ret_id);
}

int cdisk_volume_id_new(char ret_id[CDISK_ID_SIZE])
{
	uint8_t bytes[UUID_BYTES];
	int r = cdisk_random(bytes, sizeof(bytes));

	if (r < 0)
		return r;
	uuid_format(bytes, 4, ret_id);
	return 0;
}
