#include "scene.h"

#include <base/buf.h>
#include <store/blob.h>

void scene_open(struct scene *c)
{
	c->a = ARENA_INIT(256 << 20);
	server_open(&c->s);
	c->ann = server_add_account(&c->s, "ann@example.test", "secret");
	c->bob = server_add_account(&c->s, "bob@example.test", "secret");
	c->service = (struct send_service){ .store = c->s.store,
					    .clock = &c->s.clock.clock,
					    .hostname = "mail.example.test",
					    .state_dir = c->s.dir.path,
					    .max_bytes = SEND_MAX_BYTES_DEFAULT,
					    .expires_ms = SEND_EXPIRES_MS_DEFAULT };
	assert_ok(send_author_load(&c->a, c->s.store, c->ann.id, &c->author));
}

void scene_start(struct scene *c)
{
	outbound_free(&c->outbound);
	c->outbound = outbound_new(&(struct outbound_args){ .service = &c->service, .relay = c->relay });
}

void scene_close(struct scene *c)
{
	outbound_free(&c->outbound);
	arena_release(&c->a);
	server_close(&c->s);
	server_remove(&c->s);
}

int64_t scene_send_with(struct scene *c, const char *text, struct send_args args)
{
	CLEANUP(send_free) struct send *m = NULL;
	unsigned n = ++c->names;
	struct str part = str_from(&n, sizeof(n));
	int64_t id;

	assert_ok(queue_name_derive("scene", &part, 1, &args.name));
	args.remember_ms = 1000;
	assert_ok(send_new(&c->service, &c->author, false, &m));
	assert_ok(send_put(m, str_of(text)));
	assert_ok(send_finish(m));
	assert_ok(send_commit(m, &args, &id));
	return id;
}

int64_t scene_send(struct scene *c, const char *text)
{
	return scene_send_with(c, text, (struct send_args){ .origin = S("with HTTP") });
}

void scene_run(struct scene *c)
{
	assert_ok(outbound_run(c->outbound));
}

void scene_advance(struct scene *c, int64_t ms)
{
	clock_fake_advance(&c->s.clock, ms);
}

struct queue_entry scene_entry(struct scene *c, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry e;

	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_get(&c->a, tx, id, &e));
	return e;
}

size_t scene_open_entries(struct scene *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry *list;
	size_t n;

	assert_ok(store_begin(c->s.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(queue_list(&c->a, tx, 0, false, 1000, &list, &n));
	return n;
}

size_t scene_items(struct scene *c, int64_t mailbox, enum folder_role role, struct item **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t folder;
	size_t n;

	assert_ok(store_begin(c->s.store, mailbox, STORE_READ, &tx));
	assert_ok(folder_by_role(tx, role, &folder));
	assert_ok(item_list(&c->a, tx, folder, 0, 1000, ret, &n));
	return n;
}

struct str scene_text(struct scene *c, int64_t mailbox, enum folder_role role, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	struct item *items;
	size_t got;
	char *p;

	assert_true(scene_items(c, mailbox, role, &items) > n);
	assert_ok(store_begin(c->s.store, mailbox, STORE_READ, &tx));
	assert_ok(store_blob_open(tx, items[n].blob, &blob));
	p = arena_alloc(&c->a, (size_t)store_blob_size(blob) + 1);
	assert_non_null(p);
	assert_ok(store_blob_read(blob, 0, p, (size_t)store_blob_size(blob), &got));
	return str_from(p, got);
}

void assert_has_(struct str text, const char *part, const char *file, int line)
{
	if (str_find(text, str_of(part)) < text.n)
		return;
	print_error("'%s' is not in:\n" STR_FMT "\n", part, STR_ARG(text));
	_fail(file, line);
}
