/* Options of a Sync collection: what is read and refused, what is kept of them, and what their numbers mean. */
#include <gateway/activesync/sync_options.h>
#include <gateway/activesync/item_class.h>
#include <store/feed.h>
#include <tests/support/hex.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARENA_BYTES = 4096 };

/*
 * Page 00: 57 Options (17 empty), 50 Class, 52 CollectionId, 58 FilterType (18 empty), 5B Conflict, 62 MIMESupport,
 * 63 MIMETruncation, 68 MaxItems. Page 11: 45 BodyPreference (05 empty), 46 Type (06 empty), 47 TruncationSize,
 * 48 AllOrNone (08 empty), 58 Preview.
 */
#define HEAD "03 01 6A 00 "
#define TEXT(token, v) token " 03 '" v "' 00 01 "
#define PREFER(inside) "00 11 45 " inside " 01 00 00 "
#define TYPE(v) TEXT("46", v)

/* What an option set leaves as they are, the values that a test's own differ from. */
static const struct eas_options former = { .filter = 3, .conflict = 0, .body[BODY_HTML] = { .asked = true } };

static enum err parse(const char *text, struct eas_options *ret, enum wbxml_why *ret_why)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct wbxml_reader r;
	enum err e;

	wbxml_reader_init(&r, hex(&arena, text));
	assert_int_equal(wbxml_root(&r, TAG_AIRSYNC_OPTIONS), ERR_OK);
	*ret = former;
	e = eas_options_parse(&r, EAS_16_1, ret);
	if (!e)
		assert_int_equal(wbxml_done(&r), ERR_OK);
	*ret_why = r.why;
	return e;
}

static bool same(const struct eas_options *a, const struct eas_options *b)
{
	for (unsigned type = 0; type < BODY_TYPES; type++) {
		const struct body_preference *p = &a->body[type], *q = &b->body[type];

		if (p->asked != q->asked || p->all_or_none != q->all_or_none || p->preview != q->preview ||
		    p->truncation != q->truncation)
			return false;
	}
	return a->filter == b->filter && a->mime_support == b->mime_support &&
	       a->mime_truncation == b->mime_truncation && a->conflict == b->conflict;
}

/* Defaults: MS-ASCMD R3076 (no filter), R5567 (no MIME), R2066 (the server wins). MS-ASAIRS R300: not cut. */
#define DEFAULTS .conflict = 1, .mime_truncation = 8
#define WHOLE .asked = true, .truncation = BODY_NO_TRUNCATION

static void options_are_read_from_their_defaults_on(void **unused)
{
	static const struct {
		const char *what, *doc;
		struct eas_options options;
	} cases[] = {
		{ "empty element", HEAD "17", { DEFAULTS } },
		{ "element without content", HEAD "57 01", { DEFAULTS } },
		{ "class of mail", HEAD "57" TEXT("50", "Email") "01", { DEFAULTS } },
		{ "the smallest filter", HEAD "57" TEXT("58", "0") "01", { DEFAULTS, .filter = 0 } },
		{ "the largest filter", HEAD "57" TEXT("58", "8") "01", { DEFAULTS, .filter = 8 } },
		{ "the client wins", HEAD "57" TEXT("5B", "0") "01", { .conflict = 0, .mime_truncation = 8 } },
		{ "the server wins", HEAD "57" TEXT("5B", "1") "01", { DEFAULTS } },
		{ "MIME for S/MIME", HEAD "57" TEXT("62", "1") "01", { DEFAULTS, .mime_support = 1 } },
		{ "MIME for all", HEAD "57" TEXT("62", "2") "01", { DEFAULTS, .mime_support = 2 } },
		{ "MIME cut to nothing", HEAD "57" TEXT("63", "0") "01", { .conflict = 1, .mime_truncation = 0 } },
		{ "MIME not cut", HEAD "57" TEXT("63", "8") "01", { DEFAULTS } },
		{ "plain", HEAD "57" PREFER(TYPE("1")) "01", { DEFAULTS, .body[BODY_PLAIN] = { WHOLE } } },
		{ "RTF, which is known though never sent",
		  HEAD "57" PREFER(TYPE("3")) "01",
		  { DEFAULTS, .body[3] = { WHOLE } } },
		{ "MIME, as an opaque",
		  HEAD "57" PREFER("46 C3 01 '4' 01") "01",
		  { DEFAULTS, .body[BODY_MIME] = { WHOLE } } },
		{ "all of it in its order",
		  HEAD "57" PREFER(TYPE("2") TEXT("47", "500") TEXT("48", "1")) "01",
		  { DEFAULTS, .body[BODY_HTML] = { .asked = true, .all_or_none = true, .truncation = 500 } } },
		{ "cut to nothing",
		  HEAD "57" PREFER(TYPE("1") TEXT("47", "0")) "01",
		  { DEFAULTS, .body[BODY_PLAIN] = { .asked = true, .truncation = 0 } } },
		/* MS-ASAIRS R299 */
		{ "the largest size, as good as none",
		  HEAD "57" PREFER(TYPE("1") TEXT("47", "4294967295")) "01",
		  { DEFAULTS, .body[BODY_PLAIN] = { WHOLE } } },
		{ "all or none: no",
		  HEAD "57" PREFER(TYPE("1") TEXT("48", "0")) "01",
		  { DEFAULTS, .body[BODY_PLAIN] = { WHOLE } } },
		/* MS-ASDTYPE R6 */
		{ "all or none, empty: yes",
		  HEAD "57" PREFER(TYPE("1") "08 ") "01",
		  { DEFAULTS, .body[BODY_PLAIN] = { WHOLE, .all_or_none = true } } },
		/* MS-ASAIRS R266 */
		{ "the longest preview",
		  HEAD "57" PREFER(TYPE("2") TEXT("58", "255")) "01",
		  { DEFAULTS, .body[BODY_HTML] = { WHOLE, .preview = 255 } } },
		{ "two types",
		  HEAD "57" PREFER(TYPE("1")) PREFER(TYPE("2") TEXT("47", "9")) "01",
		  { DEFAULTS, .body[BODY_PLAIN] = { WHOLE }, .body[BODY_HTML] = { .asked = true, .truncation = 9 } } },
		{ "what mail has not is passed over",
		  HEAD "57" TEXT("68", "5") TEXT("58", "5") "01",
		  { DEFAULTS, .filter = 5 } },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_options got;
		enum wbxml_why why;

		if (parse(cases[i].doc, &got, &why) != ERR_OK || !same(&got, &cases[i].options))
			fail_msg("%s", cases[i].what);
	}
}

/* MS-ASCMD R2989, R2063, R3395, R3417: the values there are. */
static void what_is_out_of_shape_is_refused_and_leaves_the_former(void **unused)
{
	static const struct {
		const char *what, *doc;
		enum err err;
		enum wbxml_why why;
	} cases[] = {
		{ "a filter past the last", HEAD "57" TEXT("58", "9") "01", ERR_LIMIT, WBXML_OK },
		{ "a filter that must not wrap to 0", HEAD "57" TEXT("58", "256") "01", ERR_LIMIT, WBXML_OK },
		{ "a filter of no number", HEAD "57" TEXT("58", "x") "01", ERR_INVALID, WBXML_OK },
		{ "a negative filter", HEAD "57" TEXT("58", "-1") "01", ERR_INVALID, WBXML_OK },
		{ "a filter with a blank", HEAD "57" TEXT("58", " 1") "01", ERR_INVALID, WBXML_OK },
		{ "an empty filter", HEAD "57 18 01", ERR_INVALID, WBXML_OK },
		{ "a filter with a child", HEAD "57 58 18 01 01", ERR_INVALID, WBXML_OK },
		{ "a conflict past the last", HEAD "57" TEXT("5B", "2") "01", ERR_LIMIT, WBXML_OK },
		{ "a MIME support past the last", HEAD "57" TEXT("62", "3") "01", ERR_LIMIT, WBXML_OK },
		{ "a MIME truncation past the last", HEAD "57" TEXT("63", "9") "01", ERR_LIMIT, WBXML_OK },
		{ "text among the options", HEAD "57 03 'x' 00 01", ERR_INVALID, WBXML_OK },
		{ "text behind an option", HEAD "57" TEXT("58", "1") "03 'x' 00 01", ERR_INVALID, WBXML_OK },
		{ "another class behind sound options", HEAD "57" TEXT("58", "1") TEXT("50", "Journal") "01",
		  ERR_UNSUPPORTED, WBXML_OK },
		{ "a class in small letters", HEAD "57" TEXT("50", "email") "01", ERR_UNSUPPORTED, WBXML_OK },
		{ "a class with a child", HEAD "57 50 18 01 01", ERR_INVALID, WBXML_OK },
		/* MS-ASAIRS_R348, MS-ASAIRS_R351 */
		{ "the type behind the others", HEAD "57" PREFER(TEXT("47", "500") TYPE("2")) "01", ERR_INVALID,
		  WBXML_OK },
		{ "all or none twice", HEAD "57" PREFER(TYPE("2") TEXT("48", "1") TEXT("48", "1")) "01", ERR_INVALID,
		  WBXML_OK },
		/* MS-ASAIRS R325 */
		{ "an empty preference", HEAD "57 00 11 05 01", ERR_INVALID, WBXML_OK },
		{ "a preference of no type", HEAD "57" PREFER(TEXT("47", "9")) "01", ERR_INVALID, WBXML_OK },
		{ "an empty type", HEAD "57" PREFER("06 ") "01", ERR_INVALID, WBXML_OK },
		{ "type 0", HEAD "57" PREFER(TYPE("0")) "01", ERR_LIMIT, WBXML_OK },
		{ "type 5", HEAD "57" PREFER(TYPE("5")) "01", ERR_LIMIT, WBXML_OK },
		{ "a type of no number", HEAD "57" PREFER(TYPE("html")) "01", ERR_INVALID, WBXML_OK },
		/* MS-ASAIRS R158 */
		{ "two preferences of one type", HEAD "57" PREFER(TYPE("2")) PREFER(TYPE("2")) "01", ERR_INVALID,
		  WBXML_OK },
		{ "two of one type with another between",
		  HEAD "57" PREFER(TYPE("2")) PREFER(TYPE("1")) PREFER(TYPE("2") TEXT("47", "9")) "01", ERR_INVALID,
		  WBXML_OK },
		{ "a size of one past 32 bits", HEAD "57" PREFER(TYPE("1") TEXT("47", "4294967296")) "01", ERR_LIMIT,
		  WBXML_OK },
		{ "a size of no number", HEAD "57" PREFER(TYPE("1") TEXT("47", "all")) "01", ERR_INVALID, WBXML_OK },
		{ "all or none of no boolean", HEAD "57" PREFER(TYPE("1") TEXT("48", "2")) "01", ERR_INVALID,
		  WBXML_OK },
		{ "a preview of one too many", HEAD "57" PREFER(TYPE("1") TEXT("58", "256")) "01", ERR_LIMIT,
		  WBXML_OK },
		{ "something else in a preference", HEAD "57" PREFER(TYPE("1") "00 00 18 00 11 ") "01", ERR_INVALID,
		  WBXML_OK },
		{ "text in a preference", HEAD "57" PREFER("03 'x' 00 ") "01", ERR_INVALID, WBXML_OK },
		{ "cut off in an option", HEAD "57 58 03 '1'", ERR_INVALID, WBXML_TRUNCATED },
		{ "cut off behind an option", HEAD "57" TEXT("58", "1"), ERR_INVALID, WBXML_TRUNCATED },
		{ "cut off in a preference", HEAD "57 00 11 45" TYPE("1"), ERR_INVALID, WBXML_TRUNCATED },
		{ "an element of no name", HEAD "57 00 11 3F 01", ERR_INVALID, WBXML_UNKNOWN_TAG },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_options got;
		enum wbxml_why why;
		enum err e = parse(cases[i].doc, &got, &why);

		if (e != cases[i].err || why != cases[i].why || !same(&got, &former))
			fail_msg("%s: %s, %s", cases[i].what, err_text(e), wbxml_why_text(why));
	}
}

static const struct eas_options kept_cases[] = {
	{ DEFAULTS },
	{ .filter = 5, .mime_support = 2, .mime_truncation = 0, .conflict = 0 },
	{ DEFAULTS, .body[BODY_PLAIN] = { WHOLE, .all_or_none = true, .preview = 255 } },
	{ DEFAULTS, .body[BODY_HTML] = { .asked = true, .truncation = 0x01020384 }, .body[BODY_MIME] = { WHOLE } },
};

/* MS-ASAIRS R157: kept from request to request. */
static void kept_options_come_back_as_they_were(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(kept_cases); i++) {
		CLEANUP(buf_release) struct buf kept = BUF_INIT(EAS_OPTIONS_MAX_BYTES);
		struct eas_options got;

		eas_options_put(&kept, &kept_cases[i]);
		assert_int_equal(buf_status(&kept), ERR_OK);
		got = eas_options_get(buf_view(&kept));
		assert_true(same(&got, &kept_cases[i]));
	}
}

static void damaged_options_are_the_defaults(void **unused)
{
	CLEANUP(buf_release) struct buf kept = BUF_INIT(EAS_OPTIONS_MAX_BYTES);
	struct eas_options got;

	(void)unused;
	eas_options_put(&kept, &kept_cases[3]);
	for (size_t n = 0; n < kept.n; n++) {
		got = eas_options_get(str_from(kept.p, n));
		assert_true(same(&got, &eas_options_default));
	}
	got = eas_options_get(STR_EMPTY);
	assert_true(same(&got, &eas_options_default));
	kept.p[0]++; /* another form */
	got = eas_options_get(buf_view(&kept));
	assert_true(same(&got, &eas_options_default));
	kept.p[0]--;
	buf_char(&kept, '\0');
	assert_int_equal(buf_status(&kept), ERR_OK);
	got = eas_options_get(buf_view(&kept));
	assert_true(same(&got, &eas_options_default));
}

/* MS-ASCMD_R3418, R3419, R3420, R3421, R3422, R3423, R3424, R3425, R3426; what is past the last cuts nothing. */
static void mime_truncation_has_its_sizes(void **unused)
{
	static const uint32_t bytes[] = {
		0, 4096, 5120, 7168, 10240, 20480, 51200, 102400, BODY_NO_TRUNCATION, BODY_NO_TRUNCATION
	};

	(void)unused;
	for (unsigned i = 0; i < countof(bytes); i++) {
		const struct eas_options o = { .mime_truncation = (uint8_t)i };

		if (eas_options_mime_truncation(&o) != bytes[i])
			fail_msg("%u: %u", i, eas_options_mime_truncation(&o));
	}
}

/*
 * MS-ASCMD_R3026, R3027, R3028, R3029, R3030, R3031, R5551; MS-ASCMD_R3041, R3042, R3043: 6, 7 and 8 are of other classes. Contacts
 * and notes have none (MS-ASCMD_R3040).
 */
static void a_filter_goes_back_from_now(void **unused)
{
	static const int64_t day = INT64_C(86400000), now = INT64_C(1795422600123);
	static const struct {
		int64_t days; /* 0: all */
		const char *classes;
	} cases[] = {
		{ 0, "Email Calendar Contacts Tasks Notes" },
		{ 1, "Email Contacts Notes" },
		{ 3, "Email Contacts Notes" },
		{ 7, "Email Contacts Notes" },
		{ 14, "Email Calendar Contacts Notes" },
		{ 31, "Email Calendar Contacts Notes" },
		{ 92, "Calendar Contacts Notes" },
		{ 184, "Calendar Contacts Notes" },
	};
	static const char *const names[] = { "Email", "Calendar", "Contacts", "Tasks", "Notes" };

	(void)unused;
	for (unsigned i = 0; i < countof(cases); i++) {
		int64_t goal = cases[i].days ? now - cases[i].days * day : FEED_GOAL_ALL;

		if (eas_options_filter_goal((uint8_t)i, now) != goal)
			fail_msg("filter %u", i);
		for (size_t k = 0; k < countof(names); k++)
			assert_int_equal(item_class_filters(item_class_named(str_of(names[k])), (uint8_t)i),
					 strstr(cases[i].classes, names[k]) != NULL);
	}
	assert_true(eas_options_filter_goal(8, now) == ITEM_KEY_ALWAYS);
	assert_true(item_class_filters(item_class_named(S("Tasks")), 8));
	assert_false(item_class_filters(item_class_named(S("Calendar")), 8));
	assert_false(item_class_filters(item_class_named(S("Email")), 8));
	assert_true(eas_options_filter_goal(UINT8_MAX, now) == FEED_GOAL_ALL);
	assert_false(item_class_filters(item_class_named(S("Email")), UINT8_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read_from_their_defaults_on),
		cmocka_unit_test(what_is_out_of_shape_is_refused_and_leaves_the_former),
		cmocka_unit_test(kept_options_come_back_as_they_were),
		cmocka_unit_test(damaged_options_are_the_defaults),
		cmocka_unit_test(mime_truncation_has_its_sizes),
		cmocka_unit_test(a_filter_goes_back_from_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
