/* roostctl device trace: what a device asks and is answered, from the running server. */
#include <tools/roostctl/device.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/live.h>
#include <tools/roostctl/runs.h>

#include <stdio.h>

enum { MINUTES_DEFAULT = 60, MINUTES_MAX = 24 * 60, TEXT_MAX = 1024 * 1024 };

/* Lines stay lines; nothing else steers the terminal. */
static void print_document(const char *title, struct str text)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);
	struct str line;

	if (text.n == 0)
		return;
	printf("%s:\n", title);
	while (text.n && str_cut(&text, '\n', &line)) {
		listing_put_plain(&b, line);
		buf_char(&b, '\n');
	}
	fwrite(b.p, 1, b.n, stdout);
}

static void print_exchange(const json_t *x)
{
	static const char *const facts[] = { "version", "policy_key", "access", "user_agent", "query" };
	CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);

	time_put(&b, live_number(x, "at_ms"));
	buf_char(&b, ' ');
	listing_put_plain(&b, live_text(x, "command"));
	buf_fmt(&b, " status=%lld took_ms=%lld written=%s", (long long)live_number(x, "status"),
		(long long)live_number(x, "took_ms"), live_flag(x, "written") ? "yes" : "no");
	for (size_t i = 0; i < countof(facts); i++) {
		buf_fmt(&b, " %s=", facts[i]);
		listing_put_plain(&b, live_text(x, facts[i]));
	}
	buf_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	print_document("headers", live_text(x, "headers"));
	print_document("request", live_text(x, "request"));
	print_document("answer", live_text(x, "answer"));
	putchar('\n');
}

static void print_state(const json_t *state)
{
	CLEANUP(buf_release) struct buf left = BUF_INIT(64);

	live_put_age(&left, live_number(state, "left_ms"));
	printf("The trace %s", live_flag(state, "runs") ? "ends in " : "has ended");
	if (live_flag(state, "runs"))
		printf(STR_FMT, STR_ARG(buf_view(&left)));
	printf("%s; %lld exchanges were dropped to make room.\n\n", live_flag(state, "bodies") ? ", with contents" : "",
	       (long long)live_number(state, "dropped"));
}

static void print_all(struct str rest)
{
	json_t *object = live_next(&rest);

	if (object)
		print_state(object);
	json_decref(object);
	while ((object = live_next(&rest))) {
		print_exchange(object);
		json_decref(object);
	}
}

/* The server's own lines, as one array. */
static void print_json(struct str rest)
{
	struct str line;
	bool first = true;

	putchar('[');
	while (rest.n && str_cut(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		printf("%s\n" STR_FMT, first ? "" : ",", STR_ARG(line));
		first = false;
	}
	fputs("\n]\n", stdout);
}

static enum status show(struct ctl *c, const struct args *args, int64_t device)
{
	CLEANUP(buf_release) struct buf answer = BUF_INIT(ASK_ANSWER_MAX);

	if (live_ask(c, &(struct ask){ .verb = ASK_TRACE_SHOW, .id = device }, &answer))
		return STATUS_FAILED;
	if (args->option[OPTION_JSON])
		print_json(buf_view(&answer));
	else
		print_all(buf_view(&answer));
	return ctl_flush();
}

static enum status act(struct ctl *c, const struct ask *ask)
{
	CLEANUP(buf_release) struct buf answer = BUF_INIT(ASK_ANSWER_MAX);

	return live_ask(c, ask, &answer);
}

static enum status read_minutes(const struct args *args, int64_t *ret)
{
	const char *text = args->option[OPTION_MINUTES];
	uint64_t minutes = MINUTES_DEFAULT;

	if (text && (str_to_u64(str_of(text), MINUTES_MAX, &minutes) || minutes == 0)) {
		ctl_say("--minutes: expected a number from 1 to %d", MINUTES_MAX);
		return STATUS_MISUSED;
	}
	*ret = (int64_t)minutes;
	return STATUS_DONE;
}

enum status device_run_trace(struct ctl *c, const struct args *args)
{
	const struct str what = str_of(args->word[2]);
	struct account account;
	struct device device;
	int64_t minutes;

	if (!str_eq(what, S("on")) && !str_eq(what, S("off")) && !str_eq(what, S("show"))) {
		ctl_say("%s: expected on, off or show", args->word[2]);
		return STATUS_MISUSED;
	}
	if (read_minutes(args, &minutes))
		return STATUS_MISUSED;
	if (ctl_device(c, args, &account, &device))
		return STATUS_FAILED;
	if (str_eq(what, S("show")))
		return show(c, args, device.id);
	if (str_eq(what, S("off")))
		return act(c, &(struct ask){ .verb = ASK_TRACE_OFF, .id = device.id });
	return act(c, &(struct ask){ .verb = args->option[OPTION_BODIES] ? ASK_TRACE_BODIES : ASK_TRACE,
				     .id = device.id,
				     .minutes = minutes });
}
