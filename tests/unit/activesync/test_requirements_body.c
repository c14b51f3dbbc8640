/*
 * Bodies, parts of bodies and attachments as MS-ASAIRS and MS-ASCON (3.2.5.9) want them, by each of the three commands that
 * give them. Each row names what it proves.
 */
#include "sync_fixture.h"

/* Page 11: 45 BodyPreference, 46 Type, 47 TruncationSize, 48 AllOrNone, 58 Preview, 59 BodyPartPreference. */
#define TYPE(n) "46 03 '" n "' 00 01 "
#define SIZE(n) "47 03 '" n "' 00 01 "
#define ALL "48 03 '1' 00 01 "
#define NOT_ALL "48 03 '0' 00 01 "
#define PREVIEW(n) "58 03 '" n "' 00 01 "
#define BODY(inside) "45 " inside "01 "
#define PART(inside) "59 " inside "01 "

#define HTML "<p>Hello <b>you</b></p>"
#define HTML_IN_XML "&lt;p&gt;Hello &lt;b&gt;you&lt;/b&gt;&lt;/p&gt;"
static const char html[] = "Subject: Lunch\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" HTML;

enum by { BY_SYNC, BY_FETCH, BY_SEARCH, BYS };
static const char *const by_names[BYS] = { "Sync", "ItemOperations", "Search" };
/* Where the element of each mail's properties is. */
static const char *const containers[BYS] = { "<ApplicationData>", "<Properties>", "<Properties>" };

/* The only mail of the Inbox; `airs` stands in Options, on page 11. */
static struct eas_reply ask(struct fixture *f, enum by by, const char *airs)
{
	int64_t inbox = fixture_role(f, FOLDER_INBOX);
	long long id = only_item(f, inbox), folder = inbox;

	if (by == BY_SYNC)
		return sync_with(f, inbox, first_key(f, inbox),
				 *airs ? commands(f, "57 00 11 %s 00 00 01 ", airs) : "");
	if (by == BY_FETCH) /* 46 Fetch, 47 Store, 48 Options */
		return eas_phone_ask(&f->phone, "ItemOperations",
				     doc(f,
					 HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 "
					      "4D 03 '%lld:%lld' 00 01 00 14 48 00 11 %s 00 14 01 01 01",
					 folder, folder, id, airs));
	/* 45 Search, 47 Store, 48 Name, 49 Query, 4A Options, 53 And, 55 FreeText */
	return eas_phone_ask(&f->phone, "Search",
			     doc(f,
				 HEAD "00 0F 45 47 48 03 'Mailbox' 00 01 49 53 55 03 'lunch' 00 01 01 01 "
				      "4A 00 11 %s 00 0F 01 01 01",
				 airs));
}

static bool has(const struct eas_reply *r, const char *part)
{
	return str_find(r->xml, str_of(part)) < r->xml.n;
}

/* "": there is none. A plain text made of HTML ends its line. */
static bool element_is(const struct eas_reply *r, const char *element, const char *wanted)
{
	struct str text;

	if (!*wanted)
		return eas_reply_count(r, element) == 0;
	if (eas_reply_count(r, element) != 1)
		return false;
	text = eas_reply_text(r, element, 0);
	return str_starts(text, str_of(wanted)) && (text.n == strlen(wanted) || text.p[strlen(wanted)] == '&');
}

struct form {
	const char *what, *asked, *data, *truncated, *preview;
};

static void check_forms(const struct form *forms, size_t n)
{
	FIXTURE(f);

	deliver_octets(&f, f.ann.mailbox, str_of(html));
	for (enum by by = 0; by < BYS; by++)
		for (size_t i = 0; i < n; i++) {
			struct eas_reply r = ask(&f, by, forms[i].asked);

			if (!element_is(&r, "airsyncbase:Data", forms[i].data) ||
			    !element_is(&r, "airsyncbase:Truncated", forms[i].truncated) ||
			    !element_is(&r, "airsyncbase:Preview", forms[i].preview) || !has(&r, containers[by]))
				fail_msg("%s by %s: " STR_FMT, forms[i].what, by_names[by], STR_ARG(r.xml));
		}
}

/* MS-ASAIRS_R353, MS-ASAIRS_R354: in Sync, ItemOperations and Search alike. */
static void a_body_is_whole_or_cut_as_it_was_asked_for(void **unused)
{
	static const struct form forms[] = {
		{ "MS-ASAIRS_R53, MS-ASAIRS_R373, MS-ASAIRS_R54: all or none, and it fits",
		  BODY(TYPE("2") SIZE("500") ALL), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R375, MS-ASAIRS_R376, MS-ASAIRS_R377, MS-ASAIRS_R78: all or none, and it does not fit",
		  BODY(TYPE("2") SIZE("5") ALL), "", "1", "" },
		{ "MS-ASAIRS_R55, MS-ASAIRS_R378, MS-ASAIRS_R379, MS-ASAIRS_R276: not all or none, and it does not fit",
		  BODY(TYPE("2") SIZE("8") NOT_ALL), "&lt;p&gt;Hello", "1", "" },
		{ "MS-ASAIRS_R380, MS-ASAIRS_R381, MS-ASAIRS_R382, MS-ASAIRS_R277: not all or none, and it fits",
		  BODY(TYPE("2") SIZE("500") NOT_ALL), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R73, MS-ASAIRS_R420, MS-ASAIRS_R421: nothing said of all or none, and it does not fit",
		  BODY(TYPE("2") SIZE("8")), "&lt;p&gt;Hello", "1", "" },
		{ "MS-ASAIRS_R422, MS-ASAIRS_R423, MS-ASAIRS_R424: nothing said of all or none, and it fits",
		  BODY(TYPE("2") SIZE("500")), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R401: all or none without a size", BODY(TYPE("2") ALL), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R401: not all or none without a size", BODY(TYPE("2") NOT_ALL), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R77: two forms, the mail's own is taken",
		  BODY(TYPE("1") SIZE("3")) BODY(TYPE("2") SIZE("8")), "&lt;p&gt;Hello", "1", "" },
		{ "MS-ASAIRS_R80: its own does not fit as a whole, the other does",
		  BODY(TYPE("2") SIZE("5") ALL) BODY(TYPE("1") SIZE("50") ALL), "Hello you", "", "" },
		{ "MS-ASAIRS_R178: HTML", BODY(TYPE("2")), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R178: plain text", BODY(TYPE("1")), "Hello you", "", "" },
		{ "MS-ASAIRS_R250: no more characters than asked for", BODY(TYPE("2") PREVIEW("3")), HTML_IN_XML, "",
		  "Hel" },
		{ "MS-ASAIRS_R1001036: plain text that is given has no preview", BODY(TYPE("1") PREVIEW("3")),
		  "Hello you", "", "" },
	};

	(void)unused;
	check_forms(forms, countof(forms));
}

/* MS-ASCON_R234, MS-ASCON_R235, MS-ASCON_R236. */
static void a_part_is_whole_or_cut_as_it_was_asked_for(void **unused)
{
	static const struct form forms[] = {
		{ "MS-ASAIRS_R392, MS-ASAIRS_R407, MS-ASAIRS_R408, MS-ASAIRS_R188, MS-ASAIRS_R282, MS-ASCON_R239: it "
		  "does not fit",
		  PART(TYPE("2") SIZE("8")), "&lt;p&gt;Hello", "1", "" },
		{ "MS-ASAIRS_R409, MS-ASAIRS_R410, MS-ASAIRS_R411, MS-ASAIRS_R283: it fits",
		  PART(TYPE("2") SIZE("500")), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R63: all or none, and it does not fit", PART(TYPE("2") SIZE("5") ALL), "", "1", "" },
		{ "MS-ASAIRS_R60, MS-ASAIRS_R400: all or none without a size", PART(TYPE("2") ALL), HTML_IN_XML, "",
		  "" },
		{ "MS-ASAIRS_R60, MS-ASAIRS_R400: not all or none without a size", PART(TYPE("2") NOT_ALL), HTML_IN_XML,
		  "", "" },
		{ "MS-ASAIRS_R294, MS-ASAIRS_R186: no size", PART(TYPE("2")), HTML_IN_XML, "", "" },
		{ "MS-ASAIRS_R255, MS-ASAIRS_R256: a preview", PART(TYPE("2") PREVIEW("7")), HTML_IN_XML, "",
		  "Hello y" },
	};

	(void)unused;
	check_forms(forms, countof(forms));
}

/* MS-ASCON_R245, MS-ASCON_R246, MS-ASCON_R247, MS-ASCON_R248: each of the two is given where it is asked for, and a Body where neither is. */
static void body_and_part_come_as_they_are_asked_for(void **unused)
{
	static const struct {
		const char *what, *asked;
		size_t bodies, parts;
	} cases[] = {
		{ "MS-ASCON_R245, MS-ASCON_R237: neither, in Sync", "", 1, 0 },
		{ "MS-ASCON_R246, MS-ASCON_R237, MS-ASCON_R339, MS-ASCON_R340: a body", BODY(TYPE("1")), 1, 0 },
		{ "MS-ASCON_R247, MS-ASAIRS_R120, MS-ASCON_R38, MS-ASCON_R39, MS-ASCON_R40: a part", PART(TYPE("2")), 0,
		  1 },
		{ "MS-ASCON_R248: both", BODY(TYPE("1")) PART(TYPE("2")), 1, 1 },
	};
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(html));
	for (enum by by = 0; by < BYS; by++)
		for (size_t i = 0; i < countof(cases); i++) {
			struct eas_reply r;

			if (!*cases[i].asked && by != BY_SYNC)
				continue;
			r = ask(&f, by, cases[i].asked);
			if (eas_reply_count(&r, "airsyncbase:Body") != cases[i].bodies ||
			    eas_reply_count(&r, "airsyncbase:BodyPart") != cases[i].parts)
				fail_msg("%s by %s: " STR_FMT, cases[i].what, by_names[by], STR_ARG(r.xml));
		}
}

/* MS-ASAIRS_R126, MS-ASAIRS_R124, MS-ASAIRS_R206, MS-ASCON_R240: Status, Type, EstimatedDataSize, Truncated, Data, Preview. */
static void a_part_has_its_elements_in_their_order(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(html));
	r = ask(&f, BY_SYNC, PART(TYPE("2") SIZE("8") PREVIEW("3")));
	assert_true(has(&r,
			"<airsyncbase:BodyPart><airsyncbase:Status>1</airsyncbase:Status><airsyncbase:Type>2"
			"</airsyncbase:Type><airsyncbase:EstimatedDataSize>23</airsyncbase:EstimatedDataSize>"
			"<airsyncbase:Truncated>1</airsyncbase:Truncated><airsyncbase:Data>&lt;p&gt;Hello"
			"</airsyncbase:Data><airsyncbase:Preview>Hel</airsyncbase:Preview></airsyncbase:BodyPart>"));
	assert_true(has(&r, "</airsyncbase:BodyPart></ApplicationData>") || has(&r, "</airsyncbase:BodyPart><"));
	/* MS-ASAIRS_R202: a body that is cut says how much there is. */
	r = ask(&f, BY_SYNC, BODY(TYPE("2") SIZE("8")));
	assert_true(
		has(&r, "<airsyncbase:EstimatedDataSize>23</airsyncbase:EstimatedDataSize><airsyncbase:Truncated>1"));
	/* MS-ASAIRS_R271, MS-ASAIRS_R272 */
	r = ask(&f, BY_SYNC, PART(TYPE("2") SIZE("5") ALL));
	assert_true(has(&r, "<airsyncbase:BodyPart><airsyncbase:Status>176<"));
	r = ask(&f, BY_SYNC, PART(TYPE("2") SIZE("23") ALL));
	assert_true(has(&r, "<airsyncbase:BodyPart><airsyncbase:Status>1<"));
}

/* MS-ASCON_R241; MS-ASCMD_R5412: of HTML (and of plain text, which is our choice) there is a part, of nothing else. */
static void a_part_of_another_type_is_status_164(void **unused)
{
	static const char *const asked[] = { PART(TYPE("3")), PART(TYPE("4")) };
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(html));
	for (enum by by = 0; by < BYS; by++)
		for (size_t i = 0; i < countof(asked); i++) {
			struct eas_reply r = ask(&f, by, asked[i]);

			/* of the whole Sync, of one Fetch, of the Store */
			if (!str_eq(eas_reply_text(&r, "Status", by == BY_SYNC ? 0 : 1), S("164")))
				fail_msg("%s: " STR_FMT, by_names[by], STR_ARG(r.xml));
		}
	f.phone.version = "14.0"; /* which has no parts: it is passed over */
	struct eas_reply r = ask(&f, BY_FETCH, asked[0]);
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
}

/* MS-ASAIRS_R241, MS-ASAIRS_R2411, MS-ASAIRS_R2412: what the mail itself is, beside what was made of it. */
static void the_native_type_is_told_beside_the_type(void **unused)
{
	static const struct {
		const char *asked, *type;
	} cases[] = { { BODY(TYPE("2")), "2" }, { BODY(TYPE("1")), "1" } };
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(html));
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = ask(&f, BY_SYNC, cases[i].asked);

		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Type", 0), str_of(cases[i].type)));
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:NativeBodyType", 0), S("2")));
	}
}

static const char attached[] =
	"Subject: lunch\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
	"--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
	"--r\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:pic@x\">\r\n"
	"--r\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <pic@x>\r\nContent-Disposition: inline\r\n"
	"Content-Location: http://x.test/p.png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--r--\r\n"
	"--m\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\nContent-Disposition: attachment\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
	"--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext\r\n--m--\r\n";

/*
 * MS-ASAIRS_R225 (1), MS-ASAIRS_R2299 (5), MS-ASAIRS_R10020, MS-ASAIRS_R100299, MS-ASAIRS_R100298; MS-ASAIRS_R213: each
 * by another name.
 */
static void an_attachment_tells_what_it_is(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(attached));
	for (enum by by = 0; by < BYS; by++) {
		r = ask(&f, by, BODY(TYPE("2")));
		if (by == BY_SEARCH) /* tells no attachments */
			continue;
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 3);
		assert_true(has(&r, "<airsyncbase:ContentId>pic@x</airsyncbase:ContentId>"));
		assert_int_equal(eas_reply_count(&r, "airsyncbase:IsInline"), 1);
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:IsInline", 0), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Method", 1), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Method", 2), S("5")));
		for (unsigned i = 0; i < 3; i++)
			assert_false(str_eq(eas_reply_text(&r, "airsyncbase:FileReference", i),
					    eas_reply_text(&r, "airsyncbase:FileReference", (i + 1) % 3)));
		assert_int_equal(eas_reply_count(&r, "Part"), 0); /* MS-ASAIRS_R405 */
	}
}

/* MS-ASAIRS_R341, MS-ASAIRS_R414, MS-ASAIRS_R417: each command has its own status for what is out of shape. */
static void what_is_out_of_shape_is_refused(void **unused)
{
	static const struct {
		const char *what, *asked, *sync, *other;
	} cases[] = {
		{ "MS-ASAIRS_R345, MS-ASAIRS_R10012: a Type that is no number", BODY(TYPE("x")), "4", "2" },
		{ "MS-ASAIRS_R10021, MS-ASAIRS_R10024: a Type twice", BODY(TYPE("1") TYPE("2")), "4", "2" },
		{ "MS-ASAIRS_R348, MS-ASAIRS_R10022, MS-ASAIRS_R10025: the size before the type",
		  BODY(SIZE("5") TYPE("1")), "4", "2" },
		{ "MS-ASAIRS_R349: two of one type", BODY(TYPE("1")) BODY(TYPE("1")), "4", "2" },
		{ "MS-ASAIRS_R350: AllOrNone is no boolean", BODY(TYPE("1") SIZE("5") "48 03 'x' 00 01 "), "4", "2" },
		{ "MS-ASAIRS_R351: AllOrNone twice", BODY(TYPE("1") SIZE("5") ALL ALL), "4", "2" },
		{ "MS-ASAIRS_R10023, MS-ASAIRS_R10026: a BodyPreference in another", BODY(TYPE("1") BODY(TYPE("1"))),
		  "4", "2" },
	};
	FIXTURE(f);

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(html));
	for (enum by by = 0; by < BYS; by++)
		for (size_t i = 0; i < countof(cases); i++) {
			struct eas_reply r = ask(&f, by, cases[i].asked);
			const char *wanted = by == BY_SYNC ? cases[i].sync : cases[i].other;
			bool told = false;

			for (unsigned k = 0; k < eas_reply_count(&r, "Status"); k++)
				told |= str_eq(eas_reply_text(&r, "Status", k), str_of(wanted));
			if (!told)
				fail_msg("%s by %s: " STR_FMT, cases[i].what, by_names[by], STR_ARG(r.xml));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_whole_or_cut_as_it_was_asked_for),
		cmocka_unit_test(a_part_is_whole_or_cut_as_it_was_asked_for),
		cmocka_unit_test(body_and_part_come_as_they_are_asked_for),
		cmocka_unit_test(a_part_has_its_elements_in_their_order),
		cmocka_unit_test(a_part_of_another_type_is_status_164),
		cmocka_unit_test(the_native_type_is_told_beside_the_type),
		cmocka_unit_test(an_attachment_tells_what_it_is),
		cmocka_unit_test(what_is_out_of_shape_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
