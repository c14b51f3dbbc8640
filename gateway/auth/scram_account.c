/* Salts by the directory's secret. */
#include <gateway/auth/scram_account.h>

#include <store/account.h>

#include <openssl/crypto.h>

static enum err get_secret(struct store *store, unsigned char *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(store, STORE_DIRECTORY, STORE_READ, &tx));
	return account_scram_secret(tx, ret);
}

static enum err make_secret(struct store *store, unsigned char *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_scram_secret_make(tx));
	TRY(account_scram_secret(tx, ret));
	return store_commit(&tx);
}

/* An unset one is made the first time that anybody asks. */
enum err scram_account_salt(struct store *store, struct str address, unsigned char ret[SCRAM_SALT_BYTES])
{
	unsigned char secret[ACCOUNT_SCRAM_SECRET_BYTES];
	enum err e = get_secret(store, secret);

	if (e == ERR_NOT_FOUND)
		e = make_secret(store, secret);
	TRY(e);
	scram_salt(str_from(secret, sizeof(secret)), address, ret);
	OPENSSL_cleanse(secret, sizeof(secret));
	return ERR_OK;
}

enum err scram_account_text(struct store *store, struct str address, struct str password, struct buf *ret)
{
	struct scram_keys keys = { .iterations = SCRAM_ITERATIONS };
	enum err e;

	TRY(scram_account_salt(store, address, keys.salt));
	e = scram_derive(password, &keys);
	if (!e)
		scram_keys_put(ret, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
	return e ? e : buf_status(ret);
}
