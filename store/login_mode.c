#include <store/login_mode.h>

#include <store/address.h>
#include <store/stmt.h>

enum mode_stmt { MODE_OF, MODE_GET, MODE_SET, MODE_UNSET, MODE_DROP_ALL, MODE_STMT_MAX_ };
static const struct sql_def mode_sql[] = {
	[MODE_OF] = { "login_mode_of", "SELECT mode FROM login_mode WHERE account_id IN (0, $1) AND service = $2"
				       " ORDER BY account_id DESC LIMIT 1" },
	[MODE_GET] = { "login_mode_get", "SELECT mode FROM login_mode WHERE account_id = $1 AND service = $2" },
	[MODE_SET] = { "login_mode_set", "INSERT INTO login_mode (account_id, service, mode) VALUES ($1, $2, $3)"
					 " ON CONFLICT (account_id, service) DO UPDATE SET mode = excluded.mode" },
	[MODE_UNSET] = { "login_mode_unset", "DELETE FROM login_mode WHERE account_id = $1 AND service = $2" },
	[MODE_DROP_ALL] = { "login_mode_drop_all", "DELETE FROM login_mode WHERE account_id = $1" },
};
static_assert(countof(mode_sql) == MODE_STMT_MAX_, "one text per statement");

static const char *const texts[] = { [LOGIN_ON] = "on", [LOGIN_APP] = "app", [LOGIN_OFF] = "off" };
static_assert(countof(texts) == LOGIN_MODE_MAX_, "a text for each");

const char *login_mode_text(enum login_mode mode)
{
	return texts[mode];
}

enum err login_mode_parse(struct str text, enum login_mode *ret)
{
	for (size_t i = 0; i < countof(texts); i++) {
		if (!str_ieq(text, str_of(texts[i])))
			continue;
		*ret = (enum login_mode)i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static enum err read(struct store_tx *tx, enum mode_stmt which, int64_t account, enum service service,
		     enum login_mode *ret)
{
	int64_t mode;

	TRY(directory_number(tx, &mode_sql[which], ARGS(account, service), &mode));
	if (mode < LOGIN_ON || mode >= LOGIN_MODE_MAX_)
		return ERR_CORRUPT;
	*ret = (enum login_mode)mode;
	return ERR_OK;
}

enum err login_mode_of(struct store_tx *tx, int64_t account, enum service service, enum login_mode *ret)
{
	enum login_mode mode = LOGIN_ON;
	enum err e = read(tx, MODE_OF, account, service, &mode);

	if (e && e != ERR_NOT_FOUND)
		return e;
	*ret = mode;
	return ERR_OK;
}

enum err login_mode_get(struct store_tx *tx, int64_t account, enum service service, enum login_mode *ret)
{
	return read(tx, MODE_GET, account, service, ret);
}

enum err login_mode_set(struct store_tx *tx, int64_t account, enum service service, enum login_mode mode)
{
	TRY(directory_run(tx, &mode_sql[MODE_SET], ARGS(account, service, mode)));
	return account_changed(tx);
}

enum err login_mode_unset(struct store_tx *tx, int64_t account, enum service service)
{
	TRY(directory_run(tx, &mode_sql[MODE_UNSET], ARGS(account, service)));
	return account_changed(tx);
}

enum err login_mode_drop_all(struct store_tx *tx, int64_t account)
{
	return directory_run(tx, &mode_sql[MODE_DROP_ALL], ARGS(account));
}
