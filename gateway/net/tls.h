/*
 * TLS for every listener (OpenSSL 3; 1.2 and 1.3): certificates chosen by SNI, and their reload. Only gateway/net
 * includes OpenSSL's SSL.
 */
#ifndef GATEWAY_NET_TLS_H
#define GATEWAY_NET_TLS_H

#include <base/buf.h>

struct net_tls;

struct net_tls_cert {
	const char
		*name; /* served to this SNI name ("*.example.test" too) beside those in the certificate; NULL none */
	const char *certificate, *key; /* PEM files; the certificate's file may hold its chain */
};

enum { NET_TLS_MAX_CERTS = 256 };

/* What a login may be bound to, so that it is worth nothing on another connection. */
enum tls_binding {
	TLS_BINDING_EXPORTER,  /* tls-exporter (RFC 9266); of TLS 1.3 */
	TLS_BINDING_END_POINT, /* tls-server-end-point (RFC 5929): the certificate that we have shown */
};
enum { TLS_BINDING_MAX_BYTES = 64 };

/*
 * The first certificate also answers unknown names and clients without SNI. Copies what it is given. On failure *why
 * names the file and what is wrong with it. ERR_INVALID: unreadable or unfit; ERR_LIMIT: none or too many.
 */
enum err net_tls_new(const struct net_tls_cert *certs, size_t n, struct net_tls **ret, struct buf *why) MUST_CHECK;
/* Connections keep what they use. */
void net_tls_free(struct net_tls **tp);

/*
 * Reads the files again: new connections get the new certificates, old ones keep theirs, session tickets stay valid.
 * On failure everything stays as it was. Any thread; reads files, so not a loop's.
 */
enum err net_tls_reload(struct net_tls *t, struct buf *why) MUST_CHECK;
/* Has a file changed (time, size or inode) since it was last read? Any thread. */
bool net_tls_changed(struct net_tls *t);

#endif
