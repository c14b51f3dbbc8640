/*
 * LMTP's commands: one row each, with the states in which it is allowed. They may be pipelined, and each is answered in
 * its turn; RCPTs that came together are looked up together.
 */
#include <gateway/lmtp/session.h>

#include <base/mem.h>

#include <stdlib.h>

enum { LHLO_REPLY_MAX_BYTES = 2048 };

/* What looking up a recipient gave, to the MTA (RFC 3463). */
static const char *const recipient_answers[] = {
	[ERR_OK] = "250 2.1.5 ok",
	[ERR_NOT_FOUND] = "550 5.1.1 no such recipient",
	[ERR_EXISTS] = "451 4.3.0 storage error",
	[ERR_STALE] = "451 4.3.0 storage error",
	[ERR_INVALID] = "550 5.1.1 no such recipient",
	[ERR_DENIED] = "550 5.7.1 this group takes mail of accounts here alone",
	[ERR_UNSUPPORTED] = "451 4.3.0 storage error",
	[ERR_LIMIT] = "550 5.1.1 no such recipient", /* no address of ours is so long */
	[ERR_BUSY] = "451 4.3.2 busy, try again",
	[ERR_FULL] = "452 4.3.1 no space left",
	[ERR_CORRUPT] = "451 4.3.0 storage error",
	[ERR_IO] = "451 4.3.0 storage error",
	[ERR_QUOTA] = "452 4.2.2 mailbox full",
};
_Static_assert(countof(recipient_answers) == ERR_MAX_, "map every error");

/* True: go on with the next command; false: the session ends. */
typedef bool command_fn(struct lmtp_session *se, const struct smtp_command *c);

static bool do_lhlo(struct lmtp_session *se, const struct smtp_command *c)
{
	struct buf b = BUF_INIT(LHLO_REPLY_MAX_BYTES);

	free(se->client);
	se->client = mem_cstr_n(c->name.p, c->name.n);
	se->state = LMTP_STATE_READY;
	lmtp_reset(se);
	buf_fmt(&b, "250-%s\r\n", se->server->hostname);
	buf_cstr(&b, "250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-ENHANCEDSTATUSCODES\r\n");
	buf_fmt(&b, "250 SIZE %llu\r\n", (unsigned long long)se->server->max_message);
	stream_write_buf(se->stream, &b);
	return true;
}

/* Its time, so that a restart begins with others; the counter tells those of one millisecond apart. */
static uint64_t next_id(struct lmtp_server *server)
{
	uint64_t n = atomic_fetch_add(&server->transactions, 1);

	return (uint64_t)clock_wall_ms(server->clock) << 16 | (n & 0xffff);
}

static bool do_mail(struct lmtp_session *se, const struct smtp_command *c)
{
	if (!c->utf8 && !smtp_is_ascii(c->path)) { /* RFC 6531 3.5 */
		lmtp_reply(se, "553 5.6.7 this address needs SMTPUTF8");
		return true;
	}
	if (c->size > se->server->max_message) {
		lmtp_reply(se, "552 5.3.4 message too large");
		return true;
	}
	se->sender = mem_cstr_n(c->path.p, c->path.n);
	se->utf8 = c->utf8;
	se->id = next_id(se->server);
	se->state = LMTP_STATE_MAIL;
	lmtp_reply(se, "250 2.1.0 ok");
	return true;
}

static bool do_rcpt(struct lmtp_session *se, const struct smtp_command *c)
{
	if (se->recipients_n + se->wanted_n >= LMTP_MAX_RECIPIENTS) {
		lmtp_reply(se, "452 4.5.3 too many recipients"); /* RFC 5321 4.5.3.1.10 */
		return true;
	}
	if (!se->utf8 && !smtp_is_ascii(c->path)) {
		lmtp_reply(se, "553 5.6.7 this address needs SMTPUTF8");
		return true;
	}
	if (se->wanted_n == se->wanted_room) {
		se->wanted_room = se->wanted_room ? se->wanted_room * 2 : 4;
		se->wanted = mem_resize(se->wanted, se->wanted_room * sizeof(*se->wanted));
	}
	se->wanted[se->wanted_n++] = (struct lmtp_wanted){ .path = mem_cstr_n(c->path.p, c->path.n) };
	return true;
}

static void add_recipient(struct lmtp_session *se, const struct lmtp_recipient *r)
{
	if (se->recipients_n == se->recipients_room) {
		se->recipients_room = se->recipients_room ? se->recipients_room * 2 : 4;
		se->recipients = mem_resize(se->recipients, se->recipients_room * sizeof(*se->recipients));
	}
	se->recipients[se->recipients_n++] = *r;
	se->state = LMTP_STATE_RECIPIENT;
}

void lmtp_recipients_done(struct lmtp_session *se)
{
	for (size_t i = 0; i < se->wanted_n; i++) {
		struct lmtp_wanted *w = &se->wanted[i];

		if (!w->found)
			add_recipient(se, &w->recipient);
		lmtp_reply(se, recipient_answers[w->found]);
		if (!w->found)
			w->recipient.group = NULL; /* the recipient's now */
		lmtp_wanted_release(w);
	}
	se->wanted_n = 0;
}

static bool do_data(struct lmtp_session *se, const struct smtp_command *c)
{
	(void)c;
	se->state = LMTP_STATE_DATA;
	smtp_text_begin_data(&se->text);
	lmtp_reply(se, "354 go ahead");
	return true;
}

static bool do_bdat(struct lmtp_session *se, const struct smtp_command *c)
{
	se->state = LMTP_STATE_CHUNK;
	smtp_text_begin_chunk(&se->text, c->size, c->last);
	return true;
}

static bool do_rset(struct lmtp_session *se, const struct smtp_command *c)
{
	(void)c;
	lmtp_reset(se);
	lmtp_reply(se, "250 2.0.0 ok");
	return true;
}

static bool do_noop(struct lmtp_session *se, const struct smtp_command *c)
{
	(void)c;
	lmtp_reply(se, "250 2.0.0 ok");
	return true;
}

static bool do_quit(struct lmtp_session *se, const struct smtp_command *c)
{
	(void)c;
	lmtp_reply(se, "221 2.0.0 bye");
	stream_close(se->stream);
	return false;
}

static bool do_vrfy(struct lmtp_session *se, const struct smtp_command *c)
{
	(void)c;
	lmtp_reply(se, "252 2.0.0 send some mail, I'll try my best"); /* RFC 5321 3.5.3 */
	return true;
}

static bool do_helo(struct lmtp_session *se, const struct smtp_command *c)
{
	(void)c;
	return lmtp_refuse(se, "500 5.5.1 this is LMTP, use LHLO");
}

#define IN(state) (1u << LMTP_STATE_##state)
enum { ALWAYS = (1u << LMTP_STATE_MAX_) - 1 };

static const struct {
	command_fn *run;
	unsigned states; /* where it is allowed */
} commands[] = {
	[SMTP_LHLO] = { do_lhlo, ALWAYS },
	[SMTP_MAIL] = { do_mail, IN(READY) },
	[SMTP_RCPT] = { do_rcpt, IN(MAIL) | IN(RECIPIENT) },
	[SMTP_DATA] = { do_data, IN(RECIPIENT) }, /* RFC 2033 4.2: 503 without an accepted recipient */
	[SMTP_BDAT] = { do_bdat, IN(RECIPIENT) | IN(CHUNKS) },
	[SMTP_RSET] = { do_rset, ALWAYS },
	[SMTP_NOOP] = { do_noop, ALWAYS },
	[SMTP_QUIT] = { do_quit, ALWAYS },
	[SMTP_VRFY] = { do_vrfy, ALWAYS },
	[SMTP_HELO] = { do_helo, ALWAYS },
	[SMTP_EHLO] = { do_helo, ALWAYS },
	[SMTP_AUTH] = { NULL, 0 }, /* not in this dialect */
	[SMTP_STARTTLS] = { NULL, 0 },
	[SMTP_HELP] = { NULL, 0 },
	[SMTP_EXPN] = { NULL, 0 },
};
_Static_assert(countof(commands) == SMTP_VERB_MAX_, "a row for each verb");

static bool end(struct lmtp_session *se, const char *text)
{
	lmtp_reply(se, text);
	stream_close(se->stream);
	return false;
}

/* The octets of a chunk come whatever we say (RFC 3030 2): they are read and forgotten, then it is answered. */
static bool skip_chunk(struct lmtp_session *se, const struct smtp_command *c)
{
	se->after_skip = se->state;
	se->state = LMTP_STATE_SKIP;
	smtp_text_begin_chunk(&se->text, c->size, false);
	return true;
}

static bool refuse_parsed(struct lmtp_session *se, enum err e, const struct smtp_command *c)
{
	/* Who does not begin with LHLO is no MTA: a browser made to post here does not get as far as its body. */
	if (e == ERR_UNSUPPORTED && se->state == LMTP_STATE_START)
		return end(se, "421 4.7.0 this is LMTP, use LHLO");
	if (e == ERR_UNSUPPORTED)
		return lmtp_refuse(se, "500 5.5.1 unknown command");
	if (e == ERR_DENIED)
		return lmtp_refuse(se, "555 5.5.4 unknown parameter");
	if (c->verb == SMTP_BDAT) /* where its chunk ends cannot be known */
		return end(se, "501 5.5.4 malformed arguments");
	return lmtp_refuse(se, "501 5.5.4 malformed arguments");
}

static bool run(struct lmtp_session *se, enum err parsed, const struct smtp_command *c)
{
	if (parsed)
		return refuse_parsed(se, parsed, c);
	if (commands[c->verb].states & 1u << se->state)
		return commands[c->verb].run(se, c);
	if (c->verb == SMTP_BDAT)
		return skip_chunk(se, c);
	return lmtp_refuse(se, "503 5.5.1 bad sequence of commands");
}

/* Gives what RCPTs have gathered to a worker; true where there is none, and the session can go on. */
static bool look_up_wanted(struct lmtp_session *se)
{
	if (se->wanted_n == 0)
		return true;
	if (lmtp_submit(se, LMTP_TASK_RECIPIENTS))
		return false;
	for (size_t i = 0; i < se->wanted_n; i++)
		se->wanted[i].found = ERR_BUSY;
	lmtp_recipients_done(se);
	return true;
}

/* May a RCPT be answered later, together with those before it? Only where it will be looked up. */
static bool joins_wanted(const struct lmtp_session *se, enum err parsed, const struct smtp_command *c)
{
	return !parsed && c->verb == SMTP_RCPT && se->recipients_n + se->wanted_n < LMTP_MAX_RECIPIENTS &&
	       (se->utf8 || smtp_is_ascii(c->path));
}

/* The line, copied since running it moves the input. */
static bool take_copy(struct lmtp_session *se, struct str line, size_t consumed)
{
	char *copy = mem_cstr_n(line.p, line.n);
	struct smtp_command c;
	enum err parsed = smtp_parse(str_from(copy, line.n), SMTP_LMTP, &c);
	bool more = false;

	/* Where a worker takes the session now, the line is looked at again when it comes home. */
	if (joins_wanted(se, parsed, &c) || look_up_wanted(se)) {
		stream_consume(se->stream, consumed);
		more = run(se, parsed, &c);
	}
	free(copy);
	return more;
}

bool lmtp_take_line(struct lmtp_session *se)
{
	struct str input = stream_input(se->stream), line;
	size_t end_at = str_index(input, '\n');

	if (end_at >= SMTP_MAX_LINE)
		return look_up_wanted(se) && end(se, "500 5.5.2 line too long");
	if (end_at == input.n)
		return look_up_wanted(se) && false;
	line = str_slice(input, 0, end_at);
	/* RFC 5321 2.3.8: a bare LF ends nothing. Who sends it reads the ends of lines otherwise than we do. */
	if (!str_ends(line, S("\r")))
		return look_up_wanted(se) && end(se, "500 5.5.2 lines end in CRLF");
	line.n--;
	return take_copy(se, line, end_at + 1);
}
