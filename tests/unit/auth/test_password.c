/* Password hashes. */
#include <gateway/auth/password.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void a_new_hash_is_yescrypt_and_verifies(void **unused)
{
	struct buf hash = BUF_INIT(PASSWORD_HASH_MAX_BYTES);

	(void)unused;
	assert_int_equal(password_hash(S("correct horse"), &hash), ERR_OK);
	assert_true(str_starts(buf_view(&hash), S("$y$")));
	assert_int_equal(password_verify(S("correct horse"), buf_view(&hash)), ERR_OK);
	assert_int_equal(password_verify(S("correct hors"), buf_view(&hash)), ERR_DENIED);
	buf_release(&hash);
}

/* Made with Python's crypt module for the password "roost". */
static void hashes_of_other_systems_verify(void **unused)
{
	static const char *const hashes[] = {
		"$6$saltsalt$QVzCQIStH18VSn/AqwWPIx32CLVvgJUrDCtxJI2hL6lIGXjHdbzp9NclNUR40nSks3VDKbILwWDvV7pSFsMwK.",
		"$5$saltsalt$vwWFMXniT1ZUOaUta2b.lAR2WP79MB3ZusLMnF0Rdi4",
		"$2b$05$abcdefghijklmnopqrstuuaMFbNnCCCM1Ja0gT6xKiUYy0IITcA4G",
		"$y$j9T$jBAAJmSwFW77qUZ.3nJ..0$qvtRHbdBfWIPwaPbsiwPyJbdxPzGA/Va0777doZeBX0",
	};

	(void)unused;
	for (size_t i = 0; i < countof(hashes); i++) {
		if (password_verify(S("roost"), str_of(hashes[i])) != ERR_OK)
			fail_msg("%s does not verify", hashes[i]);
		if (password_verify(S("rooster"), str_of(hashes[i])) != ERR_DENIED)
			fail_msg("%s verifies another password", hashes[i]);
	}
}

static void weak_or_foreign_hashes_are_refused(void **unused)
{
	static const char *const hashes[] = {
		"",
		"*",
		"!",
		"roost",
		"abJnggxhB/yWI" /* DES */,
		"$1$saltsalt$" /* MD5 */,
		"$3$$" /* NT */,
		"{PLAIN}roost",
	};

	(void)unused;
	for (size_t i = 0; i < countof(hashes); i++)
		if (password_verify(S("roost"), str_of(hashes[i])) != ERR_INVALID)
			fail_msg("%s was not refused", hashes[i]);
}

static void a_password_has_limits(void **unused)
{
	static char text[PASSWORD_MAX_BYTES];
	struct buf hash = BUF_INIT(PASSWORD_HASH_MAX_BYTES);

	(void)unused;
	memset(text, 'a', sizeof(text));
	assert_int_equal(password_hash(str_from(text, sizeof(text) - 1), &hash), ERR_OK);
	assert_int_equal(password_verify(str_from(text, sizeof(text) - 1), buf_view(&hash)), ERR_OK);
	assert_int_equal(password_verify(str_from(text, sizeof(text)), buf_view(&hash)), ERR_DENIED);
	buf_clear(&hash);
	assert_int_equal(password_hash(str_from(text, sizeof(text)), &hash), ERR_LIMIT);
	assert_int_equal(password_hash(S("a\0b"), &hash), ERR_INVALID);
	assert_int_equal(password_hash(S(""), &hash), ERR_INVALID);
	buf_release(&hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_hash_is_yescrypt_and_verifies),
		cmocka_unit_test(hashes_of_other_systems_verify),
		cmocka_unit_test(weak_or_foreign_hashes_are_refused),
		cmocka_unit_test(a_password_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
