/* The words of recursive-descent parsers, on a document as a phone sends it. */
#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Sync of n collections, as a parser of the gateway would read it. */
struct request {
	struct str keys[4];
	size_t keys_n;
	uint64_t window;
	bool changes;
};

static enum err parse_collection(struct wbxml_reader *r, struct request *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		switch (r->tag) {
		case TAG_AIRSYNC_SYNCKEY:
			e = wbxml_text(r, &ret->keys[ret->keys_n++]);
			break;
		case TAG_AIRSYNC_WINDOWSIZE:
			e = wbxml_u64(r, 1, 512, &ret->window);
			break;
		case TAG_AIRSYNC_GETCHANGES:
			e = wbxml_bool(r, &ret->changes);
			break;
		default:
			e = wbxml_skip(r);
		}
	}
	return e;
}

static enum err parse_collections(struct wbxml_reader *r, struct request *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e))
		e = r->tag == TAG_AIRSYNC_COLLECTION ? parse_collection(r, ret) : wbxml_skip(r);
	return e;
}

static enum err parse(struct wbxml_reader *r, struct str doc, struct request *ret)
{
	struct wbxml_scope in;
	enum err e = ERR_OK;

	*ret = (struct request){ 0 };
	wbxml_reader_init(r, doc);
	TRY(wbxml_root(r, TAG_AIRSYNC_SYNC));
	in = wbxml_enter(r);
	while (wbxml_child(r, &in, &e))
		e = r->tag == TAG_AIRSYNC_COLLECTIONS ? parse_collections(r, ret) : wbxml_skip(r);
	TRY(e);
	return wbxml_done(r);
}

static void a_request_is_parsed(void **unused)
{
	/* Two collections; Options (57), a nested Body preference on page 17, is skipped; Supported (20) is empty. */
	struct str doc = STR_INIT(HEADER "\x45\x5C\x4F\x4B\x03"
					 "1\x00\x01\x13\x55\x03"
					 "25\x00\x01\x20\x57\x58\x03"
					 "2\x00\x01\x00\x11\x45\x46\x03"
					 "1\x00\x01\x01\x01\x01\x00\x00\x4F\x4B"
					 "\xC3\x01"
					 "2\x01\x01\x01\x01");
	struct wbxml_reader r;
	struct request got;

	(void)unused;
	assert_int_equal(parse(&r, doc, &got), ERR_OK);
	assert_int_equal(got.keys_n, 2);
	assert_true(str_eq(got.keys[0], S("1")));
	assert_true(str_eq(got.keys[1], S("2")));
	assert_int_equal(got.window, 25);
	assert_true(got.changes);
	for (size_t n = 0; n < doc.n; n++) {
		assert_int_equal(parse(&r, str_slice(doc, 0, n), &got), ERR_INVALID);
		assert_int_equal(r.why, WBXML_TRUNCATED);
	}
}

#define COLLECTION(body) DOC("\x45\x5C\x4F" body "\x01\x01\x01")

static void wrong_content_is_refused_and_told_from_a_bad_document(void **unused)
{
	static const struct {
		const char *what;
		struct str doc;
		enum err err;
		enum wbxml_why why;
	} cases[] = {
		{ "an empty collection", DOC("\x45\x5C\x0F\x01\x01"), ERR_OK, WBXML_OK },
		{ "an empty root", DOC("\x05"), ERR_OK, WBXML_OK },
		{ "another root", DOC("\x4F\x01"), ERR_INVALID, WBXML_OK },
		{ "bytes after the root", DOC("\x45\x01\x01"), ERR_INVALID, WBXML_MALFORMED },
		{ "text between children",
		  COLLECTION("\x03"
			     "x\x00"),
		  ERR_INVALID, WBXML_OK },
		{ "an element in a text", COLLECTION("\x4B\x13\x01"), ERR_INVALID, WBXML_OK },
		{ "text in two pieces",
		  COLLECTION("\x4B\x03"
			     "a\x00\x03"
			     "b\x00\x01"),
		  ERR_INVALID, WBXML_OK },
		{ "text with empty pieces around it",
		  COLLECTION("\x4B\x03\x00\x03"
			     "a\x00\xC3\x00\x01"),
		  ERR_OK, WBXML_OK },
		{ "an entity in a skipped element", COLLECTION("\x57\x02\x26\x01"), ERR_INVALID, WBXML_UNSUPPORTED },
		{ "the least number",
		  COLLECTION("\x55\x03"
			     "1\x00\x01"),
		  ERR_OK, WBXML_OK },
		{ "one below it",
		  COLLECTION("\x55\x03"
			     "0\x00\x01"),
		  ERR_LIMIT, WBXML_OK },
		{ "the greatest number",
		  COLLECTION("\x55\x03"
			     "512\x00\x01"),
		  ERR_OK, WBXML_OK },
		{ "one above it",
		  COLLECTION("\x55\x03"
			     "513\x00\x01"),
		  ERR_LIMIT, WBXML_OK },
		{ "a number above 64 bits",
		  COLLECTION("\x55\x03"
			     "18446744073709551616\x00\x01"),
		  ERR_LIMIT, WBXML_OK },
		{ "an empty number", COLLECTION("\x15"), ERR_INVALID, WBXML_OK },
		{ "a negative number",
		  COLLECTION("\x55\x03"
			     "-1\x00\x01"),
		  ERR_INVALID, WBXML_OK },
		{ "a number with a blank",
		  COLLECTION("\x55\x03"
			     " 1\x00\x01"),
		  ERR_INVALID, WBXML_OK },
		{ "true as a word",
		  COLLECTION("\x53\x03"
			     "true\x00\x01"),
		  ERR_INVALID, WBXML_OK },
		{ "two as a boolean",
		  COLLECTION("\x53\x03"
			     "2\x00\x01"),
		  ERR_INVALID, WBXML_OK },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct str doc = exact_copy(cases[i].doc);
		struct wbxml_reader r;
		struct request got;
		enum err e = parse(&r, doc, &got);

		if (e != cases[i].err || r.why != cases[i].why)
			fail_msg("%s: %s, %s", cases[i].what, err_text(e), wbxml_why_text(r.why));
		exact_release(&doc);
	}
}

/* MS-ASDTYPE R6: a boolean is 0 or 1, and an empty element is true. */
static void booleans_are_0_1_or_an_empty_element(void **unused)
{
	static const struct {
		struct str doc;
		bool value;
	} cases[] = {
		{ COLLECTION("\x13"), true },
		{ COLLECTION("\x53\x01"), true },
		{ COLLECTION("\x53\x03\x00\x01"), true },
		{ COLLECTION("\x53\x03"
			     "1\x00\x01"),
		  true },
		{ COLLECTION("\x53\x03"
			     "0\x00\x01"),
		  false },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct wbxml_reader r;
		struct request got;

		assert_int_equal(parse(&r, cases[i].doc, &got), ERR_OK);
		assert_int_equal(got.changes, cases[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_parsed),
		cmocka_unit_test(wrong_content_is_refused_and_told_from_a_bad_document),
		cmocka_unit_test(booleans_are_0_1_or_an_empty_element),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
