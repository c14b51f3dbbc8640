/*
 * Who may sync: the default level, rules by what a device tells of itself, what is said of single devices, and accounts
 * that may not at all. Rows of the directory: all functions need a transaction of STORE_DIRECTORY (a write transaction
 * where they change something).
 *
 * Precedence, as Exchange documents it, after the account's switch and the policy: the account's list of blocked device
 * ids; its list of allowed ones; rules that block; that quarantine; that allow; the default level.
 */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include <store/store.h>

#include <base/buf.h>

/* Stored: append only. */
enum access_level {
	ACCESS_UNDECIDED,
	ACCESS_ALLOW,
	ACCESS_BLOCK,
	ACCESS_QUARANTINE,
	ACCESS_DISCOVERY, /* for ACCESS_DISCOVERY_S it has not told what the rules ask for; as in quarantine until then */
	ACCESS_LEVEL_MAX_
};
/* Stored: append only. */
enum access_characteristic { ACCESS_TYPE = 1, ACCESS_MODEL, ACCESS_OS, ACCESS_USER_AGENT, ACCESS_CHARACTERISTIC_MAX_ };
enum access_reason { ACCESS_BY_DEFAULT, ACCESS_BY_LIST, ACCESS_BY_RULE, ACCESS_BY_WAITING };

enum {
	ACCESS_DISCOVERY_S = 14 * 60,
	ACCESS_QUERY_MAX = 256, /* bytes */
	ACCESS_RULES_MAX = 1000,
	ACCESS_TEXT_MAX = 256, /* characters of the text for users in quarantine */
	ACCESS_REASON_MAX = 512,
};

struct access_rule {
	int64_t id;
	enum access_level level;
	enum access_characteristic characteristic;
	bool pattern;     /* '*' and '?' stand for any text and any character */
	struct str query; /* compared without case (ASCII) */
};

/* What a decision is about. */
struct access_subject {
	struct str device_id, type, model, os, user_agent;
	int64_t first_seen_ms;
};

struct access_decision {
	enum access_level level;
	enum access_reason reason;
	struct access_rule rule; /* ACCESS_BY_RULE */
};

/* "allow", "block", "quarantine", "discovery"; "DeviceType" and so on. */
const char *access_level_text(enum access_level level);
const char *access_characteristic_text(enum access_characteristic c);
/* Those that can be chosen: allow, block, quarantine. Without case. ERR_NOT_FOUND. */
enum err access_level_parse(struct str text, enum access_level *ret) MUST_CHECK;
enum err access_characteristic_parse(struct str text, enum access_characteristic *ret) MUST_CHECK;
/* "rule 3 (DeviceType is \"iPhone\")". */
void access_reason_put(struct buf *b, const struct access_decision *d);
/* Without case (ASCII). */
bool access_matches(const struct access_rule *rule, const struct access_subject *subject);

/* The list, the rules, the default: the device's own affair. `a` holds the rule of the decision. */
enum err access_decide(struct arena *a, struct store_tx *tx, int64_t account, const struct access_subject *subject,
		       struct access_decision *ret) MUST_CHECK;

/* ERR_EXISTS: there is such a rule (perhaps of another level). ERR_LIMIT: ACCESS_RULES_MAX. ERR_INVALID: the query. */
enum err access_rule_add(struct store_tx *tx, const struct access_rule *rule, int64_t *ret_id) MUST_CHECK;
enum err access_rule_remove(struct store_tx *tx, int64_t id) MUST_CHECK;
/* In the order in which they decide. */
enum err access_rules(struct arena *a, struct store_tx *tx, struct access_rule **ret, size_t *ret_n) MUST_CHECK;

/* ACCESS_ALLOW, ACCESS_BLOCK; ACCESS_UNDECIDED takes it from both lists. */
enum err access_exempt(struct store_tx *tx, int64_t account, struct str device_id, enum access_level level) MUST_CHECK;
/* ACCESS_UNDECIDED: it is on neither list. */
enum err access_exemption(struct store_tx *tx, int64_t account, struct str device_id,
			  enum access_level *ret) MUST_CHECK;

/* May the account use ActiveSync at all? */
enum err access_switch(struct store_tx *tx, int64_t account, bool on) MUST_CHECK;
enum err access_is_on(struct store_tx *tx, int64_t account, bool *ret) MUST_CHECK;

/* Stored under their names (access.c). Empty where nothing was set. */
enum access_setting {
	ACCESS_DEFAULT_LEVEL,
	ACCESS_ADMINS,    /* addresses, a comma between */
	ACCESS_USER_TEXT, /* for the mail that a phone in quarantine sees */
	ACCESS_REAP_DAYS, /* devices that were not seen for so long are removed; empty: never */
	ACCESS_SETTING_MAX_
};
enum err access_setting_get(struct arena *a, struct store_tx *tx, enum access_setting which,
			    struct str *ret) MUST_CHECK;
enum err access_setting_set(struct store_tx *tx, enum access_setting which, struct str value) MUST_CHECK;

#endif
