/* What the server sees to of a policy itself, whatever the phone does: one that never asked for it, and shows no key. */
#include "sync_fixture.h"

#include <store/policy.h>

#define MAILBOX "47 03 'Mailbox' 00 01 "
#define BODY_TYPE(type) "00 11 45 46 03 '" type "' 00 01 01 00 14 "

/* The attachment has 17 octets. */
static const char mail[] = "From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: with parts\r\n"
			   "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
			   "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello <b>you</b></p>\r\n"
			   "--b\r\nContent-Type: application/x-thing; name=thing.bin\r\n"
			   "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n"
			   "SGVsbG8sIG9jdGV0cyEA/4A=\r\n--b--\r\n";

/* For everyone; phones that can't be provisioned are let in. */
static void keep_to(struct fixture *f, enum policy_setting which, const char *value)
{
	struct store_tx *tx;
	struct policy p = { 0 };
	enum err e;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	e = policy_find(&f->arena, tx, S("kept"), &p);
	if (e == ERR_NOT_FOUND)
		e = policy_create(tx, S("kept"), &p.id);
	assert_ok(e);
	assert_ok(policy_set(tx, p.id, POLICY_NON_PROVISIONABLE, S("1")));
	assert_ok(policy_set(tx, p.id, which, str_of(value)));
	assert_ok(policy_assign(tx, POLICY_FOR_EVERYONE, 0, p.id));
	assert_ok(store_commit(&tx));
}

static struct eas_reply ask(struct fixture *f, const char *operations)
{
	return eas_phone_ask(&f->phone, "ItemOperations", doc(f, HEAD "00 14 45 %s 01", operations));
}

static struct eas_reply fetch_mail(struct fixture *f, int64_t folder, int64_t id, const char *options)
{
	return ask(f, commands(f, "46 " MAILBOX "00 00 52 03 '%lld' 00 01 4D 03 '%lld:%lld' 00 01 00 14 %s 01",
			       (long long)folder, (long long)folder, (long long)id, options));
}

static struct eas_reply fetch_part(struct fixture *f, const char *reference)
{
	return ask(f, commands(f, "46 " MAILBOX "00 11 51 03 '%s' 00 01 00 14 01", reference));
}

static const char *deliver_mail(struct fixture *f, int64_t inbox, int64_t *ret_id)
{
	const char *reference;
	struct eas_reply r;

	deliver_octets(f, f->ann.mailbox, str_from(mail, sizeof(mail) - 1));
	*ret_id = only_item(f, inbox);
	r = fetch_mail(f, inbox, *ret_id, "");
	assert_ok(arena_cstr(&f->arena, eas_reply_text(&r, "airsyncbase:FileReference", 0), &reference));
	return reference;
}

static bool text_is(const struct eas_reply *r, const char *element, unsigned n, const char *wanted)
{
	return str_eq(eas_reply_text(r, element, n), str_of(wanted));
}

/* MS-ASPROV_R206, MS-ASPROV_R207, MS-ASCMD_R4167; R44: the size is that of the octets, not of their encoding. */
static void attachments_are_not_handed_out(void **unused)
{
	static const struct {
		enum policy_setting which;
		const char *value, *status;
		int http;
	} cases[] = {
		{ POLICY_MAX_ATTACHMENT, "17", "1", 200 }, { POLICY_MAX_ATTACHMENT, "16", "11", 500 },
		{ POLICY_MAX_ATTACHMENT, "", "1", 200 },   { POLICY_ATTACHMENTS, "0", "16", 403 },
		{ POLICY_ATTACHMENTS, "1", "1", 200 },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *reference = deliver_mail(&f, inbox, &id);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf target = BUF_INIT(1024);
		struct eas_reply r;

		keep_to(&f, cases[i].which, cases[i].value);
		f.phone.version = "16.1";
		r = fetch_part(&f, reference);
		if (!text_is(&r, "Status", 1, cases[i].status))
			fail_msg("%zu: " STR_FMT, i, STR_ARG(r.xml));
		f.phone.version = "12.1";
		buf_fmt(&target,
			EAS_HTTP_PATH "?Cmd=GetAttachment&AttachmentName=%s&User=ann&DeviceId=%s&DeviceType=iPhone%c",
			reference, f.phone.device_id, '\0');
		f.phone.asked = "GetAttachment";
		eas_phone_send_to(&f.phone, "POST", target.p, STR_EMPTY);
		assert_int_equal(eas_phone_receive(&f.phone).status, cases[i].http);
	}
}

/* They would go out within it. */
static void without_attachments_there_is_no_mime(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;
	const char *wants_mime = "48 00 00 62 03 '2' 00 01 00 14 " BODY_TYPE("4") "01";
	struct eas_reply r;

	(void)unused;
	deliver_mail(&f, inbox, &id);
	r = fetch_mail(&f, inbox, id, wants_mime);
	assert_true(text_is(&r, "airsyncbase:Type", 0, "4"));
	keep_to(&f, POLICY_ATTACHMENTS, "0");
	r = fetch_mail(&f, inbox, id, wants_mime);
	assert_true(text_is(&r, "airsyncbase:Type", 0, "2"));
	assert_true(str_find(r.xml, S("SGVsbG8s")) == r.xml.n);
}

static void bodies_are_plain_and_short(void **unused)
{
	static const struct {
		enum policy_setting which;
		const char *value, *options, *type, *data;
		bool truncated;
	} cases[] = {
		{ POLICY_HTML, "0", "", "1", "Hello you", false },
		{ POLICY_HTML, "0", "48 " BODY_TYPE("2") "01", "1", "Hello you", false },
		{ POLICY_HTML, "1", "", "2", "&lt;p&gt;Hello", false },
		{ POLICY_HTML_SIZE, "8", "", "2", "&lt;p&gt;Hello", true },
		{ POLICY_HTML_SIZE, "-1", "", "2", "&lt;/p&gt;", false },
		{ POLICY_BODY_SIZE, "5", "48 " BODY_TYPE("1") "01", "1", "<airsyncbase:Data>Hello</", true },
		{ POLICY_BODY_SIZE, "5", "48 " BODY_TYPE("2") "01", "2", "&lt;/p&gt;", false },
	};
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), id;

	(void)unused;
	deliver_mail(&f, inbox, &id);
	for (size_t i = 0; i < countof(cases); i++) {
		struct eas_reply r;

		keep_to(&f, cases[i].which, cases[i].value);
		r = fetch_mail(&f, inbox, id, cases[i].options);
		if (!text_is(&r, "airsyncbase:Type", 0, cases[i].type) ||
		    str_find(r.xml, str_of(cases[i].data)) == r.xml.n ||
		    (eas_reply_count(&r, "airsyncbase:Truncated") > 0) != cases[i].truncated)
			fail_msg("%zu: " STR_FMT, i, STR_ARG(r.xml));
	}
}

/* MS-ASPROV_R260, in Sync and in estimates; and what was synced before leaves the phone. */
static void mail_is_no_older_than_the_policy(void **unused)
{
	enum { DAY = 24 * 3600 * 1000 };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;
	size_t adds = 0;

	(void)unused;
	deliver(&f, f.ann.mailbox, "old");
	server_advance(&f.server, 4 * (int64_t)DAY);
	deliver(&f, f.ann.mailbox, "new");
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 2);
	keep_to(&f, POLICY_EMAIL_AGE, "2"); /* three days */
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 1);
	adds = 0;
	key = first_key(&f, inbox);
	r = eas_phone_ask(&f.phone, "GetItemEstimate",
			  doc(&f, HEAD "00 06 45 47 48 00 00 4B 03 '%s' 00 01 00 06 4A 03 '%lld' 00 01 01 01 01", key,
			      (long long)inbox));
	assert_true(text_is(&r, "Estimate", 0, "1"));
	sync_all(&f, inbox, key, &adds);
	assert_int_equal(adds, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attachments_are_not_handed_out),
		cmocka_unit_test(without_attachments_there_is_no_mime),
		cmocka_unit_test(bodies_are_plain_and_short),
		cmocka_unit_test(mail_is_no_older_than_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
