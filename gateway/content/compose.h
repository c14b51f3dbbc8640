/*
 * Writing mail: header fields (RFC 5322, 2047, 2231), the encodings of bodies (RFC 2045), the parts of a message
 * (RFC 2046, 2387). Headers come out in ASCII (but for addresses that are not, RFC 6532) and in lines of at most
 * COMPOSE_LINE_MAX wherever there is a place to break; whatever is in a value, it never ends its field. What is
 * written reads back as the same values through header.h and mime.h. Lines end in CRLF. Pure, any thread.
 */
#ifndef CONTENT_COMPOSE_H
#define CONTENT_COMPOSE_H

#include <gateway/content/body.h>
#include <gateway/content/header.h>

enum {
	COMPOSE_LINE_MAX = 76,               /* RFC 5322 section 2.1.1, RFC 2045 section 6.7 */
	COMPOSE_LINE_HARD_MAX = 998,         /* 7bit text with a longer line is encoded */
	COMPOSE_PART_HEADER_MAX = 64 * 1024, /* octets of the header of a part that is carried over */
};

/* ---- header fields, into a buffer: its ceiling is the limit ---- */

/* Unstructured text of UTF-8, such as a subject: header_text() gives it back, line ends and tabs as blanks. */
void compose_field_text(struct buf *b, struct str name, struct str text);
/* A value of ASCII that has a form of its own, such as References: broken at its blanks, encoded nowhere. */
void compose_field_plain(struct buf *b, struct str name, struct str value);
/* Nothing where the list is empty. header_addresses() gives it back. */
void compose_field_addresses(struct buf *b, struct str name, const struct header_address *list, size_t n);
void compose_field_date(struct buf *b, struct str name, int64_t ms); /* in UTC */

/* "; name=value" behind an open Content-Type or the like. header_params() gives it back. */
void compose_param(struct buf *b, struct str name, struct str value);

/* ---- the message ---- */

/* An attachment or an inline image. */
struct compose_part {
	struct str content_type; /* "image/png"; one that is none becomes application/octet-stream */
	struct str name;         /* or empty */
	struct str content_id;   /* without brackets, or empty */
	struct str location;     /* Content-Location, or empty */
	bool is_inline;          /* belongs into the HTML */
	struct str bytes;        /* a message (message/rfc822) is written as it is, all else in base64 */
	/*
	 * Instead of all that but is_inline: a part of another message, which is carried over with the fields that
	 * describe it and its octets as they are. Borrowed until the message is written.
	 */
	const struct mail_source *source;
	const struct mime_part *part;
};

struct compose {
	struct body_sink sink;
	struct buf held; /* not yet given to the sink */
	enum err err;    /* the first one, kept */
	uint64_t unique; /* random: makes boundaries that no part contains */
	unsigned multiparts;
};

/* unique: a random number of the caller's, new for each message. */
void compose_init(struct compose *c, struct body_sink sink, uint64_t unique);
/* What was held back goes out. The first error of all that was written, or of the sink. */
enum err compose_finish(struct compose *c) MUST_CHECK;

/*
 * Octets as they are: the header's fields (without MIME-Version and Content-…), once and first. Then exactly one of
 * compose_text(), compose_part(), or a multipart with its parts, each behind a compose_multipart_next().
 */
void compose_put(struct compose *c, struct str octets);
/* Content-Type: multipart/`type`; type may have parameters. What is returned names it in the two calls below. */
unsigned compose_multipart_begin(struct compose *c, struct str type);
void compose_multipart_next(struct compose *c, unsigned multipart);
void compose_multipart_end(struct compose *c, unsigned multipart);
/* A text part; type is "text/plain" or the like. text is UTF-8 with line ends of any kind. */
void compose_text(struct compose *c, struct str type, struct str text);
void compose_part(struct compose *c, const struct compose_part *part);

struct compose_mail {
	struct str header;      /* finished fields, without MIME-Version and Content-… */
	struct str plain, html; /* UTF-8; .p NULL: absent */
	const struct compose_part *parts;
	size_t parts_n;
};

/*
 * A whole mail: its text as one part or an alternative of two, the inline parts beside the HTML (multipart/related), the
 * others behind it (multipart/mixed).
 */
void compose_mail(struct compose *c, const struct compose_mail *m);

#endif
