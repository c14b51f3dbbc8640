/*
 * A listing on stdout: for people columns, or each row as a block of lines; or JSON (--json): an array of objects, one a
 * line. Rows are written as they
 * are given, so that a listing of any length costs no memory. Cells are given in the order of the columns.
 */
#ifndef ROOSTCTL_LISTING_H
#define ROOSTCTL_LISTING_H

#include <base/buf.h>

struct column {
	const char *key;   /* of the JSON object */
	const char *title; /* for people; NULL: not shown to them */
	int width;         /* at least so many characters for people */
};

enum listing_form { LISTING_TABLE, LISTING_BLOCKS, LISTING_JSON };

struct listing {
	const struct column *columns;
	size_t columns_n, at, rows;
	enum listing_form form;
	struct buf line; /* the row so far */
};

void listing_begin(struct listing *l, const struct column *columns, size_t n, enum listing_form form);
/* The form that --json asks for, else `form`. */
enum listing_form listing_form(const char *json_option, enum listing_form form);
void listing_text(struct listing *l, struct str text);
void listing_number(struct listing *l, uint64_t n);
void listing_bool(struct listing *l, bool yes);
void listing_time(struct listing *l, int64_t ms); /* since 1970 UTC; 0: none */
void listing_end(struct listing *l);

/* Appends a JSON string with its quotes; what is not UTF-8 is replaced. */
void json_put_text(struct buf *b, struct str text);
/*
 * Appends text for a terminal, which what a stranger wrote must not steer: control characters (C0, DEL, C1) and what is no
 * UTF-8 show as U+FFFD. The number of characters.
 */
size_t listing_put_plain(struct buf *b, struct str text);
/* 2026-11-22T01:55:31Z */
void time_put(struct buf *b, int64_t ms);

#endif
