/* Events, contacts, tasks and notes as a Sync response has them, and what the phone makes of them. */
#include <tools/phone/fault.h>
#include <tools/phone/sync_reply.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

/* The properties of one item: a tag and its text, or its children up to CLOSE. */
struct piece {
	enum wbxml_tag tag;
	const char *text; /* NULL: opens */
};
static const char closes[] = "(closes)";
#define OPEN(tag)         \
	{                 \
		tag, NULL \
	}
#define CLOSE(tag)          \
	{                   \
		tag, closes \
	}
enum { PIECES = 12 };

static void put_pieces(struct wbxml_writer *w, const struct piece *pieces)
{
	for (size_t i = 0; i < PIECES && pieces[i].tag; i++) {
		if (!pieces[i].text)
			wbxml_open(w, pieces[i].tag);
		else if (pieces[i].text == closes)
			wbxml_close(w, pieces[i].tag);
		else
			wbxml_put_text(w, pieces[i].tag, str_of(pieces[i].text));
	}
}

static void put_document(struct buf *out, const struct piece *pieces)
{
	static const enum wbxml_tag before[] = { TAG_AIRSYNC_SYNC, TAG_AIRSYNC_COLLECTIONS, TAG_AIRSYNC_COLLECTION };
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	for (size_t i = 0; i < countof(before); i++)
		wbxml_open(&w, before[i]);
	wbxml_put_text(&w, TAG_AIRSYNC_SYNCKEY, S("8"));
	wbxml_put_text(&w, TAG_AIRSYNC_COLLECTIONID, S("7"));
	wbxml_put_text(&w, TAG_AIRSYNC_STATUS, S("1"));
	wbxml_open(&w, TAG_AIRSYNC_COMMANDS);
	wbxml_open(&w, TAG_AIRSYNC_ADD);
	wbxml_put_text(&w, TAG_AIRSYNC_SERVERID, S("7:1"));
	wbxml_open(&w, TAG_AIRSYNC_APPLICATIONDATA);
	put_pieces(&w, pieces);
	while (w.depth)
		wbxml_close(&w, w.stack[w.depth - 1]);
	doc_finish(&w);
	assert_int_equal(buf_status(out), ERR_OK);
}

struct item_case {
	const char *what;
	enum item_class class;
	enum eas_version version;
	struct piece pieces[PIECES];
	const char *refused;        /* a part of why; NULL: read */
	const char *text, *summary; /* where it is read */
};

static void check_texts(const struct item_case *c, const struct sync_reply *r)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(65536);
	CLEANUP(buf_release) struct buf summary = BUF_INIT(65536);
	const struct sync_item *item = r->collections->commands.first;

	assert_int_equal(item->class, c->class);
	pim_put_text(&text, &item->pim);
	pim_put_summary(&summary, c->class, buf_view(&text));
	if (!str_eq(buf_view(&text), str_of(c->text)))
		fail_msg("%s: %.*s", c->what, (int)text.n, text.p);
	if (!str_eq(buf_view(&summary), str_of(c->summary)))
		fail_msg("%s: %.*s", c->what, (int)summary.n, summary.p);
}

static void check_item(const struct item_case *c)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(65536);
	CLEANUP(buf_release) struct buf why = BUF_INIT(FAULT_MAX_TEXT);
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1024 * 1024);
	const struct sync_collection asked[] = { { .id = STR_INIT("5") }, { .id = STR_INIT("7"), .class = c->class } };
	struct doc d = { .version = c->version, .arena = &a, .why = &why };
	struct sync_reply r;
	enum err e;

	put_document(&bytes, c->pieces);
	e = sync_parse(&d, buf_view(&bytes), asked, countof(asked), &r);
	if ((e != ERR_OK) != (c->refused != NULL) ||
	    (c->refused && str_find(buf_view(&why), str_of(c->refused)) == why.n))
		fail_msg("%s: \"%.*s\"", c->what, (int)why.n, why.p ? why.p : "");
	if (!e)
		check_texts(c, &r);
}

#define ATTENDEE(status)                                                                                             \
	OPEN(TAG_CALENDAR_ATTENDEES), OPEN(TAG_CALENDAR_ATTENDEE), { TAG_CALENDAR_EMAIL, "bob@example.test" },       \
		{ TAG_CALENDAR_NAME, "Bob" }, { TAG_CALENDAR_ATTENDEESTATUS, status }, CLOSE(TAG_CALENDAR_ATTENDEE), \
		CLOSE(TAG_CALENDAR_ATTENDEES)

static void items_are_read_by_their_class_or_refused(void **unused)
{
	static const struct item_case cases[] = {
		{ .what = "an event",
		  .class = CLASS_CALENDAR,
		  .version = EAS_14_1,
		  .pieces = { { TAG_CALENDAR_STARTTIME, "20300716T100000Z" },
			      { TAG_CALENDAR_SUBJECT, "Lunch" },
			      { TAG_CALENDAR_BUSYSTATUS, "1" },
			      { TAG_CALENDAR_RESPONSETYPE, "5" },
			      ATTENDEE("3") },
		  .text = "StartTime: 20300716T100000Z\nSubject: Lunch\nBusyStatus: tentative\n"
			  "ResponseType: not answered\nAttendee: bob@example.test (accepted)\n\n",
		  .summary = "20300716T100000Z  Lunch  tentative  bob@example.test (accepted)" },
		{ .what = "a place with parts",
		  .class = CLASS_CALENDAR,
		  .version = EAS_16_0,
		  .pieces = { OPEN(TAG_AIRSYNCBASE_LOCATION),
			      { TAG_AIRSYNCBASE_DISPLAYNAME, "Hall" },
			      { TAG_AIRSYNCBASE_CITY, "Bonn" },
			      CLOSE(TAG_AIRSYNCBASE_LOCATION) },
		  .text = "Location: Hall\n\n",
		  .summary = "" },
		{ .what = "a contact with a text",
		  .class = CLASS_CONTACTS,
		  .version = EAS_12_1,
		  .pieces = { { TAG_CONTACTS_FILEAS, "Cleo\nSample" },
			      { TAG_CONTACTS2_NICKNAME, "C" },
			      OPEN(TAG_AIRSYNCBASE_BODY),
			      { TAG_AIRSYNCBASE_TYPE, "1" },
			      { TAG_AIRSYNCBASE_DATA, "FileAs: nobody" },
			      CLOSE(TAG_AIRSYNCBASE_BODY) },
		  .text = "FileAs: Cleo Sample\nNickName: C\n\nFileAs: nobody",
		  .summary = "Cleo Sample" },
		{ .what = "a task",
		  .class = CLASS_TASKS,
		  .version = EAS_14_0,
		  .pieces = { { TAG_TASKS_SUBJECT, "Taxes" },
			      { TAG_TASKS_DUEDATE, "2030-08-01T00:00:00.000Z" },
			      { TAG_TASKS_COMPLETE, "1" } },
		  .text = "Subject: Taxes\nDueDate: 2030-08-01T00:00:00.000Z\nComplete: yes\n\n",
		  .summary = "2030-08-01T00:00:00.000Z  Taxes  yes" },
		{ .what = "a note",
		  .class = CLASS_NOTES,
		  .version = EAS_14_0,
		  .pieces = { { TAG_NOTES_SUBJECT, "Shelf" } },
		  .text = "Subject: Shelf\n\n",
		  .summary = "Shelf" },
		{ .what = "a mail's property in an event",
		  .class = CLASS_CALENDAR,
		  .version = EAS_14_1,
		  .pieces = { { TAG_EMAIL_SUBJECT, "Lunch" } },
		  .refused = "does not belong into ApplicationData" },
		{ .what = "an event in a folder of mail",
		  .class = CLASS_MAIL,
		  .version = EAS_14_1,
		  .pieces = { { TAG_CALENDAR_SUBJECT, "Lunch" } },
		  .refused = "does not belong into ApplicationData" },
		{ .what = "a place without parts in 16.0",
		  .class = CLASS_CALENDAR,
		  .version = EAS_16_0,
		  .pieces = { { TAG_CALENDAR_LOCATION, "Hall" } },
		  .refused = "not of protocol version 16.0" },
		{ .what = "notes in 12.1",
		  .class = CLASS_NOTES,
		  .version = EAS_12_1,
		  .pieces = { { TAG_NOTES_SUBJECT, "Shelf" } },
		  .refused = "not of protocol version 12.1" },
		{ .what = "a time with dashes in a calendar",
		  .class = CLASS_CALENDAR,
		  .version = EAS_16_1,
		  .pieces = { { TAG_CALENDAR_STARTTIME, "2030-07-16T10:00:00.000Z" } },
		  .refused = "is not of the form 00000000T000000Z" },
		{ .what = "a due date without dashes",
		  .class = CLASS_TASKS,
		  .version = EAS_16_1,
		  .pieces = { { TAG_TASKS_DUEDATE, "20300716T100000Z" } },
		  .refused = "is not of the form" },
		{ .what = "a busy status that is none",
		  .class = CLASS_CALENDAR,
		  .version = EAS_16_1,
		  .pieces = { { TAG_CALENDAR_BUSYSTATUS, "5" } },
		  .refused = "BusyStatus 5 is none" },
		{ .what = "an attendee's status that is none",
		  .class = CLASS_CALENDAR,
		  .version = EAS_16_1,
		  .pieces = { ATTENDEE("1") },
		  .refused = "AttendeeStatus 1 is none" },
		{ .what = "an attendee without an address",
		  .class = CLASS_CALENDAR,
		  .version = EAS_16_1,
		  .pieces = { OPEN(TAG_CALENDAR_ATTENDEES),
			      OPEN(TAG_CALENDAR_ATTENDEE),
			      { TAG_CALENDAR_NAME, "Bob" },
			      CLOSE(TAG_CALENDAR_ATTENDEE) },
		  .refused = "Attendee lacks Email" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		check_item(&cases[i]);
}

/* MS-ASCMD 2.2.3.186.3, R5916 */
static void a_folders_type_says_what_it_holds_and_who_asks_for_it(void **unused)
{
	static const struct {
		uint32_t type;
		enum item_class class;
		enum eas_version since; /* EAS_VERSION_MAX_: never unasked */
	} cases[] = {
		{ FOLDER_INBOX, CLASS_MAIL, EAS_12_1 },
		{ FOLDER_DRAFTS, CLASS_MAIL, EAS_16_0 },
		{ FOLDER_CALENDAR, CLASS_CALENDAR, EAS_12_1 },
		{ FOLDER_USER_CALENDAR, CLASS_CALENDAR, EAS_12_1 },
		{ FOLDER_CONTACTS, CLASS_CONTACTS, EAS_12_1 },
		{ FOLDER_TASKS, CLASS_TASKS, EAS_12_1 },
		{ FOLDER_NOTES, CLASS_NOTES, EAS_14_0 },
		{ FOLDER_USER_NOTES, CLASS_NOTES, EAS_14_0 },
		{ 6, CLASS_MAIL, EAS_VERSION_MAX_ },
		{ FOLDER_RECIPIENTS, CLASS_CONTACTS, EAS_VERSION_MAX_ },
		{ FOLDER_TYPE_MAX + 1, CLASS_MAIL, EAS_VERSION_MAX_ },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		assert_int_equal(folder_class(cases[i].type), cases[i].class);
		for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
			unsigned own = 1u << cases[i].class;

			assert_int_equal(folder_takes_part(cases[i].type, own, v), v >= cases[i].since);
			assert_false(folder_takes_part(cases[i].type, CLASSES_ALL & ~own, v));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_read_by_their_class_or_refused),
		cmocka_unit_test(a_folders_type_says_what_it_holds_and_who_asks_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
