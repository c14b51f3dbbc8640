-- What lies beside an item's octets and belongs to it: attachments of events, by the ids that the octets have.
CREATE TABLE item_part (
	mailbox_id INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	name TEXT NOT NULL,
	content_type TEXT NOT NULL,
	blob_id INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, item_id, name)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('item_part', 'item_part', '1000 1000 2 1');
