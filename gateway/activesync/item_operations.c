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

/* One operation. What is read is read in one transaction, until an operation writes, in a transaction of its own. */
static enum err run_one(struct item_ops_job *job, const struct item_op *op)
{
	if (op->kind != ITEM_OP_FETCH)
		store_tx_end(&job->tx);
	else if (!job->tx)
		TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_READ, &job->tx));
	return runs[op->kind](job, op);
}

/* The answers of one kind, while operations of others come between them. */
struct lane {
	struct buf octets;
	struct wbxml_writer w;
	struct eas_inserts inserts;
};

static void lanes_init(struct lane lanes[ITEM_OP_KIND_MAX_])
{
	for (size_t kind = 0; kind < ITEM_OP_KIND_MAX_; kind++) {
		lanes[kind] = (struct lane){ .octets = BUF_INIT(EAS_MAX_FETCH_BYTES) };
		wbxml_fragment_init(&lanes[kind].w, &lanes[kind].octets);
	}
}

static void lanes_release(struct lane lanes[ITEM_OP_KIND_MAX_])
{
	for (size_t kind = 0; kind < ITEM_OP_KIND_MAX_; kind++) {
		buf_release(&lanes[kind].octets);
		eas_inserts_release(&lanes[kind].inserts);
	}
}

static enum err run_in_lane(struct item_ops_job *job, const struct item_op *op, struct lane *lane)
{
	const struct wbxml_writer document = job->w;
	const struct eas_inserts inserts = job->inserts;
	enum err e;

	job->w = lane->w;
	job->inserts = lane->inserts;
	e = run_one(job, op);
	lane->w = job->w;
	lane->inserts = job->inserts;
	job->w = document;
	job->inserts = inserts;
	return e;
}

static void put_lanes(struct item_ops_job *job, struct lane lanes[ITEM_OP_KIND_MAX_])
{
	for (size_t kind = 0; kind < ITEM_OP_KIND_MAX_; kind++) {
		size_t at = job->w.out->n;

		wbxml_put_fragment(&job->w, &lanes[kind].w);
		eas_inserts_move(&job->inserts, &lanes[kind].inserts, at);
	}
}

static enum err run_in_lanes(struct item_ops_job *job, const struct item_op *ops, size_t n)
{
	struct lane lanes[ITEM_OP_KIND_MAX_];
	enum err e = ERR_OK;

	lanes_init(lanes);
	for (size_t i = 0; i < n && !e; i++)
		e = run_in_lane(job, &ops[i], &lanes[ops[i].kind]);
	if (!e)
		put_lanes(job, lanes);
	lanes_release(lanes);
	return e;
}

/* One past the last operation that writes: behind it there are fetches alone, which need no copy. */
static size_t writes_end(const struct item_ops *ops)
{
	size_t n = ops->n;

	while (n && ops->list[n - 1].kind == ITEM_OP_FETCH)
		n--;
	return n;
}

/* MS-ASCMD_R193: in the order of the request; their answers stand by kinds, as the schema has them. */
static enum err run_all(struct item_ops_job *job, const struct item_ops *ops)
{
	size_t n = writes_end(ops);
	enum err e = run_in_lanes(job, ops->list, n);

	for (size_t i = n; i < ops->n && !e; i++)
		e = run_one(job, &ops->list[i]);
	store_tx_end(&job->tx);
	return e;
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
