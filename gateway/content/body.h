/*
 * The text of a message as a phone or a reader wants it: plain, HTML, or the message itself; and the list of its
 * attachments. Works from the stored structure and reads of the message only the parts it shows, in chunks: memory
 * does not grow with the message. Any thread; a source is used by one at a time.
 *
 * HTML is handed out as it was sent, in UTF-8: scripts, forms and remote images are still in it. Whoever shows it in
 * a browser of ours has to clean it first; phones do that themselves.
 */
#ifndef CONTENT_BODY_H
#define CONTENT_BODY_H

#include <gateway/content/mime.h>

/* Numbers of MS-ASAIRS 2.2.2.41.1 (Type). 3 is RTF, which mail has not. */
enum body_type {
	BODY_PLAIN = 1,
	BODY_HTML = 2,
	BODY_MIME = 4,
};

enum {
	BODY_PREVIEW_MAX = 255,           /* characters (MS-ASAIRS 2.2.2.35) */
	BODY_TEXT_MAX = 16 * 1024 * 1024, /* octets of the message that are rendered; the rest is counted, not shown */
	BODY_PREVIEW_READ_MAX = 256 * 1024, /* octets of the message that are read for a preview */
	BODY_PARTS_MAX = 1000,              /* text parts that are joined into one body */
	BODY_ATTACHMENTS_MAX = 1000,        /* attachments that are listed */
	BODY_UNPACKED_MAX = 4,              /* winmail.dat of one message that are unpacked */
};

/* Where rendered text goes. An error of put() ends the rendering and reaches the caller unchanged. */
struct body_sink {
	enum err (*put)(void *ctx, struct str bytes);
	void *ctx;
};

/* A sink that appends to a buffer; its ceiling gives ERR_LIMIT. */
struct body_sink body_sink_buf(struct buf *b);

struct body_request {
	enum body_type type;
	uint64_t max_bytes;   /* TruncationSize; UINT64_MAX for all */
	size_t preview_chars; /* 0: none */
};

struct body_result {
	uint64_t estimated_bytes; /* of the whole body in that type (EstimatedDataSize) */
	bool truncated;           /* less than the whole was put */
	struct str preview;       /* arena memory: plain text, blanks folded, without addresses of links */
};

/* BODY_HTML where the message has an HTML text that is not an attachment, else BODY_PLAIN (NativeBodyType). */
enum body_type body_native(struct arena *a, const struct mime_structure *m);

/*
 * Renders the body of `part`, which is the message itself (0) or a part of kind MIME_MESSAGE, with CRLF line ends, cut at a
 * character where it passes r->max_bytes. BODY_MIME gives the octets of the message as they are, cut anywhere.
 * `a` is used for the preview and while rendering. Errors of the source and the sink pass through.
 */
enum err body_render(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t part,
		     const struct body_request *r, struct body_sink sink, struct body_result *ret) MUST_CHECK;

/* The first characters of the text, at most BODY_PREVIEW_MAX of them; arena memory. */
enum err body_preview(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t part,
		      size_t max_chars, struct str *ret) MUST_CHECK;

enum { ATTACHMENT_NORMAL = 1, ATTACHMENT_MESSAGE = 5 }; /* Method, MS-ASAIRS 2.2.2.31.2 */

struct body_attachment {
	size_t part;             /* index in the structure; its lasting name is mime_section_put() */
	size_t inner;            /* 0: the part itself; else which of the files in it, from 1 (winmail.dat) */
	struct str display_name; /* never empty; a message in a message ends in ".eml" */
	struct str content_type; /* "image/png" */
	struct str content_id;   /* without brackets, or empty */
	struct str location;     /* Content-Location, or empty */
	bool is_inline;          /* belongs into the HTML, which names it by its id or location */
	unsigned method;
	uint64_t size; /* of the decoded octets, estimated from the encoding (EstimatedDataSize) */
};

/*
 * The attachments of `part`, which is the message itself (0) or a part of kind MIME_MESSAGE: everything that is not its text. The
 * detached signature of a signed message is none. Arena memory; ERR_LIMIT where the arena is full.
 */
enum err body_attachments(struct arena *a, const struct mime_structure *m, size_t part, struct body_attachment **ret,
			  size_t *ret_n) MUST_CHECK;

/*
 * Those of the message, with what is in a winmail.dat in its place. The part itself is listed too where it holds more than these files: a
 * message, an OLE object, a meeting, a text that the mail has nowhere else; it alone, where it is broken.
 */
enum err body_attachments_unpacked(struct arena *a, const struct mail_source *src, const struct mime_structure *m,
				   struct body_attachment **ret, size_t *ret_n) MUST_CHECK;
/* The file `inner` of a part (from 1): where its octets lie in those of the part. ERR_NOT_FOUND: none, or no file. */
enum err body_inner_find(struct arena *a, const struct mail_source *src, const struct mime_part *part, size_t inner,
			 struct str *ret_type, uint64_t *ret_off, uint64_t *ret_len) MUST_CHECK;

/*
 * Puts the decoded octets off to off + max_bytes of a part (UINT64_MAX for all from there on): what an attachment
 * fetch with a range gives. A message in a message is put as it is. *ret_total is the decoded size of the whole part.
 */
enum err body_part_decode(const struct mail_source *src, const struct mime_part *part, uint64_t off, uint64_t max_bytes,
			  struct body_sink sink, uint64_t *ret_total) MUST_CHECK;

#endif
