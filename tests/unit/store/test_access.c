/* Who may sync: precedence, patterns, lists; and remote wipe as rows. */
#include "fixture.h"

#include <store/access.h>
#include <store/account.h>
#include <store/device.h>

static struct arena arena = { .max = 1 << 20 };

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static int64_t make_account(struct store_tx *tx)
{
	int64_t id;

	assert_ok(account_add(tx, &(struct account_new){ .address = S("ann@example.test") }, &id));
	return id;
}

static int64_t add_rule(struct store_tx *tx, enum access_level level, enum access_characteristic c, bool pattern,
			const char *query)
{
	const struct access_rule rule = {
		.level = level, .characteristic = c, .pattern = pattern, .query = str_of(query)
	};
	int64_t id;

	assert_ok(access_rule_add(tx, &rule, &id));
	return id;
}

static struct access_subject a_phone(void)
{
	return (struct access_subject){ .device_id = S("PHONE1"),
					.type = S("iPhone"),
					.model = S("iPhone15C2"),
					.os = S("iOS 17.1"),
					.user_agent = S("Apple-iPhone15C2/2101.56"),
					.first_seen_ms = FIXTURE_NOW_MS };
}

static struct access_decision decide(struct store_tx *tx, int64_t account, const struct access_subject *subject)
{
	struct access_decision d;

	assert_ok(access_decide(&arena, tx, account, subject, &d));
	return d;
}

/* Step by step up the order that Exchange documents: each thing outdoes the one before. */
static void the_order_of_what_decides(void **unused)
{
	const struct access_subject phone = a_phone();
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	CLEANUP(buf_release) struct buf reason = BUF_INIT(ACCESS_REASON_MAX);
	int64_t ann = make_account(tx), rule;
	struct access_decision d;

	(void)unused;
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_ALLOW);
	assert_ok(access_setting_set(tx, ACCESS_DEFAULT_LEVEL, S("block")));
	d = decide(tx, ann, &phone);
	assert_true(d.level == ACCESS_BLOCK && d.reason == ACCESS_BY_DEFAULT);
	add_rule(tx, ACCESS_ALLOW, ACCESS_TYPE, false, "IPHONE");
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_ALLOW);
	add_rule(tx, ACCESS_QUARANTINE, ACCESS_USER_AGENT, true, "apple-iphone*");
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_QUARANTINE);
	rule = add_rule(tx, ACCESS_BLOCK, ACCESS_OS, true, "iOS 1?.*");
	d = decide(tx, ann, &phone);
	assert_true(d.level == ACCESS_BLOCK && d.reason == ACCESS_BY_RULE && d.rule.id == rule);
	access_reason_put(&reason, &d);
	assert_true(str_ends(buf_view(&reason), S("(DeviceOS is like \"iOS 1?.*\")")));
	assert_ok(access_exempt(tx, ann, S("PHONE1"), ACCESS_ALLOW));
	d = decide(tx, ann, &phone);
	assert_true(d.level == ACCESS_ALLOW && d.reason == ACCESS_BY_LIST);
	assert_ok(access_exempt(tx, ann, S("PHONE1"), ACCESS_BLOCK));
	d = decide(tx, ann, &phone);
	assert_true(d.level == ACCESS_BLOCK && d.reason == ACCESS_BY_LIST);
	assert_ok(access_exempt(tx, ann, S("PHONE1"), ACCESS_UNDECIDED));
	assert_ok(access_rule_remove(tx, rule));
	assert_err(access_rule_remove(tx, rule), ERR_NOT_FOUND);
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_QUARANTINE);
}

static void patterns_stand_for_texts(void **unused)
{
	static const struct {
		const char *query;
		bool pattern;
		const char *text;
		bool matches;
	} cases[] = {
		{ "iPhone", false, "iPhone", true },
		{ "iphone", false, "iPhone", true },
		{ "iPhone", false, "iPhone2", false },
		{ "i*", false, "iPhone", false },
		{ "i*", true, "iPhone", true },
		{ "*", true, "", true },
		{ "?", true, "", false },
		{ "*a*b", true, "xaxxab", true },
		{ "*a*b", true, "xaxxabc", false },
		{ "a*b*c", true, "abbbbbbbbbbbbbbbbc", true },
		{ "**", true, "x", true },
		{ "iP?one*", true, "iphone", true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct access_rule rule = { .characteristic = ACCESS_TYPE,
						  .pattern = cases[i].pattern,
						  .query = str_of(cases[i].query) };
		const struct access_subject subject = { .type = str_of(cases[i].text) };

		if (access_matches(&rule, &subject) != cases[i].matches)
			fail_msg("%s on \"%s\"", cases[i].query, cases[i].text);
	}
}

/* A rule asks for the model: until the phone tells it, for a while, nothing is given away. */
static void a_phone_that_has_not_told_its_model_waits(void **unused)
{
	struct access_subject phone = a_phone();
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx);

	(void)unused;
	add_rule(tx, ACCESS_BLOCK, ACCESS_MODEL, false, "Secret");
	phone.model = STR_EMPTY;
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_DISCOVERY);
	clock_fake_advance(&f.clock, ACCESS_DISCOVERY_S * 1000 - 1);
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_DISCOVERY);
	clock_fake_advance(&f.clock, 1);
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_ALLOW);
	phone.model = S("secret");
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_BLOCK);
	assert_ok(access_exempt(tx, ann, S("PHONE1"), ACCESS_ALLOW));
	phone.model = STR_EMPTY;
	assert_int_equal(decide(tx, ann, &phone).level, ACCESS_ALLOW);
}

static void rules_are_checked_and_bounded(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct access_rule rule = { .level = ACCESS_BLOCK, .characteristic = ACCESS_TYPE, .query = S("") };
	struct access_rule *rules;
	int64_t id;
	size_t n;

	(void)unused;
	assert_err(access_rule_add(tx, &rule, &id), ERR_INVALID);
	rule.query = S("a\x01");
	assert_err(access_rule_add(tx, &rule, &id), ERR_INVALID);
	for (unsigned i = 0; i <= ACCESS_RULES_MAX; i++) {
		CLEANUP(buf_release) struct buf query = BUF_INIT(32);

		buf_fmt(&query, "type %u", i);
		rule.query = buf_view(&query);
		assert_err(access_rule_add(tx, &rule, &id), i < ACCESS_RULES_MAX ? ERR_OK : ERR_LIMIT);
	}
	rule.query = S("type 0");
	rule.level = ACCESS_ALLOW;
	assert_err(access_rule_add(tx, &rule, &id), ERR_EXISTS);
	assert_ok(access_rules(&arena, tx, &rules, &n));
	assert_int_equal(n, ACCESS_RULES_MAX);
}

static void an_account_can_be_switched_off(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx);
	bool on;

	(void)unused;
	assert_ok(access_is_on(tx, ann, &on));
	assert_true(on);
	assert_ok(access_switch(tx, ann, false));
	assert_ok(access_switch(tx, ann, false));
	assert_ok(access_is_on(tx, ann, &on));
	assert_false(on);
	assert_ok(access_switch(tx, ann, true));
	assert_ok(access_is_on(tx, ann, &on));
	assert_true(on);
}

/* ---- wipe ---- */

static struct device enroll(struct store_tx *tx, int64_t account, unsigned protocol)
{
	struct device d;
	bool is_new;

	assert_ok(device_enroll(&arena, tx, account, S("PHONE1"), S("iPhone"), &d, &is_new));
	assert_ok(device_set_protocol(tx, d.id, protocol));
	assert_ok(device_get(&arena, tx, d.id, &d));
	return d;
}

static void a_wipe_goes_from_request_to_acknowledgement(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx);
	struct device d = enroll(tx, ann, 161);
	enum access_level level;

	(void)unused;
	assert_err(device_wipe_cancel(tx, d.id), ERR_NOT_FOUND);
	assert_ok(device_wipe_request(tx, d.id, DEVICE_WIPE_ACCOUNT, false));
	assert_ok(device_wipe_cancel(tx, d.id));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_false(device_wipe_pending(&d));
	assert_ok(device_wipe_request(tx, d.id, DEVICE_WIPE_FULL, false));
	clock_fake_advance(&f.clock, 1000);
	assert_ok(device_wipe_sent(tx, d.id));
	assert_err(device_wipe_cancel(tx, d.id), ERR_DENIED);
	clock_fake_advance(&f.clock, 1000);
	assert_ok(device_wipe_sent(tx, d.id));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.wipe_sent_ms, FIXTURE_NOW_MS + 1000); /* the first time counts */
	assert_ok(device_wipe_acknowledge(tx, &d, 2));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_true(device_wipe_pending(&d) && d.wipe_status == 2);
	assert_ok(device_wipe_acknowledge(tx, &d, 1));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_false(device_wipe_pending(&d));
	assert_int_equal(d.wipe_done_ms, FIXTURE_NOW_MS + 2000);
	assert_ok(access_exemption(tx, ann, S("PHONE1"), &level));
	assert_int_equal(level, ACCESS_BLOCK);
}

static void a_wipe_may_leave_the_way_back_open(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx);
	struct device d = enroll(tx, ann, 141);
	enum access_level level;

	(void)unused;
	/* 16.1 is the first that knows a wipe of the account alone. */
	assert_err(device_wipe_request(tx, d.id, DEVICE_WIPE_ACCOUNT, true), ERR_UNSUPPORTED);
	assert_ok(device_wipe_request(tx, d.id, DEVICE_WIPE_FULL, true));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_ok(device_wipe_acknowledge(tx, &d, 1));
	assert_ok(access_exemption(tx, ann, S("PHONE1"), &level));
	assert_int_equal(level, ACCESS_UNDECIDED);
}

static int release_arena(void **unused)
{
	(void)unused;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_what_decides),
		cmocka_unit_test(patterns_stand_for_texts),
		cmocka_unit_test(a_phone_that_has_not_told_its_model_waits),
		cmocka_unit_test(rules_are_checked_and_bounded),
		cmocka_unit_test(an_account_can_be_switched_off),
		cmocka_unit_test(a_wipe_goes_from_request_to_acknowledgement),
		cmocka_unit_test(a_wipe_may_leave_the_way_back_open),
	};

	return cmocka_run_group_tests(tests, NULL, release_arena);
}
