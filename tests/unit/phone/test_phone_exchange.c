/* Exchanges over real sockets with a peer that says what each test wants. */
#include <tools/phone/exchange.h>
#include <tools/phone/fault.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <unistd.h>

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

enum { MAX_ANSWERS = 4, TIMEOUT_MS = 120000, SHORT_TIMEOUT_MS = 50 };

/* Answers one request after the other; `closes` after that answer. A NULL answer says nothing. */
struct peer {
	const char *answers[MAX_ANSWERS];
	bool closes[MAX_ANSWERS];
	size_t n;
	int listener;
	size_t connections;
	pthread_t thread;
};

/* Requests of the tests end with a dot. */
static bool read_request(int fd)
{
	char c = 0;

	while (c != '.')
		if (read(fd, &c, 1) != 1)
			return false;
	return true;
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	int fd = -1;

	for (size_t i = 0; i < p->n;) {
		if (fd < 0) {
			fd = accept(p->listener, NULL, NULL);
			p->connections++;
		}
		if (!read_request(fd)) {
			close(fd);
			fd = -1;
			continue;
		}
		if (p->answers[i] && write(fd, p->answers[i], strlen(p->answers[i])) < 0)
			break;
		if (p->closes[i]) {
			close(fd);
			fd = -1;
		}
		i++;
	}
	if (fd >= 0) { /* until the phone hangs up */
		char c;

		while (read(fd, &c, 1) == 1)
			;
		close(fd);
	}
	return NULL;
}

static void peer_start(struct peer *p, struct wire *w)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(p->listener, 8), 0);
	assert_int_equal(getsockname(p->listener, (struct sockaddr *)&a, &n), 0);
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
	*w = (struct wire){ .timeout_ms = TIMEOUT_MS };
	w->endpoint.addr_len = sizeof(a);
	memcpy(&w->endpoint.addr, &a, sizeof(a));
}

static void peer_stop(struct peer *p, struct wire *w)
{
	wire_release(w);
	pthread_join(p->thread, NULL);
	close(p->listener);
}

static enum err ask(struct wire *w, enum cut cut, struct reply *r, struct buf *why)
{
	reply_init(r);
	buf_clear(why);
	return exchange(w, S("request."), cut, r, why);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"

static void a_connection_is_kept_and_opened_again_when_the_server_closed_it(void **unused)
{
	struct peer p = { .answers = { OK, OK, OK, OK }, .closes = { false, true, false, false }, .n = 4 };
	struct buf why = BUF_INIT(FAULT_MAX_TEXT);
	struct wire w;

	(void)unused;
	peer_start(&p, &w);
	for (int i = 0; i < 4; i++) {
		struct reply r;

		assert_int_equal(ask(&w, CUT_NEVER, &r, &why), ERR_OK);
		assert_true(str_eq(buf_view(&r.body), S("body")));
		reply_release(&r);
	}
	peer_stop(&p, &w);
	assert_int_equal(p.connections, 2);
	buf_release(&why);
}

static void a_response_is_cut_where_it_is_asked(void **unused)
{
	static const struct {
		enum cut cut;
		size_t min, max; /* bytes of the body that were taken */
	} cases[] = { { CUT_BEFORE, 0, 0 }, { CUT_HALF, 2, 4 }, { CUT_AFTER, 4, 4 } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct peer p = { .answers = { OK }, .n = 1 };
		struct buf why = BUF_INIT(FAULT_MAX_TEXT);
		struct reply r;
		struct wire w;

		peer_start(&p, &w);
		assert_int_equal(ask(&w, cases[i].cut, &r, &why), ERR_STALE);
		assert_in_range(r.body.n, cases[i].min, cases[i].max);
		assert_null(w.conn);
		reply_release(&r);
		peer_stop(&p, &w);
		buf_release(&why);
	}
}

static void a_server_that_fails_is_told_apart(void **unused)
{
	static const struct {
		const char *what, *answer;
		bool closes;
		int64_t timeout_ms;
		enum err e;
	} cases[] = {
		{ "half a response", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody", true, TIMEOUT_MS,
		  ERR_INVALID },
		{ "not HTTP", "220 hello\r\n\r\n", true, TIMEOUT_MS, ERR_INVALID },
		{ "more than a response", OK "!", false, TIMEOUT_MS, ERR_INVALID },
		{ "no response", NULL, true, TIMEOUT_MS, ERR_IO },
		{ "silence", NULL, false, SHORT_TIMEOUT_MS, ERR_BUSY },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct peer p = { .answers = { cases[i].answer }, .closes = { cases[i].closes }, .n = 1 };
		struct buf why = BUF_INIT(FAULT_MAX_TEXT);
		struct reply r;
		struct wire w;
		enum err e;

		peer_start(&p, &w);
		w.timeout_ms = cases[i].timeout_ms;
		e = ask(&w, CUT_NEVER, &r, &why);
		if (e != cases[i].e || why.n == 0)
			fail_msg("%s: %s, \"%.*s\"", cases[i].what, err_text(e), (int)why.n, why.p ? why.p : "");
		reply_release(&r);
		peer_stop(&p, &w);
		buf_release(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_kept_and_opened_again_when_the_server_closed_it),
		cmocka_unit_test(a_response_is_cut_where_it_is_asked),
		cmocka_unit_test(a_server_that_fails_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
