/*
 * What may happen between two requests of a phone: the store is an older one again, the account is another one of its name, the
 * clock was wrong, the filter changes, a folder goes or moves. A key of what is not any more costs a beginning, and
 * nothing is lost or doubled.
 */
#include "sync_fixture.h"

#include <gateway/activesync/limits.h>
#include <store/account.h>

#include <limits.h>
#include <stdio.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define FILTER(n) "57 58 03 '" n "' 00 01 01"

static bool status_is(const struct eas_reply *r, unsigned n, const char *status)
{
	return str_eq(eas_reply_text(r, "Status", n), str_of(status));
}

/* ---- an older store ---- */

struct backup {
	struct buf file[2];
};

static void backup_release(struct backup *b)
{
	for (size_t i = 0; i < countof(b->file); i++)
		buf_release(&b->file[i]);
}

static void mailbox_path(struct fixture *f, size_t i, char path[PATH_MAX])
{
	static const char *const ends[] = { "", "-wal" };
	int n = snprintf(path, PATH_MAX, "%s/mailbox/%lld/mailbox.db%s", f->server.dir.path, (long long)f->ann.mailbox,
			 ends[i]);

	assert_in_range(n, 1, PATH_MAX - 1);
}

static void take_backup(struct fixture *f, void *ctx)
{
	struct backup *b = ctx;

	for (size_t i = 0; i < countof(b->file); i++) {
		char path[PATH_MAX], piece[4096];
		FILE *from;
		size_t n;

		b->file[i] = BUF_INIT(64 << 20);
		mailbox_path(f, i, path);
		from = fopen(path, "r");
		while (from && (n = fread(piece, 1, sizeof(piece), from)) > 0)
			buf_put(&b->file[i], piece, n);
		assert_ok(buf_status(&b->file[i]));
		if (from)
			fclose(from);
	}
}

static void restore_backup(struct fixture *f, void *ctx)
{
	const struct backup *b = ctx;

	for (size_t i = 0; i < countof(b->file); i++) {
		char path[PATH_MAX];
		FILE *to;

		mailbox_path(f, i, path);
		to = fopen(path, "w");
		assert_non_null(to);
		assert_int_equal(fwrite(b->file[i].p ? b->file[i].p : "", 1, b->file[i].n, to), b->file[i].n);
		assert_int_equal(fclose(to), 0);
	}
}

/* Change numbers and ids are given again, to other things: keys of the lost time must not be taken for others. */
static void keys_from_behind_a_restored_backup_begin_anew(void **unused)
{
	FIXTURE(f);
	CLEANUP(backup_release) struct backup backup = { 0 };
	int64_t inbox = fixture_role(&f, FOLDER_INBOX), made;
	const char *known[2], *ahead, *folders;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	deliver_n(&f, 2);
	r = fixture_foldersync(&f, "0");
	folders = key_of(&f, &r);
	known[0] = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	f.phone.device_id = "AWAY"; /* asks again only behind the restoring */
	known[1] = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	f.phone.device_id = "ApplDNQXTESTFFG5";
	fixture_restart_behind(&f, take_backup, &backup);

	deliver(&f, f.ann.mailbox, "lost");
	made = fixture_add_folder(&f, "Lost", FOLDER_MAIL, FOLDER_ROOT);
	ahead = sync_all(&f, inbox, known[0], &adds);
	assert_int_equal(adds, 1);
	r = fixture_foldersync(&f, folders);
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	folders = key_of(&f, &r);
	(void)first_key(&f, made);
	fixture_restart_behind(&f, restore_backup, &backup);

	deliver(&f, f.ann.mailbox, "found");
	assert_int_equal(fixture_add_folder(&f, "Found", FOLDER_MAIL, FOLDER_ROOT), made); /* the same number */
	r = fixture_foldersync(&f, folders);
	assert_true(status_is(&r, 0, "9"));
	r = sync_with(&f, inbox, ahead, "");
	assert_true(status_is(&r, 0, "3"));
	assert_string_equal(key_of(&f, &r), "0");
	/* With a change in it, too: it is not done upon another item. */
	r = sync_with(&f, inbox, ahead, commands(&f, "56 49 4D 03 '%lld:3' 00 01 01 01", (long long)inbox));
	assert_true(status_is(&r, 0, "3"));
	sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 3);
	f.phone.device_id = "AWAY";
	r = sync_with(&f, inbox, known[1], "");
	assert_int_equal(eas_reply_count(&r, "Add"), 1);
	assert_true(str_find(r.xml, S("found")) < r.xml.n);
}

/* Rule 13: its phone is another partnership, its folders have the same numbers. */
static void an_account_made_anew_has_no_key_of_the_former(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key, *folders;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	r = fixture_foldersync(&f, "0");
	folders = key_of(&f, &r);
	deliver_n(&f, 2);
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_ok(account_remove(f.server.store, f.ann.id));
	fixture_restart(&f);
	assert_int_equal(eas_phone_ask(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "")).status, 401);
	f.ann = server_add_account(&f.server, "ann@example.test", "secret");
	fixture_restart(&f);
	assert_int_equal(fixture_role(&f, FOLDER_INBOX), inbox);
	deliver(&f, f.ann.mailbox, "of the new one");
	r = fixture_foldersync(&f, folders);
	assert_true(status_is(&r, 0, "9"));
	fixture_learn_hierarchy(&f);
	r = sync_with(&f, inbox, key, "");
	assert_true(status_is(&r, 0, "3"));
	sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 1);
}

/* ---- clocks and filters ---- */

/* Rule 2: the server believed that it was next year; when it knows better, mail comes again, and the last days are there. */
static void a_clock_that_was_a_year_ahead_keeps_no_mail_back(void **unused)
{
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key;
	struct eas_reply r;
	bool news;

	(void)unused;
	fixture_learn_hierarchy(&f);
	deliver_n(&f, 2);
	r = sync_with(&f, inbox, first_key(&f, inbox), FILTER("2"));
	key = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "Add"), 2);
	f.server.clock.wall += 365 * DAY_MS;
	r = sync_with(&f, inbox, key, "");
	key = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 2);
	f.server.clock.wall -= 365 * DAY_MS;
	deliver(&f, f.ann.mailbox, "of now");
	/* A wait for news ends with it. */
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "69 03 '600' 00 01"));
	r = eas_phone_receive(&f.phone);
	key = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "Add"), 3);
	/* A small step back is none. */
	f.server.clock.wall += 4 * DAY_MS;
	r = sync_with(&f, inbox, key, "");
	key = key_of(&f, &r);
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 3);
	f.server.clock.wall -= DAY_MS;
	r = sync_with(&f, inbox, key, "");
	news = r.body.n > 0;
	assert_false(news);
}

/* In the middle of the pages of a first sync: what is told is what the last filter wants, each mail once. */
static void a_filter_may_change_between_two_pages(void **unused)
{
	static const char *const asked[] = { FILTER("0"), FILTER("1"), FILTER("3"), FILTER("0"), FILTER("1") };
	FIXTURE(f);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key = first_key(&f, inbox);
	size_t held = 0;

	(void)unused;
	deliver_n(&f, 4);
	f.server.clock.wall += 2 * DAY_MS;
	deliver_n(&f, 4);
	for (size_t i = 0; i < countof(asked); i++) {
		bool more = true;

		for (int page = 0; more && (page == 0 || i + 1 == countof(asked)); page++) {
			struct eas_reply r = sync_with(&f, inbox, key, commands(&f, "55 03 '3' 00 01 %s", asked[i]));

			if (r.body.n == 0)
				break;
			key = key_of(&f, &r);
			held += eas_reply_count(&r, "Add");
			held -= eas_reply_count(&r, "SoftDelete");
			more = has_more(&r);
			if (!more && i == 1)
				assert_int_equal(held, 4);
		}
	}
	assert_int_equal(held, 4);
	for (size_t n = 0; held < 8; n++) {
		struct eas_reply r = sync_with(&f, inbox, key, commands(&f, "55 03 '3' 00 01 %s", FILTER("0")));

		assert_in_range(n, 0, 2);
		key = key_of(&f, &r);
		held += eas_reply_count(&r, "Add");
		assert_int_equal(has_more(&r), held < 8);
	}
}

/* The phone asks again while it waits, by another filter: the first is given up, the second one is answered by its own. */
static void a_wait_ends_with_a_request_of_another_filter(void **unused)
{
	FIXTURE(f);
	CLEANUP(eas_phone_release) struct eas_phone second = eas_phone_new(f.server.port);
	int64_t inbox = fixture_role(&f, FOLDER_INBOX);
	const char *key;
	struct eas_reply r;
	size_t adds;

	(void)unused;
	second.device_id = f.phone.device_id;
	fixture_learn_hierarchy(&f);
	deliver_n(&f, 2);
	f.server.clock.wall += 2 * DAY_MS;
	key = sync_all(&f, inbox, first_key(&f, inbox), &adds);
	assert_int_equal(adds, 2);
	eas_phone_send(&f.phone, "Sync", sync_doc(&f, inbox, key, "", "69 03 '600' 00 01"));
	server_await_held(&f.server, 1);
	r = eas_phone_ask(&second, "Sync", sync_doc(&f, inbox, key, FILTER("1"), ""));
	assert_int_equal(eas_reply_count(&r, "SoftDelete"), 2);
	key = key_of(&f, &r);
	r = eas_phone_receive(&f.phone);
	assert_int_equal(eas_reply_count(&r, "Add"), 0);
	server_await_held(&f.server, 0);
	r = sync_with(&f, inbox, key, "");
	assert_int_equal(r.body.n, 0);
}

/* ---- folders ---- */

static char *page_of(struct fixture *f, int64_t folder, const char *key)
{
	return commands(f, "4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 55 03 '2' 00 01 01", key, (long long)folder);
}

static void a_folder_may_go_or_move_between_two_pages(void **unused)
{
	FIXTURE(f);
	int64_t goes = fixture_add_folder(&f, "Goes", FOLDER_MAIL, FOLDER_ROOT);
	int64_t moves = fixture_add_folder(&f, "Moves", FOLDER_MAIL, FOLDER_ROOT);
	const char *keys[] = { first_key(&f, goes), first_key(&f, moves) };
	struct eas_reply r;
	size_t adds;

	(void)unused;
	for (int i = 0; i < 3; i++) {
		fixture_add_item(&f, goes, STORE_NOBODY);
		fixture_add_item(&f, moves, STORE_NOBODY);
	}
	for (int i = 0; i < 2; i++) {
		r = sync_with(&f, i ? moves : goes, keys[i], "55 03 '2' 00 01");
		assert_true(has_more(&r));
		keys[i] = key_of(&f, &r);
	}
	fixture_rename_folder(&f, moves, "Moved", fixture_role(&f, FOLDER_INBOX));
	fixture_delete_folder(&f, goes);
	r = eas_phone_ask(&f.phone, "Sync",
			  doc(&f, HEAD "45 5C %s %s 01 01", page_of(&f, goes, keys[0]), page_of(&f, moves, keys[1])));
	assert_true(status_is(&r, 0, "12"));
	assert_true(status_is(&r, 1, "1"));
	assert_int_equal(eas_reply_count(&r, "Add"), 1); /* the last one */
	assert_false(has_more(&r));
	r = sync_with(&f, goes, keys[0], "");
	assert_true(status_is(&r, 0, "12"));
	r = sync_with(&f, goes, "0", "");
	assert_true(status_is(&r, 0, "12"));
	fixture_add_item(&f, moves, STORE_NOBODY);
	sync_all(&f, moves, first_key(&f, moves), &adds);
	assert_int_equal(adds, 4);
}

enum { FOLDERS = 300, NEWS = 3 };

static void make_folders(struct fixture *f, int64_t ret[FOLDERS])
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	for (int i = 0; i < FOLDERS; i++) {
		const char name[] = { 'F', (char)('0' + i / 100), (char)('0' + i / 10 % 10), (char)('0' + i % 10),
				      '\0' };
		const struct folder_new folder = { .parent = FOLDER_ROOT, .name = str_of(name), .class = FOLDER_MAIL };

		assert_ok(folder_create(tx, &folder, &ret[i]));
	}
	assert_ok(store_commit(&tx));
}

/* As many as a Ping takes, in one Sync; which of them have news is all that is said. The empty request is the same again. */
static void three_hundred_collections_are_synced_in_one_request(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20);
	int64_t folders[FOLDERS];
	struct eas_reply r;

	(void)unused;
	make_folders(&f, folders);
	fixture_learn_hierarchy(&f);
	for (int i = 0; i < FOLDERS; i++)
		buf_fmt(&text, "4F 4B 03 '0' 00 01 52 03 '%lld' 00 01 01 ", (long long)folders[i]);
	buf_char(&text, '\0');
	r = eas_phone_ask(&f.phone, "Sync", doc(&f, HEAD "45 5C %s 01 01", text.p));
	assert_int_equal(eas_reply_count(&r, "SyncKey"), FOLDERS);
	buf_clear(&text);
	for (unsigned i = 0; i < FOLDERS; i++)
		buf_fmt(&text, "4F 4B 03 '" STR_FMT "' 00 01 52 03 '%lld' 00 01 01 ",
			STR_ARG(eas_reply_text(&r, "SyncKey", i)), (long long)folders[i]);
	buf_char(&text, '\0');
	r = eas_phone_ask(&f.phone, "Sync", doc(&f, HEAD "45 5C %s 01 01", text.p));
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.n, 0);
	for (int i = 0; i < NEWS; i++)
		fixture_add_item(&f, folders[i * 149], STORE_NOBODY);
	r = eas_phone_ask(&f.phone, "Sync", STR_EMPTY);
	assert_int_equal(eas_reply_count(&r, "Collection"), NEWS);
	assert_int_equal(eas_reply_count(&r, "Add"), NEWS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_from_behind_a_restored_backup_begin_anew),
		cmocka_unit_test(an_account_made_anew_has_no_key_of_the_former),
		cmocka_unit_test(a_clock_that_was_a_year_ahead_keeps_no_mail_back),
		cmocka_unit_test(a_filter_may_change_between_two_pages),
		cmocka_unit_test(a_wait_ends_with_a_request_of_another_filter),
		cmocka_unit_test(a_folder_may_go_or_move_between_two_pages),
		cmocka_unit_test(three_hundred_collections_are_synced_in_one_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
