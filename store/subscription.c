/* Subscriptions. */
#include <store/subscription.h>

#include <base/utf8.h>
#include <store/folder_rows.h>
#include <store/rows.h>
#include <store/stmt.h>

enum subscription_stmt { SUBSCRIPTION_SET, SUBSCRIPTION_LIST, SUBSCRIPTION_COUNT, SUBSCRIPTION_STMT_MAX_ };
static const struct sql_def subscription_sql[] = {
	[SUBSCRIPTION_SET] = { "subscription_set",
			       "INSERT INTO subscription (mailbox_id, subscribed, name) VALUES ($1, $2, $3)"
			       " ON CONFLICT (mailbox_id, name) DO UPDATE SET subscribed = $2" },
	[SUBSCRIPTION_LIST] = { "subscription_list",
				"SELECT name, subscribed FROM subscription WHERE mailbox_id = $1 ORDER BY name" },
	[SUBSCRIPTION_COUNT] = { "subscription_count", "SELECT COUNT(*) FROM subscription WHERE mailbox_id = $1" },
};
_Static_assert(countof(subscription_sql) == SUBSCRIPTION_STMT_MAX_, "one text per statement");

enum err subscription_set(struct store_tx *tx, struct str name, bool subscribed)
{
	struct sql_stmt *st;
	int64_t n;

	if (!utf8_valid(name) || str_index(name, '\0') < name.n)
		return ERR_INVALID;
	TRY(stmt_number(tx, &subscription_sql[SUBSCRIPTION_COUNT], NO_ARGS, &n));
	if (n >= SUBSCRIPTION_MAX)
		return ERR_LIMIT;
	TRY(stmt_open(tx, &subscription_sql[SUBSCRIPTION_SET], ARGS(subscribed), &st));
	sql_bind_text(st, 3, name);
	TRY(sql_run(st));
	return folder_note_subscription(tx);
}

static enum err read_subscription(struct arena *a, const struct sql_stmt *st, struct subscription *ret)
{
	ret->subscribed = sql_i64(st, 1);
	return arena_str(a, sql_str(st, 0), &ret->name);
}

ROWS_READER(read_subscriptions, struct subscription, read_subscription)

enum err subscription_list(struct arena *a, struct store_tx *tx, struct subscription **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(stmt_open(tx, &subscription_sql[SUBSCRIPTION_LIST], NO_ARGS, &st));
	return read_subscriptions(a, st, ret, ret_n);
}
