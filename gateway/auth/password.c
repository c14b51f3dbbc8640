/* Password hashing through crypt_r(3) of libxcrypt. */
#include <gateway/auth/password.h>

#include <base/mem.h>

#include <crypt.h>
#include <openssl/crypto.h>
#include <stdlib.h>

/* A hash of nobody's password, of the cost that new ones have. */
static const char dummy_hash[] = "$y$j9T$M6qXm0nV7cHc6i0kYQ0yq.$3mUeC3n9r8qC6uFx0u7aWmHkD0yZC0b0n8oV9b2Hq4A";

/* One crypt() call's scratch (32 KB, so not on a stack) and the password as a C string; wiped afterwards. */
struct scratch {
	struct crypt_data data;
	char password[PASSWORD_MAX_BYTES];
	char setting[PASSWORD_HASH_MAX_BYTES];
};

static void scratch_drop(struct scratch **sp)
{
	if (!*sp)
		return;
	OPENSSL_cleanse(*sp, sizeof(**sp));
	free(*sp);
}

static enum err as_cstr(struct str s, char *to, size_t size)
{
	if (s.n >= size)
		return ERR_LIMIT;
	if (s.n == 0 || str_index(s, '\0') < s.n)
		return ERR_INVALID;
	memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return ERR_OK;
}

/* The hash of s->password under s->setting, in s->data; NULL where libxcrypt refuses the setting. */
static const char *run_crypt(struct scratch *s)
{
	const char *out = crypt_r(s->password, s->setting, &s->data);

	return out && out[0] != '*' ? out : NULL;
}

enum err password_hash(struct str password, struct buf *ret)
{
	CLEANUP(scratch_drop) struct scratch *s = mem_alloc(sizeof(*s));
	const char *out;

	TRY(as_cstr(password, s->password, sizeof(s->password)));
	if (!crypt_gensalt_rn("$y$", 0, NULL, 0, s->setting, sizeof(s->setting)))
		return ERR_IO;
	out = run_crypt(s);
	if (!out)
		return ERR_IO;
	buf_cstr(ret, out);
	return buf_status(ret);
}

bool password_hash_known(struct str hash)
{
	static const char *const prefixes[] = { "$y$", "$gy$", "$7$", "$6$", "$5$", "$2a$", "$2b$", "$2y$" };

	for (size_t i = 0; i < countof(prefixes); i++)
		if (str_starts(hash, str_of(prefixes[i])))
			return hash.n < PASSWORD_HASH_MAX_BYTES && str_index(hash, '\0') == hash.n;
	return false;
}

enum err password_verify(struct str password, struct str hash)
{
	CLEANUP(scratch_drop) struct scratch *s = mem_alloc(sizeof(*s));
	const char *out;

	if (!password_hash_known(hash) || as_cstr(hash, s->setting, sizeof(s->setting)))
		return ERR_INVALID;
	if (as_cstr(password, s->password, sizeof(s->password))) {
		password_burn(S("x"));
		return ERR_DENIED; /* no password that we have set is like this */
	}
	out = run_crypt(s);
	if (!out)
		return ERR_INVALID;
	if (strlen(out) != hash.n || CRYPTO_memcmp(out, hash.p, hash.n))
		return ERR_DENIED;
	return ERR_OK;
}

void password_burn(struct str password)
{
	CLEANUP(scratch_drop) struct scratch *s = mem_alloc(sizeof(*s));

	if (as_cstr(password, s->password, sizeof(s->password)))
		memcpy(s->password, "x", sizeof("x"));
	memcpy(s->setting, dummy_hash, sizeof(dummy_hash));
	(void)run_crypt(s);
}
