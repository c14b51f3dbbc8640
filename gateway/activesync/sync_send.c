/*
 * Drafts that are sent by a Sync (email2:Send, MS-ASEMAIL 2.2.2.69). The draft is stored and its command's result
 * committed first; then it goes into the queue under a name that this request derives, and from its folder. A request that
 * is repeated after a lost answer finds its result stored, and comes here again: what is queued is not queued twice, and a
 * draft that is not there any more was sent.
 */
#include <gateway/activesync/sync_work.h>

#include <base/log.h>
#include <gateway/mailbox/send.h>

static enum err derive_name(const struct sync_job *job, const struct sync_work *c, int64_t item, struct queue_name *ret)
{
	const struct str parts[] = {
		str_from(&job->rq->device.id, sizeof(job->rq->device.id)),
		str_from(&c->folder, sizeof(c->folder)),
		c->asked->key,
		str_from(&item, sizeof(item)),
	};

	return queue_name_derive("eas-draft", parts, countof(parts), ret);
}

static enum err is_there(const struct sync_job *job, const struct sync_work *c, int64_t id, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item item;
	enum err e;

	TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_READ, &tx));
	e = item_get(job->rq->arena, tx, c->folder, id, &item);
	*ret = !e;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err send_one(const struct sync_job *job, const struct sync_work *c, const struct send_author *author,
			 int64_t item)
{
	struct send_args args = {
		.remember_ms = SEND_REMEMBER_MS, .flags = QUEUE_SAVE_SENT, .origin = S("with HTTP"), .draft_item = item
	};
	bool there;
	enum err e;

	TRY(is_there(job, c, item, &there));
	if (!there)
		return ERR_OK;
	TRY(derive_name(job, c, item, &args.name));
	e = send_stored(job->rq->eas->sender, author, item, &args);
	return e == ERR_EXISTS ? ERR_OK : e;
}

/*
 * It was fit to send when it was stored, and another hand has changed it since: it stays where it is, and the phone is told.
 * An error of the request would come back with each repeat of it.
 */
static enum err settle_result(const struct sync_job *job, enum err e, struct sync_result *result)
{
	switch ((int)e) {
	case ERR_NOT_FOUND:
	case ERR_INVALID:
		result->status = EAS_SYNC_BAD_RECIPIENTS;
		break;
	case ERR_LIMIT:
	case ERR_CORRUPT:
		result->status = EAS_SYNC_CONVERSION;
		break;
	default:
		return e;
	}
	log_warn("draft_unsent", "mailbox=%lld item=%lld error=%s", (long long)job->rq->mailbox,
		 (long long)result->item, log_quote(str_of(err_text(e))).text);
	return ERR_OK;
}

static enum err send_collection(const struct sync_job *job, const struct sync_work *c)
{
	struct send_author author;
	bool loaded = false;

	for (size_t i = 0, n = 0; i < c->asked->commands_n; i++) {
		struct sync_result *result;

		if (c->asked->commands[i].kind == EAS_SYNC_FETCH)
			continue;
		result = &c->results[n++];
		if (!c->asked->commands[i].send || result->status != EAS_SYNC_DONE || !result->item)
			continue;
		if (!loaded)
			TRY(send_author_load(job->rq->arena, job->rq->eas->store, job->rq->account, &author));
		loaded = true;
		TRY(settle_result(job, send_one(job, c, &author, result->item), result));
	}
	return ERR_OK;
}

enum err sync_drafts_send(const struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->work[i].drafts && job->work[i].status == EAS_SYNC_DONE)
			TRY(send_collection(job, &job->work[i]));
	return ERR_OK;
}
