-- Text messages (SMS) are items of mail folders with a flag of their own (64). A device that asks for them holds those at or
-- behind an edge of their own; one that does not, none: the edge is above all.
ALTER TABLE sync_generation ADD COLUMN text_low_key INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE sync_generation ADD COLUMN text_low_id INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE sync_generation ADD COLUMN text_goal INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE sync_generation ADD COLUMN text_filter INTEGER NOT NULL DEFAULT -2;
CREATE INDEX item_text ON item (mailbox_id, folder_id, key, item_id) WHERE (flags & 64) > 0;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('item', 'item_text', '1000 1000 50 1 1');

-- The flags that the item had, so that who is not shown its kind is not told that it went.
ALTER TABLE expunged ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
