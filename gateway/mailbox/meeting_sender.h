/*
 * Who a mail about a meeting is from, as far as that can be known: the calendar in it says whatever its author likes. It is the
 * author of From that counts, which an MTA holds against SPF, DKIM and DMARC; Sender and the return path are anybody's to write
 * beside it. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_MEETING_SENDER_H
#define GATEWAY_MAILBOX_MEETING_SENDER_H

#include <gateway/content/calendar.h>
#include <gateway/content/summary.h>
#include <gateway/mailbox/send.h>

struct meeting_sender {
	/*
	 * The one address of From, or of Reply-To where a calendar service has sent it for one of its users. Empty: there is none,
	 * there are several, or others may read another one (header.h).
	 */
	struct str address;
	struct send_author account; /* whose it is, if he is one of ours; else without addresses */
};

/* Without the account. Arena memory. */
enum err meeting_sender_of(struct arena *a, const struct mail_summary *mail, struct meeting_sender *ret) MUST_CHECK;
/* The account, so that his other addresses count, too. No transaction may be open in this thread. */
enum err meeting_sender_find(struct arena *a, struct store *s, struct meeting_sender *sender) MUST_CHECK;
/* Is the address one of his? Never the empty one. */
bool meeting_sender_is(const struct meeting_sender *sender, struct str address);
/*
 * May he change an event that is in the calendar? Its organizer may, whoever sends for him (RFC 6047 section 2.2.3; SENT-BY, EMAIL)
 * by what the stored event says of that, and whoever sent the event in the first place. What his own mail says of it is no proof.
 */
bool meeting_sender_rules(const struct meeting_sender *sender, const struct cal_event *stored);

#endif
