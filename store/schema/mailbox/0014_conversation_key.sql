-- In folders that a device syncs by conversations (conversation_keys 1) mails have a second filter key: the newest of their
-- conversation's there (docs/sync.md, rule 11). Elsewhere it is NULL, and costs nothing.
ALTER TABLE folder ADD COLUMN conversation_keys INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN conversation_key INTEGER;
CREATE INDEX item_conversation_key ON item (mailbox_id, folder_id, conversation_key, item_id)
	WHERE conversation_key IS NOT NULL;

-- The conversation's key that an item had until this change.
CREATE TABLE regrouped (
	mailbox_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	change INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	old_key INTEGER NOT NULL,
	rekeyed_ms INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, folder_id, change, item_id)
) WITHOUT ROWID;
CREATE INDEX regrouped_item ON regrouped (mailbox_id, item_id, folder_id, change, old_key);

-- enum feed_by.
ALTER TABLE sync_generation ADD COLUMN kept_by INTEGER NOT NULL DEFAULT 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('item', 'item_conversation_key', '100000 100000 5000 2 1'),
	('regrouped', 'regrouped', '20000 20000 1000 5 1'),
	('regrouped', 'regrouped_item', '20000 20000 5 3 1 1');
