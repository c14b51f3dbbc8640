/*
 * SmartForward of an event (MS-ASCMD 2.2.3.169). From 16.0 on there is no message of the phone's, but Forwardees and a Body; before,
 * its message says to whom, and with which words.
 */
#include <gateway/activesync/compose.h>

#include <base/utf8.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/server_id.h>
#include <gateway/content/body.h>
#include <gateway/content/header.h>
#include <gateway/content/header_write.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/outbox.h>
#include <store/folder.h>

/* ---- the request ---- */

/* One that mail can be sent to as it stands: nothing in it has a meaning in a header or a line of iCalendar. */
static bool is_address(struct str s)
{
	size_t at = str_index(s, '@');

	if (s.n > QUEUE_MAX_ADDRESS || !utf8_valid(s) || at == 0 || at + 1 >= s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || (s.p[i] == '@' && i != at) ||
		    str_index(S("<>()[]\\,;:\""), s.p[i]) < sizeof("<>()[]\\,;:\"") - 1)
			return false;
	return true;
}

static enum err parse_forwardee(struct wbxml_reader *r, struct str *email, struct str *name)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	*email = *name = (struct str){ 0 };
	while (wbxml_child(r, &in, &e)) {
		struct str *field = r->tag == TAG_COMPOSEMAIL_EMAIL  ? email
				    : r->tag == TAG_COMPOSEMAIL_NAME ? name
								     : NULL;

		if (!field || field->p)
			return ERR_INVALID;
		e = wbxml_text(r, field);
	}
	*email = str_trim(*email);
	return e;
}

/* The first of two who are the same. */
static void add(struct eas_compose *c, struct str email, struct str name)
{
	for (size_t i = 0; i < c->to_n; i++)
		if (str_ieq(c->to[i], email))
			return;
	if (c->to_n == EAS_MAX_FORWARDEES || !is_address(email)) {
		c->forwardees_bad = true;
		return;
	}
	c->to[c->to_n] = email;
	c->names[c->to_n++] = name;
}

static enum err room_for_forwardees(struct arena *a, struct eas_compose *c)
{
	c->to = arena_array(a, EAS_MAX_FORWARDEES, sizeof(*c->to));
	c->names = arena_array(a, EAS_MAX_FORWARDEES, sizeof(*c->names));
	return c->to && c->names ? ERR_OK : ERR_LIMIT;
}

enum err eas_compose_parse_forwardees(struct wbxml_reader *r, struct arena *a, struct eas_compose *c)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	c->has_forwardees = true;
	TRY(room_for_forwardees(a, c));
	while (wbxml_child(r, &in, &e)) {
		struct str email, name;

		if (r->tag != TAG_COMPOSEMAIL_FORWARDEE)
			return ERR_INVALID;
		e = parse_forwardee(r, &email, &name);
		if (!e)
			add(c, email, name);
	}
	c->forwardees_bad |= c->to_n == 0;
	return e;
}

/* ---- a message instead ---- */

static enum err take_recipient(struct arena *a, const struct header_address *who, struct eas_compose *c)
{
	CLEANUP(buf_release) struct buf address = BUF_INIT(2 * QUEUE_MAX_ADDRESS);
	const struct header_address bare = { .local = who->local, .domain = who->domain };
	struct str email;

	if (who->local.n == 0) /* a group without members */
		return ERR_OK;
	header_address_put(&address, &bare);
	if (buf_status(&address))
		c->forwardees_bad = true;
	TRY(arena_str(a, buf_view(&address), &email));
	add(c, email, who->name);
	return ERR_OK;
}

static enum err take_recipients(struct arena *a, struct str header, struct eas_compose *c)
{
	static const struct str fields[] = { STR_INIT("To"), STR_INIT("Cc"), STR_INIT("Bcc") };
	struct header_field field;

	while (header_next(&header, &field))
		for (size_t i = 0; i < countof(fields); i++) {
			struct header_address *list;
			size_t n;

			if (!str_ieq(field.name, fields[i]))
				continue;
			TRY(header_addresses(a, field.raw, &list, &n));
			for (size_t k = 0; k < n; k++)
				TRY(take_recipient(a, &list[k], c));
		}
	return ERR_OK;
}

static enum err take_text(struct arena *a, const struct mail_source *source, const struct mime_structure *m,
			  struct eas_compose *c)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * MEETING_BODY_MAX);
	const struct body_request plain = { .type = BODY_PLAIN, .max_bytes = MEETING_BODY_MAX };
	struct body_result result;

	TRY(body_render(a, source, m, 0, &plain, body_sink_buf(&text), &result));
	TRY(buf_status(&text));
	c->forwardees_bad |= result.truncated;
	return arena_str(a, buf_view(&text), &c->body);
}

enum err eas_compose_take_message(struct arena *a, struct eas_compose *c)
{
	const struct mail_source source = mail_source_of_str(&c->mime);
	struct mime_structure structure;

	TRY(room_for_forwardees(a, c));
	TRY(mime_parse(a, &source, &structure));
	TRY(take_recipients(a, str_slice(c->mime, 0, (size_t)structure.parts[0].hdr_len), c));
	c->forwardees_bad |= c->to_n == 0;
	return take_text(a, &source, &structure, c);
}

/* ---- forwarding ---- */

/* MS-ASCMD_R7177: of a calendar item alone. */
static enum err check_event(struct eas_request *rq, struct store_tx *tx, const struct eas_compose *c)
{
	struct folder folder;
	struct item item;

	TRY(eas_compose_item(rq, tx, c, &item));
	TRY(folder_get(rq->arena, tx, item.folder, &folder));
	return folder.class == FOLDER_CALENDAR ? ERR_OK : ERR_INVALID;
}

static enum err forward(struct eas_request *rq, const struct eas_compose *c, int64_t event,
			const struct meeting_forward *asked)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct send_author owner;

	TRY(send_author_load(rq->arena, rq->eas->store, rq->account, &owner));
	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(check_event(rq, tx, c));
	TRY(meeting_forward(rq->arena, tx, &owner, event, asked));
	return store_commit(&tx);
}

/* What is private a guest does not see. */
static enum err check_shared(struct eas_request *rq, struct store_tx *tx, const struct eas_place *place, int64_t event)
{
	const struct item_class *class = item_class_of_folder(FOLDER_CALENDAR, rq->version);
	struct folder folder;
	struct str octets;
	struct item item;

	TRY(folder_get(rq->arena, tx, place->folder, &folder));
	if (folder.class != FOLDER_CALENDAR)
		return ERR_INVALID;
	TRY(item_get(rq->arena, tx, place->folder, event, &item));
	TRY(entry_read(rq->arena, tx, &item, &octets));
	return class->is_private(rq->arena, octets) ? ERR_NOT_FOUND : ERR_OK;
}

/* Who may edit forwards for the owner, and so does what he would; who may only look, as any who was shown it. */
static enum err forward_shared(struct eas_request *rq, const struct eas_place *place, int64_t event,
			       struct meeting_forward *asked)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct send_author author;

	asked->keeps = !place->edits;
	TRY(place->edits ? eas_place_author(rq, place, &author)
			 : send_author_load(rq->arena, rq->eas->store, rq->account, &author));
	TRY(store_begin(rq->eas->store, place->mailbox, STORE_WRITE, &tx));
	TRY(check_shared(rq, tx, place, event));
	TRY(meeting_forward(rq->arena, tx, &author, event, asked));
	return store_commit(&tx);
}

static enum err forward_from(struct eas_request *rq, const struct eas_compose *c, int64_t event,
			     struct meeting_forward *asked)
{
	struct eas_place place;

	TRY(eas_place_of_item(rq, c->long_id.p ? c->long_id : c->item, &place));
	TRY(place.shared ? forward_shared(rq, &place, event, asked) : forward(rq, c, event, asked));
	outbox_move(rq->eas->sender, place.mailbox);
	return ERR_OK;
}

static unsigned status_of(enum err e)
{
	return e == ERR_NOT_FOUND ? EAS_STATUS_ITEM_NOT_FOUND /* MS-ASCMD_R4930 */
	       : e == ERR_INVALID ? EAS_STATUS_SMART_FORWARD_PARAMETERS
	       : e == ERR_LIMIT   ? EAS_STATUS_SEND_QUOTA
				  : eas_status_of_err(e);
}

void eas_compose_forward(struct eas_request *rq, const struct eas_compose *c, const struct queue_name *name)
{
	struct meeting_forward asked = { .to = c->to,
					 .names = c->names,
					 .to_n = c->to_n,
					 .body = c->body,
					 .name = *name,
					 .now_ms = clock_wall_ms(rq->eas->clock) };
	int64_t event;
	unsigned status = eas_compose_ids(c, &event, &asked.instance_ms);

	if (status == EAS_STATUS_OK) {
		enum err e = forward_from(rq, c, event, &asked);

		if (e)
			status = status_of(e);
	}
	if (status != EAS_STATUS_OK) {
		eas_respond_status(rq, status);
		return;
	}
	eas_respond_empty(rq); /* MS-ASCMD_R568 */
}
