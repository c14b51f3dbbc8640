/*
 * What a delegate is told of a meeting request (or its cancellation) to somebody who shares his calendar with him: a mail of its own, in place of
 * the request, that nobody can answer for the owner by mistake (MS-ASCMD 3.1.5.6.1). The request stays as it is, where it
 * is. Worker threads; no transaction may be open in this thread.
 */
#ifndef GATEWAY_MAILBOX_SUBSTITUTE_H
#define GATEWAY_MAILBOX_SUBSTITUTE_H

#include <base/buf.h>
#include <gateway/content/calendar.h>
#include <gateway/content/summary.h>
#include <store/store.h>

struct intake;

enum {
	SUBSTITUTE_MAX_BYTES = 256 * 1024,
	SUBSTITUTE_DESCRIPTION_MAX = 64 * 1024, /* of an event; a longer one is left out */
};

struct substitute {
	struct str owner;    /* whom the request is for: name, or address */
	struct str delegate; /* an address */
	const struct mail_summary *request;
	const struct cal_event *event; /* of method REQUEST or CANCEL */
	int64_t sent_ms;
};
enum err substitute_write(struct arena *a, struct buf *out, const struct substitute *s) MUST_CHECK;

/*
 * Before a mail is delivered to `mailbox`: if it is a meeting request or called off, to those who are to be told. Whoever hands the
 * mail over does so again if we are killed before it is delivered, and of the same mail the substitute is the same octets, which
 * are not put beside those that are there: none is lost, none comes twice. What can't be done is logged, and hinders no delivery.
 */
void substitute_consider(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms);

#endif
