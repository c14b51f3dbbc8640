/* Partnerships: numbers that never come back, policy keys in two phases, "last seen" once a minute. */
#include "fixture.h"

#include <base/buf.h>
#include <store/account.h>
#include <store/device.h>

static struct arena arena = { .max = 1 << 20 };

static int64_t make_account(struct fixture *f)
{
	struct account_new a = { .address = S("ann@example.test") };
	struct store_tx *tx;
	int64_t id;

	assert_ok(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_add(tx, &a, &id));
	assert_ok(store_commit(&tx));
	return id;
}

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static void a_device_is_enrolled_once(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device a, b;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC123"), S("iPhone"), &a, &is_new));
	assert_true(is_new);
	assert_true(a.id > 0);
	assert_int_equal(a.first_seen_ms, FIXTURE_NOW_MS);
	assert_ok(device_enroll(&arena, tx, account, S("ABC123"), S("iPad"), &b, &is_new));
	assert_false(is_new);
	assert_int_equal(a.id, b.id);
	assert_true(str_eq(b.type, S("iPhone")));
}

/* sync-engine rule 13: what is kept for a device that was removed is foreign to the one that comes back. */
static void a_device_that_comes_back_has_another_number(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device a, b;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC123"), S("iPhone"), &a, &is_new));
	assert_ok(device_remove(tx, a.id));
	assert_err(device_remove(tx, a.id), ERR_NOT_FOUND);
	assert_err(device_get(&arena, tx, a.id, &b), ERR_NOT_FOUND);
	assert_ok(device_enroll(&arena, tx, account, S("ABC123"), S("iPhone"), &b, &is_new));
	assert_true(is_new);
	assert_true(b.id > a.id);
}

static void device_ids_are_checked(void **unused)
{
	static const char long_id[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX";
	static const struct {
		const char *what;
		struct str id;
		bool valid;
	} cases[] = {
		{ "empty", { "", 0 }, false },
		{ "one character", { "a", 1 }, true },
		{ "as long as may be", { long_id, DEVICE_ID_MAX }, true },
		{ "one more", { long_id, DEVICE_ID_MAX + 1 }, false },
		{ "a comma", { "a,b", 3 }, false },
		{ "a slash", { "a/b", 3 }, false },
		{ "a NUL", { "a\0b", 3 }, false },
		{ "beyond ASCII", { "\xc3\xa4", 2 }, false },
		{ "dash, underscore, dot", { "a-b_c.d", 7 }, true },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		if (device_id_valid(cases[i].id) != cases[i].valid)
			fail_msg("%s", cases[i].what);
	}
}

static void an_account_has_a_limit_of_devices(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device *list, d;
	size_t n;
	bool is_new;

	(void)unused;
	for (unsigned i = 0; i <= DEVICE_MAX_PER_ACCOUNT; i++) {
		struct buf id = BUF_INIT(32);

		buf_fmt(&id, "D%u", i);
		assert_err(device_enroll(&arena, tx, account, buf_view(&id), S("t"), &d, &is_new),
			   i < DEVICE_MAX_PER_ACCOUNT ? ERR_OK : ERR_LIMIT);
		buf_release(&id);
	}
	assert_ok(device_list(&arena, tx, account, &list, &n));
	assert_int_equal(n, DEVICE_MAX_PER_ACCOUNT);
	/* Those who are in are not shut out. */
	assert_ok(device_enroll(&arena, tx, account, S("D0"), S("t"), &d, &is_new));
}

static void enrolling_needs_an_account(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device d;
	bool is_new;

	(void)unused;
	assert_err(device_enroll(&arena, tx, 42, S("ABC"), S("t"), &d, &is_new), ERR_NOT_FOUND);
}

static void what_a_device_tells_is_kept_field_by_field(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device_info first = { .model = S("iPhone15,2"), .os = S("iOS 17"), .user_agent = S("Apple/1") };
	struct device_info second = { .os = S("iOS 18"), .user_agent = S("") };
	struct device d;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC"), S("iPhone"), &d, &is_new));
	assert_ok(device_set_info(tx, d.id, &first));
	assert_ok(device_set_info(tx, d.id, &second));
	assert_ok(device_set_protocol(tx, d.id, 161));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_true(str_eq(d.info.model, S("iPhone15,2")));
	assert_true(str_eq(d.info.os, S("iOS 18")));
	assert_int_equal(d.info.user_agent.n, 0);
	assert_int_equal(d.protocol, 161);
	assert_err(device_set_info(tx, d.id, &(struct device_info){ .os = S("\xff") }), ERR_INVALID);
}

static void long_texts_are_cut_at_a_character(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	char text[DEVICE_TEXT_MAX + 1];
	struct device d;
	bool is_new;

	(void)unused;
	memset(text, 'a', sizeof(text));
	text[DEVICE_TEXT_MAX - 1] = '\xc3';
	text[DEVICE_TEXT_MAX] = '\xa4';
	assert_ok(device_enroll(&arena, tx, account, S("ABC"), S("iPhone"), &d, &is_new));
	assert_ok(device_set_info(tx, d.id, &(struct device_info){ .model = str_from(text, sizeof(text)) }));
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.info.model.n, DEVICE_TEXT_MAX - 1);
}

/* MS-ASPROV: the temporary key of phase one is exchanged for the permanent one in phase two. */
static void policy_keys_go_through_two_phases(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	uint32_t temporary, permanent, again, other;
	struct device d;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC"), S("iPhone"), &d, &is_new));
	assert_int_equal(d.policy_key, 0);
	assert_err(device_policy_acknowledge(tx, d.id, 0, &permanent), ERR_STALE);
	assert_ok(device_policy_offer(tx, d.id, &temporary));
	assert_err(device_policy_acknowledge(tx, d.id, temporary + 1, &permanent), ERR_STALE);
	assert_ok(device_policy_acknowledge(tx, d.id, temporary, &permanent));
	assert_int_not_equal(permanent, temporary);
	assert_ok(device_policy_acknowledge(tx, d.id, temporary, &again));
	assert_int_equal(again, permanent);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.policy_key, permanent);
	assert_int_equal(d.policy_acknowledged_ms, FIXTURE_NOW_MS);
	/* The permanent key stays in force until the next phase two. */
	assert_ok(device_policy_offer(tx, d.id, &other));
	assert_err(device_policy_acknowledge(tx, d.id, temporary, &again), ERR_STALE);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.policy_key, permanent);
	assert_ok(device_policy_reset(tx, d.id));
	assert_err(device_policy_acknowledge(tx, d.id, other, &again), ERR_STALE);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.policy_key, 0);
}

static void last_seen_is_written_once_a_minute(void **unused)
{
	static const struct sql_def last_seen = { "test_last_seen", "SELECT last_seen_ms FROM device" };
	FIXTURE(f);
	int64_t account = make_account(&f);
	struct store_tx *tx = begin(&f);
	struct device d;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC"), S("iPhone"), &d, &is_new));
	assert_ok(store_commit(&tx));
	clock_fake_advance(&f.clock, 1000);
	assert_ok(device_seen(f.store, d.id));
	assert_int_equal(fixture_number(&f, STORE_DIRECTORY, &last_seen), FIXTURE_NOW_MS + 1000);
	uint64_t flushes = store_flushes(f.store);
	clock_fake_advance(&f.clock, DEVICE_SEEN_S * 1000 - 1);
	assert_ok(device_seen(f.store, d.id));
	assert_int_equal(store_flushes(f.store), flushes);
	clock_fake_advance(&f.clock, 1);
	assert_ok(device_seen(f.store, d.id));
	assert_int_equal(fixture_number(&f, STORE_DIRECTORY, &last_seen), FIXTURE_NOW_MS + 1000 + DEVICE_SEEN_S * 1000);
	assert_ok(device_seen(f.store, d.id + 1));
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
		cmocka_unit_test(a_device_is_enrolled_once),
		cmocka_unit_test(a_device_that_comes_back_has_another_number),
		cmocka_unit_test(device_ids_are_checked),
		cmocka_unit_test(an_account_has_a_limit_of_devices),
		cmocka_unit_test(enrolling_needs_an_account),
		cmocka_unit_test(what_a_device_tells_is_kept_field_by_field),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(policy_keys_go_through_two_phases),
		cmocka_unit_test(last_seen_is_written_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, release_arena);
}
