/* Events that the phone makes and invitations that it answers. */
#include <tools/phone/event.h>
#include <tools/phone/fault.h>
#include <tools/phone/meeting.h>
#include <tools/phone/sync_reply.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct str bob = STR_INIT("bob@example.test");

static void an_event_has_two_times_in_order_and_attendees_from_16_0_on(void **unused)
{
	static const struct {
		const char *start, *end;
		size_t attendees;
		enum eas_version version;
		const char *refused; /* NULL: taken */
	} cases[] = {
		{ "20300716T100000Z", "20300716T110000Z", 1, EAS_16_0, NULL },
		{ "20300716T100000Z", "20300716T100000Z", 0, EAS_12_1, NULL },
		{ "20300716T100000Z", "20300716T095959Z", 0, EAS_16_1, "in order" },
		{ "20300716T1000Z", "20300716T110000Z", 0, EAS_16_1, "in order" },
		{ "20300716T100000Z", "2030-07-16T11:00", 0, EAS_16_1, "in order" },
		{ "20300716T100000Z", "20300716T110000Z", 1, EAS_14_1, "before 16.0" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf why = BUF_INIT(FAULT_MAX_TEXT);
		const struct event e = { str_of(cases[i].start), str_of(cases[i].end), S("Lunch"), &bob,
					 cases[i].attendees };

		assert_int_equal(event_check(&e, cases[i].version, &why) != ERR_OK, cases[i].refused != NULL);
		if (cases[i].refused && str_find(buf_view(&why), str_of(cases[i].refused)) == why.n)
			fail_msg("%.*s", (int)why.n, why.p);
	}
}

/* Every element is of the version; the UID up to 14.1 only, SendResponse from 16.0 on. */
static void requests_have_what_their_version_knows(void **unused)
{
	static const struct sync_options options = { .window = 10 };

	(void)unused;
	for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
		CLEANUP(buf_release) struct buf event = BUF_INIT(65536), answer = BUF_INIT(65536);
		const struct event e = { S("20300716T100000Z"), S("20300716T110000Z"), S("Lunch"), &bob, 1 };
		const struct sync_command add = { .act = SYNC_ADD_EVENT, .server_id = S("c1"), .event = &e };
		const struct sync_collection c = {
			.id = S("7"), .key = S("8"), .class = CLASS_CALENDAR, .commands = &add, .commands_n = 1
		};
		const struct buf *const documents[] = { &event, &answer };
		bool uid = false, send = false;

		sync_ask(&event, v, &options, &c, 1);
		meeting_put(&answer, v, S("2"), S("2:1"), MEETING_ACCEPT);
		for (size_t i = 0; i < countof(documents); i++) {
			enum wbxml_event at;
			struct wbxml_reader r;

			wbxml_reader_init(&r, buf_view(documents[i]));
			while ((at = wbxml_next(&r)) != WBXML_DONE) {
				assert_int_not_equal(at, WBXML_BAD);
				assert_true(at != WBXML_START || wbxml_tag_in(r.tag, v));
				uid |= at == WBXML_START && r.tag == TAG_CALENDAR_UID;
				send |= at == WBXML_START && r.tag == TAG_MEETINGRESPONSE_SENDRESPONSE;
			}
		}
		assert_int_equal(uid, v < EAS_16_0);
		assert_int_equal(send, v >= EAS_16_0);
	}
}

/* The children of MeetingResponse. */
static void answers_are_read_or_refused(void **unused)
{
	static const struct {
		const char *whole, *status, *event; /* NULL: absent */
		const char *refused;
	} cases[] = {
		{ NULL, "1", "7:1", NULL },      { NULL, "2", NULL, NULL },
		{ "103", NULL, NULL, NULL },     { NULL, NULL, NULL, "neither Status nor Result" },
		{ NULL, "", "7:1", "its type" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf bytes = BUF_INIT(65536), why = BUF_INIT(FAULT_MAX_TEXT);
		CLEANUP(arena_release) struct arena a = ARENA_INIT(1024 * 1024);
		struct doc d = { .version = EAS_16_1, .arena = &a, .why = &why };
		struct meeting_reply r;
		struct wbxml_writer w;
		enum err e;

		wbxml_writer_init(&w, &bytes);
		wbxml_open(&w, TAG_MEETINGRESPONSE_MEETINGRESPONSE);
		if (cases[i].whole)
			wbxml_put_text(&w, TAG_MEETINGRESPONSE_STATUS, str_of(cases[i].whole));
		if (cases[i].status) {
			wbxml_open(&w, TAG_MEETINGRESPONSE_RESULT);
			wbxml_put_text(&w, TAG_MEETINGRESPONSE_REQUESTID, S("2:1"));
			wbxml_put_text(&w, TAG_MEETINGRESPONSE_STATUS, str_of(cases[i].status));
			if (cases[i].event)
				wbxml_put_text(&w, TAG_MEETINGRESPONSE_CALENDARID, str_of(cases[i].event));
			wbxml_close(&w, TAG_MEETINGRESPONSE_RESULT);
		}
		wbxml_close(&w, TAG_MEETINGRESPONSE_MEETINGRESPONSE);
		doc_finish(&w);
		e = meeting_parse(&d, buf_view(&bytes), &r);
		if ((e != ERR_OK) != (cases[i].refused != NULL) ||
		    (e && str_find(buf_view(&why), str_of(cases[i].refused)) == why.n))
			fail_msg("case %zu: %.*s", i, (int)why.n, why.p ? why.p : "");
		assert_true(e || str_eq(r.calendar, str_of(cases[i].event ? cases[i].event : "")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_has_two_times_in_order_and_attendees_from_16_0_on),
		cmocka_unit_test(requests_have_what_their_version_knows),
		cmocka_unit_test(answers_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
