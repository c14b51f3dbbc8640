/* Policies as rows: names, values, who has which. */
#include "fixture.h"

#include <store/account.h>
#include <store/account_group.h>
#include <store/policy.h>

static struct arena arena = { .max = 1 << 20 };

static int64_t make_account(struct store_tx *tx, const char *address)
{
	int64_t id;

	assert_ok(account_add(tx, &(struct account_new){ .address = str_of(address) }, &id));
	return id;
}

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static struct policy of_account(struct store_tx *tx, int64_t account)
{
	struct policy p;

	assert_ok(policy_of_account(&arena, tx, account, &p));
	return p;
}

static void a_policy_keeps_what_differs_from_the_defaults(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct policy p;
	int64_t id;

	(void)unused;
	assert_ok(policy_create(tx, S("strict"), &id));
	assert_ok(policy_set(tx, id, POLICY_PASSWORD_ENABLED, S("1")));
	assert_ok(policy_set(tx, id, POLICY_MIN_PASSWORD, S("6")));
	assert_ok(policy_set(tx, id, POLICY_MIN_PASSWORD, S("8")));
	assert_ok(policy_set(tx, id, POLICY_CAMERA, S("0")));
	assert_ok(policy_set(tx, id, POLICY_CAMERA, S("1"))); /* the default again */
	assert_err(policy_set(tx, id, POLICY_CAMERA, S("2")), ERR_INVALID);
	assert_err(policy_set(tx, id + 1, POLICY_CAMERA, S("0")), ERR_NOT_FOUND);
	assert_ok(policy_find(&arena, tx, S("strict"), &p));
	assert_int_equal(p.id, id);
	assert_true(policy_bool(&p, POLICY_PASSWORD_ENABLED) && policy_bool(&p, POLICY_CAMERA));
	assert_int_equal(policy_number(&p, POLICY_MIN_PASSWORD, 0), 8);
	assert_true(p.is_set[POLICY_MIN_PASSWORD] && !p.is_set[POLICY_CAMERA]);
	assert_false(policy_bool(&p, POLICY_NON_PROVISIONABLE));
	assert_int_equal(policy_number(&p, POLICY_REFRESH, -7), -7);
}

static void names_are_checked_and_given_once(void **unused)
{
	static const char *const bad[] = { "", "none", "None", "a b", "-x", "a/b", "\xc3\xa4" };
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	CLEANUP(buf_release) struct buf longest = BUF_INIT(POLICY_NAME_MAX + 1);
	int64_t id;

	(void)unused;
	for (size_t i = 0; i < countof(bad); i++)
		assert_err(policy_create(tx, str_of(bad[i]), &id), ERR_INVALID);
	for (int i = 0; i < POLICY_NAME_MAX; i++)
		buf_char(&longest, 'x');
	assert_ok(policy_create(tx, buf_view(&longest), &id));
	assert_err(policy_create(tx, buf_view(&longest), &id), ERR_EXISTS);
	buf_char(&longest, 'x');
	assert_err(policy_create(tx, buf_view(&longest), &id), ERR_INVALID);
}

static void the_nearest_assignment_counts(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test"), bob = make_account(tx, "bob@example.test");
	int64_t strict, loose, sales, staff;
	struct policy_assignment *list;
	size_t n;

	(void)unused;
	assert_int_equal(of_account(tx, ann).id, 0);
	assert_ok(policy_create(tx, S("strict"), &strict));
	assert_ok(policy_create(tx, S("loose"), &loose));
	assert_ok(account_group_create(tx, S("sales")));
	assert_ok(account_group_create(tx, S("staff")));
	assert_ok(account_group_find(tx, S("sales"), &sales));
	assert_ok(account_group_find(tx, S("staff"), &staff));
	assert_ok(policy_assign(tx, POLICY_FOR_EVERYONE, 0, loose));
	assert_int_equal(of_account(tx, ann).id, loose);
	assert_ok(policy_assign(tx, POLICY_FOR_GROUP, staff, strict));
	assert_int_equal(of_account(tx, ann).id, loose);
	assert_ok(account_group_add(tx, staff, ann));
	assert_ok(account_group_add(tx, staff, ann));
	assert_int_equal(of_account(tx, ann).id, strict);
	assert_int_equal(of_account(tx, bob).id, loose);
	/* Of two groups the first by name; "none" is a policy as well. */
	assert_ok(account_group_add(tx, sales, ann));
	assert_ok(policy_assign(tx, POLICY_FOR_GROUP, sales, 0));
	assert_int_equal(of_account(tx, ann).id, 0);
	assert_ok(policy_assign(tx, POLICY_FOR_ACCOUNT, ann, loose));
	assert_int_equal(of_account(tx, ann).id, loose);
	assert_err(policy_delete(tx, loose), ERR_DENIED);
	assert_ok(policy_assignments(&arena, tx, &list, &n));
	assert_int_equal(n, 4);
	assert_true(str_eq(list[0].target, S("ann@example.test")) && str_eq(list[0].policy, S("loose")));
	assert_true(str_eq(list[1].target, S("sales")) && str_eq(list[1].policy, S("none")));
	assert_ok(policy_unassign(tx, POLICY_FOR_ACCOUNT, ann));
	assert_err(policy_unassign(tx, POLICY_FOR_ACCOUNT, ann), ERR_NOT_FOUND);
	assert_ok(account_group_delete(tx, sales));
	assert_int_equal(of_account(tx, ann).id, strict);
	assert_ok(account_group_remove(tx, staff, ann));
	assert_err(account_group_remove(tx, staff, ann), ERR_NOT_FOUND);
	assert_ok(policy_unassign(tx, POLICY_FOR_EVERYONE, 0));
	assert_ok(policy_delete(tx, loose));
	assert_int_equal(of_account(tx, ann).id, 0);
}

static void what_was_tampered_with_is_damaged_and_not_half_a_policy(void **unused)
{
	static const struct sql_def tamper = { "test_tamper", "UPDATE policy_value SET value = '99'" };
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f);
	struct sql_stmt *st;
	struct policy p;
	int64_t id;

	(void)unused;
	assert_ok(policy_create(tx, S("strict"), &id));
	assert_ok(policy_set(tx, id, POLICY_PASSWORD_ENABLED, S("1")));
	assert_ok(policy_set(tx, id, POLICY_MIN_PASSWORD, S("6")));
	assert_ok(sql_use(store_tx_db(tx), &tamper, &st));
	assert_ok(sql_run(st));
	assert_err(policy_get(&arena, tx, id, &p), ERR_CORRUPT);
	assert_int_equal(p.id, id);
	assert_true(str_eq(p.value[POLICY_PASSWORD_ENABLED], S("0")));
}

static void an_account_that_is_removed_leaves_no_assignment(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test"), strict, staff;
	struct policy_assignment *list;
	struct account_group *groups;
	size_t n;

	(void)unused;
	assert_ok(policy_create(tx, S("strict"), &strict));
	assert_ok(policy_assign(tx, POLICY_FOR_ACCOUNT, ann, strict));
	assert_ok(account_group_create(tx, S("staff")));
	assert_ok(account_group_find(tx, S("staff"), &staff));
	assert_ok(account_group_add(tx, staff, ann));
	assert_ok(store_commit(&tx));
	assert_ok(account_remove(f.store, ann));
	tx = begin(&f);
	assert_ok(policy_assignments(&arena, tx, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(account_group_list(&arena, tx, &groups, &n));
	assert_int_equal(n, 1);
	assert_int_equal(groups[0].members, 0);
	assert_ok(policy_delete(tx, strict));
	assert_ok(store_commit(&tx));
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
		cmocka_unit_test(a_policy_keeps_what_differs_from_the_defaults),
		cmocka_unit_test(names_are_checked_and_given_once),
		cmocka_unit_test(the_nearest_assignment_counts),
		cmocka_unit_test(what_was_tampered_with_is_damaged_and_not_half_a_policy),
		cmocka_unit_test(an_account_that_is_removed_leaves_no_assignment),
	};

	return cmocka_run_group_tests(tests, NULL, release_arena);
}
