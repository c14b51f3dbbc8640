/*
 * Move of ItemOperations (MS-ASCMD 2.2.3.117.1, MS-ASCON 3.1.4.4 and 3.1.4.6): a conversation goes to another folder, with
 * what will come to it; to Deleted Items, and it is ignored. Each in a transaction of its own: all mails move, or none.
 */
#include <gateway/activesync/item_operations.h>

#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/conversation.h>

static enum err move(struct item_ops_job *job, const struct item_op *op)
{
	const struct eas_request *rq = job->rq;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t folder;

	TRY(server_id_parse_folder(op->target, &folder));
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(conversation_move_always(&job->scratch, tx, op->conversation, folder, rq->device.id));
	return store_commit(&tx);
}

static enum item_op_status status_of(enum err e)
{
	switch ((int)e) {
	case ERR_OK:
		return ITEM_OP_DONE;
	case ERR_NOT_FOUND:
		return ITEM_OP_NOT_FOUND; /* MS-ASCON_R146, R317 */
	case ERR_UNSUPPORTED:
		return ITEM_OP_NOT_SUPPORTED; /* MS-ASCON_R338 */
	default:
		return ITEM_OP_SERVER;
	}
}

static enum item_op_status run(struct item_ops_job *job, const struct item_op *op)
{
	if (job->rq->version < EAS_14_0) /* there were no conversations */
		return ITEM_OP_SERVER;
	if (!op->conversation.n || !op->target.n)
		return ITEM_OP_MALFORMED;
	if (!op->always)
		return ITEM_OP_NO_MOVE_ALWAYS; /* MS-ASCMD_R4171 */
	return status_of(move(job, op));
}

enum err item_op_move(struct item_ops_job *job, const struct item_op *op)
{
	arena_reset(&job->scratch);
	wbxml_open(&job->w, TAG_ITEMOPERATIONS_MOVE);
	wbxml_put_u64(&job->w, TAG_ITEMOPERATIONS_STATUS, run(job, op));
	wbxml_put_opaque(&job->w, TAG_ITEMOPERATIONS_CONVERSATIONID, op->conversation);
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_MOVE);
	return ERR_OK;
}
