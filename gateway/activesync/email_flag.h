/*
 * The follow-up flag of a mail (MS-ASEMAIL 2.2.2.34): read from a phone, checked, kept as an opaque value with the item,
 * and written back. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_FLAG_H
#define GATEWAY_ACTIVESYNC_EMAIL_FLAG_H

#include <wbxml/wbxml.h>

enum {
	EMAIL_FLAG_MAX_BYTES = 4096, /* kept form; a flag has 13 short fields */
};

/* email:Status of a flag (MS-ASEMAIL 2.2.2.74) */
enum email_flag_status { EMAIL_FLAG_CLEARED = 0, EMAIL_FLAG_COMPLETE = 1, EMAIL_FLAG_ACTIVE = 2 };

/*
 * Reads the Flag element whose START was just read and appends its kept form to `kept` (nothing for a cleared one).
 * ERR_INVALID: bad document, or a flag that the rules of its fields refuse (R92, R407, R409, R702, R757: Status 6).
 * ERR_LIMIT: more text than is kept.
 */
enum err email_flag_parse(struct wbxml_reader *r, struct buf *kept, enum email_flag_status *ret) MUST_CHECK;

/* Writes the Flag element of a kept form, an empty one for none (R437), with what this protocol version knows. */
void email_flag_put(struct wbxml_writer *w, struct str kept, enum eas_version version);
enum email_flag_status email_flag_status(struct str kept);

/*
 * The kept form of a flag that somebody set without a phone (IMAP's \Flagged): active, of type "for Follow Up".
 */
void email_flag_plain(struct buf *kept);

#endif
