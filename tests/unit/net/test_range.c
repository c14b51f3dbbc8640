/* Sets of hosts. */
#include <gateway/net/range.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void ranges_are_read_strictly(void **unused)
{
	static const struct {
		const char *text;
		enum err err;
	} cases[] = {
		{ "192.0.2.1", ERR_OK },
		{ "192.0.2.1/32", ERR_OK },
		{ "192.0.2.0/24", ERR_OK },
		{ "0.0.0.0/0", ERR_OK },
		{ "2001:db8::/32", ERR_OK },
		{ "::/0", ERR_OK },
		{ "::1/128", ERR_OK },
		{ "unix", ERR_OK },
		{ "192.0.2.1/33", ERR_INVALID },
		{ "::1/129", ERR_INVALID },
		{ "192.0.2.1/24", ERR_INVALID },
		{ "2001:db8::1/32", ERR_INVALID },
		{ "192.0.2.0/", ERR_INVALID },
		{ "192.0.2/24", ERR_INVALID },
		{ "/24", ERR_INVALID },
		{ "proxy", ERR_INVALID },
		{ "192.0.2.1:80", ERR_INVALID },
		{ "192.0.2.0/24/8", ERR_INVALID },
		{ "", ERR_INVALID },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct net_ranges r = { 0 };
		enum err e = net_ranges_add(&r, str_of(cases[i].text));

		if (e != cases[i].err)
			fail_msg("%s: %s", cases[i].text, err_text(e));
	}
}

static void a_host_is_in_a_range_by_its_first_bits(void **unused)
{
	static const struct {
		const char *range, *host;
		bool has;
	} cases[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.0", false },
		{ "0.0.0.0/0", "255.255.255.255", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "2001:db8::/33", "2001:db8:7fff::", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::/0", "192.0.2.1", true },
		{ "192.0.2.0/24", "::ffff:192.0.2.9", true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct net_ranges r = { 0 };
		struct net_ip ip;

		assert_int_equal(net_ranges_add(&r, str_of(cases[i].range)), ERR_OK);
		assert_int_equal(net_ip_parse(str_of(cases[i].host), &ip), ERR_OK);
		if (net_ranges_have_ip(&r, &ip) != cases[i].has)
			fail_msg("%s in %s", cases[i].host, cases[i].range);
	}
}

static void unix_peers_are_trusted_by_name_alone(void **unused)
{
	struct net_ranges r = { 0 };
	struct net_addr local, tcp;

	(void)unused;
	assert_int_equal(net_addr_parse("unix:/run/x", &local), ERR_OK);
	assert_int_equal(net_addr_parse("192.0.2.1:1", &tcp), ERR_OK);
	assert_int_equal(net_ranges_add(&r, S("::/0")), ERR_OK);
	assert_false(net_ranges_have(&r, &local));
	assert_true(net_ranges_have(&r, &tcp));
	assert_int_equal(net_ranges_add(&r, S("unix")), ERR_OK);
	assert_true(net_ranges_have(&r, &local));
}

static void the_number_of_ranges_has_a_limit(void **unused)
{
	struct net_ranges r = { 0 };

	(void)unused;
	for (size_t i = 0; i < NET_MAX_RANGES; i++)
		assert_int_equal(net_ranges_add(&r, S("192.0.2.1")), ERR_OK);
	assert_int_equal(net_ranges_add(&r, S("192.0.2.1")), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_read_strictly),
		cmocka_unit_test(a_host_is_in_a_range_by_its_first_bits),
		cmocka_unit_test(unix_peers_are_trusted_by_name_alone),
		cmocka_unit_test(the_number_of_ranges_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
