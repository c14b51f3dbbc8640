/*
 * Who is asking? Logins and passwords against the store's accounts, with a cache of verified credentials so that a
 * phone, which sends its password with every request, does not cost a key derivation each time.
 *
 * Logins: ann@example.test, EXAMPLE\ann (the first label of one of the server's domains, or the whole domain), ann in
 * the default domain. Blocking: workers only.
 */
#ifndef GATEWAY_AUTH_AUTH_H
#define GATEWAY_AUTH_AUTH_H

#include <base/arena.h>
#include <base/clock.h>
#include <store/service.h>

struct auth;
struct store;
struct store_tx;

enum {
	AUTH_MAX_LOGIN_BYTES = 320,         /* 64 + '@' + 255 (RFC 5321 4.5.3.1) */
	AUTH_KEEP_GOOD_MS = 10 * 60 * 1000, /* a verified credential */
	AUTH_KEEP_BAD_MS = 60 * 1000,       /* a refused one: a phone with an old password keeps asking */
	AUTH_CACHE_ENTRIES = 16384,
	AUTH_MAX_CONCURRENT_KDF = 4, /* a KDF is memory-hard: bounded */
	AUTH_MAX_WAITING_KDF = 2,    /* in line for one; with those that run fewer than a server has workers (main.c) */
};

/* With which credential, for what: auth_still_holds() asks whether it would still be taken. */
struct auth_grant {
	enum service service;
	uint64_t password_version; /* of the account's own password */
	int64_t app;               /* a password for a single program (store/app_password.h); 0: the account's own */
};

struct auth_identity {
	int64_t account;
	int64_t mailbox;
	struct str address; /* the account's primary address, in the caller's arena */
	struct auth_grant grant;
};

/* default_domain may be NULL; store and clock outlive it. */
struct auth *auth_new(struct store *store, const struct clock *clock, const char *default_domain);
void auth_free(struct auth **ap);

/* What a login is for; the store's names of the same (store/service.h). */
enum auth_service {
	AUTH_ACTIVESYNC = SERVICE_ACTIVESYNC,
	AUTH_IMAP = SERVICE_IMAP,
	AUTH_POP3 = SERVICE_POP3,
	AUTH_SUBMISSION = SERVICE_SMTP,
	AUTH_DISCOVERY = SERVICE_AUTODISCOVER,
	AUTH_EWS = SERVICE_EWS,
};

/* All borrowed. */
struct auth_attempt {
	enum auth_service service;
	struct str login, password;
	struct str
		peer; /* the client's host, "192.0.2.1"; whoever guesses is made to wait by account and network (throttle.h) */
	bool waited;       /* it was told to wait, and has */
	struct str device; /* ActiveSync: who it says it is; empty: nothing is said */
};

/*
 * Checks a login and its password: the one place that every protocol asks. The password is the account's own, or one for
 * a single program (which never waits: it is found by its digest). ERR_DENIED: unknown, wrong, disabled, or not taken for
 * that service (which of them is not told, and takes the same time). ERR_BUSY with *ret_wait_ms > 0: after so many failures it is looked at
 * after that time alone; nothing was looked at. A credential that is remembered as right never waits, and one that is
 * right is never refused for what others have tried. ERR_BUSY with 0: too many unknown credentials at this moment. Other
 * errors are the store's.
 */
enum err auth_password(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
		       struct auth_identity *ret, int64_t *ret_wait_ms) MUST_CHECK;

/*
 * Would that login still be let in? For what goes on after it: register, check, go on. ERR_DENIED: the account is gone or
 * disabled, has another password, or the program's password was revoked, or the service takes it no more. `arena` for a
 * moment's use; tx of the directory.
 */
enum err auth_still_holds(struct arena *arena, struct store_tx *tx, int64_t account,
			  const struct auth_grant *grant) MUST_CHECK;

/* The same in a transaction of its own. */
enum err auth_look_again(struct auth *a, struct arena *arena, const struct auth_identity *who) MUST_CHECK;

/*
 * Attempts are kept in memory until this writes them to the store (store/auth_log.h); those that are alike as one. Workers
 * only, or once nothing else runs.
 */
enum err auth_log_flush(struct auth *a) MUST_CHECK;

/*
 * The credentials in an HTTP Authorization header (RFC 7617), in UTF-8: they are read as that, and where it fails as
 * ISO-8859-1, which Outlook sends. ERR_INVALID: absent, malformed, another scheme, or longer than any of ours. Pure.
 */
enum err auth_basic_parse(struct arena *arena, struct str header, struct str *ret_login,
			  struct str *ret_password) MUST_CHECK;

/* The address a login stands for, in lower case; ERR_NOT_FOUND where its domain cannot be told. */
enum err auth_resolve_login(struct auth *a, struct arena *arena, struct str login, struct str *ret) MUST_CHECK;

/* Key derivations run so far; for tests and benches. */
uint64_t auth_kdf_count(const struct auth *a);

#endif
