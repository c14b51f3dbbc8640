/* Who brings more than a stranger may is asked who he is before a byte of it is taken. */
#include <tests/unit/http/fixture.h>

#include <base/log.h>
#include <base/mem.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#define POST "POST /door HTTP/1.1\r\nHost: h\r\n"
#define ANN "Authorization: ann\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
enum { PAST = HTTP_STRANGER_BODY_MAX + 1, STRANGERS = 200, REQUEST_MAX = 2 * FIXTURE_MAX_BODY };

static void send_head(struct client *c, const char *headers, size_t length)
{
	struct buf b = BUF_INIT(1024);

	buf_fmt(&b, POST "%sContent-Length: %zu\r\n\r\n", headers, length);
	client_send(c, buf_view(&b));
	buf_release(&b);
}

static void send_body(struct client *c, size_t n)
{
	char *body = mem_alloc(n);

	memset(body, 'x', n);
	client_send(c, str_from(body, n));
	free(body);
}

static void expect_echo(struct client *c, size_t n)
{
	struct answer a = client_answer(c);

	assert_int_equal(a.status, 200);
	assert_int_equal(a.body_n, n);
	client_consume(c, a.total);
}

/* Refused, and not another octet. */
static void expect_sent_away(struct client *c, int status)
{
	expect_answer(c, status, NULL);
	client_read_eof(c);
	client_close(c);
}

static void a_stranger_may_bring_so_much_and_no_more(void **unused)
{
	struct client c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ 0 });
	c = fixture_client(&f, false);
	send_head(&c, "", HTTP_STRANGER_BODY_MAX);
	send_body(&c, HTTP_STRANGER_BODY_MAX);
	expect_echo(&c, HTTP_STRANGER_BODY_MAX); /* it is the handler's to ask */
	assert_int_equal(atomic_load(&f.at_door), 0);
	send_head(&c, "", PAST); /* and nothing behind it */
	expect_sent_away(&c, 401);
	assert_int_equal(atomic_load(&f.at_door), 1);
	assert_int_equal(atomic_load(&f.begun), 1);
	fixture_stop(&f);
}

static void who_is_let_in_brings_his_body_and_stays(void **unused)
{
	struct client c;
	struct fixture f;

	(void)unused;
	for (int tls = 0; tls < 2; tls++) {
		fixture_start(&f, (struct fixture_args){ 0 });
		c = fixture_client(&f, tls);
		for (unsigned i = 0; i < 3; i++) {
			send_head(&c, ANN, FIXTURE_MAX_BODY);
			send_body(&c, FIXTURE_MAX_BODY);
			expect_echo(&c, FIXTURE_MAX_BODY);
		}
		assert_int_equal(atomic_load(&f.at_door), 3);
		client_close(&c);
		fixture_await_finished(&f, 3, 0);
		fixture_stop(&f);
	}
}

static void what_is_sent_at_once_is_answered_in_order_until_one_is_sent_away(void **unused)
{
	struct buf all = BUF_INIT(REQUEST_MAX);
	struct client c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ 0 });
	for (int i = 0; i < 4; i++) {
		buf_fmt(&all, POST "%sContent-Length: %d\r\n\r\n", i == 2 ? "" : ANN, PAST);
		for (int n = 0; n < PAST; n++)
			buf_char(&all, 'x');
	}
	assert_int_equal(buf_status(&all), ERR_OK);
	c = fixture_client(&f, false);
	client_send(&c, buf_view(&all));
	expect_echo(&c, PAST);
	expect_echo(&c, PAST);
	expect_sent_away(&c, 401);
	assert_int_equal(atomic_load(&f.begun), 2);
	buf_release(&all);
	fixture_stop(&f);
}

static void a_body_that_is_sent_away_is_never_read_as_requests(void **unused)
{
	static const char *const heads[] = { "Content-Length: 30000\r\n", CHUNKED,
					     "Content-Encoding: gzip\r\nContent-Length: 90\r\n",
					     "Expect: 100-continue\r\nContent-Length: 30000\r\n" };
	static const char *const methods[] = { "POST", "OPTIONS" };
	struct buf b = BUF_INIT(REQUEST_MAX);
	struct client c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ 0 });
	for (size_t i = 0; i < countof(heads) * countof(methods); i++) {
		buf_clear(&b);
		buf_fmt(&b, "%s /door HTTP/1.1\r\nHost: h\r\n%s\r\n", methods[i % 2], heads[i / 2]);
		while (b.n < 30000)
			buf_cstr(&b, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
		c = fixture_client(&f, false);
		client_send(&c, buf_view(&b));
		expect_sent_away(&c, 401);
	}
	assert_int_equal(atomic_load(&f.begun), 0);
	assert_int_equal(atomic_load(&f.at_door), countof(heads) * countof(methods));
	buf_release(&b);
	fixture_stop(&f);
}

static void bodies_of_unknown_size_ask_at_the_door_too(void **unused)
{
	struct client c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ 0 });
	c = fixture_client(&f, false);
	client_send(&c, S(POST ANN CHUNKED "\r\n4\r\nping\r\n0\r\n\r\n" POST ANN CHUNKED "\r\n4\r\npong\r\n0\r\n\r\n"));
	expect_answer(&c, 200, "ping");
	expect_answer(&c, 200, "pong");
	client_send(&c, S(POST CHUNKED "\r\n"));
	expect_sent_away(&c, 401);
	assert_int_equal(atomic_load(&f.at_door), 3);
	fixture_stop(&f);
}

/* RFC 9110 section 10.1.1: told to go on once it is known that the body is wanted. */
static void nobody_is_told_to_go_on_before_he_is_let_in(void **unused)
{
	struct client c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ 0 });
	c = fixture_client(&f, false);
	send_head(&c, ANN "Expect: 100-continue\r\n", PAST);
	assert_true(client_read_until(&c, S("\r\n\r\n")));
	assert_true(str_starts(buf_view(&c.in), S("HTTP/1.1 100 ")));
	client_consume(&c, c.in.n);
	send_body(&c, PAST);
	expect_echo(&c, PAST);
	send_head(&c, "Expect: 100-continue\r\n", PAST);
	expect_sent_away(&c, 401); /* the first that comes */
	fixture_stop(&f);
}

static void a_doorman_may_say_nothing(void **unused)
{
	struct client c;
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ 0 });
	c = fixture_client(&f, false);
	send_head(&c, "Authorization: mute\r\n", PAST);
	client_read_eof(&c);
	client_close(&c);
	fixture_stop(&f);
}

/* Not an octet of room is left for bodies: who is sent away needs none. */
static void strangers_take_no_memory(void **unused)
{
	struct client c[STRANGERS];
	struct fixture f;

	(void)unused;
	fixture_start(&f, (struct fixture_args){ .max_bodies = 1, .workers = 1 });
	for (size_t i = 0; i < STRANGERS; i++) {
		c[i] = fixture_client(&f, false);
		send_head(&c[i], "", FIXTURE_MAX_BODY);
		send_body(&c[i], FIXTURE_MAX_BODY / 2);
		if (i % FIXTURE_QUEUE ==
		    FIXTURE_QUEUE - 1) /* no more than the workers' line takes: others are told 503 */
			for (size_t k = i + 1 - FIXTURE_QUEUE; k <= i; k++)
				expect_sent_away(&c[k], 401);
	}
	assert_int_equal(atomic_load(&f.begun), 0);
	fixture_stop(&f);
}

static bool is_in_slow(void *arg)
{
	return atomic_load(&((struct fixture *)arg)->in_slow) == 1;
}

/* One worker, and it is busy until fixture_open_gate(): whoever comes to the door waits there. */
static struct client busy(struct fixture *f)
{
	struct client c;

	fixture_start(f, (struct fixture_args){ .workers = 1 });
	c = fixture_client(f, false);
	client_send(&c, S("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"));
	client_await(is_in_slow, f, "the worker to be busy");
	return c;
}

struct wanted {
	struct fixture *f;
	size_t active;
};

static bool are_active(void *arg)
{
	struct wanted *w = arg;

	return http_server_counts(w->f->server).active == w->active;
}

/* Beside the one that keeps the worker busy. */
static void await_at_door(struct fixture *f, size_t n)
{
	client_await(are_active, &(struct wanted){ f, n + 1 }, "requests to come to the door");
	fixture_advance(f, 0);
}

static void more_than_wait_at_the_door_are_told_later(void **unused)
{
	struct client slow, waiting[FIXTURE_QUEUE], c;
	struct fixture f;

	(void)unused;
	slow = busy(&f);
	for (size_t i = 0; i < FIXTURE_QUEUE; i++) {
		waiting[i] = fixture_client(&f, false);
		send_head(&waiting[i], ANN, PAST);
		send_body(&waiting[i], PAST);
	}
	await_at_door(&f, FIXTURE_QUEUE);
	c = fixture_client(&f, false);
	send_head(&c, ANN, PAST);
	expect_sent_away(&c, 503);
	fixture_open_gate(&f);
	expect_answer(&slow, 200, "slow");
	for (size_t i = 0; i < FIXTURE_QUEUE; i++) {
		expect_echo(&waiting[i], PAST);
		client_close(&waiting[i]);
	}
	client_close(&slow);
	fixture_stop(&f);
}

static void waiting_at_the_door_is_not_the_clients_fault_but_what_follows_is(void **unused)
{
	struct client slow, c;
	struct fixture f;

	(void)unused;
	slow = busy(&f);
	c = fixture_client(&f, false);
	send_head(&c, ANN, PAST);
	await_at_door(&f, 1);
	fixture_advance(&f, HTTP_BODY_TIMEOUT_MS + 1);
	fixture_open_gate(&f);
	expect_answer(&slow, 200, "slow");
	send_body(&c, PAST);
	expect_echo(&c, PAST);
	send_head(&c, ANN "Expect: 100-continue\r\n", PAST);
	assert_true(client_read_until(&c, S(" 100 "))); /* let in, and silent */
	assert_true(client_read_until(&c, S("\r\n\r\n")));
	client_consume(&c, c.in.n);
	fixture_advance(&f, HTTP_STALL_TIMEOUT_MS + 1);
	expect_sent_away(&c, 408);
	client_close(&slow);
	fixture_stop(&f);
}

static void who_leaves_the_door_is_forgotten(void **unused)
{
	static const char *const who[] = { ANN, "", "Authorization: mute\r\n" };
	struct client slow, c;
	struct fixture f;

	(void)unused;
	for (size_t i = 0; i < countof(who); i++) {
		slow = busy(&f);
		c = fixture_client(&f, false);
		send_head(&c, who[i], PAST);
		await_at_door(&f, 1);
		client_close(&c);
		fixture_open_gate(&f);
		expect_answer(&slow, 200, "slow");
		client_close(&slow);
		fixture_await_connections(&f, 0);
		assert_int_equal(atomic_load(&f.begun), 1);
		fixture_stop(&f);
	}
}

static void nobody_is_let_in_when_the_server_ends(void **unused)
{
	struct client slow, c;
	struct fixture f;

	(void)unused;
	slow = busy(&f);
	c = fixture_client(&f, false);
	send_head(&c, ANN, PAST);
	await_at_door(&f, 1);
	assert_false(http_server_drain(f.server, 0));
	fixture_open_gate(&f);
	expect_answer(&slow, 200, "slow");
	expect_sent_away(&c, 503);
	client_close(&slow);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_may_bring_so_much_and_no_more),
		cmocka_unit_test(who_is_let_in_brings_his_body_and_stays),
		cmocka_unit_test(what_is_sent_at_once_is_answered_in_order_until_one_is_sent_away),
		cmocka_unit_test(a_body_that_is_sent_away_is_never_read_as_requests),
		cmocka_unit_test(bodies_of_unknown_size_ask_at_the_door_too),
		cmocka_unit_test(nobody_is_told_to_go_on_before_he_is_let_in),
		cmocka_unit_test(a_doorman_may_say_nothing),
		cmocka_unit_test(strangers_take_no_memory),
		cmocka_unit_test(more_than_wait_at_the_door_are_told_later),
		cmocka_unit_test(waiting_at_the_door_is_not_the_clients_fault_but_what_follows_is),
		cmocka_unit_test(who_leaves_the_door_is_forgotten),
		cmocka_unit_test(nobody_is_let_in_when_the_server_ends),
	};

	log_set_level(LOG_LEVEL_WARN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
