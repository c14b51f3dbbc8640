/*
 * roostd's side of its socket: announcements (announce.h), which are taken in memory, on the loop of the stream; and
 * questions (ask.h), which a worker answers. Only root and the user that roostd runs as may speak there.
 */
#ifndef GATEWAY_CONTROL_ANNOUNCE_SERVER_H
#define GATEWAY_CONTROL_ANNOUNCE_SERVER_H

#include <gateway/control/announce.h>
#include <gateway/control/ask.h>
#include <gateway/net/stream.h>

struct announce_server {
	/* Something of the mailbox has changed, or may have. On a loop's thread; must not block. */
	void (*mailbox_changed)(void *ctx, int64_t mailbox);
	/* The account's password, state or existence has changed. */
	void (*account_changed)(void *ctx, int64_t account);
	/* The device's partnership has ended. */
	void (*device_changed)(void *ctx, int64_t device);
	/* Policies, access rules or assignments have changed: phones are to come within so many seconds, not all at once. */
	void (*policies_changed)(void *ctx, int64_t within_s);
	/*
	 * The answer's lines of JSON; a worker's thread. False: *why says what was wrong, in a line. Any question may
	 * come on several workers at once.
	 */
	bool (*ask)(void *ctx, const struct ask *ask, struct buf *out, const char **why);
	struct pool *pool;
	void *ctx;
};

/* For listener_args: open, with ctx = a struct announce_server that outlives the listener's streams. */
void announce_server_open(struct stream *s, void *server);

#endif
