// SPDX-License-Identifier: GPL-2.0-or-later
#include "format/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 character at src and its code point; 0 where there is none. */
static size_t utf8_next(const unsigned char *src, size_t size, uint32_t *ret_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = src[0] < 0x80	     ? 1
		   : (src[0] & 0xe0) == 0xc0 ? 2
		   : (src[0] & 0xf0) == 0xe0 ? 3
		   : (src[0] & 0xf8) == 0xf0 ? 4
					     : 0;
	uint32_t point;
	size_t i;

	if (n == 0 || n > size)
		return 0;
	point = n == 1 ? src[0] : src[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((src[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (src[i] & 0x3fu);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret_point = point;
	return n;
}

static bool point_printable(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	if (point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e))
		return false;
	return !(point >= 0x2066 && point <= 0x2069) && point != 0xfeff;
}

void cdisk_text_printable(char *dst, size_t dst_size, const char *src, size_t src_size)
{
	size_t size = strnlen(src, src_size);
	size_t in = 0, out = 0;

	while (in < size) {
		uint32_t point = 0;
		size_t n = utf8_next((const unsigned char *)src + in, size - in, &point);
		bool good = n > 0 && point_printable(point);
		size_t need = good ? n : 1;

		if (out + need >= dst_size)
			break;
		if (good)
			memcpy(dst + out, src + in, n);
		else
			dst[out] = '?';
		out += need;
		in += n > 0 ? n : 1;
	}
	dst[out] = '\0';
}

void cdisk_text_ascii(char *dst, size_t dst_size, const char *src, size_t src_size)
{
	size_t size = strnlen(src, src_size);
	size_t i;

	for (i = 0; i < size && i + 1 < dst_size; i++)
		dst[i] = src[i] >= 0x20 && src[i] < 0x7f ? src[i] : '?';
	dst[i] = '\0';
}
