/* The text of a message, of DATA or in chunks: collected in pieces for a worker, and answered when it is complete. */
#include <gateway/lmtp/session.h>

#include <base/fault.h>
#include <base/log.h>

/* What became of a message, to the MTA (RFC 3463). */
static const char *const message_answers[] = {
	[ERR_OK] = "250 2.0.0 delivered",
	[ERR_NOT_FOUND] = "550 5.1.1 no such recipient", /* since RCPT */
	[ERR_EXISTS] = "451 4.3.0 storage error",
	[ERR_STALE] = "451 4.3.0 storage error",
	[ERR_INVALID] = "451 4.3.0 storage error",
	[ERR_DENIED] = "451 4.3.0 storage error",
	[ERR_UNSUPPORTED] = "451 4.3.0 storage error",
	[ERR_LIMIT] = "552 5.3.4 message too large",
	[ERR_BUSY] = "451 4.3.2 busy, try again",
	[ERR_FULL] = "452 4.3.1 no space left",
	[ERR_CORRUPT] = "451 4.3.0 storage error",
	[ERR_IO] = "451 4.3.0 storage error",
	[ERR_QUOTA] = "452 4.2.2 mailbox full",
};
_Static_assert(countof(message_answers) == ERR_MAX_, "map every error");

/* One answer for each recipient that was accepted, in their order (RFC 2033 4.2). */
static void answer_message(struct lmtp_session *se)
{
	if (se->text_err)
		log_warn("refuse", "id=%llx from=%s recipients=%zu error=%s", (unsigned long long)se->id,
			 log_quote(str_of(se->sender)).text, se->recipients_n,
			 log_quote(str_of(err_text(se->text_err))).text);
	fault_point("lmtp.answer");
	for (size_t i = 0; i < se->recipients_n; i++)
		lmtp_reply(se, message_answers[se->text_err ? se->text_err : se->recipients[i].result]);
	lmtp_reset(se);
}

/* The piece is taken; what it was the end of. */
static void answer(struct lmtp_session *se, enum smtp_taken taken)
{
	if (taken == SMTP_TEXT_END) {
		answer_message(se);
	} else if (taken == SMTP_TEXT_CHUNK) {
		se->state = LMTP_STATE_CHUNKS;
		lmtp_reply(se, se->text_err ? message_answers[se->text_err] : "250 2.0.0 chunk ok");
	}
}

void lmtp_text_done(struct lmtp_session *se)
{
	answer(se, se->taken);
}

bool lmtp_take_text(struct lmtp_session *se)
{
	if (se->state == LMTP_STATE_SKIP) {
		if (!smtp_text_skip(&se->text, se->stream))
			return false;
		se->state = se->after_skip;
		return lmtp_refuse(se, "503 5.5.1 bad sequence of commands");
	}
	se->taken = smtp_text_take(&se->text, se->stream);
	if (se->taken == SMTP_TEXT_MORE)
		return false;
	if (!se->text_err && lmtp_submit(se, LMTP_TASK_TEXT))
		return false;
	/* It can't be taken, or not now: what comes of it is forgotten, which needs no worker. */
	if (!se->text_err)
		se->text_err = ERR_BUSY;
	buf_clear(&se->text.piece);
	answer(se, se->taken);
	return true;
}
