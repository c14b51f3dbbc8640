-- What others may see of an account's calendar; account_id 0: of a domain's accounts, else domain is empty.
CREATE TABLE visibility (
	account_id INTEGER NOT NULL,
	domain TEXT NOT NULL,
	level INTEGER NOT NULL,
	PRIMARY KEY (account_id, domain)
) WITHOUT ROWID;
