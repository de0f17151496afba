// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/context.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cdisk_fail(struct cdisk *c, int r, const char *fmt, ...)
{
	va_list ap;

	c->error = r;
	c->hint[0] = '\0';
	c->object[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(c->message, sizeof(c->message), fmt, ap);
	va_end(ap);
	return r;
}

void cdisk_hint(struct cdisk *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->hint, sizeof(c->hint), fmt, ap);
	va_end(ap);
}

void cdisk_object(struct cdisk *c, const char *name)
{
	(void)snprintf(c->object, sizeof(c->object), "%s", name ? name : "");
}

void cdisk_partly(struct cdisk *c, const char *fmt, ...)
{
	va_list ap;

	if (c->partial[0])
		return;
	va_start(ap, fmt);
	(void)vsnprintf(c->partial, sizeof(c->partial), fmt, ap);
	va_end(ap);
}

void cdisk_log(struct cdisk *c, enum cdisk_log_level level, const char *fmt, ...)
{
	char line[CDISK_MESSAGE_MAX];
	va_list ap;

	if (!c->log)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	c->log(level, line, c->log_data);
}

int cdisk_progress(struct cdisk *c, const char *what, uint64_t done, uint64_t total)
{
	if (c->progress && c->progress(what, done, total, c->progress_data) != 0)
		return cdisk_fail(c, -ECANCELED, "cancelled: %s", what);
	return 0;
}
