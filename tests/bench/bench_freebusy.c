/*
 * When a hundred people are busy in 42 days, as ResolveRecipients and GetUserAvailability ask: who may see, reading, digits.
 * Each has single events of ten years and some series. Processor time of the process. Usage: bench_freebusy [PEOPLE [EVENTS]].
 */
#include <tests/support/server.h>

#include <gateway/mailbox/event.h>
#include <gateway/mailbox/freebusy.h>
#include <gateway/mailbox/visible.h>
#include <store/folder.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PEOPLE_DEFAULT = 100, EVENTS_DEFAULT = 1000, SERIES = 20, ROUNDS = 5, DAYS = 42, ARENA_BYTES = 64 << 20 };

#define DAY INT64_C(86400000)
#define FROM INT64_C(1784073600000) /* 2026-07-15T00:00:00Z */

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

/* The first SERIES ones come each week without end, the others once between 2017 and 2026. */
static void put_event(struct buf *b, unsigned n)
{
	buf_fmt(b,
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:%u\r\nDTSTART:20%02u%02u%02uT%02u0000Z\r\nDURATION:PT50M\r\n",
		n, 17 + n % 10, 1 + n / 10 % 12, 1 + n / 7 % 28, 8 + n % 9);
	if (n < SERIES)
		buf_cstr(b, "RRULE:FREQ=WEEKLY\r\n");
	buf_cstr(b, "END:VEVENT\r\nEND:VCALENDAR\r\n");
}

static void fill(struct server *s, struct arena *arena, int64_t mailbox, unsigned events)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
	struct event_new event = { .now_ms = SERVER_NOW_MS };
	struct item item;

	check(store_begin(s->store, mailbox, STORE_WRITE, &tx), "begin");
	check(folder_by_role(tx, FOLDER_DEFAULT_CALENDAR, &event.folder), "calendar");
	for (unsigned i = 0; i < events; i++) {
		arena_reset(arena);
		buf_clear(&text);
		put_event(&text, i);
		event.octets = buf_view(&text);
		check(event_add(arena, tx, &event, &item), "event");
	}
	check(store_commit(&tx), "commit");
}

static size_t ask(struct server *s, struct arena *arena, int64_t asker, struct str address)
{
	const struct busy_window window = { .from_ms = FROM, .to_ms = FROM + DAYS * DAY };
	CLEANUP(buf_release) struct buf digits = BUF_INIT(DAYS * 48);
	struct visible_calendar calendar;
	struct busy_list busy;
	struct store_tx *tx;

	arena_reset(arena);
	check(store_begin(s->store, STORE_DIRECTORY, STORE_READ, &tx), "directory");
	check(visible_calendar_find(arena, tx, asker, address, &calendar), "find");
	store_tx_end(&tx);
	check(store_begin(s->store, calendar.owner.mailbox, STORE_READ, &tx), "begin");
	check(freebusy_read(arena, tx, &window, &busy), "read");
	freebusy_merge(&busy, &window, 30, &digits);
	check(buf_status(&digits), "merge");
	store_tx_end(&tx);
	return digits.n;
}

int main(int argc, char **argv)
{
	unsigned people = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : PEOPLE_DEFAULT;
	unsigned events = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : EVENTS_DEFAULT;
	CLEANUP(arena_release) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct server s = { 0 };
	int64_t asker = 0;
	char address[64];

	server_open(&s);
	for (unsigned i = 0; i < people; i++) {
		struct server_account account;

		snprintf(address, sizeof(address), "person-%u@example.test", i);
		account = server_add_account(&s, address, "secret");
		asker = asker ? asker : account.id;
		fill(&s, &arena, account.mailbox, events);
	}
	printf("%u people, %u events each (%d series), %d days\n", people, events, SERIES, DAYS);
	for (int round = 0; round < ROUNDS; round++) {
		double begin = cpu_ms();
		size_t digits = 0;

		for (unsigned i = 0; i < people; i++) {
			snprintf(address, sizeof(address), "person-%u@example.test", i);
			digits += ask(&s, &arena, asker, str_of(address));
		}
		printf("%8.1f ms  %zu digits\n", cpu_ms() - begin, digits);
	}
	server_close(&s);
	server_remove(&s);
	return 0;
}
