/*
 * The octets of an answer to FETCH: what is small is written at once, what is large goes into a list of pieces, which the
 * command copies to the client as its stream has room. The message's blob stays open for as long as pieces are left; it
 * needs no transaction. Worker threads.
 */
#ifndef GATEWAY_IMAP_FETCH_BODY_H
#define GATEWAY_IMAP_FETCH_BODY_H

#include <gateway/content/mime.h>
#include <gateway/imap/fetch.h>

struct imap_piece {
	uint64_t off, n; /* octets of the message that are still to be written */
	bool decode;     /* they are in `transfer`'s encoding, and of what they stand for this part is written: */
	uint64_t skip, count;
	struct transfer_stream transfer;
	size_t text_end; /* then the text of struct imap_pieces up to here */
};

enum { IMAP_PIECE_DIRECT_MAX = 64 * 1024 };

struct imap_pieces {
	struct imap_piece *list; /* IMAP_MAX_FETCH_ITEMS of them */
	size_t n, at;
	struct buf text; /* what stands between and behind the pieces */
	size_t text_at;
};

/* Where text goes now: straight out, or behind the pieces that wait. */
struct buf *imap_pieces_text(struct imap_pieces *p, struct buf *out);

/* The label and the octets of one section. Errors are the source's. */
enum err imap_put_section(struct arena *a, struct imap_pieces *p, struct buf *out, const struct mail_source *src,
			  const struct mime_structure *m, const struct imap_fetch_item *item) MUST_CHECK;
/* The same of header fields, from a header block or from its lines that are kept. */
enum err imap_put_fields(struct buf *text, const struct imap_fetch_item *item, struct str header) MUST_CHECK;
/* BINARY and BINARY.SIZE. ERR_UNSUPPORTED: its encoding is unknown (RFC 3516 4.3: UNKNOWN-CTE). */
enum err imap_put_binary(struct arena *a, struct imap_pieces *p, struct buf *out, const struct mail_source *src,
			 const struct mime_structure *m, const struct imap_fetch_item *item) MUST_CHECK;

/* Writes what waits until `out` holds `max` octets; *ret_done: nothing waits any more. */
enum err imap_pieces_pump(struct imap_pieces *p, const struct mail_source *src, struct buf *out, size_t max,
			  bool *ret_done) MUST_CHECK;

#endif
