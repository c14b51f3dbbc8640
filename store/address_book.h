/*
 * What the server's address book (GAL) tells of an account beside its name and addresses. Rows of the directory: all functions
 * but those of names need a transaction of STORE_DIRECTORY (a write transaction where they change something).
 */
#ifndef STORE_ADDRESS_BOOK_H
#define STORE_ADDRESS_BOOK_H

#include <store/store.h>

enum {
	BOOK_VALUE_MAX = 256,          /* bytes of a field */
	BOOK_PICTURE_MAX = 100 * 1024, /* bytes; the largest that a phone may ask for (MS-ASCMD R3309) */
};

enum book_field {
	BOOK_FIRST_NAME,
	BOOK_LAST_NAME,
	BOOK_ALIAS,
	BOOK_TITLE,
	BOOK_COMPANY,
	BOOK_DEPARTMENT,
	BOOK_OFFICE,
	BOOK_PHONE,
	BOOK_HOME_PHONE,
	BOOK_MOBILE_PHONE,
	BOOK_CAPACITY, /* of a room */
	BOOK_FIELD_MAX_
};

struct book_entry {
	struct str field[BOOK_FIELD_MAX_]; /* empty: not set */
};

const char *book_field_name(enum book_field field); /* "home-phone" */
/* ERR_INVALID: there is no such field. */
enum err book_field_parse(struct str name, enum book_field *ret) MUST_CHECK;

/* Arena memory. */
enum err book_get(struct arena *a, struct store_tx *tx, int64_t account, struct book_entry *ret) MUST_CHECK;
/* An empty value takes it away. ERR_INVALID: not one line of UTF-8. ERR_LIMIT: above BOOK_VALUE_MAX. */
enum err book_set(struct store_tx *tx, int64_t account, enum book_field field, struct str value) MUST_CHECK;

/* Arena memory. ERR_NOT_FOUND: there is none. */
enum err book_picture_get(struct arena *a, struct store_tx *tx, int64_t account, struct str *ret) MUST_CHECK;
/* No octets take it away. ERR_INVALID: no JPEG, PNG or GIF, by how it begins. ERR_LIMIT: above BOOK_PICTURE_MAX. */
enum err book_picture_set(struct store_tx *tx, int64_t account, struct str octets) MUST_CHECK;

/* With the account. */
enum err book_forget(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
