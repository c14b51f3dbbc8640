/* Rows of passwords for single programs, of what services take, and of the log of attempts: bounds and names. */
#include "fixture.h"

#include <store/account.h>
#include <store/app_password.h>
#include <store/auth_log.h>
#include <store/login_mode.h>

static struct arena arena = { .max = 64 << 20 };

static struct store_tx *begin(struct fixture *f)
{
	struct store_tx *tx;

	assert_ok(store_begin(f->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	return tx;
}

static int64_t make_account(struct store_tx *tx, const char *address)
{
	int64_t id;

	assert_ok(account_add(tx, &(struct account_new){ .address = str_of(address) }, &id));
	return id;
}

static enum err add(struct store_tx *tx, int64_t account, struct str name, unsigned services, const char *device,
		    int digest)
{
	const struct app_password p = { .name = name, .services = services, .device_id = str_of(device) };
	unsigned char digest_of[APP_PASSWORD_DIGEST_SIZE] = { 0 };

	memcpy(digest_of, &digest, sizeof(digest));
	return app_password_add(tx, account, &p, digest_of);
}

static void names_and_numbers_have_bounds(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test");
	char name[APP_PASSWORD_NAME_MAX + 1];
	char number[16];

	(void)unused;
	memset(name, 'n', sizeof(name));
	assert_int_equal(add(tx, ann, S(""), 1, "", 1), ERR_INVALID);
	assert_int_equal(add(tx, ann, S("a\nb"), 1, "", 1), ERR_INVALID);
	assert_int_equal(add(tx, ann, S("\xff"), 1, "", 1), ERR_INVALID);
	assert_int_equal(add(tx, ann, S("ok"), 0, "", 1), ERR_INVALID);
	assert_int_equal(add(tx, ann, S("ok"), 1, "a b", 1), ERR_INVALID);
	assert_ok(add(tx, ann, str_from(name, APP_PASSWORD_NAME_MAX), 1, "", 1));
	assert_int_equal(add(tx, ann, str_from(name, sizeof(name)), 1, "", 2), ERR_LIMIT);
	assert_int_equal(add(tx, ann, str_from(name, APP_PASSWORD_NAME_MAX), 1, "", 2), ERR_EXISTS);
	for (int i = 1; i < APP_PASSWORDS_MAX; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(sizeof(number));

		buf_fmt(&text, "%d", i);
		assert_ok(add(tx, ann, buf_view(&text), 1, "", 10 + i));
	}
	assert_int_equal(add(tx, ann, S("one more"), 1, "", 3), ERR_LIMIT);
	assert_ok(store_commit(&tx));
}

static void they_go_with_the_account(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test");
	struct app_password *list;
	enum login_mode mode;
	size_t n;

	(void)unused;
	assert_ok(add(tx, ann, S("one"), 1, "", 1));
	assert_ok(login_mode_set(tx, ann, SERVICE_IMAP, LOGIN_OFF));
	assert_ok(store_commit(&tx));
	assert_ok(account_remove(f.store, ann));
	tx = begin(&f);
	assert_ok(app_password_list(&arena, tx, ann, &list, &n));
	assert_int_equal(n, 0);
	assert_int_equal(login_mode_get(tx, ann, SERVICE_IMAP, &mode), ERR_NOT_FOUND);
	assert_ok(store_commit(&tx));
}

static void an_account_outdoes_everyone(void **unused)
{
	FIXTURE(f);
	struct store_tx *tx = begin(&f);
	int64_t ann = make_account(tx, "ann@example.test"), bob = make_account(tx, "bob@example.test");
	enum login_mode mode;

	(void)unused;
	assert_ok(login_mode_of(tx, ann, SERVICE_IMAP, &mode));
	assert_int_equal(mode, LOGIN_ON);
	assert_ok(login_mode_set(tx, LOGIN_MODE_EVERYONE, SERVICE_IMAP, LOGIN_APP));
	assert_ok(login_mode_set(tx, ann, SERVICE_IMAP, LOGIN_OFF));
	assert_ok(login_mode_of(tx, ann, SERVICE_IMAP, &mode));
	assert_int_equal(mode, LOGIN_OFF);
	assert_ok(login_mode_of(tx, bob, SERVICE_IMAP, &mode));
	assert_int_equal(mode, LOGIN_APP);
	assert_ok(login_mode_of(tx, ann, SERVICE_POP3, &mode));
	assert_int_equal(mode, LOGIN_ON);
	assert_ok(login_mode_unset(tx, ann, SERVICE_IMAP));
	assert_ok(login_mode_of(tx, ann, SERVICE_IMAP, &mode));
	assert_int_equal(mode, LOGIN_APP);
	assert_ok(store_commit(&tx));
}

static void lists_of_services_are_read_and_written(void **unused)
{
	static const struct {
		const char *text, *written;
	} cases[] = {
		{ "imap,smtp", "imap,smtp" },
		{ "SMTP, imap", "imap,smtp" },
		{ "eas", "activesync,autodiscover" },
		{ "all", "activesync,imap,pop3,smtp,autodiscover,ews" },
		{ "imap,ftp", NULL },
		{ "", NULL },
		{ ",", NULL },
	};
	struct str wrong;
	unsigned set;

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(SERVICES_TEXT_MAX);
		enum err e = services_parse(str_of(cases[i].text), &set, &wrong);

		if ((e == ERR_OK) != (cases[i].written != NULL))
			fail_msg("%s", cases[i].text);
		if (e)
			continue;
		services_put(&text, set);
		assert_true(str_eq(buf_view(&text), str_of(cases[i].written)));
	}
}

static void the_log_keeps_the_newest(void **unused)
{
	enum { MORE = 10, BATCH = 1000 };
	struct auth_log_entry *batch = arena_array(&arena, BATCH, sizeof(*batch)), *list;
	FIXTURE(f);
	struct store_tx *tx;
	int64_t at = 1;
	size_t n;

	(void)unused;
	for (int left = AUTH_LOG_ROWS + MORE; left > 0; left -= BATCH) {
		size_t m = left < BATCH ? (size_t)left : BATCH;

		for (size_t i = 0; i < m; i++, at += AUTH_LOG_ALIKE_MS + 1)
			batch[i] = (struct auth_log_entry){
				.first_ms = at, .last_ms = at, .attempts = 1, .login = S("x"), .peer = S("y")
			};
		tx = begin(&f);
		assert_ok(auth_log_add(tx, batch, m));
		assert_ok(store_commit(&tx));
	}
	tx = begin(&f);
	assert_ok(auth_log_list(&arena, tx, 0, AUTH_LOG_ROWS + MORE, &list, &n));
	assert_ok(store_commit(&tx));
	assert_int_equal(n, AUTH_LOG_ROWS);
	assert_int_equal(list[0].last_ms, at - AUTH_LOG_ALIKE_MS - 1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_have_bounds),
		cmocka_unit_test(they_go_with_the_account),
		cmocka_unit_test(an_account_outdoes_everyone),
		cmocka_unit_test(lists_of_services_are_read_and_written),
		cmocka_unit_test(the_log_keeps_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
