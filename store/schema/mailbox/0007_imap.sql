-- What people said of a name by SUBSCRIBE and UNSUBSCRIBE; it may have no folder. A folder without a row is subscribed.
CREATE TABLE subscription (
	mailbox_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	subscribed INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, name)
) WITHOUT ROWID;

-- EXPUNGE asks for these alone. 32: ITEM_DELETED.
CREATE INDEX item_deleted ON item (mailbox_id, folder_id, uid) WHERE (flags & 32) <> 0;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('subscription', 'subscription', '10 10 1'),
	('item', 'item_deleted', '100 100 50 1');
