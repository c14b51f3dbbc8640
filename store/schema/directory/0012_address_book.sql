-- What the address book tells of an account: a row a field that is set (store/address_book.c has the names), and a picture.
CREATE TABLE address_book (
	account_id INTEGER NOT NULL,
	field TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (account_id, field)
) WITHOUT ROWID;

CREATE TABLE address_book_picture (
	account_id INTEGER PRIMARY KEY,
	octets BLOB NOT NULL
);
