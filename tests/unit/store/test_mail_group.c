/* Groups of the address book: whose address is whose, groups in groups, and who is in one in the end. */
#include "fixture.h"

#include <base/buf.h>
#include <store/mail_group.h>

#include <stdio.h>

static struct arena arena = { .max = 16 << 20 };

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static int64_t make_account(struct store_tx *tx, const char *address)
{
	int64_t id;

	assert_ok(account_add(tx, &(struct account_new){ .address = str_of(address) }, &id));
	return id;
}

static int64_t make_group(struct store_tx *tx, const char *address)
{
	int64_t id;

	assert_ok(mail_group_add(tx, str_of(address), S(""), &id));
	return id;
}

static void put_list(struct buf *b, const struct group_member *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, "%s" STR_FMT, i ? " " : "", STR_ARG(list[i].address));
}

static void assert_people(struct store_tx *tx, int64_t id, const char *expected)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	struct group_member *list;
	size_t n;

	assert_ok(mail_group_people(&arena, tx, id, &list, &n));
	put_list(&b, list, n);
	buf_char(&b, '\0');
	assert_string_equal(b.p, expected);
}

static void assert_members(struct store_tx *tx, int64_t id, const char *expected)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4096);
	struct group_member *list;
	size_t n;

	assert_ok(mail_group_members(&arena, tx, id, &list, &n));
	put_list(&b, list, n);
	buf_char(&b, '\0');
	assert_string_equal(b.p, expected);
}

static void an_address_is_an_accounts_or_a_groups(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test"), id;
	struct mail_group group;
	struct account account;

	(void)unused;
	assert_ok(mail_group_add(tx, S("Staff@Example.Test"), S("All of us"), &id));
	assert_err(mail_group_add(tx, S("staff@example.test"), S(""), &id), ERR_EXISTS);
	assert_err(mail_group_add(tx, S("ANN@example.test"), S(""), &id), ERR_EXISTS);
	assert_err(account_address_add(tx, ann, S("staff@EXAMPLE.test")), ERR_EXISTS);
	assert_err(account_add(tx, &(struct account_new){ .address = S("staff@example.test") }, &id), ERR_EXISTS);
	assert_err(mail_group_add(tx, S("staff@elsewhere.test"), S(""), &id), ERR_DENIED);
	assert_err(mail_group_add(tx, S("staff"), S(""), &id), ERR_INVALID);
	assert_err(mail_group_add(tx, S("two@example.test"), S("two\nlines"), &id), ERR_INVALID);
	assert_ok(mail_group_find(&arena, tx, S("staff@example.test"), &group));
	assert_true(str_eq(group.address, S("Staff@Example.Test")) && str_eq(group.name, S("All of us")));
	assert_int_equal(group.senders, GROUP_SENDERS_ACCOUNTS);
	assert_err(account_find(&arena, tx, S("staff@example.test"), &account), ERR_NOT_FOUND);
	assert_err(mail_group_find(&arena, tx, S("ann@example.test"), &group), ERR_NOT_FOUND);
}

static void who_is_in_two_ways_is_one_of_its_people_once(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t all = 0, sales, ann = make_account(tx, "ann@example.test"), bob = make_account(tx, "bob@example.test");
	bool in, out;

	(void)unused;
	assert_ok(account_address_add(tx, ann, S("annie@example.test")));
	all = make_group(tx, "all@example.test");
	sales = make_group(tx, "sales@example.test");
	assert_ok(mail_group_member_add(tx, all, S("annie@example.test")));
	assert_ok(mail_group_member_add(tx, all, S("ann@example.test")));
	assert_ok(mail_group_member_add(tx, all, S("SALES@example.test")));
	assert_ok(mail_group_member_add(tx, sales, S("ann@example.test")));
	assert_ok(mail_group_member_add(tx, sales, S("bob@example.test")));
	assert_ok(mail_group_reaches_out(tx, all, &out));
	assert_false(out);
	assert_ok(mail_group_member_add(tx, sales, S("Zoe@Elsewhere.test")));
	assert_ok(mail_group_member_add(tx, all, S("zoe@elsewhere.TEST")));
	assert_members(tx, all, "sales@example.test ann@example.test zoe@elsewhere.TEST");
	assert_people(tx, all, "Zoe@Elsewhere.test ann@example.test bob@example.test");
	assert_ok(mail_group_has(tx, all, bob, &in));
	assert_ok(mail_group_reaches_out(tx, all, &out));
	assert_true(in && out);
	assert_ok(mail_group_member_remove(tx, sales, S("bob@example.test")));
	assert_err(mail_group_member_remove(tx, sales, S("bob@example.test")), ERR_NOT_FOUND);
	assert_ok(mail_group_has(tx, all, bob, &in));
	assert_false(in);
	assert_ok(mail_group_member_remove(tx, all, S("sales@example.test")));
	assert_people(tx, all, "ann@example.test zoe@elsewhere.TEST");
}

static void groups_make_no_circle(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t a, b, c;

	(void)unused;
	make_account(tx, "ann@example.test");
	a = make_group(tx, "a@example.test");
	b = make_group(tx, "b@example.test");
	c = make_group(tx, "c@example.test");
	assert_ok(mail_group_member_add(tx, a, S("b@example.test")));
	assert_ok(mail_group_member_add(tx, b, S("c@example.test")));
	assert_ok(mail_group_member_add(tx, a, S("c@example.test")));
	assert_err(mail_group_member_add(tx, c, S("a@example.test")), ERR_DENIED);
	assert_err(mail_group_member_add(tx, c, S("c@example.test")), ERR_DENIED);
	assert_err(mail_group_member_add(tx, b, S("a@example.test")), ERR_DENIED);
	assert_ok(mail_group_member_add(tx, c, S("ann@example.test")));
	assert_people(tx, a, "ann@example.test");
}

/* What a damaged directory could hold. */
static void a_circle_that_is_there_all_the_same_ends(void **unused)
{
	static const struct sql_def circle = { "circle", "UPDATE mail_group_member SET target = 1 WHERE kind = 2"
							 " AND group_id = 2 RETURNING target" };
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	int64_t a;
	bool in;

	(void)unused;
	make_account(tx, "ann@example.test");
	a = make_group(tx, "a@example.test");
	make_group(tx, "b@example.test");
	make_group(tx, "c@example.test");
	assert_ok(mail_group_member_add(tx, 1, S("b@example.test")));
	assert_ok(mail_group_member_add(tx, 2, S("c@example.test")));
	assert_ok(mail_group_member_add(tx, 2, S("ann@example.test")));
	assert_ok(sql_use(store_tx_db(tx), &circle, &st));
	assert_ok(sql_one(st));
	sql_done(&st);
	assert_people(tx, a, "ann@example.test");
	assert_ok(mail_group_has(tx, a, 4711, &in));
	assert_false(in);
}

static void groups_are_so_deep_and_no_deeper(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t group[GROUP_DEPTH_MAX + 1];

	(void)unused;
	make_account(tx, "ann@example.test");
	for (int i = 0; i <= GROUP_DEPTH_MAX; i++) {
		char address[64];

		snprintf(address, sizeof(address), "g%d@example.test", i);
		group[i] = make_group(tx, address);
	}
	assert_ok(mail_group_member_add(tx, group[GROUP_DEPTH_MAX - 1], S("ann@example.test")));
	for (int i = 1; i < GROUP_DEPTH_MAX; i++) {
		char address[64];

		snprintf(address, sizeof(address), "g%d@example.test", i);
		assert_ok(mail_group_member_add(tx, group[i - 1], str_of(address)));
	}
	assert_people(tx, group[0], "ann@example.test");
	assert_err(mail_group_member_add(tx, group[GROUP_DEPTH_MAX - 1], S("g8@example.test")), ERR_LIMIT);
	assert_err(mail_group_member_add(tx, group[GROUP_DEPTH_MAX], S("g0@example.test")), ERR_LIMIT);
	assert_ok(mail_group_member_add(tx, group[GROUP_DEPTH_MAX], S("g1@example.test")));
}

static void add_people(struct store_tx *tx, int64_t id, int from, int to)
{
	for (int i = from; i < to; i++) {
		char address[64];

		snprintf(address, sizeof(address), "p%d@elsewhere.test", i);
		assert_ok(mail_group_member_add(tx, id, str_of(address)));
	}
}

static void a_group_has_so_many_people_and_no_more(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t all, half;

	(void)unused;
	make_account(tx, "ann@example.test");
	all = make_group(tx, "all@example.test");
	half = make_group(tx, "half@example.test");
	add_people(tx, all, 0, GROUP_PEOPLE_MAX - 10);
	add_people(tx, half, GROUP_PEOPLE_MAX - 20, GROUP_PEOPLE_MAX);
	assert_ok(mail_group_member_add(tx, all, S("half@example.test"))); /* ten of them are in both */
	assert_err(mail_group_member_add(tx, half, S("ann@example.test")), ERR_LIMIT);
	store_tx_end(&tx);
}

static void what_is_removed_leaves_its_groups(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	int64_t all, sales, ann = make_account(tx, "ann@example.test");
	struct mail_group *list;
	size_t n;

	(void)unused;
	make_account(tx, "bob@example.test");
	all = make_group(tx, "all@example.test");
	sales = make_group(tx, "sales@example.test");
	assert_ok(mail_group_member_add(tx, all, S("sales@example.test")));
	assert_ok(mail_group_member_add(tx, sales, S("ann@example.test")));
	assert_ok(mail_group_member_add(tx, all, S("bob@example.test")));
	assert_ok(mail_group_set_senders(tx, all, GROUP_SENDERS_ANYONE));
	assert_ok(mail_group_set_name(tx, all, S("All")));
	assert_err(mail_group_set_name(tx, 4711, S("All")), ERR_NOT_FOUND);
	assert_ok(store_commit(&tx));
	assert_ok(account_remove(f.store, ann));
	tx = begin(&f);
	assert_people(tx, all, "bob@example.test");
	assert_ok(mail_group_remove(tx, sales));
	assert_err(mail_group_remove(tx, sales), ERR_NOT_FOUND);
	assert_members(tx, all, "bob@example.test");
	assert_ok(mail_group_list(&arena, tx, 0, 10, &list, &n));
	assert_int_equal(n, 1);
	assert_true(str_eq(list[0].name, S("All")) && list[0].senders == GROUP_SENDERS_ANYONE && list[0].members == 1);
	store_tx_end(&tx);
}

static void who_gets_an_account_stays_in_his_groups(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test"), all = make_group(tx, "all@example.test"), bob;
	bool in, out;

	(void)unused;
	assert_ok(mail_group_member_add(tx, all, S("Bob@example.test")));
	assert_ok(mail_group_member_add(tx, all, S("annie@example.test")));
	assert_ok(mail_group_member_add(tx, all, S("ann@example.test")));
	bob = make_account(tx, "bob@Example.Test");
	assert_ok(account_address_add(tx, ann, S("Annie@example.test")));
	assert_members(tx, all, "ann@example.test bob@Example.Test");
	assert_ok(mail_group_has(tx, all, bob, &in));
	assert_ok(mail_group_reaches_out(tx, all, &out));
	assert_true(in && !out);
}

/* Else it would be deeper than groups are, and in itself, and nobody would see to it. */
static void who_becomes_a_group_is_that_group_in_his_groups(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t group[GROUP_DEPTH_MAX], id;
	bool out;

	(void)unused;
	make_account(tx, "ann@example.test");
	for (int i = 0; i < GROUP_DEPTH_MAX; i++) {
		char address[64];

		snprintf(address, sizeof(address), "G%d@example.test", i);
		group[i] = make_group(tx, address);
		snprintf(address, sizeof(address), "g%d@example.test", i + 1);
		assert_ok(mail_group_member_add(tx, group[i], str_of(address)));
	}
	assert_err(mail_group_member_add(tx, group[1], S("g0@example.test")), ERR_DENIED);
	assert_members(tx, group[0], "G1@example.test");
	assert_ok(mail_group_reaches_out(tx, group[0], &out));
	assert_true(out);
	assert_people(tx, group[0], "g8@example.test");
	assert_err(mail_group_add(tx, S("g8@example.test"), S(""), &id), ERR_LIMIT);
}

static void an_account_says_that_it_is_a_room(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct account account;
	int64_t id;

	(void)unused;
	assert_ok(
		account_add(tx, &(struct account_new){ .address = S("blue@example.test"), .kind = ACCOUNT_ROOM }, &id));
	assert_ok(account_get(&arena, tx, id, &account));
	assert_int_equal(account.kind, ACCOUNT_ROOM);
	assert_ok(account_get(&arena, tx, make_account(tx, "ann@example.test"), &account));
	assert_int_equal(account.kind, ACCOUNT_PERSON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_an_accounts_or_a_groups),
		cmocka_unit_test(who_is_in_two_ways_is_one_of_its_people_once),
		cmocka_unit_test(groups_make_no_circle),
		cmocka_unit_test(a_circle_that_is_there_all_the_same_ends),
		cmocka_unit_test(groups_are_so_deep_and_no_deeper),
		cmocka_unit_test(a_group_has_so_many_people_and_no_more),
		cmocka_unit_test(what_is_removed_leaves_its_groups),
		cmocka_unit_test(who_gets_an_account_stays_in_his_groups),
		cmocka_unit_test(who_becomes_a_group_is_that_group_in_his_groups),
		cmocka_unit_test(an_account_says_that_it_is_a_room),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_release(&arena);
	return failed;
}
