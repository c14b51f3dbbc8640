/*
 * Password hashes in the formats of crypt(5). New ones are yescrypt; whatever libxcrypt verifies (bcrypt, SHA-512,
 * SHA-256, scrypt, yescrypt, gost-yescrypt) may be brought from another system. Weak ones (DES, MD5, NT) are refused.
 * Blocking and slow on purpose (tens of milliseconds): workers only.
 */
#ifndef GATEWAY_AUTH_PASSWORD_H
#define GATEWAY_AUTH_PASSWORD_H

#include <base/buf.h>

enum {
	PASSWORD_MAX_BYTES = 512, /* CRYPT_MAX_PASSPHRASE_SIZE, with its NUL */
	PASSWORD_HASH_MAX_BYTES = 384,
};

/* Appends the hash of a password. ERR_LIMIT: longer than PASSWORD_MAX_BYTES - 1; ERR_INVALID: empty, or has a NUL. */
enum err password_hash(struct str password, struct buf *ret) MUST_CHECK;
/* Is this a hash that password_verify() accepts? */
bool password_hash_known(struct str hash);
/* ERR_OK: it matches; ERR_DENIED: it does not; ERR_INVALID: not a hash we accept. */
enum err password_verify(struct str password, struct str hash) MUST_CHECK;
/* As much work as a verification against a hash of ours; so that an unknown user takes as long as a wrong password. */
void password_burn(struct str password);

#endif
