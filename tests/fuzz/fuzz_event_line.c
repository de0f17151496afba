// SPDX-License-Identifier: GPL-2.0-or-later
/* A line of an event log: what is accepted is written so that it reads the same, in one line. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "mount/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cdisk_event_line l, again;
	static char text[CDISK_EVENT_LINE_MAX];
	char *line = strndup((const char *)data, size);
	int n;

	if (!line)
		return 0;
	if (cdisk_event_line_parse(line, &l) == 0) {
		assert(l.event.seq <= CDISK_EVENT_SEQ_MAX);
		assert(!strpbrk(l.event.volume.instance, "/\n "));
		n = cdisk_event_line_format(&l, true, text, sizeof(text));
		if (n > 0) {
			assert(text[n - 1] == '\n' && !memchr(text, '\n', (size_t)n - 1));
			text[n - 1] = '\0';
			assert(cdisk_event_line_parse(text, &again) == 0);
			assert(again.event.seq == l.event.seq && again.event.kind == l.event.kind);
			assert(strcmp(again.event.volume.label, l.event.volume.label) == 0);
		}
	}
	free(line);
	return 0;
}
