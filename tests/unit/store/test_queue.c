/* The queue of outgoing messages: names, what is due, how entries end, and what mailboxes note of them. */
#include "fixture.h"

#include <base/buf.h>
#include <store/queue.h>

#include <dirent.h>

static struct arena arena = { .max = 4 << 20 };

static struct store_tx *begin(struct fixture *f, int64_t mailbox)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, mailbox, STORE_WRITE, &tx));
	return tx;
}

static struct queue_name name_of(const char *text)
{
	struct str part = str_of(text);
	struct queue_name name;

	assert_ok(queue_name_derive("test", &part, 1, &name));
	return name;
}

static struct store_blob_writer *octets(struct fixture *f, size_t n)
{
	struct store_blob_writer *w;
	char piece[4096];

	memset(piece, 'x', sizeof(piece));
	assert_ok(store_blob_writer_new(f->store, STORE_DIRECTORY, &w));
	for (; n; n -= n < sizeof(piece) ? n : sizeof(piece))
		assert_ok(store_blob_write(w, str_from(piece, n < sizeof(piece) ? n : sizeof(piece))));
	assert_ok(store_blob_finish(w));
	return w;
}

static const struct queue_recipient two[] = {
	{ .address = { "bob@example.test", 16 }, .orcpt = { "rfc822;bob@example.test", 23 }, .notify = 5 },
	{ .address = { "eve@example.test", 16 } },
};

static struct queue_new message(const char *name)
{
	return (struct queue_new){ .name = name_of(name),
				   .kind = QUEUE_REPORT, /* which asks nothing of a mailbox */
				   .account = 7,
				   .sender = S("ann@example.test"),
				   .own_header = S("Bcc: eve@example.test\r\n"),
				   .origin = S("with HTTP"),
				   .flags = QUEUE_8BIT,
				   .envid = S("abc"),
				   .ret = QUEUE_RET_HEADERS,
				   .verb = 2,
				   .expires_ms = FIXTURE_NOW_MS + 1000,
				   .forget_ms = FIXTURE_NOW_MS + 500,
				   .recipients = two,
				   .recipients_n = 2 };
}

static int64_t add(struct fixture *f, const struct queue_new *q, size_t size)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = octets(f, size);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(f, STORE_DIRECTORY);
	int64_t id;

	assert_ok(queue_add(tx, q, w, &id));
	assert_ok(store_commit(&tx));
	return id;
}

static void end_all(struct fixture *f, int64_t id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = begin(f, STORE_DIRECTORY);

	assert_err(queue_finish(tx, id), ERR_BUSY);
	assert_ok(queue_recipient_set(tx, id, 0, QUEUE_RELAYED, S("2.0.0"), S("250 ok")));
	assert_err(queue_finish(tx, id), ERR_BUSY);
	assert_ok(queue_recipient_set(tx, id, 1, QUEUE_FAILED, S("5.1.1"), S("550 no")));
	assert_ok(queue_finish(tx, id));
	assert_ok(store_commit(&tx));
}

static void an_entry_comes_back_as_it_was_given(void **unused)
{
	FIXTURE(f);
	struct queue_new q = message("one");
	int64_t id = add(&f, &q, 10);
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f, STORE_DIRECTORY);
	struct queue_entry e;

	(void)unused;
	assert_ok(queue_get(&arena, tx, id, &e));
	assert_memory_equal(&e.name, &q.name, sizeof(e.name));
	assert_int_equal(e.account, 7);
	assert_true(str_eq(e.sender, q.sender) && str_eq(e.own_header, q.own_header) && str_eq(e.origin, q.origin));
	assert_true(str_eq(e.envid, q.envid));
	assert_int_equal(e.ret, QUEUE_RET_HEADERS);
	assert_int_equal(e.size, 10);
	assert_true(e.settled); /* nothing is to be done in the sender's mailbox */
	assert_int_equal(e.created_ms, FIXTURE_NOW_MS);
	assert_int_equal(e.next_ms, FIXTURE_NOW_MS);
	assert_int_equal(e.recipients_n, 2);
	assert_int_equal(e.pending_n, 2);
	assert_true(str_eq(e.recipients[0].orcpt, two[0].orcpt));
	assert_int_equal(e.recipients[0].notify, 5);
	assert_true(str_eq(e.recipients[1].address, two[1].address));
}

static void what_the_senders_mailbox_has_to_do_makes_it_unsettled(void **unused)
{
	FIXTURE(f);
	struct queue_new cases[] = { message("sent"), message("source"), message("draft"), message("mail") };
	struct queue_entry e;

	(void)unused;
	cases[0].flags |= QUEUE_SAVE_SENT;
	cases[1].source_item = 3;
	cases[2].draft_item = 4;
	cases[3].kind = QUEUE_MAIL;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t id = add(&f, &cases[i], 1);
		CLEANUP(store_tx_end) struct store_tx *tx = begin(&f, STORE_DIRECTORY);

		assert_ok(queue_get(&arena, tx, id, &e));
		assert_false(e.settled);
		assert_ok(queue_drop(tx, id));
		assert_err(queue_finish(tx, id), ERR_BUSY);
		assert_ok(queue_set_settled(tx, id));
		assert_ok(queue_finish(tx, id));
	}
}

static void a_name_is_queued_once(void **unused)
{
	FIXTURE(f);
	struct queue_new q = message("one");
	int64_t id = add(&f, &q, 10), known = 0;
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = octets(&f, 3);
	struct store_tx *tx = begin(&f, STORE_DIRECTORY);

	(void)unused;
	assert_err(queue_add(tx, &q, w, &known), ERR_EXISTS);
	assert_int_equal(known, id);
	store_tx_end(&tx);
	end_all(&f, id);
	tx = begin(&f, STORE_DIRECTORY);
	assert_err(queue_add(tx, &q, w, &known), ERR_EXISTS); /* also when it has gone */
	store_tx_end(&tx);

	clock_fake_advance(&f.clock, 500);
	tx = begin(&f, STORE_DIRECTORY);
	assert_err(queue_find(tx, &q.name, &known), ERR_NOT_FOUND);
	assert_ok(queue_add(tx, &q, w, &known)); /* its time is over */
	assert_true(known > id);
	assert_ok(store_commit(&tx));
}

static void an_open_entry_is_known_past_its_time(void **unused)
{
	FIXTURE(f);
	struct queue_new q = message("one");
	int64_t id = add(&f, &q, 10), known;
	struct store_tx *tx;
	bool more;

	(void)unused;
	clock_fake_advance(&f.clock, 100000);
	tx = begin(&f, STORE_DIRECTORY);
	assert_ok(queue_find(tx, &q.name, &known));
	assert_int_equal(known, id);
	assert_ok(queue_forget(tx, 10, &more));
	assert_ok(queue_find(tx, &q.name, &known));
	store_tx_end(&tx);
}

static void names_are_of_kind_and_parts(void **unused)
{
	static const struct str ab[] = { STR_INIT("a"), STR_INIT("b") }, joined[] = { STR_INIT("ab"), STR_INIT("") };
	struct queue_name a, b, c;

	(void)unused;
	assert_ok(queue_name_derive("k", ab, 2, &a));
	assert_ok(queue_name_derive("k", joined, 2, &b));
	assert_ok(queue_name_derive("ka", ab, 2, &c));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_memory_not_equal(&a, &c, sizeof(a));
	assert_ok(queue_name_derive("k", ab, 2, &b));
	assert_memory_equal(&a, &b, sizeof(a));
}

static void what_is_due_comes_in_its_order(void **unused)
{
	FIXTURE(f);
	struct queue_new first = message("one"), second = message("two");
	int64_t a = add(&f, &first, 1), b = add(&f, &second, 1), ids[4], next;
	CLEANUP(store_tx_end) struct store_tx *tx = begin(&f, STORE_DIRECTORY);
	size_t n;

	(void)unused;
	assert_ok(queue_due(tx, FIXTURE_NOW_MS, ids, 4, &n));
	assert_int_equal(n, 2);
	assert_ok(queue_postpone(tx, a, FIXTURE_NOW_MS + 60));
	assert_ok(queue_due(tx, FIXTURE_NOW_MS + 59, ids, 4, &n));
	assert_int_equal(n, 1);
	assert_int_equal(ids[0], b);
	assert_ok(queue_due(tx, FIXTURE_NOW_MS + 60, ids, 4, &n));
	assert_int_equal(n, 2);
	assert_int_equal(ids[0], b);
	assert_ok(queue_drop(tx, b));
	assert_ok(queue_finish(tx, b));
	assert_ok(queue_next_ms(tx, &next));
	assert_int_equal(next, FIXTURE_NOW_MS + 60);
	assert_ok(queue_retry(tx, a));
	assert_ok(queue_next_ms(tx, &next));
	assert_int_equal(next, FIXTURE_NOW_MS);
	assert_err(queue_retry(tx, b), ERR_NOT_FOUND);
}

static size_t files_of(struct fixture *f)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(4096);
	size_t n = 0;

	for (unsigned i = 0; i < 256; i++) {
		DIR *dir;

		buf_clear(&path);
		buf_fmt(&path, "%s/queue/%02x", f->dir.path, i);
		buf_char(&path, '\0');
		dir = opendir(path.p);
		for (const struct dirent *e; dir && (e = readdir(dir));)
			n += e->d_name[0] != '.';
		if (dir)
			closedir(dir);
	}
	return n;
}

static void a_large_body_lies_in_a_file_until_it_is_sent(void **unused)
{
	FIXTURE(f);
	struct queue_new q = message("one");
	int64_t id = add(&f, &q, STORE_BLOB_INLINE_MAX + 1);
	size_t removed;

	(void)unused;
	assert_int_equal(files_of(&f), 1);
	end_all(&f, id);
	clock_fake_init(&f.clock, INT64_C(4000000000000)); /* files have the real clock's times */
	assert_ok(store_blob_sweep(f.store, STORE_DIRECTORY, &removed));
	assert_int_equal(files_of(&f), 0);
}

static void limits_of_an_entry(void **unused)
{
	static char text[QUEUE_MAX_OWN_HEADER + 1];
	static struct queue_recipient many[QUEUE_MAX_RECIPIENTS + 1];
	FIXTURE(f);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = octets(&f, 1);
	int64_t id;

	(void)unused;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < countof(many); i++)
		many[i].address = S("x@y");
	struct {
		const char *what;
		struct queue_new q;
		enum err e;
	} cases[] = {
		{ "no recipient", message("a"), ERR_INVALID },
		{ "recipients", message("b"), ERR_LIMIT },
		{ "sender", message("c"), ERR_LIMIT },
		{ "origin", message("d"), ERR_LIMIT },
		{ "envid", message("e"), ERR_LIMIT },
		{ "own header", message("f"), ERR_LIMIT },
		{ "sender not UTF-8", message("g"), ERR_INVALID },
		{ "a sender of two lines", message("h"), ERR_INVALID },
		{ "an envid of two lines", message("i"), ERR_INVALID },
	};
	cases[0].q.recipients_n = 0;
	cases[1].q.recipients = many;
	cases[1].q.recipients_n = QUEUE_MAX_RECIPIENTS + 1;
	cases[2].q.sender = str_from(text, QUEUE_MAX_ADDRESS + 1);
	cases[3].q.origin = str_from(text, QUEUE_MAX_ORIGIN + 1);
	cases[4].q.envid = str_from(text, QUEUE_MAX_ENVID + 1);
	cases[5].q.own_header = str_from(text, QUEUE_MAX_OWN_HEADER + 1);
	cases[6].q.sender = S("a\xff@b");
	cases[7].q.sender = S("a@b>\r\nRCPT TO:<eve@x");
	cases[8].q.envid = S("a\nb");
	tx = begin(&f, STORE_DIRECTORY);
	for (size_t i = 0; i < countof(cases); i++)
		if (queue_add(tx, &cases[i].q, w, &id) != cases[i].e)
			fail_msg("%s", cases[i].what);
	struct queue_new most = message("most");
	most.recipients = many;
	most.recipients_n = QUEUE_MAX_RECIPIENTS;
	most.sender = str_from(text, QUEUE_MAX_ADDRESS);
	most.origin = str_from(text, QUEUE_MAX_ORIGIN);
	most.envid = str_from(text, QUEUE_MAX_ENVID);
	most.own_header = str_from(text, QUEUE_MAX_OWN_HEADER);
	assert_ok(queue_add(tx, &most, w, &id));
	assert_ok(store_commit(&tx));
}

/* sync-engine rule 16: noted until the directory has forgotten the entry, and for that very entry alone. */
static void a_mailbox_notes_steps_until_the_entry_is_forgotten(void **unused)
{
	FIXTURE(f);
	struct queue_new q = message("one");
	int64_t id = add(&f, &q, 1);
	struct queue_entry e = { .id = id, .name = q.name }, other = { .id = id, .name = name_of("other") };
	struct store_tx *tx;
	bool known, more;

	(void)unused;
	assert_ok(store_mailbox_create(f.store, 1));
	tx = begin(&f, 1);
	assert_ok(queue_step_known(tx, &e, QUEUE_STEP_DELIVERED, &known));
	assert_false(known);
	assert_ok(queue_step_note(tx, &e, QUEUE_STEP_DELIVERED));
	assert_ok(queue_step_note(tx, &e, QUEUE_STEP_SETTLED));
	assert_ok(queue_step_known(tx, &e, QUEUE_STEP_DELIVERED, &known));
	assert_true(known);
	/* A directory that was restored gives the number again: that is another entry. */
	assert_ok(queue_step_known(tx, &other, QUEUE_STEP_DELIVERED, &known));
	assert_false(known);
	assert_ok(store_commit(&tx));

	end_all(&f, id);
	assert_ok(queue_steps_forget(f.store, 1));
	tx = begin(&f, 1);
	assert_ok(queue_step_known(tx, &e, QUEUE_STEP_DELIVERED, &known));
	assert_true(known);
	store_tx_end(&tx);

	clock_fake_advance(&f.clock, 500);
	tx = begin(&f, STORE_DIRECTORY);
	assert_ok(queue_forget(tx, 10, &more));
	assert_false(more);
	assert_ok(store_commit(&tx));
	assert_ok(queue_steps_forget(f.store, 1));
	tx = begin(&f, 1);
	assert_ok(queue_step_known(tx, &e, QUEUE_STEP_DELIVERED, &known));
	assert_false(known);
	store_tx_end(&tx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_comes_back_as_it_was_given),
		cmocka_unit_test(what_the_senders_mailbox_has_to_do_makes_it_unsettled),
		cmocka_unit_test(a_name_is_queued_once),
		cmocka_unit_test(an_open_entry_is_known_past_its_time),
		cmocka_unit_test(names_are_of_kind_and_parts),
		cmocka_unit_test(what_is_due_comes_in_its_order),
		cmocka_unit_test(a_large_body_lies_in_a_file_until_it_is_sent),
		cmocka_unit_test(limits_of_an_entry),
		cmocka_unit_test(a_mailbox_notes_steps_until_the_entry_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
