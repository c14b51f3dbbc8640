/*
 * What a mail says of the conversation that it is in (store/conversation.h): References, In-Reply-To, Thread-Index,
 * and the topic, which is the subject without Re: and its like. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_CONVERSATION_H
#define GATEWAY_MAILBOX_CONVERSATION_H

#include <gateway/content/mime.h>
#include <gateway/content/summary.h>
#include <store/conversation.h>
#include <store/folder.h>

/*
 * sent_ms: where the mail has no date. `salt` makes one out of a mail that says nothing at all: its octets' hash. An
 * error of the source passes through.
 */
struct conversation_source {
	const struct mail_source *source;
	const struct mime_structure *structure;
	const struct mail_summary *summary;
	struct str salt;
	int64_t sent_ms;
};
enum err conversation_read(struct arena *a, const struct conversation_source *s,
			   struct conversation_facts *ret) MUST_CHECK;

/*
 * Moves the mails of a conversation to a folder, and what will come later: from all folders but Sent Items (MS-ASCON_R130),
 * and, our choice, but Drafts and Outbox, where mails are that nobody has seen yet. In the caller's write transaction.
 * device: who moves, or STORE_NOBODY. Again is no error. ERR_NOT_FOUND: no such conversation, or no such folder.
 * ERR_UNSUPPORTED: the folder is not of mail, or is Drafts or Outbox.
 */
enum err conversation_move_always(struct arena *a, struct store_tx *tx, struct str id, int64_t folder,
				  int64_t device) MUST_CHECK;

/*
 * Housekeeping: mails that came before there were conversations get theirs, up to `limit` of them. *ret_more: there are
 * others.
 */
enum err conversation_fill(struct store *s, int64_t mailbox, size_t limit, bool *ret_more) MUST_CHECK;

#endif
