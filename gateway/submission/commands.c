/* Submission's commands: one row each, with the states in which it is allowed. They may be pipelined. */
#include <gateway/submission/session.h>

#include <gateway/smtp/path.h>

enum { EHLO_REPLY_MAX_BYTES = 2048 };

/* True: go on with the next command; false: the session ends or waits. */
typedef bool command_fn(struct submission_session *se, const struct smtp_command *c);

static bool say(struct submission_session *se, const char *text)
{
	submission_reply(se, text);
	return true;
}

static bool do_ehlo(struct submission_session *se, const struct smtp_command *c)
{
	struct buf b = BUF_INIT(EHLO_REPLY_MAX_BYTES);

	(void)c;
	se->state = SUBMISSION_READY;
	submission_reset(se);
	buf_fmt(&b, "250-%s\r\n", se->server->hostname);
	buf_cstr(&b, "250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-DSN\r\n"
		     "250-ENHANCEDSTATUSCODES\r\n");
	if (se->server->tls && !stream_is_tls(se->stream) && !se->logged_in)
		buf_cstr(&b, "250-STARTTLS\r\n");
	if (login_allowed(&se->login) && !se->logged_in) {
		buf_cstr(&b, "250-AUTH");
		login_list(&se->login, " ", &b);
		buf_cstr(&b, "\r\n");
	}
	buf_fmt(&b, "250 SIZE %llu\r\n", (unsigned long long)se->server->send->max_bytes);
	stream_write_buf(se->stream, &b);
	return true;
}

static bool do_helo(struct submission_session *se, const struct smtp_command *c)
{
	struct buf b = BUF_INIT(EHLO_REPLY_MAX_BYTES);

	(void)c;
	se->state = SUBMISSION_READY;
	submission_reset(se);
	buf_fmt(&b, "250 %s\r\n", se->server->hostname);
	stream_write_buf(se->stream, &b);
	return true;
}

/* Of the domain that the account is in. */
static enum err put_postmaster(const struct submission_session *se, struct buf *out)
{
	struct str domain = se->login.identity.address, local;

	str_cut(&domain, '@', &local);
	buf_cstr(out, "postmaster@");
	buf_str(out, domain);
	return buf_status(out);
}

/* The address of a path, its quotes taken off; .p NULL: it has none. */
static struct str address_of(struct submission_session *se, struct str path)
{
	struct buf address = BUF_INIT(SMTP_MAX_PATH);
	struct str kept;
	bool ok =
		(smtp_path_is_postmaster(path) ? !put_postmaster(se, &address) : !smtp_path_address(path, &address)) &&
		!arena_str(&se->arena, buf_view(&address), &kept);

	buf_release(&address);
	return ok ? kept : STR_EMPTY;
}

static const enum queue_ret rets[] = {
	[SMTP_RET_NOT_SAID] = QUEUE_RET_NOT_SAID,
	[SMTP_RET_FULL] = QUEUE_RET_FULL,
	[SMTP_RET_HDRS] = QUEUE_RET_HEADERS,
};

static bool do_mail(struct submission_session *se, const struct smtp_command *c)
{
	struct str sender = S("");

	if (!c->utf8 && !smtp_is_ascii(c->path)) /* RFC 6531 3.5 */
		return say(se, "553 5.6.7 this address needs SMTPUTF8");
	if (c->size > se->server->send->max_bytes)
		return say(se, "552 5.3.4 message too large");
	/* <> is what notifications and receipts are from (RFC 8098 section 3); their header has an address all the same. */
	if (c->path.n) {
		sender = address_of(se, c->path);
		if (!sender.p || !send_is_own(&se->author, sender))
			return say(se, "553 5.7.1 not an address of yours");
	}
	if (arena_str(&se->arena, c->envid, &se->envid))
		return say(se, "452 4.3.1 too much");
	se->sender = sender;
	se->utf8 = c->utf8;
	se->ret = rets[c->ret];
	se->state = SUBMISSION_MAIL;
	return say(se, "250 2.1.0 ok");
}

static unsigned notify_of(unsigned said)
{
	static const struct {
		unsigned said, kept;
	} bits[] = {
		{ SMTP_NOTIFY_NEVER, QUEUE_NOTIFY_NEVER },
		{ SMTP_NOTIFY_SUCCESS, QUEUE_NOTIFY_SUCCESS },
		{ SMTP_NOTIFY_FAILURE, QUEUE_NOTIFY_FAILURE },
		{ SMTP_NOTIFY_DELAY, QUEUE_NOTIFY_DELAY },
	};
	unsigned kept = 0;

	for (size_t i = 0; i < countof(bits); i++)
		kept |= said & bits[i].said ? bits[i].kept : 0;
	return kept;
}

/* Room for one more; false: the session's memory is at its ceiling. */
static bool make_room(struct submission_session *se)
{
	size_t room = se->recipients_room ? se->recipients_room * 2 : 8;
	struct queue_recipient *grown;

	if (se->recipients_n < se->recipients_room)
		return true;
	grown = arena_array(&se->arena, room, sizeof(*grown));
	if (!grown)
		return false;
	if (se->recipients_n)
		memcpy(grown, se->recipients, se->recipients_n * sizeof(*grown));
	se->recipients = grown;
	se->recipients_room = room;
	return true;
}

static bool do_rcpt(struct submission_session *se, const struct smtp_command *c)
{
	struct queue_recipient r = { .notify = notify_of(c->notify) };

	if (se->recipients_n >= SUBMISSION_MAX_RECIPIENTS)
		return say(se, "452 4.5.3 too many recipients"); /* RFC 5321 4.5.3.1.10 */
	if (!se->utf8 && !smtp_is_ascii(c->path))
		return say(se, "553 5.6.7 this address needs SMTPUTF8");
	r.address = address_of(se, c->path);
	if (!r.address.p)
		return say(se, "553 5.1.3 not an address");
	if (!make_room(se) || arena_str(&se->arena, c->orcpt, &r.orcpt))
		return say(se, "452 4.5.3 too many recipients");
	se->recipients[se->recipients_n++] = r;
	se->state = SUBMISSION_RECIPIENT;
	return say(se, "250 2.1.5 ok");
}

static bool do_data(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	se->state = SUBMISSION_DATA;
	smtp_text_begin_data(&se->text);
	return say(se, "354 go ahead");
}

static bool do_bdat(struct submission_session *se, const struct smtp_command *c)
{
	se->state = SUBMISSION_CHUNK;
	smtp_text_begin_chunk(&se->text, c->size, c->last);
	return true;
}

static bool do_rset(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	submission_reset(se);
	return say(se, "250 2.0.0 ok");
}

static bool do_noop(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	return say(se, "250 2.0.0 ok");
}

static bool do_quit(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	return submission_end(se, "221 2.0.0 bye");
}

static bool do_vrfy(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	return say(se, "252 2.0.0 send some mail, I'll try my best"); /* RFC 5321 3.5.3 */
}

static bool do_help(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	return say(se, "214 2.0.0 mail submission (RFC 6409): EHLO, STARTTLS, AUTH, then MAIL, RCPT, DATA");
}

static bool do_expn(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	return say(se, "502 5.5.1 lists are not told"); /* RFC 5321 7.3 */
}

static bool do_starttls(struct submission_session *se, const struct smtp_command *c)
{
	(void)c;
	if (!se->server->tls || stream_is_tls(se->stream))
		return submission_refuse(se, "502 5.5.1 not here");
	if (se->logged_in) /* by whom, in clear? RFC 3207 section 4.2 forbids to remember it */
		return submission_refuse(se, "503 5.5.1 already logged in");
	submission_reply(se, "220 2.0.0 begin");
	se->state = SUBMISSION_WAITING;
	stream_starttls(se->stream, se->server->tls);
	return false;
}

#define IN(state) (1u << SUBMISSION_##state)
enum { ANY = (1u << SUBMISSION_STATE_MAX_) - 1 };

static const struct {
	command_fn *run;
	unsigned states; /* where it is allowed */
	bool login;      /* only who has logged in */
} commands[] = {
	[SMTP_LHLO] = { NULL, 0, false }, /* not in this dialect */
	[SMTP_MAIL] = { do_mail, IN(READY), true },
	[SMTP_RCPT] = { do_rcpt, IN(MAIL) | IN(RECIPIENT), true },
	[SMTP_DATA] = { do_data, IN(RECIPIENT), true },
	[SMTP_BDAT] = { do_bdat, IN(RECIPIENT) | IN(CHUNKS), true },
	[SMTP_RSET] = { do_rset, ANY, false },
	[SMTP_NOOP] = { do_noop, ANY, false },
	[SMTP_QUIT] = { do_quit, ANY, false },
	[SMTP_VRFY] = { do_vrfy, ANY, true },
	[SMTP_HELO] = { do_helo, ANY, false },
	[SMTP_EHLO] = { do_ehlo, ANY, false },
	[SMTP_AUTH] = { submission_run_auth, IN(READY), false }, /* RFC 4954 4: not in a transaction */
	[SMTP_STARTTLS] = { do_starttls, IN(START) | IN(READY), false },
	[SMTP_HELP] = { do_help, ANY, false },
	[SMTP_EXPN] = { do_expn, ANY, true },
};
_Static_assert(countof(commands) == SMTP_VERB_MAX_, "a row for each verb");

static bool refuse_parsed(struct submission_session *se, enum err e, const struct smtp_command *c)
{
	/* Who does not begin with EHLO is no mail program: a browser made to post here does not get as far as its body. */
	if (e == ERR_UNSUPPORTED && se->state == SUBMISSION_START)
		return submission_end(se, "421 4.7.0 say EHLO");
	if (e == ERR_UNSUPPORTED)
		return submission_refuse(se, "500 5.5.1 unknown command");
	if (e == ERR_DENIED)
		return submission_refuse(se, "555 5.5.4 unknown parameter");
	if (c->verb == SMTP_BDAT) /* where its chunk ends cannot be known */
		return submission_end(se, "501 5.5.4 malformed arguments");
	return submission_refuse(se, "501 5.5.4 malformed arguments");
}

/* The octets of a chunk come whatever we say (RFC 3030 2): they are read and forgotten, then it is answered. */
static bool skip_chunk(struct submission_session *se, const struct smtp_command *c)
{
	se->after_skip = se->state;
	se->state = SUBMISSION_SKIP;
	smtp_text_begin_chunk(&se->text, c->size, false);
	return true;
}

bool submission_run(struct submission_session *se, struct str line)
{
	struct smtp_command c;
	enum err e = smtp_parse(line, SMTP_SUBMISSION, &c);

	if (e)
		return refuse_parsed(se, e, &c);
	if (commands[c.verb].login && !se->logged_in) {
		if (c.verb == SMTP_BDAT)
			return submission_end(se, "530 5.7.0 log in first"); /* nobody's octets are read */
		return submission_refuse(se, "530 5.7.0 log in first");
	}
	if (commands[c.verb].states & 1u << se->state)
		return commands[c.verb].run(se, &c);
	if (c.verb == SMTP_BDAT)
		return skip_chunk(se, &c);
	return submission_refuse(se, "503 5.5.1 bad sequence of commands");
}
