/* When an IMAP session ends by itself. */
#include <tests/unit/imap/fixture.h>

#include <gateway/imap/session.h>
#include <store/folder.h>
#include <store/stmt.h>
#include <tests/support/gate.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

static void still_answers(struct client *c)
{
	client_send(c, S("b NOOP\r\n"));
	hears(c, S("b OK"));
}

#define SILENT S("* BYE you have been silent for too long\r\n")

static void silence_before_login_ends_a_session_soon(void **unused)
{
	struct client c = greeted();

	(void)unused;
	advance(IMAP_LOGIN_TIMEOUT_MS - 1);
	still_answers(&c);
	advance(IMAP_LOGIN_TIMEOUT_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

/* RFC 9051 section 5.4: at least thirty minutes. */
static void silence_after_login_ends_a_session_in_half_an_hour(void **unused)
{
	struct client c = ann();

	(void)unused;
	assert_true(IMAP_TIMEOUT_MS >= 30 * 60 * 1000);
	advance(IMAP_TIMEOUT_MS - 1);
	still_answers(&c);
	advance(IMAP_TIMEOUT_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

static void who_idles_is_reminded_and_let_go_in_half_an_hour(void **unused)
{
	struct client c = ann();

	(void)unused;
	client_send(&c, S("c SELECT INBOX\r\n"));
	hears(&c, S("c OK"));
	client_send(&c, S("d IDLE\r\n"));
	hears(&c, S("+ idling\r\n"));
	all_is_done();
	for (int64_t ms = IMAP_IDLE_REMIND_MS; ms < IMAP_TIMEOUT_MS; ms += IMAP_IDLE_REMIND_MS) {
		advance(IMAP_IDLE_REMIND_MS);
		hears(&c, S("* OK still here\r\n"));
	}
	advance(IMAP_IDLE_REMIND_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

/* Silence is the client's: what it is told, and what the server looks for to tell it, does not push its end on. */
static void who_idles_is_let_go_however_much_it_is_told(void **unused)
{
	struct client c = ann();

	(void)unused;
	client_send(&c, S("c SELECT INBOX\r\n"));
	hears(&c, S("c OK"));
	client_send(&c, S("d IDLE\r\n"));
	hears(&c, S("+ idling\r\n"));
	all_is_done();
	for (int64_t ms = IMAP_TIMEOUT_MS / 3; ms < IMAP_TIMEOUT_MS; ms += IMAP_TIMEOUT_MS / 3) {
		advance(IMAP_TIMEOUT_MS / 3);
		deliver(S("Subject: x\r\n\r\n"));
		hears(&c, S(" EXISTS\r\n"));
	}
	advance(IMAP_TIMEOUT_MS / 3);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

static void who_waits_for_notifications_is_let_go_however_much_it_is_told(void **unused)
{
	struct client c = ann();

	(void)unused;
	client_send(&c, S("c NOTIFY SET (inboxes (MessageNew MessageExpunge))\r\n"));
	hears(&c, S("c OK"));
	all_is_done();
	for (int64_t ms = IMAP_TIMEOUT_MS / 3; ms < IMAP_TIMEOUT_MS; ms += IMAP_TIMEOUT_MS / 3) {
		advance(IMAP_TIMEOUT_MS / 3);
		deliver(S("Subject: x\r\n\r\n"));
		hears(&c, S("* STATUS INBOX (MESSAGES "));
		all_is_done();
	}
	advance(IMAP_TIMEOUT_MS / 3);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

/* Each piece of a literal is a word of the client's; none for half an hour is the end. */
static void a_message_that_comes_slowly_is_no_silence(void **unused)
{
	struct client c = ann();
	const int at_once = 1;

	(void)unused;
	assert_int_equal(setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once)), 0);
	client_send(&c, S("c APPEND INBOX {20}\r\n"));
	hears(&c, S("+ "));
	for (int i = 0; i < 4; i++) {
		advance(IMAP_TIMEOUT_MS - 1);
		client_send(&c, S("X: y\r"));
		all_is_done();
	}
	advance(IMAP_TIMEOUT_MS - 1);
	client_send(&c, S("\r\n"));
	hears(&c, S("c OK"));
	client_send(&c, S("d APPEND INBOX {20}\r\n"));
	hears(&c, S("+ "));
	client_send(&c, S("X: y"));
	all_is_done();
	advance(IMAP_TIMEOUT_MS);
	hears(&c, SILENT);
	client_close(&c);
}

/* Its end may come with the last octets or behind them. */
static void a_message_is_taken_however_its_octets_come(void **unused)
{
	static const struct {
		const char *said, *answer;
	} cases[] = {
		{ "c APPEND INBOX {6+}\r\nX: y\r\n\r\n", "c OK [APPENDUID " },
		{ "c APPEND INBOX UTF8 (~{6+}\r\nX: y\r\n)\r\n", "c " },
		{ "c APPEND INBOX {6+}\r\nX: y\r\n {6+}\r\nX: y\r\n\r\n", "c OK [APPENDUID " },
		{ "c APPEND nowhere {6+}\r\nX: y\r\n\r\n", "c NO [TRYCREATE]" },
		{ "c APPEND INBOX {6+}\r\nX: y\r\n x\r\n", "c BAD " },
		{ "c APPEND INBOX \"32-Jan-2026 08:00:00 +0000\" {6+}\r\nX: y\r\n\r\n", "c BAD no such date\r\n" },
		{ "c APPEND INBOX \"1-Foo-2026 08:00:00 +0000\" {6+}\r\nX: y\r\n\r\n", "c BAD no such month\r\n" },
		{ "c APPEND INBOX \"2026-01-01\" UTF8 (~{6+}\r\nX: y\r\n)\r\n", "c BAD not what is expected here\r\n" },
		{ "c APPEND INBOX (\\Foo \\Bar) \"x\" {6+}\r\nX: y\r\n\r\n", "c BAD " },
		{ "c APPEND INBOX \"32-Jan-2026 08:00:00 +0000\" {6}\r\n", "c BAD no such date\r\n" },
		{ "c APPEND INBOX \"32-Jan-2026 08:00:00 +0000\" {2000000000}\r\n", "c BAD no such date\r\n" },
		{ "c APPEND {5+}\r\nINBOX {6+}\r\nX: y\r\n\r\n", "c OK [APPENDUID " },
		{ "c APPEND {5+}\r\nInbox (\\Seen) {6+}\r\nX: y\r\n\r\n", "c OK [APPENDUID " },
		{ "c APPEND {7+}\r\nnowhere {6+}\r\nX: y\r\n\r\n", "c NO [TRYCREATE]" },
		{ "c APPEND {5+}\r\nINBOX x {6}\r\n", "c BAD " },
		{ "c APPEND {5+}\r\nINBOX\r\n", "c BAD " },
	};
	struct client c = ann();
	const int at_once = 1;

	(void)unused;
	assert_int_equal(setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once)), 0);
	for (size_t i = 0; i < countof(cases); i++) {
		const struct str said = str_of(cases[i].said);

		client_send(&c, said);
		hears(&c, str_of(cases[i].answer));
		for (size_t at = 0; at < said.n; at++)
			client_send(&c, str_slice(said, at, at + 1));
		hears(&c, str_of(cases[i].answer));
		still_answers(&c);
	}
	client_close(&c);
}

/* RFC 9051 4.3: who waits with a literal is told at once; what is sent without waiting is read away. */
static void a_command_that_cannot_be_is_refused_before_its_literal(void **unused)
{
	static const struct {
		const char *said, *answer;
	} early[] = {
		{ "c APPEND INBOX {6}\r\n", "c BAD log in first\r\n" },
		{ "c APPEND {5}\r\n", "c BAD log in first\r\n" },
		{ "c APPEND INBOX {6+}\r\nX: y\r\n\r\n", "c BAD log in first\r\n" },
	}, later[] = {
		{ "c REPLACE 1 INBOX {6}\r\n", "c BAD no mailbox is selected\r\n" },
		{ "c UID REPLACE 1 INBOX {6}\r\n", "c BAD no mailbox is selected\r\n" },
		{ "c LOGIN {3}\r\n", "c BAD you are logged in\r\n" },
		{ "c NOTHING {3}\r\n", "c BAD no such command\r\n" },
		{ "c REPLACE 1 INBOX {6+}\r\nX: y\r\n\r\n", "c BAD no mailbox is selected\r\n" },
		{ "c STATUS {5}\r\n", "+ go ahead\r\n" },
	};
	struct client c = greeted();

	(void)unused;
	for (size_t i = 0; i < countof(early); i++) {
		client_send(&c, str_of(early[i].said));
		hears(&c, str_of(early[i].answer));
	}
	client_close(&c);
	c = ann();
	for (size_t i = 0; i < countof(later); i++) {
		client_send(&c, str_of(later[i].said));
		hears(&c, str_of(later[i].answer));
	}
	client_close(&c);
}

static int64_t folder_made(struct store_tx *tx, int64_t parent, enum folder_class class, struct str name)
{
	int64_t id;

	assert_int_equal(folder_create(tx, &(struct folder_new){ .parent = parent, .name = name, .class = class }, &id),
			 ERR_OK);
	return id;
}

/* A folder of mail may lie below one of another class, of which there may be two of a name, and be named as an escape is. */
static void a_mailbox_is_found_by_its_path(void **unused)
{
	static const char *const paths[] = { "INBOX",      "inbox", "Inbox/Below", "Work",  "Work/Here",
					     "Work/There", "Work/", "a=3D2Fb",     "a=2Fb", "a=2Fb/c" };
	static const char *const others[] = { "work", "Work/Nowhere", "Work//Here", "Here", "Plans", "a/b", "a=2fb" };
	struct client c = ann();
	struct store_tx *tx;
	int64_t inbox, work, plans, slash;

	(void)unused;
	assert_int_equal(store_begin(imap_fixture.server.store, imap_fixture.account.mailbox, STORE_WRITE, &tx),
			 ERR_OK);
	assert_int_equal(folder_by_role(tx, FOLDER_INBOX, &inbox), ERR_OK);
	folder_made(tx, inbox, FOLDER_MAIL, S("Below"));
	work = folder_made(tx, FOLDER_ROOT, FOLDER_MAIL, S("Work"));
	folder_made(tx, work, FOLDER_MAIL, S("Here"));
	plans = folder_made(tx, FOLDER_ROOT, FOLDER_TASKS, S("Work"));
	folder_made(tx, plans, FOLDER_MAIL, S("There"));
	folder_made(tx, FOLDER_ROOT, FOLDER_TASKS, S("Plans"));
	folder_made(tx, FOLDER_ROOT, FOLDER_MAIL, S("a=2Fb"));
	slash = folder_made(tx, FOLDER_ROOT, FOLDER_MAIL, S("a/b"));
	folder_made(tx, slash, FOLDER_MAIL, S("c"));
	assert_int_equal(store_commit(&tx), ERR_OK);
	for (size_t i = 0; i < countof(paths) + countof(others); i++) {
		const bool there = i < countof(paths);
		CLEANUP(buf_release) struct buf b = BUF_INIT(256);

		buf_fmt(&b, "c SELECT \"%s\"\r\n", there ? paths[i] : others[i - countof(paths)]);
		client_send(&c, buf_view(&b));
		hears(&c, there ? S("c OK [READ-WRITE]") : S("c NO "));
	}
	client_close(&c);
}

static void who_waits_for_notifications_is_let_go_too(void **unused)
{
	struct client c = ann();

	(void)unused;
	client_send(&c, S("c NOTIFY SET (personal (MailboxName))\r\n"));
	hears(&c, S("c OK"));
	all_is_done();
	advance(IMAP_TIMEOUT_MS);
	hears(&c, SILENT);
	client_read_eof(&c);
	client_close(&c);
}

/* RFC 5465 section 5.8: who is not told what he waits for has to know that. */
static void a_look_that_fails_is_told_at_once(void **unused)
{
	static const struct sql_def lose = {
		"lose", "UPDATE folder SET parent_id = 999 WHERE mailbox_id = $1 AND folder_id = $2"
	};
	const struct folder_new work = { .parent = FOLDER_ROOT, .name = S("Work"), .class = FOLDER_MAIL };
	struct client c = ann();
	struct store_tx *tx;
	int64_t id;

	(void)unused;
	client_send(&c, S("c NOTIFY SET (personal (MailboxName))\r\n"));
	hears(&c, S("c OK"));
	all_is_done();
	assert_int_equal(store_begin(imap_fixture.server.store, imap_fixture.account.mailbox, STORE_WRITE, &tx),
			 ERR_OK);
	assert_int_equal(folder_create(tx, &work, &id), ERR_OK);
	assert_int_equal(stmt_run(tx, &lose, ARGS(id)), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	hears(&c, S("* OK [NOTIFICATIONOVERFLOW] the mailboxes can't be read\r\n"));
	still_answers(&c);
	client_close(&c);
}

/* Guessing takes time: a refusal comes late, whoever asks. */
static void a_refused_login_is_answered_late(void **unused)
{
	struct client c = greeted();
	char octet;

	(void)unused;
	client_send(&c, S("c LOGIN ann wrong\r\n"));
	all_is_done();
	advance(LOGIN_REFUSE_MS - 1);
	all_is_done();
	assert_int_equal(recv(c.fd, &octet, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	advance(1);
	hears(&c, S("c NO [AUTHENTICATIONFAILED] "));
	client_close(&c);
}

/* RFC 9585: a word every five seconds to who waits for a long command. */
static void progress_is_told_now_and_then(void **unused)
{
	struct clock_fake clock;
	struct imap_server server = { .args.clock = &clock.clock };
	struct imap_session se = { .server = &server, .out = BUF_INIT(1024) };
	struct imap_command c = { .se = &se, .tag = S("t1") };

	(void)unused;
	clock_fake_init(&clock, SERVER_NOW_MS);
	clock_fake_advance(&clock, 1);
	imap_progress(&c, 0, 10);
	clock_fake_advance(&clock, IMAP_PROGRESS_MS - 1);
	imap_progress(&c, 4, 10);
	assert_int_equal(se.out.n, 0);
	clock_fake_advance(&clock, 1);
	imap_progress(&c, 5, 10);
	imap_progress(&c, 6, 10);
	assert_true(str_eq(buf_view(&se.out), S("* OK [INPROGRESS (\"t1\" 5 10)] still at it\r\n")));
	buf_release(&se.out);
}

/* ---- gateway/imap/limits.h: at each, and one past it ---- */

/* `head`, `part` as often as `n` says with `between` between them, and `tail`. */
static void say_many(struct client *c, const char *head, const char *part, const char *between, unsigned n,
		     const char *tail)
{
	struct buf b = BUF_INIT(1 << 20);

	buf_cstr(&b, head);
	for (unsigned i = 0; i < n; i++) {
		buf_cstr(&b, i ? between : "");
		buf_cstr(&b, part);
	}
	buf_cstr(&b, tail);
	client_send(c, buf_view(&b));
	buf_release(&b);
}

static void repeated_parts_have_limits(void **unused)
{
	static const struct {
		const char *head, *part, *between, *tail;
		unsigned most;
		const char *at, *past;
	} cases[] = {
		{ "", "t", "", " NOOP\r\n", IMAP_MAX_TAG, "t OK", "* BAD a tag is missing" },
		{ "a LIST \"\" \"", "x", "", "\"\r\n", IMAP_MAX_NAME, "a OK", "a BAD" },
		{ "a LIST \"\" (", "x", " ", ")\r\n", IMAP_MAX_PATTERNS, "a OK", "a BAD" },
		{ "a NOTIFY SET ", "(inboxes NONE)", " ", "\r\n", IMAP_MAX_NOTIFY_GROUPS, "a OK",
		  "a NO [NOTIFICATIONOVERFLOW]" },
		{ "a NOTIFY SET (mailboxes (", "x", " ", ") NONE)\r\n", IMAP_MAX_NOTIFY_NAMES, "a OK",
		  "a NO [NOTIFICATIONOVERFLOW]" },
		{ "a APPEND INBOX", " {2+}\r\n\r\n", "", "\r\n", IMAP_MAX_APPENDS, "a OK [APPENDUID", "a NO [LIMIT]" },
	};
	struct client c = ann();

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		print_message("%s%s\n", cases[i].head, cases[i].part);
		say_many(&c, cases[i].head, cases[i].part, cases[i].between, cases[i].most, cases[i].tail);
		hears(&c, str_of(cases[i].at));
		say_many(&c, cases[i].head, cases[i].part, cases[i].between, cases[i].most + 1, cases[i].tail);
		hears(&c, str_of(cases[i].past));
	}
	client_close(&c);
}

/* A line of so many octets with its CRLF. */
static void say_line(struct client *c, size_t octets)
{
	say_many(c, "a NOOP ", "x", "", (unsigned)(octets - sizeof("a NOOP \r\n") + 1), "\r\n");
}

static void commands_have_a_length(void **unused)
{
	struct client early = greeted(), late = ann();

	(void)unused;
	say_line(&early, IMAP_MAX_COMMAND_EARLY);
	hears(&early, S("a BAD there is something behind the end\r\n"));
	say_line(&early, IMAP_MAX_COMMAND_EARLY + 1);
	hears(&early, S("* BYE command too long\r\n"));
	say_line(&late, IMAP_MAX_COMMAND);
	hears(&late, S("a BAD there is something behind the end\r\n"));
	say_line(&late, IMAP_MAX_COMMAND + 1);
	hears(&late, S("* BYE command too long\r\n"));
	client_close(&early);
	client_close(&late);
}

static void commands_are_counted(void **unused)
{
	struct client early = greeted(), bad = greeted(), late = ann();

	(void)unused;
	say_many(&early, "", "a NOOP\r\n", "", IMAP_MAX_EARLY_COMMANDS - 1, "b NOOP\r\n");
	hears(&early, S("b OK"));
	client_send(&early, S("c NOOP\r\n"));
	hears(&early, S("* BYE log in first\r\n"));
	say_many(&bad, "", "a FOO\r\n", "", IMAP_MAX_BAD_EARLY - 1, "b NOOP\r\n");
	hears(&bad, S("b OK"));
	client_send(&bad, S("a FOO\r\n"));
	hears(&bad, S("* BYE too many bad commands\r\n"));
	say_many(&late, "", "a FOO\r\n", "", IMAP_MAX_BAD - 1, "b NOOP\r\n");
	hears(&late, S("b OK"));
	client_send(&late, S("a FOO\r\n"));
	hears(&late, S("* BYE too many bad commands\r\n"));
	client_close(&early);
	client_close(&bad);
	client_close(&late);
}

static void refused_logins_are_counted(void **unused)
{
	struct client c = greeted();

	(void)unused;
	for (unsigned i = 1; i <= IMAP_MAX_LOGINS; i++) {
		client_send(&c, S("a LOGIN ann wrong\r\n"));
		/* The timer is set once a worker has looked: time goes by until the answer is there. */
		while (!poll(&(struct pollfd){ .fd = c.fd, .events = POLLIN }, 1, 1))
			advance(LOGIN_REFUSE_MS / 2);
		if (i < IMAP_MAX_LOGINS)
			hears(&c, S("a NO [AUTHENTICATIONFAILED] wrong login or password\r\n"));
	}
	hears(&c, S("a NO [AUTHENTICATIONFAILED] wrong login or password\r\n"));
	client_read_eof(&c);
	client_close(&c);
}

static void connections_are_counted_by_address_and_by_account(void **unused)
{
	struct client c[IMAP_MAX_EARLY_PER_ADDRESS], more;

	(void)unused;
	_Static_assert(IMAP_MAX_EARLY_PER_ADDRESS == IMAP_MAX_USER_CONNECTIONS, "the same serve for both");
	for (size_t i = 0; i < countof(c); i++)
		c[i] = greeted();
	more = client_connect(listener_port(imap_fixture.listener));
	hears(&more, S("* BYE [UNAVAILABLE] too many connections of your address\r\n"));
	client_close(&more);
	for (size_t i = 0; i < countof(c); i++) {
		client_send(&c[i], S("a LOGIN ann secret\r\n"));
		hears(&c[i], S("a OK"));
	}
	more = greeted();
	client_send(&more, S("a LOGIN ann secret\r\n"));
	hears(&more, S("a NO [LIMIT] too many connections of this account\r\n"));
	client_close(&more);
	for (size_t i = 0; i < countof(c); i++)
		client_close(&c[i]);
}

static void make_folders(unsigned from, unsigned to)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(imap_fixture.server.store, imap_fixture.account.mailbox, STORE_WRITE, &tx),
			 ERR_OK);
	for (unsigned i = from; i < to; i++) {
		struct buf name = BUF_INIT(32);
		int64_t id;

		buf_fmt(&name, "n%u", i);
		assert_int_equal(folder_create(tx,
					       &(struct folder_new){ .parent = FOLDER_ROOT,
								     .name = buf_view(&name),
								     .class = FOLDER_MAIL },
					       &id),
				 ERR_OK);
		buf_release(&name);
	}
	assert_int_equal(store_commit(&tx), ERR_OK);
}

static unsigned listed(struct client *c)
{
	unsigned n = 0;
	struct str rest, line;

	client_send(c, S("l LIST \"\" *\r\n"));
	assert_true(client_read_until(c, S("l OK")));
	for (rest = buf_view(&c->in); str_cut(&rest, '\n', &line);)
		n += str_starts(line, S("* LIST "));
	client_consume(c, c->in.n);
	return n;
}

static void folders_that_are_watched_have_a_limit(void **unused)
{
	struct client c = ann();
	unsigned first = listed(&c);

	(void)unused;
	make_folders(first, IMAP_MAX_NOTIFY_FOLDERS);
	assert_int_equal(listed(&c), IMAP_MAX_NOTIFY_FOLDERS);
	client_send(&c, S("a NOTIFY SET (personal (MessageNew MessageExpunge))\r\n"));
	hears(&c, S("a OK"));
	client_send(&c, S("a NOTIFY NONE\r\n"));
	hears(&c, S("a OK"));
	make_folders(IMAP_MAX_NOTIFY_FOLDERS, IMAP_MAX_NOTIFY_FOLDERS + 1);
	client_send(&c, S("a NOTIFY SET (personal (MessageNew MessageExpunge))\r\n"));
	hears(&c, S("a NO [NOTIFICATIONOVERFLOW]"));
	client_close(&c);
}

/* Small messages of a MULTIAPPEND wait in memory for the last one, twice. */
static void messages_that_wait_for_the_last_one_have_a_limit(void **unused)
{
	enum { EACH = 256 * 1024, MOST = IMAP_MAX_APPEND_MEMORY / 2 / EACH };
	struct client c = ann();

	(void)unused;
	for (unsigned past = 0; past <= 1; past++) {
		struct buf octets = BUF_INIT(EACH);

		memset(buf_reserve(&octets, EACH), 'x', EACH);
		buf_added(&octets, EACH);
		memcpy(octets.p + EACH - 2, "\r\n", 2);
		memcpy(octets.p, "X: y\r\n\r\n", 8);
		client_send(&c, S("a APPEND INBOX"));
		for (unsigned i = 0; i < MOST; i++) {
			client_send(&c, S(" {262144+}\r\n"));
			client_send(&c, buf_view(&octets));
		}
		client_send(&c, past ? S(" {6+}\r\nX: y\r\n\r\n") : S("\r\n"));
		hears(&c, past ? S("a NO [LIMIT]") : S("a OK [APPENDUID"));
		buf_release(&octets);
	}
	client_close(&c);
}

/* ---- clients that go away ---- */

static bool nobody_is_connected(void *unused)
{
	(void)unused;
	return net_connections(imap_fixture.net) == 0;
}

enum leaving { RESETS, CLOSES, ENDS_ITS_SIDE };

/* Commands that a client sends at one stroke behind a worker that stands still; then it goes. Returns how many were worked on. */
static uint64_t asked_and_gone(struct str commands, enum leaving how)
{
	struct client c = ann();
	struct gate gate;

	client_send(&c, S("s SELECT INBOX\r\n"));
	hears(&c, S("s OK"));
	gate_shut(&gate, imap_fixture.pool, IMAP_FIXTURE_THREADS);
	client_send(&c, commands);
	gate_await_line(&gate);
	if (how == RESETS)
		client_reset(&c);
	else if (how == CLOSES)
		client_close(&c);
	else
		assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
	gate_open(&gate);
	if (how == ENDS_ITS_SIDE) {
		hears(&c, S("* BYE"));
		client_close(&c);
	}
	client_await(nobody_is_connected, NULL, "the session has ended");
	return gate_passed(&gate);
}

static void who_has_gone_is_answered_no_more_and_what_he_changed_is_changed(void **unused)
{
	enum { ASKED = 1000, CHANGES = 6, SOME = 20 };
	static const struct {
		const char *what;
		enum leaving how;
		uint64_t least, most;
	} cases[] = {
		{ "a reset", RESETS, CHANGES, SOME },
		{ "a close", CLOSES, CHANGES, SOME },
		{ "an end of its side", ENDS_ITS_SIDE, 2 * ASKED, 4 * ASKED },
	};
	struct client other;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf b = BUF_INIT(1 << 20);
		uint64_t worked;

		deliver(S("Subject: kept\r\n\r\nx\r\n"));
		deliver(S("Subject: gone\r\n\r\nx\r\n"));
		for (int n = 0; n < ASKED; n++)
			buf_cstr(&b, "a UID SEARCH TEXT nothing\r\nb FETCH 1 BODY[TEXT]\r\n");
		buf_cstr(&b, "c UID SEARCH RETURN (SAVE) SUBJECT gone\r\nd UID STORE $ +FLAGS (\\Deleted)\r\n"
			     "e EXPUNGE\r\nf APPEND INBOX {6+}\r\nX: y\r\n\r\ng CREATE made");
		buf_u64(&b, i);
		buf_cstr(&b, "\r\nh LOGOUT\r\n");
		assert_true(b.n > IMAP_INPUT_BYTES);
		worked = asked_and_gone(buf_view(&b), cases[i].how);
		buf_release(&b);
		if (worked < cases[i].least || worked > cases[i].most)
			fail_msg("%s: %llu jobs", cases[i].what, (unsigned long long)worked);
	}
	other = ann();
	client_send(&other, S("a STATUS INBOX (MESSAGES)\r\n"));
	hears(&other, S("(MESSAGES 6)")); /* of each case, the one that was kept and the one that was appended */
	client_send(&other, S("a LIST \"\" made*\r\n"));
	hears(&other,
	      S("made0\r\n* LIST (\\HasNoChildren) \"/\" made1\r\n* LIST (\\HasNoChildren) \"/\" made2\r\na OK"));
	client_close(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, imap_setup, imap_teardown)
	const struct CMUnitTest tests[] = {
		TEST(silence_before_login_ends_a_session_soon),
		TEST(silence_after_login_ends_a_session_in_half_an_hour),
		TEST(who_idles_is_reminded_and_let_go_in_half_an_hour),
		TEST(who_waits_for_notifications_is_let_go_too),
		TEST(who_idles_is_let_go_however_much_it_is_told),
		TEST(who_waits_for_notifications_is_let_go_however_much_it_is_told),
		TEST(a_message_that_comes_slowly_is_no_silence),
		TEST(a_message_is_taken_however_its_octets_come),
		TEST(a_command_that_cannot_be_is_refused_before_its_literal),
		TEST(a_mailbox_is_found_by_its_path),
		TEST(a_look_that_fails_is_told_at_once),
		TEST(a_refused_login_is_answered_late),
		TEST(who_has_gone_is_answered_no_more_and_what_he_changed_is_changed),
		TEST(repeated_parts_have_limits),
		TEST(commands_have_a_length),
		TEST(commands_are_counted),
		TEST(refused_logins_are_counted),
		TEST(connections_are_counted_by_address_and_by_account),
		TEST(folders_that_are_watched_have_a_limit),
		TEST(messages_that_wait_for_the_last_one_have_a_limit),
		cmocka_unit_test(progress_is_told_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
