/* Messages on their way in: octets, limits, the spool, occurrences. */
#include <tests/unit/mailbox/mail.h>

static struct str stored(struct arena *a, struct server *s, int64_t mailbox)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	struct item item;
	size_t got;
	char *p;

	assert_int_equal(store_begin(s->store, mailbox, STORE_READ, &tx), ERR_OK);
	item = mail_newest(a, tx);
	assert_int_equal(store_blob_open(tx, item.blob, &blob), ERR_OK);
	assert_int_equal(store_blob_size(blob), item.size);
	p = arena_alloc(a, (size_t)item.size + 1);
	assert_non_null(p);
	assert_int_equal(store_blob_read(blob, 0, p, (size_t)item.size, &got), ERR_OK);
	assert_int_equal(got, item.size);
	return str_from(p, got);
}

static void the_octets_come_back_however_they_came(void **unused)
{
	static const struct {
		const char *what;
		struct str sent, kept;
	} cases[] = {
		{ "nothing", STR_INIT(""), STR_INIT("") },
		{ "CRLF", STR_INIT("A: b\r\n\r\nc\r\n"), STR_INIT("A: b\r\n\r\nc\r\n") },
		{ "LF", STR_INIT("A: b\n\nc\n"), STR_INIT("A: b\r\n\r\nc\r\n") },
		{ "both", STR_INIT("A: b\r\n\nc\n\r\n"), STR_INIT("A: b\r\n\r\nc\r\n\r\n") },
		{ "bare CR", STR_INIT("A: b\r\rc\r"), STR_INIT("A: b\r\rc\r") },
		{ "CR CRLF", STR_INIT("a\r\r\n"), STR_INIT("a\r\r\n") },
		{ "no line end", STR_INIT("abc"), STR_INIT("abc") },
		{ "NUL and eight bits", STR_INIT("\0\xff\n\0"), STR_INIT("\0\xff\r\n\0") },
	};
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct server s = { 0 };
	struct server_account ann;

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t p = 0; p < countof(pieces); p++) {
			struct intake *in = mail_take(&s, cases[i].sent, pieces[p]);
			struct str kept;

			assert_int_equal(intake_size(in), cases[i].kept.n);
			assert_int_equal(intake_deliver(in, s.store, ann.mailbox, SERVER_NOW_MS), ERR_OK);
			kept = stored(&a, &s, ann.mailbox);
			if (!str_eq(kept, cases[i].kept))
				fail_msg("%s, by %zu: '" STR_FMT "'", cases[i].what, pieces[p], STR_ARG(kept));
			intake_free(&in);
		}
	}
	server_close(&s);
	server_remove(&s);
}

static void what_is_larger_than_memory_is_spooled_and_comes_back(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(16 << 20);
	struct server s = { 0 };
	struct server_account ann;

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	for (size_t n = INTAKE_MEMORY_MAX; n <= INTAKE_MEMORY_MAX + 1; n++) {
		struct buf text = BUF_INIT(n);

		mail_put_text(&text, n);
		assert_int_equal(text.n, n);
		mail_deliver(&s, ann.mailbox, buf_view(&text));
		assert_true(str_eq(stored(&a, &s, ann.mailbox), buf_view(&text)));
		buf_release(&text);
	}
	server_close(&s);
	server_remove(&s);
}

static void only_what_is_larger_than_memory_needs_the_spool(void **unused)
{
	(void)unused;
	for (size_t n = INTAKE_MEMORY_MAX; n <= INTAKE_MEMORY_MAX + 1; n++) {
		struct buf text = BUF_INIT(n);
		struct intake *in;
		enum err e;

		mail_put_text(&text, n);
		assert_int_equal(intake_new("/nonexistent", INTAKE_MAX_BYTES_DEFAULT, &in), ERR_OK);
		e = intake_put(in, buf_view(&text));
		assert_int_equal(e, n > INTAKE_MEMORY_MAX ? ERR_IO : ERR_OK);
		assert_int_equal(intake_put(in, S("x")), ERR_IO); /* sticky; or the one too many */
		assert_int_equal(intake_finish(in), ERR_IO);
		intake_free(&in);
		buf_release(&text);
	}
}

/* Counted with CRLF line ends, and for good. */
static void a_message_ends_at_its_limit(void **unused)
{
	struct tmpdir dir = tmpdir_make();
	struct intake *in;

	(void)unused;
	assert_int_equal(intake_new(dir.path, 8, &in), ERR_OK);
	assert_int_equal(intake_put(in, S("ab\ncd\n")), ERR_OK);
	assert_int_equal(intake_size(in), 8);
	assert_int_equal(intake_put(in, S("")), ERR_OK);
	assert_int_equal(intake_finish(in), ERR_OK);
	intake_free(&in);

	assert_int_equal(intake_new(dir.path, 8, &in), ERR_OK);
	assert_int_equal(intake_put(in, S("abc\ncd\n")), ERR_LIMIT);
	assert_int_equal(intake_put(in, S("")), ERR_LIMIT);
	assert_int_equal(intake_finish(in), ERR_LIMIT);
	intake_free(&in);
	assert_null(in);
	intake_free(&in);
	tmpdir_remove(&dir);
}

static void the_date_is_that_of_the_header(void **unused)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "Date: Thu, 01 Jan 2026 01:00:00 +0100\r\n\r\n", SERVER_NOW_MS },
		{ "Date: yesterday\r\n\r\n", 0 },
		{ "Subject: x\r\n\r\nDate: Thu, 01 Jan 2026 01:00:00 +0100\r\n", 0 },
	};
	struct server s = { 0 };

	(void)unused;
	server_open(&s);
	for (size_t i = 0; i < countof(cases); i++) {
		struct intake *in = mail_take(&s, str_of(cases[i].text), SIZE_MAX);

		assert_int_equal(intake_date_ms(in), cases[i].ms);
		intake_free(&in);
	}
	server_close(&s);
	server_remove(&s);
}

/* The id of the item, 0 where it was not added. */
static int64_t add(struct server *s, int64_t mailbox, struct str text, uint64_t occurrence)
{
	struct intake *in = mail_take(s, text, SIZE_MAX);
	struct intake_item item = { .received_ms = 1000, .flags = ITEM_SEEN, .occurrence = occurrence };
	struct store_blob_writer *blob;
	struct store_tx *tx;
	int64_t id = -1;

	assert_int_equal(intake_store(in, s->store, mailbox, &blob), ERR_OK);
	assert_int_equal(store_begin(s->store, mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &item.folder), ERR_OK);
	assert_int_equal(intake_add(in, tx, blob, &item, &id), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	store_blob_writer_drop(&blob);
	intake_free(&in);
	return id;
}

static void the_nth_of_equal_messages_is_added_once(void **unused)
{
	struct server s = { 0 };
	struct server_account ann;
	int64_t m;

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	m = ann.mailbox;
	for (int run = 0; run < 2; run++) {
		bool first = run == 0;

		assert_int_equal(add(&s, m, S("A: one\r\n\r\n"), 1) != 0, first);
		assert_int_equal(add(&s, m, S("A: two\r\n\r\n"), 1) != 0, first);
		assert_int_equal(add(&s, m, S("A: one\n\n"), 2) != 0, first); /* stored the same */
		assert_int_equal(add(&s, m, S("A: one\r\n\r\n"), 3) != 0, first);
	}
	assert_int_not_equal(add(&s, m, S("A: one\r\n\r\n"), 0), 0);
	assert_int_equal(add(&s, m, S("A: one\r\n\r\n"), 4), 0);
	server_close(&s);
	server_remove(&s);
}

static void a_mailbox_that_is_gone_is_not_found(void **unused)
{
	struct server s = { 0 };
	struct intake *in;

	(void)unused;
	server_open(&s);
	in = mail_take(&s, S("A: b\r\n\r\n"), SIZE_MAX);
	assert_int_equal(intake_deliver(in, s.store, 4711, SERVER_NOW_MS), ERR_NOT_FOUND);
	intake_free(&in);
	server_close(&s);
	server_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_octets_come_back_however_they_came),
		cmocka_unit_test(what_is_larger_than_memory_is_spooled_and_comes_back),
		cmocka_unit_test(only_what_is_larger_than_memory_needs_the_spool),
		cmocka_unit_test(a_message_ends_at_its_limit),
		cmocka_unit_test(the_date_is_that_of_the_header),
		cmocka_unit_test(the_nth_of_equal_messages_is_added_once),
		cmocka_unit_test(a_mailbox_that_is_gone_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
