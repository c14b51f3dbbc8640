/*
 * What free and busy times cost: bench_availability [PEOPLE [SERIES]]. 42 days of PEOPLE who have SERIES daily series since 2010
 * each: read from the store, in this process, and as GetUserAvailability of the real roostd, each view.
 */
#include <gateway/mailbox/freebusy.h>
#include <store/visibility.h>
#include <tests/bench/daemon.h>
#include <tests/bench/entries.h>
#include <tests/support/client.h>
#include <tests/support/server.h>

#include <base/base64.h>
#include <base/mem.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

enum {
	PEOPLE_DEFAULT = 100,
	PEOPLE_MAX = 100, /* that EWS answers of at once */
	SERIES_DEFAULT = 15,
	SERIES_MAX = 1000,
	ROUNDS = 10,
	REQUEST_MAX = 1024 * 1024,
	BUSY_ARENA_MAX = 256 * 1024 * 1024,
};
#define DAY_MS INT64_C(86400000)

static void check(enum err e, const char *what)
{
	if (e) {
		fprintf(stderr, "%s: %s\n", what, err_text(e));
		exit(1);
	}
}

static int64_t own_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

/* ---- the store ---- */

static int64_t *make(struct server *s, uint64_t people, uint64_t series)
{
	int64_t *mailboxes = mem_alloc(people * sizeof(*mailboxes));
	struct store_tx *tx;

	for (uint64_t i = 0; i < people; i++) {
		char address[64];

		snprintf(address, sizeof(address), "p%llu@example.test", (unsigned long long)i);
		mailboxes[i] = server_add_account(s, address, "secret").mailbox;
		check(bench_daily_fill(s->store, mailboxes[i], series), "calendar");
	}
	check(store_begin(s->store, STORE_DIRECTORY, STORE_WRITE, &tx), "store");
	check(visibility_set(tx, 0, S("example.test"), VISIBILITY_TITLES), "visibility");
	check(store_commit(&tx), "store");
	return mailboxes;
}

static void read_one(struct arena *a, struct store *s, int64_t mailbox, size_t *found)
{
	const struct busy_window w = { .from_ms = SERVER_NOW_MS, .to_ms = SERVER_NOW_MS + 42 * DAY_MS };
	struct busy_list busy;
	struct store_tx *tx;

	check(store_begin(s, mailbox, STORE_READ, &tx), "store");
	check(freebusy_read(a, tx, &w, &busy), "free and busy");
	store_tx_end(&tx);
	*found += busy.n;
}

/* With all files open, as the server has them. */
static void bench_read(const char *dir, const int64_t *mailboxes, uint64_t people)
{
	const struct store_config config = { .state_dir = dir, .clock = clock_real(), .max_handles = PEOPLE_MAX + 2 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT(BUSY_ARENA_MAX);
	CLEANUP(store_close) struct store *s = NULL;
	int64_t before = 0;
	size_t found = 0;

	check(store_open(&config, &s), "store");
	for (int round = -1; round < ROUNDS; round++) { /* the first opens the files */
		if (round == 0)
			before = own_cpu_ns();
		found = 0;
		arena_reset(&a);
		for (uint64_t i = 0; i < people; i++)
			read_one(&a, s, mailboxes[i], &found);
	}
	printf("read: people=%llu intervals=%zu cpu_ms=%.1f (mean of %d)\n", (unsigned long long)people, found,
	       ms(own_cpu_ns() - before) / ROUNDS, ROUNDS);
}

/* ---- GetUserAvailability ---- */

static void put_envelope(struct buf *b, uint64_t people, const char *view)
{
	buf_cstr(b, "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'"
		    " xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'"
		    " xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types'>"
		    "<s:Header><t:RequestServerVersion Version='Exchange2013_SP1'/></s:Header><s:Body>"
		    "<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>-60</t:Bias>"
		    "<t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder>"
		    "<t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime>"
		    "<t:DaylightTime><t:Bias>-60</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder>"
		    "<t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime></t:TimeZone>"
		    "<m:MailboxDataArray>");
	for (uint64_t i = 0; i < people; i++)
		buf_fmt(b,
			"<t:MailboxData><t:Email><t:Address>p%llu@example.test</t:Address></t:Email>"
			"<t:AttendeeType>Required</t:AttendeeType></t:MailboxData>",
			(unsigned long long)i);
	buf_fmt(b,
		"</m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow>"
		"<t:StartTime>2026-01-01T00:00:00</t:StartTime><t:EndTime>2026-02-12T00:00:00</t:EndTime></"
		"t:TimeWindow>"
		"<t:MergedFreeBusyIntervalInMinutes>30</t:MergedFreeBusyIntervalInMinutes>"
		"<t:RequestedView>%s</t:RequestedView></t:FreeBusyViewOptions>"
		"</m:GetUserAvailabilityRequest></s:Body></s:Envelope>",
		view);
}

static void put_request(struct buf *b, uint64_t people, const char *view)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(REQUEST_MAX);

	put_envelope(&body, people, view);
	check(buf_status(&body), "request");
	buf_cstr(b, "POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: bench.example.test\r\nContent-Type: text/xml; "
		    "charset=utf-8\r\nAuthorization: Basic ");
	base64_put(b, S("p0@example.test:secret"));
	buf_fmt(b, "\r\nContent-Length: %zu\r\n\r\n", body.n);
	buf_str(b, buf_view(&body));
	check(buf_status(b), "request");
}

static size_t ask(struct client *c, struct str request)
{
	struct answer a;
	size_t n;

	client_send(c, request);
	a = client_answer(c);
	n = a.body_n;
	if (a.status != 200 || str_find(str_from(c->in.p + a.body_at, n), S("ResponseClass=\"Error\"")) < n) {
		fprintf(stderr, "GetUserAvailability was refused: %d\n", a.status);
		exit(1);
	}
	client_consume(c, a.total);
	return n;
}

static void bench_view(const struct daemon *d, struct client *c, uint64_t people, const char *view)
{
	CLEANUP(buf_release) struct buf request = BUF_INIT(2 * REQUEST_MAX);
	int64_t before;
	size_t bytes;

	put_request(&request, people, view);
	bytes = ask(c, buf_view(&request));
	before = daemon_cpu_ns(d);
	for (int i = 0; i < ROUNDS; i++)
		(void)ask(c, buf_view(&request));
	printf("%s: cpu_ms=%.1f (mean of %d) MiB=%.1f  peak_rss_MiB=%.1f\n", view,
	       ms(daemon_cpu_ns(d) - before) / ROUNDS, ROUNDS, (double)bytes / (1 << 20),
	       (double)daemon_peak_rss(d) / (1 << 20));
}

int main(int argc, char **argv)
{
	static const char *const views[] = { "MergedOnly", "FreeBusy", "FreeBusyMerged", "DetailedMerged" };
	uint64_t people = PEOPLE_DEFAULT, series = SERIES_DEFAULT;
	struct server s = { 0 };
	int64_t *mailboxes;
	struct client c;
	struct daemon d;

	if ((argc > 1 && str_to_u64(str_of(argv[1]), PEOPLE_MAX, &people)) ||
	    (argc > 2 && str_to_u64(str_of(argv[2]), SERIES_MAX, &series))) {
		fprintf(stderr, "usage: bench_availability [PEOPLE [SERIES]]\n");
		return 2;
	}
	server_open(&s);
	mailboxes = make(&s, people, series);
	server_close(&s);
	bench_read(s.dir.path, mailboxes, people);
	free(mailboxes);

	d = daemon_start(ROOSTD, s.dir.path);
	c = client_connect_unix(d.socket);
	for (size_t i = 0; i < countof(views); i++)
		bench_view(&d, &c, people, views[i]);
	client_close(&c);
	daemon_stop(&d);
	server_remove(&s);
	return 0;
}
