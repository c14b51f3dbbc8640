/* What a SmartReply or SmartForward refers to, and joining it with what the phone wrote. */
#include <gateway/activesync/compose.h>

#include <gateway/activesync/server_id.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/quote.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/send.h>
#include <store/folder.h>
#include <store/item.h>

#include <sys/random.h>

enum { VERB_REPLY = 1, VERB_REPLY_ALL = 2, VERB_FORWARD = 3 }; /* MS-ASEMAIL LastVerbExecuted */

/* MS-ASCMD_R3243, MS-ASCMD_R3198: LongId alone, or FolderId and ItemId. */
static unsigned check_ids(const struct eas_compose *c)
{
	if (c->long_id.p)
		return c->folder.p || c->item.p || c->instance.p ? EAS_STATUS_ID_COMBINATION : EAS_STATUS_OK;
	if (!c->item.p)
		return EAS_STATUS_INVALID_XML;
	return c->folder.p ? EAS_STATUS_OK : EAS_STATUS_ID_COMBINATION;
}

static unsigned parse_ids(const struct eas_compose *c, int64_t *ret_item)
{
	int64_t folder;
	enum err e;

	if (c->long_id.p) {
		e = server_id_parse_long(c->long_id, ret_item);
		if (e) /* of what others share */
			e = server_id_parse_item(c->long_id, &folder, ret_item);
	} else {
		e = server_id_parse_folder(c->folder, &folder);
		if (!e)
			e = server_id_parse_item(c->item, &folder, ret_item);
	}
	return e ? EAS_STATUS_INVALID_IDS : EAS_STATUS_OK;
}

static unsigned parse_instance(const struct eas_compose *c, int64_t *ret_ms)
{
	*ret_ms = INT64_MIN;
	if (!c->instance.p)
		return EAS_STATUS_OK;
	return time_text_parse(c->instance, ret_ms) ? EAS_STATUS_INVALID_DATE : EAS_STATUS_OK; /* MS-ASCMD_R541, R578 */
}

unsigned eas_compose_ids(const struct eas_compose *c, int64_t *ret_item, int64_t *ret_instance_ms)
{
	unsigned status = check_ids(c);

	if (status == EAS_STATUS_OK)
		status = parse_ids(c, ret_item);
	return status == EAS_STATUS_OK ? parse_instance(c, ret_instance_ms) : status;
}

/*
 * By its number: it may have been moved since the phone heard of it. What lies behind a mount (place.h) has a number of another
 * mailbox, by which something else would be found here.
 */
enum err eas_compose_item(struct eas_request *rq, struct store_tx *tx, const struct eas_compose *c, struct item *ret)
{
	bool is_mount = false;
	int64_t folder, id;

	if (c->long_id.p) {
		TRY(server_id_parse_long(c->long_id, &id));
	} else {
		TRY(server_id_parse_item(c->item, &folder, &id));
		TRY(folder_is_mount(tx, folder, &is_mount));
	}
	return is_mount ? ERR_NOT_FOUND : item_find(rq->arena, tx, id, ret);
}

static enum err open_as(struct eas_request *rq, struct store_tx *tx, const struct eas_compose *c,
			const struct item *item, int64_t instance_ms, struct eas_original *ret)
{
	struct folder folder;

	TRY(folder_get(rq->arena, tx, item->folder, &folder));
	if (folder.class == FOLDER_CALENDAR) {
		ret->is_event = c->kind == COMPOSE_FORWARD && !c->replace_mime;
		return ret->is_event ? ERR_OK : eas_compose_event(rq, tx, item, instance_ms, &ret->message);
	}
	if (folder.class != FOLDER_MAIL || instance_ms != INT64_MIN || !item->blob) /* an occurrence is of an event */
		return ERR_NOT_FOUND;
	ret->item = item->id;
	return message_open(rq->arena, tx, item, &ret->message);
}

static enum err open_item(struct eas_request *rq, const struct eas_compose *c, int64_t instance_ms,
			  struct eas_original *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item item;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(eas_compose_item(rq, tx, c, &item));
	return open_as(rq, tx, c, &item, instance_ms, ret);
}

static unsigned status_of(enum err e)
{
	return e == ERR_NOT_FOUND || e == ERR_UNSUPPORTED ? EAS_STATUS_ITEM_NOT_FOUND
	       : e == ERR_CORRUPT || e == ERR_INVALID     ? EAS_STATUS_REPLY_FAILED
							  : eas_status_of_err(e);
}

void eas_compose_open(struct eas_request *rq, const struct eas_compose *c, struct eas_original *ret)
{
	int64_t item, instance_ms;

	ret->status = eas_compose_ids(c, &item, &instance_ms);
	if (ret->status == EAS_STATUS_OK) {
		enum err e = open_item(rq, c, instance_ms, ret);

		ret->status = e ? status_of(e) : EAS_STATUS_OK;
	}
}

void eas_original_close(struct eas_original *o)
{
	message_close(&o->message);
}

/* A reply to more than one is a reply to all: the request does not tell. */
int eas_compose_verb(const struct eas_compose *c, const struct send *m)
{
	bool bad;

	if (c->kind == COMPOSE_FORWARD)
		return VERB_FORWARD;
	return send_header_recipients(m, &bad) > 1 ? VERB_REPLY_ALL : VERB_REPLY;
}

static enum err put(void *ctx, struct str octets)
{
	return send_put(ctx, octets);
}

enum err eas_compose_join(struct arena *a, const struct eas_compose *c, const struct message *original, struct send *m)
{
	struct str mine = c->mime;
	const struct mail_source source = mail_source_of_str(&mine);
	struct mime_structure structure;
	struct mail_summary summary;
	uint64_t unique;

	if (getrandom(&unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return ERR_IO;
	TRY(mime_parse(a, &source, &structure));
	TRY(mail_summary_make(a, &source, &structure, &summary));
	const struct quote_args q = { .mine = { &source, &structure, &summary },
				      .original = { &original->source, &original->structure, &original->summary },
				      .forward = c->kind == COMPOSE_FORWARD,
				      .unique = unique };
	return quote_write(a, &q, (struct body_sink){ put, m });
}
