/* Sessions of announcing writers, and of who asks. */
#include <gateway/control/announce_server.h>

#include <base/mem.h>

#include <stdlib.h>

struct session {
	const struct announce_server *server;
	struct stream *stream;
	struct stream_job job;
	struct ask ask;
	struct buf answer;
	const char *why; /* there is no answer */
	int64_t *begun;  /* mailboxes named and not committed yet */
	size_t begun_n, begun_room;
};

static bool remember(struct session *se, int64_t mailbox)
{
	if (se->begun_n == ANNOUNCE_MAX_MAILBOXES)
		return false;
	if (se->begun_n == se->begun_room) {
		se->begun_room = se->begun_room ? se->begun_room * 2 : 4;
		se->begun = mem_resize(se->begun, se->begun_room * sizeof(*se->begun));
	}
	se->begun[se->begun_n++] = mailbox;
	return true;
}

static void forget(struct session *se, int64_t mailbox)
{
	for (size_t i = 0; i < se->begun_n; i++) {
		if (se->begun[i] != mailbox)
			continue;
		se->begun[i] = se->begun[--se->begun_n];
		return;
	}
}

static void run_ask(struct stream_job *j, struct worker *w)
{
	struct session *se = container_of(j, struct session, job);

	(void)w;
	se->why = NULL;
	if (!se->server->ask(se->server->ctx, &se->ask, &se->answer, &se->why) && !se->why)
		se->why = "it failed";
	if (buf_status(&se->answer))
		se->why = "the answer is too long";
}

static void ask_done(struct stream_job *j)
{
	struct session *se = container_of(j, struct session, job);

	if (!se->why) {
		stream_write_buf(se->stream, &se->answer);
		stream_write(se->stream, ANNOUNCE_OK);
		return;
	}
	buf_release(&se->answer);
	buf_fmt(&se->answer, "error %s\n", se->why);
	stream_write_buf(se->stream, &se->answer);
	stream_close(se->stream);
}

/* Nothing to say yet; or that there is no worker for it. */
static struct str begin_ask(struct session *se)
{
	se->job = (struct stream_job){ .run = run_ask, .done = ask_done };
	return stream_submit(se->stream, se->server->pool, &se->job) ? STR_EMPTY : S("error busy\n");
}

/* The answer to a line; empty where it comes later. */
static struct str take_line(struct session *se, struct str line)
{
	const struct announce_server *sv = se->server;
	enum announce_verb verb;
	int64_t id;

	if (sv->ask && ask_parse(line, &se->ask) == ERR_OK)
		return begin_ask(se);
	if (announce_parse(line, &verb, &id))
		return S("error malformed\n");
	switch (verb) {
	case ANNOUNCE_BEGIN:
		if (!remember(se, id))
			return S("error too many mailboxes\n");
		break;
	case ANNOUNCE_COMMITTED:
		forget(se, id);
		sv->mailbox_changed(sv->ctx, id);
		break;
	case ANNOUNCE_ACCOUNT:
		sv->account_changed(sv->ctx, id);
		break;
	case ANNOUNCE_DEVICE:
		sv->device_changed(sv->ctx, id);
		break;
	case ANNOUNCE_POLICIES:
		if (id > ANNOUNCE_MAX_SPREAD_S)
			return S("error too long\n");
		sv->policies_changed(sv->ctx, id);
		break;
	}
	return ANNOUNCE_OK;
}

static void on_input(struct stream *s)
{
	struct session *se = stream_session(s);
	struct str answer = ANNOUNCE_OK;

	while (str_eq(answer, ANNOUNCE_OK)) {
		struct str input = stream_input(s);
		size_t end = str_index(input, '\n');

		if (end == input.n && !stream_input_full(s))
			return;
		if (end == input.n) {
			answer = S("error line too long\n");
		} else {
			answer = take_line(se, str_slice(input, 0, end));
			stream_consume(s, end + 1);
		}
		if (answer.n == 0)
			return;
		stream_write(s, answer);
	}
	stream_close(s);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	struct session *se = stream_session(s);

	(void)why;
	/* It may have committed and then died before it could say so. */
	for (size_t i = 0; i < se->begun_n; i++)
		se->server->mailbox_changed(se->server->ctx, se->begun[i]);
	free(se->begun);
	buf_release(&se->answer);
	free(se);
}

void announce_server_open(struct stream *s, void *server)
{
	static const struct stream_events events = { .input = on_input, .closed = on_closed };
	struct session *se;

	if (!stream_peer_is_own(s)) {
		stream_abort(s);
		return;
	}
	se = mem_alloc(sizeof(*se));
	se->server = server;
	se->stream = s;
	se->answer = BUF_INIT(ASK_ANSWER_MAX);
	stream_set_input_max(s, ANNOUNCE_LINE_MAX);
	stream_attach(s, &events, se);
	stream_serves(s, "control", 0);
}
