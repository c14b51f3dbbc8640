-- Accounts that live elsewhere: clients are sent to an address, or to another server's URL. The other column is empty.
CREATE TABLE redirect (
	account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (account_id),
	address TEXT NOT NULL,
	url TEXT NOT NULL
);
