/* Requests as phones really send them, and as they never should: the same in every version. */
#include "sync_fixture.h"

#include <push/push.h>

#include <poll.h>

#define PATH EAS_HTTP_PATH
#define DEVICE "&DeviceId=ApplDNQXTESTFFG5&DeviceType=iPhone"

/* FolderSync with key 0: page 7, 56 FolderSync, 52 SyncKey. */
#define FOLDERSYNC_0 "03 01 6A 00 00 07 56 52 03 '0' 00 01 01"

struct odd {
	const char *what, *target, *type, *headers, *agent;
	int http;        /* where the answer is an HTTP status in every version; 0: see status */
	unsigned status; /* from 14.0 on in the document, up to 12.1 HTTP 400; 0: it is served */
};

static void odd_requests_are_answered_alike_in_every_version(void **unused)
{
	static const char wbxml[] = "application/vnd.ms-sync.wbxml";
	static const struct odd cases[] = {
		{ "as the document has it", PATH "?Cmd=FolderSync&User=ann" DEVICE, wbxml, NULL, NULL, 0, 0 },
		{ "the command in lower case", PATH "?cmd=foldersync&user=ann" DEVICE, wbxml, NULL, NULL, 0, 0 },
		{ "everything in upper case", PATH "?CMD=FOLDERSYNC&DEVICEID=ApplDNQXTESTFFG5&DEVICETYPE=iPhone", wbxml,
		  NULL, NULL, 0, 0 },
		{ "the path in lower case", "/microsoft-server-activesync?Cmd=FolderSync" DEVICE, wbxml, NULL, NULL, 0,
		  0 },
		{ "parameters in another order", PATH "?DeviceType=iPhone&DeviceId=ApplDNQXTESTFFG5&Cmd=FolderSync",
		  wbxml, NULL, NULL, 0, 0 },
		{ "a user with a domain", PATH "?Cmd=FolderSync&User=EXAMPLE%5Cann" DEVICE, wbxml, NULL, NULL, 0, 0 },
		{ "a lone percent sign", PATH "?Cmd=FolderSync&User=100%" DEVICE, wbxml, NULL, NULL, 0, 0 },
		{ "an unknown parameter", PATH "?Cmd=FolderSync&x=y&&=&z" DEVICE, wbxml, NULL, NULL, 0, 0 },
		{ "a command twice: the first counts", PATH "?Cmd=FolderSync&Cmd=Ping" DEVICE, wbxml, NULL, NULL, 0,
		  0 },
		{ "a type of device with blanks", PATH "?Cmd=FolderSync&DeviceId=abc&DeviceType=Windows%20Mail", wbxml,
		  NULL, NULL, 0, 0 },
		{ "the short content type", PATH "?Cmd=FolderSync" DEVICE, "application/vnd.ms-sync", NULL, NULL, 0,
		  0 },
		{ "a charset", PATH "?Cmd=FolderSync" DEVICE, "application/vnd.ms-sync.wbxml; charset=utf-8", NULL,
		  NULL, 0, 0 },
		{ "no content type", PATH "?Cmd=FolderSync" DEVICE, NULL, NULL, NULL, 0, 0 },
		{ "answers packed", PATH "?Cmd=FolderSync" DEVICE, wbxml, "Accept-Encoding: gzip, deflate\r\n", NULL, 0,
		  0 },
		{ "Expect: 100-continue, which Windows sends", PATH "?Cmd=FolderSync" DEVICE, wbxml,
		  "X-Expect: none\r\n", NULL, 0, 0 },
		{ "a policy key that is none", PATH "?Cmd=FolderSync" DEVICE, wbxml, "X-MS-PolicyKey: none\r\n", NULL,
		  0, 0 },
		{ "an empty User-Agent", PATH "?Cmd=FolderSync" DEVICE, wbxml, NULL, "", 0, 0 },
		{ "a User-Agent that is no UTF-8", PATH "?Cmd=FolderSync" DEVICE, wbxml, NULL, "\xff\xfe/1", 0, 0 },
		{ "no type of device", PATH "?Cmd=FolderSync&DeviceId=ApplDNQXTESTFFG5", wbxml, NULL, NULL, 0, 109 },
		{ "no device", PATH "?Cmd=FolderSync&DeviceType=iPhone", wbxml, NULL, NULL, 0, 108 },
		{ "another content type", PATH "?Cmd=FolderSync" DEVICE, "text/xml", NULL, NULL, 0, 101 },
		{ "a form", PATH "?Cmd=FolderSync" DEVICE, "application/x-www-form-urlencoded", NULL, NULL, 0, 101 },
		{ "no command", PATH "?User=ann" DEVICE, wbxml, NULL, NULL, 400, 0 },
		{ "an empty command", PATH "?Cmd=" DEVICE, wbxml, NULL, NULL, 501, 0 },
		{ "a command of no table", PATH "?Cmd=CreateCollection" DEVICE, wbxml, NULL, NULL, 501, 0 },
		{ "no query", PATH, wbxml, NULL, NULL, 400, 0 },
		{ "a query that is no base64", PATH "?!!!!", wbxml, NULL, NULL, 400, 0 },
		{ "octets that are not packed as they say", PATH "?Cmd=FolderSync" DEVICE, wbxml,
		  "Content-Encoding: gzip\r\n", NULL, 400, 0 },
	};

	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);

		f.phone.version = eas_version_text(v).p;
		for (size_t i = 0; i < countof(cases); i++) {
			const struct odd *o = &cases[i];
			int http = o->http ? o->http : o->status && v < EAS_14_0 ? 400 : 200;
			struct buf status = BUF_INIT(8);
			struct eas_reply r;

			f.phone.content_type = o->type;
			f.phone.headers = o->headers;
			f.phone.agent = o->agent;
			eas_phone_send_to(&f.phone, "POST", o->target, doc(&f, "%s", FOLDERSYNC_0));
			r = eas_phone_receive(&f.phone);
			buf_u64(&status, o->status ? o->status : 1);
			if (r.status != http ||
			    (http == 200 && !str_eq(eas_reply_header(&r, "Content-Encoding"), S("gzip")) &&
			     !str_eq(eas_reply_text(&r, "Status", 0), buf_view(&status))))
				fail_msg("%s in %s: HTTP %d " STR_FMT, o->what, f.phone.version, r.status,
					 STR_ARG(r.xml));
			buf_release(&status);
			eas_phone_hang_up(&f.phone);
		}
	}
}

struct waiting {
	struct server *server;
	struct eas_phone *phone;
};

/* Where its worker holds it again behind the advance of the clock, its time is up at the next tick. */
static bool is_answered_or_expires(void *arg)
{
	const struct waiting *w = arg;
	struct pollfd p = { .fd = w->phone->client.fd, .events = POLLIN };

	if (push_count(w->server->push) > 0)
		server_advance(w->server, PUSH_TICK_MS);
	return poll(&p, 1, 0) == 1;
}

/* Held under one device, but by command; the newer of a kind ends the older. Page 0D: 45 Ping, 48 HeartbeatInterval,
 * 49 Folders, 4A Folder, 4B Id, 4C Class; page 00: 64 Wait. */
static void a_ping_and_a_sync_of_one_phone_wait_side_by_side(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		struct str ping =
			doc(&f, HEAD "00 0D 45 48 03 '480' 00 01 49 4A 4B 03 '%lld' 00 01 4C 03 'Email' 00 01 01 01 01",
			    (long long)inbox);
		struct eas_phone second = eas_phone_new(f.server.port);
		struct eas_reply r;
		const char *key;
		size_t adds;

		f.phone.version = second.version = eas_version_text(v).p;
		fixture_learn_hierarchy(&f);
		key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
		eas_phone_send(&second, "Ping", ping);
		server_await_held(&f.server, 1);
		eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "64 03 '10' 00 01"));
		server_await_held(&f.server, 2);
		deliver(&f, f.ann.mailbox, "both");
		r = eas_phone_receive(&f.phone);
		assert_int_equal(eas_reply_count(&r, "Add"), 1);
		/* Where Sync was answered before Ping looked, there is nothing left to tell: it waits to its end. */
		server_advance(&f.server, 480 * 1000);
		client_await(is_answered_or_expires, &(struct waiting){ &f.server, &second }, "Ping ends");
		r = eas_phone_receive(&second);
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")) ||
			    str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		eas_phone_release(&second);
	}
}

/* MS-ASCMD_R4464, R4465: Limit came with 12.1. */
static void too_many_collections_are_told_the_limit_where_there_is_one(void **unused)
{
	struct buf list = BUF_INIT(1 << 20);

	(void)unused;
	for (unsigned i = 1; i <= 1001; i++)
		buf_fmt(&list, "4F 4B 03 '0' 00 01 52 03 '%u' 00 01 01 ", i);
	buf_char(&list, '\0');
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);
		struct eas_reply r;

		f.phone.version = eas_version_text(v).p;
		r = eas_phone_ask(&f.phone, "Sync", doc(&f, HEAD "45 5C %s 01 01", list.p));
		if (v < EAS_12_1)
			assert_xml(r, "<Sync xmlns=\"AirSync\"><Status>4</Status></Sync>");
		else
			assert_xml(r, "<Sync xmlns=\"AirSync\"><Status>15</Status><Limit>1000</Limit></Sync>");
	}
	buf_release(&list);
}

/* iOS asks for key 0 of one folder twice within seconds: both answers are good (sync-engine rule 6). */
static void key_0_twice_gives_one_key_in_every_version(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		FIXTURE(f);
		int64_t inbox = fixture_role(&f, FOLDER_INBOX);
		const char *key;
		struct eas_reply r;

		f.phone.version = eas_version_text(v).p;
		deliver(&f, f.ann.mailbox, "one");
		key = first_key(&f, inbox);
		for (int i = 0; i < 5; i++)
			assert_string_equal(first_key(&f, inbox), key);
		r = sync_with(&f, inbox, key, "");
		assert_int_equal(eas_reply_count(&r, "Add"), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_requests_are_answered_alike_in_every_version),
		cmocka_unit_test(a_ping_and_a_sync_of_one_phone_wait_side_by_side),
		cmocka_unit_test(too_many_collections_are_told_the_limit_where_there_is_one),
		cmocka_unit_test(key_0_twice_gives_one_key_in_every_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
