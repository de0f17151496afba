/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON document on standard output; the only room that knows json-c. A verb describes its
 * result with output_*(): with --json that builds the document, without it those calls do nothing
 * and the verb's lines (text.h) are what is printed. Text that is no UTF-8 is made so.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct output;

/* -ENOMEM is the only failure. */
int output_new(bool json, struct output **ret_output);
void output_free(struct output *o);
bool output_is_json(const struct output *o);

/* key NULL inside a list. */
void output_open(struct output *o, const char *key); /* an object */
void output_list(struct output *o, const char *key); /* a list */
void output_close(struct output *o);                 /* of the innermost of both */
void output_text(struct output *o, const char *key, const char *text); /* NULL and "" are null */
void output_number(struct output *o, const char *key, uint64_t number);
void output_signed(struct output *o, const char *key, int64_t number);
void output_bool(struct output *o, const char *key, bool value);
void output_null(struct output *o, const char *key);

/*
 * A string of plain ASCII that must not be copied: it goes from data to the descriptor when the
 * document is printed, so data must live until output_finish(). One in a document.
 */
void output_secret(struct output *o, const char *key, const void *data, size_t size);

/* Collected apart from the document: they are part of a failure's document too. */
void output_warning(struct output *o, const char *text);
void output_explain(struct output *o, const char *text);

/* The result are lines: a document is printed for a failure only. */
void output_lines(struct output *o);
/* What was described so far as one line of JSON; owned by the caller, NULL when memory is short. */
char *output_line_take(struct output *o);

/* What was described so far belongs to the document of a failure too. */
void output_keep(struct output *o);

/* The document of a program that has no memory to make one. */
void output_no_memory(void);

/* Prints the document and flushes standard output: 0, or -errno. command NULL = none known. */
int output_finish(struct output *o, const char *command, const struct failure *f);

/* One line about a long job, for progress.c; owned by the caller, NULL when memory is short. */
char *output_progress_line(const char *command, const char *what, uint64_t done, uint64_t total);

#endif
