/* A request and its response, for a phone that has one connection and time to wait. */
#include "exchange.h"

#include "fault.h"

#include <base/clock.h>

#include <limits.h>
#include <poll.h>

enum { RECEIVE_BYTES = 16 * 1024 };

struct talk {
	struct wire *wire;
	struct buf *why;
	int64_t deadline_ms;
	bool fresh; /* the connection was made for this request */
	char room[RECEIVE_BYTES];
};

static enum err await(struct talk *t, short events)
{
	struct pollfd p = { conn_fd(t->wire->conn), events, 0 };
	int64_t left = t->deadline_ms - clock_mono_ms(clock_real());

	if (left <= 0 || poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left) == 0)
		return fault_err(t->why, ERR_BUSY, "no answer within %lld s", (long long)t->wire->timeout_ms / 1000);
	return ERR_OK;
}

/* What an event of the connection means here; ERR_OK: go on. */
static enum err settle(struct talk *t, enum conn_event e)
{
	switch (e) {
	case CONN_OK:
		return ERR_OK;
	case CONN_READ:
		return await(t, POLLIN);
	case CONN_WRITE:
		return await(t, POLLOUT);
	case CONN_EOF:
	case CONN_FAILED:
		break;
	}
	conn_explain(t->wire->conn, t->why);
	return ERR_IO;
}

static enum err open_fresh(struct talk *t)
{
	enum conn_event e;

	conn_close(&t->wire->conn);
	t->fresh = true;
	t->wire->conn = conn_open(&t->wire->endpoint, t->why);
	if (!t->wire->conn)
		return ERR_IO;
	do {
		e = conn_handshake(t->wire->conn);
		TRY(settle(t, e));
	} while (e != CONN_OK);
	return ERR_OK;
}

static enum err send_all(struct talk *t, struct str bytes)
{
	while (bytes.n) {
		size_t sent;

		TRY(settle(t, conn_send(t->wire->conn, bytes, &sent)));
		bytes = str_slice(bytes, sent, bytes.n);
	}
	return ERR_OK;
}

static bool cut_now(enum cut cut, const struct reply *r)
{
	if (cut != CUT_HALF || r->state == REPLY_HEAD)
		return false;
	return !r->has_length || r->body.n >= r->length / 2;
}

/* One receive, fed to the reply. */
static enum err receive_some(struct talk *t, struct reply *r, bool *ret_eof)
{
	size_t got, used;
	enum conn_event e = conn_receive(t->wire->conn, t->room, sizeof(t->room), &got);

	*ret_eof = e == CONN_EOF;
	if (*ret_eof) {
		reply_end(r);
		return ERR_OK;
	}
	TRY(settle(t, e));
	if (reply_feed(r, str_from(t->room, got), &used) == REPLY_DONE && used < got)
		return fault(t->why, "%zu bytes follow the response", got - used);
	return ERR_OK;
}

static enum err receive_all(struct talk *t, enum cut cut, struct reply *r)
{
	bool eof = false;

	while (r->state != REPLY_DONE && r->state != REPLY_BAD && !eof && !cut_now(cut, r))
		TRY(receive_some(t, r, &eof));
	if (cut_now(cut, r))
		return ERR_STALE;
	if (r->state == REPLY_BAD && eof && r->head.n == 0)
		return fault_err(t->why, ERR_IO, "the server closed the connection without an answer");
	if (r->state != REPLY_DONE)
		return fault(t->why, "not a whole HTTP response (status %d, %zu bytes of body)", r->status, r->body.n);
	return ERR_OK;
}

static enum err attempt(struct talk *t, struct str request, enum cut cut, struct reply *r)
{
	if (!t->wire->conn)
		TRY(open_fresh(t));
	TRY(send_all(t, request));
	if (cut == CUT_BEFORE) {
		TRY(await(t, POLLIN));
		return ERR_STALE;
	}
	TRY(receive_all(t, cut, r));
	return cut == CUT_AFTER ? ERR_STALE : ERR_OK;
}

enum err exchange(struct wire *w, struct str request, enum cut cut, struct reply *reply, struct buf *why)
{
	struct talk t = { .wire = w, .why = why, .deadline_ms = clock_mono_ms(clock_real()) + w->timeout_ms };
	enum err e = attempt(&t, request, cut, reply);

	if (e == ERR_IO && !t.fresh && reply->head.n == 0) {
		conn_close(&w->conn);
		buf_clear(why);
		reply_release(reply);
		reply_init(reply);
		e = attempt(&t, request, cut, reply);
	}
	if (e || !reply_keeps_open(reply))
		conn_close(&w->conn);
	return e;
}

void wire_release(struct wire *w)
{
	conn_close(&w->conn);
	endpoint_release(&w->endpoint);
}
