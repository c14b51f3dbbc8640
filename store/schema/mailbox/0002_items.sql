-- Numbers that are given once: ids of folders and items, and IMAP's UIDVALIDITY.
CREATE TABLE counter (
	mailbox_id INTEGER NOT NULL PRIMARY KEY,
	last_folder INTEGER NOT NULL,
	last_item INTEGER NOT NULL,
	last_uid_validity INTEGER NOT NULL
);

-- folder_id 0 is the root: head_change is the hierarchy's. Deleted folders keep their row (deleted_change > 0).
CREATE TABLE folder (
	mailbox_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	parent_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	role INTEGER NOT NULL,
	class INTEGER NOT NULL,
	uid_validity INTEGER NOT NULL,
	uid_next INTEGER NOT NULL,
	head_change INTEGER NOT NULL,
	purged_change INTEGER NOT NULL,
	total INTEGER NOT NULL,
	unread INTEGER NOT NULL,
	created_change INTEGER NOT NULL,
	modified_change INTEGER NOT NULL,
	deleted_change INTEGER NOT NULL,
	created_by INTEGER NOT NULL,
	modified_by INTEGER NOT NULL,
	deleted_by INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, folder_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX folder_name ON folder (mailbox_id, parent_id, name) WHERE deleted_change = 0 AND folder_id > 0;
CREATE UNIQUE INDEX folder_role ON folder (mailbox_id, role) WHERE deleted_change = 0 AND role > 0;

-- key: what filters compare, and moved_by: whose MoveItems brought it here; see docs/sync.md.
CREATE TABLE item (
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
	PRIMARY KEY (mailbox_id, item_id)
) WITHOUT ROWID;
-- One index a phase of the feed, in the order of its cursor.
CREATE INDEX item_created ON item (mailbox_id, folder_id, created_change, item_id);
CREATE INDEX item_modified ON item (mailbox_id, folder_id, modified_change, item_id);
CREATE INDEX item_own ON item (mailbox_id, folder_id, created_by, created_change, item_id) WHERE created_by > 0;
CREATE INDEX item_key ON item (mailbox_id, folder_id, key, item_id);
CREATE UNIQUE INDEX item_uid ON item (mailbox_id, folder_id, uid);
CREATE INDEX item_blob ON item (mailbox_id, blob_id);

CREATE TABLE item_summary (
	mailbox_id INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	parser_version INTEGER NOT NULL,
	summary BLOB NOT NULL,
	structure BLOB NOT NULL,
	PRIMARY KEY (mailbox_id, item_id)
);

-- uid: the one that vanished. imap_only: the item is still there under another uid. moved_to_folder 0: gone.
CREATE TABLE expunged (
	mailbox_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	expunged_change INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	uid INTEGER NOT NULL,
	created_change INTEGER NOT NULL,
	created_by INTEGER NOT NULL,
	expunged_by INTEGER NOT NULL,
	moved_by INTEGER NOT NULL,
	moved_to_folder INTEGER NOT NULL,
	imap_only INTEGER NOT NULL,
	expunged_ms INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, folder_id, expunged_change, item_id, uid)
) WITHOUT ROWID;
CREATE INDEX expunged_item ON expunged (mailbox_id, item_id);

-- The key that an item had until this change.
CREATE TABLE rekeyed (
	mailbox_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	change INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	old_key INTEGER NOT NULL,
	rekeyed_ms INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, folder_id, change, item_id)
) WITHOUT ROWID;
CREATE INDEX rekeyed_item ON rekeyed (mailbox_id, item_id, folder_id, change, old_key);

-- A file holds one mailbox, which the planner must know: left to guess, it takes mailbox_id for a good key and walks
-- the table. Rows of an index, then how many of them agree in its first column, in two, in three, and so on.
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('item', 'item', '100000 100000 1'),
	('item', 'item_created', '100000 100000 5000 5 1'),
	('item', 'item_modified', '100000 100000 5000 5 1'),
	('item', 'item_own', '1000 1000 50 10 1 1'),
	('item', 'item_key', '100000 100000 5000 1 1'),
	('item', 'item_uid', '100000 100000 5000 1'),
	('item', 'item_blob', '100000 100000 1 1'),
	('blob', 'blob', '100000 100000 1'),
	('blob', 'blob_sha256', '100000 100000 1 1'),
	('expunged', 'expunged', '20000 20000 1000 5 1 1'),
	('expunged', 'expunged_item', '20000 20000 1 1 1 1'),
	('rekeyed', 'rekeyed', '20000 20000 1000 5 1'),
	('rekeyed', 'rekeyed_item', '20000 20000 5 3 1 1'),
	('folder', 'folder', '40 40 1'),
	('folder', 'folder_name', '40 40 10 1'),
	('folder', 'folder_role', '10 10 1');
