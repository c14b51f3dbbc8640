/*
 * The reader against documents written by hand from WAP-192 (the grammar of 5.3, the tokens of 5.8) and MS-ASWBXML (the
 * code pages). In code page 0, 45 is Sync with content, 5C Collections, 4F Collection, 4B SyncKey, 13 GetChanges empty.
 */
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { TRACE_MAX = 64 << 20 };

struct document {
	const char *what;
	struct str doc;
	const char *trace;
};

static void check(const struct document *d)
{
	struct buf got = BUF_INIT(TRACE_MAX);
	struct wbxml_reader r;

	trace(d->doc, &got, &r);
	if (!str_eq(buf_view(&got), str_of(d->trace)))
		fail_msg("%s: read as " STR_FMT ", not as %s", d->what, STR_ARG(buf_view(&got)), d->trace);
	buf_release(&got);
}

static const struct document good[] = {
	/* MS-ASWBXML_R655, R801, R802, R804, R819: tag tokens, code pages, inline strings, opaque data. */
	{ "an empty root", DOC("\x05"), "<Sync/>ok" },
	{ "a root with content but without any", DOC("\x45\x01"), "<Sync></Sync>ok" },
	{ "a string",
	  DOC("\x45\x4B\x03"
	      "0\x00\x01\x01"),
	  "<Sync><SyncKey>'0'</SyncKey></Sync>ok" },
	{ "an empty string", DOC("\x45\x4B\x03\x00\x01\x01"), "<Sync><SyncKey>''</SyncKey></Sync>ok" },
	{ "an initial Sync of one folder",
	  DOC("\x45\x5C\x4F\x4B\x03"
	      "0\x00\x01\x52\x03"
	      "inbox\x00\x01\x13\x01\x01\x01"),
	  "<Sync><Collections><Collection><SyncKey>'0'</SyncKey><CollectionId>'inbox'</CollectionId><GetChanges/>"
	  "</Collection></Collections></Sync>ok" },
	{ "FolderSync: the page is switched before the root",
	  DOC("\x00\x07\x56\x52\x03"
	      "0\x00\x01\x01"),
	  "<FolderSync><SyncKey>'0'</SyncKey></FolderSync>ok" },
	{ "there and back again: ApplicationData with an email:Subject and an airsyncbase:Body, then MoreAvailable",
	  DOC("\x45\x5D\x00\x02\x54\x03"
	      "Hi\x00\x01\x00\x11\x4A\x4B\x03"
	      "x\x00\x01\x01\x01\x00\x00\x14\x01"),
	  "<Sync><ApplicationData><Subject>'Hi'</Subject><Body><Data>'x'</Data></Body></ApplicationData>"
	  "<MoreAvailable/></Sync>ok" },
	{ "switches to the current page, as a server sends them to keep a connection alive",
	  DOC("\x00\x00\x00\x00\x45\x00\x00\x00\x00\x4B\x00\x00\x03"
	      "1\x00\x00\x00\x01\x00\x00\x01"),
	  "<Sync><SyncKey>'1'</SyncKey></Sync>ok" },
	{ "an unused switch", DOC("\x00\x02\x00\x00\x45\x00\x02\x01"), "<Sync></Sync>ok" },
	{ "an opaque of a byte array, NUL and FF in it",
	  DOC("\x00\x15\x45\x50\xC3\x04"
	      "a\x00\xFF\x01\x01\x01"),
	  "<SendMail><Mime>#6100ff01#</Mime></SendMail>ok" },
	{ "an opaque of no bytes", DOC("\x00\x15\x45\x50\xC3\x00\x01\x01"), "<SendMail><Mime>##</Mime></SendMail>ok" },
	{ "an opaque whose length is two bytes, the first of them padding",
	  DOC("\x00\x15\x45\x50\xC3\x80\x01"
	      "a\x01\x01"),
	  "<SendMail><Mime>#61#</Mime></SendMail>ok" },
	{ "an opaque in a text element is text",
	  DOC("\x45\x4B\xC3\x02"
	      "12\x01\x01"),
	  "<Sync><SyncKey>#3132#</SyncKey></Sync>ok" },
	{ "a string in a byte array",
	  DOC("\x00\x15\x45\x50\x03"
	      "a\x00\x01\x01"),
	  "<SendMail><Mime>'a'</Mime></SendMail>ok" },
	{ "text of two, three and four bytes a character, to the last of Unicode",
	  DOC("\x45\x4B\x03\xC3\xA9\xE2\x82\xAC\xF4\x8F\xBF\xBF\x00\x01\x01"),
	  "<Sync><SyncKey>'\xC3\xA9\xE2\x82\xAC\xF4\x8F\xBF\xBF'</SyncKey></Sync>ok" },
	{ "text in pieces and between elements comes as it stands",
	  DOC("\x45\x03"
	      "a\x00\x03"
	      "b\x00\x13\x03"
	      "c\x00\x01"),
	  "<Sync>'a''b'<GetChanges/>'c'</Sync>ok" },
	{ "version 1.1", STR_INIT("\x01\x01\x6A\x00\x05"), "<Sync/>ok" },
	{ "version 1.2", STR_INIT("\x02\x01\x6A\x00\x05"), "<Sync/>ok" },
	{ "charset unknown", STR_INIT("\x03\x01\x00\x00\x05"), "<Sync/>ok" },
	{ "any public identifier", STR_INIT("\x03\x8F\xFF\xFF\xFF\x7F\x6A\x00\x05"), "<Sync/>ok" },
};

static const struct document bad[] = {
	/* The header (WAP-192 5.4 to 5.7). */
	{ "nothing at all", STR_INIT(""), "truncated@0" },
	{ "version 1.0, which has no charset", STR_INIT("\x00\x01\x6A\x00\x05"), "malformed@0" },
	{ "version 1.4", STR_INIT("\x04\x01\x6A\x00\x05"), "malformed@0" },
	{ "XML", STR_INIT("<?xml version=\"1.0\"?>"), "malformed@0" },
	{ "a public identifier in the string table", STR_INIT("\x03\x00\x00\x6A\x00\x05"), "unsupported@1" },
	{ "ISO 8859-1", STR_INIT("\x03\x01\x04\x00\x05"), "unsupported@2" },
	{ "UTF-16", STR_INIT("\x03\x01\x87\x77\x00\x05"), "unsupported@2" },
	{ "a string table",
	  STR_INIT("\x03\x01\x6A\x02"
		   "a\x00\x05"),
	  "unsupported@3" }, /* R656 */
	{ "a string table of 4 GB", STR_INIT("\x03\x01\x6A\x8F\xFF\xFF\xFF\x7F\x05"), "unsupported@3" },
	{ "a number of six bytes", STR_INIT("\x03\x81\x80\x80\x80\x80\x00\x6A\x00\x05"), "malformed@1" },
	{ "a number above 32 bits", STR_INIT("\x03\x90\x80\x80\x80\x00\x6A\x00\x05"), "malformed@1" },
	{ "a number that does not end", STR_INIT("\x03\x81\x80"), "truncated@3" },
	/* Structure. */
	{ "no root", DOC(""), "truncated@4" },
	{ "no root after a switch", DOC("\x00\x07"), "truncated@6" },
	{ "END as the root", DOC("\x01"), "malformed@4" },
	{ "text as the root",
	  DOC("\x03"
	      "a\x00"),
	  "malformed@4" },
	{ "an opaque as the root",
	  DOC("\xC3\x01"
	      "a"),
	  "malformed@4" },
	{ "a byte after an empty root", DOC("\x05\x01"), "<Sync/>malformed@5" },
	{ "a second root", DOC("\x45\x01\x05"), "<Sync></Sync>malformed@6" },
	{ "an END too many", DOC("\x45\x01\x01"), "<Sync></Sync>malformed@6" },
	{ "text after the root",
	  DOC("\x45\x01\x03"
	      "a\x00"),
	  "<Sync></Sync>malformed@6" },
	{ "a switch after the root", DOC("\x45\x01\x00\x00"), "<Sync></Sync>malformed@6" },
	{ "an END missing", DOC("\x45\x4B\x01"), "<Sync><SyncKey></SyncKey>truncated@7" },
	/* Lengths. */
	{ "a string without its NUL",
	  DOC("\x45\x4B\x03"
	      "abc"),
	  "<Sync><SyncKey>truncated@10" },
	{ "an opaque one byte short",
	  DOC("\x45\x4B\xC3\x03"
	      "ab"),
	  "<Sync><SyncKey>truncated@10" },
	{ "an opaque of 4 GB",
	  DOC("\x45\x4B\xC3\x8F\xFF\xFF\xFF\x7F"
	      "a"),
	  "<Sync><SyncKey>truncated@13" },
	{ "an opaque above 32 bits",
	  DOC("\x45\x4B\xC3\xFF\xFF\xFF\xFF\x7F"
	      "a"),
	  "<Sync><SyncKey>malformed@7" },
	/* Names. */
	{ "a token that the page does not have", DOC("\x45\x3F\x01"), "<Sync>unknown@5" },
	{ "a token that only another page has", DOC("\x00\x05\x3C"), "unknown@6" },
	{ "page 3, which is not in use", DOC("\x00\x03\x05"), "unknown@5" }, /* R178 */
	{ "a page past the last", DOC("\x00\x1A\x05"), "unknown@5" },
	{ "page 255 with content", DOC("\x45\x00\xFF\x7F"), "<Sync>unknown@6" },
	/*
	 * MS-ASWBXML_R803, R805, R806, R807, R808, R809, R810, R811, R812, R813, R814, R815, R816, R817, R818, R820 by their numbers,
	 * MS-ASWBXML_R656: no string tables, entities, processing instructions or attributes; R655: nor what it does not name.
	 */
	{ "attributes", DOC("\x85\x01"), "unsupported@4" },
	{ "attributes and content", DOC("\xC5\x01\x01"), "unsupported@4" },
	{ "ENTITY", DOC("\x45\x02\x26\x01"), "<Sync>unsupported@5" },
	{ "ENTITY that aborts another reader", DOC("\x45\x02\x8F\xFF\xFF\xFF\x7F\x01"), "<Sync>unsupported@5" },
	{ "LITERAL", DOC("\x04\x00"), "unsupported@4" },
	{ "LITERAL_C", DOC("\x44\x00\x01"), "unsupported@4" },
	{ "LITERAL_A", DOC("\x84\x00\x01"), "unsupported@4" },
	{ "LITERAL_AC", DOC("\xC4\x00\x01\x01"), "unsupported@4" },
	{ "PI before the root", DOC("\x43\x05\x01\x05"), "unsupported@4" },
	{ "STR_T", DOC("\x45\x83\x00\x01"), "<Sync>unsupported@5" },
	{ "EXT_I_0",
	  DOC("\x45\x40"
	      "a\x00\x01"),
	  "<Sync>unsupported@5" },
	{ "EXT_I_1",
	  DOC("\x45\x41"
	      "a\x00\x01"),
	  "<Sync>unsupported@5" },
	{ "EXT_I_2",
	  DOC("\x45\x42"
	      "a\x00\x01"),
	  "<Sync>unsupported@5" },
	{ "EXT_T_0", DOC("\x45\x80\x00\x01"), "<Sync>unsupported@5" },
	{ "EXT_T_1", DOC("\x45\x81\x00\x01"), "<Sync>unsupported@5" },
	{ "EXT_T_2", DOC("\x45\x82\x00\x01"), "<Sync>unsupported@5" },
	{ "EXT_0", DOC("\x45\xC0\x01"), "<Sync>unsupported@5" },
	{ "EXT_1", DOC("\x45\xC1\x01"), "<Sync>unsupported@5" },
	{ "EXT_2", DOC("\x45\xC2\x01"), "<Sync>unsupported@5" },
	/* RFC 3629. */
	{ "a lone continuation byte",
	  DOC("\x45\x4B\x03"
	      "a\x80\x00\x01\x01"),
	  "<Sync><SyncKey>utf8@8" },
	{ "an overlong slash", DOC("\x45\x4B\x03\xC0\xAF\x00\x01\x01"), "<Sync><SyncKey>utf8@7" },
	{ "a surrogate", DOC("\x45\x4B\x03\xED\xA0\x80\x00\x01\x01"), "<Sync><SyncKey>utf8@7" },
	{ "a character cut by the end of the string",
	  DOC("\x45\x4B\x03"
	      "ab\xE2\x82\x00\x01\x01"),
	  "<Sync><SyncKey>utf8@9" },
	{ "ISO 8859-1 in an opaque of a text element",
	  DOC("\x45\x4B\xC3\x02"
	      "a\xE9\x01\x01"),
	  "<Sync><SyncKey>utf8@9" },
	{ "NUL in an opaque of a text element",
	  DOC("\x45\x4B\xC3\x03"
	      "a\x00"
	      "b\x01\x01"),
	  "<Sync><SyncKey>utf8@9" },
	{ "ISO 8859-1 in a string of a byte array", DOC("\x00\x15\x45\x50\x03\xE9\x00\x01\x01"),
	  "<SendMail><Mime>utf8@9" },
};

static void good_documents_are_read(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(good); i++)
		check(&good[i]);
}

static void bad_documents_are_refused_with_reason_and_place(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(bad); i++)
		check(&bad[i]);
}

static void every_proper_prefix_of_a_good_document_is_truncated_at_its_end(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(good); i++) {
		for (size_t n = 0; n < good[i].doc.n; n++) {
			struct buf got = BUF_INIT(TRACE_MAX);
			struct wbxml_reader r;

			trace(str_slice(good[i].doc, 0, n), &got, &r);
			if (r.why != WBXML_TRUNCATED || r.at != n)
				fail_msg("%s, first %zu bytes: " STR_FMT, good[i].what, n, STR_ARG(buf_view(&got)));
			buf_release(&got);
		}
	}
}

static void a_refused_document_stays_refused(void **unused)
{
	struct str doc = DOC("\x45\x02\x01");
	struct wbxml_reader r;

	(void)unused;
	wbxml_reader_init(&r, doc);
	assert_int_equal(wbxml_next(&r), WBXML_START);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(wbxml_next(&r), WBXML_BAD);
		assert_int_equal(r.why, WBXML_UNSUPPORTED);
		assert_int_equal(r.at, 5);
	}
}

static void done_stays_done(void **unused)
{
	struct str doc = DOC("\x05");
	struct wbxml_reader r;

	(void)unused;
	wbxml_reader_init(&r, doc);
	assert_int_equal(wbxml_next(&r), WBXML_START);
	assert_int_equal(wbxml_next(&r), WBXML_DONE);
	assert_int_equal(wbxml_next(&r), WBXML_DONE);
}

static void text_is_a_view_into_the_document(void **unused)
{
	struct str doc = DOC("\x45\x4B\x03"
			     "abc\x00\x01\x01");
	struct wbxml_reader r;

	(void)unused;
	wbxml_reader_init(&r, doc);
	while (wbxml_next(&r) != WBXML_TEXT)
		;
	assert_ptr_equal(r.text.p, doc.p + 7);
	assert_int_equal(r.text.n, 3);
	assert_int_equal(r.tag, TAG_AIRSYNC_SYNCKEY);
	assert_int_equal(r.depth, 2);
}

/* n nested Adds (47), the innermost with or without content, closed again. */
static void put_nested(struct buf *b, unsigned n, bool innermost_empty)
{
	buf_put(b, HEADER, 4);
	for (unsigned i = 1; i < n; i++)
		buf_char(b, 0x47);
	buf_char(b, innermost_empty ? 0x07 : 0x47);
	for (unsigned i = innermost_empty; i < n; i++)
		buf_char(b, 0x01);
}

static void nesting_ends_at_its_limit(void **unused)
{
	static const struct {
		unsigned n;
		bool innermost_empty;
		enum wbxml_why why;
		size_t at;
	} cases[] = {
		{ WBXML_MAX_DEPTH, false, WBXML_OK, 4 + 2 * WBXML_MAX_DEPTH },
		{ WBXML_MAX_DEPTH, true, WBXML_OK, 4 + 2 * WBXML_MAX_DEPTH - 1 },
		{ WBXML_MAX_DEPTH + 1, false, WBXML_TOO_DEEP, 4 + WBXML_MAX_DEPTH },
		{ WBXML_MAX_DEPTH + 1, true, WBXML_TOO_DEEP, 4 + WBXML_MAX_DEPTH },
		{ 1000000, false, WBXML_TOO_DEEP, 4 + WBXML_MAX_DEPTH },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf doc = BUF_INIT(TRACE_MAX), got = BUF_INIT(TRACE_MAX);
		struct wbxml_reader r;

		put_nested(&doc, cases[i].n, cases[i].innermost_empty);
		trace(buf_view(&doc), &got, &r);
		assert_int_equal(r.why, cases[i].why);
		assert_int_equal(r.at, cases[i].at);
		buf_release(&doc);
		buf_release(&got);
	}
}

static void the_number_of_elements_ends_at_its_limit(void **unused)
{
	(void)unused;
	for (unsigned past = 0; past <= 1; past++) {
		struct buf doc = BUF_INIT(TRACE_MAX), got = BUF_INIT(TRACE_MAX);
		struct wbxml_reader r;

		buf_put(&doc, HEADER "\x45", 5);
		for (unsigned i = 1; i < WBXML_MAX_ELEMENTS + past; i++)
			buf_char(&doc, 0x13);
		buf_char(&doc, 0x01);
		trace(buf_view(&doc), &got, &r);
		assert_int_equal(r.why, past ? WBXML_TOO_MANY_ELEMENTS : WBXML_OK);
		assert_int_equal(r.at, past ? doc.n - 2 : doc.n);
		buf_release(&doc);
		buf_release(&got);
	}
}

static void every_reason_has_its_text(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < WBXML_WHY_MAX_; i++)
		assert_non_null(wbxml_why_text((enum wbxml_why)i));
	assert_non_null(wbxml_why_text(WBXML_WHY_MAX_));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_documents_are_read),
		cmocka_unit_test(bad_documents_are_refused_with_reason_and_place),
		cmocka_unit_test(every_proper_prefix_of_a_good_document_is_truncated_at_its_end),
		cmocka_unit_test(a_refused_document_stays_refused),
		cmocka_unit_test(done_stays_done),
		cmocka_unit_test(text_is_a_view_into_the_document),
		cmocka_unit_test(nesting_ends_at_its_limit),
		cmocka_unit_test(the_number_of_elements_ends_at_its_limit),
		cmocka_unit_test(every_reason_has_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
