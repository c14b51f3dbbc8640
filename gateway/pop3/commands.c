/* POP3's commands: one row each, with the states in which it is allowed. They may be pipelined. */
#include <gateway/pop3/session.h>

#include <base/log.h>
#include <store/blob.h>

enum { ANSWER_MAX_BYTES = 1024, LISTING_MAX_BYTES = 2 * POP3_PIECE_BYTES, RETRY_MS = 50 };

/* True: go on with the next command. */
typedef bool command_fn(struct pop3_session *se, const struct pop3_command *c);

bool pop3_refuse(struct pop3_session *se, const char *text)
{
	if (++se->bad_commands >= POP3_MAX_BAD_COMMANDS) {
		pop3_end(se, "-ERR too many errors");
		return false;
	}
	pop3_say(se, text);
	return true;
}

static bool answer(struct pop3_session *se, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool answer(struct pop3_session *se, const char *fmt, ...)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	buf_cstr(&b, "\r\n");
	stream_write_buf(se->stream, &b);
	return true;
}

/* The message with a number; NULL: there is none, or it is marked, and that has been said. */
static struct pop3_message *find(struct pop3_session *se, uint64_t number)
{
	if (number <= se->messages_n && !(se->messages[number - 1].marks & POP3_DELETED))
		return &se->messages[number - 1];
	pop3_say(se, "-ERR no such message");
	return NULL;
}

static void totals(const struct pop3_session *se, size_t *ret_n, uint64_t *ret_size)
{
	*ret_n = 0;
	*ret_size = 0;
	for (size_t i = 0; i < se->messages_n; i++) {
		if (se->messages[i].marks & POP3_DELETED)
			continue;
		++*ret_n;
		*ret_size += se->messages[i].size;
	}
}

/* ---- listings ---- */

static void put_size(const struct pop3_session *se, size_t n, struct buf *out)
{
	buf_u64(out, n + 1);
	buf_char(out, ' ');
	buf_u64(out, se->messages[n].size);
}

/* RFC 1939 section 7: never of another message, and the same in every session. */
static void put_uid(const struct pop3_session *se, size_t n, struct buf *out)
{
	buf_fmt(out, "%zu %08x%08x", n + 1, se->uid_validity, se->messages[n].uid);
}

static void pump_listing(struct pop3_session *se)
{
	struct buf b = BUF_INIT(LISTING_MAX_BYTES);

	for (; se->at < se->messages_n && b.n < POP3_PIECE_BYTES; se->at++) {
		if (se->messages[se->at].marks & POP3_DELETED)
			continue;
		se->row(se, se->at, &b);
		buf_cstr(&b, "\r\n");
	}
	if (se->at == se->messages_n) {
		buf_cstr(&b, ".\r\n");
		se->state = POP3_STATE_TRANSACTION;
	}
	stream_write_buf(se->stream, &b);
}

static bool list(struct pop3_session *se, const struct pop3_command *c, pop3_row_fn *row)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);
	uint64_t size;
	size_t n;

	if (c->number && !find(se, c->number))
		return true;
	buf_cstr(&b, "+OK ");
	if (c->number) {
		row(se, (size_t)c->number - 1, &b);
	} else {
		totals(se, &n, &size);
		buf_fmt(&b, "%zu messages", n);
		se->state = POP3_STATE_LISTING;
		se->row = row;
		se->at = 0;
	}
	buf_cstr(&b, "\r\n");
	stream_write_buf(se->stream, &b);
	if (se->state == POP3_STATE_LISTING)
		pump_listing(se);
	return true;
}

static bool do_list(struct pop3_session *se, const struct pop3_command *c)
{
	return list(se, c, put_size);
}

static bool do_uidl(struct pop3_session *se, const struct pop3_command *c)
{
	return list(se, c, put_uid);
}

static bool do_stat(struct pop3_session *se, const struct pop3_command *c)
{
	uint64_t size;
	size_t n;

	(void)c;
	totals(se, &n, &size);
	return answer(se, "+OK %zu %llu", n, (unsigned long long)size);
}

/* ---- messages ---- */

static bool fetch(struct pop3_session *se, const struct pop3_command *c, struct pop3_wire wire)
{
	se->number = (size_t)c->number;
	se->wire = wire;
	if (!pop3_submit(se, POP3_TASK_FETCH)) {
		pop3_say(se, "-ERR [SYS/TEMP] busy, try again");
		return true;
	}
	se->state = POP3_STATE_WAITING;
	return false;
}

static void mark_fetched(struct pop3_session *se, struct pop3_message *m)
{
	if (m->marks & POP3_FETCHED)
		return;
	m->marks |= POP3_FETCHED;
	se->fetched_n++;
}

static void forget_ahead(struct pop3_session *se)
{
	buf_release(&se->ahead_octets);
	se->ahead_at = se->ahead_n = 0;
}

/* The message that was read together with the last one; false: it is another one. */
static bool send_ahead(struct pop3_session *se, uint64_t number)
{
	const struct pop3_ahead *next = &se->ahead[se->ahead_at];
	struct pop3_message *m;

	if (se->ahead_at == se->ahead_n || next->number != number)
		return false;
	m = &se->messages[number - 1];
	mark_fetched(se, m);
	answer(se, "+OK %llu octets", (unsigned long long)m->size);
	stream_write(se->stream, str_slice(buf_view(&se->ahead_octets), next->from, next->to));
	if (++se->ahead_at == se->ahead_n)
		forget_ahead(se);
	return true;
}

static bool do_retr(struct pop3_session *se, const struct pop3_command *c)
{
	if (!find(se, c->number) || send_ahead(se, c->number))
		return true;
	forget_ahead(se);
	return fetch(se, c, pop3_wire_all());
}

static bool do_top(struct pop3_session *se, const struct pop3_command *c)
{
	return !find(se, c->number) || fetch(se, c, pop3_wire_top(c->lines));
}

static void send_piece(struct pop3_session *se)
{
	stream_write(se->stream, buf_view(&se->piece));
	buf_release(&se->piece);
	se->state = se->piece_ends ? POP3_STATE_TRANSACTION : POP3_STATE_BODY;
}

static void begin_body(struct pop3_session *se)
{
	struct pop3_message *m = &se->messages[se->number - 1];

	if (se->result) {
		pop3_say(se,
			 se->result == ERR_NOT_FOUND ? "-ERR the message is gone" : "-ERR [SYS/TEMP] storage error");
		se->state = POP3_STATE_TRANSACTION;
		return;
	}
	if (!se->wire.top)
		mark_fetched(se, m);
	answer(se, "+OK %llu octets", (unsigned long long)m->size);
	send_piece(se);
}

static void go_on(struct timer *t)
{
	pop3_pump(container_of(t, struct pop3_session, retry));
}

static void pump_body(struct pop3_session *se)
{
	struct loop *loop = stream_loop(se->stream);

	if (pop3_submit(se, POP3_TASK_PIECE))
		return;
	se->retry.fire = go_on;
	timer_set(loop, &se->retry, loop_now_ms(loop) + RETRY_MS);
}

void pop3_pump(struct pop3_session *se)
{
	if ((se->state == POP3_STATE_LISTING || se->state == POP3_STATE_BODY) && !stream_is_heard(se->stream)) {
		store_blob_close(&se->blob);
		se->state = POP3_STATE_TRANSACTION;
	}
	if (se->state == POP3_STATE_LISTING)
		pump_listing(se);
	else if (se->state == POP3_STATE_BODY)
		pump_body(se);
}

/* ---- marks and the end ---- */

static bool do_dele(struct pop3_session *se, const struct pop3_command *c)
{
	struct pop3_message *m = find(se, c->number);

	if (!m)
		return true;
	m->marks |= POP3_DELETED;
	se->deleted_n++;
	return answer(se, "+OK marked");
}

static bool do_rset(struct pop3_session *se, const struct pop3_command *c)
{
	(void)c;
	for (size_t i = 0; i < se->messages_n; i++)
		se->messages[i].marks &= ~(unsigned)POP3_DELETED;
	se->deleted_n = 0;
	return answer(se, "+OK");
}

static void say_goodbye(struct pop3_session *se)
{
	log_info("pop3_end", "mailbox=%lld fetched=%zu deleted=%zu result=%s", (long long)se->mailbox, se->fetched_n,
		 se->deleted_n, log_quote(str_of(err_text(se->result))).text);
	pop3_end(se, se->result ? "-ERR [SYS/TEMP] not all of what was marked has been removed" : "+OK bye");
}

static bool do_quit(struct pop3_session *se, const struct pop3_command *c)
{
	(void)c;
	if (se->state != POP3_STATE_TRANSACTION) {
		pop3_end(se, "+OK bye");
		return false;
	}
	se->state = POP3_STATE_WAITING;
	se->result = ERR_OK;
	if (se->deleted_n || se->fetched_n) {
		if (pop3_submit(se, POP3_TASK_UPDATE))
			return false;
		se->result = ERR_BUSY;
	}
	say_goodbye(se);
	return false;
}

static bool do_noop(struct pop3_session *se, const struct pop3_command *c)
{
	(void)c;
	return answer(se, "+OK");
}

/* ---- what can be done ---- */

static bool do_capa(struct pop3_session *se, const struct pop3_command *c)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);

	(void)c;
	buf_cstr(&b, "+OK capabilities follow\r\nTOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n"
		     "EXPIRE NEVER\r\nUTF8 USER\r\nLANG\r\n");
	if (se->server->tls && !stream_is_tls(se->stream) && !se->drop_taken)
		buf_cstr(&b, "STLS\r\n");
	if (login_allowed(&se->login)) {
		buf_cstr(&b, "USER\r\nSASL");
		login_list(&se->login, " ", &b);
		buf_cstr(&b, "\r\n");
	}
	if (se->drop_taken)
		buf_cstr(&b, "IMPLEMENTATION roost\r\n");
	buf_cstr(&b, ".\r\n");
	stream_write_buf(se->stream, &b);
	return true;
}

static bool do_stls(struct pop3_session *se, const struct pop3_command *c)
{
	(void)c;
	if (!se->server->tls || stream_is_tls(se->stream))
		return pop3_refuse(se, "-ERR not here");
	pop3_say(se, "+OK begin");
	se->state = POP3_STATE_WAITING;
	stream_starttls(se->stream, se->server->tls);
	return false;
}

/* RFC 6856 section 2: messages come as they are stored in either mode; from now on addresses may be said in UTF-8. */
static bool do_utf8(struct pop3_session *se, const struct pop3_command *c)
{
	(void)c;
	return answer(se, "+OK UTF-8");
}

/* RFC 6856 section 3: there is one language. */
static bool do_lang(struct pop3_session *se, const struct pop3_command *c)
{
	if (!c->text.p)
		return answer(se, "+OK languages follow\r\ni-default Default language\r\nen English\r\n.");
	if (str_eq(c->text, S("*")) || str_ieq(c->text, S("i-default")))
		return answer(se, "+OK i-default Default language");
	if (str_ieq(c->text, S("en")) || str_istarts(c->text, S("en-")))
		return answer(se, "+OK en English");
	return answer(se, "-ERR no such language");
}

#define IN(state) (1u << POP3_STATE_##state)

static const struct {
	command_fn *run;
	unsigned states; /* where it is allowed */
	bool asks;       /* is there for its answer alone */
} commands[] = {
	[POP3_AUTH] = { pop3_run_auth, IN(AUTHORIZATION), false },
	[POP3_CAPA] = { do_capa, IN(AUTHORIZATION) | IN(TRANSACTION), true },
	[POP3_DELE] = { do_dele, IN(TRANSACTION), false },
	[POP3_LANG] = { do_lang, IN(AUTHORIZATION) | IN(TRANSACTION), true },
	[POP3_LIST] = { do_list, IN(TRANSACTION), true },
	[POP3_NOOP] = { do_noop, IN(TRANSACTION), true },
	[POP3_PASS] = { pop3_run_pass, IN(AUTHORIZATION), false },
	[POP3_QUIT] = { do_quit, IN(AUTHORIZATION) | IN(TRANSACTION), false },
	[POP3_RETR] = { do_retr, IN(TRANSACTION), true },
	[POP3_RSET] = { do_rset, IN(TRANSACTION), false },
	[POP3_STAT] = { do_stat, IN(TRANSACTION), true },
	[POP3_STLS] = { do_stls, IN(AUTHORIZATION), false },
	[POP3_TOP] = { do_top, IN(TRANSACTION), true },
	[POP3_UIDL] = { do_uidl, IN(TRANSACTION), true },
	[POP3_USER] = { pop3_run_user, IN(AUTHORIZATION), false },
	[POP3_UTF8] = { do_utf8, IN(AUTHORIZATION), false },
};
_Static_assert(countof(commands) == POP3_VERB_MAX_, "a row for each verb");

bool pop3_run(struct pop3_session *se, struct str line)
{
	struct pop3_command c;
	enum err e = pop3_parse(line, &c);

	if (e == ERR_UNSUPPORTED)
		return pop3_refuse(se, "-ERR unknown command");
	if (e)
		return pop3_refuse(se, "-ERR malformed arguments");
	if (!(commands[c.verb].states & 1u << se->state))
		return pop3_refuse(se, "-ERR not now");
	if (commands[c.verb].asks && !stream_is_heard(se->stream))
		return true;
	return commands[c.verb].run(se, &c);
}

static void greet(struct pop3_session *se)
{
	uint64_t size;
	size_t n;

	if (se->result) {
		pop3_end(se,
			 se->result == ERR_BUSY ? "-ERR [SYS/TEMP] busy, try again" : "-ERR [SYS/TEMP] storage error");
		return;
	}
	totals(se, &n, &size);
	log_info("pop3_login", "user=%s peer=" STR_FMT " messages=%zu", log_quote(se->login.identity.address).text,
		 STR_ARG(stream_peer(se->stream)), n);
	stream_set_timeout(se->stream, POP3_TIMEOUT_MS);
	se->state = POP3_STATE_TRANSACTION;
	answer(se, "+OK %zu messages, %llu octets", n, (unsigned long long)size);
}

void pop3_task_done(struct pop3_session *se)
{
	switch (se->task) {
	case POP3_TASK_LIST:
		greet(se);
		break;
	case POP3_TASK_FETCH:
		begin_body(se);
		break;
	case POP3_TASK_PIECE:
		if (se->result) /* in the middle of a message nothing else can be said */
			stream_abort(se->stream);
		else
			send_piece(se);
		break;
	case POP3_TASK_UPDATE:
		say_goodbye(se);
		break;
	}
}
