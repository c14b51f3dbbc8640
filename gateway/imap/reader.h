/*
 * Bytes to whole commands (RFC 3501 2.2.1, 4.3; LITERAL+ and LITERAL- RFC 7888; literal8 RFC 3516): a command is a line,
 * and where the line ends in a literal's length, the literal and the line behind it, and so on. Pure: it holds no
 * socket. Any thread.
 *
 * A command is kept as it came: a literal stands in it behind its "{n}\r\n", so that the grammar (input.h) reads it again.
 */
#ifndef GATEWAY_IMAP_READER_H
#define GATEWAY_IMAP_READER_H

#include <base/buf.h>

enum imap_read {
	IMAP_READ_MORE,    /* all bytes are taken, and the command is not complete */
	IMAP_READ_LITERAL, /* the line ends in a literal; say with imap_reader_take() or _skip() what becomes of it */
	IMAP_READ_DONE,    /* text is a whole command, with the CRLF at its end */
	IMAP_READ_BAD,     /* too long: where the next command begins can't be known */
};

struct imap_reader {
	struct buf text;
	size_t line;      /* where the line that is being read began */
	uint64_t literal; /* octets of the literal that the line ends in; then of it, those that are to come */
	bool sync;        /* its sender waits for a continuation */
	bool taking;
};

/* max: bytes of a command. */
void imap_reader_init(struct imap_reader *r, size_t max);
void imap_reader_release(struct imap_reader *r);
/* After IMAP_READ_DONE: the next command. */
void imap_reader_next(struct imap_reader *r);

/* Takes from *bytes what belongs to the command. */
enum imap_read imap_reader_feed(struct imap_reader *r, struct str *bytes) MUST_CHECK;

/* After IMAP_READ_LITERAL: it becomes part of the text. ERR_LIMIT: there is no room for it. */
enum err imap_reader_take(struct imap_reader *r) MUST_CHECK;
/* The same: somebody else reads its octets, and gives us what follows them. */
void imap_reader_skip(struct imap_reader *r);

/*
 * Does a line, without its end, end in a literal's length? "{12}", "{12+}", "~{12}". A length that is no number below
 * 2^63 is none.
 */
bool imap_literal_at_end(struct str line, uint64_t *ret_n, bool *ret_sync);

#endif
