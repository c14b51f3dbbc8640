/* roostctl access-rule, quarantine, account activesync: which phones may sync. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/policy.h>
#include <tools/roostctl/runs.h>

#include <gateway/control/announce.h>
#include <store/access.h>
#include <store/device.h>

#include <base/utf8.h>

#include <stdio.h>

enum { DAYS_MAX = 3650 };

/* ---- rules ---- */

static enum status parse_level(const char *text, enum access_level *ret)
{
	if (access_level_parse(str_of(text), ret) == ERR_OK)
		return STATUS_DONE;
	ctl_say("%s: expected allow, block or quarantine", text);
	return STATUS_MISUSED;
}

enum status access_rule_run_add(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct access_rule rule = { .pattern = args->option[OPTION_PATTERN], .query = str_of(args->word[2]) };
	int64_t id;
	enum err e;

	if (parse_level(args->word[0], &rule.level))
		return STATUS_MISUSED;
	if (access_characteristic_parse(str_of(args->word[1]), &rule.characteristic)) {
		ctl_say("%s: expected DeviceType, DeviceModel, DeviceOS or UserAgent", args->word[1]);
		return STATUS_MISUSED;
	}
	e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = access_rule_add(tx, &rule, &id);
	if (!e)
		e = store_commit(&tx);
	if (e == ERR_INVALID) {
		ctl_say("\"%s\": expected 1 to %d bytes of UTF-8", args->word[2], ACCESS_QUERY_MAX);
		return STATUS_MISUSED;
	}
	if (e == ERR_EXISTS) {
		ctl_say("there is a rule for %s \"%s\" already; remove it first", args->word[1], args->word[2]);
		return STATUS_FAILED;
	}
	if (e)
		return ctl_fail(e, "the rule");
	printf("%lld\n", (long long)id);
	announce_policies(c->announcer, 1);
	return ctl_flush();
}

enum status access_rule_run_remove(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	uint64_t id;
	enum err e;

	if (str_to_u64(str_of(args->word[0]), INT64_MAX, &id)) {
		ctl_say("%s: expected the number of a rule; see access-rule list", args->word[0]);
		return STATUS_MISUSED;
	}
	e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = access_rule_remove(tx, (int64_t)id);
	if (!e)
		e = store_commit(&tx);
	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: no such rule", args->word[0]);
		return STATUS_FAILED;
	}
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	announce_policies(c->announcer, 1);
	return STATUS_DONE;
}

enum status access_rule_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "id", "ID", 6 },           { "level", "LEVEL", 10 }, { "characteristic", "CHARACTERISTIC", 14 },
		{ "pattern", "PATTERN", 7 }, { "query", "QUERY", 0 },
	};
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct access_rule *rules;
	struct listing l;
	size_t n = 0;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);

	if (!e)
		e = access_rules(&c->arena, tx, &rules, &n);
	if (e)
		return ctl_fail(e, "the rules cannot be listed");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		listing_number(&l, (uint64_t)rules[i].id);
		listing_text(&l, str_of(access_level_text(rules[i].level)));
		listing_text(&l, str_of(access_characteristic_text(rules[i].characteristic)));
		listing_bool(&l, rules[i].pattern);
		listing_text(&l, rules[i].query);
	}
	listing_end(&l);
	return ctl_flush();
}

/* ---- settings ---- */

static enum err get_setting(struct ctl *c, enum access_setting which, struct str *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return access_setting_get(&c->arena, tx, which, ret);
}

static enum err set_setting(struct ctl *c, enum access_setting which, struct str value)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(access_setting_set(tx, which, value));
	return store_commit(&tx);
}

static enum status say_setting(struct ctl *c, enum access_setting which, const char *otherwise)
{
	struct str value;
	enum err e = get_setting(c, which, &value);

	if (e)
		return ctl_fail(e, "the setting");
	printf(STR_FMT "\n", STR_ARG(value.n ? value : str_of(otherwise)));
	return ctl_flush();
}

enum status access_rule_run_default(struct ctl *c, const struct args *args)
{
	enum access_level level;
	enum err e;

	if (args->words_n == 0)
		return say_setting(c, ACCESS_DEFAULT_LEVEL, "allow");
	if (parse_level(args->word[0], &level))
		return STATUS_MISUSED;
	e = set_setting(c, ACCESS_DEFAULT_LEVEL, str_of(access_level_text(level)));
	if (e)
		return ctl_fail(e, "the default");
	announce_policies(c->announcer, 1);
	return STATUS_DONE;
}

/* The addresses of accounts here; their mail goes nowhere else. */
enum status quarantine_run_admins(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf list = BUF_INIT(64 * 1024);
	bool none = args->words_n == 1 && str_eq(str_of(args->word[0]), S("none"));
	enum err e;

	if (args->words_n == 0)
		return say_setting(c, ACCESS_ADMINS, "none");
	for (int i = 0; !none && i < args->words_n; i++) {
		struct account account;

		if (ctl_account(c, args->word[i], &account))
			return STATUS_FAILED;
		buf_fmt(&list, "%s" STR_FMT, i ? "," : "", STR_ARG(account.address));
	}
	e = buf_status(&list);
	if (!e)
		e = set_setting(c, ACCESS_ADMINS, buf_view(&list));
	return e ? ctl_fail(e, "the addresses") : STATUS_DONE;
}

static size_t characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

enum status quarantine_run_text(struct ctl *c, const struct args *args)
{
	enum err e;

	if (args->words_n == 0)
		return say_setting(c, ACCESS_USER_TEXT, "");
	if (!utf8_is_xml(str_of(args->word[0])) || characters(str_of(args->word[0])) > ACCESS_TEXT_MAX) {
		ctl_say("expected a text of UTF-8, at most %d characters", ACCESS_TEXT_MAX);
		return STATUS_MISUSED;
	}
	e = set_setting(c, ACCESS_USER_TEXT, str_of(args->word[0]));
	return e ? ctl_fail(e, "the text") : STATUS_DONE;
}

enum status device_run_reap(struct ctl *c, const struct args *args)
{
	bool never;
	uint64_t days;
	enum err e;

	if (args->words_n == 0)
		return say_setting(c, ACCESS_REAP_DAYS, "never");
	never = str_eq(str_of(args->word[0]), S("never"));
	if (!never && (str_to_u64(str_of(args->word[0]), DAYS_MAX, &days) || days == 0)) {
		ctl_say("%s: expected days, 1 to %d, or never", args->word[0], DAYS_MAX);
		return STATUS_MISUSED;
	}
	e = set_setting(c, ACCESS_REAP_DAYS, never ? S("") : str_of(args->word[0]));
	return e ? ctl_fail(e, "the days") : STATUS_DONE;
}

/* ---- accounts ---- */

static enum status set_switch(struct ctl *c, const struct account *account, const char *word)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool on = str_eq(str_of(word), S("on"));
	enum err e;

	if (!on && !str_eq(str_of(word), S("off"))) {
		ctl_say("%s: expected on or off", word);
		return STATUS_MISUSED;
	}
	e = store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx);
	if (!e)
		e = access_switch(tx, account->id, on);
	if (!e)
		e = store_commit(&tx);
	if (e)
		return ctl_fail(e, "the switch");
	announce_policies(c->announcer, 1);
	return STATUS_DONE;
}

enum status account_run_activesync(struct ctl *c, const struct args *args)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;
	bool on;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	if (args->words_n == 2)
		return set_switch(c, &account, args->word[1]);
	e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);
	if (!e)
		e = access_is_on(tx, account.id, &on);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	puts(on ? "on" : "off");
	return ctl_flush();
}

/* ---- which rule decides ---- */

static enum err find_subject(struct ctl *c, struct store_tx *tx, const struct account *account, const struct args *args,
			     struct access_subject *ret)
{
	struct device d;
	enum err e;

	ret->device_id = args->option[OPTION_DEVICE] ? str_of(args->option[OPTION_DEVICE]) : S("");
	ret->first_seen_ms = 0; /* it has had its time to tell of itself */
	e = args->option[OPTION_DEVICE] ? device_find(&c->arena, tx, account->id, ret->device_id, &d) : ERR_NOT_FOUND;
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e) {
		ret->type = d.type;
		ret->model = d.info.model;
		ret->os = d.info.os;
		ret->user_agent = d.info.user_agent;
		ret->first_seen_ms = d.first_seen_ms;
	}
	if (args->option[OPTION_TYPE])
		ret->type = str_of(args->option[OPTION_TYPE]);
	if (args->option[OPTION_MODEL])
		ret->model = str_of(args->option[OPTION_MODEL]);
	if (args->option[OPTION_OS])
		ret->os = str_of(args->option[OPTION_OS]);
	if (args->option[OPTION_USER_AGENT])
		ret->user_agent = str_of(args->option[OPTION_USER_AGENT]);
	return ERR_OK;
}

static enum err decide(struct ctl *c, const struct account *account, const struct args *args, struct buf *ret_level,
		       struct buf *ret_reason)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct access_subject subject = { 0 };
	struct access_decision d;
	bool on;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(access_is_on(tx, account->id, &on));
	TRY(find_subject(c, tx, account, args, &subject));
	TRY(access_decide(&c->arena, tx, account->id, &subject, &d));
	buf_cstr(ret_level, on ? access_level_text(d.level) : "block");
	if (on)
		access_reason_put(ret_reason, &d);
	else
		buf_cstr(ret_reason, "ActiveSync is off for the account");
	return buf_status(ret_reason);
}

enum status access_rule_run_test(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "level", "level", 0 }, { "decided_by", "decided by", 0 } };
	CLEANUP(buf_release) struct buf level = BUF_INIT(32);
	CLEANUP(buf_release) struct buf reason = BUF_INIT(ACCESS_REASON_MAX);
	struct account account;
	struct listing l;
	enum err e;

	if (args->option[OPTION_DEVICE] && !device_id_valid(str_of(args->option[OPTION_DEVICE]))) {
		ctl_say("--device %s: expected a device id: letters, digits, '-', '_' and '.', at most %d",
			args->option[OPTION_DEVICE], DEVICE_ID_MAX);
		return STATUS_MISUSED;
	}
	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = decide(c, &account, args, &level, &reason);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_BLOCKS));
	listing_text(&l, buf_view(&level));
	listing_text(&l, buf_view(&reason));
	listing_end(&l);
	return ctl_flush();
}
