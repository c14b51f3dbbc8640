/*
 * Passwords of an account for single programs or phones. The secret is drawn by us and long (gateway/auth/app_secret.h), so
 * its digest is all that is kept, and it is found by that. Rows of the directory; transactions of STORE_DIRECTORY.
 */
#ifndef STORE_APP_PASSWORD_H
#define STORE_APP_PASSWORD_H

#include <store/service.h>
#include <store/store.h>

enum {
	APP_PASSWORDS_MAX = 100,    /* of an account */
	APP_PASSWORD_NAME_MAX = 64, /* bytes */
	APP_PASSWORD_DIGEST_SIZE = 32,
	APP_PASSWORD_PEER_MAX = 64,
	APP_PASSWORD_USED_S = 600, /* the last use is written no more often */
};

struct app_password {
	int64_t id;
	struct str name;
	unsigned services;           /* a bit for each of enum service */
	struct str device_id;        /* the only device that may use it; empty: any program */
	int64_t created_ms, used_ms; /* 0: never */
	enum service used_service;
	struct str used_peer;
};

/*
 * ERR_EXISTS: the account has one of that name. ERR_INVALID: the name is empty or has control characters, or no service is
 * given, or the device id is none. ERR_LIMIT: APP_PASSWORDS_MAX, or the name is too long.
 */
enum err app_password_add(struct store_tx *tx, int64_t account, const struct app_password *p,
			  const unsigned char digest[APP_PASSWORD_DIGEST_SIZE]) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err app_password_remove(struct store_tx *tx, int64_t account, struct str name) MUST_CHECK;
/* By name. Arena memory. */
enum err app_password_list(struct arena *a, struct store_tx *tx, int64_t account, struct app_password **ret,
			   size_t *ret_n) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err app_password_find(struct arena *a, struct store_tx *tx, int64_t account,
			   const unsigned char digest[APP_PASSWORD_DIGEST_SIZE], struct app_password *ret) MUST_CHECK;
/* Is it still there? */
enum err app_password_exists(struct store_tx *tx, int64_t id, bool *ret) MUST_CHECK;
/* In a write transaction; no change that is published. */
enum err app_password_used(struct store_tx *tx, int64_t id, enum service service, struct str peer) MUST_CHECK;
/* With the account. */
enum err app_password_drop_all(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
