/*
 * HTTP for everything above: routes, requests, responses, held requests. libmicrohttpd parses (only gateway/http
 * includes it); handlers run on workers and may block.
 */
#ifndef GATEWAY_HTTP_HTTP_H
#define GATEWAY_HTTP_HTTP_H

#include <base/buf.h>
#include <gateway/net/pool.h>

struct http_server;
struct http_hold;

enum {
	HTTP_MAX_BODY_DEFAULT = 64 * 1024 * 1024, /* [http] max_body; after unpacking too */
	HTTP_MAX_HEADER_BYTES = 32 * 1024,
};

enum http_method { HTTP_OPTIONS, HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_OTHER };

/*
 * A parsed request. Everything in it lives until the response has been handed over (http_respond), and through a hold:
 * it belongs to the request object, not to the worker's arena. `arena` is the running worker's: for the handler's own
 * work, gone when the handler returns.
 */
struct http_request {
	uint64_t id; /* unique in the process; the log line's id */
	enum http_method method;
	struct str path;  /* percent-decoded, without the query */
	struct str query; /* raw, after '?'; .p NULL where there is none */
	struct str body;  /* unpacked if it came gzipped */
	struct str peer;  /* "192.0.2.1" */
	bool tls;
	struct arena *arena; /* of the worker that runs the handler now */
	void *owner;         /* the handler's own, kept through a hold; see on_finish */
	/*
	 * Called exactly once when the request's life ends, on any thread, after the answer was written out whole
	 * (written = true: into the kernel's socket; the client may still not have it) or could not be. May be NULL.
	 * Must not block. `owner` is freed here if need be.
	 */
	void (*on_finish)(struct http_request *r, bool written);
};

/*
 * The handler wants no byte of the body any more: r->body is empty from here on, its memory free. For requests that
 * are about to be held: all bodies together have a ceiling, and large ones that wait would keep others out for an hour.
 */
void http_drop_body(struct http_request *r);

/* Header by name, without case; .p NULL where it is absent. Valid as long as the request. */
struct str http_header(const struct http_request *r, const char *name);
/* Decoded value of a query parameter, name without case (arena of the worker); .p NULL where absent. */
struct str http_query_param(const struct http_request *r, struct arena *a, const char *name);

struct http_response {
	int status;              /* 200 … */
	struct str content_type; /* .p NULL: none (and none is sent where the body is empty) */
	struct buf body;         /* moved out by http_respond(); gzipped where the client asks and it is worth it */
	bool in_file;            /* the body is this file instead, from its beginning; sent as it is, never packed */
	int fd;                  /* owned */
	uint64_t file_size;
	/* Further headers, "Name: value\r\n" each. The writer adds Content-Length, Date, Connection, Content-Encoding. */
	struct buf headers;
};
enum { HTTP_MAX_RESPONSE_HEADERS = 8 * 1024 };
/* body_max: ceiling of the body buffer. */
void http_response_init(struct http_response *resp, int status, size_t body_max);
void http_response_release(struct http_response *resp);
/* The body is a file: what is too large for memory. Takes fd, which nobody may write to any more. */
void http_response_file(struct http_response *resp, int fd, uint64_t size);
/* value must hold no CR, LF or NUL (asserted); an empty one leaves the header out. */
void http_response_header(struct http_response *resp, const char *name, struct str value);

/* Who asks: its account, for lists of sessions and for ending them; and the field "user" of the log line. */
void http_log_user(struct http_request *r, int64_t account, struct str address);
/* Fields of the request's log line beside id, peer, method, path, status, bytes, ms: the handler names them once. */
void http_log_field(struct http_request *r, const char *name, struct str value);

/*
 * A handler answers with http_respond() or begins a hold, exactly one of both, before it returns. Worker thread.
 * After http_respond() or http_hold() the handler must not touch r, except as said at http_hold().
 */
typedef void http_handler(struct http_request *r, struct worker *w, void *ctx);
void http_respond(struct http_request *r, struct http_response *resp); /* releases resp */
/* A bare status with a short text body. */
void http_respond_status(struct http_request *r, int status);

/*
 * What a route asks of those who come with more than a stranger's body (HTTP_STRANGER_BODY_MAX), with one in chunks or
 * a packed one, while the head alone is there (r->body is empty): answers, after which the connection ends, or lets the
 * request in with http_admit(), exactly one of both. Then the body is read and the handler runs, which has to ask again:
 * it is what small requests come to. No hold, no owner. Worker thread; must not touch r after.
 */
typedef http_handler http_doorman;
void http_admit(struct http_request *r);

/*
 * Held requests. register, check, hold: the handler has its watch registered and its check done before http_hold().
 *
 *	struct http_hold *h = http_hold_new(r, on_wake, ctx);	// nothing held yet; h may be woken from now on
 *	… register h with push, check once …
 *	answer at once:  http_hold_cancel(&h); http_respond(r, …)
 *	hold:            http_hold(&h)	// gives r away
 *
 * http_hold_wake() may be called any number of times by any thread while h is valid: the first one (also one that
 * came before http_hold()) makes a worker run on_wake(r, w, reason, ctx), which answers or holds again (a new
 * http_hold_new). The others do nothing. A wake is never lost and on_wake runs exactly once a hold, for a wake, for the
 * peer's going away (HTTP_WAKE_GONE: release what is registered, then http_respond_status(r, 0) which sends nothing) or
 * shutdown (HTTP_WAKE_SHUTDOWN: answer quickly; said at once, too, where as many requests of the expensive kind, see
 * http_priv.h, are held as may be).
 * The handle is reference-counted: http_hold_ref/unref keep it valid for those who may still wake it (push).
 */
enum http_wake { HTTP_WAKE_EVENT, HTTP_WAKE_GONE, HTTP_WAKE_SHUTDOWN };
typedef void http_wake_handler(struct http_request *r, struct worker *w, enum http_wake reason, void *ctx);
struct http_hold *http_hold_new(struct http_request *r, http_wake_handler *on_wake, void *ctx);
void http_hold_cancel(struct http_hold **hp); /* before http_hold(): forgets it; a wake that came is dropped */
void http_hold(struct http_hold **hp);        /* parks the request; drops the caller's reference */
void http_hold_wake(struct http_hold *h);     /* any thread; does not block */
struct http_hold *http_hold_ref(struct http_hold *h);
void http_hold_unref(struct http_hold **hp);

/*
 * For a client that takes silence for a failure: where the hold lasts, its answer is begun (status 200, in chunks) and kept
 * alive by octets that have no meaning. After that the answer must be a 200 whose body begins with `first`
 * (http_answer_begun() tells the handler so); anything else breaks the connection off. Only where the request waits alone
 * on its connection and speaks HTTP/1.1; else nothing is begun. Before http_hold(). `head` is moved: its headers and type;
 * first and beat live for ever.
 */
struct http_keep_alive {
	int64_t every_ms;
	struct http_response *head;
	struct str first, beat;
};
void http_hold_keep_alive(struct http_hold *h, const struct http_keep_alive *k);
bool http_answer_begun(const struct http_request *r);

/* Routes: exact path without case, or a prefix ending in '/'. methods: a mask of 1u << enum http_method. */
struct http_route {
	const char *path;
	unsigned methods; /* others answer 405 with Allow */
	http_handler *handler;
	void *ctx;
	size_t max_body;       /* larger ones answer 413 before they are read; 0: the server's own bound */
	http_doorman *doorman; /* with ctx; NULL: whoever comes may bring a body */
};

#endif
