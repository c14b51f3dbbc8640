/* Changes with what a trace keeps, and of what it shows the contents. */
#include <gateway/activesync/trace.h>

#include <base/list.h>
#include <base/mem.h>
#include <base/table.h>
#include <gateway/activesync/command.h>
#include <gateway/activesync/respond.h>
#include <wbxml/xml.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MS_A_MINUTE = 60 * 1000, TEXT_MAX = 2048, POLICY_KEY_DIGITS = 10, PAGE_SHIFT = 8 };

/* One exchange; the request's own until its end, then the trace's. */
struct eas_tracing {
	struct list node;
	bool bodies;
	int64_t began_ms; /* monotonic */
	struct eas_traced seen;
	struct buf texts, request, answer;
};

struct trace {
	bool bodies;
	int64_t until_ms; /* monotonic */
	struct list exchanges;
	size_t bytes;
	uint64_t dropped;
};

struct eas_traces {
	const struct clock *clock;
	_Atomic size_t n; /* most servers have none, and no request takes the lock */
	pthread_mutex_t lock;
	struct table *of; /* device -> struct trace */
};

struct eas_traces *eas_traces_new(const struct clock *clock)
{
	struct eas_traces *t = mem_alloc(sizeof(*t));

	t->clock = clock;
	pthread_mutex_init(&t->lock, NULL);
	t->of = table_new();
	return t;
}

static void tracing_free(struct eas_tracing *x)
{
	buf_release(&x->texts);
	buf_release(&x->request);
	buf_release(&x->answer);
	free(x);
}

static size_t size_of(const struct eas_tracing *x)
{
	return sizeof(*x) + x->texts.cap + x->request.cap + x->answer.cap;
}

static void drop_first(struct trace *t)
{
	struct eas_tracing *x = list_entry(t->exchanges.next, struct eas_tracing, node);

	list_remove(&x->node);
	t->bytes -= size_of(x);
	tracing_free(x);
}

static void trace_free(struct trace *t)
{
	if (!t)
		return;
	while (!list_empty(&t->exchanges))
		drop_first(t);
	free(t);
}

void eas_traces_free(struct eas_traces **tp)
{
	struct eas_traces *t = *tp;
	struct str key;
	size_t at = 0;
	void *one;

	if (!t)
		return;
	while (table_next(t->of, &at, &key, &one))
		trace_free(table_remove(t->of, key));
	table_free(&t->of);
	pthread_mutex_destroy(&t->lock);
	free(t);
	*tp = NULL;
}

/* ---- which devices; under the lock ---- */

static struct str key_of(const int64_t *device)
{
	return str_from(device, sizeof(*device));
}

static void forget_old(struct eas_traces *t, int64_t now_ms)
{
	struct str key;
	size_t at = 0;
	void *one;

	while (table_next(t->of, &at, &key, &one))
		if (now_ms - ((struct trace *)one)->until_ms >= EAS_TRACE_KEPT_MS)
			trace_free(table_remove(t->of, key));
	atomic_store(&t->n, table_count(t->of));
}

static enum err start(struct eas_traces *t, int64_t device, int64_t minutes, bool bodies)
{
	int64_t now_ms = clock_mono_ms(t->clock);
	struct trace *trace;

	forget_old(t, now_ms);
	if (!table_get(t->of, key_of(&device)) && table_count(t->of) >= EAS_TRACES_MAX)
		return ERR_LIMIT;
	trace = mem_alloc(sizeof(*trace));
	trace->bodies = bodies;
	trace->until_ms = now_ms + minutes * MS_A_MINUTE;
	list_init(&trace->exchanges);
	trace_free(table_set(t->of, key_of(&device), trace));
	atomic_store(&t->n, table_count(t->of));
	return ERR_OK;
}

enum err eas_trace_start(struct eas *eas, int64_t device, int64_t minutes, bool bodies)
{
	struct eas_traces *t = eas->traces;
	enum err e;

	if (minutes < 1 || minutes > EAS_TRACE_MINUTES_MAX)
		return ERR_LIMIT;
	pthread_mutex_lock(&t->lock);
	e = start(t, device, minutes, bodies);
	pthread_mutex_unlock(&t->lock);
	return e;
}

enum err eas_trace_stop(struct eas *eas, int64_t device)
{
	struct eas_traces *t = eas->traces;
	struct trace *trace;

	pthread_mutex_lock(&t->lock);
	trace = table_remove(t->of, key_of(&device));
	atomic_store(&t->n, table_count(t->of));
	pthread_mutex_unlock(&t->lock);
	trace_free(trace);
	return trace ? ERR_OK : ERR_NOT_FOUND;
}

enum err eas_trace_read(struct eas *eas, int64_t device, struct eas_trace_state *ret,
			void (*each)(void *ctx, const struct eas_traced *t), void *ctx)
{
	struct eas_traces *t = eas->traces;
	struct trace *trace;
	int64_t left_ms;

	pthread_mutex_lock(&t->lock);
	forget_old(t, clock_mono_ms(t->clock));
	trace = table_get(t->of, key_of(&device));
	if (trace) {
		left_ms = trace->until_ms - clock_mono_ms(t->clock);
		*ret = (struct eas_trace_state){ .runs = left_ms > 0,
						 .bodies = trace->bodies,
						 .left_ms = left_ms > 0 ? left_ms : 0,
						 .dropped = trace->dropped };
		list_for_each (it, &trace->exchanges)
			each(ctx, &list_entry(it, struct eas_tracing, node)->seen);
	}
	pthread_mutex_unlock(&t->lock);
	return trace ? ERR_OK : ERR_NOT_FOUND;
}

/* Is it traced, and with its contents? */
static bool is_traced(struct eas_traces *t, int64_t device, bool *ret_bodies)
{
	const struct trace *trace;
	bool runs;

	if (device == 0 || atomic_load_explicit(&t->n, memory_order_relaxed) == 0)
		return false;
	pthread_mutex_lock(&t->lock);
	trace = table_get(t->of, key_of(&device));
	runs = trace && clock_mono_ms(t->clock) < trace->until_ms;
	if (runs)
		*ret_bodies = trace->bodies;
	pthread_mutex_unlock(&t->lock);
	return runs;
}

static void keep(struct eas_traces *t, int64_t device, struct eas_tracing *x)
{
	struct trace *trace;

	pthread_mutex_lock(&t->lock);
	trace = table_get(t->of, key_of(&device));
	if (trace && trace->bodies >= x->bodies) { /* not one with contents in a trace without */
		list_append(&trace->exchanges, &x->node);
		trace->bytes += size_of(x);
		for (; trace->bytes > EAS_TRACE_MAX_BYTES; trace->dropped++)
			drop_first(trace);
		x = NULL;
	}
	pthread_mutex_unlock(&t->lock);
	if (x)
		tracing_free(x);
}

/* ---- documents ---- */

static bool is_protocol_page(uint8_t page)
{
	static const uint16_t pages[] = { TAG_AIRSYNC_SYNC,
					  TAG_MOVE_MOVEITEMS,
					  TAG_GETITEMESTIMATE_GETITEMESTIMATE,
					  TAG_FOLDERHIERARCHY_FOLDERSYNC,
					  TAG_PING_PING,
					  TAG_PROVISION_PROVISION };

	for (size_t i = 0; i < countof(pages); i++)
		if (pages[i] >> PAGE_SHIFT == page)
			return true;
	return false;
}

/* What makes the protocol go, and nobody's words, names, numbers or passwords. */
static bool is_protocol(uint16_t tag)
{
	static const uint16_t others[] = {
		TAG_AIRSYNCBASE_TYPE,
		TAG_AIRSYNCBASE_TRUNCATIONSIZE,
		TAG_AIRSYNCBASE_ALLORNONE,
		TAG_AIRSYNCBASE_TRUNCATED,
		TAG_AIRSYNCBASE_ESTIMATEDDATASIZE,
		TAG_AIRSYNCBASE_NATIVEBODYTYPE,
		TAG_ITEMOPERATIONS_STATUS,
		TAG_ITEMOPERATIONS_RANGE,
		TAG_ITEMOPERATIONS_TOTAL,
		TAG_ITEMOPERATIONS_STORE,
		TAG_SEARCH_STATUS,
		TAG_SEARCH_RANGE,
		TAG_SEARCH_TOTAL,
		TAG_SEARCH_NAME,
		TAG_SETTINGS_STATUS,
		TAG_SETTINGS_MODEL,
		TAG_SETTINGS_OS,
		TAG_SETTINGS_USERAGENT,
		TAG_COMPOSEMAIL_STATUS,
		TAG_COMPOSEMAIL_CLIENTID,
		TAG_COMPOSEMAIL_FOLDERID,
		TAG_COMPOSEMAIL_ITEMID,
		TAG_RESOLVERECIPIENTS_STATUS,
		TAG_VALIDATECERT_STATUS,
		TAG_FIND_STATUS,
		TAG_FIND_RANGE,
		TAG_FIND_TOTAL,
		TAG_EMAIL_READ,
		TAG_EMAIL_MESSAGECLASS,
	};

	if (tag == TAG_FOLDERHIERARCHY_DISPLAYNAME)
		return false;
	for (size_t i = 0; i < countof(others); i++)
		if (others[i] == tag)
			return true;
	return is_protocol_page((uint8_t)(tag >> PAGE_SHIFT));
}

static void put_document(const struct eas_tracing *x, struct buf *out, struct str doc)
{
	CLEANUP(buf_release) struct buf xml = BUF_INIT(EAS_TRACE_DOCUMENT_MAX);
	struct wbxml_reader r;
	enum err e;

	wbxml_reader_init(&r, doc);
	r.octets = true;
	e = wbxml_to_masked_xml(&r, x->bodies ? NULL : is_protocol, &xml);
	buf_str(out, buf_view(&xml));
	if (r.why)
		buf_fmt(out, "[octet %zu of %zu: %s]\n", r.at, doc.n, wbxml_why_text(r.why));
	else if (e)
		buf_fmt(out, "\n[cut: the document has %zu octets]\n", doc.n);
}

static bool is_document(struct str type)
{
	return str_eq(type, EAS_CONTENT_TYPE_WBXML);
}

/* ---- exchanges ---- */

static struct str short_of(struct str s)
{
	return str_slice(s, 0, s.n < TEXT_MAX ? s.n : TEXT_MAX);
}

/* There is room for all of them, so that none moves. */
static struct str put_text(struct buf *texts, struct str s)
{
	size_t at = texts->n;

	buf_str(texts, s);
	return str_from(texts->p + at, s.n);
}

/* Nothing that proves who it is. */
static void put_headers(struct buf *out, const struct http_request *http)
{
	static const char *const names[] = { "Content-Type",    "Content-Length",  "Content-Encoding",     "Accept",
					     "Accept-Encoding", "Accept-Language", "MS-ASAcceptMultiPart", "Expect" };

	for (size_t i = 0; i < countof(names); i++) {
		struct str value = http_header(http, names[i]);

		if (value.p && out->n + strlen(names[i]) + value.n + 3 <= TEXT_MAX)
			buf_fmt(out, "%s: " STR_FMT "\n", names[i], STR_ARG(value));
	}
}

static void put_facts(struct eas_tracing *x, const struct eas_request *rq)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(POLICY_KEY_DIGITS);
	CLEANUP(buf_release) struct buf headers = BUF_INIT(TEXT_MAX);
	struct eas_traced *t = &x->seen;
	struct str *const to[] = { &t->command,    &t->query,  &t->version, &t->user_agent,
				   &t->policy_key, &t->access, &t->headers };
	struct str from[countof(to)];
	size_t n = 0;

	if (rq->has_policy_key)
		buf_u64(&key, rq->policy_key);
	from[0] = str_of(rq->command->name);
	from[1] = short_of(rq->http->query);
	from[2] = eas_version_text(rq->version);
	from[3] = short_of(http_header(rq->http, "User-Agent"));
	from[4] = buf_view(&key);
	from[5] = str_of(access_level_text(rq->access));
	put_headers(&headers, rq->http);
	from[6] = buf_view(&headers);
	for (size_t i = 0; i < countof(to); i++)
		n += from[i].n;
	if (!buf_reserve(&x->texts, n)) /* the bounds of each make room for all */
		return;
	for (size_t i = 0; i < countof(to); i++)
		*to[i] = put_text(&x->texts, from[i]);
}

void eas_trace_request(struct eas_request *rq)
{
	struct eas_tracing *x;
	bool bodies;

	if (rq->tracing || !is_traced(rq->eas->traces, rq->device.id, &bodies))
		return;
	x = mem_alloc(sizeof(*x));
	list_init(&x->node);
	x->bodies = bodies;
	x->began_ms = clock_mono_ms(rq->eas->clock);
	x->seen.at_ms = clock_wall_ms(rq->eas->clock);
	x->texts = BUF_INIT(7 * TEXT_MAX);
	x->request = BUF_INIT(EAS_TRACE_DOCUMENT_MAX + TEXT_MAX);
	x->answer = BUF_INIT(EAS_TRACE_DOCUMENT_MAX + TEXT_MAX);
	put_facts(x, rq);
	if (rq->body.n && (unsigned char)rq->body.p[0] < ' ') /* a message begins with a name */
		put_document(x, &x->request, rq->body);
	else if (rq->body.n)
		buf_fmt(&x->request, "[%zu octets]\n", rq->body.n);
	rq->tracing = x;
}

void eas_trace_answer(struct eas_request *rq, const struct http_response *resp)
{
	struct eas_tracing *x = rq->tracing;

	if (!x)
		return;
	x->seen.status = resp->status;
	buf_clear(&x->answer);
	if (resp->in_file)
		buf_fmt(&x->answer, "[a file of %llu octets]\n", (unsigned long long)resp->file_size);
	else if (resp->body.n && is_document(resp->content_type))
		put_document(x, &x->answer, buf_view(&resp->body));
	else if (resp->body.n)
		buf_fmt(&x->answer, "[%zu octets of " STR_FMT "]\n", resp->body.n, STR_ARG(resp->content_type));
}

void eas_trace_end(struct eas_request *rq, bool written)
{
	struct eas_tracing *x = rq->tracing;

	if (!x)
		return;
	rq->tracing = NULL;
	x->seen.took_ms = clock_mono_ms(rq->eas->clock) - x->began_ms;
	x->seen.written = written;
	x->seen.request = buf_view(&x->request);
	x->seen.answer = buf_view(&x->answer);
	keep(rq->eas->traces, rq->device.id, x);
}
