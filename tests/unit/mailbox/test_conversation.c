/* Which mails are in one conversation, where in its tree, and how it is moved. */
#include <tests/unit/mailbox/mail.h>

#include <gateway/mailbox/conversation.h>
#include <gateway/mailbox/sweep.h>
#include <store/sql/sql.h>

struct fixture {
	struct server server;
	struct server_account ann;
	struct arena arena;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ .arena = ARENA_INIT(256 << 20) };
	server_open(&f->server);
	f->ann = server_add_account(&f->server, "ann@example.test", "secret");
}

static void stop(struct fixture *f)
{
	arena_release(&f->arena);
	server_close(&f->server);
	server_remove(&f->server);
}

static struct item newest(struct fixture *f)
{
	struct store_tx *tx;
	struct item item;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx), ERR_OK);
	item = mail_newest(&f->arena, tx);
	store_tx_end(&tx);
	return item;
}

static struct item deliver(struct fixture *f, const char *headers)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(1 << 16);

	buf_fmt(&b, "%s\r\nText\r\n", headers);
	mail_deliver(&f->server, f->ann.mailbox, buf_view(&b));
	return newest(f);
}

#define DATE(minute) "Date: Thu, 01 Jan 2026 00:" minute ":00 +0000\r\n"
#define ROOT "Subject: Offer\r\nMessage-ID: <root@x>\r\n" DATE("00")
/* "AQ" of the reserved octet and the time, then the GUID 00 01 … 0f. */
#define THREAD_INDEX "Thread-Index: AdwAAAAAAAECAwQFBgcICQoLDA0ODw==\r\n"

/* MS-ASCON_R153; MS-ASEMAIL_R343: mails that answer each other are in one conversation. */
static void answers_are_in_the_conversation_of_what_they_answer(void **unused)
{
	static const struct {
		const char *what, *headers;
		bool same;
	} cases[] = {
		{ "In-Reply-To", "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\nMessage-ID: <1@x>\r\n", true },
		{ "References", "Subject: RE: offer\r\nReferences: <root@x> <1@x>\r\nMessage-ID: <2@x>\r\n", true },
		{ "an answer to an answer that was lost",
		  "Subject: AW: Offer\r\nReferences: <root@x> <lost@x>\r\nMessage-ID: <3@x>\r\n", true },
		{ "without the root, by one that was seen",
		  "Subject: Re: Offer\r\nReferences: <2@x>\r\nMessage-ID: <4@x>\r\n", true },
		{ "forwarded", "Subject: Fwd: Offer\r\nReferences: <root@x>\r\nMessage-ID: <5@x>\r\n", true },
		{ "another subject", "Subject: Lunch\r\nReferences: <root@x>\r\nMessage-ID: <6@x>\r\n", false },
		{ "the same subject, but no answer", "Subject: Offer\r\nMessage-ID: <7@x>\r\n", false },
		{ "nothing at all", "", false },
	};
	struct fixture f;
	struct str root;

	(void)unused;
	start(&f);
	root = deliver(&f, ROOT).conversation;
	assert_int_equal(root.n, CONVERSATION_SIZE);
	for (size_t i = 0; i < countof(cases); i++) {
		struct item item = deliver(&f, cases[i].headers);

		assert_int_equal(item.conversation.n, CONVERSATION_SIZE);
		if (str_eq(item.conversation, root) != cases[i].same)
			fail_msg("%s", cases[i].what);
	}
	stop(&f);
}

static void an_answer_may_come_before_its_question(void **unused)
{
	struct str answer, question;
	struct fixture f;

	(void)unused;
	start(&f);
	answer = deliver(&f, "Subject: Re: Offer\r\nReferences: <root@x>\r\nMessage-ID: <1@x>\r\n").conversation;
	question = deliver(&f, ROOT).conversation;
	assert_true(str_eq(answer, question));
	stop(&f);
}

static void a_thread_index_is_taken_as_it_is(void **unused)
{
	struct item item, answer;
	struct fixture f;

	(void)unused;
	start(&f);
	item = deliver(&f, ROOT THREAD_INDEX);
	for (int i = 0; i < CONVERSATION_SIZE; i++)
		assert_int_equal(item.conversation.p[i], i);
	assert_int_equal(item.conversation_index.n, CONVERSATION_HEADER_SIZE);
	assert_memory_equal(item.conversation_index.p, "\xdc\0\0\0\0", 5);
	answer = deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\nMessage-ID: <1@x>\r\n" DATE("05"));
	assert_true(str_eq(item.conversation, answer.conversation));
	/* One that is broken is none. */
	answer = deliver(&f, "Subject: Lunch\r\nThread-Index: AdwA!\r\nMessage-ID: <2@x>\r\n");
	assert_int_equal(answer.conversation_index.n, CONVERSATION_HEADER_SIZE);
	stop(&f);
}

/* MS-ASEMAIL_R351, MS-ASEMAIL_R1054; MS-ASCON_R95, MS-ASCON_R97, MS-ASCON_R308, MS-ASCON_R309 */
/* MS-ASCON_R304, MS-ASCON_R86, MS-ASCON_R87, MS-ASCON_R90, MS-ASCON_R91, MS-ASCON_R306, MS-ASCON_R307, MS-ASCON_R400 */
static void an_index_is_a_time_and_one_more_for_each_answer(void **unused)
{
	struct item root, first, second;
	struct fixture f;

	(void)unused;
	start(&f);
	root = deliver(&f, ROOT);
	first = deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\nMessage-ID: <1@x>\r\n" DATE("05"));
	second = deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <1@x>\r\nMessage-ID: <2@x>\r\n" DATE("09"));
	/* 2026-01-01 is the FILETIME 01DC7AB192810000. */
	assert_int_equal(root.conversation_index.n, 5);
	assert_memory_equal(root.conversation_index.p, "\xdc\x7a\xb1\x92\x81", 5);
	assert_int_equal(first.conversation_index.n, 10);
	assert_memory_equal(first.conversation_index.p, root.conversation_index.p, 5);
	assert_int_equal(second.conversation_index.n, 15);
	assert_memory_equal(second.conversation_index.p, first.conversation_index.p, 10);
	/* 9 minutes after 5: the later one sorts behind. */
	assert_true(memcmp(second.conversation_index.p + 10, first.conversation_index.p + 5, 4) > 0);
	stop(&f);
}

/* Hundreds of answers to answers: the index ends somewhere. */
static void a_tree_is_bounded(void **unused)
{
	struct fixture f;
	struct item item;

	(void)unused;
	start(&f);
	deliver(&f, ROOT);
	for (int i = 0; i < CONVERSATION_LEVELS_MAX + 3; i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(1024);

		buf_fmt(&b, "Subject: Re: Offer\r\nMessage-ID: <a%d@x>\r\nIn-Reply-To: <", i);
		if (i)
			buf_fmt(&b, "a%d@x>\r\n", i - 1);
		else
			buf_cstr(&b, "root@x>\r\n");
		buf_char(&b, '\0');
		item = deliver(&f, b.p);
	}
	assert_int_equal(item.conversation_index.n, CONVERSATION_INDEX_MAX);
	stop(&f);
}

static void older_mails_are_filled_in(void **unused)
{
	static const struct sql_def forget = {
		"test_forget", "UPDATE item SET conversation = x'', conversation_index = x'' WHERE mailbox_id = $1"
	};
	struct sweep_counts counts;
	struct str before;
	struct store_tx *tx;
	struct sql_stmt *st;
	struct fixture f;

	(void)unused;
	start(&f);
	before = deliver(&f, ROOT).conversation;
	assert_int_equal(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(sql_use(store_tx_db(tx), &forget, &st), ERR_OK);
	sql_bind_i64(st, 1, f.ann.mailbox);
	assert_int_equal(sql_run(st), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(newest(&f).conversation.n, 0);
	assert_int_equal(sweep_all(f.server.store, NULL, NULL, &counts), ERR_OK);
	assert_true(str_eq(newest(&f).conversation, before));
	stop(&f);
}

/* ---- moving ---- */

static enum err move_always(struct fixture *f, struct str id, int64_t folder)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx));
	TRY(conversation_move_always(&f->arena, tx, id, folder, STORE_NOBODY));
	return store_commit(&tx);
}

static int64_t role(struct fixture *f, enum folder_role role)
{
	struct store_tx *tx;
	int64_t id;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_by_role(tx, role, &id), ERR_OK);
	store_tx_end(&tx);
	return id;
}

static uint64_t total(struct fixture *f, int64_t folder)
{
	struct store_tx *tx;
	struct folder row;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_READ, &tx), ERR_OK);
	assert_int_equal(folder_get(&f->arena, tx, folder, &row), ERR_OK);
	store_tx_end(&tx);
	return row.total;
}

static void move_newest(struct fixture *f, int64_t to)
{
	struct item item = newest(f);
	const struct item_move move = { .from = item.folder, .id = item.id, .to = to };
	struct store_tx *tx;
	enum item_moved moved;

	assert_int_equal(store_begin(f->server.store, f->ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(item_move(tx, &move, &moved), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

/* MS-ASCON_R130, MS-ASCON_R166, MS-ASCON_R172 */
static void a_conversation_that_is_moved_always_takes_later_mails_along(void **unused)
{
	struct fixture f;
	struct str id;
	int64_t inbox, junk, sent, deleted;

	(void)unused;
	start(&f);
	inbox = role(&f, FOLDER_INBOX), junk = role(&f, FOLDER_JUNK), sent = role(&f, FOLDER_SENT);
	deleted = role(&f, FOLDER_DELETED);
	id = deliver(&f, ROOT).conversation;
	deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\nMessage-ID: <sent@x>\r\n");
	move_newest(&f, sent);
	deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\nMessage-ID: <junk@x>\r\n");
	move_newest(&f, junk);
	deliver(&f, "Subject: Lunch\r\nMessage-ID: <other@x>\r\n");
	assert_int_equal(move_always(&f, id, deleted), ERR_OK);
	assert_int_equal(total(&f, deleted), 2);
	assert_int_equal(total(&f, sent), 1);
	assert_int_equal(total(&f, junk), 0);
	assert_int_equal(total(&f, inbox), 1);
	deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <junk@x>\r\nMessage-ID: <later@x>\r\n");
	assert_int_equal(total(&f, deleted), 3);
	assert_int_equal(total(&f, inbox), 1);
	/* Again, and to another place. */
	assert_int_equal(move_always(&f, id, deleted), ERR_OK);
	assert_int_equal(total(&f, deleted), 3);
	assert_int_equal(move_always(&f, id, junk), ERR_OK);
	assert_int_equal(total(&f, junk), 3);
	assert_int_equal(move_always(&f, id, 777), ERR_NOT_FOUND);
	assert_int_equal(move_always(&f, S("0123456789abcdef"), junk), ERR_NOT_FOUND);
	assert_int_equal(move_always(&f, S("short"), junk), ERR_NOT_FOUND);
	assert_int_equal(move_always(&f, id, role(&f, FOLDER_DRAFTS)), ERR_UNSUPPORTED);
	stop(&f);
}

static void the_folder_of_later_mails_may_go(void **unused)
{
	const struct folder_new new = { .name = S("Old"), .class = FOLDER_MAIL };
	struct store_tx *tx;
	struct fixture f;
	struct str id;
	int64_t folder;

	(void)unused;
	start(&f);
	id = deliver(&f, ROOT).conversation;
	deliver(&f, "Subject: Lunch\r\nMessage-ID: <other@x>\r\n");
	assert_int_equal(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_create(tx, &new, &folder), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(move_always(&f, id, folder), ERR_OK);
	assert_int_equal(store_begin(f.server.store, f.ann.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(folder_delete(tx, folder, &AUTHOR_NOBODY), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\nMessage-ID: <later@x>\r\n");
	assert_int_equal(total(&f, role(&f, FOLDER_INBOX)), 2);
	stop(&f);
}

/* 50 mails, one commit. */
static void a_move_is_one_transaction(void **unused)
{
	struct fixture f;
	struct str id;
	uint64_t flushes;

	(void)unused;
	start(&f);
	id = deliver(&f, ROOT).conversation;
	for (int i = 1; i < 50; i++)
		deliver(&f, "Subject: Re: Offer\r\nIn-Reply-To: <root@x>\r\n");
	flushes = store_flushes(f.server.store);
	assert_int_equal(move_always(&f, id, role(&f, FOLDER_JUNK)), ERR_OK);
	assert_int_equal(store_flushes(f.server.store) - flushes, 1);
	assert_int_equal(total(&f, role(&f, FOLDER_JUNK)), 50);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_in_the_conversation_of_what_they_answer),
		cmocka_unit_test(an_answer_may_come_before_its_question),
		cmocka_unit_test(a_thread_index_is_taken_as_it_is),
		cmocka_unit_test(an_index_is_a_time_and_one_more_for_each_answer),
		cmocka_unit_test(a_tree_is_bounded),
		cmocka_unit_test(older_mails_are_filled_in),
		cmocka_unit_test(a_conversation_that_is_moved_always_takes_later_mails_along),
		cmocka_unit_test(the_folder_of_later_mails_may_go),
		cmocka_unit_test(a_move_is_one_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
