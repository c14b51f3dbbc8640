/* Changes with what decides about a device. */
#include <store/access.h>

#include <base/utf8.h>
#include <store/address.h>
#include <store/device.h>
#include <store/rows.h>
#include <store/stmt.h>

#include <assert.h>

enum access_stmt {
	RULE_INSERT,
	RULE_COUNT,
	RULE_FIND,
	RULE_DELETE,
	RULE_LIST,
	EXEMPTION_PUT,
	EXEMPTION_DROP,
	EXEMPTION_GET,
	OFF_PUT,
	OFF_DROP,
	OFF_GET,
	SETTING_GET,
	SETTING_PUT,
	ACCESS_STMT_MAX_
};
static const struct sql_def access_sql[] = {
	[RULE_INSERT] = { "access_rule_insert",
			  "INSERT INTO access_rule (level, characteristic, pattern, query) VALUES ($1, $2, $3, $4)"
			  " RETURNING rule_id" },
	[RULE_COUNT] = { "access_rule_count", "SELECT COUNT(*) FROM access_rule" },
	[RULE_FIND] = { "access_rule_find",
			"SELECT 1 FROM access_rule WHERE characteristic = $1 AND pattern = $2 AND query = $3" },
	[RULE_DELETE] = { "access_rule_delete", "DELETE FROM access_rule WHERE rule_id = $1" },
	/* Block, quarantine, allow. */
	[RULE_LIST] = { "access_rule_list", "SELECT rule_id, level, characteristic, pattern, query FROM access_rule"
					    " ORDER BY CASE level WHEN 2 THEN 0 WHEN 3 THEN 1 ELSE 2 END, rule_id" },
	[EXEMPTION_PUT] = { "access_exempt",
			    "INSERT INTO access_exemption (account_id, device_id, level) VALUES ($1, $2, $3)"
			    " ON CONFLICT (account_id, device_id) DO UPDATE SET level = excluded.level" },
	[EXEMPTION_DROP] = { "access_exemption_drop",
			     "DELETE FROM access_exemption WHERE account_id = $1 AND device_id = $2" },
	[EXEMPTION_GET] = { "access_exemption_get",
			    "SELECT level FROM access_exemption WHERE account_id = $1 AND device_id = $2" },
	[OFF_PUT] = { "access_off", "INSERT INTO access_off (account_id) VALUES ($1) ON CONFLICT DO NOTHING" },
	[OFF_DROP] = { "access_on", "DELETE FROM access_off WHERE account_id = $1" },
	[OFF_GET] = { "access_is_off", "SELECT 1 FROM access_off WHERE account_id = $1" },
	[SETTING_GET] = { "access_setting_get", "SELECT value FROM access_setting WHERE name = $1" },
	[SETTING_PUT] = { "access_setting_put", "INSERT INTO access_setting (name, value) VALUES ($1, $2)"
						" ON CONFLICT (name) DO UPDATE SET value = excluded.value" },
};
static_assert(countof(access_sql) == ACCESS_STMT_MAX_, "one text per statement");

static const char *const setting_names[] = {
	[ACCESS_DEFAULT_LEVEL] = "default_level",
	[ACCESS_ADMINS] = "admins",
	[ACCESS_USER_TEXT] = "user_text",
	[ACCESS_REAP_DAYS] = "reap_days",
};
static_assert(countof(setting_names) == ACCESS_SETTING_MAX_, "a name for each");

/* ---- words ---- */

const char *access_level_text(enum access_level level)
{
	static const char *const texts[] = {
		[ACCESS_UNDECIDED] = "undecided",   [ACCESS_ALLOW] = "allow",         [ACCESS_BLOCK] = "block",
		[ACCESS_QUARANTINE] = "quarantine", [ACCESS_DISCOVERY] = "discovery",
	};
	static_assert(countof(texts) == ACCESS_LEVEL_MAX_, "a text for each");

	return texts[level];
}

static const char *const characteristics[] = {
	[ACCESS_TYPE] = "DeviceType",
	[ACCESS_MODEL] = "DeviceModel",
	[ACCESS_OS] = "DeviceOS",
	[ACCESS_USER_AGENT] = "UserAgent",
};
static_assert(countof(characteristics) == ACCESS_CHARACTERISTIC_MAX_, "a name for each");

const char *access_characteristic_text(enum access_characteristic c)
{
	return characteristics[c];
}

enum err access_level_parse(struct str text, enum access_level *ret)
{
	for (int i = ACCESS_ALLOW; i <= ACCESS_QUARANTINE; i++) {
		if (!str_ieq(text, str_of(access_level_text((enum access_level)i))))
			continue;
		*ret = (enum access_level)i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

enum err access_characteristic_parse(struct str text, enum access_characteristic *ret)
{
	for (int i = ACCESS_TYPE; i < ACCESS_CHARACTERISTIC_MAX_; i++) {
		if (!str_ieq(text, str_of(characteristics[i])))
			continue;
		*ret = (enum access_characteristic)i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

void access_reason_put(struct buf *b, const struct access_decision *d)
{
	const struct access_rule *r = &d->rule;

	switch (d->reason) {
	case ACCESS_BY_DEFAULT:
		buf_cstr(b, "the default level");
		break;
	case ACCESS_BY_LIST:
		buf_fmt(b, "the account's list of %sed devices", access_level_text(d->level));
		break;
	case ACCESS_BY_RULE:
		buf_fmt(b, "rule %lld (%s %s \"" STR_FMT "\")", (long long)r->id,
			access_characteristic_text(r->characteristic), r->pattern ? "is like" : "is",
			STR_ARG(r->query));
		break;
	case ACCESS_BY_WAITING:
		buf_cstr(b, "the device has not told its model and system yet");
		break;
	}
}

/* ---- matching ---- */

/* The classical walk: after a '*' try from each place, and only the last '*' is ever gone back to. */
static bool matches_pattern(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = t;
		} else if (p < pattern.n &&
			   (pattern.p[p] == '?' || ascii_lower(pattern.p[p]) == ascii_lower(text.p[t]))) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool access_matches(const struct access_rule *rule, const struct access_subject *s)
{
	const struct str told[] = {
		[ACCESS_TYPE] = s->type,
		[ACCESS_MODEL] = s->model,
		[ACCESS_OS] = s->os,
		[ACCESS_USER_AGENT] = s->user_agent,
	};
	struct str text = told[rule->characteristic];

	return rule->pattern ? matches_pattern(rule->query, text) : str_ieq(rule->query, text);
}

/* ---- the decision ---- */

static bool asks_for_more(const struct access_rule *rules, size_t n, const struct access_subject *s)
{
	for (size_t i = 0; i < n; i++) {
		if (rules[i].characteristic == ACCESS_MODEL && s->model.n == 0)
			return true;
		if (rules[i].characteristic == ACCESS_OS && s->os.n == 0)
			return true;
	}
	return false;
}

static enum err default_level(struct arena *a, struct store_tx *tx, enum access_level *ret)
{
	struct str text;

	TRY(access_setting_get(a, tx, ACCESS_DEFAULT_LEVEL, &text));
	if (access_level_parse(text, ret))
		*ret = ACCESS_ALLOW;
	return ERR_OK;
}

static enum err decide_by_rules(struct arena *a, struct store_tx *tx, const struct access_subject *subject,
				struct access_decision *d)
{
	int64_t waits_until_ms = subject->first_seen_ms + INT64_C(1000) * ACCESS_DISCOVERY_S;
	struct access_rule *rules;
	size_t n;

	TRY(access_rules(a, tx, &rules, &n));
	for (size_t i = 0; i < n; i++) {
		if (!access_matches(&rules[i], subject))
			continue;
		*d = (struct access_decision){ rules[i].level, ACCESS_BY_RULE, rules[i] };
		if (d->level != ACCESS_ALLOW)
			return ERR_OK;
		break;
	}
	/* What it tells later may speak against it. */
	if (asks_for_more(rules, n, subject) && clock_wall_ms(store_tx_clock(tx)) < waits_until_ms)
		*d = (struct access_decision){ .level = ACCESS_DISCOVERY, .reason = ACCESS_BY_WAITING };
	return ERR_OK;
}

enum err access_decide(struct arena *a, struct store_tx *tx, int64_t account, const struct access_subject *subject,
		       struct access_decision *ret)
{
	struct access_decision d = { .reason = ACCESS_BY_LIST };

	TRY(access_exemption(tx, account, subject->device_id, &d.level));
	if (d.level == ACCESS_UNDECIDED)
		TRY(decide_by_rules(a, tx, subject, &d));
	if (d.level == ACCESS_UNDECIDED) {
		d.reason = ACCESS_BY_DEFAULT;
		TRY(default_level(a, tx, &d.level));
	}
	*ret = d;
	return ERR_OK;
}

/* ---- rules ---- */

static enum err read_rule(struct arena *a, const struct sql_stmt *st, struct access_rule *ret)
{
	ret->id = sql_i64(st, 0);
	ret->level = (enum access_level)sql_i64(st, 1);
	ret->characteristic = (enum access_characteristic)sql_i64(st, 2);
	ret->pattern = sql_i64(st, 3) != 0;
	if (ret->level <= ACCESS_UNDECIDED || ret->level > ACCESS_QUARANTINE || ret->characteristic < ACCESS_TYPE ||
	    ret->characteristic >= ACCESS_CHARACTERISTIC_MAX_)
		return ERR_CORRUPT;
	return arena_str(a, sql_str(st, 4), &ret->query);
}

ROWS_READER(read_rules, struct access_rule, read_rule)

enum err access_rules(struct arena *a, struct store_tx *tx, struct access_rule **ret, size_t *ret_n)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(directory_open(tx, &access_sql[RULE_LIST], NO_ARGS, &st));
	return read_rules(a, st, ret, ret_n);
}

static enum err rule_exists(struct store_tx *tx, const struct access_rule *rule)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(directory_open(tx, &access_sql[RULE_FIND], ARGS(rule->characteristic, rule->pattern), &st));
	sql_bind_text(st, 3, rule->query);
	TRY(sql_step(st, &row));
	return row ? ERR_EXISTS : ERR_OK;
}

static enum err rule_room(struct store_tx *tx)
{
	int64_t n;

	TRY(directory_number(tx, &access_sql[RULE_COUNT], NO_ARGS, &n));
	return n < ACCESS_RULES_MAX ? ERR_OK : ERR_LIMIT;
}

enum err access_rule_add(struct store_tx *tx, const struct access_rule *rule, int64_t *ret_id)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	if (rule->query.n == 0 || rule->query.n > ACCESS_QUERY_MAX || !utf8_is_xml(rule->query))
		return ERR_INVALID;
	TRY(rule_exists(tx, rule));
	TRY(rule_room(tx));
	TRY(account_changed(tx));
	TRY(directory_open(tx, &access_sql[RULE_INSERT], ARGS(rule->level, rule->characteristic, rule->pattern), &st));
	sql_bind_text(st, 4, rule->query);
	TRY(sql_one(st));
	*ret_id = sql_i64(st, 0);
	return ERR_OK;
}

enum err access_rule_remove(struct store_tx *tx, int64_t id)
{
	TRY(directory_run(tx, &access_sql[RULE_DELETE], ARGS(id)));
	return sql_changes(store_tx_db(tx)) ? account_changed(tx) : ERR_NOT_FOUND;
}

/* ---- single devices, accounts ---- */

enum err access_exempt(struct store_tx *tx, int64_t account, struct str device_id, enum access_level level)
{
	struct sql_stmt *st;

	if (!device_id_valid(device_id))
		return ERR_INVALID;
	TRY(directory_open(tx, &access_sql[level == ACCESS_UNDECIDED ? EXEMPTION_DROP : EXEMPTION_PUT], ARGS(account),
			   &st));
	sql_bind_text(st, 2, device_id);
	if (level != ACCESS_UNDECIDED)
		sql_bind_i64(st, 3, level);
	TRY(sql_run(st));
	return account_changed(tx);
}

enum err access_exemption(struct store_tx *tx, int64_t account, struct str device_id, enum access_level *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(directory_open(tx, &access_sql[EXEMPTION_GET], ARGS(account), &st));
	sql_bind_text(st, 2, device_id);
	TRY(sql_step(st, &row));
	*ret = row ? (enum access_level)sql_i64(st, 0) : ACCESS_UNDECIDED;
	return *ret >= ACCESS_UNDECIDED && *ret <= ACCESS_BLOCK ? ERR_OK : ERR_CORRUPT;
}

enum err access_switch(struct store_tx *tx, int64_t account, bool on)
{
	TRY(directory_run(tx, &access_sql[on ? OFF_DROP : OFF_PUT], ARGS(account)));
	return account_changed(tx);
}

enum err access_is_on(struct store_tx *tx, int64_t account, bool *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(directory_open(tx, &access_sql[OFF_GET], ARGS(account), &st));
	TRY(sql_step(st, &row));
	*ret = !row;
	return ERR_OK;
}

/* ---- settings ---- */

enum err access_setting_get(struct arena *a, struct store_tx *tx, enum access_setting which, struct str *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool row;

	TRY(directory_open(tx, &access_sql[SETTING_GET], NO_ARGS, &st));
	sql_bind_text(st, 1, str_of(setting_names[which]));
	TRY(sql_step(st, &row));
	*ret = S("");
	return row ? arena_str(a, sql_str(st, 0), ret) : ERR_OK;
}

enum err access_setting_set(struct store_tx *tx, enum access_setting which, struct str value)
{
	struct sql_stmt *st;

	TRY(directory_open(tx, &access_sql[SETTING_PUT], NO_ARGS, &st));
	sql_bind_text(st, 1, str_of(setting_names[which]));
	sql_bind_text(st, 2, value.n ? value : S(""));
	TRY(sql_run(st));
	return account_changed(tx);
}
