// SPDX-License-Identifier: GPL-2.0-or-later
/* The parameters of dm-crypt: "CIPHER KEY IV_OFFSET MAJOR:MINOR OFFSET [COUNT OPTION...]". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "backend/dm.h"
#include "base/description.h"
#include "base/util.h"

static void options_read(const char *text, struct cdisk_crypt_table *t)
{
	const char *size = strstr(text, "sector_size:");
	uint32_t v;

	t->sector_size = CDISK_SECTOR_MIN;
	if (size && sscanf(size, "sector_size:%" SCNu32, &v) == 1 && v >= CDISK_SECTOR_MIN)
		t->sector_size = v;
	t->discards = strstr(text, "allow_discards") != NULL;
}

int cdisk_crypt_table_parse(const char *params, struct cdisk_crypt_table *ret)
{
	struct cdisk_crypt_table t = {.cipher = ""};
	size_t cipher = strcspn(params, " ");
	int end = 0;

	if (cipher == 0 || cipher >= sizeof(t.cipher) || params[cipher] != ' ')
		return -EINVAL;
	memcpy(t.cipher, params, cipher);
	t.key_at = cipher + 1;
	t.key_size = strcspn(params + t.key_at, " ");
	if (t.key_size == 0)
		return -EINVAL;
	if (sscanf(params + t.key_at + t.key_size,
		    " %" SCNu64 " %" SCNu32 ":%" SCNu32 " %" SCNu64 "%n", &t.iv_offset, &t.major,
		    &t.minor, &t.offset, &end) != 4 ||
		end == 0)
		return -EINVAL;
	options_read(params + t.key_at + t.key_size + end, &t);
	*ret = t;
	return 0;
}

bool cdisk_crypt_key_wiped(const char *params, const struct cdisk_crypt_table *t)
{
	return t->key_size > 1 && strspn(params + t->key_at, "0") >= t->key_size;
}
