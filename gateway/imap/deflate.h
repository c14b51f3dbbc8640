/*
 * COMPRESS=DEFLATE (RFC 4978) on both ways of a session. What goes out is flushed whole with every answer: nothing that
 * one answer held can be guessed from the length of another, and between answers the compressor is given back. Pure: it
 * holds no socket. The session's thread.
 */
#ifndef GATEWAY_IMAP_DEFLATE_H
#define GATEWAY_IMAP_DEFLATE_H

#include <base/buf.h>

/*
 * An answer goes out in pieces that each stand for no more than this, and that are written apart. Clients read a TLS
 * record, inflate as much of it as they have room for (32 KB with imaplib2), and then wait for the socket, which knows
 * nothing of what they still hold.
 */
enum { IMAP_DEFLATE_PIECE_BYTES = 16 * 1024 };

struct imap_deflate;

struct imap_deflate *imap_deflate_new(void);      /* NULL: no memory */
void imap_deflate_free(struct imap_deflate **dp); /* NULL-safe */

/*
 * Takes from *bytes, until some of what they stand for is there (imap_deflate_plain()) or nothing of them is left.
 * ERR_CORRUPT: they are damaged, or say that they have ended.
 */
enum err imap_deflate_take(struct imap_deflate *d, struct str *bytes) MUST_CHECK;
/* Read and not consumed; valid until the next call. */
struct str imap_deflate_plain(const struct imap_deflate *d);
void imap_deflate_consume(struct imap_deflate *d, size_t n);

/* Puts in the place of *b what stands for it, in pieces. What was left of those before is forgotten. */
void imap_deflate_pack(struct imap_deflate *d, struct buf *b);
/* Cuts the next piece off *packed, which is what imap_deflate_pack() made; false: there is none. */
bool imap_deflate_piece(struct imap_deflate *d, struct str *packed, struct str *ret);

#endif
