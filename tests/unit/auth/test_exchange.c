/* Logins by SASL against accounts of a real store. */
#include <gateway/auth/exchange.h>
#include <gateway/auth/password.h>
#include <gateway/auth/scram.h>
#include <gateway/auth/throttle.h>
#include <store/account.h>

#include <base/base64.h>

#include <tests/support/tmpdir.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static struct tmpdir dir;
static struct clock_fake now;
static struct store *store;
static struct auth *auth;
static struct arena arena = { .max = 1 << 20 };
static const struct sasl_channel secure = { .secure = true };
static int64_t ann;

#define PASSWORD S("correct horse")
#define HOME S("192.0.2.1")

static struct store_tx *begin(void)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	return tx;
}

static int setup(void **unused)
{
	struct buf hash = BUF_INIT(PASSWORD_HASH_MAX_BYTES);
	struct store_tx *tx;

	(void)unused;
	dir = tmpdir_make();
	clock_fake_init(&now, 1700000000000);
	assert_int_equal(
		store_open(&(struct store_config){ .state_dir = dir.path, .clock = &now.clock, .max_handles = 8 },
			   &store),
		ERR_OK);
	auth = auth_new(store, &now.clock, "example.test");
	assert_int_equal(password_hash(PASSWORD, &hash), ERR_OK);
	tx = begin();
	assert_int_equal(
		account_add(tx, &(struct account_new){ .address = S("ann@example.test"), .password = buf_view(&hash) },
			    &ann),
		ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	buf_release(&hash);
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	auth_free(&auth);
	store_close(&store);
	arena_release(&arena);
	tmpdir_remove(&dir);
	return 0;
}

static struct auth_stepped plain(struct str message)
{
	struct auth_exchange *x = auth_exchange_new(auth, S("PLAIN"), &secure, AUTH_IMAP, HOME);
	struct buf out = BUF_INIT(256);
	struct auth_stepped s = auth_exchange_put(x, &arena, message, &out);

	buf_release(&out);
	auth_exchange_free(&x);
	return s;
}

static void plain_logs_in_whom_its_password_fits(void **unused)
{
	static const struct {
		struct str message;
		enum auth_step step;
		enum err error;
	} cases[] = {
		{ STR_INIT("\0ann\0correct horse"), AUTH_STEP_GOOD, ERR_OK },
		{ STR_INIT("\0ann@example.test\0correct horse"), AUTH_STEP_GOOD, ERR_OK },
		{ STR_INIT("ANN\0ann\0correct horse"), AUTH_STEP_GOOD, ERR_OK },
		{ STR_INIT("bob\0ann\0correct horse"), AUTH_STEP_FAILED, ERR_DENIED }, /* acts for somebody else */
		{ STR_INIT("\0ann\0wrong"), AUTH_STEP_FAILED, ERR_DENIED },
		{ STR_INIT("\0bob\0correct horse"), AUTH_STEP_FAILED, ERR_DENIED },
		{ STR_INIT("ann"), AUTH_STEP_MALFORMED, ERR_OK },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct auth_stepped s = plain(cases[i].message);

		if (s.step != cases[i].step || s.error != cases[i].error)
			fail_msg("case %zu: step %d, %s", i, (int)s.step, err_text(s.error));
		if (s.step == AUTH_STEP_GOOD)
			assert_int_equal(s.identity.account, ann);
	}
}

/* ---- a client of SCRAM ---- */

static void hmac(struct str key, struct str text, unsigned char ret[SCRAM_KEY_BYTES])
{
	unsigned n = SCRAM_KEY_BYTES;

	HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, ret, &n);
}

static void prove(struct str password, struct str said, const unsigned char *salt, unsigned iterations,
		  unsigned char ret[SCRAM_KEY_BYTES])
{
	unsigned char salted[SCRAM_KEY_BYTES], stored[SCRAM_KEY_BYTES], signature[SCRAM_KEY_BYTES];

	PKCS5_PBKDF2_HMAC(password.p, (int)password.n, salt, SCRAM_SALT_BYTES, (int)iterations, EVP_sha256(),
			  SCRAM_KEY_BYTES, salted);
	hmac(str_from(salted, sizeof(salted)), S("Client Key"), ret);
	EVP_Digest(ret, SCRAM_KEY_BYTES, stored, NULL, EVP_sha256(), NULL);
	hmac(str_from(stored, sizeof(stored)), said, signature);
	for (size_t i = 0; i < SCRAM_KEY_BYTES; i++)
		ret[i] ^= signature[i];
}

struct server_first {
	struct str nonce;
	unsigned char salt[SCRAM_SALT_BYTES];
	uint64_t iterations;
};

static struct server_first read_server_first(struct str text)
{
	struct server_first f;
	struct str part;
	struct buf salt = BUF_INIT(SCRAM_SALT_BYTES);

	assert_true(str_cut(&text, ',', &part) && str_starts(part, S("r=")));
	f.nonce = str_slice(part, 2, part.n);
	assert_true(str_cut(&text, ',', &part) && str_starts(part, S("s=")));
	assert_int_equal(base64_decode(&salt, str_slice(part, 2, part.n)), ERR_OK);
	assert_int_equal(salt.n, SCRAM_SALT_BYTES);
	memcpy(f.salt, salt.p, SCRAM_SALT_BYTES);
	buf_release(&salt);
	assert_true(str_cut(&text, ',', &part) && str_starts(part, S("i=")));
	assert_int_equal(str_to_u64(str_slice(part, 2, part.n), UINT32_MAX, &f.iterations), ERR_OK);
	return f;
}

/* The whole exchange; *ret_first: what the server said of the account, .nonce gone. */
static struct auth_stepped scram(const char *login, struct str password, struct str peer,
				 struct server_first *ret_first)
{
	struct auth_exchange *x = auth_exchange_new(auth, S("SCRAM-SHA-256"), &secure, AUTH_IMAP, peer);
	struct buf first = BUF_INIT(256), out = BUF_INIT(1024), final = BUF_INIT(1024), said = BUF_INIT(2048);
	unsigned char proof[SCRAM_KEY_BYTES];
	struct auth_stepped s;
	struct server_first f;

	buf_fmt(&first, "n,,n=%s,r=abc", login);
	s = auth_exchange_put(x, &arena, buf_view(&first), &out);
	if (s.step == AUTH_STEP_CHALLENGE) {
		f = read_server_first(buf_view(&out));
		buf_fmt(&final, "c=biws,r=" STR_FMT, STR_ARG(f.nonce));
		buf_fmt(&said, "n=%s,r=abc," STR_FMT "," STR_FMT, login, STR_ARG(buf_view(&out)),
			STR_ARG(buf_view(&final)));
		prove(password, buf_view(&said), f.salt, (unsigned)f.iterations, proof);
		buf_cstr(&final, ",p=");
		base64_put(&final, str_from(proof, sizeof(proof)));
		buf_clear(&out);
		s = auth_exchange_put(x, &arena, buf_view(&final), &out);
		if (ret_first)
			*ret_first = f;
	}
	if (s.step == AUTH_STEP_CHALLENGE)
		s = auth_exchange_put(x, &arena, S(""), &out);
	auth_exchange_free(&x);
	buf_release(&first);
	buf_release(&out);
	buf_release(&final);
	buf_release(&said);
	return s;
}

static void scram_works_from_the_first_plain_login_on(void **unused)
{
	(void)unused;
	assert_int_equal(scram("ann", PASSWORD, HOME, NULL).error, ERR_DENIED); /* no keys yet */
	assert_int_equal(plain(S("\0ann\0correct horse")).step, AUTH_STEP_GOOD);
	assert_int_equal(scram("ann", PASSWORD, HOME, NULL).step, AUTH_STEP_GOOD);
	assert_int_equal(scram("ann@example.test", PASSWORD, HOME, NULL).identity.account, ann);
	assert_int_equal(scram("ann", S("wrong"), HOME, NULL).error, ERR_DENIED);
	assert_int_equal(scram("bob", PASSWORD, HOME, NULL).error, ERR_DENIED);
}

static void another_password_ends_the_keys_of_the_former(void **unused)
{
	struct buf hash = BUF_INIT(PASSWORD_HASH_MAX_BYTES);
	struct store_tx *tx;

	(void)unused;
	assert_int_equal(plain(S("\0ann\0correct horse")).step, AUTH_STEP_GOOD);
	assert_int_equal(scram("ann", PASSWORD, HOME, NULL).step, AUTH_STEP_GOOD);
	assert_int_equal(password_hash(S("another"), &hash), ERR_OK);
	tx = begin();
	assert_int_equal(account_set_password(tx, ann, buf_view(&hash)), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(scram("ann", PASSWORD, HOME, NULL).error, ERR_DENIED);
	assert_int_equal(plain(S("\0ann\0another")).step, AUTH_STEP_GOOD);
	assert_int_equal(scram("ann", S("another"), HOME, NULL).step, AUTH_STEP_GOOD);
	buf_release(&hash);
}

static void an_account_that_may_not_log_in_may_not_by_scram(void **unused)
{
	struct store_tx *tx;

	(void)unused;
	assert_int_equal(plain(S("\0ann\0correct horse")).step, AUTH_STEP_GOOD);
	tx = begin();
	assert_int_equal(account_set_enabled(tx, ann, false), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(scram("ann", PASSWORD, HOME, NULL).error, ERR_DENIED);
}

/* What is told before the proof never says whether there is such an account. */
static void nobody_and_somebody_look_alike(void **unused)
{
	struct server_first before, after, nobody, again;

	(void)unused;
	scram("ann", PASSWORD, HOME, &before);
	assert_int_equal(plain(S("\0ann\0correct horse")).step, AUTH_STEP_GOOD);
	scram("ann", PASSWORD, HOME, &after);
	assert_memory_equal(before.salt, after.salt, SCRAM_SALT_BYTES);
	scram("bob", PASSWORD, HOME, &nobody);
	auth_free(&auth); /* a restart */
	auth = auth_new(store, &now.clock, "example.test");
	scram("bob", PASSWORD, HOME, &again);
	assert_memory_equal(nobody.salt, again.salt, SCRAM_SALT_BYTES);
	assert_memory_not_equal(nobody.salt, after.salt, SCRAM_SALT_BYTES);
	assert_int_equal(nobody.iterations, after.iterations);
}

static void who_guesses_waits_and_the_owner_does_not(void **unused)
{
	struct auth_exchange *x;
	struct auth_stepped s;
	struct buf out = BUF_INIT(256);
	char message[] = "\0ann\0guess 0";

	(void)unused;
	assert_int_equal(plain(S("\0ann\0correct horse")).step, AUTH_STEP_GOOD);
	for (unsigned i = 0; i < THROTTLE_FREE_PAIR; i++) {
		message[sizeof(message) - 2] = (char)('0' + i);
		assert_int_equal(plain(str_from(message, sizeof(message) - 1)).error, ERR_DENIED);
	}
	s = plain(S("\0ann\0one more"));
	assert_int_equal(s.step, AUTH_STEP_WAIT);
	assert_int_equal(s.wait_ms, THROTTLE_FIRST_MS);
	assert_int_equal(scram("ann", PASSWORD, HOME, NULL).step, AUTH_STEP_WAIT);
	/* Remembered as right: no wait at all. */
	assert_int_equal(plain(S("\0ann\0correct horse")).step, AUTH_STEP_GOOD);
	/* Not remembered any more, and after the wait it is looked at: never a lock-out. */
	auth_free(&auth);
	auth = auth_new(store, &now.clock, "example.test");
	for (unsigned i = 0; i < 40; i++) {
		message[sizeof(message) - 2] = (char)('A' + i);
		s = plain(str_from(message, sizeof(message) - 1));
		assert_true(s.step == AUTH_STEP_WAIT || s.error == ERR_DENIED);
	}
	x = auth_exchange_new(auth, S("PLAIN"), &secure, AUTH_IMAP, HOME);
	assert_int_equal(auth_exchange_put(x, &arena, S("\0ann\0correct horse"), &out).step, AUTH_STEP_WAIT);
	assert_int_equal(auth_exchange_resume(x, &arena, &out).step, AUTH_STEP_GOOD);
	auth_exchange_free(&x);
	buf_release(&out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(plain_logs_in_whom_its_password_fits),
		TEST(scram_works_from_the_first_plain_login_on),
		TEST(another_password_ends_the_keys_of_the_former),
		TEST(an_account_that_may_not_log_in_may_not_by_scram),
		TEST(nobody_and_somebody_look_alike),
		TEST(who_guesses_waits_and_the_owner_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
