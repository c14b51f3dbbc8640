/*
 * What a change of a mailbox sends: written with the change, moved to the queue behind it (store/outbox.h).
 *
 *	outbox_post      in the change's transaction
 *	outbox_move      after its commit: whoever made the change, before he answers
 *	outbox_move_all  what a crash, or a directory that was busy or full, has left
 *
 * The queue knows each message by its name, so that who moves one again, killed between the queue's commit and the
 * mailbox's, sends nothing twice. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_OUTBOX_H
#define GATEWAY_MAILBOX_OUTBOX_H

#include <gateway/mailbox/send.h>

#include <gateway/content/body.h>

struct outbox_letter {
	struct queue_name name;
	int64_t author;       /* the account that sends; its From is set right when the message is moved */
	const struct str *to; /* addresses */
	size_t to_n;
	/* Writes the message, header and all, without Date and Message-ID. */
	enum err (*write)(void *ctx, struct body_sink sink);
	void *ctx;
};
/* In a write transaction of the mailbox. ERR_INVALID, ERR_LIMIT: store/outbox.h. */
enum err outbox_post(struct store_tx *tx, const struct outbox_letter *letter) MUST_CHECK;

/*
 * No transaction may be open. A copy of each goes into Sent Items. What can never be sent is logged and dropped. Where the queue can't take it now it stays, and
 * service->left is told: what was acknowledged is on disk either way.
 */
void outbox_move(const struct send_service *service, int64_t mailbox);
/* Of all accounts. The first error: something is left, but of the others nothing. Ends early when `stop` says so (may be NULL). */
enum err outbox_move_all(const struct send_service *service, bool (*stop)(void *ctx), void *ctx) MUST_CHECK;

#endif
