/* Changes with what is taken for hammering. */
#include <gateway/activesync/throttle.h>

#include <base/buf.h>
#include <base/mem.h>
#include <base/table.h>

#include <pthread.h>
#include <stdlib.h>

enum {
	S_MS = 1000,
	ID_MAX = 64, /* what is longer is no device id, and is refused */
	KEY_MAX = 24 + ID_MAX,
};

/* How often something came since the window began. */
struct count {
	int64_t since_ms;
	unsigned n;
};

struct seen {
	struct count commands, repeats, agents;
	uint64_t request, agent; /* hashes of the last ones */
	int64_t blocked_until_ms;
	const char *reason; /* NULL: not blocked */
};

struct eas_throttle {
	struct eas_throttle_limits limits;
	pthread_mutex_t lock;
	struct table *devices; /* struct seen */
	int64_t forgot_ms;
};

struct eas_throttle *eas_throttle_new(const struct eas_throttle_limits *limits)
{
	struct eas_throttle *t = mem_alloc(sizeof(*t));

	t->limits = *limits;
	if (!t->limits.block_s)
		t->limits.block_s = EAS_THROTTLE_BLOCK_DEFAULT_S;
	pthread_mutex_init(&t->lock, NULL);
	t->devices = table_new();
	return t;
}

void eas_throttle_free(struct eas_throttle **tp)
{
	struct eas_throttle *t = *tp;
	struct str key;
	size_t at = 0;
	void *seen;

	if (!t)
		return;
	*tp = NULL;
	while (table_next(t->devices, &at, &key, &seen))
		free(seen);
	table_free(&t->devices);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static bool is_quiet(const struct seen *s, int64_t now_ms)
{
	return now_ms >= s->blocked_until_ms && now_ms - s->commands.since_ms > EAS_THROTTLE_WINDOW_S * INT64_C(1000) &&
	       (s->agents.n == 0 || now_ms - s->agents.since_ms > EAS_THROTTLE_AGENT_S * INT64_C(1000));
}

/* At most once a window, so that a full table does not cost a walk each request. */
static void forget_quiet(struct eas_throttle *t, int64_t now_ms)
{
	struct str key;
	size_t at = 0;
	void *seen;

	if (t->forgot_ms && now_ms - t->forgot_ms < EAS_THROTTLE_WINDOW_S * S_MS)
		return;
	t->forgot_ms = now_ms;
	while (table_next(t->devices, &at, &key, &seen)) {
		if (!is_quiet(seen, now_ms))
			continue;
		table_remove(t->devices, key);
		free(seen);
	}
}

/* NULL: too many devices are awake; this one is not counted. */
static struct seen *seen_of(struct eas_throttle *t, const struct eas_throttle_request *rq)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(KEY_MAX);
	struct seen *s;

	buf_i64(&key, rq->account);
	buf_char(&key, '/');
	buf_str(&key, str_slice(rq->device_id, 0, ID_MAX));
	s = table_get(t->devices, buf_view(&key));
	if (s)
		return s;
	if (table_count(t->devices) >= EAS_THROTTLE_MAX_DEVICES)
		forget_quiet(t, rq->now_ms);
	if (table_count(t->devices) >= EAS_THROTTLE_MAX_DEVICES)
		return NULL;
	s = mem_alloc(sizeof(*s));
	table_set(t->devices, buf_view(&key), s);
	return s;
}

/* One more; was it one too many? */
static bool passes(struct count *c, unsigned limit, int64_t window_s, int64_t now_ms)
{
	if (c->n == 0 || now_ms - c->since_ms >= window_s * S_MS)
		*c = (struct count){ .since_ms = now_ms };
	c->n++;
	return limit && c->n > limit;
}

static uint64_t hash_of(const struct eas_throttle_request *rq)
{
	const uint64_t parts[] = { table_hash(rq->query), table_hash(rq->body) };

	return table_hash(str_from(parts, sizeof(parts)));
}

static const char *judge(const struct eas_throttle_limits *l, struct seen *s, const struct eas_throttle_request *rq,
			 uint64_t request)
{
	uint64_t agent = table_hash(rq->user_agent);
	bool changed = s->agent && s->agent != agent;
	const char *reason = NULL;

	if (s->request != request)
		s->repeats = (struct count){ 0 };
	s->request = request;
	s->agent = agent;
	if (passes(&s->commands, l->commands, EAS_THROTTLE_WINDOW_S, rq->now_ms))
		reason = "CommandFrequency";
	if (passes(&s->repeats, l->repeats, EAS_THROTTLE_WINDOW_S, rq->now_ms))
		reason = "RecentCommands";
	if (changed && passes(&s->agents, l->user_agents, EAS_THROTTLE_AGENT_S, rq->now_ms))
		reason = "UserAgentChanges";
	return reason;
}

static const char *ask(struct eas_throttle *t, const struct eas_throttle_request *rq, uint64_t request,
		       unsigned *ret_retry_s, bool *ret_begins)
{
	struct seen *s = seen_of(t, rq);

	*ret_begins = false;
	if (!s)
		return NULL;
	if (s->reason && rq->now_ms >= s->blocked_until_ms)
		*s = (struct seen){ .agent = s->agent };
	if (!s->reason) {
		s->reason = judge(&t->limits, s, rq, request);
		*ret_begins = s->reason != NULL;
		if (s->reason)
			s->blocked_until_ms = rq->now_ms + (int64_t)t->limits.block_s * S_MS;
	}
	if (s->reason)
		*ret_retry_s = (unsigned)((s->blocked_until_ms - rq->now_ms + S_MS - 1) / S_MS);
	return s->reason;
}

const char *eas_throttle_ask(struct eas_throttle *t, const struct eas_throttle_request *rq, unsigned *ret_retry_s,
			     bool *ret_begins)
{
	uint64_t request = hash_of(rq); /* of a body of any size: not under the lock */
	const char *reason;

	pthread_mutex_lock(&t->lock);
	reason = ask(t, rq, request, ret_retry_s, ret_begins);
	pthread_mutex_unlock(&t->lock);
	return reason;
}
