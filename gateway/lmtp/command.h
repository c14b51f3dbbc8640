/*
 * Grammar of LMTP's commands (RFC 2033; RFC 5321 4.1 but for LHLO; SIZE RFC 1870, 8BITMIME RFC 6152, SMTPUTF8 RFC 6531,
 * CHUNKING RFC 3030): one line in, one command out. Pure, any thread.
 */
#ifndef GATEWAY_LMTP_COMMAND_H
#define GATEWAY_LMTP_COMMAND_H

#include <base/str.h>

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
	struct str name; /* LHLO: the client's; fit for a header */
	struct str path; /* MAIL, RCPT: see lmtp_path_cut(); never empty for RCPT */
	uint64_t size;   /* MAIL SIZE=, 0 where it is absent; BDAT: octets of the chunk */
	bool last;       /* BDAT … LAST */
	bool utf8;       /* MAIL … SMTPUTF8 */
};

/*
 * line: without its CRLF; the command borrows from it. ERR_UNSUPPORTED: no such verb (500); ERR_INVALID: its arguments
 * are malformed (501); ERR_DENIED: a parameter we don't know (555). With the last two ret->verb is set.
 */
enum err lmtp_parse(struct str line, struct lmtp_command *ret) MUST_CHECK;

#endif
