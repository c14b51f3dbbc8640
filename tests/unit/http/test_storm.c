/*
 * Everything at once, by a seeded die: clients that send whole, half and wrong requests, leave in each way, pipeline,
 * hold; wakes, reloads and time in between; then the server stops in the middle of it. Each request that reached a
 * handler ends exactly once, each hold is told exactly once, nothing leaks (asan) and nothing races (tsan).
 */
#include <tests/unit/http/fixture.h>

#include <base/log.h>

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <cmocka.h>

enum { CLIENTS = 24, STEPS = 1500, SEEDS = 3 };

struct storm {
	struct fixture f;
	struct client clients[CLIENTS];
	uint32_t state;
};

static uint32_t roll(struct storm *s, uint32_t sides)
{
	s->state = s->state * 1664525u + 1013904223u;
	return (s->state >> 8) % sides;
}

static void say(struct storm *s, struct client *c)
{
	static const struct str lines[] = {
		STR_INIT("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"),
		STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nping"),
		STR_INIT("POST /hold HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n0\r\n\r\n"),
		STR_INIT("POST /again HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"),
		STR_INIT("POST /early HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"),
		STR_INIT("POST /cancel HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"),
		STR_INIT("POST /hold HTTP/1.0\r\nContent-Length: 1\r\n\r\nx"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 900000\r\n\r\n"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel"),
		STR_INIT("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"),
		STR_INIT("DELETE /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"),
		STR_INIT("GET /he"),
		STR_INIT("rubbish\r\n\r\n"),
		STR_INIT("\r\n\r\n\r\n"),
	};
	struct str line = lines[roll(s, 1 + roll(s, countof(lines)))]; /* the former more often */
	size_t cut = roll(s, 8) ? line.n : roll(s, (uint32_t)line.n);
	size_t n;

	/* The server may have closed: what cannot be sent is not. */
	if (c->ssl)
		(void)SSL_write_ex(c->ssl, line.p, cut ? cut : 1, &n);
	else
		(void)!send(c->fd, line.p, cut, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void leave(struct storm *s, struct client *c)
{
	const struct linger reset = { .l_onoff = 1 };

	switch (roll(s, 4)) {
	case 0:
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		break;
	case 1:
		if (c->ssl)
			SSL_shutdown(c->ssl);
		break;
	case 2:
		shutdown(c->fd, SHUT_WR);
		return; /* and stays to read */
	default:
		break;
	}
	client_close(c);
}

static void wake_some(struct storm *s)
{
	size_t n;

	pthread_mutex_lock(&s->f.lock);
	n = s->f.holds_n;
	pthread_mutex_unlock(&s->f.lock);
	for (uint32_t i = roll(s, 4); n && i; i--)
		fixture_wake(&s->f, n - 1 - roll(s, n < CLIENTS ? (uint32_t)n : CLIENTS));
}

static void step(struct storm *s)
{
	struct client *c = &s->clients[roll(s, CLIENTS)];
	struct buf why = BUF_INIT(512);
	uint32_t what = roll(s, 100);

	if (c->fd < 0)
		*c = fixture_client(&s->f, roll(s, 3) == 0);
	else if (what < 55)
		say(s, c);
	else if (what < 75)
		wake_some(s);
	else if (what < 95)
		leave(s, c);
	else if (what < 98)
		fixture_advance(&s->f, roll(s, HTTP_HEAD_TIMEOUT_MS / 4));
	else
		assert_int_equal(net_tls_reload(s->f.tls, &why), ERR_OK);
	buf_release(&why);
}

static void every_request_ends_once_whatever_happens(void **unused)
{
	static struct storm s;

	(void)unused;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		unsigned told = 0;

		s.state = seed;
		fixture_start(&s.f, (struct fixture_args){ .loops = 2, .workers = 3, .max_active = 8 });
		for (size_t i = 0; i < CLIENTS; i++)
			s.clients[i].fd = -1;
		for (int i = 0; i < STEPS; i++)
			step(&s);
		fixture_stop(&s.f); /* with clients connected and requests held */
		for (size_t i = 0; i < CLIENTS; i++)
			if (s.clients[i].fd >= 0)
				client_close(&s.clients[i]);
		for (size_t i = 0; i < countof(s.f.wakes); i++)
			told += s.f.wakes[i];
		print_message("seed %u: %u requests, %u written, %u holds\n", seed, s.f.begun, s.f.written, s.f.held);
		assert_int_equal(s.f.begun, s.f.written + s.f.unwritten);
		assert_int_equal(told, s.f.held);
		assert_true(s.f.begun > 100 && s.f.held > 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_request_ends_once_whatever_happens) };

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
