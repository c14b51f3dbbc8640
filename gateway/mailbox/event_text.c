/* The lines of an event's text. */
#include <gateway/mailbox/event_text.h>

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

void event_text_put(struct buf *b, const struct cal_event *e)
{
	put_line(b, "What", e->summary);
	put_time(b, "Begin", &e->start);
	put_time(b, "End", &e->end);
	put_line(b, "Where", e->location);
	put_line(b, "Organizer", e->organizer_name.n ? e->organizer_name : e->organizer);
	if (e->recurrence.frequency != CAL_NEVER || e->recurrence.odd)
		buf_cstr(b, "It recurs.\n");
	if (e->description.n && e->description.n <= EVENT_TEXT_DESCRIPTION_MAX)
		buf_fmt(b, "\n" STR_FMT "\n", STR_ARG(e->description));
}
