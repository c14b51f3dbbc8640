/* Addresses as the configuration writes them. */
#include <gateway/net/addr.h>

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define X27 "xxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void addresses_are_read_strictly(void **unused)
{
	static const struct {
		const char *what, *text, *host;
		enum err err;
	} cases[] = {
		{ "IPv4", "127.0.0.1:8443", "127.0.0.1", ERR_OK },
		{ "IPv6", "[::1]:8443", "::1", ERR_OK },
		{ "mapped IPv4", "[::ffff:192.0.2.7]:1", "192.0.2.7", ERR_OK },
		{ "unix", "unix:/run/roost.sock", "unix", ERR_OK },
		{ "the longest unix path", "unix:" X27 X27 X27 "xxxxxxxxxxxxxxxxxxxxxxxxxx", "unix", ERR_OK },
		{ "a unix path one too long", "unix:" X27 X27 X27 X27, NULL, ERR_LIMIT },
		{ "no unix path", "unix:", NULL, ERR_INVALID },
		{ "the highest port", "127.0.0.1:65535", "127.0.0.1", ERR_OK },
		{ "a port one too high", "127.0.0.1:65536", NULL, ERR_INVALID },
		{ "no port", "127.0.0.1", NULL, ERR_INVALID },
		{ "an empty port", "127.0.0.1:", NULL, ERR_INVALID },
		{ "a name", "localhost:80", NULL, ERR_INVALID },
		{ "IPv6 without brackets", "::1:80", NULL, ERR_INVALID },
		{ "nothing", "", NULL, ERR_INVALID },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct net_addr a;
		char host[NET_HOST_MAX];
		enum err e = net_addr_parse(cases[i].text, &a);

		if (e != cases[i].err)
			fail_msg("%s: %s", cases[i].what, err_text(e));
		if (e)
			continue;
		net_addr_host(&a, host);
		assert_string_equal(host, cases[i].host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(addresses_are_read_strictly) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
