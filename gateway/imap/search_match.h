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
	const struct item_scan *scan; /* at its row; NULL: the row is all there is */
	struct message *message;      /* opened when a key first asks for it */
	bool opened, summarised;
	struct mail_summary summary;
	enum err err; /* what became of opening it */
};

/* The mail's summary; NULL: it can't be read. */
const struct mail_summary *imap_matcher_summary(struct imap_matcher *m);
/* The flags that a mail must have under a mask, so that the key can match. */
struct imap_key_flags {
	unsigned mask, flags;
};
struct imap_key_flags imap_key_flags(const struct imap_key *key);
/* What a walk has to bring, so that the key can be asked. */
enum item_scan_with imap_key_walk(const struct imap_key *key);
bool imap_key_matches(struct imap_matcher *m, const struct imap_key *key);

#endif
