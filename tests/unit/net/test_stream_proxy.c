/* Listeners that trusted proxies connect to: a session that says whom it sees, then echoes. */
#include <gateway/net/net.h>
#include <gateway/net/tls.h>

#include <base/mem.h>
#include <tests/support/client.h>
#include <tests/support/tmpdir.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#define HEADER "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n"

struct fixture {
	struct clock_fake clock;
	struct tmpdir dir;
	struct net *net;
	struct net_tls *tls;
	struct net_ranges proxies;
	struct listener *listener;
	unsigned port;
};

static void on_input(struct stream *s)
{
	stream_write(s, stream_input(s));
	stream_consume(s, stream_input(s).n);
}

static void on_closed(struct stream *s, enum stream_end why)
{
	(void)s;
	(void)why;
}

static const struct stream_events events = { .input = on_input, .closed = on_closed };

static void on_open(struct stream *s, void *unused)
{
	(void)unused;
	stream_attach(s, &events, NULL);
	stream_write(s, stream_peer(s));
	stream_write(s, S("\n"));
}

static void load_tls(struct fixture *f, struct buf *why)
{
	struct buf cert = BUF_INIT(256), key = BUF_INIT(256);

	buf_fmt(&cert, "%s/cert.pem%c", f->dir.path, '\0');
	buf_fmt(&key, "%s/key.pem%c", f->dir.path, '\0');
	client_make_cert("mail.example.test", cert.p, key.p);
	if (net_tls_new(&(struct net_tls_cert){ NULL, cert.p, key.p }, 1, &f->tls, why))
		fail_msg(STR_FMT, STR_ARG(buf_view(why)));
	buf_release(&cert);
	buf_release(&key);
}

/* trusted NULL: nobody is. */
static void fixture_start(struct fixture *f, const char *trusted, bool tls)
{
	struct listener_args a = { .address = "127.0.0.1:0", .open = on_open, .proxies = &f->proxies };
	struct buf why = BUF_INIT(1024);

	*f = (struct fixture){ .dir = tmpdir_make() };
	clock_fake_init(&f->clock, 0);
	if (trusted)
		assert_int_equal(net_ranges_add(&f->proxies, str_of(trusted)), ERR_OK);
	if (tls)
		load_tls(f, &why);
	a.tls = f->tls;
	assert_int_equal(net_start(&(struct net_args){ &f->clock.clock, 1, 10 }, &f->net), ERR_OK);
	if (listener_open(f->net, &a, &f->listener, &why))
		fail_msg(STR_FMT, STR_ARG(buf_view(&why)));
	f->port = listener_port(f->listener);
	buf_release(&why);
}

static void fixture_stop(struct fixture *f)
{
	listener_close(&f->listener);
	net_stop(&f->net);
	net_tls_free(&f->tls);
	tmpdir_remove(&f->dir);
}

static void expect(struct client *c, const char *text)
{
	size_t n = strlen(text);

	if (!client_read(c, n) || memcmp(c->in.p, text, n) != 0)
		fail_msg("wanted %s, got " STR_FMT, text, STR_ARG(buf_view(&c->in)));
	client_consume(c, n);
}

static void the_session_sees_whom_the_proxy_names(void **unused)
{
	static const struct {
		const char *what;
		struct str header;
		const char *peer;
	} cases[] = {
		{ "text", STR_INIT(HEADER), "192.0.2.7\n" },
		{ "binary", STR_INIT("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0f\xc0\0\2\7\xc6\x33\x64\1\xc3\x50\1\xbb\4\0\0"),
		  "192.0.2.7\n" },
		{ "a health check", STR_INIT("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"), "127.0.0.1\n" },
		{ "unknown", STR_INIT("PROXY UNKNOWN\r\n"), "127.0.0.1\n" },
	};
	struct fixture f;

	(void)unused;
	fixture_start(&f, "127.0.0.0/8", false);
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf whole = BUF_INIT(256);
		struct client c = client_connect(f.port);

		print_message("%s\n", cases[i].what);
		buf_str(&whole, cases[i].header);
		buf_cstr(&whole, "first ");
		client_send(&c, buf_view(&whole)); /* what follows in the same segment is the session's */
		expect(&c, cases[i].peer);
		client_send(&c, S("second"));
		expect(&c, "first second");
		client_close(&c);
		buf_release(&whole);
	}
	fixture_stop(&f);
}

static void the_header_may_come_in_pieces_and_tls_follows_it(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, "127.0.0.1", true);
	c = client_connect(f.port);
	for (size_t i = 0; i < strlen(HEADER); i++)
		client_send(&c, str_slice(S(HEADER), i, i + 1));
	client_start_tls(&c, "mail.example.test", NULL);
	expect(&c, "192.0.2.7\n");
	client_send(&c, S("hello"));
	expect(&c, "hello");
	client_close(&c);
	fixture_stop(&f);
}

static void a_trusted_peer_without_the_header_is_closed(void **unused)
{
	static const struct str cases[] = { STR_INIT("GET / HTTP/1.1\r\n\r\n"), STR_INIT("PROXY TCP5 x\r\n"),
					    STR_INIT("\x16\x03\x01\x02\x00\x01\x00") };
	struct fixture f;

	(void)unused;
	fixture_start(&f, "127.0.0.1", false);
	for (size_t i = 0; i < countof(cases); i++) {
		struct client c = client_connect(f.port);

		client_send(&c, cases[i]);
		client_read_eof(&c);
		client_close(&c);
	}
	fixture_stop(&f);
}

static void the_header_of_an_untrusted_peer_is_only_its_bytes(void **unused)
{
	struct fixture f;
	struct client c;

	(void)unused;
	fixture_start(&f, "192.0.2.0/24", false);
	c = client_connect(f.port);
	client_send(&c, S(HEADER));
	expect(&c, "127.0.0.1\n" HEADER);
	client_close(&c);
	fixture_stop(&f);
}

static void nothing(void *unused)
{
	(void)unused;
}

/* However it dribbles: the time is that of the whole. */
static void a_header_that_does_not_come_is_given_up(void **unused)
{
	struct fixture f;
	struct client c, second;

	(void)unused;
	fixture_start(&f, "127.0.0.1", false);
	c = client_connect(f.port);
	client_send(&c, S("PROXY "));
	second = client_connect(f.port); /* by its answer the first has arrived */
	client_send(&second, S(HEADER));
	expect(&second, "192.0.2.7\n");
	client_close(&second);
	clock_fake_advance(&f.clock, NET_PROXY_TIMEOUT_MS - 1);
	loop_kick(net_loop(f.net, 0));
	client_send(&c, S("TCP4"));
	for (int i = 0; i < 8; i++)
		loop_call(net_loop(f.net, 0), nothing, NULL);
	assert_int_equal(net_connections(f.net), 1);
	clock_fake_advance(&f.clock, 1);
	loop_kick(net_loop(f.net, 0));
	client_read_eof(&c);
	client_close(&c);
	fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_session_sees_whom_the_proxy_names),
		cmocka_unit_test(the_header_may_come_in_pieces_and_tls_follows_it),
		cmocka_unit_test(a_trusted_peer_without_the_header_is_closed),
		cmocka_unit_test(the_header_of_an_untrusted_peer_is_only_its_bytes),
		cmocka_unit_test(a_header_that_does_not_come_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
