/*
 * Partnerships: a device in an account. Rows of the directory: all functions need a transaction of STORE_DIRECTORY (a
 * write transaction where they change something) unless they take the store.
 *
 * The id of the row is the device's author number and the epoch of its sync state: it is never given again, so that
 * what is kept for a device that was removed is foreign to the one that comes back under its name (sync-engine rule
 * 13). `struct str` results live in the arena that is passed.
 */
#ifndef STORE_DEVICE_H
#define STORE_DEVICE_H

#include <store/store.h>

enum {
	DEVICE_MAX_PER_ACCOUNT = 100,
	DEVICE_ID_MAX = 64,     /* bytes; MS-ASHTTP asks for 32, phones send more */
	DEVICE_TYPE_MAX = 64,   /* bytes */
	DEVICE_TEXT_MAX = 1024, /* bytes of any other text */
};

/* EnableOutboundSMS (MS-ASMS 2.2.2.2.2). */
enum device_texts { DEVICE_TEXTS_UNSAID, DEVICE_TEXTS_SENT, DEVICE_TEXTS_NOT_SENT };

/* What a device tells of itself (MS-ASCMD DeviceInformation). */
struct device_info {
	struct str model, os, os_language, friendly_name, imei, phone_number, mobile_operator, user_agent;
	enum device_texts texts; /* told of is struct device's sends_texts */
};

/* A policy as a device was given it: what it was called, for which protocol it was written, and its policy_document(). */
struct device_policy {
	struct str name;
	unsigned protocol;
	uint64_t document; /* 0: none */
};

/* Stored: append only. */
enum device_wipe { DEVICE_WIPE_NONE, DEVICE_WIPE_FULL, DEVICE_WIPE_ACCOUNT };

enum { DEVICE_POLICY_ACCEPTED = 1, DEVICE_WIPE_SUCCEEDED = 1 };   /* MS-ASPROV 2.2.2.54.1, 2.2.2.54.3 */
enum { DEVICE_ACCOUNT_WIPE_FROM = 161, DEVICE_TEXTS_FROM = 140 }; /* the first protocols that know them */

struct device {
	int64_t id; /* author number and epoch */
	int64_t account;
	struct str device_id, type;
	struct device_info info;
	unsigned protocol;              /* version * 10: 121, 140, 141, 160, 161; 0: not known yet */
	uint32_t policy_key;            /* acknowledged; 0: none. 31 bits: some phones read it as signed */
	uint32_t policy_key_temporary;  /* given in the first phase of Provision; 0: none */
	int64_t policy_acknowledged_ms; /* 0: never */
	struct device_policy policy;    /* the one acknowledged */
	unsigned policy_status;         /* what the device said of the last one it was given; 0: nothing */
	int64_t first_seen_ms, last_seen_ms;
	int64_t sends_texts; /* see device_text_sender(); 0: it does not */

	/* The last decision about it (store/access.h), so that a new one is told of once. */
	int access; /* enum access_level */
	struct str access_reason;
	int64_t access_ms;

	/* Times are 0 where it has not come to that. */
	enum device_wipe wipe;
	bool wipe_allows;     /* the device may come back after it */
	unsigned wipe_status; /* what the device said: MS-ASPROV 2.2.2.54.3; 0: nothing yet */
	int64_t wipe_requested_ms, wipe_sent_ms, wipe_done_ms;

	int64_t last_sync_ms; /* 0: it never synced: nothing is lost with it */
	struct str last_command;
	int64_t last_command_ms;
	struct str error_command; /* the last that failed */
	unsigned error_status;    /* ActiveSync's, or HTTP's where there is no other */
	int64_t error_ms;
};

/*
 * 1 to DEVICE_ID_MAX letters, digits, '-', '_' and '.'. MS-ASHTTP 2.2.1.1.1.2.3 rules out commas and special characters
 * without a list; these three are seen in the field.
 */
bool device_id_valid(struct str device_id);

/*
 * The partnership, made where there is none (*ret_new). An account with DEVICE_MAX_PER_ACCOUNT loses the one that was
 * unseen for longest of those that never synced and have no wipe: a client that comes with another id each time fills
 * nothing.
 * ERR_INVALID: device id or type malformed. ERR_LIMIT: all of them have synced, or the type is too long. ERR_NOT_FOUND:
 * no such account.
 */
enum err device_enroll(struct arena *a, struct store_tx *tx, int64_t account, struct str device_id, struct str type,
		       struct device *ret, bool *ret_new) MUST_CHECK;
enum err device_find(struct arena *a, struct store_tx *tx, int64_t account, struct str device_id,
		     struct device *ret) MUST_CHECK;
enum err device_get(struct arena *a, struct store_tx *tx, int64_t id, struct device *ret) MUST_CHECK;
/* All devices of an account, by id. */
enum err device_list(struct arena *a, struct store_tx *tx, int64_t account, struct device **ret,
		     size_t *ret_n) MUST_CHECK;
/*
 * Each device of every account, or of one (0: every), with the account's address; by address and id. What is handed to
 * `each` lives until it returns: `a` is emptied then. An error of `each` ends it.
 */
enum err device_each(struct arena *a, struct store_tx *tx, int64_t account,
		     enum err (*each)(void *ctx, struct str address, const struct device *d), void *ctx) MUST_CHECK;
/*
 * Of the devices of an account the one that text messages are sent through: the latest to say so that can hear of them, is let
 * in, and is not to be wiped. NULL: none.
 */
const struct device *device_text_sender(const struct device *list, size_t n);
/* The partnership ends; sync_forget() of the mailbox is the caller's, in a transaction there. */
enum err device_remove(struct store_tx *tx, int64_t id) MUST_CHECK;

/* Fields whose .p is NULL stay as they are, and so does what is unsaid; what is too long is cut at a character, what is not UTF-8 is ERR_INVALID. */
enum err device_set_info(struct store_tx *tx, int64_t id, const struct device_info *info) MUST_CHECK;
enum err device_set_type(struct store_tx *tx, int64_t id, struct str type) MUST_CHECK;
enum err device_set_protocol(struct store_tx *tx, int64_t id, unsigned protocol) MUST_CHECK;

/*
 * Phase one of Provision: a temporary key for that policy, drawn here; the permanent one stays in force until phase two.
 */
enum err device_policy_offer(struct store_tx *tx, int64_t id, const struct device_policy *policy,
			     uint32_t *ret_key) MUST_CHECK;
/*
 * Phase two: the temporary key is acknowledged, with what the device says of the policy; a new permanent one comes into
 * force, and what was offered is what the device has. A repeat, whose answer was lost, gives the same one. ERR_STALE:
 * `key` is not the temporary key that was offered last.
 */
enum err device_policy_acknowledge(struct store_tx *tx, int64_t id, uint32_t key, unsigned status,
				   uint32_t *ret_key) MUST_CHECK;
/* Phase two of a device that says too little to be let in: only that is kept. ERR_STALE as above. */
enum err device_policy_refuse(struct store_tx *tx, int64_t id, uint32_t key, unsigned status) MUST_CHECK;
/* The device must provision again: both keys are gone. */
enum err device_policy_reset(struct store_tx *tx, int64_t id) MUST_CHECK;

/* A new decision about it. */
enum err device_set_access(struct store_tx *tx, int64_t id, int level, struct str reason) MUST_CHECK;

/*
 * Remote wipe: requested, sent to the device, acknowledged by it. A new request replaces a former one. ERR_UNSUPPORTED:
 * the device's protocol knows no wipe of the account alone.
 */
enum err device_wipe_request(struct store_tx *tx, int64_t id, enum device_wipe kind, bool allows) MUST_CHECK;
/* ERR_NOT_FOUND: none is on its way. ERR_DENIED: the device has it already. */
enum err device_wipe_cancel(struct store_tx *tx, int64_t id) MUST_CHECK;
enum err device_wipe_sent(struct store_tx *tx, int64_t id) MUST_CHECK;
/*
 * With DEVICE_WIPE_SUCCEEDED it is done: the policy keys are gone, and unless `allows` was said the account has that
 * device id on its list of blocked ones. Else it stays requested.
 */
enum err device_wipe_acknowledge(struct store_tx *tx, const struct device *d, unsigned status) MUST_CHECK;
static inline bool device_wipe_pending(const struct device *d)
{
	return d->wipe != DEVICE_WIPE_NONE && d->wipe_done_ms == 0;
}

/* What a device did, as far as it is new: a time of 0 leaves the former. */
struct device_activity {
	int64_t last_sync_ms, last_command_ms, error_ms;
	struct str last_command, error_command;
	unsigned error_status;
};
/* With it, that it was seen now. Begins its own transaction: none may be open. A device that is gone is fine. */
enum err device_set_activity(struct store *s, int64_t id, const struct device_activity *activity) MUST_CHECK;

/*
 * Removes up to `limit` devices that were not seen since before_ms, of those that never synced where only_unsynced.
 * Those with a wipe stay. *ret_n: how many. What is kept for them in mailboxes is sync_purge()'s.
 */
enum err device_reap(struct store_tx *tx, int64_t before_ms, bool only_unsynced, unsigned limit,
		     unsigned *ret_n) MUST_CHECK;

#endif
