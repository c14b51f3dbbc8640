/*
 * Step C of Sync: the new keys, in one write transaction, before their first byte leaves. Nothing to say and nothing
 * done: nothing is written, and the phone's key stays what it is (sync-engine rule 8). What is kept of the request goes
 * along with the first write that there is.
 */
#include <gateway/activesync/sync_work.h>

#include <base/log.h>

struct feed_state sync_work_state(const struct sync_job *job, const struct sync_work *c)
{
	struct feed_state st = *sync_line_state(&c->line);

	st.by = (uint16_t)c->by; /* as it was, or nothing is held yet */
	eas_filters_set(&st, &c->allowed, clock_wall_ms(job->rq->eas->clock));
	/* Texts that are another's to send now: no page tells it that they go, so it has them still. */
	if (c->outbound != EAS_OUTBOUND_HEARS && !sync_work_pages(c))
		st.edge[FEED_TEXTS] = sync_line_state(&c->line)->edge[FEED_TEXTS];
	return st;
}

enum err sync_work_issue(struct sync_work *c, const struct feed_state *st)
{
	CLEANUP(buf_release) struct buf options = BUF_INIT(EAS_OPTIONS_MAX_BYTES);

	eas_options_put(&options, &c->options);
	TRY(buf_status(&options));
	return sync_line_issue(&c->line, st, buf_view(&options));
}

/* No news: the key stays; *due: what has moved under it must be stored all the same. */
static enum err advance(const struct sync_job *job, struct sync_work *c, bool *due)
{
	CLEANUP(buf_release) struct buf options = BUF_INIT(EAS_OPTIONS_MAX_BYTES);

	eas_options_put(&options, &c->options);
	TRY(buf_status(&options));
	TRY(sync_line_advance(&c->line, &c->state, buf_view(&options), clock_wall_ms(job->rq->eas->clock), due));
	*due |= c->forgotten || c->skipped;
	return ERR_OK;
}

/*
 * A page goes out: the next key stands for it. An empty one too, where the windows of others left no room: a phone takes
 * a collection that is not in the answer for one without changes (MS-ASCMD R4779, R4780), and MoreAvailable under the
 * key that it sent for a loop.
 */
static bool has_news(const struct sync_work *c)
{
	return c->entries > 0 || c->more;
}

static bool is_open(const struct sync_work *c)
{
	return c->status == EAS_SYNC_DONE && c->first_key.n == 0;
}

static enum err move_on(const struct sync_job *job, struct sync_work *c, bool *due)
{
	/* Commands without a page: their results have been stored under the new key already (step A). */
	*due = is_open(c) && (has_news(c) || !c->line.issued);
	if (!*due)
		return ERR_OK;
	return has_news(c) ? sync_work_issue(c, &c->state) : advance(job, c, due);
}

enum err sync_kept_look(struct sync_job *job, struct store_tx *tx)
{
	struct str stored = STR_EMPTY;
	enum err e = sync_cache_get(job->rq->arena, tx, job->rq->device.id, SYNC_CACHE_REQUEST, &stored);

	if (e != ERR_NOT_FOUND)
		TRY(e);
	job->kept_stored = str_eq(stored, job->kept);
	return ERR_OK;
}

enum err sync_kept_store(struct sync_job *job, struct store_tx *tx)
{
	TRY(sync_kept_look(job, tx));
	if (job->kept_stored)
		return ERR_OK;
	job->kept_stored = true;
	return sync_cache_put(tx, job->rq->device.id, SYNC_CACHE_REQUEST, job->kept);
}

static bool is_known(const struct sync_work *c)
{
	for (size_t i = 0; i < c->held_n; i++)
		if (c->held[i].item == c->found.item && c->held[i].level == c->found.level)
			return true;
	return false;
}

/* Told to whoever looks after the server: one of the two programs has a fault. */
static enum err hold_back(const struct sync_job *job, const struct sync_work *c, struct store_tx *tx)
{
	if (c->found.level == HELD_BACK_NOT || is_known(c))
		return ERR_OK;
	log_warn("held_back", "user=%s device=%s folder=%lld item=%lld level=%s asked=%u",
		 log_quote(job->rq->address).text, log_quote(job->rq->device.text_id).text, (long long)c->folder,
		 (long long)c->found.item, c->found.level == HELD_BACK_SKIPPED ? "skipped" : "placeholder", c->again);
	return held_back_put(tx, job->rq->device.id, c->found.item, c->found.level);
}

/*
 * In the transaction that stores what the phone is told: is it still the one that sends? Of two that were both told so, before the
 * account's devices or their lines changed, the later one asks again.
 */
static enum err check_outbound(const struct sync_job *job, const struct sync_work *c, struct store_tx *tx)
{
	enum eas_outbound now;

	if (c->role != FOLDER_OUTBOX || !c->allowed.texts.asked || !has_news(c))
		return ERR_OK;
	TRY(eas_outbound_of(job->rq, tx, c->role, c->folder, &now));
	return now == EAS_OUTBOUND_HEARS ? ERR_OK : ERR_STALE;
}

/*
 * A phone that was not to hear of texts, or has begun anew without them, has shown what it holds: another one may wait for that. Once
 * the line is stored.
 */
static bool has_let_go(const struct sync_work *c)
{
	if (c->role != FOLDER_OUTBOX || c->allowed.texts.asked)
		return false;
	if (c->held_texts && !eas_outbound_holds(&c->line))
		return true;
	return c->options.texts.asked && (c->line.presented == SYNC_CONFIRMS || c->line.presented == SYNC_BEGINS);
}

static enum err store_own(struct sync_job *job)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool let_go = false;

	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];
		bool due;

		if (c->place.shared)
			continue;
		TRY(move_on(job, c, &due));
		let_go |= has_let_go(c);
		if (!due)
			continue;
		if (!tx)
			TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_WRITE, &tx));
		TRY(check_outbound(job, c, tx));
		TRY(sync_line_store(tx, &c->line));
		TRY(hold_back(job, c, tx));
	}
	if (!job->kept_stored && !tx)
		TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_WRITE, &tx));
	if (!job->kept_stored)
		TRY(sync_kept_store(job, tx));
	if (tx)
		TRY(store_commit(&tx));
	if (let_go)
		eas_outbound_changed(job->rq);
	return ERR_OK;
}

static enum err store_shared(struct sync_job *job, struct sync_work *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool due;

	TRY(move_on(job, c, &due));
	if (!due)
		return ERR_OK;
	TRY(store_begin(job->rq->eas->store, c->place.mailbox, STORE_WRITE, &tx));
	TRY(sync_line_store(tx, &c->line));
	TRY(hold_back(job, c, tx));
	return store_commit(&tx);
}

enum err sync_keys_store(struct sync_job *job)
{
	TRY(store_own(job));
	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		if (c->status == EAS_SYNC_DONE && c->place.shared)
			TRY(sync_work_settle_shared(c, store_shared(job, c)));
	}
	return ERR_OK;
}
