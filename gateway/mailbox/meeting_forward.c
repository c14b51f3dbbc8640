/* An event that its owner forwards: an invitation to more people, from its organizer still. */
#include <gateway/mailbox/meeting.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting_mail.h>

struct forwarding {
	struct arena *arena;
	const struct send_author *owner;
	const struct meeting_forward *asked;
	struct item item;
	struct str text;
	struct cal_series series;
	int64_t instance_ms; /* INT64_MIN: all */
	bool own;            /* the owner is the organizer, or there is none yet */
	bool added;          /* somebody did not take part before */
};

/* ---- what is forwarded ---- */

static const struct cal_event *exception_of(const struct forwarding *f)
{
	for (size_t i = 0; i < f->series.exceptions_n; i++)
		if (f->series.exceptions[i].recurrence_id.utc_ms == f->instance_ms)
			return &f->series.exceptions[i];
	return NULL;
}

static enum err load(struct forwarding *f, struct store_tx *tx, int64_t event)
{
	const struct cal_event *e = &f->series.event;

	TRY(item_find(f->arena, tx, event, &f->item));
	TRY(entry_read(f->arena, tx, &f->item, &f->text));
	TRY(cal_series_read(f->arena, f->text, &f->series));
	f->own = !f->asked->keeps && (e->organizer.n == 0 || send_is_own(f->owner, e->organizer));
	f->instance_ms = f->asked->instance_ms;
	if (f->series.orphan && (f->instance_ms == INT64_MIN || f->instance_ms == e->recurrence_id.utc_ms))
		f->instance_ms = INT64_MIN; /* it is all there is */
	else if (f->instance_ms != INT64_MIN)
		TRY(cal_instance_check(f->arena, &f->series, f->instance_ms));
	return e->cancelled || (f->asked->keeps && e->organizer.n == 0) ? ERR_INVALID : ERR_OK;
}

/* ---- with those whom it is forwarded to ---- */

static bool takes_part(const struct cal_attendee *list, size_t n, struct str address)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(list[i].address, address))
			return true;
	return false;
}

/* Those who take part in `e`, as they are, and the others behind them. */
static enum err add_forwardees(struct forwarding *f, const struct cal_event *e, struct cal_change *c)
{
	const struct meeting_forward *asked = f->asked;
	size_t n = e->attendees_n, was = n;
	struct cal_attendee *list;

	if (n + asked->to_n > CAL_ATTENDEES_MAX) /* those behind it would not be seen again */
		return ERR_LIMIT;
	list = arena_array(f->arena, n + asked->to_n, sizeof(*list));
	if (!list)
		return ERR_LIMIT;
	if (n)
		memcpy(list, e->attendees, n * sizeof(*list));
	for (size_t i = 0; i < asked->to_n; i++) {
		if (takes_part(list, n, asked->to[i]) || str_ieq(e->organizer, asked->to[i]))
			continue;
		list[n++] = (struct cal_attendee){ .name = asked->names[i],
						   .address = asked->to[i],
						   .role = CAL_REQUIRED,
						   .answer = CAL_ANSWER_NONE,
						   .rsvp = true };
	}
	f->added |= n > was;
	c->what |= CAL_FIELD_ATTENDEES;
	c->to.attendees = list;
	c->to.attendees_n = n;
	if (e->organizer.n == 0) {
		c->what |= CAL_FIELD_ORGANIZER;
		c->to.organizer = f->owner->address;
		c->to.organizer_name = f->owner->name;
	}
	return ERR_OK;
}

/* Of the series those of its exceptions, too, which have lists of their own. */
static enum err edit_series(struct forwarding *f, struct cal_edit *edit)
{
	size_t n = f->series.orphan ? 0 : f->series.exceptions_n;
	struct cal_change *list = arena_array(f->arena, n + 1, sizeof(*list));

	if (!list)
		return ERR_LIMIT;
	TRY(add_forwardees(f, &f->series.event, &edit->series));
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct cal_change){ .instance_ms = f->series.exceptions[i].recurrence_id.utc_ms };
		TRY(add_forwardees(f, &f->series.exceptions[i], &list[i]));
	}
	edit->instances = list;
	edit->instances_n = n;
	return ERR_OK;
}

static enum err edit_instance(struct forwarding *f, struct cal_edit *edit)
{
	struct cal_change *c = arena_new(f->arena, struct cal_change);
	const struct cal_event *x = exception_of(f);

	if (!c)
		return ERR_LIMIT;
	c->instance_ms = f->instance_ms;
	edit->instances = c;
	edit->instances_n = 1;
	return add_forwardees(f, x ? x : &f->series.event, c);
}

static enum err with_forwardees(struct forwarding *f, struct buf *out)
{
	/* The stamp of another's event is his, by which his messages are put in order. */
	struct cal_edit edit = { .now_ms = f->asked->now_ms, .keeps_stamp = !f->own };

	TRY(f->instance_ms == INT64_MIN ? edit_series(f, &edit) : edit_instance(f, &edit));
	return cal_write(f->arena, f->text, &edit, out);
}

/* ---- the mail ---- */

/* What the forwarder says, on top of what the event does. */
static enum err put_body(const struct forwarding *f, struct str description, struct str *ret)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(MEETING_BODY_MAX + CAL_BODY_MAX + 16);

	buf_str(&b, f->asked->body);
	if (f->asked->body.n && description.n)
		buf_cstr(&b, "\n\n");
	buf_str(&b, description);
	TRY(buf_status(&b));
	return arena_str(f->arena, buf_view(&b), ret);
}

static enum err post(const struct forwarding *f, struct store_tx *tx, struct str text)
{
	const struct cal_event *x = exception_of(f), *e = x ? x : &f->series.event;
	struct meeting_mail m = {
		.arena = f->arena,
		.from = f->owner,
		.text = text,
		.item = f->item.id,
		.to = f->asked->to,
		.to_n = f->asked->to_n,
		.name = f->asked->name,
		.message = { .method = CAL_REQUEST, .instance_ms = f->instance_ms, .now_ms = f->asked->now_ms }
	};

	TRY(meeting_mail_subject(f->arena, "FW", e->summary, &m.subject));
	TRY(put_body(f, e->description, &m.body));
	return meeting_mail_post(tx, &m);
}

enum err meeting_forward(struct arena *a, struct store_tx *tx, const struct send_author *owner, int64_t event,
			 const struct meeting_forward *asked)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CAL_BYTES_MAX);
	const struct author nobody = { .device = STORE_NOBODY };
	struct forwarding f = { .arena = a, .owner = owner, .asked = asked };

	TRY(load(&f, tx, event));
	TRY(with_forwardees(&f, &text));
	TRY(post(&f, tx, buf_view(&text)));
	return f.own && f.added ? event_edit(a, tx, &f.item, buf_view(&text), &nobody) : ERR_OK;
}
