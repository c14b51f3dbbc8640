#include <store/conversation_key.h>

#include <store/folder_rows.h>
#include <store/stmt.h>

enum key_stmt {
	KEYS_BEGIN,
	KEYS_OF_FOLDER,
	KEYS_KEPT,
	KEY_ITEM,
	KEY_MAX,
	KEY_NOTE,
	KEY_PUT,
	KEY_NOTE_ITEM,
	KEY_PUT_ITEM,
	KEY_STMT_MAX_
};
/* $2 folder, $3 the key as it is to be, $4 the change number, $5 the time, $6 the conversation or the item. */
#define OLD_KEYS                                                                                           \
	"INSERT INTO regrouped (mailbox_id, folder_id, change, item_id, old_key, rekeyed_ms)"              \
	" SELECT mailbox_id, folder_id, $4, item_id, conversation_key, $5 FROM item WHERE mailbox_id = $1" \
	" AND folder_id = $2 AND conversation_key <> $3 AND created_change <> $4" /* nobody has seen those */
static const struct sql_def key_sql[] = {
	[KEYS_BEGIN] = { "keys_begin", "UPDATE folder SET conversation_keys = 1"
				       " WHERE mailbox_id = $1 AND folder_id = $2 AND conversation_keys = 0" },
	[KEYS_OF_FOLDER] = { "keys_of_folder",
			     "UPDATE item SET conversation_key ="
			     " CASE WHEN item.conversation = x'' THEN item.key ELSE newest.key END"
			     " FROM (SELECT j.conversation, MAX(j.key) AS key FROM item j WHERE j.mailbox_id = $1"
			     " AND j.folder_id = $2 GROUP BY j.conversation) AS newest"
			     " WHERE item.mailbox_id = $1 AND item.folder_id = $2"
			     " AND newest.conversation = item.conversation" },
	[KEYS_KEPT] = { "keys_kept", "SELECT conversation_keys FROM folder WHERE mailbox_id = $1 AND folder_id = $2" },
	[KEY_ITEM] = { "key_item", "SELECT f.conversation_keys, i.folder_id, i.key, i.conversation FROM item i"
				   " JOIN folder f ON f.mailbox_id = i.mailbox_id AND f.folder_id = i.folder_id"
				   " WHERE i.mailbox_id = $1 AND i.item_id = $2" },
	[KEY_MAX] = { "key_max", "SELECT MAX(key) FROM item WHERE mailbox_id = $1 AND folder_id = $2"
				 " AND conversation = $3" },
	[KEY_NOTE] = { "key_note", OLD_KEYS " AND conversation = $6 ON CONFLICT DO NOTHING" },
	[KEY_PUT] = { "key_put", "UPDATE item SET conversation_key = $3 WHERE mailbox_id = $1 AND folder_id = $2"
				 " AND conversation_key IS DISTINCT FROM $3 AND conversation = $4" },
	[KEY_NOTE_ITEM] = { "key_note_item", OLD_KEYS " AND item_id = $6 ON CONFLICT DO NOTHING" },
	[KEY_PUT_ITEM] = { "key_put_item", "UPDATE item SET conversation_key = $3 WHERE mailbox_id = $1"
					   " AND folder_id = $2 AND item_id = $4" },
};
static_assert(countof(key_sql) == KEY_STMT_MAX_, "one text per statement");

enum err conversation_keys_begin(struct store_tx *tx, int64_t folder)
{
	TRY(stmt_run(tx, &key_sql[KEYS_BEGIN], ARGS(folder)));
	return sql_changes(store_tx_db(tx)) ? stmt_run(tx, &key_sql[KEYS_OF_FOLDER], ARGS(folder)) : ERR_OK;
}

enum err conversation_keys_kept(struct store_tx *tx, int64_t folder, bool *ret)
{
	int64_t kept;

	TRY(stmt_number(tx, &key_sql[KEYS_KEPT], ARGS(folder), &kept));
	*ret = kept != 0;
	return ERR_OK;
}

/* An item's place among the keys. */
struct place {
	bool kept;
	int64_t folder, item, key;
	bool alone; /* in no conversation */
	unsigned char id[CONVERSATION_SIZE];
};

static enum err place_read(struct store_tx *tx, int64_t item, struct place *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct str id;

	TRY(stmt_open(tx, &key_sql[KEY_ITEM], ARGS(item), &st));
	TRY(sql_one(st));
	id = sql_str(st, 3);
	*ret = (struct place){ .kept = sql_i64(st, 0) != 0,
			       .folder = sql_i64(st, 1),
			       .item = item,
			       .key = sql_i64(st, 2),
			       .alone = id.n != CONVERSATION_SIZE };
	if (!ret->alone)
		memcpy(ret->id, id.p, id.n);
	return ERR_OK;
}

/* The newest key of the conversation there. ERR_NOT_FOUND: none of its mails is. */
static enum err newest(struct store_tx *tx, const struct place *p, int64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &key_sql[KEY_MAX], ARGS(p->folder), &st));
	sql_bind_blob(st, 3, str_from(p->id, sizeof(p->id)));
	TRY(sql_one(st));
	if (sql_is_null(st, 0))
		return ERR_NOT_FOUND;
	*ret = sql_i64(st, 0);
	return ERR_OK;
}

/* What changes of the keys that were seen is noted first; then the folder has changed. */
static enum err note(struct store_tx *tx, const struct place *p)
{
	struct sql_stmt *st;
	uint64_t number;

	TRY(store_change_number(tx, &number));
	TRY(stmt_open(tx, &key_sql[p->alone ? KEY_NOTE_ITEM : KEY_NOTE],
		      ARGS(p->folder, p->key, num(number), clock_wall_ms(store_tx_clock(tx))), &st));
	if (p->alone)
		sql_bind_i64(st, 6, p->item);
	else
		sql_bind_blob(st, 6, str_from(p->id, sizeof(p->id)));
	TRY(sql_run(st));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_OK;
	return folder_touch(tx, &(struct folder_touch){ .folder = p->folder, .author = STORE_NOBODY });
}

static enum err put(struct store_tx *tx, const struct place *p)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &key_sql[p->alone ? KEY_PUT_ITEM : KEY_PUT], ARGS(p->folder, p->key), &st));
	if (p->alone)
		sql_bind_i64(st, 4, p->item);
	else
		sql_bind_blob(st, 4, str_from(p->id, sizeof(p->id)));
	return sql_run(st);
}

/* All mails of the conversation get the newest one's key. */
static enum err settle(struct store_tx *tx, struct place *p)
{
	if (!p->alone) {
		enum err e = newest(tx, p, &p->key);

		if (e)
			return e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	TRY(note(tx, p));
	return put(tx, p);
}

enum err conversation_key_came(struct store_tx *tx, int64_t item)
{
	struct place p;

	TRY(place_read(tx, item, &p));
	return p.kept ? settle(tx, &p) : ERR_OK;
}

enum err conversation_key_leaves(struct store_tx *tx, int64_t item, struct conversation_left *ret)
{
	struct place p;

	TRY(place_read(tx, item, &p));
	*ret = (struct conversation_left){ .folder = p.kept && !p.alone ? p.folder : 0 };
	memcpy(ret->id, p.id, sizeof(ret->id));
	return ERR_OK;
}

enum err conversation_key_left(struct store_tx *tx, const struct conversation_left *left)
{
	struct place p = { .folder = left->folder };

	if (left->folder == 0)
		return ERR_OK;
	memcpy(p.id, left->id, sizeof(p.id));
	return settle(tx, &p);
}
