/* Does a mail match? Worker threads. */
#ifndef GATEWAY_IMAP_SEARCH_MATCH_H
#define GATEWAY_IMAP_SEARCH_MATCH_H

#include <gateway/imap/search.h>
#include <gateway/imap/view.h>
#include <gateway/mailbox/message.h>

struct imap_matcher {
	struct arena *arena; /* emptied by the caller between mails */
	struct store_tx *tx;
	const struct view *view;
	int64_t now_ms;
	const struct item *item;
	struct message *message; /* opened when a key first asks for it */
	bool opened;
	enum err err; /* what became of opening it */
};

/* The mail, opened once; NULL: it can't be. */
const struct message *imap_matcher_open(struct imap_matcher *m);
bool imap_key_matches(struct imap_matcher *m, const struct imap_key *key);

#endif
