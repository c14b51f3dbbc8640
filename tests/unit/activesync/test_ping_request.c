/* Ping requests, byte for byte as MS-ASWBXML writes them (code page 13), and what is kept of them. */
#include <gateway/activesync/ping_request.h>

#include <tests/support/hex.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/*
 * Tokens: 45 Ping, 48 HeartbeatInterval, 49 Folders, 4A Folder, 4B Id, 4C Class (0x40: with content), 03 … 00 an inline
 * string, 01 the end of an element, 00 0D the code page.
 */
#define HEAD "03 01 6A 00 00 0D "
#define FOLDER(id) "4A 4B 03 '" id "' 00 01 4C 03 'Email' 00 01 01 "

static struct arena arena = { .max = 1 << 20 };

static int reset(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

static enum err parse(struct str doc, struct eas_ping *ret)
{
	struct wbxml_reader r;
	struct wbxml_scope root;

	wbxml_reader_init(&r, doc);
	TRY(wbxml_root(&r, TAG_PING_PING));
	root = wbxml_enter(&r);
	return eas_ping_parse(&r, &root, ret);
}

static void a_request_is_read(void **unused)
{
	static const struct {
		const char *what, *bytes;
		bool has_heartbeat, has_folders;
		unsigned heartbeat;
		size_t n;
		int64_t first;
	} cases[] = {
		{ "both", HEAD "45 48 03 '480' 00 01 49 " FOLDER("5") FOLDER("7") "01 01", true, true, 480, 2, 5 },
		{ "the heartbeat alone (R5635)", HEAD "45 48 03 '60' 00 01 01", true, false, 60, 0, 0 },
		{ "the folders alone (R5635)", HEAD "45 49 " FOLDER("5") "01 01", false, true, 0, 1, 5 },
		{ "the other order", HEAD "45 49 " FOLDER("5") "01 48 03 '480' 00 01 01", true, true, 480, 1, 5 },
		{ "neither", HEAD "05", false, false, 0, 0, 0 },
		{ "an empty list is as none", HEAD "45 48 03 '480' 00 01 09 01", true, false, 480, 0, 0 },
		{ "a folder without a class", HEAD "45 49 4A 4B 03 '5' 00 01 01 01 01", false, true, 0, 1, 5 },
		{ "ids that are none of ours", HEAD "45 49 " FOLDER("ri") FOLDER("-1") FOLDER("0") FOLDER("") "01 01",
		  false, true, 0, 0, 0 },
		{ "the recipient cache", HEAD "45 49 " FOLDER("RI") "01 01", false, true, 0, 1, EAS_PING_RI },
		{ "a heartbeat above every range", HEAD "45 48 03 '99999999999999999999' 00 01 01", true, false,
		  UINT32_MAX, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_ping p;

		if (parse(hex(&arena, cases[i].bytes), &p) != ERR_OK)
			fail_msg("%s: refused", cases[i].what);
		if (p.has_heartbeat != cases[i].has_heartbeat || p.has_folders != cases[i].has_folders ||
		    p.heartbeat_s != cases[i].heartbeat || p.n != cases[i].n ||
		    (p.n > 0 && p.folders[0] != cases[i].first))
			fail_msg("%s: read otherwise", cases[i].what);
	}
}

static void another_shape_is_refused(void **unused)
{
	static const struct {
		const char *what, *bytes;
	} cases[] = {
		{ "a heartbeat that is no number", HEAD "45 48 03 'soon' 00 01 01" },
		{ "an empty heartbeat", HEAD "45 08 01" },
		{ "a negative heartbeat", HEAD "45 48 03 '-60' 00 01 01" },
		{ "two heartbeats", HEAD "45 48 03 '60' 00 01 48 03 '60' 00 01 01" },
		{ "two lists", HEAD "45 49 " FOLDER("5") "01 49 " FOLDER("5") "01 01" },
		{ "a folder without an id", HEAD "45 49 4A 4C 03 'Email' 00 01 01 01 01" },
		{ "two ids", HEAD "45 49 4A 4B 03 '5' 00 01 4B 03 '5' 00 01 01 01 01" },
		{ "a folder outside the list", HEAD "45 " FOLDER("5") "01" },
		{ "an id in the list", HEAD "45 49 4B 03 '5' 00 01 01 01" },
		{ "an element of answers", HEAD "45 47 03 '1' 00 01 01" },
		{ "text between elements", HEAD "45 03 'x' 00 01" },
		{ "bytes behind the document", HEAD "45 48 03 '60' 00 01 01 01" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_ping p;

		if (parse(hex(&arena, cases[i].bytes), &p) != ERR_INVALID)
			fail_msg("%s", cases[i].what);
	}
}

static void a_cut_document_is_refused_at_every_byte(void **unused)
{
	const struct str whole = hex(&arena, HEAD "45 48 03 '480' 00 01 49 " FOLDER("5") FOLDER("7") "01 01");
	struct eas_ping p;

	(void)unused;
	assert_int_equal(parse(whole, &p), ERR_OK);
	for (size_t n = 0; n < whole.n; n++)
		assert_int_equal(parse(str_slice(whole, 0, n), &p), ERR_INVALID);
}

static enum err parse_folders(unsigned n, struct eas_ping *ret)
{
	struct buf doc = BUF_INIT(1 << 16);
	struct wbxml_writer w;
	enum err e;

	wbxml_writer_init(&w, &doc);
	wbxml_open(&w, TAG_PING_PING);
	wbxml_open(&w, TAG_PING_FOLDERS);
	for (unsigned i = 1; i <= n; i++) {
		wbxml_open(&w, TAG_PING_FOLDER);
		wbxml_put_u64(&w, TAG_PING_ID, i);
		wbxml_close(&w, TAG_PING_FOLDER);
	}
	wbxml_close(&w, TAG_PING_FOLDERS);
	wbxml_close(&w, TAG_PING_PING);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	e = parse(buf_view(&doc), ret);
	buf_release(&doc);
	return e;
}

/* MS-ASCMD_R4254. */
static void the_number_of_folders_is_bounded(void **unused)
{
	struct eas_ping p;

	(void)unused;
	assert_int_equal(parse_folders(EAS_MAX_PING_FOLDERS, &p), ERR_OK);
	assert_int_equal(p.n, EAS_MAX_PING_FOLDERS);
	assert_int_equal(parse_folders(EAS_MAX_PING_FOLDERS + 1, &p), ERR_LIMIT);
}

/* MS-ASCMD_R5831, R5832. */
static void what_is_left_out_is_as_it_was(void **unused)
{
	const struct eas_ping former = { true, true, 480, 2, { 5, 7 } };
	struct eas_ping nothing = { 0 }, heartbeat = { true, false, 900, 0, { 0 } },
			folders = { false, true, 0, 1, { 9 } };
	struct eas_ping first = { true, false, 900, 0, { 0 } };
	const struct eas_ping none = { 0 };

	(void)unused;
	eas_ping_complete(&nothing, &former);
	assert_true(eas_ping_equal(&nothing, &former));
	eas_ping_complete(&heartbeat, &former);
	assert_true(eas_ping_is_complete(&heartbeat));
	assert_int_equal(heartbeat.heartbeat_s, 900);
	assert_int_equal(heartbeat.n, 2);
	eas_ping_complete(&folders, &former);
	assert_int_equal(folders.heartbeat_s, 480);
	assert_int_equal(folders.folders[0], 9);
	eas_ping_complete(&first, &none);
	assert_false(eas_ping_is_complete(&first));
}

static void what_is_kept_is_read_back(void **unused)
{
	struct buf text = BUF_INIT(8192);
	struct eas_ping p = { true, true, 3540, 0, { 0 } }, back;

	(void)unused;
	for (size_t n = 0; n <= EAS_MAX_PING_FOLDERS; n += EAS_MAX_PING_FOLDERS / 2) {
		for (p.n = 0; p.n < n; p.n++)
			p.folders[p.n] = INT64_MAX - (int64_t)p.n;
		buf_clear(&text);
		eas_ping_remember(&text, &p);
		assert_int_equal(buf_status(&text), ERR_OK);
		assert_int_equal(eas_ping_recall(buf_view(&text), &back), ERR_OK);
		assert_true(eas_ping_equal(&p, &back));
	}
	buf_cstr(&text, " 1");
	assert_int_equal(eas_ping_recall(buf_view(&text), &back), ERR_INVALID);
	assert_int_equal(eas_ping_recall(S("480 x"), &back), ERR_INVALID);
	assert_int_equal(eas_ping_recall(S(""), &back), ERR_INVALID);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_request_is_read, reset),
		cmocka_unit_test_teardown(another_shape_is_refused, reset),
		cmocka_unit_test_teardown(a_cut_document_is_refused_at_every_byte, reset),
		cmocka_unit_test(the_number_of_folders_is_bounded),
		cmocka_unit_test(what_is_left_out_is_as_it_was),
		cmocka_unit_test(what_is_kept_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
