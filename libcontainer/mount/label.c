// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/label.h"

#include <stdbool.h>
#include <string.h>
#include "base/util.h"

/* Decodes one character of at most n bytes: its length, or 0 where it is no valid UTF-8. */
static size_t utf8_next(const unsigned char *s, size_t n, uint32_t *ret_char)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = s[0];
	size_t len;

	if (c < 0x80) {
		*ret_char = c;
		return 1;
	}
	if ((c & 0xe0) == 0xc0)
		len = 2;
	else if ((c & 0xf0) == 0xe0)
		len = 3;
	else if ((c & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	if (len > n)
		return 0;
	c &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	/* Overlong forms would bring '/' and control characters in by the back door. */
	if (c < smallest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret_char = c;
	return len;
}

/* Control characters, and what moves the text around it on a terminal (UAX 9, line separators). */
static bool char_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff0 && c <= 0xfffb) || c >= 0xe0000 || (c & 0xfffe) == 0xfffe;
}

static void clean(char *dst, size_t size, const char *text, size_t length, bool keep_slash)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t used = 0;

	if (size == 0)
		return;
	length = strnlen(text, length);
	while (length > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(s, length, &c), take = n ? n : 1;
		bool bad = n == 0 || char_is_control(c) || (c == '/' && !keep_slash);
		size_t need = bad ? 1 : n;

		if (used + need >= size)
			break;
		if (bad)
			dst[used] = '_';
		else
			memcpy(dst + used, s, n);
		/* Blanks in front are not kept; those at the end go below. */
		if (used > 0 || dst[0] != ' ')
			used += need;
		s += take;
		length -= take;
	}
	while (used > 0 && dst[used - 1] == ' ')
		used--;
	dst[used] = '\0';
}

void cdisk_label_clean(char *dst, size_t size, const char *text, size_t length)
{
	clean(dst, size, text, length, false);
}

void cdisk_text_clean(char *dst, size_t size, const char *text, size_t length)
{
	clean(dst, size, text, length, true);
}

int cdisk_label_check(const char *text, const char **ret_why)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t length = strlen(text);

	while (length > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(s, length, &c);

		if (n == 0) {
			*ret_why = "it is not valid UTF-8";
			return -EINVAL;
		}
		if (char_is_control(c)) {
			*ret_why = "it holds a control character";
			return -EINVAL;
		}
		if (c == '/') {
			*ret_why = "it holds a '/'";
			return -EINVAL;
		}
		s += n;
		length -= n;
	}
	return 0;
}

size_t cdisk_label_utf16(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t length = strlen(text), units = 0;

	while (length > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(s, length, &c);

		if (n == 0)
			n = 1;
		units += c > 0xffff ? 2 : 1;
		s += n;
		length -= n;
	}
	return units;
}
