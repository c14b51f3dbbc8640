/* The TLS side of one stream, as stream.c sees it. The loop's thread. */
#ifndef GATEWAY_NET_TLS_SESSION_H
#define GATEWAY_NET_TLS_SESSION_H

#include <gateway/net/tls.h>

#include <sys/types.h>

struct tls_session;

/* What a call wants before it can go on. */
enum tls_want { TLS_DONE, TLS_WANT_READ, TLS_WANT_WRITE, TLS_EOF, TLS_FAILED };

struct tls_session *tls_session_new(struct net_tls *t, int fd); /* NULL: OpenSSL has no memory */
void tls_session_free(struct tls_session **sp);

enum tls_want tls_handshake(struct tls_session *s);
/* TLS_DONE: *ret_n > 0 bytes came. TLS_EOF: close_notify, or the peer's end of the connection. */
enum tls_want tls_read(struct tls_session *s, void *p, size_t n, size_t *ret_n);
enum tls_want tls_write(struct tls_session *s, const void *p, size_t n, size_t *ret_n);
/* See stream_tls_binding(). */
size_t tls_binding(const struct tls_session *s, enum tls_binding kind, unsigned char ret[TLS_BINDING_MAX_BYTES]);
/* Says close_notify, once, as far as the socket takes it now. */
void tls_say_goodbye(struct tls_session *s);

#endif
