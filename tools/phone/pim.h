/*
 * Items that are no mail: events, contacts, tasks, notes (MS-ASCAL, MS-ASCNTC, MS-ASTASK, MS-ASNOTE). What the phone shows
 * of one is kept as lines "Element: value", and is what its file holds. Pure.
 */
#ifndef PHONE_PIM_H
#define PHONE_PIM_H

#include "body.h"
#include "hierarchy.h"

/* One line; attendees have one each. */
struct pim_line {
	struct pim_line *next;
	struct str name, value, more; /* more: of a coded value, its word; of an attendee, the answer */
};

struct pim {
	struct pim_line *lines, *last;
	struct item_body body;
};

/* The children of ApplicationData by the class's table. */
enum err pim_read(struct doc *d, enum item_class class, struct pim *ret) MUST_CHECK;
/* The item's file: its lines, an empty one, the text. */
void pim_put_text(struct buf *out, const struct pim *pim);
/* One line for people, of what the item's file holds: when, what, and with whom. */
void pim_put_summary(struct buf *out, enum item_class class, struct str text);

#endif
