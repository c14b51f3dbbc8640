/* Attachments of events: from phones and to them, from mails and into them, in files and out of them. */
#include "class_fixture.h"
#include "meeting_fixture.h"

#include <base/base64.h>
#include <gateway/activesync/event.h>
#include <gateway/activesync/server_id.h>
#include <gateway/content/calendar_attach.h>
#include <gateway/mailbox/event.h>
#include <store/blob.h>
#include <store/queue.h>
#include <store/quota.h>

#define AT_TEN "<Calendar:StartTime>20260716T080000Z</><Calendar:EndTime>20260716T090000Z</>"
#define MEET AT_TEN "<Calendar:Subject>Meet</>"
#define BOB "<Calendar:Attendees><Calendar:Attendee><Calendar:Email>bob@x.test</><Calendar:Name>Bob</></></>"
#define FILE(client, name, more)                                                                              \
	"<AirSyncBase:Add><AirSyncBase:ClientId>" client "</><AirSyncBase:Method>1</>"                        \
	"<AirSyncBase:ContentType>image/png</><AirSyncBase:Content>iVBORw==</><AirSyncBase:DisplayName>" name \
	"</>" more "</>"
#define FILES(list) "<AirSyncBase:Attachments>" list "</>"

struct phone {
	int64_t folder;
	const char *key;
};

static struct phone begin(struct fixture *f, const char *version, const char *device)
{
	struct phone p = { .folder = fixture_role(f, FOLDER_DEFAULT_CALENDAR) };

	f->phone.version = version;
	if (device)
		f->phone.device_id = device;
	p.key = first_key(f, p.folder);
	return p;
}

static struct eas_reply changes(struct fixture *f, struct phone *p)
{
	struct eas_reply r = sync_with(f, p->folder, p->key, "13 ");

	p->key = key_of(f, &r);
	return r;
}

static const char *kept(struct fixture *f, struct str text)
{
	const char *ret;

	assert_true(text.n);
	assert_ok(arena_cstr(&f->arena, text, &ret));
	return ret;
}

static struct eas_reply fetched(struct fixture *f, const char *reference)
{
	return eas_phone_ask(&f->phone, "ItemOperations",
			     doc(f, HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 11 51 03 '%s' 00 01 01 01", reference));
}

static void set_quota(struct fixture *f, uint64_t bytes)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	assert_ok(quota_set(tx, &(struct quota){ .bytes = bytes }));
	assert_ok(store_commit(&tx));
}

static struct cal_series stored_as(struct fixture *f, const char *id)
{
	struct cal_series s;

	assert_ok(cal_series_read(&f->arena, octets_of(f, id), &s));
	return s;
}

/*
 * MS-ASAIRS_R1325, MS-ASAIRS_R1082, MS-ASAIRS_R1336, MS-ASAIRS_R1367, MS-ASAIRS_R1368, MS-ASAIRS_R1001000: each that was added
 * is answered with its ClientId and the reference by which it is fetched; the others are told of it.
 */
static void attachments_are_added_shown_and_taken_away(void **unused)
{
	static const char *const versions[] = { "16.0", "16.1" };

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		FIXTURE(f);
		struct phone p = begin(&f, versions[i], NULL), other;
		struct eas_reply r;
		const char *id, *reference;

		r = sync_command(
			&f, p.folder, &p.key,
			add_item(&f, "c1",
				 MEET FILES(FILE("f1", "one.png",
						 "<AirSyncBase:ContentId>pic</>"
						 "<AirSyncBase:IsInline>1</>") FILE("f2", "two \"2\".png", ""))));
		id = kept(&f, eas_reply_text(&r, "ServerId", 0));
		assert_int_equal(eas_reply_count(&r, "airsyncbase:ClientId"), 2);
		assert_element(&r, "ClientId", "f2");
		reference = kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0));

		other = begin(&f, versions[i], "OTHER");
		r = changes(&f, &other);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 2);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:ClientId"), 0);
		assert_element(&r, "DisplayName", "one.png");
		assert_element(&r, "EstimatedDataSize", "4");
		assert_element(&r, "ContentId", "pic");
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:FileReference", 0), str_of(reference)));
		r = fetched(&f, reference);
		assert_true(str_eq(eas_reply_text(&r, "Data", 0), S("iVBORw==")));
		assert_true(str_eq(eas_reply_text(&r, "airsyncbase:ContentType", 0), S("image/png")));

		r = sync_command(
			&f, other.folder, &other.key,
			change_item(
				&f, id,
				kept(&f, str_of(commands(&f,
							 FILES("<AirSyncBase:Delete><AirSyncBase:"
							       "FileReference>%s</></>" FILE("f3", "three.png", "")),
							 reference)))));
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 1);
		assert_element(&r, "ClientId", "f3");
		r = fetched(&f, reference);
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("15")));
		other = begin(&f, versions[i], "OTHER2");
		r = changes(&f, &other);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 2);
		assert_int_equal(stored_as(&f, id).event.attachments_n, 2);
	}
}

/* Up to 14.1 events have none; what such a phone changes, also of a single instance, keeps them. */
static void older_phones_are_shown_none_and_keep_them(void **unused)
{
	static const char *const versions[] = { "2.5", "12.1", "14.1" };
	FIXTURE(f);
	struct phone p = begin(&f, "16.1", NULL);
	const char *id = added_item(&f, p.folder, &p.key, "c1",
				    MEET "<Calendar:Recurrence><Calendar:Type>0</><Calendar:Interval>1</></>" FILES(
					    FILE("f1", "one.png", "")));

	(void)unused;
	for (size_t i = 0; i < countof(versions); i++) {
		struct phone old = begin(&f, versions[i], versions[i]);
		struct eas_reply r = changes(&f, &old);

		assert_int_equal(eas_reply_count(&r, "Add"), 1);
		assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachments"), 0);
		r = sync_command(&f, old.folder, &old.key,
				 change_item(&f, id,
					     AT_TEN
					     "<Calendar:Subject>Other</><Calendar:Recurrence><Calendar:Type>0</>"
					     "<Calendar:Interval>1</></><Calendar:Exceptions><Calendar:Exception>"
					     "<Calendar:ExceptionStartTime>20260717T080000Z</>"
					     "<Calendar:Subject>Single</></></>"));
		assert_int_equal(eas_reply_count(&r, "Responses"), 0);
		assert_int_equal(stored_as(&f, id).event.attachments_n, 1);
		assert_int_equal(stored_as(&f, id).exceptions[0].attachments_n, 1);
	}
}

/* MS-ASCAL_R2107: an instance has those of its series until it is given others. */
static void an_instance_has_attachments_of_its_own(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1", NULL), other;
	const char *id = added_item(&f, p.folder, &p.key, "c1",
				    MEET "<Calendar:Recurrence><Calendar:Type>0</><Calendar:Interval>1</></>" FILES(
					    FILE("f1", "one.png", "")));
	struct eas_reply r;

	(void)unused;
	r = sync_command(&f, p.folder, &p.key,
			 commands(&f,
				  "56 48 4D 03 '%s' 00 01 00 11 6D 03 '20260718T080000Z' 00 01 00 00 5D %s 01 01 01",
				  id, elements(&f, FILES(FILE("f2", "two.png", "")))));
	assert_element(&r, "ClientId", "f2");
	assert_int_equal(stored_as(&f, id).event.attachments_n, 1);
	assert_int_equal(stored_as(&f, id).exceptions[0].attachments_n, 2);
	other = begin(&f, "16.1", "OTHER");
	r = changes(&f, &other);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachments"), 2);
	assert_int_equal(eas_reply_count(&r, "airsyncbase:Attachment"), 3);
	r = fetched(&f, kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 2)));
	assert_true(str_eq(eas_reply_text(&r, "Data", 0), S("iVBORw==")));
}

/* The same request again makes nothing twice, and is answered with the same references. */
static void a_lost_answer_is_given_again(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1", NULL);
	const char *key = p.key, *request = add_item(&f, "c1", MEET FILES(FILE("f1", "one.png", ""))), *reference;
	struct eas_reply r = sync_command(&f, p.folder, &p.key, request);

	(void)unused;
	reference = kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0));
	p.key = key;
	r = sync_command(&f, p.folder, &p.key, request);
	assert_true(str_eq(eas_reply_text(&r, "airsyncbase:FileReference", 0), str_of(reference)));
	assert_int_not_equal(only_item(&f, p.folder), 0);
}

/* A client's document is cut off at what the limits are, and nothing of it is done. */
static void what_is_too_much_is_refused(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1", NULL);
	CLEANUP(buf_release) struct buf many = BUF_INIT(1 << 20);
	struct eas_reply r;

	(void)unused;
	buf_cstr(&many, MEET "<AirSyncBase:Attachments>");
	for (unsigned i = 0; i <= EVENT_MAX_ATTACHMENTS; i++)
		buf_fmt(&many, FILE("f%u", "%u.png", ""), i, i);
	buf_cstr(&many, "</>");
	r = sync_command(&f, p.folder, &p.key, add_item(&f, "c1", kept(&f, buf_view(&many))));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	r = sync_command(&f, p.folder, &p.key,
			 add_item(&f, "c2", MEET FILES("<AirSyncBase:Delete><AirSyncBase:FileReference>odd</></>")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("6")));
	assert_int_equal(only_item(&f, p.folder), 0);
}

/* MS-ASCMD Status 9 of Sync: they count in the mailbox's quota, at it and one octet past it. Nothing is done of what is refused. */
static void attachments_count_in_the_quota(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1", NULL);
	const char *id = added_item(&f, p.folder, &p.key, "c1", MEET);
	struct eas_reply r;

	(void)unused;
	set_quota(&f, 8); /* a file has four octets */
	for (int i = 0; i < 2; i++) {
		r = sync_command(
			&f, p.folder, &p.key,
			change_item(&f, id, i ? FILES(FILE("f2", "b.png", "")) : FILES(FILE("f1", "a.png", ""))));
		assert_int_equal(stored_as(&f, id).event.attachments_n, i + 1);
	}
	r = sync_command(&f, p.folder, &p.key,
			 change_item(&f, id, "<Calendar:Subject>Other</>" FILES(FILE("f3", "c.png", ""))));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("9")));
	assert_int_equal(stored_as(&f, id).event.attachments_n, 2);
	assert_true(str_eq(stored_as(&f, id).event.summary, S("Meet")));
	r = sync_command(&f, p.folder, &p.key, add_item(&f, "c2", MEET FILES(FILE("f3", "c.png", ""))));
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("9")));
	assert_int_not_equal(only_item(&f, p.folder), 0);
	sync_command(&f, p.folder, &p.key, change_item(&f, id, "<Calendar:Subject>Other</>"));
	assert_true(str_eq(stored_as(&f, id).event.summary, S("Other")));
}

/* The octets go with the last event that has them. */
static void contents_go_with_the_event(void **unused)
{
	FIXTURE(f);
	struct phone p = begin(&f, "16.1", NULL);
	const char *id = added_item(&f, p.folder, &p.key, "c1", MEET FILES(FILE("f1", "one.png", "")));
	struct str part = stored_as(&f, id).event.attachments[0].id, octets;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t folder, item;

	(void)unused;
	assert_ok(server_id_parse_item(str_of(id), &folder, &item));
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_ok(event_part_read(&f.arena, tx, item, part, &octets));
	assert_int_equal(octets.n, 4);
	store_tx_end(&tx);
	(void)sync_command(&f, p.folder, &p.key, delete_item(&f, id));
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_int_equal(event_part_read(&f.arena, tx, item, part, &octets), ERR_NOT_FOUND);
	for (int64_t blob = 1; blob < 20; blob++) {
		CLEANUP(store_blob_close) struct store_blob *b = NULL;

		assert_int_equal(store_blob_open(tx, blob, &b), ERR_NOT_FOUND);
	}
}

/* RFC 6047: an invitation has the contents as parts, which its calendar names; who gets it has them in his calendar. */
static void invitations_carry_attachments(void **unused)
{
	FIXTURE(f);
	struct server_account bob = server_add_account(&f.server, "bob@x.test", "secret");
	struct phone p = begin(&f, "16.1", NULL);
	struct eas_reply r;
	struct str mail;

	(void)unused;
	(void)added_item(&f, p.folder, &p.key, "c1", MEET BOB FILES(FILE("f1", "one.png", "")));
	mail = queued(&f, &(size_t){ 0 });
	assert_true(str_find(mail, S("METHOD:REQUEST")) < mail.n && str_find(mail, S("iVBORw==")) < mail.n);
	assert_true(str_find(mail, S("one.png")) < mail.n && str_find(mail, S("multipart/mixed")) < mail.n);
	deliver_octets(&f, bob.mailbox, mail);
	f.phone.login = "bob@x.test";
	p = begin(&f, "16.1", "BOBS");
	r = changes(&f, &p);
	if (eas_reply_count(&r, "airsyncbase:Attachment") != 1)
		fail_msg(STR_FMT, STR_ARG(r.xml));
	r = fetched(&f, kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0)));
	assert_true(str_eq(eas_reply_text(&r, "Data", 0), S("iVBORw==")));
}

#define INVITATION                                                                                                    \
	"From: carl@x.test\r\nTo: ann@example.test\r\nSubject: Plan\r\nMIME-Version: 1.0\r\n"                         \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n" \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:plan-1\r\nSUMMARY:Plan\r\n"          \
	"DTSTAMP:20260701T000000Z\r\nORGANIZER:mailto:carl@x.test\r\nATTENDEE:mailto:ann@example.test\r\n"            \
	"DTSTART:20260716T100000Z\r\nDTEND:20260716T110000Z\r\n"
#define INVITATION_END                                                                            \
	"END:VEVENT\r\nEND:VCALENDAR\r\n--b\r\n"                                                  \
	"Content-Type: image/png\r\nContent-ID: <pic@x>\r\nContent-Transfer-Encoding: base64\r\n" \
	"Content-Disposition: attachment; filename=\"of mail.png\"\r\n\r\niVBORw==\r\n--b--\r\n"

/* As other programs send them: as a part of the mail, in the calendar itself; what is an address, or damaged, stays as it is. */
static void attachments_arrive_with_invitations(void **unused)
{
	static const struct {
		const char *name, *attach, *shown;
	} cases[] = {
		{ "part", "ATTACH:CID:pic@x\r\n", "of mail.png" },
		{ "inline",
		  "ATTACH;FMTTYPE=image/png;ENCODING=BASE64;VALUE=BINARY;X-APPLE-FILENAME=apple.png:iVBO\r\n Rw==\r\n",
		  "apple.png" },
		{ "address", "ATTACH:https://x.test/plan.pdf\r\n", NULL },
		{ "no such part", "ATTACH:cid:other@x\r\n", NULL },
		{ "not base64", "ATTACH;ENCODING=BASE64;VALUE=BINARY:%%%\r\n", NULL },
		{ "of ours, and not there", "ATTACH:cid:0123456789abcdef0123456789abcdef@attachment.roost\r\n", NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		FIXTURE(f);
		CLEANUP(buf_release) struct buf mail = BUF_INIT(1 << 16);
		struct phone p;
		struct eas_reply r;

		buf_fmt(&mail, "%s%s%s", INVITATION, cases[i].attach, INVITATION_END);
		deliver_octets(&f, f.ann.mailbox, buf_view(&mail));
		p = begin(&f, "16.1", NULL);
		r = changes(&f, &p);
		assert_int_equal(eas_reply_count(&r, "calendar:Subject"), 1);
		if (!cases[i].shown) {
			if (eas_reply_count(&r, "airsyncbase:Attachment"))
				fail_msg("%s: " STR_FMT, cases[i].name, STR_ARG(r.xml));
			continue;
		}
		assert_element(&r, "DisplayName", cases[i].shown);
		r = fetched(&f, kept(&f, eas_reply_text(&r, "airsyncbase:FileReference", 0)));
		assert_true(str_eq(eas_reply_text(&r, "Data", 0), S("iVBORw==")));
	}
}

static const char event_head[] =
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20260716T100000Z\r\n";

/* A file as it is exported is one that can be imported, up to all that an event may have, and not an octet more. */
static void files_have_attachments_in_them(void **unused)
{
	(void)unused;
	for (size_t more = 0; more < 2; more++) {
		FIXTURE(f);
		CLEANUP(buf_release) struct buf text = BUF_INIT(64 << 20), out = BUF_INIT(64 << 20);
		CLEANUP(arena_release) struct arena a = ARENA_INIT(256 << 20);
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;
		char *octets = calloc(1, EVENT_ATTACHED_MAX);
		struct event_taken taken, again;
		struct event_new event = { .folder = fixture_role(&f, FOLDER_DEFAULT_CALENDAR) };
		struct item made;

		buf_cstr(&text, event_head);
		buf_cstr(&text, "ATTACH;FMTTYPE=text/plain;FILENAME=\"a;b:c\";ENCODING=BASE64;VALUE=BINARY:");
		base64_put(&text, str_from(octets, EVENT_ATTACHED_MAX - 3));
		buf_cstr(&text, "\r\nATTACH;FILENAME=second;ENCODING=BASE64;VALUE=BINARY:");
		base64_put(&text, str_from(octets, 3 + more));
		buf_cstr(&text, "\r\nATTACH:https://x.test/a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
		free(octets);
		assert_ok(buf_status(&text));
		if (more) {
			assert_int_equal(event_take(&a, buf_view(&text), NULL, &taken), ERR_LIMIT);
			continue;
		}
		assert_ok(event_take(&a, buf_view(&text), NULL, &taken));
		assert_int_equal(taken.parts_n, 2);
		assert_true(taken.octets.n < 2000);
		event.octets = taken.octets;
		event.parts = taken.parts;
		event.parts_n = taken.parts_n;
		assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx));
		assert_ok(event_add(&a, tx, &event, &made));
		assert_ok(event_give(&a, tx, made.id, taken.octets, &out));
		assert_true(str_find(buf_view(&out), S("ATTACH:https://x.test/a")) < out.n);
		assert_ok(event_take(&a, buf_view(&out), NULL, &again));
		assert_true(str_eq(again.octets, taken.octets));
		assert_true(str_eq(again.parts[0].octets, taken.parts[0].octets));
	}
}

/* An instance that has what its series has names it: the contents stand in a file once, and are taken out of it for both. */
static void a_file_has_contents_once(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	struct phone p = begin(&f, "16.1", NULL);
	const char *id = added_item(&f, p.folder, &p.key, "c1",
				    MEET "<Calendar:Recurrence><Calendar:Type>0</><Calendar:Interval>1</></>" FILES(
					    FILE("f1", "one.png", "")));
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct event_taken taken;
	struct str octets;
	int64_t folder, item;

	(void)unused;
	(void)sync_command(&f, p.folder, &p.key,
			   commands(&f,
				    "56 48 4D 03 '%s' 00 01 00 11 6D 03 '20260718T080000Z' 00 01 00 00 5D %s 01 01 01",
				    id, elements(&f, "<Calendar:Subject>Single</>")));
	octets = octets_of(&f, id);
	assert_ok(server_id_parse_item(str_of(id), &folder, &item));
	assert_ok(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx));
	assert_ok(event_give(&f.arena, tx, item, octets, &out));
	assert_true(str_find(buf_view(&out), S("ENCODING=BASE64")) < out.n);
	assert_int_equal(str_find(str_slice(buf_view(&out), str_find(buf_view(&out), S("ENCODING=BASE64")) + 1, out.n),
				  S("ENCODING=BASE64")),
			 out.n - str_find(buf_view(&out), S("ENCODING=BASE64")) - 1);
	assert_ok(event_take(&f.arena, buf_view(&out), NULL, &taken));
	assert_true(str_eq(taken.octets, octets));
	assert_int_equal(taken.parts_n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attachments_are_added_shown_and_taken_away),
		cmocka_unit_test(older_phones_are_shown_none_and_keep_them),
		cmocka_unit_test(an_instance_has_attachments_of_its_own),
		cmocka_unit_test(a_lost_answer_is_given_again),
		cmocka_unit_test(what_is_too_much_is_refused),
		cmocka_unit_test(attachments_count_in_the_quota),
		cmocka_unit_test(contents_go_with_the_event),
		cmocka_unit_test(invitations_carry_attachments),
		cmocka_unit_test(attachments_arrive_with_invitations),
		cmocka_unit_test(files_have_attachments_in_them),
		cmocka_unit_test(a_file_has_contents_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
