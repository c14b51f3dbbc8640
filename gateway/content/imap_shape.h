/*
 * A message as IMAP describes it: ENVELOPE and BODYSTRUCTURE (RFC 9051 7.5.2), as the text that is sent. Made once, at
 * delivery, since a client asks it of every message of a folder. Values stand as they were written, encoded words
 * included. Any thread.
 */
#ifndef CONTENT_IMAP_SHAPE_H
#define CONTENT_IMAP_SHAPE_H

#include <gateway/content/mime.h>

/* Goes up with every change that gives another text for some message; stored ones are then made anew. */
enum { IMAP_SHAPE_VERSION = 1 };

enum {
	IMAP_SHAPE_HEADER_MAX = 64 * 1024,     /* octets of a header block that are looked at */
	IMAP_SHAPE_FIELD_MAX = 8 * 1024,       /* octets of a subject and the like; a longer one is cut */
	IMAP_SHAPE_ADDRESSES_MAX = 500,        /* of one field; the others are left out */
	IMAP_SHAPE_PARAMS_MAX = 64,            /* of one field */
	IMAP_SHAPE_TEXT_MAX = 4 * 1024 * 1024, /* octets of an answer */
};

/* A string as IMAP writes it: quoted, or a literal; .p NULL: NIL. */
void imap_string_put(struct buf *b, struct str s);

/* header: the block, or its beginning. ERR_LIMIT: the arena is full. */
enum err imap_envelope_put(struct arena *a, struct buf *b, struct str header) MUST_CHECK;

/*
 * extended: BODYSTRUCTURE, else BODY. Reads the header blocks of the parts from the source, whose errors pass through.
 * ERR_LIMIT: the arena is full.
 */
enum err imap_structure_put(struct arena *a, struct buf *b, const struct mail_source *src,
			    const struct mime_structure *m, bool extended) MUST_CHECK;

/* What is kept of a message. */
struct imap_shape {
	struct str envelope, structure; /* BODYSTRUCTURE */
	struct str fields; /* the lines of the fields below, as they stand; .p NULL: too many octets to keep */
};
enum {
	IMAP_SHAPE_KEPT_MAX = 64 * 1024,  /* octets of an envelope or a structure that are kept */
	IMAP_SHAPE_FIELDS_MAX = 8 * 1024, /* and of the fields */
};
/*
 * Texts lie in the arena. max: octets of each, IMAP_SHAPE_KEPT_MAX or IMAP_SHAPE_TEXT_MAX. ERR_LIMIT: they are more, or the
 * arena is full. Errors of the source pass through.
 */
enum err imap_shape_make(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t max,
			 struct imap_shape *ret) MUST_CHECK;
/* Is it one of the fields whose lines are kept? Those that clients ask for of every message. */
bool imap_shape_has_field(struct str name);

#endif
