/* The inside of a stream, shared by stream.c (its session's side), stream_io.c (its socket's side), and net.c. */
#ifndef GATEWAY_NET_STREAM_PRIV_H
#define GATEWAY_NET_STREAM_PRIV_H

#include <gateway/net/addr.h>
#include <gateway/net/net.h>
#include <gateway/net/tls_session.h>

/*
 * A stream at rest is this struct, its TLS session and nothing else: the buffers come and go with the bytes.
 *
 * Everything happens in its turn(): events, calls and timers only note what they want and defer it. So callbacks never
 * nest, and a stream ends in one place.
 */
struct stream {
	struct list node; /* in its loop's list, see net.c */
	struct net *net;
	struct loop *loop;
	struct listener *from; /* until it is opened; then NULL */
	int fd;
	struct watch watch;
	struct deferred turn;
	struct timer timer;
	int64_t timeout_ms;
	uint64_t id;      /* unique in the process */
	int64_t since_ms; /* monotonic */
	const char *protocol;
	int64_t account; /* 0: nobody's yet */
	struct tls_session *tls;
	struct net_tls *starttls; /* a handshake is to begin once all output in clear is gone */

	const struct stream_events *events; /* NULL: no session yet, or no more */
	void *session;

	struct buf in;
	struct list out; /* of struct chunk */
	size_t pending;
	size_t linger_left;

	enum stream_end why; /* valid once ended */
	bool proxied : 1;    /* the proxy's header is to come; until then `in` is it, as far as it is there */
	bool handshaking : 1;
	bool lingering : 1; /* the session is gone; the peer is given time to read */
	bool paused : 1;
	bool has_job : 1;
	bool throttled : 1; /* output passed the high-water mark and has not fallen to half of it */
	bool closing : 1;   /* stream_close() */
	bool ended : 1;     /* nothing more in or out; closed() follows */
	bool eof : 1;       /* the peer ended its side */
	bool lost : 1;      /* the peer hears nothing any more: output is dropped, input is read to its end */
	bool input_due : 1; /* there is something that input() has not been told */
	bool eof_due : 1;
	bool drained_due : 1;
	bool secured_due : 1;
	bool timeout_due : 1;
	bool want_out : 1; /* the socket is full, or TLS wants to write */
	char peer[NET_HOST_MAX];
};

/* One piece of queued output. */
struct chunk {
	struct list node;
	struct buf bytes;
	size_t sent;
};

/* Takes fd. `from` is asked to open it, at once or after the handshake. */
void stream_new(struct net *n, struct loop *l, struct listener *from, int fd, const struct net_addr *peer);
void stream_end(struct stream *s, enum stream_end why); /* marks; the turn does the rest */
void stream_touch(struct stream *s);                    /* restarts the timer by what the stream is doing */
void stream_begin(struct stream *s);                    /* TLS or the session: all in front of it has been read */

/* stream_io.c */
void stream_flush(struct stream *s);
void stream_read(struct stream *s);
void stream_handshake(struct stream *s);
void stream_read_proxy(struct stream *s);
bool stream_may_read(const struct stream *s);
void stream_linger(struct stream *s);
void stream_drop_output(struct stream *s);
void stream_lose_peer(struct stream *s);

/* net.c */
void listener_opens(struct listener *ls, struct stream *s);
struct net_tls *listener_tls(const struct listener *ls);
bool listener_proxies(const struct listener *ls, const struct net_addr *peer);
uint64_t net_next_id(struct net *n); /* any thread */
void net_stream_born(struct net *n, struct stream *s);
void net_stream_died(struct stream *s);

#endif
