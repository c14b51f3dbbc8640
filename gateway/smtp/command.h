/*
 * Grammar of the commands of SMTP's family: LMTP (RFC 2033) and submission (RFC 6409), both of RFC 5321 4.1; SIZE
 * RFC 1870, 8BITMIME RFC 6152, SMTPUTF8 RFC 6531, CHUNKING RFC 3030, DSN RFC 3461, AUTH RFC 4954, STARTTLS RFC 3207. One
 * line in, one command out. Pure, any thread.
 */
#ifndef GATEWAY_SMTP_COMMAND_H
#define GATEWAY_SMTP_COMMAND_H

#include <base/str.h>

/* Which verbs and parameters there are. */
enum smtp_dialect { SMTP_LMTP = 1u << 0, SMTP_SUBMISSION = 1u << 1 };

enum smtp_verb {
	SMTP_LHLO,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_BDAT,
	SMTP_RSET,
	SMTP_NOOP,
	SMTP_QUIT,
	SMTP_VRFY,
	SMTP_HELO,
	SMTP_EHLO,
	SMTP_AUTH,
	SMTP_STARTTLS,
	SMTP_HELP,
	SMTP_EXPN,
	SMTP_VERB_MAX_
};

enum smtp_ret { SMTP_RET_NOT_SAID, SMTP_RET_FULL, SMTP_RET_HDRS };
enum smtp_notify {
	SMTP_NOTIFY_NEVER = 1u << 0,
	SMTP_NOTIFY_SUCCESS = 1u << 1,
	SMTP_NOTIFY_FAILURE = 1u << 2,
	SMTP_NOTIFY_DELAY = 1u << 3,
};

struct smtp_command {
	enum smtp_verb verb;
	struct str name;    /* LHLO: the client's, fit for a header; HELO, EHLO: whatever it says */
	struct str path;    /* MAIL, RCPT: see smtp_path_cut(); never empty for RCPT */
	uint64_t size;      /* MAIL SIZE=, 0 where it is absent; BDAT: octets of the chunk */
	bool last;          /* BDAT … LAST */
	bool utf8;          /* MAIL … SMTPUTF8 */
	enum smtp_ret ret;  /* MAIL … RET= */
	struct str envid;   /* MAIL … ENVID=, as xtext */
	unsigned notify;    /* RCPT … NOTIFY=, enum smtp_notify; 0: not said */
	struct str orcpt;   /* RCPT … ORCPT=, with its type */
	struct str text;    /* AUTH: the mechanism */
	struct str initial; /* AUTH: the initial response; .p NULL: none */
};

/*
 * line: without its CRLF; the command borrows from it. ERR_UNSUPPORTED: no such verb in this dialect (500); ERR_INVALID:
 * its arguments are malformed (501); ERR_DENIED: a parameter we don't know (555). With the last two ret->verb is set.
 */
enum err smtp_parse(struct str line, enum smtp_dialect dialect, struct smtp_command *ret) MUST_CHECK;

/* Does an address need SMTPUTF8? */
bool smtp_is_ascii(struct str s);

#endif
