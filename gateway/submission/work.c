/* What submission asks of the store, on a worker: who the account is, and take this message into the queue. */
#include <gateway/submission/session.h>

enum { ORIGIN_MAX_BYTES = 256 };

static enum err load_author(struct submission_session *se)
{
	arena_reset(&se->kept);
	return send_author_load(&se->kept, se->server->send->store, se->login.identity.account, &se->author);
}

static void put_origin(const struct submission_session *se, struct buf *b)
{
	struct str peer = stream_peer(se->stream);
	bool v6 = str_index(peer, ':') < peer.n;

	/* RFC 3848, RFC 6531 4.3. */
	buf_fmt(b, "from [%s" STR_FMT "] with %sSMTP%sA", v6 ? "IPv6:" : "", STR_ARG(peer), se->utf8 ? "UTF8" : "E",
		stream_is_tls(se->stream) ? "S" : "");
}

static enum err queue_message(struct submission_session *se)
{
	CLEANUP(buf_release) struct buf origin = BUF_INIT(ORIGIN_MAX_BYTES);
	struct send_args args = {
		.remember_ms = SEND_REMEMBER_MIME_MS,
		.sender = se->sender,
		.recipients = se->recipients,
		.recipients_n = se->recipients_n,
		.flags = se->utf8 ? QUEUE_UTF8 : 0,
		.envid = se->envid,
		.ret = se->ret,
	};

	/* A session that loses its answer doubles its mail (RFC 1047): nothing in it tells one message from the next. */
	TRY(queue_name_random("submission", &args.name));
	put_origin(se, &origin);
	args.origin = buf_view(&origin);
	return send_commit(se->send, &args, &se->entry);
}

static enum err take_text(struct submission_session *se)
{
	TRY(buf_status(&se->text.piece));
	if (!se->send)
		TRY(send_new(se->server->send, &se->author, true, &se->send));
	strict_put(&se->strict, buf_view(&se->text.piece));
	if (se->strict.bad)
		return ERR_UNSUPPORTED;
	TRY(send_put(se->send, buf_view(&se->text.piece)));
	if (!se->text.ends)
		return ERR_OK;
	if (!strict_end(&se->strict))
		return ERR_UNSUPPORTED;
	TRY(send_finish(se->send));
	return queue_message(se);
}

void submission_work(struct submission_session *se, struct worker *w)
{
	(void)w;
	switch (se->task) {
	case SUBMISSION_TASK_AUTHOR:
		se->result = load_author(se);
		break;
	case SUBMISSION_TASK_TEXT:
		se->entry = 0;
		se->text_err = take_text(se);
		buf_clear(&se->text.piece);
		if (se->text.ends || se->text_err) /* here: giving its file back may wait for the disk */
			send_free(&se->send);
		break;
	}
}
