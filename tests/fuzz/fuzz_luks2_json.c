// SPDX-License-Identifier: GPL-2.0-or-later
/* Any text: metadata that is taken stays within its bounds. */
#include <assert.h>
#include <string.h>
#include "format/luks2_json.h"

static void check(const struct cdisk_luks2 *m)
{
	unsigned int i;

	assert(m->n_keyslots <= CDISK_LUKS2_OBJECTS_MAX);
	assert(m->n_segments <= CDISK_LUKS2_OBJECTS_MAX);
	assert(m->n_digests <= CDISK_LUKS2_OBJECTS_MAX);
	assert(strnlen(m->requirements, sizeof(m->requirements)) < sizeof(m->requirements));
	for (i = 0; i < m->n_keyslots; i++) {
		const struct cdisk_slot *s = &m->keyslots[i].slot;

		assert(s->number >= 0 && s->number < (int)CDISK_LUKS2_OBJECTS_MAX);
		assert(i == 0 || s->number > m->keyslots[i - 1].slot.number);
		assert(s->kdf.salt_size <= sizeof(s->kdf.salt));
		assert(!m->keyslots[i].opens || s->kdf.salt_size > 0);
		(void)cdisk_luks2_digest_of(m, s->number);
	}
	for (i = 0; i < m->n_digests; i++)
		assert(m->digests[i].digest.digest_size <= sizeof(m->digests[i].digest.digest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cdisk_luks2 m;
	const char *why = NULL;
	int r = cdisk_luks2_parse((const char *)data, size, &m, &why);

	if (r == 0)
		check(&m);
	else
		assert(r == -ENOMEM || (r == -EBADMSG && why));
	return 0;
}
