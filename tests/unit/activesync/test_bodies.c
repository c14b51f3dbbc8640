/*
 * Every body form of every mail, in every version: whatever came in, what goes out is valid, of the size that was asked for
 * and says truly whether it was cut. Mails: samples/mail, those of ROOST_SHARED_DIR where there is one, and hostile ones.
 */
#include "sync_fixture.h"

#include <base/utf8.h>
#include <gateway/activesync/email.h>
#include <gateway/activesync/insert.h>
#include <tests/support/shared.h>
#include <wbxml/xml.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_MAX = 64 * 1024 * 1024, MAILS_MAX = 400 };

struct mails {
	struct arena arena;
	struct str v[MAILS_MAX];
	size_t n;
};

static void add(struct mails *m, struct str octets)
{
	assert_true(m->n < MAILS_MAX);
	assert_ok(arena_str(&m->arena, octets, &m->v[m->n++]));
}

static void add_file(struct mails *m, const char *path)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(FILE_MAX);
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)))
		buf_put(&b, chunk, n);
	fclose(f);
	add(m, buf_view(&b));
}

static size_t add_folder(struct mails *m, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	if (!d)
		return 0;
	while ((entry = readdir(d))) {
		CLEANUP(buf_release) struct buf path = BUF_INIT(4096);

		if (!str_ends(str_of(entry->d_name), S(".eml")))
			continue;
		buf_fmt(&path, "%s/%s", folder, entry->d_name);
		buf_char(&path, '\0');
		add_file(m, path.p);
		n++;
	}
	closedir(d);
	return n;
}

/* What strangers send to break readers, and what careless senders send. */
static const struct str hostile[] = {
	STR_INIT(""),
	STR_INIT("\r\n"),
	STR_INIT("\r\n\r\n"),
	STR_INIT("Content-Type: text/html\r\n\r\n<p>\xff\xfe\x00\x01<b>&#0;&#xD800;&#x110000;&amp\x1b[0m"),
	STR_INIT("Content-Type: text/plain; "
		 "charset=utf-8\r\n\r\n\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98"),
	STR_INIT("Content-Type: text/plain; charset=iso-8859-1\r\n\r\n\x93quoted\x94 \x80 100\r\n"),
	STR_INIT("Content-Type: text/plain; charset=x-nobody-knows\r\n\r\nGr\xFC\xDF\x65\r\n"),
	STR_INIT("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$3$s$K$A$O\x1b(B\r\n"),
	STR_INIT("Content-Type: text/plain; charset=gb18030\r\n\r\n\xC4\xE3\xBA\xC3\x81\x30\x81\x30\r\n"),
	STR_INIT("Content-Type: text/plain; charset=shift_jis\r\n\r\n\x82\xB1\x82\xF1\x82\xC9\x82\xBF\x82\xCD\r\n"),
	STR_INIT("Content-Type: text/plain; charset=utf-7\r\n\r\nGr+APwA3w-e +AGEAYgBj\r\n"),
	STR_INIT("Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: "
		 "base64\r\n\r\n//5IAGUAbABsAG8A2AA=\r\n"),
	STR_INIT("Content-Type: text/html; charset=us-ascii\r\n\r\n<meta "
		 "charset=utf-16><script>x</script><p>\xC3\xA9</p>"),
	STR_INIT("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; "
		 "boundary=b\r\n\r\n--b--"),
	STR_INIT("Content-Type: multipart/alternative; boundary=\"\"\r\n\r\n----\r\n\r\nx"),
	STR_INIT("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny"),
	STR_INIT("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n\x30\x80\xff"),
	STR_INIT("Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; "
		 "boundary=s\r\n\r\n--s\r\n\r\nhi\r\n--s\r\n"
		 "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nxx\r\n--s--\r\n"),
	STR_INIT("Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: "
		 "base64\r\n\r\neJ8+IgAA\r\n"),
	STR_INIT("Subject: =?utf-8?B?/////w==?= =?x?Q?=00=01?=\r\nFrom: \x00\x01 <\xff@\xfe>\r\n\r\n\x00\x00"),
};

static void load(struct mails *m)
{
	const char *shared = getenv("ROOST_SHARED_DIR");

	*m = (struct mails){ .arena = ARENA_INIT(FILE_MAX) };
	for (size_t i = 0; i < countof(hostile); i++)
		add(m, hostile[i]);
	assert_true(add_folder(m, "samples/mail") > 0);
	if (shared) {
		CLEANUP(buf_release) struct buf path = BUF_INIT(4096);

		buf_fmt(&path, "%s/corpus/mail", shared);
		buf_char(&path, '\0');
		(void)add_folder(m, path.p);
	}
}

/* ---- one document: a mail in one form and version ---- */

struct facts {
	uint64_t size;
	bool truncated, has_data, too_large;
	unsigned type;
	struct str data;
	unsigned bodies;
};

static void take_text(struct wbxml_reader *r, struct facts *f, uint16_t tag)
{
	uint64_t v = 0;

	switch ((unsigned)tag) {
	case TAG_AIRSYNCBASE_TYPE:
		assert_ok(str_to_u64(r->text, 4, &v));
		f->type = (unsigned)v;
		break;
	case TAG_AIRSYNCBASE_ESTIMATEDDATASIZE:
		assert_ok(str_to_u64(r->text, UINT64_MAX, &f->size));
		break;
	case TAG_AIRSYNCBASE_TRUNCATED:
		f->truncated = str_eq(r->text, S("1"));
		break;
	case TAG_AIRSYNCBASE_STATUS:
		f->too_large = str_eq(r->text, S("176"));
		break;
	case TAG_AIRSYNCBASE_DATA:
		f->has_data = true;
		f->data = r->text;
		break;
	default:
		break;
	}
}

/* Of the first Body or BodyPart of a document; every text of it is one that XML can carry. */
static struct facts read_facts(struct str doc, enum wbxml_tag element, enum eas_version version)
{
	struct wbxml_reader r;
	struct facts f = { 0 };
	unsigned inside = 0;

	wbxml_reader_init(&r, doc);
	r.octets = true;
	for (;;) {
		enum wbxml_event event = wbxml_next(&r);

		if (event == WBXML_DONE)
			return f;
		if (event == WBXML_BAD)
			fail_msg("document is bad: %s", wbxml_why_text(r.why));
		if (event == WBXML_START) {
			assert_true(wbxml_tag_in((enum wbxml_tag)r.tag, version));
			if (r.tag == element && !r.empty) {
				inside = r.depth;
				f.bodies++;
			}
		} else if (event == WBXML_END && r.depth == inside) {
			inside = 0;
		} else if (event == WBXML_TEXT) {
			assert_true(r.opaque || utf8_is_xml(r.text));
			if (inside && f.bodies == 1)
				take_text(&r, &f, r.tag);
		}
	}
}

struct one {
	struct fixture *f;
	int64_t id;
	enum eas_version version;
	struct eas_options options;
	enum wbxml_tag element;
};

static struct facts render(struct one *o, struct buf *out)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(FILE_MAX);
	CLEANUP(eas_inserts_release) struct eas_inserts inserts = { 0 };
	struct item_view view = { .arena = &a,
				  .version = o->version,
				  .options = &o->options,
				  .container = TAG_AIRSYNC_APPLICATIONDATA,
				  .inserts = &inserts };
	struct wbxml_writer w;
	struct item item;

	buf_clear(out);
	assert_ok(store_begin(o->f->server.store, o->f->ann.mailbox, STORE_READ, &tx));
	assert_ok(item_find(&a, tx, o->id, &item));
	view.tx = tx;
	wbxml_writer_init(&w, out);
	assert_ok(email_put(&w, &view, &item));
	assert_ok(wbxml_writer_end(&w));
	if (inserts.n) /* octets that stand elsewhere: test_sync_large.c */
		return (struct facts){ 0 };
	return read_facts(buf_view(out), o->element, o->version);
}

/* Data is a beginning of the whole, as long as it may be, cut at a character; and the sizes are those of the whole. */
static void check_cut(struct one *o, struct body_preference *p, struct str whole)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 5, 17, 100, 1000 };
	CLEANUP(buf_release) struct buf out = BUF_INIT(FILE_MAX);

	for (size_t i = 0; i < countof(sizes); i++) {
		struct facts f;

		p->truncation = sizes[i];
		p->all_or_none = false;
		f = render(o, &out);
		assert_int_equal(f.size, whole.n);
		assert_int_equal(f.truncated, whole.n > sizes[i]);
		assert_true(f.data.n <= sizes[i] && str_starts(whole, f.data));
		if (f.truncated && f.type != BODY_MIME)
			assert_true(f.data.n + 4 > sizes[i]); /* a character has four octets at most */
		p->all_or_none = true;
		f = render(o, &out);
		assert_true(f.has_data ? !f.truncated && str_eq(f.data, whole) : f.truncated || whole.n == 0);
		assert_int_equal(f.too_large, o->element == TAG_AIRSYNCBASE_BODYPART && f.truncated);
	}
	p->truncation = BODY_NO_TRUNCATION;
	p->all_or_none = false;
}

static void check_form(struct one *o, struct body_preference list[BODY_TYPES], enum body_type type)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(FILE_MAX);
	struct body_preference *p = &list[type];
	struct facts f;

	*p = (struct body_preference){ .asked = true, .preview = 100, .truncation = BODY_NO_TRUNCATION };
	f = render(o, &out);
	assert_int_equal(f.bodies, 1);
	assert_int_equal(f.type, type);
	assert_int_equal(f.size, f.data.n);
	assert_false(f.truncated);
	if (type != BODY_MIME)
		assert_true(utf8_is_xml(f.data));
	check_cut(o, p, f.data);
	*p = (struct body_preference){ 0 };
}

static void check_mail(struct fixture *f, int64_t id)
{
	for (enum eas_version v = EAS_2_5; v <= EAS_16_1; v++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(FILE_MAX);
		struct one o = {
			.f = f, .id = id, .version = v, .options = eas_options_default, .element = TAG_AIRSYNCBASE_BODY
		};

		(void)render(&o, &out); /* as a phone that asks for nothing sees it */
		if (v < EAS_12_0)
			continue;
		check_form(&o, o.options.body, BODY_PLAIN);
		check_form(&o, o.options.body, BODY_HTML);
		if (v == EAS_16_1)
			check_form(&o, o.options.body, BODY_MIME);
		o.element = TAG_AIRSYNCBASE_BODYPART;
		if (v < EAS_14_1)
			continue;
		check_form(&o, o.options.part, BODY_PLAIN);
		check_form(&o, o.options.part, BODY_HTML);
	}
}

/* MS-ASAIRS_R62, R63, R120, R126, R250, R255, R294, R392, R400 */
static void every_form_of_every_mail_is_what_was_asked_for(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	static struct mails m;

	(void)unused;
	load(&m);
	for (size_t i = 0; i < m.n; i++) {
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;
		struct item *items;
		size_t n;

		deliver_octets(&f, f.ann.mailbox, m.v[i]);
		assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
		assert_ok(item_list(&f.arena, tx, inbox, (uint32_t)i, 10, &items, &n));
		store_tx_end(&tx);
		assert_int_equal(n, 1);
		check_mail(&f, items[0].id);
	}
	arena_release(&m.arena);
}

/*
 * Page 11: 45 BodyPreference, 46 Type, 47 TruncationSize, 48 AllOrNone, 58 Preview, 59 BodyPartPreference.
 */
#define PART(inside) "57 00 11 59 " inside "01 00 00 01 "

static void a_body_part_comes_where_it_is_asked_for(void **unused)
{
	static const char html[] = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>you</b></p>";
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, str_of(html));
	r = sync_with(&f, inbox, first_key(&f, inbox), PART("46 03 '2' 00 01 58 03 '3' 00 01 "));
	assert_int_equal(eas_reply_count(&r, "airsyncbase:BodyPart"), 1);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Body"), 0); /* MS-ASCON_R247 */
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Preview", 0), S("Hel")));
	r = sync_with(&f, inbox, first_key(&f, inbox), PART("46 03 '2' 00 01 47 03 '5' 00 01 48 03 '1' 00 01 "));
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:Status", 0), S("176"))); /* MS-ASAIRS_R272 */
	/* MS-ASCMD_R5412 */
	r = sync_with(&f, inbox, first_key(&f, inbox), PART("46 03 '4' 00 01 "));
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("164")));
	f.phone.version = "14.0";
	r = sync_with(&f, inbox, first_key(&f, inbox), PART("46 03 '2' 00 01 "));
	assert_int_equal(eas_reply_count(&r, "airsyncbase:BodyPart"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_every_mail_is_what_was_asked_for),
		cmocka_unit_test(a_body_part_comes_where_it_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
