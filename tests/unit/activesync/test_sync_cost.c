/* What Sync costs the store, counted in rows: it must not grow with the folder. */
#include "sync_fixture.h"

#include <tests/bench/mails.h>

/* The phone has synced the folder; its key. */
static const char *synced(struct fixture *f, int64_t folder)
{
	struct eas_reply r;
	const char *key;

	(void)first_key(f, folder); /* the partnership */
	fixture_sync(f, folder);
	assert_ok(arena_cstr(&f->arena, fixture_issue(f, folder), &key));
	r = sync_with(f, folder, key, "");
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	return key;
}

static void fill(struct fixture *f, uint64_t n)
{
	assert_ok(bench_mailbox_fill(f->server.store, f->server.dir.path, f->ann.mailbox, 0, n, SERVER_NOW_MS));
}

/* Sync-engine rule 8. */
static void nothing_new_steps_no_row_of_an_item_and_writes_nothing(void **unused)
{
	static const char *const nouns[] = { "item", "feed", "summary", "blob" };
	uint64_t rows[countof(nouns)], flushes;
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key;

	(void)unused;
	fill(&f, 50);
	key = synced(&f, inbox);
	flushes = store_flushes(f.server.store);
	for (size_t i = 0; i < countof(nouns); i++)
		rows[i] = store_rows_stepped(f.server.store, nouns[i]);
	assert_int_equal(sync_with(&f, inbox, key, "").body.n, 0);
	for (size_t i = 0; i < countof(nouns); i++)
		if (store_rows_stepped(f.server.store, nouns[i]) != rows[i])
			fail_msg("rows of %s were stepped", nouns[i]);
	assert_int_equal(store_flushes(f.server.store), flushes);
}

/* Rows that one new mail costs, its delivery not counted. */
static uint64_t rows_of_a_new_mail(uint64_t holds)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	struct eas_reply r;
	const char *key;
	uint64_t before;

	fill(&f, holds);
	key = synced(&f, inbox);
	deliver(&f, f.ann.mailbox, "new");
	before = store_rows_stepped(f.server.store, "");
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	return store_rows_stepped(f.server.store, "") - before;
}

static void a_new_mail_costs_the_same_rows_beside_many_as_beside_few(void **unused)
{
	uint64_t few = rows_of_a_new_mail(100), many = rows_of_a_new_mail(5000);

	(void)unused;
	assert_true(few > 0);
	assert_int_equal(many, few);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_new_steps_no_row_of_an_item_and_writes_nothing),
		cmocka_unit_test(a_new_mail_costs_the_same_rows_beside_many_as_beside_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
