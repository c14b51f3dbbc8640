/* Autodiscover's routes over real connections: who gets what. */
#include <gateway/autodiscover/autodiscover.h>

#include <base/base64.h>
#include <store/account.h>
#include <store/redirect.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define POX_OF(address)                                                                             \
	"<Autodiscover><Request><EMailAddress>" address "</EMailAddress><AcceptableResponseSchema>" \
	"http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"         \
	"</AcceptableResponseSchema></Request></Autodiscover>"
#define SOAP_OF(address)                                                                         \
	"<Envelope><Body><GetUserSettingsRequestMessage><Request><Users><User><Mailbox>" address \
	"</Mailbox></User></Users>"                                                              \
	"<RequestedSettings><Setting>UserDisplayName</Setting></RequestedSettings></Request>"    \
	"</GetUserSettingsRequestMessage></Body></Envelope>"

struct scene {
	struct server server;
	struct autodiscover *autodiscover;
	struct http_route routes[AUTODISCOVER_ROUTES];
};

static int set_up(void **state)
{
	static struct scene sc;
	struct server_account ann;
	struct store_tx *tx;

	sc = (struct scene){ 0 };
	server_open(&sc.server);
	ann = server_add_account(&sc.server, "ann@example.test", "secret");
	assert_int_equal(store_begin(sc.server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(account_address_add(tx, ann.id, S("annie@example.test")), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	(void)server_add_account(&sc.server, "bob@example.test", "secret");
	sc.autodiscover = autodiscover_new(&(struct autodiscover_args){
		.store = sc.server.store,
		.auth = sc.server.auth,
		.clock = &sc.server.clock.clock,
		.facts = { .host = "mail.example.test",
			   .base_url = "https://mail.example.test",
			   .provider = "Example",
			   .endpoint[DISCOVERY_IMAP][DISCOVERY_TLS] = { "mail.example.test", 993 } } });
	autodiscover_routes(sc.autodiscover, sc.routes);
	server_listen(&sc.server, sc.routes, AUTODISCOVER_ROUTES);
	*state = &sc;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *sc = *state;

	server_unlisten(&sc->server);
	autodiscover_free(&sc->autodiscover);
	server_close(&sc->server);
	server_remove(&sc->server);
	return 0;
}

/* One request on a connection of its own; true: status and body are as said. */
static void ask(const struct scene *sc, const char *what, const char *login, const char *method, const char *target,
		const char *body, int status, const char *holds)
{
	struct client c = client_connect(sc->server.port);
	struct buf b = BUF_INIT(1 << 20), pair = BUF_INIT(1024);
	struct answer a;

	buf_fmt(&b, "%s %s HTTP/1.1\r\nHost: autoconfig.example.test:443\r\n", method, target);
	if (login) {
		buf_fmt(&pair, "%s:secret", login);
		buf_cstr(&b, "Authorization: Basic ");
		base64_put(&b, buf_view(&pair));
		buf_cstr(&b, "\r\n");
	}
	buf_fmt(&b, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	client_send(&c, buf_view(&b));
	a = client_answer(&c);
	if (a.status != status)
		fail_msg("%s: HTTP %d", what, a.status);
	if (str_find(str_from(c.in.p + a.body_at, a.body_n), str_of(holds)) == a.body_n && *holds)
		fail_msg("%s: %.*s", what, (int)a.body_n, c.in.p + a.body_at);
	if (status == 401 && !str_starts(client_header(&c, &a, "WWW-Authenticate"), S("Basic ")))
		fail_msg("%s: no challenge", what);
	buf_release(&b);
	buf_release(&pair);
	client_close(&c);
}

static void each_route_answers_whom_it_may(void **state)
{
	static const struct {
		const char *what, *login, *method, *target, *body;
		int status;
		const char *holds;
	} cases[] = {
		{ "a phone", "ann@example.test", "POST", "/autodiscover/autodiscover.xml", POX_OF("ann@example.test"),
		  200, "<Url>https://mail.example.test/Microsoft-Server-ActiveSync</Url>" },
		{ "the path in other letters", "ann@example.test", "POST", "/AutoDiscover/AutoDiscover.XML",
		  POX_OF("Ann@Example.test"), 200, "MobileSync" },
		{ "without a login", NULL, "POST", "/autodiscover/autodiscover.xml", POX_OF("ann@example.test"), 401,
		  "" },
		{ "GET", NULL, "GET", "/autodiscover/autodiscover.xml", "", 200, "<ErrorCode>600</ErrorCode>" },
		{ "another's address", "ann@example.test", "POST", "/autodiscover/autodiscover.xml",
		  POX_OF("bob@example.test"), 200, "<ErrorCode>500</ErrorCode>" },
		{ "an address that is not there", "ann@example.test", "POST", "/autodiscover/autodiscover.xml",
		  POX_OF("carl@example.test"), 200, "<ErrorCode>500</ErrorCode>" },
		/* MS-ASCMD_R2285, MS-ASCMD_R2286, MS-ASCMD_R2288 */
		{ "a schema that is not known", "ann@example.test", "POST", "/autodiscover/autodiscover.xml",
		  "<Autodiscover><Request><EMailAddress>ann@example.test</EMailAddress><AcceptableResponseSchema>urn:x"
		  "</AcceptableResponseSchema></Request></Autodiscover>",
		  200, "<ErrorCode>601</ErrorCode>" },
		/* MS-ASCMD_R3818 */
		{ "an error in its place", "ann@example.test", "POST", "/autodiscover/autodiscover.xml", "<a", 200,
		  "<Response><Error Time=\"" },
		/* MS-ASCMD_R2228: by whatever address, the first one is told */
		{ "another of one's own addresses", "ann@example.test", "POST", "/autodiscover/autodiscover.xml",
		  POX_OF("annie@example.test"), 200, "<EMailAddress>ann@example.test</EMailAddress>" },
		/* MS-ASCMD_R2287 */
		{ "nonsense", "ann@example.test", "POST", "/autodiscover/autodiscover.xml", "<a", 200,
		  "<ErrorCode>600</ErrorCode>" },
		{ "SOAP", "ann@example.test", "POST", "/autodiscover/autodiscover.svc", SOAP_OF("ann@example.test"),
		  200, "<Value>" },
		{ "SOAP of another", "ann@example.test", "POST", "/autodiscover/autodiscover.svc",
		  SOAP_OF("bob@example.test"), 200, "<ErrorCode>InvalidUser</ErrorCode>" },
		{ "SOAP without a login", NULL, "POST", "/autodiscover/autodiscover.svc", SOAP_OF("ann@example.test"),
		  401, "" },
		{ "SOAP that is none", "ann@example.test", "POST", "/autodiscover/autodiscover.svc", "<a/>", 500,
		  "<faultcode>s:Client</faultcode>" },
		{ "v2", NULL, "GET", "/autodiscover/autodiscover.json?Email=ann@example.test&Protocol=ActiveSync", "",
		  200, "Microsoft-Server-ActiveSync" },
		{ "v2 for nobody says the same", NULL, "GET",
		  "/autodiscover/autodiscover.json?Email=carl@example.test&Protocol=ActiveSync", "", 200,
		  "Microsoft-Server-ActiveSync" },
		{ "v2 with the address in the path", NULL, "GET",
		  "/autodiscover/autodiscover.json/v1.0/ann%40example.test?Protocol=autodiscoverv1&RedirectCount=1", "",
		  200, "/autodiscover/autodiscover.xml" },
		{ "v2 of another protocol", NULL, "GET", "/autodiscover/autodiscover.json?Protocol=Rest", "", 400,
		  "InvalidProtocol" },
		{ "autoconfig", NULL, "GET", "/mail/config-v1.1.xml?emailaddress=ann%40example.test", "", 200,
		  "<domain>example.test</domain>" },
		{ "autoconfig for nobody says the same", NULL, "GET",
		  "/mail/config-v1.1.xml?emailaddress=carl%40example.test", "", 200, "<domain>example.test</domain>" },
		{ "autoconfig by the host", NULL, "GET", "/.well-known/autoconfig/mail/config-v1.1.xml", "", 200,
		  "<domain>example.test</domain>" },
		{ "autoconfig of another domain", NULL, "GET", "/mail/config-v1.1.xml?emailaddress=ann%40other.test",
		  "", 404, "" },
		{ "PACC", NULL, "GET", "/.well-known/user-agent-configuration.json", "", 200, "\"imap\"" },
		{ "a profile", NULL, "GET", "/roost.mobileconfig?email=ann%40example.test", "", 200,
		  "com.apple.eas.account" },
		{ "a profile that is not offered", NULL, "GET",
		  "/roost.mobileconfig?email=ann%40example.test&kind=mail", "", 404, "" },
		{ "a profile of another domain", NULL, "GET", "/roost.mobileconfig?email=ann%40other.test", "", 404,
		  "" },
		{ "a profile without an address", NULL, "GET", "/roost.mobileconfig", "", 404, "" },
		{ "an address that is no UTF-8", NULL, "GET", "/roost.mobileconfig?email=%FF%40example.test", "", 404,
		  "" },
	};
	const struct scene *sc = *state;

	for (size_t i = 0; i < countof(cases); i++)
		ask(sc, cases[i].what, cases[i].login, cases[i].method, cases[i].target, cases[i].body, cases[i].status,
		    cases[i].holds);
}

static void set_redirect(const struct scene *sc, struct str address, struct str url)
{
	struct arena a = ARENA_INIT(64 * 1024);
	struct store_tx *tx;
	struct account bob;

	assert_int_equal(store_begin(sc->server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(account_find(&a, tx, S("bob@example.test"), &bob), ERR_OK);
	assert_int_equal(redirect_set(tx, bob.id, &(struct redirect){ address, url }), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	arena_release(&a);
}

/* With its own login alone; who asks without one hears the same of everybody. */
static void who_lives_elsewhere_is_sent_there_by_login(void **state)
{
	static const char xml[] = "/autodiscover/autodiscover.xml", svc[] = "/autodiscover/autodiscover.svc";
	static const char v2[] = "/autodiscover/autodiscover.json?Email=bob@example.test&Protocol=ActiveSync";
	const struct scene *sc = *state;

	set_redirect(sc, S("bob@other.test"), STR_EMPTY);
	ask(sc, "POX", "bob@example.test", "POST", xml, POX_OF("bob@example.test"), 200,
	    "<Redirect>bob@other.test</Redirect>");
	ask(sc, "SOAP", "bob@example.test", "POST", svc, SOAP_OF("bob@example.test"), 200,
	    "<ErrorCode>RedirectAddress</ErrorCode><ErrorMessage>The mailbox is elsewhere.</ErrorMessage>"
	    "<RedirectTarget>bob@other.test</RedirectTarget>");
	ask(sc, "another's", "ann@example.test", "POST", xml, POX_OF("bob@example.test"), 200,
	    "<ErrorCode>500</ErrorCode>");
	ask(sc, "v2", NULL, "GET", v2, "", 200, "https://mail.example.test/Microsoft-Server-ActiveSync");
	set_redirect(sc, STR_EMPTY, S("https://mail.other.test"));
	ask(sc, "POX", "bob@example.test", "POST", xml, POX_OF("bob@example.test"), 200,
	    "<Url>https://mail.other.test/Microsoft-Server-ActiveSync</Url>");
	ask(sc, "SOAP", "bob@example.test", "POST", svc, SOAP_OF("bob@example.test"), 200,
	    "<RedirectTarget>https://mail.other.test/autodiscover/autodiscover.svc</RedirectTarget>");
	set_redirect(sc, STR_EMPTY, STR_EMPTY);
	ask(sc, "POX", "bob@example.test", "POST", xml, POX_OF("bob@example.test"), 200,
	    "<Url>https://mail.example.test/Microsoft-Server-ActiveSync</Url>");
}

/* The last one: the server tells of nothing but the web from here on. */
static void who_reads_mail_hears_where_there_is_nothing_for_him(void **state)
{
	static const char xml[] = "/autodiscover/autodiscover.xml";
	static const char outlook[] =
		"<Autodiscover><Request><EMailAddress>ann@example.test</EMailAddress><AcceptableResponseSchema>"
		"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
		"</AcceptableResponseSchema></Request></Autodiscover>";
	struct scene *sc = *state;

	ask(sc, "with IMAP", "ann@example.test", "POST", xml, outlook, 200, "<Type>IMAP</Type>");
	server_unlisten(&sc->server);
	autodiscover_free(&sc->autodiscover);
	sc->autodiscover = autodiscover_new(&(struct autodiscover_args){
		.store = sc->server.store,
		.auth = sc->server.auth,
		.clock = &sc->server.clock.clock,
		.facts = { .host = "h", .base_url = "https://mail.example.test", .provider = "Example" } });
	autodiscover_routes(sc->autodiscover, sc->routes);
	server_listen(&sc->server, sc->routes, AUTODISCOVER_ROUTES);
	ask(sc, "without", "ann@example.test", "POST", xml, outlook, 200, "<ErrorCode>501</ErrorCode>");
	ask(sc, "a phone", "ann@example.test", "POST", xml, POX_OF("ann@example.test"), 200, "MobileSync");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_route_answers_whom_it_may),
					    cmocka_unit_test(who_lives_elsewhere_is_sent_there_by_login),
					    cmocka_unit_test(who_reads_mail_hears_where_there_is_nothing_for_him) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
