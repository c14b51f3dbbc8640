/* A folder is emptied in portions, and only of what was there. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/empty.h>
#include <store/item.h>

struct fixture {
	struct server server;
	struct server_account ann;
	int64_t folder;
};

static struct store_tx *begin(struct fixture *f, enum store_mode mode)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, mode, &tx), ERR_OK);
	return tx;
}

static int64_t add_folder(struct fixture *f, const char *name, int64_t parent)
{
	const struct folder_new folder = { .name = str_of(name), .class = FOLDER_MAIL, .parent = parent };
	struct store_tx *tx = begin(f, STORE_WRITE);
	int64_t id;

	assert_int_equal(folder_create(tx, &folder, &id), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	return id;
}

static void add_items(struct fixture *f, int64_t folder, size_t n)
{
	const struct item_new item = { .folder = folder, .key = 1, .received_ms = 1 };
	struct store_tx *tx = begin(f, STORE_WRITE);
	struct item made;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(item_add(tx, &item, &made), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static void start(struct fixture *f)
{
	*f = (struct fixture){ 0 };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	f->folder = add_folder(f, "Full", FOLDER_ROOT);
}

static void stop(struct fixture *f)
{
	server_close(&f->server);
	server_remove(&f->server);
}

static uint64_t count(struct fixture *f, int64_t id)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(f, STORE_READ);
	struct folder folder;

	return folder_get(&a, tx, id, &folder) == ERR_OK ? folder.total : UINT64_MAX;
}

static void a_folder_of_more_than_a_portion_is_emptied_whole(void **unused)
{
	static const size_t sizes[] = { 0, 1, EMPTY_CHUNK, EMPTY_CHUNK + 1, 2 * EMPTY_CHUNK + 7 };
	struct emptied done;
	struct fixture f;

	(void)unused;
	start(&f);
	for (size_t i = 0; i < countof(sizes); i++) {
		add_items(&f, f.folder, sizes[i]);
		assert_int_equal(mailbox_empty(f.server.store, f.ann.mailbox, f.folder, false, &done), ERR_OK);
		assert_int_equal(done.items, sizes[i]);
		assert_int_equal(count(&f, f.folder), 0);
	}
	stop(&f);
}

static void subfolders_go_only_where_that_is_asked_for(void **unused)
{
	struct emptied done;
	struct fixture f;
	int64_t below, deeper;

	(void)unused;
	start(&f);
	below = add_folder(&f, "Below", f.folder);
	deeper = add_folder(&f, "Deeper", below);
	add_items(&f, deeper, 3);
	assert_int_equal(mailbox_empty(f.server.store, f.ann.mailbox, f.folder, false, &done), ERR_OK);
	assert_int_equal(count(&f, deeper), 3);
	assert_int_equal(mailbox_empty(f.server.store, f.ann.mailbox, f.folder, true, &done), ERR_OK);
	assert_int_equal(done.folders, 1);
	assert_int_equal(count(&f, below), UINT64_MAX);
	assert_int_equal(count(&f, deeper), UINT64_MAX);
	assert_int_equal(count(&f, f.folder), 0);
	stop(&f);
}

/* One that every mailbox has, if it ever lies there, stays; the others beside it go. */
static void a_special_folder_below_stays(void **unused)
{
	const struct folder_new archive = { .name = S("Archive"), .class = FOLDER_MAIL, .role = FOLDER_ARCHIVE };
	struct folder_new special = archive;
	struct emptied done;
	struct store_tx *tx;
	struct fixture f;
	int64_t id, other;

	(void)unused;
	start(&f);
	special.parent = f.folder;
	tx = begin(&f, STORE_WRITE);
	assert_int_equal(folder_create(tx, &special, &id), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	other = add_folder(&f, "Other", f.folder);
	assert_int_equal(mailbox_empty(f.server.store, f.ann.mailbox, f.folder, true, &done), ERR_DENIED);
	assert_true(done.partial);
	assert_int_equal(count(&f, id), 0);
	assert_int_equal(count(&f, other), UINT64_MAX);
	stop(&f);
}

/* Nothing lies in it here; to say that it was emptied would be a lie, and to empty what it stands for is its owner's. */
static void a_folder_of_somebody_else_is_not_emptied(void **unused)
{
	const struct folder_new mount = {
		.name = S("Calendar (Bob)"), .class = FOLDER_CALENDAR, .mount_mailbox = 99, .mount_folder = 7
	};
	struct emptied done;
	struct store_tx *tx;
	struct fixture f;
	int64_t id;

	(void)unused;
	start(&f);
	tx = begin(&f, STORE_WRITE);
	assert_int_equal(folder_create(tx, &mount, &id), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(mailbox_empty(f.server.store, f.ann.mailbox, id, true, &done), ERR_NOT_FOUND);
	stop(&f);
}

static void a_folder_that_is_not_there_is_not_emptied(void **unused)
{
	struct emptied done;
	struct fixture f;

	(void)unused;
	start(&f);
	assert_int_equal(mailbox_empty(f.server.store, f.ann.mailbox, 99, true, &done), ERR_NOT_FOUND);
	assert_false(done.partial);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_of_more_than_a_portion_is_emptied_whole),
		cmocka_unit_test(subfolders_go_only_where_that_is_asked_for),
		cmocka_unit_test(a_special_folder_below_stays),
		cmocka_unit_test(a_folder_of_somebody_else_is_not_emptied),
		cmocka_unit_test(a_folder_that_is_not_there_is_not_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
