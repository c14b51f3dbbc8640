#include <store/text_held.h>

#include <store/feed.h>
#include <store/sql/sql.h>

#include <assert.h>

/*
 * Of every generation: what was told up to w, and in the open round; and what the device has made itself. A device has
 * handed that over where its filter is to hold none and its edge is above all texts: it holds none. One that was to be
 * told so, and has not been, still has it.
 */
#define HELD_BY(device, since)                                                                           \
	"EXISTS (SELECT 1 FROM sync_line l JOIN sync_generation g ON g.mailbox_id = l.mailbox_id"        \
	" AND g.device_id = l.device_id AND g.folder_id = l.folder_id"                                   \
	" WHERE l.mailbox_id = i.mailbox_id AND l.folder_id = i.folder_id AND l.device_id = " device     \
	" AND l.seen_ms >= " since " AND (((i.created_change <= g.w OR i.created_change <= g.round_end)" \
	" AND (CASE WHEN g.kept_by = 1 THEN i.conversation_key ELSE i.key END, i.item_id)"               \
	" >= (g.text_low_key, g.text_low_id)) OR (i.created_by = l.device_id AND (g.text_filter <> -2"   \
	" OR (g.text_low_key, g.text_low_id) < (9223372036854775807, 9223372036854775807)))))"

/* An Add whose answer it may not have, and which it has not said again: it has the text, and does not know that it is here. */
#define LEFT_BY(device, since)                                                                          \
	"EXISTS (SELECT 1 FROM sync_result r JOIN sync_line l ON l.mailbox_id = r.mailbox_id"           \
	" AND l.device_id = r.device_id AND l.folder_id = r.folder_id"                                  \
	" WHERE r.mailbox_id = i.mailbox_id AND r.device_id = " device " AND r.folder_id = i.folder_id" \
	" AND r.orphan = 1 AND r.result_item = i.item_id AND l.seen_ms >= " since ")"

static const struct sql_def text_held_sql = {
	"text_held",
	"SELECT 1 FROM item i WHERE i.mailbox_id = $1 AND i.folder_id = $2 AND (i.flags & 64) > 0"
	" AND (" HELD_BY("$3", "$4") " OR ($6 = 1 AND " LEFT_BY("$3", "$4") ")) AND NOT " HELD_BY("$5", "0") " LIMIT 1",
};
static_assert(ITEM_TEXT == 64 && FEED_FILTER_NONE == -2, "as the statement has it");

enum err text_held(struct store_tx *tx, int64_t folder, int64_t device, int64_t me, bool sends, int64_t since_ms,
		   bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(sql_use(store_tx_db(tx), &text_held_sql, &st));
	sql_bind_i64(st, 1, store_tx_mailbox(tx));
	sql_bind_i64(st, 2, folder);
	sql_bind_i64(st, 3, device);
	sql_bind_i64(st, 4, since_ms);
	sql_bind_i64(st, 5, me);
	sql_bind_i64(st, 6, sends);
	return sql_step(st, ret);
}
