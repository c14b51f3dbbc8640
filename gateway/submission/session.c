/* A submission session's life: its stream, its jobs, its transactions' end. */
#include <gateway/submission/session.h>

#include <base/mem.h>
#include <gateway/session/line.h>

#include <stdlib.h>

enum { GREETING_MAX_BYTES = 1024 };

void submission_reply(struct submission_session *se, const char *text)
{
	line_say(se->stream, text);
}

bool submission_end(struct submission_session *se, const char *text)
{
	submission_reply(se, text);
	se->state = SUBMISSION_WAITING;
	stream_close(se->stream);
	return false;
}

bool submission_refuse(struct submission_session *se, const char *text)
{
	submission_reply(se, text);
	return ++se->bad_commands < SUBMISSION_MAX_BAD_COMMANDS || submission_end(se, "421 4.7.0 too many errors");
}

void submission_reset(struct submission_session *se)
{
	arena_release(&se->arena);
	se->sender = se->envid = STR_EMPTY;
	se->utf8 = false;
	se->ret = QUEUE_RET_NOT_SAID;
	se->recipients = NULL;
	se->recipients_n = se->recipients_room = 0;
	send_free(&se->send);
	se->strict = (struct strict){ 0 };
	smtp_text_release(&se->text);
	se->text_err = ERR_OK;
	if (se->state != SUBMISSION_START)
		se->state = SUBMISSION_READY;
}

static void run_job(struct stream_job *j, struct worker *w)
{
	submission_work(container_of(j, struct submission_session, job), w);
}

static void job_done(struct stream_job *j)
{
	struct submission_session *se = container_of(j, struct submission_session, job);

	switch (se->task) {
	case SUBMISSION_TASK_AUTHOR:
		submission_author_done(se);
		break;
	case SUBMISSION_TASK_TEXT:
		submission_text_done(se);
		break;
	}
}

bool submission_submit(struct submission_session *se, enum submission_task task)
{
	se->task = task;
	se->job = (struct stream_job){ .run = run_job, .done = job_done };
	return stream_submit(se->stream, se->server->login.pool, &se->job);
}

static bool in_text(const struct submission_session *se)
{
	return se->state == SUBMISSION_DATA || se->state == SUBMISSION_CHUNK || se->state == SUBMISSION_SKIP;
}

static bool take_line(struct submission_session *se)
{
	bool challenged = se->state == SUBMISSION_CHALLENGED, more = false;
	size_t max = challenged ? SASL_MAX_BASE64_BYTES + 2 : SMTP_MAX_LINE, n = 0;
	char *line = NULL;

	/* An initial response stands in the command's own line (RFC 4954 section 4). */
	if (!challenged && str_istarts(stream_input(se->stream), S("AUTH ")))
		max = SASL_MAX_BASE64_BYTES + SMTP_MAX_LINE;
	switch (line_take(se->stream, max, &line, &n)) {
	case LINE_NONE:
		break;
	case LINE_TOO_LONG:
		more = submission_end(se, "500 5.5.2 line too long");
		break;
	case LINE_BARE: /* RFC 5321 2.3.8: who sends it reads the ends of lines otherwise than we do */
		more = submission_end(se, "500 5.5.2 lines end in CRLF");
		break;
	case LINE_TAKEN:
		more = challenged ? submission_run_challenged(se, str_from(line, n))
				  : submission_run(se, str_from(line, n));
		break;
	}
	line_wipe(&line, n);
	return more;
}

static void on_input(struct stream *s)
{
	struct submission_session *se = stream_session(s);
	bool more = true;

	while (more && se->state != SUBMISSION_WAITING)
		more = in_text(se) ? submission_take_text(se) : take_line(se);
}

static void on_secured(struct stream *s)
{
	struct submission_session *se = stream_session(s);

	se->state = SUBMISSION_START; /* RFC 3207 section 4.2: what was said in clear is forgotten */
	submission_reset(se);
}

/* What the client has asked for before it went is answered. */
static void on_eof(struct stream *s)
{
	stream_close(s);
}

static void on_timeout(struct stream *s)
{
	(void)submission_end(stream_session(s), "421 4.4.2 timeout");
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct submission_session *se = stream_session(s);

	(void)s;
	(void)why;
	submission_reset(se);
	buf_release(&se->text.piece);
	login_release(&se->login);
	arena_release(&se->kept);
	free(se);
}

void submission_open(struct stream *s, void *server)
{
	static const struct stream_events events = {
		.input = on_input,
		.eof = on_eof,
		.secured = on_secured,
		.timeout = on_timeout,
		.closed = on_closed,
	};
	struct submission_session *se = mem_alloc(sizeof(*se));
	struct buf b = BUF_INIT(GREETING_MAX_BYTES);

	se->server = server;
	se->stream = s;
	se->arena = se->kept = ARENA_INIT(SUBMISSION_ARENA_BYTES);
	smtp_text_init(&se->text);
	login_init(&se->login, &se->server->login, s, submission_login_done);
	stream_set_input_max(s, SMTP_PIECE_BYTES);
	stream_set_timeout(s, SUBMISSION_TIMEOUT_MS);
	stream_attach(s, &events, se);
	buf_fmt(&b, "220 %s ESMTP roost\r\n", se->server->hostname);
	stream_write_buf(s, &b);
}
