/* Meeting requests, told to delegates. */
#include <gateway/mailbox/substitute.h>

#include <base/log.h>
#include <gateway/content/compose.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/intake.h>
#include <store/account.h>
#include <store/folder.h>
#include <store/share.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

/* What delegates are told of, by its method. */
static const struct {
	const char *subject; /* before whom it is for */
	const char *text;    /* behind whom it is for */
} tellings[] = {
	[CAL_REQUEST] = { "Meeting request", "who has it too. It can't be answered from here" },
	[CAL_CANCEL] = { "Meeting called off", "who is told of it too" },
};

static bool is_told(enum cal_method method)
{
	return (size_t)method < countof(tellings) && tellings[method].subject;
}

/* ---- the mail ---- */

static void put_time(struct buf *b, const char *what, const struct cal_time *t)
{
	const struct local_time *l = &t->local;

	if (!t->given)
		return;
	buf_fmt(b, "%s: %04d-%02d-%02d", what, l->year, l->month, l->day);
	if (!t->is_date)
		buf_fmt(b, " %02d:%02d " STR_FMT, l->hour, l->minute, STR_ARG(t->tzid.n ? t->tzid : S("UTC")));
	buf_char(b, '\n');
}

static void put_line(struct buf *b, const char *what, struct str value)
{
	if (value.n)
		buf_fmt(b, "%s: " STR_FMT "\n", what, STR_ARG(value));
}

/* MS-ASCMD_R5613, R5623 */
static void put_text(struct buf *b, const struct substitute *s)
{
	const struct cal_event *e = s->event;

	buf_fmt(b, "%s for " STR_FMT ", %s.\n\n", tellings[e->method].subject, STR_ARG(s->owner),
		tellings[e->method].text);
	put_line(b, "What", e->summary);
	put_time(b, "Begin", &e->start);
	put_time(b, "End", &e->end);
	put_line(b, "Where", e->location);
	put_line(b, "Organizer", e->organizer_name.n ? e->organizer_name : e->organizer);
	if (e->recurrence.frequency != CAL_NEVER || e->recurrence.odd)
		buf_cstr(b, "It recurs.\n");
	if (e->description.n && e->description.n <= SUBSTITUTE_DESCRIPTION_MAX)
		buf_fmt(b, "\n" STR_FMT "\n", STR_ARG(e->description));
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
	if (s->request->importance == MAIL_IMPORTANCE_HIGH)
		buf_cstr(b, "Importance: high\r\n");
	buf_cstr(b, "Auto-Submitted: auto-generated\r\n"); /* RFC 3834: nobody's machine answers it */
	return buf_status(b);
}

/* Of the same mail to the same delegate always the same. */
static uint64_t unique_of(const struct substitute *s)
{
	const struct str parts[] = { s->delegate, s->request->message_id, s->request->from, s->request->subject,
				     s->event->uid };
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)s->sent_ms; /* FNV-1a */

	for (size_t i = 0; i < countof(parts); i++)
		for (size_t k = 0; k <= parts[i].n; k++)
			hash = (hash ^ (k < parts[i].n ? (unsigned char)parts[i].p[k] : 0)) * UINT64_C(0x100000001b3);
	return hash;
}

enum err substitute_write(struct arena *a, struct buf *out, const struct substitute *s)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(SUBSTITUTE_MAX_BYTES), text = BUF_INIT(SUBSTITUTE_MAX_BYTES);
	const uint64_t unique = unique_of(s);
	struct compose c;

	TRY(put_header(a, &header, s, unique));
	put_text(&text, s);
	TRY(buf_status(&text));
	compose_init(&c, body_sink_buf(out), unique);
	compose_mail(&c, &(struct compose_mail){ .header = buf_view(&header), .plain = buf_view(&text) });
	return compose_finish(&c);
}

/* ---- to whom ---- */

static enum err deliver_one(struct arena *a, struct store *s, const struct substitute *what, int64_t mailbox,
			    int64_t received_ms)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	CLEANUP(buf_release) struct buf octets = BUF_INIT(2 * SUBSTITUTE_MAX_BYTES);

	TRY(substitute_write(a, &octets, what));
	TRY(intake_new(store_state_dir(s), octets.n, &in));
	TRY(intake_put(in, buf_view(&octets)));
	TRY(intake_finish(in));
	return intake_deliver_once(in, s, mailbox, received_ms);
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

/* As its owner has marked it, whatever the organizer says. */
static enum err read_kept(struct arena *a, struct store *s, int64_t mailbox, const struct cal_event *e, struct str *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct item item;
	int64_t folder;
	enum err failed;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	TRY(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	failed = event_anywhere(a, tx, folder, e->uid, &item);
	if (failed == ERR_NOT_FOUND)
		failed = event_by_instance(a, tx, folder, e->uid, e->recurrence_id.utc_ms, &item);
	TRY(failed);
	return entry_read(a, tx, &item, ret);
}

static enum err is_private(struct arena *a, struct store *s, int64_t mailbox, struct str calendar,
			   const struct cal_event *e, bool *ret)
{
	struct str kept;
	enum err failed;

	TRY(any_private(a, calendar, ret));
	failed = *ret ? ERR_NOT_FOUND : read_kept(a, s, mailbox, e, &kept);
	return failed == ERR_NOT_FOUND ? ERR_OK : failed ? failed : any_private(a, kept, ret);
}

/* ---- all ---- */

/* An account's mailbox has its number (store/account.h). */
static enum err find_delegates(struct arena *a, struct store *s, int64_t owner, struct account *ret_owner,
			       struct share **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(share_list(a, tx, owner, ret, ret_n));
	return *ret_n ? account_get(a, tx, owner, ret_owner) : ERR_OK;
}

static enum err consider(struct arena *a, struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms)
{
	const struct mail_summary *request = intake_summary(in);
	struct account owner;
	struct share *shares;
	struct cal_event event;
	struct str calendar;
	size_t n, events;
	enum err failed = ERR_OK, e;
	bool hidden;

	TRY(find_delegates(a, s, mailbox, &owner, &shares, &n));
	if (n == 0)
		return ERR_OK;
	TRY(intake_calendar(a, in, &calendar));
	TRY(cal_event_read(a, calendar, &event, &events));
	TRY(is_private(a, s, mailbox, calendar, &event, &hidden));
	for (size_t i = 0; i < n && is_told(event.method) && !hidden; i++) {
		const struct substitute what = { .owner = owner.name.n ? owner.name : owner.address,
						 .delegate = shares[i].address,
						 .request = request,
						 .event = &event,
						 .sent_ms = intake_date_ms(in) ? intake_date_ms(in) : received_ms };

		e = shares[i].meetings ? deliver_one(a, s, &what, shares[i].guest, received_ms) : ERR_OK;
		failed = failed ? failed : e;
	}
	return failed;
}

void substitute_consider(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	enum err e;

	if (!(intake_summary(in)->flags & MAIL_MEETING))
		return;
	e = consider(&a, in, s, mailbox, received_ms);
	if (e)
		log_warn("meeting_copy", "mailbox=%lld error=%s", (long long)mailbox,
			 log_quote(str_of(err_text(e))).text);
}
