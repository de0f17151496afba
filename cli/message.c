// SPDX-License-Identifier: GPL-2.0-or-later
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "cli.h"

#define MESSAGE_LINE 8192

/* U+0080 to U+009F, which terminals take for commands as they do ESC. */
static bool is_c1(const unsigned char *p)
{
	return p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;
}

static void text_clean(char *text, const char *allowed)
{
	for (; *text; text++) {
		unsigned char ch = (unsigned char)*text;

		if (is_c1((const unsigned char *)text)) {
			text[0] = '?';
			text[1] = '?';
		} else if ((ch < 0x20 && !strchr(allowed, ch)) || ch == 0x7f) {
			*text = '?';
		}
	}
}

void message_clean(char *text)
{
	text_clean(text, "\n\t");
}

void message_clean_line(char *text)
{
	text_clean(text, "");
}

static void line_print(struct cli *cli, const char *color, const char *prefix, char *line)
{
	bool colored = cli->color_err && color;

	progress_clear(&cli->progress);
	message_clean(line);
	(void)fprintf(
		stderr, "%s%s%s%s\n", colored ? color : "", prefix, colored ? "\033[0m" : "", line);
}

void message_failure(struct cli *cli)
{
	const struct failure *f = &cli->failure;
	char prefix[128], line[MESSAGE_LINE], hint[FAILURE_TEXT], object[FAILURE_TEXT];
	bool named = f->object[0] && !strstr(f->message, f->object);

	(void)snprintf(object, sizeof(object), "%s", f->object);
	message_clean_line(object);
	(void)snprintf(prefix, sizeof(prefix), "cryptdisk: %s%s",
		cli->verb ? verb_title(cli->verb) : "", cli->verb ? ": " : "");
	(void)snprintf(line, sizeof(line), "%s%s%s", named ? object : "", named ? ": " : "",
		f->message);
	line_print(cli, "\033[1;31m", prefix, line);
	if (!f->hint[0])
		return;
	(void)snprintf(hint, sizeof(hint), "%s", f->hint);
	line_print(cli, NULL, "  ", hint);
}

void message_warning(struct cli *cli, const char *fmt, ...)
{
	char line[MESSAGE_LINE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	output_warning(cli->out, line);
	line_print(cli, "\033[33m", "cryptdisk: warning: ", line);
}

void message_note(struct cli *cli, const char *fmt, ...)
{
	char line[MESSAGE_LINE];
	va_list ap;

	if (opt_set(cli, OPT_QUIET))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	line_print(cli, NULL, "", line);
}

void message_explain(struct cli *cli, const char *fmt, ...)
{
	char line[MESSAGE_LINE];
	va_list ap;

	if (!opt_set(cli, OPT_EXPLAIN) && !opt_set(cli, OPT_DEBUG))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	output_explain(cli->out, line);
	line_print(cli, "\033[36m", "explain: ", line);
}

void message_log(enum cdisk_log_level level, const char *line, void *data)
{
	struct cli *cli = data;
	char copy[MESSAGE_LINE];

	(void)snprintf(copy, sizeof(copy), "%s", line);
	switch (level) {
	case CDISK_LOG_WARNING:
		message_warning(cli, "%s", line);
		break;
	case CDISK_LOG_EXPLAIN:
		message_explain(cli, "%s", line);
		break;
	case CDISK_LOG_INFO:
		if (opt_set(cli, OPT_VERBOSE) || opt_set(cli, OPT_DEBUG))
			line_print(cli, NULL, "", copy);
		break;
	case CDISK_LOG_DEBUG:
		if (opt_set(cli, OPT_DEBUG))
			line_print(cli, NULL, "debug: ", copy);
		break;
	}
}
