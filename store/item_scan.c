/* Walks of folders. */
#include <store/item_scan.h>

#include <store/stmt.h>

#define SCAN_UIDS "i.uid, i.flags"
#define SCAN_FLAGS SCAN_UIDS ", i.keywords, i.modified_change"
#define SCAN_COLUMNS SCAN_FLAGS ", i.item_id, i.received_ms, i.blob_id, i.size, i.conversation, i.saved_ms"
#define SCAN_RANGE                                                                                              \
	" WHERE i.mailbox_id = $1 AND i.folder_id = $2 AND i.uid >= $3 AND i.uid <= $4 AND (i.flags & $5) = $6" \
	" ORDER BY i.uid"
#define JOIN_SUMMARY " LEFT JOIN item_summary s ON s.mailbox_id = i.mailbox_id AND s.item_id = i.item_id"
#define JOIN_BODY " LEFT JOIN blob_body b ON b.mailbox_id = i.mailbox_id AND b.blob_id = i.blob_id"

static const struct sql_def scan_sql[] = {
	[ITEM_SCAN_UIDS] = { "scan_uids", "SELECT " SCAN_UIDS " FROM item i" SCAN_RANGE },
	[ITEM_SCAN_FLAGS] = { "scan_flags", "SELECT " SCAN_FLAGS " FROM item i" SCAN_RANGE },
	[ITEM_SCAN_ROWS] = { "scan_rows", "SELECT " SCAN_COLUMNS " FROM item i" SCAN_RANGE },
	[ITEM_SCAN_SHAPES] = { "scan_shapes",
			       "SELECT " SCAN_COLUMNS ", h.version, h.envelope, h.structure, h.fields FROM item i"
			       " LEFT JOIN blob_shape h ON h.mailbox_id = i.mailbox_id"
			       " AND h.blob_id = i.blob_id" SCAN_RANGE },
	[ITEM_SCAN_SUMMARIES] = { "scan_summaries",
				  "SELECT " SCAN_COLUMNS
				  ", s.parser_version, s.summary FROM item i" JOIN_SUMMARY SCAN_RANGE },
	[ITEM_SCAN_OCTETS] = { "scan_octets", "SELECT " SCAN_COLUMNS ", b.octets FROM item i" JOIN_BODY SCAN_RANGE },
	[ITEM_SCAN_MESSAGES] = { "scan_messages",
				 "SELECT " SCAN_COLUMNS ", b.octets, s.parser_version, s.summary, s.structure"
				 " FROM item i" JOIN_SUMMARY JOIN_BODY SCAN_RANGE },
};
_Static_assert(countof(scan_sql) == ITEM_SCAN_WITH_MAX_, "one text per walk");

enum { COLUMN_BESIDE = 10 }; /* behind those of the item */

/*
 * Reading ahead pays where a walk goes through most of what it asks for. The rows of a folder lie together. What lies beside
 * them lies in the order in which all mails of the mailbox came: a folder that has every eighth of them is on nearly every
 * second page.
 */
enum { AHEAD_ROWS_MIN = 64, AHEAD_SHARE = 8 };

static const struct sql_def totals_sql = { "scan_totals",
					   "SELECT coalesce(sum(CASE WHEN folder_id = $2 THEN total END), 0),"
					   " coalesce(sum(total), 0) FROM folder WHERE mailbox_id = $1" };

/* Few mails are deleted; what else a mask picks may be one of thousands. */
static bool picks_most(const struct item_scan_range *range)
{
	return (range->mask & ~(unsigned)ITEM_DELETED) == 0 && !(range->flags & range->mask);
}

static enum err read_ahead(struct store_tx *tx, const struct item_scan_range *range, struct sql_stmt *walk)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	uint64_t rows = range->hi >= range->lo ? (uint64_t)range->hi - range->lo + 1 : 0;

	if (rows < AHEAD_ROWS_MIN)
		return ERR_OK;
	TRY(stmt_open(tx, &totals_sql, ARGS(range->folder), &st));
	TRY(sql_one(st));
	if (rows > sql_u64(st, 0))
		rows = sql_u64(st, 0);
	if (rows >= AHEAD_ROWS_MIN)
		sql_read_ahead(walk, picks_most(range) && rows * AHEAD_SHARE >= sql_u64(st, 1)
					     ? SQL_TREES_INDEX | SQL_TREES_TABLE
					     : SQL_TREES_INDEX);
	return ERR_OK;
}

enum err item_scan_open(struct store_tx *tx, enum item_scan_with with, const struct item_scan_range *range,
			struct item_scan *ret)
{
	ret->with = with;
	ret->folder = range->folder;
	TRY(stmt_open(tx, &scan_sql[with],
		      ARGS(range->folder, range->lo, range->hi, range->mask, range->flags & range->mask), &ret->st));
	return read_ahead(tx, range, ret->st);
}

void item_scan_close(struct item_scan *s)
{
	sql_done(&s->st);
	s->st = NULL;
}

enum err item_scan_next(struct item_scan *s, struct item *ret, bool *row)
{
	const struct sql_stmt *st = s->st;

	TRY(sql_step(s->st, row));
	if (!*row)
		return ERR_OK;
	*ret = (struct item){ .folder = s->folder, .uid = (uint32_t)sql_i64(st, 0), .flags = (unsigned)sql_i64(st, 1) };
	if (s->with == ITEM_SCAN_UIDS)
		return ERR_OK;
	ret->keywords = sql_str(st, 2);
	ret->modified = sql_u64(st, 3);
	if (s->with == ITEM_SCAN_FLAGS)
		return ERR_OK;
	ret->id = sql_i64(st, 4);
	ret->received_ms = sql_i64(st, 5);
	ret->blob = sql_i64(st, 6);
	ret->size = sql_u64(st, 7);
	ret->conversation = sql_str(st, 8);
	ret->saved_ms = sql_i64(st, 9);
	return ERR_OK;
}

bool item_scan_shape(const struct item_scan *s, struct blob_shape *ret)
{
	if (s->with != ITEM_SCAN_SHAPES || sql_is_null(s->st, COLUMN_BESIDE))
		return false;
	*ret = (struct blob_shape){ .version = (int)sql_i64(s->st, COLUMN_BESIDE),
				    .envelope = sql_str(s->st, COLUMN_BESIDE + 1),
				    .structure = sql_str(s->st, COLUMN_BESIDE + 2) };
	if (!sql_is_null(s->st, COLUMN_BESIDE + 3))
		ret->fields = sql_str(s->st, COLUMN_BESIDE + 3);
	return true;
}

bool item_scan_summary(const struct item_scan *s, struct item_summary *ret)
{
	int at = COLUMN_BESIDE + (s->with == ITEM_SCAN_MESSAGES);

	if ((s->with != ITEM_SCAN_SUMMARIES && s->with != ITEM_SCAN_MESSAGES) || sql_is_null(s->st, at))
		return false;
	*ret = (struct item_summary){ .parser_version = (int)sql_i64(s->st, at), .summary = sql_str(s->st, at + 1) };
	if (s->with == ITEM_SCAN_MESSAGES)
		ret->structure = sql_str(s->st, at + 2);
	return true;
}

bool item_scan_octets(const struct item_scan *s, struct str *ret)
{
	if ((s->with != ITEM_SCAN_OCTETS && s->with != ITEM_SCAN_MESSAGES) || sql_is_null(s->st, COLUMN_BESIDE))
		return false;
	*ret = sql_str(s->st, COLUMN_BESIDE);
	return true;
}
