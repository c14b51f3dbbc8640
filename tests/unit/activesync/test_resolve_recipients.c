/* ResolveRecipients: names, certificates, pictures and limits. */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/address_book.h>
#include <store/certificate.h>

/*
 * Page 0A: 45 ResolveRecipients, 4F Options, 50 To, 51 CertificateRetrieval, 53 MaxCertificates, 54 MaxAmbiguousRecipients,
 * 56 Availability, 57 StartTime, 58 EndTime, 5A Picture.
 */
static struct eas_reply resolve(struct fixture *f, const char *inside)
{
	return eas_phone_ask(&f->phone, "ResolveRecipients", doc(f, HEAD "00 0A 45 %s 01", inside));
}

static void keep_certificate(struct fixture *f, unsigned char mark, int64_t days)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct user_certificate c = { .fingerprint = { mark },
				      .der = S("DER"),
				      .subject = S("/CN=ann"),
				      .expires_ms = clock_wall_ms(&f->server.clock.clock) + days * 86400000 };

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(certificate_add(tx, f->ann.id, &c));
	assert_ok(store_commit(&tx));
}

static void assert_status(struct fixture *f, const char *inside, unsigned nth, const char *want)
{
	struct eas_reply r = resolve(f, inside);

	if (!str_eq(eas_reply_text(&r, "Status", nth), str_of(want)))
		fail_msg("%s: " STR_FMT, inside, STR_ARG(r.xml));
}

/*
 * MS-ASCMD_R4275, MS-ASCMD_R4686, MS-ASCMD_R3767, MS-ASCMD_R2199, MS-ASCMD_R5309, MS-ASCMD_R4273, MS-ASCMD_R3825,
 * MS-ASCMD_R4620
 */
static void names_are_resolved(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	(void)server_add_account(&f.server, "anna@example.test", "secret");
	r = resolve(&f, "50 03 'ann@example.test' 00 01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "RecipientCount", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Type", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "EmailAddress", 0), S("ann@example.test")));
	assert_int_equal(eas_reply_count(&r, "Certificates"), 0);
	assert_status(&f, "50 03 'ann' 00 01", 1, "2");
	assert_status(&f, "50 03 'ann' 00 01 4F 54 03 '1' 00 01 01", 1, "3");
	assert_status(&f, "50 03 'nobody' 00 01", 1, "4");
	/* Each name has its answer, in order. */
	r = resolve(&f, "50 03 'nobody' 00 01 50 03 'anna' 00 01");
	assert_int_equal(eas_reply_count(&r, "Response"), 2);
	assert_true(str_eq(eas_reply_text(&r, "To", 1), S("anna")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("1")));
}

/* MS-ASCMD_R4302, MS-ASCMD_R4304, MS-ASCMD_R4306, MS-ASCMD_R851, MS-ASCMD_R864 */
static void certificates_are_given_to_who_asks(void **unused)
{
	FIXTURE(f);
	struct eas_reply r;

	(void)unused;
	assert_status(&f, "50 03 'ann@example.test' 00 01 4F 51 03 '2' 00 01 01", 2, "7");
	keep_certificate(&f, 1, 10);
	keep_certificate(&f, 2, 20);
	keep_certificate(&f, 3, -1);
	r = resolve(&f, "50 03 'ann@example.test' 00 01 4F 51 03 '2' 00 01 01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("1")));
	assert_int_equal(eas_reply_count(&r, "Certificate"), 2);
	assert_int_equal(eas_reply_count(&r, "Certificates"), 1);
	assert_true(str_eq(eas_reply_text(&r, "Certificate", 0), S("REVS")));
	r = resolve(&f, "50 03 'ann@example.test' 00 01 4F 51 03 '2' 00 01 53 03 '1' 00 01 01");
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("8")));
	assert_true(str_eq(eas_reply_text(&r, "CertificateCount", 0), S("1")));
	assert_int_equal(eas_reply_count(&r, "Certificate"), 1);
	assert_status(&f, "50 03 'ann@example.test' 00 01 4F 51 03 '3' 00 01 01", 2, "7");
	r = resolve(&f, "50 03 'ann@example.test' 00 01 4F 51 03 '1' 00 01 01");
	assert_int_equal(eas_reply_count(&r, "Certificates"), 0);
}

/* MS-ASCMD_R4311 */
static void who_has_no_picture_is_said_to_have_none(void **unused)
{
	FIXTURE(f);

	(void)unused;
	assert_status(&f, "50 03 'ann@example.test' 00 01 4F 1A 01", 2, "173");
}

static void keep_picture(struct fixture *f, int64_t account, struct str octets)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(book_picture_set(tx, account, octets));
	assert_ok(store_commit(&tx));
}

/*
 * 5B MaxSize, 5D MaxPictures, which is of each name. MS-ASCMD_R3286, MS-ASCMD_R3287, MS-ASCMD_R3288, MS-ASCMD_R3289,
 * MS-ASCMD_R4264, MS-ASCMD_R4309, MS-ASCMD_R4312, MS-ASCMD_R4313, MS-ASCMD_R5350, MS-ASCMD_R5351
 */
static void pictures_are_given_to_who_asks(void **unused)
{
	static const struct {
		const char *picture, *first, *second;
	} cases[] = {
		{ "1A", "1", "1" },
		{ "5A 5B 03 '5' 00 01 01", "1", "174" },
		{ "5A 5D 03 '1' 00 01 01", "1", "175" },
		{ "5A 5D 03 '0' 00 01 5B 03 '5' 00 01 01", "175", "174" },
	};
	static const char *const versions[] = { "14.1", "16.0", "16.1" };
	FIXTURE(f);
	struct server_account anna;
	struct eas_reply r;

	(void)unused;
	anna = server_add_account(&f.server, "anna@example.test", "secret");
	keep_picture(&f, f.ann.id, S("\xff\xd8\xff\x01\x02"));
	keep_picture(&f, anna.id, S("\xff\xd8\xff\x01\x02\x03"));
	for (size_t v = 0; v < countof(versions); v++)
		for (size_t i = 0; i < countof(cases); i++) {
			f.phone.version = versions[v];
			r = resolve(&f, commands(&f, "50 03 'ann' 00 01 4F %s 01", cases[i].picture));
			assert_true(str_eq(eas_reply_text(&r, "Status", 2), str_of(cases[i].first)));
			assert_true(str_eq(eas_reply_text(&r, "Status", 3), str_of(cases[i].second)));
		}
	r = resolve(&f, "50 03 'anna' 00 01 50 03 'anna' 00 01 4F 5A 5D 03 '1' 00 01 01 01");
	assert_int_equal(eas_reply_count(&r, "Data"), 2);
	assert_true(str_eq(eas_reply_text(&r, "Data", 0), S("/9j/AQID")));
	assert_status(&f, "50 03 'ann' 00 01 4F 5A 5B 03 'x' 00 01 01 01", 0, "5");
	f.phone.version = "14.0";
	assert_status(&f, "50 03 'ann' 00 01 4F 1A 01", 0, "5");
}

/* MS-ASCMD_R5656, MS-ASCMD_R2264, MS-ASCMD_R5430, MS-ASCMD_R5175, MS-ASCMD_R3986: each limit, and one past it. */
static void what_is_out_of_range_is_refused(void **unused)
{
	static const struct {
		const char *start, *end, *status;
	} spans[] = {
		{ "2026-07-15T11:00:00.000Z", "2026-07-15T11:30:00.000Z", "1" },
		{ "2026-07-15T11:00:00.000Z", "2026-07-15T11:29:59.000Z", "5" },
		{ "2026-07-15T11:00:00.000Z", "2026-08-26T11:00:00.000Z", "1" },
		{ "2026-07-15T11:00:00.000Z", "2026-08-26T11:00:01.000Z", "5" },
		{ "2026-07-15T11:00:00.000Z", "tomorrow", "5" },
		{ "2026-13-15T11:00:00.000Z", "2026-07-15T11:30:00.000Z", "5" },
	};
	FIXTURE(f);
	CLEANUP(buf_release) struct buf list = BUF_INIT(65536);

	(void)unused;
	for (size_t i = 0; i < countof(spans); i++)
		assert_status(&f,
			      commands(&f,
				       "50 03 'ann@example.test' 00 01 4F 56 57 03 '%s' 00 01 58 03 '%s' 00 01 01 01",
				       spans[i].start, spans[i].end),
			      0, spans[i].status);
	for (int i = 0; i < EAS_MAX_RECIPIENTS; i++)
		buf_cstr(&list, "50 03 'x' 00 01 ");
	buf_char(&list, '\0');
	assert_status(&f, list.p, 0, "1");
	assert_status(&f, commands(&f, "%s 50 03 'x' 00 01", list.p), 0, "5");
	assert_status(&f, "", 0, "5");
	assert_status(&f, "50 03 'x' 00 01 4F 51 03 '4' 00 01 01", 0, "5");
	/* Availability is of 14.0 and later. */
	f.phone.version = "12.1";
	assert_status(&f, "50 03 'x' 00 01 4F 56 57 03 '2026-07-15T11:00:00.000Z' 00 01 01 01", 0, "5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_resolved),
		cmocka_unit_test(certificates_are_given_to_who_asks),
		cmocka_unit_test(who_has_no_picture_is_said_to_have_none),
		cmocka_unit_test(pictures_are_given_to_who_asks),
		cmocka_unit_test(what_is_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
