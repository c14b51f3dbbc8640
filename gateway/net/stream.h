/*
 * A byte stream of one connection, plain or TLS, TCP or unix: read buffer, write queue, timeouts, and the hand-over of
 * its session to a worker and back. A session (LMTP, IMAP, HTTP …) sees no socket and no SSL.
 *
 * A stream belongs to one loop; every function here is called on that loop's thread only, and no callback runs inside
 * a call to the stream: they come from the loop. The exception is a job's run(), see stream_submit().
 */
#ifndef GATEWAY_NET_STREAM_H
#define GATEWAY_NET_STREAM_H

#include <base/buf.h>
#include <gateway/net/loop.h>
#include <gateway/net/pool.h>
#include <gateway/net/tls.h>

struct stream;

enum {
	STREAM_INPUT_MAX_DEFAULT = 16 * 1024, /* unread input; above it the socket is not read */
	STREAM_WRITE_HIGH = 256 * 1024,       /* queued output; above it input() waits until half of it is gone */
	STREAM_LINGER_MS = 2000,              /* after our last byte: for the peer to read it and close */
	STREAM_LINGER_BYTES = 256 * 1024,     /* what the peer may still send meanwhile */
};

enum stream_end {
	STREAM_END_CLOSED,  /* stream_close() was called and everything queued has been written */
	STREAM_END_PEER,    /* the peer reset the connection or went away; or closed, where there is no eof() */
	STREAM_END_TIMEOUT, /* stream_set_timeout() ran out, and there is no timeout(); or output stood still */
	STREAM_END_ABORTED, /* stream_abort(), or the front end stops */
};

/* All but input and closed may be NULL. */
struct stream_events {
	/*
	 * There is new input; or the session has been resumed (stream_resume, a job that came home, output drained
	 * below the mark) and some is left. What is not consumed stays; the call repeats when more has come.
	 */
	void (*input)(struct stream *s);
	/* The peer ended its side in order (FIN or close_notify); writing may still work. NULL: the stream ends. */
	void (*eof)(struct stream *s);
	/* The write queue has become empty: all is in the kernel. */
	void (*drained)(struct stream *s);
	/* Time is up (stream_set_timeout); it has been disarmed. */
	void (*timeout)(struct stream *s);
	/* The handshake of stream_starttls() is done. */
	void (*secured)(struct stream *s);
	/* What the session is doing, for people: "device=… cmd=Ping"; it lives until the stream is touched. */
	struct str (*describe)(const struct stream *s);
	/*
	 * A peer that went away is read on: what it had sent before counts. What is written from then on is dropped, eof()
	 * follows the last byte. False: the stream ends with its peer.
	 */
	bool reads_on;
	/* The last call: the session frees itself, the stream is gone after it. Never while a job has it. */
	void (*closed)(struct stream *s, enum stream_end why);
};

/*
 * A listener's: a new stream, after the TLS handshake where it begins with one. It must call stream_attach(), or
 * stream_abort() and attach nothing.
 */
typedef void stream_open(struct stream *s, void *ctx);
void stream_attach(struct stream *s, const struct stream_events *events, void *session);
void *stream_session(const struct stream *s);
/* Whom the session serves, for lists of sessions and for ending them: its protocol (a static string), its account or 0. */
void stream_serves(struct stream *s, const char *protocol, int64_t account);

/* Unread input, valid until the next call that takes a stream. */
struct str stream_input(const struct stream *s);
void stream_consume(struct stream *s, size_t n);
/* A line or literal longer than the ceiling never comes whole: the session sees that input is full. */
void stream_set_input_max(struct stream *s, size_t bytes);
bool stream_input_full(const struct stream *s);
bool stream_eof(const struct stream *s); /* the peer has ended its side */
/*
 * False: nobody is there to be answered, since the connection was reset or is closed altogether; that the peer has ended
 * its side alone says nothing of it. Asks the system, so that it is known before anything has been written.
 */
bool stream_is_heard(struct stream *s);

/* Copies into the write queue; written at the end of this turn of the loop. After stream_close() it does nothing. */
void stream_write(struct stream *s, struct str bytes);
/* The same without the copy where it is large; leaves *b empty. A buffer with an error aborts the stream. */
void stream_write_buf(struct stream *s, struct buf *b);
/* As stream_write(), and never in one TLS record with what was written before. */
void stream_write_apart(struct stream *s, struct str bytes);
size_t stream_pending(const struct stream *s); /* bytes queued */

/* Stops and restarts input(), eof() and timeout(), and with them the reading of the socket. They do not nest. */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);

/*
 * Time without a byte in either direction; 0 none. Starts again with each byte, and with this call. Does not run while
 * the session is paused or a job has it. Output that stands still for this long ends the stream in any case.
 */
void stream_set_timeout(struct stream *s, int64_t ms);

void stream_close(struct stream *s); /* after what is queued has been written; input stops now */
void stream_abort(struct stream *s); /* at once; what is queued is lost */

/*
 * Drops unread input (RFC 3207 section 4.2: it came in clear), writes what is queued, and begins a handshake as
 * server; then secured().
 */
void stream_starttls(struct stream *s, struct net_tls *tls);

/* "192.0.2.1", "2001:db8::1", or "unix". Lives as long as the stream. */
struct str stream_peer(const struct stream *s);
bool stream_is_tls(const struct stream *s);
/* By a Unix socket, from root or from a process of our own user (SO_PEERCRED). */
bool stream_peer_is_own(const struct stream *s);
/* Octets that both ends of this TLS connection know and no other has; 0: none of that kind. */
size_t stream_tls_binding(const struct stream *s, enum tls_binding kind, unsigned char ret[TLS_BINDING_MAX_BYTES]);
struct loop *stream_loop(const struct stream *s);

/*
 * Hands the session to a worker: run(j, w) may block and may touch the session, but not the stream; then done(j) on
 * the loop. Between both no callback of the stream runs. Zero-initialised but for run and done; the caller's memory,
 * which done() may free. False: the pool is full, nothing was taken, answer "try again" now.
 */
struct stream_job {
	void (*run)(struct stream_job *j, struct worker *w);
	void (*done)(struct stream_job *j);
	struct stream *stream;
	struct job job;
	struct task home;
};
bool stream_submit(struct stream *s, struct pool *p, struct stream_job *j) MUST_CHECK;

#endif
