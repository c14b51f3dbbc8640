/* Certificates: how large, in how long a chain, with how many lists of revoked ones. */
#include <gateway/auth/certificate.h>

#include <base/buf.h>
#include <tests/support/tmpdir.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const int64_t now_s = 1700000000;

static X509 *unsigned_one(const char *name, EVP_PKEY *key, X509_NAME *issuer)
{
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)now_s - 1000);
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)now_s + 1000);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, issuer ? issuer : subject);
	return x;
}

static void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static void put_der(X509 *x, struct buf *b)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	assert_true(n > 0);
	buf_put(b, der, (size_t)n);
	OPENSSL_free(der);
	assert_int_equal(buf_status(b), ERR_OK);
}

/* Of exactly so many bytes. RSA: its signatures are all of one length. */
static void put_of_size(EVP_PKEY *key, size_t bytes, struct buf *b)
{
	size_t comment = bytes - 2048;

	for (int tries = 0; tries < 3 && b->n != bytes; tries++) {
		X509 *x = unsigned_one("large", key, NULL);
		struct buf text = BUF_INIT(2 * CERTIFICATE_MAX_BYTES);

		comment += b->n ? bytes - b->n : 0;
		for (size_t i = 0; i < comment; i++)
			buf_char(&text, 'x');
		buf_char(&text, '\0');
		extend(x, NID_netscape_comment, text.p);
		assert_true(X509_sign(x, key, EVP_sha256()) > 0);
		buf_clear(b);
		put_der(x, b);
		buf_release(&text);
		X509_free(x);
	}
	assert_int_equal(b->n, bytes);
}

static void one_has_a_size(void **unused)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct certificate_facts facts;

	(void)unused;
	for (int past = 0; past <= 1; past++) {
		struct buf der = BUF_INIT(2 * CERTIFICATE_MAX_BYTES), read = BUF_INIT(2 * CERTIFICATE_MAX_BYTES);
		const enum err want = past ? ERR_INVALID : ERR_OK;

		put_of_size(key, CERTIFICATE_MAX_BYTES + (size_t)past, &der);
		assert_int_equal(certificate_describe(buf_view(&der), &facts), want);
		assert_int_equal(certificate_read(buf_view(&der), &read), want);
		buf_release(&der);
		buf_release(&read);
	}
	EVP_PKEY_free(key);
}

/* The one that has issued it stands at the end, behind others of no use. */
static void issuers_are_looked_for_among_so_many(void **unused)
{
	CLEANUP(tmpdir_remove) struct tmpdir dir = tmpdir_make();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *root = unsigned_one("root", key, NULL), *sub = unsigned_one("sub", key, X509_get_subject_name(root));
	X509 *leaf = unsigned_one("ann", key, X509_get_subject_name(sub));
	struct str chain[CERTIFICATE_MAX_CHAIN + 1];
	struct buf leaf_der = BUF_INIT(8192), sub_der = BUF_INIT(8192);
	struct certificate_store *store;
	char path[128];
	FILE *f;

	(void)unused;
	extend(root, NID_basic_constraints, "critical,CA:TRUE");
	extend(sub, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(root, key, EVP_sha256()) > 0 && X509_sign(sub, key, EVP_sha256()) > 0);
	assert_true(X509_sign(leaf, key, EVP_sha256()) > 0);
	put_der(leaf, &leaf_der);
	put_der(sub, &sub_der);
	snprintf(path, sizeof(path), "%s/root.pem", dir.path);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, root), 1);
	fclose(f);
	assert_int_equal(certificate_store_open(&(struct certificate_config){ .authorities = path }, &store), ERR_OK);
	for (size_t n = CERTIFICATE_MAX_CHAIN; n <= CERTIFICATE_MAX_CHAIN + 1; n++) {
		for (size_t i = 0; i < n; i++)
			chain[i] = buf_view(i == n - 1 ? &sub_der : &leaf_der);
		assert_int_equal(certificate_verify(store, buf_view(&leaf_der), chain, n, now_s, false),
				 n > CERTIFICATE_MAX_CHAIN ? CERTIFICATE_UNTRUSTED : CERTIFICATE_GOOD);
	}
	certificate_store_close(&store);
	buf_release(&leaf_der);
	buf_release(&sub_der);
	X509_free(root);
	X509_free(sub);
	X509_free(leaf);
	EVP_PKEY_free(key);
}

/* One that is left out might be the one that revokes. */
static void too_many_lists_are_refused_and_none_left_out(void **unused)
{
	CLEANUP(tmpdir_remove) struct tmpdir dir = tmpdir_make();
	struct certificate_store *store = NULL;
	char path[128];

	(void)unused;
	for (int i = 0; i <= CERTIFICATE_MAX_CRLS; i++) {
		FILE *f;

		if (i == CERTIFICATE_MAX_CRLS) {
			assert_int_equal(
				certificate_store_open(&(struct certificate_config){ .crls = dir.path }, &store),
				ERR_OK);
			certificate_store_close(&store);
		}
		snprintf(path, sizeof(path), "%s/%d.crl", dir.path, i);
		f = fopen(path, "w");
		assert_non_null(f);
		fclose(f);
	}
	assert_int_equal(certificate_store_open(&(struct certificate_config){ .crls = dir.path }, &store), ERR_LIMIT);
	assert_null(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_has_a_size),
		cmocka_unit_test(issuers_are_looked_for_among_so_many),
		cmocka_unit_test(too_many_lists_are_refused_and_none_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
