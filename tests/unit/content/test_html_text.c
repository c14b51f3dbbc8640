/* HTML to plain text. */
#include <gateway/content/html_text.h>

#include <base/utf8.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void convert(struct buf *out, struct str in, size_t chunk)
{
	struct html_text h;

	html_text_init(&h, true);
	while (in.n) {
		struct str piece = utf8_prefix(in, chunk < 4 ? 4 : chunk);

		html_text_put(&h, out, piece);
		in = str_slice(in, piece.n, in.n);
	}
	html_text_finish(&h, out);
}

static void html_becomes_text(void **unused)
{
	static const struct {
		const char *what;
		struct str in, out;
	} cases[] = {
		{ "nothing", STR_INIT(""), STR_INIT("") },
		{ "only markup", STR_INIT("<html><body><p></p><br></body></html>"), STR_INIT("") },
		{ "text", STR_INIT("a b"), STR_INIT("a b\r\n") },
		{ "blanks fold", STR_INIT(" a \r\n\t b "), STR_INIT("a b\r\n") },
		{ "inline markup", STR_INIT("a<b>b</b> <i>c</i>"), STR_INIT("ab c\r\n") },
		{ "paragraphs", STR_INIT("<p>a</p>\n<p>b</p>"), STR_INIT("a\r\n\r\nb\r\n") },
		{ "blocks", STR_INIT("<div>a</div><div><div>b</div></div>c"), STR_INIT("a\r\nb\r\nc\r\n") },
		{ "breaks", STR_INIT("a<br>b<BR/><br />c"), STR_INIT("a\r\nb\r\n\r\nc\r\n") },
		{ "an empty line by a block with a break", STR_INIT("<div>a</div><div><br></div><div>b</div>"),
		  STR_INIT("a\r\n\r\nb\r\n") },
		{ "many breaks are three", STR_INIT("a<br><br><br><br><br>b"), STR_INIT("a\r\n\r\n\r\nb\r\n") },
		{ "headings", STR_INIT("<h1>a</h1>b"), STR_INIT("a\r\n\r\nb\r\n") },
		{ "bullets", STR_INIT("<ul><li>a</li><li>b<ul><li>c</ul></ul>d"),
		  STR_INIT("* a\r\n* b\r\n  * c\r\n\r\nd\r\n") },
		{ "numbers", STR_INIT("<ol><li>a<li>b</ol>"), STR_INIT("1. a\r\n2. b\r\n") },
		{ "an item without a list", STR_INIT("<li>a"), STR_INIT("* a\r\n") },
		{ "table", STR_INIT("<table><tr><th>a<th>b</tr><tr><td>c</td><td></td><td>d</td></tr></table>"),
		  STR_INIT("a\tb\r\nc\td\r\n") },
		{ "quote", STR_INIT("a<blockquote>b<br>c</blockquote>d"), STR_INIT("a\r\n> b\r\n> c\r\nd\r\n") },
		{ "quote at the beginning", STR_INIT("<blockquote>b</blockquote>"), STR_INIT("> b\r\n") },
		{ "preformatted", STR_INIT("<pre>a  b\n\n c</pre>d"), STR_INIT("a  b\r\n\r\n c\r\nd\r\n") },
		{ "rule", STR_INIT("a<hr>b"), STR_INIT("a\r\n----------\r\nb\r\n") },
		{ "link", STR_INIT("<a href=\"http://x.test/?a=1&amp\">here</a>."),
		  STR_INIT("here <http://x.test/?a=1&amp>.\r\n") },
		{ "link, unquoted", STR_INIT("<a class=q href=http://x.test/>here</a>"),
		  STR_INIT("here <http://x.test/>\r\n") },
		{ "link, blanks around =", STR_INIT("<a href = 'mailto:a@b'>here</a>"),
		  STR_INIT("here <mailto:a@b>\r\n") },
		{ "link that says its address", STR_INIT("<a href=\"https://www.x.test/\">x.test</a>"),
		  STR_INIT("x.test\r\n") },
		{ "link without text", STR_INIT("a<a href=\"http://x.test/\"><img src=y></a>"), STR_INIT("a\r\n") },
		{ "link to a script", STR_INIT("<a href=\"javascript:x\">here</a>"), STR_INIT("here\r\n") },
		{ "picture", STR_INIT("<img src=\"cid:x\" alt=\"a logo\">"), STR_INIT("a logo\r\n") },
		{ "entities", STR_INIT("&lt;&amp;&eacute;&euro;&#233;&#xE9;&#128;&apos;"),
		  STR_INIT("<&\xC3\xA9\xE2\x82\xAC\xC3\xA9\xC3\xA9\xE2\x82\xAC'\r\n") },
		{ "entity without semicolon", STR_INIT("a&nbsp b&copy"), STR_INIT("a b\xC2\xA9\r\n") },
		{ "no entity", STR_INIT("a & b &unknown; &;&#;&#x110000;&#0;"),
		  STR_INIT("a & b &unknown; &;&#;&#x110000;&#0;\r\n") },
		{ "no-break space folds", STR_INIT("a&nbsp;&nbsp; b<p>&nbsp;</p>c"), STR_INIT("a b\r\n\r\nc\r\n") },
		{ "no tag", STR_INIT("a < b <3 c <"), STR_INIT("a < b <3 c <\r\n") },
		{ "comment", STR_INIT("a<!-- <b> > -- x -->b<!---->c"), STR_INIT("abc\r\n") },
		{ "conditional comment", STR_INIT("<!--[if mso]><p>x</p><![endif]-->a<![if !mso]>b<![endif]>"),
		  STR_INIT("ab\r\n") },
		{ "declaration", STR_INIT("<!DOCTYPE html><?xml x?>a"), STR_INIT("a\r\n") },
		{ "script", STR_INIT("a<script>if (a</b> c) x</scripty></script >b"), STR_INIT("ab\r\n") },
		{ "style and title", STR_INIT("<title>t</title><STYLE>p{}</STYLE>a"), STR_INIT("a\r\n") },
		{ "script that never ends", STR_INIT("a<script>b"), STR_INIT("a\r\n") },
		{ "head", STR_INIT("<head><meta>x</head>a"), STR_INIT("a\r\n") },
		{ "head that never ends", STR_INIT("<head>x<body>a"), STR_INIT("a\r\n") },
		{ "tag that never ends", STR_INIT("a<b c=\"d"), STR_INIT("a\r\n") },
		{ "> in an attribute", STR_INIT("<b x='>'>a"), STR_INIT("a\r\n") },
		{ "padding of previews",
		  STR_INIT("a&#847;\xE2\x80\x8B\xC2\xAD"
			   "b"),
		  STR_INIT("ab\r\n") },
		{ "UTF-8", STR_INIT("<p>\xF0\x9F\x8D\xB0</p>"), STR_INIT("\xF0\x9F\x8D\xB0\r\n") },
		{ "unknown elements", STR_INIT("<o:p>a</o:p><x-y/>b"), STR_INIT("ab\r\n") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		for (size_t chunk = 4; chunk < cases[i].in.n + 8; chunk++) {
			CLEANUP(buf_release) struct buf out = BUF_INIT(10000);

			convert(&out, cases[i].in, chunk);
			if (!str_eq(buf_view(&out), cases[i].out))
				fail_msg("%s, %zu octets at once:\n" STR_FMT, cases[i].what, chunk,
					 STR_ARG(buf_view(&out)));
		}
}

static void a_link_past_the_limit_is_not_shown(void **unused)
{
	(void)unused;
	for (size_t extra = 0; extra < 2; extra++) {
		CLEANUP(buf_release) struct buf in = BUF_INIT(10000), out = BUF_INIT(10000);

		buf_cstr(&in, "<a href=\"http:");
		for (size_t i = sizeof("http:") - 1; i < HTML_VALUE_MAX + extra; i++)
			buf_char(&in, 'x');
		buf_cstr(&in, "\">here</a>");
		convert(&out, buf_view(&in), in.n);
		assert_int_equal(out.n > 100, extra == 0);
	}
}

static void deep_quotes_and_lists_stay_narrow(void **unused)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(100000), out = BUF_INIT(10000);

	(void)unused;
	for (size_t i = 0; i < 1000; i++)
		buf_cstr(&in, "<blockquote><ul>");
	buf_cstr(&in, "<li>a");
	convert(&out, buf_view(&in), in.n);
	assert_int_equal(out.n, 2 * HTML_QUOTE_MAX + 2 * (HTML_LIST_MAX - 1) + sizeof("* a\r\n") - 1);
}

static void links_can_be_left_out(void **unused)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(100);
	struct html_text h;

	(void)unused;
	html_text_init(&h, false);
	html_text_put(&h, &out, S("<a href=\"http://x.test\">here</a>"));
	html_text_finish(&h, &out);
	assert_true(str_eq(buf_view(&out), S("here\r\n")));
}

static void characters_have_names(void **unused)
{
	(void)unused;
	assert_int_equal(html_entity(S("AElig")), 0xC6);
	assert_int_equal(html_entity(S("zwnj")), 0x200C);
	assert_int_equal(html_entity(S("apos")), '\'');
	assert_int_equal(html_entity(S("eacut")), 0);
	assert_int_equal(html_entity(S("eacutes")), 0);
	assert_int_equal(html_entity(S("")), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_becomes_text),
		cmocka_unit_test(a_link_past_the_limit_is_not_shown),
		cmocka_unit_test(deep_quotes_and_lists_stay_narrow),
		cmocka_unit_test(links_can_be_left_out),
		cmocka_unit_test(characters_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
