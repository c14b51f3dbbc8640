/* The walk that everything shares that sends mail: once by name, the message, the queue, the answer. */
#include <gateway/activesync/compose.h>

#include <gateway/content/header.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/outbox.h>
#include <gateway/mailbox/send.h>
#include <store/quota.h>

/*
 * What makes it this message and no other (sync-engine rule 16): from 14.0 on the phone's ClientId, before it the octets and
 * what the query names.
 */
static enum err derive_name(const struct eas_request *rq, const struct eas_compose *c, struct queue_name *ret)
{
	const struct str device = str_from(&rq->device.id, sizeof(rq->device.id));
	const struct str by_id[] = { device, c->client_id };
	const struct str by_octets[] = { device,     str_of(rq->command->name), c->mime, c->folder, c->item, c->long_id,
					 c->instance };

	return c->client_id.p ? queue_name_derive("eas-client-id", by_id, countof(by_id), ret)
			      : queue_name_derive("eas-mime", by_octets, countof(by_octets), ret);
}

/* MS-ASCMD_R4848: from 14.0 on the phone is told; before, done is done. */
static void respond_sent_before(struct eas_request *rq)
{
	if (rq->version < EAS_14_0)
		eas_respond_empty(rq);
	else
		eas_respond_status(rq, EAS_STATUS_SENT_BEFORE);
}

/* What the errors of sending mean here; others are the store's. */
static void respond_failed(struct eas_request *rq, enum err e)
{
	static const uint8_t statuses[ERR_MAX_] = {
		[ERR_NOT_FOUND] = EAS_STATUS_NO_RECIPIENT,
		[ERR_INVALID] = EAS_STATUS_RECIPIENT_UNRESOLVED,
		[ERR_LIMIT] = EAS_STATUS_SEND_QUOTA,
		[ERR_CORRUPT] = EAS_STATUS_SUBMISSION_FAILED,
	};

	if (statuses[e])
		eas_respond_status(rq, statuses[e]);
	else
		eas_respond_err(rq, e);
}

/* ReplaceMime: what the phone sends is the whole (MS-ASCMD_R3775). */
static enum err put_message(struct eas_request *rq, const struct eas_compose *c, const struct message *original,
			    struct send *m)
{
	if (c->kind == COMPOSE_NEW || c->replace_mime)
		TRY(send_put(m, c->mime));
	else
		TRY(eas_compose_join(rq->arena, c, original, m));
	return send_finish(m);
}

/* Where a copy is to be kept there is room for it, before anything is queued: what has been queued is kept in any case. */
static enum err check_room(const struct eas_request *rq, const struct eas_compose *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	if (!c->save)
		return ERR_OK;
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	e = quota_room(tx, c->mime.n);
	return e == ERR_LIMIT ? ERR_QUOTA : e;
}

static enum err send_it(struct eas_request *rq, const struct eas_compose *c, const struct message *original,
			struct send_args *args)
{
	CLEANUP(send_free) struct send *m = NULL;
	struct send_author author;

	TRY(check_room(rq, c));
	TRY(send_author_load(rq->arena, rq->eas->store, rq->account, &author));
	TRY(send_new(rq->eas->sender, &author, false, &m));
	TRY(put_message(rq, c, original, m));
	if (args->source_item)
		args->verb = eas_compose_verb(c, m);
	return send_commit(m, args, NULL);
}

static void respond(struct eas_request *rq, enum err e)
{
	if (e == ERR_EXISTS)
		respond_sent_before(rq);
	else if (e)
		respond_failed(rq, e);
	else
		eas_respond_empty(rq); /* MS-ASCMD_R463, R568, R605 */
}

/* MS-ASCMD_R4826: a message begins with a field of its header. */
static bool is_message(struct str mime)
{
	struct str rest = str_slice(mime, 0, EAS_MAX_MIME_LOOK_BYTES);
	struct header_field first;

	return header_next(&rest, &first);
}

/* What is wrong with the original counts only where the message did not go before: it may have been deleted since. */
static void compose_new(struct eas_request *rq, const struct eas_compose *c, const struct eas_original *original,
			struct send_args *args)
{
	args->source_item = original->item;
	if (original->status != EAS_STATUS_OK)
		eas_respond_status(rq, original->status);
	else
		respond(rq, send_it(rq, c, &original->message, args));
}

/* An event goes on as an invitation, whatever the phone sends it with (MS-ASCMD 2.2.1.19). */
static enum err find_original(struct eas_request *rq, struct eas_compose *c, struct eas_original *ret)
{
	if (c->kind == COMPOSE_NEW || c->has_forwardees)
		return ERR_OK;
	eas_compose_open(rq, c, ret);
	return ret->is_event ? eas_compose_take_message(rq->arena, c) : ERR_OK;
}

void eas_compose(struct eas_request *rq, enum compose_kind kind)
{
	CLEANUP(eas_original_close) struct eas_original original = { .status = EAS_STATUS_OK };
	struct send_args args = { .origin = S("with HTTP") };
	struct eas_compose c;
	unsigned status = eas_compose_parse(rq, kind, &c);
	bool is_event = false, is_answered = false;

	if (status == EAS_STATUS_OK && !c.has_forwardees && !is_message(c.mime))
		status = EAS_STATUS_INVALID_MIME;
	if (status != EAS_STATUS_OK) {
		eas_respond_status(rq, status);
		return;
	}
	args.remember_ms = c.client_id.p ? SEND_REMEMBER_MS : SEND_REMEMBER_MIME_MS;
	args.flags = c.save ? QUEUE_SAVE_SENT : 0;
	enum err e = derive_name(rq, &c, &args.name);
	if (!e)
		e = find_original(rq, &c, &original);
	is_event = c.has_forwardees || original.is_event;
	if (is_event) /* what a crash has left of this very request is sent, and known */
		outbox_move(rq->eas->sender, rq->mailbox);
	if (!e)
		e = send_known(rq->eas->sender, &args.name);
	if (!e && !is_event)
		e = eas_compose_answer(rq, &c, &is_answered);
	if (e || is_answered)
		respond(rq, e);
	else if (c.forwardees_bad)
		eas_respond_status(rq, EAS_STATUS_RECIPIENT_UNRESOLVED);
	else if (is_event)
		eas_compose_forward(rq, &c, &args.name);
	else
		compose_new(rq, &c, &original, &args);
}
