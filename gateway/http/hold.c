/*
 * Held requests. A hold's own state belongs to the loop: a wake is a task that is posted there, once, whenever it comes,
 * and whoever is second finds it held no more. So nothing is lost between the handler's check and the hold, nothing runs
 * twice, and no lock is needed.
 */
#include <gateway/http/http_priv.h>

#include <base/mem.h>

#include <assert.h>
#include <stdlib.h>

struct http_hold *http_hold_ref(struct http_hold *h)
{
	atomic_fetch_add(&h->refs, 1);
	return h;
}

void http_hold_unref(struct http_hold **hp)
{
	struct http_hold *h = *hp;

	*hp = NULL;
	if (h && atomic_fetch_sub(&h->refs, 1) == 1)
		free(h);
}

static void wake_arrived(struct task *t)
{
	struct http_hold *h = container_of(t, struct http_hold, wake);

	if (h->held)
		hold_fire(h->ex, HTTP_WAKE_EVENT);
	else
		h->wake_seen = true; /* before the hold has begun, or after its end */
	http_hold_unref(&h);
}

struct http_hold *http_hold_new(struct http_request *r, http_wake_handler *on_wake, void *ctx)
{
	struct http_exchange *ex = container_of(r, struct http_exchange, r);
	struct http_hold *h = mem_alloc(sizeof(*h));

	atomic_init(&h->refs, 1);
	h->loop = ex->lane->loop;
	h->ex = ex;
	h->on_wake = on_wake;
	h->ctx = ctx;
	h->wake.run = wake_arrived;
	return h;
}

void http_hold_cancel(struct http_hold **hp)
{
	if (*hp)
		atomic_store(&(*hp)->woken, true);
	http_hold_unref(hp);
}

void http_hold(struct http_hold **hp)
{
	struct http_exchange *ex = (*hp)->ex;

	assert(!ex->hold);
	ex->hold = *hp;
	*hp = NULL;
	exchange_home(ex);
}

void http_hold_wake(struct http_hold *h)
{
	if (atomic_exchange(&h->woken, true))
		return;
	http_hold_ref(h);
	loop_post(h->loop, &h->wake);
}

void hold_fire(struct http_exchange *ex, enum http_wake reason)
{
	if (ex->phase != EXCHANGE_HELD)
		return;
	beat_stop(ex);
	ex->hold->held = false;
	atomic_store(&ex->hold->woken, true);
	atomic_fetch_sub(&ex->server->held, 1);
	ex->phase = EXCHANGE_WOKEN;
	ex->reason = reason;
	list_append(&ex->lane->woken, &ex->node);
	lane_unpark(ex->lane);
}

/* One that libmicrohttpd keeps costs three descriptors and a pool of memory instead of one and a few kilobytes. */
static bool has_room(struct http_conn *c, struct http_exchange *ex)
{
	struct http_lane *lane = ex->lane;

	if (c->parking || c->state == CONN_PARKED || ex->kept)
		return true;
	if (lane->suspended >= ex->server->args.max_suspended)
		return false;
	ex->kept = true;
	lane->suspended++;
	return true;
}

/* The handler is through; whatever happened meanwhile is looked at here, on the loop, where it would happen next too. */
void hold_begin(struct http_exchange *ex)
{
	struct http_hold *h = ex->hold;
	struct http_conn *c = ex->conn;

	ex->phase = EXCHANGE_HELD;
	h->held = true;
	beat_start(ex);
	atomic_fetch_add(&ex->server->held, 1);
	if (c->suspended && conn_is_alone(c, ex)) {
		c->parking = c->give_up = true;
		engine_resume(c);
	}
	if (conn_peer_gone(c))
		hold_fire(ex, HTTP_WAKE_GONE);
	else if (h->wake_seen)
		hold_fire(ex, HTTP_WAKE_EVENT);
	else if (ex->lane->stopping || !has_room(c, ex))
		hold_fire(ex, HTTP_WAKE_SHUTDOWN);
}

void exchange_run_woken(struct http_exchange *ex, struct worker *w)
{
	struct http_hold *h = ex->hold;

	ex->hold = NULL;
	ex->r.arena = w->arena;
	h->on_wake(&ex->r, w, ex->reason, h->ctx);
	http_hold_unref(&h);
}
