/* The writer: exact bytes, by hand from WAP-192 and MS-ASWBXML. */
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { DOC_MAX = 1 << 20 };

static void write_sync(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_AIRSYNC_SYNC);
	wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, S("1"));
	wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, S("Hi"));
	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, UINT64_MAX);
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
	wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
	wbxml_empty(w, TAG_AIRSYNC_MOREAVAILABLE);
	wbxml_close(w, TAG_AIRSYNC_SYNC);
}

static void write_values(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_EMAIL_FLAG);
	wbxml_put_i64(w, TAG_EMAIL_STATUS, INT64_MIN);
	wbxml_put_bool(w, TAG_EMAIL_READ, true);
	wbxml_put_bool(w, TAG_EMAIL_READ, false);
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, STR_EMPTY);
	wbxml_close(w, TAG_EMAIL_FLAG);
}

static void write_mended(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_AIRSYNC_SYNC);
	wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY,
		       S("a\x00"
			 "b\x0B\x80"
			 "c\r\n\t"));
	wbxml_close(w, TAG_AIRSYNC_SYNC);
}

static void write_pieces(struct wbxml_writer *w)
{
	wbxml_text_begin(w, TAG_AIRSYNC_SYNC);
	wbxml_text_piece(w, S("ab"));
	wbxml_text_piece(w, STR_EMPTY);
	wbxml_text_piece(w, S("cd"));
	wbxml_text_end(w, TAG_AIRSYNC_SYNC);
}

static void write_no_pieces(struct wbxml_writer *w)
{
	wbxml_text_begin(w, TAG_AIRSYNC_SYNC);
	wbxml_text_end(w, TAG_AIRSYNC_SYNC);
}

static void write_opaque(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_COMPOSEMAIL_SENDMAIL);
	wbxml_put_opaque(w, TAG_COMPOSEMAIL_MIME, S("a\x00\xFF"));
	wbxml_put_opaque(w, TAG_COMPOSEMAIL_MIME, STR_EMPTY);
	wbxml_close(w, TAG_COMPOSEMAIL_SENDMAIL);
}

static void write_kept_alive(struct wbxml_writer *w)
{
	wbxml_keep_alive(w);
	wbxml_open(w, TAG_SEARCH_SEARCH);
	wbxml_keep_alive(w);
	wbxml_put_text(w, TAG_SEARCH_STATUS, S("1"));
	wbxml_close(w, TAG_SEARCH_SEARCH);
}

static void elements_become_their_bytes(void **unused)
{
	static const struct {
		const char *what;
		void (*write)(struct wbxml_writer *w);
		struct str bytes;
	} cases[] = {
		{ "pages there and back", write_sync,
		  DOC("\x45\x4B\x03"
		      "1\x00\x01\x5D\x00\x02\x54\x03"
		      "Hi\x00\x01\x00\x11\x4A\x4C\x03"
		      "18446744073709551615\x00\x01\x01\x01\x00\x00\x14\x01") },
		{ "numbers, booleans and empty text", write_values,
		  DOC("\x00\x02\x7A\x7B\x03"
		      "-9223372036854775808\x00\x01\x55\x03"
		      "1\x00\x01\x55\x03"
		      "0\x00\x01\x14\x01") },
		{ "text is mended: no NUL, no VT, U+FFFD for what is not UTF-8", write_mended,
		  DOC("\x45\x4B\x03"
		      "ab\xEF\xBF\xBD"
		      "c\r\n\t\x00\x01\x01") },
		{ "text in pieces is one string", write_pieces,
		  DOC("\x45\x03"
		      "abcd\x00\x01") },
		{ "text of no piece", write_no_pieces, DOC("\x45\x03\x00\x01") },
		{ "opaques", write_opaque,
		  DOC("\x00\x15\x45\x50\xC3\x03"
		      "a\x00\xFF\x01\x50\xC3\x00\x01\x01") },
		{ "switches that keep the connection alive", write_kept_alive,
		  DOC("\x00\x00\x00\x0F\x45\x00\x0F\x4C\x03"
		      "1\x00\x01\x01") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(DOC_MAX);
		struct wbxml_writer w;

		wbxml_writer_init(&w, &out);
		cases[i].write(&w);
		assert_int_equal(wbxml_writer_end(&w), ERR_OK);
		if (!str_eq(buf_view(&out), cases[i].bytes)) {
			print_error("%s\n", cases[i].what);
			assert_memory_equal(out.p, cases[i].bytes.p,
					    out.n < cases[i].bytes.n ? out.n : cases[i].bytes.n);
			fail_msg("%s: %zu bytes, not %zu", cases[i].what, out.n, cases[i].bytes.n);
		}
		buf_release(&out);
	}
}

static void write_item(struct wbxml_writer *w)
{
	wbxml_open(w, TAG_AIRSYNC_ADD);
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, S("Hi"));
	wbxml_close(w, TAG_AIRSYNC_ADD);
}

static void write_subject(struct wbxml_writer *w)
{
	wbxml_put_text(w, TAG_EMAIL_SUBJECT, S("Hi"));
}

static void write_nothing(struct wbxml_writer *w)
{
	(void)w;
}

/* As wherever they are written: the page is switched once before a tag (WAP-192 5.3), and only where it changes. */
static void fragments_are_put_as_if_written_there(void **unused)
{
	static const struct {
		const char *what;
		void (*write)(struct wbxml_writer *w);
		enum wbxml_tag before;
		struct str bytes;
	} cases[] = {
		{ "page 0 after page 0", write_item, TAG_AIRSYNC_STATUS,
		  DOC("\x45\x0E\x47\x00\x02\x54\x03Hi\x00\x01\x01\x00\x00\x14\x01") },
		{ "page 0 after page 2", write_item, TAG_EMAIL_READ,
		  DOC("\x45\x00\x02\x15\x00\x00\x47\x00\x02\x54\x03Hi\x00\x01\x01\x00\x00\x14\x01") },
		{ "page 2 after page 0", write_subject, TAG_AIRSYNC_STATUS,
		  DOC("\x45\x0E\x00\x02\x54\x03Hi\x00\x01\x00\x00\x14\x01") },
		{ "page 2 after page 17", write_subject, TAG_AIRSYNCBASE_BODY,
		  DOC("\x45\x00\x11\x0A\x00\x02\x54\x03Hi\x00\x01\x00\x00\x14\x01") },
		{ "nothing after page 2", write_nothing, TAG_EMAIL_READ, DOC("\x45\x00\x02\x15\x00\x00\x14\x01") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(DOC_MAX), part = BUF_INIT(DOC_MAX);
		struct wbxml_writer w, fragment;

		wbxml_fragment_init(&fragment, &part);
		cases[i].write(&fragment);
		wbxml_writer_init(&w, &out);
		wbxml_open(&w, TAG_AIRSYNC_SYNC);
		wbxml_empty(&w, cases[i].before);
		wbxml_put_fragment(&w, &fragment);
		wbxml_empty(&w, TAG_AIRSYNC_MOREAVAILABLE);
		wbxml_close(&w, TAG_AIRSYNC_SYNC);
		assert_int_equal(wbxml_writer_end(&w), ERR_OK);
		if (!str_eq(buf_view(&out), cases[i].bytes))
			fail_msg("%s", cases[i].what);
		buf_release(&out);
		buf_release(&part);
	}
}

static void a_fragment_that_passed_its_ceiling_fails_the_document(void **unused)
{
	struct buf out = BUF_INIT(DOC_MAX), part = BUF_INIT(2);
	struct wbxml_writer w, fragment;

	(void)unused;
	wbxml_fragment_init(&fragment, &part);
	write_item(&fragment);
	wbxml_writer_init(&w, &out);
	wbxml_put_fragment(&w, &fragment);
	assert_int_equal(wbxml_writer_end(&w), ERR_LIMIT);
	buf_release(&out);
	buf_release(&part);
}

/* Whatever the ceiling: an item that is taken back, whole or cut by it, leaves the document as it was. */
static void rewinding_leaves_no_trace(void **unused)
{
	struct buf whole = BUF_INIT(DOC_MAX);
	struct wbxml_writer w;

	(void)unused;
	wbxml_writer_init(&w, &whole);
	write_item(&w);
	for (size_t max = whole.n; max < 2 * whole.n; max++) {
		struct buf out = BUF_INIT(max);
		struct wbxml_mark mark;

		wbxml_writer_init(&w, &out);
		write_item(&w);
		mark = wbxml_mark(&w);
		wbxml_open(&w, TAG_AIRSYNC_CHANGE);
		wbxml_text_begin(&w, TAG_AIRSYNCBASE_DATA);
		wbxml_text_piece(&w, S("x"));
		wbxml_rewind(&w, mark);
		assert_int_equal(wbxml_writer_end(&w), ERR_OK);
		assert_true(str_eq(buf_view(&out), buf_view(&whole)));
		buf_release(&out);
	}
	buf_release(&whole);
}

static void rewinding_keeps_the_error_of_what_stays(void **unused)
{
	struct buf out = BUF_INIT(8);
	struct wbxml_writer w;
	struct wbxml_mark mark;

	(void)unused;
	wbxml_writer_init(&w, &out);
	write_item(&w);
	mark = wbxml_mark(&w);
	write_item(&w);
	wbxml_rewind(&w, mark);
	assert_int_equal(wbxml_writer_end(&w), ERR_LIMIT);
	buf_release(&out);
}

/* mb_u_int32 (WAP-192 5.1), in its shortest form at each border. */
static void lengths_of_opaques_are_the_shortest_numbers(void **unused)
{
	static const struct {
		size_t n;
		struct str bytes;
	} cases[] = {
		{ 0, STR_INIT("\x00") },
		{ 0x7F, STR_INIT("\x7F") },
		{ 0x80, STR_INIT("\x81\x00") },
		{ 0xA0, STR_INIT("\x81\x20") }, /* the example of WAP-192 5.1 */
		{ 0x3FFF, STR_INIT("\xFF\x7F") },
		{ 0x4000, STR_INIT("\x81\x80\x00") },
		{ 0x1FFFFF, STR_INIT("\xFF\xFF\x7F") },
		{ 0x200000, STR_INIT("\x81\x80\x80\x00") },
		{ 0x0FFFFFFF, STR_INIT("\xFF\xFF\xFF\x7F") },
		{ 0x10000000, STR_INIT("\x81\x80\x80\x80\x00") },
		{ UINT32_MAX, STR_INIT("\x8F\xFF\xFF\xFF\x7F") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf out = BUF_INIT(DOC_MAX);
		struct wbxml_writer w;

		wbxml_writer_init(&w, &out);
		wbxml_open_opaque(&w, TAG_COMPOSEMAIL_MIME, cases[i].n);
		assert_true(str_eq(str_slice(buf_view(&out), 8, out.n), cases[i].bytes)); /* header, page, tag, C3 */
		wbxml_close(&w, TAG_COMPOSEMAIL_MIME);
		buf_release(&out);
	}
}

static void an_opaque_longer_than_wbxml_can_say_is_a_limit(void **unused)
{
	struct buf out = BUF_INIT(DOC_MAX);
	struct wbxml_writer w;

	(void)unused;
	wbxml_writer_init(&w, &out);
	wbxml_open_opaque(&w, TAG_COMPOSEMAIL_MIME, (size_t)UINT32_MAX + 1);
	wbxml_close(&w, TAG_COMPOSEMAIL_MIME);
	assert_int_equal(wbxml_writer_end(&w), ERR_LIMIT);
	buf_release(&out);
}

static void the_ceiling_of_the_buffer_is_told_at_the_end(void **unused)
{
	struct buf whole = BUF_INIT(DOC_MAX);
	struct wbxml_writer w;

	(void)unused;
	wbxml_writer_init(&w, &whole);
	write_sync(&w);
	for (size_t max = 0; max <= whole.n; max++) {
		struct buf out = BUF_INIT(max);

		wbxml_writer_init(&w, &out);
		write_sync(&w);
		assert_int_equal(wbxml_writer_end(&w), max < whole.n ? ERR_LIMIT : ERR_OK);
		buf_release(&out);
	}
	buf_release(&whole);
}

static void depth_reaches_the_readers_limit(void **unused)
{
	struct buf out = BUF_INIT(DOC_MAX), got = BUF_INIT(DOC_MAX);
	struct wbxml_writer w;
	struct wbxml_reader r;

	(void)unused;
	wbxml_writer_init(&w, &out);
	for (int i = 0; i < WBXML_MAX_DEPTH; i++)
		wbxml_open(&w, TAG_AIRSYNC_ADD);
	for (int i = 0; i < WBXML_MAX_DEPTH; i++)
		wbxml_close(&w, TAG_AIRSYNC_ADD);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	trace(buf_view(&out), &got, &r);
	assert_int_equal(r.why, WBXML_OK);
	buf_release(&out);
	buf_release(&got);
}

static void every_tag_is_written_as_it_is_read(void **unused)
{
	struct buf out = BUF_INIT(DOC_MAX), again = BUF_INIT(DOC_MAX);
	struct wbxml_writer w;

	(void)unused;
	wbxml_writer_init(&w, &out);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	for (unsigned id = 0; id < 0x10000; id++) {
		if (!wbxml_tag_known((uint8_t)(id >> 8), (uint8_t)id))
			continue;
		wbxml_empty(&w, (enum wbxml_tag)id);
		wbxml_put_text(&w, (enum wbxml_tag)id, S("t"));
		wbxml_put_opaque(&w, (enum wbxml_tag)id, S("o"));
	}
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	assert_true(rewrite(buf_view(&out), &again));
	assert_true(str_eq(buf_view(&out), buf_view(&again)));
	buf_release(&out);
	buf_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_become_their_bytes),
		cmocka_unit_test(fragments_are_put_as_if_written_there),
		cmocka_unit_test(a_fragment_that_passed_its_ceiling_fails_the_document),
		cmocka_unit_test(rewinding_leaves_no_trace),
		cmocka_unit_test(rewinding_keeps_the_error_of_what_stays),
		cmocka_unit_test(lengths_of_opaques_are_the_shortest_numbers),
		cmocka_unit_test(an_opaque_longer_than_wbxml_can_say_is_a_limit),
		cmocka_unit_test(the_ceiling_of_the_buffer_is_told_at_the_end),
		cmocka_unit_test(depth_reaches_the_readers_limit),
		cmocka_unit_test(every_tag_is_written_as_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
