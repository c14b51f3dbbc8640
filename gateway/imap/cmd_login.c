/* LOGIN and AUTHENTICATE, over the login that all protocols of lines share (gateway/session/login.h). */
#include <gateway/imap/commands.h>

#include <base/log.h>
#include <gateway/imap/connections.h>

struct arguments {
	struct str login, password;
	struct str mechanism, initial; /* initial: .p NULL where there was none */
};

static struct arguments *arguments_new(struct imap_in *in, struct imap_command *c)
{
	struct arguments *a = arena_new(&c->arena, struct arguments);

	c->args = a;
	if (!a)
		in_fail(in, "too much to keep");
	in_sp(in);
	return a;
}

void imap_login_parse(struct imap_in *in, struct imap_command *c)
{
	struct arguments *a = arguments_new(in, c);

	if (!a)
		return;
	a->login = in_astring(in);
	in_sp(in);
	a->password = in_astring(in);
}

void imap_authenticate_parse(struct imap_in *in, struct imap_command *c)
{
	struct arguments *a = arguments_new(in, c);

	if (!a)
		return;
	a->mechanism = in_atom(in);
	if (!in_ok(in) || !in_try(in, ' '))
		return;
	a->initial = str_slice(in->text, in->at, in->text.n);
	in->at = in->text.n;
	if (!a->initial.n)
		in_fail(in, "an initial response is missing");
}

/* It holds a password, in whatever form. */
void imap_login_release(struct imap_command *c)
{
	if (c->raw.n)
		explicit_bzero(c->raw.p, c->raw.n);
}

/* RFC 5530. */
static const struct {
	enum imap_status status;
	const char *text;
} answers[] = {
	[LOGIN_DENIED] = { IMAP_NO, "[AUTHENTICATIONFAILED] wrong login or password" },
	[LOGIN_BUSY] = { IMAP_NO, IMAP_TEXT_BUSY },
	[LOGIN_FAILED] = { IMAP_NO, "[UNAVAILABLE] try again later" },
	[LOGIN_CANCELLED] = { IMAP_BAD, "given up" },
	[LOGIN_MALFORMED] = { IMAP_BAD, "malformed response" },
	[LOGIN_UNSUPPORTED] = { IMAP_NO, "[CANNOT] no such mechanism" },
};
_Static_assert(countof(answers) == LOGIN_RESULT_MAX_, "an answer for each");

static void logged_in(struct imap_command *c)
{
	struct imap_session *se = c->se;
	struct buf b = BUF_INIT(1024);

	se->account = se->login.identity.account;
	se->mailbox = se->login.identity.mailbox;
	if (!imap_connections_login(se)) {
		c->bye = true;
		imap_no(c, "[LIMIT] too many connections of this account");
		return;
	}
	imap_enter(se, IMAP_AUTHENTICATED);
	imap_reader_release(&se->reader);
	imap_reader_init(&se->reader, IMAP_MAX_COMMAND);
	log_info("imap_login", "peer=" STR_FMT " account=%lld tls=%d", STR_ARG(stream_peer(se->stream)),
		 (long long)se->account, stream_is_tls(se->stream));
	imap_put_capabilities(se, &b);
	imap_ok(c, "[" STR_FMT "] logged in", STR_ARG(buf_view(&b)));
	buf_release(&b);
	login_release(&se->login);
}

static void refused(struct imap_command *c, enum login_result result)
{
	struct imap_session *se = c->se;

	log_warn("imap_refused", "peer=" STR_FMT " result=%d", STR_ARG(stream_peer(se->stream)), (int)result);
	c->bye = result == LOGIN_DENIED && ++se->refused >= IMAP_MAX_LOGINS;
	if (answers[result].status == IMAP_BAD)
		imap_bad(c, "%s", answers[result].text);
	else
		imap_no(c, "%s", answers[result].text);
}

static bool response_line(struct imap_command *c);

/* What a step gave. True: the command has ended. */
static bool stepped(struct imap_command *c, enum login_result result)
{
	c->input = NULL;
	if (result == LOGIN_PENDING)
		return false;
	if (result == LOGIN_CHALLENGE) {
		buf_cstr(&c->se->out, "+ ");
		buf_str(&c->se->out, buf_view(&c->se->login.challenge));
		buf_cstr(&c->se->out, "\r\n");
		imap_flush(c->se);
		c->input = response_line;
		return false;
	}
	if (result == LOGIN_GOOD)
		logged_in(c);
	else
		refused(c, result);
	return true;
}

static bool response_line(struct imap_command *c)
{
	struct str in = imap_input(c->se), line;
	size_t end = str_index(in, '\n');
	struct buf copy = BUF_INIT(IMAP_INPUT_BYTES);
	enum login_result result;

	if (end == in.n && in.n <= SASL_MAX_BASE64_BYTES)
		return false;
	line = str_slice(in, 0, end);
	if (str_ends(line, S("\r")))
		line.n--;
	buf_str(&copy, line);
	imap_consume(c->se, end == in.n ? in.n : end + 1);
	result = login_line(&c->se->login, copy.n ? buf_view(&copy) : S(""));
	if (copy.n)
		explicit_bzero(copy.p, copy.n);
	buf_release(&copy);
	if (stepped(c, result))
		imap_command_end(c);
	return false;
}

void imap_login_done(struct login *l, enum login_result result)
{
	struct imap_session *se = container_of(l, struct imap_session, login);
	struct imap_command *c = se->command;

	if (stepped(c, result))
		imap_command_end(c);
	else
		imap_take_input(se);
}

static enum imap_next begun(struct imap_command *c, enum login_result result)
{
	return stepped(c, result) ? IMAP_FINISHED : IMAP_HELD;
}

static enum imap_next only_tls(struct imap_command *c)
{
	return imap_no(c, "[PRIVACYREQUIRED] begin TLS first");
}

enum imap_next imap_login(struct imap_command *c)
{
	const struct arguments *a = c->args;

	if (!login_allowed(&c->se->login))
		return only_tls(c);
	return begun(c, login_password(&c->se->login, a->login, a->password));
}

enum imap_next imap_authenticate(struct imap_command *c)
{
	const struct arguments *a = c->args;

	if (!login_allowed(&c->se->login))
		return only_tls(c);
	return begun(c, login_begin(&c->se->login, a->mechanism, a->initial));
}
