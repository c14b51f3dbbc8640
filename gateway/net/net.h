/*
 * The front end: its loops, its listeners, the count of connections. One for the process (tests have their own).
 *
 * Order of the end: listener_close() each, the protocols end their sessions, pool_drain(), net_stop(), pool_stop().
 */
#ifndef GATEWAY_NET_NET_H
#define GATEWAY_NET_NET_H

#include <base/buf.h>
#include <gateway/net/range.h>
#include <gateway/net/stream.h>

#include <sys/types.h>

struct net;
struct listener;

enum {
	NET_MAX_LOOPS = 8,
	NET_RESERVED_FDS = 64,            /* never given to connections: listeners, log, databases being opened */
	NET_HANDSHAKE_TIMEOUT_MS = 20000, /* TLS handshake, begin to end */
	NET_PROXY_TIMEOUT_MS = 10000,     /* a trusted proxy's header, begin to end */
	NET_KEEPALIVE_IDLE_S = 300,       /* a dead peer is noticed after about ten minutes of silence */
	NET_KEEPALIVE_INTERVAL_S = 60,
	NET_KEEPALIVE_PROBES = 5,
	NET_USER_TIMEOUT_MS = 60000, /* sent bytes that nobody acknowledges */
	NET_ACCEPT_PAUSE_MS = 100,   /* after the kernel refused a descriptor */
	NET_ACCEPTS_A_TURN = 64,
};

struct net_args {
	const struct clock *clock;
	unsigned loops;
	size_t max_connections; /* of all listeners together; above it a connection is refused at the door */
};

enum err net_start(const struct net_args *a, struct net **ret) MUST_CHECK;
/* Ends what streams are left (STREAM_END_ABORTED) and the loops. No job may have a session any more. */
void net_stop(struct net **np);

unsigned net_loops(const struct net *n);
struct loop *net_loop(const struct net *n, unsigned i);
size_t net_connections(const struct net *n); /* any thread */

/* A connection, as it is at the moment it is looked at. Views live until the call that gave it returns. */
struct net_session {
	uint64_t id; /* unique in the process */
	int64_t age_ms;
	struct str peer;
	bool tls;
	const char *protocol; /* "": its session has not said */
	int64_t account;      /* 0: nobody has logged in */
	bool busy;            /* a worker has it: what it is doing can't be told now */
	struct str what;      /* it is doing, for people; may be empty */
};
/* Calls each() for every connection that has been opened, on the loops' threads one after the other. Any thread but a loop's. */
void net_sessions(struct net *n, void (*each)(void *ctx, const struct net_session *session), void *ctx);
/* Which connections: the one with that id, or those of that account (0: none), but not of that protocol (NULL: of all). */
struct net_ending {
	uint64_t id;
	int64_t account;
	const char *except;
};
/*
 * Ends them at once; what is queued is lost. One that a worker has ends when it comes home. Returns how many. Any thread
 * but a loop's.
 */
size_t net_end_sessions(struct net *n, const struct net_ending *which);

/* Raises RLIMIT_NOFILE to its hard limit; descriptors that connections may use then, 0 where it cannot be told. */
size_t net_raise_fd_limit(void);

struct listener_args {
	const char *address; /* "127.0.0.1:8443", "[::1]:8443", "unix:/path"; port 0: any, see listener_port() */
	struct net_tls *tls; /* TLS from the first byte; NULL plain. Outlives the listener. */
	stream_open *open;
	void *ctx;
	struct str refusal; /* said in clear to a connection over the limit before it is closed; borrowed */
	/*
	 * Connections from these begin with a PROXY header (proxy.h), in front of TLS too, and one that does not is
	 * closed; the others must not have one. Borrowed; NULL: none do.
	 */
	const struct net_ranges *proxies;
	mode_t mode; /* of a unix socket's file, whatever the umask; 0: by the umask */
};

/*
 * A stale unix socket is unlinked, a live one is not. On failure *why says so for people ("127.0.0.1:80: Permission
 * denied"). Any thread but a loop's, as is listener_close(), after which open() is not called any more.
 */
enum err listener_open(struct net *n, const struct listener_args *a, struct listener **ret, struct buf *why) MUST_CHECK;
void listener_close(struct listener **lp);
unsigned listener_port(const struct listener *ls); /* 0 for unix */

#endif
