/*
 * What only the running server can tell or do, asked on the socket of the announcements (announce.h).
 *
 * The wire: a line with a verb, and the numbers that it takes; the answer is lines of JSON objects, then "ok", or
 * "error TEXT" in their place.
 *
 *	stats                   one object: what is going on, and counts since the start
 *	sessions                an object for each connection
 *	end-session ID          ends a connection:                        {"ended":N}
 *	end-account ACCOUNT     ends what that account has open, held requests too
 *	trace DEVICE MINUTES    keeps what that device (its partnership) asks and is answered; trace-bodies: with contents
 *	trace-off DEVICE        ends it and forgets what was kept
 *	trace-show DEVICE       an object with the trace's state, and one for each exchange
 *	reload                  reads certificates again, as SIGHUP does
 *	drain                   stops as SIGTERM does: held requests are answered, nothing new is taken
 */
#ifndef GATEWAY_CONTROL_ASK_H
#define GATEWAY_CONTROL_ASK_H

#include <base/buf.h>

enum {
	ASK_ANSWER_MAX = 64 * 1024 * 1024, /* bytes; 100,000 sessions are 25 MB */
	ASK_TIMEOUT_MS = 30000,            /* a client waits for each piece of its answer no longer than this */
};

enum ask_verb {
	ASK_STATS,
	ASK_SESSIONS,
	ASK_END_SESSION,
	ASK_END_ACCOUNT,
	ASK_TRACE,
	ASK_TRACE_BODIES,
	ASK_TRACE_OFF,
	ASK_TRACE_SHOW,
	ASK_RELOAD,
	ASK_DRAIN,
	ASK_VERB_MAX_
};

struct ask {
	enum ask_verb verb;
	int64_t id;      /* of those that take one */
	int64_t minutes; /* of those that take them too */
};

/* The line without its end. ERR_INVALID: no verb of these, or a number that is missing, wrong or too much. Pure. */
enum err ask_parse(struct str line, struct ask *ret) MUST_CHECK;
const char *ask_name(enum ask_verb verb);

/*
 * Asks the roostd of that state directory; *out gets the lines of its answer. ERR_NOT_FOUND: none is running.
 * ERR_DENIED: it refused, and *out has what it said. ERR_IO: it ended or was silent. Blocking.
 */
enum err ask_server(const char *state_dir, const struct ask *ask, struct buf *out) MUST_CHECK;

#endif
