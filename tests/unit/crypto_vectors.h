/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Known answers for the crypto tests: where they lie and how they are read. */
#ifndef CDISK_TEST_CRYPTO_VECTORS_H
#define CDISK_TEST_CRYPTO_VECTORS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define VECTORS_PACKAGE "/usr/lib/python3/dist-packages/cryptography_vectors"

/* Bytes written in hex; -1 when the text is none or too long. */
__attribute__((unused)) static int hex_decode(const char *hex, uint8_t *out, size_t max)
{
	size_t n = strspn(hex, "0123456789abcdefABCDEF");
	unsigned int byte;

	if (n % 2 != 0 || n / 2 > max)
		return -1;
	for (size_t i = 0; i < n / 2; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return -1;
		out[i] = (uint8_t)byte;
	}
	return (int)(n / 2);
}

/* A file as a stream that pclose() ends, unpacked if it is packed; NULL when it is not there. */
__attribute__((unused)) static FILE *packed_open(const char *path)
{
	char command[4200];

	if (access(path, R_OK) != 0)
		return NULL;
	snprintf(command, sizeof(command), "%s '%s'", strstr(path, ".xz") ? "xz -dc" : "cat", path);
	return popen(command, "r");
}

/*
 * The vector file name of CRYPTDISK_TEST_DATA/vectors, or else the file fallback of Debian's
 * python3-cryptography-vectors; NULL with the reason printed when neither is there.
 */
__attribute__((unused)) static FILE *vectors_open(const char *name, const char *fallback)
{
	const char *data = getenv("CRYPTDISK_TEST_DATA");
	char path[4096];
	FILE *f = NULL;

	if (data) {
		snprintf(path, sizeof(path), "%s/vectors/%s", data, name);
		f = packed_open(path);
	}
	if (!f && fallback) {
		snprintf(path, sizeof(path), VECTORS_PACKAGE "/%s", fallback);
		f = packed_open(path);
	}
	if (!f)
		print_message("SKIPPED: %s: not in CRYPTDISK_TEST_DATA/vectors%s\n", name,
			fallback ? ", and python3-cryptography-vectors is not installed" : "");
	return f;
}

/* The whole file as text; freed with free(). */
__attribute__((unused)) static char *vectors_text(const char *name, const char *fallback)
{
	FILE *f = vectors_open(name, fallback);
	size_t size = 0, max = 0;
	char *text = NULL;

	if (!f)
		return NULL;
	do {
		max = max ? 2 * max : 1 << 16;
		text = realloc(text, max);
		assert_non_null(text);
		size += fread(text + size, 1, max - size - 1, f);
	} while (size == max - 1);
	text[size] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_true(size > 0);
	return text;
}

/* Value of a line "NAME = VALUE" or "NAME=VALUE", without the line's end; NULL for another name. */
__attribute__((unused)) static const char *line_value(char *line, const char *name)
{
	size_t n = strlen(name);

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, name, n) != 0)
		return NULL;
	line += n;
	line += strspn(line, " ");
	if (*line++ != '=')
		return NULL;
	return line + strspn(line, " ");
}

#endif
