/* Mails that are larger than an answer holds in memory: MIME from their files, text up to its limit. */
#include "sync_fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { LARGE_BYTES = 25 * 1024 * 1024 };

/* Page 00: 57 Options, 62 MIMESupport. Page 11: 45 BodyPreference, 46 Type, 47 TruncationSize, 48 AllOrNone. */
#define WANTS(support, type, more) "57 62 03 '" support "' 00 01 00 11 45 46 03 '" type "' 00 01 " more " 01 01 00 00 "
#define WANTS_MIME WANTS("2", "4", "")
#define WANTS_PLAIN WANTS("0", "1", "")

/* Lines of text up to n octets in all, with a word in each that is `odd`. */
static struct buf mail_of(size_t n, const char *odd)
{
	struct buf b = BUF_INIT(2 * LARGE_BYTES);

	buf_cstr(&b, "From: Bob <bob@example.org>\r\nTo: ann@example.test\r\nSubject: large\r\n"
		     "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		     "Content-Transfer-Encoding: 8bit\r\n\r\n");
	for (size_t i = 0; b.n + 80 < n; i++)
		buf_fmt(&b, "Line %zu of a mail that is larger than others are, %s.\r\n", i, odd);
	while (b.n + 2 < n)
		buf_char(&b, 'x');
	buf_cstr(&b, "\r\n");
	assert_ok(buf_status(&b));
	return b;
}

/* The n-th Data of an answer, as its octets are; *opaque tells how they came. */
static struct str data_of(const struct eas_reply *r, unsigned n, bool *opaque)
{
	struct wbxml_reader reader;
	enum wbxml_event ev;

	wbxml_reader_init(&reader, r->body);
	reader.octets = true;
	while ((ev = wbxml_next(&reader)) != WBXML_DONE && ev != WBXML_BAD)
		if (ev == WBXML_TEXT && reader.tag == TAG_AIRSYNCBASE_DATA && n-- == 0) {
			*opaque = reader.opaque;
			return reader.text;
		}
	fail_msg("no such Data");
	return STR_EMPTY;
}

/* Sync-engine rule 14. Text goes as a string, what is no text as an opaque: in both octet by octet. */
static void a_mail_of_25_mb_comes_as_it_is(void **unused)
{
	static const struct {
		const char *what, *odd;
		bool opaque;
	} cases[] = {
		{ "ASCII", "plain", false },
		{ "UTF-8, with characters across every border", "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80", false },
		{ "octets that are no UTF-8", "\xff\xfe", true },
		{ "a NUL, which no string can hold", "\x01", true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf mail = mail_of(LARGE_BYTES, cases[i].odd);
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;
		bool opaque = false;

		f.phone.headers = "Accept-Encoding: gzip\r\n";
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
		r = sync_with(&f, inbox, first_key(&f, inbox), WANTS_MIME);
		if (r.status != 200 || !str_eq(data_of(&r, 0, &opaque), buf_view(&mail)) || opaque != cases[i].opaque)
			fail_msg("%s: HTTP %d, %zu bytes", cases[i].what, r.status, r.body.n);
		assert_null(eas_reply_header(&r, "Content-Encoding").p);
		/* The connection serves on. */
		r = sync_with(&f, inbox, key_of(&f, &r), "");
		assert_int_equal(r.body.n, 0);
		buf_release(&mail);
	}
}

/* The answer of a request that was parked is written by another hand than libmicrohttpd's. */
static void a_held_sync_ends_with_it_too(void **unused)
{
	struct buf mail = mail_of(LARGE_BYTES, "plain");
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	bool opaque;

	(void)unused;
	fixture_learn_hierarchy(&f);
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, first_key(&f, inbox), WANTS_MIME, "69 03 '600' 00 01"));
	server_await_held(&f.server, 1);
	deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
	r = eas_phone_receive(&f.phone);
	assert_true(str_eq(data_of(&r, 0, &opaque), buf_view(&mail)));
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	buf_release(&mail);
}

static void it_comes_alone_between_others(void **unused)
{
	struct buf mail = mail_of(EAS_MAX_PAGE_BYTES + 1, "plain");
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;
	bool opaque;

	(void)unused;
	deliver_n(&f, 2);
	deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
	deliver_n(&f, 2);
	key = first_key(&f, inbox);
	r = sync_with(&f, inbox, key, WANTS_MIME);
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_true(has_more(&r));
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(has_more(&r));
	assert_true(str_eq(data_of(&r, 0, &opaque), buf_view(&mail)));
	r = sync_with(&f, inbox, key_of(&f, &r), "");
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	assert_false(has_more(&r));
	buf_release(&mail);
}

/* At EAS_MIN_INSERT_BYTES and one past it: copied or inserted, nobody can tell. */
static void the_border_between_copied_and_inserted_is_not_seen(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct buf mails[4];
	struct eas_reply r;
	bool opaque;

	(void)unused;
	for (size_t i = 0; i < countof(mails); i++) {
		mails[i] = mail_of(EAS_MIN_INSERT_BYTES + i / 2, i % 2 ? "\xff" : "plain");
		deliver_octets(&f, f.ann.mailbox, buf_view(&mails[i]));
		server_advance(&f.server, 1000);
	}
	r = sync_with(&f, inbox, first_key(&f, inbox), WANTS_MIME);
	assert_int_equal(eas_reply_count(&r, "Add"), countof(mails));
	for (unsigned i = 0; i < countof(mails); i++) {
		struct buf *mail = &mails[countof(mails) - 1 - i]; /* newest first */

		assert_true(str_eq(data_of(&r, i, &opaque), buf_view(mail)));
		assert_int_equal(opaque, (countof(mails) - 1 - i) % 2);
		buf_release(mail);
	}
}

/* MS-ASAIRS R75: cut or not at all. */
static void truncation_holds_for_what_is_inserted(void **unused)
{
	static const struct {
		const char *what, *wants;
		size_t n;
	} cases[] = {
		{ "cut", WANTS("2", "4", "47 03 '300000' 00 01"), 300000 },
		{ "all or none", WANTS("2", "4", "47 03 '300000' 00 01 48 03 '1' 00 01"), 0 },
		{ "one less than the mail", WANTS("2", "4", "47 03 '999999' 00 01"), 999999 },
		{ "the whole mail", WANTS("2", "4", "47 03 '1000000' 00 01"), 1000000 },
	};
	struct buf mail = mail_of(1000000, "plain");
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	bool opaque;

	(void)unused;
	deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r = sync_with(&f, inbox, first_key(&f, inbox), cases[i].wants);
		bool cut = cases[i].n < mail.n;

		print_message("%s\n", cases[i].what);
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:EstimatedDataSize", 0), S("1000000")));
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Truncated"), cut);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Data"), cases[i].n > 0);
		if (cases[i].n)
			assert_true(str_eq(data_of(&r, 0, &opaque), str_slice(buf_view(&mail), 0, cases[i].n)));
	}
	buf_release(&mail);
}

static void a_fetch_brings_several_large_ones(void **unused)
{
	struct buf mail = mail_of(EAS_MAX_PAGE_BYTES, "plain");
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	bool opaque;

	(void)unused;
	for (int i = 0; i < 2; i++)
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
	r = sync_with(&f, inbox, first_key(&f, inbox),
		      commands(&f,
			       "53 03 '0' 00 01 " WANTS_MIME
			       " 56 4A 4D 03 '%lld:1' 00 01 01 4A 4D 03 '%lld:2' 00 01 01 01",
			       (long long)inbox, (long long)inbox));
	assert_int_equal(eas_reply_count(&r, "Fetch"), 2);
	for (unsigned i = 0; i < 2; i++)
		assert_true(str_eq(data_of(&r, i, &opaque), buf_view(&mail)));
	buf_release(&mail);
}

/* What a Fetch brings as text is memory: past the page it is to be asked again (MS-ASCMD 2.2.3.177.17, Status 16). */
static void what_a_fetch_has_no_room_for_is_to_be_retried(void **unused)
{
	struct buf mail = mail_of(EAS_MAX_PAGE_BYTES / 2 + 1024, "plain");
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	for (int i = 0; i < 2; i++)
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
	r = sync_with(&f, inbox, first_key(&f, inbox),
		      commands(&f,
			       "53 03 '0' 00 01 " WANTS_PLAIN
			       " 56 4A 4D 03 '%lld:1' 00 01 01 4A 4D 03 '%lld:2' 00 01 01 01",
			       (long long)inbox, (long long)inbox));
	assert_int_equal(eas_reply_count(&r, "Fetch"), 2);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Data"), 1);
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("16")));
	buf_release(&mail);
}

/* EAS_MAX_TEXT_BODY_BYTES and one past it. */
static void text_is_cut_at_its_limit(void **unused)
{
	(void)unused;
	for (size_t past = 0; past <= 1; past++) {
		struct buf mail = mail_of(EAS_MAX_TEXT_BODY_BYTES + 1000, "plain");
		size_t head = str_find(buf_view(&mail), S("\r\n\r\n")) + 4;
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct eas_reply r;
		bool opaque;

		mail.n = head + EAS_MAX_TEXT_BODY_BYTES + past;
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
		r = sync_with(&f, inbox, first_key(&f, inbox), WANTS_PLAIN);
		assert_int_equal(data_of(&r, 0, &opaque).n, EAS_MAX_TEXT_BODY_BYTES);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Truncated"), past);
		buf_release(&mail);
	}
}

static int cut_file(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)at;
	if (kind == FTW_F && strstr(path, "/blobs/") && truncate(path, st->st_size / 2))
		return -1;
	return 0;
}

static void a_mail_whose_file_is_damaged_does_not_keep_the_others(void **unused)
{
	struct buf mail = mail_of(EAS_MAX_PAGE_BYTES, "plain");
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;

	(void)unused;
	deliver_n(&f, 1);
	deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
	deliver_n(&f, 1);
	assert_int_equal(nftw(f.server.dir.path, cut_file, 8, FTW_PHYS), 0);
	r = sync_with(&f, inbox, first_key(&f, inbox), WANTS_MIME);
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	assert_false(has_more(&r));
	assert_true(str_eq(eas_reply_text(&r, "email:Subject", 1), S("(this message can't be read on the server)")));
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Data"), 3);
	buf_release(&mail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_of_25_mb_comes_as_it_is),
		cmocka_unit_test(a_held_sync_ends_with_it_too),
		cmocka_unit_test(it_comes_alone_between_others),
		cmocka_unit_test(the_border_between_copied_and_inserted_is_not_seen),
		cmocka_unit_test(truncation_holds_for_what_is_inserted),
		cmocka_unit_test(a_fetch_brings_several_large_ones),
		cmocka_unit_test(what_a_fetch_has_no_room_for_is_to_be_retried),
		cmocka_unit_test(text_is_cut_at_its_limit),
		cmocka_unit_test(a_mail_whose_file_is_damaged_does_not_keep_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
