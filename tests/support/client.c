/* The tests' client. */
#include <tests/support/client.h>

#include <base/clock.h>
#include <base/mem.h>

#include <errno.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

enum { CLIENT_INPUT_MAX = 128 * 1024 * 1024, CLIENT_READ_BYTES = 64 * 1024 };

void client_dial(struct client *c, unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (connect(c->fd, (const struct sockaddr *)&in, sizeof(in)))
		fail_msg("connect: %s", strerror(errno));
}

static struct client new_client(int family)
{
	const struct timeval guard = { .tv_sec = CLIENT_DEADLINE_MS / 1000 };
	struct client c = { .fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), .in = BUF_INIT(CLIENT_INPUT_MAX) };

	assert_true(c.fd >= 0);
	setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof(guard));
	setsockopt(c.fd, SOL_SOCKET, SO_SNDTIMEO, &guard, sizeof(guard));
	return c;
}

struct client client_idle(void)
{
	return new_client(AF_INET);
}

struct client client_connect(unsigned port)
{
	struct client c = client_idle();

	client_dial(&c, port);
	return c;
}

struct client client_connect_unix(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct client c = new_client(AF_UNIX);
	size_t n = strlen(path);

	assert_true(n < sizeof(un.sun_path));
	memcpy(un.sun_path, path, n);
	if (connect(c.fd, (const struct sockaddr *)&un, sizeof(un)))
		fail_msg("connect %s: %s", path, strerror(errno));
	return c;
}

void client_start_tls(struct client *c, const char *sni, SSL_SESSION *resume)
{
	static const unsigned char alpn[] = "\x08http/1.1";

	c->ctx = SSL_CTX_new(TLS_client_method());
	c->ssl = SSL_new(c->ctx);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_alpn_protos(c->ssl, alpn, sizeof(alpn) - 1);
	if (sni)
		SSL_set_tlsext_host_name(c->ssl, sni);
	if (resume)
		SSL_set_session(c->ssl, resume);
	assert_int_equal(SSL_connect(c->ssl), 1);
}

void client_close(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
	buf_release(&c->in);
	*c = (struct client){ .fd = -1 };
}

void client_reset(struct client *c)
{
	const struct linger at_once = { 1, 0 };

	assert_int_equal(setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	client_close(c);
}

void client_send(struct client *c, struct str bytes)
{
	while (bytes.n) {
		size_t n = 0;
		ssize_t plain;

		if (c->ssl) {
			assert_int_equal(SSL_write_ex(c->ssl, bytes.p, bytes.n, &n), 1);
		} else {
			do
				plain = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
			while (plain < 0 && errno == EINTR);
			if (plain < 0) /* the server may refuse early and close; what it said is still there */
				return;
			n = (size_t)plain;
		}
		bytes = str_slice(bytes, n, bytes.n);
	}
}

/* False at the peer's end. */
static bool read_some(struct client *c)
{
	void *room = buf_reserve(&c->in, CLIENT_READ_BYTES);
	size_t n = 0;
	ssize_t plain;

	assert_non_null(room);
	if (c->ssl) {
		if (SSL_read_ex(c->ssl, room, CLIENT_READ_BYTES, &n) != 1)
			return false;
	} else {
		do /* a fuzzer's alarm, for one */
			plain = recv(c->fd, room, CLIENT_READ_BYTES, 0);
		while (plain < 0 && errno == EINTR);
		if (plain < 0 && errno == EAGAIN)
			fail_msg("nothing came before the deadline");
		n = plain > 0 ? (size_t)plain : 0;
	}
	buf_added(&c->in, n);
	return n > 0;
}

bool client_read(struct client *c, size_t n)
{
	while (c->in.n < n)
		if (!read_some(c))
			return false;
	return true;
}

bool client_read_until(struct client *c, struct str text)
{
	while (str_find(buf_view(&c->in), text) == c->in.n)
		if (!read_some(c))
			return false;
	return true;
}

void client_read_eof(struct client *c)
{
	while (read_some(c))
		;
	if (c->in.n)
		fail_msg("unexpected bytes: " STR_FMT, STR_ARG(buf_view(&c->in)));
}

void client_consume(struct client *c, size_t n)
{
	buf_consume(&c->in, n);
}

struct str client_header(const struct client *c, const struct answer *a, const char *name)
{
	struct str rest = str_from(c->in.p, a->body_at), line, key;

	while (str_cut(&rest, '\n', &line))
		if (str_cut(&line, ':', &key) && str_ieq(key, str_of(name)))
			return str_trim(line);
	return STR_EMPTY;
}

struct answer client_answer(struct client *c)
{
	struct answer a = { 0 };
	uint64_t status, length = 0;
	struct str said;

	if (!client_read_until(c, S("\r\n\r\n")))
		fail_msg("the connection ended where an answer was due: " STR_FMT, STR_ARG(buf_view(&c->in)));
	assert_int_equal(str_to_u64(str_slice(buf_view(&c->in), 9, 12), 999, &status), ERR_OK);
	a.status = (int)status;
	a.body_at = str_find(buf_view(&c->in), S("\r\n\r\n")) + 4;
	said = client_header(c, &a, "Content-Length");
	if (said.p)
		assert_int_equal(str_to_u64(said, CLIENT_INPUT_MAX, &length), ERR_OK);
	a.body_n = (size_t)length;
	a.total = a.body_at + a.body_n;
	assert_true(client_read(c, a.total));
	return a;
}

static void write_pem(const char *file, EVP_PKEY *key, X509 *x)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	if (x)
		assert_int_equal(PEM_write_X509(f, x), 1);
	else
		assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(f), 0);
}

void client_make_cert(const char *name, const char *certificate_file, const char *key_file)
{
	enum { DAY_S = 24 * 3600 };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	struct buf san = BUF_INIT(512);
	X509_EXTENSION *ext;

	buf_fmt(&san, "DNS:%s%c", name, '\0');
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(x), DAY_S);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, san.p);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	write_pem(certificate_file, key, x);
	write_pem(key_file, key, NULL);
	buf_release(&san);
	X509_free(x);
	EVP_PKEY_free(key);
}

void client_await(bool (*fn)(void *arg), void *arg, const char *what)
{
	int64_t deadline = clock_mono_ms(clock_real()) + CLIENT_DEADLINE_MS;

	while (!fn(arg)) {
		if (clock_mono_ms(clock_real()) > deadline)
			fail_msg("did not happen in time: %s", what);
		sched_yield();
	}
}
