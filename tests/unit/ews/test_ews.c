/*
 * Operations over real connections, each answer against tests/golden/ews. Requests are shaped as exchangelib, Evolution and
 * Microsoft's documents (MS-OXWS*) write them. Each goes once whole and once an octet at a time.
 */
#include <gateway/ews/ews.h>

#include <base/base64.h>
#include <gateway/auth/auth.h>
#include <store/account.h>
#include <tests/support/client.h>
#include <tests/support/golden.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define HEAD                                                                      \
	"<?xml version='1.0' encoding='utf-8'?>"                                  \
	"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'"         \
	" xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'" \
	" xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'>"   \
	"<s:Header><t:RequestServerVersion Version='Exchange2013_SP1'/></s:Header><s:Body>"
#define TAIL "</s:Body></s:Envelope>"
#define ASK(body) HEAD body TAIL
#define FOLDERS(shape, ids)                                                                                     \
	ASK("<m:GetFolder><m:FolderShape><t:BaseShape>" shape "</t:BaseShape></m:FolderShape><m:FolderIds>" ids \
	    "</m:FolderIds></m:GetFolder>")
#define FIND(traversal, more, parent)                                                                   \
	ASK("<m:FindFolder Traversal='" traversal "'><m:FolderShape><t:BaseShape>Default</t:BaseShape>" \
	    "</m:FolderShape>" more "<m:ParentFolderIds><t:DistinguishedFolderId Id='" parent "'/>"     \
	    "</m:ParentFolderIds></m:FindFolder>")
#define OOF(address, state, more)                                                                                      \
	ASK("<m:SetUserOofSettingsRequest><t:Mailbox><t:Address>" address "</t:Address></t:Mailbox>"                   \
	    "<t:UserOofSettings><t:OofState>" state "</t:OofState><t:ExternalAudience>Known</t:ExternalAudience>" more \
	    "</t:UserOofSettings></m:SetUserOofSettingsRequest>")

struct scene {
	struct server server;
	struct ews *ews;
	struct http_route routes[EWS_ROUTES];
};

static void name_account(struct server *s, int64_t id, struct str name)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(account_set_name(tx, id, name), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static int set_up(void **state)
{
	static struct scene sc;

	sc = (struct scene){ 0 };
	server_open(&sc.server);
	(void)server_add_account(&sc.server, "ann@example.test", "secret");
	name_account(&sc.server, server_add_account(&sc.server, "bob@example.test", "secret").id, S("Bob <B.>"));
	name_account(&sc.server, server_add_account(&sc.server, "bea@example.test", "secret").id, S("Bea"));
	sc.ews = ews_new(&(struct ews_args){ sc.server.store, sc.server.auth, &sc.server.clock.clock, 1024 });
	ews_routes(sc.ews, sc.routes);
	server_listen(&sc.server, sc.routes, EWS_ROUTES);
	*state = &sc;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *sc = *state;

	server_unlisten(&sc->server);
	ews_free(&sc->ews);
	server_close(&sc->server);
	server_remove(&sc->server);
	return 0;
}

static void put_request(struct buf *b, const char *login, const char *body, const char *more)
{
	struct buf pair = BUF_INIT(1024);

	buf_fmt(b, "POST /ews/exchange.asmx HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml; charset=utf-8\r\n%s", more);
	if (login) {
		buf_fmt(&pair, "%s:secret", login);
		buf_cstr(b, "Authorization: Basic ");
		base64_put(b, buf_view(&pair));
		buf_cstr(b, "\r\n");
	}
	buf_fmt(b, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	buf_release(&pair);
}

/* The body that comes; the connection is the caller's to close. */
static struct str ask(const struct scene *sc, struct client *c, const char *login, const char *body, bool in_octets,
		      int status)
{
	struct buf b = BUF_INIT(1 << 20);
	struct answer a;

	*c = client_connect(sc->server.port);
	put_request(&b, login, body, "");
	for (size_t i = 0; in_octets && i < b.n; i++)
		client_send(c, str_from(b.p + i, 1));
	if (!in_octets)
		client_send(c, buf_view(&b));
	a = client_answer(c);
	if (a.status != status)
		fail_msg("HTTP %d: %.*s", a.status, (int)a.body_n, c->in.p + a.body_at);
	buf_release(&b);
	return str_from(c->in.p + a.body_at, a.body_n);
}

static void requests_are_answered_as_the_documents_say(void **state)
{
	static const struct {
		const char *golden;
		int status;
		const char *body;
	} cases[] = {
		{ "get-oof-unset.xml", 200,
		  ASK("<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>ANN@example.test</t:Address></t:Mailbox>"
		      "</m:GetUserOofSettingsRequest>") },
		{ "set-oof.xml", 200,
		  OOF("ann@example.test", "Scheduled",
		      "<t:Duration><t:StartTime>2026-03-01T08:00:00Z</t:StartTime><t:EndTime>2026-03-08T18:00:00+01:00"
		      "</t:EndTime></t:Duration><t:InternalReply><t:Message>&lt;b&gt;away&lt;/b&gt;</t:Message>"
		      "</t:InternalReply><t:ExternalReply><t:Message>gone</t:Message></t:ExternalReply>") },
		{ "get-oof.xml", 200,
		  ASK("<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>ann@example.test</t:Address></t:Mailbox>"
		      "</m:GetUserOofSettingsRequest>") },
		{ "set-oof-no-end.xml", 200, OOF("ann@example.test", "Scheduled", "") },
		{ "set-oof-of-another.xml", 200, OOF("bob@example.test", "Enabled", "") },
		{ "get-oof-of-another.xml", 200,
		  ASK("<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>bob@example.test</t:Address></t:Mailbox>"
		      "</m:GetUserOofSettingsRequest>") },
		{ "get-oof-of-nobody.xml", 200,
		  ASK("<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>carl@example.test</t:Address></t:Mailbox>"
		      "</m:GetUserOofSettingsRequest>") },
		{ "get-service-configuration.xml", 200,
		  ASK("<m:GetServiceConfiguration><m:RequestedConfiguration>"
		      "<m:ConfigurationName>MailTips</m:ConfigurationName>"
		      "<m:ConfigurationName>UnifiedMessagingConfiguration</m:ConfigurationName>"
		      "<m:ConfigurationName>ProtectionRules</m:ConfigurationName></m:RequestedConfiguration>"
		      "</m:GetServiceConfiguration>") },
		{ "resolve-names-one.xml", 200,
		  ASK("<m:ResolveNames ReturnFullContactData='true'><m:UnresolvedEntry>smtp:bob@example.test"
		      "</m:UnresolvedEntry></m:ResolveNames>") },
		{ "resolve-names-several.xml", 200,
		  ASK("<m:ResolveNames ReturnFullContactData='false' SearchScope='ActiveDirectory'>"
		      "<m:UnresolvedEntry>b</m:UnresolvedEntry></m:ResolveNames>") },
		{ "resolve-names-nobody.xml", 200,
		  ASK("<m:ResolveNames ReturnFullContactData='false'><m:UnresolvedEntry>zebra</m:UnresolvedEntry>"
		      "</m:ResolveNames>") },
		{ "expand-dl.xml", 200,
		  ASK("<m:ExpandDL><m:Mailbox><t:EmailAddress>all@example.test</t:EmailAddress></m:Mailbox>"
		      "</m:ExpandDL>") },
		{ "convert-id.xml", 200,
		  ASK("<m:ConvertId DestinationFormat='HexEntryId'><m:SourceIds><t:AlternateId Format='EwsId' "
		      "Id='DUMMY'"
		      " Mailbox='DUMMY'/><t:AlternateId Format='EwsId' Id='AQAAAAAAAAABAAAAAAAAAAIAAAAAAAAAAA=='"
		      " Mailbox='ann@example.test'/></m:SourceIds></m:ConvertId>") },
		{ "get-folder-ids.xml", 200,
		  FOLDERS("IdOnly", "<t:DistinguishedFolderId Id='msgfolderroot'/><t:DistinguishedFolderId Id='inbox'/>"
				    "<t:DistinguishedFolderId Id='archive'/><t:FolderId Id='x'/>") },
		{ "get-folder-all.xml", 200,
		  FOLDERS("AllProperties",
			  "<t:DistinguishedFolderId Id='root'/><t:DistinguishedFolderId Id='msgfolderroot'/>"
			  "<t:DistinguishedFolderId Id='inbox'><t:Mailbox><t:EmailAddress>ann@example.test"
			  "</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
			  "<t:DistinguishedFolderId Id='calendar'/><t:DistinguishedFolderId Id='contacts'/>"
			  "<t:DistinguishedFolderId Id='tasks'/><t:DistinguishedFolderId Id='notes'/>") },
		{ "get-folder-of-another.xml", 200,
		  FOLDERS("Default", "<t:DistinguishedFolderId Id='inbox'><t:Mailbox><t:EmailAddress>bob@example.test"
				     "</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>") },
		{ "find-folder-root.xml", 200, FIND("Shallow", "", "root") },
		{ "find-folder-page.xml", 200,
		  FIND("Deep", "<m:IndexedPageFolderView MaxEntriesReturned='2' Offset='1' BasePoint='Beginning'/>",
		       "msgfolderroot") },
		{ "find-folder-from-the-end.xml", 200,
		  FIND("Deep", "<m:IndexedPageFolderView MaxEntriesReturned='1' Offset='0' BasePoint='End'/>",
		       "msgfolderroot") },
		{ "find-folder-restricted.xml", 200,
		  FIND("Deep",
		       "<m:Restriction><t:Exists><t:FieldURI FieldURI='folder:DisplayName'/></t:Exists>"
		       "</m:Restriction>",
		       "msgfolderroot") },
		{ "fault-schema.xml", 500,
		  ASK("<m:ResolveNames><m:UnresolvedEntry>b</m:UnresolvedEntry></m:ResolveNames>") },
		{ "fault-operation.xml", 500, ASK("<m:GetItem/>") },
		{ "fault-no-envelope.xml", 500, "<a/>" },
		{ "fault-document-type.xml", 500, "<!DOCTYPE a [<!ENTITY x 'y'>]>" ASK("<m:GetItem/>") },
		{ "fault-version.xml", 500,
		  "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header><RequestServerVersion "
		  "Version='Nonsense'/></s:Header><s:Body><GetFolder/></s:Body></s:Envelope>" },
	};

	for (size_t i = 0; i < 2 * countof(cases); i++) {
		struct client c;
		struct str body = ask(*state, &c, "ann@example.test", cases[i / 2].body, i % 2, cases[i / 2].status);

		golden_expect("ews", cases[i / 2].golden, body);
		client_close(&c);
	}
}

static void nobody_without_a_login_is_answered(void **state)
{
	struct client c;

	(void)ask(*state, &c, NULL, ASK("<m:GetItem/>"), false, 401);
	client_close(&c);
}

/* What one request asks about is bounded, and so is its size. */
static void a_request_is_bounded(void **state)
{
	struct buf b = BUF_INIT(4 << 20);
	struct client c;
	struct str body;

	for (size_t n = EWS_MAX_MESSAGES; n <= EWS_MAX_MESSAGES + 1; n++) {
		buf_clear(&b);
		buf_cstr(&b, HEAD "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"
				  "<m:FolderIds>");
		for (size_t i = 0; i < n; i++)
			buf_cstr(&b, "<t:DistinguishedFolderId Id='inbox'/>");
		buf_fmt(&b, "</m:FolderIds></m:GetFolder>" TAIL "%c", '\0');
		body = ask(*state, &c, "ann@example.test", b.p, false, n > EWS_MAX_MESSAGES ? 500 : 200);
		assert_int_equal(str_find(body, S("ErrorDataSizeLimitExceeded")) < body.n, n > EWS_MAX_MESSAGES);
		client_close(&c);
	}
	c = client_connect(((struct scene *)*state)->server.port);
	client_send(&c, S("POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n"));
	assert_int_equal(client_answer(&c).status, 413);
	client_close(&c);
	buf_release(&b);
}

/* client-request-id comes back where the client wants it, and nothing that is no header. */
static void a_number_of_the_client_comes_back(void **state)
{
	const struct scene *sc = *state;
	struct buf b = BUF_INIT(64 * 1024);
	struct client c = client_connect(sc->server.port);
	struct answer a;

	put_request(&b, "ann@example.test", ASK("<m:GetItem/>"),
		    "client-request-id: {1-2}\r\nreturn-client-request-id: true\r\n");
	client_send(&c, buf_view(&b));
	a = client_answer(&c);
	assert_true(str_eq(client_header(&c, &a, "client-request-id"), S("{1-2}")));
	client_close(&c);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered_as_the_documents_say),
		cmocka_unit_test(nobody_without_a_login_is_answered),
		cmocka_unit_test(a_request_is_bounded),
		cmocka_unit_test(a_number_of_the_client_comes_back),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
