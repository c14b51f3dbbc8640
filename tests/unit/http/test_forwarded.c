/* X-Forwarded-For, field by field. */
#include <gateway/http/forwarded.h>

#include <tests/unit/http/fixture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void the_list_is_believed_as_far_as_it_is_trusted(void **unused)
{
	static const struct {
		const char *list;
		enum forwarded result;
		const char *host;
	} cases[] = {
		{ "192.0.2.7", FORWARDED_CLIENT, "192.0.2.7" },
		{ "203.0.113.9, 192.0.2.7", FORWARDED_CLIENT, "192.0.2.7" },
		{ "192.0.2.7,10.0.0.2 , 10.0.0.1", FORWARDED_CLIENT, "192.0.2.7" },
		{ "10.0.0.2, 10.0.0.1", FORWARDED_TRUSTED, "10.0.0.2" },
		{ "192.0.2.7:50000", FORWARDED_CLIENT, "192.0.2.7" },
		{ "[2001:db8::7]:50000", FORWARDED_CLIENT, "2001:db8::7" },
		{ "2001:db8::7", FORWARDED_CLIENT, "2001:db8::7" },
		{ "unknown", FORWARDED_NOBODY, NULL },
		{ "192.0.2.7, unknown", FORWARDED_NOBODY, NULL },
		{ "unknown, 10.0.0.1", FORWARDED_CLIENT, "10.0.0.1" },
		{ "192.0.2.7, _hidden, 10.0.0.1", FORWARDED_CLIENT, "10.0.0.1" },
		{ "192.0.2.7,", FORWARDED_NOBODY, NULL },
		{ ",,", FORWARDED_NOBODY, NULL },
		{ "", FORWARDED_NOBODY, NULL },
	};
	struct net_ranges trusted = { 0 };

	(void)unused;
	assert_int_equal(net_ranges_add(&trusted, S("10.0.0.0/8")), ERR_OK);
	for (size_t i = 0; i < countof(cases); i++) {
		char host[NET_HOST_MAX] = "";
		struct net_ip ip;
		enum forwarded f = forwarded_back(&trusted, str_of(cases[i].list), &ip);

		if (f != FORWARDED_NOBODY)
			net_ip_host(&ip, host);
		if (f != cases[i].result || (cases[i].host && strcmp(host, cases[i].host) != 0))
			fail_msg("\"%s\": %d, %s", cases[i].list, f, host);
	}
}

static void only_a_trusted_peer_is_asked(void **unused)
{
	struct net_ranges trusted = { 0 };

	(void)unused;
	assert_false(forwarded_begin(&trusted, S("10.0.0.1")));
	assert_false(forwarded_begin(&trusted, S("unix")));
	assert_int_equal(net_ranges_add(&trusted, S("10.0.0.0/8")), ERR_OK);
	assert_true(forwarded_begin(&trusted, S("10.0.0.1")));
	assert_false(forwarded_begin(&trusted, S("192.0.2.1")));
	assert_false(forwarded_begin(&trusted, S("unix")));
	assert_int_equal(net_ranges_add(&trusted, S("unix")), ERR_OK);
	assert_true(forwarded_begin(&trusted, S("unix")));
}

static void a_request_has_the_peer_that_a_trusted_proxy_names(void **unused)
{
	static const struct {
		const char *what;
		bool trusted, tls;
		struct str headers;
		const char *peer;
	} cases[] = {
		{ "no header", true, false, STR_INIT(""), "127.0.0.1" },
		{ "one proxy", true, false, STR_INIT("X-Forwarded-For: 203.0.113.9, 192.0.2.7\r\n"), "192.0.2.7" },
		{ "two fields", true, false,
		  STR_INIT("x-forwarded-for: 2001:db8::7\r\nHost: h\r\nX-Forwarded-For: 127.0.0.2\r\n"),
		  "2001:db8::7" },
		{ "nonsense", true, false, STR_INIT("X-Forwarded-For: <script>\r\n"), "127.0.0.1" },
		{ "a peer nobody trusts", false, false, STR_INIT("X-Forwarded-For: 192.0.2.7\r\n"), "127.0.0.1" },
		{ "through TLS that the proxy cannot read", true, true, STR_INIT("X-Forwarded-For: 192.0.2.7\r\n"),
		  "127.0.0.1" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct net_ranges trusted = { 0 };
		struct fixture f;
		struct client c;
		struct answer a;

		assert_int_equal(net_ranges_add(&trusted, cases[i].trusted ? S("127.0.0.0/8") : S("::1")), ERR_OK);
		fixture_start(&f, (struct fixture_args){ .trusted = &trusted });
		c = fixture_client(&f, cases[i].tls);
		client_send(&c, S("GET /echo HTTP/1.0\r\n"));
		client_send(&c, cases[i].headers);
		client_send(&c, S("\r\n"));
		a = client_answer(&c);
		if (a.status != 200 || !str_eq(client_header(&c, &a, "X-Peer"), str_of(cases[i].peer)))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(client_header(&c, &a, "X-Peer")));
		client_close(&c);
		fixture_stop(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_believed_as_far_as_it_is_trusted),
		cmocka_unit_test(a_request_has_the_peer_that_a_trusted_proxy_names),
		cmocka_unit_test(only_a_trusted_peer_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
