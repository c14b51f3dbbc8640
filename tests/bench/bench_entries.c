/*
 * What a first Sync of a large calendar and a large address book costs the server: bench_entries [ENTRIES]. As bench_sync: the
 * real roostd in a process of its own, one client that asks and waits in turn. Before it what single entries cost, in this
 * process.
 */
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/meeting.h>
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

enum { ENTRIES_DEFAULT = 20000, TIMES = 200, SERIES_EXCEPTIONS = 800, CANCELLED = MEETING_EVENTS_MAX };

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

/* An instance that stands for itself, a KB of it. */
static void put_instance(struct buf *b, unsigned n)
{
	buf_fmt(b, "BEGIN:VEVENT\r\nUID:daily\r\nDTSTAMP:20260101T000000Z\r\nORGANIZER:mailto:bob@x.test\r\n");
	if (n)
		buf_fmt(b, "RECURRENCE-ID:20%02u%02u%02uT100000Z\r\nSEQUENCE:1\r\n", 27 + n / 336, 1 + n / 28 % 12,
			1 + n % 28);
	else
		buf_cstr(b, "RRULE:FREQ=DAILY\r\n");
	buf_fmt(b, "DTSTART:20%02u%02u%02uT100000Z\r\nDURATION:PT1H\r\nSUMMARY:Daily %u\r\nDESCRIPTION:", 27 + n / 336,
		1 + n / 28 % 12, 1 + n % 28, n);
	for (unsigned i = 0; i < 16; i++)
		buf_cstr(b, "what we want to speak about\\, and who brings what:\\n\r\n ");
	buf_cstr(b, "the end.\r\nEND:VEVENT\r\n");
}

static void receive(struct store *s, const struct send_author *owner, const char *method, unsigned from, unsigned n)
{
	struct arena a = ARENA_INIT(256 << 20);
	struct buf b = BUF_INIT(2 << 20);
	struct meeting_received mail = { .owner = owner,
					 .sender = { .address = S("bob@x.test") },
					 .now_ms = SERVER_NOW_MS };
	struct meeting_applied applied;
	struct store_tx *tx;

	buf_fmt(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:%s\r\n", method);
	for (unsigned i = from; i < from + n; i++)
		put_instance(&b, i);
	buf_cstr(&b, "END:VCALENDAR\r\n");
	check(buf_status(&b), "mail");
	mail.calendar = buf_view(&b);
	check(store_begin(s, owner->mailbox, STORE_WRITE, &tx), "store");
	check(meeting_apply(&a, tx, &mail, &applied), "meeting");
	check(applied.event ? store_commit(&tx) : ERR_CORRUPT, "meeting");
	buf_release(&b);
	arena_release(&a);
}

/* Instances of a large series that are called off, by one mail and by a mail each. */
static void bench_cancellations(struct server *s, const struct server_account *who)
{
	struct arena a = ARENA_INIT(16 << 20);
	struct send_author owner;
	double start;

	check(send_author_load(&a, s->store, who->id, &owner), "account");
	receive(s->store, &owner, "REQUEST", 0, SERIES_EXCEPTIONS);
	start = cpu_ms();
	receive(s->store, &owner, "CANCEL", 1, CANCELLED);
	printf("%d instances of a series of %d exceptions called off by one mail: %.0f ms of CPU\n", CANCELLED,
	       SERIES_EXCEPTIONS, cpu_ms() - start);
	start = cpu_ms();
	for (unsigned i = 0; i < CANCELLED; i++)
		receive(s->store, &owner, "CANCEL", 1 + CANCELLED + i, 1);
	printf("by a mail each: %.0f ms of CPU\n", cpu_ms() - start);
	arena_release(&a);
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
	bench_cancellations(&s, &big);
	server_close(&s);
	bench(s.dir.path, calendar, "events");
	bench(s.dir.path, contacts, "contacts");
	server_remove(&s);
	return 0;
}
