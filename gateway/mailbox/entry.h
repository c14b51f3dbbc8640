/*
 * Entries: items that are no mails, each a text (a vCard, an iCalendar object) that is written as a whole. They lie in
 * folders of their classes, without summary and structure; what lists of them need is read from the text.
 *
 * All functions need an open transaction of the mailbox, a write transaction where they change something.
 */
#ifndef GATEWAY_MAILBOX_ENTRY_H
#define GATEWAY_MAILBOX_ENTRY_H

#include <store/item.h>

#include <base/arena.h>

enum { ENTRY_MAX_BYTES = 16 * 1024 * 1024 };

struct entry {
	int64_t folder;
	struct str octets;
	int64_t key; /* what filters compare (struct item) */
	int64_t now_ms;
	struct author by; /* a device only for a Sync Add of its own */
};

/* ERR_NOT_FOUND: no such folder. ERR_LIMIT: longer than ENTRY_MAX_BYTES. *ret has no strings. */
enum err entry_add(struct store_tx *tx, const struct entry *entry, struct item *ret) MUST_CHECK;
/* The same octets and key change nothing, unless by->normalised. */
enum err entry_edit(struct store_tx *tx, const struct item *item, struct str octets, int64_t key,
		    const struct author *by) MUST_CHECK;
/* The octets, in the arena. ERR_LIMIT: it has no room for them. ERR_CORRUPT: they are missing. */
enum err entry_read(struct arena *a, struct store_tx *tx, const struct item *item, struct str *ret) MUST_CHECK;

/* What lies beside an entry's octets, which have its name (store/item_part.h). ENTRY_MAX_BYTES each. */
struct entry_part {
	struct str name, content_type, octets;
};
enum err entry_parts_put(struct store_tx *tx, int64_t item, const struct entry_part *parts, size_t n) MUST_CHECK;

#endif
