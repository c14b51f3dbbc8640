/* The route: who asks, the envelope, the operation, and what is a fault. */
#include <gateway/ews/envelope.h>
#include <gateway/ews/operation.h>
#include <gateway/ews/types_availability.h>

#include <base/mem.h>
#include <gateway/login/login.h>

#include <assert.h>
#include <stdlib.h>

enum { BACK_OFF_MS = 30000, CLIENT_ID_MAX = 128 };

struct ews *ews_new(const struct ews_args *args)
{
	struct ews *e = mem_alloc(sizeof(*e));

	*e = (struct ews){ *args, EWS_MAX_DETAILS };
	return e;
}

void ews_free(struct ews **ep)
{
	free(*ep);
	*ep = NULL;
}

/* Clients that number their requests may want the number back. */
static void echo_client_id(const struct http_request *r, struct http_response *resp)
{
	struct str id = http_header(r, "client-request-id");

	if (!str_ieq(http_header(r, "return-client-request-id"), S("true")) || id.n > CLIENT_ID_MAX)
		return;
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] < ' ' || id.p[i] > '~')
			return;
	http_response_header(resp, "client-request-id", id);
}

/* A fault is HTTP 500 (SOAP 1.1, 6.2). */
static void respond(struct http_request *r, struct buf *body, int status)
{
	struct http_response resp;

	http_response_init(&resp, status, EWS_MAX_ANSWER);
	buf_release(&resp.body);
	resp.body = *body;
	*body = BUF_INIT(0);
	resp.content_type = S("text/xml; charset=utf-8");
	http_response_header(&resp, "Cache-Control", S("private"));
	echo_client_id(r, &resp);
	http_respond(r, &resp);
}

static void respond_fault(struct http_request *r, const struct ews_fault *fault)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(EWS_MAX_ANSWER);

	http_log_field(r, "fault", fault->code);
	ews_envelope_fault(&body, fault);
	respond(r, &body, 500);
}

static struct ews_fault fault_of(enum err e)
{
	static const struct {
		const char *code, *text;
	} texts[] = {
		[ERR_OK] = { "", "" },
		[ERR_NOT_FOUND] = { "ErrorInternalServerError", "An internal server error occurred." },
		[ERR_EXISTS] = { "ErrorInternalServerError", "An internal server error occurred." },
		[ERR_STALE] = { "ErrorInternalServerError", "An internal server error occurred." },
		[ERR_INVALID] = { "ErrorInvalidRequest", "The request is invalid." },
		[ERR_DENIED] = { "ErrorAccessDenied", "Access is denied." },
		[ERR_UNSUPPORTED] = { "ErrorInvalidOperation", "The operation is not supported." },
		[ERR_LIMIT] = { "ErrorDataSizeLimitExceeded", "The request or its answer is too large." },
		[ERR_BUSY] = { "ErrorServerBusy",
			       "The server cannot service this request right now. Try again later." },
		[ERR_FULL] = { "ErrorQuotaExceeded", "There is no room left." },
		[ERR_QUOTA] = { "ErrorQuotaExceeded", "There is no room left." },
		[ERR_CORRUPT] = { "ErrorInternalServerError", "An internal server error occurred." },
		[ERR_IO] = { "ErrorServerBusy", "The server cannot service this request right now. Try again later." },
	};
	static_assert(countof(texts) == ERR_MAX_, "a fault for every enum err");

	return (struct ews_fault){ str_of(texts[e].code), str_of(texts[e].text),
				   e == ERR_BUSY || e == ERR_IO ? BACK_OFF_MS : 0 };
}

/* True: *fault is what is wrong with the frame. */
static bool refuse_frame(struct http_request *r, struct ews_envelope *envelope, struct ews_fault *fault)
{
	enum err e = ews_envelope_read(r->arena, r->body, envelope);

	if (e == ERR_INVALID)
		*fault = (struct ews_fault){ S("ErrorSchemaValidation"),
					     S("The request failed schema validation: it is no SOAP envelope."), 0 };
	else if (e)
		*fault = fault_of(e);
	else if (envelope->version.p && !ews_version_is_known(envelope->version))
		*fault = (struct ews_fault){ S("ErrorInvalidServerVersion"),
					     S("The specified server version is invalid."), 0 };
	else
		return false;
	return true;
}

static enum err answer(struct ews_call *c, const struct ews_operation *op, const struct xml_node *node, struct buf *out,
		       struct str *ret_why)
{
	void *request, *result;
	struct xml_writer w;

	TRY(ews_read(c->arena, node, op->request_type, &request, ret_why));
	result = ews_new_struct(c->arena, op->answer_type);
	if (!result)
		return ERR_LIMIT;
	TRY(op->run(c, request, result));
	ews_envelope_begin(&w, out);
	ews_write(&w, op->answer, op->answer_type, result);
	xml_end(&w);
	return buf_status(out);
}

static struct ews_fault fault_of_schema(struct arena *a, struct str why)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2048);
	struct ews_fault fault = { S("ErrorSchemaValidation"), S("The request failed schema validation."), 0 };

	buf_fmt(&text, "The request failed schema validation: " STR_FMT, STR_ARG(why));
	if (arena_str(a, buf_view(&text), &fault.text))
		fault.text = S("The request failed schema validation.");
	return fault;
}

static void run(struct ews *ews, struct http_request *r, const struct auth_identity *who)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(EWS_MAX_ANSWER);
	struct ews_call call = { .ews = ews, .arena = r->arena, .who = who };
	const struct ews_operation *op;
	struct ews_envelope envelope;
	struct str why = STR_EMPTY;
	struct ews_fault fault;
	enum err e;

	if (refuse_frame(r, &envelope, &fault)) {
		respond_fault(r, &fault);
		return;
	}
	call.zone = envelope.zone;
	op = ews_operation_find(envelope.operation->name);
	http_log_field(r, "operation", str_slice(envelope.operation->name, 0, CLIENT_ID_MAX));
	e = op ? answer(&call, op, envelope.operation, &out, &why) : ERR_UNSUPPORTED;
	if (!e) {
		respond(r, &out, 200);
		return;
	}
	fault = why.p ? fault_of_schema(r->arena, why) : fault_of(e);
	if (call.refused.code)
		fault = (struct ews_fault){ str_of(call.refused.code), str_of(call.refused.text), 0 };
	respond_fault(r, &fault);
}

static bool authenticate(struct ews *ews, struct http_request *r, struct auth_identity *ret)
{
	return login_basic(r, &(struct login_gate){ .auth = ews->args.auth, .service = AUTH_EWS }, ret);
}

static void handle(struct http_request *r, struct worker *w, void *ctx)
{
	struct ews *ews = ctx;
	struct auth_identity who;

	(void)w;
	if (authenticate(ews, r, &who))
		run(ews, r, &who);
}

static void doorman(struct http_request *r, struct worker *w, void *ctx)
{
	struct auth_identity who;

	(void)w;
	if (authenticate(ctx, r, &who))
		http_admit(r);
}

void ews_routes(struct ews *e, struct http_route ret[EWS_ROUTES])
{
	ret[0] = (struct http_route){ EWS_HTTP_PATH, 1u << HTTP_POST, handle, e, EWS_MAX_BODY, doorman };
}
