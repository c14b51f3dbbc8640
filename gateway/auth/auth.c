/* Credentials against accounts, through the cache. */
#include <gateway/auth/auth_priv.h>

#include <base/base64.h>
#include <base/mem.h>
#include <base/utf8.h>
#include <gateway/auth/password.h>

#include <stdlib.h>

struct auth *auth_new(struct store *store, const struct clock *clock, const char *default_domain)
{
	struct auth *a = mem_alloc(sizeof(*a));

	a->store = store;
	a->default_domain = default_domain ? mem_cstr(default_domain) : NULL;
	a->cache = auth_cache_new(clock);
	a->throttle = auth_throttle_new(clock);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->kdf_done, NULL);
	return a;
}

void auth_free(struct auth **ap)
{
	struct auth *a = *ap;

	if (!a)
		return;
	auth_cache_free(&a->cache);
	auth_throttle_free(&a->throttle);
	pthread_cond_destroy(&a->kdf_done);
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

/*
 * A KDF takes megabytes while it runs: a few at a time, and a few more in line. The rest is refused, so that somebody who
 * tries passwords never has every worker, and phones that are known go on.
 */
static bool kdf_begin(struct auth *a)
{
	bool taken;

	pthread_mutex_lock(&a->lock);
	taken = a->kdf_running < AUTH_MAX_CONCURRENT_KDF || a->kdf_waiting < AUTH_MAX_WAITING_KDF;
	a->kdf_waiting += taken;
	while (taken && a->kdf_running == AUTH_MAX_CONCURRENT_KDF)
		pthread_cond_wait(&a->kdf_done, &a->lock);
	a->kdf_waiting -= taken;
	a->kdf_running += taken;
	pthread_mutex_unlock(&a->lock);
	return taken;
}

static void kdf_end(struct auth *a)
{
	pthread_mutex_lock(&a->lock);
	a->kdf_running--;
	pthread_cond_signal(&a->kdf_done);
	pthread_mutex_unlock(&a->lock);
}

static enum err run_kdf(struct auth *a, struct str password, struct str hash)
{
	enum err e = ERR_DENIED;

	if (!kdf_begin(a))
		return ERR_BUSY;
	atomic_fetch_add(&a->kdf_runs, 1);
	if (hash.n)
		e = password_verify(password, hash);
	else
		password_burn(password);
	kdf_end(a);
	return e == ERR_BUSY ? ERR_DENIED : e;
}

enum err auth_find_account(struct auth *a, struct arena *arena, struct str login, struct account *ret,
			   struct str *ret_name)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e = auth_resolve_login(a, arena, login, ret_name);

	*ret = (struct account){ 0 };
	if (e == ERR_NOT_FOUND) {
		*ret_name = login;
		return ERR_OK;
	}
	TRY(e);
	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_READ, &tx));
	e = account_find(arena, tx, *ret_name, ret);
	if (e == ERR_OK)
		*ret_name = ret->address;
	return e == ERR_NOT_FOUND || e == ERR_INVALID ? ERR_OK : e;
}

/* A credential that nobody has asked about lately. *ret_wait_ms > 0: not now. */
static enum err check_unknown(struct auth *a, const struct auth_attempt *attempt, const struct account *account,
			      struct str name, int64_t *ret_wait_ms)
{
	enum err e;

	*ret_wait_ms = attempt->waited ? 0 : auth_throttle_wait_ms(a->throttle, name, attempt->peer);
	if (*ret_wait_ms)
		return ERR_BUSY;
	e = run_kdf(a, attempt->password, account->enabled ? account->password : STR_EMPTY);
	if (e == ERR_BUSY)
		return e;
	auth_throttle_note(a->throttle, name, attempt->peer, e == ERR_OK);
	if (e == ERR_OK && account->scram.n == 0)
		auth_scram_learn(a, account, attempt->password);
	return e;
}

enum err auth_password(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
		       struct auth_identity *ret, int64_t *ret_wait_ms)
{
	struct auth_cache_key key;
	struct account account;
	struct str name;
	enum auth_verdict verdict;

	*ret_wait_ms = 0;
	TRY(auth_find_account(a, arena, attempt->login, &account, &name));
	key = auth_cache_key(a->cache, account.id, account.password_version, attempt->login, attempt->password);
	verdict = auth_cache_get(a->cache, &key);
	if (verdict == AUTH_UNKNOWN) {
		enum err e = check_unknown(a, attempt, &account, name, ret_wait_ms);

		if (e == ERR_BUSY)
			return e;
		/* A hash we can't read is the administrator's to mend; to the client it is a wrong password. */
		verdict = e == ERR_OK ? AUTH_GOOD : AUTH_BAD;
		auth_cache_put(a->cache, &key, verdict);
	}
	if (verdict != AUTH_GOOD || !account.enabled)
		return ERR_DENIED;
	*ret = (struct auth_identity){ account.id, account.mailbox, account.address };
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
