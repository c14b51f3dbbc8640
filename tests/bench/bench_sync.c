/*
 * What Sync costs the server: bench_sync [MAILS]. The real roostd in a process of its own, one client that asks and
 * waits in turn, so that CPU is the server's alone and no request waits for another.
 *
 * Printed: a first Sync of the mailbox to its end (CPU of each window, the first twenty against the last twenty), the
 * bytes of the sync state that it leaves, a Sync with nothing new, and one new mail in this folder and in one of a
 * hundred.
 */
#include <store/sql/sql.h>
#include <store/store.h>
#include <tests/bench/first_sync.h>
#include <tests/bench/mails.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum {
	MAILS_DEFAULT = 100000,
	SMALL_MAILS = 100,
	INBOX = 1, /* the first of the default folders */
	IDLE_ROUNDS = 1000,
	NEW_ROUNDS = 200,
	HANDLES = 4,
};

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static double mib(uint64_t bytes)
{
	return (double)bytes / (1 << 20);
}

static void bench_first(const struct daemon *d, struct sync_client *c, const char *what)
{
	first_sync_print(d, c, "mails", what);
	(void)sync_client_ask(c); /* shows the last key */
}

static void bench_idle(const struct daemon *d, struct sync_client *c)
{
	int64_t before = daemon_cpu_ns(d);

	for (int i = 0; i < IDLE_ROUNDS; i++)
		if (sync_client_ask(c).bytes)
			fprintf(stderr, "something new was said where nothing was\n");
	printf("nothing new: cpu_ms=%.3f (mean of %d)\n", ms(daemon_cpu_ns(d) - before) / IDLE_ROUNDS, IDLE_ROUNDS);
}

static void check(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "%s: %s\n", what, err_text(e));
		exit(1);
	}
}

static void bench_new(const struct daemon *d, struct sync_client *c, struct store *s, const char *dir, int64_t mailbox,
		      size_t holds)
{
	int64_t spent = 0;

	for (uint64_t i = 0; i < NEW_ROUNDS; i++) {
		const int64_t received_ms = SERVER_NOW_MS + (int64_t)i;
		int64_t before;

		check(bench_mailbox_fill(s, dir, mailbox, 1000 * MAILS_DEFAULT + i, 1, received_ms), "delivery");
		before = daemon_cpu_ns(d);
		if (sync_client_ask(c).adds != 1)
			fprintf(stderr, "a new mail did not come\n");
		spent += daemon_cpu_ns(d) - before;
	}
	printf("one new mail beside %zu: cpu_ms=%.3f (mean of %d)\n", holds, ms(spent) / NEW_ROUNDS, NEW_ROUNDS);
}

/* Every number counts eight bytes, however few it takes on disk. */
static void print_state(struct store *s, int64_t mailbox)
{
	static const struct sql_def lines = { "bench_lines", "SELECT 5 * 8 * COUNT(*) FROM sync_line"
							     " WHERE mailbox_id = $1 AND folder_id = $2" };
	static const struct sql_def generations = {
		"bench_generations", "SELECT SUM(13 * 8 + LENGTH(sync_key) + LENGTH(options)) FROM sync_generation"
				     " WHERE mailbox_id = $1 AND folder_id = $2"
	};
	static const struct sql_def devices = { "bench_devices", "SELECT COUNT(*) FROM sync_line"
								 " WHERE mailbox_id = $1 AND folder_id = $2" };
	const struct sql_def *const defs[] = { &lines, &generations, &devices };
	int64_t values[countof(defs)];
	struct store_tx *tx;

	check(store_begin(s, mailbox, STORE_READ, &tx), "store");
	for (size_t i = 0; i < countof(defs); i++) {
		struct sql_stmt *st;

		check(sql_use(store_tx_db(tx), defs[i], &st), defs[i]->name);
		sql_bind_i64(st, 1, mailbox);
		sql_bind_i64(st, 2, INBOX);
		check(sql_one(st), defs[i]->name);
		values[i] = sql_i64(st, 0);
		sql_reset(st);
	}
	store_tx_end(&tx);
	printf("sync state of the folder: bytes=%lld (each of %lld devices)\n",
	       (long long)((values[0] + values[1]) / values[2]), (long long)values[2]);
}

static struct server_account make(struct server *s, const char *address, uint64_t mails)
{
	struct server_account a = server_add_account(s, address, "secret");

	check(bench_mailbox_fill(s->store, s->dir.path, a.mailbox, 0, mails, SERVER_NOW_MS), "mailbox");
	return a;
}

int main(int argc, char **argv)
{
	struct server s = { 0 };
	struct server_account big, small;
	uint64_t mails = MAILS_DEFAULT;
	struct sync_client c, other;
	time_t begun = time(NULL);
	struct daemon d;

	if (argc > 1 && str_to_u64(str_of(argv[1]), 10 * MAILS_DEFAULT, &mails)) {
		fprintf(stderr, "usage: bench_sync [MAILS]\n");
		return 2;
	}
	server_open(&s);
	big = make(&s, "big@example.test", mails);
	small = make(&s, "small@example.test", SMALL_MAILS);
	server_close(&s);
	printf("mailbox of %llu mails: made in %lld s\n", (unsigned long long)mails, (long long)(time(NULL) - begun));
	fflush(stdout);

	d = daemon_start(ROOSTD, s.dir.path);
	c = sync_client_new(d.socket, "big@example.test", "PLAIN", INBOX, false);
	bench_first(&d, &c, "as it is");
	other = sync_client_new(d.socket, "big@example.test", "PACKED", INBOX, true);
	bench_first(&d, &other, "gzip");
	sync_client_release(&other);
	other = sync_client_new(d.socket, "small@example.test", "SMALL", INBOX, false);
	(void)first_sync(&d, &other);
	bench_idle(&d, &c);

	server_open(&s);
	bench_new(&d, &c, s.store, s.dir.path, big.mailbox, mails);
	bench_new(&d, &other, s.store, s.dir.path, small.mailbox, SMALL_MAILS);
	print_state(s.store, big.mailbox);
	server_close(&s);
	printf("peak_rss_MiB=%.1f\n", mib(daemon_peak_rss(&d)));
	sync_client_release(&c);
	sync_client_release(&other);
	daemon_stop(&d);
	server_remove(&s);
	return 0;
}
