/* The server, the desk and the log of a life. */
#include "world.h"

#include <base/mem.h>
#include <gateway/activesync/issued.h>
#include <gateway/mailbox/intake.h>
#include <store/device.h>
#include <store/item.h>

#include <poll.h>
#include <sched.h>
#include <stdio.h>

enum { LOG_MAX_BYTES = 16 * 1024 * 1024, MAIL_MAX_BYTES = 4096, MAILS_MAX = 1000 };

void world_open(struct world *w)
{
	fixture_start(&w->f);
	w->log = BUF_INIT(LOG_MAX_BYTES);
}

void world_close(struct world *w)
{
	fixture_stop(&w->f);
	buf_release(&w->log);
}

void world_begin_life(struct world *w, unsigned long seed, struct rnd *rnd, size_t phones_n)
{
	static const enum eas_version versions[] = { EAS_12_1, EAS_14_0, EAS_14_1, EAS_16_0, EAS_16_1 };
	CLEANUP(buf_release) struct buf login = BUF_INIT(64);
	size_t first = rnd_below(rnd, countof(versions)), step = 1 + rnd_below(rnd, 4);

	buf_clear(&w->log);
	arena_reset(&w->f.arena);
	w->seed = seed;
	buf_fmt(&login, "life%lu@example.test", seed);
	buf_char(&login, '\0');
	assert_true(login.n <= sizeof(w->login));
	memcpy(w->login, login.p, login.n);
	w->f.ann = server_add_account(&w->f.server, w->login, "secret");
	w->onlooker = eas_phone_new(w->f.server.port);
	w->onlooker.login = w->login;
	w->phones_n = phones_n;
	for (size_t i = 0; i < phones_n; i++)
		phone_init(&w->phones[i], w, (unsigned)i, versions[(first + i * step) % countof(versions)]);
}

void world_end_life(struct world *w)
{
	for (size_t i = 0; i < w->phones_n; i++)
		phone_release(&w->phones[i]);
	w->phones_n = 0;
	eas_phone_release(&w->onlooker);
}

static void log_text(struct world *w, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
static void log_text(struct world *w, const char *fmt, va_list ap)
{
	size_t before = w->log.n;

	buf_vfmt(&w->log, fmt, ap);
	buf_char(&w->log, '\n');
	if (w->trace)
		printf(STR_FMT, STR_ARG(str_slice(buf_view(&w->log), before, w->log.n)));
}

void world_log(struct world *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(w, fmt, ap);
	va_end(ap);
}

void world_fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(w, fmt, ap);
	va_end(ap);
	if (!w->trace)
		fwrite(w->log.p, 1, w->log.n, stdout);
	fflush(stdout);
	fail_msg("the life of seed %lu: --lives 1 --first %lu, or --shrink %lu", w->seed, w->seed, w->seed);
}

/* ---- what the server does meanwhile ---- */

/*
 * What was committed before has been posted to the loop; a request that goes there and back again comes behind it, so
 * that afterwards a hold that is to wake is counted as held no more.
 */
static void go_past_the_loop(struct world *w)
{
	struct eas_reply r;

	arena_reset(&w->onlooker.arena);
	eas_phone_send_to(&w->onlooker, "OPTIONS", EAS_HTTP_PATH, STR_EMPTY);
	r = eas_phone_receive(&w->onlooker);
	assert_int_equal(r.status, 200);
}

static bool all_are_seen_to(void *arg)
{
	struct world *w = arg;
	size_t waiting = 0, answered = 0;

	for (size_t i = 0; i < w->phones_n; i++)
		if (w->phones[i].waiting) {
			waiting++;
			answered += phone_is_answered(&w->phones[i]);
		}
	return answered + http_server_counts(w->f.server.http).held == waiting;
}

void world_settle(struct world *w)
{
	for (size_t i = 0; i < w->phones_n; i++)
		if (w->phones[i].waiting) {
			go_past_the_loop(w);
			break;
		}
	client_await(all_are_seen_to, w, "requests that wait are answered or held");
}

static void break_connections(struct world *w)
{
	for (size_t i = 0; i < w->phones_n; i++) {
		struct phone *p = &w->phones[i];

		if (p->waiting)
			client_close(&p->held_open);
		p->waiting = WAITING_NOT;
		eas_phone_hang_up(&p->http);
		p->hierarchy_restarted = true;
		for (size_t b = 0; b < p->boxes_n; b++)
			p->boxes[b].restarted = true;
	}
	eas_phone_hang_up(&w->onlooker);
}

void world_restart(struct world *w)
{
	break_connections(w);
	fixture_restart(&w->f);
	for (size_t i = 0; i < w->phones_n; i++)
		w->phones[i].http.port = w->f.server.port;
	w->onlooker.port = w->f.server.port;
}

void world_advance(struct world *w, int64_t ms)
{
	server_advance(&w->f.server, ms);
	world_settle(w);
}

/* ---- the desk ---- */

static struct store_tx *begin(struct world *w, enum store_mode mode)
{
	struct store_tx *tx;

	assert_ok(store_begin(w->f.server.store, w->f.ann.mailbox, mode, &tx));
	return tx;
}

static void commit(struct world *w, struct store_tx *tx)
{
	assert_ok(store_commit(&tx));
	world_settle(w);
}

static unsigned categories_of(struct str keywords)
{
	struct str rest = keywords, name;
	unsigned bits = 0;

	while (str_cut(&rest, '\n', &name))
		for (unsigned i = 0; i < CATEGORIES; i++)
			bits |= str_eq(name, str_of(category_names[i])) ? 1u << i : 0;
	return bits;
}

static int by_id(const void *x, const void *y)
{
	const struct mail *a = x, *b = y;

	return (a->id > b->id) - (a->id < b->id);
}

size_t world_mails(struct world *w, int64_t folder, struct mail **ret)
{
	struct store_tx *tx = begin(w, STORE_READ);
	struct item *items;
	size_t n;

	assert_ok(item_list(&w->f.arena, tx, folder, 0, MAILS_MAX, &items, &n));
	assert_ok(store_commit(&tx));
	*ret = arena_array(&w->f.arena, n + 1, sizeof(**ret));
	assert_non_null(*ret);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = (struct mail){ .id = items[i].id,
					   .received_ms = items[i].received_ms,
					   .is = { .read = items[i].flags & ITEM_SEEN,
						   .flagged = items[i].flags & ITEM_FLAGGED,
						   .categories = categories_of(items[i].keywords) } };
	if (n)
		qsort(*ret, n, sizeof(**ret), by_id);
	return n;
}

size_t world_folders(struct world *w, struct world_folder ret[FOLDERS_MAX])
{
	struct store_tx *tx = begin(w, STORE_READ);
	struct folder *rows;
	size_t rows_n, n = 0;

	assert_ok(folder_list(&w->f.arena, tx, &rows, &rows_n));
	assert_ok(store_commit(&tx));
	for (size_t i = 0; i < rows_n; i++) {
		if (rows[i].class != FOLDER_MAIL)
			continue;
		assert_true(n < FOLDERS_MAX && rows[i].name.n < sizeof(ret[n].name));
		ret[n] = (struct world_folder){ .id = rows[i].id, .parent = rows[i].parent };
		memcpy(ret[n++].name, rows[i].name.p, rows[i].name.n);
	}
	return n;
}

static void put_mail(struct buf *text, int64_t received_ms, bool attaches)
{
	long long t = (long long)received_ms;

	buf_fmt(text,
		"From: Bob <bob@example.org>\r\nTo: Ann <ann@example.test>\r\nSubject: %lld\r\n"
		"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <%lld@example.org>\r\n",
		t, t);
	if (attaches)
		buf_cstr(text, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
			       "--b\r\nContent-Type: text/plain\r\n");
	buf_fmt(text, "\r\n" WORLD_TEXT "\r\n", t);
	if (attaches)
		buf_fmt(text,
			"--b\r\nContent-Type: application/octet-stream\r\n"
			"Content-Disposition: attachment; filename=a.bin\r\n\r\n" WORLD_ATTACHMENT "\r\n--b--\r\n",
			t);
}

void world_deliver(struct world *w, int64_t folder, int64_t age_ms)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(MAIL_MAX_BYTES);
	CLEANUP(intake_free) struct intake *in = NULL;
	struct intake_item item = { .folder = folder };
	struct store_blob_writer *blob;
	struct store_tx *tx;
	int64_t id;

	/* Whole milliseconds tell mails apart: no two have the same. */
	item.received_ms = clock_wall_ms(&w->f.server.clock.clock) - age_ms;
	item.received_ms -= item.received_ms % 1000 - ++w->last_received_ms % 1000;
	put_mail(&text, item.received_ms, w->attaches);
	assert_ok(intake_new(w->f.server.dir.path, INTAKE_MAX_BYTES_DEFAULT, &in));
	assert_ok(intake_put(in, buf_view(&text)));
	assert_ok(intake_finish(in));
	assert_ok(intake_store(in, w->f.server.store, w->f.ann.mailbox, &blob));
	tx = begin(w, STORE_WRITE);
	assert_ok(intake_add(in, tx, blob, &item, &id));
	commit(w, tx);
	store_blob_writer_drop(&blob);
	world_log(w, "delivery: %lld:%lld of %lld", (long long)folder, (long long)id, (long long)item.received_ms);
}

void world_edit(struct world *w, int64_t folder, int64_t id, const struct shown *is)
{
	CLEANUP(buf_release) struct buf keywords = BUF_INIT(256);
	struct item_edit edit = { .what = ITEM_EDIT_FLAGS | ITEM_EDIT_KEYWORDS };
	struct store_tx *tx = begin(w, STORE_WRITE);

	*(is->read ? &edit.set : &edit.clear) |= ITEM_SEEN;
	*(is->flagged ? &edit.set : &edit.clear) |= ITEM_FLAGGED;
	for (unsigned i = 0; i < CATEGORIES; i++)
		if (is->categories & 1u << i)
			buf_fmt(&keywords, "%s\n", category_names[i]);
	edit.keywords = buf_view(&keywords);
	world_log(w, "desk: %lld:%lld read %d flag %d categories %u", (long long)folder, (long long)id, is->read,
		  is->flagged, is->categories);
	assert_ok(item_update(tx, folder, id, &edit, &AUTHOR_NOBODY));
	commit(w, tx);
}

void world_move(struct world *w, int64_t from, int64_t id, int64_t to)
{
	struct store_tx *tx = begin(w, STORE_WRITE);
	enum item_moved moved;

	world_log(w, "desk: %lld:%lld moves to %lld", (long long)from, (long long)id, (long long)to);
	assert_ok(item_move(
		tx,
		&(struct item_move){ .from = from, .id = id, .to = to, .mover = STORE_NOBODY, .deleter = STORE_NOBODY },
		&moved));
	commit(w, tx);
}

void world_expunge(struct world *w, int64_t folder, int64_t id)
{
	struct store_tx *tx = begin(w, STORE_WRITE);

	world_log(w, "desk: %lld:%lld is expunged", (long long)folder, (long long)id);
	assert_ok(item_expunge(tx, folder, id, &AUTHOR_NOBODY));
	commit(w, tx);
}

static int64_t device_row(struct world *w, const char *device)
{
	struct store_tx *tx;
	struct device d;

	assert_ok(store_begin(w->f.server.store, STORE_DIRECTORY, STORE_READ, &tx));
	assert_ok(device_find(&w->f.arena, tx, w->f.ann.id, str_of(device), &d));
	assert_ok(store_commit(&tx));
	return d.id;
}

static bool none_is_active(void *arg)
{
	struct world *w = arg;

	return http_server_counts(w->f.server.http).active == 0;
}

/*
 * That an answer was written out is noted after its last byte was: a phone that has read it may be ahead of that note.
 * The turn of the loop that ends a request ends what it was answered with, too; another request comes behind it.
 */
static void await_notes(struct world *w)
{
	client_await(none_is_active, w, "all that was answered is done with");
	go_past_the_loop(w);
}

bool world_remembers(struct world *w, const char *device, int64_t folder, const char *key)
{
	await_notes(w);
	return eas_issued_is(w->f.eas->issued, w->f.ann.mailbox, device_row(w, device), folder, str_of(key));
}

void world_forgets(struct world *w, const char *device, int64_t folder)
{
	await_notes(w);
	eas_issued_note(w->f.eas->issued, w->f.ann.mailbox, device_row(w, device), folder, S("another"));
}
