/* Meeting requests, told to delegates. */
#include <gateway/mailbox/substitute.h>

#include <base/base64.h>
#include <base/log.h>
#include <gateway/content/body.h>
#include <gateway/content/compose.h>
#include <gateway/content/header.h>
#include <gateway/content/text_html.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/event_text.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/mount.h>
#include <store/account.h>
#include <store/folder.h>
#include <store/quota.h>

enum {
	ARENA_BYTES = 64 * 1024 * 1024,
	PART_NAME_MAX = 64,
	HTML_GROWTH = 6,  /* "&quot;" */
	INDEX_MAX = 1024, /* of a Thread-Index; a longer one is none */
};

/* What delegates are told of, by its method. */
static const struct {
	const char *subject;                 /* before whom it is for */
	const char *reads, *edits, *decides; /* behind whom it is for: to whom may look, may answer, is to answer */
} tellings[] = {
	[CAL_REQUEST] = { "Meeting request", "who has it too, and answers it",
			  "who has it too. It can be answered in the calendar that is shared with you",
			  "who leaves the answer to you, in the calendar that is shared with you" },
	[CAL_CANCEL] = { "Meeting called off", "who is told of it too", "who is told of it too",
			 "who leaves meetings to you" },
};

static bool is_told(enum cal_method method)
{
	return (size_t)method < countof(tellings) && tellings[method].subject;
}

/* ---- the mail ---- */

static bool decides(const struct substitute *s)
{
	return s->edits && s->meetings >= SHARE_MEETINGS_COPY;
}

static const char *text_of(const struct substitute *s)
{
	const enum cal_method is = s->event->method;

	return decides(s) ? tellings[is].decides : s->edits ? tellings[is].edits : tellings[is].reads;
}

static void put_html(struct buf *b, struct str text)
{
	struct text_html t = { .blank = true };

	buf_cstr(b, "<html><body>");
	text_html_put(&t, b, text);
	buf_cstr(b, "</body></html>\n");
}

/* MS-ASCMD_R5613, R5623 */
static void put_text(struct buf *b, const struct substitute *s)
{
	const struct cal_event *e = s->event;

	buf_fmt(b, "%s for " STR_FMT ", %s.\n\n", tellings[e->method].subject, STR_ARG(s->owner), text_of(s));
	event_text_put(b, e);
}

/*
 * What makes it one of the request's conversation (MS-ASCMD_R5610, R5619, R5620): conversation.h reads of both the same first mail, the
 * same topic, and the same index where the request brings one.
 */
static void put_thread(struct buf *b, const struct substitute *s)
{
	const struct mail_summary *r = s->request;
	const struct str lists[] = { r->references.n ? r->references : r->in_reply_to, r->message_id };
	const char *before = "References: ";

	if (r->thread_topic.n)
		compose_field_text(b, S("Thread-Topic"), r->thread_topic);
	for (size_t i = 0; i < countof(lists); i++) {
		struct str rest = lists[i], id;

		while (header_msgid_next(&rest, &id)) {
			buf_fmt(b, "%s" STR_FMT "\r\n", before, STR_ARG(id));
			before = " ";
		}
	}
	if (s->thread_index.n)
		buf_fmt(b, "Thread-Index: " STR_FMT "\r\n", STR_ARG(s->thread_index));
}

/* MS-ASCMD_R5604 to R5607, R5611, R5622. Of the Subject the words before the request's own are ours. */
static enum err put_header(struct arena *a, struct buf *b, const struct substitute *s, uint64_t unique)
{
	CLEANUP(buf_release) struct buf subject = BUF_INIT(SUBSTITUTE_MAX_BYTES);
	struct str domain = s->delegate, local;
	struct header_address to = { 0 }, *from;
	size_t from_n;

	str_cut(&domain, '@', &local);
	to.local = local;
	to.domain = domain;
	TRY(header_addresses(a, s->request->from, &from, &from_n));
	buf_fmt(&subject, "%s for " STR_FMT ": " STR_FMT, tellings[s->event->method].subject, STR_ARG(s->owner),
		STR_ARG(s->request->subject));
	TRY(buf_status(&subject));
	compose_field_addresses(b, S("From"), from, from_n);
	compose_field_addresses(b, S("To"), &to, 1);
	compose_field_text(b, S("Subject"), buf_view(&subject));
	compose_field_date(b, S("Date"), s->sent_ms);
	buf_fmt(b, "Message-ID: <%016llx.meeting@" STR_FMT ">\r\n", (unsigned long long)unique, STR_ARG(domain));
	put_thread(b, s);
	if (s->request->importance == MAIL_IMPORTANCE_HIGH)
		buf_cstr(b, "Importance: high\r\n");
	buf_cstr(b, "Auto-Submitted: auto-generated\r\n"); /* RFC 3834: nobody's machine answers it */
	return buf_status(b);
}

/* Of the same mail to the same delegate always the same. */
static uint64_t unique_of(const struct substitute *s)
{
	const struct str parts[] = { s->delegate,         s->request->message_id, s->request->from,
				     s->request->subject, s->event->uid,          s->calendar };
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)s->sent_ms; /* FNV-1a */

	for (size_t i = 0; i < countof(parts); i++)
		for (size_t k = 0; k <= parts[i].n; k++)
			hash = (hash ^ (k < parts[i].n ? (unsigned char)parts[i].p[k] : 0)) * UINT64_C(0x100000001b3);
	return hash;
}

enum err substitute_write(struct arena *a, struct buf *out, const struct substitute *s)
{
	CLEANUP(buf_release)
	struct buf header = BUF_INIT(SUBSTITUTE_MAX_BYTES), text = BUF_INIT(SUBSTITUTE_MAX_BYTES),
		   html = BUF_INIT(HTML_GROWTH * SUBSTITUTE_MAX_BYTES);
	const uint64_t unique = unique_of(s);
	struct compose_mail mail = { 0 };
	struct compose c;

	TRY(put_header(a, &header, s, unique));
	put_text(&text, s);
	TRY(buf_status(&text));
	mail.header = buf_view(&header);
	mail.plain = buf_view(&text);
	if (s->request->native_body == BODY_HTML) { /* R5618 */
		put_html(&html, mail.plain);
		TRY(buf_status(&html));
		mail.html = buf_view(&html);
	}
	compose_init(&c, body_sink_buf(out), unique);
	compose_mail(&c, &mail);
	return compose_finish(&c);
}

/* ---- to whom ---- */

/* The name of the part that the calendar is beside a substitute. */
static enum err name_part(struct arena *a, int64_t owner, struct str *ret)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(PART_NAME_MAX);

	buf_fmt(&name, "request-to-%lld", (long long)owner);
	TRY(buf_status(&name));
	return arena_str(a, buf_view(&name), ret);
}

static enum err put_request(struct arena *a, struct store_tx *tx, int64_t item, const struct substitute *what)
{
	struct entry_part part = { .content_type = S("text/calendar"), .octets = what->calendar };

	if (what->event->method != CAL_REQUEST || what->calendar.n > ENTRY_MAX_BYTES)
		return ERR_OK;
	TRY(name_part(a, what->owner_id, &part.name));
	return entry_parts_put(tx, item, &part, 1);
}

static enum err add_once(struct arena *a, struct store *s, struct intake *in, const struct substitute *what,
			 int64_t mailbox, int64_t received_ms)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *blob = NULL;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct intake_item item = { .received_ms = received_ms, .incoming = true, .occurrence = 1 };
	int64_t id;

	TRY(intake_store(in, s, mailbox, &blob));
	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(folder_by_role(tx, FOLDER_INBOX, &item.folder));
	TRY(quota_room(tx, intake_size(in) + what->calendar.n));
	TRY(intake_add(in, tx, blob, &item, &id));
	if (id)
		TRY(put_request(a, tx, id, what));
	return store_commit(&tx);
}

static enum err deliver_one(struct arena *a, struct store *s, const struct substitute *what, int64_t mailbox,
			    int64_t received_ms)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	CLEANUP(buf_release) struct buf octets = BUF_INIT(2 * SUBSTITUTE_MAX_BYTES);

	TRY(substitute_write(a, &octets, what));
	TRY(intake_new(store_state_dir(s), octets.n, &in));
	TRY(intake_put(in, buf_view(&octets)));
	TRY(intake_finish(in));
	return add_once(a, s, in, what, mailbox, received_ms);
}

/* ---- what nobody else is told of ---- */

static enum err any_private(struct arena *a, struct str calendar, bool *ret)
{
	struct str *list;
	size_t n;

	*ret = false;
	TRY(cal_split(a, calendar, S("VEVENT"), &list, &n));
	for (size_t i = 0; i < n && !*ret; i++) {
		struct cal_series series;

		TRY(cal_series_read(a, list[i], &series));
		*ret = cal_series_is_private(&series);
	}
	return ERR_OK;
}

/* As its owner has marked it, whatever the organizer says. One that is in no calendar is nothing to hide. */
static enum err is_kept_private(struct arena *a, struct store_tx *tx, struct str event, bool *ret)
{
	struct cal_event e;
	struct item item;
	struct str kept;
	enum err failed;
	size_t n;

	TRY(cal_event_read(a, event, &e, &n));
	failed = meeting_find(a, tx, &e, &item);
	if (failed)
		return failed == ERR_NOT_FOUND ? ERR_OK : failed;
	TRY(entry_read(a, tx, &item, &kept));
	return any_private(a, kept, ret);
}

/* Of all events in it: what one mail tells of several is one substitute. */
static enum err is_private(struct arena *a, struct store *s, int64_t mailbox, struct str calendar, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str *list;
	size_t n;

	TRY(any_private(a, calendar, ret));
	TRY(cal_split(a, calendar, S("VEVENT"), &list, &n));
	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	for (size_t i = 0; i < n && !*ret; i++)
		TRY(is_kept_private(a, tx, list[i], ret));
	return ERR_OK;
}

/* ---- all ---- */

struct telling {
	struct arena *arena;
	struct store *store;
	struct account owner;
	struct share *shares; /* of the owner's */
	size_t shares_n;
	struct substitute what; /* for whom it is is said of each */
	int64_t received_ms;
	enum share_meetings done; /* the most that one who may answer has to do with it */
};

/* An account's mailbox has its number (store/account.h). */
static enum err find_delegates(struct telling *t, int64_t owner)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(t->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(share_list(t->arena, tx, owner, &t->shares, &t->shares_n));
	return t->shares_n ? account_get(t->arena, tx, owner, &t->owner) : ERR_OK;
}

/* Somebody who reads his mail here, and may answer. */
static bool can_decide(const struct telling *t, const struct share *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account guest;

	return s->edits && !store_begin(t->store, STORE_DIRECTORY, STORE_READ, &tx) &&
	       !mount_account_find(t->arena, tx, s->guest, &guest);
}

static enum err tell_one(struct telling *t, const struct share *s)
{
	if (s->meetings == SHARE_MEETINGS_NONE)
		return ERR_OK;
	t->what.delegate = s->address;
	t->what.meetings = s->meetings;
	t->what.edits = s->edits;
	TRY(deliver_one(t->arena, t->store, &t->what, s->guest, t->received_ms));
	if (s->meetings > t->done && can_decide(t, s))
		t->done = s->meetings;
	return ERR_OK;
}

/* Each of them, whatever became of the others'. */
static enum err tell_all(struct telling *t)
{
	enum err failed = ERR_OK;

	for (size_t i = 0; i < t->shares_n; i++) {
		enum err e = tell_one(t, &t->shares[i]);

		failed = failed ? failed : e;
	}
	return failed;
}

/* One that is no base64 is none. */
static enum err read_thread_index(struct arena *a, struct intake *in, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(INDEX_MAX), octets = BUF_INIT(INDEX_MAX);
	struct header_field field;
	struct str header;
	enum err e = intake_header(a, in, &header);

	if (e)
		return e == ERR_LIMIT ? ERR_OK : e;
	while (header_next(&header, &field))
		if (str_ieq(field.name, S("Thread-Index"))) {
			header_unfold(&text, field.raw);
			if (buf_status(&text) || base64_decode(&octets, str_trim(buf_view(&text))))
				return ERR_OK;
			return arena_str(a, str_trim(buf_view(&text)), ret);
		}
	return ERR_OK;
}

/* When the request was sent; of one that does not say, as its calendar says, so that whenever it comes again it is the same. */
static int64_t sent_ms(const struct intake *in, const struct cal_event *e)
{
	return intake_date_ms(in) ? intake_date_ms(in) : e->stamp.given ? e->stamp.utc_ms : e->start.utc_ms;
}

static enum err consider(struct telling *t, struct intake *in, int64_t mailbox)
{
	struct cal_event event;
	size_t events;
	bool hidden;

	TRY(find_delegates(t, mailbox));
	if (t->shares_n == 0)
		return ERR_OK;
	TRY(intake_calendar(t->arena, in, &t->what.calendar));
	TRY(cal_event_read(t->arena, t->what.calendar, &event, &events));
	TRY(is_private(t->arena, t->store, mailbox, t->what.calendar, &hidden));
	if (!is_told(event.method) || hidden)
		return ERR_OK;
	t->what.owner_id = mailbox;
	t->what.owner = t->owner.name.n ? t->owner.name : t->owner.address;
	t->what.request = intake_summary(in);
	t->what.event = &event;
	t->what.sent_ms = sent_ms(in, &event);
	TRY(read_thread_index(t->arena, in, &t->what.thread_index));
	return tell_all(t);
}

bool substitute_consider(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms, bool taken)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct telling t = { .arena = &a, .store = s, .received_ms = received_ms };
	enum err e;

	if (!(intake_summary(in)->flags & MAIL_MEETING))
		return false;
	e = consider(&t, in, mailbox);
	if (e)
		log_warn("meeting_copy", "mailbox=%lld error=%s", (long long)mailbox,
			 log_quote(str_of(err_text(e))).text);
	if (!taken)
		return false;
	if (t.done == SHARE_MEETINGS_COPY)
		intake_set_request(in, MAIL_REQUEST_COPY);
	return t.done == SHARE_MEETINGS_DELEGATES;
}

/* ---- the other way ---- */

static enum err read_sender(struct arena *a, struct store_tx *tx, const struct item *item, struct meeting_sender *ret)
{
	CLEANUP(message_close) struct message m = { 0 };

	TRY(message_open(a, tx, item, &m));
	return meeting_sender_of(a, &m.summary, ret);
}

enum err substitute_of(struct arena *a, struct store_tx *tx, const struct item *item, const struct share *shares,
		       size_t shares_n, struct substituted *ret)
{
	for (size_t i = 0; i < shares_n; i++) {
		struct str name;
		enum err e;

		if (!shares[i].calendar)
			continue;
		TRY(name_part(a, shares[i].owner, &name));
		e = event_part_read(a, tx, item->id, name, &ret->calendar);
		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		ret->owner = shares[i].owner;
		return read_sender(a, tx, item, &ret->sender); /* it has the request's From */
	}
	return ERR_NOT_FOUND;
}
