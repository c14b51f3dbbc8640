/*
 * Certificates of people, for signed and encrypted mail: is one to be trusted? By OpenSSL, with the authorities and the
 * revocation lists that the administrator has laid out; the network is never asked. Blocks on files. Worker threads.
 */
#ifndef GATEWAY_AUTH_CERTIFICATE_H
#define GATEWAY_AUTH_CERTIFICATE_H

#include <base/str.h>

enum {
	CERTIFICATE_MAX_BYTES = 64 * 1024, /* of one, as DER */
	CERTIFICATE_MAX_CHAIN = 100,       /* that are looked through for issuers */
	CERTIFICATE_MAX_CRLS = 1000,       /* files of the folder */
};

struct certificate_config {
	const char *authorities; /* PEM file; NULL: the system's */
	const char *crls;        /* folder with lists, PEM or DER, a file each; NULL: none */
};

enum certificate_verdict {
	CERTIFICATE_GOOD,
	CERTIFICATE_BAD_SIGNATURE,
	CERTIFICATE_UNTRUSTED,
	CERTIFICATE_MALFORMED,
	CERTIFICATE_NOT_FOR_MAIL,
	CERTIFICATE_EXPIRED, /* or not valid yet */
	CERTIFICATE_CHAIN_EXPIRED,
	CERTIFICATE_MISUSED,    /* an authority of the chain that issues none for mail */
	CERTIFICATE_ODD,        /* a field or an extension that can't be understood */
	CERTIFICATE_WRONG_ROLE, /* one that is no authority has issued another */
	CERTIFICATE_REVOKED,
	CERTIFICATE_REVOCATION_UNKNOWN, /* no list tells */
	CERTIFICATE_REVOCATION_UNSOUND, /* the list that would tell can't be believed */
	CERTIFICATE_CHAIN_REVOKED,
	CERTIFICATE_FAILED, /* for another reason */
	CERTIFICATE_VERDICT_MAX_
};

struct certificate_store;

/*
 * Reads the files. ERR_IO: they can't be read. ERR_LIMIT: more lists than CERTIFICATE_MAX_CRLS; one that is left out might be
 * the one that revokes.
 */
enum err certificate_store_open(const struct certificate_config *config, struct certificate_store **ret) MUST_CHECK;
void certificate_store_close(struct certificate_store **sp); /* NULL-safe; for CLEANUP */

/*
 * Is `der` good for signing mail at that time? chain: what its issuers may be among, not trusted for being sent.
 * need_revocation: a state that no list tells is a fault; else it is passed over.
 */
enum certificate_verdict certificate_verify(struct certificate_store *s, struct str der, const struct str *chain,
					    size_t chain_n, int64_t now_s, bool need_revocation);

enum { CERTIFICATE_SUBJECT_BYTES = 512 };

struct certificate_facts {
	unsigned char sha256[32];
	char subject[CERTIFICATE_SUBJECT_BYTES]; /* for people; cut where it is longer */
	int64_t expires_s;
};
/* What a certificate says of itself. ERR_INVALID: it is none. */
enum err certificate_describe(struct str der, struct certificate_facts *ret) MUST_CHECK;

/* Is it for a server of that name (RFC 6125)? */
bool certificate_names(struct str der, struct str host);

/* PEM or DER to DER: appends the certificate to b. ERR_INVALID. */
struct buf;
enum err certificate_read(struct str text, struct buf *b) MUST_CHECK;

#endif
