/*
 * A draft as a phone sends it with Sync (16.0 on; MS-ASEMAIL 3.1.5.4): its fields, its body, attachments that it adds
 * and takes away. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_DRAFT_H
#define GATEWAY_ACTIVESYNC_EMAIL_DRAFT_H

#include <gateway/activesync/attachment_parse.h>
#include <gateway/activesync/email_change.h>
#include <gateway/mailbox/draft.h>

enum {
	EMAIL_DRAFT_MAX_FIELD_BYTES = 32 * 1024, /* To (MS-ASEMAIL R788) and the other texts of the header */
};

struct email_draft {
	struct email_change change; /* Read, Flag, Categories */
	struct draft_edit edit;     /* without the attachments */
	bool has_content;           /* something of edit, or attachments */
	struct eas_attachments_said files;
};

/*
 * Reads an ApplicationData element whose START was just read. Texts borrow from the document, the rest is in the arena.
 * ERR_INVALID or ERR_LIMIT: Status 6, nothing of it is applied. The caller releases *ret in every case.
 */
enum err email_draft_parse(struct arena *a, struct wbxml_reader *r, enum eas_version version,
			   struct email_draft *ret) MUST_CHECK;
void email_draft_release(struct email_draft *d);

#endif
