/*
 * Operations over real connections, each answer against tests/golden/ews. Requests are shaped as exchangelib, Evolution and
 * Microsoft's documents (MS-OXWS*) write them. Each goes once whole and once an octet at a time.
 */
#include <gateway/ews/ews.h>

#include <base/base64.h>
#include <gateway/auth/auth.h>
#include <gateway/ews/id.h>
#include <gateway/ews/types_availability.h>
#include <gateway/mailbox/event.h>
#include <store/account.h>
#include <store/folder.h>
#include <store/mail_group.h>
#include <store/visibility.h>
#include <store/working_hours.h>
#include <tests/support/client.h>
#include <tests/support/golden.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define HEAD                                                                      \
	"<?xml version='1.0' encoding='utf-8'?>"                                  \
	"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'"         \
	" xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'" \
	" xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'>"   \
	"<s:Header><t:RequestServerVersion Version='Exchange2013_SP1'/></s:Header><s:Body>"
#define TAIL "</s:Body></s:Envelope>"
#define ASK(body) HEAD body TAIL
enum { FOLDERS_MAX = 64 };

struct named_folder {
	struct str name, id; /* "{Inbox}" */
};

struct scene {
	struct server server;
	struct ews *ews;
	struct http_route routes[EWS_ROUTES];
	struct arena arena;
	struct named_folder folder[FOLDERS_MAX]; /* Ann's */
	size_t folders_n;
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

/*
 * Over the day on which summer time begins: a meeting each day at nine in Berlin, one of them moved and renamed and one not
 * there, and what is special.
 */
static void fill_calendar(struct server *s, int64_t mailbox)
{
	add_event(s, mailbox,
		  S(EVENT("daily",
			  "DTSTART;TZID=Europe/Berlin:20260327T090000\r\nDTEND;TZID=Europe/Berlin:20260327T100000\r\n",
			  "RRULE:FREQ=DAILY\r\nSUMMARY:Daily <&>\r\nLOCATION:Room 1\r\n"
			  "EXDATE;TZID=Europe/Berlin:20260328T090000\r\n")
			    EVENT("daily",
				  "RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000\r\n"
				  "DTSTART;TZID=Europe/Berlin:20260330T110000\r\nDTEND;TZID=Europe/"
				  "Berlin:20260330T120000\r\n",
				  "SUMMARY:Elsewhere\r\nLOCATION:Room 2\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n")));
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

static int64_t add_folder(struct store_tx *tx, int64_t parent, const char *name)
{
	int64_t id;

	assert_int_equal(
		folder_create(tx, &(struct folder_new){ .parent = parent, .class = FOLDER_MAIL, .name = str_of(name) },
			      &id),
		ERR_OK);
	return id;
}

/* Folders that no default folder is among. */
static void add_folders(struct server *s, int64_t mailbox)
{
	struct store_tx *tx;
	int64_t top;

	assert_int_equal(store_begin(s->store, mailbox, STORE_WRITE, &tx), ERR_OK);
	top = add_folder(tx, FOLDER_ROOT, "Projects");
	(void)add_folder(tx, top, "Apollo");
	top = add_folder(tx, top, "Gemini");
	(void)add_folder(tx, top, "Agena");
	(void)add_folder(tx, top, "Titan");
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static void name_folders(struct scene *sc, int64_t mailbox)
{
	struct store_tx *tx;
	struct folder *list;
	size_t n;

	assert_int_equal(store_begin(sc->server.store, mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_list(&sc->arena, tx, &list, &n), ERR_OK);
	assert_true(n <= FOLDERS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct named_folder *f = &sc->folder[sc->folders_n++];
		struct buf b = BUF_INIT(1024);

		buf_fmt(&b, "{" STR_FMT "}", STR_ARG(list[i].name));
		assert_int_equal(arena_str(&sc->arena, buf_view(&b), &f->name), ERR_OK);
		assert_int_equal(
			ews_id_write(&sc->arena, &(struct ews_id){ mailbox, list[i].id, 0 }, EWS_EWS_ID, &f->id),
			ERR_OK);
		buf_release(&b);
	}
	store_tx_end(&tx);
}

static void set_visibility(struct server *s, int64_t account, enum visibility v)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(visibility_set(tx, account, STR_EMPTY, v), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static void set_hours(struct server *s, int64_t account, const struct working_hours *h)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(working_hours_set(tx, account, STR_EMPTY, h), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static void add_crowd(struct store_tx *tx, const char *address, int n)
{
	int64_t id;

	assert_int_equal(mail_group_add(tx, str_of(address), S(""), &id), ERR_OK);
	assert_int_equal(mail_group_member_add(tx, id, S("bob@example.test")), ERR_OK);
	for (int i = 1; i < n; i++) {
		char member[64];

		snprintf(member, sizeof(member), "p%d@elsewhere.test", i);
		assert_int_equal(mail_group_member_add(tx, id, str_of(member)), ERR_OK);
	}
}

/* Staff has a group in it, and somebody elsewhere; closed can be seen by nobody. */
static void add_groups(struct server *s)
{
	static const struct {
		const char *address, *name, *members[5];
	} groups[] = {
		{ "sales@example.test", "Sales", { "bob@example.test", "bea@example.test" } },
		{ "staff@example.test",
		  "All & sundry",
		  { "sales@example.test", "bob@example.test", "shy@example.test", "joe@elsewhere.test" } },
		{ "closed@example.test", "", { "shy@example.test" } },
	};
	struct store_tx *tx;
	int64_t id;

	assert_int_equal(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	for (size_t i = 0; i < countof(groups); i++) {
		assert_int_equal(mail_group_add(tx, str_of(groups[i].address), str_of(groups[i].name), &id), ERR_OK);
		for (size_t j = 0; groups[i].members[j]; j++)
			assert_int_equal(mail_group_member_add(tx, id, str_of(groups[i].members[j])), ERR_OK);
	}
	add_crowd(tx, "hundred@example.test", EWS_MAX_GROUP_PEOPLE);
	add_crowd(tx, "crowd@example.test", EWS_MAX_GROUP_PEOPLE + 1);
	assert_int_equal(mail_group_add(tx, S("theirs@other.test"), S(""), &id), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static int set_up(void **state)
{
	static struct scene sc;
	struct server_account one;

	sc = (struct scene){ .arena = ARENA_INIT(1 << 20) };
	server_open(&sc.server);
	one = server_add_account(&sc.server, "ann@example.test", "secret");
	fill_calendar(&sc.server, one.mailbox);
	add_folders(&sc.server, one.mailbox);
	name_folders(&sc, one.mailbox);
	one = server_add_account(&sc.server, "bob@example.test", "secret");
	name_account(&sc.server, one.id, S("Bob <B.>"));
	fill_calendar(&sc.server, one.mailbox);
	one = server_add_account(&sc.server, "bea@example.test", "secret");
	name_account(&sc.server, one.id, S("Bea"));
	fill_calendar(&sc.server, one.mailbox);
	set_visibility(&sc.server, one.id, VISIBILITY_TITLES);
	set_hours(&sc.server, one.id, &(struct working_hours){ 0x1d, 9 * 60 + 30, 18 * 60, "America/New_York" });
	set_visibility(&sc.server, server_add_account(&sc.server, "shy@example.test", "secret").id, VISIBILITY_NONE);
	(void)server_add_account(&sc.server, "eve@other.test", "secret");
	add_groups(&sc.server);
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
	arena_release(&sc->arena);
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

/* Ids of folders have numbers of the store in them: "{Inbox}" stands for them in documents. */
static void write_names(const struct scene *sc, struct str from, bool to_ids, struct buf *out)
{
	while (from.n) {
		size_t i = 0;

		for (; i < sc->folders_n; i++) {
			struct str name = sc->folder[i].name, id = sc->folder[i].id;

			if (!str_starts(from, to_ids ? name : id))
				continue;
			buf_str(out, to_ids ? id : name);
			from = str_slice(from, to_ids ? name.n : id.n, from.n);
			break;
		}
		if (i < sc->folders_n)
			continue;
		buf_char(out, *from.p);
		from = str_slice(from, 1, from.n);
	}
	assert_int_equal(buf_status(out), ERR_OK);
}

static void expect_answer(const struct scene *sc, const char *name, int status, bool in_octets)
{
	struct buf file = BUF_INIT(1024), request = BUF_INIT(1 << 20), body = BUF_INIT(1 << 20),
		   answer = BUF_INIT(1 << 20);
	struct client c;

	buf_fmt(&file, "%s.request.xml%c", name, '\0');
	golden_read("ews", file.p, &request);
	write_names(sc, buf_view(&request), true, &body);
	buf_char(&body, '\0');
	write_names(sc, ask(sc, &c, "ann@example.test", body.p, in_octets, status), false, &answer);
	client_close(&c);
	buf_clear(&file);
	buf_fmt(&file, "%s.xml%c", name, '\0');
	golden_expect("ews", file.p, buf_view(&answer));
	buf_release(&file);
	buf_release(&request);
	buf_release(&body);
	buf_release(&answer);
}

/* In this order: what one sets, the next one gets. */
static void requests_are_answered_as_the_documents_say(void **state)
{
	static const struct {
		const char *name;
		int status;
	} cases[] = {
		{ "get-oof-unset", 200 },
		{ "set-oof", 200 },
		{ "get-oof", 200 },
		{ "set-oof-no-end", 200 },
		{ "set-oof-of-another", 200 },
		{ "get-oof-of-another", 200 },
		{ "get-oof-of-nobody", 200 },
		{ "get-service-configuration", 200 },
		{ "resolve-names-one", 200 },
		{ "resolve-names-several", 200 },
		{ "resolve-names-nobody", 200 },
		{ "expand-dl", 200 },
		{ "expand-dl-nobody", 200 },
		{ "expand-dl-of-others", 200 },
		{ "resolve-names-group", 200 },
		{ "convert-id", 200 },
		{ "availability-own", 200 },
		{ "availability-zone-of-header", 200 },
		{ "availability-times", 200 },
		{ "availability-titles", 200 },
		{ "availability-several", 200 },
		{ "availability-suggestions", 200 },
		{ "availability-groups", 200 },
		{ "availability-group-of-a-hundred", 200 },
		{ "availability-group-suggestions", 200 },
		{ "availability-fault-too-long", 500 },
		{ "availability-fault-backwards", 500 },
		{ "availability-fault-interval", 500 },
		{ "availability-fault-view", 500 },
		{ "availability-fault-no-zone", 500 },
		{ "availability-fault-unknown-zone", 500 },
		{ "get-zones", 200 },
		{ "get-folder-ids", 200 },
		{ "get-folder-all", 200 },
		{ "get-folder-of-another", 200 },
		{ "find-folder-root", 200 },
		{ "find-folder-page", 200 },
		{ "find-folder-from-the-end", 200 },
		{ "find-folder-restricted", 200 },
		{ "fault-schema", 500 },
		{ "fault-operation", 500 },
		{ "fault-no-envelope", 500 },
		{ "fault-document-type", 500 },
		{ "fault-version", 500 },
	};

	for (size_t i = 0; i < 2 * countof(cases); i++)
		expect_answer(*state, cases[i / 2].name, cases[i / 2].status, i % 2);
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
