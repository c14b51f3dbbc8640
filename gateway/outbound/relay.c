#include <gateway/outbound/relay.h>

#include <base/buf.h>
#include <gateway/outbound/relay_conn.h>
#include <gateway/outbound/smtp_reply.h>

enum {
	COMMAND_MAX = 4096, /* bytes of a command with its parameters */
	PIECE_BYTES = 16 * 1024,
	MINUTE_MS = 60 * 1000,
};

/* RFC 5321 4.5.3.2: how long each answer may take. */
enum wait { WAIT_COMMAND, WAIT_DATA, WAIT_BLOCK, WAIT_DOT, WAIT_QUIT, WAIT_MAX_ };
static const unsigned waits_ms[] = {
	[WAIT_COMMAND] = 5 * MINUTE_MS, [WAIT_DATA] = 2 * MINUTE_MS, [WAIT_BLOCK] = 3 * MINUTE_MS,
	[WAIT_DOT] = 10 * MINUTE_MS,    [WAIT_QUIT] = 5 * 1000,
};
_Static_assert(countof(waits_ms) == WAIT_MAX_, "a time for every wait");

struct relay {
	struct arena *a;
	const struct relay_config *config;
	const struct relay_message *m;
	struct relay_result *results;
	struct relay_conn *conn;
	struct smtp_extensions extensions;
	struct buf in;           /* read ahead */
	struct smtp_reply reply; /* the last one; in `in` until the next */
};

static unsigned wait_ms(const struct relay *r, enum wait w)
{
	return r->config->wait_ms && r->config->wait_ms < waits_ms[w] ? r->config->wait_ms : waits_ms[w];
}

/* ---- the dialogue ---- */

/* ERR_IO: no answer, or none that can be read. */
static enum err hear(struct relay *r, enum wait w)
{
	buf_consume(&r->in, r->reply.used);
	r->reply.used = 0;
	for (;;) {
		switch (smtp_reply_parse(buf_view(&r->in), &r->reply)) {
		case SMTP_DONE:
			return ERR_OK;
		case SMTP_BAD:
			return ERR_IO;
		case SMTP_NEED_MORE:
			TRY(relay_conn_read(r->conn, &r->in, wait_ms(r, w)));
		}
	}
}

static enum err say(struct relay *r, struct buf *command, enum wait w)
{
	buf_cstr(command, "\r\n");
	TRY(buf_status(command));
	TRY(relay_conn_write(r->conn, buf_view(command), wait_ms(r, WAIT_COMMAND)));
	return hear(r, w);
}

static enum err say_text(struct relay *r, const char *text, enum wait w)
{
	CLEANUP(buf_release) struct buf command = BUF_INIT(COMMAND_MAX);

	buf_cstr(&command, text);
	return say(r, &command, w);
}

/* ---- results ---- */

static struct str keep(struct relay *r, struct str s)
{
	struct str kept;

	return arena_str(r->a, s, &kept) == ERR_OK ? kept : S("(no memory for what was said)");
}

static void set_text(struct relay *r, size_t i, enum queue_state state, struct str status, struct str text)
{
	r->results[i].state = state;
	r->results[i].status = status;
	r->results[i].reply = text;
}

/* What the last reply means for a recipient that it refuses. */
static void set_refused(struct relay *r, size_t i, bool only_now)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(SMTP_MAX_REPLY + 64);
	bool failed = r->reply.code >= 500 && !only_now;
	struct str status = smtp_reply_status(&r->reply);

	smtp_reply_put(&text, &r->reply);
	if (!status.n || (!failed && r->reply.code >= 500))
		status = failed ? S("5.0.0") : S("4.0.0");
	set_text(r, i, failed ? QUEUE_FAILED : QUEUE_PENDING, keep(r, status), keep(r, buf_view(&text)));
}

static bool is_open(const struct relay *r, size_t i)
{
	return r->results[i].state == QUEUE_PENDING && r->results[i].status.n == 0;
}

static void refuse_open(struct relay *r, bool only_now)
{
	for (size_t i = 0; i < r->m->recipients_n; i++)
		if (is_open(r, i))
			set_refused(r, i, only_now);
}

static void set_open(struct relay *r, enum queue_state state, struct str status, struct str text)
{
	for (size_t i = 0; i < r->m->recipients_n; i++)
		if (is_open(r, i))
			set_text(r, i, state, status, text);
}

/* ---- the steps; false: the transaction is over, and every recipient has its result ---- */

static bool has(const struct relay *r, enum smtp_extension e)
{
	return r->extensions.have & e;
}

static bool greet(struct relay *r)
{
	CLEANUP(buf_release) struct buf command = BUF_INIT(COMMAND_MAX);

	/* Once more, and not for the greeting: to hear what libcurl heard. */
	buf_fmt(&command, "EHLO %s", r->config->hostname);
	if (say(r, &command, WAIT_COMMAND)) {
		set_open(r, QUEUE_PENDING, S("4.4.2"), S("the connection was lost"));
		return false;
	}
	if (r->reply.code / 100 == 2)
		r->extensions = smtp_extensions_of(&r->reply);
	return true;
}

/* What the server can be known not to take. */
static bool fits(struct relay *r)
{
	uint64_t size = r->m->trace.n + r->m->source.size;

	if (r->m->flags & QUEUE_UTF8 && !has(r, SMTP_UTF8)) {
		set_open(r, QUEUE_FAILED, S("5.6.7"), S("the smarthost does not take addresses in UTF-8"));
		return false;
	}
	if (has(r, SMTP_SIZE) && r->extensions.max_size && size > r->extensions.max_size) {
		set_open(r, QUEUE_FAILED, S("5.3.4"), S("the message is larger than the smarthost takes"));
		return false;
	}
	return true;
}

static void put_sender(const struct relay *r, struct buf *b)
{
	const struct relay_message *m = r->m;

	buf_fmt(b, "MAIL FROM:<" STR_FMT ">", STR_ARG(m->sender));
	if (has(r, SMTP_SIZE))
		buf_fmt(b, " SIZE=%llu", (unsigned long long)(m->trace.n + m->source.size));
	if (has(r, SMTP_8BITMIME) && m->flags & (QUEUE_8BIT | QUEUE_UTF8))
		buf_cstr(b, " BODY=8BITMIME");
	if (m->flags & QUEUE_UTF8)
		buf_cstr(b, " SMTPUTF8");
	if (has(r, SMTP_DSN) && m->ret != QUEUE_RET_NOT_SAID)
		buf_cstr(b, m->ret == QUEUE_RET_FULL ? " RET=FULL" : " RET=HDRS");
	if (has(r, SMTP_DSN) && m->envid.n)
		buf_fmt(b, " ENVID=" STR_FMT, STR_ARG(m->envid));
}

/* A login that is missing or wrong is for the administrator to mend, not a fault of the message. */
static bool is_about_login(unsigned code)
{
	return code == 530 || code == 534 || code == 535 || code == 538;
}

static bool say_sender(struct relay *r)
{
	CLEANUP(buf_release) struct buf command = BUF_INIT(COMMAND_MAX);

	put_sender(r, &command);
	if (say(r, &command, WAIT_COMMAND)) {
		set_open(r, QUEUE_PENDING, S("4.4.2"), S("the connection was lost"));
		return false;
	}
	if (r->reply.code / 100 == 2)
		return true;
	refuse_open(r, is_about_login(r->reply.code));
	return false;
}

static void put_recipient(const struct relay *r, struct buf *b, const struct queue_recipient *to)
{
	static const struct {
		enum queue_notify bit;
		const char *word;
	} words[] = {
		{ QUEUE_NOTIFY_NEVER, "NEVER" },
		{ QUEUE_NOTIFY_SUCCESS, "SUCCESS" },
		{ QUEUE_NOTIFY_FAILURE, "FAILURE" },
		{ QUEUE_NOTIFY_DELAY, "DELAY" },
	};
	const char *before = " NOTIFY=";

	buf_fmt(b, "RCPT TO:<" STR_FMT ">", STR_ARG(to->address));
	if (!has(r, SMTP_DSN))
		return;
	for (size_t i = 0; i < countof(words); i++) {
		if (!(to->notify & words[i].bit))
			continue;
		buf_fmt(b, "%s%s", before, words[i].word);
		before = ",";
	}
	if (to->orcpt.n)
		buf_fmt(b, " ORCPT=" STR_FMT, STR_ARG(to->orcpt));
}

static enum err say_recipient(struct relay *r, size_t i, size_t *taken)
{
	CLEANUP(buf_release) struct buf command = BUF_INIT(COMMAND_MAX);

	put_recipient(r, &command, r->m->recipients[i]);
	TRY(say(r, &command, WAIT_COMMAND));
	if (r->reply.code / 100 == 2)
		++*taken;
	else /* 552: too many for one message (RFC 5321 4.5.3.1.10) */
		set_refused(r, i, r->reply.code == 552 || is_about_login(r->reply.code));
	return ERR_OK;
}

static bool say_recipients(struct relay *r)
{
	size_t taken = 0;

	for (size_t i = 0; i < r->m->recipients_n; i++) {
		if (say_recipient(r, i, &taken) == ERR_OK)
			continue;
		set_open(r, QUEUE_PENDING, S("4.4.2"), S("the connection was lost"));
		return false;
	}
	return taken > 0;
}

static bool begin_text(struct relay *r)
{
	if (say_text(r, "DATA", WAIT_DATA)) {
		set_open(r, QUEUE_PENDING, S("4.4.2"), S("the connection was lost"));
		return false;
	}
	if (r->reply.code == 354)
		return true;
	refuse_open(r, r->reply.code / 100 != 5);
	return false;
}

/* Dots that begin a line are doubled (RFC 5321 4.5.2), however the pieces are cut. */
struct dots {
	bool in_line;  /* the next byte does not begin a line */
	bool after_cr; /* the last one was CR */
};

static void put_dotted(struct dots *d, struct buf *out, struct str piece)
{
	for (size_t i = 0; i < piece.n; i++) {
		if (!d->in_line && piece.p[i] == '.')
			buf_char(out, '.');
		buf_char(out, piece.p[i]);
		d->in_line = !(piece.p[i] == '\n' && d->after_cr);
		d->after_cr = piece.p[i] == '\r';
	}
}

static enum err send_piece(struct relay *r, struct dots *d, struct str piece)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(2 * PIECE_BYTES);

	for (; piece.n; piece = str_slice(piece, PIECE_BYTES, piece.n)) {
		buf_clear(&out);
		put_dotted(d, &out, str_slice(piece, 0, PIECE_BYTES));
		TRY(buf_status(&out));
		TRY(relay_conn_write(r->conn, buf_view(&out), wait_ms(r, WAIT_BLOCK)));
	}
	return ERR_OK;
}

/* All but the last dot. An error of the source is not the connection's: *ret_source. */
static enum err send_text(struct relay *r, enum err *ret_source)
{
	CLEANUP(buf_release) struct buf piece = BUF_INIT(PIECE_BYTES);
	struct dots d = { 0 };
	size_t got = 1;

	*ret_source = ERR_OK;
	TRY(send_piece(r, &d, r->m->trace));
	for (uint64_t off = 0; got > 0; off += got) {
		char *room = buf_reserve(&piece, PIECE_BYTES);

		*ret_source = room ? r->m->source.read(r->m->source.ctx, off, room, PIECE_BYTES, &got) : ERR_BUSY;
		if (*ret_source)
			return ERR_IO;
		TRY(send_piece(r, &d, str_from(room, got)));
	}
	return d.in_line ? relay_conn_write(r->conn, S("\r\n"), wait_ms(r, WAIT_BLOCK)) : ERR_OK;
}

static void set_taken(struct relay *r)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(SMTP_MAX_REPLY + 64);
	struct str status = smtp_reply_status(&r->reply);

	smtp_reply_put(&text, &r->reply);
	struct str kept = keep(r, buf_view(&text));
	for (size_t i = 0; i < r->m->recipients_n; i++) {
		if (!is_open(r, i))
			continue;
		set_text(r, i, QUEUE_RELAYED, status.n ? keep(r, status) : S("2.0.0"), kept);
		r->results[i].reports = has(r, SMTP_DSN);
	}
}

static bool finish_text(struct relay *r)
{
	enum err source;

	if (send_text(r, &source)) {
		/* The server hears no end of it, so it takes nothing. */
		set_open(r, QUEUE_PENDING, S("4.4.2"),
			 source ? S("the message could not be read") : S("the connection was lost amid the message"));
		return false;
	}
	if (relay_conn_write(r->conn, S(".\r\n"), wait_ms(r, WAIT_BLOCK)) || hear(r, WAIT_DOT)) {
		/* RFC 1047: it may have been taken. To send it twice is better than not at all. */
		set_open(r, QUEUE_PENDING, S("4.4.2"),
			 S("the connection was lost after the message; it may have arrived"));
		return false;
	}
	if (r->reply.code / 100 == 2)
		set_taken(r);
	else
		refuse_open(r, false);
	return true;
}

static void quit(struct relay *r)
{
	CLEANUP(buf_release) struct buf ignored = BUF_INIT(SMTP_MAX_REPLY);

	if (relay_conn_write(r->conn, S("QUIT\r\n"), wait_ms(r, WAIT_QUIT)) == ERR_OK)
		(void)!relay_conn_read(r->conn, &ignored, wait_ms(r, WAIT_QUIT));
}

static void transact(struct relay *r)
{
	if (greet(r) && fits(r) && say_sender(r) && say_recipients(r) && begin_text(r))
		(void)finish_text(r);
}

void relay_send(struct arena *a, const struct relay_config *config, const struct relay_message *m,
		const atomic_bool *stop, struct relay_result *results)
{
	CLEANUP(relay_conn_close) struct relay_conn *conn = NULL;
	CLEANUP(buf_release) struct buf why = BUF_INIT(QUEUE_MAX_REPLY);
	struct relay r = { .a = a, .config = config, .m = m, .results = results, .in = BUF_INIT(2 * SMTP_MAX_REPLY) };

	for (size_t i = 0; i < m->recipients_n; i++)
		results[i] = (struct relay_result){ .state = QUEUE_PENDING };
	if (relay_conn_open(config, stop, &conn, &why)) {
		set_open(&r, QUEUE_PENDING, S("4.4.1"), keep(&r, buf_view(&why)));
	} else {
		r.conn = conn;
		transact(&r);
		quit(&r);
	}
	buf_release(&r.in);
}
