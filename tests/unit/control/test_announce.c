/* Announcements between a writer and the server, over a real socket. */
#include <gateway/control/announce_server.h>
#include <gateway/net/net.h>
#include <tests/support/client.h>
#include <tests/support/tmpdir.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { DEVICES = 1000000, POLICIES = 2 * DEVICES };
enum { NEWS_MAX = ANNOUNCE_MAX_MAILBOXES + 10, CONNECTIONS_MAX = 16 };

/* What the server was told, in order: mailboxes; accounts are negative, devices beyond a million, policies beyond two. */
struct fixture {
	struct tmpdir dir;
	struct buf address;
	struct net *net;
	struct listener *listener;
	struct announce_server server;
	pthread_mutex_t lock;
	int64_t news[NEWS_MAX];
	size_t news_n;
};

static void note(struct fixture *f, int64_t what)
{
	pthread_mutex_lock(&f->lock);
	if (f->news_n < NEWS_MAX)
		f->news[f->news_n++] = what;
	pthread_mutex_unlock(&f->lock);
}

static void mailbox_changed(void *ctx, int64_t mailbox)
{
	note(ctx, mailbox);
}

static void account_changed(void *ctx, int64_t account)
{
	note(ctx, -account);
}

static void device_changed(void *ctx, int64_t device)
{
	note(ctx, DEVICES + device);
}

static void policies_changed(void *ctx, int64_t within_s)
{
	note(ctx, POLICIES + within_s);
}

static size_t news(struct fixture *f)
{
	size_t n;

	pthread_mutex_lock(&f->lock);
	n = f->news_n;
	pthread_mutex_unlock(&f->lock);
	return n;
}

struct wanted {
	struct fixture *f;
	size_t n;
};

static bool has_come(void *arg)
{
	const struct wanted *w = arg;

	return news(w->f) >= w->n;
}

static void await_news(struct fixture *f, size_t n)
{
	client_await(has_come, &(struct wanted){ f, n }, "the server is told");
	assert_int_equal(news(f), n);
}

static void serve(struct fixture *f)
{
	struct buf why = BUF_INIT(1024);

	assert_int_equal(net_start(&(struct net_args){ clock_real(), 1, CONNECTIONS_MAX }, &f->net), ERR_OK);
	assert_int_equal(listener_open(f->net,
				       &(struct listener_args){ .address = f->address.p,
								.open = announce_server_open,
								.ctx = &f->server },
				       &f->listener, &why),
			 ERR_OK);
	buf_release(&why);
}

static void stop_serving(struct fixture *f)
{
	listener_close(&f->listener);
	net_stop(&f->net);
}

static void start(struct fixture *f)
{
	f->dir = tmpdir_make();
	f->address = BUF_INIT(200);
	buf_fmt(&f->address, "unix:%s/%s", f->dir.path, ANNOUNCE_SOCKET_NAME);
	buf_char(&f->address, '\0');
	f->server = (struct announce_server){ .mailbox_changed = mailbox_changed,
					      .account_changed = account_changed,
					      .device_changed = device_changed,
					      .policies_changed = policies_changed,
					      .ctx = f };
	pthread_mutex_init(&f->lock, NULL);
	f->news_n = 0;
	serve(f);
}

static void stop(struct fixture *f)
{
	stop_serving(f);
	pthread_mutex_destroy(&f->lock);
	buf_release(&f->address);
	tmpdir_remove(&f->dir);
}

static struct client dial(struct fixture *f)
{
	return client_connect_unix(f->address.p + sizeof("unix:") - 1);
}

static void expect(struct client *c, struct str said, struct str answer)
{
	client_send(c, said);
	if (!client_read(c, answer.n) || !str_starts(buf_view(&c->in), answer))
		fail_msg("'" STR_FMT "': '" STR_FMT "'", STR_ARG(said), STR_ARG(buf_view(&c->in)));
	client_consume(c, answer.n);
}

static struct fixture fixture; /* too large for a stack */

static void a_commit_is_told_once_and_an_account_and_a_device_too(void **unused)
{
	struct fixture *f = &fixture;
	struct announcer *a;

	(void)unused;
	start(f);
	assert_int_equal(announce_connect(f->dir.path, &a), ERR_OK);
	announce_begin(a, 5);
	assert_int_equal(news(f), 0);
	announce_committed(a, 5);
	announce_account(a, 9);
	announce_device(a, 3);
	announce_policies(a, ANNOUNCE_MAX_SPREAD_S);
	announce_close(&a);
	assert_null(a);
	assert_int_equal(news(f), 4);
	assert_int_equal(f->news[0], 5);
	assert_int_equal(f->news[1], -9);
	assert_int_equal(f->news[2], DEVICES + 3);
	assert_int_equal(f->news[3], POLICIES + ANNOUNCE_MAX_SPREAD_S);
	stop(f);
	assert_int_equal(f->news_n, 4);
}

/* sync-engine rule 20: it may have committed, and nobody else will say so. */
static void a_writer_that_is_killed_before_its_word_wakes_all_the_same(void **unused)
{
	struct fixture *f = &fixture;
	int begun[2];
	pid_t child;
	char byte;

	(void)unused;
	start(f);
	assert_int_equal(pipe(begun), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct announcer *a;

		if (announce_connect(f->dir.path, &a))
			_exit(1);
		announce_begin(a, 5);
		announce_begin(a, 6);
		announce_committed(a, 6);
		(void)!write(begun[1], "x", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(begun[0], &byte, 1), 1);
	assert_int_equal(news(f), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	await_news(f, 2);
	assert_int_equal(f->news[0], 6);
	assert_int_equal(f->news[1], 5);
	close(begun[0]);
	close(begun[1]);
	stop(f);
}

static void mailboxes_that_were_begun_twice_need_two_words(void **unused)
{
	struct fixture *f = &fixture;
	struct client c;

	(void)unused;
	start(f);
	c = dial(f);
	expect(&c, S("begin 1\nbegin 1\ncommitted 1\n"), S("ok\nok\nok\n"));
	assert_int_equal(news(f), 1);
	client_close(&c);
	await_news(f, 2);
	stop(f);
}

static void lines_may_come_byte_by_byte(void **unused)
{
	static const char said[] = "begin 12\ncommitted 12\n";
	struct fixture *f = &fixture;
	struct client c;

	(void)unused;
	start(f);
	c = dial(f);
	for (size_t i = 0; i < sizeof(said) - 1; i++)
		client_send(&c, str_from(said + i, 1));
	expect(&c, STR_EMPTY, S("ok\nok\n"));
	assert_int_equal(news(f), 1);
	assert_int_equal(f->news[0], 12);
	client_close(&c);
	stop(f);
}

static void what_is_malformed_ends_the_connection_and_wakes_what_was_begun(void **unused)
{
	struct fixture *f = &fixture;
	struct client c;

	(void)unused;
	start(f);
	c = dial(f);
	expect(&c, S("begin 3\nbegin x\ncommitted 3\n"), S("ok\nerror malformed\n"));
	client_read_eof(&c);
	client_close(&c);
	await_news(f, 1);
	stop(f);
}

static void a_line_ends_at_its_limit(void **unused)
{
	char line[ANNOUNCE_LINE_MAX + 1];
	struct fixture *f = &fixture;
	struct client c;

	(void)unused;
	start(f);
	memset(line, '0', sizeof(line));
	memcpy(line, "begin ", 6);
	line[ANNOUNCE_LINE_MAX - 2] = '7';
	line[ANNOUNCE_LINE_MAX - 1] = '\n';
	c = dial(f);
	expect(&c, str_from(line, ANNOUNCE_LINE_MAX), S("ok\n"));
	line[ANNOUNCE_LINE_MAX - 1] = '7';
	line[ANNOUNCE_LINE_MAX] = '\n';
	expect(&c, str_from(line, ANNOUNCE_LINE_MAX + 1), S("error line too long\n"));
	client_read_eof(&c);
	client_close(&c);
	await_news(f, 1);
	stop(f);
}

static void mailboxes_end_at_their_limit(void **unused)
{
	struct fixture *f = &fixture;
	struct buf said = BUF_INIT(1 << 20);
	struct client c;

	(void)unused;
	start(f);
	for (int i = 1; i <= ANNOUNCE_MAX_MAILBOXES; i++)
		buf_fmt(&said, "begin %d\n", i);
	c = dial(f);
	client_send(&c, buf_view(&said));
	assert_true(client_read(&c, 3 * ANNOUNCE_MAX_MAILBOXES));
	client_consume(&c, 3 * ANNOUNCE_MAX_MAILBOXES);
	/* One that is committed makes room for another. */
	expect(&c, S("committed 1\nbegin 1\n"), S("ok\nok\n"));
	expect(&c, S("begin 70000\n"), S("error too many mailboxes\n"));
	client_read_eof(&c);
	client_close(&c);
	await_news(f, 1 + ANNOUNCE_MAX_MAILBOXES);
	buf_release(&said);
	stop(f);
}

static void without_a_server_nothing_is_said_until_there_is_one(void **unused)
{
	struct fixture *f = &fixture;
	struct announcer *a;

	(void)unused;
	start(f);
	stop_serving(f);
	assert_int_equal(announce_connect(f->dir.path, &a), ERR_OK);
	announce_begin(a, 1);
	announce_committed(a, 1);
	assert_int_equal(news(f), 0);
	serve(f);
	announce_begin(a, 2);
	announce_committed(a, 2);
	assert_int_equal(news(f), 1);
	assert_int_equal(f->news[0], 2);
	announce_close(&a);
	stop(f);
}

/* Phones that connected to the new one would wait for nothing. */
static void a_server_that_was_restarted_hears_of_the_commit(void **unused)
{
	struct fixture *f = &fixture;
	struct announcer *a;

	(void)unused;
	start(f);
	assert_int_equal(announce_connect(f->dir.path, &a), ERR_OK);
	announce_begin(a, 4);
	stop_serving(f);
	assert_int_equal(news(f), 1); /* the old one told, as the connection ended */
	serve(f);
	announce_committed(a, 4);
	assert_int_equal(news(f), 2);
	announce_close(&a);
	stop(f);
}

static void a_path_too_long_for_a_socket_is_an_error(void **unused)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	struct announcer *a = NULL;

	(void)unused;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(announce_connect(path, &a), ERR_LIMIT);
	assert_null(a);
	announce_begin(a, 1);
	announce_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_commit_is_told_once_and_an_account_and_a_device_too),
		cmocka_unit_test(a_writer_that_is_killed_before_its_word_wakes_all_the_same),
		cmocka_unit_test(mailboxes_that_were_begun_twice_need_two_words),
		cmocka_unit_test(lines_may_come_byte_by_byte),
		cmocka_unit_test(what_is_malformed_ends_the_connection_and_wakes_what_was_begun),
		cmocka_unit_test(a_line_ends_at_its_limit),
		cmocka_unit_test(mailboxes_end_at_their_limit),
		cmocka_unit_test(without_a_server_nothing_is_said_until_there_is_one),
		cmocka_unit_test(a_server_that_was_restarted_hears_of_the_commit),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
