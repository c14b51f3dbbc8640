#include <gateway/content/calendar_join.h>

#include <base/mem.h>
#include <base/table.h>
#include <gateway/content/calendar.h>
#include <gateway/content/calendar_lines.h>

#include <stdlib.h>

enum { ZONES_BYTES_MAX = 64 * 1024 * 1024 };

struct cal_join {
	struct arena arena;  /* what `zones` has */
	struct buf header;   /* the lines of the VCALENDAR that is open */
	struct table *zones; /* struct str: each as it was written, by its name; NULL: none is open */
};

struct cal_join *cal_join_new(void)
{
	struct cal_join *j = mem_alloc(sizeof(*j));

	j->arena = ARENA_INIT(ZONES_BYTES_MAX);
	j->header = BUF_INIT(2 * CAL_BYTES_MAX);
	return j;
}

void cal_join_free(struct cal_join **jp)
{
	struct cal_join *j = *jp;

	*jp = NULL;
	if (!j)
		return;
	table_free(&j->zones);
	arena_release(&j->arena);
	buf_release(&j->header);
	free(j);
}

void cal_join_end(struct cal_join *j, struct buf *out)
{
	if (!j->zones)
		return;
	buf_cstr(out, "END:VCALENDAR\r\n");
	table_free(&j->zones);
	arena_reset(&j->arena);
}

static void begin(struct cal_join *j, struct str header, struct buf *out)
{
	cal_join_end(j, out);
	buf_clear(&j->header);
	buf_str(&j->header, header);
	j->zones = table_new();
	buf_cstr(out, "BEGIN:VCALENDAR\r\n");
	buf_str(out, header);
}

/* ---- zones ---- */

struct zone {
	struct str name, text;
};

/* False: it is none, or has no name. */
static bool zone_of(struct arena *a, const struct ical_entry *e, struct buf *text, struct zone *ret)
{
	if (!e->part || !str_ieq(e->name, S("VTIMEZONE")) || ical_zone_name(a, e->part, &ret->name) || !ret->name.n)
		return false;
	buf_clear(text);
	ical_put(text, e->part);
	ret->text = buf_view(text);
	return true;
}

/* Is there no other zone of the name of one of its zones? */
static bool agrees(const struct cal_join *j, struct arena *a, const struct ical_part *calendar)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CAL_BYTES_MAX);

	for (const struct ical_entry *e = calendar->first; e; e = e->next) {
		const struct str *is;
		struct zone z;

		if (!zone_of(a, e, &text, &z))
			continue;
		is = table_get(j->zones, z.name);
		if (is && !str_eq(*is, z.text))
			return false;
	}
	return true;
}

static enum err note_zone(struct cal_join *j, const struct zone *z)
{
	struct str *kept = arena_new(&j->arena, struct str);

	if (!kept)
		return ERR_LIMIT;
	TRY(arena_str(&j->arena, z->text, kept));
	(void)table_set(j->zones, z->name, kept);
	return ERR_OK;
}

/* ---- one more ---- */

static enum err put_parts(struct cal_join *j, struct arena *a, const struct ical_part *calendar, struct buf *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CAL_BYTES_MAX);

	for (const struct ical_entry *e = calendar->first; e; e = e->next) {
		struct zone z;

		if (zone_of(a, e, &text, &z)) {
			if (table_get(j->zones, z.name))
				continue;
			TRY(buf_status(&text));
			TRY(note_zone(j, &z));
		}
		if (e->part)
			ical_put(out, e->part);
	}
	return buf_status(out);
}

static void put_header(struct buf *b, const struct ical_part *calendar)
{
	for (const struct ical_entry *e = calendar->first; e; e = e->next)
		if (!e->part)
			buf_fmt(b, STR_FMT "\r\n", STR_ARG(e->raw));
}

enum err cal_join_put(struct cal_join *j, struct arena *scratch, struct str text, struct buf *out)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(2 * CAL_BYTES_MAX);
	struct ical_part *calendar;
	enum err e = ical_parse(scratch, text, &calendar, NULL);

	if (e == ERR_INVALID) {
		cal_join_end(j, out);
		buf_str(out, text);
		return buf_status(out);
	}
	TRY(e);
	put_header(&header, calendar);
	TRY(buf_status(&header));
	if (!j->zones || !str_eq(buf_view(&header), buf_view(&j->header)) || !agrees(j, scratch, calendar))
		begin(j, buf_view(&header), out);
	return put_parts(j, scratch, calendar, out);
}
