/* Many items at once. */
#include <store/item_many.h>

#include <store/counter.h>
#include <store/folder_rows.h>
#include <store/item_rows.h>

enum many_stmt {
	MANY_COUNT,
	MANY_SUMS,
	MANY_FLAGS,
	MANY_MARKS,
	MANY_COPY,
	MANY_COPY_SUMMARIES,
	MANY_COPY_BLOBS,
	MANY_GO,
	MANY_ARRIVE,
	MANY_STMT_MAX_
};
/* $2 is the folder, $3 and $4 are the range. */
#define IN_RANGE " WHERE mailbox_id = $1 AND folder_id = $2 AND uid >= $3 AND uid <= $4"
/* In the order of UIDs, from 0 on. */
#define PLACE "(ROW_NUMBER() OVER (ORDER BY uid) - 1)"
/* $6 the flags that stay, $7 those that come, $8 the change, $9 and $10 what the marks of read and flag stand for. */
#define SET_FLAGS                                                                       \
	"flags = (flags & $6) | $7, modified_change = $8, modified_by = 0,"             \
	" read_change = CASE WHEN (flags & $9) <> (((flags & $6) | $7) & $9) THEN $8"   \
	" ELSE read_change END,"                                                        \
	" flag_change = CASE WHEN (flags & $10) <> (((flags & $6) | $7) & $10) THEN $8" \
	" ELSE flag_change END"
static const struct sql_def many_sql[] = {
	[MANY_COUNT] = { "many_count",
			 "SELECT COUNT(*) FROM item" IN_RANGE " AND modified_change <= $5 AND (flags & $6) = $7" },
	/* $5 is ITEM_SEEN. */
	[MANY_SUMS] = { "many_sums", "SELECT COUNT(*), COALESCE(SUM((flags & $5) = 0), 0), COALESCE(SUM(size), 0)"
				     " FROM item" IN_RANGE },
	[MANY_FLAGS] = { "many_flags", "UPDATE item SET " SET_FLAGS IN_RANGE
				       " AND modified_change <= $5 AND flags <> ((flags & $6) | $7)" },
	/* $11 and $12, $13 are NULL where each keeps its own. */
	[MANY_MARKS] = { "many_marks",
			 "UPDATE item SET keywords = COALESCE($11, keywords), verb = COALESCE($12, verb),"
			 " verb_ms = COALESCE($13, verb_ms),"
			 " keywords_change = CASE WHEN keywords <> $11 THEN $8 ELSE keywords_change END,"
			 " verb_change = CASE WHEN $12 IS NULL THEN verb_change ELSE $8 END, " SET_FLAGS IN_RANGE
			 " AND modified_change <= $5 AND (flags <> ((flags & $6) | $7) OR keywords <> $11)" },
	[MANY_COPY] = { "many_copy",
			"INSERT INTO item (mailbox_id, item_id, folder_id, uid, key, received_ms, blob_id, size, flags,"
			" keywords, followup, verb, verb_ms, created_change, modified_change, content_change,"
			" created_by, modified_by, content_by, moved_by, conversation, conversation_index, saved_ms, "
			"read_change,"
			" flag_change, keywords_change, verb_change)"
			" SELECT mailbox_id, $6 + " PLACE ", $5, $7 + " PLACE
			", received_ms, received_ms, blob_id, size,"
			" flags, keywords, followup, 0, 0, $8, $8, $8, 0, 0, 0, 0, conversation, conversation_index, "
			"$9, $8, $8,"
			" $8, $8"
			" FROM item" IN_RANGE },
	[MANY_COPY_SUMMARIES] = { "many_copy_summaries",
				  "INSERT INTO item_summary (mailbox_id, item_id, parser_version, summary, structure)"
				  " SELECT s.mailbox_id, n.copy_id, s.parser_version, s.summary, s.structure"
				  " FROM (SELECT item_id, $5 + " PLACE " AS copy_id FROM item" IN_RANGE ") AS n"
				  " JOIN item_summary s ON s.mailbox_id = $1 AND s.item_id = n.item_id" },
	[MANY_COPY_BLOBS] = { "many_copy_blobs",
			      "UPDATE blob SET refs = refs + (SELECT COUNT(*) FROM item i WHERE i.mailbox_id = $1"
			      " AND i.blob_id = blob.blob_id AND i.folder_id = $2 AND i.uid >= $3 AND i.uid <= $4)"
			      " WHERE mailbox_id = $1 AND blob_id IN (SELECT blob_id FROM item" IN_RANGE ")" },
	/* As item_gone.c puts them. */
	[MANY_GO] = { "many_go",
		      "INSERT INTO expunged (mailbox_id, folder_id, expunged_change, item_id, uid, created_change,"
		      " created_by, expunged_by, moved_by, moved_to_folder, imap_only, expunged_ms, flags)"
		      " SELECT mailbox_id, folder_id, $6, item_id, uid, created_change, created_by, 0, moved_by, $5, 0,"
		      " $7, flags FROM item" IN_RANGE " ON CONFLICT DO NOTHING" },
	[MANY_ARRIVE] = { "many_arrive",
			  "UPDATE item SET folder_id = $5, uid = n.new_uid, created_change = $7, modified_change = $7,"
			  " created_by = 0, modified_by = 0, moved_by = 0, saved_ms = $8"
			  " FROM (SELECT item_id, $6 + " PLACE " AS new_uid FROM item" IN_RANGE ") AS n"
			  " WHERE item.mailbox_id = $1 AND item.item_id = n.item_id" },
};
static_assert(countof(many_sql) == MANY_STMT_MAX_, "one text per statement");

/* Of those changed at or before `since`, with these flags under the mask. */
static enum err count(struct store_tx *tx, const struct item_range *r, uint64_t since, unsigned mask, unsigned flags,
		      int64_t *ret)
{
	return stmt_number(tx, &many_sql[MANY_COUNT], ARGS(r->folder, r->lo, r->hi, num(since), mask, flags), ret);
}

enum err item_count_range(struct store_tx *tx, const struct item_range *range, uint64_t *ret)
{
	int64_t n;

	TRY(count(tx, range, INT64_MAX, 0, 0, &n));
	*ret = (uint64_t)n;
	return ERR_OK;
}

/* ---- marks ---- */

/* By how much the folder's unread count will change. */
static enum err count_unread(struct store_tx *tx, const struct item_range_edit *e, int64_t *ret)
{
	bool sets = e->set & ITEM_SEEN;
	int64_t n = 0;

	if ((e->set | e->clear) & ITEM_SEEN)
		TRY(count(tx, &e->of, e->since, ITEM_SEEN, sets ? 0 : ITEM_SEEN, &n));
	*ret = sets ? -n : n;
	return ERR_OK;
}

static enum err write_range(struct store_tx *tx, const struct item_range_edit *e, uint64_t change)
{
	const unsigned kept = (ITEM_FLAGS_ALL & ~e->clear) | ITEM_TEXT;
	const bool flags_alone = !e->keywords && !e->verb;
	struct sql_stmt *st;

	TRY(stmt_open(tx, &many_sql[flags_alone ? MANY_FLAGS : MANY_MARKS],
		      ARGS(e->of.folder, e->of.lo, e->of.hi, num(e->since), kept, e->set & ITEM_FLAGS_ALL, num(change),
			   ITEM_SEEN, ITEM_FLAGGED),
		      &st));
	if (e->keywords)
		sql_bind_text(st, 11, *e->keywords);
	if (e->verb) {
		sql_bind_i64(st, 12, e->verb);
		sql_bind_i64(st, 13, e->verb_ms);
	}
	return sql_run(st);
}

enum err item_update_range(struct store_tx *tx, const struct item_range_edit *e, uint64_t *ret_n)
{
	int64_t unread, n;
	uint64_t change;

	if (e->keywords && e->keywords->n > ITEM_KEYWORDS_MAX)
		return ERR_LIMIT;
	TRY(count_unread(tx, e, &unread));
	TRY(store_change_number(tx, &change));
	TRY(write_range(tx, e, change));
	n = sql_changes(store_tx_db(tx));
	*ret_n = (uint64_t)n;
	return n ? folder_touch(tx, &(struct folder_touch){ .folder = e->of.folder,
							    .unread = (int)unread,
							    .author = STORE_NOBODY })
		 : ERR_OK;
}

/* ---- to another folder ---- */

struct arrival {
	uint64_t change;
	int64_t n, unread, bytes;
	uint32_t uid; /* of the first */
	int64_t now_ms;
};

static enum err sum_up(struct store_tx *tx, const struct item_range *from, struct arrival *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &many_sql[MANY_SUMS], ARGS(from->folder, from->lo, from->hi, ITEM_SEEN), &st));
	TRY(sql_one(st));
	ret->n = sql_i64(st, 0);
	ret->unread = sql_i64(st, 1);
	ret->bytes = sql_i64(st, 2);
	return ERR_OK;
}

/* n 0: nothing was taken. */
static enum err take_numbers(struct store_tx *tx, const struct item_range *from, int64_t to, struct arrival *ret)
{
	TRY(sum_up(tx, from, ret));
	if (ret->n == 0)
		return ERR_OK;
	TRY(folder_take_uids(tx, to, (uint64_t)ret->n, &ret->uid));
	ret->now_ms = clock_wall_ms(store_tx_clock(tx));
	return store_change_number(tx, &ret->change);
}

static enum err touch_target(struct store_tx *tx, int64_t to, const struct arrival *a)
{
	return folder_touch(tx, &(struct folder_touch){ to, (int)a->n, (int)a->unread, STORE_NOBODY, a->bytes });
}

static enum err copy(struct store_tx *tx, const struct item_range *from, int64_t to, const struct arrival *a)
{
	int64_t id;

	TRY(counter_items(tx, (uint64_t)a->n, &id));
	/* Before the copies are there, which may lie in the same folder. */
	TRY(stmt_run(tx, &many_sql[MANY_COPY_BLOBS], ARGS(from->folder, from->lo, from->hi)));
	TRY(stmt_run(tx, &many_sql[MANY_COPY_SUMMARIES], ARGS(from->folder, from->lo, from->hi, id)));
	TRY(stmt_run(tx, &many_sql[MANY_COPY],
		     ARGS(from->folder, from->lo, from->hi, to, id, a->uid, num(a->change), a->now_ms)));
	return touch_target(tx, to, a);
}

enum err item_copy_range(struct store_tx *tx, const struct item_range *from, int64_t to, uint32_t *ret_first,
			 uint64_t *ret_n)
{
	struct arrival a = { 0 };

	TRY(take_numbers(tx, from, to, &a));
	if (a.n)
		TRY(copy(tx, from, to, &a));
	*ret_first = a.uid;
	*ret_n = (uint64_t)a.n;
	return ERR_OK;
}

static enum err move(struct store_tx *tx, const struct item_range *from, int64_t to, const struct arrival *a)
{
	TRY(stmt_run(tx, &many_sql[MANY_GO], ARGS(from->folder, from->lo, from->hi, to, num(a->change), a->now_ms)));
	TRY(stmt_run(tx, &many_sql[MANY_ARRIVE],
		     ARGS(from->folder, from->lo, from->hi, to, a->uid, num(a->change), a->now_ms)));
	TRY(folder_touch(tx,
			 &(struct folder_touch){ from->folder, (int)-a->n, (int)-a->unread, STORE_NOBODY, -a->bytes }));
	return touch_target(tx, to, a);
}

enum err item_move_range(struct store_tx *tx, const struct item_range *from, int64_t to, uint32_t *ret_first,
			 uint64_t *ret_n)
{
	struct arrival a = { 0 };

	if (from->folder == to)
		return ERR_INVALID;
	TRY(take_numbers(tx, from, to, &a));
	if (a.n)
		TRY(move(tx, from, to, &a));
	*ret_first = a.uid;
	*ret_n = (uint64_t)a.n;
	return ERR_OK;
}
