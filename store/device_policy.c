/* The two phases of Provision: which policy key a device has shown to know. */
#include <store/device.h>

#include <store/address.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <sys/random.h>

enum keys_stmt { KEYS_GET, KEYS_OFFER, KEYS_ACKNOWLEDGE, KEYS_REFUSE, KEYS_RESET, KEYS_STMT_MAX_ };
static const struct sql_def keys_sql[] = {
	[KEYS_GET] = { "policy_keys_get", "SELECT policy_key, policy_key_temporary, policy_pending FROM device"
					  " WHERE partnership_id = $1" },
	[KEYS_OFFER] = { "policy_offer",
			 "UPDATE device SET policy_key_temporary = $2, policy_pending = 1,"
			 " policy_offered_document = $3, policy_offered_protocol = $4, policy_offered_name = $5"
			 " WHERE partnership_id = $1" },
	[KEYS_ACKNOWLEDGE] = { "policy_acknowledge",
			       "UPDATE device SET policy_key = $2, policy_pending = 0, policy_acknowledged_ms = $3,"
			       " policy_status = $4, policy_document = policy_offered_document,"
			       " policy_protocol = policy_offered_protocol, policy_name = policy_offered_name"
			       " WHERE partnership_id = $1" },
	[KEYS_REFUSE] = { "policy_refuse", "UPDATE device SET policy_status = $2 WHERE partnership_id = $1" },
	[KEYS_RESET] = { "policy_reset", "UPDATE device SET policy_key = 0, policy_key_temporary = 0,"
					 " policy_pending = 0, policy_acknowledged_ms = 0, policy_document = 0,"
					 " policy_protocol = 0, policy_name = '' WHERE partnership_id = $1" },
};
static_assert(countof(keys_sql) == KEYS_STMT_MAX_, "one text per statement");

enum { POLICY_KEY_MASK = 0x7fffffff };

struct policy_keys {
	uint32_t permanent, temporary;
	bool pending;
};

static enum err use(struct store_tx *tx, enum keys_stmt which, int64_t id, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	TRY(sql_use(store_tx_db(tx), &keys_sql[which], ret));
	sql_bind_i64(*ret, 1, id);
	return ERR_OK;
}

static enum err read_keys(struct store_tx *tx, int64_t id, struct policy_keys *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, KEYS_GET, id, &st));
	TRY(sql_one(st));
	ret->permanent = (uint32_t)sql_u64(st, 0);
	ret->temporary = (uint32_t)sql_u64(st, 1);
	ret->pending = sql_i64(st, 2) != 0;
	return ERR_OK;
}

/* Neither 0 nor one of the two in use. */
static enum err draw(const struct policy_keys *used, uint32_t *ret)
{
	do {
		if (getrandom(ret, sizeof(*ret), 0) != (ssize_t)sizeof(*ret))
			return ERR_IO;
		*ret &= POLICY_KEY_MASK;
	} while (*ret == 0 || *ret == used->permanent || *ret == used->temporary);
	return ERR_OK;
}

enum err device_policy_offer(struct store_tx *tx, int64_t id, const struct device_policy *policy, uint32_t *ret_key)
{
	struct policy_keys keys;
	struct sql_stmt *st;
	uint32_t key;

	TRY(read_keys(tx, id, &keys));
	TRY(draw(&keys, &key));
	TRY(use(tx, KEYS_OFFER, id, &st));
	sql_bind_u64(st, 2, key);
	sql_bind_u64(st, 3, policy->document);
	sql_bind_u64(st, 4, policy->protocol);
	sql_bind_text(st, 5, policy->name);
	TRY(sql_run(st));
	*ret_key = key;
	return ERR_OK;
}

enum err device_policy_acknowledge(struct store_tx *tx, int64_t id, uint32_t key, unsigned status, uint32_t *ret_key)
{
	struct policy_keys keys;
	struct sql_stmt *st;
	uint32_t permanent;

	TRY(read_keys(tx, id, &keys));
	if (key == 0 || key != keys.temporary)
		return ERR_STALE;
	if (keys.pending) {
		TRY(draw(&keys, &permanent));
		TRY(use(tx, KEYS_ACKNOWLEDGE, id, &st));
		sql_bind_u64(st, 2, permanent);
		sql_bind_i64(st, 3, clock_wall_ms(store_tx_clock(tx)));
		sql_bind_u64(st, 4, status);
		TRY(sql_run(st));
		keys.permanent = permanent;
	}
	*ret_key = keys.permanent;
	return ERR_OK;
}

enum err device_policy_refuse(struct store_tx *tx, int64_t id, uint32_t key, unsigned status)
{
	struct policy_keys keys;
	struct sql_stmt *st;

	TRY(read_keys(tx, id, &keys));
	if (key == 0 || key != keys.temporary)
		return ERR_STALE;
	TRY(use(tx, KEYS_REFUSE, id, &st));
	sql_bind_u64(st, 2, status);
	return sql_run(st);
}

enum err device_policy_reset(struct store_tx *tx, int64_t id)
{
	struct sql_stmt *st;

	TRY(use(tx, KEYS_RESET, id, &st));
	TRY(sql_run(st));
	if (sql_changes(store_tx_db(tx)) == 0)
		return ERR_NOT_FOUND;
	return account_changed(tx);
}
