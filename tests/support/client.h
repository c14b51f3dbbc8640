/*
 * A blocking client for tests: real sockets, real OpenSSL, every wait bounded by CLIENT_DEADLINE_MS (a guard: it fails
 * the test, no test waits for it). Failures fail the running cmocka test.
 */
#ifndef TESTS_SUPPORT_CLIENT_H
#define TESTS_SUPPORT_CLIENT_H

#include <base/buf.h>

#include <openssl/ssl.h>

enum { CLIENT_DEADLINE_MS = 120000 };

struct client {
	int fd;
	SSL *ssl;
	SSL_CTX *ctx;
	struct buf in; /* read and not yet consumed */
};

struct client client_connect(unsigned port); /* 127.0.0.1 */
struct client client_connect_unix(const char *path);
/* The same in two steps: the socket, and its connection. */
struct client client_idle(void);
void client_dial(struct client *c, unsigned port);
/* The handshake; sni may be NULL, resume may be NULL. */
void client_start_tls(struct client *c, const char *sni, SSL_SESSION *resume);
void client_close(struct client *c); /* no goodbye */
void client_reset(struct client *c); /* the same with a reset, whatever has been read */
void client_send(struct client *c, struct str bytes);
/* Reads until `in` has n bytes, or the peer ends; false where it ended before. */
bool client_read(struct client *c, size_t n);
/* Reads until `in` holds the text; false where the peer ended before. */
bool client_read_until(struct client *c, struct str text);
void client_read_eof(struct client *c); /* nothing may come but the end */
void client_consume(struct client *c, size_t n);

/* An HTTP answer: status, and the body by Content-Length in in.p[body_at]. */
struct answer {
	int status;
	size_t body_at, body_n, total;
};
struct answer client_answer(struct client *c);
struct str client_header(const struct client *c, const struct answer *a, const char *name);

/* Writes a fresh self-signed P-256 certificate for the name. */
void client_make_cert(const char *name, const char *certificate_file, const char *key_file);
/* Spins (yielding) until fn(arg) holds; fails the test after the deadline. */
void client_await(bool (*fn)(void *arg), void *arg, const char *what);

#endif
