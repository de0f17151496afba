/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines on standard error. Control characters, which paths and labels may hold, are shown as "?".
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <cryptdisk/cryptdisk.h>

struct cli;

/* "cryptdisk: VERB: OBJECT: reason" and a line of advice, from cli->failure. */
void message_failure(struct cli *cli);

/* Always shown, and in "warnings" of the document. */
void message_warning(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What a person wants to know; not with --quiet. */
void message_note(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* With --explain; also in "explain" of the document. */
void message_explain(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* For cdisk_set_log(); data is the struct cli. */
void message_log(enum cdisk_log_level level, const char *line, void *data);

/* Without the ornaments of this file, for text between other text; shows "?" for control bytes. */
void message_clean(char *text);
/* The same for names and cells: they cannot begin a line of their own either. */
void message_clean_line(char *text);

#endif
