/* The exchange of one command, with what MS-ASHTTP says of its response. */
#include "phone.h"

#include "fault.h"
#include "trace.h"

/* What a person needs to know of a status that is not 200 (MS-ASHTTP 2.2.2.1.1). */
static const struct {
	int status;
	const char *text;
} refusals[] = {
	{ 400, "the server takes the request for malformed" },
	{ 401, "the server refuses the login" },
	{ 403, "the server does not let this account or device synchronise" },
	{ 404, "there is no ActiveSync at this address" },
	{ 449, "the server wants this device to provision first" },
	{ 451, "the server sends this device elsewhere" },
	{ 500, "the server failed" },
	{ 501, "the server does not know this command" },
	{ 503, "the server is too busy" },
	{ 505, "the server does not speak this version" },
	{ 507, "the mailbox is full" },
};

enum err phone_init(struct phone *p, const struct settings *s)
{
	*p = (struct phone){ .settings = *s,
			     .arena = ARENA_INIT(PHONE_MAX_ARENA_BYTES),
			     .unpacked = BUF_INIT(REPLY_MAX_BODY_BYTES),
			     .password = BUF_INIT(PHONE_MAX_PASSWORD_BYTES),
			     .why = BUF_INIT(FAULT_MAX_TEXT) };
	reply_init(&p->reply);
	TRY(settings_read_password(&p->settings, &p->password, &p->why));
	TRY(state_open(&p->state, s->store, &p->why));
	p->identity = p->settings.identity;
	p->identity.policy_key = p->state.policy_key;
	if (!p->identity.url.host.p)
		return ERR_OK; /* a command that needs no server */
	return endpoint_init(&p->wire.endpoint, &(struct endpoint_args){ p->identity.url, s->ca_file, s->insecure },
			     &p->why);
}

void phone_release(struct phone *p)
{
	wire_release(&p->wire);
	state_close(&p->state);
	arena_release(&p->arena);
	reply_release(&p->reply);
	buf_release(&p->unpacked);
	buf_release(&p->password);
	buf_release(&p->why);
}

struct doc phone_doc(struct phone *p)
{
	return (struct doc){ .version = p->identity.version, .arena = &p->arena, .why = &p->why };
}

static enum err check_status(struct phone *p)
{
	if (p->reply.status == 200)
		return ERR_OK;
	for (size_t i = 0; i < countof(refusals); i++)
		if (refusals[i].status == p->reply.status)
			return fault(&p->why, "HTTP status %d: %s", p->reply.status, refusals[i].text);
	return fault(&p->why, "HTTP status %d", p->reply.status);
}

/* MS-ASHTTP R199, R201: Content-Length always (or chunked), Content-Type where there is a body. */
static enum err check_headers(struct phone *p, struct str body)
{
	struct str type = reply_header(&p->reply, "Content-Type");

	if (!p->reply.has_length && !reply_header(&p->reply, "Transfer-Encoding").p)
		return fault(&p->why, "the response has neither Content-Length nor chunks");
	if (body.n == 0)
		return type.p ? fault(&p->why, "an empty response with Content-Type " STR_FMT, STR_ARG(type)) : ERR_OK;
	if (!str_ieq(type, p->identity.accepts_parts && p->command == COMMAND_ITEM_OPERATIONS
				   ? S("application/vnd.ms-sync.multipart")
				   : S("application/vnd.ms-sync.wbxml")))
		return fault(&p->why, "Content-Type is \"" STR_FMT "\"", STR_ARG(type));
	return ERR_OK;
}

static enum err talk(struct phone *p, const struct buf *request, uint32_t hold_s)
{
	bool cut = p->settings.cut != CUT_NEVER && ++p->posts == p->settings.cut_at;

	if (buf_status(request))
		return fault_err(&p->why, ERR_LIMIT, "the request grew too large");
	reply_release(&p->reply);
	reply_init(&p->reply);
	p->wire.timeout_ms = ((int64_t)p->settings.timeout_s + hold_s) * 1000;
	return exchange(&p->wire, buf_view(request), cut ? p->settings.cut : CUT_NEVER, &p->reply, &p->why);
}

enum err phone_options(struct phone *p)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT(REQUEST_MAX_BYTES);

	request_put_options(&request, &p->identity);
	TRY(talk(p, &request, 0));
	if (p->settings.verbose)
		trace_head(buf_view(&p->reply.head));
	return check_status(p);
}

static enum err take_body(struct phone *p, struct str *ret)
{
	buf_clear(&p->unpacked);
	if (reply_body(&p->reply, &p->unpacked, ret))
		return fault(&p->why, "the response's Content-Encoding is wrong");
	if (p->settings.verbose)
		trace_response(buf_view(&p->reply.head), *ret);
	TRY(check_status(p));
	return check_headers(p, *ret);
}

enum err phone_post(struct phone *p, enum command c, const struct buf *body, uint32_t hold_s, struct str *ret)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT(REQUEST_MAX_BYTES);

	arena_reset(&p->arena);
	p->command = c;
	if (body->err)
		return fault_err(&p->why, ERR_LIMIT, "the request grew too large");
	if (p->settings.verbose)
		trace_request(command_name(c), buf_view(body));
	request_put(&request, &p->identity, c, buf_view(body));
	TRY(talk(p, &request, hold_s));
	return take_body(p, ret);
}
