#include <store/auth_log.h>

#include <base/utf8.h>
#include <store/rows.h>
#include <store/stmt.h>

#define LOG_COLUMNS "entry_id, first_ms, last_ms, attempts, account_id, login, service, peer, result, credential"

enum log_stmt { LOG_MERGE, LOG_INSERT, LOG_TRIM, LOG_LIST, LOG_LIST_ALL, LOG_STMT_MAX_ };
static const struct sql_def log_sql[] = {
	[LOG_MERGE] = { "auth_log_merge",
			"UPDATE auth_log SET last_ms = $2, attempts = attempts + $3 WHERE entry_id ="
			" (SELECT entry_id FROM auth_log WHERE login = $7 AND peer = $8 AND service = $5 AND result = "
			"$6"
			" AND last_ms >= $1 AND account_id = $4 AND credential = $9 ORDER BY last_ms DESC LIMIT 1)" },
	[LOG_INSERT] = { "auth_log_insert",
			 "INSERT INTO auth_log (first_ms, last_ms, attempts, account_id, service, result, login, peer,"
			 " credential) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" },
	[LOG_TRIM] = { "auth_log_trim",
		       "DELETE FROM auth_log WHERE entry_id <= (SELECT MAX(entry_id) FROM auth_log) - $1" },
	[LOG_LIST] = { "auth_log_list",
		       "SELECT " LOG_COLUMNS " FROM auth_log WHERE account_id = $1 ORDER BY last_ms DESC LIMIT $2" },
	[LOG_LIST_ALL] = { "auth_log_list_all",
			   "SELECT " LOG_COLUMNS " FROM auth_log WHERE $1 = 0 ORDER BY last_ms DESC LIMIT $2" },
};
static_assert(countof(log_sql) == LOG_STMT_MAX_, "one text per statement");

const char *auth_log_result_text(enum auth_log_result result)
{
	static const char *const texts[] = { [AUTH_LOG_GOOD] = "logged in",
					     [AUTH_LOG_DENIED] = "denied",
					     [AUTH_LOG_REFUSED] = "refused",
					     [AUTH_LOG_THROTTLED] = "throttled" };
	static_assert(countof(texts) == AUTH_LOG_RESULT_MAX_, "a text for each");

	return texts[result];
}

/* U+FFFD in the place of each octet. */
enum { MENDED_MAX = 3 * AUTH_LOG_TEXT_MAX + 16 };

/* As they are kept. */
struct texts {
	struct buf login, peer, credential;
};

static void texts_release(struct texts *t)
{
	buf_release(&t->login);
	buf_release(&t->peer);
	buf_release(&t->credential);
}

static struct buf mended(struct str text)
{
	struct buf b = BUF_INIT(MENDED_MAX);

	utf8_put_xml_safe(&b, str_slice(text, 0, text.n < AUTH_LOG_TEXT_MAX ? text.n : AUTH_LOG_TEXT_MAX));
	return b;
}

static struct str shown(const struct buf *b)
{
	return b->n ? buf_view(b) : S("");
}

static enum err put(struct store_tx *tx, enum log_stmt which, int64_t first_ms, const struct auth_log_entry *e,
		    const struct texts *t)
{
	struct sql_stmt *st;

	TRY(directory_open(tx, &log_sql[which],
			   ARGS(first_ms, e->last_ms, num(e->attempts), e->account, e->service, e->result), &st));
	sql_bind_text(st, 7, shown(&t->login));
	sql_bind_text(st, 8, shown(&t->peer));
	sql_bind_text(st, 9, shown(&t->credential));
	return sql_run(st);
}

static enum err add(struct store_tx *tx, const struct auth_log_entry *e)
{
	CLEANUP(texts_release)
	struct texts t = { mended(e->login), mended(e->peer), mended(e->credential) };

	TRY(put(tx, LOG_MERGE, e->first_ms - AUTH_LOG_ALIKE_MS, e, &t));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : put(tx, LOG_INSERT, e->first_ms, e, &t);
}

enum err auth_log_add(struct store_tx *tx, const struct auth_log_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		TRY(add(tx, &entries[i]));
	return directory_run(tx, &log_sql[LOG_TRIM], ARGS(AUTH_LOG_ROWS));
}

static enum err read_entry(struct arena *a, const struct sql_stmt *st, struct auth_log_entry *ret)
{
	ret->id = sql_i64(st, 0);
	ret->first_ms = sql_i64(st, 1);
	ret->last_ms = sql_i64(st, 2);
	ret->attempts = sql_u64(st, 3);
	ret->account = sql_i64(st, 4);
	ret->service = (enum service)sql_i64(st, 6);
	ret->result = (enum auth_log_result)sql_i64(st, 8);
	if (ret->service >= SERVICE_MAX_ || ret->result >= AUTH_LOG_RESULT_MAX_)
		return ERR_CORRUPT;
	TRY(arena_str(a, sql_str(st, 5), &ret->login));
	TRY(arena_str(a, sql_str(st, 7), &ret->peer));
	return arena_str(a, sql_str(st, 9), &ret->credential);
}

ROWS_READER(read_entries, struct auth_log_entry, read_entry)

enum err auth_log_list(struct arena *a, struct store_tx *tx, int64_t account, size_t limit, struct auth_log_entry **ret,
		       size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &log_sql[account ? LOG_LIST : LOG_LIST_ALL], ARGS(account, num(limit)), &st));
	return read_entries(a, st, ret, ret_n);
}
