/*
 * Step C of Sync: the new keys, in one write transaction, before their first byte leaves. Nothing to say and nothing
 * done: nothing is written, and the phone's key stays what it is (sync-engine rule 8).
 */
#include <gateway/activesync/sync_work.h>

enum err sync_work_issue(struct sync_work *c, const struct feed_state *st)
{
	struct buf options = BUF_INIT(EAS_OPTIONS_MAX_BYTES);
	enum err e;

	eas_options_put(&options, &c->options);
	e = buf_status(&options);
	if (!e)
		e = sync_line_issue(&c->line, st, buf_view(&options));
	buf_release(&options);
	return e;
}

/* A page went out, or commands were answered: the next key stands for it. */
static bool has_news(const struct sync_work *c)
{
	return c->entries > 0;
}

static bool is_open(const struct sync_work *c)
{
	return c->status == EAS_SYNC_DONE && c->first_key.n == 0;
}

static bool is_due(const struct sync_job *job, const struct sync_work *c)
{
	return is_open(c) && (has_news(c) || sync_line_due(&c->line, clock_wall_ms(job->rq->eas->clock)));
}

static enum err store_work(struct sync_work *c, struct store_tx *tx)
{
	if (has_news(c))
		TRY(sync_work_issue(c, &c->state));
	else
		sync_line_advance(&c->line, &c->state);
	return sync_line_store(tx, &c->line);
}

enum err sync_keys_store(struct sync_job *job)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		if (!is_due(job, c))
			continue;
		if (!tx)
			TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_WRITE, &tx));
		TRY(store_work(c, tx));
	}
	return tx ? store_commit(&tx) : ERR_OK;
}
