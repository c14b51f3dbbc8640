/* Changes with what is kept of passwords for single programs. */
#include <store/app_password.h>

#include <base/utf8.h>
#include <store/address.h>
#include <store/device.h>
#include <store/rows.h>
#include <store/stmt.h>

#define APP_COLUMNS "app_id, name, services, device_id, created_ms, used_ms, used_service, used_peer"

enum app_stmt {
	APP_COUNT,
	APP_NAMED,
	APP_INSERT,
	APP_DELETE,
	APP_LIST,
	APP_FIND,
	APP_GET,
	APP_USED,
	APP_DROP_ALL,
	APP_STMT_MAX_
};
static const struct sql_def app_sql[] = {
	[APP_COUNT] = { "app_password_count", "SELECT COUNT(*) FROM app_password WHERE account_id = $1" },
	[APP_NAMED] = { "app_password_named", "SELECT 1 FROM app_password WHERE account_id = $1 AND name = $2" },
	[APP_INSERT] = { "app_password_insert",
			 "INSERT INTO app_password (account_id, services, created_ms, name, digest, device_id,"
			 " used_ms, used_service, used_peer) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '')" },
	[APP_DELETE] = { "app_password_delete", "DELETE FROM app_password WHERE account_id = $1 AND name = $2" },
	[APP_LIST] = { "app_password_list",
		       "SELECT " APP_COLUMNS " FROM app_password WHERE account_id = $1 ORDER BY name" },
	[APP_FIND] = { "app_password_find",
		       "SELECT " APP_COLUMNS " FROM app_password WHERE account_id = $1 AND digest = $2" },
	[APP_GET] = { "app_password_exists", "SELECT COUNT(*) FROM app_password WHERE app_id = $1" },
	[APP_USED] = { "app_password_used",
		       "UPDATE app_password SET used_service = $2, used_ms = $3, used_peer = $4 WHERE app_id = $1" },
	[APP_DROP_ALL] = { "app_password_drop_all", "DELETE FROM app_password WHERE account_id = $1" },
};
static_assert(countof(app_sql) == APP_STMT_MAX_, "one text per statement");

static bool name_valid(struct str name)
{
	if (name.n == 0 || !utf8_is_xml(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
			return false;
	return true;
}

static enum err check(const struct app_password *p)
{
	if (!name_valid(p->name) || p->services == 0 || (p->device_id.n && !device_id_valid(p->device_id)))
		return ERR_INVALID;
	return p->name.n > APP_PASSWORD_NAME_MAX ? ERR_LIMIT : ERR_OK;
}

static enum err check_room(struct store_tx *tx, int64_t account, struct str name)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	int64_t n;
	bool row;

	TRY(directory_number(tx, &app_sql[APP_COUNT], ARGS(account), &n));
	if (n >= APP_PASSWORDS_MAX)
		return ERR_LIMIT;
	TRY(directory_open(tx, &app_sql[APP_NAMED], ARGS(account), &st));
	sql_bind_text(st, 2, name);
	TRY(sql_step(st, &row));
	return row ? ERR_EXISTS : ERR_OK;
}

static struct str digest_of(const unsigned char digest[APP_PASSWORD_DIGEST_SIZE])
{
	return str_from(digest, APP_PASSWORD_DIGEST_SIZE);
}

enum err app_password_add(struct store_tx *tx, int64_t account, const struct app_password *p,
			  const unsigned char digest[APP_PASSWORD_DIGEST_SIZE])
{
	int64_t now_ms = clock_wall_ms(store_tx_clock(tx));
	struct sql_stmt *st;

	TRY(check(p));
	TRY(check_room(tx, account, p->name));
	TRY(directory_open(tx, &app_sql[APP_INSERT], ARGS(account, p->services, now_ms), &st));
	sql_bind_text(st, 4, p->name);
	sql_bind_blob(st, 5, digest_of(digest));
	sql_bind_text(st, 6, p->device_id.n ? p->device_id : S(""));
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err app_password_remove(struct store_tx *tx, int64_t account, struct str name)
{
	struct sql_stmt *st;

	if (!name_valid(name))
		return ERR_NOT_FOUND;
	TRY(directory_open(tx, &app_sql[APP_DELETE], ARGS(account), &st));
	sql_bind_text(st, 2, name);
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

static enum err read_app(struct arena *a, const struct sql_stmt *st, struct app_password *ret)
{
	ret->id = sql_i64(st, 0);
	ret->services = (unsigned)sql_i64(st, 2) & SERVICES_ALL;
	ret->created_ms = sql_i64(st, 4);
	ret->used_ms = sql_i64(st, 5);
	ret->used_service = (enum service)sql_i64(st, 6);
	if (ret->used_service >= SERVICE_MAX_)
		return ERR_CORRUPT;
	TRY(arena_str(a, sql_str(st, 1), &ret->name));
	TRY(arena_str(a, sql_str(st, 3), &ret->device_id));
	return arena_str(a, sql_str(st, 7), &ret->used_peer);
}

ROWS_READER(read_apps, struct app_password, read_app)

enum err app_password_list(struct arena *a, struct store_tx *tx, int64_t account, struct app_password **ret,
			   size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &app_sql[APP_LIST], ARGS(account), &st));
	return read_apps(a, st, ret, ret_n);
}

enum err app_password_find(struct arena *a, struct store_tx *tx, int64_t account,
			   const unsigned char digest[APP_PASSWORD_DIGEST_SIZE], struct app_password *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &app_sql[APP_FIND], ARGS(account), &st));
	sql_bind_blob(st, 2, digest_of(digest));
	TRY(sql_one(st));
	return read_app(a, st, ret);
}

enum err app_password_exists(struct store_tx *tx, int64_t id, bool *ret)
{
	int64_t n;

	TRY(directory_number(tx, &app_sql[APP_GET], ARGS(id), &n));
	*ret = n != 0;
	return ERR_OK;
}

enum err app_password_used(struct store_tx *tx, int64_t id, enum service service, struct str peer)
{
	struct sql_stmt *st;

	TRY(directory_open(tx, &app_sql[APP_USED], ARGS(id, service, clock_wall_ms(store_tx_clock(tx))), &st));
	sql_bind_text(st, 4, utf8_valid(peer) && peer.n ? utf8_prefix(peer, APP_PASSWORD_PEER_MAX) : S(""));
	return sql_run(st);
}

enum err app_password_drop_all(struct store_tx *tx, int64_t account)
{
	return directory_run(tx, &app_sql[APP_DROP_ALL], ARGS(account));
}
