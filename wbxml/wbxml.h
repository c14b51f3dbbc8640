/*
 * Strict WBXML 1.3 (WAP-192) as ActiveSync uses it (MS-ASWBXML 2.1): token tags, SWITCH_PAGE, inline strings,
 * opaques. No attributes, string table, entities, literals, extensions or processing instructions: what has them is
 * refused. Pull reader over bytes already read, streaming writer into a buffer. No I/O, no clock. Any thread, one
 * reader or writer per thread at a time.
 */
#ifndef WBXML_WBXML_H
#define WBXML_WBXML_H

#include <wbxml/codepage.h>

#include <base/buf.h>

/* Limits of a document; each has a test at it and one past it. */
enum {
	WBXML_MAX_DEPTH = 64,
	WBXML_MAX_ELEMENTS = 200000,
};

enum wbxml_event {
	WBXML_START, /* r->tag; r->empty when the element has no content (no END follows then) */
	WBXML_TEXT,  /* r->text: an inline string, or an opaque (r->opaque); several may follow each other */
	WBXML_END,   /* r->tag of the element that ends */
	WBXML_DONE,  /* the root has ended and no byte is left */
	WBXML_BAD,   /* refused, for r->why at byte r->at; stays so */
};

enum wbxml_why {
	WBXML_OK,
	WBXML_TRUNCATED,
	WBXML_TOO_DEEP,
	WBXML_TOO_MANY_ELEMENTS,
	WBXML_UNKNOWN_TAG, /* token or page that is not in the table */
	WBXML_UNSUPPORTED, /* string table, attribute, entity, literal, extension, PI, charset that is not UTF-8 */
	WBXML_NOT_UTF8,    /* in a string, or in an opaque of an element that is not a byte array; there NUL too */
	WBXML_MALFORMED,   /* bad header or number, END without element, text outside the root, bytes after the root */
	WBXML_WHY_MAX_
};
const char *wbxml_why_text(enum wbxml_why why);

struct wbxml_reader {
	/* valid until the next call */
	uint16_t tag; /* enum wbxml_tag, as an integer: switch over it freely; at TEXT the element that holds it */
	bool empty;
	bool opaque;
	unsigned depth;  /* of the element that tag names; the root is 1 */
	struct str text; /* borrowed from the document; not copied */
	/* why and where it stopped: the byte at fault, or the length of a truncated document */
	enum wbxml_why why;
	size_t at; /* before that, the next byte to read */
	/*
	 * To be set after wbxml_reader_init(): every opaque is taken as it is, not those of byte arrays alone. For a
	 * client, which is given a message that is no UTF-8 as an opaque Data.
	 */
	bool octets;
	/* private */
	struct str doc;
	unsigned elements;
	unsigned open; /* elements, on the stack */
	uint8_t page;
	bool root_seen;
	uint16_t stack[WBXML_MAX_DEPTH];
};

/* doc must outlive the reader and every text taken from it. */
void wbxml_reader_init(struct wbxml_reader *r, struct str doc);
enum wbxml_event wbxml_next(struct wbxml_reader *r);

/*
 * For recursive-descent parsers: wbxml_root(), then for the root and each element below it one of the functions that
 * consume an element, then wbxml_done(). A consumer is called just after the START of its element and leaves the reader
 * behind its END. ERR_INVALID: the document is bad (r->why set) or the content is not of that shape (r->why is
 * WBXML_OK); a value outside min..max is ERR_LIMIT. After an error the document cannot be read on.
 */
/* The START of the document, which must be that tag. */
enum err wbxml_root(struct wbxml_reader *r, enum wbxml_tag tag) MUST_CHECK;
/* The root has ended and nothing follows it. */
enum err wbxml_done(struct wbxml_reader *r) MUST_CHECK;
enum err wbxml_skip(struct wbxml_reader *r) MUST_CHECK;
/* One string or opaque, or nothing; text in several pieces is refused (empty ones do not count). Zero-copy. */
enum err wbxml_text(struct wbxml_reader *r, struct str *ret) MUST_CHECK;
enum err wbxml_u64(struct wbxml_reader *r, uint64_t min, uint64_t max, uint64_t *ret) MUST_CHECK;
/* 0 or 1; an empty element is true (MS-ASDTYPE R6). */
enum err wbxml_bool(struct wbxml_reader *r, bool *ret) MUST_CHECK;
/*
 * The children of the element whose START was just read, in a loop:
 *	struct wbxml_scope in = wbxml_enter(&r);
 *	enum err e = ERR_OK;
 *
 *	while (wbxml_child(&r, &in, &e)) {
 *		switch (r.tag) {
 *		case TAG_AIRSYNC_SYNCKEY:
 *			e = wbxml_text(&r, &key);
 *			break;
 *		default:
 *			e = wbxml_skip(&r);
 *		}
 *	}
 * wbxml_child() is true at the START of each child, which the body must consume (a child left half read is a bug and
 * asserted), and false behind the END of the parent or with an error in *err; an error that the body left there ends
 * the loop. Text between children is ERR_INVALID.
 */
struct wbxml_scope {
	unsigned depth;
	bool empty;
};
struct wbxml_scope wbxml_enter(const struct wbxml_reader *r);
bool wbxml_child(struct wbxml_reader *r, const struct wbxml_scope *scope, enum err *err);

/*
 * Writer. The bytes go to out, whose ceiling and sticky error bound it; wbxml_writer_init() writes the header, 03 01 6A
 * 00. The caller closes what it opens, at most WBXML_MAX_DEPTH deep. The bytes of out may be sent and dropped at any
 * time: the writer looks back at none but those behind a mark.
 */
struct wbxml_writer {
	struct buf *out;
	/* private */
	uint8_t page;
	bool in_text;
	unsigned depth;
	uint16_t stack[WBXML_MAX_DEPTH];
	const uint16_t *only; /* wbxml_only() */
	size_t only_n, began_n;
	unsigned only_depth;
	uint8_t began_page;
};
void wbxml_writer_init(struct wbxml_writer *w, struct buf *out);
/*
 * Of the children of the element that is opened next only those stay whose tags are among the `n`, until tags are NULL; `tags`
 * outlives that. What is left out is written first: nothing may point behind it.
 */
void wbxml_only(struct wbxml_writer *w, const uint16_t *tags, size_t n);
void wbxml_open(struct wbxml_writer *w, enum wbxml_tag tag);
void wbxml_close(struct wbxml_writer *w, enum wbxml_tag tag); /* asserts that tag is the innermost open one */
void wbxml_empty(struct wbxml_writer *w, enum wbxml_tag tag);
/*
 * An element with text; without text an empty element. What is not valid UTF-8 becomes U+FFFD, characters that XML
 * cannot carry are left out (utf8_put_xml_safe).
 */
void wbxml_put_text(struct wbxml_writer *w, enum wbxml_tag tag, struct str text);
void wbxml_put_u64(struct wbxml_writer *w, enum wbxml_tag tag, uint64_t v);
void wbxml_put_i64(struct wbxml_writer *w, enum wbxml_tag tag, int64_t v);
void wbxml_put_bool(struct wbxml_writer *w, enum wbxml_tag tag, bool v);
void wbxml_put_opaque(struct wbxml_writer *w, enum wbxml_tag tag, struct str bytes);
/*
 * A long opaque or text without a copy of it in memory: opens the element and its opaque of exactly n bytes; the
 * caller then writes n bytes to w->out or, where the response streams from a file, after it; then wbxml_close().
 */
void wbxml_open_opaque(struct wbxml_writer *w, enum wbxml_tag tag, size_t n);
/* One inline string in any number of pieces, each mended as above and cut at a character border. */
void wbxml_text_begin(struct wbxml_writer *w, enum wbxml_tag tag);
void wbxml_text_piece(struct wbxml_writer *w, struct str piece);
void wbxml_text_end(struct wbxml_writer *w, enum wbxml_tag tag);
/*
 * A fragment: elements written apart, to be put into a document later, because what stands before them is not known
 * yet. It has no header and is put with wbxml_put_fragment(), once all its elements are closed. Its depth is counted
 * from its own elements; an error of its buffer becomes the document's.
 */
void wbxml_fragment_init(struct wbxml_writer *w, struct buf *out);
void wbxml_put_fragment(struct wbxml_writer *w, const struct wbxml_writer *fragment);
/*
 * A place between elements to go back to: what was written since is dropped, and the error that it ran into is
 * forgotten. The elements open at the mark must still be open, and its bytes still in out.
 */
struct wbxml_mark {
	size_t n;
	uint8_t page;
	unsigned depth;
	enum err err;
};
struct wbxml_mark wbxml_mark(const struct wbxml_writer *w);
void wbxml_rewind(struct wbxml_writer *w, struct wbxml_mark mark);
/*
 * SWITCH_PAGE to the current page: no meaning, keeps an impatient client waiting. Only between elements. The grammar
 * (WAP-192 5.3) has one SWITCH_PAGE before a tag, and this makes it several: only for clients known to need and bear it.
 */
void wbxml_keep_alive(struct wbxml_writer *w);
/* Asserts that nothing is open; the buffer's status. */
enum err wbxml_writer_end(struct wbxml_writer *w) MUST_CHECK;

#endif
