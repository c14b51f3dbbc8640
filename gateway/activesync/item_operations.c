/*
 * ItemOperations (MS-ASCMD 2.2.1.10): a batch of operations, each answered with a status of its own. What was asked for
 * stands in the document, or in parts behind it where the phone takes those.
 */
#include <gateway/activesync/item_operations.h>

#include <store/store.h>

static enum err (*const runs[])(struct item_ops_job *job, const struct item_op *op) = {
	[ITEM_OP_MOVE] = item_op_move,
	[ITEM_OP_EMPTY] = item_op_empty,
	[ITEM_OP_FETCH] = item_op_fetch,
};
_Static_assert(countof(runs) == ITEM_OP_KIND_MAX_, "every kind runs");

/* Those that write have transactions of their own and come first; what is read is read in one, behind them. */
static enum err run_all(struct item_ops_job *job, const struct item_ops *ops)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	for (enum item_op_kind kind = 0; kind < ITEM_OP_KIND_MAX_; kind++) {
		if (kind == ITEM_OP_FETCH)
			TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_READ, &tx));
		job->tx = tx;
		for (size_t i = 0; i < ops->n; i++)
			if (ops->list[i].kind == kind)
				TRY(runs[kind](job, &ops->list[i]));
	}
	return store_commit(&tx);
}

static void end(struct item_ops_job *job)
{
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_RESPONSE);
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	if (job->parts)
		eas_respond_multipart(job->rq, &job->w, job->parts);
	else
		eas_respond_inserted(job->rq, &job->w, &job->inserts);
}

static void run(struct eas_request *rq, const struct item_ops *ops)
{
	CLEANUP(eas_parts_release) struct eas_parts parts = EAS_PARTS_INIT(EAS_MAX_FETCH_BYTES);
	struct item_ops_job job = { .rq = rq,
				    .scratch = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES),
				    .parts = rq->accept_multipart ? &parts : NULL };
	enum err e;

	eas_writer_begin(rq, &job.w);
	rq->response.body.max = EAS_MAX_FETCH_BYTES;
	wbxml_open(&job.w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	wbxml_put_u64(&job.w, TAG_ITEMOPERATIONS_STATUS, ITEM_OP_DONE);
	wbxml_open(&job.w, TAG_ITEMOPERATIONS_RESPONSE);
	e = run_all(&job, ops);
	arena_release(&job.scratch);
	if (e)
		eas_respond_err(rq, e);
	else
		end(&job);
	eas_inserts_release(&job.inserts);
}

void eas_item_operations(struct eas_request *rq)
{
	struct item_ops ops = { 0 };
	enum err e = item_ops_parse(rq, &ops);

	if (e == ERR_BUSY)
		eas_respond_err(rq, e);
	else if (e == ERR_LIMIT)
		eas_respond_status(rq, ITEM_OP_TOO_LARGE); /* MS-ASCMD_R7490 */
	else if (e)
		eas_respond_malformed(rq, ITEM_OP_MALFORMED);
	else
		run(rq, &ops);
}
