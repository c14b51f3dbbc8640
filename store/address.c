/* Addresses of accounts: syntax, rows, domains. */
#include <store/address.h>

#include <base/utf8.h>
#include <store/mail_group.h>
#include <store/rows.h>
#include <store/sql/sql.h>

#include <assert.h>

enum address_stmt {
	ADDRESS_OWNER,
	ADDRESS_INSERT,
	ADDRESS_COUNT,
	ADDRESS_LIST,
	ADDRESS_GET,
	ADDRESS_DELETE,
	ADDRESS_DEMOTE,
	ADDRESS_PROMOTE,
	ADDRESS_DOMAIN,
	ADDRESS_DOMAINS,
	ADDRESS_STMT_MAX_
};
static const struct sql_def address_sql[] = {
	[ADDRESS_OWNER] = { "address_owner", "SELECT account_id FROM address WHERE folded = $1" },
	/* A group's address is nobody's other one (store/mail_group.h). */
	[ADDRESS_INSERT] = { "address_insert", "INSERT INTO address (folded, account_id, address, domain, is_primary)"
					       " SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS"
					       " (SELECT 1 FROM mail_group WHERE folded = $1)"
					       " ON CONFLICT (folded) DO NOTHING" },
	[ADDRESS_COUNT] = { "address_count", "SELECT COUNT(*) FROM address WHERE account_id = $1" },
	[ADDRESS_LIST] = { "address_list", "SELECT address FROM address WHERE account_id = $1"
					   " ORDER BY is_primary DESC, folded" },
	[ADDRESS_GET] = { "address_get", "SELECT is_primary FROM address WHERE folded = $1 AND account_id = $2" },
	[ADDRESS_DELETE] = { "address_delete", "DELETE FROM address WHERE folded = $1 AND account_id = $2" },
	[ADDRESS_DEMOTE] = { "address_demote",
			     "UPDATE address SET is_primary = 0 WHERE account_id = $1 AND is_primary = 1" },
	[ADDRESS_PROMOTE] = { "address_promote",
			      "UPDATE address SET is_primary = 1 WHERE folded = $1 AND account_id = $2" },
	[ADDRESS_DOMAIN] = { "address_domain", "SELECT 1 FROM address WHERE domain = $1 LIMIT 1" },
	[ADDRESS_DOMAINS] = { "address_domains", "SELECT DISTINCT domain FROM address ORDER BY domain" },
};
static_assert(countof(address_sql) == ADDRESS_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum address_stmt which, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	return sql_use(store_tx_db(tx), &address_sql[which], ret);
}

static size_t fold(struct str s, char *ret)
{
	for (size_t i = 0; i < s.n; i++)
		ret[i] = ascii_lower(s.p[i]);
	return s.n;
}

/* Blanks, controls and what needs quoting in a header have no place in an address of ours. */
static bool plain(struct str s)
{
	static const char special[] = "()<>[]:;,\\\" \t@";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f || memchr(special, c, sizeof(special) - 1))
			return false;
	}
	return s.n > 0 && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

enum err address_parse(struct str written, struct address *ret)
{
	size_t at = str_index(written, '@');

	if (at >= written.n)
		return ERR_INVALID;
	struct str local = str_slice(written, 0, at);
	struct str domain = str_slice(written, at + 1, written.n);
	if (local.n > ACCOUNT_LOCAL_MAX || domain.n > ACCOUNT_DOMAIN_MAX)
		return ERR_LIMIT;
	if (!plain(local) || !plain(domain) || !utf8_valid(written))
		return ERR_INVALID;
	ret->written = written;
	ret->local_n = local.n;
	ret->folded_n = fold(written, ret->folded);
	return ERR_OK;
}

struct str address_folded(const struct address *a)
{
	return str_from(a->folded, a->folded_n);
}

enum err address_owner(struct store_tx *tx, const struct address *a, int64_t *ret_account)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ADDRESS_OWNER, &st));
	sql_bind_text(st, 1, address_folded(a));
	TRY(sql_one(st));
	*ret_account = sql_i64(st, 0);
	return ERR_OK;
}

enum err address_insert(struct store_tx *tx, int64_t account, const struct address *a, bool primary)
{
	struct sql_stmt *st;

	TRY(use(tx, ADDRESS_INSERT, &st));
	sql_bind_text(st, 1, address_folded(a));
	sql_bind_i64(st, 2, account);
	sql_bind_text(st, 3, a->written);
	sql_bind_text(st, 4, str_slice(address_folded(a), a->local_n + 1, a->folded_n));
	sql_bind_i64(st, 5, primary);
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) == 1 ? mail_group_adopt(tx, account, address_folded(a)) : ERR_EXISTS;
}

static enum err count(struct store_tx *tx, int64_t account, uint64_t *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ADDRESS_COUNT, &st));
	sql_bind_i64(st, 1, account);
	TRY(sql_one(st));
	*ret = sql_u64(st, 0);
	return ERR_OK;
}

enum err account_address_add(struct store_tx *tx, int64_t id, struct str address)
{
	struct address parsed;
	uint64_t n;

	TRY(address_parse(address, &parsed));
	TRY(count(tx, id, &n));
	if (n == 0) /* every account has a primary one */
		return ERR_NOT_FOUND;
	if (n >= ACCOUNT_ADDRESSES_MAX)
		return ERR_LIMIT;
	TRY(address_insert(tx, id, &parsed, false));
	return account_changed(tx);
}

static enum err is_primary(struct store_tx *tx, int64_t id, const struct address *a, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ADDRESS_GET, &st));
	sql_bind_text(st, 1, address_folded(a));
	sql_bind_i64(st, 2, id);
	TRY(sql_one(st));
	*ret = sql_i64(st, 0) != 0;
	return ERR_OK;
}

static enum err run_on(struct store_tx *tx, enum address_stmt which, int64_t id, const struct address *a)
{
	struct sql_stmt *st;

	TRY(use(tx, which, &st));
	sql_bind_text(st, 1, address_folded(a));
	sql_bind_i64(st, 2, id);
	return sql_run(st);
}

enum err account_address_remove(struct store_tx *tx, int64_t id, struct str address)
{
	struct address parsed;
	bool primary;

	TRY(address_parse(address, &parsed));
	TRY(is_primary(tx, id, &parsed, &primary));
	if (primary)
		return ERR_DENIED;
	TRY(run_on(tx, ADDRESS_DELETE, id, &parsed));
	return account_changed(tx);
}

enum err account_address_promote(struct store_tx *tx, int64_t id, struct str address)
{
	struct address parsed;
	struct sql_stmt *st;
	bool primary;

	TRY(address_parse(address, &parsed));
	TRY(is_primary(tx, id, &parsed, &primary));
	if (primary)
		return ERR_OK;
	TRY(use(tx, ADDRESS_DEMOTE, &st));
	sql_bind_i64(st, 1, id);
	TRY(sql_run(st));
	TRY(run_on(tx, ADDRESS_PROMOTE, id, &parsed));
	return account_changed(tx);
}

enum err account_addresses(struct arena *a, struct store_tx *tx, int64_t id, struct str **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ADDRESS_LIST, &st));
	sql_bind_i64(st, 1, id);
	return rows_texts(a, st, ret, ret_n);
}

enum err account_domain_known(struct store_tx *tx, struct str domain, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	char folded[ACCOUNT_DOMAIN_MAX];

	*ret = false;
	if (domain.n > sizeof(folded) || !plain(domain) || !utf8_valid(domain))
		return ERR_OK;
	TRY(use(tx, ADDRESS_DOMAIN, &st));
	sql_bind_text(st, 1, str_from(folded, fold(domain, folded)));
	return sql_step(st, ret);
}

enum err account_domains(struct arena *a, struct store_tx *tx, struct str **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, ADDRESS_DOMAINS, &st));
	return rows_texts(a, st, ret, ret_n);
}
