/* Replies of SMTP servers (RFC 5321 4.2), and what EHLO's says. Parsers pull from bytes; pure, any thread. */
#ifndef GATEWAY_OUTBOUND_SMTP_REPLY_H
#define GATEWAY_OUTBOUND_SMTP_REPLY_H

#include <base/buf.h>

enum {
	SMTP_MAX_REPLY = 64 * 1024, /* bytes of one reply, all its lines */
	SMTP_MAX_STATUS = 12,       /* bytes of an enhanced status code */
};

struct smtp_reply {
	unsigned code;   /* 200 to 599 */
	struct str text; /* all lines as they came, borrowed */
	size_t used;     /* bytes of the whole reply */
};
enum smtp_parsed { SMTP_DONE, SMTP_NEED_MORE, SMTP_BAD };

enum smtp_parsed smtp_reply_parse(struct str bytes, struct smtp_reply *ret);

/* The enhanced status code (RFC 3463) that the last line begins with and that fits the code; .n 0: none. */
struct str smtp_reply_status(const struct smtp_reply *r);
/* The reply as one line: "550 5.1.1 no such user", lines joined by blanks. */
void smtp_reply_put(struct buf *b, const struct smtp_reply *r);

enum smtp_extension {
	SMTP_8BITMIME = 1u << 0,
	SMTP_DSN = 1u << 1,
	SMTP_UTF8 = 1u << 2,
	SMTP_SIZE = 1u << 3,
};
struct smtp_extensions {
	unsigned have;
	uint64_t max_size; /* 0: none is told */
};
struct smtp_extensions smtp_extensions_of(const struct smtp_reply *ehlo);

#endif
