#include <store/account.h>

#include <base/utf8.h>
#include <store/address.h>
#include <store/folder.h>
#include <store/mailbox.h>
#include <store/rows.h>
#include <store/sql/sql.h>

#include <assert.h>

#define ACCOUNT_SELECT                                                                                              \
	"SELECT a.account_id, p.address, a.display_name, a.password, a.password_version, a.enabled, a.created_ms, " \
	"a.scram, a.kind, a.answers"                                                                                \
	" FROM account a JOIN address p ON p.account_id = a.account_id AND p.is_primary = 1"

enum account_stmt {
	ACCOUNT_INSERT,
	ACCOUNT_GET,
	ACCOUNT_LIST,
	ACCOUNT_SET_PASSWORD,
	ACCOUNT_SET_NAME,
	ACCOUNT_SET_ENABLED,
	ACCOUNT_SET_ANSWERS,
	ACCOUNT_STMT_MAX_
};
static const struct sql_def account_sql[] = {
	[ACCOUNT_INSERT] = { "account_insert", "INSERT INTO account (display_name, password, password_version, "
					       "enabled, created_ms, scram, kind)"
					       " VALUES ($1, $2, 1, 1, $3, $4, $5) RETURNING account_id" },
	[ACCOUNT_GET] = { "account_get", ACCOUNT_SELECT " WHERE a.account_id = $1" },
	[ACCOUNT_LIST] = { "account_list", ACCOUNT_SELECT " WHERE a.account_id > $1 ORDER BY a.account_id LIMIT $2" },
	[ACCOUNT_SET_PASSWORD] = { "account_set_password",
				   "UPDATE account SET password = $2, password_version = password_version + 1,"
				   " scram = '' WHERE account_id = $1" },
	[ACCOUNT_SET_NAME] = { "account_set_name", "UPDATE account SET display_name = $2 WHERE account_id = $1" },
	[ACCOUNT_SET_ENABLED] = { "account_set_enabled",
				  "UPDATE account SET enabled = $2, password_version = password_version + 1"
				  " WHERE account_id = $1" },
	[ACCOUNT_SET_ANSWERS] = { "account_set_answers",
				  "UPDATE account SET answers = $2 WHERE account_id = $1 AND kind <> 0" },
};
static_assert(countof(account_sql) == ACCOUNT_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum account_stmt which, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	return sql_use(store_tx_db(tx), &account_sql[which], ret);
}

enum err account_changed(struct store_tx *tx)
{
	uint64_t unused;

	TRY(store_change_number(tx, &unused));
	store_touched(tx, 0, STORE_NOBODY);
	return ERR_OK;
}

static enum err check_text(struct str s, size_t max)
{
	if (s.n > max)
		return ERR_LIMIT;
	return utf8_valid(s) && str_index(s, '\0') == s.n ? ERR_OK : ERR_INVALID;
}

static enum err insert(struct store_tx *tx, const struct account_new *a, int64_t *ret_id)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ACCOUNT_INSERT, &st));
	sql_bind_text(st, 1, a->name);
	sql_bind_text(st, 2, a->password);
	sql_bind_i64(st, 3, clock_wall_ms(store_tx_clock(tx)));
	sql_bind_text(st, 4, a->scram);
	sql_bind_i64(st, 5, a->kind);
	TRY(sql_one(st));
	*ret_id = sql_i64(st, 0);
	return ERR_OK;
}

static enum err make_folders(struct store *s, int64_t mailbox)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(folder_make_defaults(tx));
	return store_commit(&tx);
}

enum err account_add(struct store_tx *tx, const struct account_new *a, int64_t *ret_id)
{
	struct address address;
	int64_t owner, id;

	TRY(address_parse(a->address, &address));
	TRY(check_text(a->name, ACCOUNT_NAME_MAX));
	TRY(check_text(a->password, ACCOUNT_PASSWORD_MAX));
	TRY(check_text(a->scram, ACCOUNT_SCRAM_MAX));
	enum err e = address_owner(tx, &address, &owner);
	if (e != ERR_NOT_FOUND)
		return e ? e : ERR_EXISTS;
	TRY(insert(tx, a, &id));
	TRY(address_insert(tx, id, &address, true));
	TRY(account_changed(tx));
	/* The directory's write lock is held: nobody else has this id, and the row commits after the files. */
	TRY(store_mailbox_create(store_tx_store(tx), id));
	TRY(make_folders(store_tx_store(tx), id));
	*ret_id = id;
	return ERR_OK;
}

static enum err read_account(struct arena *a, const struct sql_stmt *st, struct account *ret)
{
	int64_t kind = sql_i64(st, 8), answers = sql_i64(st, 9);

	if (kind < 0 || kind >= ACCOUNT_KIND_MAX_ || answers < 0 || answers >= ACCOUNT_ANSWERS_MAX_)
		return ERR_CORRUPT;
	*ret = (struct account){
		.id = sql_i64(st, 0),
		.mailbox = sql_i64(st, 0),
		.password_version = sql_u64(st, 4),
		.enabled = sql_i64(st, 5) != 0,
		.kind = (enum account_kind)kind,
		.answers = (enum account_answers)answers,
		.created_ms = sql_i64(st, 6),
	};
	TRY(arena_str(a, sql_str(st, 1), &ret->address));
	TRY(arena_str(a, sql_str(st, 2), &ret->name));
	TRY(arena_str(a, sql_str(st, 7), &ret->scram));
	return arena_str(a, sql_str(st, 3), &ret->password);
}

enum err account_get(struct arena *a, struct store_tx *tx, int64_t id, struct account *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ACCOUNT_GET, &st));
	sql_bind_i64(st, 1, id);
	TRY(sql_one(st));
	return read_account(a, st, ret);
}

enum err account_find(struct arena *a, struct store_tx *tx, struct str address, struct account *ret)
{
	struct address parsed;
	int64_t id;

	if (address_parse(address, &parsed) != ERR_OK)
		return ERR_NOT_FOUND; /* what cannot be an address is nobody's */
	TRY(address_owner(tx, &parsed, &id));
	return account_get(a, tx, id, ret);
}

ROWS_READER(read_accounts, struct account, read_account)

enum err account_list(struct arena *a, struct store_tx *tx, int64_t after, size_t limit, struct account **ret,
		      size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ACCOUNT_LIST, &st));
	sql_bind_i64(st, 1, after);
	sql_bind_u64(st, 2, limit);
	return read_accounts(a, st, ret, ret_n);
}

/* Runs an UPDATE whose $1 is the account, with $2 bound already. */
static enum err update(struct store_tx *tx, struct sql_stmt *st, int64_t id)
{
	sql_bind_i64(st, 1, id);
	TRY(sql_run(st));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_NOT_FOUND;
	return account_changed(tx);
}

enum err account_set_password(struct store_tx *tx, int64_t id, struct str password)
{
	struct sql_stmt *st;

	TRY(check_text(password, ACCOUNT_PASSWORD_MAX));
	TRY(use(tx, ACCOUNT_SET_PASSWORD, &st));
	sql_bind_text(st, 2, password);
	return update(tx, st, id);
}

enum err account_set_name(struct store_tx *tx, int64_t id, struct str name)
{
	struct sql_stmt *st;

	TRY(check_text(name, ACCOUNT_NAME_MAX));
	TRY(use(tx, ACCOUNT_SET_NAME, &st));
	sql_bind_text(st, 2, name);
	return update(tx, st, id);
}

enum err account_set_enabled(struct store_tx *tx, int64_t id, bool enabled)
{
	struct sql_stmt *st;

	TRY(use(tx, ACCOUNT_SET_ENABLED, &st));
	sql_bind_i64(st, 2, enabled);
	return update(tx, st, id);
}

enum err account_set_answers(struct store_tx *tx, int64_t id, enum account_answers answers)
{
	struct sql_stmt *st;

	TRY(use(tx, ACCOUNT_SET_ANSWERS, &st));
	sql_bind_i64(st, 2, answers);
	enum err e = update(tx, st, id);
	return e == ERR_NOT_FOUND ? ERR_DENIED : e;
}
