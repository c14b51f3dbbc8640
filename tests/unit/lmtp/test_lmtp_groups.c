/* Mail to groups by LMTP: what is taken is on disk in the queue; what cannot be passed on is refused at RCPT. */
#include <tests/unit/lmtp/fixture.h>

#include <gateway/net/net.h>
#include <store/mail_group.h>
#include <store/queue.h>
#include <store/quota.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

enum { MAX_MESSAGE = 4 * 1024 * 1024 };

static int64_t make_group(struct lmtp_fixture *f, const char *address, enum group_senders senders, const char *member)
{
	struct store_tx *tx;
	int64_t id;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(mail_group_add(tx, str_of(address), S(""), &id), ERR_OK);
	assert_int_equal(mail_group_set_senders(tx, id, senders), ERR_OK);
	assert_int_equal(mail_group_member_add(tx, id, str_of(member)), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	return id;
}

static size_t entries(struct lmtp_fixture *f, struct arena *a, struct queue_entry *first)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct queue_entry *list;
	size_t n;

	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(queue_list(a, tx, 0, true, 10, &list, &n), ERR_OK);
	if (n)
		assert_int_equal(queue_get(a, tx, list[0].id, first), ERR_OK);
	return n;
}

static struct str octets_of(struct lmtp_fixture *f, struct arena *a, const struct queue_entry *e)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	char *p = arena_alloc(a, (size_t)e->size + 1);
	size_t got;

	assert_non_null(p);
	assert_int_equal(store_begin(f->server.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(store_blob_open(tx, e->blob, &blob), ERR_OK);
	assert_int_equal(store_blob_read(blob, 0, p, (size_t)e->size, &got), ERR_OK);
	return str_from(p, got);
}

static void what_is_taken_for_a_group_lies_in_the_queue(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 << 20);
	struct queue_entry e;
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	lmtp_fixture_start(&f, "127.0.0.1:0", MAX_MESSAGE);
	make_group(&f, "Info@Example.Test", GROUP_SENDERS_ANYONE, "bob@example.test");
	c = lmtp_fixture_client(&f);
	lmtp_say(&c, "MAIL FROM:<joe@far.test>\r\nRCPT TO:<info+news@example.test>\r\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n");
	lmtp_say(&c, "DATA\r\n", "354 go ahead\r\n");
	lmtp_say(&c, "To: info@example.test\r\n\r\nh\xc3\xb6\r\n.\r\n", "250 2.0.0 delivered\r\n");
	assert_int_equal(entries(&f, &a, &e), 1);
	assert_int_equal(e.recipients_n, 1);
	assert_true(str_eq(e.recipients[0].address, S("Info@Example.Test")));
	assert_int_equal(e.recipients[0].notify, QUEUE_NOTIFY_FAILURE);
	assert_true(str_eq(e.sender, S("joe@far.test")));
	assert_int_equal(e.account, 0);
	assert_int_equal(e.flags, QUEUE_8BIT);
	assert_true(str_eq(e.origin, S("from client.test (127.0.0.1) with LMTP")));
	assert_true(str_eq(octets_of(&f, &a, &e), S("To: info@example.test\r\n\r\nh\xc3\xb6\r\n")));
	client_close(&c);
	lmtp_fixture_stop(&f);
}

/* Who is named himself is answered for himself, and is no open recipient of the group's mail. */
static void each_recipient_has_an_answer_of_his_own(void **unused)
{
	const struct quota none = { .bytes = 1 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 << 20);
	struct queue_entry e;
	struct lmtp_fixture f;
	struct store_tx *tx;
	struct client c;

	(void)unused;
	lmtp_fixture_start(&f, "127.0.0.1:0", MAX_MESSAGE);
	make_group(&f, "info@example.test", GROUP_SENDERS_ANYONE, "bob@example.test");
	make_group(&f, "help@example.test", GROUP_SENDERS_ANYONE, "info@example.test");
	assert_int_equal(store_begin(f.server.store, f.bob.mailbox, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(quota_set(tx, &none), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	c = lmtp_fixture_client(&f);
	lmtp_say(&c,
		 "MAIL FROM:<joe@far.test>\r\nRCPT TO:<help@example.test>\r\nRCPT TO:<ann@example.test>\r\n"
		 "RCPT TO:<bob@example.test>\r\nRCPT TO:<info@example.test>\r\n",
		 "250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n250 2.1.5 ok\r\n");
	lmtp_say(&c, "DATA\r\n", "354 go ahead\r\n");
	lmtp_say(
		&c, "\r\nhi\r\n.\r\n",
		"250 2.0.0 delivered\r\n250 2.0.0 delivered\r\n552 5.3.4 message too large\r\n250 2.0.0 delivered\r\n");
	assert_int_equal(entries(&f, &a, &e), 1);
	assert_int_equal(e.recipients_n, 4);
	assert_int_equal(e.recipients[0].state, QUEUE_PENDING);
	assert_int_equal(e.recipients[1].state, QUEUE_DROPPED);
	assert_int_equal(e.recipients[2].state, QUEUE_DROPPED);
	assert_int_equal(e.recipients[3].state, QUEUE_PENDING);
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 1);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void hand_over(struct client *c, const char *sender, const char *const to[3], const char *text,
		      const char *answer)
{
	char line[200];
	size_t n = 0;

	snprintf(line, sizeof(line), "MAIL FROM:<%s>\r\n", sender);
	lmtp_say(c, line, "250 2.1.0 ok\r\n");
	for (; n < 3 && to[n]; n++) {
		snprintf(line, sizeof(line), "RCPT TO:<%s>\r\n", to[n]);
		lmtp_say(c, line, "250 2.1.5 ok\r\n");
	}
	lmtp_say(c, "DATA\r\n", "354 go ahead\r\n");
	client_send(c, str_of(text));
	lmtp_say(c, ".\r\n", answer);
	for (; n > 1; n--)
		lmtp_expect(c, answer);
}

/* An MTA that has lost the answer, or a part of it, or that the queue could not take all of it for. */
static void what_comes_again_for_a_group_is_queued_once(void **unused)
{
	static const struct {
		const char *what, *sender, *to[3], *text;
		size_t entries;
	} cases[] = {
		{ "two groups", "joe@far.test", { "info@example.test", "help@example.test" }, "\r\nhi\r\n", 1 },
		{ "again", "joe@far.test", { "info@example.test", "help@example.test" }, "\r\nhi\r\n", 1 },
		{ "one of them", "joe@far.test", { "help@example.test" }, "\r\nhi\r\n", 1 },
		{ "and somebody", "joe@far.test", { "info@example.test", "ann@example.test" }, "\r\nhi\r\n", 1 },
		{ "a third one", "joe@far.test", { "info@example.test", "team@example.test" }, "\r\nhi\r\n", 2 },
		{ "all",
		  "joe@far.test",
		  { "help@example.test", "team@example.test", "info@example.test" },
		  "\r\nhi\r\n",
		  2 },
		{ "of somebody else", "jim@far.test", { "info@example.test" }, "\r\nhi\r\n", 3 },
		{ "another mail", "joe@far.test", { "info@example.test" }, "\r\nho\r\n", 4 },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 << 20);
	struct queue_entry e;
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	lmtp_fixture_start(&f, "127.0.0.1:0", MAX_MESSAGE);
	make_group(&f, "info@example.test", GROUP_SENDERS_ANYONE, "bob@example.test");
	make_group(&f, "help@example.test", GROUP_SENDERS_ANYONE, "bob@example.test");
	make_group(&f, "team@example.test", GROUP_SENDERS_ANYONE, "bob@example.test");
	c = lmtp_fixture_client(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		hand_over(&c, cases[i].sender, cases[i].to, cases[i].text, "250 2.0.0 delivered\r\n");
		if (entries(&f, &a, &e) != cases[i].entries)
			fail_msg("%s: %zu entries", cases[i].what, entries(&f, &a, &e));
	}
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 1);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

/* Else it would come again for the groups alone, which would know nothing of who had it. */
static void what_the_queue_cannot_take_nobody_is_given(void **unused)
{
	static const char *const to[3] = { "ann@example.test", "info@example.test" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 << 20);
	struct buf text = BUF_INIT(MAX_MESSAGE), folder = BUF_INIT(4096);
	struct queue_entry e;
	struct lmtp_fixture f;
	struct client c;
	const char *path, *mail;

	(void)unused;
	lmtp_fixture_start(&f, "127.0.0.1:0", MAX_MESSAGE);
	make_group(&f, "info@example.test", GROUP_SENDERS_ANYONE, "ann@example.test");
	buf_fmt(&folder, "%s/queue", store_state_dir(f.server.store));
	assert_int_equal(arena_cstr(&a, buf_view(&folder), &path), ERR_OK);
	buf_cstr(&text, "\r\n");
	while (text.n <= STORE_BLOB_INLINE_MAX)
		buf_cstr(&text, "a line of a mail that lies in a file of its own\r\n");
	assert_int_equal(arena_cstr(&a, buf_view(&text), &mail), ERR_OK);
	c = lmtp_fixture_client(&f);
	fclose(fopen(path, "w")); /* in the way of the folder */
	hand_over(&c, "joe@far.test", to, mail, "451 4.3.0 storage error\r\n");
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 0);
	unlink(path);
	hand_over(&c, "joe@far.test", to, mail, "250 2.0.0 delivered\r\n");
	assert_int_equal(lmtp_inbox_n(&f, &f.ann), 1);
	assert_int_equal(entries(&f, &a, &e), 1);
	assert_int_equal(e.recipients[0].state, QUEUE_DROPPED);
	buf_release(&text);
	buf_release(&folder);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void a_group_that_takes_no_mail_of_strangers_says_so(void **unused)
{
	static const struct {
		enum group_senders senders;
		const char *member, *answer;
	} cases[] = {
		{ GROUP_SENDERS_ACCOUNTS, "bob@example.test",
		  "550 5.7.1 this group takes mail of accounts here alone\r\n" },
		{ GROUP_SENDERS_MEMBERS, "ann@example.test",
		  "550 5.7.1 this group takes mail of accounts here alone\r\n" },
		{ GROUP_SENDERS_ANYONE, "carol@far.test",
		  "550 5.7.1 this group takes mail of accounts here alone\r\n" },
		{ GROUP_SENDERS_ANYONE, "bob@example.test", "250 2.1.5 ok\r\n" },
	};
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	lmtp_fixture_start(&f, "127.0.0.1:0", MAX_MESSAGE);
	c = lmtp_fixture_client(&f);
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t id = make_group(&f, "g@example.test", cases[i].senders, cases[i].member);
		struct store_tx *tx;

		/* That the envelope names an account proves nothing. */
		lmtp_say(&c, "MAIL FROM:<ann@example.test>\r\n", "250 2.1.0 ok\r\n");
		lmtp_say(&c, "RCPT TO:<g@example.test>\r\n", cases[i].answer);
		lmtp_say(&c, "RSET\r\n", "250 2.0.0 ok\r\n");
		assert_int_equal(store_begin(f.server.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
		assert_int_equal(mail_group_remove(tx, id), ERR_OK);
		assert_int_equal(store_commit(&tx), ERR_OK);
	}
	lmtp_say(&c, "MAIL FROM:<ann@example.test>\r\nRCPT TO:<g@example.test>\r\n",
		 "250 2.1.0 ok\r\n550 5.1.1 no such recipient\r\n");
	client_close(&c);
	lmtp_fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_taken_for_a_group_lies_in_the_queue),
		cmocka_unit_test(each_recipient_has_an_answer_of_his_own),
		cmocka_unit_test(what_comes_again_for_a_group_is_queued_once),
		cmocka_unit_test(what_the_queue_cannot_take_nobody_is_given),
		cmocka_unit_test(a_group_that_takes_no_mail_of_strangers_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
