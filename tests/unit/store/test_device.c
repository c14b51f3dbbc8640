/* Partnerships: numbers that never come back, policy keys in two phases, "last seen" once a minute. */
#include "fixture.h"

#include <base/buf.h>
#include <store/access.h>
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

static void mark_synced(struct store_tx *tx)
{
	static const struct sql_def synced = { "test_synced", "UPDATE device SET last_sync_ms = 1" };
	struct sql_stmt *st;

	assert_ok(sql_use(store_tx_db(tx), &synced, &st));
	assert_ok(sql_run(st));
}

static enum err enroll_numbered(struct store_tx *tx, int64_t account, unsigned i)
{
	CLEANUP(buf_release) struct buf id = BUF_INIT(32);
	struct device d;
	bool is_new;

	buf_fmt(&id, "D%u", i);
	return device_enroll(&arena, tx, account, buf_view(&id), S("t"), &d, &is_new);
}

/* A client that comes with a new id at each retry pushes out its own, and fills nothing. */
static void an_account_has_a_limit_of_devices(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device *list, d;
	size_t n;
	bool is_new;

	(void)unused;
	for (unsigned i = 0; i < DEVICE_MAX_PER_ACCOUNT; i++)
		assert_ok(enroll_numbered(tx, account, i));
	assert_ok(enroll_numbered(tx, account, DEVICE_MAX_PER_ACCOUNT));
	assert_ok(device_list(&arena, tx, account, &list, &n));
	assert_int_equal(n, DEVICE_MAX_PER_ACCOUNT);
	assert_err(device_find(&arena, tx, account, S("D0"), &d), ERR_NOT_FOUND);
	mark_synced(tx);
	assert_err(enroll_numbered(tx, account, 0), ERR_LIMIT);
	/* Those who are in are not shut out. */
	assert_ok(device_enroll(&arena, tx, account, S("D1"), S("t"), &d, &is_new));
	assert_false(is_new);
}

static void devices_that_are_gone_are_reaped(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct device wiped;
	unsigned n;

	(void)unused;
	for (unsigned i = 0; i < 5; i++)
		assert_ok(enroll_numbered(tx, account, i));
	assert_ok(device_find(&arena, tx, account, S("D4"), &wiped));
	assert_ok(device_wipe_request(tx, wiped.id, DEVICE_WIPE_FULL, false));
	assert_ok(device_reap(tx, FIXTURE_NOW_MS, true, 10, &n)); /* seen just now */
	assert_int_equal(n, 0);
	assert_ok(device_reap(tx, FIXTURE_NOW_MS + 1, true, 3, &n));
	assert_int_equal(n, 3);
	mark_synced(tx);
	assert_ok(device_reap(tx, FIXTURE_NOW_MS + 1, true, 10, &n));
	assert_int_equal(n, 0);
	assert_ok(device_reap(tx, FIXTURE_NOW_MS + 1, false, 10, &n));
	assert_int_equal(n, 1);
	assert_ok(device_get(&arena, tx, wiped.id, &wiped)); /* it still has to hear of its wipe */
}

static enum err collect(void *ctx, struct str address, const struct device *d)
{
	buf_fmt(ctx, STR_FMT "=" STR_FMT " ", STR_ARG(address), STR_ARG(d->device_id));
	return ERR_OK;
}

static void every_device_is_told_with_its_account(void **unused)
{
	FIXTURE(f);
	int64_t ann = make_account(&f), bob;
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	CLEANUP(buf_release) struct buf got = BUF_INIT(1024);
	struct arena row = ARENA_INIT(1 << 16);

	(void)unused;
	assert_ok(account_add(tx, &(struct account_new){ .address = S("Bob@example.test") }, &bob));
	assert_ok(enroll_numbered(tx, bob, 1));
	assert_ok(enroll_numbered(tx, ann, 2));
	assert_ok(enroll_numbered(tx, ann, 3));
	assert_ok(device_each(&row, tx, 0, collect, &got));
	assert_true(str_eq(buf_view(&got), S("ann@example.test=D2 ann@example.test=D3 Bob@example.test=D1 ")));
	buf_clear(&got);
	assert_ok(device_each(&row, tx, bob, collect, &got));
	assert_true(str_eq(buf_view(&got), S("Bob@example.test=D1 ")));
	arena_release(&row);
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

static void tell_texts(struct store_tx *tx, const struct device *d, enum device_texts texts)
{
	assert_ok(device_set_info(tx, d->id, &(struct device_info){ .texts = texts }));
}

/* MS-ASMS 2.2.2.2.2 */
static void the_latest_to_say_so_sends_text_messages(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	static const struct str ids[] = { STR_INIT("A"), STR_INIT("B"), STR_INIT("C") };
	const enum device_texts sent = DEVICE_TEXTS_SENT, not_sent = DEVICE_TEXTS_NOT_SENT;
	struct device d[3], *list;
	bool is_new;
	size_t n;

#define SENDER() (assert_ok(device_list(&arena, tx, account, &list, &n)), device_text_sender(list, n))
	(void)unused;
	for (size_t i = 0; i < countof(d); i++) {
		assert_ok(device_enroll(&arena, tx, account, ids[i], S("t"), &d[i], &is_new));
		assert_ok(device_set_protocol(tx, d[i].id, i == 2 ? DEVICE_TEXTS_FROM - 1 : DEVICE_TEXTS_FROM));
	}
	assert_null(SENDER());
	tell_texts(tx, &d[0], sent);
	assert_int_equal(SENDER()->id, d[0].id);
	tell_texts(tx, &d[1], sent);
	tell_texts(tx, &d[2], sent); /* of a protocol that has none */
	tell_texts(tx, &d[0], DEVICE_TEXTS_UNSAID);
	assert_int_equal(SENDER()->id, d[1].id);
	tell_texts(tx, &d[1], not_sent);
	assert_int_equal(SENDER()->id, d[0].id);
	tell_texts(tx, &d[1], sent);
	assert_ok(device_set_access(tx, d[1].id, ACCESS_QUARANTINE, S("")));
	assert_int_equal(SENDER()->id, d[0].id);
	assert_ok(device_set_access(tx, d[1].id, ACCESS_ALLOW, S("")));
	assert_int_equal(SENDER()->id, d[1].id);
	assert_ok(device_wipe_request(tx, d[1].id, DEVICE_WIPE_FULL, false));
	assert_int_equal(SENDER()->id, d[0].id);
	assert_ok(device_remove(tx, d[0].id));
	assert_null(SENDER());
#undef SENDER
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
	const struct device_policy given = { .name = S("strict"), .protocol = 161, .document = 4711 };
	uint32_t temporary, permanent, again, other;
	struct device d;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC"), S("iPhone"), &d, &is_new));
	assert_int_equal(d.policy_key, 0);
	assert_err(device_policy_acknowledge(tx, d.id, 0, DEVICE_POLICY_ACCEPTED, &permanent), ERR_STALE);
	assert_ok(device_policy_offer(tx, d.id, &given, &temporary));
	assert_err(device_policy_acknowledge(tx, d.id, temporary + 1, DEVICE_POLICY_ACCEPTED, &permanent), ERR_STALE);
	assert_ok(device_policy_acknowledge(tx, d.id, temporary, DEVICE_POLICY_ACCEPTED, &permanent));
	assert_int_not_equal(permanent, temporary);
	assert_ok(device_policy_acknowledge(tx, d.id, temporary, DEVICE_POLICY_ACCEPTED, &again));
	assert_int_equal(again, permanent);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.policy_key, permanent);
	assert_int_equal(d.policy_acknowledged_ms, FIXTURE_NOW_MS);
	assert_true(str_eq(d.policy.name, S("strict")));
	assert_int_equal(d.policy.document, 4711);
	assert_int_equal(d.policy.protocol, 161);
	assert_int_equal(d.policy_status, DEVICE_POLICY_ACCEPTED);
	/* The permanent key stays in force until the next phase two. */
	assert_ok(device_policy_offer(tx, d.id, &given, &other));
	assert_err(device_policy_acknowledge(tx, d.id, temporary, DEVICE_POLICY_ACCEPTED, &again), ERR_STALE);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.policy_key, permanent);
	assert_ok(device_policy_reset(tx, d.id));
	assert_err(device_policy_acknowledge(tx, d.id, other, DEVICE_POLICY_ACCEPTED, &again), ERR_STALE);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_int_equal(d.policy_key, 0);
}

static void what_a_device_did_is_kept_where_it_is_new(void **unused)
{
	FIXTURE(f);
	int64_t account = make_account(&f);
	struct store_tx *tx = begin(&f);
	struct device d;
	bool is_new;

	(void)unused;
	assert_ok(device_enroll(&arena, tx, account, S("ABC"), S("iPhone"), &d, &is_new));
	assert_ok(store_commit(&tx));
	clock_fake_advance(&f.clock, 1000);
	assert_ok(device_set_activity(f.store, d.id,
				      &(struct device_activity){ .last_sync_ms = 7,
								 .last_command = S("Sync"),
								 .last_command_ms = 7,
								 .error_command = S("Ping"),
								 .error_status = 8,
								 .error_ms = 6 }));
	assert_ok(device_set_activity(f.store, d.id,
				      &(struct device_activity){ .last_command = S("Ping"), .last_command_ms = 9 }));
	assert_ok(device_set_activity(f.store, d.id + 1, &(struct device_activity){ 0 }));
	tx = begin(&f);
	assert_ok(device_get(&arena, tx, d.id, &d));
	assert_ok(store_commit(&tx));
	assert_int_equal(d.last_seen_ms, FIXTURE_NOW_MS + 1000);
	assert_int_equal(d.last_sync_ms, 7);
	assert_true(str_eq(d.last_command, S("Ping")) && d.last_command_ms == 9);
	assert_true(str_eq(d.error_command, S("Ping")) && d.error_status == 8 && d.error_ms == 6);
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
		cmocka_unit_test(the_latest_to_say_so_sends_text_messages),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(policy_keys_go_through_two_phases),
		cmocka_unit_test(what_a_device_did_is_kept_where_it_is_new),
		cmocka_unit_test(devices_that_are_gone_are_reaped),
		cmocka_unit_test(every_device_is_told_with_its_account),
	};

	return cmocka_run_group_tests(tests, NULL, release_arena);
}
