/* An LMTP session's life: its stream, its jobs, its transactions' end. */
#include <gateway/lmtp/session.h>

#include <base/mem.h>

#include <stdlib.h>

enum { GREETING_MAX_BYTES = 1024 };

void lmtp_reply(struct lmtp_session *se, const char *text)
{
	stream_write(se->stream, str_of(text));
	stream_write(se->stream, S("\r\n"));
}

bool lmtp_refuse(struct lmtp_session *se, const char *text)
{
	lmtp_reply(se, text);
	if (++se->bad_commands < LMTP_MAX_BAD_COMMANDS)
		return true;
	lmtp_reply(se, "421 4.7.0 too many errors");
	stream_close(se->stream);
	return false;
}

void lmtp_wanted_release(struct lmtp_wanted *w)
{
	free(w->path);
	free(w->recipient.group);
	*w = (struct lmtp_wanted){ 0 };
}

static void forget_wanted(struct lmtp_session *se)
{
	for (size_t i = 0; i < se->wanted_n; i++)
		lmtp_wanted_release(&se->wanted[i]);
	free(se->wanted);
	se->wanted = NULL;
	se->wanted_n = se->wanted_room = 0;
}

void lmtp_reset(struct lmtp_session *se)
{
	free(se->sender);
	se->sender = NULL;
	se->utf8 = false;
	for (size_t i = 0; i < se->recipients_n; i++)
		free(se->recipients[i].group);
	free(se->recipients);
	se->recipients = NULL;
	se->recipients_n = se->recipients_room = 0;
	forget_wanted(se);
	intake_free(&se->intake);
	smtp_text_release(&se->text);
	se->text_err = ERR_OK;
	if (se->state != LMTP_STATE_START)
		se->state = LMTP_STATE_READY;
}

static void run_job(struct stream_job *j, struct worker *w)
{
	lmtp_work(container_of(j, struct lmtp_session, job), w);
}

static void job_done(struct stream_job *j)
{
	struct lmtp_session *se = container_of(j, struct lmtp_session, job);

	switch (se->task) {
	case LMTP_TASK_RECIPIENTS:
		lmtp_recipients_done(se);
		break;
	case LMTP_TASK_TEXT:
		lmtp_text_done(se);
		break;
	}
}

bool lmtp_submit(struct lmtp_session *se, enum lmtp_task task)
{
	se->task = task;
	se->job = (struct stream_job){ .run = run_job, .done = job_done };
	return stream_submit(se->stream, se->server->pool, &se->job);
}

static void on_input(struct stream *s)
{
	struct lmtp_session *se = stream_session(s);
	bool more = true;

	while (more) {
		bool text =
			se->state == LMTP_STATE_DATA || se->state == LMTP_STATE_CHUNK || se->state == LMTP_STATE_SKIP;

		more = text ? lmtp_take_text(se) : lmtp_take_line(se);
	}
}

/* What the client has asked for before it went is answered. */
static void on_eof(struct stream *s)
{
	stream_close(s);
}

static void on_timeout(struct stream *s)
{
	lmtp_reply(stream_session(s), "421 4.4.2 timeout");
	stream_close(s);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct lmtp_session *se = stream_session(s);

	(void)why;
	lmtp_reset(se);
	free(se->client);
	free(se);
}

void lmtp_open(struct stream *s, void *server)
{
	static const struct stream_events events = {
		.input = on_input, .eof = on_eof, .timeout = on_timeout, .closed = on_closed
	};
	struct lmtp_session *se = mem_alloc(sizeof(*se));
	struct buf b = BUF_INIT(GREETING_MAX_BYTES);

	se->server = server;
	se->stream = s;
	se->peer = stream_peer(s);
	smtp_text_init(&se->text);
	stream_set_input_max(s, SMTP_PIECE_BYTES);
	stream_set_timeout(s, LMTP_TIMEOUT_MS);
	stream_attach(s, &events, se);
	stream_serves(s, "lmtp", 0);
	buf_fmt(&b, "220 %s LMTP roost\r\n", se->server->hostname);
	stream_write_buf(s, &b);
}
