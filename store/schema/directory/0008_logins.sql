-- Passwords for single programs. digest: SHA-256 of a secret that we drew, so that it needs no slow hash. services: a bit
-- for each of enum service; device_id: the only phone that may use it, '' where it is bound to none.
CREATE TABLE app_password (
	app_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	name TEXT NOT NULL,
	digest BLOB NOT NULL,
	services INTEGER NOT NULL,
	device_id TEXT NOT NULL,
	created_ms INTEGER NOT NULL,
	used_ms INTEGER NOT NULL,
	used_service INTEGER NOT NULL,
	used_peer TEXT NOT NULL,
	UNIQUE (account_id, name),
	UNIQUE (account_id, digest)
);

-- Which passwords open a service: enum login_mode. account_id 0: of everyone who has no row of his own.
CREATE TABLE login_mode (
	account_id INTEGER NOT NULL,
	service INTEGER NOT NULL,
	mode INTEGER NOT NULL,
	PRIMARY KEY (account_id, service)
) WITHOUT ROWID;

-- Who logged in or failed to. account_id 0: nobody has that address; login as it was typed. Attempts that are alike are
-- one row with their number.
CREATE TABLE auth_log (
	entry_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	first_ms INTEGER NOT NULL,
	last_ms INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	account_id INTEGER NOT NULL,
	login TEXT NOT NULL,
	service INTEGER NOT NULL,
	peer TEXT NOT NULL,
	result INTEGER NOT NULL,
	credential TEXT NOT NULL
);
CREATE INDEX auth_log_alike ON auth_log (login, peer, service, result, last_ms);
CREATE INDEX auth_log_account ON auth_log (account_id, last_ms);
