/*
 * Searching a large mailbox: what it costs to make the index, to follow one more mail, and to find rare and common
 * words, each with its total and a page of the newest hits. Processor time of the process. Usage: bench_search [MAILS].
 */
#include <tests/bench/mails.h>
#include <tests/support/server.h>

#include <gateway/mailbox/search.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { MAILS_DEFAULT = 100000, ROUNDS = 5, PAGE = 100, ARENA_BYTES = 256 << 20 };

static void check(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "%s: %s\n", what, err_text(e));
		exit(1);
	}
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct bench {
	struct server server;
	int64_t mailbox;
	struct arena arena;
};

static double file_mib(const struct bench *b, const char *name)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(4096);
	struct stat st = { 0 };

	buf_fmt(&path, "%s/mailbox/%lld/%s", b->server.dir.path, (long long)b->mailbox, name);
	buf_char(&path, '\0');
	return stat(path.p, &st) == 0 ? (double)st.st_size / (1 << 20) : 0;
}

static void update(struct bench *b)
{
	static const struct mail_search_bounds bounds = { 0 };
	bool head;

	check(mail_search_update(b->server.store, b->mailbox, &bounds, &head), "update");
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void search(struct bench *b, const char *what, const struct search_node *node)
{
	static const struct search_page page = { .order = SEARCH_NEWEST, .limit = PAGE };
	struct search_result r;
	double took[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		double begun = cpu_ms();

		arena_reset(&b->arena);
		check(mail_search(&b->arena, b->server.store, b->mailbox, node, &page, &r), what);
		took[i] = cpu_ms() - begun;
	}
	qsort(took, ROUNDS, sizeof(*took), by_size);
	printf("search %s: total=%llu hits=%zu cpu_ms=%.1f worst_ms=%.1f\n", what, (unsigned long long)r.total, r.n,
	       took[ROUNDS / 2], took[ROUNDS - 1]);
	fflush(stdout);
}

static void search_words(struct bench *b, const char *what, const char *const *words, size_t n)
{
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(1 << 20);
	struct search_node nodes[4], top = { .kind = SEARCH_AND, .children = nodes, .children_n = n };

	for (size_t i = 0; i < n; i++)
		check(mail_search_text(&arena, SEARCH_ANY, str_of(words[i]), &nodes[i]), words[i]);
	search(b, what, &top);
}

static void bench_words(struct bench *b)
{
	static const struct {
		const char *what;
		const char *words[4];
		size_t n;
	} cases[] = {
		{ "\"sender77\" (rare)", { "sender77@" }, 1 },
		{ "\"Subject 4321\" (rare)", { " 4321" }, 1 },
		{ "nothing", { "xyzzy" }, 1 },
		{ "\"meeting\" (common)", { "meeting" }, 1 },
		{ "\"in\" (common, two letters)", { "in" }, 1 },
		{ "\"meeting\" and \"invoice\"", { "meeting", "invoice" }, 2 },
		{ "\"meeting\" and a sender", { "meeting", "sender77@" }, 2 },
	};

	for (size_t i = 0; i < countof(cases); i++)
		search_words(b, cases[i].what, cases[i].words, cases[i].n);
	search(b, "unread", &(struct search_node){ .kind = SEARCH_FLAGS, .clear = ITEM_SEEN });
}

int main(int argc, char **argv)
{
	struct bench b = { .arena = ARENA_INIT(ARENA_BYTES) };
	uint64_t mails = MAILS_DEFAULT;
	double begun;

	if (argc > 1 && str_to_u64(str_of(argv[1]), 10 * MAILS_DEFAULT, &mails)) {
		fprintf(stderr, "usage: bench_search [MAILS]\n");
		return 2;
	}
	server_open(&b.server);
	b.mailbox = server_add_account(&b.server, "ann@example.test", "secret").mailbox;
	check(bench_mailbox_fill(b.server.store, b.server.dir.path, b.mailbox, 0, mails, SERVER_NOW_MS), "mailbox");
	begun = cpu_ms();
	update(&b);
	printf("index: mails=%llu cpu_ms_each=%.2f mib=%.1f mailbox_mib=%.1f\n", (unsigned long long)mails,
	       (cpu_ms() - begun) / (double)mails, file_mib(&b, "search.db"), file_mib(&b, "mailbox.db"));
	fflush(stdout);
	bench_words(&b);
	check(bench_mailbox_fill(b.server.store, b.server.dir.path, b.mailbox, mails, 1, SERVER_NOW_MS), "one more");
	begun = cpu_ms();
	update(&b);
	printf("one more mail: cpu_ms=%.2f\n", cpu_ms() - begun);
	begun = cpu_ms();
	update(&b);
	printf("nothing new: cpu_ms=%.2f\n", cpu_ms() - begun);
	arena_release(&b.arena);
	server_close(&b.server);
	server_remove(&b.server);
	return 0;
}
