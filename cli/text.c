// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include "cli.h"
#include "message.h"
#include "size.h"

#define TEXT_LINE 16384
#define FACT_WIDTH 16

static bool color_wanted(const struct cli *cli, int fd)
{
	const char *when = opt_text(cli, OPT_COLOR);
	const char *term = getenv("TERM");
	const char *refused = getenv("NO_COLOR");

	if (when && strcmp(when, "always") == 0)
		return true;
	if ((when && strcmp(when, "never") == 0) || (refused && refused[0]))
		return false;
	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

void text_init(struct cli *cli)
{
	(void)setlocale(LC_CTYPE, "");
	cli->color_out = color_wanted(cli, STDOUT_FILENO);
	cli->color_err = color_wanted(cli, STDERR_FILENO);
}

bool text_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void text_line(struct cli *cli, const char *fmt, ...)
{
	char line[TEXT_LINE];
	va_list ap;

	if (output_is_json(cli->out))
		return;
	progress_clear(&cli->progress);
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	message_clean(line);
	(void)puts(line);
}

void text_fact(struct cli *cli, const char *key, const char *fmt, ...)
{
	char value[TEXT_LINE];
	char named[FACT_WIDTH + 8];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (!value[0])
		return;
	message_clean_line(value);
	(void)snprintf(named, sizeof(named), "%s:", key);
	text_line(cli, "%-*s %s", FACT_WIDTH, named, value);
}

void text_fact_size(struct cli *cli, const char *key, uint64_t bytes)
{
	char text[SIZE_TEXT];

	text_fact(cli, key, "%s (%llu bytes)", size_format(bytes, text), (unsigned long long)bytes);
}

/* Columns of a terminal that text takes; bytes where it is no text of this locale. */
static size_t width_of(const char *text)
{
	wchar_t wide[512];
	size_t n = mbstowcs(wide, text, sizeof(wide) / sizeof(wide[0]));
	int width;

	if (n == (size_t)-1 || n == sizeof(wide) / sizeof(wide[0]))
		return strlen(text);
	width = wcswidth(wide, n);
	return width < 0 ? strlen(text) : (size_t)width;
}

void table_init(struct table *t, const char *const *heading)
{
	memset(t, 0, sizeof(*t));
	t->heading = heading;
	while (heading[t->columns])
		t->columns++;
}

static bool table_grow(struct table *t)
{
	int wanted = t->allocated ? t->allocated * 2 : 64;
	char **cells = reallocarray(t->cells, (size_t)wanted, sizeof(*cells));
	const char **colors;

	if (!cells)
		return false;
	t->cells = cells;
	colors = reallocarray(t->colors, (size_t)wanted, sizeof(*colors));
	if (!colors)
		return false;
	t->colors = colors;
	t->allocated = wanted;
	return true;
}

void table_cell(struct table *t, const char *text, const char *color)
{
	char *copy;

	if (t->failed)
		return;
	copy = strdup(text[0] ? text : "-");
	if (!copy || (t->n == t->allocated && !table_grow(t))) {
		free(copy);
		t->failed = true;
		return;
	}
	message_clean_line(copy);
	t->cells[t->n] = copy;
	t->colors[t->n++] = color;
}

static void cell_print(const char *text, const char *color, size_t width, bool last)
{
	size_t own = width_of(text);
	size_t blank = own < width ? width - own : 0;

	(void)printf("%s%s%s", color ? color : "", text, color ? "\033[0m" : "");
	if (last)
		(void)putchar('\n');
	else
		(void)printf("%*s", (int)blank + 2, "");
}

void table_print(struct cli *cli, struct table *t)
{
	size_t width[TABLE_COLUMNS];
	int i;

	if (output_is_json(cli->out))
		return;
	for (i = 0; i < t->columns; i++)
		width[i] = width_of(t->heading[i]);
	for (i = 0; i < t->n; i++) {
		size_t own = width_of(t->cells[i]);

		if (own > width[i % t->columns])
			width[i % t->columns] = own;
	}
	progress_clear(&cli->progress);
	for (i = 0; i < t->columns; i++)
		cell_print(t->heading[i], cli->color_out ? TEXT_BOLD : NULL, width[i],
			i + 1 == t->columns);
	for (i = 0; i < t->n; i++)
		cell_print(t->cells[i], cli->color_out ? t->colors[i] : NULL, width[i % t->columns],
			i % t->columns + 1 == t->columns);
}

void table_done(struct table *t)
{
	int i;

	for (i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t->colors);
}
