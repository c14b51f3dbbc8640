/*
 * Operations over real connections, each answer against tests/golden/ews. Requests are shaped as exchangelib, Evolution and
 * Microsoft's documents (MS-OXWS*) write them. Each goes once whole and once an octet at a time.
 */
#include <gateway/ews/ews.h>

#include <base/base64.h>
#include <gateway/auth/auth.h>
#include <gateway/mailbox/event.h>
#include <store/account.h>
#include <store/folder.h>
#include <store/visibility.h>
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

#define ZONE                                                                                                          \
	"<t:TimeZone><t:Bias>-60</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time>"                 \
	"<t:DayOrder>5</t:DayOrder><t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>"           \
	"<t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month>" \
	"<t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>"
#define WHO(address)                                                                                   \
	"<t:MailboxData><t:Email><t:Address>" address "</t:Address></t:Email><t:AttendeeType>Required" \
	"</t:AttendeeType><t:ExcludeConflicts>false</t:ExcludeConflicts></t:MailboxData>"
#define WINDOW(from, to) "<t:StartTime>" from "</t:StartTime><t:EndTime>" to "</t:EndTime>"
#define VIEW(from, to, minutes, view)                                                  \
	"<t:FreeBusyViewOptions><t:TimeWindow>" WINDOW(                                \
		from, to) "</t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>" minutes \
			  "</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>" view \
			  "</t:RequestedView></t:FreeBusyViewOptions>"
#define BUSY(who, more)                                                                                   \
	ASK("<m:GetUserAvailabilityRequest>" ZONE "<m:MailboxDataArray>" who "</m:MailboxDataArray>" more \
	    "</m:GetUserAvailabilityRequest>")
#define MARCH(view) VIEW("2026-03-27T00:00:00", "2026-03-31T00:00:00", "60", view)

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

#define EVENT(uid, when, more) "BEGIN:VEVENT\r\nUID:" uid "\r\nDTSTAMP:20260101T000000Z\r\n" when more "END:VEVENT\r\n"

static void add_event(struct server *s, int64_t mailbox, struct str event)
{
	struct arena a = ARENA_INIT(4 << 20);
	struct buf b = BUF_INIT(64 * 1024);
	struct event_new row = { .now_ms = SERVER_NOW_MS };
	struct store_tx *tx;
	struct item item;

	buf_fmt(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" STR_FMT "END:VCALENDAR\r\n", STR_ARG(event));
	row.octets = buf_view(&b);
	assert_int_equal(store_begin(s->store, mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &row.folder), ERR_OK);
	assert_int_equal(event_add(&a, tx, &row, &item), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	buf_release(&b);
	arena_release(&a);
}

/* Over the day on which summer time begins: a meeting each day at nine in Berlin, and what is special. */
static void fill_calendar(struct server *s, int64_t mailbox)
{
	add_event(s, mailbox,
		  S(EVENT("daily",
			  "DTSTART;TZID=Europe/Berlin:20260327T090000\r\nDTEND;TZID=Europe/Berlin:20260327T100000\r\n",
			  "RRULE:FREQ=DAILY\r\nSUMMARY:Daily <&>\r\nLOCATION:Room 1\r\n")));
	add_event(s, mailbox,
		  S(EVENT("private", "DTSTART:20260328T120000Z\r\nDTEND:20260328T130000Z\r\n",
			  "SUMMARY:Secret\r\nCLASS:PRIVATE\r\n")));
	add_event(s, mailbox,
		  S(EVENT("tentative", "DTSTART:20260327T090000Z\r\nDTEND:20260327T093000Z\r\n",
			  "SUMMARY:Perhaps\r\nSTATUS:TENTATIVE\r\n")));
	add_event(s, mailbox,
		  S(EVENT("free", "DTSTART:20260327T140000Z\r\nDTEND:20260327T150000Z\r\n",
			  "SUMMARY:Nothing\r\nTRANSP:TRANSPARENT\r\n")));
}

static void set_visibility(struct server *s, int64_t account, enum visibility v)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(visibility_set(tx, account, STR_EMPTY, v), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static int set_up(void **state)
{
	static struct scene sc;
	struct server_account one;

	sc = (struct scene){ 0 };
	server_open(&sc.server);
	fill_calendar(&sc.server, server_add_account(&sc.server, "ann@example.test", "secret").mailbox);
	one = server_add_account(&sc.server, "bob@example.test", "secret");
	name_account(&sc.server, one.id, S("Bob <B.>"));
	fill_calendar(&sc.server, one.mailbox);
	one = server_add_account(&sc.server, "bea@example.test", "secret");
	name_account(&sc.server, one.id, S("Bea"));
	fill_calendar(&sc.server, one.mailbox);
	set_visibility(&sc.server, one.id, VISIBILITY_TITLES);
	set_visibility(&sc.server, server_add_account(&sc.server, "shy@example.test", "secret").id, VISIBILITY_NONE);
	(void)server_add_account(&sc.server, "eve@other.test", "secret");
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
		{ "availability-own.xml", 200, BUSY(WHO("ann@example.test"), MARCH("DetailedMerged")) },
		{ "availability-times.xml", 200, BUSY(WHO("bob@example.test"), MARCH("DetailedMerged")) },
		{ "availability-titles.xml", 200, BUSY(WHO("bea@example.test"), MARCH("Detailed")) },
		{ "availability-several.xml", 200,
		  BUSY(WHO("ann@example.test") WHO("carl@example.test") WHO("shy@example.test") WHO("eve@other.test"),
		       MARCH("MergedOnly")) },
		{ "availability-suggestions.xml", 200,
		  BUSY(WHO("ann@example.test") WHO("bob@example.test") WHO("carl@example.test"),
		       MARCH("MergedOnly") "<t:SuggestionsViewOptions><t:MaximumResultsByDay>3</t:MaximumResultsByDay>"
					   "<t:DetailedSuggestionsWindow>" WINDOW(
						   "2026-03-27T00:00:00",
						   "2026-03-29T00:00:00") "</t:DetailedSuggestionsWindow></"
									  "t:SuggestionsViewOptions>") },
		{ "availability-fault-too-long.xml", 500,
		  BUSY(WHO("ann@example.test"),
		       VIEW("2026-01-01T00:00:00Z", "2026-02-12T00:00:01Z", "30", "FreeBusy")) },
		{ "availability-fault-backwards.xml", 500,
		  BUSY(WHO("ann@example.test"), VIEW("2026-01-02T00:00:00", "2026-01-01T00:00:00", "30", "FreeBusy")) },
		{ "availability-fault-interval.xml", 500,
		  BUSY(WHO("ann@example.test"), VIEW("2026-01-01T00:00:00", "2026-01-02T00:00:00", "4", "FreeBusy")) },
		{ "availability-fault-view.xml", 500,
		  BUSY(WHO("ann@example.test"), VIEW("2026-01-01T00:00:00", "2026-01-02T00:00:00", "30", "None")) },
		{ "availability-fault-no-zone.xml", 500,
		  ASK("<m:GetUserAvailabilityRequest><m:MailboxDataArray>" WHO(
			  "ann@example.test") "</m:MailboxDataArray>" VIEW("2026-01-01T00:00:00", "2026-01-02T00:00:00",
									   "30",
									   "FreeBusy") "</"
										       "m:"
										       "GetUserAvailabilityRequest>") },
		{ "get-zones.xml", 200,
		  ASK("<m:GetServerTimeZones ReturnFullTimeZoneData='true'><m:Ids><t:Id>W. Europe Standard Time</t:Id>"
		      "<t:Id>UTC</t:Id><t:Id>Nowhere</t:Id></m:Ids></m:GetServerTimeZones>") },
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
