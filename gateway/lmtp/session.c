/*
 * LMTP sessions on their loop: reading of commands and text, the answers, and when a worker is needed. Commands may be
 * pipelined; each is answered before the next is looked at.
 */
#include <gateway/lmtp/session.h>

#include <base/log.h>
#include <base/mem.h>

#include <stdlib.h>

enum { REPLY_MAX_BYTES = 2048 };

/* What the errors of a recipient, or of a delivery, are to the MTA (RFC 3463). */
static const char *const replies[] = {
	[ERR_OK] = "250 2.1.5 delivered",
	[ERR_NOT_FOUND] = "550 5.1.1 no such recipient",
	[ERR_EXISTS] = "451 4.3.0 storage error",
	[ERR_STALE] = "451 4.3.0 storage error",
	[ERR_INVALID] = "550 5.1.1 no such recipient",
	[ERR_DENIED] = "550 5.7.1 not allowed",
	[ERR_UNSUPPORTED] = "451 4.3.0 storage error",
	[ERR_LIMIT] = "552 5.3.4 message too large",
	[ERR_BUSY] = "451 4.3.2 busy, try again",
	[ERR_FULL] = "452 4.3.1 no space left",
	[ERR_CORRUPT] = "451 4.3.0 storage error",
	[ERR_IO] = "451 4.3.0 storage error",
};
_Static_assert(countof(replies) == ERR_MAX_, "map every error");

static void reply(struct stream *s, const char *text)
{
	stream_write(s, str_of(text));
	stream_write(s, S("\r\n"));
}

/* ---- the transaction ---- */

static void reset(struct lmtp_session *se)
{
	free(se->sender);
	se->sender = NULL;
	se->utf8 = false;
	se->recipients_n = 0;
	intake_free(&se->intake);
	se->dots = (struct lmtp_dots){ 0 };
	buf_release(&se->text);
	se->text_ends = false;
	se->text_err = ERR_OK;
	if (se->state != LMTP_STATE_START)
		se->state = LMTP_STATE_READY;
}

static void add_recipient(struct lmtp_session *se)
{
	if (se->recipients_n == se->recipients_room) {
		se->recipients_room = se->recipients_room ? se->recipients_room * 2 : 4;
		se->recipients = mem_resize(se->recipients, se->recipients_room * sizeof(*se->recipients));
	}
	se->recipients[se->recipients_n++] = se->candidate;
	se->state = LMTP_STATE_RECIPIENT;
}

/* One answer for each recipient that was accepted, in their order (RFC 2033 4.2). */
static void answer_message(struct lmtp_session *se, struct stream *s)
{
	for (size_t i = 0; i < se->recipients_n; i++)
		reply(s, replies[se->text_err ? se->text_err : se->recipients[i].result]);
	reset(se);
}

/* ---- jobs ---- */

static void on_input(struct stream *s);

static void run_job(struct stream_job *j, struct worker *w)
{
	lmtp_work(container_of(j, struct lmtp_session, job), w);
}

static void recipient_done(struct lmtp_session *se, struct stream *s)
{
	free(se->wanted);
	se->wanted = NULL;
	if (!se->found)
		add_recipient(se);
	reply(s, se->found ? replies[se->found] : "250 2.1.5 ok");
}

static void text_done(struct lmtp_session *se, struct stream *s)
{
	bool chunked = se->state == LMTP_STATE_CHUNK;

	if (se->text_ends) {
		answer_message(se, s);
	} else if (chunked && se->chunk_left == 0) {
		se->state = LMTP_STATE_CHUNKS;
		reply(s, se->text_err ? replies[se->text_err] : "250 2.0.0 chunk ok");
	}
}

static void job_done(struct stream_job *j)
{
	struct lmtp_session *se = container_of(j, struct lmtp_session, job);

	switch (se->task) {
	case LMTP_TASK_RECIPIENT:
		recipient_done(se, j->stream);
		break;
	case LMTP_TASK_TEXT:
		text_done(se, j->stream);
		break;
	}
}

/* False: the pool is full; the session is told to come again and ends. */
static bool submit(struct lmtp_session *se, struct stream *s, enum lmtp_task task)
{
	se->task = task;
	se->job = (struct stream_job){ .run = run_job, .done = job_done };
	if (stream_submit(s, se->server->pool, &se->job))
		return true;
	reply(s, "421 4.3.2 busy, try again");
	stream_close(s);
	return false;
}

/* ---- commands ---- */

/* True: go on with the next command; false: a worker has the session, or it ends. */
typedef bool command_fn(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c);

static bool do_lhlo(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	struct buf b = BUF_INIT(REPLY_MAX_BYTES);

	free(se->client);
	se->client = mem_cstr_n(c->name.p, c->name.n);
	se->state = LMTP_STATE_READY;
	reset(se);
	buf_fmt(&b,
		"250-%s\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n250-"
		"ENHANCEDSTATUSCODES\r\n"
		"250 SIZE %llu\r\n",
		se->server->hostname, (unsigned long long)se->server->max_message);
	stream_write_buf(s, &b);
	return true;
}

static bool do_mail(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	if (c->size > se->server->max_message) {
		reply(s, replies[ERR_LIMIT]);
		return true;
	}
	se->sender = mem_cstr_n(c->path.p, c->path.n);
	se->utf8 = c->utf8;
	se->id = atomic_fetch_add(&se->server->next_id, 1) + 1;
	se->state = LMTP_STATE_MAIL;
	reply(s, "250 2.1.0 ok");
	return true;
}

static bool do_rcpt(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	if (se->recipients_n == LMTP_MAX_RECIPIENTS) {
		reply(s, "452 4.5.3 too many recipients");
		return true;
	}
	se->wanted = mem_cstr_n(c->path.p, c->path.n);
	if (!submit(se, s, LMTP_TASK_RECIPIENT)) {
		free(se->wanted);
		se->wanted = NULL;
	}
	return false;
}

static bool do_data(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)c;
	se->state = LMTP_STATE_DATA;
	reply(s, "354 go ahead");
	return true;
}

static bool do_bdat(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)s;
	se->state = LMTP_STATE_CHUNK;
	se->chunk_left = c->size;
	se->chunk_last = c->last;
	return true;
}

static bool do_rset(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)c;
	reset(se);
	reply(s, "250 2.0.0 ok");
	return true;
}

static bool do_noop(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)se;
	(void)c;
	reply(s, "250 2.0.0 ok");
	return true;
}

static bool do_quit(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)se;
	(void)c;
	reply(s, "221 2.0.0 bye");
	stream_close(s);
	return false;
}

static bool do_vrfy(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)se;
	(void)c;
	reply(s, "252 2.0.0 send some mail, I'll try my best"); /* RFC 5321 3.5.3 */
	return true;
}

static bool do_helo(struct lmtp_session *se, struct stream *s, const struct lmtp_command *c)
{
	(void)se;
	(void)c;
	reply(s, "500 5.5.1 this is LMTP, use LHLO");
	return true;
}

#define IN(state) (1u << LMTP_STATE_##state)
enum { ALWAYS = (1u << LMTP_STATE_MAX_) - 1 };

static const struct {
	command_fn *run;
	unsigned states; /* where it is allowed */
} commands[] = {
	[LMTP_LHLO] = { do_lhlo, ALWAYS },
	[LMTP_MAIL] = { do_mail, IN(READY) },
	[LMTP_RCPT] = { do_rcpt, IN(MAIL) | IN(RECIPIENT) },
	[LMTP_DATA] = { do_data, IN(RECIPIENT) },
	[LMTP_BDAT] = { do_bdat, IN(RECIPIENT) | IN(CHUNKS) },
	[LMTP_RSET] = { do_rset, ALWAYS },
	[LMTP_NOOP] = { do_noop, ALWAYS },
	[LMTP_QUIT] = { do_quit, ALWAYS },
	[LMTP_VRFY] = { do_vrfy, ALWAYS },
	[LMTP_HELO] = { do_helo, ALWAYS },
};
_Static_assert(countof(commands) == LMTP_VERB_MAX_, "a row for each verb");

/* A bad command; too many end the session. */
static bool refuse(struct lmtp_session *se, struct stream *s, const char *text)
{
	reply(s, text);
	if (++se->bad_commands < LMTP_MAX_BAD_COMMANDS)
		return true;
	reply(s, "421 4.7.0 too many errors");
	stream_close(s);
	return false;
}

/* A chunk that is refused comes all the same (RFC 3030 2): it is read and forgotten. */
static bool refuse_bdat(struct lmtp_session *se, struct stream *s)
{
	reply(s, "503 5.5.1 bad sequence of commands");
	stream_close(s);
	(void)se;
	return false;
}

static bool run_line(struct lmtp_session *se, struct stream *s, struct str line)
{
	struct lmtp_command c;

	enum err e = lmtp_parse(line, &c);

	if (e == ERR_UNSUPPORTED)
		return refuse(se, s, "500 5.5.1 unknown command");
	if (e == ERR_DENIED)
		return refuse(se, s, "555 5.5.4 unknown parameter");
	if (e)
		return refuse(se, s, "501 5.5.4 malformed arguments");
	if (commands[c.verb].states & 1u << se->state)
		return commands[c.verb].run(se, s, &c);
	if (c.verb == LMTP_BDAT)
		return refuse_bdat(se, s);
	return refuse(se, s, "503 5.5.1 bad sequence of commands");
}

static bool take_line(struct lmtp_session *se, struct stream *s)
{
	struct str input = stream_input(s), line;
	size_t end = str_index(input, '\n');
	char *copy;
	bool more;

	if (end >= LMTP_MAX_LINE) {
		reply(s, "500 5.5.2 line too long");
		stream_close(s);
		return false;
	}
	if (end == input.n)
		return false;
	line = str_slice(input, 0, end);
	if (str_ends(line, S("\r")))
		line.n--;
	/* A copy: running the command may write, and the input moves. */
	copy = mem_cstr_n(line.p, line.n);
	stream_consume(s, end + 1);
	more = run_line(se, s, str_from(copy, line.n));
	free(copy);
	return more;
}

/* ---- text ---- */

static void take_dots(struct lmtp_session *se, struct stream *s)
{
	struct str input = stream_input(s), piece = str_slice(input, 0, LMTP_PIECE_BYTES - se->text.n);
	size_t before = piece.n;

	se->text_ends = lmtp_dots_put(&se->dots, &piece, &se->text);
	stream_consume(s, before - piece.n);
}

static void take_chunk(struct lmtp_session *se, struct stream *s)
{
	struct str piece = str_slice(stream_input(s), 0, LMTP_PIECE_BYTES - se->text.n);

	if (piece.n > se->chunk_left)
		piece.n = (size_t)se->chunk_left;
	buf_str(&se->text, piece);
	se->chunk_left -= piece.n;
	stream_consume(s, piece.n);
	se->text_ends = se->chunk_left == 0 && se->chunk_last;
}

/* Collects a piece of the message and gives it to a worker; true where more input could go on at once: never. */
static bool take_text(struct lmtp_session *se, struct stream *s)
{
	bool chunked = se->state == LMTP_STATE_CHUNK;
	bool ends;

	if (chunked)
		take_chunk(se, s);
	else
		take_dots(se, s);
	ends = se->text_ends || (chunked && se->chunk_left == 0);
	if (ends || se->text.n >= LMTP_PIECE_BYTES / 2)
		(void)submit(se, s, LMTP_TASK_TEXT);
	return false;
}

static void on_input(struct stream *s)
{
	struct lmtp_session *se = stream_session(s);
	bool more = true;

	while (more)
		more = se->state == LMTP_STATE_DATA || se->state == LMTP_STATE_CHUNK ? take_text(se, s)
										     : take_line(se, s);
}

static void on_timeout(struct stream *s)
{
	reply(s, "421 4.4.2 timeout");
	stream_close(s);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct lmtp_session *se = stream_session(s);

	(void)why;
	reset(se);
	free(se->recipients);
	free(se->client);
	free(se->wanted);
	free(se);
}

void lmtp_open(struct stream *s, void *server)
{
	static const struct stream_events events = { .input = on_input, .timeout = on_timeout, .closed = on_closed };
	struct lmtp_session *se = mem_alloc(sizeof(*se));
	struct buf b = BUF_INIT(REPLY_MAX_BYTES);

	se->server = server;
	se->peer = stream_peer(s);
	/* A piece, and what one command line or the end of the dots may add to it. */
	se->text = BUF_INIT(LMTP_PIECE_BYTES + LMTP_MAX_LINE);
	stream_set_input_max(s, LMTP_PIECE_BYTES);
	stream_set_timeout(s, LMTP_TIMEOUT_MS);
	stream_attach(s, &events, se);
	buf_fmt(&b, "220 %s LMTP roost\r\n", se->server->hostname);
	stream_write_buf(s, &b);
}
