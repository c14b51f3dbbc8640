/* Files of calendars: each series an event of the calendar; one whose UID is there already is left as it is. */
#include <tools/roostctl/import.h>

#include <tools/roostctl/import_batch.h>

#include <gateway/mailbox/event.h>

#include <time.h>

enum {
	FILE_MAX = 256 * 1024 * 1024,
	FILE_ARENA_MAX = 1024 * 1024 * 1024,
	EVENTS_A_TRANSACTION = 200,
};

struct calendar_import {
	struct import *im;
	const char *path;
	int64_t folder;
	struct arena arena;   /* of the file */
	struct arena scratch; /* of one event */
	uint64_t added, known;
};

static enum err read_all(struct calendar_import *ci, int fd, struct str first, struct buf *text)
{
	char chunk[IMPORT_CHUNK];
	ssize_t n;

	buf_str(text, first);
	while ((n = import_read(ci->im, ci->path, fd, chunk)) > 0)
		buf_put(text, chunk, (size_t)n);
	return n < 0 ? ERR_IO : buf_status(text);
}

static enum err add_one(struct calendar_import *ci, struct store_tx *tx, struct str octets)
{
	struct event_new event = { .folder = ci->folder, .now_ms = (int64_t)time(NULL) * 1000 };
	struct event_taken taken;
	struct cal_series series;
	struct item item;
	enum err e;

	arena_reset(&ci->scratch);
	e = event_take(&ci->scratch, octets, NULL, &taken);
	if (!e)
		e = cal_series_read(&ci->scratch, taken.octets, &series);
	if (!e)
		e = event_by_uid(&ci->scratch, tx, ci->folder, series.event.uid, &item);
	if (!e) {
		ci->known++;
		return ERR_OK;
	}
	if (e == ERR_NOT_FOUND)
		e = ERR_OK;
	event.octets = taken.octets;
	event.parts = taken.parts;
	event.parts_n = taken.parts_n;
	if (!e)
		e = event_add(&ci->scratch, tx, &event, &item);
	if (e == ERR_INVALID || e == ERR_LIMIT) {
		import_bad(ci->im, ci->path, "an event %s", e == ERR_LIMIT ? "is too large" : "has no time");
		return ERR_OK;
	}
	TRY(e);
	ci->added++;
	return ERR_OK;
}

static enum err add_some(struct calendar_import *ci, const struct str *list, size_t n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(ci->im->ctl->store, ci->im->mailbox, STORE_WRITE, &tx));
	for (size_t i = 0; i < n; i++)
		TRY(add_one(ci, tx, list[i]));
	return store_commit(&tx);
}

static enum err add_all(struct calendar_import *ci, struct str text)
{
	struct str *list;
	size_t todos = import_todos(ci->im, ci->path, &ci->arena, text), n, some;
	enum err e = cal_split(&ci->arena, text, S("VEVENT"), &list, &n);

	if (!e && n == 0 && todos)
		return ERR_OK;
	if (e == ERR_INVALID || e == ERR_LIMIT || (!e && n == 0)) {
		import_bad(ci->im, ci->path, "no calendar with events in it");
		return ERR_OK;
	}
	TRY(e);
	for (size_t i = 0; i < n && import_goes_on(ci->im); i += some) {
		some = n - i < EVENTS_A_TRANSACTION ? n - i : EVENTS_A_TRANSACTION;
		TRY(add_some(ci, list + i, some));
	}
	return ERR_OK;
}

static enum err import_all(struct calendar_import *ci, int fd, struct str first)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(FILE_MAX);
	enum err e;

	TRY(import_entries_folder(ci->im, FOLDER_CALENDAR, FOLDER_DEFAULT_CALENDAR, &ci->folder));
	e = read_all(ci, fd, first, &text);
	if (e == ERR_LIMIT)
		import_bad(ci->im, ci->path, "larger than %d bytes", FILE_MAX);
	if (e == ERR_LIMIT || e == ERR_IO)
		return ERR_OK;
	TRY(e);
	return add_all(ci, buf_view(&text));
}

void import_calendar(struct import *im, const char *path, int fd, struct str first)
{
	struct calendar_import ci = {
		.im = im, .path = path, .arena = ARENA_INIT(FILE_ARENA_MAX), .scratch = ARENA_INIT(CTL_ARENA_MAX)
	};
	enum err e = import_all(&ci, fd, first);

	if (e)
		im->failed = e;
	im->events += ci.added;
	im->events_known += ci.known;
	arena_release(&ci.arena);
	arena_release(&ci.scratch);
}
