/* What the fields of a part's header say about it. For the MIME parser only. */
#ifndef CONTENT_MIME_PART_H
#define CONTENT_MIME_PART_H

#include <gateway/content/mime.h>

enum mime_field {
	MIME_FIELD_TYPE,
	MIME_FIELD_ENCODING,
	MIME_FIELD_DISPOSITION,
	MIME_FIELD_ID,
	MIME_FIELD_LOCATION,
	MIME_FIELD_SUBJECT,
	MIME_FIELD_MAX_
};

/* A part while its header is read. */
struct mime_part_reader {
	struct arena *texts;        /* the caller's */
	size_t texts_n;             /* octets used of MIME_TEXT_MAX */
	struct arena scratch;       /* emptied after each field */
	bool seen[MIME_FIELD_MAX_]; /* the first field of a name counts */
	bool digest;                /* the parent is multipart/digest: the default type is message/rfc822 */
	bool in_message;            /* the part is the message in a message: its subject is its name */
	struct str boundary;        /* of a multipart; scratch of its own, valid until the next part begins */
	char boundary_bytes[MIME_BOUNDARY_MAX];
	enum err err; /* ERR_LIMIT: the caller's arena is full */
};

/* The field a header line begins, or MIME_FIELD_MAX_ where it does not matter; *ret_value is what follows the colon. */
enum mime_field mime_field_of(struct str line, struct str *ret_value);

void mime_part_reader_init(struct mime_part_reader *r, struct arena *texts);
void mime_part_reader_release(struct mime_part_reader *r);

void mime_part_begin(struct mime_part_reader *r);
/* raw may hold folds; it is not kept. */
void mime_part_field(struct mime_part_reader *r, struct mime_part *part, enum mime_field field, struct str raw);
/* The header is complete: defaults, kind. */
void mime_part_end(struct mime_part_reader *r, struct mime_part *part);

#endif
