-- When somebody works; account_id 0: the accounts of a domain, else domain is empty. days: bit 0 is Sunday; minutes of the day;
-- zone: a name of zoneinfo, or empty for that of whoever asks.
CREATE TABLE working_hours (
	account_id INTEGER NOT NULL,
	domain TEXT NOT NULL,
	days INTEGER NOT NULL,
	begins INTEGER NOT NULL,
	ends INTEGER NOT NULL,
	zone TEXT NOT NULL,
	PRIMARY KEY (account_id, domain)
) WITHOUT ROWID;
