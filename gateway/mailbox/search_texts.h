/* What an item is found by: its texts, folded, out of its header, its body and the names of its attachments. Worker threads. */
#ifndef GATEWAY_MAILBOX_SEARCH_TEXTS_H
#define GATEWAY_MAILBOX_SEARCH_TEXTS_H

#include <gateway/mailbox/message.h>
#include <store/search.h>

#include <base/buf.h>

/* Buffers that are used again for the next mail. */
struct search_texts {
	struct buf field[SEARCH_FIELD_MAX_];
	bool hidden; /* of an event, a task or a note that is its owner's alone */
};
void search_texts_init(struct search_texts *t);
void search_texts_release(struct search_texts *t);
void search_texts_clear(struct search_texts *t);

/*
 * Up to SEARCH_FIELD_BYTES_MAX of each field. `a` is used meanwhile. The body is that of the message, then those of the
 * messages in it. What can't be read is left out; ERR_IO alone is told.
 */
enum err search_texts_read(struct arena *a, const struct message *m, struct search_texts *ret) MUST_CHECK;

/* The same of a vCard or an iCalendar object (entry.h): its title as the subject, who is named, and what people read of it. */
enum err search_texts_entry(struct str octets, struct search_texts *ret) MUST_CHECK;

#endif
