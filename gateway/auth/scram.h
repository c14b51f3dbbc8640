/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677): what is kept of a password, and the sums over it. Pure but for the random salt's
 * absence: whoever derives keys says which salt. Any thread.
 */
#ifndef GATEWAY_AUTH_SCRAM_H
#define GATEWAY_AUTH_SCRAM_H

#include <base/buf.h>

enum {
	SCRAM_KEY_BYTES = 32, /* SHA-256 */
	SCRAM_SALT_BYTES = 16,
	SCRAM_ITERATIONS = 32768,       /* RFC 7677 section 4 asks for 4096 at least; some tens of milliseconds */
	SCRAM_MAX_ITERATIONS = 1 << 24, /* in what is read back from the store */
	SCRAM_TEXT_MAX_BYTES = 192,     /* of scram_keys_put() */
};

struct scram_keys {
	unsigned char salt[SCRAM_SALT_BYTES];
	uint32_t iterations;
	unsigned char stored[SCRAM_KEY_BYTES], server[SCRAM_KEY_BYTES];
};

/*
 * A salt that is always the same for an address, so that asking for an account without keys, for one whose keys were
 * derived since, and for an address that nobody has cannot be told apart. secret: the directory's.
 */
void scram_salt(struct str secret, struct str address, unsigned char ret[SCRAM_SALT_BYTES]);

/*
 * Sets the keys of a password for ret->salt and ret->iterations. ERR_INVALID: a password that SASLprep (RFC 4013) refuses,
 * with which nobody can log in by SCRAM. Blocking, slow on purpose.
 */
enum err scram_derive(struct str password, struct scram_keys *ret) MUST_CHECK;

/* As the store keeps them, in the form of RFC 5803: SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey. */
void scram_keys_put(struct buf *b, const struct scram_keys *k);
enum err scram_keys_parse(struct str text, struct scram_keys *ret) MUST_CHECK; /* ERR_INVALID: none of ours */

/* Is this the proof for that text (AuthMessage)? In constant time. */
bool scram_proof_right(const struct scram_keys *k, struct str auth_message, struct str proof);
/* What proves to the client that we know the keys (ServerSignature). */
void scram_sign(const struct scram_keys *k, struct str auth_message, unsigned char ret[SCRAM_KEY_BYTES]);

#endif
