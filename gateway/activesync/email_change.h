/*
 * What a phone may change of a mail with Sync (MS-ASEMAIL 3.1.5.4 R41): Read, Flag, Categories. What it says beside these is passed
 * over; alone it is refused with Status 6. Drafts are written by their phones as a whole (email_draft.h). Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_CHANGE_H
#define GATEWAY_ACTIVESYNC_EMAIL_CHANGE_H

#include <store/item.h>
#include <wbxml/wbxml.h>

enum {
	EMAIL_MAX_CATEGORIES = 300,      /* MS-ASEMAIL 2.2.2.16 */
	EMAIL_MAX_CATEGORY_BYTES = 1020, /* 255 characters */
};

struct email_change {
	bool has_read, read;
	bool has_flag;
	bool flagged;    /* IMAP's \Flagged: an active flag */
	struct buf flag; /* kept form (email_flag.h); empty: cleared */
	bool has_categories;
	struct buf categories; /* each ended by '\n' */
};

void email_change_init(struct email_change *c);
/* Reads the element whose START was just read, one of the three. ERR_INVALID: another one. */
enum err email_change_field(struct wbxml_reader *r, struct email_change *c) MUST_CHECK;

/*
 * Reads an ApplicationData element whose START was just read. ERR_INVALID or ERR_LIMIT: Status 6, nothing of it is
 * applied. The caller releases *ret in every case.
 */
enum err email_change_parse(struct wbxml_reader *r, enum eas_version version, struct email_change *ret) MUST_CHECK;
/* What it does to the item; strings borrow from *c. */
void email_change_edit(const struct email_change *c, struct item_edit *ret);
void email_change_release(struct email_change *c);

#endif
