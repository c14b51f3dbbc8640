/*
 * An attachment by its reference (attachment_ref.h), as the Email class writes it (FileReference, AttName). Worker
 * threads, in a transaction of the mailbox.
 */
#ifndef GATEWAY_ACTIVESYNC_ATTACHMENT_H
#define GATEWAY_ACTIVESYNC_ATTACHMENT_H

#include <gateway/activesync/policy.h>
#include <gateway/mailbox/message.h>

struct eas_attachment {
	struct message message; /* owned */
	const struct mime_part *part;
};

/*
 * The item is looked for by its number: it may have moved since, and its parts are what they were. ERR_NOT_FOUND: a
 * reference to nothing. *ret is to be closed in any case.
 */
enum err eas_attachment_open(struct arena *a, struct store_tx *tx, struct str reference,
			     struct eas_attachment *ret) MUST_CHECK;
/* May it go to the phone? ERR_DENIED: its policy lets no attachments through; ERR_LIMIT: none of that size. */
enum err eas_attachment_allowed(const struct eas_policy_limits *l, const struct eas_attachment *a) MUST_CHECK;
void eas_attachment_close(struct eas_attachment *a); /* a zeroed one too */

#endif
