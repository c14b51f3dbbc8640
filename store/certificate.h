/*
 * Certificates of the accounts' owners, given to who wants to send them encrypted mail. Rows of the directory; opaque
 * octets here, read and described by the caller (gateway/auth/certificate.h). Transactions of STORE_DIRECTORY.
 */
#ifndef STORE_CERTIFICATE_H
#define STORE_CERTIFICATE_H

#include <store/store.h>

enum {
	CERTIFICATES_MAX = 20, /* of an account */
	CERTIFICATE_FINGERPRINT_SIZE = 32,
	CERTIFICATE_DER_MAX = 64 * 1024,
	CERTIFICATE_SUBJECT_MAX = 1024,
};

struct user_certificate {
	unsigned char fingerprint[CERTIFICATE_FINGERPRINT_SIZE]; /* SHA-256 of der */
	struct str der;
	struct str subject; /* for people */
	int64_t expires_ms;
};

/* The same again changes nothing. ERR_LIMIT: CERTIFICATES_MAX, or too large. */
enum err certificate_add(struct store_tx *tx, int64_t account, const struct user_certificate *c) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err certificate_remove(struct store_tx *tx, int64_t account,
			    const unsigned char fingerprint[CERTIFICATE_FINGERPRINT_SIZE]) MUST_CHECK;
/* Those that expire last come first. Arena memory. */
enum err certificate_list(struct arena *a, struct store_tx *tx, int64_t account, struct user_certificate **ret,
			  size_t *ret_n) MUST_CHECK;
/* With the account. */
enum err certificate_drop_all(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
