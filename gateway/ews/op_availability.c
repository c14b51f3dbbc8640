/* GetUserAvailability (MS-OXWAVLS): who may be asked about, and when he is busy. */
#include <gateway/ews/availability.h>

#include <gateway/mailbox/visible.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, MINUTE_MS = 60 * 1000, SLOT_MIN = 5, SLOT_MAX = 1440, SLOT_DEFAULT = 30 };

static const struct ews_refusal unknown = { "ErrorMailRecipientNotFound",
					    "Unable to resolve e-mail address to an Active Directory object." };
static const struct ews_refusal closed = { "ErrorNoFreeBusyAccess",
					   "The caller has no rights to this free/busy data." };
static const struct ews_refusal crowded = { "ErrorResultSetTooBig",
					    "The calendar has more entries in the window than can be told." };

const struct ews_refusal ews_group_too_large = { "ErrorFreeBusyDLLimitReached",
						 "The groups have more members than can be asked about." };

/* ---- the request ---- */

static bool read_minutes(struct str text, int *ret)
{
	uint64_t part[2];
	struct str head;

	for (size_t i = 0; i < 2; i++)
		if (!str_cut(&text, ':', &head) || str_to_u64(head, i ? 59 : 23, &part[i]))
			return false;
	*ret = (int)(part[0] * 60 + part[1]);
	return true;
}

static bool read_day(const struct ews_zone_day *d, struct zone_change *ret)
{
	if (d->Month == 0) /* it does not change */
		return true;
	if (d->Year.n > 0 && !str_eq(d->Year, S("0"))) {
		*ret = (struct zone_change){ 0 }; /* of one year alone: standard time holds */
		return true;
	}
	*ret = (struct zone_change){ .month = d->Month, .week = d->DayOrder, .weekday = d->DayOfWeek };
	return d->DayOrder >= 1 && d->DayOrder <= 5 && read_minutes(d->Time, &ret->minutes);
}

bool ews_zone_read(const struct ews_simple_zone *from, struct zone_rules *ret)
{
	*ret = (struct zone_rules){ .offset = -(from->Bias + from->StandardTime->Bias) };
	ret->daylight = ret->offset;
	if (!read_day(from->StandardTime, &ret->to_standard) || !read_day(from->DaylightTime, &ret->to_daylight))
		return false;
	if (ret->to_standard.month == 0 || ret->to_daylight.month == 0)
		ret->to_standard = ret->to_daylight = (struct zone_change){ 0 };
	else
		ret->daylight = -(from->Bias + from->DaylightTime->Bias);
	return true;
}

static enum err put_zone_day(struct arena *a, const struct zone_change *change, int bias, struct ews_zone_day *to)
{
	CLEANUP(buf_release) struct buf time = BUF_INIT(32);
	const struct zone_change c = zone_change_carried(change);

	buf_fmt(&time, "%02d:%02d:00", c.minutes / 60, c.minutes % 60);
	TRY(buf_status(&time));
	to->Bias = bias;
	to->Month = c.month;
	to->DayOrder = c.week;
	to->DayOfWeek = c.weekday;
	return arena_str(a, buf_view(&time), &to->Time);
}

enum err ews_zone_put(struct arena *a, const struct zone_rules *zone, const struct ews_type *type,
		      struct ews_simple_zone *to)
{
	if (!ews_make(a, type, to, "StandardTime", 1) || !ews_make(a, type, to, "DaylightTime", 1))
		return ERR_LIMIT;
	to->Bias = -zone->offset;
	TRY(put_zone_day(a, &zone->to_standard, 0, to->StandardTime));
	return put_zone_day(a, &zone->to_daylight, zone->offset - zone->daylight, to->DaylightTime);
}

bool ews_hours_zone(const struct working_hours *h, struct zone_rules *ret)
{
	return h->zone[0] && !zone_by_name(str_of(h->zone), ret);
}

int64_t ews_time_utc(const struct ews_availability *v, const struct ews_time *t)
{
	const struct zone_rules utc = { 0 };

	return t->zoned ? t->ms : zone_to_utc(&v->window.zone, zone_from_utc(&utc, t->ms));
}

struct ews_time ews_time_local(const struct ews_availability *v, int64_t utc_ms)
{
	const struct zone_rules utc = { 0 };

	return (struct ews_time){ .set = true, .ms = zone_to_utc(&utc, zone_from_utc(&v->window.zone, utc_ms)) };
}

static enum err refuse(struct ews_call *c, const char *code, const char *text)
{
	c->refused = (struct ews_refusal){ code, text };
	return ERR_INVALID;
}

static enum err read_view(struct ews_availability *v)
{
	const struct ews_view_options *o = v->asked->FreeBusyViewOptions;

	if (!o)
		return v->asked->SuggestionsViewOptions
			       ? ERR_OK
			       : refuse(v->call, "ErrorInvalidFreeBusyViewType", "Nothing is asked.");
	if (o->RequestedView == EWS_VIEW_NONE)
		return refuse(v->call, "ErrorInvalidFreeBusyViewType", "The requested view type is not valid.");
	v->slot_minutes = o->MergedFreeBusyIntervalInMinutes == EWS_ABSENT
				  ? SLOT_DEFAULT
				  : (unsigned)o->MergedFreeBusyIntervalInMinutes;
	if (v->slot_minutes < SLOT_MIN || v->slot_minutes > SLOT_MAX)
		return refuse(v->call, "ErrorInvalidMergedFreeBusyInterval",
			      "The interval is not between 5 and 1440 minutes.");
	return ERR_OK;
}

/* The window that is looked at: of the view, else of the suggestions. */
static enum err read_window(struct ews_availability *v)
{
	const int64_t longest = (int64_t)EWS_MAX_WINDOW_DAYS * DAY_MS;
	const struct ews_window *w = v->asked->FreeBusyViewOptions
					     ? v->asked->FreeBusyViewOptions->TimeWindow
					     : v->asked->SuggestionsViewOptions->DetailedSuggestionsWindow;

	v->window.from_ms = ews_time_utc(v, &w->StartTime);
	v->window.to_ms = ews_time_utc(v, &w->EndTime);
	if (v->window.to_ms <= v->window.from_ms)
		return refuse(v->call, "ErrorInvalidTimeInterval", "The window ends before it begins.");
	/* By UTC or by the asker's own time, in which the days over the end of summer time have an hour more. */
	if (v->window.to_ms - v->window.from_ms > longest &&
	    ews_time_local(v, v->window.to_ms).ms - ews_time_local(v, v->window.from_ms).ms > longest)
		return refuse(v->call, "ErrorTimeIntervalTooBig", "The window is longer than 42 days.");
	return ERR_OK;
}

/* The request's own, else that of its header, by a name of Windows or of zoneinfo: requests of 2010 have no other. */
static bool read_zone(struct ews_availability *v)
{
	struct str windows = zone_of_windows(v->call->zone);

	if (v->asked->TimeZone)
		return ews_zone_read(v->asked->TimeZone, &v->window.zone);
	return !zone_by_name(windows.n ? windows : v->call->zone, &v->window.zone);
}

static enum err read_request(struct ews_availability *v)
{
	if (!read_zone(v))
		return refuse(v->call, "ErrorTimeZone", "There is no time zone, or it is none.");
	TRY(read_view(v));
	TRY(read_window(v));
	if (v->asked->MailboxDataArray->MailboxData.n > EWS_MAX_MAILBOXES)
		return ERR_LIMIT;
	return ERR_OK;
}

/* ---- whom ---- */

static enum err find_account(struct ews_call *c, struct store_tx *tx, struct str address, struct ews_subject *ret)
{
	struct visible_calendar calendar;
	enum err e = visible_calendar_find(c->arena, tx, c->who->account, address, &calendar);

	ret->why = e ? &unknown : calendar.sees == VISIBILITY_NONE ? &closed : NULL;
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(e);
	ret->mailbox = calendar.owner.mailbox;
	ret->is_room = calendar.owner.kind != ACCOUNT_PERSON;
	ret->sees = calendar.sees;
	return working_hours_of(tx, calendar.owner.id, account_domain(calendar.owner.address), &ret->hours);
}

static enum err find_people(struct ews_availability *v, struct store_tx *tx, const struct group_member *list,
			    struct ews_subject *group)
{
	for (size_t i = 0; i < group->people_n; i++) {
		if (list[i].kind == GROUP_MEMBER_ACCOUNT)
			TRY(find_account(v->call, tx, list[i].address, &group->people[i]));
		else
			group->people[i].why = &unknown;
	}
	return ERR_OK;
}

/* What may be seen of its people is asked of each. */
static enum err find_group(struct ews_availability *v, struct store_tx *tx, struct str address, struct ews_subject *ret)
{
	struct group_member *list;
	struct mail_group group;
	size_t n;

	TRY(visible_group_find(v->call->arena, tx, v->call->who->account, address, &group));
	TRY(mail_group_people(v->call->arena, tx, group.id, &list, &n));
	*ret = (struct ews_subject){ .is_group = true };
	if (n > v->people_left) {
		ret->why = &ews_group_too_large;
		return ERR_OK;
	}
	v->people_left -= n;
	ret->people_n = n;
	ret->people = arena_array(v->call->arena, n + 1, sizeof(*ret->people));
	return ret->people ? find_people(v, tx, list, ret) : ERR_LIMIT;
}

static enum err find(struct ews_availability *v, struct store_tx *tx, struct str address, struct ews_subject *ret)
{
	enum err e;

	TRY(find_account(v->call, tx, address, ret));
	if (ret->why != &unknown)
		return ERR_OK;
	e = find_group(v, tx, address, ret);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err find_all(struct ews_availability *v, struct ews_subject *subjects)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct ews_list *list = &v->asked->MailboxDataArray->MailboxData;
	const struct ews_mailbox_data *data = list->items;
	struct account asker;

	TRY(store_begin(v->call->ews->args.store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_get(v->call->arena, tx, v->call->who->account, &asker));
	TRY(working_hours_of(tx, asker.id, account_domain(asker.address), &v->hours));
	for (size_t i = 0; i < list->n; i++)
		TRY(find(v, tx, data[i].Email->Address, &subjects[i]));
	return ERR_OK;
}

static enum err read_busy(struct ews_availability *v, struct ews_subject *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct busy_window window = v->window;

	if (s->why)
		return ERR_OK;
	window.all_calendars = s->is_room;
	TRY(store_begin(v->call->ews->args.store, s->mailbox, STORE_READ, &tx));
	TRY(freebusy_read(v->call->arena, tx, &window, &s->busy));
	if (s->busy.cut) /* what was not read would seem free */
		s->why = &crowded;
	return ERR_OK;
}

static enum err read_all(struct ews_availability *v, struct ews_subject *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!list[i].is_group)
			TRY(read_busy(v, &list[i]));
		for (size_t j = 0; j < list[i].people_n; j++)
			TRY(read_busy(v, &list[i].people[j]));
	}
	return ERR_OK;
}

/* ---- the answer ---- */

static enum err put_views(struct ews_availability *v, const struct ews_subject *subjects, size_t n,
			  struct ews_get_availability_answer *a)
{
	const struct ews_type *array = ews_type_of(&ews_get_availability_answer_type, "FreeBusyResponseArray");
	void *at = ews_make(v->call->arena, &ews_get_availability_answer_type, a, "FreeBusyResponseArray", 1);
	struct ews_busy_response *responses = at ? ews_make(v->call->arena, array, at, "FreeBusyResponse", n) : NULL;

	if (!responses)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		TRY(ews_view_put(v, &subjects[i], ews_type_of(array, "FreeBusyResponse"), &responses[i]));
	return ERR_OK;
}

enum err ews_get_availability_run(struct ews_call *c, const void *request, void *answer)
{
	struct ews_availability v = {
		.call = c, .asked = request, .details_left = c->ews->max_details, .people_left = EWS_MAX_GROUP_PEOPLE
	};
	size_t n = v.asked->MailboxDataArray->MailboxData.n;
	struct ews_subject *subjects;

	TRY(read_request(&v));
	subjects = arena_array(c->arena, n + 1, sizeof(*subjects));
	if (!subjects)
		return ERR_LIMIT;
	TRY(find_all(&v, subjects));
	TRY(read_all(&v, subjects, n));
	if (v.asked->FreeBusyViewOptions)
		TRY(put_views(&v, subjects, n, answer));
	return v.asked->SuggestionsViewOptions ? ews_suggestions_put(&v, subjects, answer) : ERR_OK;
}
