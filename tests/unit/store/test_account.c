/* Accounts: addresses without case, password versions, and mailboxes that are there whenever the row is. */
#include "fixture.h"

#include <base/buf.h>
#include <store/account.h>
#include <store/device.h>
#include <store/folder.h>
#include <store/redirect.h>

#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = { .max = 1 << 20 };

static enum err add(struct fixture *f, struct str address, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account_new a = { .address = address, .name = S("Ann"), .password = S("$y$hash") };

	TRY(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_add(tx, &a, ret_id));
	return store_commit(&tx);
}

static enum err find(struct fixture *f, struct str address, struct account *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(f->store, STORE_DIRECTORY, STORE_READ, &tx));
	return account_find(&arena, tx, address, ret);
}

static bool mailbox_exists(struct fixture *f, int64_t mailbox)
{
	struct buf path = BUF_INIT(4096);
	struct stat st;

	buf_fmt(&path, "%s/mailbox/%lld/mailbox.db%c", f->dir.path, (long long)mailbox, 0);
	bool exists = stat(path.p, &st) == 0;
	buf_release(&path);
	return exists;
}

static void an_account_is_found_by_its_address_without_case(void **unused)
{
	FIXTURE(f);
	struct account a;
	int64_t id;

	(void)unused;
	assert_ok(add(&f, S("Ann@Example.Test"), &id));
	assert_ok(find(&f, S("aNN@example.TEST"), &a));
	assert_int_equal(a.id, id);
	assert_true(str_eq(a.address, S("Ann@Example.Test")));
	assert_true(str_eq(a.name, S("Ann")));
	assert_true(str_eq(a.password, S("$y$hash")));
	assert_true(a.enabled);
	assert_int_equal(a.created_ms, FIXTURE_NOW_MS);
	assert_true(mailbox_exists(&f, a.mailbox));
	assert_err(find(&f, S("bob@example.test"), &a), ERR_NOT_FOUND);
	assert_err(find(&f, S("not an address"), &a), ERR_NOT_FOUND);
}

/* In one step: a process that was killed in between would leave an account that takes no mail. */
static void an_account_has_its_folders_when_it_is_there(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id, inbox;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(store_begin(f.store, id, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, FOLDER_INBOX, &inbox));
}

static void an_address_belongs_to_one_account(void **unused)
{
	FIXTURE(f);
	int64_t id;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_err(add(&f, S("ANN@example.test"), &id), ERR_EXISTS);
}

static void malformed_addresses_are_refused(void **unused)
{
	static const struct {
		const char *what;
		struct str address;
		enum err expected;
	} cases[] = {
		{ "empty", { "", 0 }, ERR_INVALID },
		{ "no at", { "ann", 3 }, ERR_INVALID },
		{ "no local part", { "@example.test", 13 }, ERR_INVALID },
		{ "no domain", { "ann@", 4 }, ERR_INVALID },
		{ "two ats", { "a@b@c", 5 }, ERR_INVALID },
		{ "a blank", { "a b@c", 5 }, ERR_INVALID },
		{ "a NUL", { "a\0b@c", 5 }, ERR_INVALID },
		{ "a control", { "a\nb@c", 5 }, ERR_INVALID },
		{ "brackets", { "<a@b>", 5 }, ERR_INVALID },
		{ "a dot at the end of the domain", { "a@b.", 4 }, ERR_INVALID },
		{ "not UTF-8", { "\xff@b", 3 }, ERR_INVALID },
		{ "beyond ASCII", { "\xc3\xa4@b", 4 }, ERR_OK },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t id;
		enum err e = add(&f, cases[i].address, &id);

		if (e != cases[i].expected)
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

static void address_parts_have_limits(void **unused)
{
	static const struct {
		size_t local, domain;
		enum err expected;
	} cases[] = {
		{ ACCOUNT_LOCAL_MAX, ACCOUNT_DOMAIN_MAX, ERR_OK },
		{ ACCOUNT_LOCAL_MAX + 1, 10, ERR_LIMIT },
		{ 10, ACCOUNT_DOMAIN_MAX + 1, ERR_LIMIT },
	};
	FIXTURE(f);

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		char text[ACCOUNT_ADDRESS_MAX + 2];
		int64_t id;

		memset(text, 'a', sizeof(text));
		text[cases[i].local] = '@';
		assert_err(add(&f, str_from(text, cases[i].local + 1 + cases[i].domain), &id), cases[i].expected);
	}
}

static void an_account_that_is_not_committed_leaves_no_row(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account_new new = { .address = S("ann@example.test"), .name = S("") };
	struct account a;
	int64_t id, again;
	size_t removed;

	(void)unused;
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_add(tx, &new, &id));
	store_tx_end(&tx);
	assert_err(find(&f, S("ann@example.test"), &a), ERR_NOT_FOUND);
	assert_true(mailbox_exists(&f, id));
	/* What was left behind is swept, and harms nobody who gets the id before. */
	assert_ok(add(&f, S("bob@example.test"), &again));
	assert_int_equal(again, id);
	assert_ok(account_sweep(f.store, &removed));
	assert_int_equal(removed, 0);
	assert_true(mailbox_exists(&f, id));
}

static void an_id_that_was_not_committed_keeps_nothing_of_its_first_mailbox(void **unused)
{
	static const struct sql_def folders = { "test_folders", "SELECT COUNT(*) FROM folder" };
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account_new new = { .address = S("ann@example.test"), .name = S("") };
	int64_t id, again, before;

	(void)unused;
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_add(tx, &new, &id));
	store_tx_end(&tx);
	assert_ok(add(&f, S("bob@example.test"), &again));
	assert_int_equal(again, id);
	before = fixture_number(&f, id, &folders);
	/* A connection to the removed database would have shown the folders and kept nothing. */
	fixture_reopen(&f);
	assert_int_equal(fixture_number(&f, id, &folders), before);
	assert_true(before > 0);
}

static void a_mailbox_whose_account_was_removed_is_swept(void **unused)
{
	FIXTURE(f);
	int64_t id, gone;
	size_t removed;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(add(&f, S("bob@example.test"), &gone));
	assert_ok(account_remove(f.store, gone));
	assert_ok(store_mailbox_create(f.store, gone));
	assert_ok(account_sweep(f.store, &removed));
	assert_int_equal(removed, 1);
	assert_false(mailbox_exists(&f, gone));
	assert_true(mailbox_exists(&f, id));
}

static void a_mailbox_that_the_directory_never_knew_is_left_alone(void **unused)
{
	FIXTURE(f);
	int64_t id;
	size_t removed;

	(void)unused;
	assert_ok(store_mailbox_create(f.store, 1));
	assert_ok(account_sweep(f.store, &removed)); /* no account was ever made */
	assert_true(mailbox_exists(&f, 1));
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(store_mailbox_create(f.store, id + 1));
	assert_ok(account_sweep(f.store, &removed));
	assert_int_equal(removed, 0);
	assert_true(mailbox_exists(&f, id + 1));
}

static void mailboxes_without_their_directory_are_not_opened(void **unused)
{
	FIXTURE(f);
	struct store_config config = { .state_dir = f.dir.path, .clock = &f.clock.clock };
	struct buf path = BUF_INIT(4096);
	struct store *s = NULL;
	int64_t id;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	store_close(&f.store);
	buf_fmt(&path, "%s/directory.db%c", f.dir.path, 0);
	assert_int_equal(truncate(path.p, 0), 0);
	assert_err(store_open(&config, &s), ERR_CORRUPT);
	assert_int_equal(unlink(path.p), 0);
	assert_err(store_open(&config, &s), ERR_CORRUPT);
	assert_true(mailbox_exists(&f, id));
	buf_release(&path);
}

static void password_and_enabled_change_the_password_version(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct account a, b, c;
	int64_t id;
	uint64_t head_before, head_after;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(find(&f, S("ann@example.test"), &a));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(store_head(tx, &head_before));
	assert_ok(account_set_password(tx, id, S("$y$other")));
	assert_ok(account_get(&arena, tx, id, &b));
	assert_ok(account_set_enabled(tx, id, false));
	assert_ok(account_set_name(tx, id, S("Ann B.")));
	assert_err(account_set_name(tx, id + 1, S("nobody")), ERR_NOT_FOUND);
	assert_ok(store_head(tx, &head_after));
	assert_ok(store_commit(&tx));
	assert_ok(find(&f, S("ann@example.test"), &c));
	assert_true(str_eq(b.password, S("$y$other")));
	assert_true(b.password_version != a.password_version);
	assert_true(c.password_version != b.password_version);
	assert_false(c.enabled);
	assert_true(str_eq(c.name, S("Ann B.")));
	assert_true(head_after > head_before);
	assert_int_equal(f.published[f.published_n - 1].mailbox, STORE_DIRECTORY);
	assert_int_equal(f.published[f.published_n - 1].change, head_after);
}

static void an_account_has_several_addresses_and_one_primary(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct account a;
	struct str *list;
	int64_t id, other;
	size_t n;
	bool known;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(add(&f, S("bob@example.test"), &other));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(account_address_add(tx, id, S("Sales@Shop.Test")));
	assert_err(account_address_add(tx, id + 100, S("x@shop.test")), ERR_NOT_FOUND);
	assert_err(account_address_remove(tx, id, S("ann@example.test")), ERR_DENIED);
	assert_err(account_address_remove(tx, id, S("bob@example.test")), ERR_NOT_FOUND);
	assert_ok(account_address_promote(tx, id, S("sales@shop.test")));
	assert_ok(account_domain_known(tx, S("SHOP.test"), &known));
	assert_true(known);
	assert_ok(account_domains(&arena, tx, &list, &n));
	assert_int_equal(n, 2);
	assert_true(str_eq(list[1], S("shop.test")));
	assert_ok(account_addresses(&arena, tx, id, &list, &n));
	assert_int_equal(n, 2);
	assert_true(str_eq(list[0], S("Sales@Shop.Test")));
	assert_ok(store_commit(&tx));
	assert_ok(find(&f, S("ann@example.test"), &a));
	assert_true(str_eq(a.address, S("Sales@Shop.Test")));
}

static void an_address_in_use_does_not_break_the_transaction(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct account a;
	int64_t id, other;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(add(&f, S("bob@example.test"), &other));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_err(account_address_add(tx, id, S("bob@example.test")), ERR_EXISTS);
	assert_ok(account_address_add(tx, id, S("bert@example.test")));
	assert_ok(store_commit(&tx));
	assert_ok(find(&f, S("bert@example.test"), &a));
	assert_int_equal(a.id, id);
}

static void addresses_of_an_account_have_a_limit(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	for (unsigned i = 1; i <= ACCOUNT_ADDRESSES_MAX; i++) {
		struct buf address = BUF_INIT(64);

		buf_fmt(&address, "ann%u@example.test", i);
		assert_err(account_address_add(tx, id, buf_view(&address)),
			   i < ACCOUNT_ADDRESSES_MAX ? ERR_OK : ERR_LIMIT);
		buf_release(&address);
	}
}

static void accounts_are_listed_in_pages(void **unused)
{
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account *page;
	int64_t ids[3];
	size_t n;

	(void)unused;
	assert_ok(add(&f, S("a@example.test"), &ids[0]));
	assert_ok(add(&f, S("b@example.test"), &ids[1]));
	assert_ok(add(&f, S("c@example.test"), &ids[2]));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(account_list(&arena, tx, 0, 2, &page, &n));
	assert_int_equal(n, 2);
	assert_int_equal(page[1].id, ids[1]);
	assert_ok(account_list(&arena, tx, page[1].id, 2, &page, &n));
	assert_int_equal(n, 1);
	assert_int_equal(page[0].id, ids[2]);
}

static void a_removed_account_takes_all_with_it_and_its_id_stays_unused(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx;
	struct account a;
	struct device device;
	int64_t id, next;
	bool is_new;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	assert_ok(device_enroll(&arena, tx, id, S("PHONE1"), S("iPhone"), &device, &is_new));
	assert_ok(redirect_set(tx, id, &(struct redirect){ .address = S("ann@other.test") }));
	assert_ok(store_commit(&tx));
	assert_ok(account_remove(f.store, id));
	assert_err(account_remove(f.store, id), ERR_NOT_FOUND);
	assert_false(mailbox_exists(&f, id));
	assert_err(find(&f, S("ann@example.test"), &a), ERR_NOT_FOUND);
	assert_err(store_begin(f.store, id, STORE_READ, &tx), ERR_NOT_FOUND);
	assert_err(store_begin(f.store, id, STORE_WRITE, &tx), ERR_NOT_FOUND);
	assert_ok(add(&f, S("ann@example.test"), &next));
	assert_int_not_equal(next, id);
}

static void an_account_that_lives_elsewhere_names_an_address_or_a_server(void **unused)
{
	static const struct {
		const char *what;
		struct redirect to;
		enum err e;
	} cases[] = {
		{ "an address", { STR_INIT("ann@other.test"), STR_INIT("") }, ERR_OK },
		{ "a server", { STR_INIT(""), STR_INIT("https://mail.other.test") }, ERR_OK },
		{ "a server with its port", { STR_INIT(""), STR_INIT("https://[2001:db8::1]:8443") }, ERR_OK },
		{ "both", { STR_INIT("a@b"), STR_INIT("https://mail.other.test") }, ERR_INVALID },
		{ "no address", { STR_INIT("a@b@c"), STR_INIT("") }, ERR_INVALID },
		{ "in clear", { STR_INIT(""), STR_INIT("http://mail.other.test") }, ERR_INVALID },
		{ "no host", { STR_INIT(""), STR_INIT("https://") }, ERR_INVALID },
		{ "a path", { STR_INIT(""), STR_INIT("https://mail.other.test/x") }, ERR_INVALID },
		{ "a line end", { STR_INIT(""), STR_INIT("https://m\r\nX: y") }, ERR_INVALID },
	};
	FIXTURE(f);
	struct store_tx *tx;
	struct redirect got;
	int64_t id;

	(void)unused;
	assert_ok(add(&f, S("ann@example.test"), &id));
	assert_ok(store_begin(f.store, STORE_DIRECTORY, STORE_WRITE, &tx));
	for (size_t i = 0; i < countof(cases); i++) {
		if (redirect_set(tx, id, &cases[i].to) != cases[i].e)
			fail_msg("%s", cases[i].what);
		if (cases[i].e)
			continue;
		assert_ok(redirect_get(&arena, tx, id, &got));
		assert_true(str_eq(got.address, cases[i].to.address) && str_eq(got.url, cases[i].to.url));
	}
	assert_ok(redirect_set(tx, id, &(struct redirect){ STR_EMPTY, STR_EMPTY }));
	assert_ok(redirect_get(&arena, tx, id, &got));
	assert_false(redirect_is_set(&got));
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
		cmocka_unit_test(an_account_is_found_by_its_address_without_case),
		cmocka_unit_test(an_account_has_its_folders_when_it_is_there),
		cmocka_unit_test(an_address_belongs_to_one_account),
		cmocka_unit_test(malformed_addresses_are_refused),
		cmocka_unit_test(address_parts_have_limits),
		cmocka_unit_test(an_account_that_is_not_committed_leaves_no_row),
		cmocka_unit_test(an_id_that_was_not_committed_keeps_nothing_of_its_first_mailbox),
		cmocka_unit_test(a_mailbox_whose_account_was_removed_is_swept),
		cmocka_unit_test(a_mailbox_that_the_directory_never_knew_is_left_alone),
		cmocka_unit_test(mailboxes_without_their_directory_are_not_opened),
		cmocka_unit_test(password_and_enabled_change_the_password_version),
		cmocka_unit_test(an_account_has_several_addresses_and_one_primary),
		cmocka_unit_test(an_address_in_use_does_not_break_the_transaction),
		cmocka_unit_test(addresses_of_an_account_have_a_limit),
		cmocka_unit_test(an_account_that_lives_elsewhere_names_an_address_or_a_server),
		cmocka_unit_test(accounts_are_listed_in_pages),
		cmocka_unit_test(a_removed_account_takes_all_with_it_and_its_id_stays_unused),
	};

	return cmocka_run_group_tests(tests, NULL, release_arena);
}
