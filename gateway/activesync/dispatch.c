/* Changes with what is asked of every request before its command runs, and in which order. */
#include <gateway/activesync/command.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/activesync/device.h>
#include <gateway/activesync/device_activity.h>
#include <gateway/activesync/hold.h>
#include <gateway/activesync/issued.h>
#include <gateway/activesync/loop_guard.h>
#include <gateway/activesync/quarantine.h>
#include <gateway/activesync/query.h>
#include <gateway/activesync/respond.h>
#include <gateway/activesync/trace.h>
#include <gateway/login/login.h>
#include <push/push.h>
#include <store/ceiling.h>
#include <store/device.h>
#include <store/redirect.h>
#include <store/store.h>

#include <stdlib.h>

struct eas *eas_new(const struct eas_args *args)
{
	struct eas *eas = mem_alloc(sizeof(*eas));

	*eas = (struct eas){
		.store = args->store,
		.push = args->push,
		.auth = args->auth,
		.sender = args->sender,
		.clock = args->clock,
		.config = args->config,
		.issued = eas_issued_new(),
		.loops = eas_loops_new(),
		.throttle = eas_throttle_new(&args->config.throttle),
		.activities = eas_activities_new(),
		.traces = eas_traces_new(args->clock),
	};
	return eas;
}

void eas_free(struct eas **ep)
{
	if (*ep) {
		eas_issued_free(&(*ep)->issued);
		eas_loops_free(&(*ep)->loops);
		eas_throttle_free(&(*ep)->throttle);
		eas_activities_free(&(*ep)->activities);
		eas_traces_free(&(*ep)->traces);
	}
	free(*ep);
	*ep = NULL;
}

/* What the directory says of an account before any of its commands runs. */
struct standing {
	struct eas_versions offered;
	struct redirect redirect;
};

static enum err read_standing(struct eas *eas, struct arena *arena, int64_t account, struct str device_id,
			      struct standing *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	unsigned ceiling;

	TRY(store_begin(eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(ceiling_of(tx, account, device_id, &ceiling));
	ret->offered = eas_versions_between(eas->config.min_version, eas->config.max_version, ceiling);
	return redirect_get(arena, tx, account, &ret->redirect);
}

/*
 * The mailbox is elsewhere (MS-ASHTTP_R183, R268). 451 came with 12.1; a phone of before hears 403, after which it may look
 * for its server again. Without a URL it looks by Autodiscover (MS-ASHTTP_R272), which knows the address.
 */
static void respond_elsewhere(struct http_request *r, const struct redirect *to, bool knows_451)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(REDIRECT_URL_MAX + sizeof(EAS_HTTP_PATH));
	struct http_response resp;

	eas_response_init(&resp, knows_451 ? 451 : 403);
	if (to->url.n > 0 && knows_451) {
		buf_fmt(&url, STR_FMT "%s", STR_ARG(to->url), EAS_HTTP_PATH);
		http_response_header(&resp, "X-MS-Location", buf_view(&url)); /* MS-ASHTTP_R285 */
	}
	http_log_field(r, "elsewhere", to->url.n ? to->url : to->address);
	http_respond(r, &resp);
}

/* MS-ASHTTP_R1107. A phone that tells who it is, which it need not, is told of its own ceiling. */
static void respond_options(struct eas *eas, struct http_request *r, struct worker *w, const struct auth_identity *who,
			    struct str device_id)
{
	struct standing standing;
	struct http_response resp;
	enum err e;

	e = read_standing(eas, w->arena, who->account, device_id, &standing);
	if (e) {
		eas_respond_http(r, eas_status_http(eas_status_of_err(e)));
		return;
	}
	if (redirect_is_set(&standing.redirect)) {
		respond_elsewhere(r, &standing.redirect, true);
		return;
	}
	eas_response_init(&resp, 200);
	eas_offer(&resp, standing.offered);
	http_respond(r, &resp);
}

/*
 * A version that this device is not offered, though it may have been: MS-ASHTTP 2.2.2.1.2.9 has a header that makes a
 * phone ask for the versions again.
 */
static void respond_other_versions(struct http_request *r, struct eas_versions offered)
{
	CLEANUP(buf_release) struct buf list = BUF_INIT(EAS_MAX_QUERY_BYTES);
	struct http_response resp;

	for (unsigned v = offered.from; v <= offered.to; v++) {
		buf_cstr(&list, list.n ? "," : "");
		buf_str(&list, eas_version_text((enum eas_version)v));
	}
	eas_response_init(&resp, eas_status_http(EAS_STATUS_VERSION_NOT_SUPPORTED));
	eas_offer(&resp, offered);
	http_response_header(&resp, "X-MS-RP", buf_view(&list));
	http_respond(r, &resp);
}

/* Requests that no version can be read of have no document to be answered in: HTTP statuses, in every version. */
static int find_command(const struct http_request *r, const struct eas_query *q, enum eas_version *ret_version,
			const struct eas_command **ret_command)
{
	struct str header = str_trim(http_header(r, "MS-ASProtocolVersion"));
	enum err e = q->base64 ? eas_query_version(q->version, ret_version) : eas_version_parse(header, ret_version);

	if (e != ERR_OK)
		return !q->base64 && str_eq(header, S("1.0")) ? 500 /* MS-ASCMD_R7559 */
							      : eas_status_http(EAS_STATUS_VERSION_NOT_SUPPORTED);
	*ret_command = q->base64 ? eas_command_by_code(q->code) : eas_command_by_name(q->command);
	return *ret_command ? 200 : eas_status_http(EAS_STATUS_COMMAND_NOT_SUPPORTED);
}

static uint32_t policy_key(const struct http_request *r, const struct eas_query *q)
{
	uint64_t key;

	if (q->base64)
		return q->policy_key;
	return str_to_u64(str_trim(http_header(r, "X-MS-PolicyKey")), UINT32_MAX, &key) == ERR_OK ? (uint32_t)key : 0;
}

static bool accepts_multipart(const struct http_request *r, const struct eas_query *q)
{
	if (q->base64)
		return q->options & EAS_OPTION_ACCEPT_MULTIPART;
	return str_ieq(str_trim(http_header(r, "MS-ASAcceptMultiPart")), S("T")); /* MS-ASHTTP_R154, R440 */
}

/* The arena and the query die with the job; the request outlives it in a hold. */
static struct str keep(char **at, struct str s)
{
	struct str kept = { *at, s.n };

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

static void request_finish(struct http_request *r, bool written)
{
	struct eas_request *rq = r->owner;

	if (rq->finish)
		rq->finish(rq, written);
	eas_trace_end(rq, written);
	http_response_release(&rq->response);
	free(rq);
}

static struct eas_request *request_new(struct eas *eas, struct http_request *r, const struct auth_identity *who,
				       const struct eas_query *q)
{
	struct eas_request *rq = mem_alloc(sizeof(*rq) + who->address.n + q->device_id.n + q->device_type.n);
	char *texts = (char *)(rq + 1);

	rq->http = r;
	rq->eas = eas;
	rq->account = who->account;
	rq->mailbox = who->mailbox;
	rq->address = keep(&texts, who->address);
	rq->grant = who->grant;
	rq->device.text_id = keep(&texts, q->device_id);
	rq->device.type = keep(&texts, q->device_type);
	rq->profile = eas_profile_of(q->device_type, http_header(r, "User-Agent"));
	rq->policy_key = policy_key(r, q);
	rq->has_policy_key = q->base64 || http_header(r, "X-MS-PolicyKey").p; /* base64 has no other way to say 0 */
	rq->accept_multipart = accepts_multipart(r, q);
	rq->body = r->body;
	r->owner = rq;
	r->on_finish = request_finish;
	return rq;
}

/* A gate gives EAS_STATUS_OK, or the common status that is answered. */
typedef unsigned eas_gate(struct eas_request *rq);

static unsigned gate_version(struct eas_request *rq)
{
	return rq->version >= rq->command->from && rq->version <= rq->command->to ? EAS_STATUS_OK
										  : EAS_STATUS_VERSION_NOT_SUPPORTED;
}

static bool is_mime(const struct eas_request *rq)
{
	return rq->command->flags & EAS_MIME_BEFORE_14 && rq->version < EAS_14_0;
}

/* "application/vnd.ms-sync.wbxml" or its short form, with or without parameters; a body without a type is taken. */
static unsigned gate_content_type(struct eas_request *rq)
{
	struct str type = http_header(rq->http, "Content-Type");

	if (rq->body.n == 0) /* MS-ASHTTP_R407 */
		return rq->command->flags & EAS_EMPTY_BODY_OK && rq->version >= rq->command->empty_from
			       ? EAS_STATUS_OK
			       : EAS_STATUS_INVALID_CONTENT;
	if (rq->command->flags & EAS_NO_DOCUMENT)
		return EAS_STATUS_OK;
	if (!type.p)
		return EAS_STATUS_OK;
	type = str_trim(str_slice(type, 0, str_index(type, ';')));
	if (is_mime(rq)) /* MS-ASCMD_R7541 */
		return str_ieq(type, S("message/rfc822")) ? EAS_STATUS_OK : EAS_STATUS_INVALID_CONTENT;
	if (str_ieq(type, S("application/vnd.ms-sync.wbxml")) || str_ieq(type, S("application/vnd.ms-sync")))
		return EAS_STATUS_OK;
	return EAS_STATUS_INVALID_CONTENT; /* MS-ASCMD_R4813 */
}

static unsigned gate_document(struct eas_request *rq)
{
	if (rq->body.n == 0 || rq->command->flags & EAS_NO_DOCUMENT || is_mime(rq))
		return EAS_STATUS_OK;
	wbxml_reader_init(&rq->reader, rq->body);
	if (wbxml_root(&rq->reader, rq->command->root) != ERR_OK) /* MS-ASCMD_R4815, R4817 */
		return rq->reader.why != WBXML_OK ? EAS_STATUS_INVALID_WBXML : EAS_STATUS_INVALID_XML;
	rq->root = wbxml_enter(&rq->reader);
	return EAS_STATUS_OK;
}

static eas_gate *const gates[] = {
	gate_version,
	eas_gate_device,
	gate_content_type,
	gate_document,
};

static void run(struct eas_request *rq)
{
	for (size_t i = 0; i < countof(gates); i++) {
		unsigned status = gates[i](rq);

		if (status != EAS_STATUS_OK) {
			eas_trace_request(rq);
			eas_respond_status(rq, status);
			return;
		}
	}
	eas_trace_request(rq);
	if (rq->command->flags & EAS_HOLDS)
		eas_hold_supersede(rq->eas, rq->device.id, rq->command);
	if (rq->access == ACCESS_ALLOW)
		rq->command->handler(rq);
	else
		eas_quarantine(rq);
}

/* Of requests as well that go no further: what a phone asked for in vain is what one looks for in the log. */
static void log_query(struct http_request *r, const struct eas_query *q)
{
	const struct eas_command *command = q->base64 ? eas_command_by_code(q->code) : eas_command_by_name(q->command);

	http_log_field(r, "device", q->device_id);
	if (command)
		http_log_field(r, "cmd", str_of(command->name));
	else if (!q->base64)
		http_log_field(r, "cmd", q->command);
}

/* True: turned away, and answered. */
static bool is_throttled(struct eas *eas, struct http_request *r, const struct auth_identity *who,
			 const struct eas_query *q)
{
	const struct eas_throttle_request asked = { .account = who->account,
						    .device_id = q->device_id,
						    .user_agent = http_header(r, "User-Agent"),
						    .query = r->query,
						    .body = r->body,
						    .now_ms = clock_mono_ms(eas->clock) };
	struct http_response resp;
	unsigned retry_s;
	bool begins;
	const char *reason = eas_throttle_ask(eas->throttle, &asked, &retry_s, &begins);

	if (!reason)
		return false;
	if (begins)
		log_warn("throttled", "user=%s device=%s reason=%s seconds=%u", log_quote(who->address).text,
			 log_quote(q->device_id).text, reason, retry_s);
	http_log_field(r, "throttled", str_of(reason));
	eas_response_init_retry(&resp, retry_s);
	http_response_header(&resp, "X-MS-ASThrottle", str_of(reason)); /* MS-ASHTTP_R9052 */
	http_respond(r, &resp);
	return true;
}

/* What comes before the command is known; acts: push_acts() before the login. */
struct asked {
	struct eas_query query;
	bool malformed;
	struct str device; /* of the query, where it is one */
	uint64_t acts;
};

static void read_query(const struct http_request *r, struct worker *w, struct asked *asked)
{
	asked->malformed = eas_query_parse(w->arena, r->query, &asked->query) != ERR_OK;
	if (!asked->malformed && device_id_valid(asked->query.device_id))
		asked->device = asked->query.device_id;
}

static bool authenticate(struct eas *eas, struct http_request *r, const struct asked *asked, struct auth_identity *ret)
{
	return login_basic(r, &(struct login_gate){ eas->auth, AUTH_ACTIVESYNC, eas_response_init, asked->device },
			   ret);
}

void eas_doorman(struct http_request *r, struct worker *w, void *ctx)
{
	struct asked asked = { 0 };
	struct auth_identity who;

	read_query(r, w, &asked);
	if (authenticate(ctx, r, &asked, &who))
		http_admit(r);
}

static void post(struct eas *eas, struct http_request *r, struct worker *w, const struct auth_identity *who,
		 const struct asked *asked)
{
	const struct eas_query *q = &asked->query;
	const struct eas_command *command = NULL;
	struct standing standing;
	enum eas_version version;
	struct eas_request *rq;
	int status;

	if (asked->malformed) {
		eas_respond_http(r, 400);
		return;
	}
	log_query(r, q);
	if (is_throttled(eas, r, who, q))
		return;
	status = find_command(r, q, &version, &command);
	if (status == 200 && read_standing(eas, w->arena, who->account, q->device_id, &standing))
		status = eas_status_http(EAS_STATUS_SERVER_ERROR_RETRY);
	if (status == 200 && redirect_is_set(&standing.redirect)) {
		respond_elsewhere(r, &standing.redirect, version >= EAS_12_1);
		return;
	}
	if (status == 200 && !eas_version_within(standing.offered, version)) {
		respond_other_versions(r, standing.offered);
		return;
	}
	if (status == 200 && r->body.n > command->body_max)
		status = 413;
	if (status != 200) {
		eas_respond_http(r, status);
		return;
	}
	rq = request_new(eas, r, who, q);
	rq->offered = standing.offered;
	rq->attachment_name = q->attachment_name;
	rq->query = q;
	rq->acts = asked->acts;
	rq->version = version;
	rq->accept_multipart &= version >= EAS_12_1; /* the form came with it */
	rq->command = command;
	rq->worker = w;
	rq->arena = w->arena;
	http_log_field(r, "version", eas_version_text(version));
	if (*rq->profile->name)
		http_log_field(r, "profile", str_of(rq->profile->name));
	run(rq);
}

void eas_http(struct http_request *r, struct worker *w, void *ctx)
{
	struct eas *eas = ctx;
	struct asked asked = { .acts = push_acts(eas->push) };
	struct auth_identity who;

	read_query(r, w, &asked);
	if (!authenticate(eas, r, &asked, &who))
		return;
	if (r->method == HTTP_OPTIONS)
		respond_options(eas, r, w, &who, asked.device);
	else
		post(eas, r, w, &who, &asked);
}
