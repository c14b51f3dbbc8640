-- Items that are found by a name: events by their UIDs. The name is what `structure` has.
ALTER TABLE item_summary ADD COLUMN named INTEGER NOT NULL DEFAULT 0;
UPDATE item_summary SET named = 1 WHERE item_id IN
	(SELECT i.item_id FROM item i JOIN folder f ON f.mailbox_id = i.mailbox_id AND f.folder_id = i.folder_id
	 WHERE f.class = 2);
CREATE INDEX item_summary_named ON item_summary (mailbox_id, structure, item_id) WHERE named = 1;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('item_summary', 'item_summary_named', '20000 20000 1 1');
