/*
 * Who logged in, when, from where, to what, and what came of it. Attempts that are alike within AUTH_LOG_ALIKE_MS are one
 * row with their number. Bounded: AUTH_LOG_ROWS, the oldest go first. Rows of the directory; transactions of STORE_DIRECTORY.
 */
#ifndef STORE_AUTH_LOG_H
#define STORE_AUTH_LOG_H

#include <store/service.h>
#include <store/store.h>

enum { AUTH_LOG_ROWS = 50000, AUTH_LOG_TEXT_MAX = 320, AUTH_LOG_ALIKE_MS = 24 * 3600 * 1000 };

enum auth_log_result { AUTH_LOG_GOOD, AUTH_LOG_DENIED, AUTH_LOG_REFUSED, AUTH_LOG_THROTTLED, AUTH_LOG_RESULT_MAX_ };
/* "logged in", "denied" (unknown, wrong or disabled), "refused" (not with that password for that service), "throttled". */
const char *auth_log_result_text(enum auth_log_result result);

struct auth_log_entry {
	int64_t id;
	int64_t first_ms, last_ms;
	uint64_t attempts;
	int64_t account;  /* 0: nobody has that address */
	struct str login; /* as it was typed */
	enum service service;
	struct str peer;
	enum auth_log_result result;
	struct str credential; /* the name of an app password; empty: the account's own */
};

/* Appends, and removes what passes AUTH_LOG_ROWS. Texts are cut at AUTH_LOG_TEXT_MAX; what is not UTF-8 is mended. */
enum err auth_log_add(struct store_tx *tx, const struct auth_log_entry *entries, size_t n) MUST_CHECK;
/* The newest `limit` by their last attempt, of one account or of all (0), the newest first. Arena memory. */
enum err auth_log_list(struct arena *a, struct store_tx *tx, int64_t account, size_t limit, struct auth_log_entry **ret,
		       size_t *ret_n) MUST_CHECK;

#endif
