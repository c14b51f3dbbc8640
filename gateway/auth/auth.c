/* Credentials against accounts, through the cache. */
#include <gateway/auth/auth_priv.h>

#include <base/base64.h>
#include <base/log.h>
#include <base/mem.h>
#include <base/table.h>
#include <base/utf8.h>
#include <gateway/auth/app_secret.h>
#include <gateway/auth/password.h>

#include <stdlib.h>

struct auth *auth_new(struct store *store, const struct clock *clock, const char *default_domain)
{
	struct auth *a = mem_alloc(sizeof(*a));

	a->store = store;
	a->clock = clock;
	a->attempts = table_new();
	a->default_domain = default_domain ? mem_cstr(default_domain) : NULL;
	a->cache = auth_cache_new(clock);
	a->throttle = auth_throttle_new(clock);
	pthread_mutex_init(&a->lock, NULL);
	kdf_line_init(&a->kdf_line);
	return a;
}

void auth_free(struct auth **ap)
{
	struct auth *a = *ap;

	if (!a)
		return;
	auth_cache_free(&a->cache);
	auth_throttle_free(&a->throttle);
	auth_log_free(a);
	kdf_line_release(&a->kdf_line);
	pthread_mutex_destroy(&a->lock);
	free(a->default_domain);
	free(a);
	*ap = NULL;
}

uint64_t auth_kdf_count(const struct auth *a)
{
	return atomic_load(&a->kdf_runs);
}

/* ---- logins ---- */

static enum err join_address(struct arena *arena, struct str local, struct str domain, struct str *ret)
{
	struct buf address = BUF_INIT(AUTH_MAX_LOGIN_BYTES);
	enum err e;

	buf_str(&address, local);
	buf_char(&address, '@');
	buf_str(&address, domain);
	for (size_t i = 0; i < address.n; i++)
		address.p[i] = ascii_lower(address.p[i]);
	e = buf_status(&address);
	if (!e)
		e = arena_str(arena, buf_view(&address), ret);
	buf_release(&address);
	return e;
}

/* The domain that an old Windows login names: the whole one, or its first label. */
static enum err domain_of_label(struct auth *a, struct arena *arena, struct str label, struct str *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct str *domains;
	size_t n;

	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_domains(arena, tx, &domains, &n));
	for (size_t i = 0; i < n; i++) {
		if (!str_ieq(domains[i], label) &&
		    !str_ieq(str_slice(domains[i], 0, str_index(domains[i], '.')), label))
			continue;
		*ret = domains[i];
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

enum err auth_resolve_login(struct auth *a, struct arena *arena, struct str login, struct str *ret)
{
	size_t backslash = str_index(login, '\\'), at = str_index(login, '@');
	struct str domain;

	if (login.n > AUTH_MAX_LOGIN_BYTES)
		return ERR_NOT_FOUND;
	if (backslash < login.n) {
		struct str user = str_slice(login, backslash + 1, login.n);

		/* EXAMPLE\ann@example.test: phones glue their domain field to a whole address. */
		if (str_index(user, '@') < user.n)
			return auth_resolve_login(a, arena, user, ret);
		if (backslash > 0) {
			TRY(domain_of_label(a, arena, str_slice(login, 0, backslash), &domain));
			return join_address(arena, user, domain, ret);
		}
		login = user; /* \ann */
	}
	if (at < login.n)
		return join_address(arena, str_slice(login, 0, at), str_slice(login, at + 1, login.n), ret);
	if (!a->default_domain)
		return ERR_NOT_FOUND;
	return join_address(arena, login, str_of(a->default_domain), ret);
}

/* ---- passwords ---- */

static enum err run_kdf(struct auth *a, struct str password, struct str hash)
{
	enum err e = ERR_DENIED;

	if (!kdf_line_enter(&a->kdf_line))
		return ERR_BUSY;
	atomic_fetch_add(&a->kdf_runs, 1);
	if (hash.n)
		e = password_verify(password, hash);
	else
		password_burn(password);
	kdf_line_leave(&a->kdf_line);
	return e == ERR_BUSY ? ERR_DENIED : e;
}

static enum err find_app(struct arena *arena, struct store_tx *tx, struct str typed, struct auth_found *f)
{
	unsigned char digest[APP_SECRET_DIGEST_SIZE];
	enum err e;

	_Static_assert((int)APP_SECRET_DIGEST_SIZE == (int)APP_PASSWORD_DIGEST_SIZE, "what is kept of a secret");
	if (f->account.id == 0 || app_secret_digest(typed, digest))
		return ERR_OK;
	e = app_password_find(arena, tx, f->account.id, digest, &f->app);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err auth_find(struct auth *a, struct arena *arena, const struct auth_attempt *attempt, struct auth_found *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct auth_found f = { 0 };
	enum err e = auth_resolve_login(a, arena, attempt->login, &f.name);

	if (e == ERR_NOT_FOUND) {
		*ret = (struct auth_found){ .name = attempt->login };
		return ERR_OK;
	}
	TRY(e);
	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_READ, &tx));
	e = account_find(arena, tx, f.name, &f.account);
	if (e == ERR_OK)
		f.name = f.account.address;
	else if (e != ERR_NOT_FOUND && e != ERR_INVALID)
		return e;
	TRY(login_mode_of(tx, f.account.id, (enum service)attempt->service, &f.mode));
	TRY(find_app(arena, tx, attempt->password, &f));
	*ret = f;
	return ERR_OK;
}

/* ---- what was found to hold, and may not any more ---- */

static enum err grant_holds(struct store_tx *tx, const struct account *account, const struct auth_grant *grant)
{
	enum login_mode mode;
	bool there;

	if (!account->enabled)
		return ERR_DENIED;
	TRY(login_mode_of(tx, account->id, grant->service, &mode));
	if (grant->app == 0)
		return mode == LOGIN_ON && account->password_version == grant->password_version ? ERR_OK : ERR_DENIED;
	TRY(app_password_exists(tx, grant->app, &there));
	return there && mode != LOGIN_OFF ? ERR_OK : ERR_DENIED;
}

enum err auth_still_holds(struct arena *arena, struct store_tx *tx, int64_t account, const struct auth_grant *grant)
{
	struct account now;
	enum err e = account_get(arena, tx, account, &now);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_DENIED : e;
	return grant_holds(tx, &now, grant);
}

enum err auth_look_again(struct auth *a, struct arena *arena, const struct auth_identity *who)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_READ, &tx));
	return auth_still_holds(arena, tx, who->account, &who->grant);
}

/* ---- the account's own password ---- */

/* A credential that nobody has asked about lately. *ret_wait_ms > 0: not now. */
static enum err check_unknown(struct auth *a, const struct auth_attempt *attempt, const struct auth_found *f,
			      int64_t *ret_wait_ms)
{
	const struct account *account = &f->account;
	enum err e;

	*ret_wait_ms =
		attempt->waited ? 0 : auth_throttle_wait_ms(a->throttle, f->name, attempt->peer, attempt->device);
	if (*ret_wait_ms)
		return ERR_BUSY;
	e = run_kdf(a, attempt->password, auth_takes_own(f) ? account->password : STR_EMPTY);
	if (e == ERR_BUSY)
		return e;
	auth_throttle_note(a->throttle, f->name, attempt->peer, attempt->device, e == ERR_OK);
	if (e == ERR_OK && account->scram.n == 0)
		auth_scram_learn(a, account, attempt->password);
	return e;
}

static enum err check_own(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
			  const struct auth_found *f, int64_t *ret_wait_ms)
{
	/* Where the service does not take it, that is remembered apart: another service may. */
	uint64_t version = auth_takes_own(f) ? f->account.password_version : 0;
	struct auth_cache_key key = auth_cache_key(a->cache, f->account.id, version, attempt->login, attempt->password);
	enum auth_verdict verdict = auth_cache_get(a->cache, &key);
	enum err e;

	if (verdict != AUTH_UNKNOWN) {
		if (verdict == AUTH_BAD)
			auth_log_note(a, attempt, f, AUTH_LOG_DENIED);
		return verdict == AUTH_GOOD ? ERR_OK : ERR_DENIED;
	}
	e = check_unknown(a, attempt, f, ret_wait_ms);
	if (e == ERR_BUSY) {
		auth_log_note(a, attempt, f, AUTH_LOG_THROTTLED);
		return e;
	}
	/* A hash we can't read is the administrator's to mend; to the client it is a wrong password. */
	auth_cache_put(a->cache, &key, e == ERR_OK ? AUTH_GOOD : AUTH_BAD);
	if (e == ERR_OK) { /* hashing took its time, in which the password may have been changed */
		const struct auth_identity who = auth_identity_of(f, (enum service)attempt->service);

		e = auth_look_again(a, arena, &who);
	} else {
		e = ERR_DENIED;
	}
	auth_log_note(a, attempt, f, e ? AUTH_LOG_DENIED : AUTH_LOG_GOOD);
	return e;
}

/* ---- passwords for single programs ---- */

static bool app_may(const struct auth_attempt *attempt, const struct auth_found *f)
{
	if (!f->account.enabled || f->mode == LOGIN_OFF || !(f->app.services & 1u << attempt->service))
		return false;
	return f->app.device_id.n == 0 || attempt->device.n == 0 || str_eq(f->app.device_id, attempt->device);
}

static enum err write_use(struct auth *a, const struct auth_attempt *attempt, const struct auth_found *f)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(app_password_used(tx, f->app.id, (enum service)attempt->service, attempt->peer));
	return store_commit(&tx);
}

/* He is logged in whether that can be written or not. */
static void note_use(struct auth *a, const struct auth_attempt *attempt, const struct auth_found *f)
{
	enum err e;

	if (clock_wall_ms(a->clock) - f->app.used_ms < APP_PASSWORD_USED_S * INT64_C(1000))
		return;
	e = write_use(a, attempt, f);
	if (e)
		log_warn("app_password", "account=%lld error=%s", (long long)f->account.id,
			 log_quote(str_of(err_text(e))).text);
	auth_throttle_note(a->throttle, f->name, attempt->peer, attempt->device, true);
	auth_log_note(a, attempt, f, AUTH_LOG_GOOD);
}

static enum err check_app(struct auth *a, const struct auth_attempt *attempt, const struct auth_found *f)
{
	if (!app_may(attempt, f)) {
		auth_log_note(a, attempt, f, AUTH_LOG_REFUSED);
		return ERR_DENIED;
	}
	note_use(a, attempt, f);
	return ERR_OK;
}

enum err auth_password(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
		       struct auth_identity *ret, int64_t *ret_wait_ms)
{
	struct auth_found f;

	*ret_wait_ms = 0;
	TRY(auth_find(a, arena, attempt, &f));
	TRY(f.app.id ? check_app(a, attempt, &f) : check_own(a, arena, attempt, &f, ret_wait_ms));
	*ret = auth_identity_of(&f, (enum service)attempt->service);
	return ERR_OK;
}

/* ---- HTTP Basic ---- */

enum { BASIC_MAX_BYTES = AUTH_MAX_LOGIN_BYTES + 1 + PASSWORD_MAX_BYTES };

/* ISO-8859-1 to UTF-8: the code points are the bytes. */
static void put_latin1(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		utf8_put(out, (unsigned char)s.p[i]);
}

/* user:password as sent, both in UTF-8. */
static enum err split_basic(struct arena *arena, struct str sent, struct str *login, struct str *password)
{
	struct buf text = BUF_INIT(2 * BASIC_MAX_BYTES);
	struct str all;
	enum err e;

	if (utf8_valid(sent))
		buf_str(&text, sent);
	else
		put_latin1(&text, sent);
	e = buf_status(&text);
	if (!e)
		e = arena_str(arena, buf_view(&text), &all);
	buf_release(&text);
	TRY(e);
	if (!str_cut(&all, ':', login) || !all.p)
		return ERR_INVALID;
	*password = all;
	return ERR_OK;
}

enum err auth_basic_parse(struct arena *arena, struct str header, struct str *ret_login, struct str *ret_password)
{
	struct buf sent = BUF_INIT(BASIC_MAX_BYTES);
	enum err e;

	if (!str_istarts(header, S("Basic ")))
		return ERR_INVALID;
	e = base64_decode(&sent, str_trim(str_slice(header, sizeof("Basic ") - 1, header.n)));
	if (!e)
		e = split_basic(arena, buf_view(&sent), ret_login, ret_password);
	buf_release(&sent);
	return e ? ERR_INVALID : ERR_OK;
}
