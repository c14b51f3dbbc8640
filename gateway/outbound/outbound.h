/*
 * The sending side of the queue (store/queue.h): threads of its own take what is due, put it into mailboxes of ours or
 * hand it to the smarthost, write down what came of it, and tell senders of what failed.
 *
 * A recipient that has an account here gets the message straight into the Inbox; all others go to the smarthost. What
 * fails for now is tried again after 1, 2, 4 … 32 minutes, then every hour, until the entry expires; what fails for good
 * is told to the sender in a report (RFC 3464), unless it was sent by nobody.
 */
#ifndef GATEWAY_OUTBOUND_OUTBOUND_H
#define GATEWAY_OUTBOUND_OUTBOUND_H

#include <gateway/mailbox/send.h>
#include <gateway/outbound/relay.h>

struct outbound;

enum {
	OUTBOUND_THREADS = 4, /* messages on their way at once */
	OUTBOUND_LOOK_MS =
		60 * 1000, /* between two looks through the outboxes of all mailboxes, where something is left */
	OUTBOUND_RETRY_FIRST_MS = 60 * 1000,
	OUTBOUND_RETRY_MAX_MS = 60 * 60 * 1000,
	OUTBOUND_TELL_DELAY_MS = 4 * 60 * 60 * 1000, /* a sender is told once that it takes longer */
};

struct outbound_args {
	const struct send_service *service; /* outlives it */
	const struct relay_config *relay;   /* outlives it; NULL: there is no smarthost */
};

/* No thread yet. */
struct outbound *outbound_new(const struct outbound_args *args);
enum err outbound_start(struct outbound *o) MUST_CHECK;
/* Ends what is under way at the next network answer or sooner; nothing is lost by it. */
void outbound_stop(struct outbound *o);
void outbound_free(struct outbound **op); /* NULL-safe */

/* There is something new in the queue, or the time has come to look. Any thread, does not block; for send_service. */
void outbound_wake(void *outbound);

/* A mailbox has kept mail that the queue could not take: all are looked through, within the minute. As outbound_wake(). */
void outbound_left(void *outbound);

/* Moves what mailboxes have kept, then handles all that is due, on this thread, as the threads do; for tests, which have a clock of their own. */
enum err outbound_run(struct outbound *o) MUST_CHECK;

/* When the n-th attempt (from 1) has failed, how long to wait. Pure. */
int64_t outbound_retry_after_ms(unsigned attempts);

#endif
