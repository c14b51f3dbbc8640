/* SCRAM's keys for an account of a store. Blocking; slow on purpose. */
#ifndef GATEWAY_AUTH_SCRAM_ACCOUNT_H
#define GATEWAY_AUTH_SCRAM_ACCOUNT_H

#include <gateway/auth/scram.h>

struct store;

/* scram_salt() by the directory's secret, which is made the first time that anybody asks. */
enum err scram_account_salt(struct store *store, struct str address, unsigned char ret[SCRAM_SALT_BYTES]) MUST_CHECK;
/* Appends the keys of a password for account_set_scram(). address: the account's primary one. ERR_INVALID as scram_derive(). */
enum err scram_account_text(struct store *store, struct str address, struct str password, struct buf *ret) MUST_CHECK;

#endif
