/* Taking out of a change what is so already. */
#include <gateway/content/calendar.h>

static const struct cal_attendee *find_attendee(const struct cal_event *e, struct str address)
{
	for (size_t i = 0; i < e->attendees_n; i++)
		if (str_ieq(e->attendees[i].address, address))
			return &e->attendees[i];
	return NULL;
}

static bool time_eq(const struct cal_time *a, const struct cal_time *b)
{
	return a->given == b->given && a->is_date == b->is_date && a->utc_ms == b->utc_ms &&
	       (a->is_date || zone_eq(&a->zone, &b->zone));
}

static bool place_eq(const struct cal_event *a, const struct cal_event *b)
{
	const struct str *x = (const struct str *)(const void *)&a->place,
			 *y = (const struct str *)(const void *)&b->place;

	for (size_t i = 0; i < sizeof(a->place) / sizeof(struct str); i++)
		if (!str_eq(x[i], y[i]))
			return false;
	return str_eq(a->location, b->location);
}

static bool attendees_eq(const struct cal_event *a, const struct cal_event *b)
{
	if (a->attendees_n != b->attendees_n)
		return false;
	for (size_t i = 0; i < a->attendees_n; i++) {
		const struct cal_attendee *x = &a->attendees[i], *y = find_attendee(b, x->address);

		if (!y || x->role != y->role || x->answer != y->answer || x->rsvp != y->rsvp ||
		    (x->name.n && !str_eq(x->name, y->name)))
			return false;
	}
	return true;
}

static bool categories_eq(const struct cal_event *a, const struct cal_event *b)
{
	if (a->categories_n != b->categories_n)
		return false;
	for (size_t i = 0; i < a->categories_n; i++)
		if (!str_eq(a->categories[i], b->categories[i]))
			return false;
	return true;
}

static bool attachments_eq(const struct cal_event *a, const struct cal_event *b)
{
	if (a->attachments_n != b->attachments_n)
		return false;
	for (size_t i = 0; i < a->attachments_n; i++)
		if (!str_eq(a->attachments[i].id, b->attachments[i].id))
			return false;
	return true;
}

static bool rule_eq(const struct cal_recurrence *a, const struct cal_recurrence *b)
{
	if (a->frequency == CAL_NEVER && b->frequency == CAL_NEVER && !a->odd && !b->odd)
		return true; /* whatever else is left in it */
	return a->frequency == b->frequency && a->odd == b->odd && a->interval == b->interval &&
	       (a->has_until ? b->has_until && a->until_ms == b->until_ms : !b->has_until && a->count == b->count) &&
	       a->weekdays == b->weekdays && a->week == b->week && a->day_of_month == b->day_of_month &&
	       a->month == b->month && a->first_weekday == b->first_weekday && a->calendar_type == b->calendar_type &&
	       a->leap_month == b->leap_month;
}

void cal_change_reduce(struct cal_change *c, const struct cal_event *e)
{
	const struct cal_event *to = &c->to;
	const struct {
		unsigned field;
		bool same;
	} same[] = {
		{ CAL_FIELD_UID, str_eq(to->uid, e->uid) },
		{ CAL_FIELD_SUMMARY, str_eq(to->summary, e->summary) },
		{ CAL_FIELD_LOCATION, place_eq(to, e) },
		{ CAL_FIELD_BODY, str_eq(to->description, e->description) && str_eq(to->html, e->html) },
		{ CAL_FIELD_ORGANIZER,
		  str_ieq(to->organizer, e->organizer) &&
			  (to->organizer_name.n == 0 || str_eq(to->organizer_name, e->organizer_name)) },
		{ CAL_FIELD_ATTENDEES, attendees_eq(to, e) },
		{ CAL_FIELD_CATEGORIES, categories_eq(to, e) },
		{ CAL_FIELD_TIMES, time_eq(&to->start, &e->start) && to->end.utc_ms == e->end.utc_ms },
		{ CAL_FIELD_RULE, rule_eq(&to->recurrence, &e->recurrence) },
		{ CAL_FIELD_SEQUENCE, to->sequence == e->sequence },
		{ CAL_FIELD_BUSY, to->busy == e->busy },
		{ CAL_FIELD_CLASS, to->sensitivity == e->sensitivity },
		{ CAL_FIELD_REMINDER,
		  to->has_reminder == e->has_reminder && (!to->has_reminder || to->reminder_s == e->reminder_s) },
		{ CAL_FIELD_NO_COUNTER, to->no_counter == e->no_counter },
		{ CAL_FIELD_CANCELLED, to->cancelled == e->cancelled },
		{ CAL_FIELD_ANSWER, to->answer == e->answer && to->answered_ms == e->answered_ms },
		{ CAL_FIELD_CLIENT_UID, str_eq(to->client_uid, e->client_uid) },
		{ CAL_FIELD_SENDER, str_ieq(to->sender, e->sender) },
		{ CAL_FIELD_LINKS,
		  str_eq(to->conference, e->conference) && str_eq(to->external_link, e->external_link) },
		{ CAL_FIELD_ATTACHMENTS, attachments_eq(to, e) },
		{ CAL_FIELD_RSVP, to->response_requested == e->response_requested },
	};

	for (size_t i = 0; i < countof(same); i++)
		if (same[i].same)
			c->what &= ~same[i].field;
}
