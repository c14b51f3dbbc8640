/*
 * roostctl top: the running server in a terminal, drawn again each second; 'q' or Ctrl-C ends it. Where standard output is
 * no terminal, or with --once, one picture is written and that is all.
 */
#include <tools/roostctl/live.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <base/clock.h>
#include <base/utf8.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum {
	PERIOD_MS = 1000,
	SCREEN_MAX = 4 * 1024 * 1024,
	ROWS_DEFAULT = 24,
	COLUMNS_DEFAULT = 80,
	HEAD_ROWS = 4,
	WHAT_COLUMN = 70, /* where the last column begins */
};

struct row {
	json_t *session;
	int64_t age_ms;
	bool busy, held;
};

struct picture {
	struct ctl *ctl;
	struct buf screen;
	unsigned rows, columns;
	bool terminal;
	/* of the former picture, for rates */
	int64_t at_ms, requests, refused, failed;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->busy != y->busy)
		return x->busy ? -1 : 1;
	if (x->held != y->held)
		return x->held ? -1 : 1;
	return x->age_ms < y->age_ms ? -1 : x->age_ms > y->age_ms;
}

static size_t read_rows(struct picture *p, struct str rest, struct row **ret)
{
	size_t lines = 0, n = 0;
	json_t *session;

	for (size_t i = 0; i < rest.n; i++)
		lines += rest.p[i] == '\n';
	*ret = arena_array(&p->ctl->arena, lines + 1, sizeof(**ret));
	if (!*ret)
		return 0;
	while (n < lines && (session = live_next(&rest))) {
		struct str what = live_text(session, "what");

		(*ret)[n++] = (struct row){ .session = session,
					    .age_ms = live_number(session, "age_ms"),
					    .busy = live_flag(session, "busy") || str_eq(what, S("working")),
					    .held = what.n > 0 };
	}
	qsort(*ret, n, sizeof(**ret), compare_rows);
	return n;
}

/* Per second since the former picture; 0 in the first. */
static double rate(const struct picture *p, int64_t now_ms, int64_t now, int64_t before)
{
	return p->at_ms && now_ms > p->at_ms ? 1000.0 * (double)(now - before) / (double)(now_ms - p->at_ms) : 0;
}

static void end_line(struct picture *p)
{
	buf_cstr(&p->screen, p->terminal ? "\033[K\n" : "\n");
}

static void put_head(struct picture *p, const json_t *stats)
{
	const int64_t now_ms = clock_mono_ms(clock_real()), requests = live_number(stats, "requests"),
		      refused = live_number(stats, "refused"), failed = live_number(stats, "failed");
	struct str version = live_text(stats, "version");

	buf_fmt(&p->screen, "roost " STR_FMT "  up ", STR_ARG(version));
	live_put_age(&p->screen, live_number(stats, "uptime_ms"));
	buf_fmt(&p->screen, "  connections %lld  held %lld  at work %lld  waiting %lld",
		(long long)live_number(stats, "connections"), (long long)live_number(stats, "requests_held"),
		(long long)live_number(stats, "requests_active"), (long long)live_number(stats, "jobs_waiting"));
	end_line(p);
	buf_fmt(&p->screen, "requests %lld (%.1f/s)  refused %lld (%.1f/s)  failed %lld (%.1f/s)", (long long)requests,
		rate(p, now_ms, requests, p->requests), (long long)refused, rate(p, now_ms, refused, p->refused),
		(long long)failed, rate(p, now_ms, failed, p->failed));
	end_line(p);
	p->at_ms = now_ms;
	p->requests = requests;
	p->refused = refused;
	p->failed = failed;
}

static void put_row(struct picture *p, struct store_tx *directory, const struct row *row)
{
	struct str account = live_account(p->ctl, directory, live_number(row->session, "account"));
	struct str protocol = live_text(row->session, "protocol"), peer = live_text(row->session, "peer");
	struct str what = live_flag(row->session, "busy") ? S("working") : live_text(row->session, "what");
	struct buf age = BUF_INIT(64);

	live_put_age(&age, row->age_ms);
	buf_fmt(&p->screen, "%8lld %-10.*s %-24.*s %-16.*s %8.*s ", (long long)live_number(row->session, "id"),
		STR_ARG(protocol), STR_ARG(utf8_prefix(account, 24)), STR_ARG(utf8_prefix(peer, 16)),
		STR_ARG(buf_view(&age)));
	buf_str(&p->screen,
		p->terminal && p->columns > WHAT_COLUMN ? utf8_prefix(what, p->columns - WHAT_COLUMN) : what);
	end_line(p);
	buf_release(&age);
}

static enum err put_sessions(struct picture *p, struct str answer)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct row *rows;
	size_t n = read_rows(p, answer, &rows), shown = n;
	enum err e = store_begin(p->ctl->store, STORE_DIRECTORY, STORE_READ, &tx);

	if (p->terminal && shown > p->rows - HEAD_ROWS)
		shown = p->rows - HEAD_ROWS;
	buf_fmt(&p->screen, "%8s %-10s %-24s %-16s %8s %s", "ID", "PROTOCOL", "ACCOUNT", "PEER", "AGE", "WHAT");
	end_line(p);
	for (size_t i = 0; i < n; i++) {
		if (!e && i < shown)
			put_row(p, tx, &rows[i]);
		json_decref(rows[i].session);
	}
	return e;
}

static enum status draw(struct picture *p)
{
	CLEANUP(buf_release) struct buf stats = BUF_INIT(ASK_ANSWER_MAX);
	CLEANUP(buf_release) struct buf sessions = BUF_INIT(ASK_ANSWER_MAX);
	struct str rest;
	json_t *object;

	if (live_ask(p->ctl, &(struct ask){ .verb = ASK_STATS }, &stats) ||
	    live_ask(p->ctl, &(struct ask){ .verb = ASK_SESSIONS }, &sessions))
		return STATUS_FAILED;
	buf_clear(&p->screen);
	if (p->terminal)
		buf_cstr(&p->screen, "\033[H");
	rest = buf_view(&stats);
	object = live_next(&rest);
	if (object)
		put_head(p, object);
	json_decref(object);
	if (put_sessions(p, buf_view(&sessions)))
		return ctl_fail(ERR_IO, "the accounts cannot be read");
	if (p->terminal)
		buf_cstr(&p->screen, "\033[J");
	arena_reset(&p->ctl->arena);
	fwrite(p->screen.p, 1, p->screen.n, stdout);
	return ctl_flush();
}

static void measure(struct picture *p)
{
	struct winsize size;

	p->rows = ROWS_DEFAULT;
	p->columns = COLUMNS_DEFAULT;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > HEAD_ROWS && size.ws_col > 0) {
		p->rows = size.ws_row;
		p->columns = size.ws_col;
	}
}

/* True: go on; a period has gone by. */
static bool wait_for_key(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char key;

	if (poll(&in, 1, PERIOD_MS) <= 0)
		return !interrupted;
	return read(STDIN_FILENO, &key, 1) == 1 && key != 'q' && !interrupted;
}

static enum status watch(struct picture *p)
{
	struct termios before, raw;
	bool has_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	enum status status;

	(void)sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	(void)sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_signal }, NULL);
	if (has_terminal) {
		raw = before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	fputs("\033[?1049h\033[?25l", stdout); /* a screen of its own, without a cursor */
	do {
		measure(p);
		status = draw(p);
	} while (status == STATUS_DONE && wait_for_key());
	fputs("\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	if (has_terminal)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
	return status;
}

enum status top_run(struct ctl *c, const struct args *args)
{
	struct picture p = { .ctl = c, .screen = BUF_INIT(SCREEN_MAX) };
	enum status status;

	p.terminal = !args->option[OPTION_ONCE] && isatty(STDOUT_FILENO);
	status = p.terminal ? watch(&p) : draw(&p);
	buf_release(&p.screen);
	return status;
}
