/* EmptyFolderContents of ItemOperations (MS-ASCMD 2.2.3.58). */
#include <gateway/activesync/item_operations.h>

#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/empty.h>

static enum err empty(struct item_ops_job *job, const struct item_op *op, struct emptied *done)
{
	int64_t folder;

	TRY(server_id_parse_folder(op->collection, &folder));
	return mailbox_empty(job->rq->eas->store, job->rq->mailbox, folder, op->with_subfolders, done);
}

static enum item_op_status status_of(enum err e, const struct emptied *done)
{
	static const enum item_op_status statuses[ERR_MAX_] = {
		[ERR_OK] = ITEM_OP_DONE,
		[ERR_NOT_FOUND] = ITEM_OP_NOT_FOUND,
		[ERR_DENIED] = ITEM_OP_DENIED,
	};

	if (e && done->partial)
		return ITEM_OP_PARTIAL; /* MS-ASCMD_R4168 */
	return statuses[e] ? statuses[e] : ITEM_OP_SERVER;
}

enum err item_op_empty(struct item_ops_job *job, const struct item_op *op)
{
	enum item_op_status status = op->status;
	struct emptied done = { 0 };

	if (status == ITEM_OP_DONE && op->collection.n == 0)
		status = ITEM_OP_MALFORMED;
	if (status == ITEM_OP_DONE)
		status = status_of(empty(job, op, &done), &done);
	wbxml_open(&job->w, TAG_ITEMOPERATIONS_EMPTYFOLDERCONTENTS);
	wbxml_put_u64(&job->w, TAG_ITEMOPERATIONS_STATUS, status);
	wbxml_put_text(&job->w, TAG_AIRSYNC_COLLECTIONID, op->collection);
	wbxml_close(&job->w, TAG_ITEMOPERATIONS_EMPTYFOLDERCONTENTS);
	return ERR_OK;
}
