/*
 * What a delegate is told of a meeting request (or its cancellation) to somebody who shares his calendar with him: a mail of its own, in place of
 * the request, that no phone answers for its own user by mistake (MS-ASCMD 3.1.5.6.1). The request stays as it is, where it
 * is, or is nowhere where the owner leaves meetings to his delegates. Its calendar lies beside the substitute (store/item_part.h),
 * where nobody but us can put it: so a substitute can be answered for the owner. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_SUBSTITUTE_H
#define GATEWAY_MAILBOX_SUBSTITUTE_H

#include <base/buf.h>
#include <gateway/content/calendar.h>
#include <gateway/mailbox/meeting_sender.h>
#include <store/item.h>
#include <store/share.h>

struct intake;

enum { SUBSTITUTE_MAX_BYTES = 256 * 1024 };

struct substitute {
	int64_t owner_id;
	struct str owner;    /* whom the request is for: name, or address */
	struct str delegate; /* an address */
	struct str calendar; /* of the request */
	enum share_meetings meetings;
	bool edits; /* the delegate may answer */
	const struct mail_summary *request;
	const struct cal_event *event; /* of method REQUEST or CANCEL */
	struct str thread_index;       /* Thread-Index of the request; empty: none */
	int64_t sent_ms;
};
enum err substitute_write(struct arena *a, struct buf *out, const struct substitute *s) MUST_CHECK;

/*
 * Before a mail is delivered to `mailbox`: if it is a meeting request or called off, to those who are to be told. Whoever hands the
 * mail over does so again if we are killed before it is delivered, and of the same mail the substitute is the same octets, which
 * are not put beside those that are there: none is lost, none comes twice. What can't be done is logged, and hinders no delivery.
 * What the request is to its owner is noted in the intake. No transaction may be open in this thread.
 *
 * True: it is not delivered to the owner. His calendar has it (taken), and one who may answer it in his place has the substitute, on
 * disk.
 */
bool substitute_consider(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms,
			 bool taken) MUST_CHECK;

/* Of which request a mail is the substitute. */
struct substituted {
	int64_t owner; /* his account, and mailbox */
	struct str calendar;
	struct meeting_sender sender;
};
/*
 * In a transaction of the delegate's mailbox; `shares`: what is shared with him. ERR_NOT_FOUND: it is none, or its owner shares no
 * calendar with him any more. Whether he may answer is another question (mount.h). Arena memory.
 */
enum err substitute_of(struct arena *a, struct store_tx *tx, const struct item *item, const struct share *shares,
		       size_t shares_n, struct substituted *ret) MUST_CHECK;

#endif
