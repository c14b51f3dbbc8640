/*
 * A mail from the server itself to somebody who has a mailbox here: plain text, delivered as any other. Worker threads;
 * no transaction may be open in this thread.
 */
#ifndef GATEWAY_MAILBOX_NOTICE_H
#define GATEWAY_MAILBOX_NOTICE_H

#include <base/buf.h>
#include <store/store.h>

struct notice {
	struct str to; /* an address of an account; its domain is the sender's too */
	struct str subject, text;
};

enum { NOTICE_MAX_BYTES = 64 * 1024 };

/* ERR_NOT_FOUND: nobody here has that address. */
enum err notice_deliver(struct store *s, const struct notice *n) MUST_CHECK;
/* The message as it is delivered, for who shows it without delivering it. */
enum err notice_write(struct buf *out, const struct notice *n, int64_t now_ms) MUST_CHECK;

#endif
