/* Quotas: what is counted, and up to where. */
#include "mailbox_fixture.h"

#include <store/blob.h>
#include <store/check.h>
#include <store/folder.h>
#include <store/item_many.h>
#include <store/item_part.h>
#include <store/quota.h>
#include <store/uid.h>

#include <stdio.h>

static struct quota used(struct mailbox *m)
{
	struct quota q;

	assert_ok(quota_used(m->tx, &q));
	return q;
}

static void set(struct mailbox *m, uint64_t bytes, uint64_t messages)
{
	assert_ok(quota_set(m->tx, &(struct quota){ bytes, messages }));
}

static struct item add(struct mailbox *m, int64_t folder, uint64_t size)
{
	const struct item_new new = { .folder = folder, .size = size, .by = AUTHOR_NOBODY };
	struct item ret;

	assert_ok(item_add(m->tx, &new, &ret));
	return ret;
}

static void what_is_kept_is_counted_wherever_it_goes(void **unused)
{
	MAILBOX_OPEN(m);
	struct item first = add(&m, m.inbox, 100), second = add(&m, m.junk, 23);
	const struct item_edit edit = { .what = ITEM_EDIT_CONTENT, .size = 40 };
	enum item_moved moved;

	(void)unused;
	assert_int_equal(used(&m).bytes, 123);
	assert_int_equal(used(&m).messages, 2);
	assert_ok(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = first.id, .to = m.junk }, &moved));
	assert_int_equal(used(&m).bytes, 123);
	assert_ok(item_update(m.tx, m.junk, second.id, &edit, &AUTHOR_NOBODY));
	assert_int_equal(used(&m).bytes, 140);
	assert_ok(item_expunge(m.tx, m.junk, first.id, &AUTHOR_NOBODY));
	assert_int_equal(used(&m).bytes, 40);
	assert_int_equal(used(&m).messages, 1);
}

/* Into the mailbox, without a reference. */
static int64_t blob_of(struct mailbox *m, size_t size)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = NULL;
	char octets[4096];
	int64_t ret;

	assert_true(size <= sizeof(octets));
	memset(octets, (int)('a' + size % 26), sizeof(octets));
	assert_ok(store_blob_writer_new(store_tx_store(m->tx), store_tx_mailbox(m->tx), &w));
	assert_ok(store_blob_write(w, str_from(octets, size)));
	assert_ok(store_blob_finish(w));
	assert_ok(store_blob_attach(m->tx, w, &ret));
	return ret;
}

/* Attachments of events; of the same octets beside two items each counts. */
static void what_lies_beside_items_is_counted(void **unused)
{
	MAILBOX_OPEN(m);
	struct item first = add(&m, m.inbox, 100), second = add(&m, m.inbox, 0);
	const struct str kept = S("b");
	bool sound;

	(void)unused;
	assert_ok(item_part_put(m.tx, first.id, S("a"), S("text/plain"), blob_of(&m, 30)));
	assert_ok(item_part_put(m.tx, first.id, S("a"), S("text/plain"), blob_of(&m, 30))); /* the same again */
	assert_ok(item_part_put(m.tx, first.id, kept, S("text/plain"), blob_of(&m, 7)));
	assert_int_equal(used(&m).bytes, 137);
	assert_ok(item_parts_copy(m.tx, first.id, second.id));
	assert_int_equal(used(&m).bytes, 174);
	assert_ok(item_parts_keep(m.tx, second.id, &kept, 1));
	assert_int_equal(used(&m).bytes, 144);
	assert_int_equal(used(&m).messages, 2);
	set(&m, 150, 1);
	assert_ok(quota_room_beside(m.tx, 6));
	assert_err(quota_room_beside(m.tx, 7), ERR_QUOTA);
	assert_err(quota_room(m.tx, 7), ERR_QUOTA);
	assert_ok(item_expunge(m.tx, m.inbox, first.id, &AUTHOR_NOBODY));
	assert_int_equal(used(&m).bytes, 7);
	assert_ok(store_check_counts(m.tx, &sound));
	assert_true(sound);
}

static void what_lies_in_a_deleted_folder_is_not(void **unused)
{
	MAILBOX_OPEN(m);
	int64_t folder;

	(void)unused;
	assert_ok(folder_create(m.tx, &(struct folder_new){ .name = S("x"), .class = FOLDER_MAIL, .by = AUTHOR_NOBODY },
				&folder));
	add(&m, folder, 100);
	assert_int_equal(used(&m).bytes, 100);
	assert_ok(folder_delete(m.tx, folder, &AUTHOR_NOBODY));
	assert_int_equal(used(&m).bytes, 0);
	assert_int_equal(used(&m).messages, 0);
}

static void there_may_be_as_much_as_the_limit_and_no_more(void **unused)
{
	MAILBOX_OPEN(m);

	(void)unused;
	assert_ok(quota_check(m.tx));
	add(&m, m.inbox, 100);
	add(&m, m.inbox, 100);
	set(&m, 200, 0);
	assert_ok(quota_check(m.tx));
	set(&m, 199, 0);
	assert_err(quota_check(m.tx), ERR_QUOTA);
	set(&m, 0, 2);
	assert_ok(quota_check(m.tx));
	set(&m, 0, 1);
	assert_err(quota_check(m.tx), ERR_QUOTA);
	set(&m, 0, 0);
	assert_ok(quota_check(m.tx));
}

static void limits_have_limits(void **unused)
{
	MAILBOX_OPEN(m);
	const struct quota most = { (uint64_t)QUOTA_MAX_BYTES, QUOTA_MAX_MESSAGES };
	struct quota got;

	(void)unused;
	assert_ok(quota_set(m.tx, &most));
	assert_ok(quota_limits(m.tx, &got));
	assert_memory_equal(&got, &most, sizeof(got));
	assert_err(quota_set(m.tx, &(struct quota){ most.bytes + 1, 0 }), ERR_INVALID);
	assert_err(quota_set(m.tx, &(struct quota){ 0, most.messages + 1 }), ERR_INVALID);
}

static void one_more_is_asked_for_before_it_comes(void **unused)
{
	MAILBOX_OPEN(m);

	(void)unused;
	add(&m, m.inbox, 100);
	set(&m, 150, 2);
	assert_ok(quota_room(m.tx, 50));
	assert_err(quota_room(m.tx, 51), ERR_QUOTA);
	assert_err(quota_room(m.tx, 150), ERR_QUOTA);
	assert_err(quota_room(m.tx, 151), ERR_LIMIT);
	add(&m, m.inbox, 10);
	assert_err(quota_room(m.tx, 1), ERR_QUOTA);
}

/* ---- whatever is done, in any order ---- */

enum { ACTS = 1500, FOLDERS = 4 };

struct life {
	struct mailbox *m;
	uint64_t random;
	int64_t folders[FOLDERS];
};

static uint32_t rnd(struct life *l, uint32_t below)
{
	l->random = l->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(l->random >> 33) % below;
}

static int64_t any_folder(struct life *l)
{
	return l->folders[rnd(l, FOLDERS)];
}

static bool any_item(struct life *l, struct arena *a, int64_t folder, struct item *ret)
{
	struct item *items = arena_array(a, 1, sizeof(*items));
	size_t n = 0;
	struct folder f;

	assert_ok(folder_get(a, l->m->tx, folder, &f));
	assert_ok(item_read_range(a, l->m->tx, folder, 1 + rnd(l, f.uid_next), UINT32_MAX, 1, items, &n));
	*ret = items[0];
	return n == 1;
}

static void act_add(struct life *l, struct arena *a)
{
	(void)a;
	add(l->m, any_folder(l), rnd(l, 10000));
}

static void act_put_beside(struct life *l, struct arena *a)
{
	const struct str names[] = { S("a"), S("b"), S("c") };
	struct item item;

	if (!any_item(l, a, any_folder(l), &item))
		return;
	if (rnd(l, 3) == 0)
		assert_ok(item_parts_keep(l->m->tx, item.id, names, rnd(l, 3)));
	else
		assert_ok(item_part_put(l->m->tx, item.id, names[rnd(l, 3)], S("text/plain"),
					blob_of(l->m, 1 + rnd(l, 50))));
}

static void act_expunge(struct life *l, struct arena *a)
{
	struct item item;

	if (any_item(l, a, any_folder(l), &item))
		assert_ok(item_expunge(l->m->tx, item.folder, item.id, &AUTHOR_NOBODY));
}

static void act_move(struct life *l, struct arena *a)
{
	struct item item;
	enum item_moved moved;

	int64_t to = any_folder(l);

	if (any_item(l, a, any_folder(l), &item) && item.folder != to)
		assert_ok(item_move(l->m->tx, &(struct item_move){ .from = item.folder, .id = item.id, .to = to },
				    &moved));
}

static void act_edit(struct life *l, struct arena *a)
{
	const struct item_edit edit = { .what = ITEM_EDIT_CONTENT | ITEM_EDIT_FLAGS,
					.size = rnd(l, 20000),
					.set = rnd(l, 2) ? ITEM_SEEN : 0,
					.clear = rnd(l, 2) ? ITEM_SEEN : 0 };
	struct item item;

	if (any_item(l, a, any_folder(l), &item))
		assert_ok(item_update(l->m->tx, item.folder, item.id, &edit, &AUTHOR_NOBODY));
}

static struct item_range any_range(struct life *l)
{
	uint32_t lo = 1 + rnd(l, 300);

	return (struct item_range){ any_folder(l), lo, lo + rnd(l, 12) };
}

static void act_copy_range(struct life *l, struct arena *a)
{
	struct item_range from = any_range(l);
	uint32_t first;
	uint64_t n;

	(void)a;
	assert_ok(item_copy_range(l->m->tx, &from, any_folder(l), &first, &n));
}

static void act_move_range(struct life *l, struct arena *a)
{
	struct item_range from = any_range(l);
	int64_t to = any_folder(l);
	uint32_t first;
	uint64_t n;

	(void)a;
	if (to != from.folder)
		assert_ok(item_move_range(l->m->tx, &from, to, &first, &n));
}

static void act_flag_range(struct life *l, struct arena *a)
{
	const struct item_range_edit edit = { .of = any_range(l),
					      .set = rnd(l, 2) ? ITEM_SEEN : ITEM_FLAGGED,
					      .clear = rnd(l, 3) ? 0 : ITEM_FLAGGED,
					      .since = INT64_MAX };
	uint64_t n;

	(void)a;
	assert_ok(item_update_range(l->m->tx, &edit, &n));
}

static int64_t make_folder(struct life *l, unsigned n)
{
	char name[16];
	int64_t ret;

	(void)snprintf(name, sizeof(name), "f%u", n);
	assert_ok(folder_create(l->m->tx,
				&(struct folder_new){ .name = str_of(name), .class = FOLDER_MAIL, .by = AUTHOR_NOBODY },
				&ret));
	return ret;
}

/* One goes with what is in it, and its rows are freed in portions. */
static void act_replace_folder(struct life *l, struct arena *a)
{
	static unsigned names;
	unsigned which = rnd(l, FOLDERS);
	bool more;

	(void)a;
	if (rnd(l, 10) == 0) {
		assert_ok(folder_delete(l->m->tx, l->folders[which], &AUTHOR_NOBODY));
		l->folders[which] = make_folder(l, FOLDERS + names++);
	}
	assert_ok(folder_sweep(l->m->tx, 5, &more));
}

/* What is counted as things happen is what is there. */
static void the_counted_is_the_summed_whatever_happens(void **unused)
{
	static void (*const acts[])(struct life *, struct arena *) = {
		act_add,        act_add,        act_add,        act_expunge,        act_move,       act_edit,
		act_copy_range, act_move_range, act_flag_range, act_replace_folder, act_put_beside,
	};
	MAILBOX_OPEN(m);
	struct life l = { .m = &m, .random = 20261127 };

	(void)unused;
	for (unsigned i = 0; i < FOLDERS; i++)
		l.folders[i] = make_folder(&l, i);
	for (int i = 0; i < ACTS; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(1024 * 1024);
		bool sound;

		acts[rnd(&l, countof(acts))](&l, &a);
		assert_ok(store_check_counts(m.tx, &sound));
		assert_true(sound);
	}
	assert_true(used(&m).messages > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_counted_wherever_it_goes),
		cmocka_unit_test(what_lies_beside_items_is_counted),
		cmocka_unit_test(what_lies_in_a_deleted_folder_is_not),
		cmocka_unit_test(there_may_be_as_much_as_the_limit_and_no_more),
		cmocka_unit_test(limits_have_limits),
		cmocka_unit_test(one_more_is_asked_for_before_it_comes),
		cmocka_unit_test(the_counted_is_the_summed_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
