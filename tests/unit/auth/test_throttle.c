/* Who has to wait, and who never. */
#include <gateway/auth/throttle.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct clock_fake now;
static struct auth_throttle *t;

#define ANN S("ann@example.test")
#define HOME S("192.0.2.1")

static int setup(void **unused)
{
	(void)unused;
	clock_fake_init(&now, 1700000000000);
	clock_fake_advance(&now, 1);
	t = auth_throttle_new(&now.clock);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	auth_throttle_free(&t);
	return 0;
}

static void fail_n(struct str account, struct str peer, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		auth_throttle_note(t, account, peer, STR_EMPTY, false);
}

static void the_first_mistakes_are_free_and_then_the_wait_doubles(void **unused)
{
	static const int64_t waits[] = { 0, 0, 0, 0, 1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000, 15000 };

	(void)unused;
	for (size_t i = 0; i < countof(waits); i++) {
		assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), waits[i]);
		auth_throttle_note(t, ANN, HOME, STR_EMPTY, false);
	}
}

static void time_that_has_gone_by_counts(void **unused)
{
	(void)unused;
	fail_n(ANN, HOME, THROTTLE_FREE_PAIR + 3);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 8000);
	clock_fake_advance(&now, 7999);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 1);
	clock_fake_advance(&now, 1);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 0);
}

static void failures_are_forgotten_one_by_one(void **unused)
{
	(void)unused;
	fail_n(ANN, HOME, 1000);
	clock_fake_advance(&now, THROTTLE_FORGET_MS * (THROTTLE_FREE_PAIR + THROTTLE_MAX_OVER));
	fail_n(ANN, HOME, THROTTLE_FREE_PAIR - 1);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 0);
	fail_n(ANN, HOME, 1);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 1000);
}

static void a_login_forgives_its_own_network(void **unused)
{
	(void)unused;
	fail_n(ANN, HOME, 10);
	auth_throttle_note(t, ANN, HOME, STR_EMPTY, true);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 0);
}

static void strangers_never_slow_whom_the_account_knows(void **unused)
{
	(void)unused;
	auth_throttle_note(t, ANN, HOME, STR_EMPTY, true);
	for (unsigned i = 0; i < 200; i++) {
		char peer[] = "198.51.100.000";

		peer[11] = (char)('0' + i / 100 % 10);
		peer[12] = (char)('0' + i / 10 % 10);
		peer[13] = (char)('0' + i % 10);
		fail_n(ANN, str_of(peer), 10);
	}
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 0);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, S("203.0.113.7"), STR_EMPTY),
			 THROTTLE_MAX_MS); /* nobody has come from there */
	assert_int_equal(auth_throttle_wait_ms(t, S("bob@example.test"), S("203.0.113.7"), STR_EMPTY), 0);
}

static void one_network_that_tries_many_accounts_is_slowed_for_those_it_does_not_know(void **unused)
{
	(void)unused;
	auth_throttle_note(t, ANN, HOME, STR_EMPTY, true);
	for (unsigned i = 0; i < THROTTLE_FREE_NETWORK + 20; i++) {
		struct buf account = BUF_INIT(64);

		buf_fmt(&account, "user%u@example.test", i);
		fail_n(buf_view(&account), HOME, 1);
		buf_release(&account);
	}
	assert_int_equal(auth_throttle_wait_ms(t, S("bob@example.test"), HOME, STR_EMPTY), THROTTLE_MAX_MS);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 0);
}

static void a_network_is_known_for_two_weeks(void **unused)
{
	(void)unused;
	auth_throttle_note(t, ANN, HOME, STR_EMPTY, true);
	clock_fake_advance(&now, THROTTLE_KNOWN_MS - 1);
	fail_n(ANN, S("198.51.100.1"), 100);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY), 0);
	clock_fake_advance(&now, 1);
	assert_true(auth_throttle_wait_ms(t, ANN, HOME, STR_EMPTY) > 0);
}

static void a_phone_is_known_wherever_it_is(void **unused)
{
	const struct str phone = S("PHONE1"), road = S("203.0.113.7");

	(void)unused;
	auth_throttle_note(t, ANN, HOME, phone, true);
	fail_n(ANN, S("198.51.100.1"), 100);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, road, phone), 0);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, road, STR_EMPTY), THROTTLE_MAX_MS);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, road, S("PHONE2")), THROTTLE_MAX_MS);
}

static void who_fails_by_a_phones_name_is_not_it(void **unused)
{
	const struct str phone = S("PHONE1"), road = S("203.0.113.7");

	(void)unused;
	auth_throttle_note(t, ANN, HOME, phone, true);
	fail_n(ANN, S("198.51.100.1"), 100);
	for (unsigned i = 0; i < THROTTLE_FREE_PAIR; i++)
		auth_throttle_note(t, ANN, S("198.51.100.2"), phone, false);
	assert_true(auth_throttle_wait_ms(t, ANN, road, phone) > 0);
	auth_throttle_note(t, ANN, HOME, phone, true); /* the phone itself, from where it is known */
	assert_int_equal(auth_throttle_wait_ms(t, ANN, road, phone), 0);
}

static void an_IPv6_network_is_a_64(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 16; i++) {
		char peer[] = "2001:db8::0";

		peer[10] = "0123456789abcdef"[i];
		fail_n(ANN, str_of(peer), 1);
	}
	assert_true(auth_throttle_wait_ms(t, ANN, S("2001:db8::ffff"), STR_EMPTY) > 0);
	assert_int_equal(auth_throttle_wait_ms(t, ANN, S("2001:db8:0:1::1"), STR_EMPTY), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_first_mistakes_are_free_and_then_the_wait_doubles),
		TEST(time_that_has_gone_by_counts),
		TEST(failures_are_forgotten_one_by_one),
		TEST(a_login_forgives_its_own_network),
		TEST(strangers_never_slow_whom_the_account_knows),
		TEST(one_network_that_tries_many_accounts_is_slowed_for_those_it_does_not_know),
		TEST(a_network_is_known_for_two_weeks),
		TEST(a_phone_is_known_wherever_it_is),
		TEST(who_fails_by_a_phones_name_is_not_it),
		TEST(an_IPv6_network_is_a_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
