/* Searching a mailbox: what is found, how the index follows, and what happens to it when it is damaged. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/search.h>

#include <fcntl.h>
#include <pthread.h>
#include <store/sql/sql.h>
#include <stdlib.h>
#include <unistd.h>

static void deliver(struct one_mailbox *f, const char *text)
{
	mail_deliver(&f->server, f->ann.mailbox, str_of(text));
}

static uint64_t run(struct one_mailbox *f, const struct search_node *node, struct search_result *ret)
{
	static const struct search_page all = { .order = SEARCH_OLDEST, .limit = SIZE_MAX };

	assert_int_equal(mail_search(&f->arena, f->server.store, f->ann.mailbox, node, &all, ret), ERR_OK);
	return ret->total;
}

static uint64_t found(struct one_mailbox *f, unsigned fields, const char *text)
{
	struct search_result result;
	struct search_node node;

	assert_int_equal(mail_search_text(&f->arena, fields, str_of(text), &node), ERR_OK);
	return run(f, &node, &result);
}

#define MAIL                                                                                                \
	"From: \"J\xc3\xbcrgen M\xc3\xbcller\" <jm@example.org>\r\nTo: Ann <ann@example.test>\r\nCc: "      \
	"carl@example.net\r\n"                                                                              \
	"Bcc: dora@example.com\r\nSubject: Quarterly \"figures\" (C++)\r\nMIME-Version: 1.0\r\n"            \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"                                                 \
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"                                             \
	"<p>The <b>caf\xc3\xa9</b> opens\r\n   at noon. \xe4\xbc\x9a\xe8\xad\xb0\xe3\x81\xaf\xe3\x82\xac. " \
	"\xd7\xa9\xd6\xb8\xd7\x9c\xd7\x95\xd6\xb9\xd7\x9d \xef\xac\x81le Stra\xc3\x9f"                      \
	"e</p>\r\n--b\r\nContent-Type: application/pdf; name=\"Budget-2026.pdf\"\r\n"                       \
	"Content-Disposition: attachment; filename=\"Budget-2026.pdf\"\r\n\r\nsecretoctets\r\n--b--\r\n"

static const struct {
	const char *what;
	unsigned fields;
	const char *text;
	uint64_t total;
} texts[] = {
	{ "a word of the body", SEARCH_ANY, "opens", 1 },
	{ "a part of one", SEARCH_ANY, "pen", 1 },
	{ "in other case", SEARCH_ANY, "QUARTERLY", 1 },
	{ "a word that is not there", SEARCH_ANY, "closes", 0 },
	{ "across a line end and an element", SEARCH_ANY, "caf\xc3\xa9 opens at", 1 },
	{ "without the accent that is there", SEARCH_ANY, "cafe", 1 },
	{ "with an accent as a mark of its own", SEARCH_ANY, "cafe\xcc\x81", 1 },
	{ "with an accent that is not there", SEARCH_ANY, "\xc3\xb3pens", 1 },
	{ "a ligature", SEARCH_ANY, "file", 1 },
	{ "a sharp s", SEARCH_ANY, "STRASSE", 1 },
	{ "two Chinese characters", SEARCH_ANY, "\xe4\xbc\x9a\xe8\xad\xb0", 1 },
	{ "one", SEARCH_ANY, "\xe8\xad\xb0", 1 },
	{ "one that is not there", SEARCH_ANY, "\xe7\x8c\xab", 0 },
	{ "kana in half width", SEARCH_ANY, "\xef\xbd\xb6\xef\xbe\x9e", 1 },
	{ "Hebrew without its points", SEARCH_ANY, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", 1 },
	{ "one letter", SEARCH_FIELD(SEARCH_SUBJECT), "q", 1 },
	{ "two signs", SEARCH_ANY, "++", 1 },
	{ "two signs that are there but not together", SEARCH_ANY, "+\"", 0 },
	{ "signs that the engine's language has", SEARCH_ANY, "\"figures\" (c++)", 1 },
	{ "a word of that language", SEARCH_ANY, "NOT opens", 0 },
	{ "blanks around it", SEARCH_ANY, "  noon \t", 1 },
	{ "nothing", SEARCH_ANY, "", 1 },
	{ "blanks alone", SEARCH_ANY, " \t ", 1 },
	{ "the subject in the subject", SEARCH_FIELD(SEARCH_SUBJECT), "figures", 1 },
	{ "the subject in the body", SEARCH_FIELD(SEARCH_BODY), "figures", 0 },
	{ "the body in the body", SEARCH_FIELD(SEARCH_BODY), "noon", 1 },
	{ "the author", SEARCH_FIELD(SEARCH_FROM), "muller", 1 },
	{ "his address", SEARCH_FIELD(SEARCH_FROM), "JM@EXAMPLE", 1 },
	{ "the recipient", SEARCH_FIELD(SEARCH_TO), "ann@", 1 },
	{ "the recipient in Cc", SEARCH_FIELD(SEARCH_CC), "ann@", 0 },
	{ "Cc", SEARCH_FIELD(SEARCH_CC), "carl@example.net", 1 },
	{ "Bcc", SEARCH_FIELD(SEARCH_BCC), "dora", 1 },
	{ "Bcc or Cc", SEARCH_FIELD(SEARCH_BCC) | SEARCH_FIELD(SEARCH_CC), "carl", 1 },
	{ "two letters in a field", SEARCH_FIELD(SEARCH_CC), "rl", 1 },
	{ "two letters of another field", SEARCH_FIELD(SEARCH_CC), "jm", 0 },
	{ "the name of an attachment", SEARCH_FIELD(SEARCH_NAMES), "budget-2026", 1 },
	{ "the octets of one", SEARCH_ANY, "secretoctets", 0 },
	{ "a markup", SEARCH_ANY, "<b>", 0 },
};

static void any_part_of_a_text_is_found(void **unused)
{
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	deliver(&f, MAIL);
	for (size_t i = 0; i < countof(texts); i++)
		if (found(&f, texts[i].fields, texts[i].text) != texts[i].total)
			fail_msg("%s", texts[i].what);
	one_mailbox_stop(&f);
}

static void a_text_is_bounded(void **unused)
{
	char text[SEARCH_TEXT_MAX + 1];
	struct search_node node;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	deliver(&f, MAIL);
	memset(text, 'x', sizeof(text));
	assert_int_equal(mail_search_text(&f.arena, SEARCH_ANY, str_from(text, SEARCH_TEXT_MAX), &node), ERR_OK);
	assert_int_equal(run(&f, &node, &(struct search_result){ 0 }), 0);
	assert_int_equal(mail_search_text(&f.arena, SEARCH_ANY, str_from(text, SEARCH_TEXT_MAX + 1), &node), ERR_LIMIT);
	/* What is no text at all. */
	memset(text, 0, sizeof(text));
	text[0] = 'n', text[1] = 'o', text[2] = 'o', text[4] = '\xff';
	assert_int_equal(mail_search_text(&f.arena, SEARCH_ANY, str_from(text, sizeof(text)), &node), ERR_OK);
	assert_int_equal(run(&f, &node, &(struct search_result){ 0 }), 1);
	one_mailbox_stop(&f);
}

static struct search_node text_node(struct one_mailbox *f, const char *text)
{
	struct search_node node;

	assert_int_equal(mail_search_text(&f->arena, SEARCH_ANY, str_of(text), &node), ERR_OK);
	return node;
}

static void many(struct one_mailbox *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT(1024);

		buf_fmt(&b, "Subject: number %zu\r\n\r\n%s%s\r\n", i, i % 2 ? "odd" : "even", i % 3 ? "" : " third");
		mail_deliver(&f->server, f->ann.mailbox, buf_view(&b));
		buf_release(&b);
	}
}

static void nodes_are_joined(void **unused)
{
	struct search_node odd_third[2], even_or_xy[2], not_odd, all = { .kind = SEARCH_ALL };
	struct search_node small = { .kind = SEARCH_SIZE, .from = 0, .to = 1 }, mixed[2];
	struct search_result r;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 12);
	odd_third[0] = text_node(&f, "odd");
	odd_third[1] = text_node(&f, "third");
	even_or_xy[0] = text_node(&f, "even");
	even_or_xy[1] = text_node(&f, "xy");
	not_odd = (struct search_node){ .kind = SEARCH_NOT, .children = odd_third, .children_n = 1 };
	mixed[0] = not_odd;
	mixed[1] = text_node(&f, "third");

	const struct {
		struct search_node node;
		uint64_t total;
	} cases[] = {
		{ all, 12 },
		{ { .kind = SEARCH_AND }, 12 },
		{ { .kind = SEARCH_OR }, 0 },
		{ { .kind = SEARCH_AND, .children = odd_third, .children_n = 2 }, 2 },
		{ { .kind = SEARCH_OR, .children = odd_third, .children_n = 2 }, 8 },
		{ { .kind = SEARCH_OR, .children = even_or_xy, .children_n = 2 }, 6 },
		{ { .kind = SEARCH_AND, .children = even_or_xy, .children_n = 2 }, 0 },
		{ not_odd, 6 },
		{ { .kind = SEARCH_AND, .children = mixed, .children_n = 2 }, 2 },
		{ { .kind = SEARCH_OR, .children = mixed, .children_n = 2 }, 8 },
		{ small, 0 },
		{ { .kind = SEARCH_NOT, .children = &small, .children_n = 1 }, 12 },
		{ { .kind = SEARCH_RECEIVED, .from = SERVER_NOW_MS, .to = SERVER_NOW_MS + 1 }, 12 },
		{ { .kind = SEARCH_RECEIVED, .from = SERVER_NOW_MS + 1, .to = INT64_MAX }, 0 },
		{ { .kind = SEARCH_FLAGS, .clear = ITEM_SEEN }, 12 },
		{ { .kind = SEARCH_FLAGS, .set = ITEM_SEEN }, 0 },
		{ { .kind = SEARCH_CLASS, .class = FOLDER_MAIL }, 12 },
		{ { .kind = SEARCH_CLASS, .class = FOLDER_TASKS }, 0 },
		{ { .kind = SEARCH_FOLDERS }, 0 },
		{ { .kind = SEARCH_KEYWORD, .text = S("red") }, 0 },
	};
	for (size_t i = 0; i < countof(cases); i++)
		if (run(&f, &cases[i].node, &r) != cases[i].total)
			fail_msg("case %zu: %llu", i, (unsigned long long)r.total);
	one_mailbox_stop(&f);
}

static void a_tree_is_bounded(void **unused)
{
	static const struct search_page all = { .limit = SIZE_MAX };
	struct search_node chain[SEARCH_DEPTH_MAX + 1] = { 0 }, wide[SEARCH_NODES_MAX] = { 0 };
	struct search_node top = { .kind = SEARCH_OR, .children = wide };
	const struct search_node bad[] = {
		{ .kind = SEARCH_TEXT, .fields = SEARCH_ANY },
		{ .kind = SEARCH_TEXT, .text = S("abc") },
		{ .kind = SEARCH_NOT },
		{ .kind = SEARCH_SIZE, .children = chain, .children_n = 1 },
		{ .kind = SEARCH_KIND_MAX_ },
	};
	struct search_result r;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	for (size_t i = 0; i < SEARCH_DEPTH_MAX; i++)
		chain[i] = (struct search_node){ .kind = SEARCH_NOT, .children = &chain[i + 1], .children_n = 1 };
	assert_int_equal(mail_search(&f.arena, f.server.store, f.ann.mailbox, &chain[1], &all, &r), ERR_OK);
	assert_int_equal(mail_search(&f.arena, f.server.store, f.ann.mailbox, &chain[0], &all, &r), ERR_LIMIT);
	top.children_n = SEARCH_NODES_MAX - 1;
	assert_int_equal(mail_search(&f.arena, f.server.store, f.ann.mailbox, &top, &all, &r), ERR_OK);
	top.children_n = SEARCH_NODES_MAX;
	assert_int_equal(mail_search(&f.arena, f.server.store, f.ann.mailbox, &top, &all, &r), ERR_LIMIT);
	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(mail_search(&f.arena, f.server.store, f.ann.mailbox, &bad[i], &all, &r), ERR_INVALID);
	one_mailbox_stop(&f);
}

static void a_page_is_cut_from_the_order(void **unused)
{
	struct search_node all = { .kind = SEARCH_ALL };
	struct search_result r;
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 30);
	for (size_t skip = 0; skip < 34; skip += 7) {
		struct search_page page = { .order = SEARCH_NEWEST, .skip = skip, .limit = 4 };
		size_t expected = skip >= 30 ? 0 : 30 - skip < 4 ? 30 - skip : 4;

		assert_int_equal(mail_search(&f.arena, f.server.store, f.ann.mailbox, &all, &page, &r), ERR_OK);
		assert_int_equal(r.total, 30);
		assert_int_equal(r.n, expected);
		for (size_t i = 0; i < r.n; i++)
			assert_int_equal(r.hits[i].item, 30 - skip - i);
	}
	one_mailbox_stop(&f);
}

/* ---- following ---- */

static void with_tx(struct one_mailbox *f, void (*fn)(struct store_tx *tx, struct arena *a))
{
	struct store_tx *tx;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	fn(tx, &f->arena);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static void expunge_newest(struct store_tx *tx, struct arena *a)
{
	struct item item = mail_newest(a, tx);

	assert_int_equal(item_expunge(tx, item.folder, item.id, &AUTHOR_NOBODY), ERR_OK);
}

static void move_newest(struct store_tx *tx, struct arena *a)
{
	struct item item = mail_newest(a, tx);
	struct item_move move = { .from = item.folder, .id = item.id };
	enum item_moved moved;

	assert_int_equal(folder_by_role(tx, FOLDER_JUNK, &move.to), ERR_OK);
	assert_int_equal(item_move(tx, &move, &moved), ERR_OK);
}

static void make_folder_and_move(struct store_tx *tx, struct arena *a)
{
	struct folder_new new = { .name = S("Old"), .class = FOLDER_MAIL };
	struct item item = mail_newest(a, tx);
	struct item_move move = { .from = item.folder, .id = item.id };
	enum item_moved moved;

	assert_int_equal(folder_create(tx, &new, &move.to), ERR_OK);
	assert_int_equal(item_move(tx, &move, &moved), ERR_OK);
}

static void delete_that_folder(struct store_tx *tx, struct arena *a)
{
	int64_t id;

	(void)a;
	assert_int_equal(folder_by_name(tx, FOLDER_ROOT, FOLDER_MAIL, S("Old"), &id), ERR_OK);
	assert_int_equal(folder_delete(tx, id, &AUTHOR_NOBODY), ERR_OK);
}

/* Items whose texts are to be put. */
static uint64_t missing(struct one_mailbox *f)
{
	struct store_tx *index, *tx;
	struct search_walk walk;
	struct item item;
	uint64_t n = 0;

	assert_int_equal(search_index_begin(f->server.store, f->ann.mailbox, &index), ERR_OK);
	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(search_walk_begin(&f->arena, index, tx, &walk), ERR_OK);
	while (search_walk_next(&walk, &item) == ERR_OK)
		n++;
	store_tx_end(&tx);
	store_tx_end(&index);
	return n;
}

static void what_comes_and_goes_is_followed(void **unused)
{
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	assert_int_equal(found(&f, SEARCH_ANY, "noon"), 0);
	deliver(&f, MAIL);
	assert_int_equal(found(&f, SEARCH_ANY, "noon"), 1);
	deliver(&f, "Subject: second\r\n\r\nafternoon\r\n");
	assert_int_equal(found(&f, SEARCH_ANY, "noon"), 2);
	with_tx(&f, move_newest);
	assert_int_equal(missing(&f), 0); /* a move is no new text */
	assert_int_equal(found(&f, SEARCH_ANY, "afternoon"), 1);
	with_tx(&f, expunge_newest);
	assert_int_equal(found(&f, SEARCH_ANY, "opens"), 0);
	assert_int_equal(found(&f, SEARCH_ANY, "\xe8\xad\xb0"), 0);
	assert_int_equal(found(&f, SEARCH_ANY, "noon"), 1);
	deliver(&f, "Subject: third\r\n\r\nnoon\r\n");
	with_tx(&f, make_folder_and_move);
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 1);
	with_tx(&f, delete_that_folder);
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 0);
	assert_int_equal(found(&f, SEARCH_ANY, "noon"), 1);
	one_mailbox_stop(&f);
}

static void damage(struct one_mailbox *f, off_t from, size_t n)
{
	char path[512], junk[4096];
	int fd;

	/* Closed, so that all is in the file. */
	server_close(&f->server);
	snprintf(path, sizeof(path), "%s/mailbox/%lld/search.db", f->server.dir.path, (long long)f->ann.mailbox);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	memset(junk, 0xa5, sizeof(junk));
	for (size_t done = 0; done < n; done += sizeof(junk))
		assert_true(pwrite(fd, junk, sizeof(junk), from + (off_t)done) == (ssize_t)sizeof(junk));
	close(fd);
	server_open(&f->server);
}

static void a_damaged_index_is_made_anew(void **unused)
{
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 50);
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 17);
	damage(&f, 0, 4096); /* no database any more */
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 17);
	damage(&f, 4096, 80 * 1024); /* tables */
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 17);
	deliver(&f, MAIL);
	assert_int_equal(found(&f, SEARCH_ANY, "opens"), 1);
	one_mailbox_stop(&f);
}

static void another_version_is_made_anew(void **unused)
{
	static const struct sql_def other = { "test_version", "UPDATE state SET version = version + 1 WHERE id = 1" };
	static const struct sql_def forget = { "test_forget", "UPDATE doc SET content_change = -1 WHERE item_id > 0" };
	const struct sql_def *const defs[] = { &other, &forget };
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 9);
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 3);
	for (size_t i = 0; i < countof(defs); i++) {
		struct store_tx *index;
		struct sql_stmt *st;

		assert_int_equal(search_index_begin(f.server.store, f.ann.mailbox, &index), ERR_OK);
		assert_int_equal(sql_use(store_tx_db(index), defs[i], &st), ERR_OK);
		assert_int_equal(sql_run(st), ERR_OK);
		assert_int_equal(store_commit(&index), ERR_OK);
		assert_int_equal(found(&f, SEARCH_ANY, "third"), 3);
	}
	one_mailbox_stop(&f);
}

static void copy_database(struct one_mailbox *f, const char *from, const char *to)
{
	char command[1024];

	snprintf(command, sizeof(command), "cp %s/mailbox/%lld/%s %s/mailbox/%lld/%s", f->server.dir.path,
		 (long long)f->ann.mailbox, from, f->server.dir.path, (long long)f->ann.mailbox, to);
	assert_int_equal(system(command), 0);
}

/* The mailbox was restored from a backup, its index was not. */
static void an_index_that_is_ahead_is_made_anew(void **unused)
{
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 6);
	server_close(&f.server); /* so that all is in the file */
	copy_database(&f, "mailbox.db", "backup");
	server_open(&f.server);
	many(&f, 6);
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 4);
	server_close(&f.server);
	copy_database(&f, "backup", "mailbox.db");
	server_open(&f.server);
	assert_int_equal(found(&f, SEARCH_ANY, "third"), 2);
	deliver(&f, MAIL); /* under a number that was given before */
	assert_int_equal(found(&f, SEARCH_ANY, "opens"), 1);
	one_mailbox_stop(&f);
}

/* Any page of it: what can be noticed is mended, and nothing that can't keeps a search from its answer. */
static void damage_anywhere_ends_in_an_answer(void **unused)
{
	enum { PAGE = 4096, PAGES = 24 };
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 60);
	for (off_t page = 1; page < PAGES; page++) {
		struct search_node node = text_node(&f, "third");
		struct search_result r;

		assert_int_equal(mail_search_rebuild(f.server.store, f.ann.mailbox), ERR_OK);
		damage(&f, page * PAGE, PAGE);
		assert_true(run(&f, &node, &r) <= 60);
		with_tx(&f, expunge_newest);
		assert_true(run(&f, &node, &r) <= 60);
	}
	one_mailbox_stop(&f);
}

/* ---- at once ---- */

struct worker_of_test {
	struct one_mailbox *f;
	pthread_t thread;
	enum err err;   /* of the first search or delivery that failed */
	bool went_back; /* a search found less than one before it */
};

enum { THREADS = 3, ROUNDS = 15 };

static void *deliver_many(void *arg)
{
	struct worker_of_test *w = arg;

	for (int i = 0; i < ROUNDS && !w->err; i++)
		w->err = mail_try_to_deliver(&w->f->server, w->f->ann.mailbox,
					     S("Subject: x\r\n\r\nnoon and \xe4\xbc\x9a\r\n"));
	return NULL;
}

static void *search_many(void *arg)
{
	static const struct search_page page = { .limit = 10 };
	struct worker_of_test *w = arg;
	uint64_t before = 0;

	for (int i = 0; i < ROUNDS && !w->err; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 24);
		struct search_result r;
		struct search_node node;

		w->err = mail_search_text(&a, SEARCH_ANY, S("noon"), &node);
		if (!w->err)
			w->err = mail_search(&a, w->f->server.store, w->f->ann.mailbox, &node, &page, &r);
		if (!w->err && r.total < before)
			w->went_back = true;
		before = w->err ? before : r.total;
	}
	return NULL;
}

static void many_may_search_while_mail_comes_in(void **unused)
{
	struct worker_of_test w[2 * THREADS];
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	for (size_t i = 0; i < countof(w); i++) {
		w[i] = (struct worker_of_test){ .f = &f };
		assert_int_equal(pthread_create(&w[i].thread, NULL, i % 2 ? search_many : deliver_many, &w[i]), 0);
	}
	for (size_t i = 0; i < countof(w); i++)
		pthread_join(w[i].thread, NULL);
	for (size_t i = 0; i < countof(w); i++) {
		assert_int_equal(w[i].err, ERR_OK);
		assert_false(w[i].went_back);
	}
	assert_int_equal(found(&f, SEARCH_ANY, "noon"), THREADS * ROUNDS);
	assert_int_equal(found(&f, SEARCH_ANY, "\xe4\xbc\x9a"), THREADS * ROUNDS);
	one_mailbox_stop(&f);
}

static void an_administrator_can_make_it_anew(void **unused)
{
	struct one_mailbox f;

	(void)unused;
	one_mailbox_start(&f);
	many(&f, 5);
	assert_int_equal(mail_search_rebuild(f.server.store, f.ann.mailbox), ERR_OK);
	assert_int_equal(missing(&f), 0);
	assert_int_equal(found(&f, SEARCH_ANY, "odd"), 2);
	assert_int_equal(mail_search_rebuild(f.server.store, f.ann.mailbox), ERR_OK);
	assert_int_equal(found(&f, SEARCH_ANY, "odd"), 2);
	one_mailbox_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_part_of_a_text_is_found),
		cmocka_unit_test(a_text_is_bounded),
		cmocka_unit_test(nodes_are_joined),
		cmocka_unit_test(a_tree_is_bounded),
		cmocka_unit_test(a_page_is_cut_from_the_order),
		cmocka_unit_test(what_comes_and_goes_is_followed),
		cmocka_unit_test(a_damaged_index_is_made_anew),
		cmocka_unit_test(another_version_is_made_anew),
		cmocka_unit_test(an_index_that_is_ahead_is_made_anew),
		cmocka_unit_test(damage_anywhere_ends_in_an_answer),
		cmocka_unit_test(many_may_search_while_mail_comes_in),
		cmocka_unit_test(an_administrator_can_make_it_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
