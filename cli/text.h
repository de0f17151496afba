/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results for people on standard output: lines, tables, colours. With --json all of it is silent.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stdint.h>

struct cli;

#define TEXT_GREEN "\033[32m"
#define TEXT_YELLOW "\033[33m"
#define TEXT_RED "\033[31m"
#define TEXT_BLUE "\033[34m"
#define TEXT_BOLD "\033[1m"

#define TABLE_COLUMNS 10

struct table {
	int columns;
	int n, allocated; /* cells, without the heading */
	const char *const *heading;
	char **cells;        /* row by row, owned */
	const char **colors; /* of each cell, or NULL */
	bool failed;         /* memory was short */
};

/* Colours for output and errors from --color, NO_COLOR, TERM and what the descriptors are. */
void text_init(struct cli *cli);

/* One line of the result; control characters are shown as "?". */
void text_line(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "Key:   value", aligned. Nothing is printed for value NULL or "". */
void text_fact(struct cli *cli, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "10 GiB (10737418240 bytes)". */
void text_fact_size(struct cli *cli, const char *key, uint64_t bytes);
/* True if lines and arrows of Unicode can be shown. */
bool text_is_utf8(void);

/* heading ends with NULL and outlives the table. */
void table_init(struct table *t, const char *const *heading);
/* The next cell, row by row; "" is shown as "-". color may be NULL. */
void table_cell(struct table *t, const char *text, const char *color);
void table_print(struct cli *cli, struct table *t);
void table_done(struct table *t);

#define _cleanup_table_ __attribute__((cleanup(table_done)))

#endif
