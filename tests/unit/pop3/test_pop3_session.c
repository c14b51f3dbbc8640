/* Sessions of POP3 from greeting to QUIT. */
#include <gateway/pop3/limits.h>
#include <gateway/net/net.h>
#include <tests/support/gate.h>
#include <tests/support/heap.h>
#include <tests/unit/pop3/fixture.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct pop3_fixture f;

#define ONE "Subject: one\r\n\r\nfirst\r\n.dot\r\n"
#define TWO "Subject: two\r\n\r\nsecond\r\n"

static int setup(void **unused)
{
	(void)unused;
	pop3_fixture_start(&f);
	pop3_deliver(&f, S(ONE));
	pop3_deliver(&f, S(TWO));
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	pop3_fixture_stop(&f);
	return 0;
}

static void messages_are_counted_listed_and_fetched(void **unused)
{
	struct client c = pop3_fixture_ann(&f);

	(void)unused;
	pop3_tell(&c, "STAT\r\n", "+OK 2 53\r\n");
	pop3_tell(&c, "LIST\r\n", "+OK 2 messages\r\n1 29\r\n2 24\r\n.\r\n");
	pop3_tell(&c, "LIST 2\r\n", "+OK 2 24\r\n");
	pop3_tell(&c, "RETR 1\r\n", "+OK 29 octets\r\nSubject: one\r\n\r\nfirst\r\n..dot\r\n.\r\n");
	pop3_tell(&c, "TOP 1 1\r\n", "+OK 29 octets\r\nSubject: one\r\n\r\nfirst\r\n.\r\n");
	pop3_tell(&c, "TOP 2 0\r\n", "+OK 24 octets\r\nSubject: two\r\n\r\n.\r\n");
	pop3_tell(&c, "RETR 3\r\n", "-ERR no such message\r\n");
	pop3_tell(&c, "LIST 3\r\n", "-ERR no such message\r\n");
	pop3_tell(&c, "NOOP\r\n", "+OK\r\n");
	client_close(&c);
}

static struct str uidl(struct client *c, struct arena *a)
{
	struct str all, copy;

	client_send(c, S("UIDL\r\n"));
	assert_true(client_read_until(c, S("\r\n.\r\n")));
	all = buf_view(&c->in);
	assert_int_equal(arena_str(a, all, &copy), ERR_OK);
	client_consume(c, c->in.n);
	return copy;
}

/* RFC 1939 section 7. */
static void unique_ids_last_from_session_to_session(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	struct client c = pop3_fixture_ann(&f);
	struct str first = uidl(&c, &a), second, line;

	(void)unused;
	assert_true(str_starts(first, S("+OK 2 messages\r\n1 ")));
	pop3_tell(&c, "DELE 1\r\nQUIT\r\n", "+OK marked\r\n+OK bye\r\n");
	client_read_eof(&c);
	client_close(&c);
	c = pop3_fixture_ann(&f);
	second = uidl(&c, &a);
	assert_true(str_cut(&second, '\n', &line) && str_cut(&second, '\n', &line));
	assert_true(str_starts(line, S("1 ")));
	/* Number 2 has become number 1, its id is the same. */
	assert_true(str_find(first, str_slice(line, 1, line.n)) < first.n);
	client_close(&c);
}

static void quit_alone_removes_and_marks_as_read(void **unused)
{
	struct client c = pop3_fixture_ann(&f);

	(void)unused;
	pop3_tell(&c, "RETR 2\r\n", "+OK 24 octets\r\n" TWO ".\r\n");
	pop3_tell(&c, "DELE 1\r\n", "+OK marked\r\n");
	pop3_tell(&c, "STAT\r\n", "+OK 1 24\r\n");
	pop3_tell(&c, "RETR 1\r\n", "-ERR no such message\r\n");
	pop3_tell(&c, "DELE 1\r\n", "-ERR no such message\r\n");
	pop3_tell(&c, "LIST\r\n", "+OK 1 messages\r\n2 24\r\n.\r\n");
	client_close(&c); /* without QUIT */
	assert_int_equal(pop3_inbox(&f).total, 2);
	c = pop3_fixture_ann(&f);
	pop3_tell(&c, "DELE 1\r\n", "+OK marked\r\n");
	pop3_tell(&c, "RSET\r\n", "+OK\r\n");
	pop3_tell(&c, "STAT\r\n", "+OK 2 53\r\n");
	pop3_tell(&c, "RETR 2\r\n", "+OK 24 octets\r\n" TWO ".\r\n");
	pop3_tell(&c, "DELE 1\r\n", "+OK marked\r\n");
	pop3_tell(&c, "QUIT\r\n", "+OK bye\r\n");
	client_read_eof(&c);
	client_close(&c);
	assert_int_equal(pop3_inbox(&f).total, 1);
	assert_int_equal(pop3_inbox(&f).seen, 1);
}

static void a_message_that_another_client_took_is_gone(void **unused)
{
	struct client c = pop3_fixture_ann(&f);

	(void)unused;
	pop3_expunge(&f, 0);
	pop3_tell(&c, "RETR 1\r\n", "-ERR the message is gone\r\n");
	pop3_tell(&c, "DELE 1\r\n", "+OK marked\r\n");
	pop3_tell(&c, "QUIT\r\n", "+OK bye\r\n");
	client_close(&c);
	assert_int_equal(pop3_inbox(&f).total, 1);
}

/* In transactions of a batch each, however many there are. */
static void what_is_marked_goes_in_batches(void **unused)
{
	enum { MARKED = POP3_BATCH + 1 };
	struct buf b = BUF_INIT(64 * 1024);
	struct client c;

	(void)unused;
	pop3_deliver_more(&f, MARKED - 2 + 1);
	c = pop3_fixture_ann(&f);
	for (unsigned i = 1; i <= MARKED; i++)
		buf_fmt(&b, "DELE %u\r\n", i);
	buf_cstr(&b, "QUIT\r\n");
	client_send(&c, buf_view(&b));
	assert_true(client_read_until(&c, S("+OK bye\r\n")));
	buf_release(&b);
	client_close(&c);
	assert_int_equal(pop3_inbox(&f).total, 1);
}

/* It keeps its item and gets another unique id: the client asked for the end of what it has listed, not of that. */
static void a_message_that_was_written_again_is_left_alone(void **unused)
{
	struct client c = pop3_fixture_ann(&f);

	(void)unused;
	pop3_tell(&c, "RETR 2\r\n", "+OK 24 octets\r\n" TWO ".\r\n");
	pop3_rewrite(&f, 0);
	pop3_rewrite(&f, 0); /* what was the second one then */
	pop3_tell(&c, "RETR 1\r\n", "-ERR the message is gone\r\n");
	pop3_tell(&c, "DELE 1\r\nQUIT\r\n", "+OK marked\r\n+OK bye\r\n");
	client_read_eof(&c);
	client_close(&c);
	assert_int_equal(pop3_inbox(&f).total, 2);
	assert_int_equal(pop3_inbox(&f).seen, 0);
}

static void what_comes_meanwhile_is_there_the_next_time(void **unused)
{
	struct client c = pop3_fixture_ann(&f);

	(void)unused;
	pop3_deliver(&f, S("Subject: three\r\n\r\n\r\n"));
	pop3_tell(&c, "STAT\r\n", "+OK 2 53\r\n");
	client_close(&c);
}

static void a_maildrop_has_one_session(void **unused)
{
	struct client c = pop3_fixture_ann(&f), other = pop3_fixture_client(&f);

	(void)unused;
	pop3_tell(&other, "USER ann\r\nPASS secret\r\n", "+OK\r\n-ERR [IN-USE] another session has the maildrop\r\n");
	pop3_tell(&other, "USER bob\r\nPASS secret\r\n", "+OK\r\n+OK 0 messages, 0 octets\r\n");
	pop3_tell(&c, "QUIT\r\n", "+OK bye\r\n");
	client_read_eof(&c);
	client_close(&c);
	client_close(&other);
	c = pop3_fixture_ann(&f);
	client_close(&c);
}

/* A message of more than a piece, and listings of more, all of it pipelined. */
static void large_answers_stream(void **unused)
{
	enum { LINES = 20000, MORE = 3000 };
	struct buf mail = BUF_INIT(4 << 20), wanted = BUF_INIT(4 << 20);
	struct client c;

	(void)unused;
	buf_cstr(&mail, "Subject: large\r\n\r\n");
	buf_cstr(&wanted, "Subject: large\r\n\r\n");
	for (unsigned i = 0; i < LINES; i++) {
		buf_fmt(&mail, ".line %u\r\n", i);
		buf_fmt(&wanted, "..line %u\r\n", i);
	}
	pop3_deliver(&f, buf_view(&mail));
	pop3_deliver(&f, S("\r\n"));
	pop3_deliver_more(&f, MORE - 1);
	c = pop3_fixture_ann(&f);
	client_send(&c, S("RETR 3\r\nUIDL\r\nLIST\r\nQUIT\r\n"));
	assert_true(client_read_until(&c, S(" octets\r\n")));
	client_consume(&c, str_find(buf_view(&c.in), S("\r\n")) + 2);
	assert_true(client_read(&c, wanted.n));
	assert_memory_equal(c.in.p, wanted.p, wanted.n);
	client_consume(&c, wanted.n);
	pop3_expect(&c, ".\r\n+OK 3003 messages\r\n");
	assert_true(client_read_until(&c, S("\r\n.\r\n")));
	client_consume(&c, str_find(buf_view(&c.in), S("\r\n.\r\n")) + 5);
	pop3_expect(&c, "+OK 3003 messages\r\n");
	assert_true(client_read_until(&c, S("\r\n3003 2\r\n.\r\n+OK bye\r\n")));
	client_consume(&c, c.in.n);
	client_read_eof(&c);
	client_close(&c);
	buf_release(&mail);
	buf_release(&wanted);
}

/* Small ones are read together: each comes once, whole and in any order, and a large one among them too. */
static void messages_one_after_the_other(void **unused)
{
	enum { MESSAGES = 80 };
	struct buf large = BUF_INIT(1 << 20);
	struct client c;

	(void)unused;
	for (unsigned i = 3; i <= MESSAGES; i++) {
		buf_clear(&large);
		buf_fmt(&large, "Subject: %u\r\n\r\n", i);
		while (i % 20 == 0 && large.n < 2 * POP3_AHEAD_BYTES)
			buf_cstr(&large, "a line of text\r\n");
		pop3_deliver(&f, buf_view(&large));
	}
	c = pop3_fixture_ann(&f);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 3; i <= MESSAGES; i++) {
			unsigned n = round == 1 ? MESSAGES + 3 - i : i;
			struct buf wanted = BUF_INIT(64);

			buf_fmt(&wanted, "\r\nSubject: %u\r\n\r\n", n);
			buf_fmt(&large, "RETR %u\r\n", n);
			buf_clear(&large);
			buf_fmt(&large, "RETR %u\r\n", n);
			client_send(&c, buf_view(&large));
			assert_true(client_read_until(&c, S("\r\n.\r\n")));
			if (str_find(buf_view(&c.in), buf_view(&wanted)) == c.in.n ||
			    !str_starts(buf_view(&c.in), S("+OK ")))
				fail_msg("%u: " STR_FMT, n, STR_ARG(str_slice(buf_view(&c.in), 0, 200)));
			client_consume(&c, c.in.n);
			buf_release(&wanted);
			if (round == 2 && i % 10 == 5)
				pop3_tell(&c, "TOP 1 0\r\n", "+OK 29 octets\r\nSubject: one\r\n\r\n.\r\n");
		}
	}
	pop3_tell(&c, "QUIT\r\n", "+OK bye\r\n");
	client_close(&c);
	buf_release(&large);
	assert_int_equal(pop3_inbox(&f).seen, MESSAGES - 2);
}

/* A listing is small; thousands of them that nobody reads are not. */
static void listings_that_nobody_reads_are_not_made(void **unused)
{
	enum { MORE = 2000, ASKED = 1000, GROWTH_MAX_BYTES = 4 << 20 };
	struct buf b = BUF_INIT(ASKED * sizeof("UIDL\r\n"));
	struct client c;
	size_t before;

	(void)unused;
	pop3_deliver_more(&f, MORE);
	c = pop3_fixture_ann(&f);
	for (unsigned i = 0; i < ASKED; i++)
		buf_cstr(&b, "UIDL\r\n");
	before = heap_allocated();
	client_send(&c, buf_view(&b));
	assert_true(client_read(&c, 1)); /* what was made in one turn goes out at its end */
	if (heap_allocated() > before + GROWTH_MAX_BYTES)
		fail_msg("%zu bytes of memory", heap_allocated() - before);
	for (unsigned i = 0; i < ASKED; i++) { /* and they come when he does */
		assert_true(client_read_until(&c, S("\r\n.\r\n")));
		client_consume(&c, str_find(buf_view(&c.in), S("\r\n.\r\n")) + 5);
	}
	pop3_tell(&c, "NOOP\r\n", "+OK\r\n");
	buf_release(&b);
	client_close(&c);
}

static bool nobody_is_connected(void *unused)
{
	(void)unused;
	return net_connections(f.net) == 0;
}

/* What it only wanted to see is not looked up any more, and does not count as seen. */
static void who_has_gone_is_sent_no_more_and_what_he_removed_is_removed(void **unused)
{
	enum { MORE = 100, FETCHED_AT_MOST = 4 };

	(void)unused;
	for (int resets = 0; resets <= 1; resets++) {
		struct buf b = BUF_INIT(1 << 16);
		struct client c;
		struct gate gate;
		struct pop3_counts before, after;

		pop3_deliver_more(&f, MORE);
		before = pop3_inbox(&f);
		c = pop3_fixture_ann(&f);
		gate_shut(&gate, f.pool, POP3_FIXTURE_THREADS);
		for (unsigned i = 2; i < MORE; i++)
			buf_fmt(&b, "TOP %u 0\r\nRETR %u\r\n", i, i);
		buf_cstr(&b, "DELE 1\r\nQUIT\r\n");
		client_send(&c, buf_view(&b));
		buf_release(&b);
		gate_await_line(&gate);
		if (resets)
			client_reset(&c);
		else
			client_close(&c);
		gate_open(&gate);
		client_await(nobody_is_connected, NULL, "the session has ended");
		after = pop3_inbox(&f);
		assert_int_equal(after.total, before.total - 1);
		assert_in_range(after.seen, before.seen, before.seen + FETCHED_AT_MOST);
	}
}

static void languages(void **unused)
{
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	pop3_tell(&c, "LANG\r\n", "+OK languages follow\r\ni-default Default language\r\nen English\r\n.\r\n");
	pop3_tell(&c, "LANG en\r\n", "+OK en English\r\n");
	pop3_tell(&c, "LANG *\r\n", "+OK i-default Default language\r\n");
	pop3_tell(&c, "LANG tlh\r\n", "-ERR no such language\r\n");
	pop3_tell(&c, "UTF8\r\n", "+OK UTF-8\r\n");
	client_close(&c);
}

static void commands_have_their_state(void **unused)
{
	static const char *const early[] = { "STAT", "LIST", "RETR 1", "DELE 1", "NOOP", "RSET", "TOP 1 1", "UIDL" };
	static const char *const late[] = { "USER ann", "PASS secret", "AUTH PLAIN", "STLS", "UTF8" };
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	for (size_t i = 0; i < countof(early); i++) {
		client_send(&c, str_of(early[i]));
		pop3_tell(&c, "\r\n", "-ERR not now\r\n");
	}
	client_close(&c);
	c = pop3_fixture_ann(&f);
	for (size_t i = 0; i < countof(late); i++) {
		client_send(&c, str_of(late[i]));
		pop3_tell(&c, "\r\n", "-ERR not now\r\n");
	}
	client_close(&c);
}

static void a_line_has_a_limit(void **unused)
{
	static char line[POP3_MAX_LINE + 2];
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	memset(line, 'x', sizeof(line));
	memcpy(line + POP3_MAX_LINE - 2, "\r\n", 3);
	pop3_tell(&c, line, "-ERR unknown command\r\n");
	line[POP3_MAX_LINE - 2] = 'x';
	memcpy(line + POP3_MAX_LINE - 1, "\r\n", 3);
	pop3_tell(&c, line, "-ERR line too long\r\n");
	client_read_eof(&c);
	client_close(&c);
}

static void bad_commands_have_a_limit(void **unused)
{
	struct client c = pop3_fixture_client(&f);

	(void)unused;
	for (unsigned i = 1; i < POP3_MAX_BAD_COMMANDS; i++)
		pop3_tell(&c, "what\r\n", "-ERR unknown command\r\n");
	pop3_tell(&c, "what\r\n", "-ERR too many errors\r\n");
	client_read_eof(&c);
	client_close(&c);
}

static void silence_ends_a_session_and_its_hold_on_the_maildrop(void **unused)
{
	struct client c = pop3_fixture_client(&f), ann;

	(void)unused;
	pop3_fixture_advance(&f, POP3_LOGIN_TIMEOUT_MS - 1);
	pop3_tell(&c, "LANG en\r\n", "+OK en English\r\n");
	pop3_fixture_advance(&f, POP3_LOGIN_TIMEOUT_MS);
	pop3_expect(&c, "-ERR [SYS/TEMP] timeout\r\n");
	client_close(&c);
	ann = pop3_fixture_ann(&f);
	pop3_tell(&ann, "DELE 1\r\n", "+OK marked\r\n");
	pop3_fixture_advance(&f, POP3_TIMEOUT_MS);
	pop3_expect(&ann, "-ERR [SYS/TEMP] timeout\r\n");
	client_read_eof(&ann);
	client_close(&ann);
	assert_int_equal(pop3_inbox(&f).total, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(messages_are_counted_listed_and_fetched),
		TEST(unique_ids_last_from_session_to_session),
		TEST(quit_alone_removes_and_marks_as_read),
		TEST(a_message_that_another_client_took_is_gone),
		TEST(what_is_marked_goes_in_batches),
		TEST(a_message_that_was_written_again_is_left_alone),
		TEST(what_comes_meanwhile_is_there_the_next_time),
		TEST(a_maildrop_has_one_session),
		TEST(large_answers_stream),
		TEST(messages_one_after_the_other),
		TEST(listings_that_nobody_reads_are_not_made),
		TEST(who_has_gone_is_sent_no_more_and_what_he_removed_is_removed),
		TEST(languages),
		TEST(commands_have_their_state),
		TEST(a_line_has_a_limit),
		TEST(bad_commands_have_a_limit),
		TEST(silence_ends_a_session_and_its_hold_on_the_maildrop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
