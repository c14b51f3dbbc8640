/*
 * Requests of one phone that cross: it hung up and asked again, and what it asked before is only now worked on. The phone
 * goes by the answer that it got.
 */
#include "sync_fixture.h"

/* Everything of a request but its last octet: it has come before what is sent next, and waits. */
static struct client begin_late(struct fixture *f, const char *command, struct str body)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT(4096);
	struct client late = client_connect(f->server.port);

	buf_fmt(&head,
		"POST " EAS_HTTP_PATH "?Cmd=%s&User=ann&DeviceId=%s&DeviceType=%s HTTP/1.1\r\nHost: localhost\r\n"
		"Authorization: Basic YW5uQGV4YW1wbGUudGVzdDpzZWNyZXQ=\r\nMS-ASProtocolVersion: 16.1\r\n"
		"Content-Type: application/vnd.ms-sync.wbxml\r\nExpect: 100-continue\r\nContent-Length: %zu\r\n\r\n",
		command, f->phone.device_id, f->phone.device_type, body.n);
	client_send(&late, buf_view(&head));
	assert_true(client_read_until(&late, S("100 Continue\r\n\r\n"))); /* so its head was read */
	client_consume(&late, late.in.n);
	client_send(&late, str_slice(body, 0, body.n - 1));
	return late;
}

static struct eas_reply end_late(struct fixture *f, struct client *late, struct str body)
{
	struct eas_reply r;

	client_send(late, str_slice(body, body.n - 1, body.n));
	eas_phone_hang_up(&f->phone);
	f->phone.client = *late;
	r = eas_phone_receive(&f->phone);
	eas_phone_hang_up(&f->phone);
	return r;
}

static void an_older_sync_does_not_take_back_the_newer_ones_key(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct client late;
	struct eas_reply r;
	struct str body;
	const char *key, *newer;
	size_t adds;

	(void)unused;
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	deliver_n(&f, 1);
	body = sync_doc(&f, inbox, key, "", "");
	late = begin_late(&f, "Sync", body);
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	newer = key_of(&f, &r);
	r = end_late(&f, &late, body);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("16"))); /* MS-ASCMD 2.2.3.177.17: retry */
	assert_int_equal(eas_reply_count(&r, "Add"), 0);
	r = sync_with(&f, inbox, newer, "");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0); /* the key is good, and nothing is new */
}

static void an_older_foldersync_does_not_take_back_the_newer_ones_key(void **unused)
{
	FIXTURE(f);
	struct client late;
	struct eas_reply r;
	struct str body;
	const char *key, *newer;

	(void)unused;
	r = fixture_foldersync(&f, "0");
	key = key_of(&f, &r);
	r = fixture_foldersync(&f, key);
	fixture_add_folder(&f, "New", FOLDER_MAIL, FOLDER_ROOT);
	body = doc(&f, HEAD "00 07 56 52 03 '%s' 00 01 01", key);
	late = begin_late(&f, "FolderSync", body);
	r = fixture_foldersync(&f, key);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	newer = key_of(&f, &r);
	(void)end_late(&f, &late, body);
	r = fixture_foldersync(&f, newer);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_sync_does_not_take_back_the_newer_ones_key),
		cmocka_unit_test(an_older_foldersync_does_not_take_back_the_newer_ones_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
