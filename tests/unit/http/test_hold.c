/* Held requests over real sockets: parked and suspended, woken, gone, shut down. */
#include <tests/unit/http/fixture.h>

#include <base/log.h>

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static const struct fixture_args defaults = { 0 };
static const struct str hold_request = STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nping");
static const struct str healthz = STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");

static const char gzipped_ping[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\xc8"
				   "\xcc\x4b\x07\x00\xfd\x3d\xd5\x25\x04\x00\x00\x00";

/* Each is held, woken, answered, and where it says so the connection serves on. */
static void held_requests_are_answered_when_woken(void **unused)
{
	static const struct {
		const char *what;
		struct str request;
		const char *body;
		bool suspended, keeps;
	} cases[] = {
		{ "a length", STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nping"), "event ping",
		  false, true },
		{ "no body", STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"), "event ", false,
		  true },
		{ "chunks",
		  STR_INIT(
			  "POST /hold HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n0\r\n\r\n"),
		  "event ping", true, true },
		{ "gzip", { NULL, 0 }, "event ping", false, true },
		{ "HTTP/1.0", STR_INIT("POST /hold HTTP/1.0\r\nContent-Length: 4\r\n\r\nping"), "event ping", false,
		  false },
		{ "to be closed",
		  STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nping"),
		  "event ping", false, false },
	};

	(void)unused;
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		bool tls = i & 1;
		struct buf request = BUF_INIT(1024);
		struct fixture f;
		struct client c;

		print_message("%s%s\n", cases[i / 2].what, tls ? " over TLS" : "");
		fixture_start(&f, defaults);
		c = fixture_client(&f, tls);
		buf_str(&request, cases[i / 2].request);
		if (!request.n) {
			buf_fmt(&request,
				"POST /hold HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n"
				"Content-Length: %zu\r\n\r\n",
				sizeof(gzipped_ping) - 1);
			buf_put(&request, gzipped_ping, sizeof(gzipped_ping) - 1);
		}
		client_send(&c, buf_view(&request));
		buf_release(&request);
		if (cases[i / 2].suspended)
			fixture_await_suspended(&f, 1);
		else
			fixture_await_held(&f, 1);
		fixture_wake(&f, 0);
		fixture_wake(&f, 0);
		expect_answer(&c, 200, cases[i / 2].body);
		fixture_await_finished(&f, 1, 0);
		assert_int_equal(f.wakes[HTTP_WAKE_EVENT], 1);
		if (cases[i / 2].keeps) {
			client_send(&c, healthz);
			expect_answer(&c, 200, "ok\n");
		} else {
			client_read_eof(&c);
		}
		client_close(&c);
		fixture_stop(&f);
	}
}

static void a_wake_before_the_hold_is_not_lost_and_a_cancelled_hold_is_not_woken(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	for (int i = 0; i < 20; i++) {
		client_send(&c, S("POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"));
		expect_answer(&c, 200, "event x");
		client_send(&c, S("POST /cancel HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"));
		expect_answer(&c, 200, "cancelled");
	}
	fixture_await_finished(&f, 40, 0);
	assert_int_equal(f.wakes[HTTP_WAKE_EVENT], 20);
	client_close(&c);
	fixture_stop(&f);
}

static void send_beat(struct client *c, const char *path, const char *body)
{
	struct buf request = BUF_INIT(1024);

	buf_fmt(&request, "POST %s HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n%s", path,
		strlen(body), body);
	client_send(c, buf_view(&request));
	buf_release(&request);
}

static void expect_text(struct client *c, const char *text)
{
	if (!client_read_until(c, str_of(text)))
		fail_msg("no %s in " STR_FMT, text, STR_ARG(buf_view(&c->in)));
	client_consume(c, str_find(buf_view(&c->in), str_of(text)) + strlen(text));
}

/* RFC 9112 section 7.1. */
static void a_waiting_answer_is_begun_and_kept_alive(void **unused)
{
	(void)unused;
	for (int tls = 0; tls < 2; tls++) {
		struct fixture f;
		struct client c;

		fixture_start(&f, defaults);
		c = fixture_client(&f, tls);
		send_beat(&c, "/beat", "ping");
		fixture_await_held(&f, 1);
		fixture_advance(&f, 1000);
		expect_text(&c, "HTTP/1.1 200 OK\r\n");
		expect_text(&c, "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nBEGUN \r\n");
		for (int i = 0; i < 3; i++) {
			fixture_advance(&f, 1000);
			expect_text(&c, "1\r\n.\r\n");
		}
		fixture_wake(&f, 0);
		expect_text(&c, "6\r\nearly \r\n0\r\n\r\n");
		fixture_await_finished(&f, 1, 0);
		client_send(&c, healthz);
		expect_answer(&c, 200, "ok\n");
		client_close(&c);
		fixture_stop(&f);
	}
}

static void an_answer_that_comes_soon_is_not_begun(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	send_beat(&c, "/beat", "ping");
	fixture_await_held(&f, 1);
	fixture_advance(&f, 999);
	fixture_wake(&f, 0);
	expect_answer(&c, 200, "BEGUN late ");
	fixture_advance(&f, 10000); /* nothing beats any more */
	client_send(&c, healthz);
	expect_answer(&c, 200, "ok\n");
	client_close(&c);
	fixture_stop(&f);
}

/* HTTP/1.0 has no chunks; what libmicrohttpd holds is its own to answer. */
static void an_answer_is_begun_only_where_that_can_be(void **unused)
{
	static const struct {
		struct str request;
		bool suspended;
	} cases[] = {
		{ STR_INIT("POST /beat HTTP/1.0\r\nContent-Length: 4\r\n\r\nping"), false },
		{ STR_INIT(
			  "POST /beat HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n0\r\n\r\n"),
		  true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct client c;

		fixture_start(&f, defaults);
		c = fixture_client(&f, false);
		client_send(&c, cases[i].request);
		if (cases[i].suspended)
			fixture_await_suspended(&f, 1);
		else
			fixture_await_held(&f, 1);
		fixture_advance(&f, 5000);
		fixture_wake(&f, 0);
		expect_answer(&c, 200, "BEGUN late ");
		client_close(&c);
		fixture_stop(&f);
	}
}

static void what_was_begun_goes_on_through_another_hold(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	send_beat(&c, "/beats", "long"); /* and is not packed */
	fixture_await_begun(&f, 1);
	fixture_await_held(&f, 1);
	fixture_advance(&f, 1000);
	expect_text(&c, "6\r\nBEGUN \r\n");
	fixture_wake(&f, 0);
	fixture_await_begun(&f, 2);
	fixture_await_held(&f, 1);
	fixture_advance(&f, 1000);
	expect_text(&c, "1\r\n.\r\n");
	fixture_wake(&f, 1);
	expect_text(&c, "early text that packs well ");
	expect_text(&c, "0\r\n\r\n");
	client_close(&c);
	fixture_stop(&f);
}

static void an_answer_that_is_not_what_was_begun_breaks_off(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	send_beat(&c, "/beat", "x");
	fixture_await_held(&f, 1);
	fixture_advance(&f, 1000);
	expect_text(&c, "6\r\nBEGUN \r\n");
	fixture_wake(&f, 0);
	assert_false(client_read_until(&c, S("0\r\n\r\n")));
	fixture_await_finished(&f, 0, 1);
	client_close(&c);
	fixture_stop(&f);
}

static void a_client_that_leaves_ends_the_beats(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	send_beat(&c, "/beat", "ping");
	fixture_await_held(&f, 1);
	fixture_advance(&f, 1000);
	expect_text(&c, "6\r\nBEGUN \r\n");
	client_close(&c);
	fixture_await_ended(&f, 1);
	fixture_advance(&f, 5000);
	fixture_stop(&f);
}

static void a_woken_request_can_be_held_again(void **unused)
{
	static const char *const framings[] = { "Content-Length: 1\r\n\r\nx",
						"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" };
	struct fixture f;
	struct client c;

	(void)unused;
	for (size_t i = 0; i < countof(framings); i++) {
		fixture_start(&f, defaults);
		c = fixture_client(&f, false);
		client_send(&c, S("POST /again HTTP/1.1\r\nHost: h\r\n"));
		client_send(&c, str_of(framings[i]));
		fixture_await_begun(&f, 1);
		fixture_wake(&f, 0);
		fixture_await_begun(&f, 2);
		fixture_wake(&f, 1);
		expect_answer(&c, 200, "event x");
		client_close(&c);
		fixture_stop(&f);
	}
}

/* The bytes behind a parked request wait in the stream and are served after it. */
static void a_request_behind_a_held_one_is_answered_after_it(void **unused)
{
	static const struct {
		const char *what;
		struct str first;
		bool together;
	} cases[] = {
		{ "sent together", STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"), true },
		{ "sent while parked", STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"),
		  false },
		{ "behind chunks",
		  STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
		  true },
		{ "behind suspended chunks",
		  STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
		  false },
	};

	(void)unused;
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		bool tls = i & 1;
		struct buf both = BUF_INIT(1024);
		struct fixture f;
		struct client c;

		print_message("%s%s\n", cases[i / 2].what, tls ? " over TLS" : "");
		fixture_start(&f, defaults);
		c = fixture_client(&f, tls);
		buf_str(&both, cases[i / 2].first);
		if (cases[i / 2].together)
			buf_str(&both, healthz);
		client_send(&c, buf_view(&both));
		fixture_await_begun(&f, 1);
		if (!cases[i / 2].together)
			client_send(&c, healthz);
		fixture_advance(&f, 0);
		fixture_wake(&f, 0);
		expect_answer(&c, 200, "event x");
		expect_answer(&c, 200, "ok\n");
		buf_release(&both);
		client_close(&c);
		fixture_stop(&f);
	}
}

static void too_much_behind_a_parked_request_closes_it(void **unused)
{
	static const struct {
		const char *what;
		size_t bytes;
		bool gone;
	} cases[] = {
		{ "one less than full", HTTP_PARKED_INPUT_MAX - 1, false },
		{ "full", HTTP_PARKED_INPUT_MAX, true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf more = BUF_INIT(HTTP_PARKED_INPUT_MAX);
		struct fixture f;
		struct client c;

		print_message("%s\n", cases[i].what);
		fixture_start(&f, defaults);
		c = fixture_client(&f, true);
		client_send(&c, hold_request);
		fixture_await_held(&f, 1);
		while (more.n < cases[i].bytes)
			buf_char(&more, 'x');
		client_send(&c, buf_view(&more));
		fixture_advance(&f, 0);
		if (cases[i].gone) {
			fixture_await_finished(&f, 0, 1);
			assert_int_equal(f.wakes[HTTP_WAKE_GONE], 1);
		} else {
			fixture_wake(&f, 0);
			expect_answer(&c, 200, "event ping");
		}
		buf_release(&more);
		client_close(&c);
		fixture_stop(&f);
	}
}

enum leaving { LEAVE_NOTIFY, LEAVE_FIN, LEAVE_RESET };

static void leave(struct client *c, enum leaving how)
{
	const struct linger reset = { .l_onoff = 1 };

	if (how == LEAVE_NOTIFY && c->ssl)
		SSL_shutdown(c->ssl);
	else if (how == LEAVE_FIN)
		shutdown(c->fd, SHUT_WR);
	else if (how == LEAVE_RESET) {
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		client_close(c);
	}
}

static void a_peer_that_leaves_ends_its_hold_at_once(void **unused)
{
	static const struct {
		const char *what;
		struct str request;
		bool tls;
		enum leaving how;
	} cases[] = {
		{ "close_notify", STR_INIT("Content-Length: 1\r\n\r\nx"), true, LEAVE_NOTIFY },
		{ "FIN", STR_INIT("Content-Length: 1\r\n\r\nx"), false, LEAVE_FIN },
		{ "FIN under TLS", STR_INIT("Content-Length: 1\r\n\r\nx"), true, LEAVE_FIN },
		{ "reset", STR_INIT("Content-Length: 1\r\n\r\nx"), true, LEAVE_RESET },
		{ "FIN, suspended", STR_INIT("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), false, LEAVE_FIN },
		{ "reset, suspended", STR_INIT("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), true, LEAVE_RESET },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct client c;

		print_message("%s\n", cases[i].what);
		fixture_start(&f, defaults);
		c = fixture_client(&f, cases[i].tls);
		client_send(&c, S("POST /hold HTTP/1.1\r\nHost: h\r\n"));
		client_send(&c, cases[i].request);
		fixture_await_begun(&f, 1);
		fixture_advance(&f, 0);
		leave(&c, cases[i].how);
		fixture_await_finished(&f, 0, 1);
		assert_int_equal(f.wakes[HTTP_WAKE_GONE], 1);
		fixture_wake(&f, 0);
		if (c.fd >= 0)
			client_close(&c);
		fixture_await_connections(&f, 0);
		fixture_stop(&f);
		assert_int_equal(f.wakes[HTTP_WAKE_EVENT], 0);
	}
}

/* Whichever is first: on_wake runs once, on_finish runs once, nothing is left. */
static void a_wake_that_races_with_the_peers_leaving_runs_once(void **unused)
{
	enum { ROUNDS = 60 };
	struct fixture f;
	unsigned woken = 0;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .loops = 2 });
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct client c = fixture_client(&f, i & 1);

		client_send(&c, hold_request);
		fixture_await_begun(&f, i + 1);
		if (i & 2)
			fixture_advance(&f, 0);
		leave(&c, i & 4 ? LEAVE_RESET : LEAVE_FIN);
		fixture_wake(&f, i);
		fixture_await_ended(&f, i + 1);
		if (c.fd >= 0)
			client_close(&c);
	}
	fixture_await_connections(&f, 0);
	for (size_t i = 0; i < countof(f.wakes); i++)
		woken += f.wakes[i];
	assert_int_equal(woken, ROUNDS);
	assert_int_equal(f.written + f.unwritten, ROUNDS);
	fixture_stop(&f);
}

/* RFC 8446 section 4.6.3: both kinds, with the answer under the new keys. */
static void a_key_update_while_parked_is_taken(void **unused)
{
	static const int kinds[] = { SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED };
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	for (size_t i = 0; i < countof(kinds); i++) {
		client_send(&c, hold_request);
		fixture_await_held(&f, 1);
		assert_int_equal(SSL_key_update(c.ssl, kinds[i]), 1);
		assert_int_equal(SSL_do_handshake(c.ssl), 1);
		fixture_advance(&f, 0);
		assert_int_equal(http_server_counts(f.server).held, 1);
		fixture_wake(&f, i);
		expect_answer(&c, 200, "event ping");
	}
	client_close(&c);
	fixture_stop(&f);
}

static void a_reload_leaves_held_requests_alone_and_serves_the_new_certificate(void **unused)
{
	struct buf why = BUF_INIT(512);
	struct fixture f;
	struct client held, fresh;
	SSL_SESSION *ticket;
	X509 *x;

	(void)unused;
	fixture_start(&f, defaults);
	held = fixture_client(&f, true);
	client_send(&held, hold_request);
	fixture_await_held(&f, 1);
	assert_false(net_tls_changed(f.tls));
	client_make_cert("new.example.test", f.cert, f.key);
	assert_true(net_tls_changed(f.tls));
	assert_int_equal(net_tls_reload(f.tls, &why), ERR_OK);
	assert_false(net_tls_changed(f.tls));

	fresh = fixture_client(&f, true);
	x = SSL_get1_peer_certificate(fresh.ssl);
	assert_int_equal(X509_check_host(x, "new.example.test", 0, 0, NULL), 1);
	X509_free(x);
	client_close(&fresh);

	fixture_wake(&f, 0);
	expect_answer(&held, 200, "event ping");
	ticket = SSL_get1_session(held.ssl); /* from before the reload */
	fresh = client_connect(f.tls_port);
	client_start_tls(&fresh, "mail.example.test", ticket);
	assert_true(SSL_session_reused(fresh.ssl));
	SSL_SESSION_free(ticket);
	client_close(&fresh);
	client_close(&held);
	buf_release(&why);
	fixture_stop(&f);
}

static void a_head_request_that_was_held_gets_no_body(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	client_send(&c, S("HEAD /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	fixture_await_held(&f, 1);
	fixture_wake(&f, 0);
	assert_true(client_read_until(&c, S("Content-Length: 6\r\n\r\n")));
	client_consume(&c, c.in.n);
	client_send(&c, healthz);
	expect_answer(&c, 200, "ok\n");
	client_close(&c);
	fixture_stop(&f);
}

/* More than the pool's queue takes at once: they wait in line, none is lost. */
static void waking_all_answers_all(void **unused)
{
	struct client c[60];
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .loops = 2, .workers = 1, .max_active = 4 });
	for (size_t i = 0; i < countof(c); i++) {
		c[i] = fixture_client(&f, i % 2);
		client_send(&c[i], hold_request);
		fixture_await_begun(&f, i + 1);
	}
	fixture_await_held(&f, countof(c));
	for (size_t i = 0; i < countof(c); i++)
		fixture_wake(&f, i);
	/* What the pool refused is tried again by a timer. */
	fixture_tick_until_ended(&f, countof(c));
	for (size_t i = 0; i < countof(c); i++) {
		expect_answer(&c[i], 200, "event ping");
		client_close(&c[i]);
	}
	fixture_await_finished(&f, countof(c), 0);
	fixture_stop(&f);
}

static void shutdown_answers_what_is_held(void **unused)
{
	static const char *const framings[] = { "Content-Length: 1\r\n\r\nx",
						"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" };
	struct client c[4], resting;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .loops = 2 });
	resting = fixture_client(&f, true);
	for (size_t i = 0; i < countof(c); i++) {
		c[i] = fixture_client(&f, i % 2);
		client_send(&c[i], S("POST /hold HTTP/1.1\r\nHost: h\r\n"));
		client_send(&c[i], str_of(framings[i / 2]));
	}
	fixture_await_begun(&f, countof(c));
	assert_true(http_server_drain(f.server, CLIENT_DEADLINE_MS));
	for (size_t i = 0; i < countof(c); i++) {
		expect_answer(&c[i], 200, "shutdown x");
		client_read_eof(&c[i]);
		client_close(&c[i]);
	}
	client_read_eof(&resting);
	client_close(&resting);
	assert_int_equal(f.written, countof(c));
	fixture_stop(&f);
}

/* Without the drain: the pool has gone when the server stops, and the hold is told nevertheless. */
static void stopping_without_a_drain_still_tells_every_hold(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	client_send(&c, hold_request);
	fixture_await_held(&f, 1);
	pool_drain(f.pool);
	listener_close(&f.plain);
	listener_close(&f.secure);
	http_server_stop(&f.server);
	assert_int_equal(f.wakes[HTTP_WAKE_SHUTDOWN] + f.wakes[HTTP_WAKE_GONE], 1);
	assert_int_equal(f.written + f.unwritten, 1);
	client_close(&c);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_requests_are_answered_when_woken),
		cmocka_unit_test(a_wake_before_the_hold_is_not_lost_and_a_cancelled_hold_is_not_woken),
		cmocka_unit_test(a_waiting_answer_is_begun_and_kept_alive),
		cmocka_unit_test(an_answer_that_comes_soon_is_not_begun),
		cmocka_unit_test(an_answer_is_begun_only_where_that_can_be),
		cmocka_unit_test(what_was_begun_goes_on_through_another_hold),
		cmocka_unit_test(an_answer_that_is_not_what_was_begun_breaks_off),
		cmocka_unit_test(a_client_that_leaves_ends_the_beats),
		cmocka_unit_test(a_woken_request_can_be_held_again),
		cmocka_unit_test(a_request_behind_a_held_one_is_answered_after_it),
		cmocka_unit_test(too_much_behind_a_parked_request_closes_it),
		cmocka_unit_test(a_peer_that_leaves_ends_its_hold_at_once),
		cmocka_unit_test(a_wake_that_races_with_the_peers_leaving_runs_once),
		cmocka_unit_test(a_key_update_while_parked_is_taken),
		cmocka_unit_test(a_reload_leaves_held_requests_alone_and_serves_the_new_certificate),
		cmocka_unit_test(a_head_request_that_was_held_gets_no_body),
		cmocka_unit_test(waking_all_answers_all),
		cmocka_unit_test(shutdown_answers_what_is_held),
		cmocka_unit_test(stopping_without_a_drain_still_tells_every_hold),
	};

	log_set_level(LOG_LEVEL_WARN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
