#include <gateway/auth/app_secret.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { GROUP = 5, BITS_A_CHARACTER = 5, CHARACTERS = 1 << BITS_A_CHARACTER };
static const char alphabet[CHARACTERS + 1] = "abcdefghijklmnopqrstuvwxyz234567";

enum err app_secret_draw(struct buf *ret)
{
	unsigned char drawn[APP_SECRET_CHARS];

	if (RAND_bytes(drawn, sizeof(drawn)) != 1)
		return ERR_IO;
	for (size_t i = 0; i < sizeof(drawn); i++) {
		if (i && i % GROUP == 0)
			buf_char(ret, '-');
		buf_char(ret, alphabet[drawn[i] % CHARACTERS]);
	}
	OPENSSL_cleanse(drawn, sizeof(drawn));
	return buf_status(ret);
}

static bool is_secret_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/* The bare characters; their number is what says that they are all there. */
static size_t strip(struct str typed, char ret[APP_SECRET_CHARS])
{
	size_t n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		char c = ascii_lower(typed.p[i]);

		if (c == '-' || c == ' ')
			continue;
		if (!is_secret_char(c) || n == APP_SECRET_CHARS)
			return 0;
		ret[n++] = c;
	}
	return n;
}

enum err app_secret_digest(struct str typed, unsigned char ret[APP_SECRET_DIGEST_SIZE])
{
	char bare[APP_SECRET_CHARS];
	bool whole = strip(typed, bare) == APP_SECRET_CHARS;
	enum err e = ERR_INVALID;

	if (whole)
		e = EVP_Digest(bare, sizeof(bare), ret, NULL, EVP_sha256(), NULL) == 1 ? ERR_OK : ERR_IO;
	OPENSSL_cleanse(bare, sizeof(bare));
	return e;
}
