/*
 * What a first Sync of a large calendar and a large address book costs the server: bench_entries [ENTRIES]. As bench_sync: the
 * real roostd in a process of its own, one client that asks and waits in turn.
 */
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/recipients.h>
#include <store/folder.h>
#include <tests/bench/entries.h>
#include <tests/bench/first_sync.h>
#include <tests/support/server.h>

#include <store/store.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum { ENTRIES_DEFAULT = 20000, TIMES = 200 };

static void check(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "%s: %s\n", what, err_text(e));
		exit(1);
	}
}

static int64_t folder_of(struct store *s, int64_t mailbox, enum folder_role role)
{
	struct store_tx *tx;
	int64_t folder;

	check(store_begin(s, mailbox, STORE_READ, &tx), "store");
	check(folder_by_role(tx, role, &folder), "folder");
	store_tx_end(&tx);
	return folder;
}

/* A server of its own for each, so that the memory is its own too. */
static void bench(const char *dir, int64_t folder, const char *what)
{
	struct daemon d = daemon_start(ROOSTD, dir);
	struct sync_client c = sync_client_new(d.socket, "big@example.test", what, folder, false);

	first_sync_print(&d, &c, what, "as it is");
	sync_client_release(&c);
	daemon_stop(&d);
}

static double cpu_ms(void)
{
	return (double)clock() * 1000 / CLOCKS_PER_SEC;
}

/* An Add, an invitation and an import ask whether there is an event of that UID. */
static void bench_uids(struct store *s, int64_t mailbox, int64_t folder)
{
	struct arena a = ARENA_INIT(64 << 20);
	struct store_tx *tx;
	struct item item;
	double start;

	check(store_begin(s, mailbox, STORE_READ, &tx), "store");
	start = cpu_ms();
	for (unsigned i = 0; i < TIMES; i++)
		if (event_by_uid(&a, tx, folder, S("nobody@example.test"), &item) != ERR_NOT_FOUND)
			check(ERR_CORRUPT, "uid");
	printf("event by its UID: %.3f ms of CPU\n", (cpu_ms() - start) / TIMES);
	store_tx_end(&tx);
	arena_release(&a);
}

/* What a sent mail costs that notes its recipient in a full cache. */
static void bench_recipients(struct store *s, int64_t mailbox)
{
	struct queue_recipient to = { 0 };
	struct queue_entry mail = { .kind = QUEUE_MAIL, .recipients = &to, .recipients_n = 1 };
	struct store_tx *tx;
	char address[64];
	double start = 0;

	check(store_begin(s, mailbox, STORE_WRITE, &tx), "store");
	for (unsigned i = 0; i < 2 * RECIPIENTS_MAX; i++) {
		if (i == RECIPIENTS_MAX)
			start = cpu_ms();
		(void)snprintf(address, sizeof(address), "person%u@example.test", i % RECIPIENTS_MAX);
		to.address = str_of(address);
		check(recipients_note(tx, &mail, STR_EMPTY, 1), "recipient");
	}
	printf("a recipient noted: %.3f ms of CPU\n", (cpu_ms() - start) / RECIPIENTS_MAX);
	check(store_commit(&tx), "commit");
}

int main(int argc, char **argv)
{
	struct server s = { 0 };
	struct server_account big;
	uint64_t n = ENTRIES_DEFAULT;
	int64_t calendar, contacts;

	if (argc > 1 && str_to_u64(str_of(argv[1]), 100 * ENTRIES_DEFAULT, &n)) {
		fprintf(stderr, "usage: bench_entries [ENTRIES]\n");
		return 2;
	}
	server_open(&s);
	big = server_add_account(&s, "big@example.test", "secret");
	check(bench_calendar_fill(s.store, big.mailbox, n), "calendar");
	check(bench_contacts_fill(s.store, big.mailbox, n), "contacts");
	calendar = folder_of(s.store, big.mailbox, FOLDER_DEFAULT_CALENDAR);
	contacts = folder_of(s.store, big.mailbox, FOLDER_DEFAULT_CONTACTS);
	bench_uids(s.store, big.mailbox, calendar);
	bench_recipients(s.store, big.mailbox);
	server_close(&s);
	bench(s.dir.path, calendar, "events");
	bench(s.dir.path, contacts, "contacts");
	server_remove(&s);
	return 0;
}
