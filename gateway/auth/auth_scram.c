/* SCRAM's keys of accounts: looked up, made up, and learnt. */
#include <gateway/auth/auth_priv.h>
#include <gateway/auth/scram.h>
#include <gateway/auth/scram_account.h>

#include <base/log.h>

/* Nobody can prove that he knows these: they are of no password. */
static enum err make_up(struct auth *a, struct str address, struct scram_keys *ret)
{
	*ret = (struct scram_keys){ .iterations = SCRAM_ITERATIONS };
	TRY(scram_account_salt(a->store, address, ret->salt));
	scram_salt(str_from(ret->salt, sizeof(ret->salt)), address, ret->stored);
	return ERR_OK;
}

enum err auth_scram_keys(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
			 struct scram_keys *ret, struct auth_scram_owner *ret_owner, int64_t *ret_wait_ms)
{
	struct auth_found f;
	struct scram_keys made_up;

	*ret_wait_ms = 0;
	TRY(auth_find(a, arena, attempt, &f));
	if (!attempt->waited)
		*ret_wait_ms = auth_throttle_wait_ms(a->throttle, f.name, attempt->peer, attempt->device);
	if (*ret_wait_ms) {
		auth_log_note(a, attempt, &f, AUTH_LOG_THROTTLED);
		return ERR_BUSY;
	}
	*ret_owner = (struct auth_scram_owner){ 0 };
	TRY(make_up(a, f.name, &made_up)); /* in any case, so that both take the same time */
	if (auth_takes_own(&f) && !scram_keys_parse(f.account.scram, ret))
		*ret_owner = (struct auth_scram_owner){ f.account.id, f.account.password_version };
	else
		*ret = made_up;
	return ERR_OK;
}

enum err auth_scram_conclude(struct auth *a, struct arena *arena, const struct auth_attempt *attempt,
			     const struct auth_scram_owner *owner, bool proved, struct auth_identity *ret)
{
	struct auth_found f;
	bool good;

	TRY(auth_find(a, arena, attempt, &f));
	good = proved && owner->account && f.account.id == owner->account && auth_takes_own(&f) &&
	       f.account.password_version == owner->password_version;
	auth_throttle_note(a->throttle, f.name, attempt->peer, attempt->device, good);
	auth_log_note(a, attempt, &f, good ? AUTH_LOG_GOOD : AUTH_LOG_DENIED);
	if (!good)
		return ERR_DENIED;
	*ret = auth_identity_of(&f, (enum service)attempt->service);
	return ERR_OK;
}

static enum err learn(struct auth *a, const struct account *account, struct str password)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT(ACCOUNT_SCRAM_MAX);

	TRY(scram_account_text(a->store, account->address, password, &text));
	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_set_scram(tx, account->id, account->password_version, buf_view(&text)));
	return store_commit(&tx);
}

void auth_scram_learn(struct auth *a, const struct account *account, struct str password)
{
	enum err e = learn(a, account, password);

	/* He is logged in all the same; the next time tries again. ERR_INVALID: no password for SCRAM, and so it stays. */
	if (e && e != ERR_INVALID && e != ERR_STALE)
		log_warn("scram_keys", "account=%lld error=%s", (long long)account->id,
			 log_quote(str_of(err_text(e))).text);
}
