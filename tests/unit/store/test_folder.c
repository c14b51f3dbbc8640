/* Folders: the tree, names, roles, limits, deletion, and what a device is told of the hierarchy. */
#include "mailbox_fixture.h"

#include <base/buf.h>
#include <store/hierarchy.h>
#include <store/subscription.h>

static enum err create(struct mailbox *m, int64_t parent, const char *name, int64_t *ret)
{
	struct folder_new f = { .parent = parent, .name = str_of(name), .class = FOLDER_MAIL };

	return folder_create(m->tx, &f, ret);
}

static int64_t made(struct mailbox *m, int64_t parent, const char *name)
{
	int64_t id;

	assert_ok(create(m, parent, name, &id));
	return id;
}

static void the_defaults_are_made_once(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct folder *all;
	size_t n;

	assert_ok(folder_make_defaults(m.tx));
	assert_ok(folder_list(&m.a, m.tx, &all, &n));
	assert_int_equal(n, 11);
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(all[i].role, FOLDER_ROLE_NONE);
		assert_int_equal(all[i].class == FOLDER_MAIL, i < 6);
		assert_int_equal(all[i].uid_next, 1);
		assert_true(i == 0 || all[i].uid_validity > all[i - 1].uid_validity);
	}
}

static void a_bad_folder_is_refused(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static char longest[FOLDER_NAME_MAX + 2];
	int64_t taken = made(&m, FOLDER_ROOT, "taken"), id;

	memset(longest, 'x', FOLDER_NAME_MAX);
	const struct {
		const char *what;
		struct folder_new f;
		enum err expected;
	} cases[] = {
		{ "no name", { 0, S(""), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_INVALID },
		{ "a control character", { 0, S("a\nb"), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_INVALID },
		{ "not UTF-8", { 0, S("\xff"), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_INVALID },
		{ "no class", { 0, S("a"), 0, 0, AUTHOR_NOBODY, 0, 0 }, ERR_INVALID },
		{ "a class of the future", { 0, S("a"), 0, FOLDER_CLASS_MAX_, AUTHOR_NOBODY, 0, 0 }, ERR_INVALID },
		{ "no parent", { 999, S("a"), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_NOT_FOUND },
		{ "a taken name", { 0, S("taken"), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_EXISTS },
		{ "a name that is taken in another class",
		  { 0, S("taken"), 0, FOLDER_TASKS, AUTHOR_NOBODY, 0, 0 },
		  ERR_OK },
		{ "RFC 9051 5.1: the Inbox in any case",
		  { 0, S("iNBOX"), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 },
		  ERR_EXISTS },
		{ "but not below", { taken, S("inbox"), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_OK },
		{ "a taken role", { 0, S("a"), FOLDER_INBOX, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_EXISTS },
		{ "the longest name", { 0, str_of(longest), 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 }, ERR_OK },
		{ "a byte more",
		  { 0, { longest, FOLDER_NAME_MAX + 1 }, 0, FOLDER_MAIL, AUTHOR_NOBODY, 0, 0 },
		  ERR_LIMIT },
	};
	for (size_t i = 0; i < countof(cases); i++) {
		enum err e = folder_create(m.tx, &cases[i].f, &id);

		if (e != cases[i].expected)
			fail_msg("%s: %s", cases[i].what, err_text(e));
	}
}

static void the_tree_has_a_greatest_depth(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	int64_t at = FOLDER_ROOT, first = 0, id;

	for (int depth = 1; depth <= FOLDER_DEPTH_MAX; depth++) {
		at = made(&m, at, "d");
		first = first ? first : at;
	}
	assert_err(create(&m, at, "d", &id), ERR_LIMIT);
	/* A whole branch moved below another folder would be too deep as well. */
	int64_t other = made(&m, FOLDER_ROOT, "other");
	assert_err(folder_update(m.tx, first, other, S("d"), &nobody), ERR_LIMIT);
	assert_err(folder_update(m.tx, first, at, S("d"), &nobody), ERR_DENIED); /* its own ancestor */
	assert_err(folder_update(m.tx, first, first, S("d"), &nobody), ERR_DENIED);
}

static void a_mailbox_has_a_greatest_number_of_folders(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	int64_t id;

	for (int n = 11; n < FOLDER_MAX; n++) /* behind those that every mailbox has */ {
		CLEANUP(buf_release) struct buf name = BUF_INIT(32);

		buf_fmt(&name, "%d", n);
		struct folder_new f = { .name = buf_view(&name), .class = FOLDER_MAIL };
		assert_ok(folder_create(m.tx, &f, &id));
	}
	assert_err(create(&m, FOLDER_ROOT, "one more", &id), ERR_LIMIT);
}

static void a_folder_with_a_role_stays_where_it_is(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	int64_t inbox;

	assert_ok(folder_by_role(m.tx, FOLDER_INBOX, &inbox));
	assert_ok(folder_update(m.tx, inbox, FOLDER_ROOT, S("Inbox"), &nobody)); /* no change */
	assert_err(folder_update(m.tx, inbox, FOLDER_ROOT, S("In"), &nobody), ERR_DENIED);
	assert_err(folder_delete(m.tx, inbox, &nobody), ERR_DENIED);
}

static void children_go_with_their_parent_and_names_are_free_again(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	int64_t top = made(&m, FOLDER_ROOT, "a"), child = made(&m, top, "b"), id;
	struct folder row;
	bool more;

	struct item_new new = { .folder = child };
	struct item item;
	assert_ok(item_add(m.tx, &new, &item));
	assert_ok(folder_delete(m.tx, top, &nobody));
	assert_err(folder_get(&m.a, m.tx, child, &row), ERR_NOT_FOUND);
	assert_err(item_find(&m.a, m.tx, item.id, &item), ERR_NOT_FOUND);
	assert_err(folder_delete(m.tx, top, &nobody), ERR_NOT_FOUND);
	assert_err(item_add(m.tx, &new, &item), ERR_NOT_FOUND);
	id = made(&m, FOLDER_ROOT, "a");
	assert_true(id > child);
	mailbox_next(&m);
	assert_ok(folder_sweep(m.tx, 1, &more));
	assert_true(more);
	assert_ok(folder_sweep(m.tx, 1, &more));
	assert_false(more);
}

/* MS-ASCMD, FolderSync: parents before their children; rule 12. */
static void parents_are_told_before_their_children(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	int64_t a = made(&m, FOLDER_ROOT, "a"), b = made(&m, FOLDER_ROOT, "b");
	struct feed_state st = feed_state_fresh(0);
	struct hierarchy_entry *e;
	size_t n, at_a = 99, at_b = 99;

	assert_ok(folder_update(m.tx, a, b, S("a"), &nobody)); /* the child has the smaller number */
	mailbox_next(&m);
	assert_ok(hierarchy_read(&m.a, m.tx, ANN, &st, &e, &n));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(e[i].kind, HIERARCHY_ADD);
		at_a = e[i].folder.id == a ? i : at_a;
		at_b = e[i].folder.id == b ? i : at_b;
	}
	assert_int_equal(n, 11 + 2);
	assert_true(at_b < at_a);
	assert_ok(hierarchy_read(&m.a, m.tx, ANN, &st, &e, &n));
	assert_int_equal(n, 0);
}

/* Rules 4 and 12: what a device did to folders is told to the others alone. */
static void a_device_is_not_told_of_its_own_folders(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	struct feed_state ann = feed_state_fresh(0), bob = ann;
	struct hierarchy_entry *e;
	int64_t gone = made(&m, FOLDER_ROOT, "gone"), id;
	size_t n;

	mailbox_next(&m);
	assert_ok(hierarchy_read(&m.a, m.tx, ANN, &ann, &e, &n));
	assert_ok(hierarchy_read(&m.a, m.tx, BOB, &bob, &e, &n));
	struct folder_new f = { .name = S("gone"), .class = FOLDER_MAIL, .by = { .device = ANN, .seen = ann.w } };
	assert_ok(folder_delete(m.tx, gone, &f.by));
	assert_ok(folder_create(m.tx, &f, &id));
	mailbox_next(&m);
	assert_ok(hierarchy_read(&m.a, m.tx, ANN, &ann, &e, &n));
	assert_int_equal(n, 0);
	assert_ok(hierarchy_read(&m.a, m.tx, BOB, &bob, &e, &n));
	assert_int_equal(n, 2);
	assert_int_equal(e[0].kind, HIERARCHY_DELETE); /* first: the name has gone to another one */
	assert_int_equal(e[1].kind, HIERARCHY_ADD);
	assert_ok(folder_update(m.tx, id, FOLDER_ROOT, S("new"), &nobody));
	mailbox_next(&m);
	assert_ok(hierarchy_read(&m.a, m.tx, ANN, &ann, &e, &n));
	assert_int_equal(n, 1);
	assert_int_equal(e[0].kind, HIERARCHY_UPDATE);
}

/* Deleted rows stay for ever; who makes and deletes folders all day must not end everybody's first FolderSync. */
static void a_device_that_begins_reads_no_deleted_folder(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	struct feed_state st = feed_state_fresh(0);
	struct hierarchy_entry *e;
	uint64_t before;
	size_t n;

	for (int i = 0; i < 5; i++)
		assert_ok(folder_delete(m.tx, made(&m, FOLDER_ROOT, "gone"), &nobody));
	mailbox_next(&m);
	before = sql_rows_stepped(store_tx_db(m.tx), "folder_since");
	assert_ok(hierarchy_read(&m.a, m.tx, ANN, &st, &e, &n));
	assert_int_equal(n, 11); /* those that every mailbox has */
	assert_int_equal(sql_rows_stepped(store_tx_db(m.tx), "folder_since") - before, n);
}

/* Rule 5 for FolderCreate: the answer was lost; a repeat is answered, a FolderSync instead of it tells the folder. */
static void a_lost_folder_create_is_answered_or_told(void **unused)
{
	(void)unused;
	struct sync_command c = { .kind = SYNC_ADD, .name = S("") };
	sync_command_hash(&c, S("0 new"));
	for (int repeats = 0; repeats < 2; repeats++) {
		MAILBOX_OPEN(m);
		struct feed_state st = feed_state_fresh(0);
		struct hierarchy_entry *e;
		struct sync_result r;
		struct sync_line line;
		struct str key;
		char first[SYNC_KEY_MAX + 1];
		int64_t id;
		size_t n;

		assert_ok(hierarchy_read(&m.a, m.tx, ANN, &st, &e, &n));
		assert_ok(sync_line_load(m.tx, ANN, FOLDER_ROOT, &line));
		assert_ok(sync_line_restart(m.tx, &line, &st, S("view"), &key));
		memcpy(first, key.p, key.n + 1);
		mailbox_next(&m);
		assert_ok(sync_line_load(m.tx, ANN, FOLDER_ROOT, &line));
		assert_int_equal(sync_line_present(&line, str_of(first)), SYNC_BEGINS);
		assert_ok(sync_commands_begin(m.tx, &line, &c, 1, &r));
		struct folder_new f = { .name = S("new"), .class = FOLDER_MAIL, .by = sync_line_author(&line) };
		assert_ok(folder_create(m.tx, &f, &id));
		r = (struct sync_result){ .status = 1, .item = id };
		assert_ok(sync_line_issue(&line, sync_line_state(&line), S("view")));
		assert_ok(sync_commands_end(m.tx, &line, &c, 1, &r));
		assert_ok(sync_line_store(m.tx, &line));
		mailbox_next(&m);
		assert_ok(sync_line_load(m.tx, ANN, FOLDER_ROOT, &line));
		assert_int_equal(sync_line_present(&line, str_of(first)), SYNC_REPEATS);
		r = (struct sync_result){ 0 };
		assert_ok(sync_commands_begin(m.tx, &line, &c, (size_t)repeats, &r));
		assert_int_equal(r.answered, repeats);
		assert_int_equal(r.item, repeats ? id : 0);
		mailbox_next(&m);
		st = *sync_line_state(&line);
		assert_ok(hierarchy_read(&m.a, m.tx, ANN, &st, &e, &n));
		assert_int_equal(n, 1 - repeats);
	}
}

static enum err note_moved(void *ctx, const struct folder_numbers *f)
{
	struct folder_numbers *last = ctx;

	assert_int_equal(last->id, 0); /* one alone has moved */
	*last = *f;
	return ERR_OK;
}

/* Who watches a mailbox reads names when they change, and else the folders whose mails have come or gone. */
static void names_and_numbers_change_apart(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	struct folder_generation was, is;
	struct folder_numbers moved = { 0 };
	int64_t id = made(&m, FOLDER_ROOT, "Work");

	mailbox_next(&m);
	assert_ok(folder_generation(m.tx, &was));
	(void)mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	assert_ok(folder_generation(m.tx, &is));
	assert_memory_equal(&is, &was, sizeof(is));
	assert_ok(folder_list_moved(m.tx, was.hierarchy, note_moved, &moved));
	assert_int_equal(moved.id, m.inbox);
	assert_int_equal(moved.uid_next, 2);
	assert_int_equal(moved.total, 1);
	assert_int_equal(moved.unread, 1);
	assert_true(moved.head > was.hierarchy);
	was.hierarchy = moved.head;
	moved = (struct folder_numbers){ 0 };
	assert_ok(folder_list_moved(m.tx, was.hierarchy, note_moved, &moved));
	assert_int_equal(moved.id, 0);

	assert_ok(folder_generation(m.tx, &was));
	assert_ok(subscription_set(m.tx, S("Work"), false));
	assert_ok(folder_generation(m.tx, &is));
	assert_true(is.hierarchy == was.hierarchy && is.subscriptions > was.subscriptions);
	mailbox_next(&m);
	was = is;
	assert_ok(folder_update(m.tx, id, FOLDER_ROOT, S("Play"), &nobody));
	assert_ok(folder_generation(m.tx, &is));
	assert_true(is.hierarchy > was.hierarchy);
	mailbox_next(&m);
	was = is;
	assert_ok(folder_delete(m.tx, id, &nobody));
	assert_ok(folder_generation(m.tx, &is));
	assert_true(is.hierarchy > was.hierarchy);
}

static void a_restored_mailbox_gives_every_folder_another_uid_validity(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct folder_generation was, is;
	struct folder *before, *after;
	size_t n, again;

	made(&m, FOLDER_ROOT, "Work");
	assert_ok(folder_list(&m.a, m.tx, &before, &n));
	mailbox_next(&m);
	assert_ok(folder_generation(m.tx, &was));
	assert_ok(folder_renew_uids(m.tx));
	assert_ok(folder_generation(m.tx, &is));
	assert_true(is.hierarchy > was.hierarchy);
	assert_ok(folder_list(&m.a, m.tx, &after, &again));
	assert_int_equal(again, n);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++)
			assert_true(after[i].uid_validity > before[k].uid_validity);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(after[i].uid_validity, after[k].uid_validity);
		assert_int_equal(after[i].uid_next, before[i].uid_next);
		assert_int_equal(after[i].modified, before[i].modified);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_made_once),
		cmocka_unit_test(a_bad_folder_is_refused),
		cmocka_unit_test(the_tree_has_a_greatest_depth),
		cmocka_unit_test(a_mailbox_has_a_greatest_number_of_folders),
		cmocka_unit_test(a_folder_with_a_role_stays_where_it_is),
		cmocka_unit_test(children_go_with_their_parent_and_names_are_free_again),
		cmocka_unit_test(parents_are_told_before_their_children),
		cmocka_unit_test(a_device_is_not_told_of_its_own_folders),
		cmocka_unit_test(a_device_that_begins_reads_no_deleted_folder),
		cmocka_unit_test(a_lost_folder_create_is_answered_or_told),
		cmocka_unit_test(names_and_numbers_change_apart),
		cmocka_unit_test(a_restored_mailbox_gives_every_folder_another_uid_validity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
