#include <gateway/outbound/attempt.h>

#include <base/fault.h>
#include <base/log.h>
#include <gateway/mailbox/recipient.h>
#include <gateway/outbound/report.h>
#include <store/mail_group.h>

enum { LOOKUP_BYTES = 64 * 1024, WRITE_DOWN_TRIES = 10 };

/* ---- where a recipient goes ---- */

enum route { ROUTE_MAILBOX, ROUTE_GROUP, ROUTE_RELAY, ROUTE_NO_SUCH_USER, ROUTE_NONE };

/* What a recipient is, as far as the route needs it. */
struct destination {
	struct account account;
	struct mail_group group;
};

static enum err find_route(const struct attempt *at, struct arena *a, struct str address, enum route *ret,
			   struct destination *ret_to)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	size_t sign = address.n;
	bool ours;

	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	*ret = ROUTE_MAILBOX;
	enum err e = recipient_find(a, tx, address, &ret_to->account);
	if (e != ERR_NOT_FOUND)
		return e;
	*ret = ROUTE_GROUP;
	e = recipient_find_group(a, tx, address, &ret_to->group);
	if (e != ERR_NOT_FOUND)
		return e;
	*ret = ROUTE_RELAY; /* also for a domain of ours: it may be divided between servers */
	if (at->args->relay)
		return ERR_OK;
	while (sign > 0 && address.p[sign - 1] != '@')
		sign--;
	TRY(account_domain_known(tx, str_slice(address, sign, address.n), &ours));
	*ret = ours ? ROUTE_NO_SUCH_USER : ROUTE_NONE;
	return ERR_OK;
}

static void set(struct attempt_result *r, enum queue_state state, struct str status, struct str reply)
{
	r->state = state;
	r->status = status;
	r->reply = reply;
}

/* *ret_relay: it is to go to the smarthost, with the others of its kind. */
static void try_one(struct attempt *at, size_t i, bool *ret_relay)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(LOOKUP_BYTES);
	struct attempt_result *r = &at->results[i];
	struct destination to;
	enum route route = ROUTE_NONE;

	r->tried = true;
	enum err e = find_route(at, &a, at->entry.recipients[i].address, &route, &to);
	if (e)
		set(r, QUEUE_PENDING, S("4.3.0"), str_of(err_text(e)));
	else if (route == ROUTE_MAILBOX)
		attempt_deliver(at, i, &to.account);
	else if (route == ROUTE_GROUP)
		attempt_expand(at, i, &to.group);
	else if (route == ROUTE_RELAY)
		*ret_relay = true;
	else if (route == ROUTE_NO_SUCH_USER)
		set(r, QUEUE_FAILED, S("5.1.1"), S("there is no such user here"));
	else
		set(r, QUEUE_FAILED, S("5.4.4"), S("no smarthost is configured for mail to other servers"));
}

/* ---- what came of it ---- */

static bool is_expired(const struct attempt *at)
{
	return at->now_ms >= at->entry.expires_ms;
}

/* Time is up: what is still open has failed. */
static void expire(struct attempt *at)
{
	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		struct attempt_result *r = &at->results[i];

		if (!r->tried || r->state != QUEUE_PENDING)
			continue;
		r->state = QUEUE_FAILED;
		r->status = S("4.4.7"); /* RFC 3463: delivery time expired */
	}
}

static size_t still_open(const struct attempt *at)
{
	size_t n = 0;

	for (size_t i = 0; i < at->entry.recipients_n; i++)
		n += at->results[i].tried && at->results[i].state == QUEUE_PENDING;
	return n;
}

/* Mail of the queue alone; the bodies come from it. */
static enum err write_results(const struct attempt *at, struct store_tx *tx)
{
	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		const struct attempt_result *r = &at->results[i];

		if (r->tried && r->state == QUEUE_EXPANDED)
			TRY(queue_recipient_expand(tx, at->entry.id, i, r->added, r->added_n));
		else if (r->tried)
			TRY(queue_recipient_set(tx, at->entry.id, i, r->state, r->status, r->reply));
	}
	if (at->settled && !at->entry.settled)
		TRY(queue_set_settled(tx, at->entry.id));
	if (at->added_n)
		return queue_postpone(tx, at->entry.id, at->now_ms);
	if (still_open(at) == 0 && at->settled)
		return queue_finish(tx, at->entry.id);
	return queue_postpone(tx, at->entry.id, at->now_ms + outbound_retry_after_ms(at->entry.attempts + 1));
}

/* An entry that was dropped meanwhile has no open recipient: what was tried of it stays unwritten. */
static enum err write_down(const struct attempt *at, struct report *report)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	fault_point("outbound.result.before");
	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(write_results(at, tx));
	if (report)
		TRY(report_queue(report, at, tx));
	TRY(store_commit(&tx));
	fault_point("outbound.result.after");
	return ERR_OK;
}

/*
 * There is no report to be had now (a full disk): what failed stays open for the next attempt, so that its sender is told
 * then. What has gone is written down all the same, or it would go again.
 */
static void keep_failed_open(struct attempt *at, enum err why)
{
	for (size_t i = 0; i < at->entry.recipients_n; i++)
		if (at->results[i].tried && at->results[i].state == QUEUE_FAILED)
			at->results[i].state = QUEUE_PENDING;
	log_warn("outbound", "entry=%lld report=%s", (long long)at->entry.id, log_quote(str_of(err_text(why))).text);
}

/*
 * What other servers took is taken: where the directory is busy for longer than a transaction waits, more than one wait is
 * better than a mail that goes twice.
 */
static enum err write_down_surely(const struct attempt *at, struct report *report)
{
	enum err e = ERR_BUSY;

	for (unsigned i = 0; e == ERR_BUSY && i < WRITE_DOWN_TRIES && !atomic_load(at->args->stop); i++)
		e = write_down(at, report);
	return e == ERR_BUSY ? write_down(at, report) : e;
}

static void log_results(const struct attempt *at)
{
	static const char *const names[] = {
		[QUEUE_PENDING] = "deferred", [QUEUE_DELIVERED] = "delivered", [QUEUE_RELAYED] = "relayed",
		[QUEUE_FAILED] = "failed",    [QUEUE_DROPPED] = "dropped",     [QUEUE_EXPANDED] = "expanded",
	};
	_Static_assert(countof(names) == QUEUE_STATE_MAX_, "a word for every state");

	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		const struct attempt_result *r = &at->results[i];

		if (r->tried)
			log_event(r->state == QUEUE_FAILED || r->state == QUEUE_PENDING ? LOG_LEVEL_WARN
											: LOG_LEVEL_INFO,
				  "outbound", "entry=%lld from=%s to=%s result=%s status=" STR_FMT " reply=%s",
				  (long long)at->entry.id, log_quote(at->entry.sender).text,
				  log_quote(at->entry.recipients[i].address).text, names[r->state], STR_ARG(r->status),
				  log_quote(r->reply).text);
	}
}

/* ---- the whole ---- */

static enum err read_entry(struct attempt *at)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(queue_get(at->a, tx, at->args->entry, &at->entry));
	at->results = arena_array(at->a, at->entry.recipients_n + 1, sizeof(*at->results));
	at->relayed = arena_array(at->a, at->entry.recipients_n + 1, sizeof(*at->relayed));
	return at->results && at->relayed ? ERR_OK : ERR_LIMIT;
}

/* The sender's mailbox may be busy or full: his mail goes out all the same, and his copy comes with a later attempt. */
static void settle(struct attempt *at)
{
	enum err e = at->entry.settled ? ERR_OK : send_settle(at->args->service, &at->entry);

	at->settled = !e || is_expired(at);
	if (e)
		log_warn("settle", "entry=%lld error=%s", (long long)at->entry.id, log_quote(str_of(err_text(e))).text);
}

static void try_all(struct attempt *at)
{
	bool relays = false;

	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		if (at->entry.recipients[i].state == QUEUE_PENDING)
			try_one(at, i, &at->relayed[i]);
		relays |= at->relayed[i];
	}
	if (relays)
		attempt_relay(at);
}

enum err attempt_run(struct arena *a, const struct attempt_args *args)
{
	CLEANUP(report_release) struct report report = { 0 };
	struct attempt at = { .args = args, .a = a, .now_ms = clock_wall_ms(args->service->clock) };

	enum err e = read_entry(&at);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (at.entry.finished_ms || at.entry.next_ms > at.now_ms)
		return ERR_OK;
	settle(&at);
	try_all(&at);
	if (is_expired(&at))
		expire(&at);
	e = report_make(&report, &at);
	if (e)
		keep_failed_open(&at, e);
	TRY(write_down_surely(&at, report_wanted(&report) ? &report : NULL));
	log_results(&at);
	return ERR_OK;
}
