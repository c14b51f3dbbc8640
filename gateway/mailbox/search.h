/*
 * Searching a mailbox's mails, for every protocol. The index (store/search.h) is brought to the mailbox's head first:
 * the texts of what is new are read from the mails here. In chunks, each a transaction of its own on the index alone, so
 * that deliveries pass. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_SEARCH_H
#define GATEWAY_MAILBOX_SEARCH_H

#include <store/search.h>

enum {
	MAIL_SEARCH_CHUNK_ITEMS = 256, /* of a transaction */
	MAIL_SEARCH_CHUNK_BYTES = 8 * 1024 * 1024,
	MAIL_SEARCH_WAIT_MS = 15 * 1000, /* that a search may spend on bringing the index to head */
	MAIL_SEARCH_NODE_BYTES = 4096,   /* of a text that is looked for, before it is folded */
};

/*
 * Brings the index to head. A damaged one is thrown away, logged, and made anew. `max_ms` (0: as long as it takes) and
 * `stop` (may be NULL; asked between chunks) bound it: *ret_head tells whether the head was reached. No transaction may
 * be open in this thread that writes to the mailbox.
 */
struct mail_search_bounds {
	int64_t max_ms;
	bool (*stop)(void *ctx);
	void *ctx;
};
enum err mail_search_update(struct store *s, int64_t mailbox, const struct mail_search_bounds *bounds,
			    bool *ret_head) MUST_CHECK;

/*
 * Brings the index to head, then search_run() in a read transaction of its own. ERR_BUSY: the index was not brought to
 * head within MAIL_SEARCH_WAIT_MS; what was done of it stays done, so that asking again gets further.
 */
enum err mail_search(struct arena *a, struct store *s, int64_t mailbox, const struct search_node *query,
		     const struct search_page *page, struct search_result *ret) MUST_CHECK;
/*
 * The same in a transaction of the caller's (one that reads), so that what is found is what he sees: mails that came
 * after it began are not found.
 */
enum err mail_search_in(struct arena *a, struct store_tx *tx, const struct search_node *query,
			const struct search_page *page, struct search_result *ret) MUST_CHECK;

/*
 * A SEARCH_TEXT node of a text as a user wrote it, which is folded into the arena. Where nothing is left of it to look
 * for the node is SEARCH_ALL: every text has the empty one in it. ERR_LIMIT: above SEARCH_TEXT_MAX.
 */
enum err mail_search_text(struct arena *a, unsigned fields, struct str text, struct search_node *ret) MUST_CHECK;

/* Throws the index away and makes it anew: for an administrator. */
enum err mail_search_rebuild(struct store *s, int64_t mailbox) MUST_CHECK;

#endif
