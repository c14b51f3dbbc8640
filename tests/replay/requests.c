/* What the phone says. */
#include "answers.h"

#include <base/defs.h>

const char *const category_names[CATEGORIES] = { "Red", "Green", "Blue" };

static void put_flag(struct wbxml_writer *w, bool flagged)
{
	if (!flagged) {
		wbxml_empty(w, TAG_EMAIL_FLAG); /* MS-ASEMAIL R437 */
		return;
	}
	wbxml_open(w, TAG_EMAIL_FLAG);
	wbxml_put_u64(w, TAG_EMAIL_STATUS, 2);
	wbxml_put_text(w, TAG_EMAIL_FLAGTYPE, S("for Follow Up"));
	wbxml_close(w, TAG_EMAIL_FLAG);
}

static void put_categories(struct wbxml_writer *w, unsigned categories)
{
	if (!categories) {
		wbxml_empty(w, TAG_EMAIL_CATEGORIES);
		return;
	}
	wbxml_open(w, TAG_EMAIL_CATEGORIES);
	for (unsigned i = 0; i < CATEGORIES; i++)
		if (categories & 1u << i)
			wbxml_put_text(w, TAG_EMAIL_CATEGORY, str_of(category_names[i]));
	wbxml_close(w, TAG_EMAIL_CATEGORIES);
}

void put_item_name(struct buf *out, int64_t folder, int64_t id)
{
	buf_i64(out, folder);
	buf_char(out, ':');
	buf_i64(out, id);
}

static void put_server_id(struct wbxml_writer *w, enum wbxml_tag tag, int64_t folder, int64_t id)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(64);

	put_item_name(&name, folder, id);
	wbxml_put_text(w, tag, buf_view(&name));
}

static void put_command(struct wbxml_writer *w, int64_t folder, const struct ask_command *c)
{
	static const enum wbxml_tag tags[] = {
		[ENTRY_CHANGE] = TAG_AIRSYNC_CHANGE,
		[ENTRY_DELETE] = TAG_AIRSYNC_DELETE,
		[ENTRY_FETCH] = TAG_AIRSYNC_FETCH,
	};

	wbxml_open(w, tags[c->kind]);
	put_server_id(w, TAG_AIRSYNC_SERVERID, folder, c->id);
	if (c->kind == ENTRY_CHANGE) {
		wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
		if (c->has_read)
			wbxml_put_bool(w, TAG_EMAIL_READ, c->is.read);
		if (c->has_flag)
			put_flag(w, c->is.flagged);
		if (c->has_categories)
			put_categories(w, c->is.categories);
		wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
	}
	wbxml_close(w, tags[c->kind]);
}

static void put_options(struct wbxml_writer *w, const struct ask_collection *c)
{
	wbxml_open(w, TAG_AIRSYNC_OPTIONS);
	wbxml_put_u64(w, TAG_AIRSYNC_FILTERTYPE, c->filter);
	if (c->body_type) {
		if (c->body_type == 4)
			wbxml_put_u64(w, TAG_AIRSYNC_MIMESUPPORT, 2);
		wbxml_open(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
		wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, c->body_type);
		wbxml_close(w, TAG_AIRSYNCBASE_BODYPREFERENCE);
	}
	wbxml_close(w, TAG_AIRSYNC_OPTIONS);
}

static void put_collection(struct wbxml_writer *w, enum eas_version v, const struct ask_collection *c)
{
	wbxml_open(w, TAG_AIRSYNC_COLLECTION);
	if (v <= EAS_12_1)
		wbxml_put_text(w, TAG_AIRSYNC_CLASS, S("Email"));
	wbxml_put_text(w, TAG_AIRSYNC_SYNCKEY, str_of(c->key));
	wbxml_put_i64(w, TAG_AIRSYNC_COLLECTIONID, c->folder);
	if (c->keeps_deleted)
		wbxml_put_bool(w, TAG_AIRSYNC_DELETESASMOVES, false);
	if (c->no_changes)
		wbxml_put_bool(w, TAG_AIRSYNC_GETCHANGES, false);
	if (c->window)
		wbxml_put_u64(w, TAG_AIRSYNC_WINDOWSIZE, c->window);
	if (c->says_options)
		put_options(w, c);
	if (c->commands_n) {
		wbxml_open(w, TAG_AIRSYNC_COMMANDS);
		for (size_t i = 0; i < c->commands_n; i++)
			put_command(w, c->folder, &c->commands[i]);
		wbxml_close(w, TAG_AIRSYNC_COMMANDS);
	}
	wbxml_close(w, TAG_AIRSYNC_COLLECTION);
}

static void put_collections(struct wbxml_writer *w, enum eas_version v, const struct ask_collection *c, size_t n)
{
	wbxml_open(w, TAG_AIRSYNC_COLLECTIONS);
	for (size_t i = 0; i < n; i++)
		put_collection(w, v, &c[i]);
	wbxml_close(w, TAG_AIRSYNC_COLLECTIONS);
}

void ask_sync_partially(struct buf *out, enum eas_version v, const struct ask_collection *c, size_t n)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	put_collections(&w, v, c, n);
	wbxml_empty(&w, TAG_AIRSYNC_PARTIAL);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
}

void ask_sync(struct buf *out, enum eas_version v, const struct ask_collection *c, size_t n, unsigned hold_minutes)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	put_collections(&w, v, c, n);
	if (hold_minutes && v <= EAS_12_1)
		wbxml_put_u64(&w, TAG_AIRSYNC_WAIT, hold_minutes);
	else if (hold_minutes)
		wbxml_put_u64(&w, TAG_AIRSYNC_HEARTBEATINTERVAL, (uint64_t)hold_minutes * 60);
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
}

void ask_foldersync(struct buf *out, const char *key)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
	wbxml_put_text(&w, TAG_FOLDERHIERARCHY_SYNCKEY, str_of(key));
	wbxml_close(&w, TAG_FOLDERHIERARCHY_FOLDERSYNC);
}

void ask_moves(struct buf *out, const struct ask_move *m, size_t n)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_MOVE_MOVEITEMS);
	for (size_t i = 0; i < n; i++) {
		wbxml_open(&w, TAG_MOVE_MOVE);
		put_server_id(&w, TAG_MOVE_SRCMSGID, m[i].from, m[i].id);
		wbxml_put_i64(&w, TAG_MOVE_SRCFLDID, m[i].from);
		wbxml_put_i64(&w, TAG_MOVE_DSTFLDID, m[i].to);
		wbxml_close(&w, TAG_MOVE_MOVE);
	}
	wbxml_close(&w, TAG_MOVE_MOVEITEMS);
}

void ask_ping(struct buf *out, unsigned heartbeat_s, const int64_t *folders, size_t n)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_PING_PING);
	wbxml_put_u64(&w, TAG_PING_HEARTBEATINTERVAL, heartbeat_s);
	wbxml_open(&w, TAG_PING_FOLDERS);
	for (size_t i = 0; i < n; i++) {
		wbxml_open(&w, TAG_PING_FOLDER);
		wbxml_put_i64(&w, TAG_PING_ID, folders[i]);
		wbxml_put_text(&w, TAG_PING_CLASS, S("Email"));
		wbxml_close(&w, TAG_PING_FOLDER);
	}
	wbxml_close(&w, TAG_PING_FOLDERS);
	wbxml_close(&w, TAG_PING_PING);
}
