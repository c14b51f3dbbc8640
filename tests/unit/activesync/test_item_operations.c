/* ItemOperations over a real connection: mails and attachments, in the document and in parts, and what is refused. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/stmt.h>

#include <base/base64.h>
#include <wbxml/xml.h>

/*
 * Page 14 (ItemOperations): 45 ItemOperations, 46 Fetch, 47 Store, 48 Options, 49 Range, 52 EmptyFolderContents, 56 Move,
 * 57 DstFldId, 58 ConversationId. Page 00: 4D ServerId, 52 CollectionId, 62 MIMESupport. Page 0F: 58 LongId. Page 11:
 * 45 BodyPreference, 46 Type, 47 TruncationSize, 51 FileReference. Page 13: 45 LinkId.
 */
#define MAILBOX "47 03 'Mailbox' 00 01 "
#define BODY_TYPE(type) "00 11 45 46 03 '" type "' 00 01 01 00 14 "

/* "Hello, octets!" with NUL and high ones behind it: 17 octets. */
#define ATTACHED "Hello, octets!\0\377\200"
#define ATTACHED_BASE64 "SGVsbG8sIG9jdGV0cyEA/4A="

static const char mail[] =
	"From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: with parts\r\n"
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>you</b></p>\r\n"
	"--b\r\nContent-Type: application/x-thing; name=thing.bin\r\n"
	"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n" ATTACHED_BASE64
	"\r\n--b\r\nContent-Type: text/plain; name=empty.txt\r\nContent-Disposition: attachment\r\n\r\n"
	"\r\n--b--\r\n";

/* The same octets as "thing f\xc3\xbcr dich.bin" in a winmail.dat, and "two.txt" behind them. */
static const char packed[] = "From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: packed\r\n"
			     "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
			     "--b\r\n\r\nHello there\r\n--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
			     "Content-Transfer-Encoding: base64\r\n\r\n"
			     "eJ8+IgEAAQiABwAJAAAASVBNLk5vdGUAqgICApAGAA4AAAABAP////8AAAAAAAAAAP0DAhCAAQAM\r\n"
			     "AAAAVEhJTkd+MS5CSU4AMAMCD4AGABEAAABIZWxsbywgb2N0ZXRzIQD/gHIGAgWQBgDUAAAABgAA\r\n"
			     "AAMABTcBAAAAAwAFgAABAgMEBQYHCAkKCwwNDg8AAAAAAYUAAA8AAAALAAaAAAECAwQFBgcICQoL\r\n"
			     "DA0ODwEAAAAGAAAAYQBiAGMAAAAAAAAAQBAHMAIAAAAAAAAAAAAAAAAAAAAAAAAAHwAHNwEAAAAm\r\n"
			     "AAAAdABoAGkAbgBnACAAZgD8AHIAIABkAGkAYwBoAC4AYgBpAG4AAAAAAB8ADjcBAAAAKAAAAGEA\r\n"
			     "cABwAGwAaQBjAGEAdABpAG8AbgAvAHgALQB0AGgAaQBuAGcAAABaFAICkAYADgAAAAEA/////wAA\r\n"
			     "AAAAAAAA/QMCEIABAAgAAAB0d28udHh0AOgCAg+ABgADAAAAdHdvWgECBZAGAGwAAAAEAAAAAwAF\r\n"
			     "NwEAAAADAAWAAAECAwQFBgcICQoLDA0ODwAAAAABhQAADwAAAAsABoAAAQIDBAUGBwgJCgsMDQ4P\r\n"
			     "AQAAAAYAAABhAGIAYwAAAAAAAABAEAcwAgAAAAAAAAAAAAAAAAAAAAAAAACYBA==\r\n"
			     "--b--\r\n";

static struct eas_reply ask(struct fixture *f, const char *operations)
{
	return eas_phone_ask(&f->phone, "ItemOperations", doc(f, HEAD "00 14 45 %s 01", operations));
}

static char *fetch_mail(struct fixture *f, int64_t folder, int64_t id, const char *options)
{
	return commands(f, "46 " MAILBOX "00 00 52 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 00 14 %s 01",
			(long long)folder, (long long)folder, (long long)id, options);
}

static char *fetch_part(struct fixture *f, const char *reference, const char *options)
{
	return commands(f, "46 " MAILBOX "00 11 51 03 '%s' 00 01 00 14 %s 01", reference, options);
}

static int64_t mail_in(struct fixture *f, int64_t folder)
{
	deliver_octets(f, f->ann.mailbox, str_from(mail, sizeof(mail) - 1));
	return only_item(f, folder);
}

static const char *reference_of(struct fixture *f, int64_t folder, int64_t id, unsigned n)
{
	struct eas_reply r = ask(f, fetch_mail(f, folder, id, ""));
	const char *reference;

	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "airsyncbase:FileReference", n), &reference));
	return reference;
}

static void assert_has(const struct eas_reply *r, const char *what, const char *part)
{
	if (str_find(r->xml, str_of(part)) == r->xml.n)
		fail_msg("%s: no %s in " STR_FMT, what, part, STR_ARG(r->xml));
}

/* MS-ASCMD_R2948, R1652; MS-ASAIRS 2.2.2.9: by its name, its properties, and the body as it was asked for. */
/* MS-ASCMD_R5503: in the document, where no parts are asked for. */
static void a_mail_is_fetched_with_the_body_asked_for(void **unused)
{
	static const struct {
		const char *what, *options, *type, *data;
	} cases[] = {
		{ "nothing asked: its own format, whole", "", "2", "&lt;p&gt;Hello &lt;b&gt;you&lt;/b&gt;&lt;/p&gt;" },
		{ "plain text", "48 " BODY_TYPE("1") "01", "1", "Hello you" },
		{ "HTML", "48 " BODY_TYPE("2") "01", "2", "&lt;p&gt;Hello" },
		{ "MIME", "48 00 00 62 03 '2' 00 01 00 14 " BODY_TYPE("4") "01", "4", "boundary=b" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id = mail_in(&f, inbox);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = ask(&f, fetch_mail(&f, inbox, id, cases[i].options));

		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
		assert_has(&r, cases[i].what, "<airsync:Class>Email</airsync:Class><Properties>");
		assert_has(&r, cases[i].what, "<email:Subject>with parts</email:Subject>");
		if (!str_eq(eas_reply_text(&r, "airsyncbase:Type", 0), str_of(cases[i].type)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
		assert_has(&r, cases[i].what, cases[i].data);
	}
}

/* Its LongId is its number alone, which a move does not change (MS-ASCMD_R3235). */
static void a_mail_is_fetched_by_its_long_id(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id = mail_in(&f, inbox);
	struct eas_reply r = ask(&f, commands(&f, "46 " MAILBOX "00 0F 58 03 '%lld' 00 01 00 14 01", (long long)id));

	(void)unused;
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_has(&r, "by LongId", "<search:LongId>");
	assert_has(&r, "by LongId", "<email:Subject>with parts</email:Subject>");
}

/* MS-ASCMD_R234, R2130, R3711, R3715, R3716 */
static void an_attachment_is_fetched_whole_or_in_ranges(void **unused)
{
	static const struct {
		const char *what, *options, *status, *range, *data;
	} cases[] = {
		{ "whole", "", "1", NULL, ATTACHED_BASE64 },
		{ "its beginning", "48 49 03 '0-4' 00 01 01", "1", "0-4", "SGVsbG8=" },
		{ "its middle", "48 49 03 '7-12' 00 01 01", "1", "7-12", "b2N0ZXRz" },
		{ "to the last octet", "48 49 03 '14-16' 00 01 01", "1", "14-16", "AP+A" },
		{ "past the end: what there is", "48 49 03 '14-99' 00 01 01", "1", "14-16", "AP+A" },
		{ "one octet", "48 49 03 '16-16' 00 01 01", "1", "16-16", "gA==" },
		/* R4160 */
		{ "behind the end", "48 49 03 '17-17' 00 01 01", "8", NULL, NULL },
		{ "backwards", "48 49 03 '5-4' 00 01 01", "8", NULL, NULL },
		{ "no range", "48 49 03 '5' 00 01 01", "8", NULL, NULL },
		{ "no numbers", "48 49 03 'a-b' 00 01 01", "8", NULL, NULL },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id = mail_in(&f, inbox);
	const char *reference = reference_of(&f, inbox, id, 0);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = ask(&f, fetch_part(&f, reference, cases[i].options));

		if (!str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
		assert_int_equal(eas_reply_count(&r, "Data"), cases[i].data ? 1 : 0);
		assert_int_equal(eas_reply_count(&r, "Range"), cases[i].range ? 1 : 0);
		if (cases[i].data) {
			assert_true(str_eq(eas_reply_text(&r, "Data", 0), str_of(cases[i].data)));
			assert_has(&r, cases[i].what, "ContentType>application/x-thing<");
		}
		if (cases[i].range) {
			assert_true(str_eq(eas_reply_text(&r, "Range", 0), str_of(cases[i].range)));
			assert_true(str_eq(eas_reply_text(&r, "Total", 0), S("17")));
		}
	}
}

/* Of every length, so that each remainder of base64 comes, and of more octets than a piece has. */
/* MS-ASAIRS 2.2.2.24: what is in a winmail.dat has references of its own; the part itself is not shown. */
static void a_file_in_a_winmail_dat_is_an_attachment(void **unused)
{
	static const struct {
		const char *what, *name, *range, *status, *data;
	} cases[] = {
		{ "the first", "/1", "", "1", ATTACHED_BASE64 },
		{ "a range of it", "/1", "48 49 03 '7-12' 00 01 01", "1", "b2N0ZXRz" },
		{ "a range past the end", "/1", "48 49 03 '17-20' 00 01 01", "8", NULL },
		{ "the second, with more than there is", "/2", "48 49 03 '1-999' 00 01 01", "1", "d28=" },
		{ "no third", "/3", "", "15", NULL },
		{ "none", "/0", "", "15", NULL },
		{ "no number", "/x", "", "15", NULL },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_from(packed, sizeof(packed) - 1));
	id = only_item(&f, inbox);
	r = ask(&f, fetch_mail(&f, inbox, id, ""));
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:DisplayName", 0), S("thing f\xc3\xbcr dich.bin")));
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:DisplayName", 1), S("two.txt")));
	assert_true(str_find(r.xml, S("winmail.dat")) == r.xml.n);
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:EstimatedDataSize", 0), S("17")));
	assert_true(str_ends(eas_reply_text(&r, "airsyncbase:FileReference", 0), S(":2/1")));
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf reference = BUF_INIT(100);

		print_message("%s\n", cases[i].what);
		buf_fmt(&reference, "%lld:%lld:2%s", (long long)inbox, (long long)id, cases[i].name);
		buf_char(&reference, '\0');
		r = ask(&f, fetch_part(&f, reference.p, cases[i].range));
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status)));
		if (cases[i].data)
			assert_true(str_eq(eas_reply_text(&r, "Data", 0), str_of(cases[i].data)));
	}
}

static void attachments_of_every_length_arrive_whole(void **unused)
{
	static const size_t lengths[] = { 1, 2, 3, 4, 5, 1000, 65535, 65536, 65537, 300000 };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);

	(void)unused;
	for (size_t i = 0; i < countof(lengths); i++) {
		CLEANUP(buf_release)
		struct buf octets = BUF_INIT(1 << 20), text = BUF_INIT(1 << 20), all = BUF_INIT(1 << 20);
		struct store_tx *tx;
		struct item *items;
		struct eas_reply r;
		size_t n;

		for (size_t k = 0; k < lengths[i]; k++)
			buf_char(&octets, (char)(k * 7 + k / 251));
		base64_put(&text, buf_view(&octets));
		buf_cstr(&all,
			 "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
			 "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n");
		for (size_t at = 0; at < text.n; at += 76) {
			buf_str(&all, str_slice(buf_view(&text), at, at + 76));
			buf_cstr(&all, "\r\n");
		}
		buf_cstr(&all, "--b--\r\n");
		deliver_octets(&f, f.ann.mailbox, buf_view(&all));
		assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
		assert_ok(item_list(&f.arena, tx, inbox, (uint32_t)i, 1, &items, &n));
		assert_ok(store_commit(&tx));
		assert_int_equal(n, 1);
		r = ask(&f, fetch_part(&f, reference_of(&f, inbox, items[0].id, 0), ""));
		assert_true(str_eq(eas_reply_text(&r, "Data", 0), buf_view(&text)));
	}
}

/* ---- parts ---- */

static uint32_t number_at(struct str s, size_t at)
{
	uint32_t v = 0;

	assert_true(at + 4 <= s.n);
	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)(unsigned char)s.p[at + i] << (8 * i);
	return v;
}

/* MS-ASCMD 2.2.1.10.1.1: the n-th part, by the offset and length that the head tells. */
static struct str part_of(const struct eas_reply *r, unsigned n)
{
	uint32_t offset = number_at(r->body, 4 + 8 * n), length = number_at(r->body, 8 + 8 * n);

	assert_true(n < number_at(r->body, 0));
	assert_true(offset <= r->body.n && length <= r->body.n - offset);
	return str_slice(r->body, offset, offset + length);
}

static struct str xml_of(struct fixture *f, struct str document)
{
	CLEANUP(buf_release) struct buf xml = BUF_INIT(1 << 20);
	struct wbxml_reader r;
	struct str kept;

	wbxml_reader_init(&r, document);
	assert_ok(wbxml_to_xml(&r, &xml));
	assert_ok(arena_str(&f->arena, buf_view(&xml), &kept));
	return kept;
}

/* MS-ASCMD_R236, R5504, R5505, R3631, R3633: by the header; the octets as they are, the body too. */
/* MS-ASCMD_R5506, MS-ASCMD_R5509, MS-ASCMD_R5510, MS-ASCMD_R5511, MS-ASCMD_R5512, MS-ASCMD_R5513, MS-ASCMD_R5517, MS-ASCMD_R5518; MS-ASAIRS_R244, MS-ASAIRS_R176 */
/* MS-ASCMD_R2345, MS-ASCMD_R2346, MS-ASAIRS_R246 */
static void parts_stand_behind_the_document(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id = mail_in(&f, inbox);
	const char *reference = reference_of(&f, inbox, id, 0);
	struct eas_reply r;
	struct str xml;

	(void)unused;
	f.phone.headers = "MS-ASAcceptMultiPart: T\r\n";
	r = ask(&f, commands(&f, "%s %s %s %s", fetch_part(&f, reference, ""), fetch_part(&f, "1:1:99", ""),
			     fetch_part(&f, reference, "48 49 03 '7-12' 00 01 01"),
			     fetch_mail(&f, inbox, id, "48 " BODY_TYPE("1") "01")));
	assert_true(str_eq(eas_reply_header(&r, "Content-Type"), S("application/vnd.ms-sync.multipart")));
	assert_int_equal(number_at(r.body, 0), 4);
	assert_int_equal(number_at(r.body, 4), 4 + 4 * 8);
	assert_true(str_eq(part_of(&r, 1), str_from(ATTACHED, sizeof(ATTACHED) - 1)));
	assert_true(str_eq(part_of(&r, 2), S("octets")));
	assert_true(str_starts(part_of(&r, 3), S("Hello you")));
	assert_int_equal(number_at(r.body, 4 + 8 * 3) + part_of(&r, 3).n, r.body.n);
	xml = xml_of(&f, part_of(&r, 0));
	/* MS-ASCMD_R2344, MS-ASCMD_R2347: one, in Properties or Body */
	assert_true(str_find(xml, S("<Properties>")) < str_find(xml, S("<Part>1</Part>")));
	assert_true(str_find(xml, S("<Part>1</Part>")) < str_find(xml, S("</Properties>")));
	assert_true(str_find(xml, S("<Status>15</Status>")) < xml.n);
	assert_true(str_find(xml, S("<Range>7-12</Range>")) < xml.n);
	assert_true(str_find(xml, S("<airsyncbase:Body>")) < str_find(xml, S("Part>3</")));
	assert_true(str_find(xml, S("Part>3</")) < str_find(xml, S("</airsyncbase:Body>")));
	assert_true(str_find(xml, S("Data>")) > str_find(xml, S("EstimatedDataSize>")));
	assert_int_equal(str_find(xml, S("<Data>")), xml.n);
}

static void what_failed_alone_is_a_document_without_parts(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	f.phone.headers = "MS-ASAcceptMultiPart: T\r\n";
	f.phone.version = "12.0"; /* the form came with 12.1 */
	r = ask(&f, fetch_part(&f, "1:1:2", ""));
	assert_true(str_eq(eas_reply_header(&r, "Content-Type"), S("application/vnd.ms-sync.wbxml")));
	f.phone.version = "12.1";
	r = ask(&f, fetch_part(&f, "1:1:2", ""));
	assert_true(str_eq(eas_reply_header(&r, "Content-Type"), S("application/vnd.ms-sync.multipart")));
	assert_int_equal(number_at(r.body, 0), 1);
	assert_int_equal(number_at(r.body, 4), 12);
	assert_int_equal(number_at(r.body, 8), r.body.n - 12);
}

/* ---- refusals ---- */

#define DOCUMENTS(link) "46 47 03 'DocumentLibrary' 00 01 00 13 45 03 '" link "' 00 01 00 14 01"

static void what_cannot_be_fetched_says_why(void **unused)
{
	static const struct {
		const char *what, *operation, *status;
	} cases[] = {
		/* MS-ASCMD_R4158 */
		{ "an item that is not there", "46 " MAILBOX "00 00 52 03 '1' 00 01 4D 03 '1:99' 00 01 00 14 01", "6" },
		{ "an item of another folder than named",
		  "46 " MAILBOX "00 00 52 03 '2' 00 01 4D 03 '1:1' 00 01 00 14 01", "6" },
		{ "a name that is none of ours", "46 " MAILBOX "00 00 52 03 'x' 00 01 4D 03 'y' 00 01 00 14 01", "6" },
		{ "a LongId of nothing", "46 " MAILBOX "00 0F 58 03 '99' 00 01 00 14 01", "6" },
		{ "a LongId that is none of ours", "46 " MAILBOX "00 0F 58 03 '1:1' 00 01 00 14 01", "6" },
		/* R4166; MS-ASAIRS R214: an empty one */
		{ "a reference to nothing", "46 " MAILBOX "00 11 51 03 '1:1:99' 00 01 00 14 01", "15" },
		{ "a reference to an item that is not there", "46 " MAILBOX "00 11 51 03 '1:99:2' 00 01 00 14 01",
		  "15" },
		{ "a reference to all parts at once", "46 " MAILBOX "00 11 51 03 '1:1:' 00 01 00 14 01", "15" },
		{ "a reference without a section", "46 " MAILBOX "00 11 51 03 '1:1' 00 01 00 14 01", "15" },
		{ "a reference that is none of ours", "46 " MAILBOX "00 11 51 03 'x' 00 01 00 14 01", "15" },
		{ "an empty reference", "46 " MAILBOX "00 11 51 03 00 01 00 14 01", "15" },
		/* MS-ASCMD_R765 */
		{ "two references", "46 " MAILBOX "00 11 51 03 '1:1:2' 00 01 51 03 '1:1:2' 00 01 00 14 01", "2" },
		{ "nothing named", "46 " MAILBOX "01", "2" },
		{ "a ServerId without its folder", "46 " MAILBOX "00 00 4D 03 '1:1' 00 01 00 14 01", "2" },
		/* R3547 */
		{ "a body type of none",
		  "46 " MAILBOX "00 00 52 03 '1' 00 01 4D 03 '1:1' 00 01 00 14 48 " BODY_TYPE("9") "01 01", "2" },
		/* R4161 */
		{ "a store of none", "46 47 03 'Moon' 00 01 00 00 52 03 '1' 00 01 4D 03 '1:1' 00 01 00 14 01", "9" },
		/* R4161, R4156, R7238: no document libraries are served */
		{ "a document", DOCUMENTS("\\\\server\\share"), "9" },
		{ "a document of the web", DOCUMENTS("https://server/doc"), "9" },
		{ "a document in the mailbox", "46 " MAILBOX "00 13 45 03 'http://x' 00 01 00 14 01", "9" },
		{ "a link that names no server", DOCUMENTS("\\\\"), "4" },
		{ "a link without a scheme", DOCUMENTS("//x/y"), "4" },
		{ "a link of another scheme", DOCUMENTS("ftp://x/y"), "4" },
		{ "an empty link", DOCUMENTS(""), "4" },
		{ "documents without a link", "46 47 03 'DocumentLibrary' 00 01 01", "2" },
		/* R4171, MS-ASCON_R146 */
		{ "Move without MoveAlways", "56 58 C3 02 AB CD 01 57 03 '1' 00 01 01", "155" },
		{ "Move of no conversation", "56 58 C3 02 AB CD 01 57 03 '1' 00 01 48 19 01 01", "6" },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id = mail_in(&f, inbox);

	(void)unused;
	assert_int_equal(inbox, 1);
	assert_int_equal(id, 1);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = ask(&f, cases[i].operation);

		if (!str_eq(eas_reply_text(&r, "Status", 0), S("1")) ||
		    !str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status)) ||
		    eas_reply_count(&r, "Properties") != 0)
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

/* MS-ASCMD_R1551, MS-ASCMD_R1552, MS-ASCMD_R1553, MS-ASCMD_R1554 */
static void a_document_is_refused_with_its_link(void **unused)
{
	FIXTURE(f);
	struct eas_reply r = ask(&f, DOCUMENTS("https://server/doc"));

	(void)unused;
	assert_true(str_eq(eas_reply_text(&r, "documentlibrary:LinkId", 0), S("https://server/doc")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("9")));
}

/* Page 14: 52 EmptyFolderContents, 48 Options, 13 DeleteSubFolders (empty), 53 with a text. */
#define EMPTY(id, options) "52 00 00 52 03 '" id "' 00 01 00 14 " options " 01 "

/* MS-ASCMD_R2242, MS-ASCMD_R2243, MS-ASCMD_R2244, MS-ASCMD_R2167, MS-ASCMD_R5414; R6425: since 12.1 (12.0 by the code pages). */
static void a_folder_is_emptied_and_every_phone_is_told(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	int64_t below = fixture_add_folder(&f, "Below", FOLDER_MAIL, inbox);
	struct eas_reply r;
	const char *key;
	size_t adds;

	(void)unused;
	for (enum eas_version v = EAS_12_0; v < EAS_VERSION_MAX_; v++) {
		f.phone.version = eas_version_text(v).p;
		deliver_n(&f, 3);
		f.phone.version = "16.1";
		key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
		assert_int_equal(adds, 3);
		f.phone.version = eas_version_text(v).p;
		r = ask(&f, EMPTY("1", ""));
		assert_xml(r, "<ItemOperations xmlns=\"ItemOperations\" xmlns:airsync=\"AirSync\"><Status>1</Status>"
			      "<Response><EmptyFolderContents><Status>1</Status>"
			      "<airsync:CollectionId>1</airsync:CollectionId></EmptyFolderContents></Response>"
			      "</ItemOperations>");
		f.phone.version = "16.1";
		r = sync_with(&f, inbox, key, ""); /* the phone that asked too: it may not have had the answer */
		assert_int_equal(eas_reply_count(&r, "Delete"), 3);
	}
	fixture_learn_hierarchy(&f);
	r = ask(&f, EMPTY("1", "48 53 03 '0' 00 01 01"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_int_equal(fixture_role(&f, FOLDER_INBOX), inbox);
	r = fixture_foldersync(&f, "0");
	assert_true(str_find(r.xml, S("Below")) < r.xml.n);
	key = key_of(&f, &r);
	r = ask(&f, EMPTY("1", "48 13 01"));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	r = fixture_foldersync(&f, key);
	assert_int_equal(eas_reply_count(&r, "Delete"), 1);
	assert_true(str_find(r.xml, str_of(commands(&f, "<ServerId>%lld</ServerId>", (long long)below))) < r.xml.n);
}

static void what_cannot_be_emptied_says_why(void **unused)
{
	static const struct {
		const char *what, *operation, *status;
	} cases[] = {
		{ "a folder that is not there", EMPTY("99", ""), "6" },
		{ "a name that is none of ours", EMPTY("x", ""), "6" },
		{ "no folder named", "52 01", "2" },
	};
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		r = ask(&f, cases[i].operation);
		if (!str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
	r = ask(&f, EMPTY("1", "48 49 03 '0-1' 00 01 01")); /* an option of Fetch */
	assert_xml(r, "<ItemOperations xmlns=\"ItemOperations\"><Status>2</Status></ItemOperations>");
}

/* A folder that every mailbox has stays where another program has put it below one that is emptied: 16; MS-ASCMD_R4168: 17. */
static void what_must_stay_is_told_of(void **unused)
{
	static const struct sql_def place = { "test_place", "UPDATE folder SET parent_id = $2 WHERE mailbox_id = $1"
							    " AND folder_id = $3" };
	FIXTURE(f);
	int64_t junk = fixture_role(&f, FOLDER_JUNK), folder = fixture_add_folder(&f, "X", FOLDER_MAIL, FOLDER_ROOT);
	struct store_tx *tx;
	struct eas_reply r;

	(void)unused;
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
	assert_ok(stmt_run(tx, &place, ARGS(folder, junk)));
	assert_ok(store_commit(&tx));
	r = ask(&f, commands(&f, "52 00 00 52 03 '%lld' 00 01 00 14 48 13 01 01", (long long)folder));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("16")));
	fixture_add_item(&f, folder, STORE_NOBODY);
	r = ask(&f, commands(&f, "52 00 00 52 03 '%lld' 00 01 00 14 48 13 01 01", (long long)folder));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("17")));
	assert_int_equal(only_item(&f, folder), 0);
	assert_int_equal(fixture_role(&f, FOLDER_JUNK), junk);
}

/* The answers by kinds, as the schema has them; what is done, in the order of the request. */
static void operations_are_done_in_their_order(void **unused) /* MS-ASCMD_R193 */
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	mail_in(&f, 1);
	r = ask(&f, commands(&f, "%s %s %s", fetch_mail(&f, 1, 1, ""), EMPTY("1", ""), fetch_mail(&f, 1, 1, "")));
	assert_int_equal(eas_reply_count(&r, "Fetch"), 2);
	assert_true(str_find(r.xml, S("<EmptyFolderContents>")) < str_find(r.xml, S("<Fetch>")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1"))); /* emptied */
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("1"))); /* read before that */
	assert_true(str_eq(eas_reply_text(&r, "Status", 3), S("6"))); /* and after */
}

/* Bob's mail has in his mailbox the very names that ann asks for. */
static void another_users_mail_is_out_of_reach(void **unused)
{
	FIXTURE(f);
	struct server_account bob = server_add_account(&f.server, "bob@example.test", "secret");
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, bob.mailbox, str_from(mail, sizeof(mail) - 1));
	r = ask(&f, commands(&f, "%s %s 46 " MAILBOX "00 0F 58 03 '1' 00 01 00 14 01", fetch_mail(&f, 1, 1, ""),
			     fetch_part(&f, "1:1:2", "")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("15")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 3), S("6")));
	f.phone.login = "bob@example.test";
	r = ask(&f, fetch_part(&f, "1:1:2", ""));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
}

/* MS-ASCMD_R7490: 100 operations, and one more. */
static void a_request_has_a_hundred_operations_at_most(void **unused)
{
	FIXTURE(f);
	struct buf list = BUF_INIT(1 << 16);
	struct eas_reply r;

	(void)unused;
	for (unsigned i = 0; i < EAS_MAX_ITEM_OPERATIONS; i++)
		buf_cstr(&list, "46 " MAILBOX "00 0F 58 03 '7' 00 01 00 14 01 ");
	buf_char(&list, '\0');
	r = ask(&f, list.p);
	assert_int_equal(eas_reply_count(&r, "Fetch"), EAS_MAX_ITEM_OPERATIONS);
	buf_truncate(&list, list.n - 1);
	buf_cstr(&list, EMPTY("9", ""));
	buf_char(&list, '\0');
	r = ask(&f, list.p);
	assert_xml(r, "<ItemOperations xmlns=\"ItemOperations\"><Status>11</Status></ItemOperations>");
	buf_release(&list);
}

/* A mail with one attachment of that many octets, lines of "x". */
static void put_large(struct buf *all, size_t size)
{
	buf_cstr(all, "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
		      "Content-Type: image/png\r\n\r\n");
	for (size_t i = 0; i < size; i++)
		buf_char(all, i % 100 == 98 ? '\r' : i % 100 == 99 ? '\n' : 'x');
	buf_cstr(all, "\r\n--b--\r\n");
}

/* MIME above EAS_MIN_INSERT_BYTES: in the document it never is in memory, in a part it is. */
static void a_large_message_arrives_whole_in_both_forms(void **unused)
{
	static const char mime[] = "48 00 00 62 03 '2' 00 01 00 14 " BODY_TYPE("4") "01";
	FIXTURE(f);
	CLEANUP(buf_release) struct buf all = BUF_INIT(8 << 20);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	struct eas_reply r;

	(void)unused;
	put_large(&all, 5 * 1000 * 1000);
	deliver_octets(&f, f.ann.mailbox, buf_view(&all));
	id = only_item(&f, inbox);
	r = ask(&f, commands(&f, "%s %s", fetch_mail(&f, inbox, id, mime), fetch_part(&f, "1:1:99", "")));
	assert_true(str_find(r.body, buf_view(&all)) < r.body.n);
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("15")));
	f.phone.headers = "MS-ASAcceptMultiPart: T\r\n";
	r = ask(&f, fetch_mail(&f, inbox, id, mime));
	assert_true(str_eq(part_of(&r, 1), buf_view(&all)));
}

/* MS-ASCMD_R4163: what does not fit beside the others, in the document and in parts; the others are there. */
static void what_does_not_fit_the_answer_is_too_large(void **unused)
{
	enum { SIZE = 600 * 1000 };
	FIXTURE(f);
	CLEANUP(buf_release) struct buf all = BUF_INIT(1 << 20), list = BUF_INIT(1 << 16);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *reference;
	size_t fit;

	(void)unused;
	put_large(&all, SIZE);
	deliver_octets(&f, f.ann.mailbox, buf_view(&all));
	reference = reference_of(&f, inbox, only_item(&f, inbox), 0);
	for (unsigned i = 0; i < EAS_MAX_ITEM_OPERATIONS; i++)
		buf_cstr(&list, fetch_part(&f, reference, ""));
	buf_char(&list, '\0');
	r = ask(&f, list.p);
	fit = eas_reply_count(&r, "Data");
	assert_int_equal(fit, EAS_MAX_FETCH_BYTES / (SIZE / 3 * 4 + 100));
	assert_true(str_eq(eas_reply_text(&r, "Status", (unsigned)fit), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Status", (unsigned)fit + 1), S("11")));
	assert_int_equal(eas_reply_count(&r, "Fetch"), EAS_MAX_ITEM_OPERATIONS);

	f.phone.headers = "MS-ASAcceptMultiPart: T\r\n";
	r = ask(&f, list.p);
	assert_int_equal(number_at(r.body, 0), EAS_MAX_FETCH_BYTES / SIZE + 1);
	assert_true(str_eq(part_of(&r, 1), part_of(&r, EAS_MAX_FETCH_BYTES / SIZE)));
	assert_int_equal(part_of(&r, 1).n, SIZE);
}

static void a_malformed_request_gets_its_status(void **unused)
{
	static const struct {
		const char *what, *operations, *status;
	} cases[] = {
		{ "no operation", "", "2" }, /* MS-ASCMD_R7238 */
		{ "an operation of none", "4D 03 '1' 00 01", "2" },
		{ "an element of none in Fetch", "46 4D 03 '1' 00 01 01", "2" },
		{ "a document cut short", "46 47 03 'Mail", "102" },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const char *text =
			commands(&f, HEAD "00 14 45 %s%s", cases[i].operations, cases[i].status[1] ? "'" : " 01");
		struct eas_reply r = eas_phone_ask(&f.phone, "ItemOperations", doc(&f, "%s", text));

		if (!str_eq(eas_reply_text(&r, "Status", 0), str_of(cases[i].status)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.xml));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_fetched_with_the_body_asked_for),
		cmocka_unit_test(a_mail_is_fetched_by_its_long_id),
		cmocka_unit_test(an_attachment_is_fetched_whole_or_in_ranges),
		cmocka_unit_test(a_file_in_a_winmail_dat_is_an_attachment),
		cmocka_unit_test(attachments_of_every_length_arrive_whole),
		cmocka_unit_test(parts_stand_behind_the_document),
		cmocka_unit_test(what_failed_alone_is_a_document_without_parts),
		cmocka_unit_test(what_cannot_be_fetched_says_why),
		cmocka_unit_test(a_document_is_refused_with_its_link),
		cmocka_unit_test(a_folder_is_emptied_and_every_phone_is_told),
		cmocka_unit_test(what_cannot_be_emptied_says_why),
		cmocka_unit_test(what_must_stay_is_told_of),
		cmocka_unit_test(operations_are_done_in_their_order),
		cmocka_unit_test(another_users_mail_is_out_of_reach),
		cmocka_unit_test(a_request_has_a_hundred_operations_at_most),
		cmocka_unit_test(a_large_message_arrives_whole_in_both_forms),
		cmocka_unit_test(what_does_not_fit_the_answer_is_too_large),
		cmocka_unit_test(a_malformed_request_gets_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
