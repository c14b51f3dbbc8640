/* The fixture of the ActiveSync tests. */
#include "fixture.h"

#include <gateway/activesync/baseline.h>
#include <store/device.h>
#include <store/item.h>
#include <store/sync.h>
#include <tests/support/hex.h>

static void begin(struct fixture *f)
{
	f->sender = (struct send_service){ .store = f->server.store,
					   .clock = &f->server.clock.clock,
					   .hostname = "mail.example.test",
					   .state_dir = f->server.dir.path,
					   .max_bytes = SEND_MAX_BYTES_DEFAULT,
					   .expires_ms = SEND_EXPIRES_MS_DEFAULT };
	const struct eas_args args = { .store = f->server.store,
				       .push = f->server.push,
				       .auth = f->server.auth,
				       .sender = &f->sender,
				       .clock = &f->server.clock.clock,
				       .config = f->config };

	f->eas = eas_new(&args);
	f->route = (struct http_route){
		.path = EAS_HTTP_PATH,
		.methods = EAS_HTTP_METHODS,
		.handler = eas_http,
		.ctx = f->eas,
		.doorman = eas_doorman,
	};
	server_listen(&f->server, &f->route, 1);
}

void fixture_start(struct fixture *f)
{
	f->arena = ARENA_INIT(16 << 20);
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	begin(f);
	f->phone = eas_phone_new(f->server.port);
}

static void end(struct fixture *f)
{
	server_unlisten(&f->server);
	eas_free(&f->eas);
	server_close(&f->server);
}

void fixture_restart(struct fixture *f)
{
	fixture_restart_behind(f, NULL, NULL);
}

void fixture_restart_behind(struct fixture *f, void (*deed)(struct fixture *f, void *ctx), void *ctx)
{
	eas_phone_hang_up(&f->phone);
	end(f);
	if (deed)
		deed(f, ctx);
	server_open(&f->server);
	begin(f);
	f->phone.port = f->server.port;
}

void fixture_stop(struct fixture *f)
{
	eas_phone_release(&f->phone);
	end(f);
	server_remove(&f->server);
	arena_release(&f->arena);
}

static struct store_tx *write_begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	return tx;
}

int64_t fixture_role(struct fixture *f, enum folder_role role)
{
	struct store_tx *tx = write_begin(f);
	int64_t id;

	assert_ok(folder_by_role(tx, role, &id));
	assert_ok(store_commit(&tx));
	return id;
}

int64_t fixture_add_folder(struct fixture *f, const char *name, enum folder_class class, int64_t parent)
{
	const struct folder_new folder = { .parent = parent, .name = str_of(name), .class = class };
	struct store_tx *tx = write_begin(f);
	int64_t id;

	assert_ok(folder_create(tx, &folder, &id));
	assert_ok(store_commit(&tx));
	return id;
}

void fixture_rename_folder(struct fixture *f, int64_t id, const char *name, int64_t parent)
{
	struct store_tx *tx = write_begin(f);

	assert_ok(folder_update(tx, id, parent, str_of(name), &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
}

void fixture_delete_folder(struct fixture *f, int64_t id)
{
	struct store_tx *tx = write_begin(f);

	assert_ok(folder_delete(tx, id, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
}

int64_t fixture_add_item(struct fixture *f, int64_t folder, int64_t by_device)
{
	const struct item_new item = {
		.folder = folder, .key = SERVER_NOW_MS, .received_ms = SERVER_NOW_MS, .by = { .device = by_device }
	};
	struct store_tx *tx = write_begin(f);
	struct item made;

	assert_ok(item_add(tx, &item, &made));
	assert_ok(store_commit(&tx));
	return made.id;
}

void fixture_read_item(struct fixture *f, int64_t folder, int64_t id)
{
	const struct item_edit edit = { .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN };
	struct store_tx *tx = write_begin(f);

	assert_ok(item_update(tx, folder, id, &edit, &AUTHOR_NOBODY));
	assert_ok(store_commit(&tx));
}

int64_t fixture_device(struct fixture *f)
{
	struct store_tx *tx;
	struct device d;

	assert_ok(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_find(&f->arena, tx, f->ann.id, str_of(f->phone.device_id), &d));
	assert_ok(store_commit(&tx));
	return d.id;
}

/* All pages of the feed; the state is at the head then. */
static void read_all(struct fixture *f, struct store_tx *tx, int64_t folder, int64_t device, struct feed_state *st)
{
	struct feed_entry entry;
	struct feed feed;

	assert_ok(feed_open(&feed, tx, folder, device, st));
	do
		assert_ok(feed_next(&f->arena, &feed, &entry));
	while (entry.kind != FEED_END);
	*st = feed.state;
}

void fixture_sync(struct fixture *f, int64_t folder)
{
	int64_t device = fixture_device(f);
	struct store_tx *tx = write_begin(f);
	struct feed_state st;
	struct sync_line line;
	struct folder row;
	struct str key;
	bool due;

	assert_ok(folder_get(&f->arena, tx, folder, &row));
	assert_ok(sync_line_load(tx, device, folder, &line));
	st = feed_state_fresh(row.head);
	assert_ok(sync_line_restart(tx, &line, &st, STR_EMPTY, &key));
	assert_int_equal(sync_line_present(&line, key), SYNC_BEGINS);
	assert_ok(sync_commands_begin(tx, &line, NULL, 0, NULL));
	read_all(f, tx, folder, device, &st);
	assert_ok(sync_line_advance(&line, &st, STR_EMPTY, 0, &due));
	assert_ok(sync_line_store(tx, &line));
	assert_ok(store_commit(&tx));
}

struct str fixture_issue(struct fixture *f, int64_t folder)
{
	int64_t device = fixture_device(f);
	struct store_tx *tx = write_begin(f);
	struct feed_state st;
	struct sync_line line;
	struct str key;

	assert_ok(sync_line_load(tx, device, folder, &line));
	assert_int_equal(sync_line_present(&line, str_of(line.slot[SYNC_CONFIRMED].key)), SYNC_CURRENT);
	st = *sync_line_state(&line);
	read_all(f, tx, folder, device, &st);
	assert_ok(sync_line_issue(&line, &st, STR_EMPTY));
	assert_ok(sync_line_store(tx, &line));
	assert_ok(store_commit(&tx));
	assert_ok(arena_str(&f->arena, sync_line_key(&line), &key));
	return key;
}

void fixture_show(struct fixture *f, int64_t folder, struct str key)
{
	const struct eas_request rq = { .eas = f->eas,
					.mailbox = f->ann.mailbox,
					.device = { .id = fixture_device(f) } };
	struct sync_line line;
	struct store_tx *tx;
	bool forgotten = false;

	assert_ok(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx));
	assert_ok(sync_line_load(tx, rq.device.id, folder, &line));
	assert_int_equal(eas_line_present(&rq, &line, key, &forgotten), SYNC_CONFIRMS);
	assert_ok(store_commit(&tx));
}

struct eas_reply fixture_foldersync(struct fixture *f, const char *key)
{
	struct buf doc = BUF_INIT(1024);
	struct eas_reply r;

	/* Page 7: 56 FolderSync, 52 SyncKey. */
	buf_str(&doc, hex(&f->arena, "03 01 6A 00 00 07 56 52 03"));
	buf_cstr(&doc, key);
	buf_str(&doc, hex(&f->arena, "00 01 01"));
	r = eas_phone_ask(&f->phone, "FolderSync", buf_view(&doc));
	buf_release(&doc);
	return r;
}

void fixture_learn_hierarchy(struct fixture *f)
{
	struct eas_reply r = fixture_foldersync(f, "0");
	struct buf key = BUF_INIT(128);

	buf_str(&key, eas_reply_text(&r, "SyncKey", 0));
	buf_char(&key, '\0');
	r = fixture_foldersync(f, key.p);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
	assert_true(str_eq(eas_reply_text(&r, "Count", 0), S("0")));
	buf_release(&key);
}
