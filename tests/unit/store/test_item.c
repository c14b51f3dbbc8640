/* Items: numbers, counts, edits, moves, octets, summaries, and who is published to have done it. */
#include "mailbox_fixture.h"

#include <store/blob.h>
#include <store/declined.h>
#include <store/folder.h>
#include <store/mailbox.h>

static struct folder inbox(struct mailbox *m)
{
	struct folder f;

	assert_ok(folder_get(&m->a, m->tx, m->inbox, &f));
	return f;
}

static struct item get(struct mailbox *m, const struct item *i)
{
	struct item item;

	assert_ok(item_find(&m->a, m->tx, i->id, &item));
	return item;
}

static enum err edit(struct mailbox *m, const struct item *i, const struct item_edit *e)
{
	const struct author nobody = AUTHOR_NOBODY;

	return item_update(m->tx, i->folder, i->id, e, &nobody);
}

static void a_folder_counts_its_items(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	struct item a = mailbox_add(&m, m.inbox), b = mailbox_add(&m, m.inbox);

	assert_int_equal(a.uid, 1);
	assert_int_equal(b.uid, 2);
	assert_int_equal(inbox(&m).total, 2);
	assert_int_equal(inbox(&m).unread, 2);
	assert_ok(edit(&m, &a, &(struct item_edit){ .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN }));
	assert_int_equal(inbox(&m).unread, 1);
	assert_ok(item_expunge(m.tx, m.inbox, b.id, &nobody));
	assert_int_equal(inbox(&m).total, 1);
	assert_int_equal(inbox(&m).unread, 0);
	assert_int_equal(inbox(&m).uid_next, 3);
	assert_int_equal(inbox(&m).head, a.created);
	assert_err(item_expunge(m.tx, m.inbox, b.id, &nobody), ERR_NOT_FOUND);
}

/* As when directory.db was restored from an older day and gives this number again. */
static void a_mailbox_that_holds_items_is_never_replaced(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox);

	mailbox_next(&m);
	assert_ok(store_commit(&m.tx));
	assert_err(store_mailbox_create(m.f.store, MAILBOX), ERR_CORRUPT);
	mailbox_next(&m);
	assert_int_equal(get(&m, &i).id, i.id);
}

static void an_edit_changes_what_it_names(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox), is;

	assert_ok(edit(&m, &i,
		       &(struct item_edit){ .what = ITEM_EDIT_FLAGS | ITEM_EDIT_KEYWORDS | ITEM_EDIT_VERB,
					    .set = ITEM_FLAGGED | ITEM_SEEN,
					    .keywords = S("Red Category\n"),
					    .verb = 2,
					    .verb_ms = 77 }));
	mailbox_next(&m);
	assert_ok(edit(&m, &i,
		       &(struct item_edit){ .what = ITEM_EDIT_FLAGS | ITEM_EDIT_FOLLOWUP,
					    .set = ITEM_ANSWERED,
					    .clear = ITEM_SEEN,
					    .followup = S("\0f") }));
	is = get(&m, &i);
	assert_int_equal(is.flags, ITEM_FLAGGED | ITEM_ANSWERED);
	assert_true(str_eq(is.keywords, S("Red Category\n")));
	assert_true(str_eq(is.followup, S("\0f")));
	assert_int_equal(is.verb, 2);
	assert_int_equal(is.verb_ms, 77);
	assert_int_equal(is.content, i.created); /* none of these is a change of content */
	assert_true(is.modified > i.modified);
}

static void an_edit_that_changes_nothing_writes_nothing(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox);
	struct item_edit e = { .what = ITEM_EDIT_FLAGS | ITEM_EDIT_KEYWORDS | ITEM_EDIT_FOLLOWUP, .clear = ITEM_SEEN };
	const struct author overruled = { .device = ANN, .normalised = true };

	mailbox_next(&m);
	assert_ok(edit(&m, &i, &e));
	assert_int_equal(get(&m, &i).modified, i.modified);
	/* but a device whose value was overruled has to hear of it */
	assert_ok(item_update(m.tx, m.inbox, i.id, &e, &overruled));
	assert_true(get(&m, &i).modified > i.modified);
	assert_int_equal(get(&m, &i).modified_by, STORE_NOBODY);
}

/* RFC 9051 2.3.1.1: a message under a UID never changes. */
static void new_octets_get_a_new_uid(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox), by_uid;
	struct item_summary summary = { 3, S("envelope"), S("parts"), false };

	assert_ok(item_summary_put(m.tx, i.id, &summary));
	mailbox_next(&m);
	assert_ok(edit(&m, &i, &(struct item_edit){ .what = ITEM_EDIT_CONTENT, .size = 9 }));
	assert_err(item_by_uid(&m.a, m.tx, m.inbox, i.uid, &by_uid), ERR_NOT_FOUND);
	assert_ok(item_by_uid(&m.a, m.tx, m.inbox, i.uid + 1, &by_uid));
	assert_int_equal(by_uid.id, i.id);
	assert_int_equal(by_uid.size, 9);
	assert_true(by_uid.content > i.content);
	assert_err(item_summary_get(&m.a, m.tx, i.id, &summary), ERR_NOT_FOUND); /* it was of the old ones */
}

static void a_summary_is_kept_as_it_is_given(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox);
	struct item_summary got;
	static char most[ITEM_SUMMARY_MAX + 1];

	assert_err(item_summary_get(&m.a, m.tx, i.id, &got), ERR_NOT_FOUND);
	for (int version = 1; version < 3; version++) {
		assert_ok(item_summary_put(m.tx, i.id, &(struct item_summary){ version, S("a\0b"), STR_EMPTY, false }));
		assert_ok(item_summary_get(&m.a, m.tx, i.id, &got));
		assert_int_equal(got.parser_version, version);
		assert_true(str_eq(got.summary, S("a\0b")));
		assert_int_equal(got.structure.n, 0);
	}
	assert_ok(item_summary_put(m.tx, i.id,
				   &(struct item_summary){ 1, { most, ITEM_SUMMARY_MAX }, STR_EMPTY, false }));
	assert_err(item_summary_put(m.tx, i.id,
				    &(struct item_summary){ 1, { most, ITEM_SUMMARY_MAX + 1 }, STR_EMPTY, false }),
		   ERR_LIMIT);
}

/* What is found by its name is found where it is now, the newest of several, and not by what is no name. */
static void an_item_is_found_by_its_name(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct item_summary named = { 1, STR_EMPTY, S("uid-1"), true },
				  parts = { 1, STR_EMPTY, S("uid-2"), false };
	struct item first = mailbox_add(&m, m.inbox), second = mailbox_add(&m, m.inbox),
		    other = mailbox_add(&m, m.inbox), got;

	assert_ok(item_summary_put(m.tx, first.id, &named));
	assert_ok(item_summary_put(m.tx, other.id, &parts));
	assert_ok(item_by_name(&m.a, m.tx, m.inbox, S("uid-1"), &got));
	assert_int_equal(got.id, first.id);
	assert_err(item_by_name(&m.a, m.tx, m.inbox + 1, S("uid-1"), &got), ERR_NOT_FOUND);
	assert_err(item_by_name(&m.a, m.tx, m.inbox, S("uid-2"), &got), ERR_NOT_FOUND);
	assert_err(item_by_name(&m.a, m.tx, m.inbox, STR_EMPTY, &got), ERR_NOT_FOUND);
	assert_ok(item_summary_put(m.tx, second.id, &named));
	assert_ok(item_by_name(&m.a, m.tx, m.inbox, S("uid-1"), &got));
	assert_int_equal(got.id, second.id);
	assert_ok(item_expunge(m.tx, m.inbox, second.id, &AUTHOR_NOBODY));
	assert_ok(item_by_name(&m.a, m.tx, m.inbox, S("uid-1"), &got));
	assert_int_equal(got.id, first.id);
	assert_ok(item_summary_put(m.tx, first.id, &parts));
	assert_err(item_by_name(&m.a, m.tx, m.inbox, S("uid-1"), &got), ERR_NOT_FOUND);
}

static void long_strings_are_refused(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	static char text[ITEM_KEYWORDS_MAX + 1];
	struct item i;

	memset(text, 'k', sizeof(text));
	for (size_t over = 0; over < 2; over++) {
		struct str s = { text, ITEM_KEYWORDS_MAX + over };
		struct item_new new = { .folder = m.inbox, .keywords = s, .followup = s };
		struct item_edit e = { .what = ITEM_EDIT_KEYWORDS, .keywords = s };
		enum err expected = over ? ERR_LIMIT : ERR_OK;

		assert_err(item_add(m.tx, &new, &i), expected);
		assert_err(edit(&m, &i, &e), expected);
		assert_int_equal(get(&m, &i).keywords.n, ITEM_KEYWORDS_MAX);
	}
}

/* The importer's question: equal mails are counted, so that a second run adds none and true duplicates stay. */
static void equal_octets_are_counted_in_their_folder(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	unsigned char sha256[ITEM_SHA256_SIZE];
	int64_t blob = mailbox_blob(&m, S("Subject: x\r\n\r\n"), sha256);
	const struct item_new new = { .folder = m.inbox, .blob = blob, .size = 14 };
	struct store_blob *open;
	struct item a, b;
	uint64_t n;

	assert_ok(item_add(m.tx, &new, &a));
	assert_ok(item_add(m.tx, &new, &b));
	assert_ok(item_count_octets(m.tx, m.inbox, sha256, &n));
	assert_int_equal(n, 2);
	assert_ok(item_count_octets(m.tx, m.junk, sha256, &n));
	assert_int_equal(n, 0);
	assert_ok(item_expunge(m.tx, m.inbox, a.id, &nobody));
	assert_ok(store_blob_open(m.tx, blob, &open));
	store_blob_close(&open);
	assert_ok(item_expunge(m.tx, m.inbox, b.id, &nobody));
	assert_err(store_blob_open(m.tx, blob, &open), ERR_NOT_FOUND); /* with the last item */
	assert_ok(item_count_octets(m.tx, m.inbox, sha256, &n));
	assert_int_equal(n, 0);
}

static void a_list_goes_on_behind_a_uid(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item *list;
	uint32_t after = 0;
	size_t n, all = 0;

	for (int i = 0; i < 7; i++)
		mailbox_add(&m, m.inbox);
	mailbox_add(&m, m.junk);
	do {
		assert_ok(item_list(&m.a, m.tx, m.inbox, after, 3, &list, &n));
		for (size_t i = 0; i < n; i++) {
			assert_true(list[i].uid > after);
			after = list[i].uid;
		}
		all += n;
	} while (n);
	assert_int_equal(all, 7);
}

static void a_moved_item_keeps_its_id(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox), is;
	enum item_moved moved;
	struct item_move move = { .from = m.inbox, .id = i.id, .to = m.junk };

	assert_err(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = i.id, .to = m.inbox }, &moved),
		   ERR_INVALID);
	assert_err(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = i.id, .to = 999 }, &moved),
		   ERR_NOT_FOUND);
	assert_ok(item_move(m.tx, &move, &moved));
	assert_int_equal(moved, ITEM_MOVED);
	is = get(&m, &i);
	assert_int_equal(is.folder, m.junk);
	assert_int_equal(is.uid, 1);
	assert_int_equal(inbox(&m).total, 0);
	assert_err(item_get(&m.a, m.tx, m.inbox, i.id, &is), ERR_NOT_FOUND);
	mailbox_next(&m);
	assert_ok(item_move(m.tx, &move, &moved));
	assert_int_equal(moved, ITEM_MOVED_BEFORE);
	assert_err(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = 999, .to = m.junk }, &moved),
		   ERR_NOT_FOUND);
}

/* Rule 8: publications carry the author, so that a device is not woken by itself; but by what it must hear. */
/* RFC 8514: COPY and MOVE save anew; nothing else does. */
static void an_item_is_saved_when_it_comes_into_a_folder(void **unused)
{
	MAILBOX_OPEN(m);
	struct item i = mailbox_add(&m, m.inbox), there;
	int64_t added = i.saved_ms;
	const struct item_edit flags = { .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN };
	enum item_moved moved;

	(void)unused;
	assert_int_equal(added, FIXTURE_NOW_MS);
	clock_fake_advance(&m.f.clock, 5000);
	assert_ok(item_update(m.tx, m.inbox, i.id, &flags, &AUTHOR_NOBODY));
	assert_ok(item_find(&m.a, m.tx, i.id, &there));
	assert_int_equal(there.saved_ms, added);
	assert_ok(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = i.id, .to = m.junk }, &moved));
	assert_ok(item_find(&m.a, m.tx, i.id, &there));
	assert_int_equal(there.saved_ms, added + 5000);
	assert_int_equal(there.received_ms, i.received_ms);
}

static void what_is_published_names_whom_it_need_not_wake(void **unused)
{
	(void)unused;
	static const struct {
		const char *what;
		struct author by;
		int64_t author;
	} cases[] = {
		{ "nobody's", { 0 }, STORE_NOBODY },
		{ "the device's own", { .device = ANN, .seen = 1000 }, ANN },
		{ "upon a change that it has not seen", { .device = ANN, .seen = 0 }, STORE_NOBODY },
		{ "a value that was overruled", { .device = ANN, .seen = 1000, .normalised = true }, STORE_NOBODY },
	};
	MAILBOX_OPEN(m);
	for (size_t n = 0; n < countof(cases); n++) {
		struct item i = mailbox_add(&m, m.inbox);

		mailbox_next(&m);
		m.f.published_n = 0;
		assert_ok(item_update(m.tx, m.inbox, i.id,
				      &(struct item_edit){ .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN }, &cases[n].by));
		mailbox_next(&m);
		assert_int_equal(m.f.published_n, 1);
		assert_int_equal(m.f.published[0].folder, m.inbox);
		if (m.f.published[0].author != cases[n].author)
			fail_msg("%s", cases[n].what);
	}
}

static struct declined_event meeting(int64_t n)
{
	return (struct declined_event){ S("plan@x.test"), n };
}

static void so_many_declined_meetings_are_remembered(void **unused)
{
	MAILBOX_OPEN(m);
	struct declined d;

	(void)unused;
	for (int64_t i = 0; i < DECLINED_MAX; i++)
		assert_ok(declined_put(m.tx, meeting(i), &(struct declined){ i, -i, 100 + i }));
	assert_ok(declined_get(m.tx, meeting(0), &d));
	assert_ok(declined_get(m.tx, meeting(7), &d));
	assert_true(d.sequence == 7 && d.stamp_ms == -7 && d.answered_ms == 107);
	assert_ok(declined_put(m.tx, meeting(INT64_MIN), &(struct declined){ 0, INT64_MIN, 5000 }));
	assert_int_equal(declined_get(m.tx, meeting(0), &d), ERR_NOT_FOUND);
	assert_ok(declined_get(m.tx, meeting(1), &d));
	assert_ok(declined_forget(m.tx, meeting(1)));
	assert_int_equal(declined_get(m.tx, meeting(1), &d), ERR_NOT_FOUND);
	assert_ok(declined_forget(m.tx, meeting(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_counts_its_items),
		cmocka_unit_test(a_mailbox_that_holds_items_is_never_replaced),
		cmocka_unit_test(an_edit_changes_what_it_names),
		cmocka_unit_test(an_edit_that_changes_nothing_writes_nothing),
		cmocka_unit_test(new_octets_get_a_new_uid),
		cmocka_unit_test(a_summary_is_kept_as_it_is_given),
		cmocka_unit_test(an_item_is_found_by_its_name),
		cmocka_unit_test(so_many_declined_meetings_are_remembered),
		cmocka_unit_test(long_strings_are_refused),
		cmocka_unit_test(equal_octets_are_counted_in_their_folder),
		cmocka_unit_test(a_list_goes_on_behind_a_uid),
		cmocka_unit_test(a_moved_item_keeps_its_id),
		cmocka_unit_test(an_item_is_saved_when_it_comes_into_a_folder),
		cmocka_unit_test(what_is_published_names_whom_it_need_not_wake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
