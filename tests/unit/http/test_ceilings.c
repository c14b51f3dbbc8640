/* What all requests together may take: memory of their bodies, holds that libmicrohttpd keeps. */
#include <tests/unit/http/fixture.h>

#include <base/log.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static const struct str held = STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nping");
static const struct str echoed = STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
static const struct str chunked =
	STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n0\r\n\r\n");

static void bodies_have_a_ceiling_together(void **unused)
{
	struct client a, b, c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .max_bodies = 8 });
	a = fixture_client(&f, false);
	b = fixture_client(&f, false);
	client_send(&a, held);
	client_send(&b, held);
	fixture_await_held(&f, 2); /* eight octets, as many as may be */
	c = fixture_client(&f, false);
	client_send(&c, S("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"));
	expect_answer(&c, 200, "ok\n"); /* what has no body needs no room */
	client_send(&c, echoed);
	expect_answer(&c, 503, NULL);
	client_read_eof(&c);
	client_close(&c);
	fixture_wake(&f, 0);
	fixture_wake(&f, 1);
	expect_answer(&a, 200, "event ping");
	expect_answer(&b, 200, "event ping");
	fixture_await_finished(&f, 2, 0);
	client_send(&a, echoed);
	expect_answer(&a, 200, "x");
	client_close(&a);
	client_close(&b);
	fixture_stop(&f);
}

static void a_hold_that_dropped_its_body_takes_no_room(void **unused)
{
	struct client held_one, other;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .max_bodies = 4 });
	held_one = fixture_client(&f, false);
	client_send(&held_one, S("POST /light HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nping"));
	fixture_await_held(&f, 1);
	other = fixture_client(&f, false);
	client_send(&other, echoed);
	expect_answer(&other, 200, "x");
	fixture_wake(&f, 0);
	expect_answer(&held_one, 200, "event ");
	client_close(&held_one);
	client_close(&other);
	fixture_stop(&f);
}

static void a_packed_body_counts_as_it_comes_out(void **unused)
{
	static const struct str request = STR_INIT(
		"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 24\r\n\r\n"
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\xc8\xcc\x4b\x07\x00\xfd\x3d\xd5\x25\x04\x00\x00\x00");
	static const struct {
		size_t max;
		int status;
	} cases[] = { { 24 + 4, 200 }, { 24 + 3, 503 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct fixture f;
		struct client c;

		fixture_start(&f, (struct fixture_args){ .max_bodies = cases[i].max });
		c = fixture_client(&f, false);
		client_send(&c, request);
		expect_answer(&c, cases[i].status, NULL);
		client_close(&c);
		fixture_stop(&f);
	}
}

static void a_hold_past_the_ceiling_of_suspended_ones_is_answered_at_once(void **unused)
{
	struct client a, b, parked;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .max_suspended = 1 });
	a = fixture_client(&f, false);
	b = fixture_client(&f, true);
	parked = fixture_client(&f, false);
	client_send(&a, chunked);
	fixture_await_suspended(&f, 1);
	client_send(&b, chunked);
	expect_answer(&b, 200, "shutdown ping");
	client_send(&parked, held); /* these are not counted */
	fixture_await_begun(&f, 3);
	fixture_wake(&f, 0);
	fixture_wake(&f, 2);
	expect_answer(&a, 200, "event ping");
	expect_answer(&parked, 200, "event ping");
	fixture_await_finished(&f, 3, 0);
	client_send(&b, chunked); /* the place is free again */
	fixture_await_begun(&f, 4);
	fixture_wake(&f, 3);
	expect_answer(&b, 200, "event ping");
	client_close(&a);
	client_close(&b);
	client_close(&parked);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_have_a_ceiling_together),
		cmocka_unit_test(a_hold_that_dropped_its_body_takes_no_room),
		cmocka_unit_test(a_packed_body_counts_as_it_comes_out),
		cmocka_unit_test(a_hold_past_the_ceiling_of_suspended_ones_is_answered_at_once),
	};

	log_set_level(LOG_LEVEL_WARN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
