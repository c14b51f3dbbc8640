/*
 * Drafts: a message that is still written, made from what a client says of it, or from an older state and what it
 * changes. What is not changed is carried over as it is: unknown fields, attachments, the text. Worker threads.
 */
#ifndef GATEWAY_MAILBOX_DRAFT_H
#define GATEWAY_MAILBOX_DRAFT_H

#include <gateway/content/compose.h>
#include <gateway/mailbox/message.h>

enum {
	DRAFT_HEADER_MAX = 512 * 1024,     /* octets of the header of a draft */
	DRAFT_TEXT_MAX = 16 * 1024 * 1024, /* octets of its text in one form */
};

/* Not given: as it was. Given and empty: taken away. */
struct draft_field {
	bool given;
	struct str text; /* UTF-8 */
};

struct draft_edit {
	struct draft_field to, cc, bcc, reply_to; /* address lists as they were typed */
	struct draft_field subject;
	bool has_importance;
	enum mail_importance importance;
	bool has_body;
	enum body_type body; /* BODY_MIME: a message, in place of all there is; the fields above are not looked at */
	struct str text;
	const struct compose_part *added;
	size_t added_n;
	const size_t *deleted; /* parts of the base */
	size_t deleted_n;
};

struct draft_author {
	struct str name, address; /* of From, where there is none yet */
	int64_t now_ms;
	uint64_t unique; /* random, for this draft alone */
};

/* base NULL: a new draft. ERR_LIMIT: too large; errors of the sink pass through. */
enum err draft_write(struct arena *a, const struct message *base, const struct draft_edit *edit,
		     const struct draft_author *by, struct body_sink sink) MUST_CHECK;

/* Would the edit change nothing of it? Clients send whole drafts again that they have not touched. */
enum err draft_unchanged(struct arena *a, const struct message *base, const struct draft_edit *edit,
			 bool *ret) MUST_CHECK;

#endif
