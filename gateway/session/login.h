/*
 * A login of a session that speaks in lines (IMAP, POP3, submission): a password that was said in the protocol's own way,
 * or a SASL exchange in base64 lines (RFC 4954, RFC 5034, RFC 9051 agree on them). Has the checking done by a worker, lets
 * a client wait that has to (auth/throttle.h), and gives every refusal late, so that guessing takes time.
 *
 * The session calls from its loop. Whatever comes later comes by done(), on the loop, while the session's input stands
 * still; a session that ends calls login_release() in its closed(), which is harmless at any moment.
 */
#ifndef GATEWAY_SESSION_LOGIN_H
#define GATEWAY_SESSION_LOGIN_H

#include <gateway/auth/exchange.h>
#include <gateway/net/stream.h>

enum { LOGIN_REFUSE_MS = 2000 }; /* from a failure to its answer */

enum login_result {
	LOGIN_PENDING,   /* done() will be called */
	LOGIN_GOOD,      /* login->identity is whom */
	LOGIN_CHALLENGE, /* say login->challenge, in base64, and give the client's next line to login_line() */
	LOGIN_DENIED,
	LOGIN_BUSY,        /* try again later: too many are at it */
	LOGIN_FAILED,      /* the directory, login->error */
	LOGIN_CANCELLED,   /* the client said "*" */
	LOGIN_MALFORMED,   /* not base64, or no message of that mechanism, or too long */
	LOGIN_UNSUPPORTED, /* no such mechanism, or not here */
	LOGIN_RESULT_MAX_
};

/* What all sessions of a server share. */
struct login_service {
	struct auth *auth;
	struct pool *pool;
	enum auth_service service;
	bool plain_ok; /* a connection without TLS is as good: the proxy in front of us ends it */
};

/* Inside of its session; zero-initialise, then login_init(). */
struct login {
	const struct login_service *service;
	struct stream *stream;
	void (*done)(struct login *l, enum login_result result);

	struct auth_identity identity; /* LOGIN_GOOD; its address is the login's own, until login_release() */
	struct buf challenge;
	enum err error;

	/* private */
	struct auth_exchange *exchange;
	char *address;
	struct buf login, password, message;
	bool has_message, waited, resumes;
	bool confirms; /* the session is known by its account: is the login still good? */
	struct auth_stepped stepped;
	struct stream_job job;
	struct timer timer;
	enum login_result due; /* when the timer fires */
};

void login_init(struct login *l, const struct login_service *service, struct stream *stream,
		void (*done)(struct login *l, enum login_result result));
/* Ends whatever is under way; done() is not called any more. Not while a job has the session (closed() never is). */
void login_release(struct login *l);

/* May a password be said on this connection? */
bool login_allowed(const struct login *l);
/* Appends the mechanisms for this connection, as sasl_list(). */
void login_list(const struct login *l, const char *prefix, struct buf *out);

enum login_result login_password(struct login *l, struct str login, struct str password) MUST_CHECK;
/* initial: as it was sent, in base64, "=" for an empty one; .p NULL where there was none. */
enum login_result login_begin(struct login *l, struct str mechanism, struct str initial) MUST_CHECK;
/* The client's line after a challenge, without its CRLF. */
enum login_result login_line(struct login *l, struct str line) MUST_CHECK;

#endif
