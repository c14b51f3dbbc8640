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

void lmtp_text_done(struct lmtp_session *se)
{
	if (se->text_ends) {
		answer_message(se);
	} else if (se->state == LMTP_STATE_CHUNK && se->chunk_left == 0) {
		se->state = LMTP_STATE_CHUNKS;
		lmtp_reply(se, se->text_err ? message_answers[se->text_err] : "250 2.0.0 chunk ok");
	}
}

static void take_dots(struct lmtp_session *se)
{
	struct str piece = str_slice(stream_input(se->stream), 0, LMTP_PIECE_BYTES - se->text.n);
	size_t before = piece.n;

	se->text_ends = lmtp_dots_put(&se->dots, &piece, &se->text);
	stream_consume(se->stream, before - piece.n);
}

static struct str chunk_piece(const struct lmtp_session *se, size_t room)
{
	struct str piece = str_slice(stream_input(se->stream), 0, room);

	return piece.n > se->chunk_left ? str_slice(piece, 0, (size_t)se->chunk_left) : piece;
}

static void take_chunk(struct lmtp_session *se)
{
	struct str piece = chunk_piece(se, LMTP_PIECE_BYTES - se->text.n);

	buf_str(&se->text, piece);
	se->chunk_left -= piece.n;
	stream_consume(se->stream, piece.n);
	se->text_ends = se->chunk_left == 0 && se->chunk_last;
}

static bool skip(struct lmtp_session *se)
{
	struct str piece = chunk_piece(se, SIZE_MAX);

	se->chunk_left -= piece.n;
	stream_consume(se->stream, piece.n);
	if (se->chunk_left)
		return false;
	se->state = se->after_skip;
	return lmtp_refuse(se, "503 5.5.1 bad sequence of commands");
}

bool lmtp_take_text(struct lmtp_session *se)
{
	bool complete;

	if (se->state == LMTP_STATE_SKIP)
		return skip(se);
	if (se->state == LMTP_STATE_CHUNK)
		take_chunk(se);
	else
		take_dots(se);
	complete = se->text_ends || (se->state == LMTP_STATE_CHUNK && se->chunk_left == 0);
	if (!complete && se->text.n < LMTP_PIECE_BYTES / 2)
		return false;
	if (!se->text_err && lmtp_submit(se, LMTP_TASK_TEXT))
		return false;
	/* It can't be taken, or not now: what comes of it is forgotten, which needs no worker. */
	if (!se->text_err)
		se->text_err = ERR_BUSY;
	buf_clear(&se->text);
	lmtp_text_done(se);
	return complete;
}
