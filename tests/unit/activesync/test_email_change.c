/* What a phone may change of a mail: limits, each at it and one past it, and what is refused (MS-ASEMAIL 2.2.2). */
#include <gateway/activesync/email_change.h>
#include <tests/support/hex.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* ApplicationData of one request: `inside` is on page 2 (Email). */
static enum err parse(struct buf *inside, enum eas_version version, struct email_change *ret)
{
	struct buf doc = BUF_INIT(1 << 20);
	struct wbxml_reader r;
	enum err e;

	buf_put(&doc, "\x03\x01\x6a\x00\x5d\x00\x02", 7);
	buf_str(&doc, buf_view(inside));
	buf_char(&doc, '\x01');
	wbxml_reader_init(&r, buf_view(&doc));
	assert_int_equal(wbxml_root(&r, TAG_AIRSYNC_APPLICATIONDATA), ERR_OK);
	e = email_change_parse(&r, version, ret);
	buf_release(&doc);
	buf_release(inside);
	return e;
}

/* An element of page 2 with n letters. */
static void put_text(struct buf *b, char tag, size_t n)
{
	buf_char(b, tag);
	buf_char(b, '\x03');
	for (size_t i = 0; i < n; i++)
		buf_char(b, 'x');
	buf_put(b, "\x00\x01", 2);
}

static struct buf categories(unsigned n, size_t letters)
{
	struct buf b = BUF_INIT(1 << 20);

	buf_char(&b, '\x5b');
	for (unsigned i = 0; i < n; i++)
		put_text(&b, '\x5c', letters);
	buf_char(&b, '\x01');
	return b;
}

/* MS-ASEMAIL 2.2.2.16: 300 of them, of 255 characters each. */
static void categories_have_their_limits(void **unused)
{
	static const struct {
		unsigned n;
		size_t letters;
		enum err err;
	} cases[] = {
		{ 0, 0, ERR_OK },
		{ EMAIL_MAX_CATEGORIES, 5, ERR_OK },
		{ EMAIL_MAX_CATEGORIES + 1, 5, ERR_LIMIT },
		{ 1, EMAIL_MAX_CATEGORY_BYTES, ERR_OK },
		{ 1, EMAIL_MAX_CATEGORY_BYTES + 1, ERR_LIMIT },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf inside = categories(cases[i].n, cases[i].letters);
		struct email_change c;

		assert_int_equal(parse(&inside, EAS_16_1, &c), cases[i].err);
		if (!cases[i].err)
			assert_int_equal(c.categories.n, cases[i].n * (cases[i].letters + 1));
		email_change_release(&c);
	}
}

/* Categories are of 14.0 and later (MS-ASEMAIL_R1159, R1160, R1161, R1162, R11630), what only the server sets of no version. */
static void what_is_not_the_phones_is_refused(void **unused)
{
	static const struct {
		const char *what;
		char tag;
		enum eas_version version;
		enum err err;
	} cases[] = {
		{ "Read", '\x55', EAS_12_1, ERR_INVALID }, /* "xxx" is no boolean: R643 */
		{ "Subject", '\x54', EAS_16_1, ERR_INVALID },
		{ "From", '\x58', EAS_16_1, ERR_INVALID },
	};
	struct email_change c;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf inside = BUF_INIT(64);

		put_text(&inside, cases[i].tag, 3);
		if (parse(&inside, cases[i].version, &c) != cases[i].err)
			fail_msg("%s", cases[i].what);
		email_change_release(&c);
	}
	for (enum eas_version v = EAS_12_1; v <= EAS_16_1; v++) {
		struct buf inside = categories(1, 3);

		assert_int_equal(parse(&inside, v, &c), v >= EAS_14_0 ? ERR_OK : ERR_INVALID);
		email_change_release(&c);
	}
}

/* MS-ASCMD_R875: what is said beside one of the three is passed over, whatever it says; but for what is never the phone's. */
static void what_is_said_beside_a_mark_is_passed_over(void **unused)
{
	static const struct {
		const char *what;
		struct str beside; /* page 2; behind Read 1 */
		enum err err;
	} cases[] = {
		{ "Subject, From", STR_INIT("\x54\x03x\0\x01\x58\x03y\0\x01"), ERR_OK },
		{ "a Body",
		  STR_INIT("\0\x11\x4a\x46\x03"
			   "1\0\x01\x01\0\x02"),
		  ERR_OK },
		{ "ConversationIndex", STR_INIT("\0\x16\x4a\x03x\0\x01\0\x02"), ERR_OK },
		{ "ConversationId (MS-ASEMAIL_R347)", STR_INIT("\0\x16\x49\x03x\0\x01\0\x02"), ERR_INVALID },
		{ "a DtStamp of events", STR_INIT("\0\x04\x51\x03x\0\x01\0\x02"), ERR_INVALID },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf inside = BUF_INIT(256);
		struct email_change c;

		buf_put(&inside, "\x55\x03\x31\x00\x01", 5);
		buf_str(&inside, cases[i].beside);
		if (parse(&inside, EAS_16_1, &c) != cases[i].err)
			fail_msg("%s", cases[i].what);
		assert_true(c.has_read && c.read && !c.has_flag && !c.has_categories);
		email_change_release(&c);
	}
}

/* A field of a flag: 1024 octets, and one more. */
static void a_flags_field_has_its_limit(void **unused)
{
	(void)unused;
	for (size_t past = 0; past <= 1; past++) {
		struct buf inside = BUF_INIT(4096);
		struct email_change c;

		buf_put(&inside, "\x7a\x7b\x03\x32\x00\x01", 6); /* Flag, Status 2 */
		put_text(&inside, '\x7d', 1024 + past);          /* FlagType */
		buf_char(&inside, '\x01');
		assert_int_equal(parse(&inside, EAS_16_1, &c), past ? ERR_INVALID : ERR_OK);
		assert_int_equal(c.flagged, !past);
		email_change_release(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(categories_have_their_limits),
		cmocka_unit_test(what_is_not_the_phones_is_refused),
		cmocka_unit_test(what_is_said_beside_a_mark_is_passed_over),
		cmocka_unit_test(a_flags_field_has_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
