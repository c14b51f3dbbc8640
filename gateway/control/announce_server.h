/*
 * roostd's side of the announcements (announce.h): a session on its Unix socket. Everything happens in memory, on the
 * loop of the stream.
 */
#ifndef GATEWAY_CONTROL_ANNOUNCE_SERVER_H
#define GATEWAY_CONTROL_ANNOUNCE_SERVER_H

#include <gateway/control/announce.h>
#include <gateway/net/stream.h>

struct announce_server {
	/* Something of the mailbox has changed, or may have. On a loop's thread; must not block. */
	void (*mailbox_changed)(void *ctx, int64_t mailbox);
	/* The account's password, state or existence has changed. */
	void (*account_changed)(void *ctx, int64_t account);
	/* The device's partnership has ended. */
	void (*device_changed)(void *ctx, int64_t device);
	void *ctx;
};

/* For listener_args: open, with ctx = a struct announce_server that outlives the listener's streams. */
void announce_server_open(struct stream *s, void *server);

#endif
