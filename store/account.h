/*
 * Accounts: who may log in, under which addresses, and whose mailbox it is. Rows of the directory: all functions need
 * a transaction of STORE_DIRECTORY (a write transaction where they change something) unless they take the store.
 * Addresses are compared without case (ASCII); the domains of the server are those of its addresses.
 *
 * Every change of an account takes the directory's change number and is published as (STORE_DIRECTORY, folder 0), so
 * that caches can compare store_head() of the directory. `struct str` results live in the arena that is passed.
 */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include <store/store.h>

enum {
	ACCOUNT_ADDRESS_MAX = 320, /* bytes: 64 + '@' + 255 (RFC 5321 4.5.3.1) */
	ACCOUNT_LOCAL_MAX = 64,
	ACCOUNT_DOMAIN_MAX = 255,
	ACCOUNT_PASSWORD_MAX = 384, /* bytes of a crypt(5) string: CRYPT_OUTPUT_SIZE */
	ACCOUNT_SCRAM_MAX = 192,    /* bytes of what SCRAM keeps of a password */
	ACCOUNT_SCRAM_SECRET_BYTES = 32,
	ACCOUNT_NAME_MAX = 256, /* bytes of a display name */
	ACCOUNT_ADDRESSES_MAX = 100,
};

/* Stored: append only. Rooms and equipment have a mailbox with a calendar as people do, and mostly no password. */
enum account_kind { ACCOUNT_PERSON, ACCOUNT_ROOM, ACCOUNT_EQUIPMENT, ACCOUNT_KIND_MAX_ };

/* Whose invitations a room answers by itself (gateway/mailbox/room.h). Stored: append only. */
enum account_answers {
	ACCOUNT_ANSWERS_NOBODY,
	ACCOUNT_ANSWERS_ACCOUNTS, /* who has logged in to this server */
	ACCOUNT_ANSWERS_ANYONE,
	ACCOUNT_ANSWERS_MAX_
};

struct account {
	int64_t id;
	int64_t mailbox;           /* for store_begin() */
	struct str address;        /* the primary one, as it was written */
	struct str name;           /* display name, may be empty */
	struct str password;       /* crypt(5) string; empty: nobody may log in */
	struct str scram;          /* of that password, as gateway/auth/scram.h writes it; empty: none yet */
	uint64_t password_version; /* another one whenever password or enabled is set; caches compare it */
	bool enabled;
	enum account_kind kind;
	enum account_answers answers;
	int64_t created_ms;
};

struct account_new {
	struct str address;
	struct str name;
	struct str password; /* already hashed; may be empty */
	struct str scram;    /* as of struct account; may be empty */
	enum account_kind kind;
};

/* What stands behind the '@' of an address; empty: there is none. */
static inline struct str account_domain(struct str address)
{
	return str_slice(address, str_index(address, '@') + 1, address.n);
}

/*
 * Makes the mailbox on disk, with the folders that every mailbox has, then the row. Where the transaction does not
 * commit, the id is given again, and the files go then.
 * ERR_EXISTS: somebody, or a group, has that address. ERR_INVALID: not an address (one '@', both sides, no blanks or controls,
 * UTF-8), name or password not UTF-8. ERR_LIMIT: too long.
 */
enum err account_add(struct store_tx *tx, const struct account_new *a, int64_t *ret_id) MUST_CHECK;

enum err account_get(struct arena *a, struct store_tx *tx, int64_t id, struct account *ret) MUST_CHECK;
/* By any of its addresses. */
enum err account_find(struct arena *a, struct store_tx *tx, struct str address, struct account *ret) MUST_CHECK;
/* Up to `limit` accounts with an id above `after`, by id. */
enum err account_list(struct arena *a, struct store_tx *tx, int64_t after, size_t limit, struct account **ret,
		      size_t *ret_n) MUST_CHECK;

/* ERR_NOT_FOUND: no such account. */
enum err account_set_password(struct store_tx *tx, int64_t id, struct str password) MUST_CHECK;
/*
 * Keeps what SCRAM needs of the password of that version; another password forgets it. ERR_STALE: the account has another
 * password by now. No change that is published.
 */
enum err account_set_scram(struct store_tx *tx, int64_t id, uint64_t password_version, struct str scram) MUST_CHECK;
/* The directory's secret, of which salts are made; ERR_NOT_FOUND: there is none yet. */
enum err account_scram_secret(struct store_tx *tx, unsigned char ret[ACCOUNT_SCRAM_SECRET_BYTES]) MUST_CHECK;
enum err account_scram_secret_make(struct store_tx *tx) MUST_CHECK; /* where there is none */
enum err account_set_name(struct store_tx *tx, int64_t id, struct str name) MUST_CHECK;
/* ERR_DENIED: it is a person. */
enum err account_set_answers(struct store_tx *tx, int64_t id, enum account_answers answers) MUST_CHECK;
enum err account_set_enabled(struct store_tx *tx, int64_t id, bool enabled) MUST_CHECK;

/* The addresses of an account, the primary one first. */
enum err account_addresses(struct arena *a, struct store_tx *tx, int64_t id, struct str **ret,
			   size_t *ret_n) MUST_CHECK;
/* ERR_LIMIT: ACCOUNT_ADDRESSES_MAX, or too long; ERR_EXISTS: somebody has it; ERR_INVALID as in account_add(). */
enum err account_address_add(struct store_tx *tx, int64_t id, struct str address) MUST_CHECK;
/* ERR_DENIED: it is the primary one. ERR_NOT_FOUND: not this account's. */
enum err account_address_remove(struct store_tx *tx, int64_t id, struct str address) MUST_CHECK;
/* Makes one of its addresses the primary one. ERR_NOT_FOUND: not this account's. */
enum err account_address_promote(struct store_tx *tx, int64_t id, struct str address) MUST_CHECK;

/* Is there an address in that domain? */
enum err account_domain_known(struct store_tx *tx, struct str domain, bool *ret) MUST_CHECK;
/* The domains, in lower case, by name. */
enum err account_domains(struct arena *a, struct store_tx *tx, struct str **ret, size_t *ret_n) MUST_CHECK;

/*
 * Removes the account, its addresses and devices, and then the mailbox's files. In a transaction of its own, since
 * files must not go before the rows are gone for certain.
 */
enum err account_remove(struct store *s, int64_t id) MUST_CHECK;
/* Removes mailboxes whose account was removed (a crash in the middle). *ret_removed: how many. For housekeeping. */
enum err account_sweep(struct store *s, size_t *ret_removed) MUST_CHECK;

#endif
