/*
 * The mails that a command names: a set of sequence numbers or UIDs, walked by the view that the session has, in pages
 * of rows. What the store has not any more, and the client has not been told of, is counted. Worker threads.
 */
#ifndef GATEWAY_IMAP_MAILS_H
#define GATEWAY_IMAP_MAILS_H

#include <gateway/imap/session.h>
#include <store/item_scan.h>

/*
 * Puts the set into UIDs, sorted, '*' and "$" replaced; for sequence numbers in a transaction of its own. Once a command.
 * ERR_INVALID: a sequence number that no mail has.
 */
enum err imap_resolve(struct imap_command *c, struct imap_set *set, bool uids) MUST_CHECK;

/*
 * A walk that outlives transactions. Zero-initialise but for the set, which is resolved. Whoever has done with a row puts
 * `next` behind its UID, and counts it.
 */
struct imap_walk {
	const struct imap_set *set;
	uint32_t next; /* UID */
	uint64_t found;
};
static inline void imap_walk_past(struct imap_walk *walk, const struct item *item)
{
	walk->next = item->uid + 1;
	walk->found++;
}
/* The rows that come next, up to `limit`; fewer where they are the last ones. */
enum err imap_walk_page(const struct imap_walk *walk, struct arena *a, struct store_tx *tx, const struct view *v,
			size_t limit, struct item **ret, size_t *ret_n) MUST_CHECK;

/* The same rows one by one, with what lies beside them (store/item_scan.h). Zero-initialise but for what is asked. */
struct imap_rows {
	struct imap_walk *walk;
	struct store_tx *tx;
	const struct view *view;
	enum item_scan_with with;
	unsigned mask, flags; /* only mails whose flags under the mask are these */
	struct item_scan scan;
	size_t at; /* of the set's ranges: the one that is walked next */
};
/* *row: there is one; its texts are borrowed until the next step. */
enum err imap_rows_next(struct imap_rows *r, struct item *ret, bool *row) MUST_CHECK;
void imap_rows_end(struct imap_rows *r); /* for CLEANUP: before its transaction ends */
/* Of each of the set's ranges the part from `first` to `last`. An error ends it and is returned. */
typedef enum err imap_each_range(void *ctx, struct imap_range r);
enum err imap_set_between(const struct imap_set *set, uint32_t first, uint32_t last, imap_each_range *each,
			  void *ctx) MUST_CHECK;

/* How many mails of the view the set names. */
uint64_t imap_count_named(const struct view *v, const struct imap_set *set);

/* Such places among n: from *ret_from, counted from 0, up to *ret_to, which is not one of them. */
void imap_page_bounds(uint64_t n, int64_t from, int64_t to, uint64_t *ret_from, uint64_t *ret_to);
/*
 * Of the mails that the set names only those at these places, counted from the first or, where negative, from the last (RFC
 * 9394). The set's ranges become others, in the arena.
 */
enum err imap_set_page(struct arena *a, const struct view *v, struct imap_set *set, int64_t from,
		       int64_t to) MUST_CHECK;

#endif
