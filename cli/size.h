/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes, times and numbers as people type and read them. Pure functions. */
#ifndef CLI_SIZE_H
#define CLI_SIZE_H

#include <stddef.h>
#include <stdint.h>

#define SIZE_TEXT 32 /* bytes that size_format() needs */

/* All of text or nothing: 0, -EINVAL (not a number), -ERANGE (does not fit). */
int number_parse(const char *text, uint64_t *ret_number);
/* "10G", "64MiB", "512k", "4096": powers of 1024. */
int size_parse(const char *text, uint64_t *ret_bytes);
/* "10", "10s", "5m", "1h", "250ms": milliseconds. */
int time_parse(const char *text, uint64_t *ret_ms);

/* "10 GiB", "1.5 MiB", "512 B"; ret_text has SIZE_TEXT bytes. */
const char *size_format(uint64_t bytes, char *ret_text);

#endif
