/* Changes with where accounts live. */
#include <store/redirect.h>

#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum redirect_stmt { REDIRECT_GET, REDIRECT_SET, REDIRECT_DROP, REDIRECT_STMT_MAX_ };
static const struct sql_def redirect_sql[] = {
	[REDIRECT_GET] = { "redirect_get", "SELECT address, url FROM redirect WHERE account_id = $1" },
	[REDIRECT_SET] = { "redirect_set", "INSERT INTO redirect (account_id, address, url) VALUES ($1, $2, $3)"
					   " ON CONFLICT (account_id) DO UPDATE SET address = $2, url = $3" },
	[REDIRECT_DROP] = { "redirect_drop", "DELETE FROM redirect WHERE account_id = $1" },
};
static_assert(countof(redirect_sql) == REDIRECT_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum redirect_stmt which, int64_t account, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &redirect_sql[which], ret));
	sql_bind_i64(*ret, 1, account);
	return ERR_OK;
}

bool redirect_is_set(const struct redirect *r)
{
	return r->address.n > 0 || r->url.n > 0;
}

enum err redirect_get(struct arena *a, struct store_tx *tx, int64_t account, struct redirect *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	enum err e;

	*ret = (struct redirect){ STR_EMPTY, STR_EMPTY };
	TRY(use(tx, REDIRECT_GET, account, &st));
	e = sql_one(st);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(e);
	TRY(arena_str(a, sql_str(st, 0), &ret->address));
	return arena_str(a, sql_str(st, 1), &ret->url);
}

/* "https://HOST[:PORT]": it stands in headers and documents as it is, with paths behind it. */
static enum err check_url(struct str url)
{
	struct str scheme = S("https://"), host = str_slice(url, scheme.n, url.n);

	if (url.n > REDIRECT_URL_MAX)
		return ERR_LIMIT;
	if (!str_starts(url, scheme) || host.n == 0)
		return ERR_INVALID;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		bool letter = ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';

		if (!letter && !(c >= '0' && c <= '9') && str_index(S("-.:[]"), c) == 5)
			return ERR_INVALID;
	}
	return ERR_OK;
}

enum err redirect_set(struct store_tx *tx, int64_t account, const struct redirect *r)
{
	struct address unused;
	struct sql_stmt *st;

	if (r->address.n > 0 && r->url.n > 0)
		return ERR_INVALID;
	if (r->address.n > 0)
		TRY(address_parse(r->address, &unused));
	if (r->url.n > 0)
		TRY(check_url(r->url));
	TRY(use(tx, redirect_is_set(r) ? REDIRECT_SET : REDIRECT_DROP, account, &st));
	if (redirect_is_set(r)) {
		sql_bind_text(st, 2, r->address.n ? r->address : S(""));
		sql_bind_text(st, 3, r->url.n ? r->url : S(""));
	}
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err redirect_forget(struct store_tx *tx, int64_t account)
{
	struct sql_stmt *st;

	TRY(use(tx, REDIRECT_DROP, account, &st));
	return sql_run(st);
}
