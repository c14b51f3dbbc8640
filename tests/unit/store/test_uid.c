/* Folders by UID, subscriptions, and what is kept of octets for IMAP. */
#include "mailbox_fixture.h"

#include <base/buf.h>
#include <store/blob.h>
#include <store/blob_shape.h>
#include <store/folder.h>
#include <store/subscription.h>
#include <store/uid.h>

struct uids {
	uint32_t at[64];
	size_t n;
};

static enum err note(void *ctx, uint32_t uid)
{
	struct uids *u = ctx;

	u->at[u->n++] = uid;
	return u->n < 60 ? ERR_OK : ERR_LIMIT;
}

static void uids_that_are_there_and_that_went(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	struct item items[5];
	struct uids u = { 0 };
	uint64_t head, gone;
	enum item_moved moved;

	for (size_t i = 0; i < 5; i++)
		items[i] = mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	assert_ok(folder_head(m.tx, m.inbox, &head));
	assert_ok(uid_first_gone(m.tx, m.inbox, head, 6, &gone));
	assert_int_equal(gone, 0);
	assert_ok(item_expunge(m.tx, m.inbox, items[3].id, &nobody));
	assert_ok(item_move(m.tx, &(struct item_move){ .from = m.inbox, .id = items[1].id, .to = m.junk }, &moved));
	assert_ok(uid_list(m.tx, m.inbox, 2, note, &u));
	assert_int_equal(u.n, 2);
	assert_int_equal(u.at[0], 3);
	assert_int_equal(u.at[1], 5);
	u.n = 0;
	assert_ok(uid_list_gone(m.tx, m.inbox, head, 6, note, &u));
	assert_int_equal(u.n, 2);
	u.n = 0;
	assert_ok(uid_list_gone(m.tx, m.inbox, head, 4, note, &u)); /* 4 was not known then */
	assert_int_equal(u.n, 1);
	assert_int_equal(u.at[0], 2);
	assert_ok(uid_first_gone(m.tx, m.inbox, head, 6, &gone));
	assert_true(gone > head);
	u.n = 0;
	assert_ok(uid_list_gone(m.tx, m.inbox, gone, 6, note, &u));
	assert_int_equal(u.n, 0);
}

static void rows_are_found_by_range_mark_and_change(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	const struct author nobody = AUTHOR_NOBODY;
	struct item items[4], got[4], *list;
	size_t n = 0;
	uint64_t head;
	struct folder_sums sums;

	for (size_t i = 0; i < 4; i++)
		items[i] = mailbox_add(&m, m.inbox);
	mailbox_next(&m);
	assert_ok(folder_head(m.tx, m.inbox, &head));
	assert_ok(item_read_range(&m.a, m.tx, m.inbox, 2, 4, 4, got, &n));
	assert_ok(item_read_range(&m.a, m.tx, m.inbox, 1, 4, 4, got, &n)); /* up to the limit alone */
	assert_int_equal(n, 4);
	assert_int_equal(got[0].uid, 2);
	assert_int_equal(got[3].uid, 1);
	assert_ok(item_update(m.tx, m.inbox, items[2].id,
			      &(struct item_edit){ .what = ITEM_EDIT_FLAGS, .set = ITEM_DELETED | ITEM_SEEN },
			      &nobody));
	assert_ok(item_list_deleted(&m.a, m.tx, m.inbox, 0, 10, 5, &list, &n));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].uid, 3);
	assert_ok(item_list_deleted(&m.a, m.tx, m.inbox, 3, 10, 5, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(item_list_changed(&m.a, m.tx, m.inbox, head, INT64_MAX, 5, &list, &n));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].uid, 3);
	assert_ok(folder_sums(m.tx, m.inbox, &sums));
	assert_int_equal(sums.deleted, 1);
}

static void subscriptions_are_kept_by_name(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct subscription *list;
	size_t n;

	assert_ok(subscription_set(m.tx, S("b"), true));
	assert_ok(subscription_set(m.tx, S("a/\xc3\xa4"), true));
	assert_ok(subscription_set(m.tx, S("b"), false));
	assert_err(subscription_set(m.tx, S("\xff"), true), ERR_INVALID);
	assert_ok(subscription_list(&m.a, m.tx, &list, &n));
	assert_int_equal(n, 2);
	assert_true(str_eq(list[0].name, S("a/\xc3\xa4")) && list[0].subscribed);
	assert_true(str_eq(list[1].name, S("b")) && !list[1].subscribed);
}

static void subscriptions_have_a_limit(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct buf name = BUF_INIT(64);

	for (int i = 0; i < SUBSCRIPTION_MAX; i++) {
		buf_clear(&name);
		buf_fmt(&name, "n%d", i);
		assert_ok(subscription_set(m.tx, buf_view(&name), true));
	}
	assert_err(subscription_set(m.tx, S("one more"), true), ERR_LIMIT);
	buf_release(&name);
}

static void a_shape_goes_with_its_octets(void **unused)
{
	(void)unused;
	MAILBOX_OPEN(m);
	struct blob_shape shape = { 3, S("(e)"), S("(s)"), STR_EMPTY }, got;
	unsigned char sha256[ITEM_SHA256_SIZE];
	int64_t blob = mailbox_blob(&m, S("octets"), sha256);
	struct buf large = BUF_INIT(BLOB_SHAPE_MAX + 1);

	assert_err(blob_shape_get(&m.a, m.tx, blob, &got), ERR_NOT_FOUND);
	assert_ok(blob_shape_put(m.tx, blob, &shape));
	assert_ok(blob_shape_get(&m.a, m.tx, blob, &got));
	assert_int_equal(got.version, 3);
	assert_true(str_eq(got.envelope, S("(e)")) && str_eq(got.structure, S("(s)")) && !got.fields.p);
	shape.fields = S("Subject: x\r\n");
	assert_ok(blob_shape_put(m.tx, blob, &shape));
	assert_ok(blob_shape_get(&m.a, m.tx, blob, &got));
	assert_true(str_eq(got.fields, shape.fields));
	while (large.n < BLOB_SHAPE_MAX)
		buf_char(&large, 'x');
	shape.structure = buf_view(&large);
	assert_ok(blob_shape_put(m.tx, blob, &shape));
	buf_char(&large, 'x');
	shape.structure = buf_view(&large);
	assert_err(blob_shape_put(m.tx, blob, &shape), ERR_LIMIT);
	buf_release(&large);
	assert_ok(store_blob_ref(m.tx, blob));
	assert_ok(store_blob_unref(m.tx, blob));
	assert_err(blob_shape_get(&m.a, m.tx, blob, &got), ERR_NOT_FOUND);
}

/* 'u' is an unread mail, 's' a read one, '-' one that has gone again. */
static void the_first_unread_mail_is_found_from_both_ends(void **unused)
{
	static const struct {
		const char *mails;
		uint32_t seq;
	} cases[] = {
		{ "", 0 },         { "u", 1 },       { "s", 0 },         { "-", 0 },        { "us", 1 },
		{ "su", 2 },       { "uu", 1 },      { "ss", 0 },        { "ssu", 3 },      { "sus", 2 },
		{ "usu", 1 },      { "suu", 2 },     { "ssss", 0 },      { "sssu", 4 },     { "ssus", 3 },
		{ "suss", 2 },     { "usss", 1 },    { "ssuu", 3 },      { "susu", 2 },     { "-s-u", 2 },
		{ "u-ss", 1 },     { "--su-", 2 },   { "sssussss", 4 },  { "ssssusss", 5 }, { "ssssussu", 5 },
		{ "sssssssu", 8 }, { "s-s-s-u", 4 }, { "s-u-s-s-s", 2 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		MAILBOX_OPEN(m);
		const struct item_edit read = { .what = ITEM_EDIT_FLAGS, .set = ITEM_SEEN };
		const struct author nobody = AUTHOR_NOBODY;
		struct folder f;
		uint32_t seq;

		for (const char *mail = cases[i].mails; *mail; mail++) {
			struct item item = mailbox_add(&m, m.inbox);

			if (*mail == 's')
				assert_ok(item_update(m.tx, m.inbox, item.id, &read, &nobody));
			else if (*mail == '-')
				assert_ok(item_expunge(m.tx, m.inbox, item.id, &nobody));
		}
		assert_ok(folder_get(&m.a, m.tx, m.inbox, &f));
		assert_ok(uid_first_unseen(m.tx, &f, &seq));
		if (seq != cases[i].seq)
			fail_msg("%s: %u", cases[i].mails, seq);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uids_that_are_there_and_that_went),
		cmocka_unit_test(rows_are_found_by_range_mark_and_change),
		cmocka_unit_test(subscriptions_are_kept_by_name),
		cmocka_unit_test(subscriptions_have_a_limit),
		cmocka_unit_test(a_shape_goes_with_its_octets),
		cmocka_unit_test(the_first_unread_mail_is_found_from_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
