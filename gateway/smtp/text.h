/*
 * The text of a message on its way in, of DATA or in chunks of BDAT: taken from a stream in pieces for a worker. The
 * session's loop, or whoever has the session.
 */
#ifndef GATEWAY_SMTP_TEXT_H
#define GATEWAY_SMTP_TEXT_H

#include <gateway/net/stream.h>
#include <gateway/smtp/dots.h>

struct smtp_text {
	struct buf piece; /* for the worker, who empties it */
	bool ends;        /* with this piece the message is complete */
	/* private */
	bool in_chunk, last;
	struct smtp_dots dots;
	uint64_t left; /* of the chunk */
};

void smtp_text_init(struct smtp_text *t);
void smtp_text_release(struct smtp_text *t); /* a new message may begin */

void smtp_text_begin_data(struct smtp_text *t);
void smtp_text_begin_chunk(struct smtp_text *t, uint64_t size, bool last);

enum smtp_taken {
	SMTP_TEXT_MORE,  /* wait for more input */
	SMTP_TEXT_PIECE, /* the piece is worth a worker; what follows is text too */
	SMTP_TEXT_CHUNK, /* the piece ends a chunk, and another one may follow */
	SMTP_TEXT_END,   /* the piece ends the message */
};
enum smtp_taken smtp_text_take(struct smtp_text *t, struct stream *s);

/* Forgets what comes of a chunk that was refused (RFC 3030 section 2). True: that was all of it. */
bool smtp_text_skip(struct smtp_text *t, struct stream *s) MUST_CHECK;

#endif
