/*
 * Changes with the way holds end. Three parties meet here: push fires (a change, the deadline, a newer request), http
 * wakes (because push fired, because the peer has gone, because of shutdown), and the worker answers. A hold is shared
 * by the request's side and push's; whoever lets go last frees it.
 */
#include <gateway/activesync/hold.h>

#include <base/mem.h>
#include <gateway/activesync/device.h>
#include <gateway/activesync/respond.h>

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

struct eas_hold {
	atomic_uint refs;
	_Atomic(enum push_reason) reason; /* set before http is woken */
	struct eas_request *rq;
	struct http_hold *http; /* the request side's; given away by eas_hold_park() */
	struct http_hold *wake; /* push's reference */
	struct push_watch *watch;
	eas_wake_handler *on_wake;
};

static void hold_unref(struct eas_hold *h)
{
	if (atomic_fetch_sub(&h->refs, 1) > 1)
		return;
	http_hold_unref(&h->wake);
	free(h);
}

static void on_fire(void *ctx, enum push_reason reason)
{
	struct eas_hold *h = ctx;

	atomic_store(&h->reason, reason);
	http_hold_wake(h->wake);
	hold_unref(h);
}

/* Ends the request's side: no fire comes any more, or the one that runs has its own reference. */
static void hold_leave(struct eas_hold *h)
{
	if (push_drop(h->rq->eas->push, &h->watch))
		hold_unref(h); /* push's */
	hold_unref(h);
}

static enum eas_wake wake_of(enum http_wake wake, enum push_reason reason)
{
	static const enum eas_wake wakes[] = {
		[PUSH_CHANGE] = EAS_WAKE_CHANGE,    [PUSH_DEADLINE] = EAS_WAKE_DEADLINE,
		[PUSH_SUPERSEDED] = EAS_WAKE_ENDED, [PUSH_ENDED] = EAS_WAKE_ENDED,
		[PUSH_SHUTDOWN] = EAS_WAKE_ENDED,
	};

	return wake == HTTP_WAKE_EVENT ? wakes[reason] : EAS_WAKE_ENDED;
}

static bool is_still_let_in(struct eas_request *rq)
{
	rq->acts = push_acts(rq->eas->push); /* before the look: what comes behind it is asked for the next time */
	return eas_gate_still(rq);
}

static void on_http_wake(struct http_request *r, struct worker *w, enum http_wake wake, void *ctx)
{
	struct eas_hold *h = ctx;
	struct eas_request *rq = h->rq;
	eas_wake_handler *on_wake = h->on_wake;
	enum eas_wake reason = wake_of(wake, atomic_load(&h->reason));

	hold_leave(h);
	if (wake == HTTP_WAKE_GONE) {
		http_respond_status(r, 0);
		return;
	}
	rq->worker = w;
	rq->arena = w->arena;
	if (reason == EAS_WAKE_CHANGE && !is_still_let_in(rq))
		reason = EAS_WAKE_ENDED;
	on_wake(rq, reason);
}

/* The key of superseding: a device and a command; never 0. */
static uint64_t owner_key(int64_t device, const struct eas_command *command)
{
	return (uint64_t)device << 8 | (uint64_t)command->code;
}

enum err eas_hold_watch(struct eas_request *rq, const struct eas_hold_args *args, struct eas_hold **ret)
{
	struct eas_hold *h = mem_alloc(sizeof(*h));
	enum err e;

	atomic_init(&h->refs, 2);
	h->rq = rq;
	h->on_wake = args->on_wake;
	h->http = http_hold_new(rq->http, on_http_wake, h);
	h->wake = http_hold_ref(h->http);
	e = push_watch(rq->eas->push,
		       &(struct push_watch_args){
			       .mailbox = rq->mailbox,
			       .account = rq->account,
			       .device = rq->device.id,
			       .owner = owner_key(rq->device.id, rq->command),
			       .folders = args->folders,
			       .folders_n = args->folders_n,
			       .hierarchy = args->hierarchy,
			       .elsewhere = args->elsewhere,
			       .elsewhere_n = args->elsewhere_n,
			       .deadline_ms = args->deadline_ms,
			       .fire = on_fire,
			       .ctx = h,
		       },
		       &h->watch);
	if (e) {
		http_hold_cancel(&h->http);
		http_hold_unref(&h->wake);
		free(h);
		return e;
	}
	*ret = h;
	/* What an administrator did since it was let in has ended only what waited then. */
	if (push_acts(rq->eas->push) != rq->acts && !is_still_let_in(rq))
		eas_hold_supersede(rq->eas, rq->device.id, rq->command);
	return ERR_OK;
}

void eas_hold_cancel(struct eas_hold **hp)
{
	struct eas_hold *h = *hp;

	if (!h)
		return;
	*hp = NULL;
	http_hold_cancel(&h->http);
	hold_leave(h);
}

/* A document's beginning, and then SWITCH_PAGE to the page that it is on: no meaning, as often as needed. */
static void keep_alive(struct eas_request *rq, struct http_hold *http)
{
	struct http_keep_alive k = { .first = { "\x03\x01\x6a\x00", 4 }, .beat = { "\x00\x00", 2 } };
	struct http_response head;

	if (!rq->profile->sync_keep_alive || rq->command->root != TAG_AIRSYNC_SYNC)
		return;
	eas_response_init(&head, 200);
	head.content_type = EAS_CONTENT_TYPE_WBXML;
	k.head = &head;
	k.every_ms = rq->eas->config.keep_alive_ms ? rq->eas->config.keep_alive_ms : EAS_KEEP_ALIVE_MS;
	http_hold_keep_alive(http, &k);
}

void eas_hold_park(struct eas_hold **hp)
{
	struct http_hold *http = (*hp)->http;
	struct eas_request *rq = (*hp)->rq;

	keep_alive(rq, http);
	http_drop_body(rq->http);
	rq->body = STR_EMPTY;
	(*hp)->http = NULL;
	*hp = NULL; /* on_http_wake may run and free it from here on */
	http_hold(&http);
}

void eas_hold_supersede(struct eas *eas, int64_t device, const struct eas_command *command)
{
	push_end_owner(eas->push, owner_key(device, command));
}

int64_t eas_hold_deadline(const struct eas_request *rq, unsigned seconds)
{
	return clock_mono_ms(rq->eas->clock) + (int64_t)seconds * 1000;
}

unsigned eas_hold_max_s(const struct eas *eas)
{
	unsigned max = eas->config.max_hold_s;

	if (max == 0 || max > EAS_MAX_HEARTBEAT_S)
		return EAS_MAX_HEARTBEAT_S;
	return max < EAS_MIN_HEARTBEAT_S ? EAS_MIN_HEARTBEAT_S : max;
}
