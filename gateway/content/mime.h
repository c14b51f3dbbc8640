/*
 * The structure of a message (RFC 2045, 2046): which parts it has and at which octets they lie. One pass, push-style,
 * iterative, made of offsets: the message itself is never kept. It is given with CRLF line ends (crlf.h); a bare LF
 * ends a line too. The structure is the same however the octets are cut.
 *
 * There is no bad message: what is malformed is text, what lies past a limit is one opaque part. Memory is bounded by
 * the limits below, about 4 MB for the worst message, whatever its size.
 *
 * The structure is computed once, at delivery, and stored as a blob (mime_structure_put) with the version of the
 * parser that made it; all later readers work from the blob and read of the message only what they show.
 */
#ifndef CONTENT_MIME_H
#define CONTENT_MIME_H

#include <base/arena.h>
#include <base/buf.h>

#include <gateway/content/source.h>
#include <gateway/content/transfer.h>

/* Goes up with every change that gives another structure for some message; stored ones are then made anew. */
enum { MIME_PARSER_VERSION = 1 };

enum {
	MIME_DEPTH_MAX = 100,               /* levels of parts; a multipart at the last one is opaque */
	MIME_PARTS_MAX = 10000,             /* the last one is opaque and reaches to the end of the message */
	MIME_BOUNDARY_MAX = 256,            /* octets (RFC 2046 says 70); a multipart with a longer one is opaque */
	MIME_HEADER_MAX = 10 * 1024 * 1024, /* octets of one header block whose fields are looked at */
	MIME_FIELD_MAX = 16 * 1024,         /* octets of one field, and of one line, that are looked at */
	MIME_WORD_MAX = 128,                /* octets of a type, subtype, charset or variant; a longer one is absent */
	MIME_NAME_MAX = 255,                /* characters of a file name; cut there */
	MIME_ID_MAX = 998,                  /* octets of a content id or location; a longer one is absent */
	MIME_TEXT_MAX = 1024 * 1024,        /* octets of all these texts; what comes after them is absent */
};

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART, /* its children are parts */
	MIME_MESSAGE,   /* message/rfc822: its only child is the message in it */
	MIME_KIND_MAX_
};

enum mime_disposition {
	MIME_DISPOSITION_NONE,
	MIME_INLINE,
	MIME_ATTACHMENT, /* and every value that is not "inline" (RFC 2183 section 2.8) */
	MIME_DISPOSITION_MAX_
};

enum mime_flags {
	MIME_OPAQUE = 1,     /* past a limit: a leaf whatever its type says */
	MIME_FLOWED = 2,     /* format=flowed (RFC 3676) */
	MIME_DELSP = 4,      /* delsp=yes */
	MIME_TYPE_GIVEN = 8, /* there was a Content-Type that could be read */
	MIME_FLAGS_ALL = 15,
};

/*
 * All texts are UTF-8, empty where absent. A part's children follow it, so that a parent has a lower index than each
 * of its children and its first child, if it has any, is the next part.
 */
struct mime_part {
	uint64_t hdr_off, hdr_len;   /* header block with the empty line that ends it */
	uint64_t body_off, body_len; /* without the line end that belongs to the delimiter after it */
	uint64_t lines;              /* line ends in the body */
	int32_t parent;              /* index; -1 for the message itself */
	uint32_t flags;              /* enum mime_flags */
	enum mime_kind kind;
	enum transfer_encoding encoding;
	enum mime_disposition disposition;
	struct str type, subtype; /* lower case, with the defaults filled in (RFC 2045 section 5.2) */
	struct str charset;       /* lower case, as declared */
	struct str name;          /* file name; of a message in a message, its subject */
	struct str content_id;    /* without brackets */
	struct str location;      /* Content-Location */
	/*
	 * The parameter that tells what the type is for: method of text/calendar, report-type of multipart/report,
	 * protocol of multipart/signed and encrypted, smime-type of pkcs7-mime, start of multipart/related (without
	 * brackets).
	 */
	struct str variant;
};

struct mime_structure {
	struct mime_part *parts; /* [0] is the message */
	size_t parts_n;          /* at least 1 */
	uint64_t size;           /* octets of the message */
};

/* ---- making it ---- */

struct mime_parser;

/* The texts of the parts go into `a`, which outlives the structure. Not shared between threads. */
struct mime_parser *mime_parser_new(struct arena *a);
void mime_parser_put(struct mime_parser *p, struct str bytes);
/* The message is complete. ERR_LIMIT where the arena was full; *ret is then untouched. */
enum err mime_parser_finish(struct mime_parser *p, struct mime_structure *ret) MUST_CHECK;
void mime_parser_free(struct mime_parser **pp); /* NULL-safe */

/* The whole at once, for what is not being delivered. */
enum err mime_parse(struct arena *a, const struct mail_source *src, struct mime_structure *ret) MUST_CHECK;

/* ---- keeping it ---- */

/* Octets of the largest blob, a ceiling for the buffer. */
enum { MIME_BLOB_MAX = MIME_TEXT_MAX + MIME_PARTS_MAX * 128 };

void mime_structure_put(struct buf *b, const struct mime_structure *m);
/*
 * ERR_STALE: made by another version of the parser, parse the message again. ERR_CORRUPT: not a blob of ours; every
 * offset of what is returned lies inside m->size. ERR_LIMIT: the arena is full. blob may go away after the call.
 */
enum err mime_structure_get(struct arena *a, struct str blob, struct mime_structure *ret) MUST_CHECK;

/* ---- using it ---- */

static inline bool mime_is(const struct mime_part *part, struct str type, struct str subtype)
{
	return str_eq(part->type, type) && str_eq(part->subtype, subtype);
}

/*
 * Section numbers as IMAP counts them (RFC 3501 section 6.4.5): "1", "2.1", …; the parts of a message in a message
 * hang from its own number. A message that is one leaf is "1", any other message or the multipart that is the body
 * of one is "". They name a part to clients and stay true whatever the parser's version.
 */
void mime_section_put(struct buf *b, const struct mime_structure *m, size_t part);
/* The part with that section; ERR_NOT_FOUND, ERR_INVALID where it is no section. */
enum err mime_section_find(const struct mime_structure *m, struct str section, size_t *ret_part) MUST_CHECK;

#endif
