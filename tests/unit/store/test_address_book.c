/* What the address book keeps of an account: each limit and one past it, and what goes with the account. */
#include <store/account.h>
#include <store/address_book.h>

#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define JPEG "\xff\xd8\xff\xe0"

static char octets[BOOK_PICTURE_MAX + 1];

static void fields_are_kept_by_name(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct server s = { 0 };
	struct server_account ann;
	struct book_entry entry;
	struct store_tx *tx;
	enum book_field field;

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	assert_int_equal(store_begin(s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	for (int i = 0; i < BOOK_FIELD_MAX_; i++) {
		assert_int_equal(book_field_parse(str_of(book_field_name((enum book_field)i)), &field), ERR_OK);
		assert_int_equal(field, i);
		assert_int_equal(book_set(tx, ann.id, field, str_of(book_field_name(field))), ERR_OK);
	}
	assert_int_equal(book_field_parse(S("shoe-size"), &field), ERR_INVALID);
	assert_int_equal(book_get(&a, tx, ann.id, &entry), ERR_OK);
	for (int i = 0; i < BOOK_FIELD_MAX_; i++)
		assert_true(str_eq(entry.field[i], str_of(book_field_name((enum book_field)i))));
	assert_int_equal(book_set(tx, ann.id, BOOK_TITLE, STR_EMPTY), ERR_OK);
	assert_int_equal(book_get(&a, tx, ann.id, &entry), ERR_OK);
	assert_int_equal(entry.field[BOOK_TITLE].n, 0);
	assert_int_equal(entry.field[BOOK_OFFICE].n, 6);
	assert_int_equal(store_commit(&tx), ERR_OK);
	assert_int_equal(account_remove(s.store, ann.id), ERR_OK);
	assert_int_equal(store_begin(s.store, STORE_DIRECTORY, STORE_READ, &tx), ERR_OK);
	assert_int_equal(book_get(&a, tx, ann.id, &entry), ERR_OK);
	assert_int_equal(entry.field[BOOK_OFFICE].n, 0);
	store_tx_end(&tx);
	server_close(&s);
	server_remove(&s);
}

static void what_cannot_be_kept_is_refused(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 20);
	struct server s = { 0 };
	struct server_account ann;
	struct store_tx *tx;
	struct str picture;

	(void)unused;
	server_open(&s);
	ann = server_add_account(&s, "ann@example.test", "secret");
	memset(octets, 'x', sizeof(octets));
	assert_int_equal(store_begin(s.store, STORE_DIRECTORY, STORE_WRITE, &tx), ERR_OK);
	assert_int_equal(book_set(tx, ann.id, BOOK_TITLE, str_from(octets, BOOK_VALUE_MAX)), ERR_OK);
	assert_int_equal(book_set(tx, ann.id, BOOK_TITLE, str_from(octets, BOOK_VALUE_MAX + 1)), ERR_LIMIT);
	assert_int_equal(book_set(tx, ann.id, BOOK_TITLE, S("two\nlines")), ERR_INVALID);
	assert_int_equal(book_set(tx, ann.id, BOOK_TITLE, S("\xff")), ERR_INVALID);
	assert_int_equal(book_set(tx, ann.id, BOOK_TITLE, str_from("a\0b", 3)), ERR_INVALID);
	assert_int_equal(book_picture_get(&a, tx, ann.id, &picture), ERR_NOT_FOUND);
	assert_int_equal(book_picture_set(tx, ann.id, S("<svg/>")), ERR_INVALID);
	assert_int_equal(book_picture_set(tx, ann.id, S("\xff\xd8")), ERR_INVALID);
	memcpy(octets, JPEG, sizeof(JPEG) - 1);
	assert_int_equal(book_picture_set(tx, ann.id, str_from(octets, BOOK_PICTURE_MAX)), ERR_OK);
	assert_int_equal(book_picture_set(tx, ann.id, str_from(octets, BOOK_PICTURE_MAX + 1)), ERR_LIMIT);
	assert_int_equal(book_picture_get(&a, tx, ann.id, &picture), ERR_OK);
	assert_true(str_eq(picture, str_from(octets, BOOK_PICTURE_MAX)));
	assert_int_equal(book_picture_set(tx, ann.id, STR_EMPTY), ERR_OK);
	assert_int_equal(book_picture_get(&a, tx, ann.id, &picture), ERR_NOT_FOUND);
	assert_int_equal(store_commit(&tx), ERR_OK);
	server_close(&s);
	server_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_kept_by_name),
		cmocka_unit_test(what_cannot_be_kept_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
