/* The text of a message: given to a worker in pieces, and answered once the queue has it on disk. */
#include <gateway/submission/session.h>

#include <base/fault.h>
#include <base/log.h>

enum { ANSWER_MAX_BYTES = 128 };

/* What became of a message (RFC 3463). */
static const char *const answers[] = {
	[ERR_OK] = "250 2.0.0 queued",
	[ERR_NOT_FOUND] = "451 4.3.0 storage error",
	[ERR_EXISTS] = "451 4.3.0 storage error",
	[ERR_STALE] = "451 4.3.0 storage error",
	[ERR_INVALID] = "550 5.6.0 From stands there twice",
	[ERR_DENIED] = "550 5.7.1 From or Sender is not an address of yours",
	[ERR_UNSUPPORTED] = "550 5.6.0 a CR or LF stands alone, or there is a NUL",
	[ERR_LIMIT] = "552 5.3.4 message too large",
	[ERR_BUSY] = "451 4.3.2 busy, try again",
	[ERR_FULL] = "452 4.3.1 no space left",
	[ERR_CORRUPT] = "451 4.3.0 storage error",
	[ERR_IO] = "451 4.3.0 storage error",
	[ERR_QUOTA] = "452 4.2.2 mailbox full",
};
_Static_assert(countof(answers) == ERR_MAX_, "map every error");

static void answer_message(struct submission_session *se)
{
	struct buf b = BUF_INIT(ANSWER_MAX_BYTES);

	log_event(se->text_err ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "submit",
		  "user=%s peer=" STR_FMT " recipients=%zu entry=%lld result=%s", log_quote(se->author.address).text,
		  STR_ARG(stream_peer(se->stream)), se->recipients_n, (long long)se->entry,
		  log_quote(str_of(err_text(se->text_err))).text);
	fault_point("submission.answer");
	buf_cstr(&b, answers[se->text_err]);
	if (!se->text_err)
		buf_fmt(&b, " as %lld", (long long)se->entry);
	buf_cstr(&b, "\r\n");
	stream_write_buf(se->stream, &b);
	submission_reset(se);
}

/* The piece is taken; what it was the end of. */
static void answer(struct submission_session *se)
{
	if (se->taken == SMTP_TEXT_END) {
		answer_message(se);
	} else if (se->taken == SMTP_TEXT_CHUNK) {
		se->state = SUBMISSION_CHUNKS;
		submission_reply(se, se->text_err ? answers[se->text_err] : "250 2.0.0 chunk ok");
	}
}

void submission_text_done(struct submission_session *se)
{
	answer(se);
}

bool submission_take_text(struct submission_session *se)
{
	if (se->state == SUBMISSION_SKIP) {
		if (!smtp_text_skip(&se->text, se->stream))
			return false;
		se->state = se->after_skip;
		return submission_refuse(se, "503 5.5.1 bad sequence of commands");
	}
	se->taken = smtp_text_take(&se->text, se->stream);
	if (se->taken == SMTP_TEXT_MORE)
		return false;
	if (!se->text_err && submission_submit(se, SUBMISSION_TASK_TEXT))
		return false;
	/* It can't be taken, or not now: what comes of it is forgotten, which needs no worker. */
	if (!se->text_err)
		se->text_err = ERR_BUSY;
	buf_clear(&se->text.piece);
	answer(se);
	return true;
}
