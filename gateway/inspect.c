/* Answers to what the server is asked: lines of JSON. */
#include <gateway/inspect.h>

#include <base/utf8.h>
#include <gateway/activesync/command.h>
#include <gateway/activesync/trace.h>
#include <gateway/http/server.h>
#include <gateway/net/net.h>
#include <push/push.h>

#include <jansson.h>

#include <stdlib.h>

enum { WHAT_MAX = 4096 };

static void put_line(struct buf *out, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	if (!text)
		abort(); /* no memory: the strings are UTF-8 */
	buf_cstr(out, text);
	buf_char(out, '\n');
	free(text);
	json_decref(object);
}

static json_t *text_of(struct str s)
{
	struct buf clean = BUF_INIT(WHAT_MAX);
	json_t *text;

	utf8_put_xml_safe(&clean, s);
	text = json_stringn(clean.n ? clean.p : "", clean.n);
	buf_release(&clean);
	return text;
}

static bool put_stats(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	const struct http_counts http = http_server_counts(in->http);

	(void)ask;
	(void)why;
	put_line(out, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "version", ROOST_VERSION,
				"uptime_ms", (json_int_t)(clock_mono_ms(in->clock) - in->started_ms), "connections",
				(json_int_t)net_connections(in->net), "requests_active", (json_int_t)http.active,
				"requests_held", (json_int_t)http.held, "requests", (json_int_t)http.answered,
				"refused", (json_int_t)http.refused, "failed", (json_int_t)http.failed, "watches",
				(json_int_t)push_count(in->push), "jobs_waiting", (json_int_t)pool_waiting(in->pool),
				"jobs", (json_int_t)pool_done(in->pool)));
	return true;
}

static void put_session(void *ctx, const struct net_session *s)
{
	put_line(ctx, json_pack("{s:I, s:s, s:I, s:o, s:b, s:I, s:b, s:o}", "id", (json_int_t)s->id, "protocol",
				s->protocol, "account", (json_int_t)s->account, "peer", text_of(s->peer), "tls", s->tls,
				"age_ms", (json_int_t)s->age_ms, "busy", s->busy, "what", text_of(s->what)));
}

static bool put_sessions(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)ask;
	(void)why;
	net_sessions(in->net, put_session, out);
	return true;
}

static bool put_ended(struct inspect *in, const struct net_ending *which, struct buf *out)
{
	put_line(out, json_pack("{s:I}", "ended", (json_int_t)net_end_sessions(in->net, which)));
	return true;
}

static bool end_session(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)why;
	return put_ended(in, &(struct net_ending){ .id = (uint64_t)ask->id }, out);
}

/* Held requests are answered, so that phones do not take it for a fault; they log in with each request. */
static bool end_account(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)why;
	push_end_account(in->push, ask->id);
	return put_ended(in, &(struct net_ending){ .account = ask->id, .except = "http" }, out);
}

/* ---- traces ---- */

static bool explain(enum err e, const char **why)
{
	if (e == ERR_LIMIT)
		*why = "too many devices are traced, or the time is too long";
	else if (e)
		*why = "that device is not traced";
	return e == ERR_OK;
}

static bool trace(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)out;
	return explain(eas_trace_start(in->eas, ask->id, ask->minutes, ask->verb == ASK_TRACE_BODIES), why);
}

static bool trace_off(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)out;
	return explain(eas_trace_stop(in->eas, ask->id), why);
}

static json_t *document_of(struct str s)
{
	struct buf clean = BUF_INIT(3 * EAS_TRACE_DOCUMENT_MAX + WHAT_MAX);
	json_t *text;

	utf8_put_xml_safe(&clean, s);
	text = json_stringn(clean.n ? clean.p : "", clean.n);
	buf_release(&clean);
	return text;
}

static void put_traced(void *ctx, const struct eas_traced *t)
{
	put_line(ctx, json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:b, s:o, s:o}", "at_ms",
				(json_int_t)t->at_ms, "took_ms", (json_int_t)t->took_ms, "command", text_of(t->command),
				"query", text_of(t->query), "version", text_of(t->version), "user_agent",
				text_of(t->user_agent), "headers", document_of(t->headers), "policy_key",
				text_of(t->policy_key), "access", text_of(t->access), "status", t->status, "written",
				t->written, "request", document_of(t->request), "answer", document_of(t->answer)));
}

static bool trace_show(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	struct buf exchanges = BUF_INIT(ASK_ANSWER_MAX);
	struct eas_trace_state state;
	enum err e = eas_trace_read(in->eas, ask->id, &state, put_traced, &exchanges);

	if (!e) {
		put_line(out, json_pack("{s:b, s:b, s:I, s:I}", "runs", state.runs, "bodies", state.bodies, "left_ms",
					(json_int_t)state.left_ms, "dropped", (json_int_t)state.dropped));
		buf_str(out, buf_view(&exchanges));
	}
	buf_release(&exchanges);
	return explain(e, why);
}

static bool reload(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)ask;
	(void)out;
	*why = in->reload(in->ctx);
	return *why == NULL;
}

static bool drain(struct inspect *in, const struct ask *ask, struct buf *out, const char **why)
{
	(void)ask;
	(void)out;
	(void)why;
	in->drain(in->ctx);
	return true;
}

bool inspect_answer(void *ctx, const struct ask *ask, struct buf *out, const char **why)
{
	static bool (*const answers[ASK_VERB_MAX_])(struct inspect * in, const struct ask *ask, struct buf *out,
						    const char **why) = {
		[ASK_STATS] = put_stats,
		[ASK_SESSIONS] = put_sessions,
		[ASK_END_SESSION] = end_session,
		[ASK_END_ACCOUNT] = end_account,
		[ASK_TRACE] = trace,
		[ASK_TRACE_BODIES] = trace,
		[ASK_TRACE_OFF] = trace_off,
		[ASK_TRACE_SHOW] = trace_show,
		[ASK_RELOAD] = reload,
		[ASK_DRAIN] = drain,
	};

	return answers[ask->verb](ctx, ask, out, why);
}
