/* Signed profiles (CMS, RFC 5652; DER, the content inside): the device shows who made them. */
#include <gateway/autodiscover/documents.h>

#include <openssl/cms.h>
#include <openssl/pem.h>

#include <stdio.h>

struct signer {
	X509 *certificate;
	EVP_PKEY *key;
	STACK_OF(X509) * chain;
	BIO *in;
	CMS_ContentInfo *cms;
};

static void signer_release(struct signer *s)
{
	X509_free(s->certificate);
	EVP_PKEY_free(s->key);
	sk_X509_pop_free(s->chain, X509_free);
	BIO_free(s->in);
	CMS_ContentInfo_free(s->cms);
}

static enum err read_certificates(const char *path, struct signer *s)
{
	BIO *file = BIO_new_file(path, "r");
	X509 *next;

	if (!file)
		return ERR_NOT_FOUND;
	s->certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
	s->chain = sk_X509_new_null();
	while (s->certificate && (next = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL)
		sk_X509_push(s->chain, next);
	BIO_free(file);
	return s->certificate ? ERR_OK : ERR_INVALID;
}

static enum err read_key(const char *path, struct signer *s)
{
	BIO *file = BIO_new_file(path, "r");

	if (!file)
		return ERR_NOT_FOUND;
	s->key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
	BIO_free(file);
	return s->key ? ERR_OK : ERR_INVALID;
}

static enum err write_der(struct signer *s, struct buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(s->cms, &der);

	if (n < 0)
		return ERR_INVALID;
	buf_put(out, der, (size_t)n);
	OPENSSL_free(der);
	return buf_status(out);
}

enum err profile_sign(const struct discovery *d, struct str profile, struct buf *out)
{
	CLEANUP(signer_release) struct signer s = { 0 };

	TRY(read_certificates(d->profile_certificate, &s));
	TRY(read_key(d->profile_key, &s));
	s.in = BIO_new_mem_buf(profile.p, (int)profile.n);
	s.cms = s.in ? CMS_sign(s.certificate, s.key, s.chain, s.in, CMS_BINARY | CMS_NOSMIMECAP) : NULL;
	if (!s.cms)
		return ERR_INVALID;
	return write_der(&s, out);
}
