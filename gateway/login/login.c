/* The login of an HTTP request, and how it is refused. */
#include <gateway/login/login.h>

enum { RETRY_AFTER_S = 30, SECONDS_MAX_DIGITS = 20, REFUSAL_MAX_BODY = 0 };
#define CHALLENGE S("Basic realm=\"roost\", charset=\"UTF-8\"")

static void refusal_init(const struct login_gate *gate, struct http_response *resp, int status)
{
	if (gate->response_init)
		gate->response_init(resp, status);
	else
		http_response_init(resp, status, REFUSAL_MAX_BODY);
}

static void respond_unauthorized(struct http_request *r, const struct login_gate *gate)
{
	struct http_response resp;

	refusal_init(gate, &resp, 401); /* MS-ASHTTP_R178, R523 */
	http_response_header(&resp, "WWW-Authenticate", CHALLENGE);
	http_respond(r, &resp);
}

static void respond_later(struct http_request *r, const struct login_gate *gate, int64_t wait_ms)
{
	struct http_response resp;
	struct buf seconds = BUF_INIT(SECONDS_MAX_DIGITS);

	buf_i64(&seconds, wait_ms ? (wait_ms + 999) / 1000 : RETRY_AFTER_S);
	refusal_init(gate, &resp, 503);
	http_response_header(&resp, "Retry-After", buf_view(&seconds)); /* MS-ASHTTP_R287 */
	buf_release(&seconds);
	http_respond(r, &resp);
}

static void respond_failed(struct http_request *r, const struct login_gate *gate)
{
	struct http_response resp;

	refusal_init(gate, &resp, 500);
	http_respond(r, &resp);
}

bool login_basic(struct http_request *r, const struct login_gate *gate, struct auth_identity *ret)
{
	struct auth_attempt attempt = { .service = gate->service, .peer = r->peer, .device = gate->device };
	int64_t wait_ms = 0;
	enum err e;

	if (auth_basic_parse(r->arena, http_header(r, "Authorization"), &attempt.login, &attempt.password)) {
		respond_unauthorized(r, gate);
		return false;
	}
	e = auth_password(gate->auth, r->arena, &attempt, ret, &wait_ms);
	if (!e) {
		http_log_user(r, ret->account, ret->address);
		return true;
	}
	http_log_field(r, "login", attempt.login); /* whose client it is that keeps asking with an old password */
	if (e == ERR_DENIED)
		respond_unauthorized(r, gate);
	else if (e == ERR_BUSY || e == ERR_IO)
		respond_later(r, gate, wait_ms);
	else
		respond_failed(r, gate);
	return false;
}
