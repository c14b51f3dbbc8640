/* The writer of XML documents, and that the reader gets back what was written. */
#include <gateway/xml/xml_read.h>
#include <gateway/xml/xml_write.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

static void elements_nest_and_empty_ones_are_short(void **unused)
{
	struct buf b = BUF_INIT(1024);
	struct xml_writer w;

	(void)unused;
	xml_begin(&w, &b);
	xml_open(&w, "a");
	xml_put_attribute(&w, "xmlns:p", S("u:1"));
	xml_open(&w, "p:b");
	xml_put_attribute(&w, "c", S("1 & \"2\""));
	xml_close(&w);
	xml_element(&w, "d", S("x"));
	xml_element(&w, "e", S(""));
	xml_open(&w, "f");
	xml_put_text(&w, S("y"));
	xml_end(&w);
	assert_int_equal(buf_status(&b), ERR_OK);
	assert_true(str_eq(buf_view(&b), S(DECLARATION "<a xmlns:p=\"u:1\"><p:b c=\"1 &amp; &quot;2&quot;\"/>"
						       "<d>x</d><e/><f>y</f></a>\n")));
	buf_release(&b);
}

static void text_comes_back_as_it_was(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "markup", STR_INIT("<a href=\"x\">&amp;</a> ]]>"), STR_INIT("<a href=\"x\">&amp;</a> ]]>") },
		{ "a carriage return", STR_INIT("a\rb\r\nc"), STR_INIT("a\rb\r\nc") },
		{ "other scripts", STR_INIT("\xe5\xb1\xb1 \xf0\x9f\x8f\x94"),
		  STR_INIT("\xe5\xb1\xb1 \xf0\x9f\x8f\x94") },
		{ "controls", STR_INIT("a\x01\0b"),
		  STR_INIT("a\xef\xbf\xbd\xef\xbf\xbd"
			   "b") },
		{ "bytes that are no UTF-8", STR_INIT("a\xff\xc3"), STR_INIT("a\xef\xbf\xbd\xef\xbf\xbd") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(1 << 20);
		struct buf b = BUF_INIT(1024);
		struct xml_writer w;
		struct xml_node *root;

		xml_begin(&w, &b);
		xml_open(&w, "a");
		xml_put_attribute(&w, "x", cases[i].in);
		xml_put_text(&w, cases[i].in);
		xml_end(&w);
		if (xml_read(&a, buf_view(&b), &root))
			fail_msg("%s: not well-formed", cases[i].what);
		if (!str_eq(root->text, cases[i].out))
			fail_msg("%s: text", cases[i].what);
		buf_release(&b);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_nest_and_empty_ones_are_short),
		cmocka_unit_test(text_comes_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
