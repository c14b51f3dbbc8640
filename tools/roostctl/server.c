/* roostctl server: the running server as a whole. */
#include <tools/roostctl/live.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

static const struct column columns[] = {
	{ "version", "version", 0 },
	{ "uptime_s", NULL, 0 },
	{ "uptime", "up since", 0 },
	{ "connections", "connections", 0 },
	{ "requests_active", "requests at work", 0 },
	{ "requests_held", "requests held", 0 },
	{ "watches", "watches for changes", 0 },
	{ "jobs_waiting", "jobs waiting for a worker", 0 },
	{ "requests", "requests answered", 0 },
	{ "refused", "of them refused (4xx)", 0 },
	{ "failed", "of them failed (5xx)", 0 },
};

static void put_status(struct listing *l, const json_t *stats)
{
	struct buf uptime = BUF_INIT(64);
	int64_t up_ms = live_number(stats, "uptime_ms");

	live_put_age(&uptime, up_ms);
	listing_text(l, live_text(stats, "version"));
	listing_number(l, (uint64_t)(up_ms / 1000));
	listing_text(l, buf_view(&uptime));
	for (size_t i = 3; i < countof(columns); i++)
		listing_number(l, (uint64_t)live_number(stats, columns[i].key));
	buf_release(&uptime);
}

enum status server_run_status(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf answer = BUF_INIT(ASK_ANSWER_MAX);
	struct listing l;
	struct str rest;
	json_t *stats;

	if (live_ask(c, &(struct ask){ .verb = ASK_STATS }, &answer))
		return STATUS_FAILED;
	rest = buf_view(&answer);
	stats = live_next(&rest);
	if (!stats)
		return ctl_fail(ERR_CORRUPT, "roostd's answer");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_BLOCKS));
	put_status(&l, stats);
	listing_end(&l);
	json_decref(stats);
	return ctl_flush();
}

static enum status act(struct ctl *c, enum ask_verb verb)
{
	CLEANUP(buf_release) struct buf answer = BUF_INIT(ASK_ANSWER_MAX);

	return live_ask(c, &(struct ask){ .verb = verb }, &answer);
}

enum status server_run_reload(struct ctl *c, const struct args *args)
{
	(void)args;
	return act(c, ASK_RELOAD);
}

enum status server_run_drain(struct ctl *c, const struct args *args)
{
	(void)args;
	return act(c, ASK_DRAIN);
}
