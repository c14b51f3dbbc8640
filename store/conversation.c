#include <store/conversation.h>

#include <store/conversation_key.h>
#include <store/item_rows.h>
#include <store/rows.h>

#include <openssl/sha.h>

enum conversation_stmt {
	CONVERSATION_ANCESTOR,
	CONVERSATION_NOTE,
	CONVERSATION_SET,
	CONVERSATION_MISSING,
	CONVERSATION_ITEMS,
	CONVERSATION_ALWAYS_SET,
	CONVERSATION_ALWAYS,
	CONVERSATION_STMT_MAX_
};
#define IN_LIVE_FOLDER                                                                                   \
	" AND EXISTS (SELECT 1 FROM folder f WHERE f.mailbox_id = $1 AND f.folder_id = i.folder_id AND " \
	"f.deleted_change = 0)"
static const struct sql_def conversation_sql[] = {
	[CONVERSATION_ANCESTOR] = { "conversation_ancestor",
				    "SELECT conversation, conversation_index FROM thread"
				    " WHERE mailbox_id = $1 AND message_hash = $2 AND topic_hash = $3" },
	[CONVERSATION_NOTE] = { "conversation_note",
				"INSERT INTO thread (mailbox_id, message_hash, topic_hash, conversation,"
				" conversation_index) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING" },
	[CONVERSATION_SET] = { "conversation_set", "UPDATE item SET conversation = $3, conversation_index = $4"
						   " WHERE mailbox_id = $1 AND item_id = $2" },
	[CONVERSATION_MISSING] = { "conversation_missing",
				   "SELECT " ITEM_COLUMNS
				   " FROM item i WHERE i.mailbox_id = $1 AND i.conversation = x''"
				   " AND i.item_id > $2 AND i.blob_id > 0"
				   " AND EXISTS (SELECT 1 FROM folder f WHERE f.mailbox_id = $1"
				   " AND f.folder_id = i.folder_id AND f.deleted_change = 0 AND f.class = 1)"
				   " ORDER BY i.item_id LIMIT $3" },
	[CONVERSATION_ITEMS] = { "conversation_items",
				 "SELECT " ITEM_COLUMNS " FROM item i WHERE i.mailbox_id = $1"
				 " AND i.conversation = $2" IN_LIVE_FOLDER " ORDER BY i.item_id" },
	[CONVERSATION_ALWAYS_SET] = { "conversation_always_set",
				      "INSERT INTO conversation (mailbox_id, conversation, always_folder)"
				      " VALUES ($1, $2, $3) ON CONFLICT (mailbox_id, conversation)"
				      " DO UPDATE SET always_folder = excluded.always_folder" },
	[CONVERSATION_ALWAYS] = { "conversation_always",
				  "SELECT f.folder_id FROM conversation c JOIN folder f ON f.mailbox_id = c.mailbox_id"
				  " AND f.folder_id = c.always_folder AND f.deleted_change = 0"
				  " WHERE c.mailbox_id = $1 AND c.conversation = $2" },
};
static_assert(countof(conversation_sql) == CONVERSATION_STMT_MAX_, "one text per statement");

static struct str id_of(const struct conversation *c)
{
	return str_from(c->id, CONVERSATION_SIZE);
}

static struct str index_of(const struct conversation *c)
{
	return str_from(c->index, c->index_n);
}

/* ---- hashes ---- */

static int64_t hash_of(struct str text)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	uint64_t v = 0;

	SHA256((const unsigned char *)text.p, text.n, digest);
	for (size_t i = 0; i < sizeof(v); i++)
		v = v << 8 | digest[i];
	return (int64_t)(v & INT64_MAX);
}

static void derive_id(const struct conversation_facts *facts, struct conversation *c)
{
	unsigned char digest[2 * SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)facts->root.p, facts->root.n, digest);
	SHA256((const unsigned char *)facts->topic.p, facts->topic.n, digest + SHA256_DIGEST_LENGTH);
	SHA256(digest, sizeof(digest), digest);
	memcpy(c->id, digest, CONVERSATION_SIZE);
}

/* ---- joining ---- */

static enum err read_ancestor(struct store_tx *tx, int64_t message, int64_t topic, struct conversation *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct str id, index;

	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_ANCESTOR], ARGS(message, topic), &st));
	TRY(sql_one(st));
	id = sql_str(st, 0);
	index = sql_str(st, 1);
	if (id.n != CONVERSATION_SIZE || index.n > CONVERSATION_INDEX_MAX)
		return ERR_CORRUPT;
	memcpy(ret->id, id.p, id.n);
	if (index.n)
		memcpy(ret->index, index.p, index.n);
	ret->index_n = index.n;
	return ERR_OK;
}

static enum err find_ancestor(struct store_tx *tx, const struct conversation_facts *facts, struct conversation *ret)
{
	int64_t topic = hash_of(facts->topic);

	for (size_t i = 0; i < facts->ancestors_n; i++) {
		enum err e = read_ancestor(tx, hash_of(facts->ancestors[i]), topic, ret);

		if (e != ERR_NOT_FOUND)
			return e;
	}
	return ERR_NOT_FOUND;
}

/* Since 1601, in units of 100 ns. */
static uint64_t filetime(int64_t ms)
{
	const int64_t before_1970_ms = INT64_C(11644473600000);

	return ms < -before_1970_ms ? 0 : (uint64_t)(ms + before_1970_ms) * 10000;
}

/* MS-ASCON_R97, R308, R309: the five octets below the highest one of a FILETIME. */
static uint64_t header_time(const struct conversation *c)
{
	uint64_t t = 1;

	for (size_t i = 0; i < CONVERSATION_HEADER_SIZE; i++)
		t = t << 8 | c->index[i];
	return t << 16;
}

/*
 * MS-ASCON 2.2.2.4.2: how long after the first mail, in one of two scales, then random bits and a level that clients do
 * not look at: what orders siblings is the time. Here a digest of the mail, so that the same mail has the same index.
 */
static void put_level(struct conversation *c, const struct conversation_facts *facts)
{
	enum { FINE_SHIFT = 18, COARSE_SHIFT = 23 };
	uint64_t sent = filetime(facts->sent_ms), first = header_time(c), delta = sent > first ? sent - first : 0;
	bool coarse = delta >> (FINE_SHIFT + 31);
	uint32_t v = (uint32_t)(delta >> (coarse ? COARSE_SHIFT : FINE_SHIFT) & 0x7fffffff) | (uint32_t)coarse << 31;
	unsigned char *to = c->index + c->index_n;

	if (c->index_n + CONVERSATION_LEVEL_SIZE > CONVERSATION_INDEX_MAX || c->index_n < CONVERSATION_HEADER_SIZE)
		return;
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(v >> (24 - 8 * i));
	to[4] = (unsigned char)((uint64_t)hash_of(facts->own) & 0xf0);
	c->index_n += CONVERSATION_LEVEL_SIZE;
}

static void put_header(struct conversation *c, int64_t sent_ms)
{
	uint64_t t = filetime(sent_ms) >> 16;

	for (size_t i = 0; i < CONVERSATION_HEADER_SIZE; i++)
		c->index[i] = (unsigned char)(t >> (8 * (CONVERSATION_HEADER_SIZE - 1 - i)));
	c->index_n = CONVERSATION_HEADER_SIZE;
}

static enum err note(struct store_tx *tx, const struct conversation_facts *facts, const struct conversation *c)
{
	struct sql_stmt *st;

	if (facts->own.n == 0)
		return ERR_OK;
	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_NOTE], ARGS(hash_of(facts->own), hash_of(facts->topic)), &st));
	sql_bind_blob(st, 4, id_of(c));
	sql_bind_blob(st, 5, index_of(c));
	return sql_run(st);
}

enum err conversation_join(struct store_tx *tx, const struct conversation_facts *facts, struct conversation *ret)
{
	struct conversation c = { 0 };
	enum err e = find_ancestor(tx, facts, &c);

	if (e && e != ERR_NOT_FOUND)
		return e;
	if (facts->has_index) {
		if (e)
			memcpy(c.id, facts->own_index.id, sizeof(c.id));
		memcpy(c.index, facts->own_index.index, sizeof(c.index));
		c.index_n = facts->own_index.index_n;
	} else if (e) {
		derive_id(facts, &c);
		put_header(&c, facts->sent_ms);
	} else {
		put_level(&c, facts);
	}
	TRY(note(tx, facts, &c));
	*ret = c;
	return ERR_OK;
}

enum err conversation_set(struct store_tx *tx, int64_t item, const struct conversation *c)
{
	struct conversation_left left;
	struct sql_stmt *st;

	TRY(conversation_key_leaves(tx, item, &left));
	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_SET], ARGS(item), &st));
	sql_bind_blob(st, 3, id_of(c));
	sql_bind_blob(st, 4, index_of(c));
	TRY(sql_run(st));
	TRY(conversation_key_left(tx, &left));
	return conversation_key_came(tx, item);
}

/* ---- its mails ---- */

static enum err read_item(struct arena *a, const struct sql_stmt *st, struct item *ret)
{
	item_row_read(st, ret);
	return item_row_keep(a, ret);
}

ROWS_READER(read_items, struct item, read_item)

enum err conversation_missing(struct arena *a, struct store_tx *tx, int64_t after, size_t limit, struct item **ret,
			      size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_MISSING], ARGS(after, num(limit)), &st));
	return read_items(a, st, ret, ret_n);
}

enum err conversation_items(struct arena *a, struct store_tx *tx, struct str id, struct item **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	*ret_n = 0;
	if (id.n != CONVERSATION_SIZE)
		return ERR_OK;
	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_ITEMS], (struct stmt_args){ 0 }, &st));
	sql_bind_blob(st, 2, id);
	return read_items(a, st, ret, ret_n);
}

/* ---- what comes later ---- */

enum err conversation_always_set(struct store_tx *tx, struct str id, int64_t folder)
{
	struct sql_stmt *st;

	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_ALWAYS_SET], (struct stmt_args){ 0 }, &st));
	sql_bind_blob(st, 2, id);
	sql_bind_i64(st, 3, folder);
	return sql_run(st);
}

enum err conversation_always(struct store_tx *tx, struct str id, int64_t *ret_folder)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &conversation_sql[CONVERSATION_ALWAYS], (struct stmt_args){ 0 }, &st));
	sql_bind_blob(st, 2, id);
	TRY(sql_one(st));
	*ret_folder = sql_i64(st, 0);
	return ERR_OK;
}
