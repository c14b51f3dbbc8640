/*
 * One message to the smarthost: libcurl connects, checks certificates and logs in (relay_conn.h); the transaction (RFC 5321,
 * with 8BITMIME, SIZE, DSN and SMTPUTF8 where the server has them) is here. Blocking, with a bound on each wait; on
 * threads of outbound's own. Knows no store.
 */
#ifndef GATEWAY_OUTBOUND_RELAY_H
#define GATEWAY_OUTBOUND_RELAY_H

#include <base/arena.h>
#include <gateway/content/source.h>
#include <store/queue.h>

#include <stdatomic.h>

enum relay_tls {
	RELAY_STARTTLS, /* required; the certificate is checked */
	RELAY_TLS,      /* from the first byte; the certificate is checked */
	RELAY_PLAIN,    /* no TLS at all */
};

struct relay_config {
	const char *host; /* a name, an IPv4 address, or "[" an IPv6 address "]" */
	unsigned port;
	enum relay_tls tls;
	const char *user, *password; /* NULL: no login */
	const char *ca_file;         /* PEM; NULL: the system's */
	const char *hostname;        /* for EHLO */
	unsigned wait_ms;            /* longest wait for each answer; 0: those of RFC 5321 4.5.3.2 */
};

struct relay_message {
	struct str sender;
	const struct queue_recipient *const *recipients;
	size_t recipients_n;
	struct str trace; /* header fields in front of the source's octets */
	struct mail_source source;
	unsigned flags; /* enum queue_flag */
	struct str envid;
	enum queue_ret ret;
};

/* What came of a recipient. Texts in the arena. */
struct relay_result {
	enum queue_state state; /* QUEUE_PENDING: not now; QUEUE_RELAYED; QUEUE_FAILED */
	bool reports;           /* RELAYED: the server reports success by itself (DSN) */
	struct str status, reply;
};

/*
 * results has recipients_n. Always says something of each. `stop` may become true on another thread: what waits then
 * gives up within a second or so.
 */
void relay_send(struct arena *a, const struct relay_config *config, const struct relay_message *m,
		const atomic_bool *stop, struct relay_result *results);

/* Once in a process, before the first thread (libcurl's own need). */
enum err relay_init(void) MUST_CHECK;

#endif
