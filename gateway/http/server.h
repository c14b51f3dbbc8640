/*
 * The HTTP server: takes streams of the front end, gives requests to routes on workers.
 *
 * Order of the end: listener_close() each, http_server_drain(), pool_drain(), http_server_stop(), net_stop(),
 * pool_stop().
 */
#ifndef GATEWAY_HTTP_SERVER_H
#define GATEWAY_HTTP_SERVER_H

#include <gateway/http/http.h>
#include <gateway/net/net.h>

enum {
	HTTP_MAX_ACTIVE_DEFAULT = 1024, /* a loop; each takes two descriptors while libmicrohttpd has it */
	HTTP_BODIES_A_SERVER = 4,       /* request bodies in memory at a time, in multiples of the largest: 503 above */
	HTTP_SUSPENDED_PART = 2,        /* of the active ones, this part may be holds; woken at once above */
	HTTP_MAX_UNPARKS = 128,         /* a loop: woken requests that workers have at a time; others wait in line */
	HTTP_RETRY_AFTER_S = 30,        /* told with 503 */

	HTTP_REST_TIMEOUT_MS = 10 * 60 * 1000, /* between requests */
	HTTP_HEAD_TIMEOUT_MS = 30 * 1000,      /* from the first byte of a request to the end of its head */
	HTTP_BODY_TIMEOUT_MS = 10 * 60 * 1000, /* from there to the end of its body, however it trickles */
	HTTP_STALL_TIMEOUT_MS = 60 * 1000,     /* body or answer without a byte moving */

	HTTP_PARKED_INPUT_MAX = 4 * 1024,   /* bytes that may come behind a parked request; more and it is closed */
	HTTP_STRANGER_BODY_MAX = 16 * 1024, /* body of a request to a route with a doorman that is read unasked */
	HTTP_DISCARD_MAX = 64 * 1024,       /* body of a refused request that is read away to keep the connection */
	HTTP_GZIP_MIN_BYTES = 512,          /* answers below it are not worth packing */
	HTTP_MAX_LOG_BYTES = 1024,          /* http_log_field() altogether */
};

struct http_server_args {
	struct net *net;
	struct pool *pool;
	const struct http_route *routes; /* borrowed, as their ctx */
	size_t routes_n;
	const struct net_ranges
		*trusted;     /* whose X-Forwarded-For is believed on plain listeners; borrowed; NULL nobody's */
	size_t max_body;      /* 0: HTTP_MAX_BODY_DEFAULT */
	size_t max_bodies;    /* of all together, those of held requests too; 0: HTTP_BODIES_A_SERVER * max_body */
	size_t max_active;    /* a loop; 0: HTTP_MAX_ACTIVE_DEFAULT */
	size_t max_suspended; /* a loop, holds that libmicrohttpd keeps; 0: max_active / HTTP_SUSPENDED_PART */
};

enum err http_server_start(const struct http_server_args *a, struct http_server **ret) MUST_CHECK;

/* For listener_args: open with ctx = the server, and what a connection over the limit is told. */
void http_server_open(struct stream *s, void *server);
#define HTTP_REFUSAL \
	S("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

/*
 * Requests that come now or are still coming in get 503, resting connections are closed, held requests are woken with
 * HTTP_WAKE_SHUTDOWN; waits up to timeout_ms for the answers to leave. True: nothing is left. Not on a loop or a worker.
 */
bool http_server_drain(struct http_server *s, int64_t timeout_ms);
/* Cuts what is left and frees. The pool has been drained; a hold that was not woken yet is, on the calling thread. */
void http_server_stop(struct http_server **sp);

struct http_counts {
	size_t connections, active, held;   /* now */
	uint64_t answered, refused, failed; /* since the start: all; of them with 4xx, with 5xx or cut */
};
struct http_counts http_server_counts(const struct http_server *s); /* any thread */

/* A route's handler, and its doorman: 200 "ok". */
void http_healthz(struct http_request *r, struct worker *w, void *unused);
/*
 * A route's handler, and its doorman: 302 to the same path and query below base_url (a string, borrowed). Not 307 or 308: clients of
 * Autodiscover know them badly (MS-OXDISCO 3.1.5.4).
 */
void http_redirect(struct http_request *r, struct worker *w, void *base_url);

#endif
