/*
 * Each document as its readers get it, against tests/golden/autodiscover (an element a line). ROOST_GOLDEN_WRITE in the
 * environment writes those files instead: then read them before they are committed.
 */
#include <gateway/autodiscover/documents.h>

#include <tests/support/golden.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { DOCUMENT_MAX = 64 * 1024 };

static const struct discovery everything = {
	.host = "mail.example.test",
	.base_url = "https://mail.example.test",
	.provider = "Example & Sons",
	.endpoint = { [DISCOVERY_IMAP] = { [DISCOVERY_TLS] = { "mail.example.test", 993 },
					   [DISCOVERY_STARTTLS] = { "mail.example.test", 143 } },
		      [DISCOVERY_POP3] = { [DISCOVERY_TLS] = { "mail.example.test", 995 } },
		      [DISCOVERY_SUBMISSION] = { [DISCOVERY_TLS] = { "smtp.example.test", 465 },
						 [DISCOVERY_STARTTLS] = { "smtp.example.test", 587 } } },
};
static const struct discovery activesync_alone = {
	.host = "mail.example.test",
	.base_url = "https://mail.example.test:8443",
	.provider = "example.test",
};
static const struct discovery starttls_alone = {
	.host = "mail.example.test",
	.base_url = "https://mail.example.test",
	.provider = "example.test",
	.endpoint = { [DISCOVERY_IMAP] = { [DISCOVERY_STARTTLS] = { "mail.example.test", 143 } },
		      [DISCOVERY_SUBMISSION] = { [DISCOVERY_STARTTLS] = { "mail.example.test", 587 } } },
};
static const struct discovery_user ann = { STR_INIT("ann@example.test"), STR_INIT("Ann <A.> Example") };
static const struct discovery_user nameless = { STR_INIT("ann@example.test"), STR_INIT("") };

static void expect_golden(const char *name, const struct buf *document)
{
	assert_int_equal(buf_status(document), ERR_OK);
	golden_expect("autodiscover", name, buf_view(document));
}

/* MS-OXDSCLI 2.2.4; Outlook, Thunderbird, eM Client. */
static void pox_in_outlooks_schema_tells_of_mail_servers_alone(void **unused)
{
	static const struct {
		const char *golden;
		const struct discovery *d;
		const struct discovery_user *user;
	} cases[] = {
		{ "pox-outlook.xml", &everything, &ann },
		{ "pox-outlook-starttls.xml", &starttls_alone, &nameless },
		{ "pox-outlook-no-mail.xml", &activesync_alone, &ann },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(DOCUMENT_MAX);

		pox_outlook(&b, cases[i].d, cases[i].user, POX_MAIL_CLIENT);
		expect_golden(cases[i].golden, &b);
		/* Blocks that Outlook would take for MAPI. */
		assert_int_equal(str_find(buf_view(&b), S("EXCH")), b.n);
		assert_int_equal(str_find(buf_view(&b), S("EXPR")), b.n);
		buf_release(&b);
	}
}

/* MS-OXDSCLI 2.2.4; exchangelib, Microsoft's EWS Managed API. */
static void pox_tells_libraries_of_ews(void **unused)
{
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	pox_outlook(&b, &everything, &ann, POX_EWS_LIBRARY);
	expect_golden("pox-outlook-library.xml", &b);
	buf_clear(&b);
	pox_outlook(&b, &activesync_alone, &nameless, POX_EWS_LIBRARY);
	expect_golden("pox-outlook-library-no-mail.xml", &b);
	/* What is not there is told to nobody. */
	assert_int_equal(str_find(buf_view(&b), S("WEB")), b.n);
	assert_int_equal(str_find(buf_view(&b), S("mapiHttp")), b.n);
	buf_release(&b);
}

static void who_reads_mail_is_no_library(void **unused)
{
	static const struct {
		struct str user_agent;
		enum pox_reader reader;
	} cases[] = {
		{ STR_INIT("exchangelib/4.9.0 (python-requests/2.28.1)"), POX_EWS_LIBRARY },
		{ STR_INIT("ExchangeServicesClient/15.00.0913.015"), POX_EWS_LIBRARY },
		{ STR_INIT("EXCHANGELIB/1"), POX_EWS_LIBRARY },
		{ STR_INIT(""), POX_MAIL_CLIENT },
		{ STR_INIT("exchangelib"), POX_MAIL_CLIENT },
		{ STR_INIT("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.14334; Pro)"),
		  POX_MAIL_CLIENT },
		{ STR_INIT("Microsoft Office/16.0 exchangelib/4.9.0"), POX_MAIL_CLIENT },
		{ STR_INIT("MacOutlook/16.78 (Intelx64 Mac OS X Version 13.5)"), POX_MAIL_CLIENT },
		{ STR_INIT("Mac OS X/13.5 (22G74) ExchangeWebServices/13.5"), POX_MAIL_CLIENT },
		{ STR_INIT("Evolution/3.46.4"), POX_MAIL_CLIENT },
		{ STR_INIT("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0"),
		  POX_MAIL_CLIENT },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (pox_reader_of(cases[i].user_agent) != cases[i].reader)
			fail_msg(STR_FMT, STR_ARG(cases[i].user_agent));
}

/*
 * MS-ASCMD 2.2.1.1, of phones. MS-ASCMD_R2124 is what the document shows as an example; MS-ASCMD_R3482, MS-ASCMD_R3484: Name is a
 * URL where Type is MobileSync; MS-ASCMD_R4001: no Status.
 */
static void pox_in_mobilesyncs_schema_tells_the_url(void **unused)
{
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	pox_mobilesync(&b, &everything, &ann);
	expect_golden("pox-mobilesync.xml", &b);
	buf_clear(&b);
	pox_mobilesync(&b, &activesync_alone, &nameless);
	expect_golden("pox-mobilesync-port.xml", &b);
	buf_release(&b);
}

/* Thunderbird follows RedirectAddr and RedirectUrl of Account. */
static void who_lives_elsewhere_is_sent_there(void **unused)
{
	const struct discovery_redirect address = { S("ann@other.test"), STR_EMPTY };
	const struct discovery_redirect url = { STR_EMPTY, S("https://mail.other.test:8443") };
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	pox_outlook_redirect(&b, &address, POX_MAIL_CLIENT);
	expect_golden("pox-outlook-redirect-address.xml", &b);
	buf_clear(&b);
	pox_outlook_redirect(&b, &url, POX_MAIL_CLIENT);
	expect_golden("pox-outlook-redirect-url.xml", &b);
	buf_clear(&b);
	pox_outlook_redirect(&b, &url, POX_EWS_LIBRARY);
	expect_golden("pox-outlook-redirect-url-library.xml", &b);
	buf_clear(&b);
	/* MS-ASCMD_R2439, MS-ASCMD_R3770 */
	pox_mobilesync_redirect(&b, &address, &ann);
	expect_golden("pox-mobilesync-redirect-address.xml", &b);
	buf_clear(&b);
	pox_mobilesync_redirect(&b, &url, &ann);
	expect_golden("pox-mobilesync-redirect-url.xml", &b);
	buf_release(&b);
}

/* MS-OXDSCLI 2.2.3. MS-ASCMD_R5545, MS-ASCMD_R5547: Id and Time of Error. */
static void pox_errors_have_code_time_and_number(void **unused)
{
	static const struct {
		const char *golden;
		enum pox_error e;
	} cases[] = {
		{ "pox-error-500.xml", POX_NO_SUCH_ADDRESS }, { "pox-error-501.xml", POX_NO_OPTIONS },
		{ "pox-error-600.xml", POX_MALFORMED },       { "pox-error-601.xml", POX_NO_PROVIDER },
		{ "pox-error-602.xml", POX_MISCONFIGURED },   { "pox-error-603.xml", POX_INTERNAL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(DOCUMENT_MAX);

		pox_error(&b, cases[i].e, INT64_C(1767225600000) + 60992603, 1054084152);
		expect_golden(cases[i].golden, &b);
		buf_release(&b);
	}
}

/* MS-ASCMD_R1028, MS-ASCMD_R1631, MS-ASCMD_R4002 */
static void a_phone_hears_of_an_error_in_its_own_schema(void **unused)
{
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	pox_mobilesync_error(&b, POX_INTERNAL, &nameless);
	expect_golden("pox-mobilesync-error.xml", &b);
	buf_release(&b);
}

static void there_is_mail_where_any_way_leads_to_it(void **unused)
{
	(void)unused;
	assert_true(discovery_has_mail(&everything) && discovery_has_mail(&starttls_alone));
	assert_false(discovery_has_mail(&activesync_alone));
}

/* As Exchange 2016 writes it; Outlook, iOS, Outlook mobile. The address, in whichever place of the URL, makes no difference. */
static void v2_names_the_url_of_a_protocol(void **unused)
{
	static const struct {
		struct str protocol;
		int status;
		const char *golden;
	} cases[] = {
		{ STR_INIT("ActiveSync"), 200, "v2-activesync.json" },
		{ STR_INIT("activesync"), 200, "v2-activesync.json" },
		{ STR_INIT("AUTODISCOVERV1"), 200, "v2-autodiscoverv1.json" },
		{ STR_INIT("EWS"), 200, "v2-ews.json" },
		{ STR_INIT(""), 400, "v2-error-no-protocol.json" },
		{ STR_INIT("Ews\""), 400, "v2-error-another-protocol.json" },
		{ STR_INIT("\xff"), 400, "v2-error-no-utf-8.json" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(DOCUMENT_MAX);

		assert_int_equal(v2_answer(&b, &everything, cases[i].protocol), cases[i].status);
		expect_golden(cases[i].golden, &b);
		buf_release(&b);
	}
}

/* draft-ietf-mailmaint-autoconfig; Thunderbird and others. */
static void autoconfig_lists_every_way_the_better_first(void **unused)
{
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	autoconfig_document(&b, &everything, S("example.test"));
	expect_golden("autoconfig.xml", &b);
	buf_clear(&b);
	autoconfig_document(&b, &activesync_alone, S("example.test"));
	expect_golden("autoconfig-no-mail.xml", &b);
	buf_release(&b);
}

/* draft-ietf-mailmaint-pacc: a host stands for TLS at the usual port. */
static void pacc_tells_only_of_tls_at_the_usual_ports(void **unused)
{
	struct discovery other_port = everything;
	struct buf b = BUF_INIT(DOCUMENT_MAX), again = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	other_port.endpoint[DISCOVERY_IMAP][DISCOVERY_TLS].port = 9993;
	pacc_document(&b, &everything);
	expect_golden("pacc.json", &b);
	pacc_document(&again, &everything);
	assert_true(str_eq(buf_view(&b), buf_view(&again)));
	buf_clear(&b);
	pacc_document(&b, &other_port);
	expect_golden("pacc-other-port.json", &b);
	buf_release(&b);
	buf_release(&again);
}

/* The names are bounded in characters, and each of them stays whole: half a one is no JSON. */
static void pacc_cuts_the_providers_name_between_characters(void **unused)
{
	struct discovery d = everything;
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	d.provider = "x\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
		     "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
	pacc_document(&b, &d);
	expect_golden("pacc-long-name.json", &b);
	buf_release(&b);
}

/* Apple's device management: com.apple.eas.account, com.apple.mail.managed. */
static void profiles_hold_an_account_and_no_password(void **unused)
{
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	assert_true(profile_offered(&everything, PROFILE_MAIL));
	assert_true(profile_offered(&activesync_alone, PROFILE_ACTIVESYNC));
	assert_false(profile_offered(&activesync_alone, PROFILE_MAIL));
	profile_document(&b, &everything, PROFILE_ACTIVESYNC, ann.address);
	expect_golden("profile-activesync.mobileconfig", &b);
	buf_clear(&b);
	profile_document(&b, &everything, PROFILE_MAIL, ann.address);
	expect_golden("profile-mail.mobileconfig", &b);
	buf_release(&b);
}

static void identifiers_depend_on_the_name_alone(void **unused)
{
	char one[37], again[37], other[37];

	(void)unused;
	discovery_uuid(S("a"), one);
	discovery_uuid(S("a"), again);
	discovery_uuid(S("b"), other);
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	assert_int_equal(strlen(one), 36);
	assert_int_equal(one[14], '5');
}

static void a_domain_stands_behind_the_last_at(void **unused)
{
	(void)unused;
	assert_true(str_eq(discovery_domain(S("a@b")), S("b")));
	assert_true(str_eq(discovery_domain(S("\"a@b\"@c")), S("c")));
	assert_int_equal(discovery_domain(S("a")).n, 0);
	assert_int_equal(discovery_domain(S("a@")).n, 0);
	assert_int_equal(discovery_domain(S("")).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pox_in_outlooks_schema_tells_of_mail_servers_alone),
		cmocka_unit_test(pox_tells_libraries_of_ews),
		cmocka_unit_test(who_reads_mail_is_no_library),
		cmocka_unit_test(pox_in_mobilesyncs_schema_tells_the_url),
		cmocka_unit_test(who_lives_elsewhere_is_sent_there),
		cmocka_unit_test(pox_errors_have_code_time_and_number),
		cmocka_unit_test(a_phone_hears_of_an_error_in_its_own_schema),
		cmocka_unit_test(there_is_mail_where_any_way_leads_to_it),
		cmocka_unit_test(v2_names_the_url_of_a_protocol),
		cmocka_unit_test(autoconfig_lists_every_way_the_better_first),
		cmocka_unit_test(pacc_tells_only_of_tls_at_the_usual_ports),
		cmocka_unit_test(pacc_cuts_the_providers_name_between_characters),
		cmocka_unit_test(profiles_hold_an_account_and_no_password),
		cmocka_unit_test(identifiers_depend_on_the_name_alone),
		cmocka_unit_test(a_domain_stands_behind_the_last_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
