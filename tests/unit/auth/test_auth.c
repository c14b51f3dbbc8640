/* Logins and passwords against accounts of a real store. */
#include <gateway/auth/auth_priv.h>
#include <gateway/auth/password.h>
#include <store/account.h>

#include <base/base64.h>

#include <tests/support/tmpdir.h>

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <cmocka.h>

static struct tmpdir dir;
static struct clock_fake now;
static struct store *store;
static struct auth *auth;
static struct arena arena = { .max = 1 << 20 };
static int64_t ann;

static struct str hash_of(struct str password)
{
	struct buf hash = BUF_INIT(PASSWORD_HASH_MAX_BYTES);
	struct str kept;

	assert_int_equal(password_hash(password, &hash), ERR_OK);
	assert_int_equal(arena_str(&arena, buf_view(&hash), &kept), ERR_OK);
	buf_release(&hash);
	return kept;
}

static struct store_tx *begin(void)
{
	struct store_tx *tx;

	assert_int_equal(store_begin(store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	return tx;
}

static int64_t add(struct str address, struct str password)
{
	struct store_tx *tx = begin();
	int64_t id;

	assert_int_equal(
		account_add(tx, &(struct account_new){ .address = address, .password = hash_of(password) }, &id),
		ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	return id;
}

static int setup(void **unused)
{
	(void)unused;
	dir = tmpdir_make();
	clock_fake_init(&now, 1700000000000);
	assert_int_equal(
		store_open(&(struct store_config){ .state_dir = dir.path, .clock = &now.clock, .max_handles = 8 },
			   &store),
		ERR_OK);
	auth = auth_new(store, &now.clock, "example.test");
	ann = add(S("Ann@Example.test"), S("gr\xc3\xbc n"));
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

static enum err try(struct str login, struct str password)
{
	struct auth_identity who = { 0 };
	enum err e = auth_password(
		auth, &arena,
		&(struct auth_attempt){ .login = login, .password = password, .peer = S("192.0.2.1"), .waited = true },
		&who, &(int64_t){ 0 });

	if (!e)
		assert_int_equal(who.account, ann);
	return e;
}

static void every_form_of_a_login_finds_the_account(void **unused)
{
	static const struct {
		const char *login;
		enum err want;
	} cases[] = {
		{ "ann@example.test", ERR_OK },
		{ "ANN@EXAMPLE.TEST", ERR_OK },
		{ "ann", ERR_OK },
		{ "EXAMPLE\\ann", ERR_OK },
		{ "example.test\\Ann", ERR_OK },
		{ "\\ann", ERR_OK },
		{ "EXAMPLE\\ann@example.test", ERR_OK },
		{ "OTHER\\ann", ERR_DENIED },
		{ "ann@other.test", ERR_DENIED },
		{ "bob", ERR_DENIED },
		{ "", ERR_DENIED },
		{ "@", ERR_DENIED },
		{ "ann@", ERR_DENIED },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (try(str_of(cases[i].login), S("gr\xc3\xbc n")) != cases[i].want)
			fail_msg("login %s", cases[i].login);
}

static void a_login_has_a_limit(void **unused)
{
	static char text[AUTH_MAX_LOGIN_BYTES + 1];
	struct str address;

	(void)unused;
	memset(text, 'a', sizeof(text));
	text[1] = '@';
	assert_int_equal(auth_resolve_login(auth, &arena, str_from(text, AUTH_MAX_LOGIN_BYTES), &address), ERR_OK);
	assert_int_equal(auth_resolve_login(auth, &arena, str_from(text, AUTH_MAX_LOGIN_BYTES + 1), &address),
			 ERR_NOT_FOUND);
}

static void a_verified_credential_costs_one_derivation_for_minutes(void **unused)
{
	uint64_t before;

	(void)unused;
	assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_OK);
	before = auth_kdf_count(auth);
	for (int i = 0; i < 100; i++)
		assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_OK);
	assert_int_equal(auth_kdf_count(auth), before);
	clock_fake_advance(&now, AUTH_KEEP_GOOD_MS);
	assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_OK);
	assert_int_equal(auth_kdf_count(auth), before + 1);
}

static void a_wrong_password_is_remembered_for_a_shorter_time(void **unused)
{
	uint64_t before = auth_kdf_count(auth);

	(void)unused;
	assert_int_equal(try(S("ann"), S("wrong")), ERR_DENIED);
	assert_int_equal(try(S("ann"), S("wrong")), ERR_DENIED);
	assert_int_equal(auth_kdf_count(auth), before + 1);
	clock_fake_advance(&now, AUTH_KEEP_BAD_MS);
	assert_int_equal(try(S("ann"), S("wrong")), ERR_DENIED);
	assert_int_equal(auth_kdf_count(auth), before + 2);
}

static void an_unknown_user_takes_the_same_work(void **unused)
{
	uint64_t before = auth_kdf_count(auth);

	(void)unused;
	assert_int_equal(try(S("nobody@example.test"), S("x1")), ERR_DENIED);
	assert_int_equal(auth_kdf_count(auth), before + 1);
}

static void a_changed_password_ends_what_was_remembered(void **unused)
{
	struct store_tx *tx;

	(void)unused;
	assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_OK);
	tx = begin();
	assert_int_equal(account_set_password(tx, ann, hash_of(S("new"))), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_DENIED);
	assert_int_equal(try(S("ann"), S("new")), ERR_OK);

	tx = begin();
	assert_int_equal(account_set_enabled(tx, ann, false), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(try(S("ann"), S("new")), ERR_DENIED);

	tx = begin();
	assert_int_equal(account_set_enabled(tx, ann, true), ERR_OK);
	assert_int_equal(account_set_password(tx, ann, hash_of(S("gr\xc3\xbc n"))), ERR_OK);
	assert_int_equal(store_commit(&tx), ERR_OK);
}

enum { GUESSERS = 64 };

static atomic_uint sent_away;

struct guess {
	char password; /* each another one: what was refused is remembered */
	enum err result;
};

static void *guess(void *arg)
{
	struct arena a = ARENA_INIT(1 << 16);
	struct auth_identity who;
	struct guess *g = arg;

	g->result = auth_password(
		auth, &a,
		&(struct auth_attempt){ .login = S("ann"), .password = str_from(&g->password, 1), .waited = true },
		&who, &(int64_t){ 0 });
	atomic_fetch_add(&sent_away, g->result == ERR_BUSY);
	arena_release(&a);
	return NULL;
}

/* As many as may be looked at are, and none gets on: of the guesses as many wait as may, the others are sent away, and who
 * is known meets nothing of it. */
static void guesses_never_take_every_worker(void **unused)
{
	pthread_t threads[GUESSERS];
	struct guess guesses[GUESSERS];
	size_t waited = 0;

	(void)unused;
	assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_OK);
	for (unsigned i = 0; i < AUTH_MAX_CONCURRENT_KDF; i++)
		assert_true(kdf_line_enter(&auth->kdf_line));
	for (size_t i = 0; i < GUESSERS; i++) {
		guesses[i].password = (char)('0' + i);
		assert_int_equal(pthread_create(&threads[i], NULL, guess, &guesses[i]), 0);
	}
	while (atomic_load(&sent_away) < GUESSERS - AUTH_MAX_WAITING_KDF)
		sched_yield();
	assert_int_equal(try(S("ann"), S("gr\xc3\xbc n")), ERR_OK);
	for (unsigned i = 0; i < AUTH_MAX_CONCURRENT_KDF; i++)
		kdf_line_leave(&auth->kdf_line);
	for (size_t i = 0; i < GUESSERS; i++) {
		pthread_join(threads[i], NULL);
		waited += guesses[i].result == ERR_DENIED;
	}
	assert_int_equal(waited, AUTH_MAX_WAITING_KDF);
	assert_int_equal(atomic_load(&sent_away), GUESSERS - AUTH_MAX_WAITING_KDF);
}

static enum err try_header(const char *scheme, struct str credentials)
{
	struct buf header = BUF_INIT(4096);
	struct str login, password;
	struct auth_identity who;
	enum err e;

	buf_cstr(&header, scheme);
	base64_put(&header, credentials);
	e = auth_basic_parse(&arena, buf_view(&header), &login, &password);
	buf_release(&header);
	return e ? e
		 : auth_password(auth, &arena,
				 &(struct auth_attempt){
					 .login = login, .password = password, .peer = S("192.0.2.1"), .waited = true },
				 &who, &(int64_t){ 0 });
}

/* RFC 7617; Outlook sends ISO-8859-1. */
static void basic_credentials_are_read_in_both_charsets(void **unused)
{
	static const struct {
		const char *what, *scheme;
		struct str credentials;
		enum err want;
	} cases[] = {
		{ "UTF-8", "Basic ", STR_INIT("ann:gr\xc3\xbc n"), ERR_OK },
		{ "ISO-8859-1", "basic ", STR_INIT("ann:gr\xfc n"), ERR_OK },
		{ "wrong", "Basic ", STR_INIT("ann:gr"), ERR_DENIED },
		{ "no password", "Basic ", STR_INIT("ann:"), ERR_DENIED },
		{ "a NUL", "Basic ", STR_INIT("ann:\0"), ERR_DENIED },
		{ "no colon", "Basic ", STR_INIT("ann"), ERR_INVALID },
		{ "another scheme", "Bearer ", STR_INIT("ann:x"), ERR_INVALID },
		{ "nothing", "", STR_INIT(""), ERR_INVALID },
	};
	struct str login, password;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		if (try_header(cases[i].scheme, cases[i].credentials) != cases[i].want)
			fail_msg("%s", cases[i].what);
	assert_int_equal(auth_basic_parse(&arena, S("Basic !!!"), &login, &password), ERR_INVALID);
	assert_int_equal(auth_basic_parse(&arena, STR_EMPTY, &login, &password), ERR_INVALID);
}

struct comer {
	pthread_t thread;
	struct kdf_line *line;
	bool taken;
};

static void *come(void *arg)
{
	struct comer *c = arg;

	c->taken = kdf_line_enter(c->line);
	return NULL;
}

/* As many as may run, and those that wait for them; one more is sent away. */
static void the_line_before_the_KDF_has_an_end(void **unused)
{
	struct comer waits[AUTH_MAX_WAITING_KDF] = { 0 };
	struct kdf_line line;

	(void)unused;
	kdf_line_init(&line);
	for (unsigned i = 0; i < AUTH_MAX_CONCURRENT_KDF; i++)
		assert_true(kdf_line_enter(&line));
	for (unsigned i = 0; i < AUTH_MAX_WAITING_KDF; i++) {
		waits[i].line = &line;
		assert_int_equal(pthread_create(&waits[i].thread, NULL, come, &waits[i]), 0);
	}
	while (kdf_line_waiting(&line) < AUTH_MAX_WAITING_KDF)
		sched_yield();
	assert_false(kdf_line_enter(&line));
	for (unsigned i = 0; i < AUTH_MAX_CONCURRENT_KDF; i++)
		kdf_line_leave(&line);
	for (unsigned i = 0; i < AUTH_MAX_WAITING_KDF; i++) {
		assert_int_equal(pthread_join(waits[i].thread, NULL), 0);
		assert_true(waits[i].taken);
		kdf_line_leave(&line);
	}
	assert_int_equal(kdf_line_waiting(&line), 0);
	assert_true(kdf_line_enter(&line));
	kdf_line_release(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_login_finds_the_account),
		cmocka_unit_test(a_login_has_a_limit),
		cmocka_unit_test(the_line_before_the_KDF_has_an_end),
		cmocka_unit_test(a_verified_credential_costs_one_derivation_for_minutes),
		cmocka_unit_test(a_wrong_password_is_remembered_for_a_shorter_time),
		cmocka_unit_test(an_unknown_user_takes_the_same_work),
		cmocka_unit_test(a_changed_password_ends_what_was_remembered),
		cmocka_unit_test(guesses_never_take_every_worker),
		cmocka_unit_test(basic_credentials_are_read_in_both_charsets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
