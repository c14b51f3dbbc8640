/* The sums of SCRAM (RFC 5802 section 3) by OpenSSL, SASLprep by libidn. */
#include <gateway/auth/scram.h>

#include <base/base64.h>
#include <base/mem.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <stringprep.h>

enum { PREPARED_MAX_BYTES = 2048 }; /* a password's 511, and what normalisation may make of them */

static const char form[] = "SCRAM-SHA-256$";

static void hmac(const unsigned char *key, size_t key_n, struct str text, unsigned char ret[SCRAM_KEY_BYTES])
{
	unsigned n = SCRAM_KEY_BYTES;

	if (!HMAC(EVP_sha256(), key, (int)key_n, (const unsigned char *)text.p, text.n, ret, &n))
		abort(); /* no memory for a hash of bytes */
}

static void hash(const unsigned char key[SCRAM_KEY_BYTES], unsigned char ret[SCRAM_KEY_BYTES])
{
	if (!EVP_Digest(key, SCRAM_KEY_BYTES, ret, NULL, EVP_sha256(), NULL))
		abort();
}

void scram_salt(struct str secret, struct str address, unsigned char ret[SCRAM_SALT_BYTES])
{
	struct buf folded = BUF_INIT(SIZE_MAX / 2);
	unsigned char mac[SCRAM_KEY_BYTES];

	buf_cstr(&folded, "scram salt ");
	for (size_t i = 0; i < address.n; i++)
		buf_char(&folded, ascii_lower(address.p[i]));
	hmac((const unsigned char *)secret.p, secret.n, buf_view(&folded), mac);
	memcpy(ret, mac, SCRAM_SALT_BYTES);
	buf_release(&folded);
}

/* The password as both sides must see it, in room. */
static enum err prepare(struct str password, char *room, size_t size)
{
	if (password.n >= size || password.n == 0 || str_index(password, '\0') < password.n)
		return ERR_INVALID;
	memcpy(room, password.p, password.n);
	room[password.n] = '\0';
	return stringprep(room, size, 0, stringprep_saslprep) == STRINGPREP_OK ? ERR_OK : ERR_INVALID;
}

static void derive(const char *prepared, struct scram_keys *k)
{
	unsigned char salted[SCRAM_KEY_BYTES], client[SCRAM_KEY_BYTES];

	if (!PKCS5_PBKDF2_HMAC(prepared, (int)strlen(prepared), k->salt, SCRAM_SALT_BYTES, (int)k->iterations,
			       EVP_sha256(), SCRAM_KEY_BYTES, salted))
		abort();
	hmac(salted, sizeof(salted), S("Client Key"), client);
	hash(client, k->stored);
	hmac(salted, sizeof(salted), S("Server Key"), k->server);
	OPENSSL_cleanse(salted, sizeof(salted));
	OPENSSL_cleanse(client, sizeof(client));
}

enum err scram_derive(struct str password, struct scram_keys *ret)
{
	char *room = mem_alloc(PREPARED_MAX_BYTES);
	enum err e = prepare(password, room, PREPARED_MAX_BYTES);

	if (!e)
		derive(room, ret);
	OPENSSL_cleanse(room, PREPARED_MAX_BYTES);
	free(room);
	return e;
}

void scram_keys_put(struct buf *b, const struct scram_keys *k)
{
	buf_cstr(b, form);
	buf_u64(b, k->iterations);
	buf_char(b, ':');
	base64_put(b, str_from(k->salt, sizeof(k->salt)));
	buf_char(b, '$');
	base64_put(b, str_from(k->stored, sizeof(k->stored)));
	buf_char(b, ':');
	base64_put(b, str_from(k->server, sizeof(k->server)));
}

static bool decode(struct str text, unsigned char *ret, size_t n)
{
	struct buf b = BUF_INIT(n);
	bool ok = !base64_decode(&b, text) && b.n == n;

	if (ok)
		memcpy(ret, b.p, n);
	buf_release(&b);
	return ok;
}

enum err scram_keys_parse(struct str text, struct scram_keys *ret)
{
	struct str salted, iterations, stored;
	uint64_t n;

	if (!str_starts(text, str_of(form)))
		return ERR_INVALID;
	text = str_slice(text, sizeof(form) - 1, text.n);
	if (!str_cut(&text, '$', &salted) || !text.p || !str_cut(&salted, ':', &iterations) || !salted.p ||
	    !str_cut(&text, ':', &stored) || !text.p)
		return ERR_INVALID;
	if (str_to_u64(iterations, SCRAM_MAX_ITERATIONS, &n) || n == 0 ||
	    !decode(salted, ret->salt, sizeof(ret->salt)) || !decode(stored, ret->stored, sizeof(ret->stored)) ||
	    !decode(text, ret->server, sizeof(ret->server)))
		return ERR_INVALID;
	ret->iterations = (uint32_t)n;
	return ERR_OK;
}

bool scram_proof_right(const struct scram_keys *k, struct str auth_message, struct str proof)
{
	unsigned char key[SCRAM_KEY_BYTES], hashed[SCRAM_KEY_BYTES];

	if (proof.n != SCRAM_KEY_BYTES)
		return false;
	hmac(k->stored, sizeof(k->stored), auth_message, key);
	for (size_t i = 0; i < SCRAM_KEY_BYTES; i++)
		key[i] ^= (unsigned char)proof.p[i];
	hash(key, hashed);
	return !CRYPTO_memcmp(hashed, k->stored, sizeof(hashed));
}

void scram_sign(const struct scram_keys *k, struct str auth_message, unsigned char ret[SCRAM_KEY_BYTES])
{
	hmac(k->server, sizeof(k->server), auth_message, ret);
}
