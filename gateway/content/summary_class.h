/* Message class and kind of a message by its structure. For the summary, and who shows the meeting. */
#ifndef CONTENT_SUMMARY_CLASS_H
#define CONTENT_SUMMARY_CLASS_H

#include <gateway/content/mime.h>

struct message_class {
	struct str name; /* a literal */
	uint32_t flags;  /* MAIL_SIGNED, MAIL_ENCRYPTED, MAIL_SMIME, MAIL_MEETING, MAIL_REPORT */
};

/*
 * By the types and parameters of the parts. A report's own words (failed, delayed, delivered; displayed, deleted) are
 * read from the message. Errors of the source pass through.
 */
enum err message_class_of(const struct mail_source *src, const struct mime_structure *m,
			  struct message_class *ret) MUST_CHECK;

/* The part that invites to a meeting, answers or calls off: the first that is no part of another message; NULL. */
const struct mime_part *message_meeting_part(const struct mime_structure *m);

#endif
