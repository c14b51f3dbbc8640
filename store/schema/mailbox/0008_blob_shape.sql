-- How IMAP describes the octets of a blob, as the content layer made it. It goes with the blob.
CREATE TABLE blob_shape (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL,
	version INTEGER NOT NULL,
	envelope BLOB NOT NULL,
	structure BLOB NOT NULL,
	fields BLOB,
	PRIMARY KEY (mailbox_id, blob_id)
);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('blob_shape', 'sqlite_autoindex_blob_shape_1', '100000 100000 1');
