/* An IMAP session's life: its stream, its commands, its jobs. */
#include <gateway/imap/session.h>

#include <base/log.h>
#include <base/mem.h>
#include <gateway/imap/append.h>
#include <gateway/imap/connections.h>
#include <gateway/imap/deflate.h>
#include <gateway/imap/notify.h>

#include <assert.h>
#include <stdlib.h>

enum { OUT_MAX_BYTES = 64 * 1024 * 1024, RETRY_MS = 50, TEXT_MAX_BYTES = 2 * 1024 * 1024 };

void imap_enter(struct imap_session *se, enum imap_state to)
{
	static const unsigned next[] = {
		[IMAP_NOT_AUTHENTICATED] = 1u << IMAP_AUTHENTICATED | 1u << IMAP_LOGOUT,
		[IMAP_AUTHENTICATED] = 1u << IMAP_SELECTED | 1u << IMAP_LOGOUT,
		[IMAP_SELECTED] = 1u << IMAP_AUTHENTICATED | 1u << IMAP_SELECTED | 1u << IMAP_LOGOUT,
		[IMAP_LOGOUT] = 1u << IMAP_LOGOUT,
	};

	_Static_assert(countof(next) == IMAP_STATE_MAX_, "a row for each state");
	assert(next[se->state] & 1u << to);
	se->state = to;
}

/* ---- input and output, which COMPRESS turns ---- */

struct str imap_input(struct imap_session *se)
{
	struct str in = stream_input(se->stream), rest = in;
	enum err e;

	if (!se->deflate)
		return in;
	e = imap_deflate_take(se->deflate, &rest);
	stream_consume(se->stream, in.n - rest.n);
	if (e)
		stream_abort(se->stream);
	return e ? STR_EMPTY : imap_deflate_plain(se->deflate);
}

/* What the server says or does by itself (reminders, looks for changes) is no sign of the client. */
static void heard(struct imap_session *se)
{
	struct loop *loop = stream_loop(se->stream);

	se->overdue = false;
	if (se->state != IMAP_NOT_AUTHENTICATED)
		timer_set(loop, &se->silence, loop_now_ms(loop) + IMAP_TIMEOUT_MS);
}

void imap_consume(struct imap_session *se, size_t n)
{
	if (n)
		heard(se);
	if (se->deflate)
		imap_deflate_consume(se->deflate, n);
	else
		stream_consume(se->stream, n);
}

/* What is in se->out is packed, where the session is compressed. */
static void write_packed(struct imap_session *se)
{
	struct str rest = buf_view(&se->out), piece;

	if (se->deflate && !se->out.err)
		while (imap_deflate_piece(se->deflate, &rest, &piece))
			stream_write_apart(se->stream, piece);
	else if (se->out.n || se->out.err)
		stream_write_buf(se->stream, &se->out);
	buf_release(&se->out);
}

void imap_flush(struct imap_session *se)
{
	if (se->deflate)
		imap_deflate_pack(se->deflate, &se->out);
	write_packed(se);
}

void imap_bye(struct imap_session *se, const char *text)
{
	imap_line(se, "* BYE %s", text);
	imap_flush(se);
	imap_enter(se, IMAP_LOGOUT);
	stream_close(se->stream);
}

/* ---- commands ---- */

struct imap_command *imap_command_new(struct imap_session *se, const struct imap_verb *verb, struct buf *raw)
{
	struct imap_command *c = mem_alloc(sizeof(*c));

	c->se = se;
	c->verb = verb;
	c->raw = *raw;
	*raw = BUF_INIT(raw->max);
	c->arena = ARENA_INIT(IMAP_ARENA_BYTES);
	c->text = BUF_INIT(TEXT_MAX_BYTES);
	se->command = c;
	return c;
}

void imap_command_drop(struct imap_command *c)
{
	struct imap_session *se = c->se;

	if (c->verb->release)
		c->verb->release(c);
	timer_clear(stream_loop(se->stream), &c->retry);
	free(c->announcing);
	buf_release(&c->raw);
	buf_release(&c->text);
	arena_release(&c->arena);
	free(c);
	se->command = NULL;
}

static void note_bad(struct imap_session *se)
{
	unsigned most = se->state == IMAP_NOT_AUTHENTICATED ? IMAP_MAX_BAD_EARLY : IMAP_MAX_BAD;

	if (++se->bad >= most && se->state != IMAP_LOGOUT)
		imap_bye(se, "too many bad commands");
}

static void finish(struct imap_command *c)
{
	struct imap_session *se = c->se;
	bool bad = c->status == IMAP_BAD, bye = c->bye, look = imap_notify_is_look(c);

	imap_command_drop(c);
	imap_flush(se);
	if (!look) {
		heard(se); /* it may have taken longer than that */
		stream_set_timeout(se->stream,
				   se->state == IMAP_NOT_AUTHENTICATED ? IMAP_LOGIN_TIMEOUT_MS : IMAP_TIMEOUT_MS);
	}
	if (bye && se->state != IMAP_LOGOUT) {
		imap_enter(se, IMAP_LOGOUT);
		stream_close(se->stream);
	} else if (bad) {
		note_bad(se);
	}
}

void imap_command_end(struct imap_command *c)
{
	struct imap_session *se = c->se;

	imap_put_tagged(c);
	finish(c);
	imap_take_input(se);
}

static bool wants_announcement(const struct imap_command *c)
{
	const struct imap_session *se = c->se;

	if (c->bye || !(c->verb->flags & IMAP_V_ANNOUNCE))
		return false;
	return se->notify || (se->state == IMAP_SELECTED && (c->announcing || !(c->verb->flags & IMAP_V_LOOKS)));
}

static enum imap_next step(struct imap_command *c, struct worker *w)
{
	if (!c->worked) {
		enum imap_next next = c->verb->work ? c->verb->work(c, w) : IMAP_FINISHED;

		if (next != IMAP_FINISHED)
			return next;
		c->worked = true;
		arena_reset(w->arena);
	}
	if (!wants_announcement(c))
		return IMAP_FINISHED;
	return c->se->notify ? imap_notify_tell(c, w) : imap_announce(c, w);
}

static void run_job(struct stream_job *j, struct worker *w)
{
	struct imap_session *se = container_of(j, struct imap_session, job);
	struct imap_command *c = se->command;

	c->next = step(c, w);
	if (c->next == IMAP_FINISHED && c->input && !c->bye)
		c->next = IMAP_HELD; /* it goes on with what its client says */
	else if (c->next == IMAP_FINISHED)
		imap_put_tagged(c);
	if (se->deflate)
		imap_deflate_pack(se->deflate, &se->out);
}

/* Nothing would be left of it but an answer, and nobody is there to hear it. */
static bool is_moot(const struct imap_command *c)
{
	return c->verb->flags & IMAP_V_ASKS && !c->keeps && !stream_is_heard(c->se->stream);
}

static void retry(struct timer *t);

static bool submit(struct imap_session *se)
{
	se->at_work = stream_submit(se->stream, se->server->args.pool, &se->job);
	return se->at_work;
}

static void go_on(struct imap_command *c)
{
	struct imap_session *se = c->se;

	if (stream_pending(se->stream) > STREAM_WRITE_HIGH || se->state == IMAP_LOGOUT)
		return; /* drained() comes back; or nobody is there any more */
	if (is_moot(c)) {
		finish(c);
		imap_take_input(se);
		return;
	}
	if (!submit(se)) {
		c->retry.fire = retry;
		timer_set(stream_loop(se->stream), &c->retry, loop_now_ms(stream_loop(se->stream)) + RETRY_MS);
	}
}

static void retry(struct timer *t)
{
	go_on(container_of(t, struct imap_command, retry));
}

static void job_done(struct stream_job *j)
{
	struct imap_session *se = container_of(j, struct imap_session, job);
	struct imap_command *c = se->command;

	se->at_work = false;
	write_packed(se);
	switch (c->next) {
	case IMAP_FINISHED:
	case IMAP_SAID:
		finish(c);
		imap_take_input(se);
		break;
	case IMAP_HELD:
		c->worked = false; /* of this part */
		if (c->home)
			c->home(c);
		imap_take_input(se);
		break;
	case IMAP_AGAIN:
	case IMAP_WORK:
		go_on(c);
		break;
	}
	if (se->overdue && !se->at_work && se->state != IMAP_LOGOUT)
		imap_bye(se, IMAP_TEXT_SILENT);
}

/* A command that its client waits for is no silence; who idles, or waits for notifications, has to say a word now and then. */
static void silent(struct timer *t)
{
	struct imap_session *se = container_of(t, struct imap_session, silence);
	struct imap_command *c = se->command;

	if (c && !c->input && !imap_notify_is_look(c))
		return; /* finish() begins the next half hour */
	if (se->at_work)
		se->overdue = true;
	else if (se->state != IMAP_LOGOUT)
		imap_bye(se, IMAP_TEXT_SILENT);
}

bool imap_command_work(struct imap_command *c)
{
	struct imap_session *se = c->se;

	se->job = (struct stream_job){ .run = run_job, .done = job_done };
	return submit(se);
}

void imap_command_insist(struct imap_command *c)
{
	c->se->job = (struct stream_job){ .run = run_job, .done = job_done };
	c->next = IMAP_AGAIN;
	go_on(c);
}

void imap_command_start(struct imap_command *c)
{
	enum imap_next next;

	if (is_moot(c)) {
		finish(c);
		return;
	}
	next = c->verb->here ? c->verb->here(c) : IMAP_WORK;
	if (next == IMAP_FINISHED && wants_announcement(c)) {
		c->worked = true;
		next = IMAP_WORK;
	}
	if (next == IMAP_WORK) {
		if (imap_command_work(c))
			return;
		imap_no(c, IMAP_TEXT_BUSY);
		next = IMAP_FINISHED;
	}
	if (next == IMAP_HELD) /* a worker may have it already: nothing of it is touched here any more */
		return;
	if (next == IMAP_FINISHED)
		imap_put_tagged(c);
	finish(c);
}

/* ---- reading commands ---- */

static bool is_tag_char(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f && !strchr("(){%*\"\\+", c);
}

static struct str read_tag(struct imap_in *in)
{
	size_t from = in->at;

	while (in->at < in->text.n && is_tag_char(in->text.p[in->at]))
		in->at++;
	if (in->at == from || in->at - from > IMAP_MAX_TAG)
		in_fail(in, "a tag is missing");
	return in_ok(in) ? str_slice(in->text, from, in->at) : S("*");
}

static const char *why_not_now(const struct imap_session *se, const struct imap_verb *v)
{
	if (!(v->states & 1u << se->state))
		return se->state == IMAP_NOT_AUTHENTICATED ? "log in first"
		       : v->states & 1u << IMAP_SELECTED   ? "no mailbox is selected"
							   : "you are logged in";
	if (v->flags & IMAP_V_SEQUENCE && imap_has(se, IMAP_UIDONLY))
		return "[UIDREQUIRED] only UIDs, as you have enabled UIDONLY";
	return NULL;
}

const struct imap_verb *imap_command_read(struct imap_in *in, struct imap_session *se, struct str *ret_tag)
{
	const struct imap_verb *v;
	const char *why;
	struct str name;
	bool uid;

	*ret_tag = read_tag(in);
	in_sp(in);
	name = in_atom(in);
	uid = str_ieq(name, S("UID"));
	if (uid) {
		in_sp(in);
		name = in_atom(in);
	}
	v = in_ok(in) ? imap_verb_find(name, uid) : NULL;
	if (!v)
		in_fail(in, "no such command");
	else if ((why = why_not_now(se, v)))
		in_fail(in, why);
	return in_ok(in) ? v : NULL;
}

static void refuse(struct imap_session *se, struct str tag, const struct imap_in *in)
{
	imap_line(se, STR_FMT " BAD %s", STR_ARG(tag), in->why);
	imap_flush(se);
	note_bad(se);
}

/* The reader has a whole command. */
static void take_command(struct imap_session *se)
{
	static const struct imap_verb nothing = { .name = "" };
	struct imap_command *c = imap_command_new(se, &nothing, &se->reader.text);
	struct imap_in in;
	const struct imap_verb *verb;

	imap_reader_next(&se->reader);
	in = imap_in_of(&c->arena, str_slice(buf_view(&c->raw), 0, c->raw.n - 2));
	verb = imap_command_read(&in, se, &c->tag);
	if (verb && verb->parse)
		verb->parse(&in, c);
	in_end(&in);
	if (!in_ok(&in)) {
		refuse(se, c->tag, &in);
		imap_command_drop(c);
		return;
	}
	c->verb = verb;
	imap_command_start(c);
}

bool imap_literal_ends(struct imap_session *se)
{
	const struct imap_reader *r = &se->reader;

	if (r->sync || !se->server->args.literal_minus || r->literal <= IMAP_MAX_UNSYNCED)
		return false;
	imap_bye(se, "[TOOBIG] literals without synchronisation are limited to 4096 bytes");
	return true;
}

/* Whoever waits with the rest of a command that is refused whatever comes is told now. */
static bool refuse_early(struct imap_session *se)
{
	struct buf *text = &se->reader.text;
	struct imap_in in = imap_in_of(NULL, str_slice(buf_view(text), 0, text->n - 2));
	struct str tag;

	if (!se->reader.sync || imap_command_read(&in, se, &tag))
		return false;
	refuse(se, tag, &in);
	imap_reader_next(&se->reader);
	return true;
}

/* The line ends in a literal: it is let come, or not. False: the session ends. */
static bool take_literal(struct imap_session *se)
{
	struct imap_reader *r = &se->reader;

	if (imap_literal_ends(se))
		return false;
	if (refuse_early(se) || imap_append_begin(se))
		return true;
	if (imap_reader_take(r) == ERR_OK) {
		if (r->sync)
			imap_line(se, "+ go ahead");
		imap_flush(se);
		return true;
	}
	if (!r->sync) {
		imap_bye(se, "literal too large");
		return false;
	}
	/* It will not come: its sender waits. */
	imap_line(se, STR_FMT " BAD [TOOBIG] literal too large",
		  STR_ARG(str_slice(buf_view(&r->text), 0, str_index(buf_view(&r->text), ' '))));
	imap_flush(se);
	imap_reader_next(r);
	note_bad(se);
	return true;
}

/* One step of reading; false: wait. */
static bool read_more(struct imap_session *se)
{
	struct str in = imap_input(se), rest = in;
	enum imap_read got;

	if (in.n == 0)
		return false;
	got = imap_reader_feed(&se->reader, &rest);
	imap_consume(se, in.n - rest.n);
	switch (got) {
	case IMAP_READ_MORE:
		return true;
	case IMAP_READ_LITERAL:
		return take_literal(se);
	case IMAP_READ_DONE:
		if (se->state == IMAP_NOT_AUTHENTICATED && ++se->early > IMAP_MAX_EARLY_COMMANDS) {
			imap_bye(se, "log in first");
			return false;
		}
		take_command(se);
		return true;
	case IMAP_READ_BAD:
		imap_bye(se, "command too long");
		return false;
	}
	return false;
}

void imap_take_input(struct imap_session *se)
{
	bool more = true;

	/*
	 * A command that takes no input may be at work, and then the state is the worker's. Answers that nobody reads are
	 * not made: drained() comes back.
	 */
	while (more && !(se->command && !se->command->input) && se->state != IMAP_LOGOUT &&
	       (se->command || stream_pending(se->stream) <= STREAM_WRITE_HIGH))
		more = se->command ? se->command->input(se->command) : read_more(se);
	imap_notify_settle(se);
	if (!se->command && se->state != IMAP_LOGOUT && stream_eof(se->stream) && imap_input(se).n == 0)
		stream_close(se->stream);
}

/* ---- the stream ---- */

static void on_input(struct stream *s)
{
	imap_take_input(stream_session(s));
}

/* What the client has asked for before it went is answered, also what is still compressed: of that the stream knows nothing. */
static void on_eof(struct stream *s)
{
	struct imap_session *se = stream_session(s);

	if (!se->at_work)
		imap_take_input(se);
	if ((!se->command || se->command->input) && stream_pending(s) <= STREAM_WRITE_HIGH)
		stream_close(s);
}

static void on_drained(struct stream *s)
{
	struct imap_session *se = stream_session(s);

	if (se->command && se->command->next == IMAP_AGAIN && se->command->retry.slot == 0)
		go_on(se->command);
	else
		imap_take_input(se);
	if (stream_eof(s))
		on_eof(s);
}

static void on_timeout(struct stream *s)
{
	struct imap_session *se = stream_session(s);

	if (se->command && se->command->timeout)
		se->command->timeout(se->command);
	else
		imap_bye(se, IMAP_TEXT_SILENT);
}

static void on_secured(struct stream *s)
{
	struct imap_session *se = stream_session(s);

	imap_reader_release(&se->reader);
	stream_set_timeout(s, IMAP_LOGIN_TIMEOUT_MS);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct imap_session *se = stream_session(s);

	(void)why;
	timer_clear(stream_loop(s), &se->silence);
	if (se->command)
		imap_command_drop(se->command);
	if (se->account)
		log_info("imap_end", "account=%lld peer=" STR_FMT, (long long)se->account, STR_ARG(stream_peer(s)));
	imap_connections_leave(se);
	imap_notify_free(&se->notify);
	login_release(&se->login);
	imap_deflate_free(&se->deflate);
	imap_reader_release(&se->reader);
	buf_release(&se->out);
	free(se->saved.ranges);
	free(se);
}

/* The command that runs or waits. */
static struct str describe(const struct stream *s)
{
	const struct imap_session *se = stream_session(s);

	return se->command && se->command->verb ? str_of(se->command->verb->name) : STR_EMPTY;
}

void imap_open(struct stream *s, void *server)
{
	static const struct stream_events events = { .input = on_input,
						     .describe = describe,
						     .eof = on_eof,
						     .drained = on_drained,
						     .timeout = on_timeout,
						     .secured = on_secured,
						     .reads_on = true,
						     .closed = on_closed };
	struct imap_session *se = mem_alloc(sizeof(*se));

	se->server = server;
	se->stream = s;
	se->silence.fire = silent;
	se->out = BUF_INIT(OUT_MAX_BYTES);
	login_init(&se->login, &se->server->logins, s, imap_login_done);
	imap_reader_init(&se->reader, IMAP_MAX_COMMAND_EARLY);
	stream_set_input_max(s, IMAP_INPUT_BYTES);
	stream_set_timeout(s, IMAP_LOGIN_TIMEOUT_MS);
	stream_attach(s, &events, se);
	if (!imap_connections_enter(se)) {
		imap_bye(se, "[UNAVAILABLE] too many connections of your address");
		return;
	}
	buf_cstr(&se->out, "* OK [");
	imap_put_capabilities(se, &se->out);
	imap_line(se, "] %s ready", se->server->args.hostname);
	imap_flush(se);
}

struct imap_server *imap_server_new(const struct imap_args *args)
{
	struct imap_server *sv = mem_alloc(sizeof(*sv));

	sv->args = *args;
	sv->views = view_cache_new(VIEW_CACHE_BYTES_DEFAULT);
	sv->logins = (struct login_service){
		.auth = args->auth, .pool = args->pool, .service = AUTH_IMAP, .plain_ok = args->plain_login
	};
	imap_connections_init(sv);
	return sv;
}

void imap_server_free(struct imap_server **sp)
{
	struct imap_server *sv = *sp;

	if (!sv)
		return;
	view_cache_free(&sv->views);
	imap_connections_release(sv);
	free(sv);
	*sp = NULL;
}
