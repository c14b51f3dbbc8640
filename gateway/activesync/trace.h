/*
 * Traces: what single devices ask and are answered, kept for a while for who looks for a fault (roostctl device trace). In
 * memory alone, bounded in size and time, ended by itself; read through the control socket, which is root's and ours.
 * Documents are kept as XML, without the contents unless that was asked for: of what is not protocol only the sizes.
 */
#ifndef GATEWAY_ACTIVESYNC_TRACE_H
#define GATEWAY_ACTIVESYNC_TRACE_H

#include <base/buf.h>

struct clock;
struct eas;
struct eas_request;
struct eas_tracing;
struct eas_traces;
struct http_response;

enum {
	EAS_TRACES_MAX = 16,                   /* devices */
	EAS_TRACE_MAX_BYTES = 4 * 1024 * 1024, /* of a device: the oldest exchanges go first */
	EAS_TRACE_DOCUMENT_MAX = 256 * 1024,   /* of a document as XML; what is longer is cut */
	EAS_TRACE_MINUTES_DEFAULT = 60,
	EAS_TRACE_MINUTES_MAX = 24 * 60,
	EAS_TRACE_KEPT_MS = 24 * 60 * 60 * 1000, /* it can be looked at so much longer than it runs */
};

struct eas_traces *eas_traces_new(const struct clock *clock);
void eas_traces_free(struct eas_traces **tp);

/* Begins, or begins anew. ERR_LIMIT: EAS_TRACES_MAX run, or the minutes are out of bounds. Any thread, as all below. */
enum err eas_trace_start(struct eas *eas, int64_t device, int64_t minutes, bool bodies) MUST_CHECK;
/* Ends it and forgets what was kept. ERR_NOT_FOUND. */
enum err eas_trace_stop(struct eas *eas, int64_t device) MUST_CHECK;

struct eas_traced {
	int64_t at_ms, took_ms; /* wall clock; from its login to its end, with what it waited */
	struct str command, query, version, user_agent, policy_key, access;
	struct str headers; /* others of the request that say how it is meant, a line each */
	int status;         /* of HTTP; 0: it was given up without an answer */
	bool written;       /* the answer went out whole */
	struct str request, answer;
};
struct eas_trace_state {
	bool runs, bodies;
	int64_t left_ms;
	uint64_t dropped; /* exchanges that there was no room for */
};
/* The exchanges, the oldest first. ERR_NOT_FOUND: no trace of it. each() must not block. */
enum err eas_trace_read(struct eas *eas, int64_t device, struct eas_trace_state *ret,
			void (*each)(void *ctx, const struct eas_traced *t), void *ctx) MUST_CHECK;

/* ---- for the dispatcher and the responders; nothing where the device has no trace ---- */

/* With the device known, its request whole; before it is answered. */
void eas_trace_request(struct eas_request *rq);
void eas_trace_answer(struct eas_request *rq, const struct http_response *resp);
/* The request's life ends. */
void eas_trace_end(struct eas_request *rq, bool written);

#endif
