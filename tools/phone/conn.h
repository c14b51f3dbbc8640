/*
 * One connection to the server, plain or TLS, that never blocks: the caller waits (poll or epoll) for what it asks
 * for. Used by the phone of one person and by the load mode alike. One thread at a time.
 */
#ifndef PHONE_CONN_H
#define PHONE_CONN_H

#include "url.h"

#include <base/buf.h>

#include <openssl/ssl.h>
#include <sys/socket.h>

struct conn;

/* Where to; made once, shared by every connection. */
struct endpoint {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	SSL_CTX *tls; /* NULL: plain */
	char *host;   /* name to verify and to send as SNI; NULL where it is an address or not verified */
};

struct endpoint_args {
	struct url url;
	const char *ca_file; /* NULL: the system's */
	bool insecure;       /* do not verify the certificate */
};
enum err endpoint_init(struct endpoint *e, const struct endpoint_args *a, struct buf *why) MUST_CHECK;
void endpoint_release(struct endpoint *e);

enum conn_event {
	CONN_OK,    /* done, or some bytes went */
	CONN_READ,  /* call again when readable */
	CONN_WRITE, /* call again when writable */
	CONN_EOF,   /* the server has closed */
	CONN_FAILED,
};

/* Begins to connect. NULL with the reason in why. */
struct conn *conn_open(const struct endpoint *e, struct buf *why);
void conn_close(struct conn **cp); /* at once, without TLS good-bye; NULL-safe */
int conn_fd(const struct conn *c);
/* TCP and TLS until CONN_OK. */
enum conn_event conn_handshake(struct conn *c);
enum conn_event conn_send(struct conn *c, struct str bytes, size_t *ret_sent);
enum conn_event conn_receive(struct conn *c, void *room, size_t n, size_t *ret_got);
/* Why CONN_FAILED, for people. */
void conn_explain(const struct conn *c, struct buf *why);

#endif
