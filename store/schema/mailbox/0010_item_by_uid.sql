-- Items lie in the order of their folder's UIDs, so that IMAP, which reads folders from one end to the other, walks one
-- tree and not a row's place a row. By its id an item is found through an index.
CREATE TABLE item_by_uid (
	mailbox_id INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	uid INTEGER NOT NULL,
	key INTEGER NOT NULL,
	received_ms INTEGER NOT NULL,
	blob_id INTEGER NOT NULL,
	size INTEGER NOT NULL,
	flags INTEGER NOT NULL,
	keywords TEXT NOT NULL,
	followup BLOB NOT NULL,
	verb INTEGER NOT NULL,
	verb_ms INTEGER NOT NULL,
	created_change INTEGER NOT NULL,
	modified_change INTEGER NOT NULL,
	content_change INTEGER NOT NULL,
	created_by INTEGER NOT NULL,
	modified_by INTEGER NOT NULL,
	content_by INTEGER NOT NULL,
	moved_by INTEGER NOT NULL,
	conversation BLOB NOT NULL DEFAULT x'',
	conversation_index BLOB NOT NULL DEFAULT x'',
	PRIMARY KEY (mailbox_id, folder_id, uid)
) WITHOUT ROWID;
INSERT INTO item_by_uid (mailbox_id, item_id, folder_id, uid, key, received_ms, blob_id, size, flags, keywords, followup,
	verb, verb_ms, created_change, modified_change, content_change, created_by, modified_by, content_by, moved_by,
	conversation, conversation_index)
	SELECT mailbox_id, item_id, folder_id, uid, key, received_ms, blob_id, size, flags, keywords, followup,
	verb, verb_ms, created_change, modified_change, content_change, created_by, modified_by, content_by, moved_by,
	conversation, conversation_index FROM item ORDER BY folder_id, uid;
DROP TABLE item;
ALTER TABLE item_by_uid RENAME TO item;
CREATE UNIQUE INDEX item_id ON item (mailbox_id, item_id);
CREATE INDEX item_created ON item (mailbox_id, folder_id, created_change, item_id);
CREATE INDEX item_modified ON item (mailbox_id, folder_id, modified_change, item_id);
CREATE INDEX item_own ON item (mailbox_id, folder_id, created_by, created_change, item_id) WHERE created_by > 0;
CREATE INDEX item_key ON item (mailbox_id, folder_id, key, item_id);
CREATE INDEX item_blob ON item (mailbox_id, blob_id);
CREATE INDEX item_conversation ON item (mailbox_id, conversation, item_id);
CREATE INDEX item_deleted ON item (mailbox_id, folder_id, uid) WHERE (flags & 32) <> 0;

-- What lies beside items is read with them, in their order: by a number that is the row's place.
CREATE TABLE item_summary_by_id (
	mailbox_id INTEGER NOT NULL,
	item_id INTEGER NOT NULL PRIMARY KEY,
	parser_version INTEGER NOT NULL,
	summary BLOB NOT NULL,
	structure BLOB NOT NULL
);
INSERT INTO item_summary_by_id (mailbox_id, item_id, parser_version, summary, structure)
	SELECT mailbox_id, item_id, parser_version, summary, structure FROM item_summary ORDER BY item_id;
DROP TABLE item_summary;
ALTER TABLE item_summary_by_id RENAME TO item_summary;

CREATE TABLE blob_shape_by_id (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL PRIMARY KEY,
	version INTEGER NOT NULL,
	envelope BLOB NOT NULL,
	structure BLOB NOT NULL,
	fields BLOB
);
INSERT INTO blob_shape_by_id (mailbox_id, blob_id, version, envelope, structure, fields)
	SELECT mailbox_id, blob_id, version, envelope, structure, fields FROM blob_shape ORDER BY blob_id;
DROP TABLE blob_shape;
ALTER TABLE blob_shape_by_id RENAME TO blob_shape;

CREATE TABLE blob_body_by_id (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL PRIMARY KEY,
	octets BLOB NOT NULL
);
INSERT INTO blob_body_by_id (mailbox_id, blob_id, octets)
	SELECT mailbox_id, blob_id, octets FROM blob_body ORDER BY blob_id;
DROP TABLE blob_body;
ALTER TABLE blob_body_by_id RENAME TO blob_body;

DELETE FROM sqlite_stat1 WHERE tbl IN ('item', 'item_by_uid', 'item_summary', 'blob_shape', 'blob_body');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('item', 'item', '100000 100000 5000 1'),
	('item', 'item_id', '100000 100000 1'),
	('item', 'item_created', '100000 100000 5000 5 1'),
	('item', 'item_modified', '100000 100000 5000 5 1'),
	('item', 'item_own', '1000 1000 50 10 1 1'),
	('item', 'item_key', '100000 100000 5000 1 1'),
	('item', 'item_blob', '100000 100000 1'),
	('item', 'item_conversation', '100000 100000 3 1'),
	('item', 'item_deleted', '100 100 50 1'),
	('item_summary', NULL, '100000'),
	('blob_shape', NULL, '100000'),
	('blob_body', NULL, '100000');
