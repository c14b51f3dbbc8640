/*
 * Tasks and notes as plain values: the VTODO or VJOURNAL of an iCalendar object (RFC 5545). Written are the lines that an edit
 * names; all others stay as they are (calendar_lines.h). Pure but for zones, any thread.
 */
#ifndef CONTENT_TODO_H
#define CONTENT_TODO_H

#include <gateway/content/calendar.h>

#include <base/buf.h>

enum todo_kind { TODO_TASK, TODO_NOTE };

enum todo_time {
	TODO_START, /* as the owner's clock shows it, reckoned as if it were UTC */
	TODO_UTC_START,
	TODO_DUE, /* the same */
	TODO_UTC_DUE,
	TODO_COMPLETED,
	TODO_REMINDER,
	TODO_ORDINAL,    /* by what the owner sorted (MS-ASTASK 2.2.2.19) */
	TODO_RECURRENCE, /* when the recurrence begins, as TODO_START */
	TODO_MODIFIED,
	TODO_TIME_MAX_
};

#define TODO_NEVER INT64_MIN

enum todo_text {
	TODO_SUMMARY,
	TODO_BODY, /* of one that has HTML alone, what follows from that */
	TODO_HTML, /* the same in HTML; empty: there is none */
	TODO_SUB_ORDINAL,
	TODO_MESSAGE_CLASS,
	TODO_TEXT_MAX_
};

struct todo {
	struct str text[TODO_TEXT_MAX_];
	int64_t time[TODO_TIME_MAX_]; /* ms UTC, or TODO_NEVER */
	struct str *categories;
	size_t categories_n;
	bool completed;
	unsigned importance;  /* 0 low, 1 normal, 2 high; more, to 255: what a phone said (MS-ASTASK R550) */
	unsigned sensitivity; /* enum cal_class */
	struct cal_recurrence recurrence;
	bool regenerate, dead;
};

/* A body that comes without HTML takes that away, but where it says what the plain text said. */
struct todo_edit {
	bool has_text[TODO_TEXT_MAX_], has_time[TODO_TIME_MAX_];
	bool has_categories, has_completed, has_importance, has_sensitivity, has_recurrence;
	struct todo to;
};

/* ERR_INVALID: there is none of that kind. ERR_LIMIT: the arena is full. */
enum err todo_read(struct arena *a, struct str text, enum todo_kind kind, struct todo *ret) MUST_CHECK;
/* A stored one with changes, or a new one where `text` is empty, appended to `out`. Errors as above. */
enum err todo_write(struct arena *a, struct str text, enum todo_kind kind, const struct todo_edit *edit, int64_t now_ms,
		    uint64_t unique, struct buf *out) MUST_CHECK;
/* What filters compare: when it was done; INT64_MAX for what is to be done, and for notes. */
int64_t todo_key(const struct todo *t);

#endif
