/*
 * The inside of gateway/http. Start reading here.
 *
 *	stream <-> conn <-> socketpair <-> engine (libmicrohttpd)      one of each a connection; the pair only while active
 *	                       exchange    one a request: parsed request, its answer, its worker job
 *	                       hold        a request that waits
 *	lane                               one a loop: its engine's daemon, its connections, its waiting lines
 *
 * libmicrohttpd runs inside the loop's thread (external epoll), so a connection, its pair, its engine connection and
 * its exchange are touched by one thread and need no lock. A worker has the exchange alone between exchange_submit()
 * and exchange_home(), which hand it over through the pool's and the loop's queue. There is no lock in this folder but
 * the server's own, for drain. Order of locks in gateway/: server.lock, then loop.lock, pool.lock or net_tls.lock,
 * each of which is held for a few instructions and with no other taken inside.
 *
 * The life of a connection:
 *
 *	REST     only the stream. Waits for a whole request head in the stream's own buffer.
 *	LINE     a head is there, but as many requests are active as may be; input stays unread.
 *	FED      libmicrohttpd has it: bytes are copied both ways. With the answer out, back to REST by dropping the pair,
 *	         or the end if libmicrohttpd closes its side.
 *	PARKED   the request is held and libmicrohttpd has been given up: stream and exchange remain. The answer is
 *	         written here; then REST, or the end. One that was sent away at the door passes through it.
 *	SENDING  that answer is a file, which is read as the stream takes it; then as after PARKED.
 *	ENDING   nothing more is read; what is queued goes out.
 *
 * A request is parked only where it is provably alone on the stream: the bytes given to libmicrohttpd are its head and
 * its body and no more. With others behind it, or a chunked body (whose raw length is not known), it stays suspended in
 * libmicrohttpd instead, behind the same interface. Input is not forwarded while a request is being worked on, so what
 * comes behind it is not lost.
 */
#ifndef GATEWAY_HTTP_HTTP_PRIV_H
#define GATEWAY_HTTP_HTTP_PRIV_H

#include <gateway/http/server.h>

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct http_conn;

/* Who has the exchange, and how far it is. Changed on the loop only. */
enum exchange_phase {
	EXCHANGE_READING,  /* libmicrohttpd is bringing it in */
	EXCHANGE_AT_DOOR,  /* its head is there; a worker runs the route's doorman */
	EXCHANGE_ADMITTED, /* libmicrohttpd will go on reading when it is called next */
	EXCHANGE_WORKING,  /* a worker has it */
	EXCHANGE_HELD,     /* waits for its hold to be woken */
	EXCHANGE_WOKEN,    /* woken; in line for a worker */
	EXCHANGE_ANSWERED, /* the answer is there */
};

struct http_field {
	struct str name, value;
};

struct http_exchange {
	struct http_request r;
	struct http_server *server;
	struct http_lane *lane;
	struct http_conn *conn;
	const struct http_route *route;
	enum exchange_phase phase;
	struct list node; /* in conn->finishing, or lane->woken */
	struct job job;
	struct task home;

	void *block; /* one allocation: fields, and all text of the request */
	struct http_field *fields;
	size_t fields_n;
	size_t head_n;   /* bytes of the head as it came */
	uint64_t length; /* of the body as it comes; where it is not chunked */
	size_t body_n;   /* of it, what has come */
	struct buf body;
	size_t counted; /* of the server's bodies_n, what is this one's */

	bool http10, chunked, gzip_ok;
	bool close;    /* the client wants no further request on the connection */
	bool unparked; /* counted in lane->unparking */
	bool kept;     /* counted in lane->suspended */
	bool unread;   /* its body has not been asked for: an answer now is the connection's last */
	bool admitted; /* the doorman's word, on its way to the loop */
	bool silent;   /* the answer is none: the connection is cut */
	int early;     /* refused before a worker saw it: this status, once the body is read away */

	struct http_response answer;
	struct http_hold *hold;

	/* Kept alive while it waits (http_hold_keep_alive); beat_ms 0: not asked for. */
	int64_t beat_ms;
	struct http_response begun_head;
	struct str first, beat_octets;
	struct timer beat;
	bool begun; /* head and `first` are out. The loop's while it is held, the worker's to read after */
	enum http_wake reason;
	struct buf log;
	int64_t account; /* http_log_user() */
	int64_t began_ms;
};

enum conn_state { CONN_REST, CONN_LINE, CONN_FED, CONN_PARKED, CONN_SENDING, CONN_ENDING };

struct http_conn {
	struct list node; /* lane->conns, or lane->line */
	struct http_lane *lane;
	struct stream *stream; /* NULL once closed */
	enum conn_state state;
	struct deferred turn;
	struct timer deadline; /* of a request's head, then of its body */
	bool flushed;          /* the stream is closed, and all that it was given had been written */
	size_t scanned;        /* of the input, for the end of the head */

	/* CONN_FED */
	struct watch pair; /* fd -1: none */
	struct MHD_Connection *mhd;
	char *uri;          /* of the request being read, as it came */
	uint64_t allowed;   /* bytes that may be forwarded: to the end of this request, as far as it is known */
	uint64_t forwarded; /* bytes given to libmicrohttpd */
	uint64_t consumed;  /* of them, those of answered requests */
	bool is_head;       /* of the request that is being read, once that is known */
	bool unmeasured;    /* a chunked request was among them: `consumed` does not tell */
	bool served;        /* a request has been answered */
	bool pair_eof;      /* libmicrohttpd ended its side, or we ours */
	bool pair_empty;    /* all it has said was taken */
	bool give_up;       /* the engine's handler drops its connection when it is called next */
	bool suspended;     /* libmicrohttpd waits for us */
	bool parking;       /* it is being given up so that `ex` can wait, or be answered, alone */
	bool resting;       /* it is being given up because nothing is left to do */
	int refuse;         /* answer this when the engine has gone, and close */

	/* CONN_SENDING: what was parked is answered from a file */
	uint64_t sent; /* of it */
	bool keep;     /* the connection stays when it is sent */

	struct http_exchange *ex; /* the current one */
	struct list finishing;    /* answered; their last bytes are on the way to the kernel */
};

struct http_lane {
	struct http_server *server;
	struct loop *loop;
	struct MHD_Daemon *daemon;
	struct watch engine;
	struct deferred engine_turn;
	struct http_conn *adding;
	struct list conns, line, woken;
	size_t fed, unparking, suspended;
	struct timer retry; /* the pool refused a woken request */
	bool stopping, cut;
};

struct http_server {
	struct http_server_args args;
	unsigned lanes;
	struct http_lane *lane;
	_Atomic uint64_t next_id;
	_Atomic bool stopping;
	_Atomic size_t active, held, bodies_n; /* bodies_n: octets of request bodies in memory */
	_Atomic uint64_t answered, refused, failed;
	_Atomic unsigned accept_turn;

	pthread_mutex_t lock; /* guards connections for drain */
	pthread_cond_t gone;
	size_t connections;
};

struct http_hold {
	_Atomic size_t refs;
	_Atomic bool woken; /* no wake is taken any more */
	struct loop *loop;
	struct http_exchange *ex;
	http_wake_handler *on_wake;
	void *ctx;
	struct task wake;
	bool held, wake_seen; /* the loop's */
};

/* conn.c */
void conn_new(struct http_lane *lane, struct stream *s);
void conn_kick(struct http_conn *c);
void conn_take_answer(struct http_conn *c); /* all that libmicrohttpd has said yet goes to the stream */
/* Shutdown: ends it, or wakes what it holds; what a worker has is answered. */
void conn_wind_up(struct http_conn *c);
void conn_read_on(struct http_conn *c);      /* the request's body may come, in time */
void conn_request_read(struct http_conn *c); /* nothing more of it comes for now: its deadlines are over */
bool conn_is_alone(const struct http_conn *c, const struct http_exchange *ex);
bool conn_peer_gone(const struct http_conn *c);
void lane_next_in_line(struct http_lane *lane);

/* engine.c: all that knows libmicrohttpd */
enum err engine_start(struct http_lane *lane) MUST_CHECK;
void engine_stop(struct http_lane *lane);
enum err engine_add(struct http_conn *c, int fd) MUST_CHECK; /* takes fd */
void engine_resume(struct http_conn *c);

/* request.c */
struct http_head {
	const char *method, *version, *uri;
	size_t raw_n;
};
enum err request_build(struct http_exchange *ex, struct MHD_Connection *mhd, const struct http_head *head) MUST_CHECK;

/* route.c */
const struct http_route *route_find(const struct http_route *routes, size_t n, struct str path);
bool route_allows(const struct http_route *route, enum http_method method);
/* The bound of a request's body; route may be NULL. */
size_t route_max_body(const struct http_route *route, size_t server_max);
void route_put_allow(const struct http_route *route, struct http_response *resp); /* for 405 */
const char *method_name(enum http_method m);
enum http_method method_of(const char *name);

/* exchange.c */
struct http_exchange *exchange_new(struct http_conn *c);
bool exchange_to_doorman(struct http_exchange *ex) MUST_CHECK;    /* false: no worker has time for it */
void exchange_submit(struct http_exchange *ex);                   /* to a worker; one that is refused is answered 503 */
void exchange_home(struct http_exchange *ex);                     /* any thread that has it: back to the loop */
void exchange_answer_early(struct http_exchange *ex, int status); /* without a worker */
void exchange_refused(struct http_exchange *ex, int status);      /* its log line, where the connection says the rest */
bool exchange_count_body(struct http_exchange *ex, size_t n) MUST_CHECK; /* n more octets; false: too many in all */
void exchange_finish(struct http_exchange *ex, bool written);            /* tells on_finish, frees */
void exchange_run_woken(struct http_exchange *ex, struct worker *w);     /* calls on_wake */
void lane_unpark(struct http_lane *lane);

/* beat.c */
void beat_start(struct http_exchange *ex); /* the request is held from here on */
void beat_stop(struct http_exchange *ex);
/* The rest of an answer that was begun, but for what is in a file; false: it can't be what was begun. */
bool begun_answer(struct stream *s, struct http_exchange *ex);
void begun_end(struct stream *s); /* the last chunk */

/* hold.c */
void hold_begin(struct http_exchange *ex); /* the loop: the handler has called http_hold() */
void hold_fire(struct http_exchange *ex, enum http_wake reason);

/* response.c */
void response_prepare(struct http_exchange *ex); /* the worker: packs */
void response_for_status(struct http_response *resp, int status);
uint64_t response_size(const struct http_response *resp); /* of the body */
/* The head of an answer in chunks. */
void response_begin(struct stream *s, const struct http_response *resp, bool keep);
/* Writes head and body of the answer to the stream, of one in a file the head; keep: the connection stays. */
void response_write(struct stream *s, bool head_only, struct http_response *resp, bool keep);

/* gzip.c */
/* ERR_LIMIT: it unpacks to more than out->max; ERR_INVALID: not gzip. */
enum err gzip_unpack(struct str in, struct buf *out) MUST_CHECK;
/* ERR_LIMIT: it does not get smaller than out->max. */
enum err gzip_pack(struct str in, struct buf *out) MUST_CHECK;

#endif
