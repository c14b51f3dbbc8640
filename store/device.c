#include <store/device.h>

#include <base/utf8.h>
#include <store/access.h>
#include <store/address.h>
#include <store/rows.h>
#include <store/sql/sql.h>

#include <assert.h>

#define DEVICE_COLUMNS                                                                                     \
	"partnership_id, account_id, device_id, device_type, model, os, os_language, friendly_name, imei," \
	" phone_number, mobile_operator, user_agent, protocol_version, policy_key, policy_key_temporary,"  \
	" policy_acknowledged_ms, first_seen_ms, last_seen_ms, policy_name, policy_protocol,"              \
	" policy_document, policy_status, access, access_reason, access_ms, wipe, wipe_allows,"            \
	" wipe_status, wipe_requested_ms, wipe_sent_ms, wipe_done_ms, last_sync_ms, last_command,"         \
	" last_command_ms, error_command, error_status, error_ms, sends_texts"

enum { DEVICE_COLUMNS_N = 38 };

enum device_stmt {
	DEVICE_INSERT,
	DEVICE_COUNT,
	DEVICE_FIND,
	DEVICE_GET,
	DEVICE_LIST,
	DEVICE_EACH,
	DEVICE_EVICT,
	DEVICE_REAP,
	DEVICE_DELETE,
	DEVICE_SET_INFO,
	DEVICE_SET_TYPE,
	DEVICE_SET_PROTOCOL,
	DEVICE_STMT_MAX_
};
static const struct sql_def device_sql[] = {
	[DEVICE_INSERT] = { "device_insert",
			    "INSERT INTO device (account_id, device_id, device_type, model, os, os_language,"
			    " friendly_name, imei, phone_number, mobile_operator, user_agent, protocol_version,"
			    " policy_key, policy_key_temporary, policy_pending, policy_acknowledged_ms,"
			    " first_seen_ms, last_seen_ms)"
			    " VALUES ($1, $2, $3, '', '', '', '', '', '', '', '', 0, 0, 0, 0, 0, $4, $4)" },
	[DEVICE_COUNT] = { "device_count", "SELECT COUNT(*) FROM device WHERE account_id = $1" },
	[DEVICE_FIND] = { "device_find",
			  "SELECT " DEVICE_COLUMNS " FROM device WHERE account_id = $1 AND device_id = $2" },
	[DEVICE_GET] = { "device_get", "SELECT " DEVICE_COLUMNS " FROM device WHERE partnership_id = $1" },
	[DEVICE_LIST] = { "device_list",
			  "SELECT " DEVICE_COLUMNS " FROM device WHERE account_id = $1 ORDER BY partnership_id" },
	[DEVICE_EACH] = { "device_each",
			  "SELECT " DEVICE_COLUMNS ", a.address FROM address a JOIN device d USING (account_id)"
			  " WHERE a.is_primary = 1 AND ($1 = 0 OR account_id = $1) ORDER BY a.folded, partnership_id" },
	[DEVICE_EVICT] = { "device_evict",
			   "DELETE FROM device WHERE partnership_id = (SELECT partnership_id FROM device"
			   " WHERE account_id = $1 AND last_sync_ms = 0 AND wipe = 0"
			   " ORDER BY last_seen_ms, partnership_id LIMIT 1)" },
	[DEVICE_REAP] = { "device_reap", "DELETE FROM device WHERE partnership_id IN (SELECT partnership_id FROM device"
					 " WHERE last_seen_ms < $1 AND ($2 = 0 OR last_sync_ms = 0) AND wipe = 0"
					 " ORDER BY last_seen_ms LIMIT $3)" },
	[DEVICE_DELETE] = { "device_delete", "DELETE FROM device WHERE partnership_id = $1" },
	[DEVICE_SET_INFO] = { "device_set_info",
			      "UPDATE device SET model = COALESCE($2, model), os = COALESCE($3, os),"
			      " os_language = COALESCE($4, os_language),"
			      " friendly_name = COALESCE($5, friendly_name), imei = COALESCE($6, imei),"
			      " phone_number = COALESCE($7, phone_number),"
			      " mobile_operator = COALESCE($8, mobile_operator),"
			      " user_agent = COALESCE($9, user_agent),"
			      " sends_texts = CASE $10 WHEN 1 THEN 1 + (SELECT MAX(o.sends_texts) FROM device o"
			      " WHERE o.account_id = device.account_id) WHEN 2 THEN 0 ELSE sends_texts END"
			      " WHERE partnership_id = $1" },
	[DEVICE_SET_TYPE] = { "device_set_type", "UPDATE device SET device_type = $2 WHERE partnership_id = $1" },
	[DEVICE_SET_PROTOCOL] = { "device_set_protocol",
				  "UPDATE device SET protocol_version = $2 WHERE partnership_id = $1" },
};
static_assert(countof(device_sql) == DEVICE_STMT_MAX_, "one text per statement");
static_assert(DEVICE_TEXTS_SENT == 1 && DEVICE_TEXTS_NOT_SENT == 2, "as device_set_info has it");

static enum err use(struct store_tx *tx, enum device_stmt which, struct sql_stmt **ret)
{
	assert(store_tx_mailbox(tx) == STORE_DIRECTORY);
	return sql_use(store_tx_db(tx), &device_sql[which], ret);
}

static bool is_device_char(char c)
{
	char low = ascii_lower(c);

	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool device_id_valid(struct str device_id)
{
	if (device_id.n == 0 || device_id.n > DEVICE_ID_MAX)
		return false;
	for (size_t i = 0; i < device_id.n; i++) {
		if (!is_device_char(device_id.p[i]))
			return false;
	}
	return true;
}

static enum err read_info(struct arena *a, const struct sql_stmt *st, struct device_info *ret)
{
	struct str *const columns[] = { &ret->model, &ret->os,           &ret->os_language,     &ret->friendly_name,
					&ret->imei,  &ret->phone_number, &ret->mobile_operator, &ret->user_agent };

	for (size_t i = 0; i < countof(columns); i++)
		TRY(arena_str(a, sql_str(st, 4 + (int)i), columns[i]));
	return ERR_OK;
}

static enum err read_device(struct arena *a, const struct sql_stmt *st, struct device *ret)
{
	*ret = (struct device){
		.id = sql_i64(st, 0),
		.account = sql_i64(st, 1),
		.protocol = (unsigned)sql_u64(st, 12),
		.policy_key = (uint32_t)sql_u64(st, 13),
		.policy_key_temporary = (uint32_t)sql_u64(st, 14),
		.policy_acknowledged_ms = sql_i64(st, 15),
		.first_seen_ms = sql_i64(st, 16),
		.last_seen_ms = sql_i64(st, 17),
		.policy = { .protocol = (unsigned)sql_u64(st, 19), .document = sql_u64(st, 20) },
		.policy_status = (unsigned)sql_u64(st, 21),
		.access = (int)sql_i64(st, 22),
		.access_ms = sql_i64(st, 24),
		.wipe = (enum device_wipe)sql_i64(st, 25),
		.wipe_allows = sql_i64(st, 26) != 0,
		.wipe_status = (unsigned)sql_u64(st, 27),
		.wipe_requested_ms = sql_i64(st, 28),
		.wipe_sent_ms = sql_i64(st, 29),
		.wipe_done_ms = sql_i64(st, 30),
		.last_sync_ms = sql_i64(st, 31),
		.last_command_ms = sql_i64(st, 33),
		.error_status = (unsigned)sql_u64(st, 35),
		.error_ms = sql_i64(st, 36),
		.sends_texts = sql_i64(st, 37),
	};
	TRY(arena_str(a, sql_str(st, 2), &ret->device_id));
	TRY(arena_str(a, sql_str(st, 3), &ret->type));
	TRY(arena_str(a, sql_str(st, 18), &ret->policy.name));
	TRY(arena_str(a, sql_str(st, 23), &ret->access_reason));
	TRY(arena_str(a, sql_str(st, 32), &ret->last_command));
	TRY(arena_str(a, sql_str(st, 34), &ret->error_command));
	return read_info(a, st, &ret->info);
}

enum err device_find(struct arena *a, struct store_tx *tx, int64_t account, struct str device_id, struct device *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	if (!device_id_valid(device_id))
		return ERR_NOT_FOUND;
	TRY(use(tx, DEVICE_FIND, &st));
	sql_bind_i64(st, 1, account);
	sql_bind_text(st, 2, device_id);
	TRY(sql_one(st));
	return read_device(a, st, ret);
}

enum err device_get(struct arena *a, struct store_tx *tx, int64_t id, struct device *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, DEVICE_GET, &st));
	sql_bind_i64(st, 1, id);
	TRY(sql_one(st));
	return read_device(a, st, ret);
}

static enum err insert(struct store_tx *tx, int64_t account, struct str device_id, struct str type)
{
	struct sql_stmt *st;

	TRY(use(tx, DEVICE_INSERT, &st));
	sql_bind_i64(st, 1, account);
	sql_bind_text(st, 2, device_id);
	sql_bind_text(st, 3, type);
	sql_bind_i64(st, 4, clock_wall_ms(store_tx_clock(tx)));
	return sql_run(st);
}

static enum err evict(struct store_tx *tx, int64_t account)
{
	struct sql_stmt *st;

	TRY(use(tx, DEVICE_EVICT, &st));
	sql_bind_i64(st, 1, account);
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : ERR_LIMIT;
}

static enum err make_room(struct store_tx *tx, int64_t account)
{
	struct sql_stmt *st;
	int64_t n;

	TRY(use(tx, DEVICE_COUNT, &st));
	sql_bind_i64(st, 1, account);
	enum err e = sql_one(st);
	n = e ? 0 : sql_i64(st, 0);
	sql_reset(st);
	TRY(e);
	return n < DEVICE_MAX_PER_ACCOUNT ? ERR_OK : evict(tx, account);
}

static bool text_valid(struct str s)
{
	return utf8_valid(s) && str_index(s, '\0') == s.n;
}

enum err device_enroll(struct arena *a, struct store_tx *tx, int64_t account, struct str device_id, struct str type,
		       struct device *ret, bool *ret_new)
{
	if (!device_id_valid(device_id) || !text_valid(type))
		return ERR_INVALID;
	if (type.n > DEVICE_TYPE_MAX)
		return ERR_LIMIT;
	*ret_new = false;
	enum err e = device_find(a, tx, account, device_id, ret);
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(make_room(tx, account));
	TRY(insert(tx, account, device_id, type));
	*ret_new = true;
	return device_find(a, tx, account, device_id, ret);
}

ROWS_READER(read_devices, struct device, read_device)

enum err device_list(struct arena *a, struct store_tx *tx, int64_t account, struct device **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(use(tx, DEVICE_LIST, &st));
	sql_bind_i64(st, 1, account);
	return read_devices(a, st, ret, ret_n);
}

enum err device_each(struct arena *a, struct store_tx *tx, int64_t account,
		     enum err (*each)(void *ctx, struct str address, const struct device *d), void *ctx)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	struct str address;
	struct device d;
	bool row;

	TRY(use(tx, DEVICE_EACH, &st));
	sql_bind_i64(st, 1, account);
	for (;;) {
		arena_reset(a);
		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		TRY(read_device(a, st, &d));
		TRY(arena_str(a, sql_str(st, DEVICE_COLUMNS_N), &address));
		TRY(each(ctx, address, &d));
	}
}

enum err device_reap(struct store_tx *tx, int64_t before_ms, bool only_unsynced, unsigned limit, unsigned *ret_n)
{
	struct sql_stmt *st;

	TRY(use(tx, DEVICE_REAP, &st));
	sql_bind_i64(st, 1, before_ms);
	sql_bind_i64(st, 2, only_unsynced);
	sql_bind_i64(st, 3, limit);
	TRY(sql_run(st));
	*ret_n = (unsigned)sql_changes(store_tx_db(tx));
	return *ret_n ? account_changed(tx) : ERR_OK;
}

/* By the last decision about it, if there was one. */
static bool is_let_in(const struct device *d)
{
	return d->access == ACCESS_ALLOW || d->access == ACCESS_UNDECIDED;
}

const struct device *device_text_sender(const struct device *list, size_t n)
{
	const struct device *sender = NULL;

	for (size_t i = 0; i < n; i++)
		if (list[i].sends_texts > (sender ? sender->sends_texts : 0) && list[i].protocol >= DEVICE_TEXTS_FROM &&
		    list[i].wipe == DEVICE_WIPE_NONE && is_let_in(&list[i]))
			sender = &list[i];
	return sender;
}

/* Runs a statement whose $1 is the partnership, with the others bound already. */
static enum err run_on(struct store_tx *tx, struct sql_stmt *st, int64_t id)
{
	sql_bind_i64(st, 1, id);
	TRY(sql_run(st));
	return sql_changes(store_tx_db(tx)) ? ERR_OK : ERR_NOT_FOUND;
}

enum err device_remove(struct store_tx *tx, int64_t id)
{
	struct sql_stmt *st;

	TRY(use(tx, DEVICE_DELETE, &st));
	TRY(run_on(tx, st, id));
	return account_changed(tx);
}

enum err device_set_info(struct store_tx *tx, int64_t id, const struct device_info *info)
{
	const struct str columns[] = { info->model, info->os,           info->os_language,     info->friendly_name,
				       info->imei,  info->phone_number, info->mobile_operator, info->user_agent };
	struct sql_stmt *st;

	for (size_t i = 0; i < countof(columns); i++) {
		if (!text_valid(columns[i]))
			return ERR_INVALID;
	}
	TRY(use(tx, DEVICE_SET_INFO, &st));
	for (size_t i = 0; i < countof(columns); i++) {
		if (columns[i].p)
			sql_bind_text(st, 2 + (int)i, utf8_prefix(columns[i], DEVICE_TEXT_MAX));
	}
	sql_bind_i64(st, 2 + (int)countof(columns), info->texts);
	return run_on(tx, st, id);
}

enum err device_set_type(struct store_tx *tx, int64_t id, struct str type)
{
	struct sql_stmt *st;

	if (!text_valid(type) || type.n > DEVICE_TYPE_MAX)
		return ERR_INVALID;
	TRY(use(tx, DEVICE_SET_TYPE, &st));
	sql_bind_text(st, 2, type);
	return run_on(tx, st, id);
}

enum err device_set_protocol(struct store_tx *tx, int64_t id, unsigned protocol)
{
	struct sql_stmt *st;

	TRY(use(tx, DEVICE_SET_PROTOCOL, &st));
	sql_bind_i64(st, 2, protocol);
	return run_on(tx, st, id);
}
