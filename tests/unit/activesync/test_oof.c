/* The Oof property of Settings: set, shown in both forms, and what does not fit together. */
#include "sync_fixture.h"

#include <store/oof.h>

/*
 * Page 12 (Settings): 45 Settings, 47 Get, 48 Set, 49 Oof, 4A OofState, 4B StartTime, 4C EndTime, 4D OofMessage,
 * 0E AppliesToInternal, 0F AppliesToExternalKnown, 10 AppliesToExternalUnknown, 51 Enabled, 52 ReplyMessage, 53 BodyType.
 */
#define TEXT "53 03 'Text' 00 01"
#define HTML "53 03 'HTML' 00 01"
#define REPLY(text) "52 03 '" text "' 00 01"
#define ON "51 03 '1' 00 01"
#define START "4B 03 '2026-01-02T00:00:00.000Z' 00 01"
#define END "4C 03 '2026-01-09T00:00:00.000Z' 00 01"

static struct eas_reply oof(struct fixture *f, const char *property)
{
	return eas_phone_ask(&f->phone, "Settings", doc(f, HEAD "00 12 45 49 %s 01 01", property));
}

static struct oof stored(struct fixture *f)
{
	struct store_tx *tx;
	struct oof o;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(oof_get(&f->arena, tx, &o));
	assert_ok(store_commit(&tx));
	return o;
}

/* MS-ASCMD_R3498, MS-ASCMD_R3499, MS-ASCMD_R3500, MS-ASCMD_R3504, MS-ASCMD_R3521, MS-ASCMD_R826 */
static void what_is_set_is_shown_in_every_version(void **unused)
{
	static const char *const versions[] = { "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		f.phone.version = versions[i];
		r = oof(&f, "48 4A 03 '2' 00 01 " START END "4D 0E " ON REPLY("away") TEXT
			"01 4D 10 " ON REPLY("<p>gone</p>") HTML "01 01");
		assert_xml(r,
			   "<Settings xmlns=\"Settings\"><Status>1</Status><Oof><Status>1</Status></Oof></Settings>");
		r = oof(&f, "47 " TEXT "01");
		assert_xml(
			r,
			"<Settings "
			"xmlns=\"Settings\"><Status>1</Status><Oof><Status>1</Status><Get><OofState>2</OofState>"
			"<StartTime>2026-01-02T00:00:00.000Z</StartTime><EndTime>2026-01-09T00:00:00.000Z</EndTime>"
			"<OofMessage><AppliesToInternal/><Enabled>1</Enabled><ReplyMessage>away</ReplyMessage>"
			"<BodyType>Text</BodyType></OofMessage>"
			"<OofMessage><AppliesToExternalKnown/><Enabled>0</Enabled></OofMessage>"
			"<OofMessage><AppliesToExternalUnknown/><Enabled>1</Enabled><ReplyMessage>gone</ReplyMessage>"
			"<BodyType>Text</BodyType></OofMessage></Get></Oof></Settings>");
	}
	/* MS-ASCMD_R3117, MS-ASCMD_R3503: in the form that is asked for. */
	r = oof(&f, "47 " HTML "01");
	assert_true(str_eq(eas_reply_text(&r, "ReplyMessage", 1), S("&lt;p&gt;gone&lt;/p&gt;")));
	assert_true(str_eq(eas_reply_text(&r, "BodyType", 0), S("HTML")));
}

/* What the phone leaves out stays; the times count for the timed state alone. */
static void what_is_left_out_stays(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;
	struct oof o;

	(void)unused;
	(void)oof(&f, "48 4A 03 '2' 00 01 " START END "4D 0E " ON REPLY("away") TEXT "01 01");
	(void)oof(&f, "48 4D 0F " ON REPLY("known") TEXT "01 01");
	o = stored(&f);
	assert_int_equal(o.state, OOF_TIMED);
	assert_true(str_eq(o.message[OOF_INTERNAL].reply, S("away")));
	assert_true(str_eq(o.message[OOF_EXTERNAL_KNOWN].reply, S("known")));
	r = oof(&f,
		"48 4A 03 '1' 00 01 4B 03 '2030-01-02T00:00:00.000Z' 00 01 4C 03 '2030-01-03T00:00:00.000Z' 00 01 01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1"))); /* MS-ASCMD_R3535 */
	o = stored(&f);                                               /* MS-ASCMD_R7544 */
	assert_int_equal(o.state, OOF_ON);
	assert_int_equal(o.start_ms, INT64_C(1767312000000));
	(void)oof(&f, "48 4A 03 '2' 00 01 01"); /* the times of before */
	assert_int_equal(stored(&f).state, OOF_TIMED);
	int64_t period = stored(&f).period;
	(void)oof(&f, "48 4A 03 '2' 00 01 01"); /* nothing new, no new period */
	assert_int_equal(stored(&f).period, period);
}

static void what_does_not_fit_together_is_refused(void **unused)
{
	static const struct {
		const char *what, *property;
		unsigned status;
	} cases[] = {
		{ "a start without an end (MS-ASCMD_R2272, MS-ASCMD_R3992)", "48 4A 03 '2' 00 01 " START "01", 2 },
		{ "an end without a start (MS-ASCMD_R5681, MS-ASCMD_R5827)", "48 4A 03 '2' 00 01 " END "01", 2 },
		{ "timed without times", "48 4A 03 '2' 00 01 01", 5 },
		{ "an end before the start", "48 4A 03 '2' 00 01 4C 03 '2026-01-01T00:00:00.000Z' 00 01 " START "01",
		  5 },
		{ "no time", "48 4A 03 '2' 00 01 4B 03 'soon' 00 01 " END "01", 5 },
		{ "a message without its form (MS-ASCMD_R825)", "48 4D 0E " ON REPLY("x") "01 01", 5 },
		{ "a form of none", "48 4D 0E " ON REPLY("x") "53 03 'RTF' 00 01 01 01", 5 },
		{ "nobody's message", "48 4D " ON REPLY("x") TEXT "01 01", 2 },
		{ "of two audiences (MS-ASCMD_R3517)", "48 4D 0E 0F " ON REPLY("x") TEXT "01 01", 2 },
		{ "one audience twice (MS-ASCMD_R3526)",
		  "48 4D 0E " ON REPLY("x") TEXT "01 4D 0E " ON REPLY("x") TEXT "01 01", 2 },
		{ "asked for in a form of none", "47 53 03 'RTF' 00 01 01", 5 },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = oof(&f, cases[i].property);
		uint64_t status = 0;

		if (str_to_u64(eas_reply_text(&r, "Status", 1), 99, &status) || status != cases[i].status)
			fail_msg("%s: %u", cases[i].what, (unsigned)status);
	}
	assert_int_equal(stored(&f).period, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_is_shown_in_every_version),
		cmocka_unit_test(what_is_left_out_stays),
		cmocka_unit_test(what_does_not_fit_together_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
