/* A collection of a Sync response, applied. */
#include "apply.h"

#include "fault.h"

#include <stdlib.h>

enum {
	KEY_MAX_CHARS = 64, /* MS-ASCMD 2.2.3.181.4 */
	FILE_MAX_BYTES = 512 * 1024 * 1024,
};

static bool has_content(const struct sync_collection_reply *r)
{
	return r->commands.n || r->responses.n;
}

/* WindowSize counts items (MS-ASCMD 2.2.3.199): one that goes and comes, since it was moved, is one. */
static uint32_t changed_items(const struct sync_collection_reply *r)
{
	uint32_t n = r->commands.n;

	for (const struct sync_item *item = r->commands.first; item && item->next; item = item->next)
		n -= item->kind == SYNC_GONE && item->next->kind == SYNC_ADD &&
		     str_eq(item->server_id, item->next->server_id);
	return n;
}

static enum err check_key(const struct apply_args *a, struct buf *why)
{
	const struct sync_collection_reply *r = a->reply;
	bool begins = str_eq(a->asked->key, S("0")), same = str_eq(a->asked->key, r->key);

	if (r->key.n == 0 || r->key.n > KEY_MAX_CHARS || str_eq(r->key, S("0")))
		return fault(why, "\"" STR_FMT "\" is no SyncKey", STR_ARG(r->key));
	if (same && has_content(r))
		return fault(why, "the SyncKey " STR_FMT " did not change, but the response has content",
			     STR_ARG(r->key));
	if (same && r->more)
		return fault(why, "MoreAvailable with the same SyncKey " STR_FMT, STR_ARG(r->key));
	if (begins && has_content(r))
		return fault(why, "the answer to SyncKey 0 has content");
	if (changed_items(r) > a->options->window)
		return fault(why, "%u changed items, WindowSize was %u", changed_items(r), a->options->window);
	return ERR_OK;
}

static const struct item_body *body_of(const struct sync_item *item)
{
	return item->class == CLASS_MAIL ? &item->mail.body : &item->pim.body;
}

/* Mails have a body always, even an empty one; other items where there is a text. */
static enum err check_body(const struct apply_args *a, const struct sync_item *item, struct buf *why)
{
	const struct sync_options *o = a->options;
	const struct item_body *b = body_of(item);
	const enum body_kind asked = sync_body(o, item->class);

	if (asked == BODY_NONE)
		return ERR_OK;
	if (!b->present)
		return item->kind == SYNC_ADD && item->class == CLASS_MAIL
			       ? fault(why, "message " STR_FMT " has no Body", STR_ARG(item->server_id))
			       : ERR_OK;
	if (b->type != asked)
		return fault(why, "message " STR_FMT " has a body of type %u, asked for was %u",
			     STR_ARG(item->server_id), b->type, asked);
	if (b->truncated && !o->truncates)
		return fault(why, "message " STR_FMT " is truncated, unasked", STR_ARG(item->server_id));
	if (o->truncates && b->data.n > o->truncate_bytes)
		return fault(why, "message " STR_FMT " has %zu bytes, TruncationSize was %u", STR_ARG(item->server_id),
			     b->data.n, o->truncate_bytes);
	if (!b->truncated && !b->has_data && b->estimated_bytes)
		return fault(why, "message " STR_FMT " has a body of %u bytes, but no Data", STR_ARG(item->server_id),
			     b->estimated_bytes);
	return ERR_OK;
}

/* What stands in an item's file: a message's octets, or the fields that a phone shows and the text. */
static struct str contents(struct buf *room, const struct sync_options *o, const struct sync_item *item)
{
	const struct mail *m = &item->mail;

	if (item->class != CLASS_MAIL) {
		pim_put_text(room, &item->pim);
		return buf_view(room);
	}
	if (o->body == BODY_MIME)
		return m->body.data;
	buf_fmt(room, "From: " STR_FMT "\nTo: " STR_FMT "\nDate: " STR_FMT "\nSubject: " STR_FMT "\n\n",
		STR_ARG(m->from), STR_ARG(m->to), STR_ARG(m->received), STR_ARG(m->subject));
	buf_str(room, m->body.data);
	return buf_view(room);
}

static const char *extension(enum body_kind body)
{
	if (body == BODY_MIME)
		return ".eml";
	return body == BODY_HTML ? ".html" : ".txt";
}

static void apply_marks(struct mailbox *m, struct message *msg, const struct mail *mail)
{
	if (mail->has_read)
		mailbox_set_read(m, msg, mail->read);
	if (mail->has_flag)
		mailbox_set_flag(m, msg, mail->flag);
}

static enum err apply_add(struct mailbox *m, const struct apply_args *a, const struct sync_item *item, struct buf *why)
{
	CLEANUP(buf_release) struct buf room = BUF_INIT(FILE_MAX_BYTES);
	const struct item_body *b = body_of(item);
	struct str text;

	if (mailbox_find(m, item->server_id))
		return fault(why, "Add of message " STR_FMT ", which the phone has", STR_ARG(item->server_id));
	text = contents(&room, a->options, item);
	if (buf_status(&room))
		return fault(why, "message " STR_FMT " is too large", STR_ARG(item->server_id));
	TRY(mailbox_add(m, item->server_id, extension(sync_body(a->options, item->class)), text, b->truncated, why));
	apply_marks(m, mailbox_find(m, item->server_id), &item->mail);
	if (a->on_add)
		a->on_add(item);
	return ERR_OK;
}

/* A mail's Change names what is other than before; of other items all that there is comes again. */
static enum err apply_change(struct mailbox *m, const struct apply_args *a, const struct sync_item *item,
			     struct buf *why)
{
	CLEANUP(buf_release) struct buf room = BUF_INIT(FILE_MAX_BYTES);
	struct message *msg = mailbox_find(m, item->server_id);

	if (!msg)
		return fault(why, "Change of message " STR_FMT ", which the phone has not", STR_ARG(item->server_id));
	apply_marks(m, msg, &item->mail);
	if (item->class == CLASS_MAIL && !item->mail.body.has_data)
		return ERR_OK;
	return mailbox_rewrite(m, msg, contents(&room, a->options, item), why);
}

/* A Delete of what the phone has not is harmless; a SoftDelete of it says that the server lost count. */
static enum err apply_gone(struct mailbox *m, const struct sync_item *item, struct buf *why)
{
	struct message *msg = mailbox_find(m, item->server_id);

	if (msg)
		mailbox_remove(m, msg);
	else if (item->kind == SYNC_SOFT_DELETE)
		return fault(why, "SoftDelete of message " STR_FMT ", which the phone has not",
			     STR_ARG(item->server_id));
	return ERR_OK;
}

static enum err apply_item(struct mailbox *m, const struct apply_args *a, const struct sync_item *item,
			   struct apply_counts *counts, struct buf *why)
{
	TRY(check_body(a, item, why));
	switch (item->kind) {
	case SYNC_ADD:
		counts->added++;
		return apply_add(m, a, item, why);
	case SYNC_CHANGE:
		counts->changed++;
		return apply_change(m, a, item, why);
	case SYNC_GONE:
		counts->deleted++;
		return apply_gone(m, item, why);
	case SYNC_SOFT_DELETE:
		counts->soft_deleted++;
		return apply_gone(m, item, why);
	}
	return ERR_INVALID;
}

/* Our own commands: an answer stands for an Add, else only for what failed (MS-ASCMD 2.2.3.153); silence is success. */
static const struct sync_item *answer_to(const struct sync_collection_reply *r, const struct sync_command *c)
{
	for (const struct sync_item *item = r->responses.first; item; item = item->next)
		if (str_eq(c->act == SYNC_ADD_EVENT ? item->client_id : item->server_id, c->server_id))
			return item;
	return NULL;
}

/* The event is not told again. It is known already where it is one that the server had. */
static enum err apply_own_event(struct mailbox *m, const struct sync_command *c, const struct sync_item *answer,
				struct buf *why)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX_BYTES);
	struct message *msg;

	if (!answer)
		return fault(why, "the Add of " STR_FMT " is not answered", STR_ARG(c->server_id));
	event_put_text(&text, c->event);
	TRY(buf_status(&text));
	msg = mailbox_find(m, answer->server_id);
	return msg ? mailbox_rewrite(m, msg, buf_view(&text), why)
		   : mailbox_add(m, answer->server_id, ".txt", buf_view(&text), false, why);
}

static void apply_own(struct mailbox *m, const struct sync_command *c)
{
	struct message *msg = mailbox_find(m, c->server_id);

	if (!msg)
		return; /* named twice, and the first time deleted */
	switch (c->act) {
	case SYNC_READ:
	case SYNC_UNREAD:
		mailbox_set_read(m, msg, c->act == SYNC_READ);
		break;
	case SYNC_FLAG:
	case SYNC_UNFLAG:
		mailbox_set_flag(m, msg, c->act == SYNC_FLAG ? FLAG_SET : FLAG_CLEARED);
		break;
	case SYNC_DELETE:
		mailbox_remove(m, msg);
		break;
	case SYNC_ADD_EVENT:
		break;
	}
}

static enum err apply_all_own(struct mailbox *m, const struct apply_args *a, struct buf *refused, struct buf *why)
{
	for (size_t i = 0; i < a->asked->commands_n; i++) {
		const struct sync_command *c = &a->asked->commands[i];
		const struct sync_item *answer = answer_to(a->reply, c);

		if (c->act == SYNC_ADD_EVENT && (!answer || answer->status == 1))
			TRY(apply_own_event(m, c, answer, why));
		else if (!answer || answer->status == 1)
			apply_own(m, c);
		else
			fault(refused, "the server refuses the command on " STR_FMT ": status %u",
			      STR_ARG(c->server_id), answer->status);
	}
	return ERR_OK;
}

enum err apply_collection(struct mailbox *m, const struct apply_args *a, struct apply_counts *ret, struct buf *why)
{
	CLEANUP(buf_release) struct buf refused = BUF_INIT(FAULT_MAX_TEXT);

	TRY(check_key(a, why));
	TRY(apply_all_own(m, a, &refused, why));
	for (const struct sync_item *item = a->reply->commands.first; item; item = item->next)
		TRY(apply_item(m, a, item, ret, why));
	TRY(mailbox_commit(m, a->reply->key, why));
	return refused.n ? fault(why, STR_FMT, STR_ARG(buf_view(&refused))) : ERR_OK;
}
