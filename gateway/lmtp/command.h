/*
 * Grammar of LMTP (RFC 2033; RFC 5321 4.1 but for LHLO; SIZE RFC 1870, 8BITMIME RFC 6152, SMTPUTF8 RFC 6531, CHUNKING
 * RFC 3030): one line in, one command out; and the octets of DATA. Pure, any thread.
 */
#ifndef GATEWAY_LMTP_COMMAND_H
#define GATEWAY_LMTP_COMMAND_H

#include <base/buf.h>

enum {
	LMTP_MAX_LINE = 2048, /* bytes of a command with its CRLF; RFC 5321 asks for 512 and what extensions add */
	LMTP_MAX_PATH = 320,  /* bytes of an address */
	LMTP_MAX_RECIPIENTS = 1000,      /* of a message; RFC 5321 4.5.3.1.8 asks for 100 */
	LMTP_MAX_BAD_COMMANDS = 20,      /* in a session, then 421 */
	LMTP_TIMEOUT_MS = 5 * 60 * 1000, /* RFC 5321 4.5.3.2 */
	LMTP_PIECE_BYTES = 64 * 1024,    /* of a message, given to a worker at a time */
};

enum lmtp_verb {
	LMTP_LHLO,
	LMTP_MAIL,
	LMTP_RCPT,
	LMTP_DATA,
	LMTP_BDAT,
	LMTP_RSET,
	LMTP_NOOP,
	LMTP_QUIT,
	LMTP_VRFY,
	LMTP_HELO, /* and EHLO: not for LMTP (RFC 2033 4.1) */
	LMTP_VERB_MAX_
};

struct lmtp_command {
	enum lmtp_verb verb;
	struct str name; /* LHLO: the client's */
	struct str path; /* MAIL, RCPT: the address without its brackets, in lower case nothing; empty: <> */
	uint64_t size;   /* MAIL SIZE=, 0 where it is absent; BDAT: octets of the chunk */
	bool last;       /* BDAT … LAST */
	bool utf8;       /* MAIL SMTPUTF8 */
};

/*
 * line: without its CRLF; the command borrows from it. ERR_UNSUPPORTED: no such verb (500); ERR_INVALID: its arguments
 * are malformed (501); ERR_DENIED: a parameter we don't know (555).
 */
enum err lmtp_parse(struct str line, struct lmtp_command *ret) MUST_CHECK;

/*
 * The octets of DATA up to the line with a single dot, dots unstuffed (RFC 5321 4.5.2). Only CRLF counts as a line's
 * end here: a bare LF or CR before the dot is text (so nothing can be smuggled past a peer that reads it otherwise).
 * Zero-initialise. Any cut of the input gives the same.
 */
struct lmtp_dots {
	unsigned state;
};
/* Consumes up to in->n octets, appends text to out; *in becomes what is left. True: the end has been seen. */
bool lmtp_dots_put(struct lmtp_dots *d, struct str *in, struct buf *out);

#endif
