/* Items come, change and go. */
#include <store/blob.h>
#include <store/conversation_key.h>
#include <store/counter.h>
#include <store/folder_rows.h>
#include <store/item_part.h>
#include <store/item_rows.h>

enum item_stmt {
	ITEM_INSERT,
	ITEM_STAMP,
	ITEM_UNMARK_ADDED,
	ITEM_META,
	ITEM_KEY,
	ITEM_CONTENT,
	ITEM_DELETE,
	ITEM_SUMMARY_DELETE,
	ITEM_REKEYED,
	ITEM_STMT_MAX_
};
static const struct sql_def item_sql[] = {
	[ITEM_INSERT] = { "item_insert",
			  "INSERT INTO item (mailbox_id, item_id, folder_id, uid, key, received_ms, blob_id, size, "
			  "flags,"
			  " created_change, modified_change, content_change, created_by, content_by, modified_by,"
			  " moved_by, verb, verb_ms, keywords, followup, saved_ms, read_change, flag_change,"
			  " keywords_change, verb_change, conversation, conversation_index)"
			  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $11, $11, $12, 0, 0, 0, $13, "
			  "$14, $15, $10, $10, $10, $10, $16, $17)" },
	[ITEM_STAMP] = { "item_stamp", "UPDATE item SET modified_change = $3, modified_by = $4, read_change = $3,"
				       " flag_change = $3, keywords_change = $3, verb_change = $3"
				       " WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_UNMARK_ADDED] = { "item_unmark_added", "UPDATE item SET created_by = 0"
						     " WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_META] = { "item_meta",
			"UPDATE item SET modified_change = $3, modified_by = $4, flags = $5, verb = $6, verb_ms = $7,"
			" keywords = $8, followup = $9, read_change = $10, flag_change = $11, keywords_change = $12,"
			" verb_change = $13 WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_KEY] = { "item_key", "UPDATE item SET key = $3 WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_CONTENT] = { "item_content",
			   "UPDATE item SET blob_id = $3, size = $4, uid = $5, content_change = $6, content_by = $7"
			   " WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_DELETE] = { "item_delete", "DELETE FROM item WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_SUMMARY_DELETE] = { "item_summary_delete",
				  "DELETE FROM item_summary WHERE mailbox_id = $1 AND item_id = $2" },
	[ITEM_REKEYED] = { "item_rekeyed",
			   "INSERT INTO rekeyed (mailbox_id, folder_id, change, item_id, old_key, rekeyed_ms)"
			   " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING" },
};
static_assert(countof(item_sql) == ITEM_STMT_MAX_, "one text per statement");

static enum err strings_check(struct str keywords, struct str followup)
{
	return keywords.n > ITEM_KEYWORDS_MAX || followup.n > ITEM_FOLLOWUP_MAX ? ERR_LIMIT : ERR_OK;
}

/* The engine takes a NULL pointer for NULL; an empty blob is not that. */
static struct str not_null(struct str s)
{
	return s.p ? s : S("");
}

static enum err insert(struct store_tx *tx, const struct item_new *new, const struct item *row)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &item_sql[ITEM_INSERT],
		      ARGS(row->id, row->folder, row->uid, row->key, row->received_ms, row->blob, num(row->size),
			   row->flags, num(row->created), row->created_by, row->modified_by),
		      &st));
	sql_bind_text(st, 13, new->keywords);
	sql_bind_blob(st, 14, not_null(new->followup));
	sql_bind_i64(st, 15, row->saved_ms);
	sql_bind_blob(st, 16, not_null(new->conversation));
	sql_bind_blob(st, 17, not_null(new->conversation_index));
	return sql_run(st);
}

enum err item_add(struct store_tx *tx, const struct item_new *new, struct item *ret)
{
	struct item row = {
		.folder = new->folder,
		.key = new->key,
		.received_ms = new->received_ms,
		.saved_ms = clock_wall_ms(store_tx_clock(tx)),
		.blob = new->blob,
		.size = new->size,
		.flags = new->flags &(ITEM_FLAGS_ALL | ITEM_TEXT),
		.created_by = new->by.device,
		.content_by = new->by.device,
		.modified_by = new->by.normalised ? STORE_NOBODY : new->by.device,
	};

	TRY(strings_check(new->keywords, new->followup));
	TRY(folder_take_uid(tx, new->folder, &row.uid));
	TRY(counter_items(tx, 1, &row.id));
	TRY(store_change_number(tx, &row.created));
	row.modified = row.content = row.created;
	for (int mark = 0; mark < ITEM_MARK_MAX_; mark++)
		row.marked[mark] = row.created;
	TRY(folder_touch(tx, &(struct folder_touch){ row.folder, 1, item_unread(row.flags), row.modified_by,
						     (int64_t)row.size }));
	if (row.blob)
		TRY(store_blob_ref(tx, row.blob));
	TRY(insert(tx, new, &row));
	TRY(conversation_key_came(tx, row.id));
	*ret = row;
	return ERR_OK;
}

/* Changes. */

struct change {
	struct item was, now;
	uint64_t number;
};

static void apply(const struct item_edit *edit, struct item *now)
{
	if (edit->what & ITEM_EDIT_FLAGS)
		now->flags = (((now->flags & ~edit->clear) | edit->set) & ITEM_FLAGS_ALL) | (now->flags & ITEM_TEXT);
	if (edit->what & ITEM_EDIT_KEYWORDS)
		now->keywords = edit->keywords;
	if (edit->what & ITEM_EDIT_FOLLOWUP)
		now->followup = edit->followup;
	if (edit->what & ITEM_EDIT_VERB) {
		now->verb = edit->verb;
		now->verb_ms = edit->verb_ms;
	}
	if (edit->what & ITEM_EDIT_KEY)
		now->key = edit->key;
	if (edit->what & ITEM_EDIT_CONTENT) {
		now->blob = edit->blob;
		now->size = edit->size;
	}
}

static bool differs(const struct item_edit *edit, const struct item *was, const struct item *now)
{
	return edit->what & ITEM_EDIT_CONTENT || now->flags != was->flags || now->verb != was->verb ||
	       now->verb_ms != was->verb_ms || now->key != was->key || !str_eq(now->keywords, was->keywords) ||
	       !str_eq(now->followup, was->followup);
}

/* A device that was overruled is told of all of them. */
static void stamp_marks(struct change *c, bool all)
{
	const struct item *was = &c->was;
	struct item *now = &c->now;
	const unsigned flipped = was->flags ^ now->flags;
	const bool changed[] = {
		[ITEM_MARK_READ] = flipped & ITEM_SEEN,
		[ITEM_MARK_FLAG] = flipped & ITEM_FLAGGED || !str_eq(was->followup, now->followup),
		[ITEM_MARK_KEYWORDS] = !str_eq(was->keywords, now->keywords),
		[ITEM_MARK_VERB] = was->verb != now->verb || was->verb_ms != now->verb_ms,
	};
	static_assert(countof(changed) == ITEM_MARK_MAX_, "every mark");

	for (size_t i = 0; i < countof(changed); i++)
		if (all || changed[i])
			now->marked[i] = c->number;
}

static enum err write_meta(struct store_tx *tx, const struct change *c)
{
	const struct item *now = &c->now;
	struct sql_stmt *st;

	TRY(stmt_open(tx, &item_sql[ITEM_META],
		      ARGS(now->id, num(c->number), now->modified_by, now->flags, now->verb, now->verb_ms), &st));
	sql_bind_text(st, 8, now->keywords);
	sql_bind_blob(st, 9, not_null(now->followup));
	for (int mark = 0; mark < ITEM_MARK_MAX_; mark++)
		sql_bind_u64(st, 10 + mark, now->marked[mark]);
	return sql_run(st);
}

/* Nobody has seen an item of this very transaction with its former key. */
static enum err write_key(struct store_tx *tx, const struct change *c)
{
	const struct item *was = &c->was;
	int64_t now_ms = clock_wall_ms(store_tx_clock(tx));

	if (was->created != c->number)
		TRY(stmt_run(tx, &item_sql[ITEM_REKEYED],
			     ARGS(was->folder, num(c->number), was->id, was->key, now_ms)));
	TRY(stmt_run(tx, &item_sql[ITEM_KEY], ARGS(was->id, c->now.key)));
	return conversation_key_came(tx, was->id);
}

/* IMAP's messages never change: for it the old UID goes and a new one comes. */
static enum err write_content(struct store_tx *tx, struct change *c, int64_t author)
{
	struct item *now = &c->now;

	TRY(folder_take_uid(tx, now->folder, &now->uid));
	TRY(item_gone_put(tx, &(struct item_gone){ .was = &c->was, .imap_only = true }));
	TRY(stmt_run(tx, &item_sql[ITEM_CONTENT],
		     ARGS(now->id, now->blob, num(now->size), now->uid, num(c->number), author)));
	TRY(stmt_run(tx, &item_sql[ITEM_SUMMARY_DELETE], ARGS(now->id)));
	if (now->blob)
		TRY(store_blob_ref(tx, now->blob));
	return c->was.blob ? store_blob_unref(tx, c->was.blob) : ERR_OK;
}

enum err item_update(struct store_tx *tx, int64_t folder, int64_t id, const struct item_edit *edit,
		     const struct author *by)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(4 * (ITEM_KEYWORDS_MAX + ITEM_FOLLOWUP_MAX));
	struct change c;

	TRY(strings_check(edit->keywords, edit->followup));
	TRY(item_get(&a, tx, folder, id, &c.was));
	c.now = c.was;
	apply(edit, &c.now);
	if (!differs(edit, &c.was, &c.now) && !by->normalised)
		return ERR_OK;
	TRY(store_change_number(tx, &c.number));
	c.now.modified_by = author_mark(by, c.was.modified, c.was.modified_by);
	stamp_marks(&c, by->normalised);
	TRY(write_meta(tx, &c));
	if (c.now.key != c.was.key)
		TRY(write_key(tx, &c));
	if (edit->what & ITEM_EDIT_CONTENT)
		TRY(write_content(tx, &c, by->device));
	return folder_touch(tx, &(struct folder_touch){ .folder = folder,
							.unread = item_unread(c.now.flags) - item_unread(c.was.flags),
							.author = c.now.modified_by,
							.bytes = (int64_t)(c.now.size - c.was.size) });
}

/* A change of nobody's that leaves the item as it is: every device will be told how it stands. */
static enum err stamp(struct store_tx *tx, const struct item *row)
{
	uint64_t number;

	TRY(store_change_number(tx, &number));
	TRY(stmt_run(tx, &item_sql[ITEM_STAMP], ARGS(row->id, num(number), STORE_NOBODY)));
	return folder_touch(tx, &(struct folder_touch){ .folder = row->folder, .author = STORE_NOBODY });
}

enum err item_refuse(struct store_tx *tx, int64_t folder, int64_t id)
{
	struct item row;

	TRY(item_row_get(tx, folder, id, &row));
	return stamp(tx, &row);
}

enum err item_unmark(struct store_tx *tx, int64_t folder, int64_t id, bool was_added)
{
	struct item row;

	TRY(item_row_get(tx, folder, id, &row));
	if (was_added)
		TRY(stmt_run(tx, &item_sql[ITEM_UNMARK_ADDED], ARGS(id)));
	return stamp(tx, &row);
}

enum err item_expunge(struct store_tx *tx, int64_t folder, int64_t id, const struct author *by)
{
	struct conversation_left left;
	struct item row;

	TRY(item_row_get(tx, folder, id, &row));
	TRY(conversation_key_leaves(tx, id, &left));
	TRY(item_gone_put(tx, &(struct item_gone){ .was = &row, .expunged_by = by->device }));
	TRY(stmt_run(tx, &item_sql[ITEM_DELETE], ARGS(id)));
	TRY(conversation_key_left(tx, &left));
	TRY(stmt_run(tx, &item_sql[ITEM_SUMMARY_DELETE], ARGS(id)));
	TRY(item_parts_keep(tx, id, NULL, 0));
	if (row.blob)
		TRY(store_blob_unref(tx, row.blob));
	return folder_touch(
		tx, &(struct folder_touch){ folder, -1, -item_unread(row.flags), by->device, -(int64_t)row.size });
}
