/* Properties of a mail, a row each; the order is that of the documents' examples. */
#include <gateway/activesync/email.h>

#include <gateway/activesync/attachment.h>
#include <gateway/activesync/attachment_ref.h>
#include <gateway/activesync/email_body.h>
#include <gateway/activesync/email_flag.h>
#include <gateway/activesync/email_flat.h>
#include <gateway/activesync/email_meeting.h>
#include <gateway/activesync/email_text.h>
#include <gateway/activesync/insert.h>
#include <gateway/activesync/time_text.h>
#include <gateway/content/body.h>

#include <base/log.h>

/* What the rows write from. */
struct mail {
	const struct item_view *view;
	const struct item *item;
	struct message *message; /* NULL: its octets are damaged */
	const struct mail_summary *summary;
	/* Only those, and with the names that their phone gave them (email_put_assigned). */
	const struct email_added *added;
	size_t added_n;
};

typedef enum err put_fn(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m);

static enum err put_if_any(struct wbxml_writer *w, enum wbxml_tag tag, struct str text)
{
	if (text.n)
		wbxml_put_text(w, tag, text);
	return ERR_OK;
}

#define TEXT_PROPERTY(name, field)                                                                   \
	static enum err put_##name(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m) \
	{                                                                                            \
		return put_if_any(w, tag, m->summary->field);                                        \
	}
TEXT_PROPERTY(to, to)
TEXT_PROPERTY(cc, cc)
TEXT_PROPERTY(bcc, bcc)
TEXT_PROPERTY(from, from)
TEXT_PROPERTY(reply_to, reply_to)
TEXT_PROPERTY(display_to, display_to)
TEXT_PROPERTY(thread_topic, thread_topic)

static enum err put_subject(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	wbxml_put_text(w, tag, m->summary->subject);
	return ERR_OK;
}

/* MS-ASEMAIL R726: only where it is another than From. */
static enum err put_sender(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	return str_eq(m->summary->sender, m->summary->from) ? ERR_OK : put_if_any(w, tag, m->summary->sender);
}

static enum err put_received(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	wbxml_put_text(w, tag, str_of(time_text(m->item->received_ms).text));
	return ERR_OK;
}

static enum err put_importance(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	wbxml_put_u64(w, tag, m->summary->importance);
	return ERR_OK;
}

static enum err put_read(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	wbxml_put_bool(w, tag, m->item->flags & ITEM_SEEN);
	return ERR_OK;
}

static enum err put_message_class(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	wbxml_put_text(w, tag, m->summary->message_class.n ? m->summary->message_class : S("IPM.Note"));
	return ERR_OK;
}

static enum err put_code_page(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	wbxml_put_u64(w, tag, m->summary->cpid);
	return ERR_OK;
}

static enum err put_content_class(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	/* MS-ASEMAIL R342 and 2.2.2.20 */
	wbxml_put_text(w, tag,
		       m->summary->flags & MAIL_MEETING ? S("urn:content-classes:calendarmessage")
							: S("urn:content-classes:message"));
	return ERR_OK;
}

static enum err put_native_body(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->summary->native_body)
		wbxml_put_u64(w, tag, m->summary->native_body);
	return ERR_OK;
}

/* The flag as a phone set it; one set elsewhere (IMAP's \Flagged) as a plain one. */
static enum err put_flag(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	struct buf plain = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
	struct str kept = m->item->followup;
	bool flagged = m->item->flags & ITEM_FLAGGED;

	(void)tag;
	if (flagged && email_flag_status(kept) != EMAIL_FLAG_ACTIVE) {
		email_flag_plain(&plain);
		kept = buf_view(&plain);
	} else if (!flagged && email_flag_status(kept) == EMAIL_FLAG_ACTIVE) {
		kept = STR_EMPTY;
	}
	email_flag_put(w, kept, m->view->version);
	buf_release(&plain);
	return ERR_OK;
}

static enum err put_categories(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	struct str rest = m->item->keywords, name;

	if (rest.n == 0) {
		wbxml_empty(w, tag);
		return ERR_OK;
	}
	wbxml_open(w, tag);
	while (str_cut(&rest, '\n', &name))
		if (name.n)
			wbxml_put_text(w, TAG_EMAIL_CATEGORY, name);
	wbxml_close(w, tag);
	return ERR_OK;
}

static enum err put_verb(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->item->verb)
		wbxml_put_i64(w, tag, m->item->verb);
	return ERR_OK;
}

static enum err put_verb_time(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->item->verb)
		wbxml_put_text(w, tag, str_of(time_text(m->item->verb_ms).text));
	return ERR_OK;
}

/* Of a mail that came before there were any, none yet (housekeeping fills it in). */
static enum err put_conversation(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->item->conversation.n)
		wbxml_put_opaque(w, tag, m->item->conversation);
	return ERR_OK;
}

static enum err put_conversation_index(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->item->conversation.n)
		wbxml_put_opaque(w, tag, m->item->conversation_index);
	return ERR_OK;
}

static enum err put_draft(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->item->flags & ITEM_DRAFT)
		wbxml_put_bool(w, tag, true);
	return ERR_OK;
}

/* MS-ASEMAIL_R649: only where it is true. */
static enum err put_received_as_bcc(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	if (m->summary->flags & MAIL_BLIND)
		wbxml_put_bool(w, tag, true);
	return ERR_OK;
}

static enum err put_attachment(struct wbxml_writer *w, const struct mail *m, const struct body_attachment *a,
			       struct str client_id)
{
	CLEANUP(buf_release) struct buf reference = BUF_INIT(ATTACHMENT_REF_MAX);

	attachment_ref_put(&reference, m->item, &m->message->structure, a->part, a->inner);
	TRY(buf_status(&reference));
	eas_attachment_put(w, a, buf_view(&reference), client_id);
	return ERR_OK;
}

static bool is_of_kind(const struct mail *m, const struct body_attachment *a, bool is_inline)
{
	return (m->message->structure.parts[a->part].disposition == MIME_INLINE) == is_inline;
}

/* How many of the list are added ones, or of the parts, of that kind. */
static size_t count_added(const struct mail *m, bool is_inline)
{
	size_t n = 0;

	for (size_t i = 0; i < m->added_n; i++)
		n += m->added[i].is_inline == is_inline;
	return n;
}

/* Of each kind the added ones are the last in the message, in the order in which the phone named them (draft.c). */
static enum err put_added(struct wbxml_writer *w, const struct mail *m, const struct body_attachment *list, size_t n,
			  bool is_inline)
{
	size_t of_kind = 0, skip = 0, want = count_added(m, is_inline), at = 0;

	for (size_t i = 0; i < n; i++)
		of_kind += is_of_kind(m, &list[i], is_inline);
	skip = of_kind > want ? of_kind - want : 0;
	for (size_t i = 0; i < n && at < m->added_n; i++) {
		if (!is_of_kind(m, &list[i], is_inline) || skip) {
			skip -= skip && is_of_kind(m, &list[i], is_inline);
			continue;
		}
		while (at < m->added_n && m->added[at].is_inline != is_inline)
			at++;
		if (at < m->added_n)
			TRY(put_attachment(w, m, &list[i], m->added[at++].client_id));
	}
	return ERR_OK;
}

static enum err put_attachments(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	struct body_attachment *list;
	size_t n;

	if (!m->message)
		return ERR_OK;
	TRY(eas_attachments(m->view->arena, m->item, m->message, &list, &n));
	if (n == 0)
		return ERR_OK;
	wbxml_open(w, tag);
	for (size_t i = 0; i < n && !m->added_n; i++)
		TRY(put_attachment(w, m, &list[i], STR_EMPTY));
	if (m->added_n) {
		TRY(put_added(w, m, list, n, true));
		TRY(put_added(w, m, list, n, false));
	}
	wbxml_close(w, tag);
	return ERR_OK;
}

static enum err put_body(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	(void)tag;
	if (m->view->no_body)
		return ERR_OK;
	if (m->message)
		return email_body_put(w, m->view, m->message);
	email_body_put_unreadable(w, m->view);
	return ERR_OK;
}

static enum err put_body_part(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	(void)tag;
	return m->message ? email_body_part_put(w, m->view, m->message) : ERR_OK;
}

static enum err put_flat_body(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	(void)tag;
	return email_flat_body_put(w, m->view, m->message);
}

static enum err put_flat_attachments(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	(void)tag;
	return email_flat_attachments_put(w, m->view, m->item, m->message);
}

static enum err put_meeting(struct wbxml_writer *w, enum wbxml_tag tag, const struct mail *m)
{
	(void)tag;
	return m->message ? email_meeting_put(w, m->view, m->message) : ERR_OK;
}

enum property_use {
	USE_ADD = 1,      /* with a mail that the phone has not */
	USE_ASSIGNED = 2, /* of a draft that the phone adds: what the server makes of it */
	USE_ADDED = 4,    /* of a draft that the phone adds attachments to */
	USE_MARKS =
		8, /* USE_MARK() of each: may change of a mail whose octets stay: sent with a Change, where its mark has changed */
	USE_TEXT = USE_MARKS << ITEM_MARK_MAX_, /* of a text message that the phone has not (MS-ASMS 2.2.2.1) */
};

#define USE_MARK(mark) ((unsigned)USE_MARKS << (mark))

static const struct property {
	enum wbxml_tag tag;
	put_fn *put;
	unsigned use; /* enum property_use, USE_MARK() */
} properties[] = {
	{ TAG_EMAIL_TO, put_to, USE_ADD | USE_TEXT },
	{ TAG_EMAIL_CC, put_cc, USE_ADD },
	{ TAG_EMAIL_FROM, put_from, USE_ADD | USE_TEXT },
	{ TAG_EMAIL_SUBJECT, put_subject, USE_ADD },
	{ TAG_EMAIL_REPLYTO, put_reply_to, USE_ADD },
	{ TAG_EMAIL_DATERECEIVED, put_received, USE_ADD | USE_TEXT | USE_ASSIGNED },
	{ TAG_EMAIL_DISPLAYTO, put_display_to, USE_ADD },
	{ TAG_EMAIL_THREADTOPIC, put_thread_topic, USE_ADD },
	{ TAG_EMAIL_IMPORTANCE, put_importance, USE_ADD | USE_TEXT },
	{ TAG_EMAIL_READ, put_read, USE_ADD | USE_TEXT | USE_MARK(ITEM_MARK_READ) },
	{ TAG_EMAIL_ATTACHMENTS, put_flat_attachments, USE_ADD },
	{ TAG_EMAIL_BODY, put_flat_body, USE_ADD },
	{ TAG_AIRSYNCBASE_ATTACHMENTS, put_attachments, USE_ADD | USE_ADDED },
	{ TAG_AIRSYNCBASE_BODY, put_body, USE_ADD | USE_TEXT },
	{ TAG_AIRSYNCBASE_BODYPART, put_body_part, USE_ADD },
	{ TAG_EMAIL_MESSAGECLASS, put_message_class, USE_ADD },
	{ TAG_EMAIL_MEETINGREQUEST, put_meeting, USE_ADD },
	{ TAG_EMAIL_INTERNETCPID, put_code_page, USE_ADD | USE_TEXT },
	{ TAG_EMAIL_FLAG, put_flag, USE_ADD | USE_TEXT | USE_MARK(ITEM_MARK_FLAG) },
	{ TAG_EMAIL_CONTENTCLASS, put_content_class, USE_ADD },
	{ TAG_AIRSYNCBASE_NATIVEBODYTYPE, put_native_body, USE_ADD },
	{ TAG_EMAIL_CATEGORIES, put_categories, USE_ADD | USE_TEXT | USE_MARK(ITEM_MARK_KEYWORDS) },
	{ TAG_EMAIL2_CONVERSATIONID, put_conversation, USE_ADD | USE_TEXT },
	{ TAG_EMAIL2_CONVERSATIONINDEX, put_conversation_index, USE_ADD | USE_TEXT },
	{ TAG_EMAIL2_LASTVERBEXECUTED, put_verb, USE_ADD | USE_TEXT | USE_MARK(ITEM_MARK_VERB) },
	{ TAG_EMAIL2_LASTVERBEXECUTIONTIME, put_verb_time, USE_ADD | USE_TEXT | USE_MARK(ITEM_MARK_VERB) },
	{ TAG_EMAIL2_RECEIVEDASBCC, put_received_as_bcc, USE_ADD },
	{ TAG_EMAIL2_SENDER, put_sender, USE_ADD },
	{ TAG_EMAIL2_BCC, put_bcc, USE_ADD },
	{ TAG_EMAIL2_ISDRAFT, put_draft, USE_ADD },
};

static enum err put_properties(struct wbxml_writer *w, const struct mail *m, unsigned use)
{
	wbxml_open(w, m->view->container);
	for (size_t i = 0; i < countof(properties); i++) {
		const struct property *p = &properties[i];

		if (wbxml_tag_in(p->tag, m->view->version) && p->use & use)
			TRY(p->put(w, p->tag, m));
	}
	wbxml_close(w, m->view->container);
	return buf_status(w->out);
}

enum err email_put_change(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	const struct mail_summary none = { 0 };
	unsigned use = 0;

	for (unsigned mark = 0; mark < ITEM_MARK_MAX_; mark++) /* MS-ASEMAIL_R75, MS-ASEMAIL_R76 */
		use |= item->marked[mark] > v->told ? USE_MARK(mark) : 0;
	return put_properties(w, &(struct mail){ .view = v, .item = item, .summary = &none }, use);
}

static enum err put_unreadable(struct wbxml_writer *w, const struct item_view *v, const struct item *item, unsigned use)
{
	static const struct mail_summary unreadable = {
		.subject = STR_INIT(EMAIL_UNREADABLE),
		.importance = MAIL_IMPORTANCE_NORMAL,
		.cpid = 65001,
	};

	return put_properties(w, &(struct mail){ .view = v, .item = item, .summary = &unreadable }, use);
}

enum err email_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	return put_unreadable(w, v, item, USE_ADD);
}

enum err email_text_put_placeholder(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	return put_unreadable(w, v, item, USE_TEXT);
}

static enum err put_whole(struct wbxml_writer *w, const struct item_view *v, const struct item *item, unsigned use)
{
	CLEANUP(message_close) struct message message = { 0 };
	struct mail mail = { .view = v, .item = item, .message = &message, .summary = &message.summary };

	TRY(message_open(v->arena, v->tx, item, &message));
	if (use == USE_TEXT)
		TRY(email_text_people(v->arena, &message));
	return put_properties(w, &mail, use);
}

enum err email_put_assigned(struct wbxml_writer *w, const struct item_view *v, const struct item *item,
			    const struct email_added *added, size_t n)
{
	CLEANUP(message_close) struct message message = { 0 };
	struct mail mail = {
		.view = v, .item = item, .message = &message, .summary = &message.summary, .added = added, .added_n = n
	};

	TRY(message_open(v->arena, v->tx, item, &message));
	return put_properties(w, &mail, USE_ASSIGNED | (n ? USE_ADDED : 0));
}

static enum err put_if_readable(struct wbxml_writer *w, const struct item_view *v, const struct item *item,
				unsigned use)
{
	const struct wbxml_mark mark = wbxml_mark(w);
	enum err e = put_whole(w, v, item, use);

	if (e != ERR_CORRUPT && e != ERR_NOT_FOUND && e != ERR_LIMIT)
		return e;
	log_error("unreadable_item", "mailbox=%lld item=%lld error=%s", (long long)store_tx_mailbox(v->tx),
		  (long long)item->id, log_quote(str_of(err_text(e))).text);
	wbxml_rewind(w, mark);
	eas_inserts_rewind(v->inserts, mark.n);
	return put_unreadable(w, v, item, use);
}

enum err email_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	return put_if_readable(w, v, item, USE_ADD);
}

enum err email_text_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item)
{
	struct eas_options options = *v->options;
	struct item_view view = *v;

	if (options.texts.asked)
		memcpy(options.body, options.texts.body, sizeof(options.body));
	memset(options.part, 0, sizeof(options.part)); /* it has no parts */
	view.options = &options;
	return put_if_readable(w, &view, item, USE_TEXT);
}
