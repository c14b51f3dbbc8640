-- Certificates of the accounts' owners, for who sends them encrypted mail. fingerprint: SHA-256 of der.
CREATE TABLE certificate (
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	fingerprint BLOB NOT NULL,
	der BLOB NOT NULL,
	subject TEXT NOT NULL,
	expires_ms INTEGER NOT NULL,
	PRIMARY KEY (account_id, fingerprint)
) WITHOUT ROWID;
