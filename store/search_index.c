/* The index as a reader of the mailbox's changes, and what is put into it. */
#include <store/search_rows.h>

#include <base/log.h>
#include <base/utf8.h>
#include <store/handles.h>

#include <errno.h>
#include <unistd.h>

#define DOC_FIELDS "subject, sender, recipient, cc, bcc, body, names"

/* Of the index. */
enum index_stmt {
	INDEX_VERSION,
	INDEX_SET_VERSION,
	INDEX_CLEAR_DOC,
	INDEX_CLEAR_PROGRESS,
	INDEX_CLEAR_TEXT,
	INDEX_CLEAR_SHORT,
	INDEX_PROGRESS,
	INDEX_PROGRESS_PUT,
	INDEX_PROGRESS_NEXT,
	INDEX_PROGRESS_DROP,
	INDEX_DOC_CONTENT,
	INDEX_DOC_NEXT,
	INDEX_DOC_GET,
	INDEX_DOC_PUT,
	INDEX_DOC_DROP,
	INDEX_TEXT_PUT,
	INDEX_TEXT_DROP,
	INDEX_SHORT_PUT,
	INDEX_SHORT_DROP,
	INDEX_STMT_MAX_
};
static const struct sql_def index_sql[] = {
	[INDEX_VERSION] = { "search_version", "SELECT version FROM state WHERE id = 1" },
	[INDEX_SET_VERSION] = { "search_set_version", "UPDATE state SET version = $1 WHERE id = 1" },
	[INDEX_CLEAR_DOC] = { "search_clear_doc", "DELETE FROM doc" },
	[INDEX_CLEAR_PROGRESS] = { "search_clear_progress", "DELETE FROM progress" },
	[INDEX_CLEAR_TEXT] = { "search_clear_text", "INSERT INTO text (text) VALUES ('delete-all')" },
	[INDEX_CLEAR_SHORT] = { "search_clear_short", "INSERT INTO short (short) VALUES ('delete-all')" },
	[INDEX_PROGRESS] = { "search_progress", "SELECT modified_change, item_id, expunged_change FROM progress"
						" WHERE folder_id = $1" },
	[INDEX_PROGRESS_PUT] = { "search_progress_put",
				 "INSERT INTO progress (folder_id, modified_change, item_id, expunged_change)"
				 " VALUES ($1, $2, $3, $4) ON CONFLICT (folder_id) DO UPDATE SET"
				 " modified_change = excluded.modified_change, item_id = excluded.item_id,"
				 " expunged_change = excluded.expunged_change" },
	[INDEX_PROGRESS_NEXT] = { "search_progress_next",
				  "SELECT folder_id FROM progress WHERE folder_id > $1 ORDER BY folder_id LIMIT 1" },
	[INDEX_PROGRESS_DROP] = { "search_progress_drop", "DELETE FROM progress WHERE folder_id = $1" },
	[INDEX_DOC_CONTENT] = { "search_doc_content", "SELECT content_change FROM doc WHERE item_id = $1" },
	[INDEX_DOC_NEXT] = { "search_doc_next", "SELECT item_id FROM doc WHERE item_id > $1 ORDER BY item_id LIMIT 1" },
	[INDEX_DOC_GET] = { "search_doc_get", "SELECT " DOC_FIELDS " FROM doc WHERE item_id = $1" },
	[INDEX_DOC_PUT] = { "search_doc_put", "INSERT INTO doc (item_id, content_change, hidden, " DOC_FIELDS ")"
					      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)" },
	[INDEX_DOC_DROP] = { "search_doc_drop", "DELETE FROM doc WHERE item_id = $1" },
	[INDEX_TEXT_PUT] = { "search_text_put", "INSERT INTO text (rowid, " DOC_FIELDS ")"
						" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)" },
	[INDEX_TEXT_DROP] = { "search_text_drop", "INSERT INTO text (text, rowid, " DOC_FIELDS ")"
						  " VALUES ('delete', $1, $2, $3, $4, $5, $6, $7, $8)" },
	[INDEX_SHORT_PUT] = { "search_short_put", "INSERT INTO short (rowid, " DOC_FIELDS ")"
						  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)" },
	[INDEX_SHORT_DROP] = { "search_short_drop", "INSERT INTO short (short, rowid, " DOC_FIELDS ")"
						    " VALUES ('delete', $1, $2, $3, $4, $5, $6, $7, $8)" },
};
static_assert(countof(index_sql) == INDEX_STMT_MAX_, "one text per statement");

/* Of the mailbox. */
enum source_stmt { SOURCE_MODIFIED, SOURCE_EXPUNGED, SOURCE_LIVE, SOURCE_STMT_MAX_ };
static const struct sql_def source_sql[] = {
	[SOURCE_MODIFIED] = { "search_modified",
			      "SELECT " ITEM_COLUMNS " FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2"
			      " AND (i.modified_change, i.item_id) > ($3, $4)"
			      " ORDER BY i.modified_change, i.item_id LIMIT 1" },
	[SOURCE_EXPUNGED] = { "search_expunged",
			      "SELECT expunged_change, item_id FROM expunged WHERE mailbox_id = $1 AND folder_id = $2"
			      " AND (expunged_change, item_id) > ($3, $4) AND imap_only = 0"
			      " ORDER BY expunged_change, item_id LIMIT 1" },
	[SOURCE_LIVE] = { "search_live", "SELECT 1 FROM item i JOIN folder f ON f.mailbox_id = i.mailbox_id"
					 " AND f.folder_id = i.folder_id AND f.deleted_change = 0"
					 " WHERE i.mailbox_id = $1 AND i.item_id = $2" },
};
static_assert(countof(source_sql) == SOURCE_STMT_MAX_, "one text per statement");

enum err search_open(struct store_tx *index, const struct sql_def *def, struct stmt_args args, struct sql_stmt **ret)
{
	TRY(sql_use(store_tx_db(index), def, ret));
	for (size_t i = 0; i < args.n; i++)
		sql_bind_i64(*ret, (int)i + 1, args.v[i]);
	return ERR_OK;
}

static enum err run(struct store_tx *index, enum index_stmt which, struct stmt_args args)
{
	struct sql_stmt *st;

	TRY(search_open(index, &index_sql[which], args, &st));
	return sql_run(st);
}

static enum err number(struct store_tx *index, enum index_stmt which, struct stmt_args args, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(search_open(index, &index_sql[which], args, &st));
	TRY(sql_one(st));
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

/* ---- the index as a whole ---- */

enum err search_index_clear(struct store_tx *index)
{
	for (enum index_stmt which = INDEX_CLEAR_DOC; which <= INDEX_CLEAR_SHORT; which++)
		TRY(run(index, which, NO_ARGS));
	return run(index, INDEX_SET_VERSION, ARGS(SEARCH_VERSION));
}

static enum err check_version(struct store_tx *index)
{
	int64_t version;
	enum err e = number(index, INDEX_VERSION, NO_ARGS, &version);

	if (e == ERR_NOT_FOUND)
		return ERR_CORRUPT;
	TRY(e);
	return version == SEARCH_VERSION ? ERR_OK : search_index_clear(index);
}

enum err search_index_begin(struct store *s, int64_t mailbox, struct store_tx **ret)
{
	CLEANUP(store_tx_end) struct store_tx *index = NULL;
	enum err e = store_begin(s, database_index_of(mailbox), STORE_WRITE, &index);

	if (e) /* of a newer program: as good as damaged */
		return e == ERR_UNSUPPORTED ? ERR_CORRUPT : e;
	TRY(check_version(index));
	*ret = index;
	index = NULL;
	return ERR_OK;
}

/* Nobody of this process may have it open: the engine removes its log by name when the last one closes. */
static enum err remove_files(struct store *s, int64_t mailbox)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	CLEANUP(path_free) char *path = path_database(s, database_index_of(mailbox));

	for (size_t i = 0; i < countof(endings); i++) {
		CLEANUP(buf_release) struct buf name = BUF_INIT(strlen(path) + 8);

		buf_fmt(&name, "%s%s", path, endings[i]);
		buf_char(&name, '\0');
		TRY(buf_status(&name));
		if (unlink(name.p) != 0 && errno != ENOENT)
			return path_errno(errno);
	}
	return ERR_OK;
}

enum err search_index_discard(struct store *s, int64_t mailbox)
{
	struct database *d = database_enter(s, database_index_of(mailbox));
	enum err e = ERR_BUSY;

	database_forget(s, d);
	if (database_is_mine(s, d))
		e = remove_files(s, mailbox);
	database_admit(s, d);
	database_leave(s, &d);
	return e;
}

/* ---- what is put in and taken out ---- */

static enum err bind_texts(struct sql_stmt *st, int first, const struct str texts[SEARCH_FIELD_MAX_])
{
	for (int i = 0; i < SEARCH_FIELD_MAX_; i++)
		sql_bind_text(st, first + i, texts[i]);
	return sql_run(st);
}

static enum err put_texts(struct store_tx *index, enum index_stmt which, int64_t item,
			  const struct str texts[SEARCH_FIELD_MAX_])
{
	struct sql_stmt *st;

	TRY(search_open(index, &index_sql[which], ARGS(item), &st));
	return bind_texts(st, 2, texts);
}

/* The same texts give the same words, so that what was put in can be taken out. */
static enum err put_short(struct store_tx *index, enum index_stmt which, int64_t item,
			  const struct str texts[SEARCH_FIELD_MAX_])
{
	struct buf words[SEARCH_FIELD_MAX_];
	struct str views[SEARCH_FIELD_MAX_];
	enum err e = ERR_OK;

	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++) {
		words[i] = BUF_INIT(8 * SEARCH_FIELD_BYTES_MAX);
		search_short_put(&words[i], texts[i]);
		views[i] = buf_view(&words[i]);
		if (!e)
			e = buf_status(&words[i]);
	}
	if (!e)
		e = put_texts(index, which, item, views);
	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		buf_release(&words[i]);
	return e;
}

static enum err take_out(struct store_tx *index, int64_t item, const struct str texts[SEARCH_FIELD_MAX_])
{
	TRY(put_texts(index, INDEX_TEXT_DROP, item, texts));
	return put_short(index, INDEX_SHORT_DROP, item, texts);
}

/* Of an item that is not in: nothing. */
static enum err drop(struct store_tx *index, int64_t item)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct str texts[SEARCH_FIELD_MAX_];
	enum err e;

	TRY(search_open(index, &index_sql[INDEX_DOC_GET], ARGS(item), &st));
	e = sql_one(st);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	for (int i = 0; i < SEARCH_FIELD_MAX_; i++)
		texts[i] = sql_str(st, i);
	TRY(take_out(index, item, texts));
	sql_reset(st);
	return run(index, INDEX_DOC_DROP, ARGS(item));
}

static enum err put_doc(struct store_tx *index, const struct item *item, const struct str texts[SEARCH_FIELD_MAX_],
			bool hidden)
{
	struct sql_stmt *st;

	TRY(search_open(index, &index_sql[INDEX_DOC_PUT], ARGS(item->id, num(item->content), hidden), &st));
	return bind_texts(st, 4, texts);
}

enum err search_put(struct store_tx *index, const struct item *item, const struct str texts[SEARCH_FIELD_MAX_],
		    bool hidden)
{
	struct str cut[SEARCH_FIELD_MAX_];

	for (size_t i = 0; i < SEARCH_FIELD_MAX_; i++)
		cut[i] = utf8_prefix(texts[i], SEARCH_FIELD_BYTES_MAX);
	TRY(drop(index, item->id));
	TRY(put_doc(index, item, cut, hidden));
	TRY(put_texts(index, INDEX_TEXT_PUT, item->id, cut));
	return put_short(index, INDEX_SHORT_PUT, item->id, cut);
}

/* ---- following the mailbox ---- */

static enum err is_live(struct store_tx *tx, int64_t item, bool *ret)
{
	int64_t one;
	enum err e = stmt_number(tx, &source_sql[SOURCE_LIVE], ARGS(item), &one);

	*ret = e == ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err position_get(struct search_walk *w, const struct folder *f, struct search_position *ret, bool *known)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	enum err e;

	*ret = (struct search_position){ .folder = f->id };
	*known = false;
	TRY(search_open(w->index, &index_sql[INDEX_PROGRESS], ARGS(f->id), &st));
	e = sql_one(st);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	ret->modified = sql_i64(st, 0);
	ret->item = sql_i64(st, 1);
	ret->expunged = sql_i64(st, 2);
	*known = true;
	return ERR_OK;
}

static enum err position_put(struct search_walk *w, const struct search_position *p)
{
	return run(w->index, INDEX_PROGRESS_PUT, ARGS(p->folder, p->modified, p->item, p->expunged));
}

static bool has_news(const struct folder *f, const struct search_position *p)
{
	return p->modified < num(f->head) || p->expunged < num(f->head);
}

static enum err next_expunged(struct search_walk *w, int64_t folder, int64_t *change, int64_t *item)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(w->tx, &source_sql[SOURCE_EXPUNGED], ARGS(folder, *change, *item), &st));
	TRY(sql_one(st));
	*change = sql_i64(st, 0);
	*item = sql_i64(st, 1);
	return ERR_OK;
}

/* What has gone from a folder; where it only moved it stays. */
static enum err drop_expunged(struct search_walk *w, const struct folder *f, struct search_position *p)
{
	int64_t change = p->expunged, item = INT64_MAX;
	enum err e;

	while (!(e = next_expunged(w, f->id, &change, &item))) {
		bool live;

		TRY(is_live(w->tx, item, &live));
		if (!live)
			TRY(drop(w->index, item));
	}
	p->expunged = num(f->head);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* After rows of what has gone are gone themselves: every item that is in the index is looked for. */
static enum err drop_lost(struct search_walk *w)
{
	int64_t item = 0;
	enum err e;

	while (!(e = number(w->index, INDEX_DOC_NEXT, ARGS(item), &item))) {
		bool live;

		TRY(is_live(w->tx, item, &live));
		if (!live)
			TRY(drop(w->index, item));
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static bool is_among(const struct folder *folders, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (folders[i].id == id)
			return true;
	return false;
}

/* Folders that are deleted: their items go without a row each. */
static enum err drop_folders(struct search_walk *w, const struct folder *live, size_t n, bool *lost)
{
	int64_t id = 0;
	enum err e;

	while (!(e = number(w->index, INDEX_PROGRESS_NEXT, ARGS(id), &id))) {
		if (is_among(live, n, id))
			continue;
		TRY(run(w->index, INDEX_PROGRESS_DROP, ARGS(id)));
		*lost = true;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* *ahead: the index has seen what the mailbox has not: an older copy of the mailbox was put in its place. */
static enum err look_at_folder(struct search_walk *w, const struct folder *f, bool *lost, bool *ahead)
{
	struct search_position p;
	bool known;

	TRY(position_get(w, f, &p, &known));
	*ahead |= known && p.modified > num(f->head);
	if (!has_news(f, &p))
		return ERR_OK;
	*lost |= known && p.expunged < num(f->purged);
	w->folders[w->folders_n++] = *f;
	if (!known || p.expunged >= num(f->head))
		return ERR_OK;
	TRY(drop_expunged(w, f, &p));
	return position_put(w, &p);
}

enum err search_walk_begin(struct arena *a, struct store_tx *index, struct store_tx *tx, struct search_walk *ret)
{
	struct search_walk w = { .arena = a, .index = index, .tx = tx };
	bool lost = false, ahead = false;
	struct folder *live;
	size_t n;

	TRY(folder_list(a, tx, &live, &n));
	w.folders = arena_array(a, n ? n : 1, sizeof(*w.folders));
	if (!w.folders)
		return ERR_LIMIT;
	TRY(drop_folders(&w, live, n, &lost));
	for (size_t i = 0; i < n && !ahead; i++)
		if (live[i].role != FOLDER_RECIPIENT_CACHE)
			TRY(look_at_folder(&w, &live[i], &lost, &ahead));
	if (ahead) {
		TRY(search_index_clear(index));
		return search_walk_begin(a, index, tx, ret);
	}
	if (lost)
		TRY(drop_lost(&w));
	*ret = w;
	return ERR_OK;
}

static enum err next_modified(struct search_walk *w, struct item *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct search_position *p = &w->position;

	TRY(stmt_open(w->tx, &source_sql[SOURCE_MODIFIED], ARGS(p->folder, p->modified, p->item), &st));
	TRY(sql_one(st));
	item_row_read(st, ret);
	ret->keywords = ret->followup = ret->conversation = ret->conversation_index = STR_EMPTY;
	p->modified = num(ret->modified);
	p->item = ret->id;
	return ERR_OK;
}

/* A flag or a move changes no text. */
static enum err is_known(struct search_walk *w, const struct item *item, bool *ret)
{
	int64_t content;
	enum err e = number(w->index, INDEX_DOC_CONTENT, ARGS(item->id), &content);

	*ret = e == ERR_OK && content == num(item->content);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err next_unknown(struct search_walk *w, struct item *ret)
{
	bool known = true;

	while (known) {
		TRY(next_modified(w, ret));
		TRY(is_known(w, ret, &known));
	}
	return ERR_OK;
}

static enum err folder_begin(struct search_walk *w)
{
	bool known;

	TRY(position_get(w, &w->folders[w->at], &w->position, &known));
	w->open = true;
	return ERR_OK;
}

/* The folder's head may be of something that left it: no row carries its number any more. */
static enum err folder_end(struct search_walk *w)
{
	w->position.modified = num(w->folders[w->at].head);
	w->position.item = INT64_MAX;
	w->at++;
	w->open = false;
	return position_put(w, &w->position);
}

enum err search_walk_next(struct search_walk *w, struct item *ret)
{
	while (w->at < w->folders_n) {
		if (!w->open)
			TRY(folder_begin(w));
		enum err e = next_unknown(w, ret);
		if (e != ERR_NOT_FOUND)
			return e;
		TRY(folder_end(w));
	}
	return ERR_NOT_FOUND;
}

enum err search_walk_keep(struct search_walk *w)
{
	return w->open ? position_put(w, &w->position) : ERR_OK;
}
