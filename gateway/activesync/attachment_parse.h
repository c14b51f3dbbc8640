/*
 * Attachments that a phone adds and takes away with Sync (16.0 on; MS-ASAIRS 2.2.2.8), of a draft or of an event. Texts and
 * octets borrow from the document or live in the arena. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_ATTACHMENT_PARSE_H
#define GATEWAY_ACTIVESYNC_ATTACHMENT_PARSE_H

#include <gateway/content/compose.h>
#include <wbxml/wbxml.h>

enum { EAS_MAX_ATTACHMENTS_SAID = 200 }; /* added, and taken away, by one command; our choice */

struct eas_attachment_added {
	struct str client_id;
	struct compose_part part;
};

struct eas_attachments_said {
	struct eas_attachment_added *added;
	size_t added_n;
	struct str *deleted; /* FileReferences */
	size_t deleted_n;
};

/* Adds what an Attachments element, whose START was just read, says. ERR_INVALID or ERR_LIMIT: Status 6. */
enum err eas_attachments_parse(struct arena *a, struct wbxml_reader *r, struct eas_attachments_said *to) MUST_CHECK;

#endif
