-- Entries that are their owner's alone: what they say is found by nobody else.
ALTER TABLE doc ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
CREATE INDEX doc_hidden ON doc (item_id) WHERE hidden = 1;
