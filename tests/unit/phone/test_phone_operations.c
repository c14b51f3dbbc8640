/* What ItemOperations and Settings may answer a phone, and the parts behind a document. */
#include <tools/phone/fault.h>
#include <tools/phone/operations.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

struct bench {
	struct buf bytes, why;
	struct arena arena;
	struct doc doc;
	struct wbxml_writer w;
};

static void bench_init(struct bench *b, enum eas_version v)
{
	*b = (struct bench){ .bytes = BUF_INIT(65536),
			     .why = BUF_INIT(FAULT_MAX_TEXT),
			     .arena = ARENA_INIT(1024 * 1024) };
	b->doc = (struct doc){ .version = v, .arena = &b->arena, .why = &b->why };
	wbxml_writer_init(&b->w, &b->bytes);
}

static void bench_release(struct bench *b)
{
	buf_release(&b->bytes);
	buf_release(&b->why);
	arena_release(&b->arena);
}

static void parts_are_found_by_their_table(void **unused)
{
	static const char two[] = "\2\0\0\0\x14\0\0\0\3\0\0\0\x17\0\0\0\2\0\0\0abcde";
	static const struct {
		const char *what, *bytes;
		size_t bytes_n;
		uint32_t n;
		const char *part; /* NULL: refused */
	} cases[] = {
		{ "the document", two, 25, 0, "abc" },
		{ "a part", two, 25, 1, "de" },
		{ "a part that there is not", two, 25, 2, NULL },
		{ "a part cut short", two, 24, 1, NULL },
		{ "a table cut short", two, 19, 0, NULL },
		{ "nothing", "", 0, 0, NULL },
		{ "a count without a table", "\xff\xff\xff\xff", 4, 0, NULL },
		{ "an offset outside", "\1\0\0\0\xff\xff\xff\xff\1\0\0\0", 12, 0, NULL },
		{ "an end that is past what a number holds", "\1\0\0\0\4\0\0\0\xff\xff\xff\xff", 12, 0, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf why = BUF_INIT(FAULT_MAX_TEXT);
		struct str part = STR_EMPTY;
		enum err e = parts_get(&why, str_from(cases[i].bytes, cases[i].bytes_n), cases[i].n, &part);

		if (e ? cases[i].part != NULL : !cases[i].part || !str_eq(part, str_of(cases[i].part)))
			fail_msg("%s", cases[i].what);
		assert_int_equal(e != ERR_OK, why.n > 0);
	}
}

static void a_fetched_message_has_its_body_or_a_part(void **unused)
{
	CLEANUP(bench_release) struct bench b;
	struct fetch_reply r;

	(void)unused;
	bench_init(&b, EAS_16_1);
	wbxml_open(&b.w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	wbxml_put_u64(&b.w, TAG_ITEMOPERATIONS_STATUS, 1);
	wbxml_open(&b.w, TAG_ITEMOPERATIONS_RESPONSE);
	for (unsigned i = 0; i < 2; i++) {
		wbxml_open(&b.w, TAG_ITEMOPERATIONS_FETCH);
		wbxml_put_u64(&b.w, TAG_ITEMOPERATIONS_STATUS, 1);
		wbxml_put_text(&b.w, TAG_AIRSYNC_SERVERID, i ? S("1:8") : S("1:7"));
		wbxml_open(&b.w, TAG_ITEMOPERATIONS_PROPERTIES);
		wbxml_open(&b.w, TAG_AIRSYNCBASE_BODY);
		wbxml_put_u64(&b.w, TAG_AIRSYNCBASE_TYPE, 4);
		if (i)
			wbxml_put_u64(&b.w, TAG_ITEMOPERATIONS_PART, 1);
		else
			wbxml_put_text(&b.w, TAG_AIRSYNCBASE_DATA, S("octets"));
		wbxml_close(&b.w, TAG_AIRSYNCBASE_BODY);
		wbxml_close(&b.w, TAG_ITEMOPERATIONS_PROPERTIES);
		wbxml_close(&b.w, TAG_ITEMOPERATIONS_FETCH);
	}
	wbxml_close(&b.w, TAG_ITEMOPERATIONS_RESPONSE);
	wbxml_close(&b.w, TAG_ITEMOPERATIONS_ITEMOPERATIONS);
	assert_int_equal(fetch_parse(&b.doc, buf_view(&b.bytes), &r), ERR_OK);
	assert_true(str_eq(r.results->mail.body.data, S("octets")));
	assert_true(str_eq(r.results->next->id, S("1:8")));
	assert_int_equal(r.results->next->mail.body.part, 1);
	assert_null(r.results->next->next);
}

/* MS-ASCMD_R6503, MS-ASCMD_R6504: from Get up to 14.0, from an account later. */
static void the_users_address_is_read_from_either_place(void **unused)
{
	(void)unused;
	for (unsigned in_account = 0; in_account < 2; in_account++) {
		CLEANUP(bench_release) struct bench b;
		struct settings_reply r;

		bench_init(&b, in_account ? EAS_14_1 : EAS_14_0);
		wbxml_open(&b.w, TAG_SETTINGS_SETTINGS);
		wbxml_put_u64(&b.w, TAG_SETTINGS_STATUS, 1);
		wbxml_open(&b.w, TAG_SETTINGS_USERINFORMATION);
		wbxml_put_u64(&b.w, TAG_SETTINGS_STATUS, 1);
		wbxml_open(&b.w, TAG_SETTINGS_GET);
		if (in_account) {
			wbxml_open(&b.w, TAG_SETTINGS_ACCOUNTS);
			wbxml_open(&b.w, TAG_SETTINGS_ACCOUNT);
		}
		wbxml_open(&b.w, TAG_SETTINGS_EMAILADDRESSES);
		wbxml_put_text(&b.w, TAG_SETTINGS_SMTPADDRESS, S("ann@example.test"));
		wbxml_put_text(&b.w, TAG_SETTINGS_SMTPADDRESS, S("annie@example.test"));
		while (b.w.depth)
			wbxml_close(&b.w, b.w.stack[b.w.depth - 1]);
		assert_int_equal(settings_read(&b.doc, buf_view(&b.bytes), &r), ERR_OK);
		assert_int_equal(r.user_status, 1);
		assert_int_equal(r.device_status, 0);
		assert_true(str_eq(r.address, S("ann@example.test")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_found_by_their_table),
		cmocka_unit_test(a_fetched_message_has_its_body_or_a_part),
		cmocka_unit_test(the_users_address_is_read_from_either_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
