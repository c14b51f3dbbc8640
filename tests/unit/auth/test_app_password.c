/* Passwords for single programs, which passwords a service takes, and the log of attempts, against a real store. */
#include <gateway/auth/app_secret.h>
#include <gateway/auth/auth.h>
#include <gateway/auth/password.h>
#include <store/account.h>
#include <store/app_password.h>
#include <store/auth_log.h>
#include <store/login_mode.h>

#include <tests/support/tmpdir.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define OWN S("own password")
#define SECRET "abcde-fghij-klmno-pqrst"

static struct tmpdir dir;
static struct clock_fake now;
static struct store *store;
static struct auth *auth;
static struct arena arena = { .max = 1 << 20 };
static int64_t ann;

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))

static struct store_tx *begin(void)
{
	struct store_tx *tx;

	assert_ok(store_begin(store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static int setup(void **unused)
{
	struct buf hash = BUF_INIT(PASSWORD_HASH_MAX_BYTES);
	struct store_tx *tx;

	(void)unused;
	dir = tmpdir_make();
	clock_fake_init(&now, 1700000000000);
	assert_ok(store_open(&(struct store_config){ .state_dir = dir.path, .clock = &now.clock, .max_handles = 8 },
			     &store));
	auth = auth_new(store, &now.clock, "example.test");
	assert_ok(password_hash(OWN, &hash));
	tx = begin();
	assert_ok(account_add(
		tx, &(struct account_new){ .address = S("ann@example.test"), .password = buf_view(&hash) }, &ann));
	assert_ok(store_commit(&tx));
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

static void add(const char *name, const char *secret, unsigned services, const char *device)
{
	const struct app_password p = { .name = str_of(name), .services = services, .device_id = str_of(device) };
	unsigned char digest[APP_SECRET_DIGEST_SIZE];
	struct store_tx *tx = begin();

	assert_ok(app_secret_digest(str_of(secret), digest));
	assert_ok(app_password_add(tx, ann, &p, digest));
	assert_ok(store_commit(&tx));
}

static void set_mode(int64_t account, enum service service, enum login_mode mode)
{
	struct store_tx *tx = begin();

	assert_ok(login_mode_set(tx, account, service, mode));
	assert_ok(store_commit(&tx));
}

static enum err try(enum auth_service service, struct str password, const char *device, struct auth_identity *ret)
{
	const struct auth_attempt attempt = { .service = service,
					      .login = S("ann"),
					      .password = password,
					      .peer = S("192.0.2.1"),
					      .device = str_of(device),
					      .waited = true };
	int64_t wait_ms;

	return auth_password(auth, &arena, &attempt, ret, &wait_ms);
}

static enum err says(enum auth_service service, const char *password)
{
	struct auth_identity who;

	return try(service, str_of(password), "", &who);
}

static void a_secret_is_long_and_read_however_it_is_typed(void **unused)
{
	static const struct {
		const char *typed;
		enum err want;
	} cases[] = {
		{ SECRET, ERR_OK },
		{ "abcdefghijklmnopqrst", ERR_OK },
		{ "ABCDE FGHIJ KLMNO PQRST", ERR_OK },
		{ " a-b cdefghijklmnopqrst-", ERR_OK },
		{ "abcdefghijklmnopqrs", ERR_INVALID },
		{ "abcdefghijklmnopqrstu", ERR_INVALID },
		{ "abcdefghijklmnopqrs1", ERR_INVALID },
		{ "abcdefghijklmnopqrs\xc3\xa9", ERR_INVALID },
		{ "", ERR_INVALID },
	};
	unsigned char want[APP_SECRET_DIGEST_SIZE], got[APP_SECRET_DIGEST_SIZE];

	(void)unused;
	assert_ok(app_secret_digest(S(SECRET), want));
	for (size_t i = 0; i < countof(cases); i++) {
		if (app_secret_digest(str_of(cases[i].typed), got) != cases[i].want)
			fail_msg("%s", cases[i].typed);
		if (cases[i].want == ERR_OK)
			assert_memory_equal(got, want, sizeof(want));
	}
	for (int i = 0; i < 100; i++) {
		CLEANUP(buf_release) struct buf secret = BUF_INIT(APP_SECRET_TEXT_MAX);

		assert_ok(app_secret_draw(&secret));
		assert_int_equal(secret.n, sizeof(SECRET) - 1);
		assert_ok(app_secret_digest(buf_view(&secret), got));
		assert_memory_not_equal(got, want, sizeof(want));
	}
}

static void it_opens_what_it_is_for_without_a_derivation(void **unused)
{
	uint64_t derivations = auth_kdf_count(auth);
	struct auth_identity who;

	(void)unused;
	add("desk", SECRET, 1u << SERVICE_IMAP | 1u << SERVICE_SMTP, "");
	assert_ok(try(AUTH_IMAP, S("ABCDE FGHIJ KLMNO PQRST"), "", &who));
	assert_int_equal(who.account, ann);
	assert_true(who.grant.app != 0);
	assert_ok(says(AUTH_SUBMISSION, SECRET));
	assert_int_equal(says(AUTH_POP3, SECRET), ERR_DENIED);
	assert_int_equal(says(AUTH_ACTIVESYNC, SECRET), ERR_DENIED);
	assert_int_equal(auth_kdf_count(auth), derivations);
	assert_int_equal(says(AUTH_IMAP, "abcde-fghij-klmno-pqrsu"), ERR_DENIED);
	assert_ok(says(AUTH_IMAP, "own password"));
}

static void one_of_a_phone_is_no_other_phones(void **unused)
{
	struct auth_identity who;

	(void)unused;
	add("phone", "aaaaabbbbbcccccddddd", 1u << SERVICE_ACTIVESYNC, "PHONE1");
	assert_ok(try(AUTH_ACTIVESYNC, S("aaaaabbbbbcccccddddd"), "PHONE1", &who));
	assert_ok(try(AUTH_ACTIVESYNC, S("aaaaabbbbbcccccddddd"), "", &who)); /* OPTIONS */
	assert_int_equal(try(AUTH_ACTIVESYNC, S("aaaaabbbbbcccccddddd"), "PHONE2", &who), ERR_DENIED);
}

static void the_last_use_is_kept(void **unused)
{
	struct app_password *list;
	struct store_tx *tx;
	size_t n;

	(void)unused;
	add("pop", "eeeeeeeeeeeeeeeeeeee", SERVICES_ALL, "");
	clock_fake_advance(&now, 5000);
	assert_ok(says(AUTH_POP3, "eeeeeeeeeeeeeeeeeeee"));
	tx = begin();
	assert_ok(app_password_list(&arena, tx, ann, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i].name, S("pop"))) {
			assert_int_equal(list[i].used_ms, clock_wall_ms(&now.clock));
			assert_int_equal(list[i].used_service, SERVICE_POP3);
			assert_true(str_eq(list[i].used_peer, S("192.0.2.1")));
		}
	assert_ok(store_commit(&tx));
}

static void what_was_revoked_opens_nothing_and_what_it_opened_holds_no_more(void **unused)
{
	struct auth_identity who;
	struct store_tx *tx;

	(void)unused;
	add("gone", "ffffffffffffffffffff", SERVICES_ALL, "");
	assert_ok(try(AUTH_IMAP, S("ffffffffffffffffffff"), "", &who));
	assert_ok(auth_look_again(auth, &arena, &who));
	tx = begin();
	assert_ok(app_password_remove(tx, ann, S("gone")));
	assert_ok(store_commit(&tx));
	assert_int_equal(says(AUTH_IMAP, "ffffffffffffffffffff"), ERR_DENIED);
	assert_int_equal(auth_look_again(auth, &arena, &who), ERR_DENIED);
}

static void a_service_may_refuse_the_accounts_own(void **unused)
{
	struct auth_identity who;

	(void)unused;
	add("modes", "gggggggggggggggggggg", SERVICES_ALL, "");
	assert_ok(try(AUTH_POP3, OWN, "", &who));
	set_mode(LOGIN_MODE_EVERYONE, SERVICE_POP3, LOGIN_APP);
	assert_int_equal(says(AUTH_POP3, "own password"), ERR_DENIED);
	assert_int_equal(auth_look_again(auth, &arena, &who), ERR_DENIED);
	assert_ok(says(AUTH_IMAP, "own password")); /* that it was refused is remembered of that service alone */
	assert_ok(says(AUTH_POP3, "gggggggggggggggggggg"));
	set_mode(ann, SERVICE_POP3, LOGIN_ON);
	assert_ok(says(AUTH_POP3, "own password"));
	set_mode(ann, SERVICE_POP3, LOGIN_OFF);
	assert_int_equal(says(AUTH_POP3, "gggggggggggggggggggg"), ERR_DENIED);
	assert_int_equal(says(AUTH_POP3, "own password"), ERR_DENIED);
}

static const struct auth_log_entry *entry(const struct auth_log_entry *list, size_t n, enum service service,
					  enum auth_log_result result, const char *credential)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].service == service && list[i].result == result &&
		    str_eq(list[i].credential, str_of(credential)))
			return &list[i];
	return NULL;
}

static void attempts_that_are_alike_are_one_row(void **unused)
{
	const struct auth_log_entry *e;
	struct auth_log_entry *list;
	struct store_tx *tx;
	size_t n;

	(void)unused;
	assert_ok(auth_log_flush(auth));
	add("log", "hhhhhhhhhhhhhhhhhhhh", 1u << SERVICE_SMTP, "");
	for (int round = 0; round < 2; round++) {
		assert_int_equal(says(AUTH_DISCOVERY, "wrong"), ERR_DENIED);
		assert_int_equal(says(AUTH_DISCOVERY, "wrong"), ERR_DENIED);
		assert_int_equal(says(AUTH_DISCOVERY, "hhhhhhhhhhhhhhhhhhhh"), ERR_DENIED);
		clock_fake_advance(&now, 1000);
		assert_ok(auth_log_flush(auth));
	}
	tx = begin();
	assert_ok(auth_log_list(&arena, tx, ann, 1000, &list, &n));
	assert_ok(store_commit(&tx));
	e = entry(list, n, SERVICE_AUTODISCOVER, AUTH_LOG_DENIED, "");
	assert_non_null(e);
	assert_int_equal(e->attempts, 4);
	assert_true(e->last_ms > e->first_ms);
	assert_true(str_eq(e->login, S("ann")) && str_eq(e->peer, S("192.0.2.1")));
	e = entry(list, n, SERVICE_AUTODISCOVER, AUTH_LOG_REFUSED, "log");
	assert_non_null(e);
	assert_int_equal(e->attempts, 2);
}

/* What is no UTF-8, controls, too long: kept as far as it can be shown. */
static void a_login_of_any_octets_is_kept(void **unused)
{
	static const char odd[] = "\x1b]0;x\x07\xff\xfe";
	char longest[AUTH_MAX_LOGIN_BYTES + 40];
	const struct str logins[] = { str_from(odd, sizeof(odd)), str_from(longest, sizeof(longest)) };
	struct auth_log_entry *list;
	struct store_tx *tx;
	size_t n;

	(void)unused;
	memset(longest, '\xe2', sizeof(longest));
	for (size_t i = 0; i < countof(logins); i++) {
		struct auth_identity who;
		int64_t wait_ms;

		assert_int_equal(auth_password(auth, &arena,
					       &(struct auth_attempt){ .login = logins[i],
								       .password = S("x"),
								       .peer = S("192.0.2.9"),
								       .waited = true },
					       &who, &wait_ms),
				 ERR_DENIED);
	}
	assert_ok(auth_log_flush(auth));
	tx = begin();
	assert_ok(auth_log_list(&arena, tx, 0, 2, &list, &n));
	assert_ok(store_commit(&tx));
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(list[i].account, 0);
		assert_true(str_index(list[i].login, '\x1b') == list[i].login.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_long_and_read_however_it_is_typed),
		cmocka_unit_test(it_opens_what_it_is_for_without_a_derivation),
		cmocka_unit_test(one_of_a_phone_is_no_other_phones),
		cmocka_unit_test(the_last_use_is_kept),
		cmocka_unit_test(what_was_revoked_opens_nothing_and_what_it_opened_holds_no_more),
		cmocka_unit_test(a_service_may_refuse_the_accounts_own),
		cmocka_unit_test(attempts_that_are_alike_are_one_row),
		cmocka_unit_test(a_login_of_any_octets_is_kept),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
