/* HTTP over real sockets: routes, bodies, limits, refusals, keep-alive, timeouts. */
#include <tests/unit/http/fixture.h>

#include <base/log.h>
#include <gateway/http/http_priv.h>

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <cmocka.h>

static const struct fixture_args defaults = { 0 };

static void requests_are_answered_by_their_routes(void **unused)
{
	static const struct {
		const char *what;
		struct str request;
		int status;
		const char *body;
	} cases[] = {
		{ "healthz", STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"), 200, "ok\n" },
		{ "a body", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"), 200,
		  "hello" },
		{ "a chunked body",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
			   "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
		  200, "abcde" },
		{ "another case of letters", STR_INIT("GET /HealthZ HTTP/1.1\r\nHost: h\r\n\r\n"), 200, "ok\n" },
		{ "absolute form", STR_INIT("GET http://h/healthz HTTP/1.1\r\nHost: h\r\n\r\n"), 200, "ok\n" },
		{ "an empty line before", STR_INIT("\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"), 200, "ok\n" },
		{ "below a prefix", STR_INIT("GET /tree/a/b HTTP/1.1\r\nHost: h\r\n\r\n"), 200, "" },
		{ "unknown path", STR_INIT("GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"), 404, "404 Not Found\n" },
		{ "unknown path with a body",
		  STR_INIT("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"), 404,
		  "404 Not Found\n" },
		{ "wrong method", STR_INIT("DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n"), 405,
		  "405 Method Not Allowed\n" },
		{ "a NUL in the path", STR_INIT("GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n"), 400, "400 Bad Request\n" },
		{ "half an escape", STR_INIT("GET /a%4 HTTP/1.1\r\nHost: h\r\n\r\n"), 400, "400 Bad Request\n" },
		{ "two hosts", STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), 400,
		  "400 Bad Request\n" },
		/* What libmicrohttpd refuses, in our words: it would say the head of its own twice. */
		{ "no host", STR_INIT("GET /healthz HTTP/1.1\r\n\r\n"), 400, "400 Bad Request\n" },
		{ "a length that is none", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"), 400,
		  "400 Bad Request\n" },
		{ "a length with a sign", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx"),
		  400, "400 Bad Request\n" },
		{ "a length beyond numbers",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\nx"), 413,
		  "413 Content Too Large\n" },
		{ "a chunk without a size",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx"), 400,
		  "400 Bad Request\n" },
		{ "a version that is none", STR_INIT("GET /healthz HTTP/3.9\r\nHost: h\r\n\r\n"), 505,
		  "505 HTTP Version Not Supported\n" },
		{ "no host before HTTP/1.1", STR_INIT("GET /healthz HTTP/1.0\r\n\r\n"), 200, "ok\n" },
		{ "two lengths",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400,
		  NULL },
		{ "a length beside chunks",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
			   "0\r\n\r\n"),
		  400, NULL },
		{ "a transfer coding that is not chunked",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 400,
		  NULL },
		{ "a blank before the colon",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"), 400,
		  NULL },
		{ "an encoding nobody knows",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx"), 415,
		  NULL },
		{ "no gzip where it says so",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"),
		  400, NULL },
	};

	(void)unused;
	for (int tls = 0; tls <= 1; tls++) {
		struct fixture f;

		fixture_start(&f, defaults);
		for (size_t i = 0; i < countof(cases); i++) {
			struct client c = fixture_client(&f, tls);

			print_message("%s\n", cases[i].what);
			client_send(&c, cases[i].request);
			expect_answer(&c, cases[i].status, cases[i].body);
			client_close(&c);
		}
		fixture_stop(&f);
	}
}

/* One byte at a time, on one connection that lives through all of them. */
static void a_connection_serves_one_request_after_the_other(void **unused)
{
	static const struct str request = STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody");
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	for (int i = 0; i < 3; i++) {
		for (size_t at = 0; at < request.n; at++)
			client_send(&c, str_slice(request, at, at + 1));
		expect_answer(&c, 200, "body");
	}
	fixture_await_finished(&f, 3, 0);
	fixture_await_held(&f, 0);
	client_close(&c);
	fixture_stop(&f);
}

static void pipelined_requests_are_answered_in_order(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	client_send(&c, S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1"
			  "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n"
			  "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n3"
			  "POST /echo HTTP/1.0\r\nHost: h\r\nContent-Length: 1\r\n\r\n4"));
	expect_answer(&c, 200, "1");
	expect_answer(&c, 200, "2");
	expect_answer(&c, 200, "3");
	expect_answer(&c, 200, "4");
	client_read_eof(&c);
	client_close(&c);
	fixture_stop(&f);
}

/* Where a chunked body ends only libmicrohttpd knows, so that it reads on by itself: what it refuses then is said in our words too. */
static void what_comes_behind_a_chunked_request_is_refused_in_our_words(void **unused)
{
	static const struct {
		const char *what;
		struct str second;
		int status;
		const char *body;
	} cases[] = {
		{ "no host", STR_INIT("GET /healthz HTTP/1.1\r\n\r\n"), 400, "400 Bad Request\n" },
		{ "a version that is none", STR_INIT("GET /healthz HTTP/3.9\r\nHost: h\r\n\r\n"), 505,
		  "505 HTTP Version Not Supported\n" },
		{ "a length that is none", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"), 400,
		  "400 Bad Request\n" },
		{ "a chunk without a size",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx"), 400,
		  "400 Bad Request\n" },
		{ "no such place", STR_INIT("GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), 404,
		  "404 Not Found\n" },
	};
	static const struct str first =
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n2\r\n0\r\n\r\n");
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (size_t i = 0; i < 2 * countof(cases); i++) {
		struct client c = fixture_client(&f, false);
		struct buf b = BUF_INIT(4096);
		bool apart = i % 2;

		print_message("%s%s\n", cases[i / 2].what, apart ? ", later" : "");
		buf_str(&b, first);
		if (!apart)
			buf_str(&b, cases[i / 2].second);
		client_send(&c, buf_view(&b));
		expect_answer(&c, 200, "2");
		if (apart)
			client_send(&c, cases[i / 2].second);
		expect_answer(&c, cases[i / 2].status, cases[i / 2].body);
		client_read_eof(&c);
		client_close(&c);
		buf_release(&b);
	}
	fixture_stop(&f);
}

static void a_client_that_ends_its_side_gets_the_answers_it_is_due(void **unused)
{
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (int half = 0; half <= 1; half++) {
		struct client c = fixture_client(&f, false);

		client_send(&c, S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n1"
				  "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"));
		if (half)
			client_send(&c, S("GET /heal"));
		shutdown(c.fd, SHUT_WR);
		expect_answer(&c, 200, "1");
		expect_answer(&c, 200, "ok\n");
		client_read_eof(&c);
		client_close(&c);
	}
	fixture_stop(&f);
}

/* The clock stands still: no timeout ends it. */
static void a_request_that_its_client_cuts_short_ends_at_once(void **unused)
{
	static const struct {
		const char *what;
		struct str bytes;
	} cases[] = {
		{ "a body", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf") },
		{ "a chunk",
		  STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf") },
	};
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = fixture_client(&f, false);

		client_send(&c, cases[i].bytes);
		shutdown(c.fd, SHUT_WR);
		if (client_answer(&c).status != 400)
			fail_msg("%s", cases[i].what);
		client_close(&c);
	}
	fixture_stop(&f);
}

static void handlers_see_the_request_as_it_came(void **unused)
{
	static const struct {
		const char *header, *value;
	} seen[] = {
		{ "X-Path", "/tree/a b" },  { "X-Query", "cmd=Ping&Name=EX%5Cann+x" },
		{ "X-Param", "EX\\ann+x" }, { "X-Auth", "Basic YTpi" },
		{ "X-Peer", "127.0.0.1" },  { "X-Tls", "yes" },
	};
	struct fixture f;
	struct answer a;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	client_send(&c, S("GET /tree/a%20b?cmd=Ping&Name=EX%5Cann+x HTTP/1.1\r\nHost: h\r\n"
			  "AUTHORIZATION:  Basic YTpi \r\n\r\n"));
	a = client_answer(&c);
	for (size_t i = 0; i < countof(seen); i++) {
		struct str said = client_header(&c, &a, seen[i].header);

		if (!str_eq(said, str_of(seen[i].value)))
			fail_msg("%s: " STR_FMT, seen[i].header, STR_ARG(said));
	}
	client_close(&c);
	fixture_stop(&f);
}

static void post(struct client *c, const char *path, size_t body_bytes, bool chunked)
{
	struct buf b = BUF_INIT(1 << 20);

	buf_fmt(&b, "POST %s HTTP/1.1\r\nHost: h\r\n", path);
	if (chunked)
		buf_fmt(&b, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", body_bytes);
	else
		buf_fmt(&b, "Content-Length: %zu\r\n\r\n", body_bytes);
	for (size_t i = 0; i < body_bytes; i++)
		buf_char(&b, 'x');
	if (chunked)
		buf_cstr(&b, "\r\n0\r\n\r\n");
	assert_int_equal(buf_status(&b), ERR_OK);
	client_send(c, buf_view(&b));
	buf_release(&b);
}

static void a_body_has_a_ceiling(void **unused)
{
	static const struct {
		const char *what, *path;
		size_t bytes;
		bool chunked;
		int status;
	} cases[] = {
		{ "the most", "/echo", FIXTURE_MAX_BODY, false, 200 },
		{ "one past it", "/echo", FIXTURE_MAX_BODY + 1, false, 413 },
		{ "the most in chunks", "/echo", FIXTURE_MAX_BODY, true, 200 },
		{ "one past it in chunks", "/echo", FIXTURE_MAX_BODY + 1, true, 413 },
		{ "the most of a route", "/small", FIXTURE_SMALL_BODY, false, 200 },
		{ "one past it", "/small", FIXTURE_SMALL_BODY + 1, false, 413 },
		{ "the most of a route in chunks", "/small", FIXTURE_SMALL_BODY, true, 200 },
		{ "one past it in chunks", "/small", FIXTURE_SMALL_BODY + 1, true, 413 },
	};
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = fixture_client(&f, false);

		print_message("%s\n", cases[i].what);
		post(&c, cases[i].path, cases[i].bytes, cases[i].chunked);
		expect_answer(&c, cases[i].status, NULL);
		if (cases[i].status == 413 && (cases[i].chunked || cases[i].bytes > HTTP_DISCARD_MAX))
			client_read_eof(&c);
		client_close(&c);
	}
	fixture_stop(&f);
}

/* RFC 9110 section 10.1.1: told to go on, or refused before the body is sent. */
static void a_client_that_expects_100_waits_for_our_word(void **unused)
{
	static const struct str head = STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n");
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	client_send(&c, head);
	client_send(&c, S("Content-Length: 2\r\n\r\n"));
	expect_answer(&c, 100, "");
	client_send(&c, S("ok"));
	expect_answer(&c, 200, "ok");
	client_send(&c, head);
	client_send(&c, S("Content-Length: 900000\r\n\r\n"));
	expect_answer(&c, 413, NULL);
	client_read_eof(&c);
	client_close(&c);
	fixture_stop(&f);
}

static void a_head_has_a_ceiling(void **unused)
{
	static const struct {
		const char *what;
		size_t bytes;
		int status;
	} cases[] = {
		{ "the most", HTTP_MAX_HEADER_BYTES, 200 },
		{ "one past it", HTTP_MAX_HEADER_BYTES + 1, 431 },
	};
	static const struct str start = STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\nX-Long: ");
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = fixture_client(&f, false);
		struct buf b = BUF_INIT(cases[i].bytes);

		print_message("%s\n", cases[i].what);
		buf_str(&b, start);
		while (b.n < cases[i].bytes - 4)
			buf_char(&b, 'x');
		buf_cstr(&b, "\r\n\r\n");
		client_send(&c, buf_view(&b));
		expect_answer(&c, cases[i].status, NULL);
		buf_release(&b);
		client_close(&c);
	}
	fixture_stop(&f);
}

static bool workers_are_busy(void *arg)
{
	struct fixture *f = arg;

	return atomic_load(&f->in_slow) == 1;
}

static void a_full_queue_is_refused_with_a_time_to_come_back(void **unused)
{
	struct client c[FIXTURE_QUEUE + 2];
	struct fixture f;
	struct answer a;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .workers = 1 });
	for (size_t i = 0; i < countof(c) - 1; i++) {
		c[i] = fixture_client(&f, false);
		client_send(&c[i], S("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
		if (i == 0)
			client_await(workers_are_busy, &f, "the worker to be busy");
		fixture_advance(&f, 0);
	}
	c[countof(c) - 1] = fixture_client(&f, false);
	client_send(&c[countof(c) - 1], S("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
	a = client_answer(&c[countof(c) - 1]);
	assert_int_equal(a.status, 503);
	assert_true(str_eq(client_header(&c[countof(c) - 1], &a, "Retry-After"), S("30")));
	fixture_open_gate(&f);
	for (size_t i = 0; i < countof(c) - 1; i++)
		expect_answer(&c[i], 200, "slow");
	for (size_t i = 0; i < countof(c); i++)
		client_close(&c[i]);
	fixture_stop(&f);
}

static void requests_above_the_active_limit_wait_for_a_place(void **unused)
{
	struct client c[6];
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .max_active = 2 });
	for (size_t i = 0; i < countof(c); i++) {
		c[i] = fixture_client(&f, false);
		client_send(&c[i], S("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
	}
	fixture_open_gate(&f);
	for (size_t i = 0; i < countof(c); i++) {
		expect_answer(&c[i], 200, "slow");
		client_close(&c[i]);
	}
	fixture_stop(&f);
}

static void large_answers_arrive_whole_at_slow_readers(void **unused)
{
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (int tls = 0; tls <= 1; tls++) {
		struct client c = fixture_client(&f, tls);
		struct answer a;
		uint32_t x = 1;

		client_send(&c, S("GET /big HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"));
		a = client_answer(&c);
		assert_int_equal(a.body_n, FIXTURE_BIG_BYTES);
		for (size_t i = 0; i < a.body_n; i++) {
			x = x * 1664525u + 1013904223u;
			if (c.in.p[a.body_at + i] != (char)(x >> 24))
				fail_msg("byte %zu differs", i);
		}
		client_consume(&c, a.total);
		expect_answer(&c, 200, "ok\n");
		client_close(&c);
	}
	fixture_stop(&f);
}

static void an_answer_nobody_takes_is_told_as_not_written(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	client_send(&c, S("GET /big HTTP/1.1\r\nHost: h\r\n\r\n"));
	assert_true(client_read(&c, 1));
	client_close(&c);
	fixture_await_finished(&f, 0, 1);
	fixture_stop(&f);
}

static void times_run_out(void **unused)
{
	static const struct {
		const char *what;
		struct str sent;
		int64_t after_ms;
		int status; /* 0: nothing is said */
	} cases[] = {
		{ "half a head", STR_INIT("GET / HT"), HTTP_HEAD_TIMEOUT_MS, 408 },
		{ "half a body", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"),
		  HTTP_STALL_TIMEOUT_MS, 408 },
		{ "nothing", STR_INIT(""), HTTP_REST_TIMEOUT_MS, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct client c;

		print_message("%s\n", cases[i].what);
		fixture_start(&f, defaults);
		c = fixture_client(&f, false);
		/* An answer first, so that the connection is known to be at rest. */
		client_send(&c, S("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"));
		expect_answer(&c, 200, "ok\n");
		fixture_await_held(&f, 0);
		client_send(&c, cases[i].sent);
		fixture_advance(&f, cases[i].after_ms);
		if (cases[i].status)
			expect_answer(&c, cases[i].status, NULL);
		client_read_eof(&c);
		client_close(&c);
		fixture_stop(&f);
	}
}

static void answers_are_packed_where_the_client_takes_it(void **unused)
{
	static const struct {
		const char *what;
		struct str request;
		bool packed;
	} cases[] = {
		{ "not asked", STR_INIT("GET /text HTTP/1.1\r\nHost: h\r\n\r\n"), false },
		{ "asked", STR_INIT("GET /text HTTP/1.1\r\nHost: h\r\nAccept-Encoding: deflate, gzip;q=0.5\r\n\r\n"),
		  true },
		{ "refused", STR_INIT("GET /text HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0.00\r\n\r\n"), false },
		{ "too short", STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"), false },
		{ "does not get smaller", STR_INIT("GET /big HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"),
		  false },
	};
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	for (size_t i = 0; i < countof(cases); i++) {
		struct answer a;
		bool packed;

		client_send(&c, cases[i].request);
		a = client_answer(&c);
		packed = str_eq(client_header(&c, &a, "Content-Encoding"), S("gzip"));
		if (packed != cases[i].packed)
			fail_msg("%s", cases[i].what);
		assert_true(!packed || (a.body_n < 1000 && !memcmp(c.in.p + a.body_at, "\x1f\x8b", 2)));
		client_consume(&c, a.total);
	}
	client_close(&c);
	fixture_stop(&f);
}

/* Through the wire: the ceiling holds for what a small body unpacks to. */
static void a_packed_body_has_the_ceiling_of_a_plain_one(void **unused)
{
	static const struct {
		const char *what;
		size_t bytes;
		int status;
	} cases[] = {
		{ "the most", FIXTURE_MAX_BODY, 200 },
		{ "one past it", FIXTURE_MAX_BODY + 1, 413 },
		{ "a bomb", 50 * FIXTURE_MAX_BODY, 413 },
	};
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, true);
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf plain = BUF_INIT(cases[i].bytes), gz = BUF_INIT(FIXTURE_MAX_BODY), head = BUF_INIT(512);

		memset(buf_reserve(&plain, cases[i].bytes), 'z', cases[i].bytes);
		buf_added(&plain, cases[i].bytes);
		assert_int_equal(gzip_pack(buf_view(&plain), &gz), ERR_OK);
		buf_fmt(&head,
			"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
			gz.n);
		client_send(&c, buf_view(&head));
		client_send(&c, buf_view(&gz));
		print_message("%s\n", cases[i].what);
		expect_answer(&c, cases[i].status, NULL);
		buf_release(&plain);
		buf_release(&gz);
		buf_release(&head);
	}
	client_close(&c);
	fixture_stop(&f);
}

static void a_head_request_gets_the_length_and_no_body(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, defaults);
	c = fixture_client(&f, false);
	client_send(&c, S("HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"));
	assert_true(client_read_until(&c, S("ok\n")));
	assert_int_equal(str_find(buf_view(&c.in), S("ok\n")) + 3, c.in.n);
	assert_true(str_find(buf_view(&c.in), S("Content-Length: 3")) < c.in.n);
	client_close(&c);
	fixture_stop(&f);
}

static void shutdown_ends_what_is_not_whole_and_answers_what_is(void **unused)
{
	static const struct {
		const char *what;
		struct str sent;
		int status; /* 0: nothing is said */
	} cases[] = {
		{ "a worker has it", STR_INIT("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"), 200 },
		{ "half a body", STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"), 503 },
		{ "no place yet", STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"), 503 },
		{ "half a head", STR_INIT("GET /hea"), 0 },
		{ "nothing", STR_INIT(""), 0 },
	};
	struct client c[countof(cases)];
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .max_active = 2 });
	for (size_t i = 0; i < countof(cases); i++) {
		c[i] = fixture_client(&f, false);
		client_send(&c[i], cases[i].sent);
		fixture_await_connections(&f, i + 1);
		fixture_advance(&f, 0);
	}
	assert_false(http_server_drain(f.server, 0));
	fixture_open_gate(&f);
	assert_true(http_server_drain(f.server, CLIENT_DEADLINE_MS));
	for (size_t i = 0; i < countof(cases); i++) {
		print_message("%s\n", cases[i].what);
		if (cases[i].status)
			expect_answer(&c[i], cases[i].status, NULL);
		client_read_eof(&c[i]);
		client_close(&c[i]);
	}
	fixture_stop(&f);
}

static void many_clients_on_two_loops_are_all_served(void **unused)
{
	struct client c[40];
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .loops = 2, .workers = 3, .max_active = 2 });
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < countof(c); i++) {
			if (round == 0)
				c[i] = fixture_client(&f, i % 2);
			client_send(&c[i], S("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"));
		}
		for (size_t i = 0; i < countof(c); i++)
			expect_answer(&c[i], 200, "hi");
	}
	for (size_t i = 0; i < countof(c); i++)
		client_close(&c[i]);
	fixture_await_connections(&f, 0);
	fixture_stop(&f);
}

/* RFC 9110 section 9.3.2: of a refusal, too, whoever makes it. */
static void a_refused_HEAD_has_no_body(void **unused)
{
	static const struct {
		const char *said, *status;
	} cases[] = {
		{ "HEAD /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 " },
		{ "HEAD /nowhere HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
		  "HTTP/1.1 404 " },
		{ "HEAD /half%4 HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 " },
		{ "HEAD /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 400 " },
		{ "HEAD /healthz HTTP/3.9\r\nHost: h\r\n\r\n", "HTTP/1.1 505 " },
	};
	struct fixture f;

	(void)unused;
	fixture_start(&f, defaults);
	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = fixture_client(&f, false);

		client_send(&c, str_of(cases[i].said));
		assert_false(client_read_until(&c, S("no such text"))); /* until it ends */
		if (!str_starts(buf_view(&c.in), str_of(cases[i].status)) || !str_ends(buf_view(&c.in), S("\r\n\r\n")))
			fail_msg("%s: " STR_FMT, cases[i].said, STR_ARG(buf_view(&c.in)));
		client_close(&c);
	}
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_HEAD_has_no_body),
		cmocka_unit_test(requests_are_answered_by_their_routes),
		cmocka_unit_test(a_connection_serves_one_request_after_the_other),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(what_comes_behind_a_chunked_request_is_refused_in_our_words),
		cmocka_unit_test(a_client_that_ends_its_side_gets_the_answers_it_is_due),
		cmocka_unit_test(a_request_that_its_client_cuts_short_ends_at_once),
		cmocka_unit_test(handlers_see_the_request_as_it_came),
		cmocka_unit_test(a_body_has_a_ceiling),
		cmocka_unit_test(a_client_that_expects_100_waits_for_our_word),
		cmocka_unit_test(a_head_has_a_ceiling),
		cmocka_unit_test(a_full_queue_is_refused_with_a_time_to_come_back),
		cmocka_unit_test(requests_above_the_active_limit_wait_for_a_place),
		cmocka_unit_test(large_answers_arrive_whole_at_slow_readers),
		cmocka_unit_test(an_answer_nobody_takes_is_told_as_not_written),
		cmocka_unit_test(times_run_out),
		cmocka_unit_test(answers_are_packed_where_the_client_takes_it),
		cmocka_unit_test(a_packed_body_has_the_ceiling_of_a_plain_one),
		cmocka_unit_test(a_head_request_gets_the_length_and_no_body),
		cmocka_unit_test(shutdown_ends_what_is_not_whole_and_answers_what_is),
		cmocka_unit_test(many_clients_on_two_loops_are_all_served),
	};

	log_set_level(LOG_LEVEL_WARN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
