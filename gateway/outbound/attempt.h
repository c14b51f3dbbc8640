/* One attempt at one entry of the queue. Blocking; threads of outbound, or a test's. */
#ifndef GATEWAY_OUTBOUND_ATTEMPT_H
#define GATEWAY_OUTBOUND_ATTEMPT_H

#include <gateway/outbound/outbound.h>

struct account;
struct buf;
struct mail_group;

struct attempt_args {
	const struct send_service *service;
	const struct relay_config *relay; /* NULL: none */
	const atomic_bool *stop;          /* becomes true: give up waiting */
	int64_t entry;
};

/*
 * Does what is due of the entry and writes down what came of it; nothing where it is not due any more. An error is the
 * directory's: nothing was written down.
 */
enum err attempt_run(struct arena *a, const struct attempt_args *args) MUST_CHECK;

/* ---- the parts of it ---- */

/* What came of a recipient in this attempt. */
struct attempt_result {
	enum queue_state state;        /* QUEUE_PENDING: not now */
	bool tried;                    /* false: it was not pending */
	bool reports;                  /* somebody else reports the success */
	struct str status;             /* RFC 3463: "5.1.1" */
	struct str reply;              /* what was said */
	struct queue_recipient *added; /* QUEUE_EXPANDED: who comes in its place */
	size_t added_n;
};

struct attempt {
	const struct attempt_args *args;
	struct arena *a;
	int64_t now_ms;
	struct queue_entry entry;
	struct attempt_result *results; /* of entry.recipients */
	bool *relayed;                  /* the same: which go to the smarthost */
	size_t added_n;                 /* of all results */
	bool settled;                   /* by now */
};

/* deliver.c: into a mailbox of ours, once. */
void attempt_deliver(struct attempt *at, size_t recipient, const struct account *account);
/* expand.c: the people of a group are recipients from the next attempt on, which is due at once. */
void attempt_expand(struct attempt *at, size_t recipient, const struct mail_group *group);
/* forward.c: those of at->relayed to the smarthost, in one transaction. */
void attempt_relay(struct attempt *at);
/* trace.c: the Received field, and for the own mailbox Return-Path before it. */
void attempt_put_trace(const struct attempt *at, struct buf *b, bool with_return_path);

#endif
