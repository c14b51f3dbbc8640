/*
 * The promise: a phone is cut off at every byte of a send, before, in or behind the answer, in every version, and asks
 * again: the mail is in the queue once, and its copy in Sent Items once.
 */
#include "sync_fixture.h"

#include <store/queue.h>
#include <tests/support/hex.h>

#include <sys/socket.h>

enum { STEP = 7, REQUEST_MAX_BYTES = 4096 };

static const char *const versions[] = { "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1" };

/* A whole request, as its bytes go over the line; n makes it another message. */
static void put_request(struct fixture *f, struct buf *b, const char *version, unsigned n)
{
	bool old = strcmp(version, "14") < 0 || version[0] == '2';
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX_BYTES);
	CLEANUP(buf_release) struct buf mail = BUF_INIT(REQUEST_MAX_BYTES);

	buf_fmt(&mail, "To: bob@x.test\r\nSubject: %u\r\n\r\nhi\r\n", n);
	if (old) {
		buf_str(&body, buf_view(&mail));
	} else {
		buf_str(&body, hex(&f->arena, "03 01 6A 00  00 15 45 08"));
		buf_fmt(&body, "\x51\x03%u%c\x01\x50\xC3%c", n, '\0', (int)mail.n);
		buf_str(&body, buf_view(&mail));
		buf_put(&body, "\x01\x01", 2);
	}
	buf_clear(b);
	buf_fmt(b,
		"POST /Microsoft-Server-ActiveSync?Cmd=SendMail&User=ann&DeviceId=D1&DeviceType=T&SaveInSent=T "
		"HTTP/1.1\r\n"
		"Host: x\r\nAuthorization: Basic YW5uQGV4YW1wbGUudGVzdDpzZWNyZXQ=\r\nMS-ASProtocolVersion: %s\r\n"
		"Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
		version, old ? "message/rfc822" : "application/vnd.ms-sync.wbxml", body.n);
	buf_str(b, buf_view(&body));
	assert_ok(buf_status(b));
}

/* Sends the first n bytes, waits for `answer` bytes of what comes back, and hangs up. */
static void send_cut(struct fixture *f, struct str bytes, size_t n, size_t answer)
{
	struct eas_phone p = eas_phone_new(f->server.port);
	char byte;

	p.client = client_connect(f->server.port);
	client_send(&p.client, str_slice(bytes, 0, n));
	for (; answer; answer--)
		assert_int_equal(recv(p.client.fd, &byte, 1, 0), 1);
	eas_phone_hang_up(&p);
	eas_phone_release(&p);
}

static unsigned ask_whole(struct fixture *f, struct str bytes)
{
	struct eas_phone p = eas_phone_new(f->server.port);

	p.client = client_connect(f->server.port);
	p.asked = "SendMail";
	client_send(&p.client, bytes);
	struct eas_reply r = eas_phone_receive(&p);
	uint64_t status = 0;
	if (r.xml.p)
		assert_ok(str_to_u64(eas_reply_text(&r, "Status", 0), 999, &status));
	assert_int_equal(r.status, 200);
	eas_phone_release(&p);
	return (unsigned)status;
}

static size_t queued(struct fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(arena_release) struct arena a = ARENA_INIT(64 << 20);
	struct queue_entry *list;
	size_t n;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_list(&a, tx, 0, true, 10000, &list, &n));
	return n;
}

static size_t in_sent(struct fixture *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	int64_t id = fixture_role(f, FOLDER_SENT);

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(folder_get(&f->arena, tx, id, &folder));
	return folder.total;
}

/* Both requests of a phone may run at once: the first one is not known to have ended. */
static void cut_and_repeat(struct fixture *f, const char *version, unsigned n, size_t at, size_t answer)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT(REQUEST_MAX_BYTES);
	bool old = strcmp(version, "14") < 0 || version[0] == '2';

	put_request(f, &request, version, n);
	send_cut(f, buf_view(&request), at < request.n ? at : request.n, answer);
	unsigned status = ask_whole(f, buf_view(&request));
	if (status != 0 && (old || status != 118))
		fail_msg("%s, cut at %zu: status %u", version, at, status);
	assert_int_equal(ask_whole(f, buf_view(&request)), old ? 0 : 118);
	if (queued(f) != n)
		fail_msg("%s, cut at %zu of %zu: %zu in the queue, not %u", version, at, request.n, queued(f), n);
	if (in_sent(f) != n)
		fail_msg("%s, cut at %zu of %zu: %zu copies, not %u", version, at, request.n, in_sent(f), n);
}

static void a_cut_at_any_byte_sends_once(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf request = BUF_INIT(REQUEST_MAX_BYTES);
	unsigned n = 0;

	(void)unused;
	for (size_t v = 0; v < countof(versions); v++) {
		put_request(&f, &request, versions[v], 1);
		/* Every byte over the versions together, and every one of the last 24 in each. */
		for (size_t at = v; at < request.n - 24; at += STEP)
			cut_and_repeat(&f, versions[v], ++n, at, 0);
		for (size_t at = request.n - 24; at <= request.n; at++)
			cut_and_repeat(&f, versions[v], ++n, at, 0);
	}
}

static void an_answer_that_is_cut_sends_once(void **unused)
{
	static const size_t answers[] = { 1, 9, 17, 60 };
	FIXTURE(f);
	unsigned n = 0;

	(void)unused;
	for (size_t v = 0; v < countof(versions); v++)
		for (size_t i = 0; i < countof(answers); i++)
			cut_and_repeat(&f, versions[v], ++n, SIZE_MAX, answers[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_at_any_byte_sends_once),
		cmocka_unit_test(an_answer_that_is_cut_sends_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
