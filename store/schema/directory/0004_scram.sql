-- scram: what SCRAM-SHA-256 needs of the password, in the form of RFC 5803; empty until it is derived. Of one password:
-- whoever sets another empties it.
ALTER TABLE account ADD COLUMN scram TEXT NOT NULL DEFAULT '';

-- Random octets by their use, made at the first need.
CREATE TABLE secret (
	name TEXT NOT NULL PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;
