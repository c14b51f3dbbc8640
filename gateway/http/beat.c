/*
 * Answers that are begun while their request still waits. Changes with how a client is kept from giving up: a chunk now and
 * then that means nothing, and at the end what the handler answers, less what has been said already.
 */
#include <gateway/http/http_priv.h>

#include <unistd.h>

enum { CHUNK_HEAD_MAX = 32 };

void http_hold_keep_alive(struct http_hold *h, const struct http_keep_alive *k)
{
	struct http_exchange *ex = h->ex;

	if (ex->beat_ms) { /* held again: what was said stands */
		http_response_release(k->head);
		return;
	}
	ex->beat_ms = k->every_ms;
	ex->begun_head = *k->head;
	http_response_init(k->head, 0, 0);
	if (ex->begun_head.content_type.p)
		http_response_header(&ex->begun_head, "Content-Type", ex->begun_head.content_type);
	ex->first = k->first;
	ex->beat_octets = k->beat;
}

bool http_answer_begun(const struct http_request *r)
{
	return container_of((struct http_request *)(uintptr_t)r, struct http_exchange, r)->begun;
}

static void put_chunk_head(struct stream *s, uint64_t n)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT(CHUNK_HEAD_MAX);

	buf_fmt(&head, "%llx\r\n", (unsigned long long)n);
	stream_write(s, buf_view(&head));
}

static void put_chunk(struct stream *s, struct str octets)
{
	if (octets.n == 0) /* an empty one would be the last */
		return;
	put_chunk_head(s, octets.n);
	stream_write(s, octets);
	stream_write(s, S("\r\n"));
}

void begun_end(struct stream *s)
{
	stream_write(s, S("0\r\n\r\n"));
}

static bool can_beat(const struct http_exchange *ex)
{
	return ex->conn->state == CONN_PARKED && ex->conn->stream && !ex->http10 && ex->r.method != HTTP_HEAD;
}

static void beat(struct timer *t)
{
	struct http_exchange *ex = container_of(t, struct http_exchange, beat);
	struct http_conn *c = ex->conn;

	if (can_beat(ex) && !ex->begun) {
		response_begin(c->stream, &ex->begun_head, !ex->close);
		put_chunk(c->stream, ex->first);
		ex->begun = true;
	} else if (ex->begun && c->stream) {
		put_chunk(c->stream, ex->beat_octets);
	}
	beat_start(ex);
}

void beat_start(struct http_exchange *ex)
{
	if (!ex->beat_ms)
		return;
	ex->beat.fire = beat;
	timer_set(ex->lane->loop, &ex->beat, loop_now_ms(ex->lane->loop) + ex->beat_ms);
}

void beat_stop(struct http_exchange *ex)
{
	timer_clear(ex->lane->loop, &ex->beat);
}

static bool file_begins_with(const struct http_response *resp, struct str first)
{
	char octets[64];

	return resp->file_size >= first.n && first.n <= sizeof(octets) &&
	       pread(resp->fd, octets, first.n, 0) == (ssize_t)first.n && str_eq(str_from(octets, first.n), first);
}

bool begun_answer(struct stream *s, struct http_exchange *ex)
{
	const struct http_response *resp = &ex->answer;
	struct str body = buf_view(&resp->body);

	if (resp->status != 200)
		return false;
	if (resp->in_file) {
		if (!file_begins_with(resp, ex->first))
			return false;
		put_chunk_head(s, resp->file_size - ex->first.n);
		return true;
	}
	if (!str_starts(body, ex->first))
		return false;
	put_chunk(s, str_slice(body, ex->first.n, body.n));
	begun_end(s);
	return true;
}
