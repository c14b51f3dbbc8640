/* What users write, and what they do to what they see. */
#include "class_life.h"

#include <stdio.h>

/* ---- what is written ---- */

struct words {
	char *p;
	size_t n, max;
};

static void say(struct words *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void say(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	w->n += (size_t)vsnprintf(w->p + w->n, w->max - w->n, fmt, ap);
	va_end(ap);
	assert_true(w->n < w->max);
}

/* A phone that keeps companies says what it has; one that does not never speaks of them. */
static void write_contact(struct phone *p, struct words *w, unsigned v, unsigned token, const struct shown *was)
{
	const char *kept = was ? strstr(was->xml, "KEEP") : NULL;

	say(w, "<Contacts:FirstName>v%u</><Contacts:LastName>T%u.</>%s", v, token,
	    v % 3 ? "<Contacts:JobTitle>chief</>" : "");
	if (kept && !p->ghosts)
		say(w, "<Contacts:CompanyName>KEEP</>");
}

static void write_event(struct phone *p, struct words *w, unsigned v, unsigned token)
{
	unsigned day = 1 + (unsigned)rnd_below(&p->l->rnd, 28);
	bool recurs = v % 2, flat = p->version[0] == '2';

	say(w,
	    "<Calendar:StartTime>202602%02uT090000Z</><Calendar:EndTime>202602%02uT100000Z</>"
	    "<Calendar:Subject>v%u T%u.</><Calendar:BusyStatus>%u</>",
	    day, day, v, token, v % 3);
	if (recurs)
		say(w, "<Calendar:Recurrence><Calendar:Type>0</><Calendar:Interval>1</><Calendar:Occurrences>9</></>");
	if (v % 5 == 0 || v % 4 < 2)
		say(w, "<Calendar:Attendees>");
	if (v % 5 == 0)
		say(w, "<Calendar:Attendee><Calendar:Email>bob@example.org</><Calendar:Name>Bob</></>");
	if (v % 4 < 2)
		say(w, "<Calendar:Attendee><Calendar:Email>bea@example.test</><Calendar:Name>Bea</></>");
	if (v % 5 == 0 || v % 4 < 2)
		say(w, "</>");
	if (recurs && v % 7 < 3 && !phone_is_16(p))
		say(w,
		    "<Calendar:Exceptions><Calendar:Exception><Calendar:ExceptionStartTime>202602%02uT090000Z</>%s</></"
		    ">",
		    day + 1 > 28 ? 28 : day + 1, v % 7 ? "<Calendar:Deleted>1</>" : "<Calendar:Subject>moved</>");
	if (!phone_is_16(p) && !flat && v % 5 == 0)
		say(w, "<Calendar:UID>p%u</>", token);
}

static void write_entry(struct phone *p, enum class c, unsigned token, const struct shown *was, char *out)
{
	struct words w = { out, 0, XML_MAX };
	/* Never the same twice: what is told twice is told of two changes. */
	unsigned v = ++p->l->spoken * 31 + (unsigned)rnd_below(&p->l->rnd, 31);

	switch (c) {
	case CONTACTS:
		write_contact(p, &w, v, token, was);
		break;
	case TASKS:
		say(&w, "<Tasks:Subject>v%u T%u.</><Tasks:Importance>%u</><Tasks:Complete>0</>%s", v, token, v % 3,
		    v % 2 ? "<Tasks:Categories><Tasks:Category>Red</></>" : "");
		break;
	case NOTES:
		say(&w, "<Notes:Subject>v%u T%u.</>", v, token);
		break;
	case CALENDAR:
	case MAIL:
		write_event(p, &w, v, token);
	}
}

/* ---- what is touched ---- */

void user_adds(struct phone *p, struct box *b)
{
	struct life *l = p->l;
	struct pending *x;
	char id[40];

	if (l->tokens + 1 == TOKENS_MAX || b->n > ITEMS_MAX - 40)
		return;
	snprintf(id, sizeof(id), "c%u", ++l->spoken);
	x = box_pend(b, ADD, id);
	if (x)
		write_entry(p, b->c, ++l->tokens, NULL, x->xml);
}

void user_edits(struct phone *p, struct box *b, const struct shown *some)
{
	unsigned token = token_of(some->xml);
	struct pending *x = box_pend(b, CHANGE, some->id);
	struct rnd *rnd = &p->l->rnd;

	if (!x)
		return;
	if (b->c == CALENDAR && phone_is_16(p) && strstr(some->xml, "Recurrence") && rnd_percent(rnd, 60)) {
		snprintf(x->instance, sizeof(x->instance), "202602%02uT090000Z", 1 + (unsigned)rnd_below(rnd, 28));
		if (rnd_percent(rnd, 30))
			x->kind = DELETE;
		else
			snprintf(x->xml, sizeof(x->xml), "<Calendar:Subject>one %u</>", ++p->l->spoken);
	} else if (token) {
		write_entry(p, b->c, token, some, x->xml);
	} else { /* somebody's meeting */
		snprintf(x->xml, sizeof(x->xml), "<Calendar:Reminder>%u</>", (unsigned)rnd_below(rnd, 60));
	}
}

void user_touches(struct phone *p, struct box *b)
{
	struct rnd *rnd = &p->l->rnd;
	const struct shown *some = b->n ? &b->items[rnd_below(rnd, b->n)] : NULL;
	size_t chance = rnd_below(rnd, 100);

	if (b->c == MAIL) /* that is read, and deleted by who answers */
		return;
	if (!some || chance < 40)
		user_adds(p, b);
	else if (chance < 78)
		user_edits(p, b, some);
	else if (chance < 86)
		box_pend(b, FETCH, some->id);
	else
		box_pend(b, DELETE, some->id);
}

void user_drags(struct phone *p, struct box *b)
{
	struct box *to = phone_box_of(p, b->c, rnd_below(&p->l->rnd, phone_boxes_of(p, b->c)));
	const struct shown *some = b->n ? &b->items[rnd_below(&p->l->rnd, b->n)] : NULL;
	struct moving *m = &p->moves[p->moves_n];

	if (!some || to == b || b->c == MAIL || p->moves_n == MOVES_MAX)
		return;
	for (size_t i = 0; i < p->moves_n; i++)
		if (strcmp(p->moves[i].id, some->id) == 0)
			return;
	snprintf(m->id, sizeof(m->id), "%s", some->id);
	m->from = b->folder;
	m->to = to->folder;
	p->moves_n++;
}

static const unsigned own_types[ENTRY_CLASSES] = { 13, 14, 15, 17 }; /* MS-ASCMD 2.2.3.186.3 */

void user_wishes_folder(struct phone *p)
{
	struct rnd *rnd = &p->l->rnd;
	enum class c = (enum class)rnd_below(rnd, ENTRY_CLASSES);
	size_t n = phone_boxes_of(p, c);
	struct folder_wish *w = &p->folder_wish;
	/* The first is the one that every mailbox has. */
	struct box *b = n > 1 ? phone_box_of(p, c, 1 + rnd_below(rnd, n - 1)) : NULL;

	if (!version_has_class(p->version, c) || strcmp(p->hierarchy_key, "0") == 0 || n == 0)
		return;
	*w = (struct folder_wish){ .act = FOLDER_ACT_CREATE, .type = own_types[c] };
	snprintf(w->name, sizeof(w->name), "Folder %u", (unsigned)rnd_below(rnd, 20));
	if (!b)
		return;
	w->id = b->folder;
	w->act = rnd_percent(rnd, 60) ? FOLDER_ACT_UPDATE : FOLDER_ACT_DELETE;
	if (n < 3 && rnd_percent(rnd, 60))
		*w = (struct folder_wish){ .act = FOLDER_ACT_NONE };
}

void user_wishes_answer(struct phone *p)
{
	struct rnd *rnd = &p->l->rnd;
	struct box *b = phone_box_of(
		p, rnd_percent(rnd, 60) || p->version[1] == '2' || p->version[0] == '2' ? MAIL : CALENDAR, 0);
	const struct shown *some = b && b->n ? &b->items[rnd_below(rnd, b->n)] : NULL;
	struct meeting_wish *w = &p->meeting_wish;

	if (!some || (b->c == MAIL && !strstr(some->xml, "MeetingRequest")))
		return;
	*w = (struct meeting_wish){ .folder = b->folder, .answer = 1 + (unsigned)rnd_below(rnd, 3) };
	w->one = (phone_is_16(p) || strcmp(p->version, "14.1") == 0) && rnd_percent(rnd, 20);
	snprintf(w->id, sizeof(w->id), "%s", some->id);
}
