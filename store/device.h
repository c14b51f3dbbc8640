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
	DEVICE_SEEN_S = 60,     /* "last seen" is written at most so often */
};

/* What a device tells of itself (MS-ASCMD DeviceInformation). */
struct device_info {
	struct str model, os, os_language, friendly_name, imei, phone_number, mobile_operator, user_agent;
};

struct device {
	int64_t id; /* author number and epoch */
	int64_t account;
	struct str device_id, type;
	struct device_info info;
	unsigned protocol;              /* version * 10: 121, 140, 141, 160, 161; 0: not known yet */
	uint32_t policy_key;            /* acknowledged; 0: none. 31 bits: some phones read it as signed */
	uint32_t policy_key_temporary;  /* given in the first phase of Provision; 0: none */
	int64_t policy_acknowledged_ms; /* 0: never */
	int64_t first_seen_ms, last_seen_ms;
};

/*
 * 1 to DEVICE_ID_MAX letters, digits, '-', '_' and '.'. MS-ASHTTP 2.2.1.1.1.2.3 rules out commas and special characters
 * without a list; these three are seen in the field.
 */
bool device_id_valid(struct str device_id);

/*
 * The partnership, made where there is none (*ret_new).
 * ERR_INVALID: device id or type malformed. ERR_LIMIT: the account has DEVICE_MAX_PER_ACCOUNT, or the type is too long.
 * ERR_NOT_FOUND: no such account.
 */
enum err device_enroll(struct arena *a, struct store_tx *tx, int64_t account, struct str device_id, struct str type,
		       struct device *ret, bool *ret_new) MUST_CHECK;
enum err device_find(struct arena *a, struct store_tx *tx, int64_t account, struct str device_id,
		     struct device *ret) MUST_CHECK;
enum err device_get(struct arena *a, struct store_tx *tx, int64_t id, struct device *ret) MUST_CHECK;
/* All devices of an account, by id. */
enum err device_list(struct arena *a, struct store_tx *tx, int64_t account, struct device **ret,
		     size_t *ret_n) MUST_CHECK;
/* The partnership ends; sync_forget() of the mailbox is the caller's, in a transaction there. */
enum err device_remove(struct store_tx *tx, int64_t id) MUST_CHECK;

/* Fields whose .p is NULL stay as they are; what is too long is cut at a character, what is not UTF-8 is ERR_INVALID. */
enum err device_set_info(struct store_tx *tx, int64_t id, const struct device_info *info) MUST_CHECK;
enum err device_set_protocol(struct store_tx *tx, int64_t id, unsigned protocol) MUST_CHECK;

/* Phase one of Provision: a temporary key, drawn here; the permanent one stays in force until phase two. */
enum err device_policy_offer(struct store_tx *tx, int64_t id, uint32_t *ret_key) MUST_CHECK;
/*
 * Phase two: the temporary key is acknowledged; a new permanent one comes into force. A repeat, whose answer was lost,
 * gives the same one. ERR_STALE: `key` is not the temporary key that was offered last.
 */
enum err device_policy_acknowledge(struct store_tx *tx, int64_t id, uint32_t key, uint32_t *ret_key) MUST_CHECK;
/* The device must provision again: both keys are gone. */
enum err device_policy_reset(struct store_tx *tx, int64_t id) MUST_CHECK;

/*
 * The device is there now. Written at most once in DEVICE_SEEN_S; between that it costs a look into memory. Begins its
 * own transaction: none may be open in this thread. A device that is gone is fine.
 */
enum err device_seen(struct store *s, int64_t id) MUST_CHECK;

#endif
