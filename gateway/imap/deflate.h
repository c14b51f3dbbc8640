/*
 * COMPRESS=DEFLATE (RFC 4978) on both ways of a session. What goes out is flushed whole with every answer: nothing that
 * one answer held can be guessed from the length of another, and between answers the compressor is given back. The
 * session's thread.
 */
#ifndef GATEWAY_IMAP_DEFLATE_H
#define GATEWAY_IMAP_DEFLATE_H

#include <gateway/net/stream.h>

struct imap_deflate;

struct imap_deflate *imap_deflate_new(void);      /* NULL: no memory */
void imap_deflate_free(struct imap_deflate **dp); /* NULL-safe */

/* What the stream's input stands for, a piece at a time. Damaged input aborts the stream. On the loop. */
struct str imap_deflate_input(struct imap_deflate *d, struct stream *s);
void imap_deflate_consume(struct imap_deflate *d, size_t n);

/* Puts in the place of *b what stands for it. */
void imap_deflate_pack(struct imap_deflate *d, struct buf *b);

#endif
