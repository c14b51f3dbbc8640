/* What comes by mail to the calendar. */
#include <gateway/mailbox/meeting.h>

#include <base/log.h>
#include <gateway/content/calendar_attach.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/meeting_keep.h>
#include <gateway/mailbox/meeting_said.h>
#include <gateway/mailbox/meeting_stored.h>

enum { ARENA_BYTES = 256 * 1024 * 1024, DAY_MS = 24 * 60 * 60 * 1000 };

/* What of one mail is looked at. */
struct meeting_allowance {
	unsigned left; /* of MEETING_EVENTS_MAX */
	bool is_cut;   /* there was more */
};

static const struct author nobody = { .device = STORE_NOBODY };

/* ---- REQUEST ---- */

/* Somebody else's message is left to be read. */
static bool is_foreign(const struct meeting_incoming *in)
{
	if (meeting_sender_rules(in->sender, &in->stored.event))
		return false;
	log_info("meeting_foreign", "mailbox=%lld item=%lld from=%s", (long long)store_tx_mailbox(in->tx),
		 (long long)in->item.id, log_quote(in->sender->address).text);
	return true;
}

/* ---- which of two holds ---- */

/* What of the stored event the mail is about. */
static const struct cal_event *meant(const struct meeting_incoming *in)
{
	if (!in->series.orphan || in->stored.orphan)
		return &in->stored.event;
	return meeting_event_of(&in->stored, in->series.event.recurrence_id.utc_ms);
}

/* RFC 5546 section 2.1.5: by SEQUENCE, then by DTSTAMP, which is the organizer's and kept as he set it. */
static bool is_newer(const struct cal_event *e, const struct cal_event *was)
{
	if (e->sequence != was->sequence)
		return e->sequence > was->sequence;
	return !e->stamp.given || !was->stamp.given || e->stamp.utc_ms > was->stamp.utc_ms;
}

/*
 * The organizer's own mail about what another one had told, in his name or for others to see (a forwarded invitation): by whatever
 * numbers that had, or whoever knows the UID could keep the meeting as it is for ever. Whoever sends for him is named in it.
 */
static bool outranks(const struct meeting_incoming *in)
{
	const struct meeting_sender was = { .address = in->stored.event.sender };
	const struct cal_event *e = &in->series.event;

	return was.address.n && meeting_sender_is(in->sender, e->organizer) &&
	       !send_is_own(&in->sender->account, was.address) && !meeting_sender_rules(&was, e);
}

/* ---- single instances ---- */

/* So many days from when the instance would begin, at that time of day, as it is of the instance that the mail names. */
static void shift_times(const struct cal_event *named, int64_t instance_ms, struct cal_event *to)
{
	const struct zone_rules *zone = &named->start.zone, utc = { 0 };
	const struct local_time from = zone_from_utc(zone, named->recurrence_id.utc_ms), begin = named->start.local;
	const struct local_time at = zone_from_utc(zone, instance_ms);
	struct local_time t = zone_from_utc(&utc, (days_of_date(at.year, at.month, at.day) +
						   days_of_date(begin.year, begin.month, begin.day) -
						   days_of_date(from.year, from.month, from.day)) *
							  DAY_MS);

	t.hour = begin.hour;
	t.minute = begin.minute;
	t.second = begin.second;
	to->start.local = t;
	to->start.utc_ms = zone_to_utc(zone, t);
	to->end.utc_ms = to->start.utc_ms + named->end.utc_ms - named->start.utc_ms;
	to->end.local = zone_from_utc(&to->end.zone, to->end.utc_ms);
}

/* What the mail says of that instance and is not so already. */
static void change_of_instance(const struct meeting_incoming *in, int64_t instance_ms, struct cal_change *c)
{
	const struct cal_event was = meeting_instance(&in->stored, instance_ms);

	*c = (struct cal_change){ .what = CAL_FIELD_SUMMARY | CAL_FIELD_LOCATION | CAL_FIELD_BODY | CAL_FIELD_TIMES |
					  CAL_FIELD_ATTENDEES | CAL_FIELD_SEQUENCE | CAL_FIELD_CANCELLED |
					  CAL_FIELD_ATTACHMENTS,
				  .to = in->series.event,
				  .instance_ms = instance_ms };
	shift_times(&in->series.event, instance_ms, &c->to);
	cal_change_reduce(c, &was);
	if (c->what & CAL_FIELD_TIMES) { /* to be answered anew */
		c->what |= CAL_FIELD_ANSWER | CAL_FIELD_BUSY;
		c->to.answer = CAL_ANSWER_NONE;
		c->to.answered_ms = 0;
		c->to.busy = CAL_TENTATIVE;
	} else if (cal_series_declined(&in->stored, instance_ms)) {
		c->what = 0;
	}
	if (in->is_rest && was.recurrence_id.given) /* the mail says it of this one by itself */
		c->what = 0;
}

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

struct following {
	int64_t *list;
	size_t n, max;
	bool is_cut; /* there are more of them, the first one at end_ms */
	int64_t end_ms;
};

static bool note_following(void *ctx, const struct cal_occurrence *o)
{
	struct following *f = ctx;

	if (f->n == f->max) {
		f->is_cut = true;
		f->end_ms = o->instance_ms;
		return false;
	}
	f->list[f->n++] = o->instance_ms;
	return true;
}

/* An exception is as large as the event, and what the mail says of it beside that. */
static size_t room_for_exceptions(const struct meeting_incoming *in)
{
	const size_t each = in->stored_text.n / (1 + in->stored.exceptions_n) + in->text.n;

	return at_most((CAL_BYTES_MAX - at_most(in->stored_text.n, CAL_BYTES_MAX)) / each, MEETING_FOLLOWING_MAX);
}

/* RFC 5545 section 3.2.13: the instance, or those from there on, which keep their names. */
static enum err named_instances(const struct meeting_incoming *in, struct following *ret)
{
	const int64_t named = in->series.event.recurrence_id.utc_ms;
	struct cal_series rule = in->stored;
	struct cal_plan plan;

	ret->max = room_for_exceptions(in);
	ret->list = arena_array(in->arena, ret->max + 1, sizeof(*ret->list));
	if (!ret->list)
		return ERR_LIMIT;
	if (!in->series.event.this_and_future) {
		ret->list[ret->n++] = named;
		return ERR_OK;
	}
	rule.exceptions_n = 0; /* which may have been moved to before */
	TRY(cal_plan_make(in->arena, &rule, &plan));
	plan.duration_ms = 0;
	cal_plan_walk(&plan, named, INT64_MAX, note_following, ret);
	return ret->is_cut && ret->n == 0 ? ERR_LIMIT : ERR_OK;
}

static enum err update_instances(struct meeting_incoming *in)
{
	struct following f = { 0 };
	struct cal_change *list;
	size_t n = 0;

	TRY(named_instances(in, &f));
	list = arena_array(in->arena, f.n + 1, sizeof(*list));
	if (!list)
		return ERR_LIMIT;
	for (size_t i = 0; i < f.n; i++) {
		change_of_instance(in, f.list[i], &list[n]);
		n += list[n].what != 0;
	}
	if (n == 0)
		return ERR_OK; /* the same again */
	if (!in->series.event.this_and_future)
		return meeting_stored_put_instance(in, list, true);
	if (f.is_cut)
		log_info("meeting_cut", "mailbox=%lld item=%lld instances=%zu", (long long)store_tx_mailbox(in->tx),
			 (long long)in->item.id, f.n);
	return meeting_stored_put(in, in->stored_text,
				  &(struct cal_edit){ .instances = list,
						      .instances_n = n,
						      .ends = f.is_cut,
						      .end_ms = f.end_ms,
						      .now_ms = in->now_ms,
						      .keeps_stamp = true });
}

/* Single instances that were known before the series are in it now, if it is the same organizer's and he says so. */
static enum err drop_instances(const struct meeting_incoming *in)
{
	int64_t *list;
	size_t n;

	if (in->series.orphan)
		return ERR_OK;
	TRY(event_instances(in->arena, in->tx, in->series.event.uid, &list, &n));
	for (size_t i = 0; i < n; i++) {
		struct meeting_incoming one = *in;

		TRY(item_find(in->arena, in->tx, list[i], &one.item));
		TRY(meeting_stored_read(&one));
		if (str_ieq(one.stored.event.organizer, in->series.event.organizer) && !is_foreign(&one))
			TRY(item_expunge(in->tx, one.item.folder, one.item.id, &nobody));
	}
	return ERR_OK;
}

/* ---- what a request is to its reader ---- */

static bool has_handed_on(const struct meeting_incoming *in)
{
	const struct cal_event *e = &in->series.event;

	for (size_t i = 0; i < e->attendees_n; i++)
		if (e->attendees[i].delegated && send_is_own(in->owner, e->attendees[i].address))
			return true;
	return false;
}

static unsigned differs(const struct cal_event *was, const struct cal_event *is)
{
	struct cal_change c = { .what = CAL_FIELD_TIMES | CAL_FIELD_RULE | CAL_FIELD_SUMMARY | CAL_FIELD_LOCATION |
					CAL_FIELD_BODY | CAL_FIELD_CANCELLED | CAL_FIELD_ATTACHMENTS | CAL_FIELD_LINKS,
				.to = *is };

	cal_change_reduce(&c, was);
	return c.what;
}

/* Whoever has not answered is asked still, whatever the update is about. */
static enum mail_request kind_of_update(const struct meeting_incoming *in)
{
	const struct cal_event *is = &in->series.event;
	const bool one = in->series.orphan && !in->stored.orphan;
	const struct cal_event was = one ? meeting_instance(&in->stored, is->recurrence_id.utc_ms) : in->stored.event;
	unsigned other = differs(&was, is);

	for (size_t i = 0; !one && i < in->series.exceptions_n; i++) {
		const struct cal_event *x = &in->series.exceptions[i],
				       before = meeting_instance(&in->stored, x->recurrence_id.utc_ms);

		other |= differs(&before, x);
	}
	if (!one && in->series.dates_n != in->stored.dates_n)
		other |= CAL_FIELD_RULE;
	if (!one && in->series.deleted_n != in->stored.deleted_n - in->stored.declined_n)
		other |= CAL_FIELD_CANCELLED;
	if (was.answer == CAL_ANSWER_NONE || was.answer == CAL_ANSWER_UNKNOWN ||
	    other & (CAL_FIELD_TIMES | CAL_FIELD_RULE))
		return MAIL_REQUEST_FULL;
	return other ? MAIL_REQUEST_INFORMATIONAL : MAIL_REQUEST_SILENT;
}

static enum err take_request(struct meeting_incoming *in, struct meeting_applied *ret)
{
	const struct cal_event *e = &in->series.event;
	struct cal_edit edit = { .now_ms = in->now_ms, .keeps_stamp = true };

	if (send_is_own(in->owner, e->organizer))
		return ERR_OK;
	if (!in->has_event) {
		edit.series.what = CAL_FIELD_ANSWER | CAL_FIELD_BUSY | CAL_FIELD_SENDER;
		edit.series.to.sender = in->sender->address;
		edit.series.to.answer = CAL_ANSWER_NONE;
		edit.series.to.busy = e->busy == CAL_FREE ? CAL_FREE : CAL_TENTATIVE;
		TRY(drop_instances(in));
		ret->is = has_handed_on(in) ? MAIL_REQUEST_DELEGATED : MAIL_REQUEST_FIRST;
		ret->taken = true;
		return meeting_stored_add(in, in->text, &edit.series, &ret->event);
	}
	ret->event = in->item.id;
	if (!str_ieq(in->stored.event.organizer, e->organizer) || is_foreign(in))
		return ERR_OK;
	ret->taken = true;
	if (!in->is_rest && !is_newer(e, meant(in)) && !outranks(in))
		return ERR_OK;
	ret->is = has_handed_on(in) ? MAIL_REQUEST_DELEGATED : kind_of_update(in);
	if (in->series.orphan && !in->stored.orphan)
		return update_instances(in);
	TRY(meeting_keep_own(in->arena, &in->stored, &in->series, &edit));
	edit.series.what |= CAL_FIELD_SENDER;
	edit.series.to.sender = in->sender->address;
	return meeting_stored_put(in, in->text, &edit);
}

/* ---- CANCEL ---- */

/* He is one of those who take part, and the mail is for others of them alone. */
static bool is_for_others(const struct meeting_incoming *in)
{
	const struct cal_event *e = &in->series.event, *was = meant(in);
	bool invited = false;

	for (size_t i = 0; i < e->attendees_n; i++)
		if (send_is_own(in->owner, e->attendees[i].address))
			return false;
	for (size_t i = 0; i < was->attendees_n; i++)
		invited |= send_is_own(in->owner, was->attendees[i].address);
	return e->attendees_n && invited;
}

/* From the first instance on. */
static bool ends_all(const struct meeting_incoming *in)
{
	const struct cal_event *e = &in->series.event;

	return e->this_and_future && e->recurrence_id.utc_ms <= in->stored.event.start.utc_ms;
}

static enum err take_cancel(struct meeting_incoming *in, struct meeting_applied *ret);

/* Of the series is known nothing but them. */
static enum err cancel_instances(const struct meeting_incoming *in, struct meeting_applied *ret)
{
	int64_t *list;
	size_t n;

	TRY(event_instances(in->arena, in->tx, in->series.event.uid, &list, &n));
	for (size_t i = 0; i < n; i++) {
		struct meeting_incoming one = *in;

		TRY(item_find(in->arena, in->tx, list[i], &one.item));
		TRY(meeting_stored_read(&one));
		TRY(take_cancel(&one, ret));
	}
	return ERR_OK;
}

static enum err take_cancel(struct meeting_incoming *in, struct meeting_applied *ret)
{
	const struct cal_event *e = &in->series.event;
	struct cal_change c = { .what = CAL_FIELD_CANCELLED | CAL_FIELD_BUSY | CAL_FIELD_SEQUENCE,
				.to = { .cancelled = true, .busy = CAL_FREE, .sequence = e->sequence },
				.instance_ms = e->recurrence_id.utc_ms };
	struct cal_edit edit = { .now_ms = in->now_ms, .keeps_stamp = true };

	if (!in->has_event)
		return in->series.orphan ? ERR_OK : cancel_instances(in, ret);
	ret->event = in->item.id;
	if (!str_ieq(in->stored.event.organizer, e->organizer) || send_is_own(in->owner, e->organizer) ||
	    is_for_others(in) || is_foreign(in))
		return ERR_OK;
	ret->taken = true;
	if (e->sequence < meant(in)->sequence || in->stored.event.cancelled)
		return ERR_OK;
	if (!in->series.orphan || in->stored.orphan || ends_all(in)) {
		edit.series = c;
		return meeting_stored_put(in, in->stored_text, &edit);
	}
	if (e->this_and_future) {
		edit.ends = true;
		edit.end_ms = c.instance_ms;
		return meeting_stored_put(in, in->stored_text, &edit);
	}
	if (cal_series_deletes(&in->stored, c.instance_ms))
		return ERR_OK;
	c.deleted = true;
	return meeting_stored_put_instance(in, &c, true);
}

/* ---- REPLY, COUNTER ---- */

/* What is said to a series is said to its exceptions too; a time that is proposed is of the series alone. */
static enum err answer_exceptions(const struct meeting_incoming *in, const struct meeting_reply *to_series,
				  struct cal_edit *edit)
{
	struct cal_change *list = arena_array(in->arena, in->stored.exceptions_n + 1, sizeof(*list));
	struct meeting_reply reply = *to_series;

	if (!list)
		return ERR_LIMIT;
	reply.series = &in->stored.event;
	edit->instances = list;
	for (size_t i = 0; i < in->stored.exceptions_n && !reply.proposes; i++) {
		struct cal_change *c = &list[edit->instances_n];
		enum err e;

		reply.event = &in->stored.exceptions[i];
		*c = (struct cal_change){ .instance_ms = reply.event->recurrence_id.utc_ms };
		e = meeting_reply_take(in->arena, &reply, c);
		if (e && e != ERR_NOT_FOUND)
			return e;
		edit->instances_n += !e;
	}
	return ERR_OK;
}

static enum err note_answer(struct meeting_incoming *in, bool proposes)
{
	const struct cal_event *e = &in->series.event;
	const bool one = in->series.orphan && !in->stored.orphan;
	const struct meeting_reply reply = { .said = e,
					     .sender = in->sender,
					     .event = meant(in),
					     .series = one ? &in->stored.event : NULL,
					     .proposes = proposes,
					     .now_ms = in->now_ms };
	struct cal_edit edit = { .now_ms = in->now_ms };
	struct cal_change c = { .instance_ms = e->recurrence_id.utc_ms };

	TRY(meeting_reply_take(in->arena, &reply, &c));
	if (!one) {
		edit.series = c;
		TRY(answer_exceptions(in, &reply, &edit));
		return meeting_stored_put(in, in->stored_text, &edit);
	}
	TRY(cal_instance_check(in->arena, &in->stored, c.instance_ms));
	return meeting_stored_put_instance(in, &c, false);
}

static enum err take_answer(struct meeting_incoming *in, bool proposes, struct meeting_applied *ret)
{
	enum err e;

	if (!in->has_event || in->series.event.attendees_n == 0)
		return ERR_OK;
	ret->event = in->item.id;
	if (in->stored.event.organizer.n && !send_is_own(in->owner, in->stored.event.organizer))
		return ERR_OK;
	e = note_answer(in, proposes);
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* it changes nothing, or there is no such instance */
}

static enum err take_reply(struct meeting_incoming *in, struct meeting_applied *ret)
{
	return take_answer(in, false, ret);
}

/* An answer with a time, which stands beside him who proposes it until the organizer chooses one. */
static enum err take_counter(struct meeting_incoming *in, struct meeting_applied *ret)
{
	return take_answer(in, true, ret);
}

/* ---- all ---- */

/* What of the mail's attachments is this event's. */
static enum err take_parts(struct meeting_incoming *in, const struct meeting_incoming *mail)
{
	struct entry_part *list = arena_array(in->arena, mail->taken.parts_n + 1, sizeof(*list));
	struct cal_attachment *named;
	size_t named_n;

	if (!list)
		return ERR_LIMIT;
	TRY(cal_series_attachments(in->arena, &in->series, &named, &named_n));
	in->taken.parts = list;
	in->taken.parts_n = 0;
	for (size_t i = 0; i < mail->taken.parts_n; i++)
		for (size_t k = 0; k < named_n; k++)
			if (str_eq(mail->taken.parts[i].name, named[k].id)) {
				list[in->taken.parts_n++] = mail->taken.parts[i];
				break;
			}
	return ERR_OK;
}

/* Asked for each event that there is. */
static bool may_look(const struct meeting_incoming *mail)
{
	mail->may->is_cut |= mail->may->left == 0;
	return mail->may->left > 0;
}

/* One event, or an instance of one. */
static enum err apply(const struct meeting_incoming *mail, enum cal_method method, struct str text,
		      struct meeting_applied *ret)
{
	static enum err (*const take[])(struct meeting_incoming * in, struct meeting_applied * ret) = {
		[CAL_REQUEST] = take_request,
		[CAL_CANCEL] = take_cancel,
		[CAL_REPLY] = take_reply,
		[CAL_COUNTER] = take_counter,
	};
	struct meeting_incoming in = *mail;
	struct meeting_applied one = { 0 };

	if (!may_look(mail))
		return ERR_OK;
	in.may->left--;
	in.text = text;
	TRY(cal_series_read(in.arena, text, &in.series));
	if (in.series.event.this_and_future)
		in.may->left -= (unsigned)at_most(in.may->left, MEETING_FOLLOWING_COST - 1);
	TRY(take_parts(&in, mail));
	TRY(meeting_stored_settle(&in));
	TRY(meeting_stored_load(&in));
	TRY(take[method](&in, &one));
	if (!ret->event) {
		ret->event = one.event;
		ret->is = one.is;
	}
	ret->taken &= one.taken;
	return ERR_OK;
}

/* What a series that has been taken says of an instance and all behind it. */
static enum err apply_rest(const struct meeting_incoming *mail, struct str text)
{
	struct meeting_applied known = { 0 }; /* what the mail is, the series has told */
	struct meeting_incoming rest = *mail;
	struct str *list;
	size_t n;

	rest.is_rest = true;
	TRY(cal_split_each(mail->arena, text, S("VEVENT"), &list, &n));
	for (size_t i = 0; i < n && !mail->may->is_cut; i++) {
		struct cal_event e;
		size_t one;

		TRY(cal_event_read(mail->arena, list[i], &e, &one));
		if (e.this_and_future)
			TRY(apply(&rest, CAL_REQUEST, list[i], &known));
	}
	return ERR_OK;
}

static bool has_rest(const struct cal_series *s)
{
	for (size_t i = 0; i < s->exceptions_n; i++)
		if (s->exceptions[i].this_and_future)
			return true;
	return false;
}

/* Has the mail's series been taken, whose events are those that are stored now? */
static enum err is_taken(const struct meeting_incoming *mail, const struct cal_series *series, bool *ret)
{
	struct meeting_incoming in = *mail;

	in.series = *series;
	TRY(meeting_stored_load(&in));
	*ret = in.has_event && !in.stored.orphan && in.stored.event.sequence == series->event.sequence &&
	       (!series->event.stamp.given || in.stored.event.stamp.utc_ms == series->event.stamp.utc_ms) &&
	       has_rest(&in.stored);
	return ERR_OK;
}

/* A series that is asked for is taken whole; all else is said of each instance by itself. */
static enum err apply_group(const struct meeting_incoming *mail, enum cal_method method, struct str text,
			    struct meeting_applied *ret)
{
	struct meeting_incoming in = *mail;
	struct meeting_batch batch = { 0 };
	struct cal_series series;
	struct str *list;
	size_t n;
	bool taken;

	TRY(cal_series_read(mail->arena, text, &series));
	if (method == CAL_REQUEST && !series.orphan) {
		TRY(apply(mail, method, text, ret));
		if (!has_rest(&series))
			return ERR_OK;
		TRY(is_taken(mail, &series, &taken));
		return taken ? apply_rest(mail, text) : ERR_OK;
	}
	TRY(cal_split_each(mail->arena, text, S("VEVENT"), &list, &n));
	in.batch = &batch;
	for (size_t i = 0; i < n && may_look(mail); i++)
		TRY(apply(&in, method, list[i], ret));
	return meeting_stored_write(&in);
}

enum err meeting_apply(struct arena *a, struct store_tx *tx, const struct meeting_received *mail,
		       struct meeting_applied *ret)
{
	struct meeting_allowance may = { .left = MEETING_EVENTS_MAX };
	struct meeting_incoming in = {
		.arena = a, .tx = tx, .owner = mail->owner, .sender = &mail->sender, .now_ms = mail->now_ms, .may = &may
	};
	struct cal_event first;
	struct str calendar, *list;
	size_t n;

	*ret = (struct meeting_applied){ 0 };
	TRY(cal_message_clean(a, mail->calendar, &calendar));
	TRY(event_take(a, calendar, mail->mail, &in.taken));
	TRY(cal_event_read(a, in.taken.octets, &first, &n));
	if (first.uid.n == 0)
		return ERR_INVALID;
	if (first.method == CAL_OTHER)
		return ERR_OK;
	TRY(cal_split(a, in.taken.octets, S("VEVENT"), &list, &n));
	ret->taken = n > 0;
	for (size_t i = 0; i < n && may_look(&in); i++)
		TRY(apply_group(&in, first.method, list[i], ret));
	ret->taken &= !may.is_cut;
	return ERR_OK;
}

static enum err consider(struct arena *a, struct intake *in, struct store *s, int64_t mailbox,
			 struct meeting_applied *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct mail_source source = intake_source(in);
	struct send_author owner;
	const struct event_mail parts = { &source, intake_structure(in) };
	struct meeting_received mail = { .owner = &owner, .mail = &parts, .now_ms = clock_wall_ms(store_clock(s)) };

	TRY(intake_calendar(a, in, &mail.calendar));
	/* An account's mailbox has its number (store/account.h). */
	TRY(send_author_load(a, s, mailbox, &owner));
	TRY(meeting_sender_of(a, intake_summary(in), &mail.sender));
	TRY(meeting_sender_find(a, s, &mail.sender));
	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(meeting_apply(a, tx, &mail, ret));
	return store_commit(&tx);
}

bool meeting_consider(struct intake *in, struct store *s, int64_t mailbox)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct meeting_applied applied = { 0 };
	enum err e;

	intake_set_request(in, MAIL_REQUEST_UNKNOWN);
	if (!(intake_summary(in)->flags & MAIL_MEETING))
		return false;
	e = consider(&a, in, s, mailbox, &applied);
	if (e)
		log_warn("meeting", "mailbox=%lld error=%s", (long long)mailbox, log_quote(str_of(err_text(e))).text);
	else
		intake_set_request(in, applied.is);
	return !e && applied.taken;
}

enum err meeting_is_outdated(struct arena *a, struct store_tx *tx, const struct cal_event *request, bool *ret)
{
	struct meeting_incoming in = { .arena = a, .tx = tx };
	const struct cal_event *kept;

	*ret = false;
	in.series.event = *request;
	in.series.orphan = request->recurrence_id.given;
	TRY(meeting_stored_load(&in));
	if (!in.has_event)
		return ERR_OK;
	kept = meant(&in);
	*ret = in.stored.event.cancelled || kept->cancelled || kept->sequence > request->sequence ||
	       (request->stamp.given && kept->stamp.given && is_newer(kept, request));
	return ERR_OK;
}
