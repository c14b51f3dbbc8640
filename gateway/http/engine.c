/*
 * libmicrohttpd inside a loop: it is run by the loop's own thread whenever its epoll set says so (no thread of its own,
 * no listening socket), reads requests from one end of a socketpair and writes answers to it.
 */
#include <gateway/http/http_priv.h>

#include <base/log.h>
#include <base/mem.h>

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	/* Twice the longest head: libmicrohttpd keeps its table of fields in the same memory. Only while active. */
	ENGINE_MEMORY_BYTES = 2 * HTTP_MAX_HEADER_BYTES,
	ENGINE_LOG_MAX = 512,
};

static void engine_log(void *unused, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Its messages are about peers' mistakes and about socketpairs not being TCP: noise but for a debugger. */
static void engine_log(void *unused, const char *fmt, va_list ap)
{
	struct buf text = BUF_INIT(ENGINE_LOG_MAX);

	(void)unused;
	if (!log_wanted(LOG_LEVEL_DEBUG))
		return;
	buf_vfmt(&text, fmt, ap);
	log_debug("http_engine", "said=%s", log_quote(str_trim(buf_view(&text))).text);
	buf_release(&text);
}

static struct http_conn *conn_of(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The target as it came; libmicrohttpd decodes it in place after this. */
static void *keep_uri(void *unused, const char *uri, struct MHD_Connection *mhd)
{
	struct http_conn *c = conn_of(mhd);

	(void)unused;
	free(c->uri);
	c->uri = mem_cstr(uri);
	return NULL;
}

/* What is wrong with a request by its head alone; 0 nothing. *ret_cut: its body is not worth waiting for. */
static int judge_head(struct http_exchange *ex, bool *ret_cut)
{
	const struct http_server_args *args = &ex->server->args;
	struct str coding = http_header(&ex->r, "Content-Encoding");

	*ret_cut = ex->chunked || ex->length > HTTP_DISCARD_MAX || http_header(&ex->r, "Expect").p;
	ex->route = route_find(args->routes, args->routes_n, ex->r.path);
	ex->body.max = route_max_body(ex->route, args->max_body);
	if (!ex->chunked && ex->length > ex->body.max)
		return 413;
	if (!ex->route)
		return 404;
	if (!route_allows(ex->route, ex->r.method))
		return 405;
	if (coding.p && !str_ieq(coding, S("gzip")) && !str_ieq(coding, S("x-gzip")))
		return 415;
	return 0;
}

/* Cuts the engine's connection; the refusal is written by the connection itself. */
static enum MHD_Result refuse(struct http_exchange *ex, int status)
{
	exchange_refused(ex, status);
	ex->conn->refuse = status;
	return MHD_NO;
}

/* Others' memory is not for whoever comes: neither that of a large body, nor what a small one unpacks to. */
static bool needs_leave(const struct http_exchange *ex)
{
	return ex->route && ex->route->doorman &&
	       (ex->chunked || ex->length > HTTP_STRANGER_BODY_MAX || http_header(&ex->r, "Content-Encoding").p);
}

static enum MHD_Result read_on(struct http_conn *c, struct http_exchange *ex)
{
	/* Other readings of the same bytes are not risked: what is left over of this one is not forwarded. */
	c->unmeasured |= ex->chunked;
	c->allowed = c->unmeasured ? UINT64_MAX : ex->head_n + ex->length;
	conn_kick(c);
	return MHD_YES;
}

/* Suspended before libmicrohttpd has told the client to go on (100): who is sent away has sent nothing. */
static enum MHD_Result ask_doorman(struct http_conn *c, struct http_exchange *ex, struct MHD_Connection *mhd)
{
	conn_request_read(c);
	if (!exchange_to_doorman(ex))
		return refuse(ex, 503);
	c->suspended = true;
	MHD_suspend_connection(mhd);
	return MHD_YES;
}

static enum MHD_Result admitted(struct http_conn *c, struct http_exchange *ex)
{
	ex->phase = EXCHANGE_READING;
	ex->unread = false;
	if (ex->lane->stopping)
		return refuse(ex, 503);
	conn_read_on(c);
	return read_on(c, ex);
}

static enum MHD_Result begin(struct http_conn *c, struct MHD_Connection *mhd, const char *method, const char *version)
{
	struct http_exchange *ex = exchange_new(c);
	struct http_head head = {
		method,
		version,
		c->uri ? c->uri : "",
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size,
	};
	bool cut;

	c->ex = ex;
	if (request_build(ex, mhd, &head))
		return refuse(ex, 400);
	free(c->uri);
	c->uri = NULL;
	c->is_head = ex->r.method == HTTP_HEAD;
	ex->early = judge_head(ex, &cut);
	if (ex->early && cut)
		return refuse(ex, ex->early);
	if (!ex->early && needs_leave(ex))
		return ask_doorman(c, ex, mhd);
	return read_on(c, ex);
}

static enum MHD_Result take_body(struct http_exchange *ex, const char *p, size_t *n)
{
	ex->body_n += *n;
	if (!ex->early && !exchange_count_body(ex, *n))
		return refuse(ex, 503);
	if (!ex->early)
		buf_put(&ex->body, p, *n);
	if (buf_status(&ex->body))
		return refuse(ex, 413);
	if (ex->early && ex->body_n > HTTP_DISCARD_MAX)
		return refuse(ex, ex->early);
	*n = 0;
	return MHD_YES;
}

/* Cuts the lines apart in place: libmicrohttpd wants each name and value as a C string. */
static void add_headers(struct MHD_Response *response, struct buf *headers)
{
	struct str rest = buf_view(headers), line, name;

	while (rest.n && str_cut(&rest, '\n', &line)) {
		struct str value = line;

		str_cut(&value, ':', &name);
		value = str_trim(value);
		headers->p[name.p + name.n - headers->p] = '\0';
		headers->p[value.p + value.n - headers->p] = '\0';
		if (MHD_add_response_header(response, name.p, value.p) != MHD_YES)
			log_warn("http_engine", "problem=\"header not taken\" name=%s", log_quote(name).text);
	}
}

/* The exchange outlives the engine's response, and so does a body in memory; a file is given away. */
static struct MHD_Response *response_new(struct http_response *answer)
{
	if (!answer->in_file)
		return MHD_create_response_from_buffer(answer->body.n, answer->body.p, MHD_RESPMEM_PERSISTENT);
	answer->in_file = false;
	return MHD_create_response_from_fd64(answer->file_size, answer->fd);
}

static enum MHD_Result queue_answer(struct http_exchange *ex, struct MHD_Connection *mhd)
{
	struct MHD_Response *response;
	enum MHD_Result rc;

	if (ex->silent)
		return MHD_NO;
	response = response_new(&ex->answer);
	if (!response)
		return MHD_NO;
	add_headers(response, &ex->answer.headers);
	if (ex->lane->stopping)
		(void)MHD_add_response_header(response, "Connection", "close");
	rc = MHD_queue_response(mhd, (unsigned)ex->answer.status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result complete(struct http_conn *c, struct http_exchange *ex, struct MHD_Connection *mhd)
{
	conn_request_read(c);
	if (ex->early) {
		exchange_answer_early(ex, ex->early);
		return queue_answer(ex, mhd);
	}
	exchange_submit(ex);
	if (ex->phase == EXCHANGE_ANSWERED)
		return queue_answer(ex, mhd);
	c->suspended = true;
	MHD_suspend_connection(mhd);
	return MHD_YES;
}

static enum MHD_Result access_handler(void *unused, struct MHD_Connection *mhd, const char *url, const char *method,
				      const char *version, const char *upload, size_t *upload_n, void **request)
{
	struct http_conn *c = conn_of(mhd);
	struct http_exchange *ex = *request;

	(void)unused;
	(void)url;
	if (c->give_up || !c->stream)
		return MHD_NO;
	if (!ex) {
		enum MHD_Result rc = begin(c, mhd, method, version);

		*request = c->ex;
		return rc;
	}
	if (ex->phase == EXCHANGE_ADMITTED)
		return admitted(c, ex);
	if (ex->phase == EXCHANGE_ANSWERED)
		return queue_answer(ex, mhd);
	if (*upload_n)
		return take_body(ex, upload, upload_n);
	return complete(c, ex, mhd);
}

/* The engine has done with a request, well or not. One that is being parked stays ours. */
static void request_completed(void *unused, struct MHD_Connection *mhd, void **request,
			      enum MHD_RequestTerminationCode code)
{
	struct http_exchange *ex = *request;
	struct http_conn *c = conn_of(mhd);

	(void)unused;
	*request = NULL;
	conn_kick(c);
	if (!ex || c->parking)
		return;
	c->ex = NULL;
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK) {
		exchange_finish(ex, false);
		return;
	}
	c->served = true;
	c->is_head = false;
	if (c->unmeasured)
		conn_take_answer(c);
	if (c->stream)
		stream_set_timeout(c->stream, HTTP_STALL_TIMEOUT_MS);
	c->consumed += ex->head_n + ex->body_n;
	list_append(&c->finishing, &ex->node);
}

static void connection_notified(void *arg, struct MHD_Connection *mhd, void **context,
				enum MHD_ConnectionNotificationCode code)
{
	struct http_lane *lane = arg;
	struct http_conn *c = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = lane->adding;
		lane->adding->mhd = mhd;
	} else if (c) {
		c->mhd = NULL;
		conn_kick(c);
	}
}

static void engine_run(struct deferred *d)
{
	struct http_lane *lane = container_of(d, struct http_lane, engine_turn);
	MHD_UNSIGNED_LONG_LONG timeout;

	MHD_run(lane->daemon);
	if (MHD_get_timeout(lane->daemon, &timeout) == MHD_YES && timeout == 0)
		loop_defer(lane->loop, d);
}

static void engine_ready(struct watch *w, uint32_t events)
{
	struct http_lane *lane = container_of(w, struct http_lane, engine);

	(void)events;
	loop_defer(lane->loop, &lane->engine_turn);
}

enum err engine_start(struct http_lane *lane)
{
	const unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;

	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)engine_log, NULL }, /* first: the others may log */
		{ MHD_OPTION_CONNECTION_MEMORY_LIMIT, ENGINE_MEMORY_BYTES, NULL },
		/* Those that close count too. */
		{ MHD_OPTION_CONNECTION_LIMIT, (intptr_t)(2 * lane->server->args.max_active), NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, 0, NULL }, /* times are the streams' */
		{ MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
		{ MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)keep_uri, NULL },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_completed, NULL },
		{ MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_notified, lane },
		{ MHD_OPTION_END, 0, NULL },
	};

	lane->daemon =
		MHD_start_daemon(flags, 0, NULL, NULL, access_handler, NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (!lane->daemon)
		return ERR_IO;
	deferred_init(&lane->engine_turn, engine_run);
	watch_init(&lane->engine, lane->loop, MHD_get_daemon_info(lane->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		   engine_ready);
	return watch_set(&lane->engine, EPOLLIN);
}

void engine_stop(struct http_lane *lane)
{
	if (!lane->daemon)
		return;
	watch_remove(&lane->engine);
	deferred_cancel(&lane->engine_turn);
	MHD_stop_daemon(lane->daemon);
	lane->daemon = NULL;
}

enum err engine_add(struct http_conn *c, int fd)
{
	struct http_lane *lane = c->lane;
	const struct sockaddr sa = { .sa_family = AF_UNIX };
	enum MHD_Result rc;

	lane->adding = c;
	rc = MHD_add_connection(lane->daemon, fd, &sa, sizeof(sa));
	lane->adding = NULL;
	loop_defer(lane->loop, &lane->engine_turn);
	return rc == MHD_YES && c->mhd ? ERR_OK : ERR_BUSY;
}

void engine_resume(struct http_conn *c)
{
	assert(c->suspended);
	c->suspended = false;
	MHD_resume_connection(c->mhd);
	loop_defer(c->lane->loop, &c->lane->engine_turn);
}
