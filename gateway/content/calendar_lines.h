/*
 * The lines of an iCalendar as a tree of components, each line as it stands there. What is changed in a stored calendar is
 * changed here and not in libical's tree: that one loses the names it does not know, the values it can't read and the
 * backslashes of X- properties, and nothing may be lost that a change does not name. Borrowed octets, arena memory, any
 * thread.
 */
#ifndef CONTENT_CALENDAR_LINES_H
#define CONTENT_CALENDAR_LINES_H

#include <base/arena.h>
#include <base/buf.h>

enum { ICAL_DEPTH_MAX = 16 };

struct ical_part;

struct ical_entry {
	struct ical_entry *next;
	struct ical_part *part; /* a component; NULL: a line */
	struct str name;        /* of the property */
	struct str raw;         /* the line with its folds, without its end */
};

struct ical_part {
	struct str name; /* VCALENDAR, VEVENT, … */
	struct ical_entry *first, *last;
};

/*
 * Its first VCALENDAR; *rest, if not NULL, is what follows it. Lines end in CRLF or LF. ERR_INVALID: there is none, or
 * its components are entangled. ERR_LIMIT: too deep, or the arena is full.
 */
enum err ical_parse(struct arena *a, struct str text, struct ical_part **ret, struct str *rest) MUST_CHECK;
void ical_put(struct buf *b, const struct ical_part *part);

/* The first one of that name at or behind `from`; NULL: none. Walk with e->next. */
struct ical_entry *ical_line_find(struct ical_entry *from, struct str name);
struct ical_entry *ical_part_find(struct ical_entry *from, struct str name);
/* The line in one piece, without folds. */
enum err ical_unfold(struct arena *a, struct str raw, struct str *ret) MUST_CHECK;
/* What stands behind the name and its parameters, of an unfolded line. */
struct str ical_value(struct str line);
/* Does the line say so somewhere, over its folds too? */
bool ical_raw_has(struct str raw, struct str text);

/* The name of a VTIMEZONE, as TZID parameters say it; empty: it has none. */
enum err ical_zone_name(struct arena *a, const struct ical_part *zone, struct str *ret) MUST_CHECK;
/* Has the calendar a zone of that name? */
bool ical_has_zone(struct arena *a, const struct ical_part *calendar, struct str name);

void ical_remove(struct ical_part *part, struct str name); /* all lines of that name */
void ical_remove_entry(struct ical_part *part, const struct ical_entry *entry);
/* A line, folded here; behind the other lines and before the components. */
enum err ical_add(struct arena *a, struct ical_part *part, struct str line) MUST_CHECK;
/* The same in the place of a line that is there. */
enum err ical_set(struct arena *a, struct ical_entry *entry, struct str line) MUST_CHECK;
enum err ical_add_part(struct arena *a, struct ical_part *part, struct ical_part *child) MUST_CHECK;
/* Deep as to entries; the octets are shared. */
enum err ical_copy(struct arena *a, const struct ical_part *part, struct ical_part **ret) MUST_CHECK;
enum err ical_new(struct arena *a, struct str name, struct ical_part **ret) MUST_CHECK;

/* A TEXT value (RFC 5545 section 3.3.11). Lines end in LF or CRLF. */
void ical_text_put(struct buf *b, struct str text);
/* What a TEXT value says. ERR_LIMIT. */
enum err ical_text_read(struct arena *a, struct str value, struct str *ret) MUST_CHECK;
/* A parameter's value in quotes; what can't stand in them becomes what looks like it. */
void ical_quoted_put(struct buf *b, struct str text);

#endif
