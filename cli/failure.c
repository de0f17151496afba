// SPDX-License-Identifier: GPL-2.0-or-later
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <cryptdisk/cryptdisk.h>
#include "exit.h"

int failure_set(struct failure *f, int r, const char *fmt, ...)
{
	va_list ap;

	f->error = r;
	f->object[0] = '\0';
	f->hint[0] = '\0';
	va_start(ap, fmt);
	(void)vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
	return r;
}

void failure_object(struct failure *f, const char *object)
{
	(void)snprintf(f->object, sizeof(f->object), "%s", object ? object : "");
}

void failure_hint(struct failure *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(f->hint, sizeof(f->hint), fmt, ap);
	va_end(ap);
}

int failure_take(struct failure *f, const struct cdisk *c, int r)
{
	const char *message = c ? cdisk_message(c) : "";

	f->error = r;
	(void)snprintf(
		f->message, sizeof(f->message), "%s", message[0] ? message : exit_describe(r));
	failure_object(f, c ? cdisk_failed_object(c) : NULL);
	(void)snprintf(f->hint, sizeof(f->hint), "%s", c ? cdisk_advice(c) : "");
	return r;
}
