/* Ann's calendar, and letters about meetings. */
#include <tests/unit/mailbox/meeting_scene.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>
#include <store/account.h>

void scene_open(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	c->a = ARENA_INIT(256 << 20);
	server_open(&c->s);
	c->ann = server_add_account(&c->s, "ann@example.test", "secret");
	c->carl = server_add_account(&c->s, "carl@example.test", "secret");
	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, c->carl.id, S("c.alt@example.test")));
	assert_ok(store_commit(&tx));
}

void scene_close(struct scene *c)
{
	arena_release(&c->a);
	server_close(&c->s);
	server_remove(&c->s);
}

void receive(struct scene *c, const struct letter *l)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4 << 20);

	buf_fmt(&b,
		"%sTo: ann@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/calendar; method=%s; charset=utf-8\r\n\r\n"
		"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:%s\r\n%sEND:VCALENDAR\r\n",
		l->header, l->method, l->method, l->events);
	assert_ok(buf_status(&b));
	mail_deliver(&c->s, c->ann.mailbox, buf_view(&b));
}

/* ---- the calendar ---- */

struct told {
	struct scene *c;
	struct store_tx *tx;
	struct buf *out;
};

static void tell_answers(struct told *t, const struct cal_event *e)
{
	static const char *const answers[] = { "", "", "?", "+", "-", "" };

	for (size_t i = 0; i < e->attendees_n; i++)
		buf_cstr(t->out, e->attendees[i].delegated ? ">" : answers[e->attendees[i].answer]);
}

static void tell_event(struct told *t, const struct cal_event *e)
{
	buf_fmt(t->out, "%02d", e->start.local.hour);
	if (e->cancelled)
		buf_cstr(t->out, " off");
	if (e->sensitivity != CAL_NORMAL)
		buf_cstr(t->out, " private");
	tell_answers(t, e);
	buf_cstr(t->out, e->answer == CAL_ANSWER_ACCEPTED ? " yes" : "");
}

static bool tell_day(void *ctx, const struct cal_occurrence *o)
{
	const struct zone_rules utc = { 0 };
	struct local_time t = zone_from_utc(&utc, o->start_ms);

	buf_fmt(ctx, " %02d/%02d", t.day, t.hour);
	return true;
}

static enum err tell(void *ctx, int64_t id, const struct item_summary *unused)
{
	struct told *t = ctx;
	struct cal_series s;
	struct cal_plan plan;
	struct str octets;
	struct item item;

	(void)unused;
	assert_ok(item_find(&t->c->a, t->tx, id, &item));
	assert_ok(entry_read(&t->c->a, t->tx, &item, &octets));
	assert_ok(cal_series_read(&t->c->a, octets, &s));
	buf_fmt(t->out, "%s" STR_FMT " ", t->out->n ? "; " : "", STR_ARG(s.event.uid));
	tell_event(t, &s.event);
	if (!s.rule.n)
		return ERR_OK;
	assert_ok(cal_plan_make(&t->c->a, &s, &plan));
	buf_cstr(t->out, ":");
	cal_plan_walk(&plan, s.event.start.utc_ms, s.event.start.utc_ms + INT64_C(8) * 86400000, tell_day, t->out);
	for (size_t i = 0; i < s.exceptions_n && str_eq(s.event.organizer, S("ann@example.test")); i++) {
		buf_fmt(t->out, " %02d", s.exceptions[i].start.local.day);
		tell_answers(t, &s.exceptions[i]);
	}
	for (size_t i = 0; i < s.exceptions_n; i++)
		if (s.exceptions[i].answer == CAL_ANSWER_ACCEPTED && s.event.answer != CAL_ANSWER_ACCEPTED)
			buf_fmt(t->out, " yes %02d", s.exceptions[i].start.local.day);
	return ERR_OK;
}

const char *calendar_of(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 20);
	struct told t = { .c = c, .out = &b };
	int64_t folder;
	const char *ret;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_READ, &tx));
	t.tx = tx;
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(item_summary_walk(tx, folder, INT64_MIN, tell, &t));
	assert_ok(arena_cstr(&c->a, buf_view(&b), &ret));
	return ret;
}

void add_own(struct scene *c, const char *text)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct event_new event = { .octets = str_of(text) };
	struct item item;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &event.folder));
	assert_ok(event_add(&c->a, tx, &event, &item));
	assert_ok(store_commit(&tx));
}

static enum err note_item(void *ctx, int64_t id, const struct item_summary *unused)
{
	(void)unused;
	buf_put(ctx, &id, sizeof(id));
	return ERR_OK;
}

void clear(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf ids = BUF_INIT(4096);
	const struct author nobody = { .device = STORE_NOBODY };
	int64_t folder, id;

	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(item_summary_walk(tx, folder, INT64_MIN, note_item, &ids));
	for (size_t i = 0; i < ids.n; i += sizeof(id)) {
		memcpy(&id, ids.p + i, sizeof(id));
		assert_ok(item_expunge(tx, folder, id, &nobody));
	}
	assert_ok(store_commit(&tx));
}

void respond(struct scene *c, enum cal_answer answer, const char *instance)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct meeting_answer a = { .answer = answer, .instance_ms = INT64_MIN, .now_ms = SERVER_NOW_MS, .send = true };
	struct send_author ann;
	struct item event;
	int64_t folder;
	bool kept;

	assert_ok(send_author_load(&c->a, c->s.store, c->ann.id, &ann));
	assert_ok(store_begin(c->s.store, c->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &folder));
	assert_ok(event_by_uid(&c->a, tx, folder, S("plan"), &event));
	if (instance)
		assert_ok(str_to_i64(str_of(instance), &a.instance_ms));
	assert_ok(meeting_respond(&c->a, tx, &ann, event.id, &a, &kept));
	assert_ok(store_commit(&tx));
}

void check_cases(const struct case_of *cases, size_t n)
{
	SCENE(c);
	for (size_t i = 0; i < n; i++) {
		if (cases[i].own)
			add_own(&c, cases[i].own);
		for (size_t k = 0; k < countof(cases[i].mails) && cases[i].mails[k].header; k++)
			receive(&c, &cases[i].mails[k]);
		if (strcmp(calendar_of(&c), cases[i].calendar) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].what, calendar_of(&c), cases[i].calendar);
		clear(&c);
	}
}
