/* Verification of certificates by OpenSSL. */
#include <gateway/auth/certificate.h>

#include <base/buf.h>
#include <base/mem.h>

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

struct certificate_store {
	X509_STORE *store;
	bool need_revocation; /* of the certificate that is being looked at */
};

/* ---- files ---- */

static bool add_crl(X509_STORE *store, BIO *in)
{
	X509_CRL *crl = PEM_read_bio_X509_CRL(in, NULL, NULL, NULL);
	bool ok;

	if (!crl) {
		(void)BIO_reset(in);
		crl = d2i_X509_CRL_bio(in, NULL);
	}
	ok = crl && X509_STORE_add_crl(store, crl) == 1;
	X509_CRL_free(crl);
	return ok;
}

/* A file that is no list is passed over: the folder may hold others. */
static enum err add_crl_file(X509_STORE *store, const char *folder, const char *name)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(PATH_MAX);
	BIO *in;

	buf_fmt(&path, "%s/%s", folder, name);
	buf_char(&path, '\0');
	TRY(buf_status(&path));
	in = BIO_new_file(path.p, "rb");
	if (!in)
		return ERR_IO;
	(void)add_crl(store, in);
	BIO_free(in);
	ERR_clear_error();
	return ERR_OK;
}

static enum err add_crls(X509_STORE *store, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	enum err e = ERR_OK;
	int n = 0;

	if (!d)
		return ERR_IO;
	while (!e && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		e = n++ < CERTIFICATE_MAX_CRLS ? add_crl_file(store, folder, entry->d_name) : ERR_LIMIT;
	}
	closedir(d);
	return e;
}

static bool add_authorities(X509_STORE *store, const char *path)
{
	return path ? X509_STORE_load_file(store, path) == 1 : X509_STORE_set_default_paths(store) == 1;
}

enum err certificate_store_open(const struct certificate_config *config, struct certificate_store **ret)
{
	struct certificate_store *s = mem_alloc(sizeof(*s));
	enum err e = ERR_OK;

	s->store = X509_STORE_new();
	if (!s->store)
		e = ERR_BUSY;
	if (!e && !add_authorities(s->store, config->authorities))
		e = ERR_IO;
	if (!e && config->crls)
		e = add_crls(s->store, config->crls);
	ERR_clear_error();
	if (e)
		certificate_store_close(&s);
	else
		*ret = s;
	return e;
}

void certificate_store_close(struct certificate_store **sp)
{
	struct certificate_store *s = *sp;

	if (!s)
		return;
	X509_STORE_free(s->store);
	free(s);
	*sp = NULL;
}

/* ---- one certificate ---- */

static X509 *parse(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	X509 *x = der.n && der.n <= CERTIFICATE_MAX_BYTES ? d2i_X509(NULL, &p, (long)der.n) : NULL;

	if (x && p != (const unsigned char *)der.p + der.n) {
		X509_free(x);
		x = NULL;
	}
	ERR_clear_error();
	return x;
}

static STACK_OF(X509) * parse_chain(const struct str *chain, size_t n)
{
	STACK_OF(X509) *list = sk_X509_new_null();

	for (size_t i = 0; list && i < n && i < CERTIFICATE_MAX_CHAIN; i++) {
		X509 *x = parse(chain[i]);

		if (x && !sk_X509_push(list, x))
			X509_free(x);
	}
	return list;
}

/* What OpenSSL says, and what that is of the certificate itself and of one that issued it. */
static const struct {
	int error;
	enum certificate_verdict own, issuer;
} verdicts[] = {
	{ X509_V_OK, CERTIFICATE_GOOD, CERTIFICATE_GOOD },
	{ X509_V_ERR_CERT_SIGNATURE_FAILURE, CERTIFICATE_BAD_SIGNATURE, CERTIFICATE_BAD_SIGNATURE },
	{ X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE, CERTIFICATE_BAD_SIGNATURE, CERTIFICATE_BAD_SIGNATURE },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, CERTIFICATE_UNTRUSTED, CERTIFICATE_UNTRUSTED },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, CERTIFICATE_UNTRUSTED, CERTIFICATE_UNTRUSTED },
	{ X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, CERTIFICATE_UNTRUSTED, CERTIFICATE_UNTRUSTED },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, CERTIFICATE_UNTRUSTED, CERTIFICATE_UNTRUSTED },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, CERTIFICATE_UNTRUSTED, CERTIFICATE_UNTRUSTED },
	{ X509_V_ERR_CERT_UNTRUSTED, CERTIFICATE_UNTRUSTED, CERTIFICATE_UNTRUSTED },
	{ X509_V_ERR_CERT_HAS_EXPIRED, CERTIFICATE_EXPIRED, CERTIFICATE_CHAIN_EXPIRED },
	{ X509_V_ERR_CERT_NOT_YET_VALID, CERTIFICATE_EXPIRED, CERTIFICATE_CHAIN_EXPIRED },
	{ X509_V_ERR_INVALID_PURPOSE, CERTIFICATE_NOT_FOR_MAIL, CERTIFICATE_MISUSED },
	{ X509_V_ERR_INVALID_CA, CERTIFICATE_WRONG_ROLE, CERTIFICATE_WRONG_ROLE },
	{ X509_V_ERR_PATH_LENGTH_EXCEEDED, CERTIFICATE_WRONG_ROLE, CERTIFICATE_WRONG_ROLE },
	{ X509_V_ERR_KEYUSAGE_NO_CERTSIGN, CERTIFICATE_WRONG_ROLE, CERTIFICATE_WRONG_ROLE },
	{ X509_V_ERR_CERT_REJECTED, CERTIFICATE_MISUSED, CERTIFICATE_MISUSED },
	{ X509_V_ERR_CERT_REVOKED, CERTIFICATE_REVOKED, CERTIFICATE_CHAIN_REVOKED },
	{ X509_V_ERR_UNABLE_TO_GET_CRL, CERTIFICATE_REVOCATION_UNKNOWN, CERTIFICATE_REVOCATION_UNKNOWN },
	{ X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, CERTIFICATE_REVOCATION_UNKNOWN, CERTIFICATE_REVOCATION_UNKNOWN },
	{ X509_V_ERR_CRL_HAS_EXPIRED, CERTIFICATE_REVOCATION_UNKNOWN, CERTIFICATE_REVOCATION_UNKNOWN },
	{ X509_V_ERR_CRL_NOT_YET_VALID, CERTIFICATE_REVOCATION_UNKNOWN, CERTIFICATE_REVOCATION_UNKNOWN },
	{ X509_V_ERR_INVALID_EXTENSION, CERTIFICATE_ODD, CERTIFICATE_ODD },
	{ X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, CERTIFICATE_ODD, CERTIFICATE_ODD },
	{ X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, CERTIFICATE_ODD, CERTIFICATE_ODD },
	{ X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, CERTIFICATE_ODD, CERTIFICATE_ODD },
	{ X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, CERTIFICATE_ODD, CERTIFICATE_ODD },
	{ X509_V_ERR_CRL_SIGNATURE_FAILURE, CERTIFICATE_REVOCATION_UNSOUND, CERTIFICATE_REVOCATION_UNSOUND },
	{ X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, CERTIFICATE_REVOCATION_UNSOUND, CERTIFICATE_REVOCATION_UNSOUND },
	{ X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, CERTIFICATE_REVOCATION_UNSOUND, CERTIFICATE_REVOCATION_UNSOUND },
	{ X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION, CERTIFICATE_REVOCATION_UNSOUND, CERTIFICATE_REVOCATION_UNSOUND },
	{ X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, CERTIFICATE_REVOCATION_UNSOUND, CERTIFICATE_REVOCATION_UNSOUND },
	{ X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD, CERTIFICATE_REVOCATION_UNSOUND, CERTIFICATE_REVOCATION_UNSOUND },
};

static enum certificate_verdict verdict_of(int error, int depth)
{
	for (size_t i = 0; i < countof(verdicts); i++)
		if (verdicts[i].error == error)
			return depth ? verdicts[i].issuer : verdicts[i].own;
	return CERTIFICATE_FAILED;
}

/* What no list says, or one that can't be believed, is passed over where the caller does not insist (MS-ASCMD R893, R895). */
static int on_fault(int ok, X509_STORE_CTX *ctx)
{
	const struct certificate_store *s = X509_STORE_CTX_get_app_data(ctx);
	enum certificate_verdict v = verdict_of(X509_STORE_CTX_get_error(ctx), 0);
	bool unknown = v == CERTIFICATE_REVOCATION_UNKNOWN || v == CERTIFICATE_REVOCATION_UNSOUND;

	if (ok || !unknown || s->need_revocation)
		return ok;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static enum certificate_verdict verify(struct certificate_store *s, X509 *x, STACK_OF(X509) * chain, int64_t now_s)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	enum certificate_verdict verdict = CERTIFICATE_FAILED;

	if (ctx && X509_STORE_CTX_init(ctx, s->store, x, chain) == 1) {
		X509_STORE_CTX_set_app_data(ctx, s);
		X509_STORE_CTX_set_verify_cb(ctx, on_fault);
		X509_STORE_CTX_set_time(ctx, 0, (time_t)now_s);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
		X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SMIME_SIGN);
		if (X509_verify_cert(ctx) == 1)
			verdict = CERTIFICATE_GOOD;
		else
			verdict = verdict_of(X509_STORE_CTX_get_error(ctx), X509_STORE_CTX_get_error_depth(ctx));
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return verdict;
}

enum certificate_verdict certificate_verify(struct certificate_store *s, struct str der, const struct str *chain,
					    size_t chain_n, int64_t now_s, bool need_revocation)
{
	STACK_OF(X509) * list;
	enum certificate_verdict verdict;
	X509 *x = parse(der);

	if (!x)
		return CERTIFICATE_MALFORMED;
	s->need_revocation = need_revocation;
	list = parse_chain(chain, chain_n);
	verdict = list ? verify(s, x, list, now_s) : CERTIFICATE_FAILED;
	sk_X509_pop_free(list, X509_free);
	X509_free(x);
	return verdict;
}

/* ---- reading ---- */

enum err certificate_read(struct str text, struct buf *b)
{
	BIO *in = text.n <= INT_MAX ? BIO_new_mem_buf(text.p, (int)text.n) : NULL;
	X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	unsigned char *der = NULL;
	int n;

	BIO_free(in);
	if (!x)
		x = parse(text);
	n = x ? i2d_X509(x, &der) : -1;
	X509_free(x);
	ERR_clear_error();
	if (n <= 0 || n > CERTIFICATE_MAX_BYTES) {
		OPENSSL_free(der);
		return ERR_INVALID;
	}
	buf_put(b, der, (size_t)n);
	OPENSSL_free(der);
	return buf_status(b);
}

enum err certificate_describe(struct str der, struct certificate_facts *ret)
{
	struct certificate_facts f = { .subject = "" };
	X509 *x = parse(der);
	unsigned n = sizeof(f.sha256);
	enum err e = ERR_INVALID;
	struct tm tm;

	if (!x)
		return ERR_INVALID;
	if (X509_digest(x, EVP_sha256(), f.sha256, &n) == 1 && ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1) {
		f.expires_s = (int64_t)timegm(&tm);
		/* Octets that are no ASCII come out escaped. */
		(void)X509_NAME_oneline(X509_get_subject_name(x), f.subject, sizeof(f.subject));
		*ret = f;
		e = ERR_OK;
	}
	X509_free(x);
	ERR_clear_error();
	return e;
}

bool certificate_names(struct str der, struct str host)
{
	X509 *x = parse(der);
	bool names = x && X509_check_host(x, host.p, host.n, 0, NULL) == 1;

	X509_free(x);
	ERR_clear_error();
	return names;
}
