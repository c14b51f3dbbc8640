/* Follow-up flags: what a phone may set, the form in which they are kept, and what each version gets of them. */
#include <gateway/activesync/email_flag.h>
#include <tests/support/hex.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARENA_BYTES = 64 * 1024, FIELD_MAX_BYTES = 1024, FIELD_HEAD_BYTES = 3 };

/*
 * Page 02 (Email): 7A Flag (3A empty), 7B Status (3B empty), 7D FlagType, 7E CompleteTime, 54 Subject. Page 09 (Tasks):
 * 4B DateCompleted, 4C DueDate, 4D UtcDueDate, 5B ReminderSet, 5C ReminderTime, 5E StartDate, 5F UtcStartDate,
 * 60 Subject, 62 OrdinalDate, 63 SubOrdinalDate.
 */
#define HEAD "03 01 6A 00 00 02 "
#define TEXT(token, v) token " 03 '" v "' 00 01 "
#define FLAG(inside) HEAD "7A " inside "01"
#define STATUS(v) TEXT("7B", v)
#define TASKS(inside) "00 09 " inside "00 02 "
#define DAY(n) "2026-11-" n "T08:00:00.000Z"

static enum err parse(struct arena *arena, const char *text, struct buf *kept, enum email_flag_status *ret)
{
	struct wbxml_reader r;
	enum err e;

	wbxml_reader_init(&r, hex(arena, text));
	assert_int_equal(wbxml_root(&r, TAG_EMAIL_FLAG), ERR_OK);
	e = email_flag_parse(&r, kept, ret);
	if (!e)
		assert_int_equal(wbxml_done(&r), ERR_OK);
	return e;
}

struct field {
	enum wbxml_tag tag;
	const char *text;
};

/* The children of the Flag that is written for a kept form. */
static size_t written(struct arena *arena, struct str kept, enum eas_version version, struct field *ret, size_t max)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(ARENA_BYTES);
	struct wbxml_scope scope;
	struct wbxml_writer w;
	struct wbxml_reader r;
	enum err bad = ERR_OK;
	struct str text, copy;
	size_t n = 0;

	wbxml_writer_init(&w, &bytes);
	email_flag_put(&w, kept, version);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	assert_int_equal(arena_str(arena, buf_view(&bytes), &copy), ERR_OK);
	wbxml_reader_init(&r, copy);
	assert_int_equal(wbxml_root(&r, TAG_EMAIL_FLAG), ERR_OK);
	scope = wbxml_enter(&r);
	while (wbxml_child(&r, &scope, &bad)) {
		assert_true(n < max);
		ret[n].tag = (enum wbxml_tag)r.tag;
		assert_int_equal(wbxml_text(&r, &text), ERR_OK);
		assert_int_equal(arena_cstr(arena, text, &ret[n++].text), ERR_OK);
	}
	assert_int_equal(bad, ERR_OK);
	assert_int_equal(wbxml_done(&r), ERR_OK);
	return n;
}

/* MS-ASEMAIL R440: the fields there are, in the order in which they are written whatever the phone's was. */
static const char all_fields[] = FLAG(
	TASKS(TEXT("63", "sub") TEXT("62", DAY("01")) TEXT("5C", DAY("06")) TEXT("5B", "1") TEXT("4D", DAY("05"))
		      TEXT("5F", DAY("04")) TEXT("4C", DAY("03")) TEXT("5E", DAY("02")) TEXT("4B", DAY("07"))
			      TEXT("60", "Call \xc3\xa9")) TEXT("7E", DAY("08")) TEXT("7D", "for Reply") STATUS("2"));
static const struct field all_written[] = {
	{ TAG_TASKS_SUBJECT, "Call \xc3\xa9" }, { TAG_EMAIL_STATUS, "2" },
	{ TAG_EMAIL_FLAGTYPE, "for Reply" },    { TAG_TASKS_DATECOMPLETED, DAY("07") },
	{ TAG_EMAIL_COMPLETETIME, DAY("08") },  { TAG_TASKS_STARTDATE, DAY("02") },
	{ TAG_TASKS_DUEDATE, DAY("03") },       { TAG_TASKS_UTCSTARTDATE, DAY("04") },
	{ TAG_TASKS_UTCDUEDATE, DAY("05") },    { TAG_TASKS_REMINDERSET, "1" },
	{ TAG_TASKS_REMINDERTIME, DAY("06") },  { TAG_TASKS_ORDINALDATE, DAY("01") },
	{ TAG_TASKS_SUBORDINALDATE, "sub" },
};

/* MS-ASEMAIL_R1237, MS-ASEMAIL_R1238, MS-ASEMAIL_R1239, MS-ASEMAIL_R1240, MS-ASEMAIL_R12410: each version that roost speaks knows the whole flag; 2.5 knew only the tasks' part. */
static void every_field_comes_back_in_every_version(void **unused)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
	enum email_flag_status status;

	(void)unused;
	assert_int_equal(parse(&arena, all_fields, &kept, &status), ERR_OK);
	assert_int_equal(status, EMAIL_FLAG_ACTIVE);
	assert_int_equal(email_flag_status(buf_view(&kept)), EMAIL_FLAG_ACTIVE);
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		struct field got[countof(all_written)];
		size_t n = written(&arena, buf_view(&kept), v, got, countof(got)), at = 0;

		for (size_t i = 0; i < countof(all_written); i++) {
			if (!wbxml_tag_in(all_written[i].tag, v))
				continue;
			assert_true(at < n);
			assert_int_equal(got[at].tag, all_written[i].tag);
			assert_string_equal(got[at++].text, all_written[i].text);
		}
		assert_int_equal(at, n);
		if (v >= EAS_12_1)
			assert_int_equal(n, countof(all_written));
	}
}

/* MS-ASEMAIL R754, R755, R756, R757. */
static void the_status_is_one_of_three(void **unused)
{
	static const struct {
		const char *what, *doc;
		enum err err;
		enum email_flag_status status;
		bool keeps;
	} cases[] = {
		{ "an empty flag", HEAD "3A", ERR_OK, EMAIL_FLAG_CLEARED, false },
		{ "a flag without content", FLAG(""), ERR_OK, EMAIL_FLAG_CLEARED, false },
		{ "cleared", FLAG(STATUS("0")), ERR_OK, EMAIL_FLAG_CLEARED, false },
		{ "an empty status", FLAG("3B "), ERR_OK, EMAIL_FLAG_CLEARED, false },
		{ "no status, a type", FLAG(TEXT("7D", "for Reply")), ERR_OK, EMAIL_FLAG_CLEARED, false },
		{ "complete", FLAG(STATUS("1") TEXT("7E", DAY("08")) TASKS(TEXT("4B", DAY("07")))), ERR_OK,
		  EMAIL_FLAG_COMPLETE, true },
		{ "complete, at no time", FLAG(STATUS("1") TASKS(TEXT("4B", DAY("07")))), ERR_INVALID, 0, false },
		{ "active", FLAG(STATUS("2")), ERR_OK, EMAIL_FLAG_ACTIVE, true },
		{ "one past the last", FLAG(STATUS("3")), ERR_INVALID, 0, false },
		{ "below the first", FLAG(STATUS("-1")), ERR_INVALID, 0, false },
		{ "a word", FLAG(STATUS("active")), ERR_INVALID, 0, false },
		{ "a blank before it", FLAG(STATUS(" 2")), ERR_INVALID, 0, false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
		CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
		enum email_flag_status status = EMAIL_FLAG_CLEARED;
		enum err e = parse(&arena, cases[i].doc, &kept, &status);

		if (e != cases[i].err || status != cases[i].status || (kept.n > 0) != cases[i].keeps ||
		    email_flag_status(buf_view(&kept)) != cases[i].status)
			fail_msg("%s: %s, %d", cases[i].what, err_text(e), (int)status);
	}
}

/* MS-ASEMAIL R409: of StartDate, DueDate, UtcStartDate, UtcDueDate all or none; an empty one is not set. */
static void the_four_dates_come_together(void **unused)
{
	static const char *const dates[] = { TEXT("5E", DAY("01")), TEXT("4C", DAY("02")), TEXT("5F", DAY("01")),
					     TEXT("4D", DAY("02")) };
	static const char *const empty[] = { "1E ", "0C ", "1F ", "0D " };

	(void)unused;
	for (unsigned set = 0; set < 16; set++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
		CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
		CLEANUP(buf_release) struct buf doc = BUF_INIT(ARENA_BYTES);
		enum email_flag_status status;
		enum err e;

		buf_cstr(&doc, HEAD "7A " STATUS("2") "00 09 ");
		for (unsigned i = 0; i < countof(dates); i++)
			buf_cstr(&doc, set >> i & 1 ? dates[i] : empty[i]);
		buf_put(&doc, "01", sizeof("01"));
		assert_int_equal(buf_status(&doc), ERR_OK);
		e = parse(&arena, doc.p, &kept, &status);
		if (e != (set == 0 || set == 15 ? ERR_OK : ERR_INVALID))
			fail_msg("dates %u: %s", set, err_text(e));
	}
}

#define DATES(start, due, utc_start, utc_due) \
	TASKS(TEXT("5E", start) TEXT("4C", due) TEXT("5F", utc_start) TEXT("4D", utc_due))

static void what_contradicts_itself_is_refused(void **unused)
{
	static const struct {
		const char *what, *doc;
		enum err err;
	} cases[] = {
		{ "due when it starts", FLAG(STATUS("2") DATES(DAY("02"), DAY("02"), DAY("02"), DAY("02"))), ERR_OK },
		/* MS-ASEMAIL R407 */
		{ "due before it starts", FLAG(STATUS("2") DATES(DAY("02"), DAY("01"), DAY("01"), DAY("02"))),
		  ERR_INVALID },
		{ "due a second before it starts",
		  FLAG(STATUS("2") DATES("2026-11-02T08:00:01Z", "2026-11-02T08:00:00Z", DAY("01"), DAY("02"))),
		  ERR_INVALID },
		{ "due a year before it starts",
		  FLAG(STATUS("2") DATES("2027-01-01T00:00:00Z", "2026-12-31T00:00:00Z", DAY("01"), DAY("02"))),
		  ERR_INVALID },
		/* MS-ASEMAIL R851 */
		{ "due before it starts in UTC", FLAG(STATUS("2") DATES(DAY("01"), DAY("02"), DAY("02"), DAY("01"))),
		  ERR_INVALID },
		{ "the same second with and without milliseconds",
		  FLAG(STATUS("2") DATES("2026-11-02T08:00:00.000Z", "2026-11-02T08:00:00Z", DAY("01"), DAY("02"))),
		  ERR_OK },
		{ "the same of a flag that is cleared",
		  FLAG(STATUS("0") DATES(DAY("02"), DAY("01"), DAY("02"), DAY("01"))), ERR_OK },
		{ "the same of a flag that is complete",
		  FLAG(STATUS("1") DATES(DAY("02"), DAY("01"), DAY("02"), DAY("01"))), ERR_INVALID },
		/* MS-ASEMAIL R702 */
		{ "a reminder without a time", FLAG(STATUS("2") TASKS(TEXT("5B", "1"))), ERR_INVALID },
		{ "a reminder with an empty time", FLAG(STATUS("2") TASKS(TEXT("5B", "1") "1C ")), ERR_INVALID },
		{ "a reminder and its time", FLAG(STATUS("2") TASKS(TEXT("5B", "1") TEXT("5C", DAY("01")))), ERR_OK },
		{ "no reminder, no time", FLAG(STATUS("2") TASKS(TEXT("5B", "0"))), ERR_OK },
		/* MS-ASEMAIL R440 */
		{ "the subject of the mail", FLAG(STATUS("2") TEXT("54", "x")), ERR_INVALID },
		{ "another page's element", FLAG(STATUS("2") "00 00 4B 03 '1' 00 01 00 02 "), ERR_INVALID },
		{ "a status with a child", FLAG("7B 3B 01 "), ERR_INVALID },
		{ "text among the fields", FLAG("03 '2' 00 "), ERR_INVALID },
		{ "cut off in a field", HEAD "7A 7B 03 '2'", ERR_INVALID },
		{ "cut off behind a field", HEAD "7A " STATUS("2"), ERR_INVALID },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
		CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
		enum email_flag_status status;
		enum err e = parse(&arena, cases[i].doc, &kept, &status);

		if (e != cases[i].err || (e && kept.n))
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

/* An active flag with `fields` subjects and types of so many letters. */
static enum err parse_long(const char *const *tokens, size_t fields, size_t letters, struct buf *kept)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf doc = BUF_INIT(ARENA_BYTES);
	enum email_flag_status status;

	buf_cstr(&doc, HEAD "7A " STATUS("2"));
	for (size_t i = 0; i < fields; i++) {
		buf_cstr(&doc, tokens[i]);
		buf_cstr(&doc, " 03 '");
		for (size_t k = 0; k < letters; k++)
			buf_char(&doc, 'x');
		buf_cstr(&doc, "' 00 01 ");
	}
	buf_put(&doc, "01", sizeof("01"));
	assert_int_equal(buf_status(&doc), ERR_OK);
	return parse(&arena, doc.p, kept, &status);
}

static void a_field_and_the_whole_have_their_limits(void **unused)
{
	static const char *const tokens[] = { "7D", "00 09 60", "4B", "62" };
	static const struct {
		const char *what;
		size_t fields, letters;
		enum err err;
	} cases[] = {
		{ "the longest field", 1, FIELD_MAX_BYTES, ERR_OK },
		{ "one letter more", 1, FIELD_MAX_BYTES + 1, ERR_INVALID },
		{ "three of the longest", 3, FIELD_MAX_BYTES, ERR_OK },
		{ "four, which are more than is kept", 4, FIELD_MAX_BYTES, ERR_LIMIT },
		{ "four that fill it", 4, EMAIL_FLAG_MAX_BYTES / 4 - FIELD_HEAD_BYTES - 1, ERR_OK },
		{ "four of a letter more", 4, EMAIL_FLAG_MAX_BYTES / 4 - FIELD_HEAD_BYTES, ERR_LIMIT },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
		enum err e = parse_long(tokens, cases[i].fields, cases[i].letters, &kept);

		if (e != cases[i].err)
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

/* MS-ASEMAIL R437. */
static void no_flag_is_an_empty_element(void **unused)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(64);
	struct wbxml_writer w;

	(void)unused;
	wbxml_writer_init(&w, &bytes);
	email_flag_put(&w, STR_EMPTY, EAS_16_1);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	assert_int_equal(bytes.n, 7);
	assert_memory_equal(bytes.p, "\x03\x01\x6a\x00\x00\x02\x3a", 7);
	assert_int_equal(email_flag_status(STR_EMPTY), EMAIL_FLAG_CLEARED);
}

static void a_flag_of_no_phone_is_active_and_of_a_type(void **unused)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
	struct field got[2];

	(void)unused;
	email_flag_plain(&kept);
	assert_int_equal(buf_status(&kept), ERR_OK);
	assert_int_equal(email_flag_status(buf_view(&kept)), EMAIL_FLAG_ACTIVE);
	assert_int_equal(written(&arena, buf_view(&kept), EAS_12_1, got, countof(got)), 2);
	assert_int_equal(got[0].tag, TAG_EMAIL_STATUS);
	assert_string_equal(got[0].text, "2");
	assert_int_equal(got[1].tag, TAG_EMAIL_FLAGTYPE);
	assert_string_equal(got[1].text, "for Follow Up");
}

/* Each prefix, and each byte changed: a sound Flag is written, of fields that flags have. */
static void a_damaged_kept_form_is_read_up_to_the_damage(void **unused)
{
	CLEANUP(arena_release) struct arena first = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EMAIL_FLAG_MAX_BYTES);
	static const unsigned char masks[] = { 0x01, 0x0f, 0x80, 0xff };
	struct field got[EMAIL_FLAG_MAX_BYTES / FIELD_HEAD_BYTES];
	enum email_flag_status status;

	(void)unused;
	assert_int_equal(parse(&first, all_fields, &kept, &status), ERR_OK);
	for (size_t n = 0; n < kept.n; n++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
		size_t fields = written(&arena, str_from(kept.p, n), EAS_16_1, got, countof(got));

		assert_true(fields < countof(all_written));
		for (size_t i = 0; i < fields; i++)
			assert_string_equal(got[i].text, all_written[i].text);
	}
	for (size_t at = 0; at < kept.n * countof(masks); at++) {
		CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
		char *byte = &kept.p[at / countof(masks)];
		const char former = *byte;

		*byte = (char)((unsigned char)former ^ masks[at % countof(masks)]);
		(void)written(&arena, buf_view(&kept), EAS_16_1, got, countof(got));
		assert_in_range(email_flag_status(buf_view(&kept)), EMAIL_FLAG_CLEARED, EMAIL_FLAG_ACTIVE);
		*byte = former;
	}
	/* A status that no flag has, and a field that there is not. */
	assert_int_equal(email_flag_status(S("\x01\x01\x00"
					     "3")),
			 EMAIL_FLAG_CLEARED);
	assert_int_equal(written(&first, S("\x0d\x01\x00x"), EAS_16_1, got, countof(got)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_comes_back_in_every_version),
		cmocka_unit_test(the_status_is_one_of_three),
		cmocka_unit_test(the_four_dates_come_together),
		cmocka_unit_test(what_contradicts_itself_is_refused),
		cmocka_unit_test(a_field_and_the_whole_have_their_limits),
		cmocka_unit_test(no_flag_is_an_empty_element),
		cmocka_unit_test(a_flag_of_no_phone_is_active_and_of_a_type),
		cmocka_unit_test(a_damaged_kept_form_is_read_up_to_the_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
