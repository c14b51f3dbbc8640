/* Delivery of queued messages into mailboxes of ours. */
#include <gateway/outbound/attempt.h>

#include <base/buf.h>
#include <base/fault.h>
#include <gateway/mailbox/autoreply.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/room.h>
#include <store/account.h>
#include <store/folder.h>
#include <store/quota.h>

enum { TRACE_MAX_BYTES = 8 * 1024 };

static enum err open_octets(const struct attempt *at, struct store_blob **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return store_blob_open(tx, at->entry.blob, ret);
}

static enum err put_trace(const struct attempt *at, struct intake *in)
{
	CLEANUP(buf_release) struct buf trace = BUF_INIT(TRACE_MAX_BYTES);

	attempt_put_trace(at, &trace, true);
	TRY(buf_status(&trace));
	return intake_put(in, buf_view(&trace));
}

static enum err take(const struct attempt *at, struct intake *in)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;

	TRY(open_octets(at, &blob));
	TRY(put_trace(at, in));
	TRY(intake_put_blob(in, blob));
	return intake_finish(in);
}

static enum err add_to_inbox(const struct attempt *at, struct store_tx *tx, struct intake *in,
			     struct store_blob_writer *blob)
{
	struct intake_item item = { .received_ms = at->now_ms, .incoming = true };
	int64_t id;

	TRY(folder_by_role(tx, FOLDER_INBOX, &item.folder));
	TRY(quota_room(tx, intake_size(in)));
	return intake_add(in, tx, blob, &item, &id);
}

/* Without a blob it is noted alone: others have the message in the owner's place. */
static enum err settle(const struct attempt *at, int64_t mailbox, struct intake *in, struct store_blob_writer *blob)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool known;

	TRY(store_begin(at->args->service->store, mailbox, STORE_WRITE, &tx));
	TRY(queue_step_known(tx, &at->entry, QUEUE_STEP_DELIVERED, &known));
	if (known)
		return ERR_OK;
	if (blob)
		TRY(add_to_inbox(at, tx, in, blob));
	TRY(queue_step_note(tx, &at->entry, QUEUE_STEP_DELIVERED));
	return store_commit(&tx);
}

static enum err is_delivered(const struct attempt *at, int64_t mailbox, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(at->args->service->store, mailbox, STORE_READ, &tx));
	return queue_step_known(tx, &at->entry, QUEUE_STEP_DELIVERED, ret);
}

static enum err put_into_mailbox(const struct attempt *at, int64_t mailbox, struct intake *in)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *blob = NULL;

	if (intake_consider(in, at->args->service->store, mailbox, at->now_ms))
		TRY(intake_store(in, at->args->service->store, mailbox, &blob));
	return settle(at, mailbox, in, blob);
}

/* A room sees also to what an attempt that was cut off has left: what it has answered it does not answer again. */
static enum err deliver(const struct attempt *at, const struct account *account)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	bool done;

	TRY(is_delivered(at, account->mailbox, &done));
	if (done && account->kind == ACCOUNT_PERSON)
		return ERR_OK;
	TRY(intake_new(at->args->service->state_dir, UINT64_MAX, &in));
	TRY(take(at, in));
	if (!done)
		TRY(put_into_mailbox(at, account->mailbox, in));
	fault_point("outbound.deliver.stored");
	if (at->entry.kind != QUEUE_MAIL)
		return ERR_OK;
	if (!done)
		autoreply_consider(at->args->service, account->id, at->entry.sender, in);
	room_consider(at->args->service, account->id, at->entry.account, in);
	return ERR_OK;
}

void attempt_deliver(struct attempt *at, size_t recipient, const struct account *account)
{
	struct attempt_result *r = &at->results[recipient];

	fault_point("outbound.deliver.before");
	enum err e = deliver(at, account);
	fault_point("outbound.deliver.after");
	r->state = e == ERR_LIMIT ? QUEUE_FAILED : e ? QUEUE_PENDING : QUEUE_DELIVERED;
	r->status = e == ERR_LIMIT                    ? S("5.2.3")
		    : e == ERR_FULL || e == ERR_QUOTA ? S("4.2.2")
		    : e                               ? S("4.3.0")
						      : S("2.1.5");
	r->reply = e ? str_of(err_text(e)) : S("delivered into the mailbox");
}
