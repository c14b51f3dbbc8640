/* Logins: base64 and its dialogue here, verdicts on a worker, waiting by the loop's timer. */
#include <gateway/session/login.h>

#include <base/base64.h>
#include <base/mem.h>

#include <stdlib.h>

static const char *const protocols[] = { [AUTH_IMAP] = "imap", [AUTH_POP3] = "pop3", [AUTH_SUBMISSION] = "submission" };

void login_init(struct login *l, const struct login_service *service, struct stream *stream,
		void (*done)(struct login *l, enum login_result result))
{
	*l = (struct login){
		.service = service,
		.stream = stream,
		.done = done,
		.challenge = BUF_INIT(SASL_MAX_BASE64_BYTES),
		.login = BUF_INIT(AUTH_MAX_LOGIN_BYTES),
		.password = BUF_INIT(SASL_MAX_MESSAGE_BYTES),
		.message = BUF_INIT(SASL_MAX_MESSAGE_BYTES),
	};
	stream_serves(stream, protocols[service->service], 0);
}

static void wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_release(b);
}

/* What an attempt leaves behind, but for what it found. */
static void forget(struct login *l)
{
	auth_exchange_free(&l->exchange);
	wipe(&l->login);
	wipe(&l->password);
	wipe(&l->message);
	l->waited = l->resumes = l->has_message = false;
}

void login_release(struct login *l)
{
	if (!l->stream)
		return;
	timer_clear(stream_loop(l->stream), &l->timer);
	forget(l);
	buf_release(&l->challenge);
	free(l->address);
	l->address = NULL;
}

bool login_allowed(const struct login *l)
{
	return stream_is_tls(l->stream) || l->service->plain_ok;
}

static struct sasl_channel channel_of(const struct login *l)
{
	struct sasl_channel c = { .secure = login_allowed(l) };

	_Static_assert((int)SASL_BINDING_MAX_BYTES == (int)TLS_BINDING_MAX_BYTES, "what TLS gives, SASL takes");
	c.exporter.n = stream_tls_binding(l->stream, TLS_BINDING_EXPORTER, c.exporter.p);
	c.end_point.n = stream_tls_binding(l->stream, TLS_BINDING_END_POINT, c.end_point.p);
	return c;
}

void login_list(const struct login *l, const char *prefix, struct buf *out)
{
	struct sasl_channel c = channel_of(l);

	sasl_list(&c, prefix, out);
}

/* ---- on a worker ---- */

static struct auth_stepped check_password(struct login *l, struct arena *arena)
{
	struct auth_attempt attempt = { .service = l->service->service,
					.login = buf_view(&l->login),
					.password = buf_view(&l->password),
					.peer = stream_peer(l->stream),
					.waited = l->waited };
	struct auth_stepped s = { .step = AUTH_STEP_GOOD };

	s.error = auth_password(l->service->auth, arena, &attempt, &s.identity, &s.wait_ms);
	if (s.wait_ms)
		s.step = AUTH_STEP_WAIT;
	else if (s.error)
		s.step = AUTH_STEP_FAILED;
	return s;
}

static struct auth_stepped step_exchange(struct login *l, struct arena *arena, struct buf *out)
{
	struct str message = l->message.n ? buf_view(&l->message) : S("");

	if (l->resumes)
		return auth_exchange_resume(l->exchange, arena, out);
	return auth_exchange_put(l->exchange, arena, l->has_message ? message : STR_EMPTY, out);
}

/* Who changed the password in between has ended the sessions of the account that there were: this was none yet. */
static void confirm(struct login *l, struct arena *arena)
{
	l->stepped.error = auth_look_again(l->service->auth, arena, &l->identity);
	if (l->stepped.error)
		l->stepped.step = AUTH_STEP_FAILED;
}

static void run(struct stream_job *j, struct worker *w)
{
	struct login *l = container_of(j, struct login, job);
	struct buf raw = BUF_INIT(SASL_MAX_MESSAGE_BYTES);

	if (l->confirms) {
		confirm(l, w->arena);
		return;
	}
	l->stepped = l->exchange ? step_exchange(l, w->arena, &raw) : check_password(l, w->arena);
	buf_clear(&l->challenge);
	base64_put(&l->challenge, buf_view(&raw));
	if (l->stepped.step == AUTH_STEP_CHALLENGE && (buf_status(&raw) || buf_status(&l->challenge)))
		l->stepped.step = AUTH_STEP_MALFORMED;
	buf_release(&raw);
	if (l->stepped.step == AUTH_STEP_GOOD) { /* out of the worker's arena */
		struct str address = l->stepped.identity.address;

		free(l->address);
		l->address = mem_cstr_n(address.p, address.n);
		l->identity = l->stepped.identity;
		l->identity.address = str_of(l->address);
	}
}

/* ---- on the loop ---- */

static void finish(struct login *l, enum login_result result)
{
	if (result != LOGIN_CHALLENGE)
		forget(l);
	l->done(l, result);
}

static bool submit(struct login *l);

static void fire(struct timer *t)
{
	struct login *l = container_of(t, struct login, timer);
	enum login_result due = l->due;

	stream_resume(l->stream);
	if (due == LOGIN_PENDING) {
		l->waited = l->resumes = true;
		due = submit(l) ? LOGIN_PENDING : LOGIN_BUSY;
	}
	if (due != LOGIN_PENDING)
		finish(l, due);
}

/* LOGIN_PENDING: the same again. */
static void later(struct login *l, int64_t ms, enum login_result due)
{
	l->due = due;
	l->timer.fire = fire;
	stream_pause(l->stream);
	timer_set(stream_loop(l->stream), &l->timer, loop_now_ms(stream_loop(l->stream)) + ms);
}

/* Register, check, go on: whoever ends the account's sessions from here on ends this one. */
static void good(struct login *l)
{
	const char *protocol = protocols[l->service->service];

	if (l->confirms) {
		l->confirms = false;
		finish(l, LOGIN_GOOD);
		return;
	}
	stream_serves(l->stream, protocol, l->identity.account);
	l->confirms = true;
	if (submit(l))
		return;
	l->confirms = false;
	stream_serves(l->stream, protocol, 0);
	finish(l, LOGIN_BUSY);
}

static void job_done(struct stream_job *j)
{
	struct login *l = container_of(j, struct login, job);

	l->resumes = false;
	if (l->confirms && l->stepped.step != AUTH_STEP_GOOD) {
		l->confirms = false;
		stream_serves(l->stream, protocols[l->service->service], 0);
	}
	switch (l->stepped.step) {
	case AUTH_STEP_WAIT:
		later(l, l->stepped.wait_ms, LOGIN_PENDING);
		break;
	case AUTH_STEP_GOOD:
		good(l);
		break;
	case AUTH_STEP_CHALLENGE:
		finish(l, LOGIN_CHALLENGE);
		break;
	case AUTH_STEP_MALFORMED:
		finish(l, LOGIN_MALFORMED);
		break;
	case AUTH_STEP_FAILED:
		l->error = l->stepped.error;
		if (l->error == ERR_DENIED)
			later(l, LOGIN_REFUSE_MS, LOGIN_DENIED);
		else
			finish(l, l->error == ERR_BUSY ? LOGIN_BUSY : LOGIN_FAILED);
		break;
	}
}

static bool submit(struct login *l)
{
	l->job = (struct stream_job){ .run = run, .done = job_done };
	return stream_submit(l->stream, l->service->pool, &l->job);
}

static enum login_result go(struct login *l)
{
	if (submit(l))
		return LOGIN_PENDING;
	forget(l);
	return LOGIN_BUSY;
}

static enum login_result give_up(struct login *l, enum login_result why)
{
	forget(l);
	return why;
}

enum login_result login_password(struct login *l, struct str login, struct str password)
{
	if (!login_allowed(l))
		return LOGIN_UNSUPPORTED;
	forget(l);
	buf_str(&l->login, login);
	buf_str(&l->password, password);
	if (buf_status(&l->login) || buf_status(&l->password))
		return give_up(l, LOGIN_MALFORMED);
	return go(l);
}

enum login_result login_begin(struct login *l, struct str mechanism, struct str initial)
{
	struct sasl_channel channel = channel_of(l);

	forget(l);
	l->exchange =
		auth_exchange_new(l->service->auth, mechanism, &channel, l->service->service, stream_peer(l->stream));
	if (!l->exchange)
		return LOGIN_UNSUPPORTED;
	if (!initial.p)
		return go(l);
	return login_line(l, str_eq(initial, S("=")) ? S("") : initial);
}

enum login_result login_line(struct login *l, struct str line)
{
	if (str_eq(line, S("*")))
		return give_up(l, LOGIN_CANCELLED);
	wipe(&l->message);
	if (base64_decode(&l->message, line))
		return give_up(l, LOGIN_MALFORMED);
	l->has_message = true;
	return go(l);
}
