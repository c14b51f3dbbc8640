/* SOAP Autodiscover: requests; answers element by element, and whole against tests/golden/autodiscover. */
#include <gateway/autodiscover/soap.h>

#include <gateway/xml/xml_read.h>
#include <tests/support/golden.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { ARENA = 4 * 1024 * 1024, DOCUMENT_MAX = 256 * 1024 };

#define ENVELOPE(body)                                                                               \
	"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'"                            \
	" xmlns:a='http://schemas.microsoft.com/exchange/2010/Autodiscover'>"                        \
	"<s:Header><a:RequestedServerVersion>Exchange2010_SP2</a:RequestedServerVersion></s:Header>" \
	"<s:Body>" body "</s:Body></s:Envelope>"
#define USERS(users, settings)                                                 \
	ENVELOPE("<a:GetUserSettingsRequestMessage><a:Request><a:Users>" users \
		 "</a:Users><a:RequestedSettings>" settings                    \
		 "</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage>")
#define USER(mailbox) "<a:User><a:Mailbox>" mailbox "</a:Mailbox></a:User>"
#define SETTING(name) "<a:Setting>" name "</a:Setting>"
#define DOMAINS(domains, settings)                                                   \
	ENVELOPE("<a:GetDomainSettingsRequestMessage><a:Request><a:Domains>" domains \
		 "</a:Domains><a:RequestedSettings>" settings                        \
		 "</a:RequestedSettings></a:Request></a:GetDomainSettingsRequestMessage>")

static const struct discovery facts = {
	.host = "mail.example.test",
	.base_url = "https://mail.example.test",
	.provider = "example.test",
	.endpoint = { [DISCOVERY_IMAP] = { [DISCOVERY_TLS] = { "mail.example.test", 993 },
					   [DISCOVERY_STARTTLS] = { "mail.example.test", 143 } } },
};

static void requests_name_whom_and_what(void **unused)
{
	static const struct {
		const char *what;
		struct str body;
		enum err e;
		size_t subjects, settings;
	} cases[] = {
		{ "a user", STR_INIT(USERS(USER("ann@example.test"), SETTING("UserDN"))), ERR_OK, 1, 1 },
		{ "two users, three settings",
		  STR_INIT(USERS(USER("a@b") USER("c@d"), SETTING("X") SETTING("Y") SETTING("Z"))), ERR_OK, 2, 3 },
		{ "a domain", STR_INIT(DOMAINS("<a:Domain>example.test</a:Domain>", SETTING("ExternalEwsUrl"))), ERR_OK,
		  1, 1 },
		{ "nobody", STR_INIT(USERS("", SETTING("UserDN"))), ERR_INVALID, 0, 0 },
		{ "nothing asked", STR_INIT(USERS(USER("a@b"), "")), ERR_INVALID, 0, 0 },
		{ "another operation", STR_INIT(ENVELOPE("<a:GetFederationInformationRequestMessage/>")),
		  ERR_UNSUPPORTED, 0, 0 },
		{ "an empty body", STR_INIT(ENVELOPE("")), ERR_INVALID, 0, 0 },
		{ "no envelope", STR_INIT("<a/>"), ERR_INVALID, 0, 0 },
		{ "no XML", STR_INIT("x"), ERR_INVALID, 0, 0 },
		{ "a document type", STR_INIT("<!DOCTYPE x><a/>"), ERR_INVALID, 0, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(ARENA);
		struct soap_request r = { 0 };
		enum err e = soap_request_read(&a, cases[i].body, &r);

		if (e != cases[i].e || (!e && (r.subjects_n != cases[i].subjects || r.settings_n != cases[i].settings)))
			fail_msg("%s: %s, %zu, %zu", cases[i].what, err_text(e), r.subjects_n, r.settings_n);
		arena_release(&a);
	}
}

static enum err read_many(size_t users, size_t settings)
{
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(ARENA);
	struct soap_request r;
	enum err e;

	buf_cstr(&b, "<Envelope><Body><GetUserSettingsRequestMessage><Request><Users>");
	for (size_t i = 0; i < users; i++)
		buf_cstr(&b, "<User><Mailbox>a@b</Mailbox></User>");
	buf_cstr(&b, "</Users><RequestedSettings>");
	for (size_t i = 0; i < settings; i++)
		buf_cstr(&b, "<Setting>UserDN</Setting>");
	buf_cstr(&b, "</RequestedSettings></Request></GetUserSettingsRequestMessage></Body></Envelope>");
	e = soap_request_read(&a, buf_view(&b), &r);
	buf_release(&b);
	arena_release(&a);
	return e;
}

static void users_and_settings_are_bounded(void **unused)
{
	(void)unused;
	assert_int_equal(read_many(SOAP_MAX_USERS, SOAP_MAX_SETTINGS), ERR_OK);
	assert_int_equal(read_many(SOAP_MAX_USERS + 1, 1), ERR_LIMIT);
	assert_int_equal(read_many(1, SOAP_MAX_SETTINGS + 1), ERR_LIMIT);
}

static const struct xml_node *at(const struct xml_node *node, const char *const *path)
{
	for (; *path; path++) {
		node = xml_child(node, *path);
		if (!node)
			fail_msg("no %s", *path);
	}
	return node;
}

static void users_get_what_there_is_and_an_error_for_the_rest(void **unused)
{
	struct str settings[] = { S("UserDisplayName"), S("ExternalImap4Connections"), S("ExternalPop3Connections"),
				  S("ExternalOABUrl") };
	struct str subjects[] = { S("ann@example.test"), S("bob@example.test") };
	const struct discovery_user users[] = { { S("ann@example.test"), S("Ann") }, { S("bob@example.test"), S("") } };
	const bool known[] = { true, false };
	const struct soap_request request = { SOAP_GET_USER_SETTINGS, subjects, 2, settings, countof(settings) };
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(DOCUMENT_MAX);
	const struct xml_node *user, *setting;
	struct xml_node *root;

	(void)unused;
	soap_answer(&b, &facts, &request, &(struct soap_found){ .users = users, .known = known });
	assert_int_equal(xml_read(&a, buf_view(&b), &root), ERR_OK);
	assert_true(str_eq(at(root, (const char *[]){ "Header", "ServerVersionInfo", "Version", NULL })->text,
			   S("Exchange2010_SP2")));
	user = at(root, (const char *[]){ "Body", "GetUserSettingsResponseMessage", "Response", "UserResponses",
					  "UserResponse", NULL });
	assert_true(str_eq(xml_child_text(user, "ErrorCode"), S("NoError")));
	setting = at(user, (const char *[]){ "UserSettings", "UserSetting", NULL });
	assert_true(str_eq(xml_child_text(setting, "Value"), S("Ann")));
	setting = xml_next(setting, "UserSetting");
	assert_true(str_eq(xml_child_text(setting, "Name"), S("ExternalImap4Connections")));
	setting = at(setting, (const char *[]){ "ProtocolConnections", "ProtocolConnection", NULL });
	assert_true(str_eq(xml_child_text(setting, "Port"), S("993")));
	assert_true(str_eq(xml_child_text(setting, "EncryptionMethod"), S("SSL")));
	assert_true(str_eq(xml_child_text(xml_next(setting, "ProtocolConnection"), "EncryptionMethod"), S("TLS")));
	setting = at(user, (const char *[]){ "UserSettingErrors", "UserSettingError", NULL });
	assert_true(str_eq(xml_child_text(setting, "SettingName"), S("ExternalPop3Connections")));
	assert_true(str_eq(xml_child_text(xml_next(setting, "UserSettingError"), "SettingName"), S("ExternalOABUrl")));
	assert_true(str_eq(xml_child_text(xml_next(user, "UserResponse"), "ErrorCode"), S("InvalidUser")));
	buf_release(&b);
	arena_release(&a);
}

static void expect_golden(const char *name, struct buf *b)
{
	assert_int_equal(buf_status(b), ERR_OK);
	golden_expect("autodiscover", name, buf_view(b));
	buf_release(b);
}

/* MS-OXWSADISC, GetUserSettings; exchangelib, Microsoft's EWS library. */
static void answers_tell_of_users(void **unused)
{
	struct str settings[] = { S("UserDisplayName"),
				  S("UserDN"),
				  S("UserDeploymentId"),
				  S("AutoDiscoverSMTPAddress"),
				  S("MailboxDN"),
				  S("CasVersion"),
				  S("ExternalMailboxServer"),
				  S("InternalEwsUrl"),
				  S("ExternalEwsUrl"),
				  S("EwsSupportedSchemas"),
				  S("InternalImap4Connections"),
				  S("ExternalImap4Connections"),
				  S("InternalPop3Connections"),
				  S("GroupingInformation") };
	struct str subjects[] = { S("ann@example.test"), S("bob@example.test") };
	const struct discovery_user users[] = { { S("ann@example.test"), S("Ann <A.>") },
						{ S("bob@example.test"), S("") } };
	const struct discovery_redirect address = { S("ann@other.test"), STR_EMPTY };
	const struct discovery_redirect url = { STR_EMPTY, S("https://mail.other.test") };
	const bool known[] = { true, false };
	const struct soap_request request = { SOAP_GET_USER_SETTINGS, subjects, 2, settings, countof(settings) };
	const struct soap_request one = { SOAP_GET_USER_SETTINGS, subjects, 1, settings, 1 };
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	soap_answer(&b, &facts, &request, &(struct soap_found){ users, known, { STR_EMPTY, STR_EMPTY } });
	expect_golden("soap-user-settings.xml", &b);
	soap_answer(&b, &facts, &one, &(struct soap_found){ users, known, address });
	expect_golden("soap-user-redirect-address.xml", &b);
	soap_answer(&b, &facts, &one, &(struct soap_found){ users, known, url });
	expect_golden("soap-user-redirect-url.xml", &b);
}

/* MS-OXWSADISC 3.1.4.1. */
static void answers_tell_of_domains(void **unused)
{
	struct str settings[] = { S("ExternalEwsUrl"), S("ExternalEwsVersion"), S("UserDN") };
	struct str subjects[] = { S("example.test"), S("other.test") };
	const bool known[] = { true, false };
	const struct soap_request request = { SOAP_GET_DOMAIN_SETTINGS, subjects, 2, settings, countof(settings) };
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	soap_answer(&b, &facts, &request, &(struct soap_found){ .known = known });
	expect_golden("soap-domain-settings.xml", &b);
}

static void what_cannot_be_read_is_a_fault(void **unused)
{
	struct buf b = BUF_INIT(DOCUMENT_MAX);

	(void)unused;
	soap_fault(&b, ERR_INVALID);
	expect_golden("soap-fault-malformed.xml", &b);
	soap_fault(&b, ERR_UNSUPPORTED);
	expect_golden("soap-fault-operation.xml", &b);
	soap_fault(&b, ERR_BUSY);
	expect_golden("soap-fault-busy.xml", &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_name_whom_and_what),
		cmocka_unit_test(users_and_settings_are_bounded),
		cmocka_unit_test(users_get_what_there_is_and_an_error_for_the_rest),
		cmocka_unit_test(answers_tell_of_users),
		cmocka_unit_test(answers_tell_of_domains),
		cmocka_unit_test(what_cannot_be_read_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
