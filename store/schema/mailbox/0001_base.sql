-- The mailbox itself: one row. head_change is the last change number given (64 bit, one a writing transaction).
CREATE TABLE mailbox (
	mailbox_id INTEGER NOT NULL PRIMARY KEY,
	head_change INTEGER NOT NULL,
	last_blob INTEGER NOT NULL,
	created_ms INTEGER NOT NULL
);

-- Immutable octets of messages. refs counts the items that point here; the row goes with the last of them.
-- file: name under blobs/ where the octets are in a file, NULL where they are in blob_body.
CREATE TABLE blob (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL,
	size INTEGER NOT NULL,
	sha256 BLOB NOT NULL,
	refs INTEGER NOT NULL,
	file TEXT,
	PRIMARY KEY (mailbox_id, blob_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX blob_file ON blob (mailbox_id, file) WHERE file IS NOT NULL;
CREATE INDEX blob_sha256 ON blob (mailbox_id, sha256);

-- A table of its own, so that nothing else drags 256 KB through the cache.
CREATE TABLE blob_body (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL,
	octets BLOB NOT NULL,
	PRIMARY KEY (mailbox_id, blob_id)
);
