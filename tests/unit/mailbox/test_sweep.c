/* Housekeeping: what deleted folders held is freed, a damaged mailbox keeps no other from it. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/sweep.h>
#include <store/access.h>
#include <store/account.h>
#include <store/device.h>
#include <store/sql/sql.h>

#include <stdio.h>

struct fixture {
	struct server server;
	struct server_account ann, bob;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ 0 };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	f->bob = server_add_account(&f->server, "bob@example.test", "secret");
}

static void stop(struct fixture *f)
{
	server_close(&f->server);
	server_remove(&f->server);
}

/* In a folder that is deleted with it; the hash is what the row of its octets is found by. */
static void leave_mail_in_a_deleted_folder(struct fixture *f, int64_t mailbox, unsigned char hash[STORE_BLOB_HASH_SIZE])
{
	const struct author by = AUTHOR_NOBODY;
	struct folder_new folder = { .name = S("Old"), .class = FOLDER_MAIL, .by = by };
	struct intake *in = mail_take(&f->server, S("A: b\r\n\r\n"), SIZE_MAX);
	struct intake_item item = { .received_ms = 1 };
	struct store_blob_writer *blob;
	struct store_tx *tx;
	int64_t id;

	assert_int_equal(intake_store(in, f->server.store, mailbox, &blob), ERR_OK);
	memcpy(hash, store_blob_writer_sha256(blob), STORE_BLOB_HASH_SIZE);
	assert_int_equal(store_begin(f->server.store, mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_create(tx, &folder, &item.folder), ERR_OK);
	assert_int_equal(intake_add(in, tx, blob, &item, &id), ERR_OK);
	assert_int_equal(folder_delete(tx, item.folder, &by), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	store_blob_writer_drop(&blob);
	intake_free(&in);
}

static enum err find(struct fixture *f, int64_t mailbox, const unsigned char hash[STORE_BLOB_HASH_SIZE])
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t blob;

	assert_int_equal(store_begin(f->server.store, mailbox, STORE_READ, &tx), ERR_OK);
	return store_blob_find(tx, hash, sizeof("A: b\r\n\r\n") - 1, &blob);
}

static void what_deleted_folders_held_is_freed_in_every_mailbox(void **unused)
{
	unsigned char hash[STORE_BLOB_HASH_SIZE];
	struct sweep_counts counts;
	struct fixture f;

	(void)unused;
	start(&f);
	leave_mail_in_a_deleted_folder(&f, f.ann.mailbox, hash);
	leave_mail_in_a_deleted_folder(&f, f.bob.mailbox, hash);
	assert_int_equal(find(&f, f.bob.mailbox, hash), ERR_OK);
	assert_int_equal(sweep_all(f.server.store, NULL, NULL, &counts), ERR_OK);
	assert_int_equal(counts.mailboxes, 2);
	assert_int_equal(counts.damaged, 0);
	assert_int_equal(find(&f, f.ann.mailbox, hash), ERR_NOT_FOUND);
	assert_int_equal(find(&f, f.bob.mailbox, hash), ERR_NOT_FOUND);
	stop(&f);
}

static void what_is_in_use_stays(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct sweep_counts counts;
	struct store_tx *tx;
	struct fixture f;

	(void)unused;
	start(&f);
	mail_deliver(&f.server, f.ann.mailbox, S("A: b\r\n\r\n"));
	assert_int_equal(sweep_all(f.server.store, NULL, NULL, &counts), ERR_OK);
	assert_int_equal(counts.files, 0);
	assert_int_equal(store_begin(f.server.store, f.ann.mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_not_equal(mail_newest(&a, tx).blob, 0);
	store_tx_end(&tx);
	stop(&f);
}

static void a_damaged_mailbox_keeps_no_other_from_being_swept(void **unused)
{
	unsigned char hash[STORE_BLOB_HASH_SIZE];
	struct buf path = BUF_INIT(200);
	struct sweep_counts counts;
	struct fixture f;
	FILE *file;

	(void)unused;
	start(&f);
	leave_mail_in_a_deleted_folder(&f, f.bob.mailbox, hash);
	server_close(&f.server);
	buf_fmt(&path, "%s/mailbox/%lld/mailbox.db", f.server.dir.path, (long long)f.ann.mailbox);
	buf_char(&path, '\0');
	file = fopen(path.p, "r+");
	assert_non_null(file);
	for (int i = 0; i < 4096; i++)
		fputc('x', file);
	assert_int_equal(fclose(file), 0);
	buf_release(&path);
	server_open(&f.server);
	assert_int_equal(sweep_all(f.server.store, NULL, NULL, &counts), ERR_OK);
	assert_int_equal(counts.mailboxes, 2);
	assert_int_equal(counts.damaged, 1);
	assert_int_equal(find(&f, f.bob.mailbox, hash), ERR_NOT_FOUND);
	stop(&f);
}

/* Another process writes there for longer than one waits for it. */
static void a_busy_mailbox_is_left_to_the_next_sweep(void **unused)
{
	CLEANUP(sql_close) struct sql_db *other = NULL;
	CLEANUP(buf_release) struct buf path = BUF_INIT(200);
	struct sweep_counts counts;
	struct fixture f;

	(void)unused;
	start(&f);
	buf_fmt(&path, "%s/mailbox/%lld/mailbox.db", f.server.dir.path, (long long)f.ann.mailbox);
	buf_char(&path, '\0');
	assert_int_equal(sql_open(path.p, 0, &other), ERR_OK);
	assert_int_equal(sql_begin(other, true), ERR_OK);
	assert_int_equal(sweep_all(f.server.store, NULL, NULL, &counts), ERR_OK);
	sql_rollback(other);
	assert_int_equal(counts.mailboxes, 2);
	assert_int_equal(counts.busy, 1);
	assert_int_equal(counts.damaged, 0);
	assert_int_equal(sweep_all(f.server.store, NULL, NULL, &counts), ERR_OK);
	assert_int_equal(counts.busy, 0);
	stop(&f);
}

static bool remove_bob(void *ctx)
{
	struct fixture *f = ctx;
	enum err e = account_remove(f->server.store, f->bob.id);

	assert_true(e == ERR_OK || e == ERR_NOT_FOUND);
	return false;
}

/* It is listed before it goes; an administrator who removes one is not told that it is damaged. */
static void a_mailbox_that_goes_meanwhile_is_not_damaged(void **unused)
{
	struct sweep_counts counts;
	struct fixture f;

	(void)unused;
	start(&f);
	assert_int_equal(sweep_all(f.server.store, remove_bob, &f, &counts), ERR_OK);
	assert_int_equal(counts.mailboxes, 1);
	assert_int_equal(counts.damaged, 0);
	stop(&f);
}

static bool from_the_second_on(void *ctx)
{
	unsigned *asked = ctx;

	return ++*asked >= 2;
}

static void it_ends_between_mailboxes_when_asked_to(void **unused)
{
	struct sweep_counts counts;
	unsigned asked = 0;
	struct fixture f;

	(void)unused;
	start(&f);
	assert_int_equal(sweep_all(f.server.store, from_the_second_on, &asked, &counts), ERR_OK);
	assert_int_equal(counts.mailboxes, 1);
	stop(&f);
}

static int64_t enroll(struct fixture *f, const char *device_id)
{
	struct arena arena = ARENA_INIT(1 << 16);
	struct store_tx *tx;
	struct device d;
	bool is_new;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(device_enroll(&arena, tx, f->ann.id, str_of(device_id), S("iPhone"), &d, &is_new), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	arena_release(&arena);
	return d.id;
}

static size_t devices(struct fixture *f)
{
	struct arena arena = ARENA_INIT(1 << 16);
	struct store_tx *tx;
	struct device *list;
	size_t n;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(device_list(&arena, tx, f->ann.id, &list, &n), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	arena_release(&arena);
	return n;
}

static void sweep_after_days(struct fixture *f, int64_t days)
{
	struct sweep_counts n;

	server_advance(&f->server, days * 24 * 3600 * 1000);
	assert_int_equal(sweep_all(f->server.store, NULL, NULL, &n), ERR_OK);
}

static void devices_go_that_were_not_seen_for_long(void **unused)
{
	const struct device_activity synced = { .last_sync_ms = 1 };
	struct fixture f;
	struct store_tx *tx;

	(void)unused;
	start(&f);
	enroll(&f, "NEVERSYNCED");
	assert_int_equal(device_set_activity(f.server.store, enroll(&f, "SYNCED"), &synced), ERR_OK);
	sweep_after_days(&f, SWEEP_UNSYNCED_DAYS - 1);
	assert_int_equal(devices(&f), 2);
	sweep_after_days(&f, 2);
	assert_int_equal(devices(&f), 1);
	sweep_after_days(&f, 1000); /* for ever, unless told otherwise */
	assert_int_equal(devices(&f), 1);
	assert_int_equal(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(access_setting_set(tx, ACCESS_REAP_DAYS, S("90")), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	sweep_after_days(&f, 0);
	assert_int_equal(devices(&f), 0);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_deleted_folders_held_is_freed_in_every_mailbox),
		cmocka_unit_test(what_is_in_use_stays),
		cmocka_unit_test(a_damaged_mailbox_keeps_no_other_from_being_swept),
		cmocka_unit_test(a_busy_mailbox_is_left_to_the_next_sweep),
		cmocka_unit_test(a_mailbox_that_goes_meanwhile_is_not_damaged),
		cmocka_unit_test(devices_go_that_were_not_seen_for_long),
		cmocka_unit_test(it_ends_between_mailboxes_when_asked_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
