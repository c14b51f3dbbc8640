/* WBXML as XML text and back, as wbxmlcat does it. */
#include "trace.h"

#include <tools/xml_to_wbxml.h>

#include <wbxml/xml.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { DOC_MAX = 1 << 20 };
#define DECLARATION "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

/* Each is printed as the text, and the text is turned back into the bytes. */
static void documents_are_printed_and_turned_back(void **unused)
{
	static const struct {
		const char *what;
		struct str doc;
		const char *xml;
	} cases[] = {
		{ "an empty root", DOC("\x05"), "<Sync xmlns=\"AirSync\"/>\n" },
		{ "namespaces are declared at the root, the root's own without prefix",
		  DOC("\x45\x4B\x03"
		      "1\x00\x01\x5D\x00\x02\x54\x03"
		      "Hi\x00\x01\x00\x11\x0A\x00\x18\x05\x01\x00\x00\x14\x01"),
		  "<Sync xmlns=\"AirSync\" xmlns:email=\"Email\" xmlns:airsyncbase=\"AirSyncBase\""
		  " xmlns:rm=\"RightsManagement\">\n"
		  "  <SyncKey>1</SyncKey>\n"
		  "  <ApplicationData>\n"
		  "    <email:Subject>Hi</email:Subject>\n"
		  "    <airsyncbase:Body/>\n"
		  "    <rm:RightsManagementSupport/>\n"
		  "  </ApplicationData>\n"
		  "  <MoreAvailable/>\n"
		  "</Sync>\n" },
		{ "a byte array is base64",
		  DOC("\x00\x15\x45\x50\xC3\x04"
		      "a\x00\xFF\x01\x01\x01"),
		  "<SendMail xmlns=\"ComposeMail\">\n"
		  "  <Mime>YQD/AQ==</Mime>\n"
		  "</SendMail>\n" },
		{ "markup, line ends and blanks stay", DOC("\x45\x4B\x03 <a>&\"]]>\r\n\t \x00\x01\x01"),
		  "<Sync xmlns=\"AirSync\">\n"
		  "  <SyncKey> &lt;a&gt;&amp;\"]]&gt;&#13;\n\t </SyncKey>\n"
		  "</Sync>\n" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf xml = BUF_INIT(DOC_MAX), back = BUF_INIT(DOC_MAX), why = BUF_INIT(DOC_MAX);
		struct str text = str_of(cases[i].xml);
		struct wbxml_reader r;

		wbxml_reader_init(&r, cases[i].doc);
		assert_int_equal(wbxml_to_xml(&r, &xml), ERR_OK);
		assert_true(str_starts(buf_view(&xml), S(DECLARATION)));
		if (!str_eq(str_slice(buf_view(&xml), sizeof(DECLARATION) - 1, xml.n), text))
			fail_msg("%s:\n" STR_FMT, cases[i].what, STR_ARG(buf_view(&xml)));
		if (xml_to_wbxml(buf_view(&xml), &back, &why) || !str_eq(buf_view(&back), cases[i].doc))
			fail_msg("%s does not come back: " STR_FMT, cases[i].what, STR_ARG(buf_view(&why)));
		buf_release(&xml);
		buf_release(&back);
		buf_release(&why);
	}
}

static void what_has_no_form_of_its_own_in_xml_is_printed(void **unused)
{
	static const struct {
		const char *what;
		struct str doc;
		const char *xml;
	} cases[] = {
		{ "a control character",
		  DOC("\x45\x03"
		      "a\x0B\x00\x01"),
		  "<Sync xmlns=\"AirSync\">a\xEF\xBF\xBD</Sync>\n" },
		{ "a byte array in pieces",
		  DOC("\x00\x15\x45\x50\xC3\x01"
		      "a\xC3\x01"
		      "b\x01\x01"),
		  "<SendMail xmlns=\"ComposeMail\">\n  <Mime>YWI=</Mime>\n</SendMail>\n" },
		{ "text beside elements",
		  DOC("\x45\x03"
		      "a\x00\x13\x03"
		      "b\x00\x01"),
		  "<Sync xmlns=\"AirSync\">a\n  <GetChanges/>b\n</Sync>\n" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf xml = BUF_INIT(DOC_MAX);
		struct wbxml_reader r;

		wbxml_reader_init(&r, cases[i].doc);
		assert_int_equal(wbxml_to_xml(&r, &xml), ERR_OK);
		if (!str_eq(str_slice(buf_view(&xml), sizeof(DECLARATION) - 1, xml.n), str_of(cases[i].xml)))
			fail_msg("%s:\n" STR_FMT, cases[i].what, STR_ARG(buf_view(&xml)));
		buf_release(&xml);
	}
}

static void a_refused_document_is_printed_up_to_the_fault(void **unused)
{
	struct str doc = DOC("\x45\x4B\x03"
			     "1\x00\x01\x02");
	struct buf xml = BUF_INIT(DOC_MAX);
	struct wbxml_reader r;

	(void)unused;
	wbxml_reader_init(&r, doc);
	assert_int_equal(wbxml_to_xml(&r, &xml), ERR_INVALID);
	assert_int_equal(r.why, WBXML_UNSUPPORTED);
	assert_int_equal(r.at, 10);
	assert_true(str_eq(buf_view(&xml), S(DECLARATION "<Sync xmlns=\"AirSync\">\n  <SyncKey>1</SyncKey>\n")));
	buf_release(&xml);
}

static void the_ceiling_of_the_output_is_told(void **unused)
{
	struct str doc = DOC("\x05");
	struct buf xml = BUF_INIT(20);
	struct wbxml_reader r;

	(void)unused;
	wbxml_reader_init(&r, doc);
	assert_int_equal(wbxml_to_xml(&r, &xml), ERR_LIMIT);
	buf_release(&xml);
}

static void xml_by_hand_is_read_by_namespace_and_name(void **unused)
{
	static const struct {
		const char *what, *xml;
		struct str doc;
	} cases[] = {
		{ "other prefixes", "<a:Sync xmlns:a='AirSync'><b:Subject xmlns:b='Email'>x</b:Subject></a:Sync>",
		  DOC("\x45\x00\x02\x54\x03"
		      "x\x00\x01\x01") },
		{ "comments, CDATA and references",
		  "<Sync xmlns='AirSync'><!-- no --><SyncKey><![CDATA[<]]>&#x31;</SyncKey></Sync>",
		  DOC("\x45\x4B\x03<1\x00\x01\x01") },
		{ "base64 on two lines", "<SendMail xmlns='ComposeMail'><Mime>\n YQD/\n AQ==\n</Mime></SendMail>",
		  DOC("\x00\x15\x45\x50\xC3\x04"
		      "a\x00\xFF\x01\x01\x01") },
		{ "an element with nothing between its tags", "<Sync xmlns='AirSync'></Sync>", DOC("\x05") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf doc = BUF_INIT(DOC_MAX), why = BUF_INIT(DOC_MAX);

		if (xml_to_wbxml(str_of(cases[i].xml), &doc, &why) || !str_eq(buf_view(&doc), cases[i].doc))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&why)));
		buf_release(&doc);
		buf_release(&why);
	}
}

static void wrong_xml_is_refused_with_its_line(void **unused)
{
	static const struct {
		const char *xml, *why;
	} cases[] = {
		{ "", "line 1: no element found" },
		{ "<Sync xmlns='AirSync'>\n<SyncKey></Sync>", "line 2: mismatched tag" },
		{ "<Sync/>", "line 1: no such namespace or tag: Sync" },
		{ "<Sync xmlns='AirSync'>\n\n<Nope/></Sync>", "line 3: no such namespace or tag: AirSync Nope" },
		{ "<Sync xmlns='AirSync:'/>", "line 1: no such namespace or tag: AirSync: Sync" },
		{ "<Sync xmlns='AirSync' a='b'/>", "line 1: an attribute: a" },
		{ "<Sync xmlns='AirSync'>x<SyncKey/></Sync>", "line 1: text beside elements" },
		{ "<Sync xmlns='AirSync'><SyncKey/>\nx</Sync>", "line 2: text beside elements" },
		{ "<Mime xmlns='ComposeMail'>*</Mime>", "line 1: not base64" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf doc = BUF_INIT(DOC_MAX), why = BUF_INIT(DOC_MAX);

		assert_int_equal(xml_to_wbxml(str_of(cases[i].xml), &doc, &why), ERR_INVALID);
		if (!str_eq(buf_view(&why), str_of(cases[i].why)))
			fail_msg("%s: " STR_FMT, cases[i].xml, STR_ARG(buf_view(&why)));
		buf_release(&doc);
		buf_release(&why);
	}
}

static void put_nested(struct buf *xml, unsigned n)
{
	buf_cstr(xml, "<Add xmlns='AirSync'>");
	for (unsigned i = 1; i < n; i++)
		buf_cstr(xml, "<Add>");
	for (unsigned i = 0; i < n; i++)
		buf_cstr(xml, "</Add>");
}

static void xml_may_be_as_deep_as_a_document(void **unused)
{
	(void)unused;
	for (unsigned past = 0; past <= 1; past++) {
		struct buf xml = BUF_INIT(DOC_MAX), doc = BUF_INIT(DOC_MAX), why = BUF_INIT(DOC_MAX);

		put_nested(&xml, WBXML_MAX_DEPTH + past);
		assert_int_equal(xml_to_wbxml(buf_view(&xml), &doc, &why), past ? ERR_INVALID : ERR_OK);
		buf_release(&xml);
		buf_release(&doc);
		buf_release(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_printed_and_turned_back),
		cmocka_unit_test(what_has_no_form_of_its_own_in_xml_is_printed),
		cmocka_unit_test(a_refused_document_is_printed_up_to_the_fault),
		cmocka_unit_test(the_ceiling_of_the_output_is_told),
		cmocka_unit_test(xml_by_hand_is_read_by_namespace_and_name),
		cmocka_unit_test(wrong_xml_is_refused_with_its_line),
		cmocka_unit_test(xml_may_be_as_deep_as_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
