/* A POP3 session's life: its stream, its jobs, its end. */
#include <gateway/pop3/session.h>

#include <base/mem.h>
#include <gateway/session/line.h>
#include <store/blob.h>

#include <stdlib.h>

enum { GREETING_MAX_BYTES = 1024, INPUT_MAX_BYTES = 16 * 1024 };

void pop3_say(struct pop3_session *se, const char *text)
{
	line_say(se->stream, text);
}

void pop3_end(struct pop3_session *se, const char *text)
{
	pop3_say(se, text);
	se->state = POP3_STATE_WAITING;
	stream_close(se->stream);
}

static void run_job(struct stream_job *j, struct worker *w)
{
	pop3_work(container_of(j, struct pop3_session, job), w);
}

static void job_done(struct stream_job *j)
{
	pop3_task_done(container_of(j, struct pop3_session, job));
}

bool pop3_submit(struct pop3_session *se, enum pop3_task task)
{
	se->task = task;
	se->job = (struct stream_job){ .run = run_job, .done = job_done };
	return stream_submit(se->stream, se->server->login.pool, &se->job);
}

/* A command, or an answer to a challenge; true: there may be another one. */
static bool take_line(struct pop3_session *se)
{
	bool challenged = se->state == POP3_STATE_CHALLENGED, more = false;
	size_t max = challenged ? SASL_MAX_BASE64_BYTES + 2 : POP3_MAX_LINE, n = 0;
	char *line = NULL;

	/* An initial response stands in the command's own line (RFC 5034 section 4). */
	if (se->state == POP3_STATE_AUTHORIZATION && str_istarts(stream_input(se->stream), S("AUTH ")))
		max = SASL_MAX_BASE64_BYTES + POP3_MAX_LINE;
	switch (line_take(se->stream, max, &line, &n)) {
	case LINE_NONE:
		break;
	case LINE_TOO_LONG:
		pop3_end(se, "-ERR line too long");
		break;
	case LINE_TAKEN:
	case LINE_BARE: /* nothing can be smuggled in what is no message */
		more = challenged ? pop3_run_challenged(se, str_from(line, n)) : pop3_run(se, str_from(line, n));
		break;
	}
	line_wipe(&line, n);
	return more;
}

static bool takes_lines(const struct pop3_session *se)
{
	return se->state == POP3_STATE_AUTHORIZATION || se->state == POP3_STATE_CHALLENGED ||
	       se->state == POP3_STATE_TRANSACTION;
}

static void on_input(struct stream *s)
{
	struct pop3_session *se = stream_session(s);

	/* Listings that nobody reads are not made: input() comes again when the client has taken what there is. */
	while (takes_lines(se) && stream_pending(s) <= STREAM_WRITE_HIGH && take_line(se))
		;
	if (takes_lines(se) && stream_eof(s) &&
	    stream_pending(s) <= STREAM_WRITE_HIGH) /* it came while a message went out */
		stream_close(s);
}

static void on_drained(struct stream *s)
{
	pop3_pump(stream_session(s));
	on_input(s); /* what was pipelined behind it */
}

static void on_secured(struct stream *s)
{
	struct pop3_session *se = stream_session(s);

	se->state = POP3_STATE_AUTHORIZATION;
	free(se->user); /* RFC 2595 section 4: what was said in clear is forgotten */
	se->user = NULL;
}

/* What was asked for before is answered; what was marked stays. */
static void on_eof(struct stream *s)
{
	struct pop3_session *se = stream_session(s);

	if (takes_lines(se))
		stream_close(s);
}

static void on_timeout(struct stream *s)
{
	pop3_end(stream_session(s), "-ERR [SYS/TEMP] timeout");
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct pop3_session *se = stream_session(s);

	(void)why;
	timer_clear(stream_loop(s), &se->retry);
	login_release(&se->login);
	if (se->drop_taken)
		pop3_drops_give(se->server->drops, se->mailbox);
	store_blob_close(&se->blob);
	buf_release(&se->piece);
	buf_release(&se->ahead_octets);
	free(se->messages);
	free(se->user);
	free(se);
}

void pop3_open(struct stream *s, void *server)
{
	static const struct stream_events events = {
		.input = on_input,
		.eof = on_eof,
		.drained = on_drained,
		.secured = on_secured,
		.timeout = on_timeout,
		.reads_on = true,
		.closed = on_closed,
	};
	struct pop3_session *se = mem_alloc(sizeof(*se));
	struct buf b = BUF_INIT(GREETING_MAX_BYTES);

	se->server = server;
	se->stream = s;
	se->piece = BUF_INIT(3 * POP3_PIECE_BYTES);
	se->ahead_octets = BUF_INIT(3 * POP3_PIECE_BYTES);
	login_init(&se->login, &se->server->login, s, pop3_login_done);
	stream_set_input_max(s, INPUT_MAX_BYTES);
	stream_set_timeout(s, POP3_LOGIN_TIMEOUT_MS);
	stream_attach(s, &events, se);
	buf_fmt(&b, "+OK %s ready\r\n", se->server->hostname);
	stream_write_buf(s, &b);
}
