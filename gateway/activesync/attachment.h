/*
 * Attachments of a mail or an event, and one by its reference (attachment_ref.h), as the classes write it (FileReference,
 * AttName). Worker threads, in a transaction of the mailbox.
 */
#ifndef GATEWAY_ACTIVESYNC_ATTACHMENT_H
#define GATEWAY_ACTIVESYNC_ATTACHMENT_H

#include <gateway/activesync/policy.h>
#include <gateway/content/body.h>
#include <gateway/mailbox/message.h>
#include <wbxml/wbxml.h>

struct eas_attachment {
	struct message message;  /* owned; of a mail */
	struct store_blob *blob; /* owned; of another item: the contents as they are */
	const struct mime_part *part;
	struct str content_type; /* as the mail calls it: anybody's text */
	bool is_inner;           /* a file in the part (winmail.dat), not the part itself */
	uint64_t off, len;       /* of an inner one: where it lies in the part's octets */
};

/*
 * The attachments that a phone is shown of a mail: those in a winmail.dat too, but of a draft, which is edited by its
 * parts. Arena memory.
 */
enum err eas_attachments(struct arena *a, const struct item *item, const struct message *m,
			 struct body_attachment **ret, size_t *ret_n) MUST_CHECK;

/* An Attachment element (MS-ASAIRS 2.2.2.7). `shown` has its part without meaning; client_id may be empty. */
void eas_attachment_put(struct wbxml_writer *w, const struct body_attachment *shown, struct str reference,
			struct str client_id);

/*
 * The item is looked for by its number: it may have moved since, and its parts are what they were. ERR_NOT_FOUND: a
 * reference to nothing. *ret is to be closed in any case.
 */
enum err eas_attachment_open(struct arena *a, struct store_tx *tx, struct str reference,
			     struct eas_attachment *ret) MUST_CHECK;
/* body_part_decode() of it. */
enum err eas_attachment_decode(const struct eas_attachment *a, uint64_t off, uint64_t max_bytes, struct body_sink sink,
			       uint64_t *ret_total) MUST_CHECK;
/* May it go to the phone? ERR_DENIED: its policy lets no attachments through; ERR_LIMIT: none of that size. */
enum err eas_attachment_allowed(const struct eas_policy_limits *l, const struct eas_attachment *a) MUST_CHECK;
void eas_attachment_close(struct eas_attachment *a); /* a zeroed one too */

#endif
