/*
 * What a first Sync of a large calendar and a large address book costs the server: bench_entries [ENTRIES]. As bench_sync: the
 * real roostd in a process of its own, one client that asks and waits in turn.
 */
#include <store/folder.h>
#include <tests/bench/entries.h>
#include <tests/bench/first_sync.h>
#include <tests/support/server.h>

#include <store/store.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { ENTRIES_DEFAULT = 20000 };

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
	server_close(&s);
	bench(s.dir.path, calendar, "events");
	bench(s.dir.path, contacts, "contacts");
	server_remove(&s);
	return 0;
}
