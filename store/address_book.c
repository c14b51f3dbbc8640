/* What the address book tells of an account. */
#include <store/address_book.h>

#include <base/utf8.h>
#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum book_stmt { BOOK_GET, BOOK_SET, BOOK_DROP, BOOK_DROP_ALL, PICTURE_GET, PICTURE_SET, PICTURE_DROP, BOOK_STMT_MAX_ };
static const struct sql_def book_sql[] = {
	[BOOK_GET] = { "address_book_get", "SELECT field, value FROM address_book WHERE account_id = $1" },
	[BOOK_SET] = { "address_book_set",
		       "INSERT OR REPLACE INTO address_book (account_id, field, value) VALUES ($1, $2, $3)" },
	[BOOK_DROP] = { "address_book_drop", "DELETE FROM address_book WHERE account_id = $1 AND field = $2" },
	[BOOK_DROP_ALL] = { "address_book_drop_all", "DELETE FROM address_book WHERE account_id = $1" },
	[PICTURE_GET] = { "address_book_picture_get", "SELECT octets FROM address_book_picture WHERE account_id = $1" },
	[PICTURE_SET] = { "address_book_picture_set",
			  "INSERT OR REPLACE INTO address_book_picture (account_id, octets) VALUES ($1, $2)" },
	[PICTURE_DROP] = { "address_book_picture_drop", "DELETE FROM address_book_picture WHERE account_id = $1" },
};
static_assert(countof(book_sql) == BOOK_STMT_MAX_, "one text per statement");

/* They are kept under these names. */
static const char *const names[] = {
	[BOOK_FIRST_NAME] = "first-name", [BOOK_LAST_NAME] = "last-name",
	[BOOK_ALIAS] = "alias",           [BOOK_TITLE] = "title",
	[BOOK_COMPANY] = "company",       [BOOK_DEPARTMENT] = "department",
	[BOOK_OFFICE] = "office",         [BOOK_PHONE] = "phone",
	[BOOK_HOME_PHONE] = "home-phone", [BOOK_MOBILE_PHONE] = "mobile-phone",
	[BOOK_CAPACITY] = "capacity",
};
static_assert(countof(names) == BOOK_FIELD_MAX_, "one name per field");

const char *book_field_name(enum book_field field)
{
	return names[field];
}

enum err book_field_parse(struct str name, enum book_field *ret)
{
	for (size_t i = 0; i < countof(names); i++) {
		if (!str_eq(name, str_of(names[i])))
			continue;
		*ret = (enum book_field)i;
		return ERR_OK;
	}
	return ERR_INVALID;
}

static enum err use(struct store_tx *tx, enum book_stmt which, int64_t account, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &book_sql[which], ret));
	sql_bind_i64(*ret, 1, account);
	return ERR_OK;
}

/* ---- fields ---- */

/* A field of a later version is passed over. */
static enum err read_field(struct arena *a, struct sql_stmt *st, struct book_entry *to)
{
	enum book_field field;

	if (book_field_parse(sql_str(st, 0), &field))
		return ERR_OK;
	return arena_str(a, sql_str(st, 1), &to->field[field]);
}

enum err book_get(struct arena *a, struct store_tx *tx, int64_t account, struct book_entry *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	*ret = (struct book_entry){ 0 };
	TRY(use(tx, BOOK_GET, account, &st));
	for (;;) {
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		TRY(read_field(a, st, ret));
	}
}

enum err book_set(struct store_tx *tx, int64_t account, enum book_field field, struct str value)
{
	struct sql_stmt *st;

	if (value.n > BOOK_VALUE_MAX)
		return ERR_LIMIT;
	if (!utf8_is_line(value))
		return ERR_INVALID;
	TRY(use(tx, value.n ? BOOK_SET : BOOK_DROP, account, &st));
	sql_bind_text(st, 2, str_of(names[field]));
	if (value.n)
		sql_bind_text(st, 3, value);
	TRY(sql_run(st));
	return account_changed(tx);
}

/* ---- the picture ---- */

enum err book_picture_get(struct arena *a, struct store_tx *tx, int64_t account, struct str *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, PICTURE_GET, account, &st));
	TRY(sql_one(st));
	return arena_str(a, sql_str(st, 0), ret);
}

static bool is_picture(struct str octets)
{
	static const struct str beginnings[] = { STR_INIT("\xff\xd8\xff"), STR_INIT("\x89PNG\r\n\x1a\n"),
						 STR_INIT("GIF8") };

	for (size_t i = 0; i < countof(beginnings); i++)
		if (str_starts(octets, beginnings[i]))
			return true;
	return false;
}

enum err book_picture_set(struct store_tx *tx, int64_t account, struct str octets)
{
	struct sql_stmt *st;

	if (octets.n > BOOK_PICTURE_MAX)
		return ERR_LIMIT;
	if (octets.n && !is_picture(octets))
		return ERR_INVALID;
	TRY(use(tx, octets.n ? PICTURE_SET : PICTURE_DROP, account, &st));
	if (octets.n)
		sql_bind_blob(st, 2, octets);
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err book_forget(struct store_tx *tx, int64_t account)
{
	struct sql_stmt *st;

	TRY(use(tx, BOOK_DROP_ALL, account, &st));
	TRY(sql_run(st));
	TRY(use(tx, PICTURE_DROP, account, &st));
	return sql_run(st);
}
