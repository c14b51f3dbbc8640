/* Dialogues of LMTP: what a client says, all at once (RFC 2920) or byte by byte, and every word of the answer. */
#include <tests/unit/lmtp/fixture.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <cmocka.h>

#define GREETING "220 mx.example.test LMTP roost\r\n"
#define LHLO "LHLO client.test\r\n"
#define HELLO                                                                                       \
	"250-mx.example.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n" \
	"250-ENHANCEDSTATUSCODES\r\n250 SIZE 100000\r\n"
#define FROM "MAIL FROM:<joe@far.test>\r\n"
#define ANN "RCPT TO:<ann@example.test>\r\n"
#define BOB "RCPT TO:<bob@example.test>\r\n"
#define NOBODY "RCPT TO:<nobody@example.test>\r\n"
#define TEXT "Subject: x\r\n\r\nText\r\n.\r\n"
#define QUIT "QUIT\r\n"
#define OK "250 2.0.0 ok\r\n"
#define FROM_OK "250 2.1.0 ok\r\n"
#define TO_OK "250 2.1.5 ok\r\n"
#define UNKNOWN "550 5.1.1 no such recipient\r\n"
#define GO "354 go ahead\r\n"
#define DONE "250 2.0.0 delivered\r\n"
#define CHUNK_OK "250 2.0.0 chunk ok\r\n"
#define SEQUENCE "503 5.5.1 bad sequence of commands\r\n"
#define MALFORMED "501 5.5.4 malformed arguments\r\n"
#define BYE "221 2.0.0 bye\r\n"

struct dialogue {
	const char *what, *said, *answer;
	size_t ann, bob; /* messages delivered */
};

static const struct dialogue dialogues[] = {
	{ "a message for one", LHLO FROM ANN "DATA\r\n" TEXT QUIT, HELLO FROM_OK TO_OK GO DONE BYE, 1, 0 },
	/* RFC 2033 4.2: an answer for each recipient that was accepted, in their order. */
	{ "a message for two, and one who is not there", LHLO FROM ANN NOBODY BOB "DATA\r\n" TEXT QUIT,
	  HELLO FROM_OK TO_OK UNKNOWN TO_OK GO DONE DONE BYE, 1, 1 },
	{ "the same recipient twice gets one copy and two answers",
	  LHLO FROM ANN "RCPT TO:<ANN+tag@Example.Test>\r\n"
			"DATA\r\n" TEXT QUIT,
	  HELLO FROM_OK TO_OK TO_OK GO DONE DONE BYE, 1, 0 },
	/* RFC 2033 4.2: DATA without an accepted recipient is refused, its text is not waited for. */
	{ "nobody is there",
	  LHLO FROM NOBODY "DATA\r\n"
			   "RSET\r\n" QUIT,
	  HELLO FROM_OK UNKNOWN SEQUENCE OK BYE, 0, 0 },
	{ "several messages in a session",
	  LHLO FROM ANN "DATA\r\n" TEXT FROM BOB "DATA\r\n" TEXT FROM ANN "DATA\r\n" TEXT QUIT,
	  HELLO FROM_OK TO_OK GO DONE FROM_OK TO_OK GO DONE FROM_OK TO_OK GO DONE BYE, 2, 1 },
	{ "a message without a line", LHLO FROM ANN "DATA\r\n.\r\n" QUIT, HELLO FROM_OK TO_OK GO DONE BYE, 1, 0 },
	{ "a chunk", LHLO FROM ANN "BDAT 6 LAST\r\nText\r\n" QUIT, HELLO FROM_OK TO_OK DONE BYE, 1, 0 },
	{ "chunks with commands in them, and an empty last one",
	  LHLO FROM ANN BOB "BDAT 6\r\nQUIT\r\nBDAT 3\r\n.\r\nNOOP\r\nBDAT 0 LAST\r\n" QUIT,
	  HELLO FROM_OK TO_OK TO_OK CHUNK_OK CHUNK_OK OK DONE DONE BYE, 1, 1 },
	{ "only an empty chunk", LHLO FROM ANN "BDAT 0 LAST\r\n" QUIT, HELLO FROM_OK TO_OK DONE BYE, 1, 0 },
	/* RFC 3030 2: chunks and DATA don't mix; a chunk comes whatever was answered. */
	{ "no DATA, MAIL or RCPT between chunks", LHLO FROM ANN "BDAT 3\r\nabcDATA\r\n" FROM BOB "BDAT 0 LAST\r\n" QUIT,
	  HELLO FROM_OK TO_OK CHUNK_OK SEQUENCE SEQUENCE SEQUENCE DONE BYE, 1, 0 },
	{ "a chunk for nobody is passed over", LHLO FROM NOBODY "BDAT 6 LAST\r\nQUIT\r\nBDAT 0\r\n" QUIT,
	  HELLO FROM_OK UNKNOWN SEQUENCE SEQUENCE BYE, 0, 0 },
	{ "a chunk before LHLO is passed over", "BDAT 6\r\nQUIT\r\n" QUIT, SEQUENCE BYE, 0, 0 },
	{ "a chunk whose size is not known ends the session", LHLO FROM ANN "BDAT x LAST\r\n" QUIT,
	  HELLO FROM_OK TO_OK MALFORMED, 0, 0 },
	{ "RSET before LHLO does not stand for it", "RSET\r\n" FROM QUIT, OK SEQUENCE BYE, 0, 0 },
	{ "RSET after LHLO, MAIL, RCPT and a chunk",
	  LHLO "RSET\r\n" FROM "RSET\r\n" ANN FROM ANN "RSET\r\nDATA\r\n" FROM ANN "BDAT 1\r\naRSET\r\n"
	       "BDAT 1 LAST\r\na" FROM BOB "DATA\r\n" TEXT QUIT,
	  HELLO OK FROM_OK OK SEQUENCE FROM_OK TO_OK OK SEQUENCE FROM_OK TO_OK CHUNK_OK OK SEQUENCE FROM_OK TO_OK GO
		  DONE BYE,
	  0, 1 },
	{ "LHLO again begins anew", LHLO FROM ANN LHLO "DATA\r\n" QUIT, HELLO FROM_OK TO_OK HELLO SEQUENCE BYE, 0, 0 },
	{ "one MAIL at a time", LHLO FROM FROM ANN FROM QUIT, HELLO FROM_OK SEQUENCE TO_OK SEQUENCE BYE, 0, 0 },
	{ "no RCPT before MAIL", LHLO ANN "DATA\r\n" QUIT, HELLO SEQUENCE SEQUENCE BYE, 0, 0 },
	{ "MAIL, RCPT and DATA before LHLO", FROM ANN "DATA\r\n" QUIT, SEQUENCE SEQUENCE SEQUENCE BYE, 0, 0 },
	/* RFC 2033 4.1 */
	{ "HELO and EHLO are SMTP's", "HELO client.test\r\nEHLO client.test\r\n" FROM QUIT,
	  "500 5.5.1 this is LMTP, use LHLO\r\n500 5.5.1 this is LMTP, use LHLO\r\n" SEQUENCE BYE, 0, 0 },
	{ "what is no MTA is not listened to", "POST / HTTP/1.1\r\nHost: x\r\n\r\n" LHLO FROM,
	  "421 4.7.0 this is LMTP, use LHLO\r\n", 0, 0 },
	{ "NOOP, VRFY and nonsense change nothing",
	  LHLO FROM "NOOP\r\n" ANN "VRFY ann\r\nHELP\r\n\r\nDATA\r\n" TEXT QUIT,
	  HELLO FROM_OK OK TO_OK "252 2.0.0 send some mail, I'll try my best\r\n500 5.5.1 unknown command\r\n"
				 "500 5.5.1 unknown command\r\n" GO DONE BYE,
	  1, 0 },
	{ "malformed arguments",
	  LHLO "MAIL joe\r\nMAIL FROM:<joe\r\nMAIL FROM:<joe@far.test> AUTH=<>\r\n" FROM
	       "RCPT TO:<>\r\nRCPT TO:<ann@example.test> ORCPT=x\r\n" ANN "DATA 5\r\n" QUIT,
	  HELLO MALFORMED MALFORMED "555 5.5.4 unknown parameter\r\n" FROM_OK MALFORMED
				    "555 5.5.4 unknown parameter\r\n" TO_OK MALFORMED BYE,
	  0, 0 },
	{ "answers of RCPTs stay in order among other commands",
	  LHLO FROM NOBODY ANN "NOOP\r\n" NOBODY "RCPT\r\n" BOB "HELP\r\n" NOBODY QUIT,
	  HELLO FROM_OK UNKNOWN TO_OK OK UNKNOWN MALFORMED TO_OK "500 5.5.1 unknown command\r\n" UNKNOWN BYE, 0, 0 },
	{ "a size that is announced (RFC 1870)",
	  LHLO "MAIL FROM:<joe@far.test> SIZE=100001\r\nMAIL FROM:<> SIZE=99999999999999999999\r\n"
	       "MAIL FROM:<> SIZE=100000\r\n" QUIT,
	  HELLO "552 5.3.4 message too large\r\n552 5.3.4 message too large\r\n" FROM_OK BYE, 0, 0 },
	/* RFC 6531 3.5 */
	{ "addresses beyond ASCII need SMTPUTF8",
	  LHLO "MAIL FROM:<zoë@far.test>\r\n" FROM "RCPT TO:<jörg@example.test>\r\nRSET\r\n"
	       "MAIL FROM:<zoë@far.test> SMTPUTF8\r\nRCPT TO:<jörg@example.test>\r\n" QUIT,
	  HELLO "553 5.6.7 this address needs SMTPUTF8\r\n" FROM_OK
		"553 5.6.7 this address needs SMTPUTF8\r\n" OK FROM_OK TO_OK BYE,
	  0, 0 },
	{ "recipients without case, quoted, with a tag, with a route",
	  LHLO FROM
	  "RCPT TO:<ANN@EXAMPLE.TEST>\r\nRCPT TO:<\"bob\"@example.test>\r\n"
	  "RCPT TO:<ann+news+more@example.test>\r\nRCPT TO:<@far.test:bob@example.test>\r\n"
	  "RCPT TO:<ann+12345678901234567890123456789012345678901234567890123456789012345@example.test>\r\n" QUIT,
	  HELLO FROM_OK TO_OK TO_OK TO_OK TO_OK TO_OK BYE, 0, 0 },
	{ "a domain that is none", LHLO FROM "RCPT TO:<ann@-b..c>\r\n" ANN QUIT, HELLO FROM_OK MALFORMED TO_OK BYE, 0,
	  0 },
	{ "postmaster where nobody is it", LHLO FROM "RCPT TO:<postmaster>\r\n" QUIT, HELLO FROM_OK UNKNOWN BYE, 0, 0 },
	{ "recipients that are nobody's",
	  LHLO FROM
	  "RCPT TO:<ann>\r\nRCPT TO:<+ann@example.test>\r\nRCPT TO:<ann@far.test>\r\n"
	  "RCPT TO:<\"ann@example.test\">\r\nRCPT TO:<\"ann@example.test\"@far.test>\r\n"
	  "RCPT TO:<\"an n\"@example.test>\r\nRCPT TO:<ann@example.test@far.test>\r\n"
	  "RCPT TO:<nobody5678901234567890123456789012345678901234567890123456789012345@example.test>\r\n" QUIT,
	  HELLO FROM_OK UNKNOWN UNKNOWN UNKNOWN MALFORMED UNKNOWN UNKNOWN MALFORMED UNKNOWN BYE, 0, 0 },
	/* RFC 5321 2.3.8: only CRLF ends a line. */
	{ "a bare LF ends the session", LHLO "NOOP\nQUIT\r\n", HELLO "500 5.5.2 lines end in CRLF\r\n", 0, 0 },
	{ "a bare LF after RCPTs that wait", LHLO FROM ANN "NOOP\n",
	  HELLO FROM_OK TO_OK "500 5.5.2 lines end in CRLF\r\n", 0, 0 },
	/* Messages that a relay which takes LF . LF for an end would see as two. */
	{ "nothing is smuggled behind another end of text",
	  LHLO FROM ANN "DATA\r\nx\n.\nMAIL FROM:<>\nRCPT TO:<bob@example.test>\nDATA\n.\r\n"
			"x\n.\r\nMAIL FROM:<>\r\nx\r.\rMAIL FROM:<>\r\nx\r\n.\nMAIL FROM:<>\r\nx\r\n.\rMAIL FROM:<>\r\n"
			".\r\n" QUIT,
	  HELLO FROM_OK TO_OK GO DONE BYE, 1, 0 },
};

static void start(struct lmtp_fixture *f)
{
	lmtp_fixture_start(f, "127.0.0.1:0", 100000);
}

static void hold(struct client *c, const struct dialogue *d, size_t piece)
{
	struct str said = str_of(d->said);
	int on = 1;

	assert_int_equal(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	for (; said.n; said = str_slice(said, piece, said.n))
		client_send(c, str_slice(said, 0, piece));
	lmtp_expect(c, GREETING);
	lmtp_expect(c, d->answer);
	client_read_eof(c);
}

static void every_word_is_answered(size_t piece)
{
	struct lmtp_fixture f;
	size_t ann = 0, bob = 0;

	start(&f);
	for (size_t i = 0; i < countof(dialogues); i++) {
		struct client c = client_connect(f.port);

		hold(&c, &dialogues[i], piece);
		client_close(&c);
		ann += dialogues[i].ann;
		bob += dialogues[i].bob;
		if (lmtp_inbox_n(&f, &f.ann) != ann || lmtp_inbox_n(&f, &f.bob) != bob)
			fail_msg("%s: delivered otherwise", dialogues[i].what);
	}
	lmtp_fixture_stop(&f);
}

static void dialogues_that_come_at_once(void **unused)
{
	(void)unused;
	every_word_is_answered(SIZE_MAX);
}

static void dialogues_that_come_byte_by_byte(void **unused)
{
	(void)unused;
	every_word_is_answered(1);
}

static void a_client_that_ends_its_side_gets_all_answers(void **unused)
{
	struct lmtp_fixture f;
	struct client c;

	(void)unused;
	start(&f);
	c = client_connect(f.port);
	client_send(&c, S(LHLO FROM ANN "DATA\r\n" TEXT "NOOP\r\n"));
	assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
	lmtp_expect(&c, GREETING HELLO FROM_OK TO_OK GO DONE OK);
	client_read_eof(&c);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

static void sessions_over_a_unix_socket(void **unused)
{
	struct lmtp_fixture f;
	struct tmpdir dir = tmpdir_make();
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct buf path = BUF_INIT(100);
	struct str from = S("from client.test (unix)\r\n");
	struct client c;

	(void)unused;
	buf_fmt(&path, "unix:%s/lmtp", dir.path);
	buf_char(&path, '\0');
	lmtp_fixture_start(&f, path.p, 100000);
	c = client_connect_unix(path.p + sizeof("unix:") - 1);
	lmtp_say(&c, LHLO FROM ANN "DATA\r\n" TEXT QUIT, GREETING HELLO FROM_OK TO_OK GO DONE BYE);
	client_read_eof(&c);
	client_close(&c);
	assert_true(str_find(lmtp_inbox_octets(&f, &a, &f.ann, 0), from) < lmtp_inbox_octets(&f, &a, &f.ann, 0).n);
	lmtp_fixture_stop(&f);
	buf_release(&path);
	tmpdir_remove(&dir);
}

/* RFC 5321 4.5.1: of the server's name, which is mx.example.test, or of a domain above it; in any case. */
static void postmaster_alone_is_the_one_of_the_servers_domain(void **unused)
{
	struct lmtp_fixture f;
	struct client c;
	struct server_account first, nearer;

	(void)unused;
	start(&f);
	first = server_add_account(&f.server, "postmaster@example.test", "secret");
	c = lmtp_fixture_client(&f);
	lmtp_say(&c, FROM "RCPT TO:<PostMaster>\r\nDATA\r\n", FROM_OK TO_OK GO);
	lmtp_say(&c, "Subject: x\r\n\r\n.\r\n", DONE);
	assert_int_equal(lmtp_inbox_n(&f, &first), 1);
	nearer = server_add_account(&f.server, "postmaster@mx.example.test", "secret");
	lmtp_say(&c, FROM "RCPT TO:<postmaster>\r\nDATA\r\n", FROM_OK TO_OK GO);
	lmtp_say(&c, "Subject: x\r\n\r\n.\r\n", DONE);
	assert_int_equal(lmtp_inbox_n(&f, &first), 1);
	assert_int_equal(lmtp_inbox_n(&f, &nearer), 1);
	client_close(&c);
	lmtp_fixture_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(postmaster_alone_is_the_one_of_the_servers_domain),
		cmocka_unit_test(dialogues_that_come_at_once),
		cmocka_unit_test(dialogues_that_come_byte_by_byte),
		cmocka_unit_test(a_client_that_ends_its_side_gets_all_answers),
		cmocka_unit_test(sessions_over_a_unix_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
