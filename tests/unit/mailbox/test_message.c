/* Stored mails, opened: with what delivery kept, with what an older parser kept, and damaged. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/message.h>

#include <ftw.h>

#define TEXT "Subject: Hello\r\nContent-Type: text/plain\r\n\r\nText\r\n"

struct fixture {
	struct server server;
	struct server_account ann;
	struct arena arena;
	struct store_tx *tx;
	struct item item;
};

static void start(struct fixture *f, struct str text)
{
	*f = (struct fixture){ .arena = ARENA_INIT(32 << 20) };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
	mail_deliver(&f->server, f->ann.mailbox, text);
	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &f->tx), ERR_OK);
	f->item = mail_newest(&f->arena, f->tx);
}

static void stop(struct fixture *f)
{
	store_tx_end(&f->tx);
	arena_release(&f->arena);
	server_close(&f->server);
	server_remove(&f->server);
}

static void expect_hello(struct fixture *f)
{
	struct message m;

	assert_int_equal(message_open(&f->arena, f->tx, &f->item, &m), ERR_OK);
	assert_true(str_eq(m.summary.subject, S("Hello")));
	assert_int_equal(m.structure.parts_n, 1);
	assert_int_equal(m.structure.size, sizeof(TEXT) - 1);
	assert_int_equal(m.source.size, sizeof(TEXT) - 1);
	message_close(&m);
	message_close(&m);
}

static struct item_summary kept(struct fixture *f)
{
	struct item_summary s;

	assert_int_equal(item_summary_get(&f->arena, f->tx, f->item.id, &s), ERR_OK);
	return s;
}

static void what_delivery_kept_is_what_is_read(void **unused)
{
	struct item_summary s;
	struct buf other = BUF_INIT(ITEM_SUMMARY_MAX);
	struct mail_summary summary;
	struct message m;
	struct fixture f;

	(void)unused;
	start(&f, S(TEXT));
	expect_hello(&f);
	/* To see that it is read and not made again: another subject is kept. */
	s = kept(&f);
	assert_int_equal(s.parser_version, MIME_PARSER_VERSION);
	assert_int_equal(mail_summary_get(&f.arena, s.summary, &summary), ERR_OK);
	summary.subject = summary.thread_topic = S("Kept");
	mail_summary_put(&other, &summary);
	s.summary = buf_view(&other);
	assert_int_equal(item_summary_put(f.tx, f.item.id, &s), ERR_OK);
	assert_int_equal(message_open(&f.arena, f.tx, &f.item, &m), ERR_OK);
	assert_true(str_eq(m.summary.subject, S("Kept")));
	message_close(&m);
	buf_release(&other);
	stop(&f);
}

/* A blob begins with its version. */
static struct str of_another_version(struct fixture *f, struct str blob)
{
	char *p = arena_alloc(&f->arena, blob.n);

	assert_non_null(p);
	memcpy(p, blob.p, blob.n);
	p[0]++;
	return str_from(p, blob.n);
}

static void what_another_parser_kept_is_made_anew(void **unused)
{
	struct item_summary s, changed;
	struct fixture f;

	(void)unused;
	start(&f, S(TEXT));
	s = kept(&f);
	changed = s;
	changed.structure = of_another_version(&f, s.structure);
	assert_int_equal(item_summary_put(f.tx, f.item.id, &changed), ERR_OK);
	expect_hello(&f);
	changed = s;
	changed.summary = of_another_version(&f, s.summary);
	assert_int_equal(item_summary_put(f.tx, f.item.id, &changed), ERR_OK);
	expect_hello(&f);
	stop(&f);
}

static void what_is_damaged_is_made_anew(void **unused)
{
	struct item_summary s, changed;
	struct fixture f;

	(void)unused;
	start(&f, S(TEXT));
	s = kept(&f);
	for (size_t n = 0; n < s.structure.n; n++) {
		changed = s;
		changed.structure = str_slice(s.structure, 0, n);
		assert_int_equal(item_summary_put(f.tx, f.item.id, &changed), ERR_OK);
		expect_hello(&f);
	}
	for (size_t n = 0; n < s.summary.n; n++) {
		changed = s;
		changed.summary = str_slice(s.summary, 0, n);
		assert_int_equal(item_summary_put(f.tx, f.item.id, &changed), ERR_OK);
		expect_hello(&f);
	}
	stop(&f);
}

/* Its offsets would point past these octets. */
static void the_structure_of_another_message_is_not_believed(void **unused)
{
	struct item_summary s;
	struct item other;
	struct fixture f;

	(void)unused;
	start(&f, S("Subject: Other\r\n\r\nA longer text than that of the other one, to be sure\r\n"));
	s = kept(&f);
	store_tx_end(&f.tx);
	mail_deliver(&f.server, f.ann.mailbox, S(TEXT));
	assert_int_equal(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &f.tx), ERR_OK);
	other = mail_newest(&f.arena, f.tx);
	assert_int_equal(item_summary_put(f.tx, other.id, &s), ERR_OK);
	f.item = other;
	expect_hello(&f);
	stop(&f);
}

static void an_item_without_octets_is_no_message(void **unused)
{
	struct message m;
	struct fixture f;

	(void)unused;
	start(&f, S(TEXT));
	f.item.blob = 0;
	assert_int_equal(message_open(&f.arena, f.tx, &f.item, &m), ERR_NOT_FOUND);
	stop(&f);
}

static int remove_body(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)at;
	return kind == FTW_F && strstr(path, "/blobs/") ? remove(path) : 0;
}

static void a_message_whose_octets_are_missing_is_damaged(void **unused)
{
	struct buf text = BUF_INIT(2 * STORE_BLOB_INLINE_MAX);
	struct message m;
	struct fixture f;

	(void)unused;
	mail_put_text(&text, STORE_BLOB_INLINE_MAX + 1);
	start(&f, buf_view(&text));
	assert_int_equal(message_open(&f.arena, f.tx, &f.item, &m), ERR_OK);
	message_close(&m);
	assert_int_equal(nftw(f.server.dir.path, remove_body, 8, FTW_PHYS), 0);
	assert_int_equal(message_open(&f.arena, f.tx, &f.item, &m), ERR_CORRUPT);
	buf_release(&text);
	stop(&f);
}

/* Whatever cannot be kept beside its message is made at each opening. */
static void a_structure_too_large_to_keep_is_made_at_opening(void **unused)
{
	struct buf text = BUF_INIT(4 << 20);
	struct message m;
	struct fixture f;

	(void)unused;
	buf_cstr(&text, "Subject: Hello\r\nContent-Type: multipart/mixed; boundary=b\r\n");
	for (unsigned i = 0; i < 2000; i++)
		buf_fmt(&text, "To: \"Somebody with a long name number %u\" <number%u@example.test>\r\n", i, i);
	for (unsigned i = 0; i < 9000; i++)
		buf_fmt(&text, "\r\n--b\r\nContent-Type: text/plain; name=\"%0*u\"\r\n\r\nx", 150, i);
	buf_cstr(&text, "\r\n--b--\r\n");
	start(&f, buf_view(&text));
	assert_int_equal(message_open(&f.arena, f.tx, &f.item, &m), ERR_OK);
	assert_true(str_eq(m.summary.subject, S("Hello")));
	assert_int_equal(m.structure.parts_n, 9001);
	message_close(&m);
	buf_release(&text);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_delivery_kept_is_what_is_read),
		cmocka_unit_test(what_another_parser_kept_is_made_anew),
		cmocka_unit_test(what_is_damaged_is_made_anew),
		cmocka_unit_test(the_structure_of_another_message_is_not_believed),
		cmocka_unit_test(an_item_without_octets_is_no_message),
		cmocka_unit_test(a_message_whose_octets_are_missing_is_damaged),
		cmocka_unit_test(a_structure_too_large_to_keep_is_made_at_opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
