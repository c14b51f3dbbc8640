/* Changes with the certificates of accounts. */
#include <store/certificate.h>

#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum certificate_stmt {
	CERTIFICATE_COUNT,
	CERTIFICATE_PUT,
	CERTIFICATE_DROP,
	CERTIFICATE_LIST,
	CERTIFICATE_DROP_ALL,
	CERTIFICATE_STMT_MAX_
};
static const struct sql_def certificate_sql[] = {
	[CERTIFICATE_COUNT] = { "certificate_count",
				"SELECT COUNT(*) FROM certificate WHERE account_id = $1 AND fingerprint <> $2" },
	[CERTIFICATE_PUT] = { "certificate_put",
			      "INSERT INTO certificate (account_id, fingerprint, der, subject, expires_ms)"
			      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, fingerprint) DO NOTHING" },
	[CERTIFICATE_DROP] = { "certificate_drop",
			       "DELETE FROM certificate WHERE account_id = $1 AND fingerprint = $2" },
	[CERTIFICATE_LIST] = { "certificate_list",
			       "SELECT fingerprint, der, subject, expires_ms FROM certificate WHERE account_id = $1"
			       " ORDER BY expires_ms DESC, fingerprint" },
	[CERTIFICATE_DROP_ALL] = { "certificate_drop_all", "DELETE FROM certificate WHERE account_id = $1" },
};
static_assert(countof(certificate_sql) == CERTIFICATE_STMT_MAX_, "one text per statement");

static enum err use(struct store_tx *tx, enum certificate_stmt which, int64_t account, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &certificate_sql[which], ret));
	sql_bind_i64(*ret, 1, account);
	return ERR_OK;
}

static struct str fingerprint_of(const unsigned char fingerprint[CERTIFICATE_FINGERPRINT_SIZE])
{
	return str_from(fingerprint, CERTIFICATE_FINGERPRINT_SIZE);
}

static enum err check_room(struct store_tx *tx, int64_t account, const struct user_certificate *c)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, CERTIFICATE_COUNT, account, &st));
	sql_bind_blob(st, 2, fingerprint_of(c->fingerprint));
	TRY(sql_one(st));
	return sql_i64(st, 0) < CERTIFICATES_MAX ? ERR_OK : ERR_LIMIT;
}

enum err certificate_add(struct store_tx *tx, int64_t account, const struct user_certificate *c)
{
	struct sql_stmt *st;

	if (c->der.n > CERTIFICATE_DER_MAX || c->subject.n > CERTIFICATE_SUBJECT_MAX)
		return ERR_LIMIT;
	TRY(check_room(tx, account, c));
	TRY(use(tx, CERTIFICATE_PUT, account, &st));
	sql_bind_blob(st, 2, fingerprint_of(c->fingerprint));
	sql_bind_blob(st, 3, c->der);
	sql_bind_text(st, 4, c->subject);
	sql_bind_i64(st, 5, c->expires_ms);
	return sql_run(st);
}

enum err certificate_remove(struct store_tx *tx, int64_t account,
			    const unsigned char fingerprint[CERTIFICATE_FINGERPRINT_SIZE])
{
	struct sql_stmt *st;

	TRY(use(tx, CERTIFICATE_DROP, account, &st));
	sql_bind_blob(st, 2, fingerprint_of(fingerprint));
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : ERR_NOT_FOUND;
}

static enum err read_row(struct arena *a, const struct sql_stmt *st, struct user_certificate *ret)
{
	struct str fingerprint = sql_str(st, 0);

	if (fingerprint.n != CERTIFICATE_FINGERPRINT_SIZE)
		return ERR_CORRUPT;
	memcpy(ret->fingerprint, fingerprint.p, fingerprint.n);
	TRY(arena_str(a, sql_str(st, 1), &ret->der));
	TRY(arena_str(a, sql_str(st, 2), &ret->subject));
	ret->expires_ms = sql_i64(st, 3);
	return ERR_OK;
}

enum err certificate_list(struct arena *a, struct store_tx *tx, int64_t account, struct user_certificate **ret,
			  size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct user_certificate *list = arena_array(a, CERTIFICATES_MAX, sizeof(*list));
	size_t n = 0;

	if (!list)
		return ERR_LIMIT;
	TRY(use(tx, CERTIFICATE_LIST, account, &st));
	while (n < CERTIFICATES_MAX) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			break;
		TRY(read_row(a, st, &list[n++]));
	}
	*ret = list;
	*ret_n = n;
	return ERR_OK;
}

enum err certificate_drop_all(struct store_tx *tx, int64_t account)
{
	struct sql_stmt *st;

	TRY(use(tx, CERTIFICATE_DROP_ALL, account, &st));
	return sql_run(st);
}
