/* Devices that hammer are turned away for a while: by a clock that is told the time, and over a real connection. */
#include "fixture.h"

#include <gateway/activesync/throttle.h>
#include <tests/support/hex.h>

struct asked {
	struct eas_throttle *t;
	struct eas_throttle_request rq;
	unsigned retry_s, n;
	bool begins;
};

static struct asked asked_new(const struct eas_throttle_limits *limits)
{
	return (struct asked){ .t = eas_throttle_new(limits),
			       .rq = { .account = 1,
				       .device_id = S("phone"),
				       .user_agent = S("agent/1"),
				       .query = S("Cmd=Sync"),
				       .now_ms = 1000 } };
}

static const char *ask(struct asked *a)
{
	return eas_throttle_ask(a->t, &a->rq, &a->retry_s, &a->begins);
}

/* n times; the last one decides. Each request is another one. */
static const char *ask_n(struct asked *a, unsigned n)
{
	const char *reason = NULL;

	for (unsigned i = 0; i < n; i++) {
		a->n++;
		a->rq.body = str_from(&a->n, sizeof(a->n));
		reason = ask(a);
	}
	return reason;
}

static void without_bounds_nobody_is_turned_away(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ 0 });

	(void)unused;
	assert_null(ask_n(&a, 100000));
	for (int i = 0; i < 1000; i++)
		assert_null(ask(&a));
	eas_throttle_free(&a.t);
}

static void as_many_commands_as_are_allowed_and_one_more(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ .commands = 10, .block_s = 30 });

	(void)unused;
	assert_null(ask_n(&a, 10));
	assert_string_equal(ask_n(&a, 1), "CommandFrequency");
	assert_true(a.begins);
	assert_int_equal(a.retry_s, 30);
	a.rq.now_ms += 29001;
	assert_string_equal(ask(&a), "CommandFrequency");
	assert_false(a.begins);
	assert_int_equal(a.retry_s, 1);
	a.rq.now_ms += 999;
	assert_null(ask_n(&a, 10)); /* it begins anew */
	eas_throttle_free(&a.t);
}

static void a_minute_later_the_count_begins_anew(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ .commands = 10 });

	(void)unused;
	for (int i = 0; i < 5; i++) {
		assert_null(ask_n(&a, 10));
		a.rq.now_ms += EAS_THROTTLE_WINDOW_S * 1000;
	}
	eas_throttle_free(&a.t);
}

static void one_request_over_and_over_is_told_from_others(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ .repeats = 3 });

	(void)unused;
	assert_null(ask_n(&a, 1000));
	a.rq.body = S("same");
	for (int i = 0; i < 3; i++)
		assert_null(ask(&a));
	a.rq.query = S("Cmd=Ping");
	assert_null(ask(&a));
	a.rq.query = S("Cmd=Sync");
	for (int i = 0; i < 3; i++)
		assert_null(ask(&a));
	assert_string_equal(ask(&a), "RecentCommands");
	assert_int_equal(a.retry_s, EAS_THROTTLE_BLOCK_DEFAULT_S);
	eas_throttle_free(&a.t);
}

/* MS-ASHTTP 3.2.5.1.1: two changes in a day are a phone that was updated. */
static void another_user_agent_each_time_is_told_too(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ .user_agents = 2 });

	(void)unused;
	for (int day = 0; day < 3; day++) {
		for (int i = 0; i < 2; i++) {
			a.rq.user_agent = i ? S("agent/2") : S("agent/3");
			assert_null(ask(&a));
			assert_null(ask(&a));
		}
		a.rq.now_ms += EAS_THROTTLE_AGENT_S * INT64_C(1000);
	}
	a.rq.user_agent = S("agent/4");
	assert_null(ask(&a));
	a.rq.user_agent = S("agent/5");
	assert_null(ask(&a));
	a.rq.user_agent = S("agent/6");
	assert_string_equal(ask(&a), "UserAgentChanges");
	eas_throttle_free(&a.t);
}

static void others_are_served_on(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ .commands = 1 });

	(void)unused;
	assert_non_null(ask_n(&a, 2));
	a.rq.device_id = S("another");
	assert_null(ask_n(&a, 1));
	a.rq.device_id = S("phone");
	a.rq.account = 2; /* the same phone in another account */
	assert_null(ask_n(&a, 1));
	eas_throttle_free(&a.t);
}

static void only_so_many_devices_are_remembered(void **unused)
{
	struct asked a = asked_new(&(struct eas_throttle_limits){ .commands = 1 });

	(void)unused;
	for (a.rq.account = 1; a.rq.account <= EAS_THROTTLE_MAX_DEVICES; a.rq.account++)
		assert_null(ask(&a));
	assert_null(ask(&a)); /* one more is served, and not counted */
	assert_null(ask(&a));
	a.rq.account = 1;
	assert_non_null(ask(&a));
	a.rq.now_ms += (EAS_THROTTLE_WINDOW_S + 1) * 1000;
	a.rq.account = EAS_THROTTLE_MAX_DEVICES + 2; /* the quiet ones are forgotten for it */
	assert_null(ask(&a));
	assert_non_null(ask(&a));
	eas_throttle_free(&a.t);
}

/* MS-ASHTTP_R9052, R287: in every version an HTTP 503 that says when to come again, and nothing is done. */
static void a_device_that_hammers_gets_503_with_the_reason(void **unused)
{
	CLEANUP(fixture_stop) struct fixture f = { .config = { .throttle = { .repeats = 2, .block_s = 60 } } };
	struct eas_reply r;

	(void)unused;
	fixture_start(&f);
	for (enum eas_version v = EAS_2_5; v < EAS_VERSION_MAX_; v++) {
		f.phone.version = eas_version_text(v).p;
		for (int i = 0; i < 2; i++)
			assert_int_equal(fixture_foldersync(&f, "0").status, 200);
		r = fixture_foldersync(&f, "0");
		assert_int_equal(r.status, 503);
		assert_true(str_eq(eas_reply_header(&r, "X-MS-ASThrottle"), S("RecentCommands")));
		assert_true(str_eq(eas_reply_header(&r, "Retry-After"), S("60")));
		assert_int_equal(r.body.n, 0);
		f.phone.device_id = "another";
		assert_int_equal(fixture_foldersync(&f, "0").status, 200);
		f.phone.device_id = "ApplDNQXTESTFFG5";
		server_advance(&f.server, 60000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_bounds_nobody_is_turned_away),
		cmocka_unit_test(as_many_commands_as_are_allowed_and_one_more),
		cmocka_unit_test(a_minute_later_the_count_begins_anew),
		cmocka_unit_test(one_request_over_and_over_is_told_from_others),
		cmocka_unit_test(another_user_agent_each_time_is_told_too),
		cmocka_unit_test(others_are_served_on),
		cmocka_unit_test(only_so_many_devices_are_remembered),
		cmocka_unit_test(a_device_that_hammers_gets_503_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
