/* ResolveRecipients: a group is one recipient; when its people are busy, with which certificates they are written to. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <gateway/activesync/resolve_availability.h>
#include <gateway/mailbox/event.h>
#include <store/account.h>
#include <store/certificate.h>
#include <store/mail_group.h>
#include <store/visibility.h>

#include <stdio.h>

#define NOON "2026-07-15T12:00:00.000Z"
#define TWO "2026-07-15T14:00:00.000Z"

/* Page 0A: 45 ResolveRecipients, 4F Options, 50 To, 51 CertificateRetrieval, 56 Availability, 57 StartTime, 58 EndTime. */
static struct eas_reply ask(struct fixture *f, const char *to, const char *options)
{
	return eas_phone_ask(&f->phone, "ResolveRecipients", doc(f, HEAD "00 0A 45 %s 4F %s 01 01", to, options));
}
#define AVAILABILITY "56 57 03 '" NOON "' 00 01 58 03 '" TWO "' 00 01 01"
#define CERTIFICATES "51 03 '2' 00 01"

static struct server_account add_busy(struct fixture *f, const char *address, const char *lines)
{
	struct server_account account = server_add_account(&f->server, address, "secret");
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(10000);
	struct event_new event = { .now_ms = SERVER_NOW_MS };
	struct item item;

	buf_fmt(&text, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", lines);
	event.octets = buf_view(&text);
	assert_ok(store_begin(f->server.store, account.mailbox, STORE_WRITE, &tx));
	assert_ok(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &event.folder));
	assert_ok(event_add(&f->arena, tx, &event, &item));
	assert_ok(store_commit(&tx));
	return account;
}

static void make_group(struct fixture *f, const char *address, const char *name, const char *const *members)
{
	struct store_tx *tx;
	int64_t id;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(mail_group_add(tx, str_of(address), str_of(name), &id));
	for (; *members; members++)
		assert_ok(mail_group_member_add(tx, id, str_of(*members)));
	assert_ok(store_commit(&tx));
}
#define GROUP(f, address, ...) make_group((f), (address), "", (const char *const[]){ __VA_ARGS__, NULL })

/* So many people elsewhere, of a name of their own. */
static void make_crowd(struct fixture *f, const char *address, unsigned n)
{
	struct store_tx *tx;
	int64_t id;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(mail_group_add(tx, str_of(address), S(""), &id));
	assert_ok(mail_group_member_add(tx, id, S("ann@example.test")));
	for (unsigned i = 1; i < n; i++) {
		char member[64];

		snprintf(member, sizeof(member), "p%u@elsewhere.test", i);
		assert_ok(mail_group_member_add(tx, id, str_of(member)));
	}
	assert_ok(store_commit(&tx));
}

static void set_visibility(struct fixture *f, int64_t account, enum visibility sees)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(visibility_set(tx, account, STR_EMPTY, sees));
	assert_ok(store_commit(&tx));
}

static void assert_availability(struct fixture *f, const char *to, const char *status, const char *digits)
{
	struct eas_reply r = ask(f, commands(f, "50 03 '%s' 00 01", to), AVAILABILITY);

	if (!str_eq(eas_reply_text(&r, "Status", 2), str_of(status)) ||
	    eas_reply_count(&r, "MergedFreeBusy") != (digits ? 1u : 0u))
		fail_msg("%s: " STR_FMT, to, STR_ARG(r.xml));
	if (digits)
		assert_true(str_eq(eas_reply_text(&r, "MergedFreeBusy", 0), str_of(digits)));
}

/* MS-ASCMD_R3761, MS-ASCMD_R3767, MS-ASCMD_R4275 */
static void a_group_is_one_recipient(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	(void)server_add_account(&f.server, "bob@example.test", "secret");
	make_group(&f, "staff@example.test", "All of us",
		   (const char *const[]){ "ann@example.test", "bob@example.test", NULL });
	for (unsigned i = 0; i < 2; i++) {
		r = ask(&f, i ? "50 03 'all of' 00 01" : "50 03 'STAFF@example.test' 00 01", "");
		assert_int_equal(eas_reply_count(&r, "Recipient"), 1);
		assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "RecipientCount", 0), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "Type", 0), S("1")));
		assert_true(str_eq(eas_reply_text(&r, "DisplayName", 0), S("All of us")));
		assert_true(str_eq(eas_reply_text(&r, "EmailAddress", 0), S("staff@example.test")));
	}
}

static void a_group_of_another_domain_is_nobody(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	(void)server_add_account(&f.server, "eve@other.test", "secret");
	GROUP(&f, "them@other.test", "eve@other.test", "ann@example.test");
	r = ask(&f, "50 03 'them@other.test' 00 01", AVAILABILITY);
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("4")));
}

/* MS-ASCMD_R4624, MS-ASCMD_R4625, MS-ASCMD_R3319, MS-ASCMD_R3315 */
static void the_digits_of_a_group_are_those_of_its_people(void **unused)
{
	FIXTURE(f);
	struct server_account shy;

	(void)unused;
	(void)add_busy(&f, "bob@example.test", "DTSTART:20260715T123000Z\r\nDTEND:20260715T130000Z");
	(void)add_busy(&f, "bea@example.test",
		       "DTSTART:20260715T120000Z\r\nDTEND:20260715T130000Z\r\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE");
	shy = add_busy(&f, "shy@example.test", "DTSTART:20260715T120000Z\r\nDTEND:20260715T140000Z");
	set_visibility(&f, shy.id, VISIBILITY_NONE);
	(void)add_busy(&f, "eve@other.test", "DTSTART:20260715T120000Z\r\nDTEND:20260715T140000Z");
	GROUP(&f, "two@example.test", "bob@example.test", "bea@example.test");
	GROUP(&f, "nested@example.test", "two@example.test", "ann@example.test", "bob@example.test");
	GROUP(&f, "closed@example.test", "bob@example.test", "shy@example.test");
	GROUP(&f, "far@example.test", "bob@example.test", "eve@other.test", "joe@elsewhere.test");
	GROUP(&f, "unknown@example.test", "shy@example.test", "joe@elsewhere.test");
	assert_availability(&f, "two@example.test", "1", "1200");
	assert_availability(&f, "nested@example.test", "1", "1200");
	/* Who may not be seen is not called free, and nothing else is told of him. */
	assert_availability(&f, "closed@example.test", "1", "4244");
	assert_availability(&f, "far@example.test", "1", "4244");
	assert_availability(&f, "unknown@example.test", "163", NULL);
}

/* MS-ASCMD_R4626, MS-ASCMD_R4294, MS-ASCMD_R4946, MS-ASCMD_R4293 */
static void a_group_has_so_many_people_whose_time_is_told(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf list = BUF_INIT(4096);
	struct eas_reply r;

	(void)unused;
	make_crowd(&f, "twenty@example.test", AVAILABILITY_MAX_GROUP);
	make_crowd(&f, "more@example.test", AVAILABILITY_MAX_GROUP + 1);
	assert_availability(&f, "twenty@example.test", "1", "4444");
	assert_availability(&f, "more@example.test", "161", NULL);
	for (unsigned i = 0; i <= AVAILABILITY_MAX_PEOPLE / AVAILABILITY_MAX_GROUP; i++)
		buf_cstr(&list, "50 03 'twenty@example.test' 00 01 ");
	buf_char(&list, '\0');
	r = ask(&f, list.p, AVAILABILITY);
	assert_int_equal(eas_reply_count(&r, "MergedFreeBusy"), AVAILABILITY_MAX_PEOPLE / AVAILABILITY_MAX_GROUP);
	assert_true(str_eq(eas_reply_text(&r, "Status", (unsigned)eas_reply_count(&r, "Status") - 1), S("160")));
}

static void keep_certificate(struct fixture *f, int64_t account, unsigned char mark, int64_t days)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct user_certificate c = { .fingerprint = { mark },
				      .der = S("DER"),
				      .subject = S("/CN=x"),
				      .expires_ms = SERVER_NOW_MS + days * 86400000 };

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(certificate_add(tx, account, &c));
	assert_ok(store_commit(&tx));
}

/* MS-ASCMD_R3765, MS-ASCMD_R3768, MS-ASCMD_R857 */
static void the_certificates_of_a_group_are_those_of_its_people(void **unused)
{
	FIXTURE(f);
	struct server_account bob = server_add_account(&f.server, "bob@example.test", "secret");
	struct eas_reply r;

	(void)unused;
	(void)server_add_account(&f.server, "bea@example.test", "secret");
	keep_certificate(&f, f.ann.id, 1, 10);
	keep_certificate(&f, bob.id, 2, 10);
	keep_certificate(&f, bob.id, 3, -10);
	GROUP(&f, "staff@example.test", "ann@example.test", "bob@example.test", "bea@example.test",
	      "joe@elsewhere.test");
	r = ask(&f, "50 03 'staff@example.test' 00 01", CERTIFICATES);
	assert_int_equal(eas_reply_count(&r, "Certificate"), 2);
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "CertificateCount", 0), S("2")));
	assert_true(str_eq(eas_reply_text(&r, "RecipientCount", 1), S("4")));
}

/* EAS_MAX_GROUP_CERTIFICATES, and one more. */
static void the_certificates_of_so_many_are_told(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	keep_certificate(&f, f.ann.id, 1, 10);
	make_crowd(&f, "many@example.test", EAS_MAX_GROUP_CERTIFICATES);
	make_crowd(&f, "more@example.test", EAS_MAX_GROUP_CERTIFICATES + 1);
	r = ask(&f, "50 03 'many@example.test' 00 01 ", CERTIFICATES);
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("1")));
	assert_int_equal(eas_reply_count(&r, "Certificate"), 1);
	r = ask(&f, "50 03 'more@example.test' 00 01 ", CERTIFICATES);
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("7")));
	assert_int_equal(eas_reply_count(&r, "Certificate"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_is_one_recipient),
		cmocka_unit_test(a_group_of_another_domain_is_nobody),
		cmocka_unit_test(the_digits_of_a_group_are_those_of_its_people),
		cmocka_unit_test(a_group_has_so_many_people_whose_time_is_told),
		cmocka_unit_test(the_certificates_of_a_group_are_those_of_its_people),
		cmocka_unit_test(the_certificates_of_so_many_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
