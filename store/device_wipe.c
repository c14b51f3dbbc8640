/* Remote wipe: what was asked for, and how far it has come. */
#include <store/device.h>

#include <store/access.h>
#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>

enum wipe_stmt { WIPE_LOOK, WIPE_REQUEST, WIPE_CANCEL, WIPE_SENT, WIPE_DONE, WIPE_FAILED, WIPE_STMT_MAX_ };
static const struct sql_def wipe_sql[] = {
	[WIPE_LOOK] = { "wipe_look", "SELECT protocol_version, wipe, wipe_sent_ms, wipe_done_ms FROM device"
				     " WHERE partnership_id = $1" },
	[WIPE_REQUEST] = { "wipe_request",
			   "UPDATE device SET wipe = $2, wipe_allows = $3, wipe_requested_ms = $4, wipe_status = 0,"
			   " wipe_sent_ms = 0, wipe_done_ms = 0 WHERE partnership_id = $1" },
	[WIPE_CANCEL] = { "wipe_cancel", "UPDATE device SET wipe = 0, wipe_allows = 0, wipe_requested_ms = 0,"
					 " wipe_status = 0 WHERE partnership_id = $1" },
	/* The first time counts: from then on the device may have it. */
	[WIPE_SENT] = { "wipe_sent", "UPDATE device SET wipe_sent_ms = $2"
				     " WHERE partnership_id = $1 AND wipe_sent_ms = 0" },
	[WIPE_DONE] = { "wipe_done", "UPDATE device SET wipe_status = $2, wipe_done_ms = $3"
				     " WHERE partnership_id = $1" },
	[WIPE_FAILED] = { "wipe_failed", "UPDATE device SET wipe_status = $2 WHERE partnership_id = $1" },
};
static_assert(countof(wipe_sql) == WIPE_STMT_MAX_, "one text per statement");

struct state {
	unsigned protocol;
	enum device_wipe wipe;
	bool sent, done;
};

static enum err use(struct store_tx *tx, enum wipe_stmt which, int64_t id, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &wipe_sql[which], ret));
	sql_bind_i64(*ret, 1, id);
	return ERR_OK;
}

static enum err look(struct store_tx *tx, int64_t id, struct state *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, WIPE_LOOK, id, &st));
	TRY(sql_one(st));
	*ret = (struct state){ .protocol = (unsigned)sql_u64(st, 0),
			       .wipe = (enum device_wipe)sql_i64(st, 1),
			       .sent = sql_i64(st, 2) != 0,
			       .done = sql_i64(st, 3) != 0 };
	return ERR_OK;
}

enum err device_wipe_request(struct store_tx *tx, int64_t id, enum device_wipe kind, bool allows)
{
	struct sql_stmt *st;
	struct state now;

	TRY(look(tx, id, &now));
	if (kind == DEVICE_WIPE_ACCOUNT && now.protocol < DEVICE_ACCOUNT_WIPE_FROM)
		return ERR_UNSUPPORTED;
	TRY(use(tx, WIPE_REQUEST, id, &st));
	sql_bind_i64(st, 2, kind);
	sql_bind_i64(st, 3, allows);
	sql_bind_i64(st, 4, clock_wall_ms(store_tx_clock(tx)));
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err device_wipe_cancel(struct store_tx *tx, int64_t id)
{
	struct sql_stmt *st;
	struct state now;

	TRY(look(tx, id, &now));
	if (now.wipe == DEVICE_WIPE_NONE || now.done)
		return ERR_NOT_FOUND;
	if (now.sent)
		return ERR_DENIED;
	TRY(use(tx, WIPE_CANCEL, id, &st));
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err device_wipe_sent(struct store_tx *tx, int64_t id)
{
	struct sql_stmt *st;

	TRY(use(tx, WIPE_SENT, id, &st));
	sql_bind_i64(st, 2, clock_wall_ms(store_tx_clock(tx)));
	return sql_run(st);
}

static enum err done(struct store_tx *tx, const struct device *d, unsigned status)
{
	struct sql_stmt *st;

	TRY(use(tx, WIPE_DONE, d->id, &st));
	sql_bind_u64(st, 2, status);
	sql_bind_i64(st, 3, clock_wall_ms(store_tx_clock(tx)));
	TRY(sql_run(st));
	TRY(device_policy_reset(tx, d->id));
	return d->wipe_allows ? ERR_OK : access_exempt(tx, d->account, d->device_id, ACCESS_BLOCK);
}

enum err device_wipe_acknowledge(struct store_tx *tx, const struct device *d, unsigned status)
{
	struct sql_stmt *st;

	if (status == DEVICE_WIPE_SUCCEEDED)
		return done(tx, d, status);
	TRY(use(tx, WIPE_FAILED, d->id, &st));
	sql_bind_u64(st, 2, status);
	return sql_run(st);
}
