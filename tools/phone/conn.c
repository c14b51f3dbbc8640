/* Connections: the socket and, where there is one, the TLS session over it. */
#include "conn.h"

#include "fault.h"

#include <base/mem.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <unistd.h>

enum { PORT_TEXT_BYTES = 8 };

struct conn {
	int fd;
	bool connected;
	int error; /* errno of a failure */
	SSL *ssl;  /* NULL: plain */
};

/* Endpoints */

static enum err resolve(struct endpoint *e, const char *host, uint16_t port, struct buf *why)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(PORT_TEXT_BYTES);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *found;
	int rc;

	buf_u64(&text, port);
	buf_char(&text, '\0');
	/* RFC 6761 6.3: localhost is the loopback, also where nobody has written it down. */
	rc = getaddrinfo(str_ieq(str_of(host), S("localhost")) ? "127.0.0.1" : host, text.p, &hints, &found);
	if (rc)
		return fault_err(why, ERR_IO, "cannot find %s: %s", host, gai_strerror(rc));
	memcpy(&e->addr, found->ai_addr, found->ai_addrlen);
	e->addr_len = found->ai_addrlen;
	freeaddrinfo(found);
	return ERR_OK;
}

static bool is_address(const char *host)
{
	unsigned char raw[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1;
}

static enum err make_tls(struct endpoint *e, const struct endpoint_args *a, struct buf *why)
{
	e->tls = SSL_CTX_new(TLS_client_method());
	if (!e->tls)
		return fault_err(why, ERR_IO, "OpenSSL gives no context");
	SSL_CTX_set_mode(e->tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_min_proto_version(e->tls, TLS1_2_VERSION);
	if (a->insecure)
		return ERR_OK;
	SSL_CTX_set_verify(e->tls, SSL_VERIFY_PEER, NULL);
	if (a->ca_file ? !SSL_CTX_load_verify_locations(e->tls, a->ca_file, NULL)
		       : !SSL_CTX_set_default_verify_paths(e->tls))
		return fault_err(why, ERR_IO, "cannot read the certificates in %s",
				 a->ca_file ? a->ca_file : "the system");
	return ERR_OK;
}

enum err endpoint_init(struct endpoint *e, const struct endpoint_args *a, struct buf *why)
{
	*e = (struct endpoint){ .host = mem_cstr_n(a->url.host.p, a->url.host.n) };
	TRY(resolve(e, e->host, a->url.port, why));
	return a->url.tls ? make_tls(e, a, why) : ERR_OK;
}

void endpoint_release(struct endpoint *e)
{
	SSL_CTX_free(e->tls);
	free(e->host);
	*e = (struct endpoint){ 0 };
}

/* Connections */

static bool name_peer(struct conn *c, const struct endpoint *e)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(c->ssl);

	if (is_address(e->host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, e->host) == 1;
	return SSL_set_tlsext_host_name(c->ssl, e->host) == 1 && SSL_set1_host(c->ssl, e->host) == 1;
}

static bool begin(struct conn *c, const struct endpoint *e)
{
	static const int on = 1;

	c->fd = socket(e->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return false;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* a matter of speed alone */
	if (connect(c->fd, (const struct sockaddr *)&e->addr, e->addr_len) < 0 && errno != EINPROGRESS)
		return false;
	if (!e->tls)
		return true;
	c->ssl = SSL_new(e->tls);
	return c->ssl && SSL_set_fd(c->ssl, c->fd) == 1 && name_peer(c, e);
}

struct conn *conn_open(const struct endpoint *e, struct buf *why)
{
	struct conn *c = mem_alloc(sizeof(*c));

	errno = 0;
	if (begin(c, e))
		return c;
	c->error = errno;
	conn_explain(c, why);
	conn_close(&c);
	return NULL;
}

void conn_close(struct conn **cp)
{
	struct conn *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	SSL_free(c->ssl);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
}

int conn_fd(const struct conn *c)
{
	return c->fd;
}

void conn_explain(const struct conn *c, struct buf *why)
{
	unsigned long code = ERR_peek_last_error();
	long verified = c->ssl ? SSL_get_verify_result(c->ssl) : X509_V_OK;

	if (verified != X509_V_OK)
		fault(why, "certificate refused: %s", X509_verify_cert_error_string(verified));
	else if (code)
		fault(why, "TLS: %s", ERR_reason_error_string(code));
	else
		fault(why, "connection: %s", c->error ? strerror(c->error) : "closed by the server");
}

static enum conn_event plain_event(struct conn *c, ssize_t n, enum conn_event again)
{
	if (n > 0)
		return CONN_OK;
	if (n == 0)
		return CONN_EOF;
	if (errno == EAGAIN || errno == EINTR)
		return again;
	c->error = errno;
	return errno == ECONNRESET || errno == EPIPE ? CONN_EOF : CONN_FAILED;
}

static enum conn_event tls_event(struct conn *c, int rc)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_NONE:
		return CONN_OK;
	case SSL_ERROR_WANT_READ:
		return CONN_READ;
	case SSL_ERROR_WANT_WRITE:
		return CONN_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return CONN_EOF;
	case SSL_ERROR_SYSCALL:
		c->error = errno;
		return errno == ECONNRESET || errno == EPIPE || errno == 0 ? CONN_EOF : CONN_FAILED;
	default:
		return CONN_FAILED;
	}
}

static enum conn_event finish_connect(struct conn *c)
{
	struct sockaddr_storage peer;
	socklen_t n = sizeof(c->error), peer_n = sizeof(peer);

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &c->error, &n) < 0 || c->error)
		return CONN_FAILED;
	if (getpeername(c->fd, (struct sockaddr *)&peer, &peer_n) < 0)
		return CONN_WRITE; /* not there yet */
	c->connected = true;
	return CONN_OK;
}

enum conn_event conn_handshake(struct conn *c)
{
	if (!c->connected) {
		enum conn_event e = finish_connect(c);

		if (e != CONN_OK)
			return e;
	}
	if (!c->ssl)
		return CONN_OK;
	ERR_clear_error();
	errno = 0;
	return tls_event(c, SSL_connect(c->ssl));
}

enum conn_event conn_send(struct conn *c, struct str bytes, size_t *ret_sent)
{
	ssize_t n;

	*ret_sent = 0;
	errno = 0;
	if (c->ssl) {
		ERR_clear_error();
		return tls_event(c, SSL_write_ex(c->ssl, bytes.p, bytes.n, ret_sent));
	}
	n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
	if (n > 0)
		*ret_sent = (size_t)n;
	return plain_event(c, n, CONN_WRITE);
}

enum conn_event conn_receive(struct conn *c, void *room, size_t n, size_t *ret_got)
{
	ssize_t got;

	*ret_got = 0;
	errno = 0;
	if (c->ssl) {
		ERR_clear_error();
		return tls_event(c, SSL_read_ex(c->ssl, room, n, ret_got));
	}
	got = recv(c->fd, room, n, 0);
	if (got > 0)
		*ret_got = (size_t)got;
	return plain_event(c, got, CONN_READ);
}
