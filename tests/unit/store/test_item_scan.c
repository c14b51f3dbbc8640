/* Walks of folders with what lies beside the items, and what is done to many at once. */
#include "mailbox_fixture.h"

#include <base/buf.h>

#include <store/blob.h>
#include <store/folder.h>
#include <store/conversation.h>
#include <store/item_many.h>
#include <store/item_scan.h>
#include <store/uid.h>

/* UIDs of a walk as text: "1 2 4". */
static void check_walk(struct mailbox *m, const struct item_scan_range *range, const char *expected)
{
	for (enum item_scan_with with = 0; with < ITEM_SCAN_WITH_MAX_; with++) {
		CLEANUP(item_scan_close) struct item_scan scan = { 0 };
		CLEANUP(buf_release) struct buf uids = BUF_INIT(1024);
		struct item item;
		bool row = true;

		assert_ok(item_scan_open(m->tx, with, range, &scan));
		for (;;) {
			assert_ok(item_scan_next(&scan, &item, &row));
			if (!row)
				break;
			buf_fmt(&uids, "%s%u", uids.n ? " " : "", item.uid);
			assert_int_equal(item.folder, range->folder);
		}
		if (!str_eq(buf_view(&uids), str_of(expected)))
			fail_msg("walk %d: " STR_FMT " instead of %s", with, STR_ARG(buf_view(&uids)), expected);
	}
}

static void set_flags(struct mailbox *m, const struct item *i, unsigned flags)
{
	const struct item_edit edit = { .what = ITEM_EDIT_FLAGS, .set = flags, .clear = ITEM_FLAGS_ALL };

	assert_ok(item_update(m->tx, i->folder, i->id, &edit, &AUTHOR_NOBODY));
}

static void a_walk_gives_a_range_in_order_by_its_flags(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item items[6];
	enum item_moved moved;

	for (size_t i = 0; i < countof(items); i++)
		items[i] = mailbox_add(&m, m.inbox);
	mailbox_add(&m, m.junk);
	set_flags(&m, &items[1], ITEM_SEEN);
	set_flags(&m, &items[3], ITEM_SEEN | ITEM_FLAGGED);
	check_walk(&m, &(struct item_scan_range){ m.inbox, 1, UINT32_MAX, 0, 0 }, "1 2 3 4 5 6");
	check_walk(&m, &(struct item_scan_range){ m.inbox, 2, 5, 0, 0 }, "2 3 4 5");
	check_walk(&m, &(struct item_scan_range){ m.inbox, 7, 9, 0, 0 }, "");
	check_walk(&m, &(struct item_scan_range){ m.inbox, 1, 6, ITEM_SEEN, ITEM_SEEN }, "2 4");
	check_walk(&m, &(struct item_scan_range){ m.inbox, 1, 6, ITEM_SEEN, 0 }, "1 3 5 6");
	check_walk(&m, &(struct item_scan_range){ m.inbox, 1, 6, ITEM_SEEN | ITEM_FLAGGED, ITEM_SEEN }, "2");
	/* One that comes back lies behind all others. */
	assert_ok(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = items[0].id, .to = m.junk }, &moved));
	assert_ok(item_move(m.tx, &(struct item_move){ .from = m.junk, .id = items[0].id, .to = m.inbox }, &moved));
	check_walk(&m, &(struct item_scan_range){ m.inbox, 1, UINT32_MAX, 0, 0 }, "2 3 4 5 6 7");
}

static struct item add_with(struct mailbox *m, struct str octets)
{
	unsigned char hash[ITEM_SHA256_SIZE];
	int64_t blob = mailbox_blob(m, octets, hash);
	const struct item_new new = { .folder = m->inbox, .blob = blob, .size = octets.n, .key = 5, .received_ms = 5 };
	struct item made;

	assert_ok(item_add(m->tx, &new, &made));
	return made;
}

struct beside {
	bool shape, summary, octets;
};

static struct beside at_first(struct mailbox *m, enum item_scan_with with, struct blob_shape *shape,
			      struct item_summary *summary, struct str *octets)
{
	CLEANUP(item_scan_close) struct item_scan scan = { 0 };
	struct beside is;
	struct item item;
	bool row;

	assert_ok(item_scan_open(m->tx, with, &(struct item_scan_range){ m->inbox, 1, 1, 0, 0 }, &scan));
	assert_ok(item_scan_next(&scan, &item, &row));
	assert_true(row);
	is.shape = item_scan_shape(&scan, shape);
	is.summary = item_scan_summary(&scan, summary);
	is.octets = item_scan_octets(&scan, octets);
	/* They are borrowed. */
	if (is.shape)
		assert_ok(arena_str(&m->a, shape->structure, &shape->structure));
	if (is.summary)
		assert_ok(arena_str(&m->a, summary->summary, &summary->summary));
	if (is.octets)
		assert_ok(arena_str(&m->a, *octets, octets));
	return is;
}

static void what_lies_beside_the_items_comes_with_them(void **unused)
{
	static const bool expected[ITEM_SCAN_WITH_MAX_][3] = {
		[ITEM_SCAN_SHAPES] = { true, false, false },
		[ITEM_SCAN_SUMMARIES] = { false, true, false },
		[ITEM_SCAN_OCTETS] = { false, false, true },
		[ITEM_SCAN_MESSAGES] = { false, true, true },
	};
	(void)unused;
	MAILBOX_OPEN(m);
	struct item item = add_with(&m, S("From: a\r\n\r\nb\r\n"));
	struct blob_shape shape = { .version = 7, .envelope = S("(e)"), .structure = S("(s)") };
	struct item_summary summary = { .parser_version = 3, .summary = S("sum"), .structure = S("str") };
	struct str octets;

	for (enum item_scan_with with = 0; with < ITEM_SCAN_WITH_MAX_; with++) {
		struct beside is = at_first(&m, with, &shape, &summary, &octets);

		assert_false(is.shape || is.summary); /* nothing was put yet */
		assert_int_equal(is.octets, expected[with][2]);
	}
	assert_ok(blob_shape_put(m.tx, item.blob, &shape));
	assert_ok(blob_shape_put(m.tx, item.blob, &shape)); /* in its own place */
	assert_ok(item_summary_put(m.tx, item.id, &summary));
	assert_ok(item_summary_put(m.tx, item.id, &summary));
	for (enum item_scan_with with = 0; with < ITEM_SCAN_WITH_MAX_; with++) {
		struct beside is = at_first(&m, with, &shape, &summary, &octets);

		assert_int_equal(is.shape, expected[with][0]);
		assert_int_equal(is.summary, expected[with][1]);
		assert_int_equal(is.octets, expected[with][2]);
		assert_true(str_eq(shape.structure, S("(s)")) && shape.version == 7);
		assert_true(str_eq(summary.summary, S("sum")) && summary.parser_version == 3);
		assert_true(!is.octets || str_eq(octets, S("From: a\r\n\r\nb\r\n")));
	}
}

static void octets_in_a_file_do_not_come_with_the_walk(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	char *large = arena_alloc(&m.a, STORE_BLOB_INLINE_MAX + 1);
	struct blob_shape shape;
	struct item_summary summary;
	struct str octets;

	memset(large, 'x', STORE_BLOB_INLINE_MAX + 1);
	add_with(&m, str_from(large, STORE_BLOB_INLINE_MAX + 1));
	assert_false(at_first(&m, ITEM_SCAN_OCTETS, &shape, &summary, &octets).octets);
}

/* ---- flags ---- */

enum { MANY = 40 };

static void check_same(const struct item *a, const struct item *b)
{
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->modified_by, b->modified_by);
	for (int mark = 0; mark < ITEM_MARK_MAX_; mark++)
		assert_int_equal(a->marked[mark], b->marked[mark]);
	assert_true(str_eq(a->keywords, b->keywords));
}

/* The same edit of the same items, of one folder together, of the other each by itself. */
static void marks_of_many_change_as_those_of_each_would(void **unused)
{
	static const struct str work = STR_INIT("Work\n"), none = STR_INIT("");
	static const struct {
		unsigned set, clear;
		const struct str *keywords;
	} edits[] = { { ITEM_SEEN, 0, NULL },
		      { 0, ITEM_SEEN, &work },
		      { ITEM_FLAGGED | ITEM_DELETED, 0, NULL },
		      { ITEM_DRAFT, ITEM_FLAGS_ALL & ~(unsigned)ITEM_DRAFT, &none },
		      { ITEM_SEEN, ITEM_SEEN, NULL },
		      { 0, 0, &work },
		      { 0, 0, &work },
		      { 0, ITEM_FLAGS_ALL, NULL } };
	(void)unused;
	MAILBOX_OPEN(m);
	struct item one[MANY], many[MANY];

	for (unsigned i = 0; i < MANY; i++) {
		one[i] = mailbox_add(&m, m.inbox);
		many[i] = mailbox_add(&m, m.junk);
	}
	for (size_t k = 0; k < countof(edits); k++) {
		const struct item_edit edit = { .what = ITEM_EDIT_FLAGS | (edits[k].keywords ? ITEM_EDIT_KEYWORDS : 0),
						.set = edits[k].set,
						.clear = edits[k].clear,
						.keywords = edits[k].keywords ? *edits[k].keywords : STR_EMPTY };
		const struct item_range_edit together = { .of = { m.junk, 5, 30 },
							  .set = edits[k].set,
							  .clear = edits[k].clear,
							  .since = INT64_MAX,
							  .keywords = edits[k].keywords };
		struct folder inbox, junk;
		uint64_t n, changed = 0, change;

		for (unsigned i = 0; i < MANY; i++) { /* of all kinds */
			set_flags(&m, &one[i], (i * 7 + (unsigned)k) & ITEM_FLAGS_ALL);
			set_flags(&m, &many[i], (i * 7 + (unsigned)k) & ITEM_FLAGS_ALL);
		}
		mailbox_next(&m);
		for (unsigned i = 0; i < MANY; i++)
			if (one[i].uid >= 5 && one[i].uid <= 30)
				assert_ok(item_update(m.tx, m.inbox, one[i].id, &edit, &AUTHOR_NOBODY));
		assert_ok(item_update_range(m.tx, &together, &n));
		assert_ok(store_change_number(m.tx, &change));
		for (unsigned i = 0; i < MANY; i++) {
			struct item a, b;

			assert_ok(item_get(&m.a, m.tx, m.inbox, one[i].id, &a));
			assert_ok(item_get(&m.a, m.tx, m.junk, many[i].id, &b));
			check_same(&a, &b);
			assert_int_equal(a.modified == change, b.modified == change);
			changed += b.modified == change;
		}
		assert_int_equal(n, changed);
		assert_ok(folder_get(&m.a, m.tx, m.inbox, &inbox));
		assert_ok(folder_get(&m.a, m.tx, m.junk, &junk));
		assert_int_equal(inbox.unread, junk.unread);
		assert_int_equal(inbox.head, junk.head);
	}
}

static void a_verb_goes_to_those_that_change(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item items[2], is;
	uint64_t n, change;

	for (size_t i = 0; i < countof(items); i++)
		items[i] = mailbox_add(&m, m.inbox);
	set_flags(&m, &items[1], ITEM_ANSWERED);
	mailbox_next(&m);
	assert_ok(item_update_range(
		m.tx,
		&(struct item_range_edit){
			.of = { m.inbox, 1, 2 }, .set = ITEM_ANSWERED, .since = INT64_MAX, .verb = 1, .verb_ms = 5000 },
		&n));
	assert_int_equal(n, 1);
	assert_ok(store_change_number(m.tx, &change));
	assert_ok(item_get(&m.a, m.tx, m.inbox, items[0].id, &is));
	assert_int_equal(is.verb, 1);
	assert_int_equal(is.verb_ms, 5000);
	assert_int_equal(is.marked[ITEM_MARK_VERB], change);
	assert_true(is.marked[ITEM_MARK_KEYWORDS] < change);
	assert_ok(item_get(&m.a, m.tx, m.inbox, items[1].id, &is));
	assert_int_equal(is.verb, 0);
	assert_true(is.modified < change);
}

static void a_range_takes_keywords_up_to_a_length(void **unused)
{
	static char longest[ITEM_KEYWORDS_MAX + 1];
	(void)unused;
	MAILBOX_OPEN(m);
	uint64_t n;

	memset(longest, 'k', sizeof(longest));
	mailbox_add(&m, m.inbox);
	for (size_t past = 0; past < 2; past++) {
		const struct str keywords = str_from(longest, ITEM_KEYWORDS_MAX + past);
		const struct item_range_edit edit = { .of = { m.inbox, 1, 1 },
						      .since = INT64_MAX,
						      .keywords = &keywords };

		assert_int_equal(item_update_range(m.tx, &edit, &n), past ? ERR_LIMIT : ERR_OK);
	}
}

static enum err see_range(struct mailbox *m, uint32_t hi, uint64_t since, uint64_t *ret_n)
{
	return item_update_range(
		m->tx, &(struct item_range_edit){ .of = { m->inbox, 1, hi }, .set = ITEM_SEEN, .since = since }, ret_n);
}

static void what_others_have_changed_since_is_left_alone(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item items[3], is;
	uint64_t since, n;

	for (size_t i = 0; i < countof(items); i++)
		items[i] = mailbox_add(&m, m.inbox);
	assert_ok(store_change_number(m.tx, &since));
	mailbox_next(&m);
	set_flags(&m, &items[1], ITEM_FLAGGED);
	mailbox_next(&m);
	assert_ok(see_range(&m, 3, since, &n));
	assert_int_equal(n, 2);
	assert_ok(item_get(&m.a, m.tx, m.inbox, items[1].id, &is));
	assert_int_equal(is.flags, ITEM_FLAGGED);
	/* Nothing to change is no change of the folder. */
	mailbox_next(&m);
	assert_ok(folder_head(m.tx, m.inbox, &since));
	assert_ok(see_range(&m, 1, INT64_MAX, &n));
	assert_int_equal(n, 0);
	assert_ok(folder_head(m.tx, m.inbox, &n));
	assert_int_equal(n, since);
}

/* ---- copies and moves ---- */

static const struct conversation conversation = { .id = { 1, 2, 3 }, .index = { 4, 5 }, .index_n = 2 };

/* Mails of all kinds, with a gap, the same in any folder. */
static void fill(struct mailbox *m, int64_t folder, struct item *items, int64_t blob)
{
	const struct item_summary summary = { .parser_version = 3, .summary = S("sum"), .structure = S("str") };

	for (unsigned i = 0; i < MANY; i++) {
		const struct item_new new = { .folder = folder,
					      .blob = i % 3 ? blob : 0,
					      .size = i,
					      .key = 100 + i,
					      .received_ms = 100 + i,
					      .flags = (i * 5) & ITEM_FLAGS_ALL,
					      .keywords = i % 2 ? S("Work\n") : S("") };

		assert_ok(item_add(m->tx, &new, &items[i]));
		if (i % 3)
			assert_ok(item_summary_put(m->tx, items[i].id, &summary));
		if (i % 4)
			assert_ok(conversation_set(m->tx, items[i].id, &conversation));
	}
	assert_ok(item_expunge(m->tx, folder, items[7].id, &AUTHOR_NOBODY));
}

static void check_counts(struct mailbox *m, int64_t a, int64_t b)
{
	struct folder x, y;

	assert_ok(folder_get(&m->a, m->tx, a, &x));
	assert_ok(folder_get(&m->a, m->tx, b, &y));
	assert_int_equal(x.total, y.total);
	assert_int_equal(x.unread, y.unread);
	assert_int_equal(x.uid_next, y.uid_next);
	assert_int_equal(x.head, y.head);
}

static void check_alike(const struct item *a, const struct item *b)
{
	check_same(a, b);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->key, b->key);
	assert_int_equal(a->received_ms, b->received_ms);
	assert_int_equal(a->blob, b->blob);
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->created, b->created);
	assert_int_equal(a->modified, b->modified);
	assert_int_equal(a->created_by, b->created_by);
	assert_int_equal(a->moved_by, b->moved_by);
	assert_int_equal(a->saved_ms, b->saved_ms);
	assert_true(str_eq(a->conversation, b->conversation));
	assert_true(str_eq(a->conversation_index, b->conversation_index));
}

static enum err count_uid(void *ctx, uint32_t uid)
{
	(void)uid;
	++*(unsigned *)ctx;
	return ERR_OK;
}

static void many_move_as_each_would(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item a[MANY], b[MANY], *x, *y;
	int64_t drafts, sent;
	uint64_t n, before;
	uint32_t first;
	size_t x_n, y_n;
	unsigned gone[2] = { 0 };

	assert_ok(folder_by_role(m.tx, FOLDER_DRAFTS, &drafts));
	assert_ok(folder_by_role(m.tx, FOLDER_SENT, &sent));
	fill(&m, m.inbox, a, 0);
	fill(&m, drafts, b, 0);
	mailbox_next(&m);
	assert_ok(folder_head(m.tx, drafts, &before));
	assert_ok(item_move_range(m.tx, &(struct item_range){ m.inbox, 3, 30 }, m.junk, &first, &n));
	assert_int_equal(first, 1);
	assert_int_equal(n, 27);
	for (size_t i = 2; i < 30; i++) {
		const struct item_move move = { .from = drafts, .id = b[i].id, .to = sent };
		enum item_moved moved;

		if (i != 7)
			assert_ok(item_move(m.tx, &move, &moved));
	}
	assert_ok(item_list(&m.a, m.tx, m.junk, 0, MANY, &x, &x_n));
	assert_ok(item_list(&m.a, m.tx, sent, 0, MANY, &y, &y_n));
	assert_int_equal(x_n, n);
	assert_int_equal(y_n, n);
	for (size_t i = 0; i < n; i++) {
		check_alike(&x[i], &y[i]);
		assert_int_equal(x[i].id - a[0].id, y[i].id - b[0].id); /* each keeps its own */
	}
	check_counts(&m, m.inbox, drafts);
	check_counts(&m, m.junk, sent);
	assert_ok(uid_list_gone(m.tx, m.inbox, before, UINT32_MAX, count_uid, &gone[0]));
	assert_ok(uid_list_gone(m.tx, drafts, before, UINT32_MAX, count_uid, &gone[1]));
	assert_int_equal(gone[0], n);
	assert_int_equal(gone[1], n);
	assert_int_equal(item_move_range(m.tx, &(struct item_range){ m.junk, 1, 9 }, m.junk, &first, &n), ERR_INVALID);
	assert_ok(item_move_range(m.tx, &(struct item_range){ m.junk, 900, 999 }, sent, &first, &n));
	assert_int_equal(n, 0);
}

/* References are right if octets go with the last mail that has them, and not before. */
static void expunge_all(struct mailbox *m, int64_t folder)
{
	struct item *list;
	size_t n;

	assert_ok(item_list(&m->a, m->tx, folder, 0, 4 * MANY, &list, &n));
	for (size_t i = 0; i < n; i++)
		assert_ok(item_expunge(m->tx, folder, list[i].id, &AUTHOR_NOBODY));
}

static void copies_are_mails_of_their_own(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	unsigned char hash[ITEM_SHA256_SIZE];
	int64_t blob = mailbox_blob(&m, S("octets"), hash), still;
	struct item items[MANY], *copies;
	struct item_summary summary;
	uint64_t n, change;
	uint32_t first;
	size_t copies_n, at = 0;

	fill(&m, m.inbox, items, blob);
	mailbox_next(&m);
	assert_ok(item_copy_range(m.tx, &(struct item_range){ m.inbox, 1, MANY }, m.junk, &first, &n));
	assert_int_equal(n, MANY - 1);
	assert_ok(store_change_number(m.tx, &change));
	assert_ok(item_list(&m.a, m.tx, m.junk, 0, MANY, &copies, &copies_n));
	assert_int_equal(copies_n, n);
	for (size_t i = 0; i < MANY; i++) {
		struct item was, *copy = &copies[at];

		if (i == 7)
			continue;
		assert_ok(item_get(&m.a, m.tx, m.inbox, items[i].id, &was));
		assert_int_equal(copy->uid, ++at);
		assert_true(copy->id > items[MANY - 1].id);
		assert_int_equal(copy->flags, was.flags);
		assert_int_equal(copy->blob, was.blob);
		assert_int_equal(copy->created, change);
		assert_int_equal(copy->content, change);
		for (int mark = 0; mark < ITEM_MARK_MAX_; mark++)
			assert_int_equal(copy->marked[mark], change);
		assert_true(str_eq(copy->keywords, was.keywords));
		assert_true(str_eq(copy->conversation, was.conversation));
		assert_int_equal(item_summary_get(&m.a, m.tx, copy->id, &summary), i % 3 ? ERR_OK : ERR_NOT_FOUND);
	}
	/* Into the same folder, too: those that were there, once. */
	assert_ok(item_copy_range(m.tx, &(struct item_range){ m.inbox, 1, UINT32_MAX }, m.inbox, &first, &n));
	assert_int_equal(first, MANY + 1);
	assert_int_equal(n, MANY - 1);
	mailbox_next(&m);
	expunge_all(&m, m.inbox);
	assert_ok(store_blob_find(m.tx, hash, 6, &still));
	expunge_all(&m, m.junk);
	assert_int_equal(store_blob_find(m.tx, hash, 6, &still), ERR_NOT_FOUND);
	assert_int_equal(item_copy_range(m.tx, &(struct item_range){ m.inbox, 1, UINT32_MAX }, 999, &first, &n),
			 ERR_OK);
	assert_int_equal(n, 0);
	mailbox_add(&m, m.inbox);
	assert_int_equal(item_copy_range(m.tx, &(struct item_range){ m.inbox, 1, UINT32_MAX }, 999, &first, &n),
			 ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_walk_gives_a_range_in_order_by_its_flags),
		cmocka_unit_test(what_lies_beside_the_items_comes_with_them),
		cmocka_unit_test(octets_in_a_file_do_not_come_with_the_walk),
		cmocka_unit_test(marks_of_many_change_as_those_of_each_would),
		cmocka_unit_test(a_verb_goes_to_those_that_change),
		cmocka_unit_test(a_range_takes_keywords_up_to_a_length),
		cmocka_unit_test(what_others_have_changed_since_is_left_alone),
		cmocka_unit_test(many_move_as_each_would),
		cmocka_unit_test(copies_are_mails_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
